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
