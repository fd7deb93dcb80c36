//! The stocks of a market, day by day, as the universe and the indices read them.

use serde::{Deserialize, Serialize};
use shoals_core::{Board, Panel, Symbol, TradingDay};

use crate::MarketError;

/// What is known of a security itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listing {
    /// First trading day; when unknown, the first day with a price after the panel's first day.
    pub listed_on: Option<TradingDay>,
    /// Name, read for `ST` and `退` when the universe says so; may be empty.
    pub name: String,
}

/// Which capitalisation orders and weighs stocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MarketCap {
    /// All shares.
    #[default]
    Total,
    /// Shares that trade freely.
    FreeFloat,
}

impl MarketCap {
    /// The panel column that holds it, CNY.
    pub const fn column(self) -> &'static str {
        match self {
            Self::Total => "total_market_cap",
            Self::FreeFloat => "free_float_market_cap",
        }
    }
}

/// Prices, sizes and standing of every stock on every day.
///
/// | column of the panel | | |
/// |---|---|---|
/// | `adjusted_close` | needed | close with dividends and splits, any scale |
/// | `total_market_cap`, `free_float_market_cap` | the one asked for | CNY |
/// | `amount` | for capacity | CNY traded that day |
/// | `close` | optional | unadjusted CNY; makes price limits exact to the fen |
/// | `limit_up`, `limit_down` | optional | CNY, win over the rules where given |
/// | `is_st`, `is_suspended`, `is_excluded` | optional | 1 or 0; `is_excluded` is the user's own filter |
///
/// Missing: NaN is "no observation". No price means the stock cannot be traded; an unknown flag means
/// the ordinary case (but see [`super::NameRule`]).
#[derive(Debug, Clone, PartialEq)]
pub struct StockMarket {
    panel: Panel,
    listings: Vec<Listing>,
    boards: Vec<Board>,
    first_priced: Vec<usize>,
}

impl StockMarket {
    /// A market of `panel` with one listing a symbol, in the panel's order.
    ///
    /// # Errors
    /// A symbol that is no A share, no column `adjusted_close`, a price that is not positive, or not one
    /// listing a symbol.
    pub fn new(panel: Panel, listings: Vec<Listing>) -> Result<Self, MarketError> {
        if listings.len() != panel.n_symbols() {
            return Err(MarketError::UnevenListings {
                found: listings.len(),
                expected: panel.n_symbols(),
            });
        }
        let boards = panel.symbols().iter().map(|&symbol| board_of(symbol));
        let boards = boards.collect::<Result<_, _>>()?;
        let first_priced = first_priced(&panel)?;
        Ok(Self { panel, listings, boards, first_priced })
    }

    /// The days, rising.
    pub fn days(&self) -> &[TradingDay] {
        self.panel.days()
    }

    /// The symbols, in column order.
    pub fn symbols(&self) -> &[Symbol] {
        self.panel.symbols()
    }

    /// The panel.
    pub fn panel(&self) -> &Panel {
        &self.panel
    }

    /// What is known of each security, in column order.
    pub fn listings(&self) -> &[Listing] {
        &self.listings
    }

    /// The board of each stock, in column order.
    pub fn boards(&self) -> &[Board] {
        &self.boards
    }

    /// Position of the day among [`StockMarket::days`].
    ///
    /// # Errors
    /// When the market has no such day.
    pub fn day_index(&self, day: TradingDay) -> Result<usize, MarketError> {
        self.days().binary_search(&day).map_err(|_| MarketError::NoSuchDay { day })
    }

    /// When a stock was first listed, and whether the market saw it come; none when unknown and before
    /// the first day.
    pub(super) fn listed_on(&self, symbol_index: usize) -> Option<TradingDay> {
        let seen = self.first_priced[symbol_index];
        let came = (seen > 0).then(|| self.days().get(seen).copied()).flatten();
        self.listings[symbol_index].listed_on.or(came)
    }

    /// The market as it stood at the close of `last`.
    #[must_use]
    pub fn up_to(&self, last: TradingDay) -> Self {
        let panel = self.panel.up_to(last);
        let first_priced = self.first_priced.iter().map(|&t| t.min(panel.n_days())).collect();
        let (listings, boards) = (self.listings.clone(), self.boards.clone());
        Self { panel, listings, boards, first_priced }
    }

    /// All values of a needed column.
    ///
    /// # Errors
    /// When there is no such column.
    pub(crate) fn needed(&self, column: &str) -> Result<&[f64], MarketError> {
        Ok(self.panel.column(column)?)
    }

    /// Closes with dividends and splits, day-major.
    pub(crate) fn adjusted_close(&self) -> &[f64] {
        self.panel.column(ADJUSTED_CLOSE).expect("checked when the market was made")
    }
}

const ADJUSTED_CLOSE: &str = "adjusted_close";

fn board_of(symbol: Symbol) -> Result<Board, MarketError> {
    symbol.board().ok_or(MarketError::NotAShare { symbol })
}

/// The first day with a price of each stock, `n_days` for none; refuses prices that are not positive.
fn first_priced(panel: &Panel) -> Result<Vec<usize>, MarketError> {
    let width = panel.n_symbols();
    let mut first = vec![panel.n_days(); width];
    for (cell, &price) in panel.column(ADJUSTED_CLOSE)?.iter().enumerate() {
        if price.is_nan() {
            continue;
        }
        let (t, i) = (cell / width, cell % width);
        if price <= 0.0 || price.is_infinite() {
            return Err(MarketError::PriceNotPositive {
                name: panel.symbols()[i].to_string(),
                column: ADJUSTED_CLOSE,
                day: panel.days()[t],
                found: price,
            });
        }
        first[i] = first[i].min(t);
    }
    Ok(first)
}
