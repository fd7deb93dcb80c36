//! The AB swap: what DMA replaced in 2021, a senior share at a fixed rate under a levered junior one.
//!
//! Investors A (优先) put in most of the money for a fixed rate, investors B (劣后) the rest and take what is
//! left; a buffer (安全垫), often the adviser's own money, loses first. [`simulate`] carries one path of long
//! basket and hedge under both structures: the product of A and B, which owns its stocks, and the DMA
//! book, which borrows against a margin.
//!
//! ```text
//! value = money put in + long P&L + hedge P&L − fees
//! claim of A = money of A · (1 + senior_rate · calendar days / 365)
//! A receives min(value, claim); B, then the buffer, their own money; the gain is shared
//! ```
//!
//! Every amount is CNY. Losses eat the buffer, then B, then A. Source: METHODS A1; the rule that ended the
//! structure is `ab_swap` of the market rules.
//!
//! Method page: docs/method/ab.md

mod ledger;
mod outcome;
mod terms;
mod waterfall;

pub use ledger::simulate;
pub use outcome::{AbEvent, AbEventKind, AbLine, AbSwapOutcome, LayerLine, PayoffLine, SideLine};
pub use terms::{Ab, AbSwapTerms};
pub use waterfall::{Claims, Layer, Receipts, distribute};
