//! What could be seen: did small companies fall behind large ones, did the hedge become dear?
//!
//! Analyses of series that were known at each day's close; nothing here looks right of its date, except a record of what came after,
//! which says so.

pub mod basis_watch;
mod error;
pub mod gauge;
pub mod inversion;

pub use basis_watch::{BasisConfig, BasisOutcome, basis_watch};
pub use error::WarningError;
pub use gauge::{GaugeConfig, GaugeOutcome, gauge};
pub use inversion::{InversionConfig, InversionOutcome, inversion};
