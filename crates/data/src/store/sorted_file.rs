//! Rows into one sorted Parquet file outside the store, for other programs.

use std::path::Path;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;

use super::merge::Merged;
use super::order::{every_row, rank_texts};
use super::parquet_file;
use crate::DataError;

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SortedSummary {
    /// Rows, one a key.
    pub n_rows: u64,
    /// Row groups.
    pub n_row_groups: usize,
}

/// Writes `batches` as one zstd Parquet file sorted by their first `n_key` columns. Rows of equal key
/// become one, as in the store: the last observation of each column.
///
/// Key columns are days, counts, timestamps or texts without nulls.
///
/// # Errors
/// When the file cannot be written.
pub fn write_sorted(
    path: &Path,
    schema: &SchemaRef,
    n_key: usize,
    batches: &[RecordBatch],
) -> Result<SortedSummary, DataError> {
    let texts = rank_texts(batches)?;
    let merged = Merged::of(batches, &texts, n_key, every_row(batches));
    let n_rows = merged.n_rows();
    let metadata = parquet_file::write(path, schema, n_rows, &merged)?;
    Ok(SortedSummary { n_rows: n_rows as u64, n_row_groups: metadata.num_row_groups() })
}

#[cfg(test)]
mod tests {
    use arrow_array::ArrayRef;

    use super::super::parquet_file::SortedColumns;
    use super::*;

    /// An empty source still makes a file with its columns.
    #[test]
    fn columns_without_rows_are_a_file_too() {
        struct Nothing;
        impl SortedColumns for Nothing {
            fn slice(&self, _: usize, _: usize, _: usize) -> ArrayRef {
                unreachable!("there are no rows to slice")
            }
        }
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("empty.parquet");
        let schema = crate::MarketTable::RateDaily.schema();
        let metadata = parquet_file::write(&path, &schema, 0, &Nothing).unwrap();
        assert_eq!(metadata.file_metadata().num_rows(), 0);
    }
}
