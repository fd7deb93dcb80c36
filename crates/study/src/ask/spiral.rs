//! The storm run through, beside what this market did, and what levers would have changed.

use shoals_core::{Seed, Segment, Text};
use shoals_spiral::SpiralError;
use shoals_spiral::china_2024;
use shoals_spiral::counterfactual::{CounterfactualOutcome, counterfactual};
use shoals_spiral::lever::Lever;
use shoals_spiral::market::Product;
use shoals_spiral::monte_carlo::Paths;
use shoals_spiral::replay::{ReplayConfig, Seen, SpiralOutcome, replay};
use shoals_spiral::scenario_file::Episode;

use crate::config::SpiralConfig;
use crate::{MarketView, StudyError};

/// Runs the episode beside what the market did on its days.
///
/// # Errors
/// An episode the library does not have.
pub fn spiral(
    view: &MarketView,
    config: &SpiralConfig,
    seed: Seed,
) -> Result<SpiralOutcome, StudyError> {
    let episode = Episode::named(&config.episode)?;
    let config = ReplayConfig {
        paths: config.paths,
        share_paths: config.share_paths,
        seed,
        ..ReplayConfig::default()
    };
    Ok(replay(&episode, &seen(view, &episode).unwrap_or_default(), config)?)
}

/// Pulls the usual levers on the episode.
///
/// # Errors
/// An episode the library does not have, or no path.
pub fn levers(config: &SpiralConfig, seed: Seed) -> Result<CounterfactualOutcome, StudyError> {
    let episode = Episode::named(&config.episode)?;
    let paths = Paths { n: config.lever_paths, seed, ..Paths::default() };
    let levers = Lever::usual(&episode.scenario);
    Ok(counterfactual(&episode.name, episode.scenarios(), &levers, paths)?)
}

/// What the market did on the days of an episode.
///
/// # Errors
/// Why nothing is put beside it: the market has no closes on its days, or another history: on an anchored day its CSI 300
/// did something else.
pub fn seen(view: &MarketView, episode: &Episode) -> Result<Seen, Text> {
    let none = || {
        Text::new(
            "市场没有这些日子的五个分段指数收盘，数据列为空",
            "the market has no closes of the five segments' indices on these days; the data column is empty",
        )
    };
    let indices: Option<Vec<_>> =
        Segment::ALL.iter().map(|segment| view.indices.get(&segment.symbol())).collect();
    let (Some(indices), Some((first, last))) =
        (indices, episode.dates.first().zip(episode.dates.last()))
    else {
        return Err(none());
    };
    // The close before the first day is the start.
    let before = indices[0].days().iter().rev().find(|day| *day < first);
    let days = before.into_iter().chain(&episode.dates);
    let close = |day: &shoals_core::TradingDay| {
        let closes: Option<Vec<f64>> = indices.iter().map(|index| index.at(*day)).collect();
        Some((*day, <[f64; 5]>::try_from(closes?).ok()?))
    };
    let closes: Vec<_> = days.filter_map(close).collect();
    if closes.len() < 2 {
        return Err(none());
    }
    for pair in closes.windows(2) {
        let place = episode.dates.iter().position(|day| *day == pair[1].0);
        let Some(day) = place.map(|place| &episode.scenario.days[place]) else { continue };
        let did = pair[1].1[4] / pair[0].1[4] - 1.0;
        if day.is_anchored && (did - day.factor).abs() > 1e-4 {
            return Err(Text::new(
                format!(
                    "本市场沪深300 在 {} 的涨跌与该情景不同，不是同一段历史，数据列为空",
                    pair[1].0
                ),
                format!(
                    "this market's CSI 300 did something else on {}: another history, and the data column is empty",
                    pair[1].0
                ),
            ));
        }
    }
    let futures = view.futures.iter().filter(|market| {
        Product::ALL.iter().any(|product| product.code() == market.product.code())
    });
    let basis = futures.flat_map(|market| {
        market.contracts.iter().flat_map(move |contract| {
            contract.days.iter().zip(&contract.close).filter_map(move |(day, close)| {
                let spot = market.spot.at(*day)?;
                (day >= first && day <= last).then_some((
                    contract.contract,
                    *day,
                    close / spot - 1.0,
                ))
            })
        })
    });
    Ok(Seen { basis: basis.collect(), closes })
}

/// The storm of 2024 with the closes of this market.
///
/// # Errors
/// When one is missing.
pub fn storm(view: &MarketView) -> Result<china_2024::Storm, StudyError> {
    let episode = Episode::named("china_2024")?;
    let seen = seen(view, &episode).map_err(|why| SpiralError::File { reason: why.en })?;
    Ok(china_2024::storm(&seen.closes)?)
}
