//! One horizon's returns in factor order and what is summed over them.

use shoals_stats::order::Sorter;

use super::rank_walk::{Place, Tally, spearman, walk};

/// Scratch for one horizon after another.
pub(super) struct ForwardReturns {
    base: Vec<f64>,
    returns: Vec<f64>,
    /// Mean of each group's quantiles, the market in the place of bucket 0.
    pub(super) means: Vec<f64>,
    counts: Vec<u32>,
    products: Vec<u64>,
    moments: Vec<Moments>,
    market: Tally,
    tallies: Vec<Tally>,
}

impl ForwardReturns {
    pub(super) fn new(n_groups: usize, n_quantiles: usize) -> Self {
        Self {
            base: Vec::new(),
            returns: Vec::new(),
            means: vec![0.0; n_groups * n_quantiles],
            counts: vec![0; n_groups * n_quantiles],
            products: vec![0; n_groups],
            moments: vec![Moments::default(); n_groups],
            market: Tally::default(),
            tallies: vec![Tally::default(); n_groups],
        }
    }

    /// Keeps the prices the returns count from.
    pub(super) fn gather_base(&mut self, price: &[f64], stocks: &[u32]) {
        self.base.clear();
        self.base.extend(stocks.iter().map(|&i| price[i as usize]));
    }

    /// Fills in the returns to later prices.
    pub(super) fn forward(&mut self, later: &[f64], stocks: &[u32]) {
        self.returns.clear();
        self.returns.extend(stocks.iter().map(|&i| later[i as usize]));
        self.returns
            .iter_mut()
            .zip(&self.base)
            .for_each(|(price, base)| *price = *price / base - 1.0);
    }

    /// Averages the quantiles of the market and of the buckets.
    pub(super) fn average(&mut self, quantile_ends: &[usize], slots: &[u32]) {
        self.means.fill(0.0);
        self.counts.fill(0);
        for (&slot, value) in slots.iter().zip(&self.returns) {
            self.means[slot as usize] += value;
            self.counts[slot as usize] += 1;
        }
        let mut start = 0;
        for (quantile, &end) in quantile_ends.iter().enumerate() {
            self.means[quantile] = sum(&self.returns[start..end]);
            self.counts[quantile] = (end - start) as u32;
            start = end;
        }
        // Of nothing, 0 / 0: a NaN.
        self.means.iter_mut().zip(&self.counts).for_each(|(sum, &n)| *sum /= f64::from(n));
    }

    /// Sums the products of ranks, market and buckets.
    pub(super) fn correlate(&mut self, sorter: &mut Sorter, places: &[Place]) {
        let ordered = sorter.sort(&self.returns);
        self.products.fill(0);
        let mut product = 0;
        let factor = |at: usize| places[ordered.order[at] as usize];
        self.market = walk(
            ordered,
            &mut self.tallies,
            |at| factor(at).bucket,
            |passed| {
                let (ours, theirs) = (passed.place, factor(passed.at));
                product += u64::from(ours.market) * u64::from(theirs.market);
                self.products[ours.bucket as usize] +=
                    u64::from(ours.in_bucket) * u64::from(theirs.in_bucket);
            },
        );
        self.products[0] = product;
    }

    /// Spearman's correlation of a group, 0 the market, whose factor has these ties.
    pub(super) fn rank_ic(&self, group: usize, factor: Tally) -> f64 {
        let ours = if group == 0 { self.market } else { self.tallies[group] };
        spearman(factor.n, self.products[group], factor.ties, ours.ties)
    }

    /// Sums for Pearson's correlation of every group, about the group's means.
    pub(super) fn correlate_linear(&mut self, factor: &[f64], places: &[Place]) {
        self.moments.fill(Moments::default());
        for ((&x, &y), place) in factor.iter().zip(&self.returns).zip(places) {
            self.moments[0].add(x, y);
            if place.bucket > 0 {
                self.moments[place.bucket as usize].add(x, y);
            }
        }
        self.moments.iter_mut().for_each(Moments::centre);
        for ((&x, &y), place) in factor.iter().zip(&self.returns).zip(places) {
            self.moments[0].add_centred(x, y);
            if place.bucket > 0 {
                self.moments[place.bucket as usize].add_centred(x, y);
            }
        }
    }

    /// Pearson's correlation of a group, 0 the market; NaN when a side does not vary.
    pub(super) fn ic(&self, group: usize) -> f64 {
        self.moments[group].correlation()
    }
}

/// Means of a group's pairs, and sums of products about them.
#[derive(Debug, Clone, Copy, Default)]
struct Moments {
    n: f64,
    x: f64,
    y: f64,
    xx: f64,
    yy: f64,
    xy: f64,
}

impl Moments {
    fn add(&mut self, x: f64, y: f64) {
        self.n += 1.0;
        self.x += x;
        self.y += y;
    }

    fn centre(&mut self) {
        self.x /= self.n;
        self.y /= self.n;
    }

    fn add_centred(&mut self, x: f64, y: f64) {
        let (x, y) = (x - self.x, y - self.y);
        self.xx += x * x;
        self.yy += y * y;
        self.xy += x * y;
    }

    fn correlation(&self) -> f64 {
        // What rounding the mean leaves of a constant side.
        let is_flat =
            |squares: f64, mean: f64| squares <= self.n * (4.0 * f64::EPSILON * mean).powi(2);
        if is_flat(self.xx, self.x) || is_flat(self.yy, self.y) {
            return f64::NAN;
        }
        (self.xy / (self.xx * self.yy).sqrt()).clamp(-1.0, 1.0)
    }
}

/// In four lanes, which halves the waiting and fixes the order of the additions.
fn sum(values: &[f64]) -> f64 {
    let mut lanes = [0.0; 4];
    let (fours, rest) = values.as_chunks::<4>();
    for four in fours {
        lanes.iter_mut().zip(four).for_each(|(lane, x)| *lane += x);
    }
    lanes.iter().sum::<f64>() + rest.iter().sum::<f64>()
}
