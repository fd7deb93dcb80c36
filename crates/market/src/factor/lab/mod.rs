//! One factor from its panel to tables: does it pay, where among the sizes, since when no longer?

mod config;
mod decline;
mod outcome;

pub use config::LabConfig;
pub use decline::Decline;
pub use outcome::{FactorOutcome, PeriodSummary, Sheet};

use super::evaluate::{Evaluation, evaluate, membership};
use super::portfolio::{Portfolio, hold};
use super::summary::summarise;
use super::{FactorPanel, Membership};
use crate::MarketError;

/// Evaluates a factor, tests it in every bucket and period, and holds its extreme quantiles.
///
/// `buckets` names the panel's buckets, smallest first, for the tables.
///
/// # Errors
/// As [`evaluate`]; names that are not one a bucket.
pub fn lab(
    name: &str,
    panel: &FactorPanel,
    buckets: &[String],
    config: &LabConfig,
) -> Result<FactorOutcome, MarketError> {
    if buckets.len() != panel.buckets.count() {
        return Err(MarketError::SettingOutOfRange {
            field: "buckets",
            found: buckets.len() as f64,
            expected: "one name a bucket of the panel",
        });
    }
    let evaluation = evaluate(panel, &config.evaluation)?;
    let members = membership(panel, &config.evaluation);
    let sheets = (0..evaluation.n_groups)
        .map(|group| sheet(panel, &evaluation, &members, group, config))
        .collect::<Result<_, _>>()?;
    let groups = std::iter::once("market".to_owned()).chain(buckets.iter().cloned()).collect();
    Ok(FactorOutcome {
        factor: name.to_owned(),
        config: config.clone(),
        groups,
        periods: period_summaries(&evaluation, config),
        declines: decline::declines(&evaluation, config),
        sheets,
        new_names: members.new_names(
            panel.n_stocks,
            evaluation.n_groups,
            evaluation.n_quantiles,
            config.evaluation.lags(),
        ),
        evaluation,
    })
}

/// What the top and the bottom quantile of a group earned when held.
fn sheet(
    panel: &FactorPanel,
    evaluation: &Evaluation,
    members: &Membership,
    group: usize,
    config: &LabConfig,
) -> Result<Sheet, MarketError> {
    let held = |quantile: usize| -> Result<Portfolio, MarketError> {
        let is_member = members.of(group, quantile);
        hold(panel, &is_member, None, &config.holding)
    };
    let (bottom, top) = (held(1)?, held(evaluation.n_quantiles)?);
    let gross_nav = config.long_short.nav(&top.gross_return, &bottom.gross_return);
    let net_nav = config.long_short.nav(&top.net_return, &bottom.owed_return());
    Ok(Sheet { bottom, top, gross_nav, net_nav })
}

/// The whole and each period, by horizon and group; spans with too few days are left out.
fn period_summaries(evaluation: &Evaluation, config: &LabConfig) -> Vec<PeriodSummary> {
    let mut summaries = Vec::new();
    for (h, &horizon) in evaluation.horizons.iter().enumerate() {
        for group in 0..evaluation.n_groups {
            let add = |period: Option<String>, series: &[f64]| {
                let summary = summarise(series, horizon, &config.testing).ok()?;
                Some(PeriodSummary { period, horizon, group, summary })
            };
            let whole: Vec<f64> = evaluation.rank_ic(group, h).collect();
            summaries.extend(add(None, &whole));
            for period in &config.periods {
                let part: Vec<f64> =
                    period.select(&evaluation.days, whole.iter().copied()).collect();
                summaries.extend(add(Some(period.name().to_owned()), &part));
            }
        }
    }
    summaries
}
