//! Factors compounded over a fund's own periods.

use shoals_core::TradingDay;
use shoals_product::attribution::Factor;

use crate::Periods;

/// Daily returns anyone could have earned, by name.
#[derive(Debug, Clone, PartialEq)]
pub struct FactorSet {
    factors: Vec<Factor>,
}

/// The factors over a fund's periods.
#[derive(Debug, Clone, PartialEq)]
pub struct FactorPeriods {
    /// Names, in the set's order.
    pub names: Vec<&'static str>,
    /// Simple decimal returns, a vector a factor, a value a period; NaN where the factor has no day in it.
    pub returns: Vec<Vec<f64>>,
}

impl FactorSet {
    /// A set of daily factors.
    pub fn new(factors: Vec<Factor>) -> Self {
        Self { factors }
    }

    /// The daily factors.
    pub fn factors(&self) -> &[Factor] {
        &self.factors
    }

    /// The factor of that name.
    pub fn factor(&self, name: &str) -> Option<&Factor> {
        self.factors.iter().find(|factor| factor.name == name)
    }

    /// Each factor's daily returns compounded over `(from, to]` of every period.
    pub fn over(&self, periods: &Periods) -> FactorPeriods {
        let returns = self.factors.iter().map(|factor| compounded(factor, periods)).collect();
        FactorPeriods { names: self.factors.iter().map(|factor| factor.name).collect(), returns }
    }
}

fn compounded(factor: &Factor, periods: &Periods) -> Vec<f64> {
    let after = |day: TradingDay| factor.days.partition_point(|&known| known <= day);
    let ends = periods.from.iter().zip(&periods.to);
    ends.map(|(&from, &to)| {
        let held = &factor.returns[after(from)..after(to)];
        if held.is_empty() {
            return f64::NAN;
        }
        held.iter().map(|r| 1.0 + r).product::<f64>() - 1.0
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use shoals_core::{Series, day};

    use super::*;

    /// Expected: 1.1 x 0.9 - 1, by hand; the days before the first value and after the last are not in any period.
    #[test]
    fn a_weeks_days_are_compounded() {
        let at = |d| day(2024, 1, d);
        let factor = Factor {
            name: "size",
            days: [8, 9, 15, 16].map(at).into(),
            returns: vec![0.5, 0.1, -0.1, 0.5],
        };
        let nav = Series::new("fund", vec![at(8), at(15)], vec![1.0, 1.0]).expect("rising days");
        let over = FactorSet::new(vec![factor]).over(&Periods::of(&nav));
        assert!((over.returns[0][0] + 0.01).abs() < 1e-15, "{over:?}");
    }
}
