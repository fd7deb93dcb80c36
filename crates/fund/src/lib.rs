//! What a NAV gives away: its record, its style, what it smooths and hides, and the verdict.
//!
//! A [`Fund`] is a net asset value with its dividends reinvested on the days it was published, daily, weekly or as it
//! came. Everything is measured over the fund's own [`Periods`]; benchmarks and factors are compounded over exactly
//! those ([`FactorSet::over`]), never interpolated, so nothing is compared with a day it has not seen.

mod error;
mod factor_set;
mod fund;
pub mod hidden;
pub mod nav;
mod period;
pub mod record;
pub mod style;
pub mod xray;

pub use error::FundError;
pub use factor_set::{FactorPeriods, FactorSet};
pub use fund::Fund;
pub use period::{Frequency, Periods};
