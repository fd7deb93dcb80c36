//! Returns told late.

use serde::Serialize;
use shoals_stats::smoothing::{Smoothing, geltner, smoothing};
use shoals_stats::{StatError, moments};

use super::HiddenConfig;
use crate::Periods;

/// Periods a return may be told late.
const LAGS: usize = 2;

/// How a fund spreads its returns, and its risk without that.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SmoothingRow {
    /// The fund's code.
    pub fund: String,
    /// Periods.
    pub n: usize,
    /// Share of a return told in its own period.
    pub theta0: f64,
    /// Share told one period late.
    pub theta1: f64,
    /// Share told two periods late.
    pub theta2: f64,
    /// Lower end of the band of `theta0`.
    pub low: f64,
    /// Upper end; below 1 says smoothed.
    pub high: f64,
    /// Told variance over true variance.
    pub xi: f64,
    /// Annualised standard deviation as told.
    pub volatility_told: f64,
    /// Annualised standard deviation of what was earned, told over the root of `xi`.
    pub volatility_true: f64,
    /// Lower end of its band.
    pub volatility_low: f64,
    /// Upper end of its band.
    pub volatility_high: f64,
    /// Annualised Sharpe ratio as told, over cash.
    pub sharpe_told: f64,
    /// The same on the true volatility.
    pub sharpe_true: f64,
    /// Annualised standard deviation of Geltner's returns.
    pub geltner_volatility: f64,
    /// Probability of so great a likelihood ratio when nothing is smoothed and returns are normal.
    pub p_value: f64,
    /// `theta0` of what the fund's factors alone would have earned; missing where they are not known.
    pub basket_theta0: f64,
    /// Lower end of its band: a basket that is slow by itself has it below 1 too.
    pub basket_low: f64,
    /// Whether `theta0` is below 1 and below its basket's, both beyond the bands.
    pub is_smoothed: bool,
}

/// The row, and the returns as earned where they differ.
pub(super) struct Earned {
    pub(super) row: SmoothingRow,
    /// Returns as earned by the model, as told where it finds no smoothing.
    pub(super) returns: Vec<f64>,
}

pub(super) fn earned(
    fund: &str,
    periods: &Periods,
    cash: &[f64],
    basket: Option<&[f64]>,
    config: &HiddenConfig,
) -> Result<Earned, StatError> {
    let returns = &periods.returns;
    let fit: Smoothing = smoothing(returns, LAGS)?;
    let year = periods.per_year.sqrt();
    let told = moments::std(returns, 1)? * year;
    let excess: Vec<f64> = returns.iter().zip(cash).map(|(r, c)| r - c).collect();
    let sharpe = moments::mean(&excess)? / moments::std(&excess, 1)? * year;
    let geltner_volatility = moments::std(&geltner(returns)?, 1)? * year;
    let half = config.z() * fit.theta_error[0];
    // The band of xi through its logarithm: it cannot be negative.
    let spread = (config.z() * fit.xi_error / fit.xi / 2.0).exp();
    let volatility = told / fit.xi.sqrt();
    let own = basket.and_then(|basket| smoothing(basket, LAGS).ok());
    let (basket_theta0, basket_low) = own.map_or((f64::NAN, f64::NAN), |own| {
        (own.theta[0], own.theta[0] - config.z() * own.theta_error[0])
    });
    // The lesser of the two: a missing basket leaves 1.
    let is_smoothed = fit.theta[0] + half < basket_low.min(1.0);
    let row = SmoothingRow {
        fund: fund.to_owned(),
        n: returns.len(),
        theta0: fit.theta[0],
        theta1: fit.theta[1],
        theta2: fit.theta[2],
        low: fit.theta[0] - half,
        high: fit.theta[0] + half,
        xi: fit.xi,
        volatility_told: told,
        volatility_true: volatility,
        volatility_low: volatility / spread,
        volatility_high: volatility * spread,
        sharpe_told: sharpe,
        sharpe_true: sharpe * fit.xi.sqrt(),
        geltner_volatility,
        // Chi-square with two degrees: an exponential.
        p_value: (-fit.likelihood_ratio / 2.0).exp(),
        basket_theta0,
        basket_low,
        is_smoothed,
    };
    let returns = if is_smoothed { fit.unsmoothed(returns) } else { returns.clone() };
    Ok(Earned { row, returns })
}
