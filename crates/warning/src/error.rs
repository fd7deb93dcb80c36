//! Why a warning could not be computed.

use shoals_core::{CoreError, Segment, TradingDay};
use shoals_market::MarketError;
use shoals_stats::StatError;

/// Why a question about inversion or basis could not be asked.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "every field is named and explained by its message")]
pub enum WarningError {
    /// A size ladder needs rungs.
    #[error("a size ladder needs at least {needed} segments, found {found}")]
    TooFewSegments { needed: usize, found: usize },

    /// A segment given twice.
    #[error("segment `{segment}` is given twice, as {first} and as {second}")]
    SegmentTwice { segment: Segment, first: String, second: String },

    /// A close that is not a price.
    #[error("close of {series} is {found} on {day}, expected a positive number or a missing one")]
    CloseNotPositive { series: String, day: TradingDay, found: f64 },

    /// The series share too few days.
    #[error(
        "the series share {found} days between {from} and {to}, needs at least {needed}; \
         each of them must have a close on a day for it to count"
    )]
    TooFewCommonDays { from: TradingDay, to: TradingDay, found: usize, needed: usize },

    /// A window asked for that the data do not reach.
    #[error("window {from}..{to} is not covered: the common days are {first} to {last}")]
    WindowOutsideData { from: TradingDay, to: TradingDay, first: TradingDay, last: TradingDay },

    /// A window or a range of days that ends before it starts.
    #[error("`to` is {to}, expected a day after `from`, which is {from}")]
    DaysReversed { from: TradingDay, to: TradingDay },

    /// No market to watch.
    #[error("no future market is given")]
    NoMarket,

    /// A setting outside its legal range.
    #[error("`{field}` is {found}, expected {expected}")]
    SettingOutOfRange { field: &'static str, found: f64, expected: &'static str },

    /// A statistic inside failed.
    #[error("cannot estimate {what}")]
    Statistic {
        what: &'static str,
        #[source]
        cause: StatError,
    },

    /// A futures measure failed.
    #[error(transparent)]
    Market(#[from] MarketError),

    /// A day, symbol or series was not legal.
    #[error(transparent)]
    Core(#[from] CoreError),
}

/// Refuses a range of days that does not run forward.
pub(crate) fn require_forward(
    from: Option<TradingDay>,
    to: Option<TradingDay>,
) -> Result<(), WarningError> {
    match (from, to) {
        (Some(from), Some(to)) if to <= from => Err(WarningError::DaysReversed { from, to }),
        _ => Ok(()),
    }
}

/// Refuses a setting for which `is_legal` does not hold.
pub(crate) fn require_setting(
    field: &'static str,
    found: f64,
    expected: &'static str,
    is_legal: bool,
) -> Result<(), WarningError> {
    if is_legal { Ok(()) } else { Err(WarningError::SettingOutOfRange { field, found, expected }) }
}
