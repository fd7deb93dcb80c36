//! The default market, generated once for a test binary, and short words to read it.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses its own part")]

use std::collections::BTreeMap;
use std::sync::OnceLock;

use shoals_core::{Seed, Symbol, Table, TradingDay, Values};
use shoals_sample::{SampleConfig, SampleMarket, generate};

/// The default market.
pub fn market() -> &'static SampleMarket {
    static MARKET: OnceLock<SampleMarket> = OnceLock::new();
    MARKET.get_or_init(|| generate(&SampleConfig::default(), Seed::default()).unwrap())
}

/// A table by name.
pub fn table(name: &str) -> &'static Table {
    market().tables.iter().find(|table| table.name() == name).unwrap()
}

/// A day column.
pub fn days<'a>(table: &'a Table, column: &str) -> &'a [TradingDay] {
    let Values::Day(values) = &table.column(column).unwrap().values else { panic!("{column}") };
    values
}

/// A symbol column.
pub fn symbols<'a>(table: &'a Table, column: &str) -> &'a [Symbol] {
    let Values::Symbol(values) = &table.column(column).unwrap().values else { panic!("{column}") };
    values
}

/// A count column.
pub fn counts<'a>(table: &'a Table, column: &str) -> &'a [i64] {
    let Values::Count(values) = &table.column(column).unwrap().values else { panic!("{column}") };
    values
}

/// A flag column.
pub fn flags<'a>(table: &'a Table, column: &str) -> &'a [bool] {
    let Values::Flag(values) = &table.column(column).unwrap().values else { panic!("{column}") };
    values
}

/// The close of an index on a day.
pub fn index_close(symbol: Symbol, day: TradingDay) -> f64 {
    let series = index_series(symbol);
    series[market().truth.path.days.binary_search(&day).unwrap()]
}

/// Every close of an index.
pub fn index_series(symbol: Symbol) -> &'static [f64] {
    static CLOSES: OnceLock<BTreeMap<Symbol, Vec<f64>>> = OnceLock::new();
    let closes = CLOSES.get_or_init(|| {
        let indices = table("index_daily");
        let mut closes: BTreeMap<Symbol, Vec<f64>> = BTreeMap::new();
        for (&symbol, &close) in
            symbols(indices, "symbol").iter().zip(indices.numbers("close").unwrap())
        {
            closes.entry(symbol).or_default().push(close);
        }
        closes
    });
    &closes[&symbol]
}
