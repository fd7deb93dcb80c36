//! What a fund holds of each factor, with the errors of any mix of them.

use serde::Serialize;
use shoals_stats::StatError;
use shoals_stats::hac::{SmallSample, automatic_lag, newey_west_covariance};
use shoals_stats::regression::{Fit, Intercept, ols};

use crate::FactorPeriods;

/// Fewest periods for each factor.
const PERIODS_A_FACTOR: usize = 10;

/// One exposure as told.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExposureRow {
    /// The fund's code.
    pub fund: String,
    /// Name of the factor.
    pub factor: String,
    /// Return for one of the factor's.
    pub exposure: f64,
    /// Lower end of its band.
    pub low: f64,
    /// Upper end of its band.
    pub high: f64,
    /// Share of the fund's variance that all factors explain.
    pub explained: f64,
}

/// Exposures and how their errors go together.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Exposures {
    /// Names of the factors.
    pub factors: Vec<String>,
    /// Return for one of each factor's.
    pub values: Vec<f64>,
    /// Covariance of their errors, row-major.
    pub covariance: Vec<f64>,
    /// Share of the fund's variance they explain.
    pub explained: f64,
}

impl Exposures {
    /// Exposures whose errors are known one by one only.
    ///
    /// # Panics
    /// When the three do not pair up.
    pub fn of(
        factors: Vec<String>,
        values: Vec<f64>,
        standard_errors: &[f64],
        explained: f64,
    ) -> Self {
        let k = factors.len();
        assert!(values.len() == k && standard_errors.len() == k, "exposures do not pair up");
        let mut covariance = vec![0.0; k * k];
        for (i, error) in standard_errors.iter().enumerate() {
            covariance[i * k + i] = error * error;
        }
        Self { factors, values, covariance, explained }
    }

    /// Least squares of `returns` on every factor but `cash`, with Newey and West's errors; a factor that is a combination of
    /// the ones before it, or has no value in some period, is left out.
    ///
    /// # Errors
    /// No factor left, or fewer than ten periods a factor.
    pub fn estimate(
        returns: &[f64],
        factors: &FactorPeriods,
        cash: &str,
    ) -> Result<Self, StatError> {
        let mut used: Vec<usize> = (0..factors.names.len())
            .filter(|&i| factors.names[i] != cash)
            .filter(|&i| factors.returns[i].iter().any(|x| x.is_finite()))
            .collect();
        let (fit, used) = loop {
            match fitted(returns, factors, &used) {
                Err(StatError::Collinear { column }) if column >= 1 && used.len() > 1 => {
                    used.remove(column - 1);
                }
                other => break (other?, used),
            }
        };
        let k = used.len();
        let lag = automatic_lag(fit.residuals.len());
        let whole = newey_west_covariance(&fit, lag, SmallSample::Corrected)?;
        let covariance =
            (0..k * k).map(|cell| whole[(cell / k + 1) * (k + 1) + cell % k + 1]).collect();
        Ok(Self {
            factors: used.iter().map(|&i| factors.names[i].to_owned()).collect(),
            values: fit.coefficients[1..].to_vec(),
            covariance,
            explained: fit.r_squared,
        })
    }

    /// What the factors alone would have earned each period; none where a factor has no value in one.
    pub(super) fn basket(&self, factors: &FactorPeriods) -> Option<Vec<f64>> {
        let columns: Vec<&[f64]> = self
            .factors
            .iter()
            .map(|name| factors.names.iter().position(|known| known == name))
            .map(|at| Some(factors.returns[at?].as_slice()))
            .collect::<Option<_>>()?;
        let n = columns.first()?.len();
        let at = |t: usize| columns.iter().zip(&self.values).map(|(x, b)| b * x[t]).sum::<f64>();
        let basket: Vec<f64> = (0..n).map(at).collect();
        basket.iter().all(|x| x.is_finite()).then_some(basket)
    }

    /// Standard error of a mix of the exposures.
    pub(super) fn error_of(&self, mix: &[f64]) -> f64 {
        let k = mix.len();
        let each = self.covariance.iter().enumerate();
        let variance: f64 = each.map(|(cell, c)| mix[cell / k] * c * mix[cell % k]).sum();
        variance.max(0.0).sqrt()
    }

    pub(super) fn rows(&self, fund: &str, z: f64) -> Vec<ExposureRow> {
        let k = self.factors.len();
        let row = |i: usize| {
            let half = z * self.covariance[i * k + i].max(0.0).sqrt();
            ExposureRow {
                fund: fund.to_owned(),
                factor: self.factors[i].clone(),
                exposure: self.values[i],
                low: self.values[i] - half,
                high: self.values[i] + half,
                explained: self.explained,
            }
        };
        (0..k).map(row).collect()
    }
}

fn fitted(returns: &[f64], factors: &FactorPeriods, used: &[usize]) -> Result<Fit, StatError> {
    let is_whole = |t: &usize| {
        returns[*t].is_finite() && used.iter().all(|&i| factors.returns[i][*t].is_finite())
    };
    let rows: Vec<usize> = (0..returns.len()).filter(is_whole).collect();
    let needed = PERIODS_A_FACTOR * (used.len() + 1);
    if used.is_empty() || rows.len() < needed {
        return Err(StatError::TooFewObservations { needed, found: rows.len() });
    }
    let pick = |values: &[f64]| -> Vec<f64> { rows.iter().map(|&t| values[t]).collect() };
    let columns: Vec<Vec<f64>> = used.iter().map(|&i| pick(&factors.returns[i])).collect();
    let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    ols(&pick(returns), &slices, Intercept::Included)
}
