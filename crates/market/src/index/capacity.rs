//! How much money can follow the index: the same ledger, run with more and more assets.

use rayon::prelude::*;
use serde::Serialize;
use shoals_core::Rules;
use shoals_stats::StatError;
use shoals_stats::performance::annualised_return;

use super::{Implementation, IndexDay, LedgerDay, Membership, MicroCapConfig, implementable_index};
use crate::MarketError;
use crate::universe::{StockMarket, Tradability};

/// Trading days a year, for annualising.
pub(super) const DAYS_A_YEAR: f64 = 242.0;

/// What the index left to a follower of one size.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CapacityPoint {
    /// Assets at the start, CNY.
    pub assets: f64,
    /// Geometric annual return after costs.
    pub annual_return: f64,
    /// Annual return of the paper index over the same days less this one: what following cost.
    pub shortfall: f64,
    /// Costs paid, a fraction of mean nav a year.
    pub annual_cost: f64,
    /// The part of them that was paid for moving prices.
    pub annual_impact: f64,
    /// One-way turnover a year.
    pub annual_turnover: f64,
    /// Mean share of nav in orders that waited after the close.
    pub mean_unfilled: f64,
    /// Mean share of nav in cash.
    pub mean_cash: f64,
}

/// The capacity curve: one ledger for every amount of `capacity_assets`, in their order.
///
/// # Errors
/// As [`implementable_index`]; fewer than two days.
pub fn capacity_curve(
    market: &StockMarket,
    tradability: &Tradability,
    membership: &Membership,
    paper: &[IndexDay],
    config: &MicroCapConfig,
    rules: &Rules,
) -> Result<Vec<CapacityPoint>, MarketError> {
    let point = |&assets: &f64| {
        let implementation = Implementation { assets, ..config.implementation };
        let days =
            implementable_index(market, tradability, membership, config, &implementation, rules)?;
        capacity_point(assets, &days, paper)
    };
    config.capacity_assets.par_iter().map(point).collect()
}

fn capacity_point(
    assets: f64,
    days: &[LedgerDay],
    paper: &[IndexDay],
) -> Result<CapacityPoint, MarketError> {
    let annual = |returns: Vec<f64>| annualised_return(&returns, DAYS_A_YEAR).map_err(no_return);
    let annual_return = annual(days.iter().map(|d| d.net_return).collect())?;
    let of_paper = annual(paper.iter().map(|d| d.index_return).collect())?;
    let mean = |of: fn(&LedgerDay) -> f64| days.iter().map(of).sum::<f64>() / days.len() as f64;
    let cost = mean(|d| d.commission + d.stamp_duty + d.slippage + d.impact);
    let turned: f64 = days.iter().map(|d| d.turnover).filter(|turnover| !turnover.is_nan()).sum();
    Ok(CapacityPoint {
        assets,
        annual_return,
        shortfall: of_paper - annual_return,
        annual_cost: cost / mean(|d| d.nav) * DAYS_A_YEAR,
        annual_impact: mean(|d| d.impact) / mean(|d| d.nav) * DAYS_A_YEAR,
        annual_turnover: turned / days.len() as f64 * DAYS_A_YEAR,
        mean_unfilled: mean(|d| d.unfilled),
        mean_cash: mean(|d| d.cash / d.nav),
    })
}

fn no_return(cause: StatError) -> MarketError {
    MarketError::Statistic { what: "the annual return of the index", cause }
}
