//! Why a warning could not be computed.

use shoals_core::{CoreError, Segment, Symbol, TradingDay};
use shoals_market::MarketError;
use shoals_stats::StatError;

/// Why a question of this crate could not be asked.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "every field is named and explained by its message")]
pub enum WarningError {
    /// A size ladder needs rungs.
    #[error(
        "a size ladder needs at least {needed} segments, found {found}; give the closes of {}",
        Segment::ALL.map(|segment| segment.symbol().to_string()).join(", ")
    )]
    TooFewSegments { needed: usize, found: usize },

    /// A segment given twice.
    #[error("segment `{segment}` is given twice, as {first} and as {second}")]
    SegmentTwice { segment: Segment, first: String, second: String },

    /// A close that is not a price.
    #[error("close of {series} is {found} on {day}, expected a positive number or a missing one")]
    CloseNotPositive { series: String, day: TradingDay, found: f64 },

    /// Series that never meet.
    #[error("the series share no day; each of them must have a close on a day for it to count")]
    NoCommonDay,

    /// A window asked for that the data do not reach.
    #[error("window {from}..{to} is not covered: the common days are {first} to {last}")]
    WindowOutsideData { from: TradingDay, to: TradingDay, first: TradingDay, last: TradingDay },

    /// A window or a range of days that ends before it starts.
    #[error("`to` is {to}, expected a day on or after `from`, which is {from}")]
    DaysReversed { from: TradingDay, to: TradingDay },

    /// A return asked for on one close.
    #[error("a return needs two closes, and the days asked about hold one, of {day}; widen them")]
    OneClose { day: TradingDay },

    /// Days nothing is known of.
    #[error("there is nothing to tell {asked}: the record runs from {first} to {last}")]
    NothingToTell { asked: String, first: TradingDay, last: TradingDay },

    /// Stocks without a single amount.
    #[error("no stock of the market has an `amount`; import daily bars with the value traded")]
    NoAmounts,

    /// A market in which nobody is among the smallest.
    #[error(
        "the smallest {n_names} stocks need a market of at least {needed} eligible ones, found {found} on its widest day; \
         lower `n_names`"
    )]
    TooFewStocks { n_names: usize, needed: usize, found: usize },

    /// A list that does not go with the stocks.
    #[error("`{what}` must have one value a stock: found {found}, expected {expected}")]
    NotOnePerStock { what: &'static str, found: usize, expected: usize },
    /// An index the study cannot do without.
    #[error("there is no index of {segment}; give the closes of {symbol}")]
    SegmentMissing { segment: Segment, symbol: Symbol },
    /// No event on the days asked for.
    #[error("none of the {n} events acts {asked}; widen the days, or name a file of events")]
    NoEvent { n: usize, asked: String },

    /// A list of treated names that the market knows none of.
    #[error("the market holds none of the {n} treated names; the first is {first}")]
    NoTreated { n: usize, first: Symbol },

    /// No market to watch.
    #[error("there is no index future to watch; give its contracts and the index they settle on")]
    NoMarket,

    /// A ratio of a series to itself.
    #[error("`small` and `large` are both {symbol}, expected two different indices")]
    SameSeries { symbol: Symbol },

    /// A record too short to fit and to judge a model on.
    #[error(
        "needs {needed} common closes, found {found} from {first} to {last}; give a longer record (a rotation may also lower \
         `min_history` or `horizon_days`)"
    )]
    TooShort { needed: usize, found: usize, first: TradingDay, last: TradingDay },

    /// An index the market lacks.
    #[error("the market holds no index {symbol}; it holds {held}")]
    NoIndex { symbol: Symbol, held: String },

    /// An excess without a benchmark.
    #[error(
        "no benchmark of {benchmarks} has closes on the days of {symbol} from {from} to {to}; import one or name another in `benchmarks`"
    )]
    NoBenchmark { symbol: Symbol, from: TradingDay, to: TradingDay, benchmarks: String },

    /// An episode of the library that cannot be.
    #[error("episode `{name}`: `{field}` is {found}, expected {expected}")]
    IllegalEpisode { name: String, field: &'static str, found: String, expected: &'static str },
    /// No ratio to test.
    #[error("there is no ratio to test; give the closes of two indices")]
    NoRatio,

    /// A sample too short to test.
    #[error(
        "a bubble test needs at least {needed} common days, found {found}; widen the days asked about"
    )]
    SampleTooShort { needed: usize, found: usize },

    /// Fewer days than the power law's longest window.
    #[error(
        "the power law's longest window has {longest} days, found {found} common ones; lower `longest` of `[bubble.power_law]` \
         or widen the days asked about"
    )]
    PowerLawTooShort { longest: usize, found: usize },

    /// A setting outside its legal range.
    #[error("`{field}` is {found}, expected {expected}")]
    SettingOutOfRange { field: &'static str, found: f64, expected: &'static str },

    /// A watch rule that is not legal, or reads what is not there.
    #[error("{reason}")]
    Rules { reason: String },

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
        (Some(from), Some(to)) if to < from => Err(WarningError::DaysReversed { from, to }),
        _ => Ok(()),
    }
}

/// Refuses a range of days that does not run forward from one close to another.
pub(crate) fn require_two_closes(from: TradingDay, to: TradingDay) -> Result<(), WarningError> {
    if from == to {
        Err(WarningError::OneClose { day: to })
    } else {
        require_forward(Some(from), Some(to))
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
