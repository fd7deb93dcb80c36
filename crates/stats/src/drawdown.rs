//! How far below its peak did the wealth fall, for how long, and did it come back?
//!
//! `drawdown = wealth / peak so far - 1`, at or below zero. The peak starts at the opening wealth,
//! so a loss in the very first period is a drawdown. Ulcer index: Martin (1987); pain
//! index: Zephyr Associates (2006); both as in Bacon (2008), ch. 4.
//!
//! Missing: a NaN return or value leaves wealth where it was; its drawdown is carried.

use serde::Serialize;

use crate::StatError;
use crate::observed::{observed, require_setting};
use crate::tail::expected_shortfall;

/// One fall from a peak and, where it happened, the way back.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Drawdown {
    /// Depth at the trough, at or below zero.
    pub depth: f64,
    /// Position of the first period below the peak.
    pub start: usize,
    /// Position of the deepest period.
    pub trough: usize,
    /// Position of the first period back at the peak; none while under water.
    pub recovery: Option<usize>,
}

/// Drawdown after each return, at or below zero.
///
/// # Errors
/// No observation, or an infinite one.
pub fn drawdowns(returns: &[f64]) -> Result<Vec<f64>, StatError> {
    observed(returns, 1)?;
    let mut wealth = 1.0;
    Ok(under_water(
        1.0,
        returns.iter().map(|&r| {
            wealth *= if r.is_nan() { 1.0 } else { 1.0 + r };
            wealth
        }),
    ))
}

/// Drawdown of a net asset value on each of its days, at or below zero.
///
/// # Errors
/// No observation, or a value that is not a positive number.
pub fn drawdowns_of_nav(nav: &[f64]) -> Result<Vec<f64>, StatError> {
    for &value in &observed(nav, 1)? {
        require_setting("nav", value, "a positive number", value > 0.0)?;
    }
    let mut last = f64::NAN;
    let carried = nav.iter().map(|&value| {
        last = if value.is_nan() { last } else { value };
        last
    });
    Ok(under_water(f64::NEG_INFINITY, carried))
}

/// The deepest drawdown of a return series; `None` when it never fell below its peak.
///
/// # Errors
/// No observation, or an infinite one.
pub fn max_drawdown(returns: &[f64]) -> Result<Option<Drawdown>, StatError> {
    Ok(deepest(&episodes(&drawdowns(returns)?)))
}

/// The deepest drawdown of a net asset value; `None` when it never fell below its peak.
///
/// # Errors
/// No observation, or a value that is not a positive number.
pub fn max_drawdown_of_nav(nav: &[f64]) -> Result<Option<Drawdown>, StatError> {
    Ok(deepest(&episodes(&drawdowns_of_nav(nav)?)))
}

/// Every fall and recovery of a drawdown series, in order of time.
pub fn episodes(drawdowns: &[f64]) -> Vec<Drawdown> {
    let mut found: Vec<Drawdown> = Vec::new();
    let mut is_under_water = false;
    for (t, &depth) in drawdowns.iter().enumerate() {
        if depth < 0.0 && !is_under_water {
            found.push(Drawdown { depth, start: t, trough: t, recovery: None });
        }
        if let (true, Some(current)) = (is_under_water, found.last_mut()) {
            if depth < current.depth {
                (current.depth, current.trough) = (depth, t);
            } else if depth >= 0.0 {
                current.recovery = Some(t);
            }
        }
        is_under_water = depth < 0.0;
    }
    found
}

/// Root mean square of the drawdowns, positive.
///
/// # Errors
/// No observation, or an infinite one.
pub fn ulcer_index(returns: &[f64]) -> Result<f64, StatError> {
    let depths = drawdowns(returns)?;
    Ok((depths.iter().map(|d| d * d).sum::<f64>() / depths.len() as f64).sqrt())
}

/// Mean depth of the drawdowns, positive.
///
/// # Errors
/// No observation, or an infinite one.
pub fn pain_index(returns: &[f64]) -> Result<f64, StatError> {
    let depths = drawdowns(returns)?;
    Ok(-depths.iter().sum::<f64>() / depths.len() as f64)
}

/// Conditional drawdown at risk: the mean of the deepest `tail_probability` of the drawdowns, at or below zero
/// (Chekhlov, Uryasev and Zabarankin 2005, on the sample; the boundary is the type-7 percentile, as for expected shortfall).
///
/// # Errors
/// A probability outside `(0, 1)`, no observation, or an infinite one.
pub fn conditional_drawdown_at_risk(
    returns: &[f64],
    tail_probability: f64,
) -> Result<f64, StatError> {
    expected_shortfall(&drawdowns(returns)?, tail_probability)
}

fn under_water(opening: f64, wealth: impl Iterator<Item = f64>) -> Vec<f64> {
    wealth
        .scan(opening, |peak, value| {
            *peak = peak.max(value);
            // A NaN before the first observation has fallen from nowhere.
            Some(if value.is_nan() { 0.0 } else { value / *peak - 1.0 })
        })
        .collect()
}

fn deepest(episodes: &[Drawdown]) -> Option<Drawdown> {
    episodes.iter().copied().min_by(|a, b| a.depth.total_cmp(&b.depth))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fall_and_its_recovery_are_one_episode() {
        let nav = [1.0, 1.2, 0.9, f64::NAN, 1.0, 1.2, 1.1];
        let falls = episodes(&drawdowns_of_nav(&nav).unwrap());
        assert_eq!(falls.len(), 2);
        assert!((falls[0].depth + 0.25).abs() < 1e-15);
        assert_eq!((falls[0].start, falls[0].trough, falls[0].recovery), (2, 2, Some(5)));
        assert_eq!((falls[1].start, falls[1].recovery), (6, None));
    }

    #[test]
    fn the_first_loss_is_a_drawdown_from_the_opening_wealth() {
        let fall = max_drawdown(&[-0.1, 0.05]).unwrap().unwrap();
        assert!((fall.depth + 0.1).abs() < 1e-15);
        assert_eq!(fall.start, 0);
        assert_eq!(max_drawdown(&[0.1, 0.0]).unwrap(), None);
    }

    /// By hand: drawdowns 0, -0.2, -0.12, 0, 0; the 20 % percentile of five lies between the two deepest.
    #[test]
    fn the_deepest_fifth_of_the_drawdowns_by_hand() {
        let returns = [0.1, -0.2, 0.1, 0.3, 0.1];
        let deepest = conditional_drawdown_at_risk(&returns, 0.2).unwrap();
        assert!((deepest + 0.2).abs() < 1e-15, "{deepest}");
        // Drawdowns 0, -0.2, -0.12, 0, 0: the 30 % percentile is a fifth of the way from -0.12 to 0.
        let deeper = conditional_drawdown_at_risk(&returns, 0.3).unwrap();
        assert!((deeper + 0.16).abs() < 1e-15, "{deeper}");
    }

    #[test]
    fn a_nav_of_nothing_is_refused() {
        assert!(drawdowns_of_nav(&[1.0, 0.0]).is_err());
        assert!(drawdowns(&[f64::NAN]).is_err());
    }
}
