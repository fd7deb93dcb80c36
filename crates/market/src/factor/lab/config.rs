//! Settings of the lab, made of parts that are legal by themselves.

use serde::{Deserialize, Serialize};

use super::super::evaluate::EvaluationConfig;
use super::super::nav::LongShort;
use super::super::period::Period;
use super::super::portfolio::Holding;
use super::super::summary::Testing;

/// Settings of the factor lab.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LabConfig {
    /// Horizons, quantiles, lags, the kind of double sort.
    pub evaluation: EvaluationConfig,
    /// Lags of Newey-West errors, bands.
    pub testing: Testing,
    /// How the extreme quantiles are held.
    pub holding: Holding,
    /// How the long-short value is made.
    pub long_short: LongShort,
    /// Spans told about beside the whole.
    pub periods: Vec<Period>,
}
