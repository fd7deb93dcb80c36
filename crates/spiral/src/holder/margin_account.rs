//! Margin accounts: private investors who own shares on borrowed money.
//!
//! Each holds names of one segment. An account whose assets fall below the maintenance ratio of its debt must sell until
//! the ratio it is released at is restored, and what it sells repays. Accounts differ in their distance from the call.

use serde::{Deserialize, Serialize};
use shoals_stats::normal::normal_quantile;

use super::View;
use crate::market::{BySegment, Orders, SEGMENTS};

/// The accounts at the start.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MarginAccountTerms {
    /// Debt of all accounts by the segment they hold, CNY.
    pub debt: BySegment,
    /// Assets over debt below which an account must sell.
    pub maintenance_ratio: f64,
    /// Assets over debt at which it is released.
    pub release_ratio: f64,
    /// Median distance from the call: the fall of assets, in logarithms, that brings it.
    pub distance: f64,
    /// Standard deviation of the distance's logarithm.
    pub spread: f64,
    /// Days in which a call is met.
    pub call_days: f64,
}

/// Accounts of one segment at one distance.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Cohort {
    assets: f64,
    debt: f64,
    is_called: bool,
}

/// Distances a segment's accounts are dealt over, evenly in number.
const COHORTS: usize = 40;

/// The accounts.
#[derive(Debug, Clone, PartialEq)]
pub struct MarginAccounts {
    terms: MarginAccountTerms,
    cohorts: [[Cohort; COHORTS]; SEGMENTS],
}

impl MarginAccounts {
    /// Sets the accounts up, none of them called.
    pub fn new(terms: &MarginAccountTerms) -> Self {
        let cohort = |debt: f64, i: usize| {
            let debt = debt / COHORTS as f64;
            let place = normal_quantile((i as f64 + 0.5) / COHORTS as f64);
            let distance = terms.distance * (terms.spread * place).exp();
            let assets = debt * terms.maintenance_ratio * distance.exp();
            Cohort { assets, debt, is_called: false }
        };
        let cohorts = terms.debt.map(|debt| std::array::from_fn(|i| cohort(debt, i)));
        Self { terms: terms.clone(), cohorts }
    }

    /// Orders of a round.
    pub fn decide(&mut self, view: &View, orders: &mut Orders) {
        let rate = 1.0 / (self.terms.call_days * view.rounds as f64);
        for (k, cohorts) in self.cohorts.iter_mut().enumerate() {
            let mut wanted = 0.0;
            for cohort in cohorts.iter_mut() {
                cohort.is_called |= cohort.assets < cohort.debt * self.terms.maintenance_ratio;
                wanted += cohort.excess(self.terms.release_ratio) * rate;
            }
            if wanted == 0.0 {
                continue;
            }
            let taken = view.executed(k, wanted, orders) / wanted;
            for cohort in cohorts.iter_mut() {
                let sale = cohort.excess(self.terms.release_ratio) * rate * taken;
                cohort.assets -= sale;
                cohort.debt -= sale;
                orders.stock[k] += sale;
                // What is left is a rest no one asks for.
                cohort.is_called &= cohort.assets < cohort.debt * self.terms.release_ratio * 0.999;
            }
        }
    }

    /// Marks to market after a round.
    pub fn mark(&mut self, growth: &BySegment) {
        for (cohorts, growth) in self.cohorts.iter_mut().zip(growth) {
            for cohort in cohorts {
                cohort.assets *= growth;
            }
        }
    }

    /// Debt of all accounts, CNY.
    pub fn debt(&self) -> f64 {
        self.cohorts.iter().flatten().map(|cohort| cohort.debt).sum()
    }
}

impl Cohort {
    /// What it must sell to be released; all it has when it owes more.
    fn excess(&self, release_ratio: f64) -> f64 {
        if !self.is_called {
            return 0.0;
        }
        let excess = (release_ratio * self.debt - self.assets) / (release_ratio - 1.0);
        excess.clamp(0.0, self.assets.min(self.debt))
    }
}
