//! What did a return series earn, at what risk, and how sure can one be of the ratio?
//!
//! Returns are simple decimals a period; `periods_per_year` is always a parameter (242 for daily
//! A-share figures, 12 for months). Annualised return is geometric; the Sharpe ratio is arithmetic:
//! mean over sample deviation, times the root of the periods a year. Its standard error is Lo's
//! (2002, FAJ 58(4)) for independent returns. Sortino's deviation divides by all n (Bacon 2008).
//!
//! Method page: docs/method/performance.md

use serde::Serialize;

use crate::moments::{autocorrelations, excess_kurtosis, mean, mean_of, skewness, std};
use crate::observed::{observed, require_finite, require_setting};
use crate::tail::{expected_shortfall, value_at_risk};
use crate::{StatError, drawdown};

/// Tail probability of the value at risk and expected shortfall of a [`Performance`].
pub const TAIL_PROBABILITY: f64 = 0.05;

/// The record of a return series. A measure the sample cannot give (a Sharpe ratio without
/// variation) is NaN here; ask the function of its name for the reason.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Performance {
    /// Number of returns observed.
    pub n: usize,
    /// Compounded return over the whole sample.
    pub total_return: f64,
    /// Geometric annualised return.
    pub annualised_return: f64,
    /// Annualised sample standard deviation.
    pub volatility: f64,
    /// Annualised arithmetic Sharpe ratio against zero.
    pub sharpe: f64,
    /// Standard error of `sharpe` for independent returns.
    pub sharpe_standard_error: f64,
    /// Annualised Sortino ratio against zero.
    pub sortino: f64,
    /// Share of returns above zero.
    pub win_rate: f64,
    /// Deepest drawdown, at or below zero.
    pub max_drawdown: f64,
    /// Annualised return over the depth of the deepest drawdown.
    pub calmar: f64,
    /// Skewness (divisor n).
    pub skewness: f64,
    /// Excess kurtosis (divisor n).
    pub excess_kurtosis: f64,
    /// Historical value at risk at [`TAIL_PROBABILITY`], a return a period.
    pub value_at_risk: f64,
    /// Historical expected shortfall at [`TAIL_PROBABILITY`], a return a period.
    pub expected_shortfall: f64,
}

impl Performance {
    /// The record of `returns`.
    ///
    /// # Errors
    /// No observation, an infinite one, a loss of more than everything, or `periods_per_year` not
    /// above zero.
    pub fn of(returns: &[f64], periods_per_year: f64) -> Result<Self, StatError> {
        let or_nan = |measure: Result<f64, StatError>| measure.unwrap_or(f64::NAN);
        let annualised_return = annualised_return(returns, periods_per_year)?;
        Ok(Self {
            n: observed(returns, 1)?.len(),
            total_return: total_return(returns)?,
            annualised_return,
            volatility: or_nan(volatility(returns, periods_per_year)),
            sharpe: or_nan(sharpe_ratio(returns, periods_per_year)),
            sharpe_standard_error: or_nan(sharpe_standard_error(returns, periods_per_year)),
            sortino: or_nan(sortino_ratio(returns, 0.0, periods_per_year)),
            win_rate: win_rate(returns)?,
            max_drawdown: drawdown::max_drawdown(returns)?.map_or(0.0, |fall| fall.depth),
            calmar: or_nan(calmar_ratio(returns, periods_per_year)),
            skewness: or_nan(skewness(returns)),
            excess_kurtosis: or_nan(excess_kurtosis(returns)),
            value_at_risk: value_at_risk(returns, TAIL_PROBABILITY)?,
            expected_shortfall: expected_shortfall(returns, TAIL_PROBABILITY)?,
        })
    }
}

/// Compounded return over the whole sample.
///
/// # Errors
/// No observation, an infinite one, or a loss of more than everything.
pub fn total_return(returns: &[f64]) -> Result<f64, StatError> {
    let mut wealth = 1.0;
    for r in observed(returns, 1)? {
        require_setting("return", r, "a decimal not below -1", r >= -1.0)?;
        wealth *= 1.0 + r;
    }
    Ok(wealth - 1.0)
}

/// Geometric annualised return, `wealth^(periods_per_year / n) - 1`.
///
/// # Errors
/// As [`total_return`], or `periods_per_year` not above zero.
pub fn annualised_return(returns: &[f64], periods_per_year: f64) -> Result<f64, StatError> {
    require_frequency(periods_per_year)?;
    let n = observed(returns, 1)?.len() as f64;
    Ok((1.0 + total_return(returns)?).powf(periods_per_year / n) - 1.0)
}

/// Annualised sample standard deviation (divisor n - 1).
///
/// # Errors
/// Fewer than two observations, or `periods_per_year` not above zero.
pub fn volatility(returns: &[f64], periods_per_year: f64) -> Result<f64, StatError> {
    require_frequency(periods_per_year)?;
    Ok(std(returns, 1)? * periods_per_year.sqrt())
}

/// Annualised arithmetic Sharpe ratio of excess returns; pass returns to measure against zero.
///
/// # Errors
/// Fewer than two observations, no variation, or `periods_per_year` not above zero.
pub fn sharpe_ratio(excess_returns: &[f64], periods_per_year: f64) -> Result<f64, StatError> {
    require_frequency(periods_per_year)?;
    let (mean, std) = (mean(excess_returns)?, std(excess_returns, 1)?);
    if std <= mean.abs() * f64::EPSILON * 4.0 {
        return Err(StatError::Constant { what: "the return series" });
    }
    Ok(mean / std * periods_per_year.sqrt())
}

/// Standard error of the annualised Sharpe ratio of independent returns.
///
/// # Errors
/// As [`sharpe_ratio`].
pub fn sharpe_standard_error(
    excess_returns: &[f64],
    periods_per_year: f64,
) -> Result<f64, StatError> {
    let per_period = sharpe_ratio(excess_returns, 1.0)?;
    require_frequency(periods_per_year)?;
    let n = observed(excess_returns, 2)?.len();
    Ok(lo_standard_error(per_period, n) * periods_per_year.sqrt())
}

/// Lo's (2002) standard error of a per-period Sharpe ratio from `n` independent returns:
/// `sqrt((1 + SR^2 / 2) / n)`.
pub fn lo_standard_error(sharpe_per_period: f64, n: usize) -> f64 {
    ((1.0 + sharpe_per_period * sharpe_per_period / 2.0) / n as f64).sqrt()
}

/// Lo's (2002) factor from a per-period Sharpe ratio to one of `autocorrelations.len() + 1` periods:
/// `q / sqrt(q + 2 sum (q - k) rho_k)`. Without autocorrelation it is the root of q.
pub fn lo_time_scaling(autocorrelations: &[f64]) -> f64 {
    let q = autocorrelations.len() as f64 + 1.0;
    let weighted: f64 =
        autocorrelations.iter().enumerate().map(|(k, rho)| (q - 1.0 - k as f64) * rho).sum();
    q / (q + 2.0 * weighted).sqrt()
}

/// Sharpe ratio over `q` periods that takes serial correlation into account (Lo 2002).
///
/// Missing: refused, a gap would shift every lag.
///
/// # Errors
/// As [`sharpe_ratio`] and [`autocorrelations`]; `q` must be at least 1.
pub fn sharpe_ratio_lo(excess_returns: &[f64], q: usize) -> Result<f64, StatError> {
    require_setting("q", q as f64, "at least 1", q >= 1)?;
    let correlations = autocorrelations(excess_returns, q - 1)?;
    Ok(sharpe_ratio(excess_returns, 1.0)? * lo_time_scaling(&correlations))
}

/// Root mean square of the shortfalls below `minimum_acceptable`, divided by all n, a period.
///
/// # Errors
/// No observation.
pub fn downside_deviation(returns: &[f64], minimum_acceptable: f64) -> Result<f64, StatError> {
    let returns = observed(returns, 1)?;
    let squares = returns.iter().map(|r| (r - minimum_acceptable).min(0.0).powi(2));
    Ok((squares.sum::<f64>() / returns.len() as f64).sqrt())
}

/// Mean shortfall below `minimum_acceptable`, divided by all n, positive, a period.
///
/// # Errors
/// No observation.
pub fn downside_potential(returns: &[f64], minimum_acceptable: f64) -> Result<f64, StatError> {
    let returns = observed(returns, 1)?;
    let shortfalls: Vec<f64> = returns.iter().map(|r| (minimum_acceptable - r).max(0.0)).collect();
    Ok(mean_of(&shortfalls))
}

/// Share of returns above `minimum_acceptable`.
///
/// # Errors
/// No observation.
pub fn upside_frequency(returns: &[f64], minimum_acceptable: f64) -> Result<f64, StatError> {
    let returns = observed(returns, 1)?;
    let n_above = returns.iter().filter(|&&r| r > minimum_acceptable).count();
    Ok(n_above as f64 / returns.len() as f64)
}

/// Share of returns above zero.
///
/// # Errors
/// No observation.
pub fn win_rate(returns: &[f64]) -> Result<f64, StatError> {
    upside_frequency(returns, 0.0)
}

/// Mean return above `minimum_acceptable` over the downside deviation, annualised by the root of
/// the periods a year.
///
/// # Errors
/// No observation, nothing below `minimum_acceptable`, or `periods_per_year` not above zero.
pub fn sortino_ratio(
    returns: &[f64],
    minimum_acceptable: f64,
    periods_per_year: f64,
) -> Result<f64, StatError> {
    require_frequency(periods_per_year)?;
    let deviation = downside_deviation(returns, minimum_acceptable)?;
    if deviation == 0.0 {
        return Err(StatError::Constant { what: "the downside" });
    }
    Ok((mean(returns)? - minimum_acceptable) / deviation * periods_per_year.sqrt())
}

/// Mean gain above `threshold` over the mean loss below it (Keating and Shadwick 2002).
///
/// # Errors
/// No observation, or nothing below `threshold`.
pub fn omega_ratio(returns: &[f64], threshold: f64) -> Result<f64, StatError> {
    let loss = downside_potential(returns, threshold)?;
    if loss == 0.0 {
        return Err(StatError::Constant { what: "the downside" });
    }
    Ok((mean(returns)? - threshold) / loss + 1.0)
}

/// Mean return above `threshold` over the `order`-th root of the mean of the `order`-th powers of the shortfalls below it, a
/// period (Kaplan and Knowles 2004). Order 1 is omega less one, order 2 is Sortino.
///
/// # Errors
/// `order` below 1, no observation, or nothing below `threshold`.
pub fn kappa_ratio(returns: &[f64], threshold: f64, order: u32) -> Result<f64, StatError> {
    require_setting("order", f64::from(order), "at least 1", order >= 1)?;
    let kept = observed(returns, 1)?;
    let powers = kept.iter().map(|r| (threshold - r).max(0.0).powf(f64::from(order)));
    let moment = powers.sum::<f64>() / kept.len() as f64;
    if moment == 0.0 {
        return Err(StatError::Constant { what: "the downside" });
    }
    Ok((mean_of(&kept) - threshold) / moment.powf(1.0 / f64::from(order)))
}

/// Share of the variance of the log wealth that a straight line in time explains: 1 for a money-market fund, and suspicious in
/// any other.
///
/// # Errors
/// Fewer than two observations, a loss of everything, or wealth that does not move.
pub fn stability(returns: &[f64]) -> Result<f64, StatError> {
    let kept = observed(returns, 2)?;
    let mut log = 0.0;
    let path: Vec<f64> = kept
        .iter()
        .map(|r| {
            log += r.ln_1p();
            log
        })
        .collect();
    require_finite(&path)?;
    let mid = (path.len() as f64 - 1.0) / 2.0;
    let level = mean_of(&path);
    let (mut both, mut time, mut wealth) = (0.0, 0.0, 0.0);
    for (t, x) in path.iter().enumerate() {
        let (dt, dx) = (t as f64 - mid, x - level);
        both += dt * dx;
        time += dt * dt;
        wealth += dx * dx;
    }
    if wealth == 0.0 {
        return Err(StatError::Constant { what: "the wealth" });
    }
    Ok(both * both / (time * wealth))
}

/// Annualised return over the depth of the deepest drawdown.
///
/// # Errors
/// As [`annualised_return`], or no drawdown at all.
pub fn calmar_ratio(returns: &[f64], periods_per_year: f64) -> Result<f64, StatError> {
    let fall =
        drawdown::max_drawdown(returns)?.ok_or(StatError::Constant { what: "the drawdown" })?;
    Ok(annualised_return(returns, periods_per_year)? / -fall.depth)
}

fn require_frequency(periods_per_year: f64) -> Result<(), StatError> {
    require_finite(&[periods_per_year])?;
    require_setting("periods_per_year", periods_per_year, "above 0", periods_per_year > 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_of_a_riskless_series_has_no_ratios() {
        let record = Performance::of(&[0.01, 0.01, 0.01], 12.0).unwrap();
        assert!(record.sharpe.is_nan() && record.sortino.is_nan() && record.calmar.is_nan());
        assert_eq!((record.n, record.max_drawdown, record.win_rate), (3, 0.0, 1.0));
        assert!((record.annualised_return - (1.01f64.powi(12) - 1.0)).abs() < 1e-12);
    }

    /// Identities: order 1 is omega less one, order 2 is Sortino a period; and a steady return has a straight log wealth.
    #[test]
    fn kappa_is_omega_and_sortino_and_a_steady_return_is_straight() {
        let x = [0.03, -0.01, 0.02, f64::NAN, -0.04, 0.01];
        let omega = omega_ratio(&x, 0.002).unwrap();
        assert!((kappa_ratio(&x, 0.002, 1).unwrap() - (omega - 1.0)).abs() < 1e-14);
        let sortino = sortino_ratio(&x, 0.002, 1.0).unwrap();
        assert!((kappa_ratio(&x, 0.002, 2).unwrap() - sortino).abs() < 1e-14);
        assert!(kappa_ratio(&x, 0.0, 0).is_err());
        assert!((stability(&[0.01; 20]).unwrap() - 1.0).abs() < 1e-12);
        assert!(stability(&[0.0; 5]).is_err());
    }

    #[test]
    fn everything_can_be_lost_but_not_more() {
        assert_eq!(total_return(&[0.5, -1.0, 0.5]).unwrap(), -1.0);
        assert!(total_return(&[-1.5]).is_err());
        assert!(sharpe_ratio(&[0.01, 0.02], 0.0).is_err());
        assert!(annualised_return(&[], 12.0).is_err());
    }
}
