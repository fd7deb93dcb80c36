//! Settings of the inversion analysis.

use serde::{Deserialize, Serialize};
use shoals_core::{Seed, TradingDay};
use shoals_stats::bootstrap::Scheme;

use crate::WarningError;
use crate::error::{require_setting, require_two_closes};

/// A window between two closes, as 2023-12-29 to 2024-02-07.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// The return counts from the last common close on or before this day.
    pub from: TradingDay,
    /// To the last common close on or before this day.
    pub to: TradingDay,
}

/// Settings of the inversion analysis.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct InversionConfig {
    /// First day told about; earlier closes still serve as the base of a return.
    pub from: Option<TradingDay>,
    /// Last day known.
    pub to: Option<TradingDay>,
    /// A period is inverted at a rank correlation of smallness and return at or below minus this.
    pub flag_threshold: f64,
    /// Returns in a rolling window.
    pub rolling_days: usize,
    /// Further windows to tell about. The span from `from` to `to` is added when both are given.
    pub windows: Vec<Window>,
    /// Bootstrap replications of each band; 0 leaves the bands out.
    pub replications: usize,
    /// How blocks of days are laid.
    pub block_scheme: Scheme,
    /// (Mean) block length in days; none is chosen from each period's own days.
    pub block_length: Option<f64>,
    /// Probability outside a band, both sides together.
    pub tail_probability: f64,
    /// Seed of the bands.
    pub seed: Seed,
}

impl Default for InversionConfig {
    /// The flag of at most one neighbouring pair out of order, a month of trading days, and 90 % bands from 1,000 replications of
    /// blocks of a week.
    fn default() -> Self {
        Self {
            from: None,
            to: None,
            flag_threshold: 0.8,
            rolling_days: 20,
            windows: Vec::new(),
            replications: 1_000,
            block_scheme: Scheme::Stationary,
            block_length: Some(5.0),
            tail_probability: 0.10,
            seed: Seed::default(),
        }
    }
}

impl InversionConfig {
    /// Refuses settings outside their legal range.
    ///
    /// # Errors
    /// The setting, its value and the range.
    pub fn check(&self) -> Result<(), WarningError> {
        for window in self.all_windows() {
            require_two_closes(window.from, window.to)?;
        }
        let (flag, tail) = (self.flag_threshold, self.tail_probability);
        let days = self.rolling_days;
        require_setting("flag_threshold", flag, "(0, 1]", 0.0 < flag && flag <= 1.0)?;
        require_setting("rolling_days", days as f64, "2 to 500", (2..=500).contains(&days))?;
        require_setting("tail_probability", tail, "(0, 1)", 0.0 < tail && tail < 1.0)?;
        let n = self.replications;
        require_setting("replications", n as f64, "0 to 1000000", n <= 1_000_000)?;
        let length = self.block_length.unwrap_or(1.0);
        let is_length = (1.0..=250.0).contains(&length);
        require_setting("block_length", length, "1 to 250 days", is_length)
    }

    /// The windows to tell about, the whole span first when it is given.
    pub(super) fn all_windows(&self) -> Vec<Window> {
        let span = self.from.zip(self.to).map(|(from, to)| Window { from, to });
        span.into_iter().chain(self.windows.iter().copied()).collect()
    }
}
