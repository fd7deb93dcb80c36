//! Ranks every day's cross-section against the returns that follow.
//!
//! `RankIC_h(t)` is Spearman's correlation of factor and forward return `price(t+h) / price(t) - 1`
//! over the valid stocks of day `t`, ties at their average rank; inside a bucket both are ranked
//! again among its stocks. With `r0` strictly smaller values among `n`, a stock's quantile of `k` is
//! `max(1, ceil(k r0 / (n - 1)))`: right-closed, linearly interpolated edges in exact arithmetic.
//! Source: Grinold and Kahn (2000); Qian, Hua and Sorensen (2007).
//!
//! Ranks are doubled integers and their sums exact, so no correlation depends on the order of a sum.
//! One sort a day for the factor and one a horizon serve the market and every bucket.

mod bucket;
mod candidates;
mod config;
mod cross_section;
mod forward;
mod membership;
mod outcome;
mod rank_walk;
mod standing;

pub use config::{Correlation, EvaluationConfig, Sort};
pub use membership::{Membership, NewNames, membership};
pub use outcome::Evaluation;

use rayon::prelude::*;

use super::FactorPanel;
use crate::MarketError;
use cross_section::CrossSection;

/// Days a task evaluates in a row. Fixed, so that no result depends on the number of threads.
const DAYS_PER_TASK: usize = 64;

/// Evaluates a factor day by day.
///
/// Missing: see [`FactorPanel`]; a day or bucket with fewer than two stocks, or whose ranks do not
/// vary, has a NaN correlation, and an empty quantile a NaN mean. A row counts only when it has the
/// returns of *all* horizons, as in alphalens; for other samples evaluate one horizon at a time.
///
/// # Errors
/// No day with a forward return at the longest horizon.
pub fn evaluate(panel: &FactorPanel, config: &EvaluationConfig) -> Result<Evaluation, MarketError> {
    let n_days = panel.days.len();
    let longest = config.longest_horizon();
    if n_days <= longest {
        return Err(MarketError::SettingOutOfRange {
            field: "horizons",
            found: longest as f64,
            expected: "fewer days than the panel has",
        });
    }
    // Long tasks where many days must be ranked again before the first.
    let length = DAYS_PER_TASK.max(4 * config.longest_lag());
    let starts: Vec<usize> = (0..n_days).step_by(length).collect();
    let parts: Vec<Evaluation> = starts
        .into_par_iter()
        .map_init(
            || CrossSection::new(panel, config, config.horizons()),
            |section, start| task(section, panel, config, start..n_days.min(start + length)),
        )
        .collect();
    Ok(Evaluation::join(panel, config, parts))
}

/// Evaluates some days; the ones before them are ranked again for turnover.
fn task(
    section: &mut CrossSection,
    panel: &FactorPanel,
    config: &EvaluationConfig,
    days: std::ops::Range<usize>,
) -> Evaluation {
    let mut part = Evaluation::empty(panel, config, days.len());
    for day in days.start.saturating_sub(config.longest_lag())..days.start {
        section.rank(day);
    }
    for day in days {
        section.rank(day);
        section.record_ranks(&mut part);
        section.record_returns(day, &mut part);
        section.record_standings(day, &mut part);
    }
    part
}
