//! One day's stocks in factor order, and what follows from it; scratch that lasts for all days.

use shoals_stats::order::Sorter;

use super::rank_walk::{Place, Tally, spearman, walk};
use super::standing::Standings;
use super::{Evaluation, EvaluationConfig};
use crate::factor::{Buckets, FactorPanel};

/// The valid stocks of the day ranked last, in rising order of the factor.
pub(super) struct CrossSection<'a> {
    panel: &'a FactorPanel<'a>,
    config: &'a EvaluationConfig,
    factor_sorter: Sorter,
    sorter: Sorter,
    candidates: Candidates,
    stocks: Vec<u32>,
    buckets: BucketLabels,
    places: Vec<Place>,
    /// Where each quantile of the market ends.
    quantile_ends: Vec<usize>,
    /// Which bucket's which quantile each stock is in.
    slots: Vec<u32>,
    market: Tally,
    tallies: Vec<Tally>,
    standings: Standings,
    returns: ReturnScratch,
}

impl<'a> CrossSection<'a> {
    pub(super) fn new(panel: &'a FactorPanel<'a>, config: &'a EvaluationConfig) -> Self {
        let n_groups = panel.buckets.count() + 1;
        Self {
            panel,
            config,
            factor_sorter: Sorter::new(),
            sorter: Sorter::new(),
            candidates: Candidates::default(),
            stocks: Vec::with_capacity(panel.n_stocks),
            buckets: BucketLabels::default(),
            places: Vec::with_capacity(panel.n_stocks),
            quantile_ends: Vec::with_capacity(config.n_quantiles()),
            slots: Vec::with_capacity(panel.n_stocks),
            market: Tally::default(),
            tallies: vec![Tally::default(); n_groups],
            standings: Standings::new(panel.n_stocks, config.longest_lag()),
            returns: ReturnScratch::new(n_groups, config.n_quantiles()),
        }
    }

    /// Ranks the factor of a day's valid stocks.
    pub(super) fn rank(&mut self, day: usize) {
        self.candidates.list(self.panel, self.config, day);
        let sorted = self.factor_sorter.sort(&self.candidates.factor);
        self.stocks.clear();
        self.stocks.extend(sorted.order.iter().map(|&i| self.candidates.stocks[i as usize]));
        self.buckets.label(self.panel, day, &self.stocks, &mut self.sorter);
        let mut cursors = self.buckets.quantile_cursors(self.config.n_quantiles());
        self.places.clear();
        self.slots.clear();
        let labels = &self.buckets.labels;
        self.market = walk(
            sorted,
            &mut self.tallies,
            |at| labels[at],
            |passed| {
                let cursor = &mut cursors[passed.place.bucket as usize];
                self.slots.push(cursor.slot(passed.n_smaller_in_bucket));
                self.places.push(passed.place);
            },
        );
        quantile_ends(sorted.values, self.config.n_quantiles(), &mut self.quantile_ends);
        self.standings.keep(day, &self.stocks, &self.places, &self.quantile_ends);
    }

    /// Adds the day's counts to the part.
    pub(super) fn record_ranks(&self, part: &mut Evaluation) {
        let buckets = self.tallies[1..].iter();
        part.n_stocks.extend(std::iter::once(&self.market).chain(buckets).map(|tally| tally.n));
    }

    /// Adds the day's correlations and mean returns to the part.
    pub(super) fn record_returns(&mut self, day: usize, part: &mut Evaluation) {
        let n_horizons = self.config.horizons().len();
        let n_quantiles = self.config.n_quantiles();
        let n_groups = self.tallies.len();
        let ic_at = part.rank_ic.len();
        let mean_at = part.mean_return.len();
        part.rank_ic.resize(ic_at + n_groups * n_horizons, f64::NAN);
        part.mean_return.resize(mean_at + n_groups * n_horizons * n_quantiles, f64::NAN);
        if self.stocks.is_empty() {
            return;
        }
        self.returns.gather_base(self.panel.row(self.panel.price, day), &self.stocks);
        for (h, &horizon) in self.config.horizons().iter().enumerate() {
            let later = self.panel.row(self.panel.price, day + horizon);
            self.returns.forward(later, &self.stocks);
            self.returns.average(&self.quantile_ends, &self.slots);
            self.returns.correlate(&mut self.sorter, &self.places);
            for group in 0..n_groups {
                let cell = group * n_horizons + h;
                let tally = if group == 0 { self.market } else { self.tallies[group] };
                part.rank_ic[ic_at + cell] = self.returns.rank_ic(group, tally);
                let means = &mut part.mean_return[mean_at + cell * n_quantiles..][..n_quantiles];
                means.copy_from_slice(&self.returns.means[group * n_quantiles..][..n_quantiles]);
            }
        }
    }

    /// Adds the day's turnover and rank autocorrelation to the part.
    pub(super) fn record_standings(&self, day: usize, part: &mut Evaluation) {
        for &lag in self.config.lags() {
            let change =
                self.standings.change(day, lag, &self.stocks, &self.places, &self.quantile_ends);
            part.turnover.extend(change.turnover(self.config.n_quantiles()));
            part.autocorrelation.push(change.autocorrelation());
        }
    }
}

/// The stocks that count on a day, in panel order.
#[derive(Default)]
struct Candidates {
    stocks: Vec<u32>,
    factor: Vec<f64>,
    /// Sum of all a row must have; NaN when one is missing.
    needed: Vec<f64>,
}

impl Candidates {
    fn list(&mut self, panel: &FactorPanel, config: &EvaluationConfig, day: usize) {
        self.stocks.clear();
        self.factor.clear();
        if day + config.longest_horizon() >= panel.days.len() {
            return;
        }
        let factor = panel.row(panel.factor, day);
        self.needed.clear();
        self.needed.extend_from_slice(factor);
        for horizon in std::iter::once(0).chain(config.horizons().iter().copied()) {
            let price = panel.row(panel.price, day + horizon);
            self.needed.iter_mut().zip(price).for_each(|(sum, price)| *sum += price);
        }
        if let Some(mask) = panel.is_excluded {
            for (sum, &is_excluded) in self.needed.iter_mut().zip(panel.row(mask, day)) {
                *sum = if is_excluded { f64::NAN } else { *sum };
            }
        }
        self.keep_complete(factor);
    }

    /// Writes every row and advances only past complete ones: no branch to mispredict.
    fn keep_complete(&mut self, factor: &[f64]) {
        self.stocks.resize(factor.len(), 0);
        self.factor.resize(factor.len(), 0.0);
        let mut n = 0;
        for (i, (&value, sum)) in factor.iter().zip(&self.needed).enumerate() {
            self.stocks[n] = i as u32;
            self.factor[n] = value;
            n += usize::from(!sum.is_nan());
        }
        self.stocks.truncate(n);
        self.factor.truncate(n);
    }
}

/// The bucket of each stock in factor order, 0 for none.
#[derive(Default)]
struct BucketLabels {
    labels: Vec<u32>,
    sizes: Vec<u32>,
    keys: Vec<f64>,
    observed: Vec<f64>,
}

impl BucketLabels {
    fn label(&mut self, panel: &FactorPanel, day: usize, stocks: &[u32], sorter: &mut Sorter) {
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
        let sorted = sorter.sort(&self.observed);
        for edge in edges(sorted.values, n) {
            let labels = self.labels.iter_mut().zip(&self.keys);
            labels.for_each(|(label, &key)| *label += u32::from(key > edge));
        }
    }

    /// A cursor a bucket; bucket 0 has slots too, which nobody reads.
    fn quantile_cursors(&self, n_quantiles: usize) -> Vec<QuantileCursor> {
        let buckets = self.sizes.iter().enumerate();
        buckets.map(|(bucket, &size)| QuantileCursor::new(bucket, size, n_quantiles)).collect()
    }
}

/// Greatest value of each quantile but the last: `label <= a` means not above edge `a`.
fn edges(sorted: &[f64], n: usize) -> impl Iterator<Item = f64> {
    let last = sorted.len().saturating_sub(1);
    (1..n).filter_map(move |a| sorted.get(a * last / n).copied())
}

fn quantile_ends(sorted: &[f64], n: usize, ends: &mut Vec<usize>) {
    ends.clear();
    ends.extend(edges(sorted, n).map(|edge| sorted.partition_point(|&x| x <= edge)));
    ends.resize(n, sorted.len());
}

/// Follows the quantile of rising values.
struct QuantileCursor {
    first_slot: u32,
    n_quantiles: u32,
    last: u64,
    quantile: u32,
    /// Most smaller values a member of this quantile has.
    limit: u32,
}

impl QuantileCursor {
    fn new(bucket: usize, size: u32, n_quantiles: usize) -> Self {
        let n_quantiles = n_quantiles as u32;
        let last = u64::from(size.saturating_sub(1));
        let first_slot = bucket as u32 * n_quantiles;
        let limit = (last / u64::from(n_quantiles)) as u32;
        Self { first_slot, n_quantiles, last, quantile: 0, limit }
    }

    fn slot(&mut self, n_smaller: u32) -> u32 {
        while n_smaller > self.limit {
            self.quantile += 1;
            let share = self.last * u64::from(self.quantile + 1);
            self.limit = (share / u64::from(self.n_quantiles)) as u32;
        }
        self.first_slot + self.quantile
    }
}

/// One horizon's returns in factor order and what is summed over them.
struct ReturnScratch {
    n_quantiles: usize,
    base: Vec<f64>,
    returns: Vec<f64>,
    /// Mean of each group's quantiles, the market in the place of bucket 0.
    means: Vec<f64>,
    counts: Vec<u32>,
    products: Vec<u64>,
    market: Tally,
    tallies: Vec<Tally>,
}

impl ReturnScratch {
    fn new(n_groups: usize, n_quantiles: usize) -> Self {
        Self {
            n_quantiles,
            base: Vec::new(),
            returns: Vec::new(),
            means: vec![0.0; n_groups * n_quantiles],
            counts: vec![0; n_groups * n_quantiles],
            products: vec![0; n_groups],
            market: Tally::default(),
            tallies: vec![Tally::default(); n_groups],
        }
    }

    fn gather_base(&mut self, price: &[f64], stocks: &[u32]) {
        self.base.clear();
        self.base.extend(stocks.iter().map(|&i| price[i as usize]));
    }

    fn forward(&mut self, later: &[f64], stocks: &[u32]) {
        self.returns.clear();
        self.returns.extend(stocks.iter().map(|&i| later[i as usize]));
        self.returns
            .iter_mut()
            .zip(&self.base)
            .for_each(|(price, base)| *price = *price / base - 1.0);
    }

    fn average(&mut self, quantile_ends: &[usize], slots: &[u32]) {
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
    fn correlate(&mut self, sorter: &mut Sorter, places: &[Place]) {
        let sorted = sorter.sort(&self.returns);
        self.products.fill(0);
        let mut product = 0;
        let factor = |at: usize| places[sorted.order[at] as usize];
        self.market = walk(
            sorted,
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

    /// Group 0 is the market.
    fn rank_ic(&self, group: usize, factor: Tally) -> f64 {
        let ours = if group == 0 { self.market } else { self.tallies[group] };
        spearman(factor.n, self.products[group], factor.ties, ours.ties)
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
