//! Settings of the reading of a NAV.

use serde::{Deserialize, Serialize};

use super::NavBasis;
use crate::FundError;

/// How a published NAV is read and examined.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NavConfig {
    /// The one basis to use; the best each day has where none is told.
    pub basis: Option<NavBasis>,
    /// Move a day that is still believed, decimal, times the root of the trading days between two values; wider ones are
    /// jumps, and a distribution that would need one is a restatement. The widest price limit by default.
    pub largest_daily_move: f64,
    /// Probability below which a run of unchanged values, an autocorrelation or a fee step is called one.
    pub significance: f64,
    /// Values a test needs at least.
    pub min_values: usize,
}

impl Default for NavConfig {
    fn default() -> Self {
        Self { basis: None, largest_daily_move: 0.20, significance: 0.01, min_values: 30 }
    }
}

impl NavConfig {
    /// Refuses settings that mean nothing.
    ///
    /// # Errors
    /// The setting, its value and the legal range.
    pub fn check(&self) -> Result<(), FundError> {
        let wrong = |key, found: String, expected: &str| FundError::Setting {
            key,
            found,
            expected: expected.to_owned(),
        };
        if !(self.largest_daily_move > 0.0 && self.largest_daily_move < 1.0) {
            let found = self.largest_daily_move.to_string();
            return Err(wrong("largest_daily_move", found, "a decimal above 0 and below 1"));
        }
        if !(self.significance > 0.0 && self.significance < 0.5) {
            let found = self.significance.to_string();
            return Err(wrong("significance", found, "a probability above 0 and below 0.5"));
        }
        if self.min_values < 10 {
            let found = self.min_values.to_string();
            return Err(wrong("min_values", found, "10 values or more"));
        }
        Ok(())
    }
}
