//! Bins side by side as market tables.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Date32Array, Float64Array, Int32Array, Int64Array};
use arrow_array::{RecordBatch, StringArray};
use shoals_core::{Finding, SecurityKind};

use super::bin::Bars;
use crate::formats::delimited::null_array;
use crate::formats::delimited::symbol::{SymbolCoder, dictionary, kind_of};
use crate::formats::text::name;
use crate::{DataError, Loaded, MarketTable};

/// The market tables of a store: stocks with factors, stocks without, indices.
pub(super) fn tables(
    path: &Path,
    calendar: &[i32],
    bars: &[Bars],
    mut findings: Vec<Finding>,
) -> Result<Vec<Loaded>, DataError> {
    let table_of = |bars: &Bars| match kind_of(bars.symbol) {
        Some(SecurityKind::Index) => MarketTable::IndexDaily,
        Some(SecurityKind::Etf) => MarketTable::EtfDaily,
        _ if bars.fields[5].is_empty() => MarketTable::StockAdjustedDaily,
        _ => MarketTable::StockDaily,
    };
    let mut loaded = Vec::new();
    for table in [
        MarketTable::StockDaily,
        MarketTable::StockAdjustedDaily,
        MarketTable::IndexDaily,
        MarketTable::EtfDaily,
    ] {
        let own: Vec<&Bars> = bars.iter().filter(|bars| table_of(bars) == table).collect();
        // A store in which every bin is broken still tells its findings, with an empty table.
        let is_last_resort = bars.is_empty() && table == MarketTable::StockDaily;
        if own.is_empty() && !is_last_resort {
            continue;
        }
        let (batch, rows) = batch(table, calendar, &own)?;
        loaded.push(Loaded {
            table,
            file: name(path),
            batches: vec![batch],
            source_rows: Some(rows),
            source_columns: BTreeMap::from([
                ("open".to_owned(), "$open".to_owned()),
                ("high".to_owned(), "$high".to_owned()),
                ("low".to_owned(), "$low".to_owned()),
                ("close".to_owned(), "$close".to_owned()),
                ("volume".to_owned(), "$volume".to_owned()),
                ("adjust_factor".to_owned(), "$factor".to_owned()),
            ]),
            findings: std::mem::take(&mut findings),
        });
    }
    Ok(loaded)
}

/// Rows of one table as they grow.
#[derive(Default)]
struct Rows {
    days: Vec<i32>,
    codes: Vec<i32>,
    prices: [Vec<Option<f64>>; 4],
    volume: Vec<Option<i64>>,
    amount: Vec<Option<f64>>,
    factor: Vec<Option<f64>>,
    positions: Vec<u64>,
}

fn batch(
    table: MarketTable,
    calendar: &[i32],
    bars: &[&Bars],
) -> Result<(RecordBatch, Vec<u64>), DataError> {
    let mut coder = SymbolCoder::new(None);
    let mut rows = Rows::default();
    for bars in bars {
        let code = coder.of_symbol(bars.symbol);
        rows.add(bars, code, calendar);
    }
    let values = coder.values();
    let schema = table.schema();
    let n = rows.days.len();
    let mut by_name = rows.columns(&values);
    let columns: Vec<ArrayRef> = schema
        .fields()
        .iter()
        .map(|field| match field.name().as_str() {
            "variant" => Arc::new(StringArray::from_iter_values(std::iter::repeat_n("price", n))),
            name => by_name.remove(name).unwrap_or_else(|| null_array(field.data_type(), n)),
        })
        .collect();
    Ok((RecordBatch::try_new(schema, columns)?, rows.positions))
}

impl Rows {
    /// Adds the days on which an instrument has a price; row numbers are positions in its bins.
    fn add(&mut self, bars: &Bars, code: i32, calendar: &[i32]) {
        let value = |field: usize, i: usize| {
            bars.fields[field].get(i).map(|x| f64::from(*x)).filter(|x| !x.is_nan())
        };
        for i in 0..bars.n {
            if (0..4).all(|field| value(field, i).is_none()) {
                continue;
            }
            let factor = value(5, i);
            let divisor = factor.unwrap_or(1.0);
            self.days.push(calendar[bars.start + i]);
            self.codes.push(code);
            for field in 0..4 {
                let raw = value(field, i).map(|price| price / divisor);
                self.prices[field].push(raw.map(|price| to_tick(price, factor.is_some())));
            }
            self.volume.push(value(4, i).map(|v| (v * divisor).round() as i64));
            self.amount.push(value(6, i));
            self.factor.push(factor);
            self.positions.push(i as u64 + 1);
        }
    }

    fn columns(&self, symbols: &ArrayRef) -> BTreeMap<&'static str, ArrayRef> {
        let number = |values: &Vec<Option<f64>>| -> ArrayRef {
            Arc::new(Float64Array::from(values.clone()))
        };
        let suspended: BooleanArray = self.volume.iter().map(|v| v.map(|v| v == 0)).collect();
        let codes = Int32Array::from(self.codes.clone());
        BTreeMap::from([
            ("date", Arc::new(Date32Array::from(self.days.clone())) as ArrayRef),
            ("symbol", dictionary(codes, symbols)),
            ("open", number(&self.prices[0])),
            ("high", number(&self.prices[1])),
            ("low", number(&self.prices[2])),
            ("close", number(&self.prices[3])),
            ("volume", Arc::new(Int64Array::from(self.volume.clone()))),
            ("amount", number(&self.amount)),
            ("adjust_factor", number(&self.factor)),
            ("is_suspended", Arc::new(suspended)),
        ])
    }
}

/// A price divided out of two 32-bit numbers, on its tick again where it lies next to one.
fn to_tick(price: f64, is_divided: bool) -> f64 {
    let tick = (price * 100.0).round() / 100.0;
    let is_near = (price - tick).abs() <= price.abs() * 1e-6;
    if is_divided && is_near { tick } else { price }
}
