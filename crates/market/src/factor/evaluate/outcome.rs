//! What an evaluation says of every day.

use shoals_core::TradingDay;

use super::EvaluationConfig;
use crate::factor::FactorPanel;

/// Daily counts, correlations, mean returns and changes of one factor.
///
/// Group 0 is the whole market, groups 1 and up the buckets. Horizons, quantiles and lags are in the
/// order of the configuration.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    /// The days of the panel, all of them.
    pub days: Vec<TradingDay>,
    /// Horizons in trading days.
    pub horizons: Vec<usize>,
    /// Lags of the changes in trading days.
    pub lags: Vec<usize>,
    /// The market and the buckets.
    pub n_groups: usize,
    /// Quantiles of a group.
    pub n_quantiles: usize,
    /// Valid stocks: \[day\]\[group\].
    pub n_stocks: Vec<u32>,
    /// Rank correlation of factor and forward return: \[day\]\[group\]\[horizon\].
    pub rank_ic: Vec<f64>,
    /// Pearson's correlation, laid out as `rank_ic`; empty when not asked for.
    pub ic: Vec<f64>,
    /// Mean forward return: \[day\]\[group\]\[horizon\]\[quantile\].
    pub mean_return: Vec<f64>,
    /// Share of a quantile's names in the market that are new: \[day\]\[lag\]\[quantile\].
    pub turnover: Vec<f64>,
    /// Correlation of the ranks of stocks valid on both days: \[day\]\[lag\].
    pub autocorrelation: Vec<f64>,
}

impl Evaluation {
    /// Daily number of valid stocks of a group.
    pub fn n_stocks(&self, group: usize) -> impl Iterator<Item = u32> {
        self.n_stocks.iter().skip(group).step_by(self.n_groups).copied()
    }

    /// Daily rank IC of a group at the `horizon`-th horizon.
    pub fn rank_ic(&self, group: usize, horizon: usize) -> impl Iterator<Item = f64> {
        let n_horizons = self.horizons.len();
        let first = group * n_horizons + horizon;
        self.rank_ic.iter().skip(first).step_by(self.n_groups * n_horizons).copied()
    }

    /// Daily linear IC of a group at the `horizon`-th horizon; nothing when not asked for.
    pub fn ic(&self, group: usize, horizon: usize) -> impl Iterator<Item = f64> {
        let n_horizons = self.horizons.len();
        let first = group * n_horizons + horizon;
        self.ic.iter().skip(first).step_by(self.n_groups * n_horizons).copied()
    }

    /// Daily mean return of a group's quantile, counted from 0, at the `horizon`-th horizon.
    pub fn mean_return(
        &self,
        group: usize,
        horizon: usize,
        quantile: usize,
    ) -> impl Iterator<Item = f64> {
        let n_horizons = self.horizons.len();
        let first = (group * n_horizons + horizon) * self.n_quantiles + quantile;
        let stride = self.n_groups * n_horizons * self.n_quantiles;
        self.mean_return.iter().skip(first).step_by(stride).copied()
    }

    /// Daily share of new names in a quantile, counted from 0, at the `lag`-th lag.
    pub fn turnover(&self, lag: usize, quantile: usize) -> impl Iterator<Item = f64> {
        let stride = self.lags.len() * self.n_quantiles;
        self.turnover.iter().skip(lag * self.n_quantiles + quantile).step_by(stride).copied()
    }

    /// Daily rank autocorrelation at the `lag`-th lag.
    pub fn autocorrelation(&self, lag: usize) -> impl Iterator<Item = f64> {
        self.autocorrelation.iter().skip(lag).step_by(self.lags.len()).copied()
    }

    /// Room for some days, none written yet.
    pub(super) fn empty(panel: &FactorPanel, config: &EvaluationConfig, n_days: usize) -> Self {
        let n_groups = panel.buckets.count() + 1;
        let n_quantiles = config.n_quantiles();
        let n_cells = n_days * n_groups * config.horizons().len();
        let n_changes = n_days * config.lags().len();
        Self {
            days: Vec::new(),
            horizons: config.horizons().to_vec(),
            lags: config.lags().to_vec(),
            n_groups,
            n_quantiles,
            n_stocks: Vec::with_capacity(n_days * n_groups),
            rank_ic: Vec::with_capacity(n_cells),
            ic: Vec::new(),
            mean_return: Vec::with_capacity(n_cells * n_quantiles),
            turnover: Vec::with_capacity(n_changes * n_quantiles),
            autocorrelation: Vec::with_capacity(n_changes),
        }
    }

    /// The parts one after another.
    pub(super) fn join(panel: &FactorPanel, config: &EvaluationConfig, parts: Vec<Self>) -> Self {
        let mut whole = Self::empty(panel, config, panel.days.len());
        whole.days.extend_from_slice(panel.days);
        for part in parts {
            whole.n_stocks.extend(part.n_stocks);
            whole.rank_ic.extend(part.rank_ic);
            whole.ic.extend(part.ic);
            whole.mean_return.extend(part.mean_return);
            whole.turnover.extend(part.turnover);
            whole.autocorrelation.extend(part.autocorrelation);
        }
        whole
    }
}
