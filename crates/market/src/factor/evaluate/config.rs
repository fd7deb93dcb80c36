//! Settings of an evaluation.

use serde::{Deserialize, Serialize};

use crate::MarketError;

/// How the quantiles inside a bucket are cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// Within the bucket: equal numbers of stocks in each, a dependent double sort.
    #[default]
    Dependent,
    /// The market's quantiles, whatever number of the bucket's stocks falls in: an independent one.
    Independent,
}

/// Which correlations are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Correlation {
    /// Spearman's alone.
    #[default]
    Rank,
    /// Spearman's and Pearson's.
    RankAndLinear,
}

/// Horizons, quantiles and lags. A value of this type is always legal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RawEvaluationConfig")]
pub struct EvaluationConfig {
    horizons: Vec<usize>,
    n_quantiles: usize,
    lags: Vec<usize>,
    sort: Sort,
    correlation: Correlation,
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
    /// How quantiles inside buckets are cut.
    sort: Sort,
    /// Which correlations are taken.
    correlation: Correlation,
}

impl Default for RawEvaluationConfig {
    fn default() -> Self {
        Self {
            horizons: vec![1, 5, 20],
            n_quantiles: 10,
            lags: vec![1],
            sort: Sort::default(),
            correlation: Correlation::default(),
        }
    }
}

impl Default for EvaluationConfig {
    /// A day, a week and a month ahead; deciles; turnover from day to day.
    fn default() -> Self {
        Self::try_from(RawEvaluationConfig::default()).expect("the defaults are legal")
    }
}

impl TryFrom<RawEvaluationConfig> for EvaluationConfig {
    type Error = MarketError;

    fn try_from(raw: RawEvaluationConfig) -> Result<Self, MarketError> {
        let plan = Self::new(raw.horizons, raw.n_quantiles, raw.lags)?;
        Ok(plan.sorted(raw.sort).correlated(raw.correlation))
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
            days.first().is_none_or(|&first| first > 0) && days.is_sorted_by(|a, b| a < b)
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
        let (sort, correlation) = (Sort::default(), Correlation::default());
        Ok(Self { horizons, n_quantiles, lags, sort, correlation })
    }

    /// With another way to cut the quantiles of a bucket.
    #[must_use]
    pub fn sorted(mut self, sort: Sort) -> Self {
        self.sort = sort;
        self
    }

    /// With other correlations.
    #[must_use]
    pub fn correlated(mut self, correlation: Correlation) -> Self {
        self.correlation = correlation;
        self
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

    /// How quantiles inside buckets are cut.
    pub fn sort(&self) -> Sort {
        self.sort
    }

    /// Which correlations are taken.
    pub fn correlation(&self) -> Correlation {
        self.correlation
    }

    pub(super) fn longest_horizon(&self) -> usize {
        self.horizons.last().copied().unwrap_or_default()
    }

    pub(super) fn longest_lag(&self) -> usize {
        self.lags.last().copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_legal_or_refused_with_their_range() {
        assert!(EvaluationConfig::new(vec![], 10, vec![]).is_err());
        assert!(EvaluationConfig::new(vec![0, 1], 10, vec![]).is_err());
        assert!(EvaluationConfig::new(vec![5, 5], 10, vec![]).is_err());
        assert!(EvaluationConfig::new(vec![1], 1, vec![]).is_err());
        let error = EvaluationConfig::new(vec![1], 10, vec![0]).unwrap_err().to_string();
        assert_eq!(error, "`lags` is 1, expected trading days that rise from 1");
        let read = |text: &str| serde_json::from_str::<EvaluationConfig>(text);
        assert_eq!(read("{}").unwrap(), EvaluationConfig::default());
        assert_eq!(read(r#"{"sort":"independent"}"#).unwrap().sort(), Sort::Independent);
        assert!(read(r#"{"horizons":[20,5]}"#).is_err());
        assert!(read(r#"{"horizon":[5]}"#).is_err());
    }
}
