//! Settings of the gauge.

use serde::{Deserialize, Serialize};
use shoals_core::{Seed, Symbol, TradingDay};
use shoals_stats::bootstrap::{Bootstrap, Scheme};
use shoals_stats::rolling::Window;

use crate::WarningError;
use crate::error::{require_forward, require_setting};

/// Settings of the gauge.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GaugeConfig {
    /// First day told about and scored; earlier days still serve as yardstick.
    pub from: Option<TradingDay>,
    /// Last day known.
    pub to: Option<TradingDay>,
    /// Index of the small companies.
    pub small: Symbol,
    /// Index of the large ones.
    pub large: Symbol,
    /// Trading days a percentile is taken among, the day itself not among them.
    pub percentile_days: usize,
    /// Fewest of them that must have a value.
    pub min_days: usize,
    /// A component may be this many trading days old.
    pub stale_days: usize,
    /// Fewest groups a composite is taken from.
    pub min_groups: usize,
    /// An alarm stands at this percentile of the composite in its own past, and above.
    pub alarm_percentile: f64,
    /// Trading days ahead that a warning speaks of.
    pub horizon_days: usize,
    /// The fall of small over large warned of, decimal.
    pub drawdown: f64,
    /// Trading days of the momentum rival.
    pub momentum_days: usize,
    /// Trading days of the volatility rival.
    pub volatility_days: usize,
    /// Cost of leaving or entering, decimal of what is held, both legs together.
    pub switch_cost: f64,
    /// Bootstrap replications of the bands.
    pub replications: usize,
    /// Mean block length of the bands, trading days.
    pub block_days: f64,
    /// Probability outside a band, both sides together.
    pub tail_probability: f64,
    /// Seed of the bands.
    pub seed: Seed,
}

impl Default for GaugeConfig {
    /// Two years of yardstick, the highest fifth for an alarm, and falls of 8 % within two months: what leaves a 4x book a third of its
    /// margin. Blocks of a quarter, longer than the horizon.
    fn default() -> Self {
        Self {
            from: None,
            to: None,
            small: Symbol::literal("868008.WI"),
            large: Symbol::literal("000300.SH"),
            percentile_days: 500,
            min_days: 120,
            stale_days: 25,
            min_groups: 2,
            alarm_percentile: 0.8,
            horizon_days: 40,
            drawdown: 0.08,
            momentum_days: 60,
            volatility_days: 20,
            switch_cost: 0.002,
            replications: 1_000,
            block_days: 60.0,
            tail_probability: 0.10,
            seed: Seed::default(),
        }
    }
}

impl GaugeConfig {
    /// Refuses settings outside their legal range.
    ///
    /// # Errors
    /// The setting, its value and the range.
    pub fn check(&self) -> Result<(), WarningError> {
        require_forward(self.from, self.to)?;
        let (days, least) = (self.percentile_days, self.min_days);
        require_setting("percentile_days", days as f64, "20 to 5000", (20..=5000).contains(&days))?;
        let is_least = (10..=days).contains(&least);
        require_setting("min_days", least as f64, "10 to `percentile_days`", is_least)?;
        require_setting("stale_days", self.stale_days as f64, "0 to 250", self.stale_days <= 250)?;
        let groups = self.min_groups;
        require_setting("min_groups", groups as f64, "1 to 4", (1..=4).contains(&groups))?;
        let horizon = self.horizon_days;
        require_setting("horizon_days", horizon as f64, "1 to 250", (1..=250).contains(&horizon))?;
        for (field, found) in
            [("momentum_days", self.momentum_days), ("volatility_days", self.volatility_days)]
        {
            require_setting(field, found as f64, "2 to 500", (2..=500).contains(&found))?;
        }
        for (field, found) in [
            ("alarm_percentile", self.alarm_percentile),
            ("drawdown", self.drawdown),
            ("tail_probability", self.tail_probability),
        ] {
            require_setting(field, found, "a decimal in (0, 1)", found > 0.0 && found < 1.0)?;
        }
        let cost = self.switch_cost;
        require_setting("switch_cost", cost, "a decimal in [0, 0.1]", (0.0..=0.1).contains(&cost))?;
        self.bootstrap().map(|_| ())
    }

    /// The window percentiles are taken among.
    pub(super) fn window(&self) -> Result<Window, WarningError> {
        Window::new(self.percentile_days, self.min_days)
            .map_err(|cause| WarningError::Statistic { what: "a percentile", cause })
    }

    /// How the record's days are resampled.
    pub(super) fn bootstrap(&self) -> Result<Bootstrap, WarningError> {
        Bootstrap::new(Scheme::Stationary, self.block_days, self.replications, self.seed)
            .map_err(|cause| WarningError::Statistic { what: "the record's bands", cause })
    }
}
