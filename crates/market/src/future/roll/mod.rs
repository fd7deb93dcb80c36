//! What does a short hedge cost when the contract must be replaced again and again?
//!
//! The hedge is short one index unit. Four rules say which contract carries it; each is decided at
//! the close of a day and traded at the close of the next one, so nothing is known too early. What
//! the hedge earns is the fall of the contract held; what it costs is what it earns less than the
//! index fell, `cost = (change of the contract - change of the index + fees) / index`, positive when
//! a discount closes against the short. The jump from one contract to the next is not money: it only
//! changes what is held ([`back_adjusted`] splices it away for charts).
//!
//! Method page: docs/method/basis.md

mod adjust;
mod cost;
mod ledger;
mod rule;

pub use adjust::{Adjustment, back_adjusted};
pub use cost::{HedgeCost, hedge_cost, hedge_cost_by_year};
pub use ledger::{Roll, RolledDay, RolledHedge, Trade, roll_short_hedge};
pub use rule::{RollConfig, RollRule};
