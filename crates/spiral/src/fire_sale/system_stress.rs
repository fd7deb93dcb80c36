//! A system of leveraged banks after a shock: those short of their buffer sell back to their target, the price
//! falls, the insolvent liquidate, and so on until it stops.
//!
//! After Cont and Schaanning, "Fire sales, indirect contagion and systemic stress testing" (2017), in the
//! simplified form of Farmer, Kleinnijenhuis, Nahai-Williamson and Wetzer, "Foundations of system-wide stress
//! testing" (2020). Leverage here is equity over assets.

use serde::Serialize;

use crate::SpiralError;
use crate::error::{require, require_length};

/// A bank's balance sheet, in any one unit of money.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BalanceSheet {
    /// Cash; pays off loans first.
    pub cash: f64,
    /// Value held of each tradable class before the shock.
    pub tradable: Vec<f64>,
    /// What cannot be sold.
    pub other: f64,
    /// Loans that can be paid off.
    pub loan: f64,
    /// Liabilities that stay.
    pub other_liability: f64,
}

/// How banks behave and how deep the market is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct StressRules {
    /// Below this ratio of equity to assets a bank defaults.
    pub minimum: f64,
    /// Below this ratio it sells; 1 makes it target its leverage always.
    pub buffer: f64,
    /// Ratio it sells back to.
    pub target: f64,
    /// Fraction the price falls when `reference_share` of all holdings of a class is sold; more falls exponentially.
    pub price_impact: f64,
    /// See `price_impact`.
    pub reference_share: f64,
    /// Rounds of selling at most.
    pub rounds: u32,
}

impl Default for StressRules {
    /// Minimum 3 %, buffer 4 %, target 5 %; 5 % sold costs 5 % of the price; six rounds.
    fn default() -> Self {
        Self {
            minimum: 0.03,
            buffer: 0.04,
            target: 0.05,
            price_impact: 0.05,
            reference_share: 0.05,
            rounds: 6,
        }
    }
}

/// Where the system ended.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StressEnd {
    /// Banks that defaulted, by their place.
    pub defaulted: Vec<usize>,
    /// Share of all holdings sold, each class as counted by its quantity before the shock.
    pub share_sold: f64,
    /// Price of each class, 1 before the shock.
    pub prices: Vec<f64>,
}

struct State {
    cash: f64,
    quantity: Vec<f64>,
    loan: f64,
    /// Value to be sold in the next round; `None` once nothing more can be.
    sale: f64,
    is_alive: bool,
}

/// Lets `shock[k]` of class `k`'s price vanish, then runs the rounds. All sales of a round are executed together, at
/// the middle of the prices before and after; a bank sells in proportion to the values it holds.
///
/// # Errors
/// When a balance sheet or `shock` has not one value a class, or a rule is out of range.
pub fn stress(
    banks: &[BalanceSheet],
    shock: &[f64],
    rules: &StressRules,
) -> Result<StressEnd, SpiralError> {
    check(banks, shock, rules)?;
    let n_classes = shock.len();
    let total: Vec<f64> =
        (0..n_classes).map(|k| banks.iter().map(|b| b.tradable[k]).sum()).collect();
    let steepness = -(-rules.price_impact).ln_1p() / rules.reference_share;
    let mut prices: Vec<f64> = shock.iter().map(|s| 1.0 - s).collect();
    let mut states: Vec<State> = banks
        .iter()
        .map(|b| State {
            cash: b.cash,
            quantity: b.tradable.clone(),
            loan: b.loan,
            sale: 0.0,
            is_alive: true,
        })
        .collect();
    let (mut defaulted, mut sold) = (Vec::new(), vec![0.0; n_classes]);
    for _ in 0..rules.rounds {
        let orders: Vec<Vec<f64>> = states.iter().map(|s| s.order(&prices)).collect();
        let before = prices.clone();
        for k in 0..n_classes {
            let amount: f64 = orders.iter().map(|order| order[k]).sum();
            sold[k] += amount;
            if total[k] > 0.0 {
                prices[k] *= (-steepness * amount / total[k]).exp();
            }
        }
        for (state, order) in states.iter_mut().zip(&orders) {
            for k in 0..n_classes {
                state.quantity[k] -= order[k];
                state.cash += order[k] * (prices[k] + before[k]) / 2.0;
            }
            state.sale = 0.0;
        }
        for (i, (state, bank)) in states.iter_mut().zip(banks).enumerate() {
            if state.is_alive && !state.decide(bank, &prices, rules) {
                defaulted.push(i);
            }
        }
    }
    let all: f64 = total.iter().sum();
    Ok(StressEnd { defaulted, share_sold: sold.iter().sum::<f64>() / all, prices })
}

impl State {
    fn tradable(&self, prices: &[f64]) -> f64 {
        self.quantity.iter().zip(prices).map(|(q, p)| q * p).sum()
    }

    /// Quantities of each class that make up the sale.
    fn order(&self, prices: &[f64]) -> Vec<f64> {
        let value = self.tradable(prices);
        let share = if value > 0.0 { (self.sale / value).min(1.0) } else { 0.0 };
        self.quantity.iter().map(|q| q * share).collect()
    }

    /// Pays off what cash allows, notes what is to be sold; `false` when the bank defaults, which sells everything.
    fn decide(&mut self, bank: &BalanceSheet, prices: &[f64], rules: &StressRules) -> bool {
        let assets = self.cash + self.tradable(prices) + bank.other;
        let equity = assets - self.loan - bank.other_liability;
        let ratio = equity / assets;
        if ratio < rules.minimum {
            self.is_alive = false;
            self.sale = f64::INFINITY;
            return false;
        }
        if ratio < rules.buffer {
            let excess = (assets - equity / rules.target).max(0.0);
            let paid = excess.min(self.cash).min(self.loan);
            self.cash -= paid;
            self.loan -= paid;
            self.sale = excess - paid;
        }
        true
    }
}

fn check(banks: &[BalanceSheet], shock: &[f64], rules: &StressRules) -> Result<(), SpiralError> {
    for bank in banks {
        require_length("tradable", bank.tradable.len(), shock.len(), "asset class")?;
    }
    for &s in shock {
        require("shock", s, "in [0, 1)", (0.0..1.0).contains(&s))?;
    }
    let share = |field, x: f64| require(field, x, "in (0, 1]", x > 0.0 && x <= 1.0);
    share("target", rules.target)?;
    share("reference_share", rules.reference_share)?;
    let is_legal = (0.0..1.0).contains(&rules.price_impact);
    require("price_impact", rules.price_impact, "in [0, 1)", is_legal)
}
