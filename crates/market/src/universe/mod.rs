//! Which stocks could be chosen, bought and sold on a day, and why the others could not.
//!
//! A screen that forgets the rules of the market finds returns nobody earned: the smallest names are
//! the ones under special treatment, suspended, or sealed at their price limit. Here every (day, stock)
//! carries the reasons against it. Reasons against *choosing* a stock (no price, suspended, special
//! treatment, delisting, young, board, the user's own) make it ineligible; reasons against *trading* it
//! (suspended, sealed at a limit) hold up an order. T+1 is a matter of who holds the shares and is kept
//! by [`crate::index::implementable_index`].
//!
//! Everything said of a day is known at its close. Method page: docs/method/universe.md

mod config;
mod execution;
mod limit;
mod reason;
mod stock_market;
mod tradability;

pub use config::{ListingAge, NameRule, UniverseConfig};
pub use execution::{HeldUp, Participation, StockCosts, sale};
pub use limit::{Limit, limit_at_close};
pub use reason::{Reason, Reasons};
pub use stock_market::{Listing, MarketCap, StockMarket};
pub use tradability::Tradability;
