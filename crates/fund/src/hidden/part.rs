//! Everything one fund hides.

use serde::Serialize;
use shoals_core::{Series, Text};
use shoals_stats::StatError;
use shoals_stats::bootstrap::{Bootstrap, Scheme, automatic_block_length};

use super::asymmetry::{asymmetry, tail_dependence};
use super::budget::budget;
use super::peso::peso;
use super::refusal::Refusals;
use super::smoothing::{Earned, earned};
use super::tail::{proof, tails};
use super::{
    AsymmetryRow, BudgetRow, ExposureRow, Exposures, HiddenConfig, PesoRow, ProofRow, Refusal,
    Scenario, SmoothingRow, TailDependenceRow, TailRow,
};
use crate::{FactorPeriods, FactorSet, Fund, FundError, Periods};

/// Calendar days a market's level may be older than a fund's valuation.
const TOLERANCE_DAYS: i32 = 4;

/// What a fund is held against.
#[derive(Debug, Clone, Copy)]
pub struct HiddenInput<'a> {
    /// Daily factors anyone could have earned; `cash` among them is riskless.
    pub factors: &'a FactorSet,
    /// Levels of the markets it is held beside.
    pub markets: &'a [Series],
    /// Moves that may come.
    pub scenarios: &'a [Scenario],
    /// Exposures known from elsewhere; estimated here by least squares where there are none.
    pub exposures: Option<&'a Exposures>,
}

/// What one fund hides. A table without a row for it has a line in `refused` that says why.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HiddenPart {
    /// The fund's code.
    pub fund: String,
    /// Returns told late; at most one row.
    pub smoothing: Vec<SmoothingRow>,
    /// Good and bad periods, a row a market.
    pub asymmetry: Vec<AsymmetryRow>,
    /// Worst periods together, a row a market.
    pub tail_dependence: Vec<TailDependenceRow>,
    /// Worst periods, a row a level.
    pub tail: Vec<TailRow>,
    /// Worth that options cannot feign, a row a risk aversion.
    pub mppm: Vec<ProofRow>,
    /// Exposures behind `peso`.
    pub exposures: Vec<ExposureRow>,
    /// Losses that may come, a row a scenario.
    pub peso: Vec<PesoRow>,
    /// Drawdown limits, a row a limit and basis.
    pub budget: Vec<BudgetRow>,
    /// Measures the record cannot carry.
    pub refused: Vec<Refusal>,
}

/// What a fund hides, from the periods given and nothing after them.
///
/// A measure that cannot be taken is left out with its reason. Missing: periods a market or factor has no value for are
/// left out of that measure.
///
/// # Errors
/// Settings that mean nothing.
pub fn hidden(
    fund: &Fund,
    periods: &Periods,
    given: &HiddenInput,
    config: &HiddenConfig,
) -> Result<HiddenPart, FundError> {
    config.check()?;
    let code = fund.code.as_str();
    let mut refused = Refusals { fund: code, all: Vec::new() };
    let factors = given.factors.over(periods);
    let cash = riskless(&factors.names, &factors.returns, periods, config);
    let estimate = |returns: &[f64]| match given.exposures {
        Some(known) => Ok(known.clone()),
        None => Exposures::estimate(returns, &factors, &config.cash),
    };
    let as_told = estimate(&periods.returns);
    let basket = as_told.as_ref().ok().and_then(|held| held.basket(&factors));
    let row = earned(code, periods, &cash, basket.as_deref(), config);
    let told = refused.or_told("smoothing", "", row);
    let plan = refused.or_told("tail", "", plan(periods, config));
    let mut part = HiddenPart {
        fund: code.to_owned(),
        smoothing: told.iter().map(|told| told.row.clone()).collect(),
        asymmetry: Vec::new(),
        tail_dependence: Vec::new(),
        tail: Vec::new(),
        mppm: Vec::new(),
        exposures: Vec::new(),
        peso: Vec::new(),
        budget: Vec::new(),
        refused: Vec::new(),
    };
    let held = straight(&factors, config);
    for market in given.markets {
        let change = periods.change_of(market, TOLERANCE_DAYS);
        let (name, pair) = (market.name(), (periods.returns.as_slice(), change.as_slice()));
        let row = asymmetry(code, name, pair, &held, config);
        part.asymmetry.extend(refused.or_told("asymmetry", name, row));
        if let Some(plan) = &plan {
            let row = tail_dependence(code, name, pair, plan, config);
            part.tail_dependence.extend(refused.or_told("tail_dependence", name, row));
        }
    }
    if let Some(plan) = &plan {
        let rows = tails(code, &periods.returns, &config.levels, plan, config);
        let rows = refused.or_told("tail", "", rows).unwrap_or_default();
        for (level, row) in config.levels.iter().zip(rows) {
            part.tail.extend(refused.or_told("tail", &level.to_string(), row));
        }
    }
    for &rho in &config.risk_aversions {
        let row = proof(code, periods, &cash, rho, config);
        part.mppm.extend(refused.or_told("mppm", &rho.to_string(), row));
    }
    let is_unsmoothed = told.as_ref().is_some_and(|told| told.row.is_smoothed);
    let exposures = match &told {
        Some(told) if is_unsmoothed => estimate(&told.returns),
        _ => as_told,
    };
    let exposures = refused.or_told("peso", "", exposures);
    if let Some(exposures) = &exposures {
        part.exposures = exposures.rows(code, config.z());
        for scenario in given.scenarios {
            match peso(code, scenario, exposures, is_unsmoothed, config) {
                Some(row) => part.peso.push(row),
                None => refused.tell("peso", &scenario.name, unknown_factors()),
            }
        }
    }
    part.budget = budget_rows(code, periods, told.as_ref(), &part.peso, config, &mut refused);
    part.refused = refused.all;
    Ok(part)
}

fn budget_rows(
    code: &str,
    periods: &Periods,
    told: Option<&Earned>,
    peso: &[PesoRow],
    config: &HiddenConfig,
    refused: &mut Refusals,
) -> Vec<BudgetRow> {
    let is_named = |row: &&PesoRow| {
        config.jump_scenario == HiddenConfig::WORST || row.scenario == config.jump_scenario
    };
    let jump = peso.iter().filter(is_named).map(|row| row.loss).reduce(f64::max);
    let seed = config.seed.part("budget");
    let earned = told.map(|told| told.returns.as_slice());
    let rows = budget(code, periods, earned, jump, seed, config);
    refused.or_told("budget", "", rows).unwrap_or_default()
}

fn unknown_factors() -> Text {
    Text::new("因子中没有情景所动的任何一个", "the factors hold none that the scenario moves")
}

/// The riskless return of each period; zero where the factors have none.
fn riskless(
    names: &[&'static str],
    returns: &[Vec<f64>],
    periods: &Periods,
    config: &HiddenConfig,
) -> Vec<f64> {
    match names.iter().position(|name| *name == config.cash) {
        Some(i) => returns[i].iter().map(|r| if r.is_finite() { *r } else { 0.0 }).collect(),
        None => vec![0.0; periods.len()],
    }
}

/// What a fund may hold in a straight line: every factor with a value in each period but cash and sold volatility.
fn straight<'a>(factors: &'a FactorPeriods, config: &HiddenConfig) -> Vec<&'a [f64]> {
    let each = factors.names.iter().zip(&factors.returns);
    each.filter(|(name, _)| **name != config.cash && **name != config.straddle)
        .filter(|(_, returns)| returns.iter().all(|x| x.is_finite()))
        .map(|(_, returns)| returns.as_slice())
        .collect()
}

fn plan(periods: &Periods, config: &HiddenConfig) -> Result<Bootstrap, StatError> {
    let block = automatic_block_length(&periods.returns, Scheme::Stationary)?;
    let seed = config.seed.part("hidden");
    Bootstrap::new(Scheme::Stationary, block, config.replications, seed)
}
