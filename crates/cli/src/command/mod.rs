//! The subcommands. Each reads, asks, prints: nothing else.

pub(crate) mod analysis;
pub(crate) mod attribute;
pub(crate) mod crowd;
pub(crate) mod data;
pub(crate) mod event;
pub(crate) mod fund;
pub(crate) mod gauge;
pub(crate) mod option;
pub(crate) mod schema;
pub(crate) mod spiral;
pub(crate) mod stocks;
pub(crate) mod study;
pub(crate) mod swap;
pub(crate) mod watch;
