//! A fund's periods with what the benchmark and cash did over each.

use std::ops::Range;

use shoals_core::number::CALENDAR_DAYS_PER_YEAR;
use shoals_core::{Series, TradingDay};
use shoals_stats::drawdown::max_drawdown;

use crate::{Frequency, Periods};

/// Calendar days for which an earlier level may stand in: a fund may be valued on a day the exchange is closed.
const LEVEL_TOLERANCE_DAYS: i32 = 4;

/// Returns of the fund, of its benchmark and above cash, period by period.
pub(super) struct Path<'a> {
    pub(super) periods: &'a Periods,
    /// Simple returns of the benchmark; NaN where it has no level.
    pub(super) benchmark: Option<Vec<f64>>,
    /// The fund's returns less what cash earned.
    pub(super) above_cash: Vec<f64>,
}

impl<'a> Path<'a> {
    pub(super) fn new(
        periods: &'a Periods,
        benchmark: Option<&Series>,
        risk_free: Option<&Series>,
        constant: f64,
    ) -> Self {
        let rate = |day| risk_free.and_then(|rates| rates.as_of(day)).map_or(constant, |(_, r)| r);
        let ends = periods.from.iter().zip(&periods.to).zip(&periods.returns);
        let above_cash = ends
            .map(|((&from, &to), r)| {
                let days = f64::from(from.calendar_days_until(to));
                r - rate(from) * days / CALENDAR_DAYS_PER_YEAR
            })
            .collect();
        Self {
            periods,
            benchmark: benchmark.map(|levels| periods.change_of(levels, LEVEL_TOLERANCE_DAYS)),
            above_cash,
        }
    }

    /// Periods that end in each run of equal `key`s of their later day.
    pub(super) fn runs<K: PartialEq>(
        &self,
        within: Range<usize>,
        key: impl Fn(TradingDay) -> K,
    ) -> impl Iterator<Item = Range<usize>> {
        let to = &self.periods.to;
        let mut at = within.start;
        std::iter::from_fn(move || {
            let start = at;
            let here = key(*to.get(start).filter(|_| start < within.end)?);
            while at < within.end && key(to[at]) == here {
                at += 1;
            }
            Some(start..at)
        })
    }

    /// Runs of one calendar week each; single periods where the fund publishes more rarely than weekly.
    pub(super) fn weeks(&self, within: Range<usize>) -> impl Iterator<Item = Range<usize>> {
        let is_by_week = matches!(self.periods.frequency, Frequency::Daily | Frequency::Weekly);
        self.runs(within, move |day| {
            if is_by_week { day.epoch_days() - day.weekday() as i32 } else { day.epoch_days() }
        })
    }

    /// The periods from the last value on or before `from` to the last on or before `to`.
    pub(super) fn between(&self, from: TradingDay, to: TradingDay) -> Range<usize> {
        let by = |day: TradingDay| self.periods.to.partition_point(|&end| end <= day);
        by(from)..by(to)
    }

    /// The fund's compounded return.
    pub(super) fn fund_return(&self, range: Range<usize>) -> f64 {
        compounded(&self.periods.returns[range])
    }

    /// The benchmark's; NaN where any period lacks it, for it would tell of other days.
    pub(super) fn benchmark_return(&self, range: Range<usize>) -> f64 {
        self.benchmark.as_ref().map_or(f64::NAN, |returns| compounded(&returns[range]))
    }
}

/// `product of (1 + r), less 1`; NaN as soon as one is.
pub(super) fn compounded(returns: &[f64]) -> f64 {
    returns.iter().map(|r| 1.0 + r).product::<f64>() - 1.0
}

/// What was earned beyond the benchmark, by division: yearly figures multiply to the whole.
pub(super) fn geometric_excess(fund: f64, benchmark: f64) -> f64 {
    (1.0 + fund) / (1.0 + benchmark) - 1.0
}

/// The deepest drawdown of a stretch, zero where it never fell below its opening.
pub(super) fn deepest(returns: &[f64]) -> f64 {
    max_drawdown(returns).map_or(f64::NAN, |fall| fall.map_or(0.0, |fall| fall.depth))
}
