//! What could be seen: did small companies fall behind large ones, did the hedge become dear, had a
//! ratio run away?
//!
//! Analyses of series that were known at each day's close; nothing here looks right of its date.

pub mod basis_watch;
pub mod bubble;
mod error;
pub mod inversion;

pub use basis_watch::{BasisConfig, BasisOutcome, basis_watch};
pub use bubble::{BubbleConfig, BubbleOutcome, bubble};
pub use error::WarningError;
pub use inversion::{InversionConfig, InversionOutcome, inversion};
