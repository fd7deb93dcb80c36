//! Standard errors that survive autocorrelated and unequal residuals: Newey and West (1987).
//!
//! `cov = (X'X)^-1 S (X'X)^-1` with `S = sum_t u_t u_t' + sum_l (1 - l/(L+1)) (G_l + G_l')`,
//! `u_t = e_t x_t`, `G_l = sum_t u_t u_{t-l}'`. No prewhitening; without the optional factor
//! `n / (n - k)` as statsmodels and R's `sandwich::NeweyWest(prewhite = FALSE)` print by default.

use serde::{Deserialize, Serialize};

use crate::StatError;
use crate::observed::{require_finite, require_setting};
use crate::regression::{Fit, Intercept, ols};

/// Whether the covariance carries the small-sample factor `n / (n - k)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SmallSample {
    /// The plain asymptotic formula.
    #[default]
    Plain,
    /// Times `n / (n - k)`.
    Corrected,
}

/// A mean with its robust standard error.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct MeanTest {
    /// The mean.
    pub mean: f64,
    /// Its Newey-West standard error.
    pub standard_error: f64,
    /// `mean / standard_error`.
    pub t: f64,
}

/// Newey-West standard errors of a fit's coefficients with `lag` autocovariances.
///
/// # Errors
/// A lag not below the number of observations.
pub fn newey_west(fit: &Fit, lag: usize, correction: SmallSample) -> Result<Vec<f64>, StatError> {
    let covariance = newey_west_covariance(fit, lag, correction)?;
    let k = fit.coefficients.len();
    Ok((0..k).map(|i| covariance[i * k + i].sqrt()).collect())
}

/// Newey-West covariance of a fit's coefficients, row-major; errors of their combinations come from it.
///
/// # Errors
/// As [`newey_west`].
pub fn newey_west_covariance(
    fit: &Fit,
    lag: usize,
    correction: SmallSample,
) -> Result<Vec<f64>, StatError> {
    let (n, k) = (fit.residuals.len(), fit.coefficients.len());
    require_setting("lag", lag as f64, "below the number of observations", lag < n)?;
    let scores = scores(fit);
    let mut meat = cross_products(&scores, k, 0);
    for l in 1..=lag {
        let weight = 1.0 - l as f64 / (lag as f64 + 1.0);
        let lagged = cross_products(&scores, k, l);
        for (cell, total) in meat.iter_mut().enumerate() {
            *total += weight * (lagged[cell] + lagged[cell % k * k + cell / k]);
        }
    }
    let factor = match correction {
        SmallSample::Plain => 1.0,
        SmallSample::Corrected => n as f64 / (n - k) as f64,
    };
    let row = |i: usize| &fit.gram_inverse[i * k..][..k];
    Ok((0..k * k).map(|cell| factor * sandwich(row(cell / k), &meat, row(cell % k))).collect())
}

/// Tests a mean against zero with Newey-West errors, for overlapping or autocorrelated series.
///
/// Missing: refused, a gap would shift every lag.
///
/// # Errors
/// A value that is not finite, fewer than two, or a lag not below their number.
pub fn newey_west_mean(
    values: &[f64],
    lag: usize,
    correction: SmallSample,
) -> Result<MeanTest, StatError> {
    require_finite(values)?;
    let fit = ols(values, &[], Intercept::Included)?;
    let standard_error = newey_west(&fit, lag, correction)?[0];
    let mean = fit.coefficients[0];
    Ok(MeanTest { mean, standard_error, t: mean / standard_error })
}

/// How many autocovariances an error takes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LagRule {
    /// `h - 1`, what overlapping returns over `h` periods share; [`automatic_lag`] if that is longer.
    #[default]
    OverlapOrAutomatic,
    /// `h - 1`.
    Overlap,
    /// [`automatic_lag`].
    Automatic,
    /// This many.
    Fixed(usize),
}

impl LagRule {
    /// The lag for `n` observations of returns over `horizon` periods.
    pub fn lag(self, n: usize, horizon: usize) -> usize {
        let overlap = horizon.saturating_sub(1);
        match self {
            Self::OverlapOrAutomatic => overlap.max(automatic_lag(n)),
            Self::Overlap => overlap,
            Self::Automatic => automatic_lag(n),
            Self::Fixed(lag) => lag,
        }
    }
}

/// The common choice of lag, `floor(4 (n / 100)^(2/9))` (Newey and West 1994).
pub fn automatic_lag(n: usize) -> usize {
    (4.0 * (n as f64 / 100.0).powf(2.0 / 9.0)).floor() as usize
}

/// `e_t x_t`, row after row.
fn scores(fit: &Fit) -> Vec<f64> {
    let rows = fit.residuals.iter().enumerate();
    rows.flat_map(|(t, e)| fit.design.iter().map(move |column| e * column[t])).collect()
}

/// `sum_t u_t u_{t-l}'`, row-major.
fn cross_products(scores: &[f64], k: usize, lag: usize) -> Vec<f64> {
    let mut sums = vec![0.0; k * k];
    for (now, before) in scores[lag * k..].chunks_exact(k).zip(scores.chunks_exact(k)) {
        for (row, a) in sums.chunks_exact_mut(k).zip(now) {
            row.iter_mut().zip(before).for_each(|(sum, b)| *sum += a * b);
        }
    }
    sums
}

fn sandwich(left: &[f64], matrix: &[f64], right: &[f64]) -> f64 {
    let k = left.len();
    matrix.iter().enumerate().map(|(cell, value)| left[cell / k] * value * right[cell % k]).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand on 1, 2, 3, 6: mean 3, residuals -2 -1 0 3, gamma0 = 14, gamma1 = 2;
    /// S = 14 + 2 * 0.5 * 2 = 16, so the error is sqrt(16) / 4 = 1.
    #[test]
    fn a_mean_of_four_numbers_by_hand() {
        let test = newey_west_mean(&[1.0, 2.0, 3.0, 6.0], 1, SmallSample::Plain).unwrap();
        assert!((test.standard_error - 1.0).abs() < 1e-14);
        assert!((test.t - 3.0).abs() < 1e-13);
        let corrected = newey_west_mean(&[1.0, 2.0, 3.0, 6.0], 1, SmallSample::Corrected).unwrap();
        assert!((corrected.standard_error - (4.0 / 3.0_f64).sqrt()).abs() < 1e-14);
        assert!(newey_west_mean(&[1.0, 2.0], 2, SmallSample::Plain).is_err());
        assert_eq!(automatic_lag(100), 4);
        assert_eq!(LagRule::OverlapOrAutomatic.lag(100, 20), 19);
        assert_eq!(LagRule::OverlapOrAutomatic.lag(100, 1), 4);
    }
}
