//! Markov-switching models: the mean (and spread) of a series depends on a regime nobody sees.
//!
//! Hamilton (1989): regimes follow a Markov chain, and observations tell which one it probably is. The
//! *filtered* probability of a day uses that day and the ones before; the *smoothed* one uses the days
//! after as well and is hindsight. [`fit_regimes`] fits means and variances by expectation and
//! maximisation (Hamilton 1990); [`fit_autoregression`] fits Hamilton's own model, a switching mean with
//! autoregressive noise, by maximum likelihood.
//!
//! Regimes are numbered by rising mean. Method page: docs/method/rotation.md

mod autoregression;
mod chain;
mod em;
pub(crate) mod minimise;
mod outlook;

pub use autoregression::{AutoregressionFit, SwitchingAutoregression, fit_autoregression};
pub use em::{EmSearch, RegimeFit, fit_regimes, refit_regimes};
pub use outlook::{RegimeHorizon, RegimeOutlook};

use serde::Serialize;

use crate::StatError;
use crate::observed::require_finite;
use chain::{Chain, Filtered, Step, log_normal_density, see};

/// Fewest observations a regime model is fitted to.
pub const MIN_OBSERVATIONS: usize = 40;

/// A Gaussian regime-switching model: `y_t = mean_s + sqrt(variance_s) e_t`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Regimes {
    /// Mean of each regime, rising.
    pub means: Vec<f64>,
    /// Variance of each regime.
    pub variances: Vec<f64>,
    /// Probability of being in regime `j` a step after regime `i`, row `i`.
    pub transition: Vec<Vec<f64>>,
    /// Distribution of the regime of the first observation before it is seen.
    pub start: Vec<f64>,
}

impl Regimes {
    /// Number of regimes.
    pub fn n(&self) -> usize {
        self.means.len()
    }

    /// Filtered probabilities of every regime after each observation: what was known on the day.
    ///
    /// Missing: refused, a gap would shift the steps of the chain.
    ///
    /// # Errors
    /// A value that is not finite.
    pub fn filtered(&self, values: &[f64]) -> Result<Vec<Vec<f64>>, StatError> {
        require_finite(values)?;
        Ok(rows(&self.filter(values).known, self.n()))
    }

    /// Probabilities in hindsight: each day's uses every observation of the sample.
    ///
    /// # Errors
    /// A value that is not finite.
    pub fn smoothed(&self, values: &[f64]) -> Result<Vec<Vec<f64>>, StatError> {
        require_finite(values)?;
        let chain = self.chain();
        let days = chain.filter(&self.log_densities(values));
        Ok(rows(&chain.smooth(&days).probabilities, self.n()))
    }

    /// Log likelihood of a sample.
    ///
    /// # Errors
    /// A value that is not finite.
    pub fn log_likelihood(&self, values: &[f64]) -> Result<f64, StatError> {
        require_finite(values)?;
        Ok(self.filter(values).log_likelihood)
    }

    /// Filtered probabilities one observation later; the bytes [`Regimes::filtered`] would give.
    pub fn advance(&self, filtered: &[f64], value: f64) -> Vec<f64> {
        let mut next = self.chain().ahead(filtered);
        see(&mut next, &self.log_densities(&[value]));
        next
    }

    /// Expected stay in each regime, steps: `1 / (1 - p_ii)`.
    pub fn expected_durations(&self) -> Vec<f64> {
        self.stays().map(|p| 1.0 / (1.0 - p)).collect()
    }

    /// Steps after which half of the stays in each regime have ended: `ln 2 / -ln p_ii`.
    pub fn half_lives(&self) -> Vec<f64> {
        self.stays().map(|p| std::f64::consts::LN_2 / -p.ln()).collect()
    }

    /// Share of time in each regime in the long run.
    pub fn long_run(&self) -> Vec<f64> {
        chain::settled(&self.transition)
    }

    fn stays(&self) -> impl Iterator<Item = f64> {
        self.transition.iter().enumerate().map(|(i, row)| row[i])
    }

    fn filter(&self, values: &[f64]) -> Filtered {
        self.chain().filter(&self.log_densities(values))
    }

    fn chain(&self) -> Chain {
        let steps = self.transition.iter().enumerate().flat_map(|(from, row)| {
            row.iter().enumerate().map(move |(to, &probability)| Step { from, to, probability })
        });
        Chain { steps: steps.collect(), start: self.start.clone() }
    }

    fn log_densities(&self, values: &[f64]) -> Vec<f64> {
        let k = self.n();
        let states: Vec<[f64; 3]> = (0..k)
            .map(|s| [self.means[s], self.variances[s], log_normal_density(0.0, self.variances[s])])
            .collect();
        let mut densities = Vec::with_capacity(values.len() * k);
        for &value in values {
            densities.extend(states.iter().map(|[mean, variance, peak]| {
                let deviation = value - mean;
                peak - 0.5 * deviation * deviation / variance
            }));
        }
        densities
    }

    /// The same model with regimes in the order of their means.
    fn ordered(&self) -> Self {
        let mut order: Vec<usize> = (0..self.n()).collect();
        order.sort_by(|&a, &b| self.means[a].total_cmp(&self.means[b]));
        let pick = |values: &[f64]| order.iter().map(|&i| values[i]).collect();
        Self {
            means: pick(&self.means),
            variances: pick(&self.variances),
            transition: order.iter().map(|&i| pick(&self.transition[i])).collect(),
            start: pick(&self.start),
        }
    }
}

fn rows(flat: &[f64], n_states: usize) -> Vec<Vec<f64>> {
    flat.chunks_exact(n_states).map(<[f64]>::to_vec).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model() -> Regimes {
        Regimes {
            means: vec![-0.4, 0.6],
            variances: vec![2.0, 0.5],
            transition: vec![vec![0.9, 0.1], vec![0.05, 0.95]],
            start: vec![0.5, 0.5],
        }
    }

    #[test]
    fn a_day_more_is_what_filtering_all_over_gives() {
        let values: Vec<f64> = (0..50).map(|i| (f64::from(i) * 0.7).sin() * 2.0).collect();
        let all = model().filtered(&values).unwrap();
        let mut now = all[0].clone();
        for (value, expected) in values[1..].iter().zip(&all[1..]) {
            now = model().advance(&now, *value);
            assert_eq!(&now, expected);
        }
    }

    /// Witness: the geometric distribution of a stay.
    #[test]
    fn stays_are_geometric() {
        let durations = model().expected_durations();
        assert!((durations[0] - 10.0).abs() < 1e-12 && (durations[1] - 20.0).abs() < 1e-9);
        let half = model().half_lives()[0];
        assert!((0.9_f64.powf(half) - 0.5).abs() < 1e-12);
        assert!((model().long_run()[1] - 2.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn a_gap_is_refused() {
        assert!(model().filtered(&[0.1, f64::NAN]).is_err());
    }
}
