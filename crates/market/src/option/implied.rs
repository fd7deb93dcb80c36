//! The volatility that makes Black's formula give a quoted price.
//!
//! The price is reduced to its out-of-the-money time value and solved in the dimensionless variables of
//! [`normalised`](super::normalised): by four steps of Halley on `ln b` from a start within a few percent
//! ([`lane`](super::lane)), and where these do not settle by a bracketed Newton iteration on the function that
//! is closest to a straight line: `ln b` against `1/s²` below the inflection `s = √(2|x|)`, `b` above it, and
//! `ln(b_max − b)` near the upper bound. Source: the objective functions of Jäckel (2016), section 3.

use serde::Serialize;

use super::elementary::ln_ratio;
use super::{OptionKind, lane, normalised};

/// Newton steps always suffice well below this; bisection takes over when one leaves the bracket.
const MAX_STEPS: usize = 100;
/// No option is quoted above this total standard deviation.
const MAX_DEVIATION: f64 = 80.0;

/// The answer of [`implied_volatility`]: a volatility, or the bound that leaves none.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ImpliedVolatility {
    /// Annualised decimal.
    Volatility(f64),
    /// The price is below what exercising the forward is worth: an arbitrage.
    BelowIntrinsic {
        /// Least price without arbitrage.
        bound: f64,
    },
    /// The price is at or above what it could be worth with any volatility: an arbitrage.
    AboveMaximum {
        /// Price that no volatility reaches: the discounted forward (call) or strike (put).
        bound: f64,
    },
    /// Price, forward or strike is not a number, or the option has expired.
    Undefined,
}

impl ImpliedVolatility {
    /// The volatility, when there is one.
    pub fn volatility(self) -> Option<f64> {
        match self {
            Self::Volatility(volatility) => Some(volatility),
            _ => None,
        }
    }
}

/// The volatility at which a European option on a forward costs `price`.
///
/// * `price`: present value, in the underlying's unit.
/// * `years` ACT/365, `rate` continuously compounded.
/// * Missing: NaN in, [`ImpliedVolatility::Undefined`] out.
///
/// A price exactly at the intrinsic value has volatility 0. In the money, digits of the time value that
/// the price does not carry cannot be found again: invert the out-of-the-money twin where it is quoted.
///
/// # Example
/// ```
/// use shoals_market::option::{ImpliedVolatility, OptionKind, implied_volatility};
///
/// let put = 260.4219495586397; // QuantLib 1.44 at 22 %
/// let found = implied_volatility(OptionKind::Put, put, 5000.0, 5200.0, 35.0 / 365.0, 0.02);
/// assert!((found.volatility().unwrap() - 0.22).abs() < 1e-14);
/// let too_cheap = implied_volatility(OptionKind::Put, 190.0, 5000.0, 5200.0, 35.0 / 365.0, 0.02);
/// assert!(matches!(too_cheap, ImpliedVolatility::BelowIntrinsic { .. }));
/// ```
pub fn implied_volatility(
    kind: OptionKind,
    price: f64,
    forward: f64,
    strike: f64,
    years: f64,
    rate: f64,
) -> ImpliedVolatility {
    let sign = kind.sign();
    let lane = lane::Implied { sign, price, forward, strike, years, rate };
    let found = pulp::Arch::new().dispatch(lane);
    if found.is_nan() {
        careful(kind, price, forward, strike, years, rate)
    } else {
        ImpliedVolatility::Volatility(found)
    }
}

/// The prices [`lane::implied`] leaves: bounds broken, nothing but intrinsic value, near the upper bound.
pub(super) fn careful(
    kind: OptionKind,
    price: f64,
    forward: f64,
    strike: f64,
    years: f64,
    rate: f64,
) -> ImpliedVolatility {
    if !(forward > 0.0 && strike > 0.0 && years > 0.0 && price.is_finite() && rate.is_finite()) {
        return ImpliedVolatility::Undefined;
    }
    let discount = (-rate * years).exp();
    let undiscounted = price / discount;
    let intrinsic = (kind.sign() * (forward - strike)).max(0.0);
    let maximum = if kind == OptionKind::Call { forward } else { strike };
    if undiscounted < intrinsic {
        return ImpliedVolatility::BelowIntrinsic { bound: discount * intrinsic };
    }
    if undiscounted >= maximum {
        return ImpliedVolatility::AboveMaximum { bound: discount * maximum };
    }
    let x = ln_ratio(forward.min(strike), forward.max(strike)).hi;
    let beta = (undiscounted - intrinsic) / (forward * strike).sqrt();
    ImpliedVolatility::Volatility(deviation(beta, x) / years.sqrt())
}

/// Solves `b(x, s) = beta` for `s`, with `x <= 0` and `0 <= beta < e^{x/2}`.
fn deviation(beta: f64, x: f64) -> f64 {
    if beta <= 0.0 {
        return 0.0;
    }
    let inflection = (2.0 * x.abs()).sqrt();
    let at_inflection = normalised::black(x, inflection);
    let maximum = (0.5 * x).exp();
    if beta < at_inflection {
        return lower_branch(beta.ln(), x, inflection);
    }
    if beta < 0.5 * maximum {
        // b is concave here, so Newton from the left climbs without overshooting; at x = 0 the
        // inflection is 0 and the tangent there, b ≈ s/√(2π), gives the start.
        let start = if x == 0.0 { beta / normalised::INV_SQRT_2PI } else { inflection };
        return newton(start, inflection, MAX_DEVIATION, |s| {
            (normalised::black(x, s) - beta, normalised::vega(x, s))
        });
    }
    let target = maximum - beta;
    newton(inflection.max(1.0), inflection, MAX_DEVIATION, |s| {
        let left = normalised::black_complement(x, s);
        (target.ln() - left.ln(), normalised::vega(x, s) / left)
    })
}

/// Newton on `ln b` in the variable `w = 1/s²`, where it is nearly a straight line.
fn lower_branch(ln_beta: f64, x: f64, inflection: f64) -> f64 {
    // ln b ~ −x²/(2s²): start where the leading term alone meets the target.
    let start = (x.abs() / (-2.0 * ln_beta).sqrt()).min(inflection);
    let (mut low, mut high) = (0.0_f64, inflection);
    let mut s = start;
    for _ in 0..MAX_STEPS {
        let ln_b = normalised::ln_black(x, s);
        let error = ln_b - ln_beta;
        if error > 0.0 {
            high = s;
        } else {
            low = s;
        }
        // d ln b/dw = (d ln b/ds)(ds/dw), ds/dw = −s³/2.
        let ln_vega = -0.5 * ((x / s).powi(2) + 0.25 * s * s) + normalised::INV_SQRT_2PI.ln();
        let slope = (ln_vega - ln_b).exp() * s.powi(3) * -0.5;
        let w = s.powi(-2) - error / slope;
        let stepped = w.sqrt().recip();
        let next = if stepped > low && stepped <= high { stepped } else { 0.5 * (low + high) };
        if settled(s, next) {
            return next;
        }
        s = next;
    }
    s
}

/// Newton on an increasing function, kept inside its bracket.
fn newton(start: f64, low: f64, high: f64, value_and_slope: impl Fn(f64) -> (f64, f64)) -> f64 {
    let (mut low, mut high, mut s) = (low, high, start);
    for _ in 0..MAX_STEPS {
        let (value, slope) = value_and_slope(s);
        if value > 0.0 {
            high = s;
        } else {
            low = s;
        }
        let stepped = s - value / slope;
        let next = if stepped >= low && stepped <= high { stepped } else { 0.5 * (low + high) };
        if settled(s, next) {
            return next;
        }
        s = next;
    }
    s
}

fn settled(s: f64, next: f64) -> bool {
    (next - s).abs() <= 2.0 * f64::EPSILON * s
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::option::{Black76, black76};
    use proptest::prelude::*;

    fn out_of_the_money(forward: f64, strike: f64) -> OptionKind {
        if strike < forward { OptionKind::Put } else { OptionKind::Call }
    }

    /// Volatility to price and back, on a grid far beyond any chain.
    #[test]
    fn round_trips_to_machine_precision() {
        for years in [1.0 / 365.0, 7.0 / 365.0, 0.25, 1.0, 3.0] {
            for volatility in [0.02, 0.05, 0.12, 0.2, 0.35, 0.8, 2.0] {
                for i in -60..=60 {
                    let strike = 5000.0 * (f64::from(i) / 40.0).exp();
                    let terms = Black76 { forward: 5000.0, strike, volatility, years, rate: 0.02 };
                    let kind = out_of_the_money(5000.0, strike);
                    let price = black76(kind, &terms).price;
                    if price < 1e-290 {
                        continue;
                    }
                    let found = implied_volatility(kind, price, 5000.0, strike, years, 0.02);
                    let error = (found.volatility().unwrap() / volatility - 1.0).abs();
                    assert!(error < 4e-15, "{error:e} at {terms:?}");
                }
            }
        }
    }

    #[test]
    fn a_forward_a_hair_from_the_strike_loses_nothing() {
        for gap in [0.0, 1e-12, 1e-9, 1e-6, 1e-3] {
            let (forward, strike) = (5000.0 * (1.0 + gap), 5000.0);
            let terms = Black76 { forward, strike, volatility: 0.2, years: 0.1, rate: 0.0 };
            let price = black76(OptionKind::Put, &terms).price;
            let found = implied_volatility(OptionKind::Put, price, forward, strike, 0.1, 0.0);
            assert!((found.volatility().unwrap() / 0.2 - 1.0).abs() < 4e-15, "{gap}");
        }
    }

    #[test]
    fn prices_outside_the_bounds_name_the_bound() {
        let ask = |price| implied_volatility(OptionKind::Call, price, 110.0, 100.0, 1.0, 0.0);
        assert_eq!(ask(9.0), ImpliedVolatility::BelowIntrinsic { bound: 10.0 });
        assert_eq!(ask(110.0), ImpliedVolatility::AboveMaximum { bound: 110.0 });
        assert_eq!(ask(10.0), ImpliedVolatility::Volatility(0.0));
        assert_eq!(ask(f64::NAN), ImpliedVolatility::Undefined);
        let expired = implied_volatility(OptionKind::Call, 10.0, 110.0, 100.0, 0.0, 0.0);
        assert_eq!(expired, ImpliedVolatility::Undefined);
    }

    proptest! {
        /// Any out-of-the-money price inverts; in the money, as far as the price still holds time value.
        #[test]
        fn any_price_inverts(
            strike in 20.0..500.0, volatility in 0.01..3.0, years in 0.003..5.0, is_call in any::<bool>(),
        ) {
            let kind = if is_call { OptionKind::Call } else { OptionKind::Put };
            let terms = Black76 { forward: 100.0, strike, volatility, years, rate: 0.03 };
            let value = black76(kind, &terms);
            let is_informative = value.vega * volatility > 1e-6 * value.price && value.price > 1e-200;
            prop_assume!(is_informative);
            let found = implied_volatility(kind, value.price, 100.0, strike, years, 0.03).volatility();
            let tolerance = 1e-13 + 8.0 * f64::EPSILON * value.price / (value.vega * volatility);
            prop_assert!((found.unwrap() / volatility - 1.0).abs() < tolerance, "{found:?}");
        }
    }
}
