//! The stretches between two published values, and how many of them make a year.

use serde::Serialize;
use shoals_core::number::{MONTHS_PER_YEAR, TRADING_DAYS_PER_YEAR};
use shoals_core::{Series, TradingDay};

/// Weeks a year.
const WEEKS_PER_YEAR: f64 = 52.0;
/// Calendar days a year, leap years in.
pub(crate) const DAYS_PER_YEAR: f64 = 365.25;

/// How often a fund publishes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Frequency {
    /// Every trading day.
    Daily,
    /// Once a week.
    Weekly,
    /// Once a month.
    Monthly,
    /// None of these.
    Irregular,
}

impl Frequency {
    /// Its name in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Daily => "daily",
            Self::Weekly => "weekly",
            Self::Monthly => "monthly",
            Self::Irregular => "irregular",
        }
    }

    /// By the median number of calendar days between values.
    fn of(median_gap: i32) -> Self {
        match median_gap {
            0..=4 => Self::Daily,
            5..=10 => Self::Weekly,
            25..=35 => Self::Monthly,
            _ => Self::Irregular,
        }
    }
}

/// A fund's returns, each from one published value to the next; missing values are left out and spanned.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Periods {
    /// Day of the value before.
    pub from: Vec<TradingDay>,
    /// Day of the value.
    pub to: Vec<TradingDay>,
    /// Simple decimal return of the period.
    pub returns: Vec<f64>,
    /// How often values come.
    pub frequency: Frequency,
    /// Periods a year that annualise: 242, 52, 12, or as many as there were.
    pub per_year: f64,
}

impl Periods {
    /// The periods of a series of positive values.
    pub fn of(nav: &Series) -> Self {
        let known: Vec<(TradingDay, f64)> = nav
            .days()
            .iter()
            .zip(nav.values())
            .filter(|(_, x)| !x.is_nan())
            .map(|(&day, &x)| (day, x))
            .collect();
        let pairs = || known.windows(2);
        let mut gaps: Vec<i32> = pairs().map(|w| w[0].0.calendar_days_until(w[1].0)).collect();
        gaps.sort_unstable();
        let frequency =
            Frequency::of(gaps.get(gaps.len().saturating_sub(1) / 2).copied().unwrap_or_default());
        let span: f64 = gaps.iter().copied().map(f64::from).sum();
        let per_year = match frequency {
            Frequency::Daily => TRADING_DAYS_PER_YEAR,
            Frequency::Weekly => WEEKS_PER_YEAR,
            Frequency::Monthly => MONTHS_PER_YEAR,
            Frequency::Irregular => gaps.len() as f64 / span * DAYS_PER_YEAR,
        };
        Self {
            from: pairs().map(|w| w[0].0).collect(),
            to: pairs().map(|w| w[1].0).collect(),
            returns: pairs().map(|w| w[1].1 / w[0].1 - 1.0).collect(),
            frequency,
            per_year,
        }
    }

    /// Number of periods.
    pub fn len(&self) -> usize {
        self.returns.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.returns.is_empty()
    }

    /// The periods that ended by `to`; what was known then.
    #[must_use]
    pub fn up_to(&self, to: TradingDay) -> Self {
        let n = self.to.partition_point(|&day| day <= to);
        Self {
            from: self.from[..n].to_vec(),
            to: self.to[..n].to_vec(),
            returns: self.returns[..n].to_vec(),
            ..*self
        }
    }

    /// The change of a series of levels over each period; NaN where it has no level on one of the two days.
    ///
    /// A level of a later day never stands in for a missing one; an earlier one does for at most `tolerance` calendar days
    /// (a fund may be valued on a day the exchange is closed).
    pub fn change_of(&self, levels: &Series, tolerance: i32) -> Vec<f64> {
        let at = |day: TradingDay| match levels.as_of(day) {
            Some((known, level)) if known.calendar_days_until(day) <= tolerance => level,
            _ => f64::NAN,
        };
        self.from.iter().zip(&self.to).map(|(&from, &to)| at(to) / at(from) - 1.0).collect()
    }
}

#[cfg(test)]
mod tests {
    use shoals_core::day;

    use super::*;

    /// Expected: counted by hand.
    #[test]
    fn a_weekly_fund_spans_a_missing_value_and_never_looks_ahead() {
        let days: Vec<_> = [5, 12, 19, 26].map(|d| day(2024, 1, d)).into();
        let nav = Series::new("fund", days, vec![1.0, 1.1, f64::NAN, 1.21]).expect("rising days");
        let periods = Periods::of(&nav);
        assert_eq!((periods.frequency, periods.per_year), (Frequency::Weekly, 52.0));
        assert_eq!(periods.to, [day(2024, 1, 12), day(2024, 1, 26)]);
        assert!((periods.returns[1] - 0.1).abs() < 1e-15);
        let levels = Series::new(
            "index",
            vec![day(2024, 1, 4), day(2024, 1, 12), day(2024, 1, 29)],
            vec![100.0, 90.0, 300.0],
        )
        .expect("rising days");
        let change = periods.change_of(&levels, 4);
        assert!((change[0] + 0.1).abs() < 1e-15 && change[1].is_nan());
        assert_eq!(periods.up_to(day(2024, 1, 25)).len(), 1);
    }
}
