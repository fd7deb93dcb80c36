//! The big tables, column by column: `stock_daily`, `stock_valuation`, `security`.

use rayon::prelude::*;
use shoals_core::{Board, Symbol, Table, TradingDay};

use crate::stock::Bar;
use crate::universe::{INDUSTRIES, Stock};

/// A column of numbers and how a bar fills it.
struct NumberColumn {
    name: &'static str,
    about: &'static str,
    get: fn(&Bar) -> f64,
    values: Vec<f64>,
}

type NumberSpec = (&'static str, &'static str, fn(&Bar) -> f64);

/// `stock_daily` from the open to the reference price.
const PRICES: &[NumberSpec] = &[
    ("open", "CNY, unadjusted", |b| b.open),
    ("high", "CNY, unadjusted", |b| b.high),
    ("low", "CNY, unadjusted", |b| b.low),
    ("close", "CNY, unadjusted", |b| b.close),
    ("pre_close", "CNY, the ex-right reference price of the day", |b| b.pre_close),
];

/// `stock_daily` from the amount to the shares.
const QUANTITIES: &[NumberSpec] = &[
    ("amount", "CNY", |b| b.amount),
    ("adjust_factor", "close times this is the adjusted close, 1 at first", |b| b.adjust_factor),
    ("total_shares", "shares", |b| b.total_shares),
    ("free_float_shares", "shares", |b| b.free_float_shares),
];

/// `stock_daily`, the last two columns.
const LIMITS: &[NumberSpec] = &[
    ("limit_up", "CNY, highest legal price; missing without limit", |b| b.limit_up),
    ("limit_down", "CNY, lowest legal price; missing without limit", |b| b.limit_down),
];

/// Columns of `stock_valuation` that are numbers.
const VALUATION: &[NumberSpec] = &[
    ("pb", "price to book", |b| b.close * b.total_shares / b.book),
    ("pe_ttm", "price to earnings of twelve months; missing at a loss", price_to_earnings),
    ("ps_ttm", "price to sales of twelve months", |b| b.close * b.total_shares / b.sales),
    ("dividend_yield", "decimal a year", |b| b.dividend_ttm / b.close),
    ("total_market_cap", "CNY", |b| b.close * b.total_shares),
    ("free_float_market_cap", "CNY", |b| b.close * b.free_float_shares),
];

fn price_to_earnings(bar: &Bar) -> f64 {
    let earnings = bar.book * bar.return_on_equity;
    if earnings > 0.0 { bar.close * bar.total_shares / earnings } else { f64::NAN }
}

/// The growing columns, day-major, symbols rising within a day.
pub(crate) struct StockColumns {
    days: Vec<TradingDay>,
    symbols: Vec<Symbol>,
    volume: Vec<i64>,
    is_special: Vec<bool>,
    is_suspended: Vec<bool>,
    prices: Vec<NumberColumn>,
    quantities: Vec<NumberColumn>,
    limits: Vec<NumberColumn>,
    valuation: Vec<NumberColumn>,
}

impl StockColumns {
    pub(crate) fn with_capacity(n_rows: usize) -> Self {
        let columns = |specs: &[NumberSpec]| {
            let column = |&(name, about, get)| NumberColumn {
                name,
                about,
                get,
                values: Vec::with_capacity(n_rows),
            };
            specs.iter().map(column).collect()
        };
        Self {
            days: Vec::with_capacity(n_rows),
            symbols: Vec::with_capacity(n_rows),
            volume: Vec::with_capacity(n_rows),
            is_special: Vec::with_capacity(n_rows),
            is_suspended: Vec::with_capacity(n_rows),
            prices: columns(PRICES),
            quantities: columns(QUANTITIES),
            limits: columns(LIMITS),
            valuation: columns(VALUATION),
        }
    }

    /// Adds a month of bars (stock-major) in day order.
    pub(crate) fn append(&mut self, stocks: &[Stock], bars: &[Bar], days: &[TradingDay]) {
        let width = days.len();
        let listed: Vec<&Bar> = (0..width)
            .flat_map(|d| (0..stocks.len()).map(move |k| &bars[k * width + d]))
            .filter(|bar| bar.is_listed)
            .collect();
        let numbers =
            [&mut self.prices, &mut self.quantities, &mut self.limits, &mut self.valuation];
        let mut numbers: Vec<&mut NumberColumn> = numbers.into_iter().flatten().collect();
        let (keys, flags) = (
            (&mut self.days, &mut self.symbols),
            (&mut self.volume, &mut self.is_special, &mut self.is_suspended),
        );
        rayon::join(
            || {
                numbers.par_iter_mut().for_each(|column| {
                    column.values.extend(listed.iter().map(|bar| (column.get)(bar)));
                });
            },
            || {
                append_keys(keys, stocks, bars, days);
                flags.0.extend(listed.iter().map(|bar| bar.volume));
                flags.1.extend(listed.iter().map(|bar| bar.is_special));
                flags.2.extend(listed.iter().map(|bar| bar.is_suspended));
            },
        );
    }

    /// `stock_daily` and `stock_valuation`, columns in the order of the market tables.
    pub(crate) fn into_tables(self) -> [Table; 2] {
        let key = |name: &str, days, symbols| {
            Table::new(name).with("date", "exchange day", days).with("symbol", "stock", symbols)
        };
        let valuation = key("stock_valuation", self.days.clone(), self.symbols.clone());
        let daily = with_numbers(key("stock_daily", self.days, self.symbols), self.prices).with(
            "volume",
            "shares",
            self.volume,
        );
        let daily = with_numbers(daily, self.quantities)
            .with("is_st", "special treatment", self.is_special)
            .with("is_suspended", "no trading that day", self.is_suspended);
        [with_numbers(daily, self.limits), with_numbers(valuation, self.valuation)]
    }
}

fn with_numbers(table: Table, columns: Vec<NumberColumn>) -> Table {
    columns
        .into_iter()
        .fold(table, |table, column| table.with(column.name, column.about, column.values))
}

/// Day and symbol of every listed bar, day by day.
fn append_keys(
    (all_days, symbols): (&mut Vec<TradingDay>, &mut Vec<Symbol>),
    stocks: &[Stock],
    bars: &[Bar],
    days: &[TradingDay],
) {
    for (d, &day) in days.iter().enumerate() {
        let is_listed = |k: &usize| bars[k * days.len() + d].is_listed;
        symbols.extend((0..stocks.len()).filter(is_listed).map(|k| stocks[k].symbol));
        all_days.resize(symbols.len(), day);
    }
}

/// `security`: what each stock is. A day that is not given is an empty text, as text columns say it.
pub(crate) fn security_table(stocks: &[Stock], days: &[TradingDay]) -> Table {
    let text = |f: &dyn Fn(&Stock) -> String| stocks.iter().map(f).collect::<Vec<String>>();
    let board = |stock: &Stock| match stock.board {
        Board::Main => "main",
        Board::Chinext => "chinext",
        Board::Star => "star",
        Board::Beijing => "beijing",
    };
    Table::new("security")
        .with("symbol", "security", stocks.iter().map(|stock| stock.symbol).collect::<Vec<_>>())
        .with("name", "name", text(&|stock| format!("示例{}", stock.symbol.code())))
        .with("kind", "stock", text(&|_| "stock".to_owned()))
        .with("board", "main, chinext, star or beijing", text(&|stock| board(stock).to_owned()))
        .with(
            "listed_on",
            "first trading day",
            stocks.iter().map(|s| s.listed_on).collect::<Vec<_>>(),
        )
        .with(
            "delisted_on",
            "last trading day, ISO text, empty while listed",
            text(&|stock| {
                if stock.delisted { days[stock.end - 1].to_string() } else { String::new() }
            }),
        )
        .with("industry", "industry", text(&|stock| INDUSTRIES[stock.industry].to_owned()))
}
