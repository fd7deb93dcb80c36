//! Settings of the basis watch.

use serde::{Deserialize, Serialize};
use shoals_core::TradingDay;
use shoals_market::future::roll::RollConfig;
use shoals_market::future::{BasisConvention, DividendSeason, Mark};

use crate::WarningError;
use crate::error::{require_forward, require_setting};

/// Settings of the basis watch.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BasisConfig {
    /// First day told about; earlier days still serve as yardstick.
    pub from: Option<TradingDay>,
    /// Last day known.
    pub to: Option<TradingDay>,
    /// Price of the future set against the index close.
    pub mark: Mark,
    /// Spread of the dividends over the year, where a yield is given.
    pub dividend_season: DividendSeason,
    /// No contract is held with this many trading days or fewer to its expiry.
    pub days_before_expiry: u32,
    /// Maturity of the constant-maturity roll rule and of the stress rate, calendar days.
    pub maturity_days: u32,
    /// Contracts nearer to expiry than this say nothing about a yearly rate, calendar days: best
    /// carry and stress leave them out.
    pub min_days: u32,
    /// Best carry moves only for a rate better by more than this annual decimal.
    pub carry_switch_gain: f64,
    /// Trading days a stress figure is measured against, the day itself not among them.
    pub stress_days: usize,
    /// Fewest of them that must have a rate.
    pub stress_min_days: usize,
    /// A day is a squeeze when the basis rose by more than this decimal of spot while micro fell. The
    /// default leaves out what bid and ask alone move, and keeps 2024-02-07 (0.42 % of spot).
    pub squeeze_basis_change: f64,
    /// An alarm at a stress z-score of this size or beyond, either sign.
    pub alarm_z_score: f64,
    /// An alarm at a squeeze that cost the book this much of its notional in a day.
    pub alarm_squeeze_loss: f64,
}

impl Default for BasisConfig {
    /// Close against close, a year of 250 trading days as yardstick, a basis up by a fifth of a
    /// percent of spot for a squeeze, three deviations and three percent for the alarms.
    fn default() -> Self {
        let roll = RollConfig::default();
        Self {
            from: None,
            to: None,
            mark: Mark::Close,
            dividend_season: DividendSeason::AShare,
            days_before_expiry: roll.days_before_expiry,
            maturity_days: roll.maturity_days,
            min_days: roll.carry_min_days,
            carry_switch_gain: roll.carry_switch_gain,
            stress_days: 250,
            stress_min_days: 60,
            squeeze_basis_change: 0.002,
            alarm_z_score: 3.0,
            alarm_squeeze_loss: 0.03,
        }
    }
}

impl BasisConfig {
    /// Refuses settings outside their legal range.
    ///
    /// # Errors
    /// The setting, its value and the range.
    pub fn check(&self) -> Result<(), WarningError> {
        require_forward(self.from, self.to)?;
        self.roll().check()?;
        let (days, least) = (self.stress_days, self.stress_min_days);
        require_setting("stress_days", days as f64, "2 to 2500", (2..=2500).contains(&days))?;
        let is_least = (2..=days).contains(&least);
        require_setting("stress_min_days", least as f64, "2 to `stress_days`", is_least)?;
        require_setting("min_days", f64::from(self.min_days), "0 to 60", self.min_days <= 60)?;
        for (field, found) in [
            ("squeeze_basis_change", self.squeeze_basis_change),
            ("alarm_squeeze_loss", self.alarm_squeeze_loss),
        ] {
            require_setting(field, found, "a decimal in [0, 1]", (0.0..=1.0).contains(&found))?;
        }
        let z = self.alarm_z_score;
        require_setting("alarm_z_score", z, "above 0", z > 0.0 && z.is_finite())
    }

    /// The part of the settings that says what a basis is.
    pub fn convention(&self) -> BasisConvention {
        BasisConvention { mark: self.mark, dividend_season: self.dividend_season }
    }

    /// The part of the settings that says how a hedge is rolled.
    pub fn roll(&self) -> RollConfig {
        RollConfig {
            mark: self.mark,
            days_before_expiry: self.days_before_expiry,
            maturity_days: self.maturity_days,
            carry_min_days: self.min_days,
            carry_switch_gain: self.carry_switch_gain,
        }
    }

    /// Whether a day is told about.
    pub(super) fn tells(&self, day: TradingDay) -> bool {
        self.from.is_none_or(|from| day >= from)
    }
}
