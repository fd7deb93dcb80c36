//! Numbers on slices: orders, ranks, moments, performance, drawdown, tails, bootstrap, regression, slopes in a range,
//! breaks, regimes, event studies, significance, rolling windows, wandering betas, shares of R2, the shape of a top, how closely
//! assets move together, a series beside its benchmark, what a return is made of, spreads from prices, warped distances, explosive
//! growth, returns told late, sided betas and tails that move together, how well a score tells bad days from good.
//!
//! Every function is pure, takes slices and returns a number or a small plain struct. Returns are
//! simple decimals a period. Missing: a NaN is "no observation" and is left out, unless the function
//! says otherwise; an infinite value is refused. Too little data is an error with the numbers, never
//! a silent NaN.
//!
//! Method pages: docs/method/performance.md, docs/method/bootstrap.md, docs/method/factor.md

#![forbid(unsafe_code)]

pub mod absorption;
pub mod benchmark;
pub mod bootstrap;
pub mod bounded;
pub mod breach;
pub mod breaks;
pub mod co_moment;
pub mod counter_normal;
pub mod discrimination;
pub mod drawdown;
pub mod eigen;
mod error;
pub mod event_study;
pub mod explosive;
pub mod hac;
pub mod kalman;
pub mod lppls;
pub mod manipulation;
pub mod moments;
pub mod normal;
mod observed;
pub mod order;
pub mod percentile;
pub mod performance;
pub mod rank;
pub mod regime;
pub mod regression;
pub mod rolling;
pub mod shapley;
pub mod sharpe;
pub mod significance;
pub mod smoothing;
pub mod spread;
pub mod style;
pub mod summit;
pub mod tail;
pub mod tail_dependence;
pub mod warp;

pub use error::StatError;
