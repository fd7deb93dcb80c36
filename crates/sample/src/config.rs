//! How large the built-in market is and which days it covers.

use serde::{Deserialize, Serialize};
use shoals_core::{TradingDay, day};

use crate::SampleError;

/// Size and period of the built-in market. A value of this type is always legal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RawSampleConfig")]
pub struct SampleConfig {
    from: TradingDay,
    to: TradingDay,
    n_stocks: usize,
}

/// The same words as the TOML file, not yet believed.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RawSampleConfig {
    /// First day, shifted to the next trading day.
    from: TradingDay,
    /// Last day, shifted to the trading day before.
    to: TradingDay,
    /// Stocks ever listed.
    n_stocks: usize,
}

impl Default for RawSampleConfig {
    /// 1,000 names from 2018-01-02 to 2024-12-31: a fifth of the real market over the whole event.
    fn default() -> Self {
        Self { from: day(2018, 1, 2), to: day(2024, 12, 31), n_stocks: 1_000 }
    }
}

impl TryFrom<RawSampleConfig> for SampleConfig {
    type Error = SampleError;

    fn try_from(raw: RawSampleConfig) -> Result<Self, SampleError> {
        Self::new(raw.from, raw.to, raw.n_stocks)
    }
}

impl Default for SampleConfig {
    fn default() -> Self {
        let RawSampleConfig { from, to, n_stocks } = RawSampleConfig::default();
        Self { from, to, n_stocks }
    }
}

impl SampleConfig {
    /// A market of `n_stocks` names ever listed, from `from` to `to`, both included.
    ///
    /// # Errors
    /// Fewer than 100 or more than 5,000 names (the code ranges and the five segments need them), or
    /// a period that ends before it starts.
    pub fn new(from: TradingDay, to: TradingDay, n_stocks: usize) -> Result<Self, SampleError> {
        if !(100..=5_000).contains(&n_stocks) {
            return Err(SampleError::OutOfRange {
                key: "n_stocks",
                found: n_stocks as f64,
                expected: "100 to 5000 names",
            });
        }
        if to <= from {
            return Err(SampleError::OutOfRange {
                key: "to",
                found: f64::from(from.calendar_days_until(to)),
                expected: "a day after `from` (the value is calendar days from it)",
            });
        }
        Ok(Self { from, to, n_stocks })
    }

    /// First day, included when the exchange was open.
    pub fn from(&self) -> TradingDay {
        self.from
    }

    /// Last day, included when the exchange was open.
    pub fn to(&self) -> TradingDay {
        self.to
    }

    /// Stocks ever listed; some enter later, some leave earlier.
    pub fn n_stocks(&self) -> usize {
        self.n_stocks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn illegal_configurations_are_refused_with_the_legal_range() {
        let from = day(2020, 1, 1);
        let too_few = SampleConfig::new(from, day(2021, 1, 1), 10).unwrap_err();
        assert_eq!(too_few.to_string(), "`n_stocks` is 10, expected 100 to 5000 names");
        assert!(SampleConfig::new(from, from, 500).is_err());
        assert!(SampleConfig::new(from, day(2021, 1, 1), 500).is_ok());
    }
}
