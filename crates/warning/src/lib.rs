//! What could be seen: did small companies fall behind large ones, did the hedge become dear?
//!
//! Analyses of series that were known at each day's close; nothing here looks right of its date.

pub mod basis_watch;
mod error;
pub mod event_study;
pub mod inversion;

pub use basis_watch::{BasisConfig, BasisOutcome, basis_watch};
pub use error::WarningError;
pub use event_study::{EventConfig, EventOutcome, event_study};
pub use inversion::{InversionConfig, InversionOutcome, inversion};
