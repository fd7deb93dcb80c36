//! Why a question to the words could not be asked.

use crate::TradingDay;

/// Why a day, symbol, rule, panel or series could not be made or asked.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "every field is named and explained by its message")]
pub enum CoreError {
    /// Text that is not a date.
    #[error("`{found}` is not a date; write 2024-02-05 or 20240205")]
    NoSuchDate { found: String },

    /// The calendar does not know that day yet (or no exchange existed).
    #[error(
        "{asked} is outside the exchange calendar {first} to {last}; extend it with a calendar file"
    )]
    OutsideCalendar { asked: TradingDay, first: TradingDay, last: TradingDay },

    /// The exchange was closed.
    #[error("{asked} is not a trading day; the nearest before it is {previous}")]
    NotTradingDay { asked: TradingDay, previous: TradingDay },

    /// A code that could mean two securities.
    #[error(
        "`{found}` is ambiguous: six bare digits name both an index and a stock \
         (000852 is the CSI 1000 index in Shanghai and a Shenzhen stock); \
         write `{found}.SH` or `{found}.SZ`, or say which kind the column holds"
    )]
    AmbiguousSymbol { found: String },

    /// A code in none of the known styles.
    #[error("`{found}` is not a security code: {expected}")]
    NoSuchSymbol { found: String, expected: &'static str },

    /// A code that is not a CFFEX index future.
    #[error(
        "`{found}` is not an index future contract; expected IF, IH, IC or IM and a month, as IM2403"
    )]
    NoSuchContract { found: String },

    /// No rule covers the day asked about.
    #[error("no `{rule}` rule is known for {asked}; the first starts on {first}")]
    RuleNotYet { rule: &'static str, asked: TradingDay, first: TradingDay },

    /// A rule file that cannot be read.
    #[error("rule file is not legal: {reason}")]
    RuleFile { reason: String },

    /// A calendar file that cannot be read.
    #[error("calendar file is not legal: {reason}")]
    CalendarFile { reason: String },

    /// An event file that cannot be read.
    #[error("event file is not legal: {reason}")]
    EventFile { reason: String },

    /// Days that do not rise.
    #[error("days must rise strictly: {later} stands before {earlier} at position {position}")]
    DaysNotRising { position: usize, earlier: TradingDay, later: TradingDay },

    /// Columns of different length.
    #[error("`{name}` has {found} values, expected {expected}")]
    LengthMismatch { name: String, found: usize, expected: usize },

    /// A column that is not there.
    #[error("there is no column `{name}`; the columns are {available}")]
    NoSuchColumn { name: String, available: String },

    /// A name twice.
    #[error("`{name}` is there already")]
    Duplicate { name: String },
}
