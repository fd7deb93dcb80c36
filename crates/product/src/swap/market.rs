//! The prices a book is carried through.

use std::collections::BTreeMap;

use shoals_core::{Calendar, FutureContract, FutureProduct, Rules, Series, Symbol, TradingDay};
use shoals_market::future::{ContractHistory, FutureMarket};
use shoals_market::universe::{StockMarket, Tradability};

use super::legs::HedgeKind;
use super::{Hedge, SwapTerms};
use crate::Error;

/// Prices of both legs, exchange calendar and market rules. Contracts the terms do not name are ignored.
///
/// Missing: a day without a price is marked at the last one before and leaves a `stale_mark` event (a name
/// of a basket leaves none); the opening day must have its prices. The ledger stops where a record ends.
#[derive(Debug, Clone)]
pub struct SwapMarket<'a> {
    /// What `[long]` holds.
    pub long: LongMarket<'a>,
    /// Records of the contracts `[[hedge]]` names.
    pub hedges: Vec<&'a ContractHistory>,
    /// Products that `[[hedge]]` rolls, each with its index.
    pub futures: Vec<&'a FutureMarket>,
    /// Indices that `[[hedge]]` sells themselves.
    pub indices: Vec<(Symbol, &'a Series)>,
    /// Exchange days.
    pub calendar: &'a Calendar,
    /// Multipliers, fees, margins and stock trading rules.
    pub rules: &'a Rules,
}

/// What the long leg holds.
#[derive(Debug, Clone)]
pub enum LongMarket<'a> {
    /// One series stands for the basket: its close, any positive unit.
    Series(&'a Series),
    /// Names held as shares.
    Names(NamesMarket<'a>),
}

/// Names with weights in a market of stocks.
#[derive(Debug, Clone)]
pub struct NamesMarket<'a> {
    /// The stocks; `adjusted_close`, and `amount` where participation is bounded.
    pub stocks: &'a StockMarket,
    /// Who could be bought and sold, of the same stocks and days.
    pub tradability: &'a Tradability,
    /// Names and their weights at the opening, brought to a sum of one; above 0.
    pub weights: Vec<(Symbol, f64)>,
    /// The same of rebalancings whose names are chosen anew, by day; the others go back to those of the opening.
    pub chosen: BTreeMap<TradingDay, Vec<(Symbol, f64)>>,
}

impl<'a> SwapMarket<'a> {
    /// The record of one contract.
    pub(super) fn history(&self, contract: FutureContract) -> Result<&'a ContractHistory, Error> {
        self.hedges
            .iter()
            .find(|history| history.contract == contract)
            .copied()
            .ok_or_else(|| Error::HedgeMissing { contract: contract.symbol().to_string() })
    }

    /// All contracts of one product.
    pub(super) fn product(&self, product: FutureProduct) -> Result<&'a FutureMarket, Error> {
        let found = self.futures.iter().find(|market| market.product == product);
        let index = product.underlying();
        found.copied().ok_or(Error::ProductMissing { product: product.code(), index })
    }

    /// The series of one index.
    pub(super) fn index(&self, symbol: Symbol) -> Result<&'a Series, Error> {
        self.indices
            .iter()
            .find(|(known, _)| *known == symbol)
            .map(|(_, series)| *series)
            .ok_or_else(|| Error::HedgeMissing { contract: symbol.to_string() })
    }

    /// The days of the ledger: from the opening to the closing day, or to where a record ends.
    pub(super) fn ledger_days(&self, terms: &SwapTerms) -> Result<&'a [TradingDay], Error> {
        let opened_on = self.calendar.require_open(terms.swap.opened_on)?;
        let closed_on = terms.swap.closed_on;
        if self.calendar.knows(closed_on) {
            self.calendar.require_open(closed_on)?;
        }
        let long_days = match &self.long {
            LongMarket::Series(series) => series.days(),
            LongMarket::Names(names) => names.stocks.days(),
        };
        let mut last = closed_on.min(last_day(long_days, opened_on));
        for hedge in &terms.hedge {
            last = last.min(self.last_of(hedge, opened_on)?.unwrap_or(last));
        }
        Ok(self.calendar.days(opened_on, last.max(opened_on)))
    }

    /// Where the record of a hedge ends; none for a contract recorded to its expiry.
    fn last_of(&self, hedge: &Hedge, otherwise: TradingDay) -> Result<Option<TradingDay>, Error> {
        Ok(match hedge.kind()? {
            HedgeKind::Contract(contract) => {
                let history = self.history(contract)?;
                let recorded = last_day(&history.days, otherwise);
                (recorded < history.expiry).then_some(recorded)
            }
            HedgeKind::Product(product, _) => {
                let market = self.product(product)?;
                let contracts = market.contracts.iter().filter_map(|c| c.days.last().copied());
                let recorded = contracts.max().unwrap_or(otherwise);
                Some(recorded.min(last_day(market.spot.days(), otherwise)))
            }
            HedgeKind::Index(symbol) => Some(last_day(self.index(symbol)?.days(), otherwise)),
        })
    }
}

fn last_day(days: &[TradingDay], otherwise: TradingDay) -> TradingDay {
    days.last().copied().unwrap_or(otherwise)
}
