//! Sorted rows into one Parquet file, on all cores.
//!
//! A row group's columns are taken and encoded independently of each other; only the finished, compressed
//! chunks are put together in order. No Arrow schema is embedded, so that every reader sees plain
//! types. Encodings were measured (docs/method/store.md): text and numbers that repeat by dictionary,
//! other numbers split by byte, other counts and days as deltas, all under zstd.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_schema::{DataType, Schema, SchemaRef};
use bytes::Bytes;
use parquet::arrow::ArrowSchemaConverter;
use parquet::arrow::arrow_writer::{
    ArrowColumnChunk, ArrowColumnWriter, ArrowRowGroupWriterFactory, compute_leaves,
};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::ParquetMetaData;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::{ColumnPath, SchemaDescriptor};
use rayon::prelude::*;

use super::column_chunk::{Chunk, ColumnChunk, Distinct};
use super::local_file;
use crate::DataError;

/// Rows of a row group: enough to compress well, few enough to skip by date.
const ROW_GROUP: usize = 1 << 19;

/// Rows taken at a time inside a row group, so that they are encoded while still in the cache.
const SLICE: usize = 1 << 13;

/// Bytes handed to the file at a time.
const WRITE: usize = 1 << 20;

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
    file: File,
    schema: &SchemaRef,
    n_rows: usize,
    columns: &impl SortedColumns,
) -> Result<ParquetMetaData, ParquetError> {
    let repeating = repeating(schema, n_rows, columns);
    let properties = Arc::new(properties(schema, &repeating));
    let parquet_schema = ArrowSchemaConverter::new().convert(schema)?;
    let file = BufWriter::with_capacity(WRITE, file);
    let mut writer = SerializedFileWriter::new(file, parquet_schema.root_schema_ptr(), properties)?;
    let factory = ArrowRowGroupWriterFactory::new(&writer, Arc::clone(schema));
    let plan =
        Plan { schema, descriptor: &writer.schema_descr().clone(), by_dictionary: &repeating };
    for (number, start) in (0..n_rows).step_by(ROW_GROUP).enumerate() {
        let end = (start + ROW_GROUP).min(n_rows);
        let writers = factory.create_column_writers(number)?;
        let chunks = plan.encode(writers, columns, start, end)?;
        let mut group = writer.next_row_group()?;
        for chunk in chunks {
            chunk.append_to(&mut group)?;
        }
        group.close()?;
    }
    writer.close()
}

/// A finished column chunk, by whoever encoded it.
enum Encoded {
    /// By the `parquet` crate.
    General(Box<ArrowColumnChunk>),
    /// By [`ColumnChunk`].
    Fast(Box<Chunk>),
}

impl Encoded {
    fn append_to(
        self,
        group: &mut SerializedRowGroupWriter<BufWriter<File>>,
    ) -> Result<(), ParquetError> {
        match self {
            Self::General(chunk) => chunk.append_to_row_group(group),
            Self::Fast(chunk) => group.append_column(&Bytes::from(chunk.bytes), chunk.close),
        }
    }
}

/// How each column of a file is encoded.
struct Plan<'a> {
    schema: &'a Schema,
    descriptor: &'a SchemaDescriptor,
    by_dictionary: &'a [bool],
}

impl Plan<'_> {
    /// The columns of rows `start..end`, side by side on all cores.
    fn encode(
        &self,
        writers: Vec<ArrowColumnWriter>,
        columns: &impl SortedColumns,
        start: usize,
        end: usize,
    ) -> Result<Vec<Encoded>, ParquetError> {
        let slices = |column| {
            (start..end)
                .step_by(SLICE)
                .map(move |from| columns.slice(column, from, (from + SLICE).min(end)))
        };
        writers
            .into_par_iter()
            .enumerate()
            .with_max_len(1)
            .map(|(column, writer)| self.encode_column(column, writer, end - start, slices(column)))
            .collect()
    }

    fn encode_column(
        &self,
        column: usize,
        mut writer: ArrowColumnWriter,
        n_rows: usize,
        slices: impl Iterator<Item = ArrayRef>,
    ) -> Result<Encoded, ParquetError> {
        let field = self.schema.field(column);
        let by_dictionary = self.by_dictionary[column];
        if let Some(mut chunk) = ColumnChunk::of(field.data_type(), by_dictionary, n_rows) {
            slices.for_each(|values| chunk.push(&values));
            let chunk = chunk.finish(&self.descriptor.column(column))?;
            return Ok(Encoded::Fast(Box::new(chunk)));
        }
        for values in slices {
            for leaf in compute_leaves(field, &values)? {
                writer.write(&leaf)?;
            }
        }
        Ok(Encoded::General(Box::new(writer.close()?)))
    }
}

fn properties(schema: &Schema, by_dictionary: &[bool]) -> WriterProperties {
    let mut builder = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_offset_index_disabled(true)
        .set_created_by(concat!("shoals ", env!("CARGO_PKG_VERSION")).to_owned());
    for (field, by_dictionary) in schema.fields().iter().zip(by_dictionary) {
        let path = ColumnPath::from(field.name().as_str());
        builder = builder.set_column_dictionary_enabled(path.clone(), *by_dictionary);
        if let Some(encoding) = encoding_of(field.data_type()) {
            builder = builder.set_column_encoding(path, encoding);
        }
    }
    builder.build()
}

/// Which columns are written by dictionary: texts, and numbers that repeat.
fn repeating(schema: &Schema, n_rows: usize, columns: &impl SortedColumns) -> Vec<bool> {
    let middle = (n_rows / 2).saturating_sub(SAMPLE / 2);
    let sample = |column| columns.slice(column, middle, (middle + SAMPLE).min(n_rows));
    schema
        .fields()
        .iter()
        .enumerate()
        .map(|(column, field)| match field.data_type() {
            DataType::Float64 | DataType::Int64 => n_rows > 0 && repeats(&sample(column)),
            data_type => encoding_of(data_type).is_none(),
        })
        .collect()
}

/// Rows looked at to see whether a column's numbers repeat: some days of the whole market.
const SAMPLE: usize = 1 << 14;

/// Whether at most half of the values are distinct, as prices in fen and share counts are and turnover
/// is not.
fn repeats(sample: &ArrayRef) -> bool {
    let mut distinct = Distinct::new();
    let mut n = 0;
    let mut see = |bits| {
        distinct.index(bits);
        n += 1;
    };
    if let Some(values) = sample.as_primitive_opt::<Float64Type>() {
        values.iter().flatten().for_each(|value| see(value.to_bits()));
    } else {
        let counts = sample.as_primitive::<Int64Type>();
        counts.iter().flatten().for_each(|count| see(count as u64));
    }
    distinct.len() * 2 <= n
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
