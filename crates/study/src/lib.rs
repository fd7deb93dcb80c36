//! A TOML file to ordered analyses to a lock file that reproduces them.
