//! Buckets and quantiles from sorted values.

use shoals_stats::order::Sorter;

use super::{EvaluationConfig, Sort};
use crate::factor::{Buckets, FactorPanel};

/// The bucket of each stock in factor order, 0 for none.
#[derive(Default)]
pub(super) struct BucketLabels {
    pub(super) labels: Vec<u32>,
    sizes: Vec<u32>,
    pub(super) cursors: Vec<QuantileCursor>,
    keys: Vec<f64>,
    observed: Vec<f64>,
}

impl BucketLabels {
    /// Labels the stocks of a day.
    pub(super) fn label(
        &mut self,
        panel: &FactorPanel,
        day: usize,
        stocks: &[u32],
        sorter: &mut Sorter,
    ) {
        self.labels.clear();
        match panel.buckets {
            Buckets::None => self.labels.resize(stocks.len(), 0),
            Buckets::Members { label, .. } => {
                let row = panel.row(label, day);
                self.labels.extend(stocks.iter().map(|&i| u32::from(row[i as usize])));
            }
            Buckets::Quantiles { key, n } => {
                self.label_quantiles(panel.row(key, day), n, stocks, sorter);
            }
        }
        self.sizes.clear();
        self.sizes.resize(panel.buckets.count() + 1, 0);
        self.labels.iter().for_each(|&bucket| self.sizes[bucket as usize] += 1);
    }

    fn label_quantiles(&mut self, row: &[f64], n: usize, stocks: &[u32], sorter: &mut Sorter) {
        self.keys.clear();
        self.keys.extend(stocks.iter().map(|&i| row[i as usize]));
        self.observed.clear();
        self.observed.extend(self.keys.iter().filter(|key| !key.is_nan()));
        self.labels.extend(self.keys.iter().map(|key| u32::from(!key.is_nan())));
        let rising = sorter.sort(&self.observed).values;
        for edge in edges(rising, n) {
            let labels = self.labels.iter_mut().zip(&self.keys);
            labels.for_each(|(label, &key)| *label += u32::from(key > edge));
        }
    }

    /// Cursors for a walk down the factor, one a bucket; bucket 0 has slots too, which nobody reads.
    pub(super) fn restart_cursors(&mut self, config: &EvaluationConfig) {
        let (n, n_quantiles) = (self.labels.len() as u32, config.n_quantiles());
        self.cursors.clear();
        self.cursors.extend(self.sizes.iter().zip(0..).map(|(&size, bucket)| {
            let n = if config.sort() == Sort::Independent { n } else { size };
            QuantileCursor::new(bucket, n, n_quantiles)
        }));
    }
}

/// Greatest value of each quantile but the last: `label <= a` means not above edge `a`.
fn edges(sorted: &[f64], n: usize) -> impl Iterator<Item = f64> {
    let last = sorted.len().saturating_sub(1);
    (1..n).filter_map(move |a| sorted.get(a * last / n).copied())
}

/// Where each of `n` quantiles of sorted values ends.
pub(super) fn quantile_ends(sorted: &[f64], n: usize, ends: &mut Vec<usize>) {
    ends.clear();
    ends.extend(edges(sorted, n).map(|edge| sorted.partition_point(|&x| x <= edge)));
    ends.resize(n, sorted.len());
}

/// Follows the quantile of rising values.
pub(super) struct QuantileCursor {
    first_slot: u32,
    n_quantiles: u32,
    last: u64,
    quantile: u32,
    /// Most smaller values a member of this quantile has.
    limit: u32,
}

impl QuantileCursor {
    fn new(bucket: u32, size: u32, n_quantiles: usize) -> Self {
        let n_quantiles = n_quantiles as u32;
        let last = u64::from(size.saturating_sub(1));
        let first_slot = bucket * n_quantiles;
        let limit = (last / u64::from(n_quantiles)) as u32;
        Self { first_slot, n_quantiles, last, quantile: 0, limit }
    }

    /// The slot of a value with so many smaller ones; these must not fall from call to call.
    pub(super) fn slot(&mut self, n_smaller: u32) -> u32 {
        while n_smaller > self.limit {
            self.quantile += 1;
            let share = self.last * u64::from(self.quantile + 1);
            self.limit = (share / u64::from(self.n_quantiles)) as u32;
        }
        self.first_slot + self.quantile
    }
}
