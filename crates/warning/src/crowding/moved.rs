//! What moved the composite from one day to another.

use serde::Serialize;
use shoals_core::TradingDay;

use super::{ComparedDays, CrowdingDay, MeasureDay};

/// What one measure did to the composite between two days; the contributions add up to its change.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Moved {
    /// The earlier day.
    pub from: TradingDay,
    /// The later day.
    pub to: TradingDay,
    /// Its stable name; `composite` for all of them together.
    pub measure: &'static str,
    /// Level on the earlier day.
    pub level_from: f64,
    /// Level on the later day.
    pub level_to: f64,
    /// Crowding on the earlier day, 0 to 1.
    pub crowding_from: f64,
    /// Crowding on the later day.
    pub crowding_to: f64,
    /// Change of its part of the composite.
    pub contribution: f64,
}

/// Days before the highest composite among which the lowest is looked for.
const YEAR: usize = 250;

/// The comparisons asked for, or the usual ones: lowest to highest, highest to last.
pub(super) fn moved(
    days: &[CrowdingDay],
    measures: &[MeasureDay],
    asked: &[ComparedDays],
) -> Vec<Moved> {
    let pairs = if asked.is_empty() {
        usual(days)
    } else {
        asked
            .iter()
            .filter_map(|pair| Some((at(days, pair.from)?, at(days, pair.to)?)))
            .filter(|(from, to)| from < to)
            .collect()
    };
    pairs.into_iter().flat_map(|(from, to)| between(days, measures, from, to)).collect()
}

/// The last day with a composite on or before `day`.
fn at(days: &[CrowdingDay], day: TradingDay) -> Option<usize> {
    let n = days.partition_point(|row| row.date <= day);
    (0..n).rev().find(|&t| !days[t].composite.is_nan())
}

fn usual(days: &[CrowdingDay]) -> Vec<(usize, usize)> {
    let known: Vec<usize> = (0..days.len()).filter(|&t| !days[t].composite.is_nan()).collect();
    let by_composite = |a: &&usize, b: &&usize| days[**a].composite.total_cmp(&days[**b].composite);
    // The first of equals.
    let highest = known.iter().rev().max_by(by_composite).copied();
    let (Some(highest), Some(&last)) = (highest, known.last()) else { return Vec::new() };
    let before = known.iter().filter(|&&t| t <= highest && t + YEAR >= highest);
    let lowest = before.min_by(by_composite).copied().unwrap_or(highest);
    [(lowest, highest), (highest, last)].into_iter().filter(|(from, to)| from < to).collect()
}

fn between(days: &[CrowdingDay], measures: &[MeasureDay], from: usize, to: usize) -> Vec<Moved> {
    let n = measures.len() / days.len();
    let rows = |t: usize| &measures[t * n..(t + 1) * n];
    let (first, second) = (&days[from], &days[to]);
    let mut moved: Vec<Moved> = rows(from)
        .iter()
        .zip(rows(to))
        .filter(|(a, _)| a.measure.is_in_composite())
        .filter(|(a, b)| !(a.level.is_nan() && b.level.is_nan()))
        .map(|(a, b)| Moved {
            from: first.date,
            to: second.date,
            measure: a.measure.name(),
            level_from: a.level,
            level_to: b.level,
            crowding_from: a.crowding,
            crowding_to: b.crowding,
            contribution: b.contribution - a.contribution,
        })
        .collect();
    moved.sort_by(|a, b| b.contribution.abs().total_cmp(&a.contribution.abs()));
    moved.push(Moved {
        from: first.date,
        to: second.date,
        measure: "composite",
        level_from: first.composite,
        level_to: second.composite,
        crowding_from: first.percentile,
        crowding_to: second.percentile,
        contribution: second.composite - first.composite,
    });
    moved
}
