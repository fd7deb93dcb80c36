//! Settings of an evaluation.

use serde::{Deserialize, Serialize};

use crate::MarketError;

/// Horizons, quantiles and lags. A value of this type is always legal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RawEvaluationConfig")]
pub struct EvaluationConfig {
    horizons: Vec<usize>,
    n_quantiles: usize,
    lags: Vec<usize>,
}

/// The same words as in the file, not yet believed.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RawEvaluationConfig {
    /// Forward returns over so many trading days.
    horizons: Vec<usize>,
    /// Quantiles of the factor.
    n_quantiles: usize,
    /// Turnover and rank autocorrelation against so many trading days before.
    lags: Vec<usize>,
}

impl Default for RawEvaluationConfig {
    fn default() -> Self {
        Self { horizons: vec![1, 5, 20], n_quantiles: 10, lags: vec![1] }
    }
}

impl Default for EvaluationConfig {
    /// A day, a week and a month ahead; deciles; turnover from day to day.
    fn default() -> Self {
        let RawEvaluationConfig { horizons, n_quantiles, lags } = RawEvaluationConfig::default();
        Self { horizons, n_quantiles, lags }
    }
}

impl TryFrom<RawEvaluationConfig> for EvaluationConfig {
    type Error = MarketError;

    fn try_from(raw: RawEvaluationConfig) -> Result<Self, MarketError> {
        Self::new(raw.horizons, raw.n_quantiles, raw.lags)
    }
}

impl EvaluationConfig {
    /// Horizons and lags in trading days.
    ///
    /// # Errors
    /// Horizons or lags that do not rise from 1, no horizon, or fewer than 2 or more than 100
    /// quantiles.
    pub fn new(
        horizons: Vec<usize>,
        n_quantiles: usize,
        lags: Vec<usize>,
    ) -> Result<Self, MarketError> {
        let rises = |days: &[usize]| {
            days.iter().fold(Some(0), |last, &d| last.filter(|&l| l < d).and(Some(d))).is_some()
        };
        let (n_horizons, n_lags) = (horizons.len() as f64, lags.len() as f64);
        let is_horizons = !horizons.is_empty() && rises(&horizons);
        for (field, found, expected, is_legal) in [
            ("horizons", n_horizons, "one or more trading days that rise from 1", is_horizons),
            ("n_quantiles", n_quantiles as f64, "2 to 100", (2..=100).contains(&n_quantiles)),
            ("lags", n_lags, "trading days that rise from 1", rises(&lags)),
        ] {
            if !is_legal {
                return Err(MarketError::SettingOutOfRange { field, found, expected });
            }
        }
        Ok(Self { horizons, n_quantiles, lags })
    }

    /// Horizons in trading days, rising.
    pub fn horizons(&self) -> &[usize] {
        &self.horizons
    }

    /// Number of quantiles.
    pub fn n_quantiles(&self) -> usize {
        self.n_quantiles
    }

    /// Lags of turnover and rank autocorrelation in trading days, rising.
    pub fn lags(&self) -> &[usize] {
        &self.lags
    }

    pub(super) fn longest_horizon(&self) -> usize {
        self.horizons.last().copied().unwrap_or_default()
    }

    pub(super) fn longest_lag(&self) -> usize {
        self.lags.last().copied().unwrap_or_default()
    }
}
