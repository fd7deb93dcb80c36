//! Why a fire sale could not be asked about.

use shoals_market::MarketError;

/// Why a model was refused. A default or a cascade is never one of these: they are outcomes.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "every field is named and explained by its message")]
pub enum SpiralError {
    /// A number outside its legal range.
    #[error("`{field}` is {found}, expected {expected}")]
    OutOfRange { field: String, found: f64, expected: &'static str },

    /// Two inputs that must have one length.
    #[error("`{field}` has {found} values, expected {expected}, one for each {of}")]
    Uneven { field: &'static str, found: usize, expected: usize, of: &'static str },

    /// A text that is no scenario: not TOML, or a key of the wrong kind.
    #[error("{reason}")]
    File { reason: String },

    /// A name nobody knows.
    #[error("`{field}` is `{found}`, expected one of {expected}")]
    UnknownName { field: &'static str, found: String, expected: String },

    /// A date that is not among the scenario's days.
    #[error("`{field}` is {found}, expected a trading day of the timeline, {expected}")]
    NotADay { field: String, found: String, expected: String },

    /// A day the exchange was closed, or a calendar does not reach.
    #[error(transparent)]
    Calendar(#[from] shoals_core::CoreError),

    /// An impact law that is not legal.
    #[error(transparent)]
    Market(#[from] MarketError),
}

/// Refuses a number for which `is_legal` does not hold.
pub(crate) fn require(
    field: impl Into<String>,
    found: f64,
    expected: &'static str,
    is_legal: bool,
) -> Result<(), SpiralError> {
    if is_legal {
        Ok(())
    } else {
        Err(SpiralError::OutOfRange { field: field.into(), found, expected })
    }
}

/// Refuses a list of another length.
pub(crate) fn require_length(
    field: &'static str,
    found: usize,
    expected: usize,
    of: &'static str,
) -> Result<(), SpiralError> {
    if found == expected { Ok(()) } else { Err(SpiralError::Uneven { field, found, expected, of }) }
}
