//! What was agreed and what it earned: the AB swap, the DMA swap, replication.
//!
//! * [`ab_swap`]: a senior share at a fixed rate under a levered junior one, beside DMA on the same path.
//! * [`swap`]: a leveraged market-neutral book as a ledger, from its terms to its margin calls.
//! * [`attribution`]: where the gain came from: exact by legs, statistical by factors, and when each faded.
//! * [`replication`]: long small caps, short large caps, short volatility: the same return without a
//!   manager.

pub mod ab_swap;
pub mod attribution;
mod error;
pub mod replication;
pub mod swap;

pub use error::Error;
