//! Settings of the rotation analysis.

use serde::{Deserialize, Serialize};
use shoals_core::{Seed, Segment, Symbol, TradingDay, day};
use shoals_stats::breaks::BreakChoice;

use crate::WarningError;
use crate::error::{require_forward, require_setting};

/// Settings of the rotation analysis.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RotationConfig {
    /// Index of the small companies.
    pub small: Symbol,
    /// Index of the large ones.
    pub large: Symbol,
    /// First day told about; earlier closes teach the model.
    pub from: Option<TradingDay>,
    /// Last day known.
    pub to: Option<TradingDay>,
    /// Number of regimes.
    pub n_regimes: usize,
    /// Daily returns the first model is fitted to.
    pub min_history: usize,
    /// Trading days an outlook looks ahead.
    pub horizon_days: usize,
    /// Trading days from one scored outlook to the next.
    pub decide_every_days: usize,
    /// Look-back of the momentum rule.
    pub momentum_days: usize,
    /// Latest days the momentum rule leaves out.
    pub momentum_skip: usize,
    /// Short moving average of the trend rule.
    pub fast_days: usize,
    /// Long moving average of the trend rule.
    pub slow_days: usize,
    /// Days whose outlook is told by itself.
    pub as_of: Vec<TradingDay>,
    /// Most breaks of the mean.
    pub max_breaks: usize,
    /// Shortest stretch between breaks, share of the sample.
    pub trim: f64,
    /// How many breaks are kept.
    pub break_choice: BreakChoice,
    /// Lags of autocorrelation that the break tests allow for.
    pub break_lag: usize,
    /// Bootstrap replications of each band; 0 leaves the bands out.
    pub replications: usize,
    /// Probability outside a band, both sides together.
    pub tail_probability: f64,
    /// Seed of the bands and of the models' starts.
    pub seed: Seed,
}

impl Default for RotationConfig {
    /// Micro caps against the CSI 300, two regimes, an outlook of 20 days every week, twelve-month momentum
    /// without the last month, the 20-day against the 120-day average, and the three days of the winter of 2024.
    fn default() -> Self {
        Self {
            small: Segment::Micro.symbol(),
            large: Segment::Csi300.symbol(),
            from: None,
            to: None,
            n_regimes: 2,
            min_history: 252,
            horizon_days: 20,
            decide_every_days: 5,
            momentum_days: 252,
            momentum_skip: 21,
            fast_days: 20,
            slow_days: 120,
            as_of: vec![day(2023, 11, 8), day(2024, 1, 2), day(2024, 2, 5)],
            max_breaks: 5,
            trim: 0.15,
            break_choice: BreakChoice::Bic,
            break_lag: 5,
            replications: 1_000,
            tail_probability: 0.10,
            seed: Seed::default(),
        }
    }
}

impl RotationConfig {
    /// Refuses settings outside their legal range.
    ///
    /// # Errors
    /// The setting, its value and the range.
    pub fn check(&self) -> Result<(), WarningError> {
        require_forward(self.from, self.to)?;
        let (look_back, skip) = (self.momentum_days, self.momentum_skip);
        let least = look_back.max(self.slow_days).max(100);
        let whole = [
            ("n_regimes", self.n_regimes, "2 to 4", (2..=4).contains(&self.n_regimes)),
            ("momentum_days", look_back, "2 to 1000", (2..=1_000).contains(&look_back)),
            ("momentum_skip", skip, "less than momentum_days", skip < look_back),
            ("slow_days", self.slow_days, "2 to 1000", (2..=1_000).contains(&self.slow_days)),
            (
                "fast_days",
                self.fast_days,
                "1 or more and less than slow_days",
                (1..self.slow_days).contains(&self.fast_days),
            ),
            (
                "min_history",
                self.min_history,
                "100 or more, momentum_days or more and slow_days or more",
                self.min_history >= least,
            ),
            ("horizon_days", self.horizon_days, "1 to 120", (1..=120).contains(&self.horizon_days)),
            (
                "decide_every_days",
                self.decide_every_days,
                "1 to 250",
                (1..=250).contains(&self.decide_every_days),
            ),
            ("max_breaks", self.max_breaks, "1 to 10", (1..=10).contains(&self.max_breaks)),
            ("break_lag", self.break_lag, "0 to 60", self.break_lag <= 60),
            ("replications", self.replications, "0 to 1000000", self.replications <= 1_000_000),
        ];
        for (field, found, expected, is_legal) in whole {
            require_setting(field, found as f64, expected, is_legal)?;
        }
        let (trim, tail) = (self.trim, self.tail_probability);
        require_setting("trim", trim, "[0.05, 0.45]", (0.05..=0.45).contains(&trim))?;
        require_setting("tail_probability", tail, "[0.001, 0.5]", (0.001..=0.5).contains(&tail))?;
        if self.small == self.large {
            return Err(WarningError::SameSeries { symbol: self.small });
        }
        Ok(())
    }

    /// Whether a day is told about.
    pub(super) fn tells(&self, date: TradingDay) -> bool {
        self.from.is_none_or(|from| date >= from)
    }
}
