//! Hamilton's model of 1989: a mean that switches, around it autoregressive noise.
//!
//! `y_t - mu_{s_t} = sum_i phi_i (y_{t-i} - mu_{s_{t-i}}) + sigma e_t`. The density of a day depends on the regimes
//! of that day and the `p` before, so the chain runs over `k^(p+1)` states. The first `p` observations are given, and
//! the regimes of the first days have the chain's long-run distribution, as in Hamilton's own program and
//! in `statsmodels`. Parameters by maximum likelihood from several starts.

use rand::RngExt;
use rayon::prelude::*;
use serde::Serialize;
use shoals_core::Seed;

use super::MIN_OBSERVATIONS;
use super::chain::{Chain, Filtered, Step, log_normal_density, settled};
use super::minimise::minimise;
use crate::StatError;
use crate::moments::variance;
use crate::observed::{require_finite, require_setting};
use crate::percentile::percentiles;

/// Most states the chain may have.
const MOST_STATES: usize = 1_024;

/// Steps of each search at most.
const MAX_STEPS: usize = 300;

/// A switching mean with autoregressive noise.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SwitchingAutoregression {
    /// Mean of each regime, rising.
    pub means: Vec<f64>,
    /// Variance of the noise.
    pub variance: f64,
    /// Coefficients of the lags 1 to p.
    pub coefficients: Vec<f64>,
    /// Probability of being in regime `j` a step after regime `i`, row `i`.
    pub transition: Vec<Vec<f64>>,
}

/// A fitted model, with the probabilities of each regime from observation `p + 1` on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AutoregressionFit {
    /// The model.
    pub model: SwitchingAutoregression,
    /// Log likelihood given the first `p` observations.
    pub log_likelihood: f64,
    /// What was known at each observation, one row an observation.
    pub filtered: Vec<Vec<f64>>,
    /// What is known in hindsight.
    pub smoothed: Vec<Vec<f64>>,
}

/// Fits `n_regimes` means and `order` lags from `starts` starts; two are laid by rule, the others drawn.
///
/// Missing: refused, a gap would shift the lags.
///
/// # Errors
/// A value that is not finite, too few observations, no variation, no start, fewer than two regimes, or so many regimes
/// and lags that the chain has more than 1,024 states.
pub fn fit_autoregression(
    values: &[f64],
    n_regimes: usize,
    order: usize,
    starts: usize,
    seed: Seed,
) -> Result<AutoregressionFit, StatError> {
    require_finite(values)?;
    let (n, needed) = (values.len(), MIN_OBSERVATIONS + order);
    if n < needed {
        return Err(StatError::TooFewObservations { needed, found: n });
    }
    let states = (n_regimes as f64).powi(order as i32 + 1);
    let is_chain = n_regimes >= 2 && states <= MOST_STATES as f64;
    require_setting(
        "n_regimes^(order + 1)",
        states,
        "at most 1024, of 2 regimes or more",
        is_chain,
    )?;
    require_setting("starts", starts as f64, "1 or more", starts >= 1)?;
    let spread = variance(values, 0)?;
    if spread <= 0.0 {
        return Err(StatError::Constant { what: "the series" });
    }
    let shape = Shape { n_regimes, order };
    let cost = |x: &[f64]| {
        let likelihood = shape.model(x).filter(values).log_likelihood;
        if likelihood.is_finite() { -likelihood } else { f64::INFINITY }
    };
    let best = (0..starts as u64)
        .into_par_iter()
        .map(|i| Ok(minimise(cost, &shape.start(values, spread, seed, i)?, MAX_STEPS)))
        .collect::<Result<Vec<_>, StatError>>()?
        .into_iter()
        .min_by(|a, b| a.value.total_cmp(&b.value))
        .expect("there is a start");
    let model = shape.model(&best.at).ordered();
    let days = model.filter(values);
    let hindsight = model.chain().smooth(&days);
    Ok(AutoregressionFit {
        log_likelihood: days.log_likelihood,
        filtered: model.of_today(&days.known),
        smoothed: model.of_today(&hindsight.probabilities),
        model,
    })
}

impl SwitchingAutoregression {
    fn n(&self) -> usize {
        self.means.len()
    }

    /// The regime `lag` days ago in a state: today's is the lowest digit.
    fn regime(&self, state: usize, lag: usize) -> usize {
        state / self.n().pow(lag as u32) % self.n()
    }

    fn n_states(&self) -> usize {
        self.n().pow(self.coefficients.len() as u32 + 1)
    }

    fn chain(&self) -> Chain {
        let (k, n_states, order) = (self.n(), self.n_states(), self.coefficients.len());
        let steps = (0..n_states * k).map(|i| {
            let (from, regime) = (i / k, i % k);
            let probability = self.transition[self.regime(from, 0)][regime];
            Step { from, to: (from * k + regime) % n_states, probability }
        });
        let long_run = settled(&self.transition);
        let start = (0..n_states).map(|state| {
            let first = long_run[self.regime(state, order)];
            let steps = (0..order)
                .map(|lag| self.transition[self.regime(state, lag + 1)][self.regime(state, lag)]);
            steps.fold(first, |product, p| product * p)
        });
        Chain { steps: steps.collect(), start: start.collect() }
    }

    /// Filters the observations after the first `p`.
    fn filter(&self, values: &[f64]) -> Filtered {
        let order = self.coefficients.len();
        // What the regimes of a state take from the forecast.
        let level = |state: usize| {
            let lags = self.coefficients.iter().enumerate();
            let carried = lags.map(|(i, phi)| phi * self.means[self.regime(state, i + 1)]);
            self.means[self.regime(state, 0)] - carried.sum::<f64>()
        };
        let levels: Vec<f64> = (0..self.n_states()).map(level).collect();
        let peak = log_normal_density(0.0, self.variance);
        let mut densities = Vec::with_capacity((values.len() - order) * levels.len());
        for t in order..values.len() {
            let lags = self.coefficients.iter().enumerate();
            let forecast: f64 = lags.map(|(i, phi)| phi * values[t - i - 1]).sum();
            densities.extend(levels.iter().map(|level| {
                let deviation = values[t] - forecast - level;
                peak - 0.5 * deviation * deviation / self.variance
            }));
        }
        self.chain().filter(&densities)
    }

    /// Probabilities of today's regime from those of the states.
    fn of_today(&self, states: &[f64]) -> Vec<Vec<f64>> {
        let of_day = |states: &[f64]| {
            let mut sums = vec![0.0; self.n()];
            states.iter().enumerate().for_each(|(s, p)| sums[self.regime(s, 0)] += p);
            sums
        };
        states.chunks_exact(self.n_states()).map(of_day).collect()
    }

    fn ordered(&self) -> Self {
        let mut order: Vec<usize> = (0..self.n()).collect();
        order.sort_by(|&a, &b| self.means[a].total_cmp(&self.means[b]));
        let pick = |values: &[f64]| order.iter().map(|&i| values[i]).collect();
        Self {
            means: pick(&self.means),
            transition: order.iter().map(|&i| pick(&self.transition[i])).collect(),
            ..self.clone()
        }
    }
}

/// How a model is laid out as free numbers: means, log deviation, coefficients, then log odds of each row's
/// steps against its last.
#[derive(Debug, Clone, Copy)]
struct Shape {
    n_regimes: usize,
    order: usize,
}

impl Shape {
    fn model(self, x: &[f64]) -> SwitchingAutoregression {
        let k = self.n_regimes;
        let (means, rest) = x.split_at(k);
        let (coefficients, odds) = rest[1..].split_at(self.order);
        let row = |odds: &[f64]| {
            let top = odds.iter().copied().fold(0.0, f64::max);
            let weights = odds.iter().copied().chain([0.0]).map(|o| (o - top).exp());
            let weights: Vec<f64> = weights.collect();
            let total: f64 = weights.iter().sum();
            weights.iter().map(|w| w / total).collect()
        };
        SwitchingAutoregression {
            means: means.to_vec(),
            variance: (2.0 * rest[0]).exp(),
            coefficients: coefficients.to_vec(),
            transition: odds.chunks_exact(k - 1).map(row).collect(),
        }
    }

    /// A point to start from: the first two lie at quantiles with long and short stays, the others anywhere.
    fn start(self, values: &[f64], spread: f64, seed: Seed, i: u64) -> Result<Vec<f64>, StatError> {
        let k = self.n_regimes;
        let mut stream = seed.part("switching autoregression").stream(i);
        let mut rank = |s: usize| match i {
            0 | 1 => (s as f64 + 0.5) / k as f64,
            _ => stream.random_range(0.05..0.95),
        };
        let ranks: Vec<f64> = (0..k).map(&mut rank).collect();
        let mut x = percentiles(values, &ranks)?;
        x.push(0.5 * (0.5 * spread).ln());
        let stay: f64 = match i {
            0 => 0.9,
            1 => 0.6,
            _ => stream.random_range(0.5..0.98),
        };
        let lags =
            (0..self.order).map(|_| if i < 2 { 0.0 } else { stream.random_range(-0.3..0.3) });
        x.extend(lags);
        let away = (1.0 - stay) / (k - 1) as f64;
        for from in 0..k {
            let weight = |to: usize| if from == to { stay } else { away };
            x.extend((0..k - 1).map(|to| (weight(to) / weight(k - 1)).ln()));
        }
        Ok(x)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::regime::{EmSearch, Regimes, fit_regimes};

    fn wave(n: usize) -> Vec<f64> {
        let noise = |i: usize| (i as f64 * 12.989_8).sin() * 43_758.545_3 % 1.0;
        (0..n).map(|i| f64::from(u8::from(i / 30 % 2 == 0)) * 1.5 + noise(i)).collect()
    }

    /// Two programs for one model: without lags, maximum likelihood and EM of one variance agree; EM alone is free
    /// in the first day's regime, which is worth what starting its model in the long run costs, or less.
    #[test]
    fn without_lags_it_is_what_em_finds() {
        let values = wave(300);
        let search = EmSearch { has_own_variances: false, tolerance: 1e-10, ..EmSearch::default() };
        let em = fit_regimes(&values, &search).unwrap();
        let ml = fit_autoregression(&values, 2, 0, 4, Seed(1)).unwrap();
        let gap = em.log_likelihood - ml.log_likelihood;
        let start = em.regimes.long_run();
        let settled = Regimes { start, ..em.regimes.clone() }.log_likelihood(&values).unwrap();
        let worth = em.log_likelihood - settled;
        assert!(gap > -1e-9 && gap < worth + 1e-9, "{gap} {worth}");
        for (a, b) in em.regimes.means.iter().zip(&ml.model.means) {
            assert!((a - b).abs() < 5e-3, "{a} {b}");
        }
        assert!((em.regimes.variances[0] - ml.model.variance).abs() < 5e-3);
    }

    #[test]
    fn the_first_state_has_the_long_run_law() {
        let model = SwitchingAutoregression {
            means: vec![-1.0, 1.0],
            variance: 1.0,
            coefficients: vec![0.2, -0.1, 0.3],
            transition: vec![vec![0.8, 0.2], vec![0.1, 0.9]],
        };
        let chain = model.chain();
        let ahead = chain.ahead(&chain.start);
        assert!((chain.start.iter().sum::<f64>() - 1.0).abs() < 1e-15);
        assert!(ahead.iter().zip(&chain.start).all(|(a, b)| (a - b).abs() < 1e-15));
    }

    #[test]
    fn too_many_states_are_refused() {
        assert!(fit_autoregression(&wave(300), 2, 10, 1, Seed(1)).is_err());
        assert!(fit_autoregression(&wave(300), 1, 0, 1, Seed(1)).is_err());
        assert!(fit_autoregression(&[1.0; 100], 2, 1, 1, Seed(1)).is_err());
    }
}
