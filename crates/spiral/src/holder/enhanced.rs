//! Index-enhanced funds: benchmarked to the CSI 500, 1000 or 2000, and smaller than their benchmark.
//!
//! While small caps win, the part of the fund outside the benchmark sits in the smallest stocks. When it falls behind, the
//! fund comes back to its benchmark: it sells the tilt and buys the benchmark, the faster the further behind.

use serde::{Deserialize, Serialize};

use super::{View, grow};
use crate::market::{BySegment, Orders};

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
}

/// One fund: its tilt; the rest is its benchmark.
#[derive(Debug, Clone, PartialEq)]
pub struct EnhancedFund {
    pub(super) benchmark: usize,
    /// Stocks outside the benchmark, CNY.
    pub tilt: BySegment,
    /// Stocks of the benchmark, CNY.
    pub core: f64,
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
    pub fn new(terms: &EnhancedTerms) -> Self {
        let fund = |(benchmark, &value): (usize, &f64)| {
            let mut tilt = [0.0; 5];
            tilt[0] = value * terms.micro_share;
            tilt[1] = if benchmark == 1 { 0.0 } else { value * terms.csi2000_share };
            let core = value - tilt.iter().sum::<f64>();
            EnhancedFund { benchmark, tilt, core, behind: 0.0 }
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
        }
    }

    /// Marks to market after a round.
    pub fn mark(&mut self, growth: &BySegment) {
        for fund in &mut self.funds {
            let value = fund.core + fund.tilt.iter().sum::<f64>();
            let r = growth[fund.benchmark] - 1.0;
            let gain = grow(&mut fund.tilt, growth) + fund.core * r;
            fund.core *= 1.0 + r;
            fund.behind = (fund.behind + gain / value - r).min(0.0);
        }
    }
}
