//! Snowball dealers: short a down-and-in put to their clients, long futures against it.
//!
//! The nearer the index comes to a knock-in, the longer the dealer must be, so dealers buy as it falls. At the touch the
//! client's loss becomes linear, the extra length is sold at once, and no one is left to buy.

use serde::{Deserialize, Serialize};

use super::View;
use crate::market::{Orders, Product};

/// Products sold with one knock-in.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rung {
    /// Future the dealer hedges with.
    pub product: Product,
    /// Knock-in, a fraction of the index at the start.
    pub knock_in: f64,
    /// Notional, CNY.
    pub notional: f64,
}

/// The ladder at the start.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SnowballTerms {
    /// Notional by knock-in.
    pub ladder: Vec<Rung>,
    /// What every notional is multiplied by.
    #[serde(default = "once")]
    pub times: f64,
    /// Delta far above the knock-in.
    pub quiet_delta: f64,
    /// Delta just above it.
    pub peak_delta: f64,
    /// Distance above the knock-in over which delta falls from its peak by 63 %.
    pub width: f64,
    /// Delta after the touch.
    pub touched_delta: f64,
}

const fn once() -> f64 {
    1.0
}

/// The dealers.
#[derive(Debug, Clone, PartialEq)]
pub struct Snowball {
    terms: SnowballTerms,
    /// Whether each rung was touched, and the delta held against it.
    rungs: Vec<(bool, f64)>,
}

impl Snowball {
    /// Sets the dealers up, hedged.
    pub fn new(terms: &SnowballTerms) -> Self {
        let delta =
            |rung: &Rung| (rung.knock_in >= 1.0, terms.delta(1.0, rung, rung.knock_in >= 1.0));
        Self { rungs: terms.ladder.iter().map(delta).collect(), terms: terms.clone() }
    }

    /// Orders of a round: futures bought or sold to the new delta.
    pub fn decide(&mut self, view: &View, orders: &mut Orders) {
        for (rung, (touched, held)) in self.terms.ladder.iter().zip(&mut self.rungs) {
            let level = view.market.level[rung.product.segment()];
            *touched |= level <= rung.knock_in;
            let delta = self.terms.delta(level, rung, *touched);
            orders.future[rung.product as usize] +=
                (*held - delta) * rung.notional * self.terms.times;
            *held = delta;
        }
    }

    /// Share of the notional that was knocked in.
    pub fn touched(&self) -> f64 {
        let total: f64 = self.terms.ladder.iter().map(|rung| rung.notional).sum();
        let rungs = self.terms.ladder.iter().zip(&self.rungs);
        let touched: f64 = rungs.filter(|(_, r)| r.0).map(|(rung, _)| rung.notional).sum();
        if total > 0.0 { touched / total } else { 0.0 }
    }
}

impl SnowballTerms {
    fn delta(&self, level: f64, rung: &Rung, touched: bool) -> f64 {
        if touched {
            return self.touched_delta;
        }
        let distance = (level / rung.knock_in - 1.0).max(0.0);
        self.quiet_delta + (self.peak_delta - self.quiet_delta) * (-distance / self.width).exp()
    }
}
