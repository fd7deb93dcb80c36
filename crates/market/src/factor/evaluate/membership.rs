//! Which quantile every stock is in on every day, as known at its close.

use rayon::prelude::*;

use super::cross_section::CrossSection;
use super::{DAYS_PER_TASK, EvaluationConfig};
use crate::factor::FactorPanel;

/// The quantile of every stock and day, day-major; 0 is "in none".
#[derive(Debug, Clone, PartialEq)]
pub struct Membership {
    /// In the market, from 1.
    pub market: Vec<u8>,
    /// Inside its bucket, from 1.
    pub in_bucket: Vec<u8>,
    /// The bucket, from 1.
    pub bucket: Vec<u8>,
}

impl Membership {
    /// Whether each stock and day is in a quantile, from 1, of a group, 0 the market.
    pub fn of(&self, group: usize, quantile: usize) -> Vec<bool> {
        let is_in = |i: usize| match group {
            0 => usize::from(self.market[i]) == quantile,
            _ => usize::from(self.bucket[i]) == group && usize::from(self.in_bucket[i]) == quantile,
        };
        (0..self.market.len()).map(is_in).collect()
    }
}

/// Sorts every day's stocks into quantiles without looking at any return.
///
/// Missing: a stock without factor or price that day, or excluded, is in no quantile; unlike in an
/// evaluation, later prices do not matter.
pub fn membership(panel: &FactorPanel, config: &EvaluationConfig) -> Membership {
    let (n_stocks, n_rows) = (panel.n_stocks, panel.factor.len());
    let mut market = vec![0; n_rows];
    let mut in_bucket = vec![0; n_rows];
    let mut bucket = vec![0; n_rows];
    let rows_per_task = DAYS_PER_TASK * n_stocks;
    market
        .par_chunks_mut(rows_per_task)
        .zip(in_bucket.par_chunks_mut(rows_per_task))
        .zip(bucket.par_chunks_mut(rows_per_task))
        .enumerate()
        .for_each_init(
            || CrossSection::new(panel, config, &[]),
            |section, (task, ((market, in_bucket), bucket))| {
                let days = market.chunks_mut(n_stocks).zip(in_bucket.chunks_mut(n_stocks));
                for (i, ((market, in_bucket), bucket)) in
                    days.zip(bucket.chunks_mut(n_stocks)).enumerate()
                {
                    section.rank(task * DAYS_PER_TASK + i);
                    section.write_market(market);
                    section.write_buckets(in_bucket, bucket);
                }
            },
        );
    Membership { market, in_bucket, bucket }
}

impl CrossSection<'_> {
    fn write_market(&self, quantile_of: &mut [u8]) {
        let mut start = 0;
        for (quantile, &end) in (1..).zip(&self.quantile_ends) {
            self.stocks[start..end].iter().for_each(|&i| quantile_of[i as usize] = quantile);
            start = end;
        }
    }

    fn write_buckets(&self, quantile_of: &mut [u8], bucket_of: &mut [u8]) {
        let n_quantiles = self.n_quantiles() as u32;
        for (&i, slot) in self.stocks.iter().zip(&self.slots) {
            let bucket = (slot / n_quantiles) as u8;
            if bucket > 0 {
                bucket_of[i as usize] = bucket;
                quantile_of[i as usize] = 1 + (slot % n_quantiles) as u8;
            }
        }
    }
}
