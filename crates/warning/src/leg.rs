//! The smallest companies of a stock market, day by day, as the warnings look at them.

use serde::{Deserialize, Serialize};
use shoals_core::{Calendar, Rules, TradingDay};
use shoals_market::factor::Bars;
use shoals_market::index::{Membership, MicroCapConfig, MicroCapWords, paper_index, select};
use shoals_market::universe::{MarketCap, StockMarket, Tradability, UniverseConfig};

use crate::WarningError;

/// Who the smallest companies are; the words stand beside those of the analysis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LegTerms {
    pub(crate) n_names: usize,
    pub(crate) market_cap: MarketCap,
    pub(crate) universe: UniverseConfig,
}

/// A stock market with its smallest companies chosen at every close.
pub(crate) struct Leg<'a> {
    pub(crate) market: &'a StockMarket,
    pub(crate) tradability: Tradability,
    pub(crate) bars: Bars,
    pub(crate) width: usize,
    membership: Membership,
    config: MicroCapConfig,
    /// Whether a day has enough stocks for some of them to be the smallest.
    is_wide: Vec<bool>,
}

/// Eligible stocks a name that is watched: the smallest of a few are just the few.
const STOCKS_A_NAME: usize = 2;

impl<'a> Leg<'a> {
    pub(crate) fn of(
        market: &'a StockMarket,
        terms: LegTerms,
        calendar: &Calendar,
        rules: &Rules,
    ) -> Result<Self, WarningError> {
        let LegTerms { n_names, market_cap, universe } = terms;
        let words = MicroCapWords { n_names, market_cap, universe, ..MicroCapWords::default() };
        let config = MicroCapConfig::try_from(words)?;
        let tradability = Tradability::of(market, universe, calendar, rules);
        let membership = select(market, &tradability, &config, calendar)?;
        membership.first_day_index()?;
        let (bars, width) = (Bars::of(market), market.symbols().len());
        let caps = market.panel().column(market_cap.column())?;
        let eligible = |t: usize| {
            let row = caps[t * width..].iter().zip(tradability.row(t));
            row.filter(|(cap, reasons)| **cap > 0.0 && reasons.is_eligible()).count()
        };
        let counts: Vec<usize> = (0..market.days().len()).map(eligible).collect();
        let (found, needed) =
            (counts.iter().copied().max().unwrap_or_default(), STOCKS_A_NAME * n_names);
        if found < needed {
            return Err(WarningError::TooFewStocks { n_names, needed, found });
        }
        let is_wide = counts.into_iter().map(|n| n >= needed).collect();
        Ok(Self { market, tradability, bars, width, membership, config, is_wide })
    }

    /// Those chosen at the close before day `t`, positions among the symbols, rising: what happens on a
    /// day does not choose whom it is told of. None after a close with too few stocks.
    pub(crate) fn held(&self, t: usize) -> &[u32] {
        let before = t.checked_sub(1).filter(|&before| self.is_wide[before]);
        before.and_then(|before| self.membership.held_on(before)).unwrap_or_default()
    }

    /// The share of the amount of all stocks that those chosen at the close before had on day `t`; NaN
    /// where nothing was traded or nobody chosen.
    pub(crate) fn turnover_share(&self, amount: &[f64], t: usize) -> f64 {
        let row = self.row(amount, t);
        let traded: f64 = self.held(t).iter().map(|&i| row[i as usize].max(0.0)).sum();
        let total = total(row);
        if total > 0.0 && !self.held(t).is_empty() { traded / total } else { f64::NAN }
    }

    /// A row of a day-major column.
    pub(crate) fn row<'v, T>(&self, values: &'v [T], t: usize) -> &'v [T] {
        &values[t * self.width..(t + 1) * self.width]
    }

    /// The equally weighted return of those chosen at the close before; NaN where there is none.
    pub(crate) fn returns(&self) -> Result<Vec<f64>, WarningError> {
        let days = self.market.days();
        let index = paper_index(self.market, &self.membership, &self.config)?;
        let mut returns = vec![f64::NAN; days.len()];
        for day in index {
            returns[self.market.day_index(day.date)?] = day.index_return;
        }
        Ok(returns)
    }

    /// Capitalisation that orders the stocks, CNY, day-major.
    pub(crate) fn caps(&self) -> Result<&[f64], WarningError> {
        Ok(self.market.panel().column(self.config.market_cap.column())?)
    }
}

/// Compounded return of the `n` days after each; NaN where one of them is not known.
pub(crate) fn returns_after(returns: &[f64], n: usize) -> Vec<f64> {
    let after = |t: usize| match returns.get(t + 1..=t + n) {
        Some(next) => next.iter().map(|r| r.ln_1p()).sum::<f64>().exp_m1(),
        None => f64::NAN,
    };
    (0..returns.len()).map(after).collect()
}

/// The sum of the amounts known, CNY.
pub(crate) fn total(amount: &[f64]) -> f64 {
    amount.iter().map(|amount| amount.max(0.0)).sum()
}

/// The market as known on `to`; none when that is all of it.
pub(crate) fn known(market: &StockMarket, to: Option<TradingDay>) -> Option<StockMarket> {
    let last = market.days().last()?;
    to.filter(|to| to < last).map(|to| market.up_to(to))
}

/// The middle of the values that are known; NaN for none. Reorders them.
pub(crate) fn median(values: &mut Vec<f64>) -> f64 {
    percentile(values, 0.5)
}

/// The value below which that share of the known values lies; NaN for none. Reorders them.
pub(crate) fn percentile(values: &mut Vec<f64>, share: f64) -> f64 {
    values.retain(|value| !value.is_nan());
    if values.is_empty() {
        return f64::NAN;
    }
    shoals_stats::percentile::select_percentile(values, share)
}

/// Mean of the values that are known; NaN for none.
pub(crate) fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (mut sum, mut n) = (0.0, 0.0);
    for value in values.filter(|value| !value.is_nan()) {
        sum += value;
        n += 1.0;
    }
    sum / n
}
