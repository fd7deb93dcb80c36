//! One figure of all measures, exactly the sum of its parts.

use serde::Serialize;
use shoals_core::TradingDay;
use shoals_stats::StatError;
use shoals_stats::rolling::{Window, trailing_percentile};

use super::{CrowdingConfig, Measure};

/// One measure on one day.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct MeasureDay {
    /// The day at whose close it was known.
    pub date: TradingDay,
    /// The measure.
    pub measure: Measure,
    /// Its level, in its own unit.
    pub level: f64,
    /// Share of the yardstick's days on which the level was smaller; NaN while there are too few.
    pub percentile: f64,
    /// How crowded that is, 0 to 1: the percentile, or what is left of it to one for a measure that falls
    /// with crowding.
    pub crowding: f64,
    /// Part of the day's composite: crowding over the number of measures known; 0 for one that is not
    /// known or not counted.
    pub contribution: f64,
}

/// The composite on one day.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CrowdingDay {
    /// The day at whose close it was known.
    pub date: TradingDay,
    /// Mean crowding of the measures known, 0 to 1; NaN with too few of them.
    pub composite: f64,
    /// Share of the yardstick's days on which the composite was smaller.
    pub percentile: f64,
    /// Measures it is made of.
    pub n_measures: usize,
}

/// Every measure and the composite of every day, in the order of days and measures.
pub(super) fn composed(
    days: &[TradingDay],
    levels: &[(Measure, Vec<f64>)],
    config: &CrowdingConfig,
) -> Result<(Vec<MeasureDay>, Vec<CrowdingDay>), StatError> {
    let window = Window::new(config.yardstick_days, config.yardstick_min_days)?;
    let percentiles: Vec<Vec<f64>> = levels
        .iter()
        .map(|(_, level)| trailing_percentile(level, window))
        .collect::<Result<_, _>>()?;
    let mut measures = Vec::with_capacity(days.len() * levels.len());
    let mut composites = Vec::with_capacity(days.len());
    for (t, &date) in days.iter().enumerate() {
        let first = measures.len();
        for ((measure, level), percentile) in levels.iter().zip(&percentiles) {
            let (level, percentile) = (level[t], percentile[t]);
            let crowding = measure.crowding(percentile);
            measures.push(MeasureDay {
                date,
                measure: *measure,
                level,
                percentile,
                crowding,
                contribution: 0.0,
            });
        }
        let today = &mut measures[first..];
        let counts = |row: &MeasureDay| row.measure.is_in_composite() && !row.crowding.is_nan();
        let n = today.iter().filter(|row| counts(row)).count();
        if n >= config.min_measures {
            for row in today.iter_mut().filter(|row| counts(row)) {
                row.contribution = row.crowding / n as f64;
            }
            composites.push(today.iter().map(|row| row.contribution).sum());
        } else {
            composites.push(f64::NAN);
        }
    }
    let percentiles = trailing_percentile(&composites, window)?;
    let whole = (0..days.len()).map(|t| CrowdingDay {
        date: days[t],
        composite: composites[t],
        percentile: percentiles[t],
        n_measures: measures[t * levels.len()..(t + 1) * levels.len()]
            .iter()
            .filter(|row| row.measure.is_in_composite() && !row.crowding.is_nan())
            .count(),
    });
    let whole = whole.collect();
    Ok((measures, whole))
}
