//! Month by month, and the curve a page draws.

use serde::Serialize;
use shoals_core::TradingDay;
use shoals_stats::drawdown::drawdowns;
use shoals_stats::rolling::{Window, rolling_sharpe};

use super::path::{Path, geometric_excess};

/// A calendar month.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MonthRow {
    /// Calendar year.
    pub year: i32,
    /// 1 to 12.
    pub month: u32,
    /// The fund's compounded return.
    pub total_return: f64,
    /// The benchmark's over the same days.
    pub benchmark: f64,
    /// Geometric excess.
    pub excess: f64,
}

/// The last value of a calendar week.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CurvePoint {
    /// Its day.
    pub date: TradingDay,
    /// What 1 at the first value became.
    pub wealth: f64,
    /// What 1 in the benchmark became; missing from the first day it has no level.
    pub benchmark: f64,
    /// Deepest drawdown of the week's values, at or below zero.
    pub drawdown: f64,
    /// Annualised Sharpe ratio of the trailing year; missing before there is one.
    pub trailing_sharpe: f64,
}

pub(super) fn months(path: &Path<'_>) -> Vec<MonthRow> {
    let month_of = |day: TradingDay| {
        let (year, month, _) = day.ymd();
        (year, month)
    };
    let months = path.runs(0..path.periods.len(), month_of);
    months
        .map(|range| {
            let (year, month) = month_of(path.periods.to[range.start]);
            let total_return = path.fund_return(range.clone());
            let benchmark = path.benchmark_return(range);
            let excess = geometric_excess(total_return, benchmark);
            MonthRow { year, month, total_return, benchmark, excess }
        })
        .collect()
}

pub(super) fn curve(path: &Path<'_>) -> Vec<CurvePoint> {
    let n = path.periods.len();
    let depths = drawdowns(&path.periods.returns).unwrap_or_else(|_| vec![f64::NAN; n]);
    let year = path.periods.per_year.round().max(2.0) as usize;
    let ratios = Window::full(year)
        .and_then(|window| rolling_sharpe(&path.above_cash, window, path.periods.per_year))
        .unwrap_or_else(|_| vec![f64::NAN; n]);
    let (mut wealth, mut benchmark) = (1.0, 1.0);
    let weeks = path.weeks(0..n);
    weeks
        .map(|week| {
            let last = week.end - 1;
            wealth *= 1.0 + path.fund_return(week.clone());
            benchmark *= 1.0 + path.benchmark_return(week.clone());
            CurvePoint {
                date: path.periods.to[last],
                wealth,
                benchmark,
                drawdown: depths[week].iter().copied().fold(0.0, f64::min),
                trailing_sharpe: ratios[last],
            }
        })
        .collect()
}
