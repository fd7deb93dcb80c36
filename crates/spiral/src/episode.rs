//! The library: episodes with a name, each a scenario file whose head says what it is shaped after.
//!
//! An episode is a shape, not a replay, unless it says so: what is public is cited, the rest is assumed and written
//! beside it. [`crate::scenario_file::Episode::named`] reads one.

use crate::SpiralError;

/// Names and files, in the order they are listed.
const LIBRARY: [(&str, &str); 4] = [
    ("china_2024", include_str!("episode/china_2024.toml")),
    ("quant_unwind_2007", include_str!("episode/quant_unwind_2007.toml")),
    ("margin_unwind_2015", include_str!("episode/margin_unwind_2015.toml")),
    ("quiet", include_str!("episode/quiet.toml")),
];

/// Names of the library's episodes.
pub fn names() -> [&'static str; LIBRARY.len()] {
    LIBRARY.map(|(name, _)| name)
}

/// An episode's file as it is written, facts and assumptions in its head.
///
/// # Errors
/// When the library has none of that name; the error lists those it has.
pub fn text(name: &str) -> Result<&'static str, SpiralError> {
    let found = LIBRARY.iter().find(|(known, _)| *known == name);
    found.map(|(_, text)| *text).ok_or_else(|| SpiralError::UnknownName {
        field: "episode",
        found: name.to_owned(),
        expected: names().join(", "),
    })
}
