//! `[option]`: a chain, its days, and the straddle held through it.

use serde::{Deserialize, Serialize};
use shoals_core::{Symbol, TradingDay};
use shoals_market::option::StraddleTerms;

use crate::StudyError;

/// What a study asks of an option chain.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OptionConfig {
    /// Underlying of the chain.
    pub underlying: Symbol,
    /// First day; none for the first of the chain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<TradingDay>,
    /// Last day; none for the last of the chain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<TradingDay>,
    /// Continuously compounded annual rate of the strip, and of expiries whose quotes give none.
    pub rate: f64,
    /// The straddle held through the chain.
    pub straddle: StraddleTerms,
}

impl Default for OptionConfig {
    /// The options of the 50 ETF, a month's straddle sold and left alone.
    fn default() -> Self {
        Self {
            underlying: Symbol::literal("510050.SH"),
            from: None,
            to: None,
            rate: 0.02,
            straddle: StraddleTerms::default(),
        }
    }
}

impl OptionConfig {
    /// Refuses days and a rate that make no sense.
    ///
    /// # Errors
    /// `to` before `from`, or a rate outside (-0.2, 0.5).
    pub fn check(&self) -> Result<(), StudyError> {
        let refuse = |reason: String| Err(StudyError::Config { reason });
        match (self.from, self.to) {
            (Some(from), Some(to)) if to < from => {
                refuse(format!("[option] `to` is {to}, before `from` {from}"))
            }
            _ if !(-0.2 < self.rate && self.rate < 0.5) => refuse(format!(
                "[option] `rate` is {}, expected a decimal in (-0.2, 0.5) (2% is written 0.02)",
                self.rate
            )),
            _ => Ok(()),
        }
    }
}
