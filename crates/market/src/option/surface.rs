//! The volatility surface of a day: what every expiry and strike of a chain says.
//!
//! A slice is an expiry: its parity forward, the volatility of each strike's out-of-the-money option, and how far
//! call and put disagree about the forward. Between strikes volatility runs straight in log-moneyness, between
//! expiries total variance runs straight in time at fixed moneyness; beyond the quotes there is no surface.
//! Source: Gatheral (2006), chapter 1 for the coordinates and the calendar condition.

use serde::Serialize;
use shoals_core::TradingDay;
use shoals_core::number::CALENDAR_DAYS_PER_YEAR;

use super::chain::years_until;
use super::{OptionChain, OptionKind};

/// One strike of a slice.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SurfacePoint {
    /// Strike.
    pub strike: f64,
    /// The option out of the money.
    pub kind: OptionKind,
    /// Its close.
    pub price: f64,
    /// `ln(K/F)`.
    pub log_moneyness: f64,
    /// Annualised decimal; NaN when the price has none.
    pub implied_volatility: f64,
    /// `C − P − e^{−rt}(F − K)`, a fraction of the forward.
    pub parity_error: f64,
}

/// One expiry on one day.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SurfaceSlice {
    /// Trading day.
    pub date: TradingDay,
    /// Expiry.
    pub expiry: TradingDay,
    /// Years ACT/365.
    pub years: f64,
    /// Parity forward.
    pub forward: f64,
    /// Present value of 1 at expiry.
    pub discount: f64,
    /// Volatility at the forward; NaN where strikes lie on one side of it only.
    pub at_the_money: f64,
    /// Median of the strikes' absolute parity errors, a fraction of the forward.
    pub median_parity_error: f64,
    /// Whether total variance at the money is less than that of the expiry before: a calendar arbitrage.
    pub has_calendar_arbitrage: bool,
    /// Strikes, rising.
    pub points: Vec<SurfacePoint>,
}

/// The slices of one day, nearest expiry first. Expired and unquoted expiries are left out.
///
/// * `rate`: continuously compounded, for expiries whose quotes give none.
pub fn surface(chain: &OptionChain, date: TradingDay, rate: f64) -> Vec<SurfaceSlice> {
    let mut slices: Vec<SurfaceSlice> = Vec::new();
    let mut last_variance = 0.0;
    for expiry in chain.expiries(date).into_iter().filter(|&expiry| expiry > date) {
        let Some(mut slice) = slice(chain, date, expiry, rate) else { continue };
        let variance = slice.at_the_money.powi(2) * slice.years;
        slice.has_calendar_arbitrage = variance < last_variance;
        if variance.is_finite() {
            last_variance = variance;
        }
        slices.push(slice);
    }
    slices
}

fn slice(
    chain: &OptionChain,
    date: TradingDay,
    expiry: TradingDay,
    rate: f64,
) -> Option<SurfaceSlice> {
    let (found, pairs) = chain.forward(date, expiry, rate)?;
    let years = years_until(date, expiry);
    let (forward, discount) = (found.forward, found.discount);
    let points: Vec<SurfacePoint> = pairs
        .iter()
        .map(|pair| {
            let (kind, price) = pair.out_of_the_money(forward);
            SurfacePoint {
                strike: pair.strike,
                kind,
                price,
                log_moneyness: (pair.strike / forward).ln(),
                implied_volatility: pair.volatility(forward, years, found.rate(years)),
                parity_error: pair.parity_error(&found),
            }
        })
        .collect();
    let mut errors: Vec<f64> = points.iter().map(|point| point.parity_error.abs()).collect();
    errors.sort_by(f64::total_cmp);
    let mut slice = SurfaceSlice {
        date,
        expiry,
        years,
        forward,
        discount,
        at_the_money: f64::NAN,
        median_parity_error: errors[errors.len() / 2],
        has_calendar_arbitrage: false,
        points,
    };
    slice.at_the_money = slice.volatility(0.0);
    Some(slice)
}

impl SurfaceSlice {
    /// Volatility at a log-moneyness, straight between the strikes around it; NaN beyond them.
    pub fn volatility(&self, log_moneyness: f64) -> f64 {
        let known = || self.points.iter().filter(|point| point.implied_volatility > 0.0);
        let below = known().rfind(|point| point.log_moneyness <= log_moneyness);
        let above = known().find(|point| point.log_moneyness >= log_moneyness);
        let (Some(below), Some(above)) = (below, above) else { return f64::NAN };
        let width = above.log_moneyness - below.log_moneyness;
        if width == 0.0 {
            return below.implied_volatility;
        }
        let share = (log_moneyness - below.log_moneyness) / width;
        below.implied_volatility + share * (above.implied_volatility - below.implied_volatility)
    }
}

/// Volatility at a log-moneyness some days ahead: total variance straight between the expiries around; NaN
/// beyond them.
pub fn surface_volatility(slices: &[SurfaceSlice], log_moneyness: f64, days: f64) -> f64 {
    let years = days / CALENDAR_DAYS_PER_YEAR;
    let known: Vec<(f64, f64)> = slices
        .iter()
        .map(|slice| (slice.years, slice.volatility(log_moneyness).powi(2) * slice.years))
        .filter(|(_, variance)| variance.is_finite())
        .collect();
    let below = known.iter().rfind(|(at, _)| *at <= years);
    let above = known.iter().find(|(at, _)| *at >= years);
    let (Some(below), Some(above)) = (below, above) else { return f64::NAN };
    let width = above.0 - below.0;
    let share = if width == 0.0 { 0.0 } else { (years - below.0) / width };
    ((below.1 + share * (above.1 - below.1)) / years).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::option::{Black76, OptionQuote, black76};
    use shoals_core::day;

    /// Two expiries of a smile in moneyness, with a volatility that rises with time.
    fn chain(volatility: [f64; 2]) -> OptionChain {
        let date = day(2024, 1, 2);
        let mut quotes = Vec::new();
        for (expiry, at_the_money) in
            [(day(2024, 1, 24), volatility[0]), (day(2024, 3, 27), volatility[1])]
        {
            for i in 0..21 {
                let strike = 2.0 + 0.05 * f64::from(i);
                let terms = Black76 {
                    forward: 2.5,
                    strike,
                    volatility: at_the_money + 0.3 * (strike / 2.5).ln().powi(2),
                    years: years_until(date, expiry),
                    rate: 0.02,
                };
                for kind in [OptionKind::Call, OptionKind::Put] {
                    let close = black76(kind, &terms).price;
                    quotes.push(OptionQuote { date, kind, expiry, strike, close });
                }
            }
        }
        OptionChain::of(&quotes)
    }

    /// Witness: the volatilities the chain was priced with.
    #[test]
    fn the_surface_gives_back_what_the_chain_was_priced_with() {
        let slices = surface(&chain([0.18, 0.22]), day(2024, 1, 2), 0.0);
        assert_eq!(slices.len(), 2);
        for (slice, at_the_money) in slices.iter().zip([0.18, 0.22]) {
            assert!((slice.forward - 2.5).abs() < 1e-9);
            assert!((slice.at_the_money - at_the_money).abs() < 1e-9);
            assert!(slice.median_parity_error < 1e-12 && !slice.has_calendar_arbitrage);
            for point in &slice.points {
                let priced = at_the_money + 0.3 * point.log_moneyness.powi(2);
                assert!((point.implied_volatility / priced - 1.0).abs() < 1e-9, "{point:?}");
            }
        }
        // Thirty days lie between 22 and 85: total variance is straight.
        let (near, far) = (0.18_f64.powi(2) * 22.0, 0.22_f64.powi(2) * 85.0);
        let expected = ((near + (far - near) * 8.0 / 63.0) / 30.0).sqrt();
        assert!((surface_volatility(&slices, 0.0, 30.0) - expected).abs() < 1e-9);
        assert!(surface_volatility(&slices, 0.0, 10.0).is_nan());
        assert!(surface_volatility(&slices, 0.9, 30.0).is_nan());
    }

    #[test]
    fn a_falling_total_variance_is_told() {
        let slices = surface(&chain([0.40, 0.15]), day(2024, 1, 2), 0.0);
        assert_eq!(
            slices.iter().map(|s| s.has_calendar_arbitrage).collect::<Vec<_>>(),
            [false, true]
        );
    }
}
