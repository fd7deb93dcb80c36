//! The DMA book (多空收益互换): what a leveraged market-neutral fund owes its broker, day by day.
//!
//! A private fund receives the return of a long basket and pays the return of index futures, on a margin
//! of a quarter of the long notional; the broker finances the rest. [`simulate`] carries such a book
//! from its terms ([`SwapTerms`], a TOML file) through a market ([`SwapMarket`]) and returns a ledger
//! whose lines add up to the equity every day, with the margin calls as events.
//!
//! ```text
//! equity = initial margin + cash paid in + long P&L + hedge P&L − financing − fees
//! margin ratio = equity / margin base;  a ratio strictly below a line breaches it
//! ```
//!
//! What is known at the close of day `t` acts at the close of the next trading day. Every line is CNY;
//! `financing` and `fees` are positive magnitudes. Source: METHODS A1 and A2 (broker term sheets as quoted
//! publicly in 2024).
//!
//! Method page: docs/method/swap.md

mod closed_form;
mod explain;
mod ledger;
mod market;
mod outcome;
mod position;
mod terms;

pub use closed_form::{fraction_to_sell, loss_to_line, restoring_call};
pub use explain::{Explanation, explain};
pub use ledger::simulate;
pub use market::SwapMarket;
pub use outcome::{EventKind, HedgeLine, StatementLine, SwapEvent, SwapOutcome, SwapStatus};
pub use terms::{
    Costs, FinancingBase, Hedge, Long, Lots, MarginBase, OnBreach, Swap, SwapTerms, SwapWords,
};
