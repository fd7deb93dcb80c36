//! The ratio of two indices on the days both have a close.

use shoals_core::{Series, TradingDay, range_in_words};

use super::RotationConfig;
use crate::WarningError;

/// `ln(small / large)` by day; the daily change of it is what rotates.
pub(super) struct Ratio {
    pub(super) days: Vec<TradingDay>,
    /// Logarithm of the ratio, zero on the first day.
    pub(super) level: Vec<f64>,
    /// `changes[t - 1]` is the change of day `t`.
    pub(super) changes: Vec<f64>,
}

impl Ratio {
    pub(super) fn of(
        small: &Series,
        large: &Series,
        config: &RotationConfig,
    ) -> Result<Self, WarningError> {
        let log_ratio = log_ratio(small, large, config.to)?;
        let (Some(&first), Some(&last)) = (log_ratio.days.first(), log_ratio.days.last()) else {
            return Err(WarningError::NoCommonDay);
        };
        if config.from.is_some_and(|from| from > last) || config.to.is_some_and(|to| to < first) {
            let asked = range_in_words(config.from, config.to);
            return Err(WarningError::NothingToTell { asked, first, last });
        }
        let needed = config.min_history + config.horizon_days + 2;
        let found = log_ratio.days.len();
        if found < needed {
            return Err(WarningError::TooShort { needed, found, first, last });
        }
        let start = log_ratio.level[0];
        let level: Vec<f64> = log_ratio.level.iter().map(|x| x - start).collect();
        let changes = level.windows(2).map(|pair| pair[1] - pair[0]).collect();
        Ok(Self { days: log_ratio.days, level, changes })
    }

    /// Number of days.
    pub(super) fn n(&self) -> usize {
        self.days.len()
    }

    /// How far small companies led over the next days, log; NaN where the record ends before.
    pub(super) fn lead(&self, at: usize, horizon: usize) -> f64 {
        self.level.get(at + horizon).map_or(f64::NAN, |later| later - self.level[at])
    }

    /// Position of the last day on or before `day`.
    pub(super) fn position_as_of(&self, day: TradingDay) -> Option<usize> {
        self.days.partition_point(|&d| d <= day).checked_sub(1)
    }
}

/// Common days and the logarithm of the ratio on them.
pub(crate) struct LogRatio {
    pub(crate) days: Vec<TradingDay>,
    pub(crate) level: Vec<f64>,
}

/// `ln(above / below)` on the days, to `to`, on which both have a close.
pub(crate) fn log_ratio(
    above: &Series,
    below: &Series,
    to: Option<TradingDay>,
) -> Result<LogRatio, WarningError> {
    for series in [above, below] {
        let is_price = |close: f64| close.is_nan() || (close > 0.0 && close.is_finite());
        if let Some(i) = series.values().iter().position(|&close| !is_price(close)) {
            let (day, found) = (series.days()[i], series.values()[i]);
            let series = series.name().to_owned();
            return Err(WarningError::CloseNotPositive { series, day, found });
        }
    }
    let on = |&day: &TradingDay| Some((day, (above.at(day)? / below.at(day)?).ln()));
    let known = above.days().iter().take_while(|&&day| to.is_none_or(|to| day <= to));
    let (days, level) = known.filter_map(on).unzip();
    Ok(LogRatio { days, level })
}
