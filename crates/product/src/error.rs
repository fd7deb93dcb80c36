//! Why a book could not be agreed or valued.

use shoals_core::{CoreError, Symbol, TradingDay};
use shoals_market::MarketError;
use shoals_stats::StatError;

/// Why terms were refused, or a book could not be carried through its days.
///
/// A margin call, a liquidation or ruin is never one of these: they are outcomes.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "every field is named and explained by its message")]
pub enum Error {
    /// A TOML file with a misspelt key, a missing one or a value of the wrong type.
    #[error("the terms are not legal: {reason}")]
    Terms { reason: String },

    /// A ratio or rate outside its legal range; most often a percent typed as 25.
    #[error("`{key}` is {found}, expected a decimal in {expected} (25% is written 0.25)")]
    RatioOutOfRange { key: &'static str, found: f64, expected: String },

    /// An amount or count outside its legal range.
    #[error("`{key}` is {found}, expected {expected}")]
    OutOfRange { key: &'static str, found: String, expected: String },

    /// Terms that never run.
    #[error("`{later_key}` {later} is not after `{earlier_key}` {earlier}")]
    DatesReversed {
        earlier_key: &'static str,
        earlier: TradingDay,
        later_key: &'static str,
        later: TradingDay,
    },

    /// A code that names something else than the terms need.
    #[error("`{key}` is `{found}`, expected {expected}")]
    WrongCode { key: &'static str, found: String, expected: &'static str },

    /// A hedge whose prices were not given.
    #[error("no prices were given for the hedge {contract}; the terms need them")]
    HedgeMissing { contract: String },

    /// A hedge that cannot live through its opening day.
    #[error("the hedge {contract} expires on {expiry}, not after `opened_on` {opened_on}")]
    HedgeExpired { contract: String, expiry: TradingDay, opened_on: TradingDay },

    /// Whole lots of a hedge that round to none.
    #[error(
        "`notional` is {notional} CNY, and weight {weight} of it is less than half of one lot of {contract}, \
         {lot_value:.0} CNY, so the hedge would be 0 lots; raise `notional`, or write `lots = \"fractional\"`"
    )]
    HedgeNoLot { contract: String, notional: f64, weight: f64, lot_value: f64 },

    /// A basket none of whose names could be bought.
    #[error("none of the {n} names of the basket could be bought on {date}; open on another day")]
    NothingBought { date: TradingDay, n: usize },

    /// A name of a basket that the market does not hold.
    #[error("the basket names {symbol}, which is not among the {n_known} stocks of the market")]
    NameMissing { symbol: Symbol, n_known: usize },

    /// A name twice in a basket.
    #[error("the basket names {symbol} twice; give each name one row")]
    NameTwice { symbol: Symbol },

    /// A weight that is none.
    #[error("the weight of {symbol} in the basket is {found}, expected a number {expected}")]
    NameWeight { symbol: Symbol, found: String, expected: String },

    /// A price the ledger cannot do without.
    #[error("no {what} price of {name} on {date}; its record runs from {first} to {last}")]
    PriceMissing {
        what: &'static str,
        name: String,
        date: TradingDay,
        first: TradingDay,
        last: TradingDay,
    },

    /// A price that no market prints.
    #[error("the price of {name} on {date} is {found}, expected a positive number")]
    PriceNotPositive { name: String, date: TradingDay, found: f64 },

    /// A series without a single observation in the days asked about.
    #[error("{name} has no observation between {from} and {to}")]
    NoObservation { name: String, from: TradingDay, to: TradingDay },

    /// Too few days for a single return.
    #[error(
        "a return needs two closes, and {name} have {found} common {} {asked}; their common days \
         run from {first} to {last}",
        if *found == 1 { "day" } else { "days" }
    )]
    TooFewDays { name: String, found: usize, asked: String, first: TradingDay, last: TradingDay },

    /// A product whose contracts cannot be rolled.
    #[error(
        "the market holds no contracts of {product} with its index {index}, so they cannot be rolled; \
         import both, or name their files with --series and --futures"
    )]
    ProductMissing { product: &'static str, index: Symbol },

    /// An option chain the market does not hold.
    #[error(
        "the market holds no option chain of {underlying}; chains it holds: {available}; name one as \
         `straddle.symbol`, or write `source = \"implied_volatility\"`"
    )]
    ChainMissing { underlying: Symbol, available: String },

    /// A series the terms need and nobody gave.
    #[error("the terms need {what}; give it beside the prices, or set `{key}` to 0")]
    SeriesMissing { what: &'static str, key: &'static str },

    /// A fit without what it is fitted to.
    #[error("the terms have a `[fit]`, and no series of its `target` was given")]
    TargetMissing,

    /// Too few days to fit weights on.
    #[error(
        "`fit.days` is {needed}, and the replica has {found} days on which every leg and {target} moved from a close \
         to a close; write fewer, or give a longer record"
    )]
    TooFewFitDays { target: Symbol, needed: usize, found: usize },

    /// Legs whose weights no regression can tell apart.
    #[error(
        "over {n_days} days the fitted legs move together and their weights cannot be told apart; fit fewer of them"
    )]
    LegsAlike { n_days: usize },

    /// Cash and positions do not add up to equity: a defect of this program, never of the input.
    #[error(
        "the ledger of {date} does not balance: positions say {by_positions}, lines say {by_lines}"
    )]
    Unbalanced { date: TradingDay, by_positions: f64, by_lines: f64 },

    /// Too few days to fit what was asked.
    #[error(
        "the attribution needs at least {needed} days with every factor, found {found}; give a longer record"
    )]
    TooFewFactorDays { needed: usize, found: usize },

    /// A statistic inside the analysis failed.
    #[error("cannot estimate {what}")]
    Statistic {
        what: &'static str,
        #[source]
        cause: StatError,
    },

    /// A day outside the calendar, or one the exchange was closed on.
    #[error(transparent)]
    Core(#[from] CoreError),

    /// A contract or option that could not be priced.
    #[error(transparent)]
    Market(#[from] MarketError),
}

/// Refuses a ratio or rate for which `is_legal` does not hold.
pub(crate) fn require_ratio(
    key: &'static str,
    found: f64,
    expected: &str,
    is_legal: bool,
) -> Result<(), Error> {
    if is_legal {
        Ok(())
    } else {
        Err(Error::RatioOutOfRange { key, found, expected: expected.to_owned() })
    }
}
