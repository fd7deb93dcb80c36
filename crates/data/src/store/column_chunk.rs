//! Doubles and texts into the pages of one Parquet column chunk.
//!
//! The column writers of the `parquet` crate ask a general hash table for every value, which was a fifth
//! of an import's time. Here a double is looked up by its bits in a table made for it
//! ([`Distinct`]), and a text by the rank it has already. Counts, days and flags, few or cheap, stay with
//! the crate. What is written is plain Parquet: version 1 pages, definition levels as one bit-packed
//! run, dictionary indices at the width the finished dictionary needs, zstd.

mod bits;
mod distinct;
mod pages;

use arrow::buffer::{BooleanBuffer, NullBuffer};
use arrow_array::builder::BooleanBufferBuilder;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type};
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use parquet::basic::Encoding;
use parquet::data_type::ByteArray;
use parquet::errors::ParquetError;
use parquet::file::statistics::Statistics;
use parquet::schema::types::ColumnDescPtr;

pub(super) use distinct::Distinct;
use distinct::DistinctTexts;
pub(super) use pages::Chunk;
use pages::Pages;

/// Rows of a page: enough for zstd to find repetitions, few enough to decode in the cache.
const PAGE: usize = 1 << 16;

/// Longest text kept as a smallest or largest value.
const MAX_STATISTIC: usize = 64;

/// Builds one column chunk from arrays that come in row order.
pub(super) struct ColumnChunk {
    validity: BooleanBufferBuilder,
    values: Values,
}

/// The observed values so far; rows without one are only in the validity.
enum Values {
    /// Doubles that repeat, as indices into their distinct values.
    Repeating(Distinct, Vec<u32>),
    /// Doubles that do not.
    Single(Vec<f64>),
    /// Texts, as indices into the distinct ones.
    Texts(DistinctTexts, Vec<u32>),
}

impl ColumnChunk {
    /// A chunk of `n_rows` for `data_type`, or `None` where the `parquet` crate writes it.
    pub(super) fn of(data_type: &DataType, by_dictionary: bool, n_rows: usize) -> Option<Self> {
        let indices = || Vec::with_capacity(n_rows);
        let values = match data_type {
            DataType::Float64 if by_dictionary => Values::Repeating(Distinct::new(), indices()),
            DataType::Float64 => Values::Single(Vec::with_capacity(n_rows)),
            DataType::Dictionary(_, _) => Values::Texts(DistinctTexts::default(), indices()),
            _ => return None,
        };
        Some(Self { validity: BooleanBufferBuilder::new(n_rows), values })
    }

    /// Appends the rows of `array`, which is of the type the chunk was made for.
    pub(super) fn push(&mut self, array: &ArrayRef) {
        match array.nulls() {
            Some(nulls) => self.validity.append_buffer(nulls.inner()),
            None => self.validity.append_n(array.len(), true),
        }
        match &mut self.values {
            Values::Repeating(distinct, indices) => {
                let values = array.as_primitive::<Float64Type>().values();
                each_valid(array, |row| indices.push(distinct.index(values[row].to_bits())));
            }
            Values::Single(all) => {
                let values = array.as_primitive::<Float64Type>().values();
                match array.nulls() {
                    None => all.extend_from_slice(values),
                    Some(_) => each_valid(array, |row| all.push(values[row])),
                }
            }
            Values::Texts(distinct, indices) => {
                let texts = array.as_dictionary::<Int32Type>();
                let keys = texts.keys().values();
                distinct.know(texts.values());
                each_valid(array, |row| indices.push(distinct.index(keys[row] as u32)));
            }
        }
    }

    /// The finished chunk.
    ///
    /// # Errors
    /// When a page cannot be compressed.
    pub(super) fn finish(mut self, descriptor: &ColumnDescPtr) -> Result<Chunk, ParquetError> {
        let validity = self.validity.finish();
        let n_nulls = (validity.len() - validity.count_set_bits()) as u64;
        let mut pages = Pages::new(descriptor)?;
        let statistics = match &self.values {
            Values::Repeating(distinct, indices) => {
                let values = distinct.values();
                pages.dictionary(&pages::plain(&values), values.len())?;
                index_pages(&mut pages, &validity, indices, values.len())?;
                number_range(&values, n_nulls)
            }
            Values::Texts(distinct, indices) => {
                pages.dictionary(&distinct.plain(), distinct.len())?;
                index_pages(&mut pages, &validity, indices, distinct.len())?;
                text_range(distinct.range(), n_nulls)
            }
            Values::Single(values) => {
                data_pages(
                    &mut pages,
                    &validity,
                    Encoding::BYTE_STREAM_SPLIT,
                    |from, to, page| {
                        bits::split(&values[from..to], page);
                    },
                )?;
                number_range(values, n_nulls)
            }
        };
        pages.finish(validity.len(), statistics)
    }
}

fn index_pages(
    pages: &mut Pages,
    validity: &BooleanBuffer,
    indices: &[u32],
    n_distinct: usize,
) -> Result<(), ParquetError> {
    let width = bits::width(n_distinct);
    data_pages(pages, validity, Encoding::RLE_DICTIONARY, |from, to, page| {
        page.push(width as u8);
        bits::packed_run(&indices[from..to], width, page);
    })
}

/// Cuts the rows into pages; `write` appends the values `from..to` to a page.
fn data_pages(
    pages: &mut Pages,
    validity: &BooleanBuffer,
    encoding: Encoding,
    write: impl Fn(usize, usize, &mut Vec<u8>),
) -> Result<(), ParquetError> {
    let mut from = 0;
    for start in (0..validity.len()).step_by(PAGE) {
        let rows = validity.slice(start, PAGE.min(validity.len() - start));
        let to = from + rows.count_set_bits();
        pages.data(&rows, encoding, |page| write(from, to, page))?;
        from = to;
    }
    Ok(())
}

fn each_valid(array: &ArrayRef, mut visit: impl FnMut(usize)) {
    match array.nulls() {
        None => (0..array.len()).for_each(visit),
        Some(nulls) => NullBuffer::valid_indices(nulls).for_each(&mut visit),
    }
}

/// Smallest and largest number; a zero bound takes the sign that encloses both zeros, as the format asks.
fn number_range(values: &[f64], n_nulls: u64) -> Statistics {
    let range = values
        .iter()
        .filter(|v| !v.is_nan())
        .fold(None, |range: Option<(f64, f64)>, &v| {
            Some(range.map_or((v, v), |(low, high)| (low.min(v), high.max(v))))
        })
        .map(|(low, high)| {
            (if low == 0.0 { -0.0 } else { low }, if high == 0.0 { 0.0 } else { high })
        });
    Statistics::double(range.map(|r| r.0), range.map(|r| r.1), None, Some(n_nulls), false)
}

fn text_range(range: Option<(&str, &str)>, n_nulls: u64) -> Statistics {
    let range = range.filter(|(low, high)| low.len().max(high.len()) <= MAX_STATISTIC);
    let (low, high) = (range.map(|r| r.0), range.map(|r| r.1));
    Statistics::byte_array(
        low.map(ByteArray::from),
        high.map(ByteArray::from),
        None,
        Some(n_nulls),
        false,
    )
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{Float64Array, RecordBatch};
    use arrow_schema::{Field, Schema, SchemaRef};
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
    use proptest::prelude::*;

    use super::super::local_file;
    use super::super::parquet_file::{self, SortedColumns};
    use super::*;

    struct Rows(RecordBatch);

    impl SortedColumns for Rows {
        fn slice(&self, column: usize, start: usize, end: usize) -> ArrayRef {
            self.0.column(column).slice(start, end - start)
        }
    }

    fn one_column(field: Field, column: ArrayRef) -> (SchemaRef, RecordBatch) {
        let schema = Arc::new(Schema::new(vec![field]));
        (Arc::clone(&schema), RecordBatch::try_new(schema, vec![column]).unwrap())
    }

    /// What the `parquet` crate reads back from the file, and the statistics its footer has.
    fn written_and_read(schema: &SchemaRef, batch: RecordBatch) -> (ArrayRef, Statistics) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("one.parquet");
        let n_rows = batch.num_rows();
        parquet_file::write(&path, schema, n_rows, &Rows(batch)).unwrap();
        let reader =
            ParquetRecordBatchReaderBuilder::try_new(local_file::open(&path).unwrap()).unwrap();
        let statistics = reader.metadata().row_group(0).column(0).statistics().unwrap().clone();
        let batches: Vec<_> =
            reader.with_batch_size(n_rows).build().unwrap().collect::<Result<_, _>>().unwrap();
        let columns: Vec<&dyn Array> = batches.iter().map(|b| b.column(0).as_ref()).collect();
        (arrow_select::concat::concat(&columns).unwrap(), statistics)
    }

    fn check_numbers(values: &[Option<f64>]) {
        let array = Float64Array::from(values.to_owned());
        let field = Field::new("x", DataType::Float64, true);
        let (schema, batch) = one_column(field, Arc::new(array.clone()));
        let (read, statistics) = written_and_read(&schema, batch);
        let bits = |array: &Float64Array| -> Vec<Option<u64>> {
            array.iter().map(|v| v.map(f64::to_bits)).collect()
        };
        assert_eq!(bits(read.as_primitive()), bits(&array));
        let Statistics::Double(statistics) = statistics else { panic!("a range of doubles") };
        let observed = || array.iter().flatten();
        assert_eq!(statistics.min_opt().copied(), observed().reduce(f64::min));
        assert_eq!(statistics.max_opt().copied(), observed().reduce(f64::max));
        assert_eq!(statistics.null_count_opt(), Some(array.null_count() as u64));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Witness: the reader of the `parquet` crate, bit by bit; few distinct values go by dictionary,
        /// many do not.
        #[test]
        fn numbers_survive_the_way_to_disk_and_back(
            values in prop::collection::vec(prop::option::weighted(0.8, 0_u32..400), 1..3_000),
            step in prop::sample::select(vec![0.01, 1.0, 1.0 / 3.0]),
            scatter in any::<bool>(),
        ) {
            let one = |(row, value): (usize, Option<u32>)| {
                value.map(|v| f64::from(v) * step + if scatter { row as f64 } else { 0.0 })
            };
            let values: Vec<_> = values.into_iter().enumerate().map(one).collect();
            check_numbers(&values);
        }
    }

    /// A page ends at 65,536 rows; the pages before, at and after that border.
    #[test]
    fn pages_join_where_one_ends() {
        let check = |n: usize, value: fn(usize) -> Option<f64>| {
            check_numbers(&(0..n).map(value).collect::<Vec<_>>());
        };
        for n in [PAGE - 1, PAGE, PAGE + 1, 2 * PAGE + 7] {
            check(n, |i| Some((i % 5_000) as f64 / 100.0));
            check(n, |i| (i % 7 != 3).then_some(1.0 / i as f64));
            check(n, |i| (i > PAGE).then_some(2.5));
        }
    }

    #[test]
    fn a_column_without_a_value_or_with_zeros_of_both_signs_is_whole() {
        check_numbers(&[None; 10]);
        check_numbers(&[Some(0.0), Some(-0.0), None, Some(f64::MIN_POSITIVE)]);
        check_numbers(&[Some(f64::INFINITY), Some(f64::NEG_INFINITY)]);
    }

    #[test]
    fn texts_of_a_shared_dictionary_come_back_with_their_range() {
        let words = ["600519.SH", "000001.SZ", "贵州茅台", "unused", ""];
        let keys = (0..200_000).map(|i| (i % 11 != 5).then_some([0, 1, 2, 4][i % 4]));
        let keys: arrow_array::Int32Array = keys.collect();
        let values: ArrayRef = Arc::new(arrow_array::StringArray::from(words.to_vec()));
        let texts = arrow_array::DictionaryArray::new(keys, values);
        let field = Field::new("x", texts.data_type().clone(), true);
        let (schema, batch) = one_column(field, Arc::new(texts.clone()));
        let (read, statistics) = written_and_read(&schema, batch);
        let expected = arrow_cast::cast(&texts, &DataType::Utf8).unwrap();
        assert_eq!(&arrow_cast::cast(&read, &DataType::Utf8).unwrap(), &expected);
        let Statistics::ByteArray(statistics) = statistics else { panic!("a range of texts") };
        assert_eq!(statistics.min_opt().unwrap(), &ByteArray::from(""));
        assert_eq!(statistics.max_opt().unwrap(), &ByteArray::from("贵州茅台"));
    }
}
