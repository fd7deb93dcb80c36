//! Parquet files: row groups decoded side by side, only the columns that are asked for.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{Array, RecordBatch};
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use arrow_schema::{Schema, SchemaRef};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};
use rayon::prelude::*;

use super::columnar;
use super::emit::emit;
use super::layout::{Sheet, lay_out};
use super::sniff::Grid;
use super::text::{corrupt, name, stem, unreadable};
use super::{Profile, ReadOptions};
use crate::{DataError, Loaded};

/// Rows of a batch.
const BATCH_ROWS: usize = 128 * 1024;

/// The metadata of a Parquet file.
///
/// # Errors
/// When it cannot be read or is not whole.
pub(crate) fn metadata(path: &Path) -> Result<ArrowReaderMetadata, DataError> {
    let file = File::open(path).map_err(|cause| unreadable(path, cause))?;
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    ArrowReaderMetadata::load(&file, options)
        .map_err(|error| corrupt(path, "Parquet", error.to_string()))
}

/// Decodes the named columns (all when none is named) under `schema` where one is given.
///
/// # Errors
/// When the file cannot be read, is not whole, or lacks a column.
pub(crate) fn decode(
    path: &Path,
    columns: &[&str],
    schema: Option<SchemaRef>,
) -> Result<Vec<RecordBatch>, DataError> {
    let metadata = match schema {
        None => metadata(path)?,
        Some(schema) => {
            let file = File::open(path).map_err(|cause| unreadable(path, cause))?;
            let options = ArrowReaderOptions::new().with_schema(schema);
            ArrowReaderMetadata::load(&file, options)
                .map_err(|error| corrupt(path, "Parquet", error.to_string()))?
        }
    };
    let n_groups = metadata.metadata().num_row_groups();
    let groups: Result<Vec<Vec<RecordBatch>>, DataError> = (0..n_groups)
        .into_par_iter()
        .map(|group| decode_group(path, &metadata, group, columns))
        .collect();
    Ok(groups?.concat())
}

fn decode_group(
    path: &Path,
    metadata: &ArrowReaderMetadata,
    group: usize,
    columns: &[&str],
) -> Result<Vec<RecordBatch>, DataError> {
    let broken = |reason: String| corrupt(path, "Parquet", reason);
    let file = File::open(path).map_err(|cause| unreadable(path, cause))?;
    let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata.clone());
    let mask = if columns.is_empty() {
        ProjectionMask::all()
    } else {
        ProjectionMask::columns(builder.parquet_schema(), columns.iter().copied())
    };
    let reader = builder
        .with_row_groups(vec![group])
        .with_projection(mask)
        .with_batch_size(BATCH_ROWS)
        .build()
        .map_err(|error| broken(error.to_string()))?;
    reader.map(|batch| batch.map_err(|error| broken(error.to_string()))).collect()
}

/// Reads a Parquet file by the names of its columns, or by the mapping.
///
/// # Errors
/// When the file is not whole, fits no table, or leaves a question open.
pub(crate) fn read(
    path: &Path,
    profile: Profile,
    options: &ReadOptions,
) -> Result<Vec<Loaded>, DataError> {
    let batches = decode(path, &[], None)?;
    if batches.iter().all(|batch| batch.num_rows() == 0) {
        return Err(corrupt(path, "Parquet", "it holds no rows"));
    }
    let header = names(&batches[0].schema());
    let grid = grid(&batches[0])?;
    let (file, stem) = (name(path), stem(path));
    let sheet = Sheet { file: &file, stem: &stem, header: &header, grid: &grid };
    let layout = lay_out(&sheet, profile, options)?;
    let parsed = columnar::read(path, &batches, &layout.plan)?;
    emit(&file, &parsed, &layout, &options.rulebook.calendar)
}

/// The column names.
pub(crate) fn names(schema: &Schema) -> Vec<String> {
    schema.fields().iter().map(|field| field.name().clone()).collect()
}

/// The first rows as text, for the questions a header leaves open.
fn grid(batch: &RecordBatch) -> Result<Grid, DataError> {
    const ROWS: usize = 200;
    let options = FormatOptions::default();
    let formatters: Result<Vec<ArrayFormatter<'_>>, _> =
        batch.columns().iter().map(|c| ArrayFormatter::try_new(c.as_ref(), &options)).collect();
    let formatters = formatters?;
    let cell = |column: usize, row: usize| {
        if batch.column(column).is_null(row) {
            String::new()
        } else {
            formatters[column].value(row).to_string()
        }
    };
    let rows: Vec<Vec<String>> = (0..batch.num_rows().min(ROWS))
        .map(|row| (0..batch.num_columns()).map(|column| cell(column, row)).collect())
        .collect();
    let ends = vec![0; rows.len()];
    Ok(Grid { delimiter: b',', header: None, rows, ends })
}

/// The schema of a file with some columns read as another type.
///
/// # Errors
/// When the file cannot be read or is not whole.
pub(crate) fn schema_with(
    path: &Path,
    change: impl Fn(&arrow_schema::Field) -> Option<arrow_schema::DataType>,
) -> Result<SchemaRef, DataError> {
    let schema = metadata(path)?.schema().clone();
    let fields: Vec<arrow_schema::FieldRef> = schema
        .fields()
        .iter()
        .map(|field| match change(field) {
            Some(data_type) => Arc::new(field.as_ref().clone().with_data_type(data_type)),
            None => Arc::clone(field),
        })
        .collect();
    Ok(Arc::new(Schema::new(fields)))
}
