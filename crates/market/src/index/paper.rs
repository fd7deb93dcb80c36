//! The index as a publisher computes it: every name filled at the close it is chosen at, at no cost.

use std::mem;

use serde::Serialize;
use shoals_core::TradingDay;

use super::basket::Basket;
use super::selection::MarketCapRows;
use super::{Membership, MicroCapConfig};
use crate::MarketError;
use crate::universe::StockMarket;

/// One day of a paper index.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct IndexDay {
    /// Exchange day.
    pub date: TradingDay,
    /// Simple decimal return since the day before; NaN on the first day.
    #[serde(rename = "return")]
    pub index_return: f64,
    /// Value of one yuan put in at the first close.
    pub nav: f64,
    /// One-way turnover at this close, half the sum of weight changes against drifted weights; 0 without
    /// rebalancing, NaN on the first day.
    pub turnover: f64,
    /// Share of the members that were not members before; 0 without rebalancing, NaN on the first day.
    pub new_share: f64,
    /// Names held after this close.
    pub n_members: usize,
    /// Names that had no price today and stayed at their last one.
    pub n_frozen: usize,
}

/// The paper index of these members, from the first day that has any.
///
/// A name is bought and sold at the close of the day of rebalancing, even when sealed at a limit. One
/// without a price stays at its last price; when it is no longer eligible at a rebalancing it leaves at
/// that price, so what it is worth on reopening is never seen.
///
/// # Errors
/// No capitalisation column, or no day with members.
pub fn paper_index(
    market: &StockMarket,
    membership: &Membership,
    config: &MicroCapConfig,
) -> Result<Vec<IndexDay>, MarketError> {
    let caps = MarketCapRows::of(market, config.market_cap)?;
    let (prices, width) = (market.adjusted_close(), market.symbols().len());
    let mut index = Paper {
        basket: Basket::default(),
        next: Basket::default(),
        drifted: vec![0.0; width],
        nav: 1.0,
    };
    let first = membership.first_day_index()?;
    let day = |t: usize| {
        let prices = &prices[t * width..(t + 1) * width];
        let members = membership.chosen_on(t);
        let (index_return, n_frozen) = index.mark(prices);
        let (turnover, new_share) = members
            .map_or((0.0, 0.0), |members| index.rebalance(members, config, caps.row(t), prices));
        IndexDay {
            date: market.days()[t],
            index_return,
            nav: index.nav,
            turnover,
            new_share,
            n_members: index.basket.holdings().len(),
            n_frozen,
        }
    };
    Ok((first..market.days().len()).map(day).collect())
}

struct Paper {
    basket: Basket,
    next: Basket,
    /// Scratch, one a symbol, zero between uses: the weight each name has drifted to.
    drifted: Vec<f64>,
    nav: f64,
}

impl Paper {
    fn mark(&mut self, prices: &[f64]) -> (f64, usize) {
        if self.basket.holdings().is_empty() {
            return (f64::NAN, 0);
        }
        let before = self.nav;
        let n_frozen = self.basket.mark(prices);
        self.nav = self.basket.value();
        (self.nav / before - 1.0, n_frozen)
    }

    /// Sets the new members; gives turnover and the share of new names.
    fn rebalance(
        &mut self,
        members: &[u32],
        config: &MicroCapConfig,
        caps: &[f64],
        prices: &[f64],
    ) -> (f64, f64) {
        self.next.set(members, config.weighting, caps, prices, self.nav);
        for held in self.basket.holdings() {
            self.drifted[held.symbol as usize] = held.value / self.nav;
        }
        let (mut moved, mut n_new) = (0.0, 0);
        for held in self.next.holdings() {
            let before = mem::take(&mut self.drifted[held.symbol as usize]);
            moved += (held.value / self.nav - before).abs();
            n_new += usize::from(before == 0.0);
        }
        // What is left are the weights of those who leave.
        for held in self.basket.holdings() {
            moved += mem::take(&mut self.drifted[held.symbol as usize]);
        }
        mem::swap(&mut self.basket, &mut self.next);
        if self.next.holdings().is_empty() {
            return (f64::NAN, f64::NAN);
        }
        (moved / 2.0, n_new as f64 / members.len() as f64)
    }
}
