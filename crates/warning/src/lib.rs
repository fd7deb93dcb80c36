//! What could be seen: did small companies fall behind large ones, did the hedge become dear, could the
//! smallest still be sold, did everyone hold the same, had a ratio run away?
//!
//! Analyses of series that were known at each day's close; nothing here looks right of its date, except a record of what came after,
//! which says so.

pub mod analogue;
pub mod basis_watch;
pub mod bubble;
pub mod crowding;
mod error;
pub mod event_study;
pub mod gauge;
pub mod inversion;
mod leg;
pub mod liquidity;
pub mod rotation;
pub mod watch;

pub use analogue::{AnalogueConfig, AnalogueOutcome, analogue};
pub use basis_watch::{BasisConfig, BasisOutcome, basis_watch};
pub use bubble::{BubbleConfig, BubbleOutcome, bubble};
pub use crowding::{CrowdingConfig, CrowdingOutcome, crowding};
pub use error::WarningError;
pub use event_study::{EventConfig, EventOutcome, event_study};
pub use gauge::{GaugeConfig, GaugeOutcome, gauge};
pub use inversion::{InversionConfig, InversionOutcome, inversion};
pub use liquidity::{LiquidityConfig, LiquidityOutcome, liquidity};
pub use rotation::{RotationConfig, RotationOutcome, rotation};
pub use watch::{WatchOutcome, watch};
