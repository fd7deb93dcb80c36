//! The prices a book is carried through.

use shoals_core::{Calendar, FutureContract, Rules, Series, TradingDay};
use shoals_market::future::ContractHistory;

use super::SwapTerms;
use crate::Error;

/// Prices of both legs, exchange calendar and contract rules. Contracts the terms do not name are ignored.
///
/// Missing: a day without a price is marked at the last one before and leaves a `stale_mark` event; the
/// opening day must have its prices. The ledger stops where a record ends.
#[derive(Debug, Clone)]
pub struct SwapMarket<'a> {
    /// Close of what `[long]` names, any positive unit.
    pub long: &'a Series,
    /// Records of the contracts `[[hedge]]` names.
    pub hedges: Vec<&'a ContractHistory>,
    /// Exchange days.
    pub calendar: &'a Calendar,
    /// Multipliers of the contracts.
    pub rules: &'a Rules,
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

    /// The days of the ledger: from the opening to the closing day, or to where a record ends.
    pub(super) fn ledger_days(&self, terms: &SwapTerms) -> Result<&'a [TradingDay], Error> {
        let opened_on = self.calendar.require_open(terms.swap.opened_on)?;
        let closed_on = terms.swap.closed_on;
        if self.calendar.knows(closed_on) {
            self.calendar.require_open(closed_on)?;
        }
        let mut last = closed_on.min(last_day(self.long.days(), opened_on));
        for hedge in &terms.hedge {
            let history = self.history(hedge.future()?)?;
            let recorded = last_day(&history.days, opened_on);
            if recorded < history.expiry {
                last = last.min(recorded);
            }
        }
        Ok(self.calendar.days(opened_on, last.max(opened_on)))
    }
}

fn last_day(days: &[TradingDay], otherwise: TradingDay) -> TradingDay {
    days.last().copied().unwrap_or(otherwise)
}
