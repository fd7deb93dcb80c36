//! The built-in market with known truth.
