//! Betas that wander: a regression whose coefficients are random walks, filtered.
//!
//! `y_t = x_t' b_t + e_t`, `b_t = b_{t-1} + u_t`, `Var(e) = s2`, `Var(u_i) = q w_i s2`. The one ratio `q` and the
//! noise `s2` maximise the likelihood of the one-step forecasts; `s2` is concentrated out. The first `k`
//! observations only start the filter (a diffuse beginning), they are not counted in the likelihood. With one
//! regressor of ones this is the local-level model. What is known at `t` uses observations up to `t` only.
//!
//! Source: Durbin and Koopman, Time Series Analysis by State Space Methods, sections 2.2, 2.10 and 6.2.

use serde::Serialize;

use crate::StatError;
use crate::observed::{require_finite, require_same_length, require_setting};

/// Variance of the states before any observation, in units of the noise: large, so that it does not matter.
const DIFFUSE: f64 = 1e9;
/// Range of `ln q` that is searched.
const LN_RATIO: [f64; 2] = [-23.0, 5.0];
/// Points of the first pass over that range.
const GRID: usize = 29;

/// A fit of wandering coefficients.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WalkingFit {
    /// `q`: variance of a coefficient's daily step over the noise, before its weight.
    pub ratio: f64,
    /// `s2`: variance of the noise.
    pub noise_variance: f64,
    /// Log-likelihood of the forecasts after the first `k` observations.
    pub log_likelihood: f64,
    /// Log-likelihood of constant coefficients, `q = 0`, the same observations.
    pub constant_log_likelihood: f64,
    /// Filtered coefficients, a row an observation; NaN in the first `k - 1` rows.
    pub filtered: Vec<Vec<f64>>,
    /// Their standard errors.
    pub standard_errors: Vec<Vec<f64>>,
}

/// Fits coefficients that wander; `weights` are the `w_i`, 0 for a coefficient that stays.
///
/// Missing: refused; leave out incomplete observations first.
///
/// # Errors
/// Slices of different length, a value that is not finite, a weight below 0 or none above, or fewer than
/// `k + 10` observations.
///
/// # Example
/// ```
/// use shoals_stats::kalman::walking_regression;
/// let y: Vec<f64> = (0..40).map(|i| 2.0 + 0.1 * f64::from(i % 3)).collect();
/// let ones = vec![1.0; 40];
/// let fit = walking_regression(&y, &[&ones], &[1.0])?;
/// assert!((fit.filtered[39][0] - 2.1).abs() < 0.05);
/// # Ok::<(), shoals_stats::StatError>(())
/// ```
pub fn walking_regression(
    response: &[f64],
    regressors: &[&[f64]],
    weights: &[f64],
) -> Result<WalkingFit, StatError> {
    let (n, k) = (response.len(), regressors.len());
    require_finite(response)?;
    for regressor in regressors {
        require_same_length(response, regressor)?;
        require_finite(regressor)?;
    }
    if weights.len() != k {
        return Err(StatError::LengthMismatch { left: weights.len(), right: k });
    }
    let total: f64 = weights.iter().sum();
    let is_legal = total > 0.0 && weights.iter().all(|w| *w >= 0.0 && w.is_finite());
    require_setting("weights", total, "at or above 0, one of them above", is_legal)?;
    if n < k + 10 {
        return Err(StatError::TooFewObservations { needed: k + 10, found: n });
    }
    let likelihood = |ratio: f64| filter(response, regressors, weights, ratio, None);
    let ratio = best_ratio(&|ln| likelihood(ln.exp()).1);
    let constant_log_likelihood = likelihood(0.0).1;
    let (ratio, best) = match likelihood(ratio).1 {
        walking if walking > constant_log_likelihood => (ratio, walking),
        _ => (0.0, constant_log_likelihood),
    };
    let mut states = States { filtered: Vec::with_capacity(n), variances: Vec::with_capacity(n) };
    let (noise_variance, _) = filter(response, regressors, weights, ratio, Some(&mut states));
    if noise_variance.is_nan() || noise_variance <= 0.0 {
        return Err(StatError::Constant { what: "the residual" });
    }
    let errors =
        |row: &Vec<f64>| row.iter().map(|v| (v.max(0.0) * noise_variance).sqrt()).collect();
    Ok(WalkingFit {
        ratio,
        noise_variance,
        log_likelihood: best,
        constant_log_likelihood,
        standard_errors: states.variances.iter().map(errors).collect(),
        filtered: states.filtered,
    })
}

/// The ratio with the greatest likelihood: a grid, then golden sections around its best point.
fn best_ratio(likelihood: &dyn Fn(f64) -> f64) -> f64 {
    let [low, high] = LN_RATIO;
    let step = (high - low) / (GRID - 1) as f64;
    let best = (0..GRID)
        .map(|i| low + step * i as f64)
        .max_by(|a, b| likelihood(*a).total_cmp(&likelihood(*b)))
        .unwrap_or(low);
    let (mut left, mut right) = (best - step, best + step);
    let golden = (5.0_f64.sqrt() - 1.0) / 2.0;
    for _ in 0..60 {
        let (a, b) = (right - golden * (right - left), left + golden * (right - left));
        if likelihood(a) > likelihood(b) { right = b } else { left = a }
    }
    f64::midpoint(left, right).exp()
}

/// Filtered states and the diagonal of their variances, in units of the noise.
struct States {
    filtered: Vec<Vec<f64>>,
    variances: Vec<Vec<f64>>,
}

/// Runs the filter at unit noise; returns the noise variance and the log-likelihood it concentrates to.
fn filter(
    response: &[f64],
    regressors: &[&[f64]],
    weights: &[f64],
    ratio: f64,
    mut states: Option<&mut States>,
) -> (f64, f64) {
    let (n, k) = (response.len(), regressors.len());
    let mut state = vec![0.0; k];
    // The diffuse start is in the units of each coefficient.
    let mut variance = vec![0.0; k * k];
    for i in 0..k {
        let square: f64 = regressors[i].iter().map(|x| x * x).sum::<f64>() / n as f64;
        variance[i * k + i] = DIFFUSE / square.max(f64::MIN_POSITIVE);
    }
    let (mut squares, mut ln_scale) = (0.0, 0.0);
    let mut gain = vec![0.0; k];
    for (t, &observed) in response.iter().enumerate() {
        if t > 0 {
            for i in 0..k {
                variance[i * k + i] += ratio * weights[i];
            }
        }
        let mut forecast = 0.0;
        for i in 0..k {
            forecast += regressors[i][t] * state[i];
            gain[i] = (0..k).map(|j| variance[i * k + j] * regressors[j][t]).sum();
        }
        let scale: f64 = 1.0 + (0..k).map(|i| regressors[i][t] * gain[i]).sum::<f64>();
        let surprise = observed - forecast;
        if t >= k {
            squares += surprise * surprise / scale;
            ln_scale += scale.ln();
        }
        for i in 0..k {
            state[i] += gain[i] * surprise / scale;
            for j in 0..k {
                variance[i * k + j] -= gain[i] * gain[j] / scale;
            }
        }
        if let Some(states) = states.as_deref_mut() {
            let is_known = t + 1 >= k;
            let kept = |x: f64| if is_known { x } else { f64::NAN };
            states.filtered.push(state.iter().map(|b| kept(*b)).collect());
            states.variances.push((0..k).map(|i| kept(variance[i * k + i])).collect());
        }
    }
    let counted = (n - k) as f64;
    let noise = squares / counted;
    let constant = (2.0 * std::f64::consts::PI).ln();
    (noise, -0.5 * (counted * (constant + noise.ln() + 1.0) + ln_scale))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::regression::{Intercept, ols};

    /// Witness: least squares. Coefficients that do not walk end where the regression does.
    #[test]
    fn coefficients_that_stay_are_the_regressions() {
        let x: Vec<f64> = (0..60).map(|i| (f64::from(i) * 0.7).sin()).collect();
        let e: Vec<f64> = (0..60).map(|i| (f64::from(i * i) * 1.3).sin()).collect();
        let y: Vec<f64> = x.iter().zip(&e).map(|(x, e)| 0.4 + 1.5 * x + 0.2 * e).collect();
        let ones = vec![1.0; 60];
        let mut states = States { filtered: Vec::new(), variances: Vec::new() };
        let (noise, _) = filter(&y, &[&ones, &x], &[0.0, 1.0], 0.0, Some(&mut states));
        let fit = ols(&y, &[&x], Intercept::Included).unwrap();
        for i in 0..2 {
            assert!((states.filtered[59][i] - fit.coefficients[i]).abs() < 1e-6);
            let error = (states.variances[59][i] * noise).sqrt();
            assert!((error / fit.standard_errors[i] - 1.0).abs() < 1e-6, "{error}");
        }
    }

    #[test]
    fn a_wandering_beta_is_followed_and_a_still_one_is_not_made_to_wander() {
        let n = 400_usize;
        let noise = |i: usize, k: f64| ((i * i) as f64 * k).sin();
        let x: Vec<f64> = (0..n).map(|i| noise(i, 0.913)).collect();
        let beta = |i: usize| if i < 200 { 1.0 } else { -1.0 };
        let y: Vec<f64> = (0..n).map(|i| beta(i) * x[i] + 0.3 * noise(i, 1.717)).collect();
        let fit = walking_regression(&y, &[&x], &[1.0]).unwrap();
        assert!((fit.filtered[199][0] - 1.0).abs() < 0.3, "{}", fit.filtered[199][0]);
        assert!((fit.filtered[399][0] + 1.0).abs() < 0.3, "{}", fit.filtered[399][0]);
        assert!(fit.log_likelihood > fit.constant_log_likelihood + 10.0);
        let still: Vec<f64> = (0..n).map(|i| x[i] + 0.3 * noise(i, 1.717)).collect();
        let fit = walking_regression(&still, &[&x], &[1.0]).unwrap();
        assert!(fit.ratio < 1e-3, "{}", fit.ratio);
    }

    #[test]
    fn what_cannot_be_fitted_is_refused() {
        let y = vec![1.0; 30];
        assert!(walking_regression(&y, &[&y[..20]], &[1.0]).is_err());
        assert!(walking_regression(&y[..5], &[&y[..5]], &[1.0]).is_err());
        assert!(walking_regression(&y, &[&y], &[0.0]).is_err());
        assert!(walking_regression(&y, &[&y], &[1.0, 1.0]).is_err());
    }
}
