//! Cumulated one-step surprises: would somebody who kept the mean so far have noticed?
//!
//! The recursive residual of a mean is `w_t = (y_t - mean of the days before) / sqrt(1 + 1 / (t - 1))`. Their
//! cumulated sum over `sigma sqrt(n - 1)` crosses the lines `c (1 + 2 s)`, `s` the share of the sample, with
//! known probability (Brown, Durbin and Evans 1975). R's `strucchange` gives the same numbers.

use super::{Cusum, Noise, long_run_variance, require_sample, require_variance};
use crate::StatError;
use crate::moments::{mean_of, variance};
use crate::normal::normal_cdf;

/// Tests a constant mean by its cumulated recursive residuals; the statistic is the greatest distance in units of
/// the boundary `1 + 2 s`, whose 5 % mark is 0.948. `at` is the observation at which it stands.
///
/// Missing: refused.
///
/// # Errors
/// As [`super::ols_cusum`].
pub fn recursive_cusum(values: &[f64], noise: Noise) -> Result<Cusum, StatError> {
    let path = recursive_cusum_path(values, noise)?;
    let n = path.len() as f64;
    let distance = |(j, sum): (usize, &f64)| sum.abs() / (1.0 + 2.0 * (j + 1) as f64 / n);
    let (at, statistic) = path
        .iter()
        .enumerate()
        .map(|cell| (cell.0, distance(cell)))
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .expect("the sample is not empty");
    Ok(Cusum { statistic, p_value: boundary_p_value(statistic), at: at + 1 })
}

/// The cumulated recursive residuals in units of `sigma sqrt(n - 1)`, from the second observation on.
///
/// # Errors
/// As [`recursive_cusum`].
pub fn recursive_cusum_path(values: &[f64], noise: Noise) -> Result<Vec<f64>, StatError> {
    require_sample(values, noise)?;
    let residuals = recursive_residuals(values);
    let spread = match noise {
        Noise::Independent => variance(&residuals, 1)?,
        Noise::Autocorrelated(_) => {
            let mean = mean_of(&residuals);
            let centred: Vec<f64> = residuals.iter().map(|w| w - mean).collect();
            long_run_variance(&centred, noise)
        }
    };
    let scale = (require_variance(spread)? * residuals.len() as f64).sqrt();
    let mut sum = 0.0;
    let cumulated = residuals.iter().map(|w| {
        sum += w;
        sum / scale
    });
    Ok(cumulated.collect())
}

fn recursive_residuals(values: &[f64]) -> Vec<f64> {
    let mut mean = values[0];
    let residual = |(i, y): (usize, &f64)| {
        let n_before = (i + 1) as f64;
        let surprise = y - mean;
        mean += surprise / (n_before + 1.0);
        surprise / (1.0 + 1.0 / n_before).sqrt()
    };
    values[1..].iter().enumerate().map(residual).collect()
}

/// Probability of crossing `c (1 + 2 s)` on either side; Zeileis (2004), below 0.3 his straight line.
fn boundary_p_value(c: f64) -> f64 {
    if c < 0.3 {
        return 1.0 - 0.1465 * c;
    }
    let square = c * c;
    let near = (-4.0 * square).exp() * (normal_cdf(c) + normal_cdf(5.0 * c) - 1.0);
    let far = (-16.0 * square).exp() * normal_cdf(-c);
    (2.0 * (normal_cdf(-3.0 * c) + near - far)).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Witness: the three marks of Brown, Durbin and Evans (1975).
    #[test]
    fn probabilities_agree_with_printed_critical_values() {
        for (mark, p) in [(0.850, 0.10), (0.948, 0.05), (1.143, 0.01)] {
            assert!((boundary_p_value(mark) - p).abs() < 5e-4, "{mark}");
        }
    }

    /// A mean that holds is never surprised; each residual knows only what came before it.
    #[test]
    fn residuals_are_surprises() {
        let values = [1.0, 3.0, 2.0, 2.0];
        let w = recursive_residuals(&values);
        let expected = [2.0 / 2f64.sqrt(), 0.0, 0.0];
        assert!(w.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-15), "{w:?}");
    }
}
