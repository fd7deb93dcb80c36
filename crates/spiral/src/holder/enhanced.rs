//! Index-enhanced funds: benchmarked to the CSI 500, 1000 or 2000, and smaller than their benchmark.
//!
//! While small caps win, the part of the fund outside the benchmark sits in the smallest stocks. When it falls behind, the
//! fund comes back to its benchmark: it sells the tilt and buys the benchmark, the faster the further behind. Where its
//! benchmark's future stands at a discount larger than it earns by selection, it sells stocks and holds futures instead:
//! the arbitrage of a discount that short sellers cannot do, and the road on which a discount reaches the stocks.

use serde::{Deserialize, Serialize};

use super::{Hedge, View, grow};
use crate::market::{BySegment, Market, MarketTerms, Orders, Product};

/// The funds at the start.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnhancedTerms {
    /// Value of the funds benchmarked to each segment, CNY.
    pub value: BySegment,
    /// Share of the fund held in micro caps.
    pub micro_share: f64,
    /// Share held in the CSI 2000.
    pub csi2000_share: f64,
    /// Return behind the benchmark past which the tilt is cut.
    pub threshold: f64,
    /// Share of the tilt sold a day for each unit behind.
    pub speed: f64,
    /// Annual discount of the future past which stocks are switched for it.
    pub switch_threshold: f64,
    /// Share of the stocks switched a day for each unit of annual discount past it.
    pub switch_slope: f64,
    /// Calendar days to expiry of the futures held.
    pub hedge_days: f64,
}

/// One fund: its tilt; the rest is its benchmark.
#[derive(Debug, Clone, PartialEq)]
pub struct EnhancedFund {
    pub(super) benchmark: usize,
    /// Stocks outside the benchmark, CNY.
    pub tilt: BySegment,
    /// Stocks of the benchmark, CNY.
    pub core: f64,
    /// Futures held for stocks: a short of less than nothing. None where the benchmark has no future.
    pub future: Option<Hedge>,
    /// Excess over the benchmark since its highest.
    pub(super) behind: f64,
}

/// All funds.
#[derive(Debug, Clone, PartialEq)]
pub struct Enhanced {
    pub(super) terms: EnhancedTerms,
    /// One for each benchmark.
    pub funds: Vec<EnhancedFund>,
}

impl Enhanced {
    /// Sets the funds up.
    pub fn new(terms: &EnhancedTerms, view: &View) -> Self {
        let fund = |(benchmark, &value): (usize, &f64)| {
            let mut tilt = [0.0; 5];
            tilt[0] = value * terms.micro_share;
            tilt[1] = if benchmark == 1 { 0.0 } else { value * terms.csi2000_share };
            let core = value - tilt.iter().sum::<f64>();
            let product = Product::ALL.into_iter().find(|product| product.segment() == benchmark);
            let future = product.map(|product| Hedge::open(view, product, 0.0, terms.hedge_days));
            EnhancedFund { benchmark, tilt, core, future, behind: 0.0 }
        };
        let funds = terms.value.iter().enumerate().filter(|(_, value)| **value > 0.0);
        Self { funds: funds.map(fund).collect(), terms: terms.clone() }
    }

    /// Orders of a round.
    pub fn decide(&mut self, view: &View, orders: &mut Orders) {
        for fund in &mut self.funds {
            let beyond = (-fund.behind - self.terms.threshold).max(0.0);
            let share = (self.terms.speed * beyond / view.rounds as f64).min(1.0);
            if share > 0.0 {
                let before: f64 = fund.tilt.iter().sum();
                let sold = view.sell(&mut fund.tilt, share, orders) * before;
                fund.core += sold;
                orders.stock[fund.benchmark] -= sold;
            }
            fund.switch(&self.terms, view, orders);
        }
    }

    /// Marks to market after a round.
    pub fn mark(&mut self, growth: &BySegment, market: &Market, terms: &MarketTerms) {
        for fund in &mut self.funds {
            let futures = fund.future.map_or(0.0, |future| -future.value());
            let value = fund.core + fund.tilt.iter().sum::<f64>() + futures;
            let r = growth[fund.benchmark] - 1.0;
            let earned = fund.future.as_mut().map_or(0.0, |future| future.mark(market, terms));
            let gain = grow(&mut fund.tilt, growth) + fund.core * r + earned;
            fund.core *= 1.0 + r;
            fund.behind = (fund.behind + gain / value - r).min(0.0);
        }
    }

    /// Ends a day after which `days` calendar days pass.
    pub fn close(&mut self, days: f64, market: &Market, terms: &MarketTerms) {
        for fund in &mut self.funds {
            if let Some(future) = &mut fund.future {
                future.pass(days, market, terms);
            }
        }
    }
}

impl EnhancedFund {
    /// Sells stocks and holds futures of the same value, where the discount pays for it.
    fn switch(&mut self, terms: &EnhancedTerms, view: &View, orders: &mut Orders) {
        let Some(future) = &mut self.future else { return };
        let basis = view.market.basis(view.terms, future.product, future.days);
        let beyond = (-basis * 365.0 / future.days - terms.switch_threshold).max(0.0);
        let share = (terms.switch_slope * beyond / view.rounds as f64).min(1.0);
        if share > 0.0 {
            let before: f64 = self.tilt.iter().sum();
            let core = view.executed(self.benchmark, self.core * share, orders);
            self.core -= core;
            orders.stock[self.benchmark] += core;
            let bought = view.sell(&mut self.tilt, share, orders) * before + core;
            future.units -= bought / future.price;
            orders.future[future.product as usize] -= bought;
        }
    }
}
