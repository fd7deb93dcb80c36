//! How many index points of dividends fall before a contract expires?
//!
//! A price index drops when its members go ex-dividend, and the future knows it beforehand: part of a
//! summer discount is dividends, not hedging demand. Expected points = yield x index close of the yield's
//! own day (a year's dividends in points, which do not fall with prices) x the share of a year's
//! dividends that go ex between tomorrow and expiry.

use serde::{Deserialize, Serialize};
use shoals_core::number::CALENDAR_DAYS_PER_YEAR;
use shoals_core::{Series, TradingDay};

/// How a year's dividends are spread over its days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DividendSeason {
    /// As A shares pay: 84 % of a year's dividends go ex in May, June and July.
    ///
    /// The monthly shares are the average over the CSI 300, 500 and 1000 of the monthly difference
    /// between total-return and price index, 2015 to 2023; within a month they are spread evenly.
    #[default]
    AShare,
    /// Evenly over the year.
    Flat,
}

/// Share of a year's dividends by month, January first.
const A_SHARE_MONTHS: [f64; 12] =
    [0.002, 0.002, 0.004, 0.046, 0.209, 0.360, 0.269, 0.061, 0.020, 0.011, 0.008, 0.008];

/// A dividend yield older than this many calendar days is no longer believed.
pub const YIELD_VALID_FOR_DAYS: i32 = 92;

impl DividendSeason {
    /// The stable name, as written in a config.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AShare => "a_share",
            Self::Flat => "flat",
        }
    }

    /// The share of a year's dividends that go ex after `from`, up to and including `to`; more than
    /// one when they are more than a year apart.
    pub fn share_between(self, from: TradingDay, to: TradingDay) -> f64 {
        match self {
            Self::Flat => f64::from(from.calendar_days_until(to)).max(0.0) / CALENDAR_DAYS_PER_YEAR,
            Self::AShare => (cumulative(to) - cumulative(from)).max(0.0),
        }
    }
}

/// Expected dividends in index points between `day` and `expiry`.
///
/// The yield is the last one known on `day`; `spot` is the index close, points, of which that of the
/// yield's day is taken (the last one before, where that day has none). Missing: NaN when no yield was
/// known in the [`YIELD_VALID_FOR_DAYS`] before, or the record of `spot` begins after it.
pub fn expected_dividend(
    dividend_yield: &Series,
    season: DividendSeason,
    spot: &Series,
    day: TradingDay,
    expiry: TradingDay,
) -> f64 {
    match dividend_yield.as_of(day) {
        Some((known_on, rate)) if known_on.calendar_days_until(day) <= YIELD_VALID_FOR_DAYS => {
            let close = spot.as_of(known_on).map_or(f64::NAN, |(_, close)| close);
            rate * close * season.share_between(day, expiry)
        }
        _ => f64::NAN,
    }
}

/// Years of dividends gone ex by the end of `day`, counted from year zero.
fn cumulative(day: TradingDay) -> f64 {
    let (year, month, day_of_month) = day.ymd();
    let done: f64 = A_SHARE_MONTHS[..month as usize - 1].iter().sum();
    let share = f64::from(day_of_month) / f64::from(days_in_month(day));
    f64::from(year) + done + share * A_SHARE_MONTHS[month as usize - 1]
}

fn days_in_month(day: TradingDay) -> i32 {
    let (year, month, _) = day.ymd();
    let next = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    shoals_core::day(year, month, 1).calendar_days_until(shoals_core::day(next.0, next.1, 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use shoals_core::day;

    #[test]
    fn a_year_holds_one_year_of_dividends() {
        assert!((A_SHARE_MONTHS.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        let whole = DividendSeason::AShare.share_between(day(2023, 3, 17), day(2024, 3, 17));
        assert!((whole - 1.0).abs() < 1e-3, "{whole}");
        let flat = DividendSeason::Flat.share_between(day(2023, 1, 1), day(2024, 1, 1));
        assert!((flat - 1.0).abs() < 1e-15);
    }

    #[test]
    fn summer_contracts_carry_the_dividends_and_winter_ones_do_not() {
        let season = DividendSeason::AShare;
        assert!((season.share_between(day(2024, 4, 30), day(2024, 7, 31)) - 0.838).abs() < 1e-12);
        assert!(season.share_between(day(2024, 1, 2), day(2024, 3, 15)) < 0.01);
        assert_eq!(season.share_between(day(2024, 6, 21), day(2024, 6, 21)), 0.0);
    }

    /// By hand: 2 % of 5000 points is 100 a year; a quarter of the year flat is 25.
    #[test]
    fn an_old_yield_is_no_longer_believed() {
        let known = Series::new("yield", vec![day(2024, 1, 1)], vec![0.02]).unwrap();
        let spot = Series::new("index", vec![day(2023, 12, 29)], vec![5000.0]).unwrap();
        let points =
            |today, expiry| expected_dividend(&known, DividendSeason::Flat, &spot, today, expiry);
        assert!((points(day(2024, 1, 2), day(2024, 4, 2)) - 100.0 * 91.0 / 365.0).abs() < 1e-12);
        assert!(points(day(2024, 4, 3), day(2024, 6, 21)).is_nan());
        assert!(points(day(2023, 12, 29), day(2024, 1, 19)).is_nan());
    }

    /// By hand: the CSI 1000 yielded 1.5093 % on 2024-01-05 at 5675.8, 85.665 points a year, and still did
    /// on 02-05, though the index had lost 24 %; a flat 39 of 365 days to 2024-03-15 are 9.153.
    #[test]
    fn expected_points_do_not_fall_with_the_index() {
        let known = Series::new("yield", vec![day(2024, 1, 5)], vec![0.015_093]).unwrap();
        let days = vec![day(2024, 1, 5), day(2024, 2, 5)];
        let spot = Series::new("000852.SH", days, vec![5675.8, 4293.0695]).unwrap();
        let points =
            |today, season| expected_dividend(&known, season, &spot, today, day(2024, 3, 15));
        assert!((points(day(2024, 2, 5), DividendSeason::Flat) - 9.1532).abs() < 5e-5);
        // Of January's 70 days to expiry, those from 02-05 on are 39.
        let ratio = points(day(2024, 2, 5), DividendSeason::Flat)
            / points(day(2024, 1, 5), DividendSeason::Flat);
        assert!((ratio - 39.0 / 70.0).abs() < 1e-12);
        let season = DividendSeason::AShare;
        let share = season.share_between(day(2024, 2, 5), day(2024, 3, 15));
        let expected = 85.664_85 * share;
        assert!((points(day(2024, 2, 5), season) - expected).abs() < 1e-5);
    }
}
