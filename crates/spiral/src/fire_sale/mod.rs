//! Fire sales as the literature wrote them down, each with a published or independent witness.
//!
//! - [`leverage_target`]: one book that keeps its leverage, one asset, round by round.
//! - [`aggregate_vulnerability`]: Greenwood, Landier and Thesmar (2015), many banks, one linear round.
//! - [`system_stress`]: banks with a leverage buffer that sell, default and liquidate until it stops, after Cont and
//!   Schaanning (2017).
//! - [`covariance`]: what a distressed fund's selling does to covariances, Cont and Wagalath (2013).

pub mod aggregate_vulnerability;
pub mod covariance;
pub mod leverage_target;
pub mod system_stress;
