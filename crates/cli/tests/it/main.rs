//! The command as a user meets it, and the house it stands in.

#![expect(
    clippy::disallowed_methods,
    reason = "tests stand in for the user: they write files and read the environment"
)]

mod architecture;
mod browser;
mod built_in;
#[path = "../../../report/tests/chinese/mod.rs"]
#[expect(unreachable_pub, reason = "shared with the report's tests")]
mod chinese;
mod event;
mod evidence;
mod factor;
mod flags;
mod fund;
mod option;
mod refusals;
mod rotation;
mod rulebook;
mod shoals;
mod spiral;
#[cfg(feature = "sql")]
mod sql;
mod stocks;
mod watch;
