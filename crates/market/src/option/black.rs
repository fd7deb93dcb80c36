//! Price and greeks of a European option: Black (1976) on the forward, and on the spot.
//!
//! ```text
//! C = e^{−rt} [F Φ(d₁) − K Φ(d₂)],   P = e^{−rt} [K Φ(−d₂) − F Φ(−d₁)],
//! d₁ = ln(F/K)/(σ√t) + σ√t/2,        d₂ = d₁ − σ√t.
//! ```
//! Source: Black (1976), "The pricing of commodity contracts"; Haug (2007), chapters 1 and 2.

use serde::{Deserialize, Serialize};

use super::lane;

/// Right to buy or right to sell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OptionKind {
    /// Right to buy at the strike.
    Call,
    /// Right to sell at the strike.
    Put,
}

impl OptionKind {
    /// `+1` for a call, `−1` for a put.
    pub const fn sign(self) -> f64 {
        match self {
            Self::Call => 1.0,
            Self::Put => -1.0,
        }
    }
}

/// What Black's formula needs, on the forward.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Black76 {
    /// Forward or futures price of the underlying for the expiry, above 0.
    pub forward: f64,
    /// Strike, above 0.
    pub strike: f64,
    /// Annualised volatility, decimal.
    pub volatility: f64,
    /// Years to expiry, ACT/365.
    pub years: f64,
    /// Continuously compounded annual rate, decimal.
    pub rate: f64,
}

/// What Black, Scholes and Merton's formula needs, on the spot.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct BlackScholesMerton {
    /// Price of the underlying, above 0.
    pub spot: f64,
    /// Strike, above 0.
    pub strike: f64,
    /// Annualised volatility, decimal.
    pub volatility: f64,
    /// Years to expiry, ACT/365.
    pub years: f64,
    /// Continuously compounded annual rate, decimal.
    pub rate: f64,
    /// Continuously compounded annual dividend yield, decimal.
    pub dividend_yield: f64,
}

/// Price and greeks against the forward.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Valuation {
    /// Present value.
    pub price: f64,
    /// `∂price/∂forward`.
    pub delta: f64,
    /// `∂²price/∂forward²`.
    pub gamma: f64,
    /// `∂price/∂volatility`, per 1.00 of volatility.
    pub vega: f64,
    /// Change of the price per year of passing time, the forward unchanged.
    pub theta: f64,
    /// `∂price/∂rate`, the forward unchanged: `−years · price`.
    pub rho: f64,
}

/// Price and greeks against the spot.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SpotGreeks {
    /// Present value.
    pub price: f64,
    /// `∂price/∂spot`.
    pub delta: f64,
    /// `∂²price/∂spot²`.
    pub gamma: f64,
    /// `∂price/∂volatility`, per 1.00 of volatility.
    pub vega: f64,
    /// Change of the price per year of passing time, the spot unchanged.
    pub theta: f64,
    /// `∂price/∂rate`, the spot unchanged.
    pub rho: f64,
    /// `∂price/∂dividend_yield`.
    pub dividend_rho: f64,
}

/// Price and greeks of a European option on a forward.
///
/// At expiry, or without volatility, the price is the discounted intrinsic value and delta steps at the
/// strike (one half at it). Far out of the money prices keep their relative accuracy.
///
/// Missing: a NaN, an infinite number, a forward or strike at or below 0 or a negative volatility or time
/// gives NaN.
///
/// Many options at once: [`black76_columns`](super::black76_columns), the same bits several times faster.
///
/// # Example
/// ```
/// use shoals_market::option::{Black76, OptionKind, black76};
///
/// let terms =
///     Black76 { forward: 5000.0, strike: 5200.0, volatility: 0.22, years: 35.0 / 365.0, rate: 0.02 };
/// let put = black76(OptionKind::Put, &terms);
/// assert!((put.price - 260.4219495586397).abs() < 1e-9); // QuantLib 1.44
/// ```
pub fn black76(kind: OptionKind, terms: &Black76) -> Valuation {
    let found = pulp::Arch::new().dispatch(lane::Value { sign: kind.sign(), terms });
    if found.price.is_nan() { degenerate(kind, terms) } else { found }
}

/// The options [`lane::value`] leaves: nothing to price, or nothing left but the intrinsic value.
pub(super) fn degenerate(kind: OptionKind, terms: &Black76) -> Valuation {
    let Black76 { forward, strike, volatility, years, rate } = *terms;
    let is_legal = forward > 0.0 && strike > 0.0 && volatility >= 0.0 && years >= 0.0;
    if is_legal && volatility * years.sqrt() == 0.0 {
        return at_expiry(kind.sign(), (-rate * years).exp(), terms);
    }
    let price = f64::NAN;
    Valuation { price, delta: price, gamma: price, vega: price, theta: price, rho: price }
}

/// Price and greeks of a European option on a spot with a dividend yield.
///
/// Missing: as [`black76`].
pub fn black_scholes_merton(kind: OptionKind, terms: &BlackScholesMerton) -> SpotGreeks {
    let BlackScholesMerton { spot, strike, volatility, years, rate, dividend_yield } = *terms;
    let growth = ((rate - dividend_yield) * years).exp();
    let forward = spot * growth;
    let value = black76(kind, &Black76 { forward, strike, volatility, years, rate });
    // The forward moves with spot, rate and yield: F = S e^{(r−q)t}.
    let dollar_delta = value.delta * forward;
    SpotGreeks {
        price: value.price,
        delta: value.delta * growth,
        gamma: value.gamma * growth * growth,
        vega: value.vega,
        theta: value.theta - dollar_delta * (rate - dividend_yield),
        rho: value.rho + years * dollar_delta,
        dividend_rho: -years * dollar_delta,
    }
}

fn at_expiry(sign: f64, discount: f64, terms: &Black76) -> Valuation {
    let gain = sign * (terms.forward - terms.strike);
    let price = discount * gain.max(0.0);
    let exercised = if gain > 0.0 { 1.0 } else { 0.5 * f64::from(gain == 0.0) };
    Valuation {
        price,
        delta: sign * discount * exercised,
        gamma: 0.0,
        vega: 0.0,
        theta: terms.rate * price,
        rho: -terms.years * price,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Witness: QuantLib 1.44 (`misc_oracles.json`) and Haug's table at `F = K`.
    #[test]
    fn agrees_with_quantlib_and_haug() {
        let at = |forward, strike, volatility, years, rate| Black76 {
            forward,
            strike,
            volatility,
            years,
            rate,
        };
        let put = black76(OptionKind::Put, &at(5000.0, 5200.0, 0.22, 35.0 / 365.0, 0.02));
        assert!((put.price - 260.421_949_558_639_7).abs() < 1e-9);
        let flat = black76(OptionKind::Put, &at(19.0, 19.0, 0.28, 0.75, 0.10));
        assert!((flat.price - 1.701_050_725_236_268).abs() < 1e-12);
    }

    #[test]
    fn at_expiry_only_the_intrinsic_value_is_left() {
        let terms =
            Black76 { forward: 110.0, strike: 100.0, volatility: 0.2, years: 0.0, rate: 0.05 };
        let call = black76(OptionKind::Call, &terms);
        assert_eq!((call.price, call.delta, call.gamma, call.vega), (10.0, 1.0, 0.0, 0.0));
        assert_eq!(black76(OptionKind::Put, &terms).price, 0.0);
        let missing = Black76 { forward: f64::NAN, ..terms };
        assert!(black76(OptionKind::Call, &missing).price.is_nan());
    }

    prop_compose! {
        fn any_terms()(
            strike in 60.0..160.0,
            volatility in 0.05..0.9,
            years in 0.02..2.0,
            rate in -0.02..0.10,
        ) -> Black76 {
            Black76 { forward: 100.0, strike, volatility, years, rate }
        }
    }

    proptest! {
        /// Call minus put is the discounted forward minus strike.
        #[test]
        fn parity_holds(terms in any_terms()) {
            let gap = black76(OptionKind::Call, &terms).price - black76(OptionKind::Put, &terms).price;
            let expected = (-terms.rate * terms.years).exp() * (terms.forward - terms.strike);
            prop_assert!((gap - expected).abs() < 1e-12 * terms.forward);
        }

        /// Every greek is the slope of the price (central differences).
        #[test]
        fn greeks_are_slopes(terms in any_terms(), is_call in any::<bool>()) {
            let kind = if is_call { OptionKind::Call } else { OptionKind::Put };
            let value = |t: Black76| black76(kind, &t).price;
            let bumped = |f: fn(&mut Black76, f64), size: f64| {
                let shifted = |by: f64| { let mut t = terms; f(&mut t, by); value(t) };
                (shifted(size) - shifted(-size)) / (2.0 * size)
            };
            let greeks = black76(kind, &terms);
            let second = (value(Black76 { forward: 100.01, ..terms }) - 2.0 * value(terms)
                + value(Black76 { forward: 99.99, ..terms })) / 1e-4;
            for (name, ours, slope, tolerance) in [
                ("delta", greeks.delta, bumped(|t, by| t.forward += by, 1e-3), 1e-7),
                ("vega", greeks.vega, bumped(|t, by| t.volatility += by, 1e-5), 1e-5),
                ("theta", greeks.theta, -bumped(|t, by| t.years += by, 1e-5), 2e-4),
                ("rho", greeks.rho, bumped(|t, by| t.rate += by, 1e-5), 1e-5),
                ("gamma", greeks.gamma, second, 1e-5),
            ] {
                prop_assert!((ours - slope).abs() < tolerance * (1.0 + ours.abs()), "{name} {ours} {slope}");
            }
        }

        /// The spot's greeks are slopes too, with the forward moving along.
        #[test]
        fn spot_greeks_are_slopes(terms in any_terms(), dividend_yield in 0.0..0.05) {
            let Black76 { strike, volatility, years, rate, .. } = terms;
            let here = BlackScholesMerton { spot: 100.0, strike, volatility, years, rate, dividend_yield };
            let bumped = |f: fn(&mut BlackScholesMerton, f64), size: f64| {
                let shifted = |by: f64| {
                    let mut t = here;
                    f(&mut t, by);
                    black_scholes_merton(OptionKind::Put, &t).price
                };
                (shifted(size) - shifted(-size)) / (2.0 * size)
            };
            let greeks = black_scholes_merton(OptionKind::Put, &here);
            for (name, ours, slope, tolerance) in [
                ("delta", greeks.delta, bumped(|t, by| t.spot += by, 1e-3), 1e-7),
                ("theta", greeks.theta, -bumped(|t, by| t.years += by, 1e-5), 2e-4),
                ("rho", greeks.rho, bumped(|t, by| t.rate += by, 1e-5), 1e-5),
                ("dividend_rho", greeks.dividend_rho, bumped(|t, by| t.dividend_yield += by, 1e-5), 1e-5),
            ] {
                prop_assert!((ours - slope).abs() < tolerance * (1.0 + ours.abs()), "{name} {ours} {slope}");
            }
        }
    }
}
