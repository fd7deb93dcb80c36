//! What was agreed and what it earned: the DMA swap, replication.
//!
//! * [`swap`]: a leveraged market-neutral book as a ledger, from its terms to its margin calls.
//! * [`replication`]: long small caps, short large caps, short volatility: the same return without a
//!   manager.

mod error;
pub mod replication;
pub mod swap;

pub use error::Error;
