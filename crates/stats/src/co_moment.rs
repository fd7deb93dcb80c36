//! Does it fall with the market more than it rises with it?
//!
//! Someone who sold insurance has a small beta on ordinary days and a great one on bad days. Four measures say so: betas
//! on either side of the market's mean or of zero (Ang, Chen and Xing 2006), a kink (Henriksson and Merton 1981), a
//! bend (Treynor and Mazuy 1966), and co-skewness (Harvey and Siddique 2000). All errors are Newey and West's, so clustered
//! volatility does not pass for a finding.
//!
//! Method page: `docs/method/fund_hidden.md`

use serde::{Deserialize, Serialize};

use crate::StatError;
use crate::hac::{SmallSample, automatic_lag, newey_west, newey_west_mean};
use crate::moments::mean_of;
use crate::observed::{observed_pairs, require_finite, require_same_length};
use crate::regression::{Fit, Intercept, ols};

/// Fewest periods on either side of the line.
pub const MIN_A_SIDE: usize = 12;

/// What the market's bad periods are below.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Line {
    /// Its mean over the sample, as Ang, Chen and Xing.
    #[default]
    Mean,
    /// Zero.
    Zero,
}

impl Line {
    fn of(self, market: &[f64]) -> f64 {
        match self {
            Self::Mean => mean_of(market),
            Self::Zero => 0.0,
        }
    }
}

/// An estimate with its Newey-West standard error.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Estimate {
    /// The estimate.
    pub value: f64,
    /// Its standard error.
    pub standard_error: f64,
}

impl Estimate {
    /// `value / standard_error`.
    pub fn t(&self) -> f64 {
        self.value / self.standard_error
    }

    fn of(fit: &Fit, coefficient: usize) -> Result<Self, StatError> {
        let n = fit.residuals.len();
        let lag = automatic_lag(n).min(n - 1);
        let standard_error = newey_west(fit, lag, SmallSample::Corrected)?[coefficient];
        Ok(Self { value: fit.coefficients[coefficient], standard_error })
    }
}

/// Betas on either side of a line.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SidedBeta {
    /// Over all periods.
    pub beta: Estimate,
    /// `cov(r, m | m < line) / var(m | m < line)`.
    pub down: Estimate,
    /// The same at or above the line.
    pub up: Estimate,
    /// `down - up`; positive is what sold insurance looks like.
    pub difference: Estimate,
    /// Periods below the line.
    pub n_down: usize,
}

/// Betas of `returns` on `market` below and above `line`, decimals a period.
///
/// Each side has its own mean, so each beta is the least-squares slope of its side. Missing: pairs with a NaN are left out.
///
/// # Errors
/// Slices of different length; fewer than [`MIN_A_SIDE`] periods on a side; a market that does not vary there.
pub fn sided_beta(returns: &[f64], market: &[f64], line: Line) -> Result<SidedBeta, StatError> {
    let (r, m) = observed_pairs(returns, market, 2 * MIN_A_SIDE)?;
    let at = line.of(&m);
    let below: Vec<f64> = m.iter().map(|&x| f64::from(u8::from(x < at))).collect();
    let above: Vec<f64> = below.iter().map(|b| 1.0 - b).collect();
    let n_down = below.iter().filter(|&&b| b > 0.0).count();
    let fewest = n_down.min(m.len() - n_down);
    if fewest < MIN_A_SIDE {
        return Err(StatError::TooFewObservations { needed: MIN_A_SIDE, found: fewest });
    }
    // Slope of the side left out of `side`, and how much more it is inside.
    let slopes = |side: &[f64]| -> Result<(Estimate, Estimate), StatError> {
        let inside: Vec<f64> = m.iter().zip(side).map(|(m, s)| m * s).collect();
        let fit = ols(&r, &[side, &m, &inside], Intercept::Included)?;
        let error = newey_west(&fit, automatic_lag(r.len()), SmallSample::Corrected)?;
        let estimate = |i: usize| Estimate { value: fit.coefficients[i], standard_error: error[i] };
        Ok((estimate(2), estimate(3)))
    };
    let (up, difference) = slopes(&below)?;
    let (down, _) = slopes(&above)?;
    let beta = Estimate::of(&ols(&r, &[&m], Intercept::Included)?, 1)?;
    Ok(SidedBeta { beta, down, up, difference, n_down })
}

/// Henriksson and Merton's kink: `g` of `r = a + b m + g max(-m, 0)`. Negative is insurance sold.
///
/// Missing: pairs with a NaN are left out.
///
/// # Errors
/// Slices of different length, too few periods, a market that never falls or never rises.
pub fn henriksson_merton(returns: &[f64], market: &[f64]) -> Result<Estimate, StatError> {
    bend(returns, market, |m| (-m).max(0.0))
}

/// Treynor and Mazuy's bend: `g` of `r = a + b m + g m^2`. Negative is insurance sold.
///
/// Missing: pairs with a NaN are left out.
///
/// # Errors
/// As [`henriksson_merton`].
pub fn treynor_mazuy(returns: &[f64], market: &[f64]) -> Result<Estimate, StatError> {
    bend(returns, market, |m| m * m)
}

/// The same bend beside `held`, the returns of what the fund may hold in a straight line: `g` of `r = a + b m + sum of h x held + g
/// m^2`. A plain holder of small companies bends against the large ones, because small and large fall together and rise
/// apart; beside both he does not.
///
/// Missing: periods with a NaN anywhere are left out. The market itself is left out where `held` spans it.
///
/// # Errors
/// As [`henriksson_merton`]; `held` that are combinations of each other.
pub fn bend_beyond(
    returns: &[f64],
    market: &[f64],
    held: &[&[f64]],
) -> Result<Estimate, StatError> {
    require_same_length(returns, market)?;
    held.iter().try_for_each(|side| require_same_length(returns, side))?;
    let is_whole =
        |t: &usize| [returns, market].iter().chain(held).all(|side| side[*t].is_finite());
    let rows: Vec<usize> = (0..returns.len()).filter(is_whole).collect();
    let needed = 2 * MIN_A_SIDE + held.len();
    if rows.len() < needed {
        return Err(StatError::TooFewObservations { needed, found: rows.len() });
    }
    let pick = |side: &[f64]| -> Vec<f64> { rows.iter().map(|&t| side[t]).collect() };
    let (r, m) = (pick(returns), pick(market));
    let bent: Vec<f64> = m.iter().map(|m| m * m).collect();
    let picked: Vec<Vec<f64>> = held.iter().map(|side| pick(side)).collect();
    let mut columns: Vec<&[f64]> = picked.iter().map(Vec::as_slice).collect();
    columns.extend([bent.as_slice(), m.as_slice()]);
    let last = columns.len();
    let fit = match ols(&r, &columns, Intercept::Included) {
        Err(StatError::Collinear { column }) if column == last => {
            ols(&r, &columns[..last - 1], Intercept::Included)?
        }
        other => other?,
    };
    Estimate::of(&fit, held.len() + 1)
}

fn bend(returns: &[f64], market: &[f64], of: fn(f64) -> f64) -> Result<Estimate, StatError> {
    let (r, m) = observed_pairs(returns, market, 2 * MIN_A_SIDE)?;
    let bent: Vec<f64> = m.iter().map(|&m| of(m)).collect();
    Estimate::of(&ols(&r, &[&m, &bent], Intercept::Included)?, 2)
}

/// Harvey and Siddique's co-skewness `E[e m^2] / (sqrt(E e^2) E m^2)`, `e` the residual of `returns` on `market` and `m` the
/// market about its mean. Negative: what the market does not explain is lost when it moves far.
///
/// The error is that of the mean of the influence function, estimation of the line included. Missing: pairs with a NaN
/// are left out.
///
/// # Errors
/// Slices of different length, too few periods, a side that does not vary.
pub fn co_skewness(returns: &[f64], market: &[f64]) -> Result<Estimate, StatError> {
    let (r, m) = observed_pairs(returns, market, 2 * MIN_A_SIDE)?;
    let e = ols(&r, &[&m], Intercept::Included)?.residuals;
    let centre = mean_of(&m);
    let m: Vec<f64> = m.iter().map(|m| m - centre).collect();
    let mean = |of: &dyn Fn(usize) -> f64| (0..m.len()).map(of).sum::<f64>() / m.len() as f64;
    let (own, second) = (mean(&|t| e[t] * e[t]), mean(&|t| m[t] * m[t]));
    let third = mean(&|t| m[t].powi(3));
    if own.sqrt() <= f64::EPSILON * 16.0 * second.sqrt() {
        return Err(StatError::Constant { what: "what the market leaves unexplained" });
    }
    let scale = own.sqrt() * second;
    let value = mean(&|t| e[t] * m[t] * m[t]) / scale;
    let influence: Vec<f64> = (0..m.len())
        .map(|t| {
            let (e, m) = (e[t], m[t]);
            let line = e * second + e * m * third / second;
            let scales = 0.5 * (e * e / own - 1.0) + m * m / second - 1.0;
            (e * m * m - line) / scale - value * (1.0 + scales)
        })
        .collect();
    let lag = automatic_lag(m.len());
    let standard_error = newey_west_mean(&influence, lag, SmallSample::Corrected)?.standard_error;
    Ok(Estimate { value, standard_error })
}

/// `E[(r - mean r)(m - mean m)^(power - 1)] / E[(m - mean m)^power]`: the beta of order 3 (co-skewness) or 4 (co-kurtosis) as
/// `PerformanceAnalytics` prints (Martellini and Ziemann 2007).
///
/// Missing: refused.
///
/// # Errors
/// Slices of different length, a value not finite, or a market without that moment.
pub fn co_moment_beta(returns: &[f64], market: &[f64], power: i32) -> Result<f64, StatError> {
    require_same_length(returns, market)?;
    require_finite(returns)?;
    require_finite(market)?;
    let (r0, m0) = (mean_of(returns), mean_of(market));
    let (mut above, mut below) = (0.0, 0.0);
    for (r, m) in returns.iter().zip(market) {
        above += (r - r0) * (m - m0).powi(power - 1);
        below += (m - m0).powi(power);
    }
    if below == 0.0 || below.is_nan() {
        return Err(StatError::Constant { what: "the market" });
    }
    Ok(above / below)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::counter_normal::counter_normal;

    fn normals(seed: u64, n: usize) -> Vec<f64> {
        (0..n).map(|i| 0.01 * counter_normal(seed, i as u64)).collect()
    }

    /// By construction: 0.2 m above zero, 0.5 m below, without noise.
    #[test]
    fn a_kinked_line_has_its_two_slopes() {
        let m = normals(1, 200);
        let r: Vec<f64> = m.iter().map(|&m| if m < 0.0 { 0.5 * m } else { 0.2 * m }).collect();
        let sides = sided_beta(&r, &m, Line::Zero).unwrap();
        assert!((sides.down.value - 0.5).abs() < 1e-12 && (sides.up.value - 0.2).abs() < 1e-12);
        assert!((sides.difference.value - 0.3).abs() < 1e-12);
        assert!((henriksson_merton(&r, &m).unwrap().value + 0.3).abs() < 1e-12);
        let bent: Vec<f64> = m.iter().map(|m| 0.3 * m - 4.0 * m * m).collect();
        assert!((treynor_mazuy(&bent, &m).unwrap().value + 4.0).abs() < 1e-10);
        assert!(sided_beta(&r[..20], &m[..20], Line::Mean).is_err());
        assert!(co_skewness(&m, &m).is_err());
    }

    /// A holder of two markets, one of which falls with the other and rises by itself: bent against one, straight beside both,
    /// also where one is the sum of what is held.
    #[test]
    fn a_straight_holder_is_not_bent_beside_what_he_holds() {
        let (large, own) = (normals(3, 800), normals(4, 800));
        let size: Vec<f64> = large.iter().zip(&own).map(|(l, o)| 0.3 * o - 9.0 * l * l).collect();
        let small: Vec<f64> = large.iter().zip(&size).map(|(l, s)| l + s).collect();
        let noise = normals(5, 800);
        let r: Vec<f64> = small.iter().zip(&noise).map(|(s, e)| 0.5 * s + 0.1 * e).collect();
        assert!(treynor_mazuy(&r, &large).unwrap().t() < -10.0);
        assert!(bend_beyond(&r, &large, &[&large, &size]).unwrap().t().abs() < 3.0);
        assert!(bend_beyond(&r, &small, &[&large, &size]).unwrap().t().abs() < 3.0);
        let sold: Vec<f64> = r.iter().zip(&large).map(|(r, l)| r - 2.0 * l * l).collect();
        let beyond = bend_beyond(&sold, &large, &[&large, &size]).unwrap();
        assert!((beyond.value + 2.0).abs() < 4.0 * beyond.standard_error && beyond.t() < -5.0);
    }

    /// A plain linear fund with normal noise, 156 weeks, 2,000 samples: each one-sided test at 5 % must find nothing in 95 % of
    /// them. Newey-West errors are a little small in short samples, so the level is stated: between 3 % and 8 %.
    #[test]
    fn a_linear_fund_is_seldom_accused() {
        let (samples, n) = (2_000, 156);
        let mut accused = [0.0; 5];
        for k in 0..samples {
            let m = normals(2 * k, n);
            let r: Vec<f64> =
                m.iter().zip(normals(2 * k + 1, n)).map(|(m, e)| 0.4 * m + 0.5 * e).collect();
            let mean = sided_beta(&r, &m, Line::Mean).unwrap().difference.t();
            let zero = sided_beta(&r, &m, Line::Zero).unwrap().difference.t();
            let t = [
                -mean,
                -zero,
                henriksson_merton(&r, &m).unwrap().t(),
                treynor_mazuy(&r, &m).unwrap().t(),
                co_skewness(&r, &m).unwrap().t(),
            ];
            accused.iter_mut().zip(t).for_each(|(n, t)| *n += f64::from(u8::from(t < -1.645)));
        }
        let rate = accused.map(|n| n / samples as f64);
        eprintln!("accused of 2,000 linear funds: {rate:?}");
        assert!(rate.iter().all(|r| (0.03..0.08).contains(r)), "{rate:?}");
    }
}
