//! Reading a version: only the files, columns and rows that were asked for.

use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Int32Type};
use arrow_array::{Array, ArrayRef, BooleanArray, RecordBatch, new_null_array};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowPredicateFn, ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
    RowFilter,
};
use parquet::errors::ParquetError;
use rayon::prelude::*;
use shoals_core::{Symbol, TradingDay};

use super::delta_log::DataFile;
use super::local_file;
use crate::schema::ColumnKind;
use crate::{DataError, MarketTable};

/// What to read of a table. The default is everything, in the store's own version.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Import to read at; the store's own version when `None`.
    pub version: Option<u64>,
    /// Columns, in this order; all of them when empty.
    pub columns: Vec<String>,
    /// Only rows of these symbols (contracts, funds, ... : the first symbol column of the key); all
    /// when empty.
    pub symbols: Vec<Symbol>,
    /// First day, included.
    pub from: Option<TradingDay>,
    /// Last day, included.
    pub to: Option<TradingDay>,
}

impl Selection {
    /// Only these columns.
    #[must_use]
    pub fn columns<T: Into<String>>(mut self, columns: impl IntoIterator<Item = T>) -> Self {
        self.columns = columns.into_iter().map(Into::into).collect();
        self
    }

    /// Only these symbols.
    #[must_use]
    pub fn symbols(mut self, symbols: impl IntoIterator<Item = Symbol>) -> Self {
        self.symbols = symbols.into_iter().collect();
        self
    }

    /// Only days from `from` to `to`, both included.
    #[must_use]
    pub fn between(mut self, from: Option<TradingDay>, to: Option<TradingDay>) -> Self {
        (self.from, self.to) = (from, to);
        self
    }
}

/// Rows decoded at a time.
const BATCH: usize = 1 << 16;

/// The rows of `files` that `selection` asks for, sorted by key.
pub(super) fn rows(
    table: MarketTable,
    directory: &Path,
    files: &[DataFile],
    selection: &Selection,
) -> Result<Vec<RecordBatch>, DataError> {
    let asked = asked_columns(table, &selection.columns)?;
    let mut wanted: Vec<&DataFile> =
        files.iter().filter(|file| may_hold(table, file, selection)).collect();
    wanted.sort_by_cached_key(|file| first_key(table, file));
    let batches: Vec<Vec<RecordBatch>> = wanted
        .par_iter()
        .with_max_len(1)
        .map(|file| read_file(table, &directory.join(&file.name), &asked, selection))
        .collect::<Result<_, _>>()?;
    Ok(batches.into_iter().flatten().collect())
}

/// Every row and column of a file under the table's schema.
pub(super) fn whole_file(table: MarketTable, path: &Path) -> Result<Vec<RecordBatch>, DataError> {
    read_file(table, path, &asked_columns(table, &[])?, &Selection::default())
}

/// The schema of the columns asked for.
fn asked_columns(table: MarketTable, columns: &[String]) -> Result<SchemaRef, DataError> {
    let schema = table.schema();
    if columns.is_empty() {
        return Ok(schema);
    }
    let field = |name: &String| {
        schema.field_with_name(name).cloned().map_err(|_| DataError::NotInStore {
            what: "column",
            name: format!("{table}.{name}"),
            available: table.columns().iter().map(|c| c.name).collect::<Vec<_>>().join(", "),
        })
    };
    Ok(Arc::new(Schema::new(columns.iter().map(field).collect::<Result<Vec<Field>, _>>()?)))
}

/// The day column, when the table has days.
fn day_column(table: MarketTable) -> Option<&'static str> {
    let first = table.columns()[0];
    (first.kind == ColumnKind::Day).then_some(first.name)
}

/// The first symbol column of the key, when there is one.
pub(super) fn symbol_column(table: MarketTable) -> Option<&'static str> {
    table.key().iter().find(|column| column.kind == ColumnKind::Symbol).map(|column| column.name)
}

/// Whether the log leaves open that a file holds a row asked for.
fn may_hold(table: MarketTable, file: &DataFile, selection: &Selection) -> bool {
    let Some(day) = day_column(table) else { return true };
    let (low, high) = file.range(day);
    let known = |value: &serde_json::Value| -> Option<TradingDay> { value.as_str()?.parse().ok() };
    let starts_late = selection.to.zip(known(&low)).is_some_and(|(to, low)| low > to);
    let ends_early = selection.from.zip(known(&high)).is_some_and(|(from, high)| high < from);
    !starts_late && !ends_early
}

/// Where a file stands among the table's files.
fn first_key(table: MarketTable, file: &DataFile) -> String {
    file.range(table.columns()[0].name).0.to_string()
}

fn read_file(
    table: MarketTable,
    path: &Path,
    asked: &SchemaRef,
    selection: &Selection,
) -> Result<Vec<RecordBatch>, DataError> {
    let decoded = |cause| DataError::Parquet { file: path.display().to_string(), cause };
    let builder = open(path, table).map_err(decoded)?;
    let schema = builder.parquet_schema();
    let mask = ProjectionMask::columns(schema, asked.fields().iter().map(|f| f.name().as_str()));
    let mut builder = builder.with_projection(mask).with_batch_size(BATCH);
    if let Some(filter) = row_filter(table, &builder, selection) {
        builder = builder.with_row_filter(filter);
    }
    let reader = builder.build().map_err(decoded)?;
    reader.map(|batch| Ok(conform(&batch?, asked)?)).collect()
}

/// Opens a file so that symbols come as dictionaries.
fn open(
    path: &Path,
    table: MarketTable,
) -> Result<ParquetRecordBatchReaderBuilder<std::fs::File>, ParquetError> {
    let file = local_file::open(path).map_err(|cause| ParquetError::External(Box::new(cause)))?;
    let plain = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new())?;
    let memory = table.schema();
    let fields: Vec<Field> = plain
        .schema()
        .fields()
        .iter()
        .map(|found| match memory.field_with_name(found.name()) {
            Ok(field) => found.as_ref().clone().with_data_type(field.data_type().clone()),
            Err(_) => found.as_ref().clone(),
        })
        .collect();
    let options = ArrowReaderOptions::new().with_schema(Arc::new(Schema::new(fields)));
    let metadata = ArrowReaderMetadata::try_new(Arc::clone(plain.metadata()), options)?;
    Ok(ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata))
}

/// The columns asked for, in their order; a column the file does not have yet is missing throughout.
fn conform(
    batch: &RecordBatch,
    asked: &SchemaRef,
) -> Result<RecordBatch, arrow_schema::ArrowError> {
    let column = |field: &Arc<Field>| -> ArrayRef {
        batch
            .column_by_name(field.name())
            .map_or_else(|| new_null_array(field.data_type(), batch.num_rows()), Arc::clone)
    };
    RecordBatch::try_new(Arc::clone(asked), asked.fields().iter().map(column).collect())
}

fn row_filter(
    table: MarketTable,
    builder: &ParquetRecordBatchReaderBuilder<std::fs::File>,
    selection: &Selection,
) -> Option<RowFilter> {
    let only = |name| ProjectionMask::columns(builder.parquet_schema(), [name]);
    let mut filters: Vec<Box<dyn parquet::arrow::arrow_reader::ArrowPredicate>> = Vec::new();
    if let Some(day) = day_column(table).filter(|_| selection.from.or(selection.to).is_some()) {
        let from = selection.from.map_or(i32::MIN, TradingDay::epoch_days);
        let to = selection.to.map_or(i32::MAX, TradingDay::epoch_days);
        filters.push(Box::new(ArrowPredicateFn::new(only(day), move |batch| {
            let days = batch.column(0).as_primitive::<Date32Type>();
            Ok(days.values().iter().map(|day| Some((from..=to).contains(day))).collect())
        })));
    }
    if let Some(symbol) = symbol_column(table).filter(|_| !selection.symbols.is_empty()) {
        let symbols = selection.symbols.clone();
        filters.push(Box::new(ArrowPredicateFn::new(only(symbol), move |batch| {
            Ok(is_one_of(batch.column(0), &symbols))
        })));
    }
    (!filters.is_empty()).then(|| RowFilter::new(filters))
}

fn is_one_of(column: &ArrayRef, symbols: &[Symbol]) -> BooleanArray {
    let column = column.as_dictionary::<Int32Type>();
    let wanted: Vec<bool> = column
        .values()
        .as_string::<i32>()
        .iter()
        .map(|text| symbols.iter().any(|symbol| Some(symbol.as_str()) == text))
        .collect();
    column.keys().iter().map(|key| Some(key.is_some_and(|key| wanted[key as usize]))).collect()
}

/// Numbers of any numeric column; a missing value is NaN, a flag 0 or 1.
pub(super) fn numbers(array: &ArrayRef) -> Option<Vec<f64>> {
    use arrow_array::types::{Float64Type, Int64Type};
    Some(match array.data_type() {
        DataType::Float64 => {
            array.as_primitive::<Float64Type>().iter().map(|v| v.unwrap_or(f64::NAN)).collect()
        }
        DataType::Int64 => array
            .as_primitive::<Int64Type>()
            .iter()
            .map(|v| v.map_or(f64::NAN, |v| v as f64))
            .collect(),
        DataType::Boolean => array
            .as_boolean()
            .iter()
            .map(|v| v.map_or(f64::NAN, |v| f64::from(u8::from(v))))
            .collect(),
        _ => return None,
    })
}
