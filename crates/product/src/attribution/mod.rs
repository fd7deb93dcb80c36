//! Where a book's gain came from, and when each source ran dry.
//!
//! *Exact*: the ledgers' own gains split into lines that add up to them every day, [`of_swap`] and
//! [`of_replication`]: the market, the size spread, the basis (its convergence and its change), the option's delta,
//! gamma, theta and vega, financing, costs. *Statistical*: daily returns against factors, [`of_returns`]: betas with
//! Newey-West bands, rolling and wandering; shares of R2 by Shapley; break dates of the factors' own means (the
//! *clocks*); and how peaked the top of each path was.
//!
//! Gains are positive, costs negative, so that lines add up. Source: METHODS C.
//!
//! Method page: docs/method/attribution.md

mod against;
mod config;
mod exact;
mod factor;
mod outcome;
mod statistical;

pub use against::{AgainstLine, against};
pub use config::AttributionConfig;
pub use exact::{of_replication, of_swap};
pub use factor::{Factor, basis_factor, return_factor, short_volatility_factor, spread_factor};
pub use outcome::{
    AttributionOutcome, BetaLine, ClockLine, CoefficientLine, PeriodPart, Source, SourceLine,
    Statistics, TopLine, Unit,
};
pub use statistical::{of_returns, top_of};
