//! What could be seen: did small companies fall behind large ones, did the hedge become dear?
//!
//! Analyses of series that were known at each day's close; nothing here looks right of its date.

pub mod analogue;
pub mod basis_watch;
mod error;
pub mod inversion;
pub mod rotation;

pub use analogue::{AnalogueConfig, AnalogueOutcome, analogue};
pub use basis_watch::{BasisConfig, BasisOutcome, basis_watch};
pub use error::WarningError;
pub use inversion::{InversionConfig, InversionOutcome, inversion};
pub use rotation::{RotationConfig, RotationOutcome, rotation};
