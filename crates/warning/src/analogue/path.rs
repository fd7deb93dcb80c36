//! Excess paths, and how alike two of them are.

use std::collections::BTreeMap;

use shoals_core::{Series, Symbol, TradingDay};
use shoals_stats::StatError;
use shoals_stats::rank::pearson;
use shoals_stats::warp::warped_distance;

use super::AnalogueConfig;
use crate::WarningError;
use crate::rotation::log_ratio;

/// Share of a span's days on which index and benchmark must both have a close.
const COVERED: f64 = 0.95;

/// Fewest trading days a path is compared over.
pub(super) const MIN_DAYS: usize = 40;

/// Log excess over a benchmark, day by day.
#[derive(Debug, Clone)]
pub(super) struct Path {
    pub(super) benchmark: Symbol,
    pub(super) days: Vec<TradingDay>,
    pub(super) level: Vec<f64>,
}

/// The indices of a market.
pub(super) type Indices = BTreeMap<Symbol, Series>;

/// Log excess of `symbol` between two days over the first benchmark that covers them; none where no benchmark does.
pub(super) fn path(
    indices: &Indices,
    symbol: Symbol,
    config: &AnalogueConfig,
    from: Option<TradingDay>,
    to: Option<TradingDay>,
) -> Result<Option<Path>, WarningError> {
    let Some(series) = indices.get(&symbol) else { return Ok(None) };
    let is_inside =
        |day: &TradingDay| from.is_none_or(|from| *day >= from) && to.is_none_or(|to| *day <= to);
    let n_own = series.days().iter().filter(|day| is_inside(day)).count();
    for &benchmark in config.benchmarks.iter().filter(|&&benchmark| benchmark != symbol) {
        let Some(below) = indices.get(&benchmark) else { continue };
        let ratio = log_ratio(series, below, to)?;
        let start = ratio.days.partition_point(|day| !is_inside(day));
        let (days, level) = (ratio.days[start..].to_vec(), ratio.level[start..].to_vec());
        if days.len() >= 2 && days.len() as f64 >= COVERED * n_own as f64 {
            return Ok(Some(Path { benchmark, days, level }));
        }
    }
    Ok(None)
}

/// Position of the highest level.
pub(super) fn peak(level: &[f64]) -> usize {
    let highest = |best: usize, i: usize| if level[i] > level[best] { i } else { best };
    (0..level.len()).fold(0, highest)
}

/// How alike two paths are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Likeness {
    /// Correlation after scaling in time.
    pub(super) correlation: f64,
    /// Warped distance of the standardised paths, a day.
    pub(super) distance: f64,
}

/// A path of the library, made ready for many comparisons.
pub(super) struct Ready<'a> {
    pub(super) level: &'a [f64],
    pub(super) peak: usize,
}

/// Both whole paths, one scaled in time to the other.
pub(super) fn whole(
    query: &Ready,
    episode: &Ready,
    config: &AnalogueConfig,
) -> Result<Option<Likeness>, StatError> {
    likeness(query.level, episode.level, config)
}

/// Both paths around their peaks, day by day, as far as both reach.
pub(super) fn around_peak(
    query: &Ready,
    episode: &Ready,
    config: &AnalogueConfig,
) -> Result<Option<Likeness>, StatError> {
    let (before, after) = reach(query, episode, config);
    if before + after + 1 < MIN_DAYS {
        return Ok(None);
    }
    let cut = |path: &Ready| path.peak - before..path.peak + after + 1;
    likeness(&query.level[cut(query)], &episode.level[cut(episode)], config)
}

/// Days before and after their peaks that both paths have.
pub(super) fn reach(query: &Ready, episode: &Ready, config: &AnalogueConfig) -> (usize, usize) {
    let after = |path: &Ready| path.level.len() - 1 - path.peak;
    let before = query.peak.min(episode.peak).min(config.peak_days);
    (before, after(query).min(after(episode)).min(config.peak_days))
}

/// None where a path does not move.
fn likeness(
    left: &[f64],
    right: &[f64],
    config: &AnalogueConfig,
) -> Result<Option<Likeness>, StatError> {
    let n = config.grid_points;
    let (Some(left), Some(right)) =
        (standardised(&scaled(left, n)), standardised(&scaled(right, n)))
    else {
        return Ok(None);
    };
    let band = (config.band_share * n as f64).round() as usize;
    Ok(Some(Likeness {
        correlation: pearson(&left, &right)?,
        distance: warped_distance(&left, &right, band)? / (n as f64).sqrt(),
    }))
}

/// The path at `n` moments evenly spread over its time, straight lines between its days.
fn scaled(level: &[f64], n: usize) -> Vec<f64> {
    let last = level.len() - 1;
    let at = |i: usize| {
        let place = last as f64 * i as f64 / (n - 1) as f64;
        let day = (place as usize).min(last.saturating_sub(1));
        let next = level[(day + 1).min(last)];
        level[day] + (place - day as f64) * (next - level[day])
    };
    (0..n).map(at).collect()
}

/// Mean 0 and standard deviation 1; none for a flat path.
fn standardised(values: &[f64]) -> Option<Vec<f64>> {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n;
    (variance > 1e-18).then(|| values.iter().map(|x| (x - mean) / variance.sqrt()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ready(level: &[f64]) -> Ready<'_> {
        Ready { level, peak: peak(level) }
    }

    fn hill(n: usize, top: usize, height: f64) -> Vec<f64> {
        let up = |i: usize| i as f64 / top as f64;
        let down = |i: usize| 1.0 - 1.5 * (i - top) as f64 / (n - top) as f64;
        (0..n).map(|i| height * if i <= top { up(i) } else { down(i) }).collect()
    }

    /// The same shape at another speed and height is the same path; aligned at the peak, the same days.
    #[test]
    fn likeness_knows_no_speed_and_no_height() {
        let config = AnalogueConfig::default();
        let (slow, fast) = (hill(401, 300, 2.0), hill(201, 150, 0.3));
        let found = whole(&ready(&slow), &ready(&fast), &config).unwrap().unwrap();
        assert!(found.correlation > 0.999_9 && found.distance < 0.02, "{found:?}");
        let upside: Vec<f64> = fast.iter().map(|x| -x).collect();
        let found = whole(&ready(&slow), &ready(&upside), &config).unwrap().unwrap();
        assert!(found.correlation < -0.999_9, "{found:?}");
        let late = hill(260, 200, 1.0);
        assert_eq!(reach(&ready(&slow), &ready(&late), &config), (200, 59));
        assert!(around_peak(&ready(&slow), &ready(&late), &config).unwrap().is_some());
    }

    #[test]
    fn scaling_keeps_ends_and_straight_lines() {
        let line: Vec<f64> = (0..11).map(f64::from).collect();
        let short = scaled(&line, 5);
        assert_eq!(short, [0.0, 2.5, 5.0, 7.5, 10.0]);
        assert_eq!(scaled(&[3.0], 3), [3.0; 3]);
        assert!(standardised(&[2.0; 9]).is_none());
    }
}
