//! How close a fitted replica came to what it was fitted to.

use serde::Serialize;
use shoals_core::number::TRADING_DAYS_PER_YEAR;
use shoals_core::{Symbol, Table, TradingDay};
use shoals_stats::moments;
use shoals_stats::rank::pearson;

use super::outcome::NavLine;
use super::terms::{FitRule, FitSample};

/// The weights a close asked for, of equity. The straddle's is that of a sale at this close.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct WeightLine {
    /// Trading day.
    pub date: TradingDay,
    /// Long value.
    pub long: f64,
    /// Short value, a positive magnitude.
    pub short: f64,
    /// Underlying value of the straddles.
    pub straddle: f64,
    /// Share of the target's variation the fit explained in its own window; NaN while the written weights hold.
    pub r_squared: f64,
}

/// The replica's days beside the target's, over the days whose weights were fitted at a close before.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FitLine {
    /// `whole` or a year.
    pub period: String,
    /// What was fitted to.
    pub target: Symbol,
    /// Which days were fitted on.
    pub sample: FitSample,
    /// Days on which both have a return.
    pub n_days: usize,
    /// Correlation of the daily returns.
    pub correlation: f64,
    /// Annualised standard deviation of target less replica.
    pub tracking_error: f64,
    /// Annualised mean of target less replica.
    pub difference: f64,
    /// 1 less the squares of target less replica over those of the target about its mean; below 0 where the target's
    /// own mean would have done better.
    pub r_squared: f64,
}

/// Compares the days from `from` on, the whole and each year; `target` holds the target's return of each line.
pub(super) fn compare(
    fit: &FitRule,
    nav: &[NavLine],
    target: &[f64],
    from: TradingDay,
) -> Vec<FitLine> {
    let pairs: Vec<(TradingDay, f64, f64)> = nav
        .iter()
        .zip(target)
        .filter(|(line, target)| line.date > from && target.is_finite())
        .map(|(line, target)| (line.date, line.r#return, *target))
        .collect();
    let years = pairs.chunk_by(|a, b| a.0.year() == b.0.year());
    let years = years.map(|days| (days[0].0.year().to_string(), days));
    std::iter::once(("whole".to_owned(), &pairs[..]))
        .chain(years)
        .filter(|(_, days)| !days.is_empty())
        .map(|(period, days)| line(fit, period, days))
        .collect()
}

fn line(fit: &FitRule, period: String, days: &[(TradingDay, f64, f64)]) -> FitLine {
    let (ours, theirs): (Vec<f64>, Vec<f64>) = days.iter().map(|day| (day.1, day.2)).unzip();
    let misses: Vec<f64> = theirs.iter().zip(&ours).map(|(b, a)| b - a).collect();
    let mean = moments::mean(&theirs).unwrap_or(f64::NAN);
    let unexplained: f64 = misses.iter().map(|miss| miss * miss).sum();
    let moved: f64 = theirs.iter().map(|x| (x - mean).powi(2)).sum();
    let year = TRADING_DAYS_PER_YEAR;
    FitLine {
        period,
        target: fit.target,
        sample: fit.sample,
        n_days: days.len(),
        correlation: pearson(&ours, &theirs).unwrap_or(f64::NAN),
        tracking_error: moments::std(&misses, 1).map_or(f64::NAN, |s| s * year.sqrt()),
        difference: moments::mean(&misses).map_or(f64::NAN, |m| m * year),
        r_squared: 1.0 - unexplained / moved,
    }
}

pub(super) fn weight_table(lines: &[WeightLine]) -> Table {
    let number = |pick: fn(&WeightLine) -> f64| -> Vec<f64> { lines.iter().map(pick).collect() };
    let dates: Vec<TradingDay> = lines.iter().map(|line| line.date).collect();
    Table::new("weight")
        .with("date", "trading day; its rebalancing and sales go by these", dates)
        .with("long", "long value, of equity", number(|l| l.long))
        .with("short", "short value, of equity, positive", number(|l| l.short))
        .with("straddle", "underlying value of a sale, of equity", number(|l| l.straddle))
        .with("r_squared", "of the fit in its own window; missing before", number(|l| l.r_squared))
}

pub(super) fn fit_table(lines: &[FitLine]) -> Table {
    let number = |pick: fn(&FitLine) -> f64| -> Vec<f64> { lines.iter().map(pick).collect() };
    let n_days: Vec<i64> = lines.iter().map(|line| line.n_days as i64).collect();
    let words = |pick: fn(&FitLine) -> String| -> Vec<String> { lines.iter().map(pick).collect() };
    Table::new("fit")
        .with("period", "whole or a year, of days after the first fit", words(|l| l.period.clone()))
        .with("target", "what was fitted to", words(|l| l.target.to_string()))
        .with("sample", "past or whole", words(|l| l.sample.name().to_owned()))
        .with("correlation", "of daily returns", number(|l| l.correlation))
        .with("tracking_error", "annualised, target less replica", number(|l| l.tracking_error))
        .with("difference", "annualised mean, target less replica", number(|l| l.difference))
        .with(
            "r_squared",
            "1 - squared misses over the target's variation",
            number(|l| l.r_squared),
        )
        .with("n_days", "days with both returns", n_days)
}
