//! The segments' closes on the days they all have.

use shoals_core::{Segment, Series, TradingDay, range_in_words};

use super::{InversionConfig, Level};
use crate::WarningError;

/// Fewest segments a rank correlation is taken from.
const MIN_SEGMENTS: usize = 3;

/// Closes aligned by date, segments from the largest companies to the smallest.
pub(super) struct Closes {
    pub(super) segments: Vec<Segment>,
    /// Name of each segment's series.
    pub(super) names: Vec<String>,
    /// Days on which every segment has a close.
    pub(super) days: Vec<TradingDay>,
    /// Closes, one row a segment.
    pub(super) levels: Vec<Vec<f64>>,
    /// Log return of each day from the common day before; the first is NaN.
    pub(super) log_returns: Vec<Vec<f64>>,
}

impl Closes {
    pub(super) fn align(
        series: &[(Segment, Series)],
        config: &InversionConfig,
    ) -> Result<Self, WarningError> {
        let mut rungs: Vec<&(Segment, Series)> = series.iter().collect();
        rungs.sort_by_key(|(segment, _)| std::cmp::Reverse(*segment));
        require_ladder(&rungs)?;
        let days = common_days(&rungs, config)?;
        let levels: Vec<Vec<f64>> = rungs
            .iter()
            .map(|(_, series)| days.iter().filter_map(|&day| series.at(day)).collect())
            .collect();
        let log_returns = levels.iter().map(|row| log_returns(row)).collect();
        Ok(Self {
            segments: rungs.iter().map(|(segment, _)| *segment).collect(),
            names: rungs.iter().map(|(_, series)| series.name().to_owned()).collect(),
            days,
            levels,
            log_returns,
        })
    }

    /// Simple return of each segment between two positions.
    pub(super) fn returns(&self, base: usize, end: usize) -> Vec<f64> {
        self.levels.iter().map(|row| row[end] / row[base] - 1.0).collect()
    }

    /// Every close from `from` on, by day, largest companies first.
    pub(super) fn levels(&self, from: Option<TradingDay>) -> Vec<Level> {
        let start = from.map_or(0, |from| self.days.partition_point(|&day| day < from));
        let on = |t: usize| {
            let rungs = self.segments.iter().zip(&self.levels);
            rungs.map(move |(&segment, row)| Level { date: self.days[t], segment, close: row[t] })
        };
        (start..self.days.len()).flat_map(on).collect()
    }

    /// Position of the last common day on or before `day`.
    pub(super) fn position_as_of(&self, day: TradingDay) -> Option<usize> {
        self.days.partition_point(|&d| d <= day).checked_sub(1)
    }
}

fn require_ladder(rungs: &[&(Segment, Series)]) -> Result<(), WarningError> {
    if let Some(pair) = rungs.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        let [first, second] = [pair[0], pair[1]].map(|(_, series)| series.name().to_owned());
        return Err(WarningError::SegmentTwice { segment: pair[0].0, first, second });
    }
    if rungs.len() < MIN_SEGMENTS {
        let (needed, found) = (MIN_SEGMENTS, rungs.len());
        return Err(WarningError::TooFewSegments { needed, found });
    }
    for (_, series) in rungs {
        let is_price = |close: f64| close.is_nan() || (close > 0.0 && close.is_finite());
        if let Some(i) = series.values().iter().position(|&close| !is_price(close)) {
            let (day, found) = (series.days()[i], series.values()[i]);
            let series = series.name().to_owned();
            return Err(WarningError::CloseNotPositive { series, day, found });
        }
    }
    Ok(())
}

fn common_days(
    rungs: &[&(Segment, Series)],
    config: &InversionConfig,
) -> Result<Vec<TradingDay>, WarningError> {
    let has_all = |day: &TradingDay| rungs.iter().all(|(_, series)| series.at(*day).is_some());
    let mut days: Vec<TradingDay> = rungs[0].1.days().iter().copied().filter(has_all).collect();
    let (Some(&first), Some(&last)) = (days.first(), days.last()) else {
        return Err(WarningError::NoCommonDay);
    };
    let (from, to) = (config.from, config.to);
    days.retain(|day| to.is_none_or(|to| *day <= to));
    if days.is_empty() || from.is_some_and(|from| from > last) {
        let asked = range_in_words(from, to);
        return Err(WarningError::NothingToTell { asked, first, last });
    }
    if days.len() < 2 {
        return Err(WarningError::OneClose { day: first });
    }
    Ok(days)
}

fn log_returns(closes: &[f64]) -> Vec<f64> {
    let changes = closes.windows(2).map(|pair| (pair[1] / pair[0]).ln());
    std::iter::once(f64::NAN).chain(changes).collect()
}
