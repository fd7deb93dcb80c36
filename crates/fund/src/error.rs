//! Why a fund could not be examined.

use shoals_core::{CoreError, TradingDay};
use shoals_stats::StatError;

/// Why a question of this crate could not be asked.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "every field is named and explained by its message")]
pub enum FundError {
    /// A value that is none.
    #[error(
        "NAV of fund `{fund}` is {found} on {day}, expected a positive number or a missing one"
    )]
    NavNotPositive { fund: String, day: TradingDay, found: f64 },

    /// A dividend that is none.
    #[error(
        "dividend of fund `{fund}` is {found} on {day}, expected zero, a positive number or a missing one"
    )]
    NotADividend { fund: String, day: TradingDay, found: f64 },

    /// Nothing to follow.
    #[error(
        "fund `{fund}` has no value of the kind wanted ({wanted}); give another column or another basis"
    )]
    NoUsableValue { fund: String, wanted: &'static str },

    /// Too short a record.
    #[error(
        "fund `{fund}` has {found} values, {what} needs at least {needed}; widen the period or leave it out"
    )]
    TooFewValues { fund: String, what: &'static str, found: usize, needed: usize },

    /// A setting outside its range.
    #[error("`{key}` is {found}, expected {expected}")]
    Setting { key: &'static str, found: String, expected: String },

    /// The numbers would not do.
    #[error("fund `{fund}`: {error}")]
    Statistics { fund: String, error: StatError },

    /// The words would not do.
    #[error(transparent)]
    Core(#[from] CoreError),
}

/// Refuses a setting outside its range.
pub(crate) fn require(
    key: &'static str,
    found: &dyn std::fmt::Display,
    expected: &str,
    is_legal: bool,
) -> Result<(), FundError> {
    if is_legal {
        return Ok(());
    }
    Err(FundError::Setting { key, found: found.to_string(), expected: expected.to_owned() })
}
