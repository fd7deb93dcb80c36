//! Do small or large companies lead, for how long yet, and did anybody who said so turn out right?
//!
//! The log ratio of a small-cap to a large-cap index changes by a mean and a spread that depend on a regime nobody
//! sees (Hamilton 1989, [`shoals_stats::regime`]). The model is refitted on an expanding past; the outlook of a
//! day is its *filtered* probability, and the record scores it on what came next beside naive rivals. Smoothed
//! probabilities use later days and are nowhere in this outcome. Breaks of the mean (Bai and Perron 1998) and
//! cumulated residuals tell the history in sample and say so.
//!
//! Method page: docs/method/rotation.md

mod change;
mod config;
mod outcome;
mod ratio;
mod record;
mod rule;
mod verdict;
mod walk;

use shoals_core::Series;

pub use change::{BreakCount, CusumDay, CusumTest, RatioBreak};
pub use config::RotationConfig;
pub use outcome::{AsOf, RotationOutcome};
pub(crate) use ratio::log_ratio;
pub use record::{Decision, RuleRecord, Skill};
pub use rule::Rule;
pub use walk::{FittedRegime, RotationDay};

use crate::WarningError;
use ratio::Ratio;
use rule::Rule as Choice;
use walk::Walk;

/// Reads the rotation between `small` and `large`: closes, matched by date.
///
/// # Errors
/// Illegal settings, a close that is not positive, no common day, a record shorter than the first model and one
/// horizon, or days asked about that the record does not reach.
pub fn rotation(
    small: &Series,
    large: &Series,
    config: &RotationConfig,
) -> Result<RotationOutcome, WarningError> {
    config.check()?;
    let ratio = Ratio::of(small, large, config)?;
    let walk = walk::walk(&ratio, config)?;
    let decisions = record::decisions(&ratio, &walk, config);
    let (records, skill) = record::score(&decisions, config)?.unzip();
    let changes = change::changes(&ratio, config)?;
    let (as_of, not_known) = as_of(&ratio, &walk, config);
    let mut outcome = RotationOutcome {
        config: config.clone(),
        names: [small.name().to_owned(), large.name().to_owned()],
        n_changes: ratio.changes.len(),
        first: ratio.days[0],
        as_of,
        not_known,
        days: walk.days.into_iter().filter(|day| config.tells(day.date)).collect(),
        models: walk.models,
        decisions,
        records: records.unwrap_or_default(),
        skill,
        breaks: changes.breaks,
        break_counts: changes.counts,
        cusum: changes.cusum,
        cusum_tests: changes.tests,
        verdict: shoals_core::Text::default(),
    };
    outcome.verdict = verdict::verdict(&outcome);
    Ok(outcome)
}

/// The days asked for by themselves, as they stood, and those the walk does not reach.
fn as_of(
    ratio: &Ratio,
    walk: &Walk,
    config: &RotationConfig,
) -> (Vec<AsOf>, Vec<shoals_core::TradingDay>) {
    let last = ratio.days[ratio.n() - 1];
    let (mut told, mut not_known) = (Vec::new(), Vec::new());
    for &asked in &config.as_of {
        let at = ratio.position_as_of(asked).filter(|&at| at >= walk.first && asked <= last);
        let Some(at) = at else {
            not_known.push(asked);
            continue;
        };
        let day = walk.days[at - walk.first];
        let model = walk.model_of[at - walk.first] * config.n_regimes;
        let regimes = &walk.models[model..model + config.n_regimes];
        let is_small = |rule: Choice| rule.is_small(at, ratio, walk, config);
        let small = regimes[config.n_regimes - 1];
        let large = regimes[0];
        told.push(AsOf {
            asked,
            date: day.date,
            fitted_on: small.date,
            probability_small: day.probability_small,
            probability_lead: day.probability_lead,
            expected_lead: day.expected_lead,
            deviation: day.deviation,
            small_duration: small.expected_duration,
            small_half_life: small.half_life,
            large_duration: large.expected_duration,
            large_half_life: large.half_life,
            outlook_small: is_small(Choice::Outlook),
            momentum_small: is_small(Choice::Momentum),
            moving_average_small: is_small(Choice::MovingAverage),
            came_after: ratio.lead(at, config.horizon_days),
        });
    }
    (told, not_known)
}
