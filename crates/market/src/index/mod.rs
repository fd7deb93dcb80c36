//! A micro-cap index: the smallest N stocks, as published and as money could have followed it.
//!
//! A published micro-cap index chooses the smallest names at every close and resets them to equal weights
//! at that same close. Nobody can: names are sealed at their limits, orders fill a day later, every trade
//! pays commission and duty, and the names trade little. [`paper_index`] is the published kind,
//! [`implementable_index`] keeps a ledger under the rules of the market, and the difference between them
//! is what the backtests of 2021-2023 did not show. [`rebalancing_premium`] takes apart what weighting
//! and reselection add over simply holding the same names; [`capacity_curve`] says how fast the rest goes
//! as assets grow.
//!
//! Money is CNY, returns are simple decimals, positions are marked at the last price seen.
//!
//! Method page: docs/method/index.md

mod basket;
mod capacity;
mod config;
mod implementable;
mod outcome;
mod paper;
mod premium;
mod selection;
mod size_bucket;
mod year;

pub use capacity::{CapacityPoint, capacity_curve};
pub use config::{
    Frequency, Implementation, MicroCapConfig, MicroCapWords, SuspendedInBuckets, Weighting,
};
pub use implementable::{LedgerDay, implementable_index};
pub use outcome::{MicroCapOutcome, micro_cap_index, window_bucket_table};
pub use paper::{IndexDay, paper_index};
pub use premium::{MonthPremium, rebalancing_premium};
pub use selection::{Membership, select};
pub use size_bucket::{BucketReturn, size_bucket_months, size_bucket_returns};
pub use year::{YearReturn, by_year};
