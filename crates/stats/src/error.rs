//! Why a statistic could not be taken.

/// Why a statistic could not be taken from the numbers given.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "every field is named and explained by its message")]
pub enum StatError {
    /// Two slices that must pair up do not.
    #[error("slices of different length: {left} and {right} values")]
    LengthMismatch { left: usize, right: usize },

    /// Too little data to say anything.
    #[error("needs at least {needed} observations, found {found}")]
    TooFewObservations { needed: usize, found: usize },

    /// A value that is not a number where gaps make no sense.
    #[error("the value at position {position} is {found}; leave out missing values first")]
    NotFinite { position: usize, found: f64 },

    /// No variation where one must divide by it.
    #[error("`{what}` does not vary, so it has no correlation or scale")]
    Constant { what: &'static str },

    /// A setting outside its legal range.
    #[error("`{field}` is {found}, expected {expected}")]
    OutOfRange { field: &'static str, found: f64, expected: &'static str },

    /// Regressors that are combinations of each other.
    #[error("regressor {column} is a combination of the ones before it; leave one out")]
    Collinear { column: usize },
}
