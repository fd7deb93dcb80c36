//! What do the worst periods look like?
//!
//! Value at risk and shortfall are *returns*, so usually negative, at a named tail probability (0.05 is the worst
//! twentieth): of the sample, or of a normal bent by the sample's skewness and kurtosis. Missing: NaN is left out.

use serde::Serialize;

use crate::StatError;
use crate::hac::{SmallSample, automatic_lag, newey_west_mean};
use crate::moments::{excess_kurtosis, mean_of, skewness, std};
use crate::normal::{normal_density, normal_quantile};
use crate::observed::{observed, require_finite, require_setting};
use crate::percentile::percentile;

/// Historical value at risk: the return at `tail_probability` of the sample (type-7 percentile).
///
/// # Errors
/// A probability outside `(0, 1)`, or no observation.
pub fn value_at_risk(returns: &[f64], tail_probability: f64) -> Result<f64, StatError> {
    let is_legal = 0.0 < tail_probability && tail_probability < 1.0;
    require_setting("tail_probability", tail_probability, "(0, 1)", is_legal)?;
    percentile(returns, tail_probability)
}

/// Historical expected shortfall: the mean of the returns at or below the value at risk.
///
/// # Errors
/// A probability outside `(0, 1)`, or no observation.
pub fn expected_shortfall(returns: &[f64], tail_probability: f64) -> Result<f64, StatError> {
    let threshold = value_at_risk(returns, tail_probability)?;
    let tail: Vec<f64> = observed(returns, 1)?.into_iter().filter(|&r| r <= threshold).collect();
    crate::moments::mean(&tail)
}

/// Size of the gain at `1 - tail_probability` of the sample over that of the loss at `tail_probability`: below 1 the losses
/// are the larger ones.
///
/// # Errors
/// A probability outside `(0, 1)`, no observation, or no loss to divide by.
pub fn tail_ratio(returns: &[f64], tail_probability: f64) -> Result<f64, StatError> {
    let loss = value_at_risk(returns, tail_probability)?.abs();
    require_setting("loss", loss, "other than 0", loss > 0.0)?;
    Ok(percentile(returns, 1.0 - tail_probability)?.abs() / loss)
}

/// Standard error of [`expected_shortfall`], clustering taken in: Newey-West of its influence function
/// `q + min(r - q, 0) / p`.
///
/// Missing: refused, a gap would shift every lag.
///
/// # Errors
/// As [`expected_shortfall`], a value not finite, fewer than two.
pub fn expected_shortfall_error(returns: &[f64], tail_probability: f64) -> Result<f64, StatError> {
    require_finite(returns)?;
    let q = value_at_risk(returns, tail_probability)?;
    let influence: Vec<f64> = returns.iter().map(|r| (r - q).min(0.0) / tail_probability).collect();
    let lag = automatic_lag(returns.len()).min(returns.len().saturating_sub(1));
    Ok(newey_west_mean(&influence, lag, SmallSample::Corrected)?.standard_error)
}

/// A tail told by four moments.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CornishFisher {
    /// Value at risk, a return a period.
    pub value_at_risk: f64,
    /// Modified expected shortfall, a return a period; never milder than the value at risk.
    pub expected_shortfall: f64,
    /// Whether the bent quantiles still rise with the probability everywhere; where not, both numbers mean nothing.
    pub is_monotone: bool,
}

/// Cornish and Fisher's value at risk and the modified expected shortfall of Boudt, Peterson and Croux (2008).
///
/// `h = z + (z^2 - 1) S / 6 + (z^3 - 3 z) K / 24 - (2 z^3 - 5 z) S^2 / 36`, value at risk `m + s h`; the shortfall is the
/// mean below `h` of the second-order Edgeworth density, `-phi(h) (1 + S h^3 / 6 + K (h^4 - 2 h^2 - 1) / 24 + S^2 (h^6 - 9 h^4 +
/// 9 h^2 + 3) / 72) / p`. Deviation with divisor n, as `PerformanceAnalytics`. Missing: NaN is left out.
///
/// # Errors
/// A probability outside `(0, 0.5)`, fewer than four observations, no variation.
pub fn cornish_fisher(returns: &[f64], tail_probability: f64) -> Result<CornishFisher, StatError> {
    let is_legal = 0.0 < tail_probability && tail_probability < 0.5;
    require_setting("tail_probability", tail_probability, "(0, 0.5)", is_legal)?;
    let returns = observed(returns, 4)?;
    let (mean, s) = (mean_of(&returns), std(&returns, 0)?);
    let (skew, kurt) = (skewness(&returns)?, excess_kurtosis(&returns)?);
    let z = normal_quantile(tail_probability);
    let h = z + (z * z - 1.0) * skew / 6.0 + (z.powi(3) - 3.0 * z) * kurt / 24.0
        - (2.0 * z.powi(3) - 5.0 * z) * skew * skew / 36.0;
    let edgeworth = 1.0
        + skew * h.powi(3) / 6.0
        + kurt * (h.powi(4) - 2.0 * h * h - 1.0) / 24.0
        + skew * skew * (h.powi(6) - 9.0 * h.powi(4) + 9.0 * h * h + 3.0) / 72.0;
    let below = -normal_density(h) * edgeworth / tail_probability;
    Ok(CornishFisher {
        value_at_risk: mean + s * h,
        expected_shortfall: mean + s * below.min(h),
        is_monotone: is_monotone(skew, kurt),
    })
}

/// Whether `dh/dz = a z^2 + S z / 3 + c` is nowhere negative (Maillard 2012).
fn is_monotone(skew: f64, kurt: f64) -> bool {
    let a = kurt / 8.0 - skew * skew / 6.0;
    let (b, c) = (skew / 3.0, 1.0 - kurt / 8.0 + 5.0 * skew * skew / 36.0);
    if a > 0.0 { 4.0 * a * c >= b * b } else { a == 0.0 && b == 0.0 && c >= 0.0 }
}

/// Hill's estimate of a tail that falls as a power.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HillTail {
    /// `P(loss > x)` falls as `x` to minus this.
    pub exponent: f64,
    /// Its standard error for independent losses, `exponent / sqrt k`.
    pub error: f64,
    /// The `k`-th greatest loss.
    pub threshold: f64,
}

/// Exponent of the tail of the `k` greatest of `losses`: `k / sum of ln(loss / (k + 1)-th greatest loss)`.
///
/// Losses that cluster in time make the true error larger. Source: Hill (1975), Annals of Statistics 3, 1163-1174.
///
/// # Errors
/// `k` below 2, `k + 1` or fewer losses, or a `(k + 1)`-th greatest that is not positive.
pub fn hill(losses: &[f64], k: usize) -> Result<HillTail, StatError> {
    require_setting("k", k as f64, "at least 2", k >= 2)?;
    let mut sorted = observed(losses, k + 2)?;
    sorted.sort_unstable_by(|a, b| b.total_cmp(a));
    let floor = sorted[k];
    require_setting("losses", floor, "positive in the tail", floor > 0.0)?;
    let sum: f64 = sorted[..k].iter().map(|loss| (loss / floor).ln()).sum();
    require_setting("losses", sum, "different in the tail", sum > 0.0)?;
    let exponent = k as f64 / sum;
    Ok(HillTail { exponent, error: exponent / (k as f64).sqrt(), threshold: sorted[k - 1] })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: 21 returns -0.10, -0.09 ... 0.10; the 5 % percentile is the second smallest.
    #[test]
    fn the_tail_of_a_ladder_by_hand() {
        let ladder: Vec<f64> = (-10..=10).map(|i| f64::from(i) / 100.0).collect();
        assert!((value_at_risk(&ladder, 0.05).unwrap() + 0.09).abs() < 1e-15);
        assert!((expected_shortfall(&ladder, 0.05).unwrap() + 0.095).abs() < 1e-15);
        assert!(value_at_risk(&ladder, 0.0).is_err());
    }

    /// A normal sample's quantiles: with skewness and kurtosis near zero the bent numbers are the normal ones, `z` and
    /// `-phi(z) / p`. A shape outside the legal region is told.
    #[test]
    fn a_normal_sample_is_not_bent() {
        let n = 40_000;
        let ladder: Vec<f64> =
            (0..n).map(|i| normal_quantile((f64::from(i) + 0.5) / f64::from(n))).collect();
        let found = cornish_fisher(&ladder, 0.05).unwrap();
        let z = normal_quantile(0.05);
        // The ladder lacks the ends: its kurtosis is -0.0017.
        assert!((found.value_at_risk - z).abs() < 2e-3, "{found:?}");
        assert!((found.expected_shortfall + normal_density(z) / 0.05).abs() < 2e-3, "{found:?}");
        assert!(is_monotone(0.0, 0.0) && is_monotone(-0.5, 3.0));
        assert!(!is_monotone(-3.0, 2.0) && !is_monotone(0.0, 9.0));
        assert!(cornish_fisher(&ladder, 0.5).is_err());
    }

    /// Independent draws: the error of the shortfall is `sqrt(var(min(r - q, 0)) / n) / p`; for a normal at 5 % that is
    /// 2.5 times sigma over root n by the closed moments of the cut normal.
    #[test]
    fn the_shortfalls_error_is_that_of_independent_draws() {
        let n = 50_000;
        let r: Vec<f64> = (0..n).map(|i| crate::counter_normal::counter_normal(3, i)).collect();
        let ours = expected_shortfall_error(&r, 0.05).unwrap() * (n as f64).sqrt();
        let (p, z) = (0.05, normal_quantile(0.05));
        let phi = normal_density(z);
        let (first, second) = (-phi - z * p, (1.0 + z * z) * p + z * phi);
        let theirs = (second - first * first).sqrt() / p;
        assert!((ours / theirs - 1.0).abs() < 0.03, "{ours} {theirs}");
    }

    /// By hand: losses 8, 4, 2, 1 with k = 2 give 2 / (ln 4 + ln 2); and Pareto quantiles of exponent 3 give back 3.
    #[test]
    fn the_tail_exponent_by_hand_and_of_a_pareto_tail() {
        let by_hand = hill(&[1.0, 8.0, 2.0, 4.0], 2).unwrap();
        assert!((by_hand.exponent - 2.0 / 8.0_f64.ln()).abs() < 1e-15);
        assert_eq!(by_hand.threshold, 4.0);
        let n = 100_000;
        let pareto: Vec<f64> =
            (0..n).map(|i| ((f64::from(i) + 0.5) / f64::from(n)).powf(-1.0 / 3.0)).collect();
        let found = hill(&pareto, 5_000).unwrap();
        assert!((found.exponent - 3.0).abs() < 0.01, "{found:?}");
        assert!(hill(&[-1.0; 9], 3).is_err() && hill(&[1.0, 2.0], 2).is_err());
    }
}
