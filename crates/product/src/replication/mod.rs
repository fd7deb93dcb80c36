//! The same return without a manager: long small caps, short large caps, short volatility.
//!
//! A market-neutral fund that is long small companies and short index futures earns the size premium and
//! sells insurance against a crash. [`replicate`] holds that position in the open: `w` of equity long a
//! small-cap index, `u` short a large-cap index, a futures contract or a rolled product ([`Instrument`]), and a
//! short at-the-money straddle on `v` of
//! equity, priced by Black (1976) from an implied-volatility series or marked at an option chain's own
//! closes.
//!
//! ```text
//! return = long + short + straddle − cost        (each a fraction of the equity before)
//! ```
//!
//! Each weight is written, or found by a rule ([`Sizing`]): as volatile as the long leg, at its beta, or fitted to a
//! series the user names ([`FitRule`]); from days before only, unless the fit says that it is in-sample.
//! Weights are of equity; returns are simple decimals; costs and financing are positive magnitudes.
//! What a close decides by itself (a re-strike) acts on the next day; what the calendar decides (a roll
//! before expiry, a rebalancing) acts at that day's close. Source: METHODS C.
//!
//! Method page: docs/method/replication.md

mod chain;
mod fit;
mod instrument;
mod ledger;
mod leg;
mod market;
mod model;
mod outcome;
mod period;
mod short_straddle;
mod sizing;
mod terms;

pub use fit::{FitLine, WeightLine};
pub use instrument::Instrument;
pub use ledger::replicate;
pub use market::{LegMarket, ReplicationMarket, StraddleMarket};
pub use outcome::{
    NavLine, PeriodLine, ReplicationOutcome, StatisticLine, StraddleLine, TradeAction, TradeLine,
};
pub use shoals_market::option::OptionQuote;
pub use terms::{
    Cost, ExpiryRule, FitRule, FitSample, LongLeg, Rebalance, Replication, ReplicationTerms,
    ReplicationWords, Roll, ShortLeg, Sizing, StraddleLeg, StraddleSource, StrikeRule, Window,
};
