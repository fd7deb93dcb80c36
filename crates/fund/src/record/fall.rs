//! Falls with their dates, and the worst weeks.

use serde::Serialize;
use shoals_core::TradingDay;
use shoals_stats::drawdown::{drawdowns, episodes};

use super::path::{Path, geometric_excess};

/// One fall from a peak and, where it happened, the way back.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FallRow {
    /// 1 for the deepest.
    pub rank: usize,
    /// Depth at the trough, below zero.
    pub depth: f64,
    /// Day of the value it fell from.
    pub peak_on: TradingDay,
    /// Day of the lowest value.
    pub trough_on: TradingDay,
    /// Day of the first value back at the peak; none while under water.
    pub recovered_on: Option<TradingDay>,
    /// Calendar days from the peak to the trough.
    pub days_down: i32,
    /// Calendar days from the trough to recovery; none while under water.
    pub days_up: Option<i32>,
}

/// A bad week.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WorstWeek {
    /// 1 for the worst.
    pub rank: usize,
    /// Day of the value before the week.
    pub from: TradingDay,
    /// Day of the week's last value.
    pub to: TradingDay,
    /// The fund's compounded return.
    pub total_return: f64,
    /// The benchmark's over the same days.
    pub benchmark: f64,
    /// Geometric excess.
    pub excess: f64,
}

/// The `n` deepest falls, deepest first, the earlier of equals first.
pub(super) fn falls(path: &Path<'_>, n: usize) -> Vec<FallRow> {
    let Ok(depths) = drawdowns(&path.periods.returns) else { return Vec::new() };
    let mut found = episodes(&depths);
    found.sort_by(|a, b| a.depth.total_cmp(&b.depth));
    let ranked = found.iter().take(n).enumerate();
    ranked
        .map(|(k, fall)| {
            let peak_on = path.periods.from[fall.start];
            let trough_on = path.periods.to[fall.trough];
            let recovered_on = fall.recovery.map(|t| path.periods.to[t]);
            FallRow {
                rank: k + 1,
                depth: fall.depth,
                peak_on,
                trough_on,
                recovered_on,
                days_down: peak_on.calendar_days_until(trough_on),
                days_up: recovered_on.map(|day| trough_on.calendar_days_until(day)),
            }
        })
        .collect()
}

/// The `n` worst weeks that lost, worst first.
pub(super) fn worst_weeks(path: &Path<'_>, n: usize) -> Vec<WorstWeek> {
    let weeks = path.weeks(0..path.periods.len());
    let mut lost: Vec<_> = weeks
        .map(|week| (path.fund_return(week.clone()), week))
        .filter(|(loss, _)| *loss < 0.0)
        .collect();
    lost.sort_by(|a, b| a.0.total_cmp(&b.0));
    let ranked = lost.into_iter().take(n).enumerate();
    ranked
        .map(|(k, (total_return, week))| {
            let benchmark = path.benchmark_return(week.clone());
            WorstWeek {
                rank: k + 1,
                from: path.periods.from[week.start],
                to: path.periods.to[week.end - 1],
                total_return,
                benchmark,
                excess: geometric_excess(total_return, benchmark),
            }
        })
        .collect()
}
