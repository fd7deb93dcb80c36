//! Call and put at one strike: the market's price of movement, whichever way.
//!
//! At the money the value is `2 F e^{−rt} (2Φ(σ√t/2) − 1)`, about `0.8 F e^{−rt} σ√t` (Brenner and
//! Subrahmanyam 1988): selling it is selling volatility.

use serde::Serialize;

use super::{Black76, OptionKind, Valuation, black76};

/// Value and greeks of one straddle (one call and one put).
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Straddle {
    /// Value of both options.
    pub value: f64,
    /// `∂value/∂forward`; near 0 at the money.
    pub delta: f64,
    /// `∂²value/∂forward²`.
    pub gamma: f64,
    /// `∂value/∂volatility`, per 1.00.
    pub vega: f64,
    /// Change of the value per year of passing time.
    pub theta: f64,
}

/// Value and greeks of a straddle at any strike.
///
/// Missing: as [`black76`].
pub fn straddle(terms: &Black76) -> Straddle {
    let (call, put) = (black76(OptionKind::Call, terms), black76(OptionKind::Put, terms));
    let sum = |greek: fn(&Valuation) -> f64| greek(&call) + greek(&put);
    Straddle {
        value: sum(|v| v.price),
        delta: sum(|v| v.delta),
        gamma: sum(|v| v.gamma),
        vega: sum(|v| v.vega),
        theta: sum(|v| v.theta),
    }
}

/// Value of a straddle struck at the forward, `2 F e^{−rt} erf(σ√t/√8)`, in the unit of `forward`.
///
/// Missing: NaN in, NaN out.
pub fn atm_straddle_value(forward: f64, volatility: f64, years: f64, rate: f64) -> f64 {
    let deviation = volatility * years.sqrt();
    2.0 * forward * (-rate * years).exp() * libm::erf(deviation / 8.0_f64.sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Witness: `analytic_oracles.json`, `straddle_atmf` exact: F 100, 20 % and T such that the
    /// approximation is 4.606588659617806, hence `σ√t = 4.606588659617806/(2·100/√(2π))`.
    #[test]
    fn agrees_with_the_analytic_oracle() {
        let deviation = 4.606_588_659_617_806 / (200.0 / (2.0 * std::f64::consts::PI).sqrt());
        let value = atm_straddle_value(100.0, deviation, 1.0, 0.0);
        assert!((value - 4.605_948_935_604_857).abs() < 1e-9, "{value}");
    }

    #[test]
    fn at_the_money_the_closed_form_is_the_sum_of_call_and_put() {
        for (volatility, years) in [(0.2, 0.1), (0.6, 1.0), (0.05, 0.003)] {
            let terms = Black76 { forward: 2.5, strike: 2.5, volatility, years, rate: 0.02 };
            let closed = atm_straddle_value(2.5, volatility, years, 0.02);
            assert!((straddle(&terms).value / closed - 1.0).abs() < 1e-13);
        }
    }
}
