//! Ranks in the market and inside buckets from one sorted order.
//!
//! The order of a bucket is the market's order with the others left out, so one walk down the market
//! gives both. Ranks are doubled: those of a tie from place `a + 1` to `b` share `a + b + 1`.

use shoals_stats::order::Sorted;

/// Where a stock stands; ranks are doubled.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Place {
    pub(super) market: u32,
    pub(super) in_bucket: u32,
    pub(super) bucket: u32,
}

/// A stock as the walk passes it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Passed {
    /// Position in sorted order.
    pub(super) at: usize,
    pub(super) place: Place,
    /// Strictly smaller values in the market and in the bucket.
    pub(super) n_smaller: u32,
    pub(super) n_smaller_in_bucket: u32,
}

/// Count and ties of one group; `t` equal values add `t^3 - t`.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tally {
    pub(super) n: u32,
    n_in_tie: u32,
    pub(super) ties: u64,
}

impl Tally {
    fn close_tie(&mut self) {
        let t = u64::from(self.n_in_tie);
        self.ties += t * t * t - t;
        self.n += self.n_in_tie;
        self.n_in_tie = 0;
    }
}

/// Walks down a sorted sample; `tallies` has one entry a bucket, bucket 0 for none, and the result is
/// the market's.
#[inline]
pub(super) fn walk(
    sorted: Sorted,
    tallies: &mut [Tally],
    bucket_of: impl Fn(usize) -> u32,
    mut visit: impl FnMut(Passed),
) -> Tally {
    tallies.fill(Tally::default());
    let mut market = Tally::default();
    for tie in sorted.ties() {
        let n_smaller = tie.start as u32;
        let shared = (tie.start + tie.end + 1) as u32;
        if tie.len() == 1 {
            let bucket = bucket_of(tie.start);
            let tally = &mut tallies[bucket as usize];
            let n_smaller_in_bucket = tally.n;
            tally.n += 1;
            let place = Place { market: shared, in_bucket: 2 * tally.n, bucket };
            visit(Passed { at: tie.start, place, n_smaller, n_smaller_in_bucket });
            continue;
        }
        for at in tie.clone() {
            tallies[bucket_of(at) as usize].n_in_tie += 1;
        }
        for at in tie.clone() {
            let bucket = bucket_of(at);
            let Tally { n, n_in_tie, .. } = tallies[bucket as usize];
            let place = Place { market: shared, in_bucket: 2 * n + n_in_tie + 1, bucket };
            visit(Passed { at, place, n_smaller, n_smaller_in_bucket: n });
        }
        tallies.iter_mut().for_each(Tally::close_tie);
        market.n_in_tie = tie.len() as u32;
        market.close_tie();
    }
    market.n = sorted.values.len() as u32;
    market
}

/// Spearman's correlation of `n` pairs from the sum of products of their doubled ranks and the ties
/// of either side; NaN when a side does not vary. Exact up to one division and one root.
pub(super) fn spearman(n: u32, products: u64, left_ties: u64, right_ties: u64) -> f64 {
    let n = u64::from(n);
    let spread = |ties: u64| (n * n * n - n - ties) as f64 / 3.0;
    let product = spread(left_ties) * spread(right_ties);
    if n < 2 || product == 0.0 {
        return f64::NAN;
    }
    let covariance = products as i64 - (n * (n + 1) * (n + 1)) as i64;
    (covariance as f64 / product.sqrt()).clamp(-1.0, 1.0)
}
