//! Mean, spread and shape of a sample.
//!
//! Skewness and kurtosis are the plain moment ratios (divisor n), as `PerformanceAnalytics` prints
//! by default. Missing: NaN is left out throughout.

use crate::StatError;
use crate::observed::{observed, require_finite};

/// Arithmetic mean.
///
/// # Errors
/// When there is no observation.
pub fn mean(values: &[f64]) -> Result<f64, StatError> {
    Ok(mean_of(&observed(values, 1)?))
}

/// Variance with divisor `n - ddof`.
///
/// # Errors
/// When there are not more than `ddof` observations.
pub fn variance(values: &[f64], ddof: usize) -> Result<f64, StatError> {
    let values = observed(values, ddof + 1)?;
    Ok(central_moment(&values, 2) * values.len() as f64 / (values.len() - ddof) as f64)
}

/// Standard deviation with divisor `n - ddof`; `ddof = 1` is the sample estimate.
///
/// # Errors
/// When there are not more than `ddof` observations.
pub fn std(values: &[f64], ddof: usize) -> Result<f64, StatError> {
    variance(values, ddof).map(f64::sqrt)
}

/// Skewness `m3 / m2^(3/2)`: negative when the left tail is the longer one.
///
/// # Errors
/// Fewer than three observations, or no variation.
pub fn skewness(values: &[f64]) -> Result<f64, StatError> {
    let values = observed(values, 3)?;
    let m2 = spread(&values)?;
    Ok(central_moment(&values, 3) / (m2 * m2.sqrt()))
}

/// Excess kurtosis `m4 / m2^2 - 3`: zero for a normal sample, positive for fat tails.
///
/// # Errors
/// Fewer than four observations, or no variation.
pub fn excess_kurtosis(values: &[f64]) -> Result<f64, StatError> {
    let values = observed(values, 4)?;
    let m2 = spread(&values)?;
    Ok(central_moment(&values, 4) / (m2 * m2) - 3.0)
}

/// Autocorrelations at lags 1 to `max_lag`, with the full-sample mean and variance.
///
/// Missing: refused, a gap would shift every lag.
///
/// # Errors
/// A missing or infinite value, not more than `max_lag + 1` observations, no variation.
pub fn autocorrelations(values: &[f64], max_lag: usize) -> Result<Vec<f64>, StatError> {
    require_finite(values)?;
    let needed = max_lag + 2;
    if values.len() < needed {
        return Err(StatError::TooFewObservations { needed, found: values.len() });
    }
    let covariances = autocovariances(values, max_lag);
    if covariances[0] == 0.0 {
        return Err(StatError::Constant { what: "the series" });
    }
    Ok(covariances[1..].iter().map(|c| c / covariances[0]).collect())
}

/// Autocovariances with divisor n at lags 0 to `max_lag`, of finite values.
pub(crate) fn autocovariances(values: &[f64], max_lag: usize) -> Vec<f64> {
    let mean = mean_of(values);
    let centred: Vec<f64> = values.iter().map(|x| x - mean).collect();
    (0..=max_lag)
        .map(|lag| {
            let products = centred[lag..].iter().zip(&centred).map(|(a, b)| a * b);
            products.sum::<f64>() / values.len() as f64
        })
        .collect()
}

/// Mean of finite values; NaN of none.
pub(crate) fn mean_of(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn central_moment(values: &[f64], power: i32) -> f64 {
    let mean = mean_of(values);
    values.iter().map(|x| (x - mean).powi(power)).sum::<f64>() / values.len() as f64
}

/// The second moment, refused when rounding is all there is of it.
fn spread(values: &[f64]) -> Result<f64, StatError> {
    let m2 = central_moment(values, 2);
    if m2.sqrt() <= mean_of(values).abs() * f64::EPSILON * 4.0 {
        return Err(StatError::Constant { what: "the sample" });
    }
    Ok(m2)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand on 1, 2, 3, 4, 10: mean 4, deviations -3 -2 -1 0 6, m2 = 10, m3 = 36, m4 = 278.8.
    #[test]
    fn moments_of_five_numbers_by_hand() {
        let x = [1.0, 2.0, f64::NAN, 3.0, 4.0, 10.0];
        assert!((mean(&x).unwrap() - 4.0).abs() < 1e-15);
        assert!((variance(&x, 0).unwrap() - 10.0).abs() < 1e-12);
        assert!((variance(&x, 1).unwrap() - 12.5).abs() < 1e-12);
        assert!((skewness(&x).unwrap() - 36.0 / 1000f64.sqrt()).abs() < 1e-12);
        assert!((excess_kurtosis(&x).unwrap() - (2.788 - 3.0)).abs() < 1e-12);
    }

    #[test]
    fn a_sample_without_shape_is_refused() {
        assert!(mean(&[f64::NAN]).is_err());
        assert!(std(&[1.0], 1).is_err());
        assert!(matches!(skewness(&[0.1; 9]), Err(StatError::Constant { .. })));
        assert!(autocorrelations(&[1.0, f64::NAN, 2.0], 1).is_err());
        assert!(autocorrelations(&[1.0, 2.0], 1).is_err());
    }
}
