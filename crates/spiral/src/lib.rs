//! Who must sell next: fire sales, their feedback, and the deleveraging spiral.
//!
//! [`fire_sale`] holds the models of the literature, small enough to check by hand, whose mechanisms the spiral
//! is made of. [`overlap`] runs many leveraged books over many shared assets along thousands of paths.
//! [`feedback`] is the number that says whether a shock dies out or grows.
//!
//! Amounts are CNY, returns and ratios decimals, a sale is positive, a price impact the fraction lost. A default
//! or a cascade is an outcome; an error means the question could not be asked.
//!
//! Method page: `docs/method/fire_sale.md`

#![forbid(unsafe_code)]

mod error;
pub mod feedback;
pub mod fire_sale;
pub mod overlap;

pub use error::SpiralError;
