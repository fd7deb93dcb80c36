//! The study's exhibits: each a function from the tables of an outcome to an [`Exhibit`](crate::Exhibit).
//!
//! They read tables by the stable names of the outcome contract and know nothing of the analyses. Every
//! title is a finding and is computed: another market gives another sentence.

mod ab;
mod attribute;
mod basis;
mod bubble;
mod factor;
mod index;
mod inversion;
mod limits;
mod option;
mod replicate;
mod source;
mod spiral;
mod structure;
mod swap;

pub use ab::ab;
pub use attribute::attribute;
pub use basis::basis;
pub use bubble::bubble;
pub use factor::factor;
pub use index::index;
pub use inversion::inversion;
pub use limits::{LimitsInput, limits};
pub use option::option;
pub use replicate::replicate;
pub use source::Source;
pub use spiral::spiral;
pub use swap::{MarginLines, swap};
