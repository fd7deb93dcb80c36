//! How much is a good statistic worth after many were tried?
//!
//! The best of N worthless trials looks good. Harvey, Liu and Zhu (2016) ask for t above 3 and adjust
//! p-values for the number of tests; Bailey and Lopez de Prado (2014) deflate a Sharpe ratio by the
//! greatest one to be expected of N trials without skill. An information coefficient's ICIR is the
//! Sharpe ratio of its series, so both apply to factors.

use serde::{Deserialize, Serialize};

use crate::StatError;
use crate::moments::{excess_kurtosis, mean, skewness, std};
use crate::normal::{normal_cdf, normal_quantile};
use crate::observed::{observed, require_finite, require_setting};

/// The t a new factor should reach (Harvey, Liu and Zhu 2016).
pub const NEW_FACTOR_T: f64 = 3.0;

/// Euler's constant.
const EULER: f64 = 0.577_215_664_901_532_9;

/// How p-values are adjusted for the number of tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Adjustment {
    /// `N p`: no false discovery, whatever the dependence.
    Bonferroni,
    /// Holm (1979): the same promise, never less powerful.
    #[default]
    Holm,
    /// Benjamini and Yekutieli (2001): a share of false discoveries, whatever the dependence.
    BenjaminiYekutieli,
}

/// Probability of a |t| at least this large under a standard normal, both tails.
pub fn two_sided_p_value(t: f64) -> f64 {
    2.0 * normal_cdf(-t.abs())
}

/// Adjusted p-values, in the order given.
///
/// Missing: refused, a test that was not run does not count.
///
/// # Errors
/// A value outside `[0, 1]`.
///
/// # Example
/// ```
/// use shoals_stats::significance::{Adjustment, adjusted_p_values};
/// let adjusted = adjusted_p_values(&[0.01, 0.04, 0.03], Adjustment::Holm)?;
/// assert_eq!(adjusted, [0.03, 0.06, 0.06]);
/// # Ok::<(), shoals_stats::StatError>(())
/// ```
pub fn adjusted_p_values(p_values: &[f64], adjustment: Adjustment) -> Result<Vec<f64>, StatError> {
    require_finite(p_values)?;
    for &p in p_values {
        require_setting("p_value", p, "[0, 1]", (0.0..=1.0).contains(&p))?;
    }
    let n = p_values.len();
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&a, &b| p_values[a].total_cmp(&p_values[b]));
    let mut adjusted = vec![0.0; n];
    match adjustment {
        Adjustment::Bonferroni => {
            adjusted.iter_mut().zip(p_values).for_each(|(to, p)| *to = (p * n as f64).min(1.0));
        }
        Adjustment::Holm => {
            let mut least = 0.0_f64;
            for (k, &i) in order.iter().enumerate() {
                least = least.max(p_values[i] * (n - k) as f64).min(1.0);
                adjusted[i] = least;
            }
        }
        Adjustment::BenjaminiYekutieli => {
            let harmonic: f64 = (1..=n).map(|k| 1.0 / k as f64).sum();
            let mut most = 1.0_f64;
            for (k, &i) in order.iter().enumerate().rev() {
                most = most.min(p_values[i] * harmonic * n as f64 / (k + 1) as f64);
                adjusted[i] = most;
            }
        }
    }
    Ok(adjusted)
}

/// Probability that the true ratio of mean to deviation exceeds `benchmark`, both per period.
///
/// Bailey and Lopez de Prado (2012): `Phi((SR - SR*) sqrt(n - 1) / sqrt(1 - g3 SR + (g4 - 1) / 4
/// SR^2))`, g4 the raw kurtosis. Missing: NaN is left out.
///
/// # Errors
/// Fewer than four values, or no variation.
pub fn probabilistic_sharpe(values: &[f64], benchmark: f64) -> Result<f64, StatError> {
    let ratio = mean(values)? / std(values, 1)?;
    let shape = Shape { skewness: skewness(values)?, kurtosis: excess_kurtosis(values)? + 3.0 };
    Ok(shape.probability_above(ratio, benchmark, observed(values, 4)?.len()))
}

/// Skewness and raw kurtosis, 0 and 3 for a normal sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shape {
    /// Third standardised moment.
    pub skewness: f64,
    /// Fourth standardised moment.
    pub kurtosis: f64,
}

impl Shape {
    /// [`probabilistic_sharpe`] from its ingredients: a ratio per period from `n` of them.
    pub fn probability_above(self, ratio: f64, benchmark: f64, n: usize) -> f64 {
        normal_cdf((ratio - benchmark) * (n as f64 - 1.0).sqrt() / self.spread(ratio))
    }

    /// Observations after which a ratio is known to exceed `benchmark` with `confidence`; infinite
    /// when it does not.
    pub fn minimum_track_record(self, ratio: f64, benchmark: f64, confidence: f64) -> f64 {
        if ratio <= benchmark {
            return f64::INFINITY;
        }
        let z = normal_quantile(confidence);
        1.0 + (self.spread(ratio) * z / (ratio - benchmark)).powi(2)
    }

    /// Mertens' (2002) standard error of a ratio per period from `n` independent returns of this shape.
    pub fn standard_error(self, ratio: f64, n: usize) -> f64 {
        self.spread(ratio) / (n as f64).sqrt()
    }

    fn spread(self, ratio: f64) -> f64 {
        (1.0 - self.skewness * ratio + (self.kurtosis - 1.0) / 4.0 * ratio * ratio).sqrt()
    }
}

/// The greatest ratio to expect of `n_trials` independent ones without skill whose ratios have this
/// `variance`: `sqrt(V) ((1 - g) z(1 - 1/N) + g z(1 - 1/(N e)))`, g Euler's constant.
///
/// # Errors
/// Fewer than two trials, or a negative variance.
pub fn expected_maximum(n_trials: usize, variance: f64) -> Result<f64, StatError> {
    require_setting("n_trials", n_trials as f64, "at least 2", n_trials >= 2)?;
    require_setting("variance", variance, "zero or positive", variance >= 0.0)?;
    let n = n_trials as f64;
    let likely = normal_quantile(1.0 - 1.0 / n);
    let rare = normal_quantile(1.0 - (-1.0_f64).exp() / n);
    Ok(variance.sqrt() * ((1.0 - EULER) * likely + EULER * rare))
}

/// The deflated ratio of `values`, the best of trials with these `ratios` per period: the probability
/// that it beats what luck would have made of as many.
///
/// # Errors
/// As [`probabilistic_sharpe`] and [`expected_maximum`].
pub fn deflated_sharpe(values: &[f64], ratios: &[f64]) -> Result<f64, StatError> {
    let spread = std(ratios, 1)?;
    let benchmark = expected_maximum(observed(ratios, 2)?.len(), spread * spread)?;
    probabilistic_sharpe(values, benchmark)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(adjustment: Adjustment, expected: [f64; 4]) {
        let adjusted = adjusted_p_values(&[0.01, 0.02, 0.03, 0.5], adjustment).unwrap();
        for (ours, theirs) in adjusted.iter().zip(expected) {
            assert!((ours - theirs).abs() < 1e-15, "{adjustment:?} {adjusted:?}");
        }
    }

    /// By hand, as R's `p.adjust`: the harmonic sum of four is 25/12.
    #[test]
    fn p_values_are_adjusted_as_by_hand() {
        check(Adjustment::Bonferroni, [0.04, 0.08, 0.12, 1.0]);
        check(Adjustment::Holm, [0.04, 0.06, 0.06, 0.5]);
        let best = 0.03 * 4.0 / 3.0 * 25.0 / 12.0;
        check(Adjustment::BenjaminiYekutieli, [best, best, best, 1.0]);
        assert!(adjusted_p_values(&[1.2], Adjustment::Holm).is_err());
        assert!((two_sided_p_value(1.959_963_984_540_054) - 0.05).abs() < 1e-15);
    }

    /// Witness: Bailey and Lopez de Prado (2014), the example of 100 trials: annual variance 1/2,
    /// five years of days, skewness -3, kurtosis 10, annual ratio 2.5: SR0 = 0.1132 a day, DSR 0.9004.
    #[test]
    fn the_published_example_is_deflated_alike() {
        let benchmark = expected_maximum(100, 0.5 / 250.0).unwrap();
        assert!((benchmark - 0.1132).abs() < 0.5e-4, "{benchmark}");
        let shape = Shape { skewness: -3.0, kurtosis: 10.0 };
        let deflated = shape.probability_above(2.5 / 250f64.sqrt(), benchmark, 1_250);
        assert!((deflated - 0.9004).abs() < 0.5e-4, "{deflated}");
        assert!(expected_maximum(1, 0.5).is_err());
    }

    #[test]
    fn more_trials_deflate_more() {
        let values: Vec<f64> = (0..200).map(|i| 0.1 + (f64::from(i) * 0.7).sin()).collect();
        let few = deflated_sharpe(&values, &[0.1, 0.05]).unwrap();
        let many: Vec<f64> = (0..100).map(|i| [0.1, 0.05][i % 2]).collect();
        assert!(deflated_sharpe(&values, &many).unwrap() < few);
        assert!(few < probabilistic_sharpe(&values, 0.0).unwrap());
    }
}
