//! The command as a user meets it, and the house it stands in.

#![expect(
    clippy::disallowed_methods,
    reason = "tests stand in for the user: they write files and read the environment"
)]

mod architecture;
mod built_in;
mod evidence;
mod flags;
mod refusals;
mod rulebook;
mod shoals;
#[cfg(feature = "sql")]
mod sql;
