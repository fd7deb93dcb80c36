//! What an import is: the rows it brings, and the record it leaves behind.

use std::collections::BTreeMap;
use std::path::Path;

use arrow_array::RecordBatch;
use serde::{Deserialize, Serialize};
use shoals_core::Finding;

use crate::{DataError, Loaded, MarketTable};

/// A source file of an import, as it was when it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceFile {
    /// The file as the user named it.
    pub path: String,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 of the bytes, lower-case hexadecimal.
    pub sha256: String,
}

impl SourceFile {
    /// Reads `path` once and hashes it.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn of(path: &Path) -> Result<Self, DataError> {
        super::local_file::hash(path)
    }
}

/// Everything one import brings: rows, where they came from, and what was found in them.
#[derive(Debug, Clone, Default)]
pub struct PreparedImport {
    /// Column profile the source was read with, as `tushare`.
    pub profile: String,
    /// The path as the user gave it.
    pub source: String,
    /// The files read.
    pub files: Vec<SourceFile>,
    /// Findings of reading and examining.
    pub findings: Vec<Finding>,
    /// Kinds of severe findings the user let pass.
    pub accepted: Vec<String>,
    /// Version of the program, as `shoals 0.1.0`.
    pub tool_version: String,
    /// Rows by table, each batch under [`MarketTable::schema`]. Later rows win over earlier ones of
    /// the same key, column by column, where they have an observation.
    pub tables: Vec<(MarketTable, Vec<RecordBatch>)>,
}

impl PreparedImport {
    /// This import with the rows of `loaded`, in their order.
    #[must_use]
    pub fn with_rows(mut self, loaded: Vec<Loaded>) -> Self {
        for one in loaded {
            match self.tables.iter_mut().find(|(table, _)| *table == one.table) {
                Some((_, batches)) => batches.extend(one.batches),
                None => self.tables.push((one.table, one.batches)),
            }
        }
        self
    }
}

/// One line of a store's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportRecord {
    /// 1 for the first import.
    pub import_no: u64,
    /// When it was made, RFC 3339.
    pub imported_at: String,
    /// Column profile the source was read with.
    pub profile: String,
    /// The path as the user gave it.
    pub source: String,
    /// The files read, with their hashes.
    pub files: Vec<SourceFile>,
    /// What was found in them.
    pub findings: Vec<Finding>,
    /// Kinds of severe findings the user let pass.
    pub accepted: Vec<String>,
    /// Version of the program that wrote it.
    pub tool_version: String,
    /// Rows the import brought, by table.
    pub rows_in: BTreeMap<String, u64>,
    /// Rows each table holds after it.
    pub rows: BTreeMap<String, u64>,
    /// Delta version of every table after it.
    pub versions: BTreeMap<String, i64>,
}

/// What a commit made: the number of the import and the version of every table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Version {
    /// Number of the import, 1 for the first.
    pub import_no: u64,
    /// Delta version of every table after it.
    pub tables: BTreeMap<String, i64>,
}
