//! Which quantile every stock is in on every day, as known at its close.

use rayon::prelude::*;
use serde::Serialize;

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

/// How many of a quantile's names are new, on average.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct NewNames {
    /// Trading days before.
    pub lag: usize,
    /// The group, 0 the market.
    pub group: usize,
    /// The quantile, from 1.
    pub quantile: usize,
    /// Mean over the days with names of the share that was in another quantile of the group, or in none,
    /// `lag` days before; NaN without such a day.
    pub share: f64,
}

impl Membership {
    /// The share of new names of every quantile of every group, 0 the market, at some lags.
    pub fn new_names(
        &self,
        n_stocks: usize,
        n_groups: usize,
        n_quantiles: usize,
        lags: &[usize],
    ) -> Vec<NewNames> {
        let of_lag = |&lag: &usize| {
            let mut sums = vec![(0.0, 0.0); n_groups * n_quantiles];
            let mut counts = vec![(0_u32, 0_u32); n_groups * n_quantiles];
            let n_days = self.market.len() / n_stocks.max(1);
            for day in lag..n_days {
                self.count(day, lag, n_stocks, n_quantiles, &mut counts);
                for ((n, n_new), (n_days, share)) in counts.iter_mut().zip(&mut sums) {
                    if *n > 0 {
                        *n_days += 1.0;
                        *share += f64::from(*n_new) / f64::from(*n);
                    }
                    (*n, *n_new) = (0, 0);
                }
            }
            let row = move |(k, (n_days, sum)): (usize, (f64, f64))| NewNames {
                lag,
                group: k / n_quantiles,
                quantile: k % n_quantiles + 1,
                share: sum / n_days,
            };
            sums.into_iter().enumerate().map(row).collect::<Vec<_>>()
        };
        lags.par_iter().flat_map_iter(of_lag).collect()
    }

    /// Adds a day's names, and those of them that are new, to the counts by group and quantile.
    fn count(
        &self,
        day: usize,
        lag: usize,
        n_stocks: usize,
        n_quantiles: usize,
        counts: &mut [(u32, u32)],
    ) {
        for now in day * n_stocks..(day + 1) * n_stocks {
            let before = now - lag * n_stocks;
            let market = usize::from(self.market[now]);
            if market > 0 {
                let (n, n_new) = &mut counts[market - 1];
                *n += 1;
                *n_new += u32::from(self.market[before] != self.market[now]);
            }
            let (bucket, quantile) =
                (usize::from(self.bucket[now]), usize::from(self.in_bucket[now]));
            if bucket > 0 && quantile > 0 {
                let (n, n_new) = &mut counts[bucket * n_quantiles + quantile - 1];
                let was_there = self.bucket[before] == self.bucket[now]
                    && self.in_bucket[before] == self.in_bucket[now];
                *n += 1;
                *n_new += u32::from(!was_there);
            }
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: two stocks of one bucket change places on the second day; on the third the first is gone.
    #[test]
    fn names_are_new_where_they_were_not_before() {
        let market = vec![1, 2, 2, 1, 0, 1];
        let members =
            Membership { in_bucket: market.clone(), bucket: vec![1, 1, 1, 1, 0, 1], market };
        let found = members.new_names(2, 2, 2, &[1, 2]);
        let share = |lag: usize, group: usize, quantile: usize| {
            let is_it =
                |row: &&NewNames| (row.lag, row.group, row.quantile) == (lag, group, quantile);
            found.iter().find(is_it).unwrap().share
        };
        for group in [0, 1] {
            assert_eq!((share(1, group, 1), share(1, group, 2)), (0.5, 1.0));
            assert_eq!(share(2, group, 1), 1.0);
            assert!(share(2, group, 2).is_nan());
        }
    }
}
