//! Does a stock's property today say what it earns tomorrow, and where among the sizes?
//!
//! A factor is one number a stock and day, known at the close. [`definition`] makes the usual ones
//! from a panel, [`expression`] any other that can be written down, [`clean`] tames their tails and
//! takes industry and size out, [`evaluate`] ranks every day's cross-section against the returns that
//! follow, in the whole market and inside buckets, and [`lab`] puts the answers into tables with
//! errors and bands.
//!
//! Method page: docs/method/factor.md

mod bars;
pub mod clean;
pub mod definition;
mod evaluate;
pub mod expression;
mod fama_macbeth;
pub mod lab;
mod nav;
mod panel;
mod period;
pub mod portfolio;
pub mod summary;
pub mod trial;
mod window;

pub use bars::Bars;
pub use evaluate::{
    Correlation, Evaluation, EvaluationConfig, Membership, NewNames, Sort, evaluate, membership,
};
pub use fama_macbeth::{Premium, fama_macbeth};
pub use lab::{FactorOutcome, LabConfig, lab};
pub use nav::{LongShort, compounded};
pub use panel::{Buckets, FactorPanel};
pub use period::Period;
pub use window::LookBack;
