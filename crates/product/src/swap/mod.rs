//! The DMA book (多空收益互换): what a leveraged market-neutral fund owes its broker, day by day.
//!
//! A private fund receives the return of a long basket (one series that stands for it, or names held as
//! shares) and pays the return of index futures, on a margin
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

mod breach;
mod check;
mod closed_form;
mod compare;
mod explain;
mod ledger;
mod legs;
mod limits;
mod line;
mod long_leg;
mod market;
mod micro_cap;
mod order;
mod outcome;
mod position;
mod rates;
mod rebalance;
mod statement;
mod switch;
mod terms;
mod trade;

pub use closed_form::{fraction_to_sell, loss_to_line, restoring_call};
pub use compare::{ComparedBook, Comparison};
pub use explain::{CHECK_NUMBERS, Explanation, How, NUMBERS, explain, explain_number};
pub use ledger::simulate;
pub use legs::{BasketRebalance, Hedge, HedgeKind, Long, LongKind, Lots, MicroCapLong};
pub use limits::{Concentration, ConcentrationLines, Days, Unwind};
pub use market::{LongMarket, NamesMarket, SwapMarket};
pub use micro_cap::{micro_cap_choices, micro_cap_names};
pub use order::{OrderCause, OrderLeg, OrderLine, OrderReason, Side};
pub use outcome::{
    CheckLine, EventKind, HedgeLine, HoldingLine, StatementLine, SwapEvent, SwapOutcome, SwapStatus,
};
pub use statement::{DailyStatement, StatementItem, daily_statement};
pub use terms::{
    CostSchedule, Costs, FinancingBase, MarginBase, OnBreach, Swap, SwapTerms, SwapWords,
};
