//! A small Parquet file as plain columns, and market tables built from plain columns.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Float64Type};
use arrow_array::{
    Array, ArrayRef, Date32Array, Float64Array, Int32Array, Int64Array, RecordBatch, StringArray,
};
use arrow_cast::cast;
use arrow_schema::{DataType, FieldRef};
use shoals_core::{Finding, Symbol};

use crate::formats::delimited::symbol::{SymbolCoder, dictionary};
use crate::formats::delimited::{Trouble, null_array};
use crate::formats::kinds;
use crate::formats::parquet_file::decode;
use crate::formats::text::{corrupt, name};
use crate::{DataError, Loaded, MarketTable};

/// The columns of one file.
pub(super) struct Frame {
    path: std::path::PathBuf,
    batch: RecordBatch,
}

impl Frame {
    /// Reads a file whole.
    pub(super) fn read(path: &Path) -> Result<Self, DataError> {
        let batches = decode(path, &[], None)?;
        let Some(first) = batches.first() else {
            return Err(corrupt(path, "Parquet", "it holds no rows"));
        };
        let batch = arrow_select::concat::concat_batches(&first.schema(), &batches)?;
        Ok(Self { path: path.to_owned(), batch })
    }

    pub(super) fn n_rows(&self) -> usize {
        self.batch.num_rows()
    }

    fn column(&self, column: &str, data_type: &DataType) -> Result<ArrayRef, DataError> {
        let found = self.batch.column_by_name(column);
        let found = found
            .ok_or_else(|| corrupt(&self.path, "Parquet", format!("it has no column {column}")))?;
        Ok(cast(found, data_type)?)
    }

    /// Days; a row without one is an error, for these files have none.
    pub(super) fn days(&self, column: &str) -> Result<Vec<i32>, DataError> {
        let days = self.column(column, &DataType::Date32)?;
        let days = days.as_primitive::<Date32Type>();
        let missing =
            || corrupt(&self.path, "Parquet", format!("column {column} has rows without a day"));
        days.iter().collect::<Option<Vec<i32>>>().ok_or_else(missing)
    }

    /// Numbers; NaN is no observation.
    pub(super) fn numbers(&self, column: &str) -> Result<Vec<Option<f64>>, DataError> {
        let numbers = self.column(column, &DataType::Float64)?;
        let numbers = numbers.as_primitive::<Float64Type>();
        Ok(numbers.iter().map(|x| x.filter(|x| !x.is_nan())).collect())
    }

    /// Columns with NaN, which is read as no observation; infinities are kept for the doctor to find.
    pub(super) fn not_numbers(&self) -> Vec<Finding> {
        let words = kinds::words(Trouble::NotANumber);
        let schema = self.batch.schema();
        let of = |(field, column): (&FieldRef, &ArrayRef)| {
            let doubles = cast(column, &DataType::Float64).ok()?;
            let doubles = doubles.as_primitive::<Float64Type>();
            let is_nan = |i: &usize| doubles.is_valid(*i) && doubles.value(*i).is_nan();
            let first = (0..doubles.len()).find(is_nan)?;
            let count = (first..doubles.len()).filter(is_nan).count() as u64;
            let file = self.file();
            let finding = Finding::new(
                words.kind,
                words.severity,
                file,
                "`NaN`",
                words.expected,
                words.remedy,
            );
            Some(finding.at_row(first as u64 + 1).in_column(field.name()).counted(count))
        };
        let columns = schema.fields().iter().zip(self.batch.columns());
        columns.filter(|(field, _)| field.data_type().is_floating()).filter_map(of).collect()
    }

    /// Texts.
    pub(super) fn texts(&self, column: &str) -> Result<Vec<Option<String>>, DataError> {
        let texts = self.column(column, &DataType::Utf8)?;
        Ok(texts.as_string::<i32>().iter().map(|text| text.map(str::to_owned)).collect())
    }

    /// The file as the user named it.
    pub(super) fn file(&self) -> String {
        name(&self.path)
    }
}

/// A market table under construction; columns never given are null.
pub(super) struct Rows {
    table: MarketTable,
    len: usize,
    columns: BTreeMap<&'static str, ArrayRef>,
}

impl Rows {
    pub(super) fn new(table: MarketTable, n_rows: usize) -> Self {
        Self { table, len: n_rows, columns: BTreeMap::new() }
    }

    fn with(mut self, column: &'static str, array: ArrayRef) -> Self {
        self.columns.insert(column, array);
        self
    }

    pub(super) fn days(self, column: &'static str, days: Vec<Option<i32>>) -> Self {
        self.with(column, Arc::new(Date32Array::from(days)))
    }

    pub(super) fn numbers(self, column: &'static str, numbers: Vec<Option<f64>>) -> Self {
        self.with(column, Arc::new(Float64Array::from(numbers)))
    }

    /// Numbers rounded to whole ones.
    pub(super) fn counts(self, column: &'static str, numbers: &[Option<f64>]) -> Self {
        let counts: Int64Array = numbers.iter().map(|x| x.map(|x| x.round() as i64)).collect();
        self.with(column, Arc::new(counts))
    }

    pub(super) fn texts(self, column: &'static str, texts: Vec<Option<String>>) -> Self {
        self.with(column, Arc::new(StringArray::from(texts)))
    }

    pub(super) fn text(self, column: &'static str, text: &str) -> Self {
        let n = self.len;
        self.with(column, Arc::new(StringArray::from_iter_values(std::iter::repeat_n(text, n))))
    }

    pub(super) fn symbols(self, column: &'static str, symbols: &[Symbol]) -> Self {
        let mut coder = SymbolCoder::new(None);
        let keys: Vec<i32> = symbols.iter().map(|symbol| coder.of_symbol(*symbol)).collect();
        let array = dictionary(Int32Array::from(keys), &coder.values());
        self.with(column, array)
    }

    /// The table as loaded from a file; `columns` names the source's columns where they differ.
    pub(super) fn loaded(
        mut self,
        file: String,
        columns: &[(&str, &str)],
    ) -> Result<Loaded, DataError> {
        let schema = self.table.schema();
        let arrays: Vec<ArrayRef> = schema
            .fields()
            .iter()
            .map(|field| {
                let own = self.columns.remove(field.name().as_str());
                own.unwrap_or_else(|| null_array(field.data_type(), self.len))
            })
            .collect();
        let to_owned = |(a, b): &(&str, &str)| ((*a).to_owned(), (*b).to_owned());
        Ok(Loaded {
            table: self.table,
            file,
            batches: vec![RecordBatch::try_new(schema, arrays)?],
            source_rows: None,
            source_columns: columns.iter().map(to_owned).collect(),
            findings: Vec::new(),
        })
    }
}
