//! What the market offered: futures basis and roll, options.
//!
//! Every module answers one question of the shelf: what did a hedge cost ([`future::basis`],
//! [`future::roll`]), what was insurance worth ([`option`]). Pure functions over series and panels.

mod error;
pub mod factor;
pub mod future;
pub mod option;

pub use error::MarketError;
