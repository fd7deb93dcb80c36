//! Wide tables: days down, one security a column, one number in every cell.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Float64Type};
use arrow_array::{Array, ArrayRef, Date32Array, Float64Array, Int32Array, Int64Array};
use shoals_core::{SecurityKind, Symbol};

use super::delimited::symbol::{SymbolCoder, dictionary, kind_of, parse as parse_symbol};
use super::delimited::{
    Action, Block, Dialect, Parsed, Plan, PlannedColumn, Spot, Trouble, Troubles,
};
use super::headers::{heading, meaning};
use super::layout::{Feed, Layout, Output, Rows, symbol_column, wrong_constant};
use super::sniff::{Grid, date_format, samples};
use super::units::{dimension, factor};
use super::{DateFormat, ReadOptions, variant};
use crate::schema::{ColumnKind, ColumnSpec};
use crate::{DataError, MarketTable};

/// A wide table that was recognised.
pub(crate) struct Wide {
    /// 0-based line of the codes.
    pub(crate) header: usize,
    /// 0-based line of the first row of data.
    pub(crate) first_row: usize,
    /// Security of every column but the first.
    codes: Vec<Option<Symbol>>,
    /// What the cells hold, in the file's words, and its unit.
    value: Option<(String, Option<String>)>,
}

/// Lines above the data that may hold codes, names and units.
pub(super) const TITLES: usize = 12;

/// Recognises a wide table: a line whose cells, from the second on, are mostly codes.
pub(crate) fn recognise(grid: &Grid, options: &ReadOptions) -> Option<Wide> {
    let kind = options.kind.or(options.mapping.as_ref().and_then(|m| m.kind));
    let codes_of = |row: &Vec<String>| -> Vec<Option<Symbol>> {
        row.iter().skip(1).map(|cell| parse_symbol(cell, kind).ok()).collect()
    };
    let (header, codes) =
        grid.rows.iter().take(TITLES).enumerate().map(|(line, row)| (line, codes_of(row))).find(
            |(_, codes)| {
                let n = codes.iter().flatten().count();
                n >= 1 && n * 2 > codes.len()
            },
        )?;
    let is_day = |row: &Vec<String>| {
        row.first()
            .is_some_and(|cell| matches!(date_format(&[cell], true, ""), Ok(Some(_)) | Err(_)))
    };
    // A long table has codes in its rows, too, but never days before them on the same line.
    if is_day(&grid.rows[header]) {
        return None;
    }
    let first_row = grid.rows.iter().skip(header + 1).position(is_day)? + header + 1;
    let titles = grid.rows[..first_row].iter().flatten();
    let value = titles.map(|cell| (cell, heading(cell))).find_map(|(cell, h)| {
        let is_value =
            meaning(&h.folded).is_some_and(|m| m != "date" && m != "symbol" && m != "name");
        is_value.then(|| (cell.clone(), h.unit))
    });
    Some(Wide { header, first_row, codes, value })
}

impl Wide {
    /// How the cells are read, and what becomes of them.
    ///
    /// # Errors
    /// When it is not known what the cells hold.
    pub(crate) fn lay_out(
        &self,
        file: &str,
        stem: &str,
        grid: &Grid,
        options: &ReadOptions,
    ) -> Result<Layout, DataError> {
        let column = self.value_column(file, stem, options)?;
        let table = self.table(file, &column, options)?;
        let spec = table.columns().iter().find(|c| c.name == column);
        let spec = spec.ok_or_else(|| DataError::UnknownLayout {
            file: file.to_owned(),
            reason: format!("`{column}` is no column of {table}"),
        })?;
        let days = samples(grid, 0);
        let format = match options.date_format {
            Some(format) => format,
            None => date_format(&days, true, file)?.unwrap_or(DateFormat::Dashed),
        };
        let action = Action::Number(self.factor(file, table, &column, options)?);
        let names = &grid.rows[self.header];
        let mut columns = vec![PlannedColumn { name: names[0].clone(), action: Action::Day }];
        let cell = |(code, name): (&Option<Symbol>, &String)| PlannedColumn {
            name: name.clone(),
            action: if code.is_some() { action } else { Action::Skip },
        };
        columns.extend(self.codes.iter().zip(&names[1..]).map(cell));
        let told = told_variant(file, options)?;
        let feeds = table.columns().iter().map(|c| match c.name {
            "date" => Feed::Source(0),
            name if name == symbol_column(table) => Feed::Source(1),
            name if name == spec.name => Feed::Source(2),
            "variant" => told.clone().map_or(Feed::Variant, Feed::Text),
            _ => Feed::Null,
        });
        let output = Output { table, rows: Rows::All, feeds: feeds.collect() };
        Ok(Layout {
            plan: Plan {
                dialect: Dialect { delimiter: grid.delimiter, date_format: format },
                columns,
                keys: vec![0],
            },
            outputs: vec![output],
            findings: Vec::new(),
            source_columns: BTreeMap::from([("date".to_owned(), names[0].clone())]),
            expected_kind: None,
        })
    }

    /// The canonical column the cells hold.
    fn value_column(
        &self,
        file: &str,
        stem: &str,
        options: &ReadOptions,
    ) -> Result<String, DataError> {
        if let Some(value) = &options.value {
            return Ok(meaning(&heading(value).folded).map_or(value.clone(), str::to_owned));
        }
        let written = self.value.as_ref().map(|(cell, _)| cell.as_str());
        let known =
            written.into_iter().chain([stem]).find_map(|name| meaning(&heading(name).folded));
        known.map(str::to_owned).ok_or_else(|| DataError::Ambiguous {
            file: file.to_owned(),
            question: "it has days down and codes across, and does not say what its cells hold"
                .to_owned(),
            how: "--value close (or another column)".to_owned(),
        })
    }

    fn table(
        &self,
        file: &str,
        column: &str,
        options: &ReadOptions,
    ) -> Result<MarketTable, DataError> {
        if let Some(table) = options.table.or(options.mapping.as_ref().and_then(|m| m.table)) {
            return Ok(table);
        }
        let kinds: Vec<Option<SecurityKind>> =
            self.codes.iter().flatten().map(|s| kind_of(*s)).collect();
        let first = kinds.first().copied().flatten();
        if kinds.iter().any(|kind| *kind != first) {
            return Err(DataError::Ambiguous {
                file: file.to_owned(),
                question: "its columns are securities of several kinds".to_owned(),
                how: "--table index_daily (or another table)".to_owned(),
            });
        }
        let is_valuation = MarketTable::StockValuation.columns().iter().any(|c| c.name == column);
        Ok(match first {
            Some(SecurityKind::Stock) if is_valuation => MarketTable::StockValuation,
            Some(SecurityKind::Stock) => MarketTable::StockDaily,
            Some(SecurityKind::Etf) => MarketTable::EtfDaily,
            Some(SecurityKind::Fund) => MarketTable::FundNav,
            Some(SecurityKind::Future) => MarketTable::FutureDaily,
            Some(SecurityKind::Option) => MarketTable::OptionDaily,
            Some(SecurityKind::Index) if column == "dividend_yield" => MarketTable::IndexValuation,
            Some(SecurityKind::Index) | None => MarketTable::IndexDaily,
        })
    }

    fn factor(
        &self,
        file: &str,
        table: MarketTable,
        column: &str,
        options: &ReadOptions,
    ) -> Result<f64, DataError> {
        let dimension = dimension(table, column);
        let written = self.value.as_ref().and_then(|(_, unit)| unit.as_ref());
        let Some(unit) = options.units.get(column).or(written) else {
            let is_plain = dimension == super::units::Dimension::Plain;
            return if is_plain { Ok(1.0) } else { Err(unit_question(file, column, dimension)) };
        };
        factor(unit, dimension).ok_or_else(|| unit_question(file, column, dimension))
    }

    /// One row a day and security: cells become rows, empty ones none.
    pub(crate) fn unfold(&self, parsed: &Parsed, layout: &Layout) -> Parsed {
        let mut coder = SymbolCoder::new(None);
        let named = self.codes.iter().map(|code| code.map(|code| coder.of_symbol(code)));
        let keys: Vec<Option<i32>> = std::iter::once(None).chain(named).collect();
        let melted = melt(parsed, 0, &keys);
        let columns: Vec<Option<ArrayRef>> = vec![
            Some(Arc::new(Date32Array::from(melted.days))),
            Some(dictionary(Int32Array::from(melted.keys), &coder.values())),
            Some(if are_counts(layout) {
                Arc::new(
                    melted.values.iter().map(|x| Some(x.round() as i64)).collect::<Int64Array>(),
                )
            } else {
                Arc::new(Float64Array::from(melted.values))
            }),
        ];
        Parsed {
            blocks: vec![Block { columns, n_rows: melted.rows.len() }],
            symbols: coder.symbols().to_vec(),
            source_rows: Some(melted.rows),
            troubles: with_one_not_a_number(&parsed.troubles),
        }
    }
}

/// Whether the cells count something.
fn are_counts(layout: &Layout) -> bool {
    let columns = |output: &Output| output.table.columns().iter().zip(output.feeds.clone());
    let is_count = |(column, feed): (&ColumnSpec, Feed)| {
        matches!(feed, Feed::Source(2)) && column.kind == ColumnKind::Count
    };
    layout.outputs.iter().flat_map(columns).any(is_count)
}

/// The filled cells of a wide sheet, one a row.
pub(super) struct Melted<K> {
    pub(super) days: Vec<i32>,
    pub(super) keys: Vec<K>,
    pub(super) values: Vec<f64>,
    /// Source row of each.
    pub(super) rows: Vec<u64>,
}

/// Takes the cells of every column that has a key, by row; `day` is the column of the days.
pub(super) fn melt<K: Copy>(parsed: &Parsed, day: usize, keys: &[Option<K>]) -> Melted<K> {
    let mut melted =
        Melted { days: Vec::new(), keys: Vec::new(), values: Vec::new(), rows: Vec::new() };
    let mut at = 0;
    for block in &parsed.blocks {
        let days = block.columns[day].as_ref().expect("days are read").as_primitive::<Date32Type>();
        for row in 0..block.n_rows {
            let source_row = parsed.source_rows.as_ref().map_or(at + 1, |r| r[at as usize]);
            for (column, key) in block.columns.iter().zip(keys) {
                let (Some(column), Some(key)) = (column, key) else { continue };
                let column = column.as_primitive::<Float64Type>();
                if column.is_null(row) {
                    continue;
                }
                melted.days.push(days.value(row));
                melted.keys.push(*key);
                melted.values.push(column.value(row));
                melted.rows.push(source_row);
            }
            at += 1;
        }
    }
    melted
}

/// The cells that are `NaN` as one trouble, the first of them named: in a wide sheet it is how a whole
/// block of securities is left blank.
fn with_one_not_a_number(troubles: &Troubles) -> Troubles {
    let is_nan = |key: &(Trouble, usize)| key.0 == Trouble::NotANumber;
    let (blanks, mut others): (Troubles, Troubles) =
        troubles.clone().into_iter().partition(|(key, _)| is_nan(key));
    let count = blanks.values().map(|spot| spot.count).sum();
    if let Some((key, spot)) = blanks.into_iter().min_by_key(|(key, spot)| (spot.line, key.1)) {
        others.insert(key, Spot { count, ..spot });
    }
    others
}

/// The variant a mapping file states for every row.
fn told_variant(file: &str, options: &ReadOptions) -> Result<Option<String>, DataError> {
    let constant = options.mapping.as_ref().and_then(|m| m.constants.get("variant"));
    match constant.filter(|word| !variant::is_word(word)) {
        Some(word) => Err(wrong_constant(file, "variant", word)),
        None => Ok(constant.cloned()),
    }
}

fn unit_question(file: &str, column: &str, dimension: super::units::Dimension) -> DataError {
    DataError::Ambiguous {
        file: file.to_owned(),
        question: format!("the unit of {column} is not written anywhere, or does not fit it"),
        how: format!("--unit {column}=UNIT with one of {}", super::units::legal(dimension)),
    }
}
