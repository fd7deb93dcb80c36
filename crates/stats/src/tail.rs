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
}
