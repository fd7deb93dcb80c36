//! The command as a user meets it, and the house it stands in.

mod architecture;
mod built_in;
mod evidence;
mod shoals;
