//! Real stocks as the data room reads them, scattered into a dense market.

use std::collections::HashMap;
use std::path::Path;

use shoals_core::{Panel, Series, Symbol, Table, TradingDay, Values};
use shoals_data::formats::{Profile, ReadOptions, read};
use shoals_data::{Loaded, MarketTable, arrow_table};
use shoals_market::universe::{Listing, StockMarket};

/// The columns of a table that a file holds.
fn table(loaded: &[Loaded], table: MarketTable, columns: &[&str]) -> Table {
    let batches = loaded.iter().filter(|one| one.table == table).flat_map(|one| &one.batches);
    let narrow = batches.map(|batch| {
        let places: Vec<usize> =
            columns.iter().map(|name| batch.schema().index_of(name).expect("a column")).collect();
        batch.project(&places).expect("columns that are there")
    });
    arrow_table::from_batches(table.name(), &narrow.collect::<Vec<_>>()).expect("a plain table")
}

fn read_auto(path: &Path) -> Vec<Loaded> {
    read(Profile::Auto, path, &ReadOptions::default(), &|_, _| {}).expect("a known file")
}

fn days(table: &Table) -> &[TradingDay] {
    let Values::Day(days) = &table.column("date").expect("days").values else { panic!("days") };
    days
}

fn symbols(table: &Table) -> &[Symbol] {
    let Values::Symbol(symbols) = &table.column("symbol").expect("symbols").values else {
        panic!("symbols")
    };
    symbols
}

/// Where the rows of the stock tables belong in a dense panel.
pub(crate) struct Grid {
    pub(crate) days: Vec<TradingDay>,
    pub(crate) symbols: Vec<Symbol>,
    place: HashMap<Symbol, usize>,
}

impl Grid {
    fn of(daily: &Table) -> Self {
        let sorted = |mut values: Vec<TradingDay>| {
            values.sort_unstable();
            values.dedup();
            values
        };
        let days = sorted(days(daily).to_vec());
        let mut symbols = symbols(daily).to_vec();
        symbols.sort_unstable();
        symbols.dedup();
        let place = symbols.iter().enumerate().map(|(i, &symbol)| (symbol, i)).collect();
        Self { days, symbols, place }
    }

    fn blank(&self) -> Vec<f64> {
        vec![f64::NAN; self.days.len() * self.symbols.len()]
    }

    /// The cell of every row.
    fn cells(&self, table: &Table) -> Vec<usize> {
        let rows = days(table).iter().zip(symbols(table));
        rows.map(|(day, symbol)| {
            let t = self.days.binary_search(day).expect("a day of the panel");
            t * self.symbols.len() + self.place[symbol]
        })
        .collect()
    }
}

fn scatter(cells: &[usize], values: impl Iterator<Item = f64>, into: &mut [f64]) {
    for (&cell, value) in cells.iter().zip(values) {
        into[cell] = value;
    }
}

/// Real stocks as the store would give them, and what else the evidence needs.
pub(crate) struct World {
    pub(crate) grid: Grid,
    columns: Vec<(&'static str, Vec<f64>)>,
    listings: Vec<Listing>,
    /// Whether a name carried ST in March or August 2023.
    pub(crate) special_in_2023: Vec<bool>,
}

impl World {
    pub(crate) fn read(folder: &Path) -> Self {
        let loaded = read_auto(&folder.join("ashare_daily"));
        let daily = table(
            &loaded,
            MarketTable::StockDaily,
            &["date", "symbol", "close", "adjust_factor", "amount", "is_st", "is_suspended"],
        );
        let grid = Grid::of(&daily);
        let cells = grid.cells(&daily);
        let numbers = |name: &str| numbers_of(&daily, name).into_iter();
        let mut columns = Vec::new();
        for name in ["close", "amount", "is_st", "is_suspended"] {
            let mut values = grid.blank();
            scatter(&cells, numbers(name), &mut values);
            columns.push((name, values));
        }
        let mut adjusted = grid.blank();
        let unadjusted = numbers("close").zip(numbers("adjust_factor"));
        scatter(&cells, unadjusted.map(|(close, factor)| close * factor), &mut adjusted);
        let bars = table(&loaded, MarketTable::StockAdjustedDaily, &["date", "symbol", "close"]);
        scatter(&grid.cells(&bars), numbers_of(&bars, "close").into_iter(), &mut adjusted);
        columns.push(("adjusted_close", adjusted));
        let valued =
            table(&loaded, MarketTable::StockValuation, &["date", "symbol", "total_market_cap"]);
        let mut caps = grid.blank();
        scatter(
            &grid.cells(&valued),
            numbers_of(&valued, "total_market_cap").into_iter(),
            &mut caps,
        );
        columns.push(("total_market_cap", caps));
        let master = folder.join("security_master.parquet");
        let (august, march) = (Names::in_august(&master), Names::in_march(&master));
        let is_special = |s: &Symbol| august.is_special(*s) || march.is_special(*s);
        Self {
            listings: grid.symbols.iter().map(|s| august.listing(*s)).collect(),
            special_in_2023: grid.symbols.iter().map(is_special).collect(),
            grid,
            columns,
        }
    }

    pub(crate) fn column(&self, name: &str) -> &[f64] {
        &self.columns.iter().find(|column| column.0 == name).expect("a column").1
    }

    /// The market with one column in place of another of that name, and more columns.
    pub(crate) fn market(&self, replaced: &[(&'static str, Vec<f64>)]) -> StockMarket {
        let (days, symbols) = (self.grid.days.clone(), self.grid.symbols.clone());
        let mut panel = Panel::new(days, symbols).expect("rising days");
        let kept = self.columns.iter().filter(|c| replaced.iter().all(|r| r.0 != c.0));
        for (name, values) in kept.chain(replaced) {
            panel = panel.with_column(*name, values.clone()).expect("a whole column");
        }
        StockMarket::new(panel, self.listings.clone()).expect("a legal market")
    }

    /// A flag of every stock, the same on every day.
    pub(crate) fn flag(&self, is_set: impl Fn(usize) -> bool) -> Vec<f64> {
        let row = (0..self.grid.symbols.len()).map(|i| f64::from(u8::from(is_set(i))));
        let row: Vec<f64> = row.collect();
        row.repeat(self.grid.days.len())
    }

    /// Whether a stock's prices end before the panel does.
    pub(crate) fn leaves(&self) -> Vec<bool> {
        let width = self.grid.symbols.len();
        let prices = self.column("adjusted_close");
        let last = &prices[prices.len() - width..];
        last.iter().map(|price| price.is_nan()).collect()
    }
}

/// Names and listing days by symbol.
struct Names(HashMap<Symbol, Listing>);

impl Names {
    fn in_august(master: &Path) -> Self {
        let loaded = read_auto(master);
        let known = table(&loaded, MarketTable::Security, &["symbol", "name", "listed_on"]);
        let Values::Day(listed) = &known.column("listed_on").expect("days").values else {
            panic!("days")
        };
        let rows = symbols(&known).iter().zip(texts(&known)).zip(listed);
        let listing = |((&symbol, name), &day): ((&Symbol, &String), &TradingDay)| {
            (symbol, Listing { listed_on: Some(day), name: name.clone() })
        };
        Self(rows.map(listing).collect())
    }

    fn in_march(master: &Path) -> Self {
        let mapping = "table = \"security\"\nkind = \"stock\"\n\
                       [columns]\ncode = \"symbol\"\nname_2023_03 = \"name\"\n";
        let mapping = Some(mapping.parse().expect("a legal mapping"));
        let options = ReadOptions { mapping, ..ReadOptions::default() };
        let loaded = read(Profile::Parquet, master, &options, &|_, _| {}).expect("a file");
        let known = table(&loaded, MarketTable::Security, &["symbol", "name"]);
        let rows = symbols(&known).iter().zip(texts(&known));
        Self(rows.map(|(&s, name)| (s, Listing { listed_on: None, name: name.clone() })).collect())
    }

    fn listing(&self, symbol: Symbol) -> Listing {
        self.0.get(&symbol).cloned().unwrap_or_default()
    }

    fn is_special(&self, symbol: Symbol) -> bool {
        let name = self.listing(symbol).name;
        name.contains("ST") || name.contains('退')
    }
}

/// A column of numbers, or of flags as 1 and 0.
fn numbers_of(table: &Table, name: &str) -> Vec<f64> {
    match &table.column(name).expect("a column").values {
        Values::Flag(flags) => flags.iter().map(|&flag| f64::from(u8::from(flag))).collect(),
        Values::Number(numbers) => numbers.clone(),
        other => panic!("{name} holds {} values that are no numbers", other.len()),
    }
}

fn texts(table: &Table) -> &[String] {
    let Values::Text(names) = &table.column("name").expect("names").values else { panic!("text") };
    names
}

pub(crate) fn index_series(folder: &Path, file: &str, symbol: &str) -> Series {
    let levels = table(
        &read_auto(&folder.join(file)),
        MarketTable::IndexDaily,
        &["date", "symbol", "close"],
    );
    let rows =
        days(&levels).iter().zip(symbols(&levels)).zip(levels.numbers("close").expect("levels"));
    let own =
        rows.filter(|((_, s), _)| s.as_str() == symbol).map(|((&day, _), &close)| (day, close));
    let (days, closes): (Vec<_>, Vec<_>) = own.unzip();
    Series::new(symbol, days, closes).expect("rising days")
}
