//! Settings of the bubble tests.

use serde::{Deserialize, Serialize};
use shoals_core::{Seed, TradingDay};
use shoals_stats::explosive::{Lag, SupTest};

use super::power_law::PowerLawConfig;
use crate::WarningError;
use crate::error::{require_forward, require_setting};

/// Settings of the bubble tests.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BubbleConfig {
    /// First day of the sample; no window starts before it.
    pub from: Option<TradingDay>,
    /// Last day known.
    pub to: Option<TradingDay>,
    /// Lagged changes in the regression.
    pub lag: Lag,
    /// Days of the shortest window; without it `n (0.01 + 1.8 / sqrt n)` of the `n` days of the sample.
    pub min_window: Option<usize>,
    /// Days an episode lasts at least; without it the logarithm of the number of days, rounded up.
    pub min_duration: Option<usize>,
    /// Simulated series of each kind without a bubble.
    pub repetitions: usize,
    /// A critical value is stayed below with this probability where there is no bubble.
    pub probability: f64,
    /// Days over which the lead of one index on the other is counted.
    pub excess_days: usize,
    /// Days of the moving average.
    pub average_days: usize,
    /// Share of the daily changes, worst first, that the tail is estimated from.
    pub tail_share: f64,
    /// Seed of the simulated series.
    pub seed: Seed,
    /// Confidence of the log-periodic power law; not asked without it, as it takes thousands of fits.
    pub power_law: Option<PowerLawConfig>,
}

impl Default for BubbleConfig {
    /// No lagged change, the recommended window and duration, 95 % from 500 series, a year of 250 days, and the worst
    /// twentieth.
    fn default() -> Self {
        Self {
            from: None,
            to: None,
            lag: Lag::Fixed(0),
            min_window: None,
            min_duration: None,
            repetitions: 500,
            probability: 0.95,
            excess_days: 250,
            average_days: 250,
            tail_share: 0.05,
            seed: Seed::default(),
            power_law: None,
        }
    }
}

impl BubbleConfig {
    /// Refuses settings outside their legal range.
    ///
    /// # Errors
    /// The setting, its value and the range.
    pub fn check(&self) -> Result<(), WarningError> {
        require_forward(self.from, self.to)?;
        let (probability, tail) = (self.probability, self.tail_share);
        require_setting(
            "probability",
            probability,
            "(0, 1)",
            0.0 < probability && probability < 1.0,
        )?;
        require_setting("tail_share", tail, "(0, 0.5]", 0.0 < tail && tail <= 0.5)?;
        let n = self.repetitions;
        require_setting("repetitions", n as f64, "20 to 100000", (20..=100_000).contains(&n))?;
        for (field, days) in
            [("excess_days", self.excess_days), ("average_days", self.average_days)]
        {
            require_setting(field, days as f64, "2 to 2500 days", (2..=2_500).contains(&days))?;
        }
        if let Some(power_law) = &self.power_law {
            power_law.check()?;
        }
        let duration = self.min_duration.unwrap_or(1);
        require_setting(
            "min_duration",
            duration as f64,
            "1 to 250 days",
            (1..=250).contains(&duration),
        )?;
        self.sup_test(self.min_window.unwrap_or(100)).map(|_| ())
    }

    /// The test for a sample of so many days.
    pub(super) fn test_for(&self, n: usize) -> Result<SupTest, WarningError> {
        let least = 2 * self.lag.most() + 4;
        self.sup_test(self.min_window.unwrap_or_else(|| SupTest::recommended_window(n).max(least)))
    }

    fn sup_test(&self, min_window: usize) -> Result<SupTest, WarningError> {
        SupTest::new(min_window, self.lag)
            .map_err(|cause| WarningError::Statistic { what: "a bubble test", cause })
    }

    /// Days an episode lasts at least in a sample of so many days.
    pub(super) fn duration_for(&self, n: usize) -> usize {
        self.min_duration.unwrap_or_else(|| (n as f64).ln().ceil() as usize)
    }
}
