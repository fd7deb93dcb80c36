//! Does a stock's property today say what it earns tomorrow, and where among the sizes?
//!
//! A factor is one number a stock and day, known at the close. [`definition`] makes the usual ones
//! from a panel, [`clean`] tames their tails and takes industry and size out, [`evaluate`] ranks
//! every day's cross-section against the returns that follow, in the whole market and inside
//! buckets, and [`lab`] puts the answers into tables with errors and bands.
//!
//! Method page: docs/method/factor.md

pub mod clean;
pub mod definition;
mod evaluate;
mod nav;
mod panel;
mod window;

pub use evaluate::{Evaluation, EvaluationConfig, evaluate};
pub use nav::compounded;
pub use panel::{Buckets, FactorPanel};
pub use window::LookBack;
