//! Had small companies run away from large ones, and how far from usual was their lead?
//!
//! The logarithm of the ratio of two indices is a wealth of the spread that small-company books live on. It is tested
//! for explosive growth (Phillips, Shi and Yu 2015), day by day with what was known then, against two kinds of markets
//! without a bubble: random walks, and the ratio's own changes with random signs (wild bootstrap), which knows quiet
//! from stormy times. Beside it stands how extreme the lead is: its percentile among all earlier days, its distance to
//! a moving average, and the tail of the daily changes. When asked, the log-periodic power law is fitted to many windows, and
//! the share of them that look like a bubble is told beside the share that chance gives.
//!
//! Method page: docs/method/bubble.md

mod config;
mod extremity;
mod outcome;
mod power_law;
mod ratio;
mod test;

use shoals_core::Series;

pub use config::BubbleConfig;
pub use extremity::{Extremity, Tail};
pub use outcome::{BubbleOutcome, RatioOutcome};
pub use power_law::{
    AgainstChance, PowerLaw, PowerLawChance, PowerLawConfig, PowerLawDay, PowerLawSeries,
};
pub use test::{BubbleDay, BubbleEpisode, NullKind, Statistics};

use crate::WarningError;

/// A ratio to test: the first index over the second.
#[derive(Debug, Clone)]
pub struct Pair {
    /// Stable name in tables, as `micro_all`.
    pub name: String,
    /// Close of the index above the line.
    pub above: Series,
    /// Close of the index below the line.
    pub below: Series,
}

/// Tests every ratio, in the given order.
///
/// Days are matched by date: a day counts when both indices have a close.
///
/// # Errors
/// Illegal settings, no pair, a close that is not positive, or fewer common days than the shortest window.
pub fn bubble(pairs: &[Pair], config: &BubbleConfig) -> Result<BubbleOutcome, WarningError> {
    config.check()?;
    let ratios = pairs.iter().map(|pair| {
        let ratio = ratio::LogRatio::align(pair, config)?;
        let tested = test::test(&ratio, config)?;
        Ok(RatioOutcome {
            ratio: pair.name.clone(),
            above: pair.above.name().to_owned(),
            below: pair.below.name().to_owned(),
            statistics: tested.statistics,
            days: tested.days,
            episodes: tested.episodes,
            extremity: extremity::extremity(&ratio, config)?,
            tail: extremity::tail(&ratio, config)?,
            power_law: power_law::power_law(&ratio, &pair.name, config)?,
        })
    });
    let ratios = ratios.collect::<Result<Vec<_>, WarningError>>()?;
    if ratios.is_empty() {
        return Err(WarningError::NoRatio);
    }
    Ok(BubbleOutcome { config: *config, ratios })
}
