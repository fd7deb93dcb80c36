//! The study's exhibits: each a function from the tables of an outcome to an [`Exhibit`](crate::Exhibit).
//!
//! They read tables by the stable names of the outcome contract and know nothing of the analyses. Every
//! title is a finding and is computed: another market gives another sentence.

mod ab;
mod analogue;
mod attribute;
mod basis;
mod bubble;
mod crowding;
mod event;
mod factor;
mod fund;
mod gauge;
mod index;
mod inversion;
mod limits;
mod liquidity;
mod option;
mod replicate;
mod rotation;
mod source;
mod spiral;
mod structure;
mod swap;

pub use ab::ab;
pub use analogue::analogue;
pub use attribute::attribute;
pub use basis::basis;
pub use bubble::bubble;
pub use crowding::crowding;
pub use event::event;
pub use factor::factor;
pub use fund::{fund, fund_page};
pub use gauge::gauge;
pub use index::index;
pub use inversion::inversion;
pub use limits::{LimitsInput, limits};
pub use liquidity::liquidity;
pub use option::option;
pub use replicate::replicate;
pub use rotation::rotation;
pub use source::Source;
pub use spiral::spiral;
pub use swap::{MarginLines, swap};
