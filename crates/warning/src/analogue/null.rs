//! Random paths: what an arbitrary path would look like.
//!
//! Windows of the query's length from the market's other index histories, all over before the query began and outside
//! the episodes on their own index. Where too few of them share no day, paths are resampled in blocks from
//! those histories instead, or, in a market without any, from the query's own changes: they move like the
//! market day by day and have no shape but chance's.
//!
//! Two paths that rise steadily are alike whatever they are. A second null, [`own`], therefore keeps the query's own
//! rise and swings and only their order is chance's.

use rand::RngExt;
use serde::Serialize;
use shoals_core::{Exchange, TradingDay};
use shoals_stats::bootstrap::{Bootstrap, Scheme};

use super::AnalogueConfig;
use super::path::{Indices, Path};
use crate::WarningError;
use crate::rotation::log_ratio;

/// What the random paths are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NullKind {
    /// Windows of index histories.
    Windows,
    /// Index histories resampled in blocks.
    Resampled,
    /// The query's own changes resampled in blocks.
    Own,
}

/// The random paths, and what they were drawn from.
pub(super) struct Null {
    pub(super) kind: NullKind,
    /// Indices the paths come from.
    pub(super) n_indices: usize,
    /// Windows among them that share no day on one index.
    pub(super) n_windows: usize,
    pub(super) paths: Vec<Vec<f64>>,
}

/// A stretch of an episode on its own index, which is not part of the null.
pub(super) struct Taken {
    pub(super) symbol: shoals_core::Symbol,
    pub(super) from: TradingDay,
    pub(super) to: TradingDay,
}

pub(super) fn null(
    indices: &Indices,
    query: &Path,
    taken: &[Taken],
    config: &AnalogueConfig,
) -> Result<Null, WarningError> {
    let length = query.days.len();
    let (stretches, n_indices) = stretches(indices, query, taken, config)?;
    let n_windows = stretches.iter().map(|levels| levels.len() / length).sum();
    let seed = config.seed.part("analogue");
    if n_windows >= config.min_windows {
        // Every place a window may begin is as likely as every other.
        let room = |levels: &Vec<f64>| (levels.len() + 1).saturating_sub(length);
        let total: usize = stretches.iter().map(room).sum();
        let window = |k: u64| {
            let mut at = seed.stream(k).random_range(0..total);
            let mut stretches = stretches.iter();
            loop {
                let Some(levels) = stretches.next() else { return Vec::new() };
                if at < room(levels) {
                    return levels[at..at + length].to_vec();
                }
                at -= room(levels);
            }
        };
        let paths = (0..config.draws as u64).map(window).collect();
        return Ok(Null { kind: NullKind::Windows, n_indices, n_windows, paths });
    }
    let usable: Vec<&Vec<f64>> = stretches.iter().filter(|s| s.len() > length / 4).collect();
    if usable.is_empty() {
        return own(query, config);
    }
    let paths = (0..config.draws as u64)
        .map(|k| resampled(&usable, length, config, k))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Null { kind: NullKind::Resampled, n_indices, n_windows, paths })
}

/// The query's own changes in another order: paths that rise and swing as it does and have no shape of their own.
pub(super) fn own(query: &Path, config: &AnalogueConfig) -> Result<Null, WarningError> {
    let paths = (0..config.draws as u64)
        .map(|k| resampled(&[&query.level], query.level.len(), config, k))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Null { kind: NullKind::Own, n_indices: 0, n_windows: 0, paths })
}

/// The excess histories before the query, cut at the episodes, and the number of indices they come from.
fn stretches(
    indices: &Indices,
    query: &Path,
    taken: &[Taken],
    config: &AnalogueConfig,
) -> Result<(Vec<Vec<f64>>, usize), WarningError> {
    let begun = query.days[0];
    let (mut stretches, mut n_indices) = (Vec::new(), 0);
    for (&symbol, series) in indices {
        // A user's own series may be a copy of the query under another name.
        if symbol.exchange() == Exchange::Own || config.benchmarks.contains(&symbol) {
            continue;
        }
        let n_before = stretches.len();
        let mut until = begun;
        for benchmark in &config.benchmarks {
            let Some(below) = indices.get(benchmark) else { continue };
            let ratio = log_ratio(series, below, None)?;
            let end = ratio.days.partition_point(|&day| day < until);
            let is_free = |day: TradingDay| {
                !taken.iter().any(|t| t.symbol == symbol && t.from <= day && day <= t.to)
            };
            let mut stretch = Vec::new();
            for (&day, &level) in ratio.days[..end].iter().zip(&ratio.level) {
                if is_free(day) {
                    stretch.push(level);
                } else if !stretch.is_empty() {
                    stretches.push(std::mem::take(&mut stretch));
                }
            }
            stretches.push(stretch);
            // A later benchmark only speaks for the days before this one.
            until = ratio.days.first().copied().unwrap_or(until).min(until);
        }
        stretches.retain(|s| s.len() >= 2 && s.iter().any(|x| (x - s[0]).abs() > 1e-9));
        n_indices += usize::from(stretches.len() > n_before);
    }
    Ok((stretches, n_indices))
}

/// A path of one source's changes, drawn in blocks; longer sources are drawn more often.
fn resampled(
    sources: &[&Vec<f64>],
    length: usize,
    config: &AnalogueConfig,
    k: u64,
) -> Result<Vec<f64>, WarningError> {
    let mut stream = config.seed.part("analogue").stream(k);
    let total: usize = sources.iter().map(|levels| levels.len()).sum();
    let mut at = stream.random_range(0..total);
    let mut source = sources[0];
    for levels in sources {
        source = levels;
        if at < levels.len() {
            break;
        }
        at -= levels.len();
    }
    let changes: Vec<f64> = source.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let failed = |cause| WarningError::Statistic { what: "a random path", cause };
    let block = config.block_length.min(changes.len() as f64);
    let seed = config.seed.part("analogue path").part(&k.to_string());
    let plan = Bootstrap::new(Scheme::Stationary, block, length.div_ceil(changes.len()), seed)
        .map_err(failed)?;
    let drawn = plan.replicate(changes.len(), <[usize]>::to_vec).map_err(failed)?;
    let mut level = 0.0;
    let mut path = vec![0.0];
    for at in drawn.into_iter().flatten().take(length - 1) {
        level += changes[at];
        path.push(level);
    }
    Ok(path)
}
