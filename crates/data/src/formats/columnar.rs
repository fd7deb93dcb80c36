//! Typed columns of a Parquet file, read as a plan says.
//!
//! Numbers and days convert whole columns at a time; text columns go through the same cell readers as
//! a CSV file, so `--`, full-width digits and every code style mean the same in both.

use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef, Float64Array, RecordBatch, StringArray};
use arrow_cast::cast;
use arrow_schema::{DataType, TimeUnit};

use super::delimited::symbol::SymbolCoder;
use super::delimited::symbol::dictionary;
use super::delimited::{
    Action, Block, Column, Dialect, Finished, Parsed, Plan, Spot, Trouble, Troubles,
};
use super::text::corrupt;
use crate::DataError;

/// Reads every batch by the plan; batches are in file order.
///
/// # Errors
/// When a column's type or bytes cannot become what the plan asks for; file and column are named.
pub(crate) fn read(path: &Path, batches: &[RecordBatch], plan: &Plan) -> Result<Parsed, DataError> {
    let mut state = State {
        plan,
        coder: SymbolCoder::new(None),
        first_row: 0,
        rows: Vec::new(),
        has_gap: false,
        troubles: Troubles::new(),
    };
    let mut raw = Vec::with_capacity(batches.len());
    for batch in batches {
        raw.push(state.block(path, batch)?);
    }
    let values = state.coder.values();
    let blocks = raw.into_iter().map(|block| with_dictionary(block, &values)).collect();
    Ok(Parsed {
        blocks,
        symbols: state.coder.symbols().to_vec(),
        source_rows: state.has_gap.then_some(state.rows),
        troubles: state.troubles,
    })
}

/// A block whose symbol columns are still bare numbers.
struct RawBlock {
    columns: Vec<Option<(ArrayRef, bool)>>,
    n_rows: usize,
}

fn with_dictionary(block: RawBlock, values: &ArrayRef) -> Block {
    let columns = block.columns.into_iter().map(|column| {
        let (array, is_symbol) = column?;
        if !is_symbol {
            return Some(array);
        }
        let keys = array.as_primitive::<arrow_array::types::Int32Type>().clone();
        Some(dictionary(keys, values))
    });
    Block { columns: columns.collect(), n_rows: block.n_rows }
}

/// The error of a columnar operation with its place.
fn in_column(path: &Path, column: &str, error: DataError) -> DataError {
    match error {
        DataError::Arrow(cause) => corrupt(path, "Parquet", format!("column `{column}`: {cause}")),
        other => other,
    }
}

struct State<'a> {
    plan: &'a Plan,
    coder: SymbolCoder,
    first_row: u64,
    rows: Vec<u64>,
    has_gap: bool,
    troubles: Troubles,
}

impl State<'_> {
    fn block(&mut self, path: &Path, batch: &RecordBatch) -> Result<RawBlock, DataError> {
        let mut columns = Vec::with_capacity(self.plan.columns.len());
        for (i, planned) in self.plan.columns.iter().enumerate() {
            let is_symbol = matches!(planned.action, Action::Symbol(_));
            let column = match planned.action {
                Action::Skip => None,
                Action::Symbol(kind) => Some(self.symbols(batch.column(i), kind, i)),
                action => Some(self.values(batch.column(i), action, i)),
            };
            let column = column.transpose().map_err(|error| in_column(path, &planned.name, error));
            columns.push(column?.map(|array| (array, is_symbol)));
        }
        let block = self.without_keyless(columns, batch.num_rows())?;
        self.first_row += batch.num_rows() as u64;
        Ok(block)
    }

    /// Leaves out rows that lack a key and says so.
    fn without_keyless(
        &mut self,
        columns: Vec<Option<(ArrayRef, bool)>>,
        n_rows: usize,
    ) -> Result<RawBlock, DataError> {
        let is_null = |key: usize, row: usize| {
            columns[key].as_ref().is_some_and(|(array, _)| array.is_null(row))
        };
        let keys = &self.plan.keys;
        let keep: Vec<bool> =
            (0..n_rows).map(|row| !keys.iter().any(|&key| is_null(key, row))).collect();
        let first = self.first_row;
        self.rows.extend((0..n_rows).filter(|row| keep[*row]).map(|row| first + row as u64 + 1));
        if keep.iter().all(|kept| *kept) {
            return Ok(RawBlock { columns, n_rows });
        }
        self.has_gap = true;
        for row in (0..n_rows).filter(|row| !keep[*row]) {
            let key = *keys.iter().find(|&&key| is_null(key, row)).expect("one key is null");
            let is_told = [Trouble::BadDate, Trouble::BadSymbol]
                .iter()
                .any(|trouble| self.troubles.contains_key(&(*trouble, key)));
            if !is_told {
                self.note(Trouble::MissingKey, key, row, "an empty cell".to_owned());
            }
        }
        let filter = arrow_array::BooleanArray::from(keep);
        let kept: Result<Vec<_>, DataError> = columns
            .into_iter()
            .map(|column| {
                let Some((array, is_symbol)) = column else { return Ok(None) };
                Ok(Some((arrow_select::filter::filter(&array, &filter)?, is_symbol)))
            })
            .collect();
        Ok(RawBlock { columns: kept?, n_rows: filter.true_count() })
    }

    fn note(&mut self, trouble: Trouble, column: usize, row: usize, found: String) {
        let line = self.first_row + row as u64;
        let spot = self.troubles.entry((trouble, column)).or_insert(Spot { line, found, count: 0 });
        spot.count += 1;
    }

    fn symbols(
        &mut self,
        array: &ArrayRef,
        kind: Option<shoals_core::SecurityKind>,
        column: usize,
    ) -> Result<ArrayRef, DataError> {
        let text = cast(array, &DataType::Utf8)?;
        let mut own = SymbolCoder::new(kind);
        let mut keys: Vec<Option<i32>> = Vec::with_capacity(text.len());
        for (row, code) in text.as_string::<i32>().iter().enumerate() {
            let code = code.map(str::trim).filter(|code| !code.is_empty());
            let Some(code) = code else {
                keys.push(None);
                continue;
            };
            let known = own.code(code.as_bytes());
            if known.is_err() {
                self.note(Trouble::BadSymbol, column, row, format!("`{code}`"));
            }
            keys.push(known.ok());
        }
        let map: Vec<i32> = own.symbols().iter().map(|s| self.coder.of_symbol(*s)).collect();
        let keys: arrow_array::Int32Array =
            keys.into_iter().map(|key| key.map(|key| map[key as usize])).collect();
        Ok(Arc::new(keys))
    }

    fn values(
        &mut self,
        array: &ArrayRef,
        action: Action,
        column: usize,
    ) -> Result<ArrayRef, DataError> {
        let is_text = matches!(
            array.data_type(),
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Dictionary(..)
        );
        if is_text {
            return Ok(self.read_text(&cast(array, &DataType::Utf8)?, action, column));
        }
        Ok(match action {
            Action::Number(factor) => {
                self.note_not_finite(array, column)?;
                numbers(array, factor)?
            }
            Action::Count(factor) => {
                self.note_not_finite(array, column)?;
                counts(array, factor)?
            }
            Action::Day if array.data_type().is_integer() => {
                self.read_text(&cast(array, &DataType::Utf8)?, action, column)
            }
            Action::Day => cast(array, &DataType::Date32)?,
            Action::Timestamp => cast(array, &DataType::Timestamp(TimeUnit::Microsecond, None))?,
            Action::Flag | Action::TradeStatus if array.data_type().is_numeric() => {
                self.read_text(&cast(array, &DataType::Utf8)?, action, column)
            }
            Action::Flag => cast(array, &DataType::Boolean)?,
            Action::TradeStatus => {
                Arc::new(arrow::compute::not(cast(array, &DataType::Boolean)?.as_boolean())?)
            }
            _ => cast(array, &DataType::Utf8)?,
        })
    }

    /// Notes NaN and infinities, which become nulls.
    fn note_not_finite(&mut self, array: &ArrayRef, column: usize) -> Result<(), DataError> {
        if !array.data_type().is_floating() {
            return Ok(());
        }
        let doubles = cast(array, &DataType::Float64)?;
        let doubles = doubles.as_primitive::<Float64Type>();
        if doubles.values().iter().all(|x| x.is_finite()) {
            return Ok(());
        }
        for (row, x) in doubles.iter().enumerate() {
            let Some(x) = x.filter(|x| !x.is_finite()) else { continue };
            let trouble = if x.is_nan() { Trouble::NotANumber } else { Trouble::Infinite };
            self.note(trouble, column, row, format!("`{x}`"));
        }
        Ok(())
    }

    fn read_text(&mut self, array: &ArrayRef, action: Action, column: usize) -> ArrayRef {
        let dialect: Dialect = self.plan.dialect;
        let mut cells = Column::new(action, array.len());
        let texts: &StringArray = array.as_string::<i32>();
        for (row, text) in texts.iter().enumerate() {
            let Some(text) = text else {
                cells.push_null();
                continue;
            };
            if let Err(trouble) = cells.push_text(text, dialect) {
                self.note(trouble, column, row, format!("`{text}`"));
            }
        }
        match cells.finish() {
            Finished::Array(array) => array,
            Finished::Skip | Finished::Symbol(..) => Arc::clone(array),
        }
    }
}

/// Numbers of any width as doubles times the factor; what is not finite is no observation.
///
/// # Errors
/// When the column holds no numbers.
pub(crate) fn numbers(array: &ArrayRef, factor: f64) -> Result<ArrayRef, DataError> {
    let doubles = cast(array, &DataType::Float64)?;
    let doubles = doubles.as_primitive::<Float64Type>();
    // One division is rounded once; a factor below one is not exact itself.
    let inverse = factor.recip().round();
    let scaled =
        |x: f64| if factor < 1.0 && 1.0 / inverse == factor { x / inverse } else { x * factor };
    if doubles.values().iter().all(|x| x.is_finite()) {
        let numbers: Float64Array =
            if factor == 1.0 { doubles.clone() } else { doubles.unary(scaled) };
        return Ok(Arc::new(numbers));
    }
    let numbers = doubles.iter().map(|x| x.filter(|x| x.is_finite()).map(scaled));
    Ok(Arc::new(numbers.collect::<Float64Array>()))
}

/// Numbers of any width as whole ones after the factor.
///
/// # Errors
/// When the column holds no numbers.
pub(crate) fn counts(array: &ArrayRef, factor: f64) -> Result<ArrayRef, DataError> {
    if factor == 1.0 && array.data_type().is_integer() {
        return Ok(cast(array, &DataType::Int64)?);
    }
    let doubles = numbers(array, factor)?;
    let whole = doubles.as_primitive::<Float64Type>();
    Ok(Arc::new(whole.unary::<_, Int64Type>(|x| x.round() as i64)))
}
