//! Why a study could not be run.

use shoals_core::{CoreError, Symbol, TradingDay};

/// Why a study could not be read, gathered or run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "every field is named and explained by its message")]
pub enum StudyError {
    /// A study file that is not legal.
    #[error("the study is not legal: {reason}")]
    Config { reason: String },

    /// A series the market does not hold.
    #[error("the market holds no index or fund {symbol}; it holds {available}")]
    NoSeries { symbol: Symbol, available: String },

    /// A fund the market or file does not hold.
    #[error("there is no fund `{fund}`; there are {available}")]
    NoFund { fund: String, available: String },

    /// A fund that could not be examined.
    #[error(transparent)]
    Fund(#[from] shoals_fund::FundError),

    /// A contract the market does not hold.
    #[error("the market holds no record of {contract}; import it, or name its file with --futures")]
    NoContract { contract: Symbol },

    /// A market without stocks on the days asked for.
    #[error(
        "the market holds no prices of stocks on these days; import daily bars with an adjust factor, \
         or adjusted bars"
    )]
    NoStocks,

    /// Days the stocks do not reach.
    #[error("`from` is {from}, after the last day of the stocks, {last}")]
    NothingFrom { from: TradingDay, last: TradingDay },

    /// A factor of the user's own that was not read.
    #[error("the values of factor `{name}` were not read from its file")]
    NoFactor { name: String },

    /// A basket that was not read.
    #[error("the names of basket `{path}` were not read from its file")]
    NoBasket { path: String },

    /// Members of an index the market does not hold.
    #[error("the market holds no members of {index}; it holds those of {}", listed(available))]
    NoMembers { index: Symbol, available: Vec<Symbol> },

    /// An implied volatility the market does not hold.
    #[error("the market holds no implied volatility of {underlying}; it holds {available}")]
    NoImpliedVolatility { underlying: Symbol, available: String },

    /// Days a chain does not reach.
    #[error("the chain of {underlying} has no quote in the days asked for")]
    NoQuotes { underlying: Symbol },

    /// A table that does not carry its canonical columns.
    #[error("table `{table}` does not hold column `{column}` in its canonical type")]
    NotCanonical { table: String, column: String },

    /// A day, symbol or table that is not legal.
    #[error(transparent)]
    Core(#[from] CoreError),

    /// A scenario that is not legal.
    #[error(transparent)]
    Spiral(#[from] shoals_spiral::SpiralError),

    /// Reading or keeping data.
    #[error(transparent)]
    Data(#[from] shoals_data::DataError),

    /// A study none of whose analyses could be asked.
    #[error(
        "no analysis could be asked: {}",
        if reasons.is_empty() {
            "the study has no [[book]] and no [[replication]], and asks nothing else".to_owned()
        } else {
            reasons.join("; ")
        }
    )]
    NothingAnswered { reasons: Vec<String> },

    /// Terms of a product.
    #[error(transparent)]
    Product(#[from] shoals_product::Error),

    /// A warning that could not be read.
    #[error(transparent)]
    Warning(#[from] shoals_warning::WarningError),

    /// The built-in market.
    #[error(transparent)]
    Sample(#[from] shoals_sample::SampleError),

    /// Futures that do not fit together.
    #[error(transparent)]
    Market(#[from] shoals_market::MarketError),
}

fn listed(symbols: &[Symbol]) -> String {
    let symbols: Vec<String> = symbols.iter().map(Symbol::to_string).collect();
    if symbols.is_empty() { "none".to_owned() } else { symbols.join(", ") }
}
