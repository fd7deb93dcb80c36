//! What the filtered probabilities say about the days ahead.
//!
//! Given how many of the days ahead fall into each regime, their sum is normal. The law of these counts comes
//! from a recursion over the days, so mean, spread and probability of the sum are exact. A normal
//! approximation of the sum itself is not: calm gains with rare wild losses are skew, and it would call
//! 59 % what is 65 % in the test below.

use serde::Serialize;

use super::Regimes;
use crate::normal::normal_cdf;

/// The sum of the next observations from each regime of now, worked out once a model.
#[derive(Debug, Clone, PartialEq)]
pub struct RegimeHorizon {
    mean: Vec<f64>,
    square: Vec<f64>,
    above_zero: Vec<f64>,
}

/// The sum of the next observations, as a regime model expects it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RegimeOutlook {
    /// Expected sum.
    pub mean: f64,
    /// Standard deviation of the sum.
    pub deviation: f64,
    /// Probability that the sum is above zero.
    pub probability_above_zero: f64,
}

impl RegimeHorizon {
    /// Mixes over the filtered probabilities of now.
    pub fn outlook(&self, filtered: &[f64]) -> RegimeOutlook {
        let mix = |of: &[f64]| -> f64 { filtered.iter().zip(of).map(|(p, x)| p * x).sum() };
        let mean = mix(&self.mean);
        RegimeOutlook {
            mean,
            deviation: (mix(&self.square) - mean * mean).max(0.0).sqrt(),
            probability_above_zero: mix(&self.above_zero),
        }
    }
}

impl Regimes {
    /// The sum of the next `horizon` observations.
    pub fn horizon(&self, horizon: usize) -> RegimeHorizon {
        let k = self.n();
        let from = |now: usize| {
            let (mut mean, mut square, mut above) = (0.0, 0.0, 0.0);
            for (counts, weight) in self.counts_ahead(now, horizon) {
                let sum =
                    |of: &[f64]| -> f64 { counts.iter().zip(of).map(|(&n, x)| n as f64 * x).sum() };
                let (centre, variance) = (sum(&self.means), sum(&self.variances));
                mean += weight * centre;
                square += weight * (variance + centre * centre);
                above += weight * normal_cdf(centre / variance.sqrt());
            }
            (mean, square, above)
        };
        let of_each: Vec<(f64, f64, f64)> = (0..k).map(from).collect();
        RegimeHorizon {
            mean: of_each.iter().map(|x| x.0).collect(),
            square: of_each.iter().map(|x| x.1).collect(),
            above_zero: of_each.iter().map(|x| x.2).collect(),
        }
    }

    /// How many of the days ahead each regime takes, with the probability of it.
    fn counts_ahead(&self, now: usize, horizon: usize) -> Vec<(Vec<usize>, f64)> {
        // The state is the regime of the day and the days so far in all regimes but the last, as digits.
        let (k, base) = (self.n(), horizon + 1);
        let n_codes = base.pow(k as u32 - 1);
        let digit = |regime: usize| if regime + 1 < k { base.pow(regime as u32) } else { 0 };
        let mut weights = vec![vec![0.0; n_codes]; k];
        weights[now][0] = 1.0;
        for _ in 0..horizon {
            let mut next = vec![vec![0.0; n_codes]; k];
            for (row, of_regime) in self.transition.iter().zip(&weights) {
                for (code, &weight) in of_regime.iter().enumerate().filter(|(_, w)| **w > 0.0) {
                    for (to, step) in row.iter().enumerate() {
                        next[to][code + digit(to)] += weight * step;
                    }
                }
            }
            weights = next;
        }
        let counts = |code: usize| {
            let mut counts: Vec<usize> =
                (0..k - 1).map(|regime| code / base.pow(regime as u32) % base).collect();
            counts.push(horizon - counts.iter().sum::<usize>());
            counts
        };
        let of_code = |code: usize| weights.iter().map(|of_regime| of_regime[code]).sum::<f64>();
        let all = (0..n_codes).map(|code| (code, of_code(code)));
        all.filter(|(_, weight)| *weight > 0.0).map(|(code, w)| (counts(code), w)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};
    use shoals_core::Stream;

    fn model() -> Regimes {
        Regimes {
            means: vec![-0.3, 0.2],
            variances: vec![1.5, 0.3],
            transition: vec![vec![0.9, 0.1], vec![0.04, 0.96]],
            start: vec![0.5, 0.5],
        }
    }

    /// Witness: two hundred thousand simulated futures.
    #[test]
    fn moments_and_probability_are_those_of_simulated_futures() {
        let (model, now, horizon, n) = (model(), [0.35, 0.65], 20, 200_000);
        let ours = model.horizon(horizon).outlook(&now);
        let mut stream = Stream::seed_from_u64(7);
        let mut uniform = || stream.random::<f64>();
        let mut sums = Vec::with_capacity(n);
        for _ in 0..n {
            let mut state = usize::from(uniform() >= now[0]);
            let mut sum = 0.0;
            for _ in 0..horizon {
                state = usize::from(uniform() >= model.transition[state][0]);
                let z = crate::normal::normal_quantile(uniform().max(1e-12));
                sum += model.means[state] + model.variances[state].sqrt() * z;
            }
            sums.push(sum);
        }
        let mean = crate::moments::mean(&sums).unwrap();
        let deviation = crate::moments::std(&sums, 1).unwrap();
        let above = sums.iter().filter(|s| **s > 0.0).count() as f64 / n as f64;
        // Five standard errors of the simulation.
        let error = 5.0 / (n as f64).sqrt();
        assert!((mean - ours.mean).abs() < deviation * error, "{mean} {ours:?}");
        assert!((deviation / ours.deviation - 1.0).abs() < error, "{deviation} {ours:?}");
        assert!((above - ours.probability_above_zero).abs() < 0.5 * error, "{above} {ours:?}");
    }

    /// One regime: the sum of independent normals. A regime split in two equal ones is the same regime.
    #[test]
    fn one_regime_is_a_random_walk_however_it_is_split() {
        let one = Regimes {
            means: vec![0.1],
            variances: vec![0.04],
            transition: vec![vec![1.0]],
            start: vec![1.0],
        };
        let three = Regimes {
            means: vec![0.1; 3],
            variances: vec![0.04; 3],
            transition: vec![vec![0.5, 0.2, 0.3], vec![0.1, 0.8, 0.1], vec![0.0, 0.4, 0.6]],
            start: vec![1.0, 0.0, 0.0],
        };
        for ours in [one.horizon(4).outlook(&[1.0]), three.horizon(4).outlook(&[0.2, 0.5, 0.3])] {
            assert!((ours.mean - 0.4).abs() < 1e-12 && (ours.deviation - 0.4).abs() < 1e-12);
            assert!((ours.probability_above_zero - normal_cdf(1.0)).abs() < 1e-12);
        }
    }
}
