//! A measure of performance that cannot be bought with options.
//!
//! The manipulation-proof measure is the certain excess return, a year and continuously compounded, that an investor with
//! relative risk aversion `rho` would take instead of the fund: `ln(mean(((1 + r) / (1 + rf))^(1 - rho))) / ((1 - rho) dt)`
//! (Goetzmann, Ingersoll, Spiegel and Welch 2007, RFS 20, eq. 12). Selling insurance raises a Sharpe ratio and lowers this
//! once the insured event is in the sample; an event that never came cannot be in it.
//!
//! Method page: `docs/method/fund_hidden.md`

use serde::Serialize;

use crate::StatError;
use crate::hac::{SmallSample, automatic_lag, newey_west_mean};
use crate::observed::{require_finite, require_same_length, require_setting};

/// The measure with its error.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ManipulationProof {
    /// Certainty-equivalent excess return, decimal a year, continuously compounded.
    pub value: f64,
    /// Newey-West standard error, by the delta method.
    pub standard_error: f64,
}

/// The manipulation-proof performance of `returns` over `risk_free`, both decimals a period.
///
/// Missing: refused; leave out incomplete periods first.
///
/// # Errors
/// Slices of different length, a value not finite, a return of -1 or below, fewer than two, `rho` of 1 or below, a
/// frequency not above zero.
///
/// # Example
/// ```
/// use shoals_stats::manipulation::manipulation_proof;
/// let sure = manipulation_proof(&[0.01; 12], &[0.0; 12], 3.0, 12.0)?;
/// assert!((sure.value - 12.0 * 1.01_f64.ln()).abs() < 1e-12);
/// # Ok::<(), shoals_stats::StatError>(())
/// ```
pub fn manipulation_proof(
    returns: &[f64],
    risk_free: &[f64],
    rho: f64,
    periods_per_year: f64,
) -> Result<ManipulationProof, StatError> {
    require_same_length(returns, risk_free)?;
    require_finite(returns)?;
    require_finite(risk_free)?;
    require_setting("rho", rho, "above 1", rho > 1.0 && rho.is_finite())?;
    require_setting("periods_per_year", periods_per_year, "above zero", periods_per_year > 0.0)?;
    if let Some(&ruin) = returns.iter().chain(risk_free).find(|&&r| r <= -1.0) {
        require_setting("return", ruin, "a decimal above -1", false)?;
    }
    let power = 1.0 - rho;
    let utility: Vec<f64> =
        returns.iter().zip(risk_free).map(|(r, f)| ((1.0 + r) / (1.0 + f)).powf(power)).collect();
    let lag = automatic_lag(utility.len()).min(utility.len().saturating_sub(1));
    let mean = newey_west_mean(&utility, lag, SmallSample::Corrected)?;
    let years = periods_per_year / power;
    Ok(ManipulationProof {
        value: mean.mean.ln() * years,
        standard_error: (mean.standard_error / mean.mean * years).abs(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normal::normal_quantile;

    /// Closed form: log returns `N(m dt, s^2 dt)` are worth `m + (1 - rho) s^2 / 2 - rf`.
    #[test]
    fn a_lognormal_fund_is_worth_its_mean_less_the_price_of_its_risk() {
        let (n, m, s, rho, f) = (20_000, 0.10, 0.20, 3.0, 0.02_f64);
        let dt: f64 = 1.0 / 52.0;
        let draw =
            |i: i32| m * dt + s * dt.sqrt() * normal_quantile((f64::from(i) + 0.5) / f64::from(n));
        let returns: Vec<f64> = (0..n).map(|i| draw(i).exp_m1()).collect();
        let sure = vec![(f * dt).exp_m1(); returns.len()];
        let ours = manipulation_proof(&returns, &sure, rho, 52.0).unwrap().value;
        let theirs = m + (1.0 - rho) * s * s / 2.0 - f;
        // The ladder of quantiles misses the very ends, a part in 1e-4 of the variance.
        assert!((ours - theirs).abs() < 1e-5, "{ours} {theirs}");
        assert!(manipulation_proof(&[-1.0, 0.1], &[0.0; 2], 3.0, 12.0).is_err());
        assert!(manipulation_proof(&[0.1, 0.1], &[0.0; 2], 1.0, 12.0).is_err());
    }
}
