//! Sorted rows into one Parquet file, on all cores.
//!
//! A row group's columns are taken and encoded independently of each other; only the finished, compressed
//! chunks are put together in order. No Arrow schema is embedded, so that every reader sees plain
//! types. Encodings were measured (docs/method/store.md): text and numbers that repeat by dictionary,
//! other numbers split by byte, other counts and days as deltas, all under zstd.

use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef};
use arrow_schema::{DataType, Schema, SchemaRef};
use parquet::arrow::ArrowSchemaConverter;
use parquet::arrow::arrow_writer::{
    ArrowColumnChunk, ArrowColumnWriter, ArrowRowGroupWriterFactory, compute_leaves,
};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::ParquetMetaData;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnPath;
use rayon::prelude::*;

use super::local_file;
use crate::DataError;

/// Rows of a row group: enough to compress well, few enough to skip by date.
const ROW_GROUP: usize = 1 << 19;

/// Rows taken at a time inside a row group, so that they are encoded while still in the cache.
const SLICE: usize = 1 << 13;

/// Columns whose rows are asked for by range, in key order.
pub(crate) trait SortedColumns: Sync {
    /// The values of column `column` in rows `start..end`.
    fn slice(&self, column: usize, start: usize, end: usize) -> ArrayRef;
}

/// Writes `n_rows` of `columns` as `path`, which must not exist.
///
/// # Errors
/// When the file cannot be written or a value cannot be encoded.
pub(crate) fn write(
    path: &Path,
    schema: &SchemaRef,
    n_rows: usize,
    columns: &impl SortedColumns,
) -> Result<ParquetMetaData, DataError> {
    let file = local_file::create(path)?;
    encode(file, schema, n_rows, columns)
        .map_err(|cause| DataError::Parquet { file: path.display().to_string(), cause })
}

fn encode(
    file: std::fs::File,
    schema: &SchemaRef,
    n_rows: usize,
    columns: &impl SortedColumns,
) -> Result<ParquetMetaData, ParquetError> {
    let properties = Arc::new(properties(schema, n_rows, columns));
    let parquet_schema = ArrowSchemaConverter::new().convert(schema)?;
    let mut writer = SerializedFileWriter::new(file, parquet_schema.root_schema_ptr(), properties)?;
    let factory = ArrowRowGroupWriterFactory::new(&writer, Arc::clone(schema));
    for (number, start) in (0..n_rows).step_by(ROW_GROUP).enumerate() {
        let end = (start + ROW_GROUP).min(n_rows);
        let writers = factory.create_column_writers(number)?;
        let chunks = encode_columns(writers, schema, columns, start, end)?;
        let mut group = writer.next_row_group()?;
        for chunk in chunks {
            chunk.append_to_row_group(&mut group)?;
        }
        group.close()?;
    }
    writer.close()
}

fn encode_columns(
    writers: Vec<ArrowColumnWriter>,
    schema: &Schema,
    columns: &impl SortedColumns,
    start: usize,
    end: usize,
) -> Result<Vec<ArrowColumnChunk>, ParquetError> {
    writers
        .into_par_iter()
        .enumerate()
        .with_max_len(1)
        .map(|(column, mut writer)| {
            for from in (start..end).step_by(SLICE) {
                let values = columns.slice(column, from, (from + SLICE).min(end));
                for leaf in compute_leaves(schema.field(column), &values)? {
                    writer.write(&leaf)?;
                }
            }
            writer.close()
        })
        .collect()
}

fn properties(schema: &Schema, n_rows: usize, columns: &impl SortedColumns) -> WriterProperties {
    let mut builder = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_created_by(concat!("shoals ", env!("CARGO_PKG_VERSION")).to_owned());
    let middle = (n_rows / 2).saturating_sub(SAMPLE / 2);
    for (i, field) in schema.fields().iter().enumerate() {
        let path = ColumnPath::from(field.name().as_str());
        let encoding = encoding_of(field.data_type());
        let by_dictionary = match field.data_type() {
            DataType::Float64 | DataType::Int64 if n_rows > 0 => {
                repeats(&columns.slice(i, middle, (middle + SAMPLE).min(n_rows)))
            }
            _ => encoding.is_none(),
        };
        builder = builder.set_column_dictionary_enabled(path.clone(), by_dictionary);
        if let Some(encoding) = encoding {
            builder = builder.set_column_encoding(path, encoding);
        }
    }
    builder.build()
}

/// Rows looked at to see whether a column's numbers repeat: several days of the whole market.
const SAMPLE: usize = 1 << 15;

/// Whether at most half of the values are distinct, as prices in fen and share counts are and turnover
/// is not.
fn repeats(sample: &ArrayRef) -> bool {
    let mut bits: Vec<u64> = match sample.data_type() {
        DataType::Float64 => {
            sample.as_primitive::<Float64Type>().iter().flatten().map(f64::to_bits).collect()
        }
        _ => sample.as_primitive::<Int64Type>().iter().flatten().map(|n| n as u64).collect(),
    };
    let n = bits.len();
    bits.sort_unstable();
    bits.dedup();
    bits.len() * 2 <= n
}

/// The encoding of a type where it is not written by dictionary; `None` for text, which always is.
fn encoding_of(data_type: &DataType) -> Option<Encoding> {
    match data_type {
        DataType::Float64 => Some(Encoding::BYTE_STREAM_SPLIT),
        DataType::Int64 | DataType::Date32 | DataType::Timestamp(_, _) => {
            Some(Encoding::DELTA_BINARY_PACKED)
        }
        DataType::Boolean => Some(Encoding::RLE),
        _ => None,
    }
}
