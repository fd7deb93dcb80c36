//! How likely a drawdown limit breaks.

use serde::Serialize;
use shoals_core::Seed;
use shoals_stats::StatError;
use shoals_stats::bootstrap::{Scheme, automatic_block_length};
use shoals_stats::breach::{Jump, PathPlan, breach_probability};

use super::HiddenConfig;
use crate::Periods;

/// Which returns a budget stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BudgetBasis {
    /// As told.
    Told,
    /// As earned by the smoothing model; as told where it finds none.
    Earned,
    /// As earned, and the peso loss at the stated frequency.
    WithJump,
}

impl BudgetBasis {
    /// Its name in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Told => "told",
            Self::Earned => "earned",
            Self::WithJump => "with_jump",
        }
    }
}

/// Probability that a limit breaks within the horizon.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BudgetRow {
    /// The fund's code.
    pub fund: String,
    /// Drawdown, positive decimal.
    pub limit: f64,
    /// Which returns.
    pub basis: BudgetBasis,
    /// Periods ahead.
    pub horizon: usize,
    /// Mean block of the paths, periods.
    pub block: f64,
    /// Probability that the drawdown reaches the limit.
    pub probability: f64,
    /// Lower end of its band over resampled pasts.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

pub(super) fn budget(
    fund: &str,
    periods: &Periods,
    earned: Option<&[f64]>,
    jump_loss: Option<f64>,
    seed: Seed,
    config: &HiddenConfig,
) -> Result<Vec<BudgetRow>, StatError> {
    let told = periods.returns.as_slice();
    let earned = earned.unwrap_or(told);
    let horizon = (config.horizon_years * periods.per_year).round().max(1.0) as usize;
    let block_length = automatic_block_length(told, Scheme::Stationary)?;
    let jump = jump_loss.filter(|loss| 0.0 < *loss && *loss < 1.0).map(|loss| Jump {
        loss,
        probability: -(-config.jump_frequency / periods.per_year).exp_m1(),
    });
    let mut versions = vec![(told, None), (earned, None)];
    let mut bases = vec![BudgetBasis::Told, BudgetBasis::Earned];
    if jump.is_some() {
        versions.push((earned, jump));
        bases.push(BudgetBasis::WithJump);
    }
    let plan = PathPlan {
        horizon,
        block_length,
        paths: config.replications,
        pasts: config.pasts,
        paths_each: config.paths_each,
        tail_probability: config.tail_probability,
        seed,
    };
    let limits = &config.drawdown_limits;
    let read = breach_probability(&versions, limits, &plan)?;
    let rows = bases.iter().zip(read).flat_map(|(&basis, row)| {
        limits.iter().zip(row).map(move |(&limit, breach)| BudgetRow {
            fund: fund.to_owned(),
            limit,
            basis,
            horizon,
            block: block_length,
            probability: breach.probability,
            low: breach.low,
            high: breach.high,
        })
    });
    Ok(rows.collect())
}
