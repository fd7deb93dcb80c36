//! How names move between quantiles and ranks from one day to a later one.

use super::rank_walk::Place;

/// A stock's place in the market on one day; quantile 0 is "not among the valid stocks".
#[derive(Debug, Clone, Copy, Default)]
struct Standing {
    rank: u32,
    quantile: u32,
}

/// The standings of the last days, a ring of `longest lag + 1` of them.
pub(super) struct Standings {
    n_stocks: usize,
    ring: Vec<Standing>,
    change: Change,
}

/// What changed between two days.
#[derive(Debug, Clone, Default)]
pub(super) struct Change {
    /// Stocks and newcomers of each quantile; none when there is no earlier day.
    quantiles: Vec<(u32, u32)>,
    /// Stocks on both days, and sums of their doubled ranks.
    n: u64,
    now: u64,
    before: u64,
    now_squared: u64,
    before_squared: u64,
    product: u64,
}

impl Standings {
    pub(super) fn new(n_stocks: usize, longest_lag: usize) -> Self {
        let n_rows = if longest_lag == 0 { 0 } else { longest_lag + 1 };
        Self {
            n_stocks,
            ring: vec![Standing::default(); n_stocks * n_rows],
            change: Change::default(),
        }
    }

    /// Remembers the day ranked last.
    pub(super) fn keep(&mut self, day: usize, stocks: &[u32], places: &[Place], ends: &[usize]) {
        let Some(row) = self.place(day) else { return };
        let row = &mut self.ring[row];
        row.fill(Standing::default());
        let mut start = 0;
        for (quantile, &end) in (1..).zip(ends) {
            for (&i, place) in stocks[start..end].iter().zip(&places[start..end]) {
                row[i as usize] = Standing { rank: place.market, quantile };
            }
            start = end;
        }
    }

    /// The change from `lag` days before.
    pub(super) fn change(
        &mut self,
        day: usize,
        lag: usize,
        stocks: &[u32],
        places: &[Place],
        ends: &[usize],
    ) -> &Change {
        self.change.clear();
        let Some(before) = day.checked_sub(lag).and_then(|earlier| self.place(earlier)) else {
            return &self.change;
        };
        let before = &self.ring[before];
        let mut start = 0;
        for (quantile, &end) in (1..).zip(ends) {
            let mut n_new = 0;
            for (&i, place) in stocks[start..end].iter().zip(&places[start..end]) {
                let earlier = before[i as usize];
                n_new += u32::from(earlier.quantile != quantile);
                self.change.add(earlier, place.market);
            }
            self.change.quantiles.push(((end - start) as u32, n_new));
            start = end;
        }
        &self.change
    }

    fn place(&self, day: usize) -> Option<std::ops::Range<usize>> {
        let n_rows = self.ring.len() / self.n_stocks;
        let start = day.checked_rem(n_rows)? * self.n_stocks;
        Some(start..start + self.n_stocks)
    }
}

impl Change {
    fn clear(&mut self) {
        let mut quantiles = std::mem::take(&mut self.quantiles);
        quantiles.clear();
        *self = Self { quantiles, ..Self::default() };
    }

    /// An absent stock has rank 0 and adds nothing but to today's sums.
    fn add(&mut self, before: Standing, now: u32) {
        let is_common = u64::from(before.quantile > 0);
        let (now, before) = (u64::from(now) * is_common, u64::from(before.rank));
        self.n += is_common;
        self.now += now;
        self.before += before;
        self.now_squared += now * now;
        self.before_squared += before * before;
        self.product += now * before;
    }

    /// Share of each quantile's names that were not in it; NaN on the first days and where nobody
    /// was ranked before.
    pub(super) fn turnover(&self, n_quantiles: usize) -> impl Iterator<Item = f64> {
        let n_ranked_before = self.n;
        (0..n_quantiles).map(move |quantile| match self.quantiles.get(quantile) {
            Some(&(n, n_new)) if n_ranked_before > 0 => f64::from(n_new) / f64::from(n),
            _ => f64::NAN,
        })
    }

    /// Pearson's correlation of the ranks of the stocks valid on both days.
    pub(super) fn autocorrelation(&self) -> f64 {
        let n = i128::from(self.n);
        let spread = |sum: u64, squares: u64| n * i128::from(squares) - i128::from(sum).pow(2);
        let now = spread(self.now, self.now_squared);
        let before = spread(self.before, self.before_squared);
        let together =
            n * i128::from(self.product) - i128::from(self.now) * i128::from(self.before);
        if now == 0 || before == 0 {
            return f64::NAN;
        }
        together as f64 / ((now as f64) * (before as f64)).sqrt()
    }
}
