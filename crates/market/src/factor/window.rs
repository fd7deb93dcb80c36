//! Sums over the days before each day, for every stock, without subtracting.
//!
//! Days are cut into blocks as long as the window. A window that ends in one block is the tail of the
//! block before and the head of this one, so its sum is a suffix plus a prefix: two additions a day
//! whatever the length, and no error carried from values long gone. Source: van Herk (1992), for
//! sums. Day `t` uses days `t - length + 1` to `t` only.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::MarketError;

/// Share of a window that must be observed.
const MIN_SHARE: f64 = 2.0 / 3.0;
/// Stocks summed side by side: their suffixes stay in the second-level cache.
const STOCKS_PER_TILE: usize = 64;

/// Trading days a factor looks back, the day itself included; two thirds of them must be observed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "usize", into = "usize")]
pub struct LookBack(usize);

impl LookBack {
    /// Longest look-back in trading days.
    pub const MAX_DAYS: usize = 2_500;

    /// A look-back of `days`.
    ///
    /// # Errors
    /// Outside 1 to 2,500.
    pub fn new(days: usize) -> Result<Self, MarketError> {
        if (1..=Self::MAX_DAYS).contains(&days) {
            return Ok(Self(days));
        }
        let (found, expected) = (days as f64, "1 to 2,500 trading days");
        Err(MarketError::SettingOutOfRange { field: "days", found, expected })
    }

    /// The number of days.
    pub fn days(self) -> usize {
        self.0
    }

    /// Days of it that must be observed.
    pub(super) fn min_observations(self) -> usize {
        (self.0 as f64 * MIN_SHARE).ceil() as usize
    }
}

impl TryFrom<usize> for LookBack {
    type Error = MarketError;

    fn try_from(days: usize) -> Result<Self, MarketError> {
        Self::new(days)
    }
}

impl From<LookBack> for usize {
    fn from(look_back: LookBack) -> Self {
        look_back.0
    }
}

/// Number of observations and their sums.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sums<const K: usize> {
    pub(super) n: f64,
    pub(super) of: [f64; K],
}

impl<const K: usize> Sums<K> {
    const NONE: Self = Self { n: 0.0, of: [0.0; K] };

    fn add(&mut self, terms: [f64; K]) {
        self.n += 1.0;
        self.of.iter_mut().zip(terms).for_each(|(sum, term)| *sum += term);
    }

    fn plus(mut self, other: Self) -> Self {
        self.n += other.n;
        self.of.iter_mut().zip(other.of).for_each(|(sum, term)| *sum += term);
        self
    }
}

/// `finish` of the sums of `terms(row)` over each window, day-major like the rows.
///
/// Missing: a row of None adds nothing; a window with less than two thirds of its days is NaN.
pub(super) fn over_windows<const K: usize>(
    n_stocks: usize,
    n_days: usize,
    look_back: LookBack,
    terms: impl Fn(usize) -> Option<[f64; K]> + Sync,
    finish: impl Fn(Sums<K>) -> f64 + Sync,
) -> Vec<f64> {
    let (length, least) = (look_back.days(), look_back.min_observations() as f64);
    let mut results = vec![f64::NAN; n_days * n_stocks];
    results.par_chunks_mut(length * n_stocks).enumerate().for_each_init(
        || vec![Sums::NONE; (length + 1) * STOCKS_PER_TILE],
        |suffixes, (block, results)| {
            for first_stock in (0..n_stocks).step_by(STOCKS_PER_TILE) {
                let tile = Tile {
                    n_stocks,
                    length,
                    first_day: block * length,
                    first_stock,
                    width: STOCKS_PER_TILE.min(n_stocks - first_stock),
                };
                tile.sum_suffixes(suffixes, &terms);
                tile.sweep(suffixes, results, &terms, |sums| {
                    if sums.n < least { f64::NAN } else { finish(sums) }
                });
            }
        },
    );
    results
}

/// Some neighbouring stocks over the days of one block.
struct Tile {
    n_stocks: usize,
    length: usize,
    first_day: usize,
    first_stock: usize,
    width: usize,
}

impl Tile {
    /// Sums of the block before from each of its days to its end.
    fn sum_suffixes<const K: usize>(
        &self,
        suffixes: &mut [Sums<K>],
        terms: &impl Fn(usize) -> Option<[f64; K]>,
    ) {
        suffixes[self.length * STOCKS_PER_TILE..].fill(Sums::NONE);
        for j in (0..self.length).rev() {
            for i in 0..self.width {
                let mut sums = suffixes[(j + 1) * STOCKS_PER_TILE + i];
                // The first block has none before it.
                let day = (self.first_day + j).checked_sub(self.length);
                if let Some(terms) = day.and_then(|day| terms(self.row(day, i))) {
                    sums.add(terms);
                }
                suffixes[j * STOCKS_PER_TILE + i] = sums;
            }
        }
    }

    /// Adds this block day by day and writes the finished windows.
    fn sweep<const K: usize>(
        &self,
        suffixes: &[Sums<K>],
        results: &mut [f64],
        terms: &impl Fn(usize) -> Option<[f64; K]>,
        finish: impl Fn(Sums<K>) -> f64,
    ) {
        let mut prefixes = [Sums::NONE; STOCKS_PER_TILE];
        for j in 0..results.len() / self.n_stocks {
            let later = &suffixes[(j + 1) * STOCKS_PER_TILE..];
            for (i, prefix) in prefixes[..self.width].iter_mut().enumerate() {
                if let Some(terms) = terms(self.row(self.first_day + j, i)) {
                    prefix.add(terms);
                }
                results[j * self.n_stocks + self.first_stock + i] = finish(later[i].plus(*prefix));
            }
        }
    }

    fn row(&self, day: usize, i: usize) -> usize {
        day * self.n_stocks + self.first_stock + i
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Witness: the sum over each window written out, on every length around the block borders.
    #[test]
    fn sums_are_those_of_the_window_alone() {
        let (n_stocks, n_days) = (67, 23);
        let value = |row: usize| (row as f64 * 0.7).sin();
        let is_missing = |row: usize| row.is_multiple_of(11);
        let terms = |row| (!is_missing(row)).then(|| [value(row), 1.0]);
        for length in [1, 2, 5, 22, 23, 40] {
            let look_back = LookBack::new(length).unwrap();
            let sums = over_windows(n_stocks, n_days, look_back, terms, |sums| sums.of[0]);
            for (row, ours) in sums.iter().enumerate() {
                let (day, stock) = (row / n_stocks, row % n_stocks);
                let window = (0..=day).rev().take(length).map(|d| d * n_stocks + stock);
                let seen: Vec<f64> = window.filter(|&r| !is_missing(r)).map(value).collect();
                if seen.len() < (length * 2).div_ceil(3) {
                    assert!(ours.is_nan());
                } else {
                    assert!((ours - seen.iter().sum::<f64>()).abs() < 1e-13, "{length} {row}");
                }
            }
        }
        assert!(LookBack::new(0).is_err());
    }
}
