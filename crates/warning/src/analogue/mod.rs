//! Which episode does a path look like, and would a random path look as like one?
//!
//! The query is the log excess of an index over a benchmark. Against each episode of a library it is compared whole
//! (both scaled in time) and around the excess peak (day by day), by correlation and by banded dynamic time
//! warping ([`shoals_stats::warp`]). One look-alike proves nothing: every figure carries a permutation p-value over
//! random paths, one that pays for the whole library ([`NullKind`]), and one against the query's own changes in another
//! order: two paths that rise steadily are alike whatever they are.
//!
//! Method page: docs/method/analogue.md

mod config;
mod episode;
mod family;
mod null;
mod outcome;
mod path;
mod verdict;

use shoals_core::{Symbol, Text, TradingDay, range_in_words};
use shoals_stats::StatError;

pub use config::AnalogueConfig;
pub use episode::Episode;
pub use null::NullKind;
pub use outcome::{Aftermath, AnalogueOutcome, LeftOut, Look, Match, PathPoint, Query};

use crate::WarningError;
use family::Comparison;
use null::{Null, Taken};
use path::{Indices, MIN_DAYS, Path, Ready};

/// Trading days after a peak that are told.
const AFTER_DAYS: [usize; 3] = [60, 120, 250];

/// Compares the query with every episode the market holds; `indices` are closes by symbol.
///
/// Nothing after `config.to` is known, and an episode that was not over by the query's last day is left out, as
/// are episodes that share days with the query on its own index, and those whose index the market lacks.
///
/// # Errors
/// Illegal settings, a close that is not positive, no benchmark for the query, or a query shorter than 40 days.
pub fn analogue(
    indices: &Indices,
    config: &AnalogueConfig,
) -> Result<AnalogueOutcome, WarningError> {
    config.check()?;
    let query = query(indices, config)?;
    let (begun, ended) = (query.days[0], query.days[query.days.len() - 1]);
    let (mut held, mut left_out, mut taken) = (Vec::new(), Vec::new(), Vec::new());
    let built_in = if config.built_in { Episode::built_in() } else { &[] };
    for episode in built_in.iter().chain(&config.episode) {
        match looked_up(indices, episode, config, begun, ended)? {
            Ok((symbol, path)) => {
                taken.push(Taken { symbol, from: episode.from, to: episode.to });
                held.push((episode, symbol, path));
            }
            Err(why) => left_out.push(LeftOut { name: episode.name.clone(), why }),
        }
    }
    let ready = Ready { level: &query.level, peak: path::peak(&query.level) };
    let null = null::null(indices, &query, &taken, config)?;
    let episodes: Vec<Ready> = held.iter().map(|(e, _, path)| prepared(e, path)).collect();
    let own = null::own(&query, config)?;
    let looks = looks(&episodes, &ready, [&null, &own], config).map_err(failed)?;
    let matches = matches(&held, &episodes, &ready, &looks, config);
    let paths = points(&held, &episodes, &ready, config);
    let mut outcome = AnalogueOutcome {
        config: config.clone(),
        query: Query {
            benchmark: query.benchmark,
            from: begun,
            peak: query.days[ready.peak],
            to: ended,
            n_days: query.days.len(),
            peak_excess: (query.level[ready.peak] - query.level[0]).exp_m1(),
            last_excess: (query.level[query.level.len() - 1] - query.level[0]).exp_m1(),
        },
        null: null.kind,
        n_indices: null.n_indices,
        n_windows: null.n_windows,
        matches,
        aftermath: aftermath(indices, &held, &episodes, ended, config)?,
        paths,
        left_out,
        verdict: Text::default(),
    };
    outcome.verdict = verdict::verdict(&outcome);
    Ok(outcome)
}

/// The last days of the index the question is about.
fn query(indices: &Indices, config: &AnalogueConfig) -> Result<Path, WarningError> {
    let symbol = config.symbol;
    let Some(series) = indices.get(&symbol) else {
        let held = indices.keys().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        return Err(WarningError::NoIndex { symbol, held });
    };
    let known = series.days().partition_point(|&day| config.to.is_none_or(|to| day <= to));
    let start = known.saturating_sub(config.query_days);
    let days = series.days();
    if known == 0 {
        let (Some(&first), Some(&last)) = (days.first(), days.last()) else {
            return Err(WarningError::NoCommonDay);
        };
        let asked = range_in_words(None, config.to);
        return Err(WarningError::NothingToTell { asked, first, last });
    }
    let (from, to) = (days[start], days[known - 1]);
    let Some(path) = path::path(indices, symbol, config, Some(from), Some(to))? else {
        let benchmarks = config.benchmarks.iter().map(ToString::to_string).collect::<Vec<_>>();
        return Err(WarningError::NoBenchmark {
            symbol,
            from,
            to,
            benchmarks: benchmarks.join(", "),
        });
    };
    if path.days.len() < MIN_DAYS {
        let (needed, found) = (MIN_DAYS, path.days.len());
        return Err(WarningError::TooShort { needed, found, first: from, last: to });
    }
    Ok(path)
}

/// The episode's path, or why it is left out.
fn looked_up(
    indices: &Indices,
    episode: &Episode,
    config: &AnalogueConfig,
    begun: TradingDay,
    ended: TradingDay,
) -> Result<Result<(Symbol, Path), Text>, WarningError> {
    let Some(&symbol) = episode.symbols.iter().find(|symbol| indices.contains_key(symbol)) else {
        let names = episode.symbols.iter().map(ToString::to_string).collect::<Vec<_>>();
        let (zh, en) = (names.join(" 或 "), names.join(" or "));
        return Ok(Err(Text::new(
            format!("市场没有 {zh}；导入其收盘价后再比"),
            format!("the market holds no {en}; import its closes to compare"),
        )));
    };
    let (from, to) = (episode.from, episode.to);
    if symbol == config.symbol && from <= ended && begun <= to {
        return Ok(Err(Text::new(
            format!("与所问路径是同一指数 {symbol} 的同一段日子"),
            format!("it is the same index, {symbol}, on days of the query itself"),
        )));
    }
    if to > ended {
        return Ok(Err(Text::new(
            format!("{ended} 时尚未结束（{to}）"),
            format!("it was not over on {ended} (it ends on {to})"),
        )));
    }
    let found = path::path(indices, symbol, config, Some(from), Some(to))?;
    let is_whole = |path: &Path| {
        let late = from.calendar_days_until(path.days[0]);
        let early = path.days[path.days.len() - 1].calendar_days_until(to);
        late <= 31 && early <= 31 && path.days.len() >= MIN_DAYS
    };
    Ok(found.filter(is_whole).map(|path| (symbol, path)).ok_or_else(|| {
        Text::new(
            format!("{symbol} 与基准在 {from} 至 {to} 之间的收盘价不全"),
            format!("{symbol} and a benchmark do not both have closes from {from} to {to}"),
        )
    }))
}

/// The episode's path with its peak: the day it names, else the highest excess.
fn prepared<'a>(episode: &Episode, path: &'a Path) -> Ready<'a> {
    let named = episode.peak.map(|peak| path.days.partition_point(|&day| day <= peak).max(1) - 1);
    Ready { level: &path.level, peak: named.unwrap_or_else(|| path::peak(&path.level)) }
}

type Held<'a> = (&'a Episode, Symbol, Path);

/// One way to lay the query on an episode: how alike, and what chance gives.
struct Looked {
    look: Look,
    found: Option<path::Likeness>,
    /// Of correlation and distance: the p-value and the family-wise one.
    p: [[f64; 2]; 2],
    /// Family-wise, against the query's own changes in another order.
    own_p: [f64; 2],
}

/// Every look at every episode, in the order of the library.
fn looks(
    episodes: &[Ready],
    query: &Ready,
    nulls: [&Null; 2],
    config: &AnalogueConfig,
) -> Result<Vec<Looked>, StatError> {
    let looks: Vec<(Look, &Ready)> =
        episodes.iter().flat_map(|episode| Look::ALL.map(|look| (look, episode))).collect();
    let alike = |look: Look, path: &Ready, episode: &Ready| match look {
        Look::Whole => path::whole(path, episode, config),
        Look::AroundPeak => path::around_peak(path, episode, config),
    };
    let found = looks
        .iter()
        .map(|(look, episode)| alike(*look, query, episode))
        .collect::<Result<Vec<_>, _>>()?;
    let p_values = |null: &Null| -> Result<Vec<[f64; 2]>, StatError> {
        let ready = |level| Ready { level, peak: path::peak(level) };
        let randoms: Vec<Ready> = null.paths.iter().map(|path| ready(path.as_slice())).collect();
        let mut comparisons = Vec::new();
        for ((look, episode), found) in looks.iter().zip(&found) {
            let drawn = randoms
                .iter()
                .map(|random| alike(*look, random, episode))
                .collect::<Result<Vec<_>, _>>()?;
            let of = |value: fn(&path::Likeness) -> f64| Comparison {
                observed: found.as_ref().map_or(f64::NAN, value),
                drawn: drawn.iter().map(|r| r.as_ref().map_or(f64::NAN, value)).collect(),
            };
            comparisons.extend([of(|l| l.correlation), of(|l| -l.distance)]);
        }
        Ok(family::p_values(&comparisons))
    };
    let (p, own) = (p_values(nulls[0])?, p_values(nulls[1])?);
    let rows = looks.iter().zip(found).zip(p.chunks_exact(2).zip(own.chunks_exact(2)));
    Ok(rows
        .map(|(((look, _), found), (p, own))| Looked {
            look: *look,
            found,
            p: [p[0], p[1]],
            own_p: [own[0][1], own[1][1]],
        })
        .collect())
}

/// The looks, each with the episode it was at.
fn matches(
    held: &[Held],
    episodes: &[Ready],
    query: &Ready,
    looks: &[Looked],
    config: &AnalogueConfig,
) -> Vec<Match> {
    let row = |(i, looked): (usize, &Looked)| {
        let at = i / Look::ALL.len();
        let ((episode, symbol, path), ready) = (&held[at], &episodes[at]);
        let (days_before, days_after) = match looked.look {
            Look::Whole => (ready.peak, path.days.len() - 1 - ready.peak),
            Look::AroundPeak => path::reach(query, ready, config),
        };
        let Looked { look, found, p, own_p } = looked;
        Match {
            episode: episode.name.clone(),
            title: episode.title(),
            symbol: *symbol,
            benchmark: path.benchmark,
            from: path.days[0],
            peak: path.days[ready.peak],
            to: path.days[path.days.len() - 1],
            look: *look,
            days_before,
            days_after,
            correlation: found.map_or(f64::NAN, |l| l.correlation),
            correlation_p: p[0][0],
            correlation_family_p: p[0][1],
            correlation_own_p: own_p[0],
            distance: found.map_or(f64::NAN, |l| l.distance),
            distance_p: p[1][0],
            distance_family_p: p[1][1],
            distance_own_p: own_p[1],
        }
    };
    looks.iter().enumerate().map(row).collect()
}

/// What followed each episode's peak, as far as it is known on the query's last day.
fn aftermath(
    indices: &Indices,
    held: &[Held],
    episodes: &[Ready],
    ended: TradingDay,
    config: &AnalogueConfig,
) -> Result<Vec<Aftermath>, WarningError> {
    let mut rows = Vec::new();
    for ((episode, symbol, path), ready) in held.iter().zip(episodes) {
        let peak = path.days[ready.peak];
        // Past the episode's own end, over the same benchmark.
        let pair = [symbol, &path.benchmark].map(|symbol| indices.get(symbol));
        let [Some(index), Some(benchmark)] = pair else { continue };
        let known = crate::rotation::log_ratio(index, benchmark, config.to.or(Some(ended)))?;
        let at = known.days.partition_point(|&day| day < peak);
        let close = |i: usize| index.at(known.days[i]).unwrap_or(f64::NAN);
        for days in AFTER_DAYS {
            let end = at + days;
            let is_known = end < known.days.len();
            let upto = &known.level[at..=end.min(known.days.len() - 1)];
            let worst = upto.iter().copied().fold(f64::INFINITY, f64::min) - known.level[at];
            let told = |x: f64| if is_known { x } else { f64::NAN };
            rows.push(Aftermath {
                episode: episode.name.clone(),
                title: episode.title(),
                peak,
                days,
                excess: told(
                    known.level.get(end).map_or(f64::NAN, |x| x - known.level[at]).exp_m1(),
                ),
                index_return: told(if is_known { close(end) / close(at) - 1.0 } else { f64::NAN }),
                worst_excess: told(worst.exp_m1()),
            });
        }
    }
    Ok(rows)
}

/// The paths around their peaks, for the eye.
fn points(
    held: &[Held],
    episodes: &[Ready],
    query: &Ready,
    config: &AnalogueConfig,
) -> Vec<PathPoint> {
    let of = |name: &str, title: Text, path: &Ready| -> Vec<PathPoint> {
        let from = path.peak.saturating_sub(config.peak_days);
        let to = (path.peak + config.peak_days).min(path.level.len() - 1);
        (from..=to)
            .map(|at| PathPoint {
                name: name.to_owned(),
                title: title.clone(),
                days_from_peak: at as i64 - path.peak as i64,
                excess: (path.level[at] - path.level[path.peak]).exp_m1(),
            })
            .collect()
    };
    let symbol = config.symbol.to_string();
    let mut points = of("query", Text::same(symbol), query);
    for ((episode, _, _), ready) in held.iter().zip(episodes) {
        points.extend(of(&episode.name, episode.title(), ready));
    }
    points
}

fn failed(cause: StatError) -> WarningError {
    WarningError::Statistic { what: "the likeness of two paths", cause }
}
