//! Settings of the crowding analysis.

use serde::{Deserialize, Serialize};
use shoals_core::TradingDay;
use shoals_market::universe::{MarketCap, UniverseConfig};

use crate::WarningError;
use crate::error::{require_forward, require_setting};
use crate::leg::LegTerms;

/// Two days that are compared: what moved the composite between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComparedDays {
    /// The last day on or before this one.
    pub from: TradingDay,
    /// The last day on or before this one.
    pub to: TradingDay,
}

/// Settings of the crowding analysis.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CrowdingConfig {
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
    /// Trading days a level is measured against, the day itself not among them.
    pub yardstick_days: usize,
    /// Fewest of them that must have the level.
    pub yardstick_min_days: usize,
    /// Fewest measures a composite is made of.
    pub min_measures: usize,
    /// Trading days of the pairwise correlation.
    pub correlation_days: usize,
    /// Weeks of the co-momentum.
    pub momentum_weeks: usize,
    /// Trading days of the absorption ratio.
    pub absorption_days: usize,
    /// Fewest of them.
    pub absorption_min_days: usize,
    /// Trading days after which a day counts half in it.
    pub absorption_half_life: f64,
    /// Trading days of the volatility of the smallest companies' return over the others.
    pub volatility_days: usize,
    /// Trading days of its run-up.
    pub run_up_days: usize,
    /// Days after which the return of small over large is put beside the composite.
    pub evidence_days: Vec<usize>,
    /// Pairs of days to compare. Without any, the composite's lowest day of the year before its highest
    /// one, the highest, and the last.
    pub compare: Vec<ComparedDays>,
}

impl Default for CrowdingConfig {
    /// The smallest 400; three years as yardstick; Kritzman's 500 days with a half-life of 250; Lou and
    /// Polk's 52 weeks.
    fn default() -> Self {
        Self {
            from: None,
            to: None,
            n_names: 400,
            market_cap: MarketCap::Total,
            universe: UniverseConfig::default(),
            yardstick_days: 750,
            yardstick_min_days: 250,
            min_measures: 4,
            correlation_days: 60,
            momentum_weeks: 52,
            absorption_days: 500,
            absorption_min_days: 250,
            absorption_half_life: 250.0,
            volatility_days: 60,
            run_up_days: 250,
            evidence_days: vec![20, 60],
            compare: Vec::new(),
        }
    }
}

impl CrowdingConfig {
    /// Refuses settings outside their legal range.
    ///
    /// # Errors
    /// The setting, its value and the range.
    pub fn check(&self) -> Result<(), WarningError> {
        require_forward(self.from, self.to)?;
        for days in &self.compare {
            require_forward(Some(days.from), Some(days.to))?;
        }
        let whole = |field, found: usize, legal: std::ops::RangeInclusive<usize>, expected| {
            require_setting(field, found as f64, expected, legal.contains(&found))
        };
        whole("n_names", self.n_names, 2..=5000, "2 to 5000")?;
        whole("yardstick_days", self.yardstick_days, 10..=2500, "10 to 2500")?;
        let (least, days) = (self.yardstick_min_days, self.yardstick_days);
        whole("yardstick_min_days", least, 2..=days, "2 to `yardstick_days`")?;
        whole("min_measures", self.min_measures, 1..=7, "1 to 7")?;
        whole("correlation_days", self.correlation_days, 10..=500, "10 to 500")?;
        whole("momentum_weeks", self.momentum_weeks, 10..=260, "10 to 260")?;
        whole("absorption_days", self.absorption_days, 20..=2500, "20 to 2500")?;
        let (least, days) = (self.absorption_min_days, self.absorption_days);
        whole("absorption_min_days", least, 10..=days, "10 to `absorption_days`")?;
        whole("volatility_days", self.volatility_days, 10..=500, "10 to 500")?;
        whole("run_up_days", self.run_up_days, 5..=1000, "5 to 1000")?;
        for &days in &self.evidence_days {
            whole("evidence_days", days, 1..=250, "1 to 250")?;
        }
        let half = self.absorption_half_life;
        require_setting("absorption_half_life", half, "above 0", half > 0.0 && half.is_finite())
    }

    /// Trading days before the first one told about that its figures look back to.
    pub fn look_back(&self) -> usize {
        let weeks = 5 * self.momentum_weeks;
        let windows = [self.correlation_days, self.volatility_days, self.run_up_days, weeks];
        self.yardstick_days + windows.into_iter().max().unwrap_or_default()
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
