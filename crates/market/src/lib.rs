//! What the market offered: stocks that could be traded, micro-cap indices, futures basis and roll,
//! options.
//!
//! Every module answers one question of the shelf: what could be chosen, bought and sold ([`universe`]),
//! what did the smallest companies earn ([`index`]), what did a hedge cost ([`future::basis`],
//! [`future::roll`]), what was insurance worth ([`option`]), what does an order cost ([`impact`]). Pure
//! functions over series and panels.

mod error;
pub mod factor;
pub mod future;
pub mod impact;
pub mod index;
pub mod option;
pub mod universe;

pub use error::MarketError;
