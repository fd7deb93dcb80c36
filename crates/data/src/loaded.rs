//! A table as read from one file: canonical columns, source order, and where it came from.

use std::collections::BTreeMap;

use arrow_array::RecordBatch;
use shoals_core::Finding;

use crate::MarketTable;

/// One canonical table read from one file.
///
/// Rows stay in the source's order until the doctor has looked at them, so that a finding can name
/// the row; the store sorts.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// Which table the rows belong to.
    pub table: MarketTable,
    /// The file as the user named it.
    pub file: String,
    /// Rows under [`MarketTable::schema`], in source order.
    pub batches: Vec<RecordBatch>,
    /// 1-based source row (header not counted) of each row, when rows were skipped or unfolded;
    /// `None` when row `i` of the batches is row `i + 1` of the file.
    pub source_rows: Option<Vec<u64>>,
    /// Canonical column name to the source's own column name, for findings.
    pub source_columns: BTreeMap<String, String>,
    /// What reading itself found.
    pub findings: Vec<Finding>,
}

impl Loaded {
    /// Number of rows.
    pub fn n_rows(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    /// The 1-based source row of row `i`.
    pub fn source_row(&self, i: usize) -> u64 {
        self.source_rows.as_ref().map_or(i as u64 + 1, |rows| rows[i])
    }

    /// The source's own name of a canonical column.
    pub fn source_column<'a>(&'a self, canonical: &'a str) -> &'a str {
        self.source_columns.get(canonical).map_or(canonical, String::as_str)
    }
}
