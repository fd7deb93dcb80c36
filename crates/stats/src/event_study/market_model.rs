//! What a name would have returned without the event, and how well that is known: MacKinlay (1997).
//!
//! `R = alpha + beta R_m + e` over the estimation days; the abnormal return of a later day is what the line leaves
//! of it. Over `W` days the sum of abnormal returns has variance
//! `s^2 [W + W^2 / n + (sum_t (m_t - mean))^2 / sum (m - mean)^2]`: its own noise and the error of the line.

use serde::Serialize;

use crate::StatError;
use crate::observed::{require_finite, require_same_length};

/// Fewest days a market model is fitted on: Patell's variance needs more than four.
pub const MIN_DAYS: usize = 10;

/// Deviation, as a share of the mean, that is rounding.
const ROUNDING: f64 = 1e-12;

/// A fitted market model.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct MarketModel {
    /// Return on a day the market stands still.
    pub alpha: f64,
    /// Return for one of the market.
    pub beta: f64,
    /// Estimation days with both returns.
    pub n: usize,
    /// Standard deviation of the residuals, divisor `n - 2` (`n - 1` without a market).
    pub residual_std: f64,
    /// Mean of the market over those days.
    pub market_mean: f64,
    /// Sum of the market's squared deviations from its mean; infinite without a market.
    pub market_variation: f64,
}

impl MarketModel {
    /// Fits the line by least squares.
    ///
    /// Missing: a day with a NaN on either side is left out.
    ///
    /// # Errors
    /// Slices of different length, an infinite value, fewer than [`MIN_DAYS`] days, or a market that stands still.
    pub fn fit(returns: &[f64], market: &[f64]) -> Result<Self, StatError> {
        require_same_length(returns, market)?;
        let pairs = || returns.iter().zip(market).filter(|(r, m)| !r.is_nan() && !m.is_nan());
        let (mut n, mut sum_r, mut sum_m) = (0, 0.0, 0.0);
        for (r, m) in pairs() {
            n += 1;
            sum_r += r;
            sum_m += m;
        }
        require_days(n)?;
        let (mean_r, market_mean) = (sum_r / n as f64, sum_m / n as f64);
        let (mut mm, mut rm, mut rr) = (0.0, 0.0, 0.0);
        for (r, m) in pairs() {
            let (dr, dm) = (r - mean_r, m - market_mean);
            mm += dm * dm;
            rm += dr * dm;
            rr += dr * dr;
        }
        require_finite(&[rr, mm])?;
        // A market that stands still varies by the rounding of its mean alone.
        if mm <= n as f64 * (ROUNDING * market_mean).powi(2) {
            return Err(StatError::Constant { what: "the market" });
        }
        let beta = rm / mm;
        let alpha = mean_r - beta * market_mean;
        // Residuals summed themselves: rr - beta rm would cancel where the fit is close.
        let unexplained: f64 = pairs().map(|(r, m)| (r - alpha - beta * m).powi(2)).sum();
        let residual_std = (unexplained / (n - 2) as f64).sqrt();
        Ok(Self { alpha, beta, n, residual_std, market_mean, market_variation: mm })
    }

    /// The model without a market: the mean of the estimation days.
    ///
    /// # Errors
    /// An infinite value, or fewer than [`MIN_DAYS`] days.
    pub fn mean(returns: &[f64]) -> Result<Self, StatError> {
        let seen: Vec<f64> = returns.iter().copied().filter(|r| !r.is_nan()).collect();
        require_days(seen.len())?;
        require_finite(&seen)?;
        let n = seen.len();
        let alpha = seen.iter().sum::<f64>() / n as f64;
        let unexplained: f64 = seen.iter().map(|r| (r - alpha).powi(2)).sum();
        let residual_std = (unexplained / (n - 1) as f64).sqrt();
        let (market_mean, market_variation) = (0.0, f64::INFINITY);
        Ok(Self { alpha, beta: 0.0, n, residual_std, market_mean, market_variation })
    }

    /// What the market leaves of a day's return.
    pub fn abnormal(&self, own: f64, market: f64) -> f64 {
        // Without a market a missing market return does not matter.
        if self.beta == 0.0 { own - self.alpha } else { own - self.alpha - self.beta * market }
    }

    /// Variance of a sum of abnormal returns over days with those market returns, as a multiple of the residual
    /// variance.
    pub fn error_factor(&self, market: &[f64]) -> f64 {
        let days = market.len() as f64;
        let away: f64 = market.iter().map(|m| m - self.market_mean).sum();
        let line = if self.market_variation.is_finite() {
            away * away / self.market_variation
        } else {
            0.0
        };
        days + days * days / self.n as f64 + line
    }

    /// Standard error of a sum of abnormal returns over days with those market returns.
    pub fn standard_error(&self, market: &[f64]) -> f64 {
        self.residual_std * self.error_factor(market).sqrt()
    }
}

fn require_days(found: usize) -> Result<(), StatError> {
    if found >= MIN_DAYS {
        Ok(())
    } else {
        Err(StatError::TooFewObservations { needed: MIN_DAYS, found })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::regression::{Intercept, ols};

    fn wave(n: usize, phase: f64) -> Vec<f64> {
        (0..n).map(|i| 0.01 * (i as f64 * phase).sin()).collect()
    }

    /// Witness: least squares by QR; a day left out is as if it had not been.
    #[test]
    fn the_line_is_that_of_the_regression() {
        let (mut own, market) = (wave(60, 1.3), wave(60, 0.7));
        own[13] = f64::NAN;
        let ours = MarketModel::fit(&own, &market).unwrap();
        let kept = |values: &[f64]| -> Vec<f64> { [&values[..13], &values[14..]].concat() };
        let fit = ols(&kept(&own), &[&kept(&market)], Intercept::Included).unwrap();
        assert!((ours.alpha - fit.coefficients[0]).abs() < 1e-15);
        assert!((ours.beta - fit.coefficients[1]).abs() < 1e-13);
        // The standard error of the slope is s / sqrt(SS).
        let slope_error = ours.residual_std / ours.market_variation.sqrt();
        assert!((slope_error / fit.standard_errors[1] - 1.0).abs() < 1e-12);
    }

    /// Witness: a dummy for each of the window's days takes its abnormal return, and the classical error of their sum
    /// in that regression is MacKinlay's.
    #[test]
    fn the_error_of_a_window_is_that_of_its_dummies() {
        let (own, market) = (wave(63, 1.3), wave(63, 0.7));
        let model = MarketModel::fit(&own[..60], &market[..60]).unwrap();
        let car: f64 = (60..63).map(|t| model.abnormal(own[t], market[t])).sum();
        // One dummy of the sum: the first day carries it, the other two are written as differences from it.
        let column = |weights: [f64; 3]| -> Vec<f64> {
            (0..63).map(|t| if t < 60 { 0.0 } else { weights[t - 60] }).collect()
        };
        let (sum, second, third) =
            (column([1.0, 0.0, 0.0]), column([-1.0, 1.0, 0.0]), column([-1.0, 0.0, 1.0]));
        let fit = ols(&own, &[&market, &sum, &second, &third], Intercept::Included).unwrap();
        assert!((fit.coefficients[2] - car).abs() < 1e-14);
        let ours = model.standard_error(&market[60..]);
        assert!((ours / fit.standard_errors[2] - 1.0).abs() < 1e-10);
    }

    #[test]
    fn what_has_no_line_is_refused() {
        let market = wave(20, 0.7);
        assert!(MarketModel::fit(&market[..9], &market[..9]).is_err());
        assert!(MarketModel::fit(&market, &[0.01; 20]).is_err());
        assert!(MarketModel::fit(&market, &market[..19]).is_err());
        let mean = MarketModel::mean(&[0.01; 12]).unwrap();
        assert!((mean.abnormal(0.03, f64::NAN) - 0.02).abs() < 1e-16);
        assert_eq!(mean.error_factor(&[0.1, 0.2]), 2.0 + 4.0 / 12.0);
    }
}
