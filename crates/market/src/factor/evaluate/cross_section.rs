//! One day's stocks in factor order, and what follows from it; scratch that lasts for all days.

use shoals_stats::order::Sorter;

use super::bucket::{BucketLabels, quantile_ends};
use super::candidates::Candidates;
use super::forward::ForwardReturns;
use super::rank_walk::{Place, Tally, walk};
use super::standing::Standings;
use super::{Correlation, Evaluation, EvaluationConfig, Sort};
use crate::factor::FactorPanel;

/// The valid stocks of the day ranked last, in rising order of the factor.
pub(super) struct CrossSection<'a> {
    panel: &'a FactorPanel<'a>,
    config: &'a EvaluationConfig,
    /// Prices a valid stock must have, in days ahead.
    horizons: &'a [usize],
    sorter: Sorter,
    bucket_sorter: Sorter,
    candidates: Candidates,
    factor: Vec<f64>,
    pub(super) stocks: Vec<u32>,
    buckets: BucketLabels,
    places: Vec<Place>,
    /// Where each quantile of the market ends.
    pub(super) quantile_ends: Vec<usize>,
    /// Bucket times number of quantiles plus quantile from 0, of each stock.
    pub(super) slots: Vec<u32>,
    market: Tally,
    tallies: Vec<Tally>,
    standings: Standings,
    returns: ForwardReturns,
}

impl<'a> CrossSection<'a> {
    pub(super) fn new(
        panel: &'a FactorPanel<'a>,
        config: &'a EvaluationConfig,
        horizons: &'a [usize],
    ) -> Self {
        let n_groups = panel.buckets.count() + 1;
        Self {
            panel,
            config,
            horizons,
            sorter: Sorter::new(),
            bucket_sorter: Sorter::new(),
            candidates: Candidates::default(),
            factor: Vec::with_capacity(panel.n_stocks),
            stocks: Vec::with_capacity(panel.n_stocks),
            buckets: BucketLabels::default(),
            places: Vec::with_capacity(panel.n_stocks),
            quantile_ends: Vec::with_capacity(config.n_quantiles()),
            slots: Vec::with_capacity(panel.n_stocks),
            market: Tally::default(),
            tallies: vec![Tally::default(); n_groups],
            standings: Standings::new(panel.n_stocks, config.longest_lag()),
            returns: ForwardReturns::new(n_groups, config.n_quantiles()),
        }
    }

    pub(super) fn n_quantiles(&self) -> usize {
        self.config.n_quantiles()
    }

    /// Ranks the factor of a day's valid stocks.
    pub(super) fn rank(&mut self, day: usize) {
        self.candidates.list(self.panel, self.horizons, day);
        let sorted = self.sorter.sort(&self.candidates.factor);
        self.factor.clear();
        self.factor.extend_from_slice(sorted.values);
        self.stocks.clear();
        self.stocks.extend(sorted.order.iter().map(|&i| self.candidates.stocks[i as usize]));
        self.buckets.label(self.panel, day, &self.stocks, &mut self.bucket_sorter);
        self.buckets.restart_cursors(self.config);
        self.places.clear();
        self.slots.clear();
        let BucketLabels { labels, cursors, .. } = &mut self.buckets;
        let is_dependent = self.config.sort() == Sort::Dependent;
        self.market = walk(
            sorted,
            &mut self.tallies,
            |at| labels[at],
            |passed| {
                let smaller = [passed.n_smaller, passed.n_smaller_in_bucket];
                let cursor = &mut cursors[passed.place.bucket as usize];
                self.slots.push(cursor.slot(smaller[usize::from(is_dependent)]));
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
        let n_cells = self.tallies.len() * self.config.horizons().len();
        let is_linear = self.config.correlation() == Correlation::RankAndLinear;
        let first = part.rank_ic.len();
        part.rank_ic.resize(first + n_cells, f64::NAN);
        part.ic.resize(if is_linear { first + n_cells } else { 0 }, f64::NAN);
        part.mean_return.resize((first + n_cells) * self.n_quantiles(), f64::NAN);
        if self.stocks.is_empty() {
            return;
        }
        self.returns.gather_base(self.panel.row(self.panel.price, day), &self.stocks);
        for (h, &horizon) in self.config.horizons().iter().enumerate() {
            let later = self.panel.row(self.panel.price, day + horizon);
            self.returns.forward(later, &self.stocks);
            self.returns.average(&self.quantile_ends, &self.slots);
            self.returns.correlate(&mut self.sorter, &self.places);
            if is_linear {
                self.returns.correlate_linear(&self.factor, &self.places);
            }
            for group in 0..self.tallies.len() {
                self.write(group, first + group * self.config.horizons().len() + h, part);
            }
        }
    }

    /// Writes what a group's returns gave to its cell.
    fn write(&self, group: usize, cell: usize, part: &mut Evaluation) {
        let n_quantiles = self.n_quantiles();
        let tally = if group == 0 { self.market } else { self.tallies[group] };
        part.rank_ic[cell] = self.returns.rank_ic(group, tally);
        if let Some(ic) = part.ic.get_mut(cell) {
            *ic = self.returns.ic(group);
        }
        part.mean_return[cell * n_quantiles..][..n_quantiles]
            .copy_from_slice(&self.returns.means[group * n_quantiles..][..n_quantiles]);
    }

    /// Adds the day's turnover and rank autocorrelation to the part.
    pub(super) fn record_standings(&mut self, day: usize, part: &mut Evaluation) {
        for &lag in self.config.lags() {
            let change =
                self.standings.change(day, lag, &self.stocks, &self.places, &self.quantile_ends);
            part.turnover.extend(change.turnover(self.config.n_quantiles()));
            part.autocorrelation.push(change.autocorrelation());
        }
    }
}
