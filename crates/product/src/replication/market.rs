//! The prices a replication is carried through.

use shoals_core::{Calendar, Series};
use shoals_market::future::ContractHistory;
use shoals_market::future::roll::RolledHedge;
use shoals_market::option::OptionQuote;

/// Prices of every leg and the exchange calendar.
///
/// Missing: the ledger has the days on which every leg has a price; the return of the next such day spans
/// a gap. A missing implied volatility is carried from the day before.
#[derive(Debug, Clone)]
pub struct ReplicationMarket<'a> {
    /// The small-cap leg.
    pub long: LegMarket<'a>,
    /// The large-cap leg.
    pub short: LegMarket<'a>,
    /// What straddles are priced from; not needed for a weight of 0.
    pub straddle: Option<StraddleMarket<'a>>,
    /// Levels of what legs are fitted to; not needed without a `[fit]`.
    pub target: Option<&'a Series>,
    /// Exchange days.
    pub calendar: &'a Calendar,
}

/// What an index leg is priced from; closes, any positive unit.
#[derive(Debug, Clone, Copy)]
pub enum LegMarket<'a> {
    /// An index, a fund or an own series.
    Series(&'a Series),
    /// One futures contract.
    Contract(&'a ContractHistory),
    /// A product, as the roll ledger carried it.
    Rolled(&'a RolledHedge),
}

/// What straddles are priced from.
#[derive(Debug, Clone)]
pub enum StraddleMarket<'a> {
    /// An index and the volatility its options imply.
    ImpliedVolatility {
        /// Close of the index the options are on.
        underlying: &'a Series,
        /// Annualised decimal at the money.
        implied_volatility: &'a Series,
    },
    /// Closes of every option of a chain.
    Chain(&'a [OptionQuote]),
}
