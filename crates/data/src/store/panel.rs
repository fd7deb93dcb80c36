//! Store tables as the series and panels that analyses read.

use std::collections::HashMap;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Int32Type};
use arrow_array::{Array, RecordBatch};
use rayon::prelude::*;
use shoals_core::{Panel, Series, Symbol, TradingDay};

use super::read::{numbers, symbol_column};
use super::{Selection, Store};
use crate::{DataError, MarketTable};

impl Store {
    /// One symbol's history of one column, over all days of the table.
    ///
    /// Missing: a day without a row is not in the series; a row without a value is NaN. Flags are 0 or 1.
    ///
    /// # Errors
    /// When the table has no symbols or days, the column holds no numbers, or a day stands twice (as in
    /// a table whose key has a third part).
    pub fn series(
        &self,
        table: MarketTable,
        symbol: Symbol,
        column: &str,
    ) -> Result<Series, DataError> {
        require_symbols(table)?;
        let asked = Selection::default().columns(["date", column]).symbols([symbol]);
        let (mut days, mut values) = (Vec::new(), Vec::new());
        for batch in self.read(table, &asked)? {
            days.extend(days_of(&batch));
            values.extend(column_numbers(table, &batch, 1, column)?);
        }
        Ok(Series::new(symbol.as_str(), days, values)?)
    }

    /// Columns of a table as a dense panel of every day and symbol that has a row between `from` and
    /// `to`, both included.
    ///
    /// Missing: a day and symbol without a row is NaN, as is a row without a value. Flags are 0 or 1.
    ///
    /// # Errors
    /// When the table has no symbols or days, or a column holds no numbers.
    pub fn panel(
        &self,
        table: MarketTable,
        columns: &[&str],
        from: Option<TradingDay>,
        to: Option<TradingDay>,
    ) -> Result<Panel, DataError> {
        let symbol = require_symbols(table)?;
        let names = ["date", symbol].into_iter().chain(columns.iter().copied());
        let batches = self.read(table, &Selection::default().columns(names).between(from, to))?;
        let grid = Grid::of(&batches)?;
        let filled: Vec<Vec<f64>> = (0..columns.len())
            .into_par_iter()
            .map(|i| grid.fill(table, &batches, i + 2, columns[i]))
            .collect::<Result<_, _>>()?;
        let mut panel = Panel::new(grid.days, grid.symbols)?;
        for (name, values) in columns.iter().zip(filled) {
            panel = panel.with_column(*name, values)?;
        }
        Ok(panel)
    }
}

fn require_symbols(table: MarketTable) -> Result<&'static str, DataError> {
    let has_days = table.columns()[0].name == "date";
    symbol_column(table).filter(|_| has_days).ok_or_else(|| DataError::WrongShape {
        table: table.name().to_owned(),
        reason: "it has no days and symbols to make a series or panel of".to_owned(),
    })
}

fn days_of(batch: &RecordBatch) -> impl Iterator<Item = TradingDay> + '_ {
    let days = batch.column(0).as_primitive::<Date32Type>().values();
    days.iter().map(|&day| TradingDay::from_epoch_days(day))
}

fn column_numbers(
    table: MarketTable,
    batch: &RecordBatch,
    index: usize,
    name: &str,
) -> Result<Vec<f64>, DataError> {
    numbers(batch.column(index)).ok_or_else(|| DataError::WrongShape {
        table: table.name().to_owned(),
        reason: format!("column `{name}` holds no numbers"),
    })
}

/// The days and symbols of a panel, and where the rows of each batch belong.
struct Grid {
    days: Vec<TradingDay>,
    symbols: Vec<Symbol>,
    /// For each batch, the cell of each row.
    cells: Vec<Vec<u32>>,
}

impl Grid {
    fn of(batches: &[RecordBatch]) -> Result<Self, DataError> {
        let mut days: Vec<TradingDay> = batches.iter().flat_map(days_of).collect();
        days.dedup();
        let symbols = symbols_of(batches)?;
        let place: HashMap<&str, u32> =
            symbols.iter().enumerate().map(|(i, s)| (s.as_str(), i as u32)).collect();
        let cells = batches.par_iter().map(|b| cells_of(b, &days, &place, symbols.len())).collect();
        Ok(Self { days, symbols, cells })
    }

    fn fill(
        &self,
        table: MarketTable,
        batches: &[RecordBatch],
        index: usize,
        name: &str,
    ) -> Result<Vec<f64>, DataError> {
        let mut values = vec![f64::NAN; self.days.len() * self.symbols.len()];
        for (batch, cells) in batches.iter().zip(&self.cells) {
            for (&cell, value) in cells.iter().zip(column_numbers(table, batch, index, name)?) {
                values[cell as usize] = value;
            }
        }
        Ok(values)
    }
}

/// Every symbol that has a row, sorted.
fn symbols_of(batches: &[RecordBatch]) -> Result<Vec<Symbol>, DataError> {
    let mut symbols = Vec::new();
    for batch in batches {
        let column = batch.column(1).as_dictionary::<Int32Type>();
        let texts = column.values().as_string::<i32>();
        let mut used = vec![false; texts.len()];
        column.keys().values().iter().for_each(|&key| used[key as usize] = true);
        for text in texts.iter().zip(used).filter_map(|(text, used)| text.filter(|_| used)) {
            symbols.push(Symbol::parse(text)?);
        }
        symbols.sort_unstable();
        symbols.dedup();
    }
    Ok(symbols)
}

fn cells_of(
    batch: &RecordBatch,
    days: &[TradingDay],
    place: &HashMap<&str, u32>,
    width: usize,
) -> Vec<u32> {
    let column = batch.column(1).as_dictionary::<Int32Type>();
    let texts = column.values().as_string::<i32>();
    let places: Vec<u32> =
        texts.iter().map(|t| t.and_then(|t| place.get(t)).copied().unwrap_or(0)).collect();
    let mut row = 0;
    days_of(batch)
        .zip(column.keys().values())
        .map(|(day, &key)| {
            if days.get(row) != Some(&day) {
                row = days.partition_point(|d| *d < day);
            }
            (row * width) as u32 + places[key as usize]
        })
        .collect()
}
