//! The logarithm of the ratio on the days both indices have.

use shoals_core::{TradingDay, range_in_words};

use super::{BubbleConfig, Pair};
use crate::WarningError;

/// Days of a sample below this tell nothing.
const MIN_DAYS: usize = 30;

/// A sample.
pub(super) struct LogRatio {
    pub(super) days: Vec<TradingDay>,
    pub(super) value: Vec<f64>,
    /// Logarithm of the index above the line.
    pub(super) above: Vec<f64>,
}

impl LogRatio {
    pub(super) fn align(pair: &Pair, config: &BubbleConfig) -> Result<Self, WarningError> {
        for series in [&pair.above, &pair.below] {
            let is_price = |close: &f64| close.is_nan() || (*close > 0.0 && close.is_finite());
            if let Some(i) = series.values().iter().position(|close| !is_price(close)) {
                let (day, found) = (series.days()[i], series.values()[i]);
                let series = series.name().to_owned();
                return Err(WarningError::CloseNotPositive { series, day, found });
            }
        }
        let ratio = |&day: &TradingDay| {
            let (above, below) = (pair.above.at(day)?, pair.below.at(day)?);
            Some((day, ((above / below).ln(), above.ln())))
                .filter(|(_, (ratio, _))| ratio.is_finite())
        };
        let common: Vec<(TradingDay, (f64, f64))> =
            pair.above.days().iter().filter_map(ratio).collect();
        let (Some(&(first, _)), Some(&(last, _))) = (common.first(), common.last()) else {
            return Err(WarningError::NoCommonDay);
        };
        let is_asked = |day: TradingDay| {
            config.from.is_none_or(|from| day >= from) && config.to.is_none_or(|to| day <= to)
        };
        let (days, (value, above)): (Vec<_>, (Vec<_>, Vec<_>)) =
            common.into_iter().filter(|(day, _)| is_asked(*day)).unzip();
        if days.is_empty() {
            let asked = range_in_words(config.from, config.to);
            return Err(WarningError::NothingToTell { asked, first, last });
        }
        if days.len() < MIN_DAYS {
            return Err(WarningError::SampleTooShort { needed: MIN_DAYS, found: days.len() });
        }
        Ok(Self { days, value, above })
    }
}
