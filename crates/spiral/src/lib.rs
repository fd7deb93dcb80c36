//! Who must sell next: fire sales, their feedback, and the deleveraging spiral.
//!
//! [`fire_sale`] holds the models of the literature, small enough to check by hand, whose mechanisms the spiral
//! is made of. [`overlap`] runs many leveraged books over many shared assets along thousands of paths.
//! [`feedback`] is the number that says whether a shock dies out or grows.
//!
//! The spiral itself: a [`scenario`] has a [`market`] of five size segments and three futures, the [`holder`]s who trade in
//! it, and the [`policy`] they trade under; [`simulate`](mod@simulate) runs it day by day and round by round, and
//! [`calibrate`] fits its numbers to what happened. A [`scenario_file`] is what people write; [`episode`] is the library.
//!
//! [`counterfactual`] pulls a [`lever`] and [`stress`] puts a book or a fund into a storm.
//!
//! Amounts are CNY, returns and ratios decimals, a sale is positive, a price impact the fraction lost. A default
//! or a cascade is an outcome; an error means the question could not be asked.
//!
//! Method pages: `docs/method/fire_sale.md`, `docs/method/spiral.md`

#![forbid(unsafe_code)]

pub mod calibrate;
pub mod calibration;
mod check;
pub mod china_2024;
pub mod counterfactual;
pub mod episode;
mod error;
pub mod explain;
pub mod feedback;
pub mod fire_sale;
pub mod holder;
pub mod lever;
pub mod market;
pub mod monte_carlo;
pub mod news;
pub mod overlap;
pub mod policy;
pub mod posterior;
pub mod replay;
pub mod replay_event;
mod replay_outcome;
pub mod scenario;
pub mod scenario_file;
pub mod simulate;
pub mod stress;
pub mod timeline;
pub mod walk;

pub use error::SpiralError;
