//! Settings of the liquidity watch.

use serde::{Deserialize, Serialize};
use shoals_core::TradingDay;
use shoals_market::universe::{MarketCap, UniverseConfig};

use crate::WarningError;
use crate::error::{require_forward, require_setting};
use crate::leg::LegTerms;

/// Settings of the liquidity watch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LiquidityConfig {
    /// First day told about; earlier days still serve as yardstick.
    pub from: Option<TradingDay>,
    /// Last day known.
    pub to: Option<TradingDay>,
    /// How many of the smallest companies are watched.
    pub n_names: usize,
    /// Which capitalisation orders the stocks.
    pub market_cap: MarketCap,
    /// Which stocks may be chosen.
    pub universe: UniverseConfig,
    /// Size buckets of equal count.
    pub n_buckets: usize,
    /// Trading days of Amihud, Corwin-Schultz and Kyle, the day itself included.
    pub window_days: usize,
    /// Trading days of Roll and Pastor-Stambaugh.
    pub long_window_days: usize,
    /// Trading days a figure is measured against, the day itself not among them.
    pub yardstick_days: usize,
    /// Fewest of them that must have the figure.
    pub yardstick_min_days: usize,
    /// What is to be sold, equally spread over the smallest companies, CNY.
    pub holding: f64,
    /// Most a day's sale may take of a name's mean amount.
    pub participation: f64,
    /// Trading days of that mean.
    pub average_days: usize,
    /// An alarm when at least this share of the smallest closed at their lower limit.
    pub alarm_limit_down: f64,
    /// An alarm when the median Amihud ratio is this many times its own yardstick.
    pub alarm_amihud: f64,
    /// An alarm when the turnover share lies at or below this percentile of its yardstick.
    pub alarm_turnover: f64,
    /// Days after an alarm whose return is put beside that of all other days.
    pub record_days: Vec<usize>,
}

impl Default for LiquidityConfig {
    /// The smallest 400, a month and a quarter as windows, a year as yardstick, a billion yuan to sell
    /// at a tenth of the amount.
    fn default() -> Self {
        Self {
            from: None,
            to: None,
            n_names: 400,
            market_cap: MarketCap::Total,
            universe: UniverseConfig::default(),
            n_buckets: 10,
            window_days: 20,
            long_window_days: 60,
            yardstick_days: 250,
            yardstick_min_days: 60,
            holding: 1e9,
            participation: 0.10,
            average_days: 20,
            alarm_limit_down: 0.10,
            alarm_amihud: 1.5,
            alarm_turnover: 0.02,
            record_days: vec![5, 20],
        }
    }
}

impl LiquidityConfig {
    /// Refuses settings outside their legal range.
    ///
    /// # Errors
    /// The setting, its value and the range.
    pub fn check(&self) -> Result<(), WarningError> {
        require_forward(self.from, self.to)?;
        let whole = |field, found: usize, legal: std::ops::RangeInclusive<usize>, expected| {
            require_setting(field, found as f64, expected, legal.contains(&found))
        };
        whole("n_names", self.n_names, 1..=5000, "1 to 5000")?;
        whole("n_buckets", self.n_buckets, 2..=100, "2 to 100")?;
        whole("window_days", self.window_days, 3..=250, "3 to 250")?;
        whole("long_window_days", self.long_window_days, 10..=500, "10 to 500")?;
        whole("yardstick_days", self.yardstick_days, 10..=2500, "10 to 2500")?;
        let (least, days) = (self.yardstick_min_days, self.yardstick_days);
        whole("yardstick_min_days", least, 2..=days, "2 to `yardstick_days`")?;
        whole("average_days", self.average_days, 1..=250, "1 to 250")?;
        for &days in &self.record_days {
            whole("record_days", days, 1..=250, "1 to 250")?;
        }
        let is_amount = self.holding > 0.0 && self.holding.is_finite();
        require_setting("holding", self.holding, "a positive amount of CNY", is_amount)?;
        for (field, found) in [
            ("participation", self.participation),
            ("alarm_limit_down", self.alarm_limit_down),
            ("alarm_turnover", self.alarm_turnover),
        ] {
            require_setting(field, found, "a decimal in (0, 1]", found > 0.0 && found <= 1.0)?;
        }
        let times = self.alarm_amihud;
        require_setting("alarm_amihud", times, "above 1", times > 1.0 && times.is_finite())
    }

    /// Trading days before the first one told about that its figures look back to.
    pub fn look_back(&self) -> usize {
        self.yardstick_days + self.longest_window()
    }

    /// Trading days of the longest window.
    fn longest_window(&self) -> usize {
        self.window_days.max(self.long_window_days).max(self.average_days)
    }

    pub(super) fn leg(&self) -> LegTerms {
        let (n_names, market_cap, universe) = (self.n_names, self.market_cap, self.universe);
        LegTerms { n_names, market_cap, universe }
    }

    /// Whether a day is told about.
    pub(super) fn tells(&self, day: TradingDay) -> bool {
        self.from.is_none_or(|from| day >= from)
    }
}
