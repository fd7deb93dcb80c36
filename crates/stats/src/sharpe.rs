//! How sure is a Sharpe ratio, when returns are neither normal nor independent?
//!
//! All ratios here are per period: `mean / sample deviation`. Three standard errors, from the least to the most careful:
//! independent normal returns ([`crate::performance::lo_standard_error`]), independent ones of any shape ([`mertens_standard_error`]) and
//! dependent ones ([`hac_standard_error`]). Sources: Lo (2002, FAJ 58(4)); Mertens (2002); Newey and West (1987).
//!
//! Method page: `docs/method/fund_record.md`

use crate::StatError;
use crate::hac::{SmallSample, newey_west_mean};
use crate::moments::{excess_kurtosis, mean_of, skewness, variance};
use crate::observed::{require_finite, require_setting};
use crate::performance::{lo_time_scaling, sharpe_ratio};
use crate::significance::Shape;

/// Standard error of the ratio of independent returns of any shape:
/// `sqrt((1 - g3 SR + (g4 - 1) / 4 SR^2) / n)`.
///
/// Missing: NaN is left out.
///
/// # Errors
/// Fewer than four values, or no variation.
pub fn mertens_standard_error(excess_returns: &[f64]) -> Result<f64, StatError> {
    let shape = Shape {
        skewness: skewness(excess_returns)?,
        kurtosis: excess_kurtosis(excess_returns)? + 3.0,
    };
    let n = excess_returns.iter().filter(|r| !r.is_nan()).count();
    Ok(shape.standard_error(sharpe_ratio(excess_returns, 1.0)?, n))
}

/// Standard error of the ratio of dependent returns: the delta method on mean and variance, with `lag` autocovariances by
/// Bartlett weights (Lo's generalised-method-of-moments error). With lag 0 it is Mertens'.
///
/// Missing: refused, a gap would shift every lag.
///
/// # Errors
/// A value that is not finite, fewer than two, no variation, or a lag not below their number.
pub fn hac_standard_error(excess_returns: &[f64], lag: usize) -> Result<f64, StatError> {
    require_finite(excess_returns)?;
    sharpe_ratio(excess_returns, 1.0)?;
    let mean = mean_of(excess_returns);
    let deviation = variance(excess_returns, 0)?.sqrt();
    let ratio = mean / deviation;
    let influence: Vec<f64> = excess_returns
        .iter()
        .map(|r| {
            let z = (r - mean) / deviation;
            z - ratio / 2.0 * (z * z - 1.0)
        })
        .collect();
    Ok(newey_west_mean(&influence, lag, SmallSample::Plain)?.standard_error)
}

/// Lo's (2002) factor from a per-period ratio to one of `periods`, when autocorrelations beyond those given are taken as none:
/// a sum of 241 of them, each of a sample, would be noise.
///
/// # Errors
/// As many autocorrelations as `periods` or more, or ones so negative that the variance over `periods` would not be positive.
pub fn truncated_time_scaling(autocorrelations: &[f64], periods: usize) -> Result<f64, StatError> {
    let given = autocorrelations.len();
    require_setting("periods", periods as f64, "more than the autocorrelations", periods > given)?;
    let mut padded = autocorrelations.to_vec();
    padded.resize(periods - 1, 0.0);
    let scaling = lo_time_scaling(&padded);
    let expected = "autocorrelations with a positive variance over the periods";
    require_setting("scaling", scaling, expected, scaling.is_finite())?;
    Ok(scaling)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn skewed(n: u32) -> Vec<f64> {
        (0..n).map(|i| 0.01 + 0.02 * (f64::from(i) * 1.7).sin().powi(3).exp()).collect()
    }

    /// Closed form: without autocovariances the delta method is Mertens' formula on the same moments.
    #[test]
    fn without_lags_the_careful_error_is_mertens() {
        let x = skewed(60);
        let shape =
            Shape { skewness: skewness(&x).unwrap(), kurtosis: excess_kurtosis(&x).unwrap() + 3.0 };
        let ratio = sharpe_ratio(&x, 1.0).unwrap() * (60.0_f64 / 59.0).sqrt();
        let careful = hac_standard_error(&x, 0).unwrap();
        assert!((careful - shape.standard_error(ratio, 60)).abs() < 1e-14, "{careful}");
        assert!((mertens_standard_error(&x).unwrap() / careful - 1.0).abs() < 0.01);
    }

    /// Closed form: a normal shape has Lo's independent error; autocorrelations that stop give his factor by hand.
    #[test]
    fn normal_and_truncated_by_hand() {
        let normal = Shape { skewness: 0.0, kurtosis: 3.0 };
        let lo = crate::performance::lo_standard_error(0.5, 24);
        assert!((normal.standard_error(0.5, 24) - lo).abs() < 1e-15);
        let by_hand = 12.0 / (12.0 + 2.0 * 11.0 * 0.2_f64).sqrt();
        assert!((truncated_time_scaling(&[0.2], 12).unwrap() - by_hand).abs() < 1e-14);
        assert!(truncated_time_scaling(&[-0.9], 12).is_err());
        assert!(truncated_time_scaling(&[0.1; 12], 12).is_err());
    }
}
