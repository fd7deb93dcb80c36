//! The forward that the quotes of one expiry imply, by put-call parity `C − P = e^{−rt}(F − K)`.
//!
//! Two estimators (METHODS C): the strike where call and put are closest, which needs a rate; and the
//! regression of `C − P` on the strikes near the money, whose slope is the discount factor itself.

use serde::Serialize;

use crate::MarketError;

/// Strikes within this distance of the closest one enter the regression.
const NEAR_THE_MONEY: f64 = 0.05;
/// Fewer strikes than this leave the slope to noise.
const MIN_STRIKES: usize = 5;
/// A slope whose rate is farther than this from the given one is noise in the quotes.
const PLAUSIBLE_RATE_GAP: f64 = 0.10;

/// Call and put quoted at one strike and expiry.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct StrikePair {
    /// Strike.
    pub strike: f64,
    /// Price of the call; NaN when not quoted.
    pub call: f64,
    /// Price of the put; NaN when not quoted.
    pub put: f64,
}

impl StrikePair {
    fn gap(&self) -> f64 {
        self.call - self.put
    }

    /// What call less put exceeds the forward value by, a fraction of the forward.
    pub fn parity_error(&self, found: &ParityForward) -> f64 {
        (self.gap() - found.discount * (found.forward - self.strike)) / found.forward
    }
}

/// A forward with the discount factor it was found with.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ParityForward {
    /// Forward price of the underlying for the expiry.
    pub forward: f64,
    /// Present value of 1 paid at expiry.
    pub discount: f64,
    /// The quoted strike nearest the forward: "at the money".
    pub at_the_money: f64,
    /// Strikes used.
    pub n_strikes: usize,
}

/// The forward by regression, else at the closest strike.
///
/// The regression is used when five strikes or more are near the money and the rate it finds is within
/// ten points of `rate`: on short expiries a tick of noise tilts the slope.
///
/// # Errors
/// When no strike has both quotes.
pub fn parity_forward(
    pairs: &[StrikePair],
    years: f64,
    rate: f64,
) -> Result<ParityForward, MarketError> {
    let closest = parity_forward_closest(pairs, years, rate)?;
    let is_plausible = |fitted: &ParityForward| {
        let found_rate = -fitted.discount.ln() / years;
        fitted.n_strikes >= MIN_STRIKES && (found_rate - rate).abs() <= PLAUSIBLE_RATE_GAP
    };
    Ok(parity_forward_regression(pairs, closest.forward)
        .ok()
        .filter(is_plausible)
        .unwrap_or(closest))
}

/// `F = K + e^{rt}(C − P)` at the strike where call and put are closest.
///
/// Missing: strikes without both quotes are left out.
///
/// # Errors
/// When no strike has both quotes.
pub fn parity_forward_closest(
    pairs: &[StrikePair],
    years: f64,
    rate: f64,
) -> Result<ParityForward, MarketError> {
    let discount = (-rate * years).exp();
    let pair = quoted(pairs)
        .min_by(|a, b| a.gap().abs().total_cmp(&b.gap().abs()))
        .ok_or(MarketError::TooFewStrikes { needed: 1, found: 0 })?;
    let forward = pair.strike + pair.gap() / discount;
    Ok(ParityForward { forward, discount, at_the_money: nearest(pairs, forward), n_strikes: 1 })
}

/// Least squares of `C − P` on `K` within 5 % of `guess`: `slope = −e^{−rt}`, `F = intercept/−slope`.
///
/// Missing: strikes without both quotes are left out.
///
/// # Errors
/// Fewer than two strikes near `guess`, or quotes that do not fall as the strike rises.
pub fn parity_forward_regression(
    pairs: &[StrikePair],
    guess: f64,
) -> Result<ParityForward, MarketError> {
    let near: Vec<&StrikePair> =
        quoted(pairs).filter(|pair| (pair.strike / guess - 1.0).abs() <= NEAR_THE_MONEY).collect();
    let n = near.len() as f64;
    let mean_strike = near.iter().map(|pair| pair.strike).sum::<f64>() / n;
    let mean_gap = near.iter().map(|pair| pair.gap()).sum::<f64>() / n;
    let spread: f64 = near.iter().map(|pair| (pair.strike - mean_strike).powi(2)).sum();
    let joint: f64 =
        near.iter().map(|pair| (pair.strike - mean_strike) * (pair.gap() - mean_gap)).sum();
    let discount = -joint / spread;
    // All quotes at one strike leave no slope (NaN), quotes that rise with the strike a negative one.
    if near.len() < 2 || discount.is_nan() || discount <= 0.0 {
        return Err(MarketError::TooFewStrikes { needed: 2, found: near.len() });
    }
    let forward = mean_strike + mean_gap / discount;
    Ok(ParityForward {
        forward,
        discount,
        at_the_money: nearest(pairs, forward),
        n_strikes: near.len(),
    })
}

fn quoted(pairs: &[StrikePair]) -> impl Iterator<Item = &StrikePair> {
    pairs.iter().filter(|pair| pair.gap().is_finite() && pair.strike > 0.0)
}

fn nearest(pairs: &[StrikePair], forward: f64) -> f64 {
    quoted(pairs)
        .map(|pair| pair.strike)
        .min_by(|a, b| (a - forward).abs().total_cmp(&(b - forward).abs()))
        .unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::option::{Black76, OptionKind, black76};

    fn chain(rate: f64) -> Vec<StrikePair> {
        (0..21)
            .map(|i| {
                let strike = 4000.0 + 100.0 * f64::from(i);
                let terms = Black76 {
                    forward: 5012.3,
                    strike,
                    volatility: 0.2 + 1e-8 * (strike - 5000.0).powi(2),
                    years: 0.1,
                    rate,
                };
                let price = |kind| black76(kind, &terms).price;
                StrikePair { strike, call: price(OptionKind::Call), put: price(OptionKind::Put) }
            })
            .collect()
    }

    /// Witness: closed form; the chain was priced from forward 5012.3 and rate 3 %.
    #[test]
    fn both_estimators_recover_the_forward_of_a_chain_with_a_smile() {
        let pairs = chain(0.03);
        let closest = parity_forward_closest(&pairs, 0.1, 0.03).unwrap();
        let fitted = parity_forward_regression(&pairs, 5000.0).unwrap();
        assert!((closest.forward - 5012.3).abs() < 1e-9);
        assert!((fitted.forward - 5012.3).abs() < 1e-9);
        assert!((fitted.discount - (-0.003_f64).exp()).abs() < 1e-12);
        assert_eq!((closest.at_the_money, fitted.at_the_money), (5000.0, 5000.0));
        assert_eq!(parity_forward(&pairs, 0.1, 0.0).unwrap(), fitted);
    }

    #[test]
    fn unquoted_strikes_are_left_out_and_an_empty_chain_is_refused() {
        let mut pairs = chain(0.0);
        pairs[10].call = f64::NAN;
        assert!((parity_forward_closest(&pairs, 0.1, 0.0).unwrap().forward - 5012.3).abs() < 1e-9);
        assert!(parity_forward(&[], 0.1, 0.0).is_err());
        assert!(parity_forward_regression(&pairs[..1], 4000.0).is_err());
    }
}
