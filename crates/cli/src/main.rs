//! The shoals command.
fn main() {}
