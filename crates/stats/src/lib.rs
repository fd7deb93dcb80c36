//! Numbers on slices: ranks, performance, drawdown, bootstrap, regression.
//!
//! Every function is pure, takes slices and returns a number or a small plain struct. Too little
//! data is an error with the numbers, never a silent NaN.

#![forbid(unsafe_code)]

mod error;

pub use error::StatError;
