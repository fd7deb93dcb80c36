//! Why a question about stocks, futures or options could not be asked.

use shoals_core::{CoreError, FutureContract, FutureProduct, Symbol, TradingDay};
use shoals_stats::StatError;

/// Why market data could not be accepted, or a measure not taken from it.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "every field is named and explained by its message")]
pub enum MarketError {
    /// Stocks that are to be grouped, and none has an industry.
    #[error(
        "the expression groups stocks by industry, and no stock of the market has one; import a `security` table with \
         its column `industry`, or leave out group_rank, group_mean and group_neutral"
    )]
    NoIndustries,

    /// A column of a contract's history has not one value a day.
    #[error("`{column}` of {contract} has {found} values, expected {expected}, one a day")]
    UnevenHistory { contract: FutureContract, column: &'static str, found: usize, expected: usize },

    /// A record after the contract has expired.
    #[error("{contract} has a record on {day}, after its expiry on {expiry}")]
    AfterExpiry { contract: FutureContract, day: TradingDay, expiry: TradingDay },

    /// A contract of another product in a market.
    #[error("{contract} does not belong to the {} market", .product.code())]
    OtherProduct { contract: FutureContract, product: FutureProduct },

    /// A contract twice in a market.
    #[error("{contract} stands twice in its market")]
    ContractTwice { contract: FutureContract },

    /// A price that no market prints.
    #[error(
        "`{column}` of {name} is {found} on {day}, expected a positive number or a missing one"
    )]
    PriceNotPositive { name: String, column: &'static str, day: TradingDay, found: f64 },

    /// A market without what the question needs.
    #[error("the {} market has no {what} between {from} and {to}", .product.code())]
    NoData { product: FutureProduct, what: &'static str, from: TradingDay, to: TradingDay },

    /// A stock market with a security that is none.
    #[error("{symbol} is not an A share, so no board's rules hold for it")]
    NotAShare { symbol: Symbol },

    /// Not one listing for every symbol.
    #[error("there are {found} listings for {expected} symbols, expected one each in their order")]
    UnevenListings { found: usize, expected: usize },

    /// A day the market does not have.
    #[error("the stock market has no day {day}")]
    NoSuchDay { day: TradingDay },

    /// A universe that never had a stock.
    #[error("no stock is eligible on any day of rebalancing; relax `universe` or bring more days")]
    NoEligibleStock,

    /// A setting outside its legal range.
    #[error("`{field}` is {found}, expected {expected}")]
    SettingOutOfRange { field: &'static str, found: f64, expected: &'static str },

    /// An option chain without enough strikes quoted on both sides.
    #[error("needs at least {needed} strikes with a call and a put near the money, found {found}")]
    TooFewStrikes { needed: usize, found: usize },

    /// Columns of options of different lengths.
    #[error("`{column}` has {found} values, expected {expected}, one for each option")]
    UnevenOptions { column: &'static str, found: usize, expected: usize },

    /// A statistic inside the measure failed.
    #[error("cannot estimate {what}")]
    Statistic {
        what: &'static str,
        #[source]
        cause: StatError,
    },

    /// A step that needs what was not given.
    #[error("{wanted_by} needs `{what}`, which is not given")]
    NotGiven { what: &'static str, wanted_by: &'static str },

    /// An expression that cannot be read.
    #[error(transparent)]
    Expression(#[from] crate::factor::expression::ExpressionError),

    /// A day, symbol or series was not legal.
    #[error(transparent)]
    Core(#[from] CoreError),
}

/// Refuses a setting for which `is_legal` does not hold.
pub(crate) fn require_setting(
    field: &'static str,
    found: f64,
    expected: &'static str,
    is_legal: bool,
) -> Result<(), MarketError> {
    if is_legal { Ok(()) } else { Err(MarketError::SettingOutOfRange { field, found, expected }) }
}

/// Says which measure a statistic failed in.
pub(crate) fn statistic(what: &'static str) -> impl FnOnce(StatError) -> MarketError {
    move |cause| MarketError::Statistic { what, cause }
}
