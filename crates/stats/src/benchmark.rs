//! What did a return series do beside another that anyone could have held?
//!
//! Returns of both sides are simple decimals over the same periods. Missing: a period that either side lacks is left out.
//! Sources: Jensen (1968); Grinold and Kahn (2000); Bacon (2008), ch. 5; capture as Morningstar and empyrical define it.
//!
//! Method page: `docs/method/fund_record.md`

use serde::Serialize;

use crate::StatError;
use crate::moments::mean_of;
use crate::observed::observed_pairs;
use crate::performance::{annualised_return, sharpe_ratio, volatility};

/// Which periods count, by what the benchmark did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// It rose.
    Up,
    /// It fell.
    Down,
}

impl Side {
    fn holds(self, benchmark: f64) -> bool {
        match self {
            Self::Up => benchmark > 0.0,
            Self::Down => benchmark < 0.0,
        }
    }
}

/// Slope of the returns on the benchmark's.
///
/// # Errors
/// Slices of different length, fewer than two pairs, an infinite value, or a benchmark that does not vary.
pub fn beta(returns: &[f64], benchmark: &[f64]) -> Result<f64, StatError> {
    let (ours, theirs) = observed_pairs(returns, benchmark, 2)?;
    slope(&ours, &theirs)
}

/// [`beta`] over the periods in which the benchmark rose or fell: bull and bear beta.
///
/// # Errors
/// As [`beta`], over those periods.
pub fn beta_when(returns: &[f64], benchmark: &[f64], side: Side) -> Result<f64, StatError> {
    let (ours, theirs) = of_side(returns, benchmark, side)?;
    slope(&ours, &theirs)
}

/// Mean return beyond beta times the benchmark's, compounded over a year (Jensen's alpha); pass returns above the
/// risk-free rate on both sides.
///
/// # Errors
/// As [`beta`].
pub fn alpha(returns: &[f64], benchmark: &[f64], periods_per_year: f64) -> Result<f64, StatError> {
    let (ours, theirs) = observed_pairs(returns, benchmark, 2)?;
    let a_period = mean_of(&ours) - slope(&ours, &theirs)? * mean_of(&theirs);
    Ok((1.0 + a_period).powf(periods_per_year) - 1.0)
}

/// Annualised sample deviation of the returns less the benchmark's.
///
/// # Errors
/// Slices of different length, fewer than two pairs, an infinite value, or `periods_per_year` not above zero.
pub fn tracking_error(
    returns: &[f64],
    benchmark: &[f64],
    periods_per_year: f64,
) -> Result<f64, StatError> {
    volatility(&active(returns, benchmark)?, periods_per_year)
}

/// The Sharpe ratio of the returns less the benchmark's, annualised, arithmetic.
///
/// # Errors
/// As [`tracking_error`], or a difference that does not vary.
pub fn information_ratio(
    returns: &[f64],
    benchmark: &[f64],
    periods_per_year: f64,
) -> Result<f64, StatError> {
    sharpe_ratio(&active(returns, benchmark)?, periods_per_year)
}

/// Annualised return over the benchmark's, both over the periods in which the benchmark rose (or fell).
///
/// Above 1 in rising periods and below 1 in falling ones is what one hopes for.
///
/// # Errors
/// Slices of different length, no period of that side, an infinite value, or `periods_per_year` not above zero.
pub fn capture(
    returns: &[f64],
    benchmark: &[f64],
    side: Side,
    periods_per_year: f64,
) -> Result<f64, StatError> {
    let (ours, theirs) = of_side(returns, benchmark, side)?;
    Ok(annualised_return(&ours, periods_per_year)? / annualised_return(&theirs, periods_per_year)?)
}

fn active(returns: &[f64], benchmark: &[f64]) -> Result<Vec<f64>, StatError> {
    let (ours, theirs) = observed_pairs(returns, benchmark, 2)?;
    Ok(ours.iter().zip(&theirs).map(|(a, b)| a - b).collect())
}

fn of_side(
    returns: &[f64],
    benchmark: &[f64],
    side: Side,
) -> Result<(Vec<f64>, Vec<f64>), StatError> {
    let (ours, theirs) = observed_pairs(returns, benchmark, 1)?;
    let pairs: (Vec<f64>, Vec<f64>) =
        ours.into_iter().zip(theirs).filter(|&(_, b)| side.holds(b)).unzip();
    match pairs.0.len() {
        0 => Err(StatError::TooFewObservations { needed: 1, found: 0 }),
        _ => Ok(pairs),
    }
}

fn slope(ours: &[f64], theirs: &[f64]) -> Result<f64, StatError> {
    let (our_mean, their_mean) = (mean_of(ours), mean_of(theirs));
    let (mut together, mut alone) = (0.0, 0.0);
    for (a, b) in ours.iter().zip(theirs) {
        together += (b - their_mean) * (a - our_mean);
        alone += (b - their_mean) * (b - their_mean);
    }
    let rounding = their_mean * f64::EPSILON * 4.0;
    if alone <= theirs.len() as f64 * rounding * rounding {
        return Err(StatError::Constant { what: "the benchmark" });
    }
    Ok(together / alone)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected: a book that holds half the benchmark and earns 1 % beside it has beta 1/2 on either side and an alpha of
    /// 1 % a period; held twice in full, it captures what compounding gives.
    #[test]
    fn half_a_benchmark_by_hand() {
        let market = [0.10, -0.20, f64::NAN, 0.04, -0.02];
        let book = market.map(|b| 0.01 + 0.5 * b);
        assert!((beta(&book, &market).unwrap() - 0.5).abs() < 1e-15);
        for side in [Side::Up, Side::Down] {
            assert!((beta_when(&book, &market, side).unwrap() - 0.5).abs() < 1e-14);
        }
        assert!((alpha(&book, &market, 1.0).unwrap() - 0.01).abs() < 1e-15);
        let rises = (1.06 * 1.03 - 1.0) / (1.10 * 1.04 - 1.0);
        assert!((capture(&book, &market, Side::Up, 2.0).unwrap() - rises).abs() < 1e-14);
        let active = [-0.04, 0.11, -0.01, 0.02_f64];
        let spread = crate::moments::std(&active, 1).unwrap();
        assert!((tracking_error(&book, &market, 1.0).unwrap() - spread).abs() < 1e-15);
        assert!((information_ratio(&book, &market, 1.0).unwrap() - 0.02 / spread).abs() < 1e-14);
    }

    #[test]
    fn a_side_without_periods_and_a_flat_benchmark_are_refused() {
        assert!(capture(&[0.1], &[0.1], Side::Down, 12.0).is_err());
        assert!(matches!(beta(&[0.1, 0.2], &[0.01, 0.01]), Err(StatError::Constant { .. })));
        assert!(beta(&[0.1], &[0.1, 0.2]).is_err());
    }
}
