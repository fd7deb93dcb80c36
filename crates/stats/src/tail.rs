//! What do the worst periods look like?
//!
//! Both measures are *returns*, so usually negative, at a named tail probability (0.05 is the worst
//! twentieth). Missing: NaN is left out.

use crate::StatError;
use crate::observed::{observed, require_setting};
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
