//! The store: versioned tables of market data in one directory.
//!
//! ```text
//! market/
//!   stock_daily/    _delta_log/ 00000000000000000001.json ...   part-000001-1-202401.parquet ...
//!   index_daily/    ...
//!   _imports/       the catalog: one row an import, with the version of every table
//! ```
//!
//! Each table is a plain Delta table that any reader of Delta understands. An import touches several of
//! them, yet is one atomic step: it writes its data files, commits each table, and last of all adds its
//! line to the catalog. Readers use the table versions of the last line. A process killed at any moment
//! leaves at most files and versions that no line names; the next import removes the former and undoes
//! the latter.
//!
//! Method page: docs/method/store.md

mod catalog;
mod column_chunk;
mod delta_log;
mod file_stats;
mod gather;
mod local_file;
mod merge;
mod naming;
mod order;
mod panel;
mod parquet_file;
mod read;
mod record;
mod recover;
mod replaced;
mod sorted_file;
mod span;
mod write;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use arrow_array::RecordBatch;
use serde_json::json;
use tokio::runtime::{Builder, Runtime};

use self::delta_log::{Change, DataFile, Log};
use self::recover::ABSENT;
use self::write::{Target, Written};
use crate::{DataError, MarketTable};

pub use self::read::Selection;
pub use self::record::{ImportRecord, PreparedImport, SourceFile, Version};
pub use self::sorted_file::{SortedSummary, write_sorted};

/// A market directory at the version it was opened at, or at the version its own last commit made.
///
/// Cheap to clone; a clone sees the same version.
#[derive(Debug, Clone)]
pub struct Store {
    root: PathBuf,
    runtime: Arc<Runtime>,
    /// The imports up to the version this store stands at, oldest first.
    records: Arc<RwLock<Arc<Vec<ImportRecord>>>>,
}

impl Store {
    /// Opens the store in an existing directory at its last import.
    ///
    /// # Errors
    /// When the directory holds no import, or its catalog cannot be read.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, DataError> {
        let store = Self::at_directory(path.as_ref())?;
        if store.records().is_empty() {
            return Err(DataError::NoStore { path: path.as_ref().display().to_string() });
        }
        Ok(store)
    }

    /// Opens the store in a directory, which is made when it is not there. An empty store has no version.
    ///
    /// # Errors
    /// When the directory cannot be made, or its catalog cannot be read.
    pub fn create_or_open(path: impl AsRef<Path>) -> Result<Self, DataError> {
        local_file::create_directory(path.as_ref())?;
        Self::at_directory(path.as_ref())
    }

    fn at_directory(path: &Path) -> Result<Self, DataError> {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|cause| DataError::Unreadable { file: path.display().to_string(), cause })?;
        let records = catalog::read(&Log::of(&runtime, path, catalog::NAME))?;
        Ok(Self {
            root: path.to_owned(),
            runtime: Arc::new(runtime),
            records: Arc::new(RwLock::new(Arc::new(records))),
        })
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        &self.root
    }

    fn records(&self) -> Arc<Vec<ImportRecord>> {
        Arc::clone(&self.records.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Every import up to this version, oldest first.
    pub fn history(&self) -> Vec<ImportRecord> {
        self.records().as_ref().clone()
    }

    /// The record of the last import.
    pub(crate) fn last_import(&self) -> Option<ImportRecord> {
        self.records().last().cloned()
    }

    /// Number of the last import; `None` in an empty store.
    pub fn import_no(&self) -> Option<u64> {
        self.records().last().map(|record| record.import_no)
    }

    /// Delta version of every table at this version; empty in an empty store.
    pub fn versions(&self) -> BTreeMap<String, i64> {
        self.records().last().map(|record| record.versions.clone()).unwrap_or_default()
    }

    /// The tables that hold something at this version.
    pub fn tables(&self) -> Vec<MarketTable> {
        let versions = self.versions();
        MarketTable::all().filter(|table| versions.contains_key(table.name())).collect()
    }

    /// This store as import `import_no` left it; commits are still made on top of the newest.
    ///
    /// # Errors
    /// When there was no such import.
    pub fn at(&self, import_no: u64) -> Result<Self, DataError> {
        let records = self.records();
        let n =
            records.iter().position(|record| record.import_no == import_no).ok_or_else(|| {
                DataError::NotInStore {
                    what: "import",
                    name: import_no.to_string(),
                    available: format!(
                        "imports 1 to {}",
                        records.last().map_or(0, |r| r.import_no)
                    ),
                }
            })?;
        let records = Arc::new(RwLock::new(Arc::new(records[..=n].to_vec())));
        Ok(Self { root: self.root.clone(), runtime: Arc::clone(&self.runtime), records })
    }

    /// Commits an import: all of it or nothing.
    ///
    /// `clock` is the time of the import, RFC 3339. Rows replace rows of equal key column by column;
    /// a null keeps what is there.
    ///
    /// # Errors
    /// When another import is running, another program wrote to a table, `clock` is no time, rows do
    /// not have their table's shape, or a file cannot be written. The store is then as it was.
    pub fn commit(&self, import: PreparedImport, clock: &str) -> Result<Version, DataError> {
        let at = milliseconds(clock)?;
        local_file::create_directory(&self.root)?;
        let _lock = local_file::lock(&self.root)?;
        let catalog = self.log(catalog::NAME);
        let mut records = catalog::read(&catalog)?;
        let attempt = Attempt {
            store: self,
            import_no: records.last().map_or(1, |record| record.import_no + 1),
            before: records.last().map(|record| record.versions.clone()).unwrap_or_default(),
            at,
        };
        attempt.clean(&catalog)?;
        let done = attempt.carry_out(import, clock, records.last()).and_then(|record| {
            records.push(record);
            catalog::append(&catalog, &records, at)
        });
        if let Err(error) = done {
            // The first error is the one to tell; what stays behind now is removed by the next import.
            let _ = attempt.clean(&catalog);
            return Err(error);
        }
        let last = records.last().expect("just pushed");
        let version = Version { import_no: last.import_no, tables: last.versions.clone() };
        *self.records.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(records);
        Ok(version)
    }

    fn log(&self, name: &str) -> Log<'_> {
        Log::of(&self.runtime, &self.root, name)
    }

    /// The rows a selection asks for, sorted by key.
    ///
    /// A table the store does not hold has no rows.
    ///
    /// # Errors
    /// When a column or version does not exist, or a file cannot be read.
    pub fn read(
        &self,
        table: MarketTable,
        selection: &Selection,
    ) -> Result<Vec<RecordBatch>, DataError> {
        let pinned;
        let store = match selection.version {
            Some(import_no) => {
                pinned = self.at(import_no)?;
                &pinned
            }
            None => self,
        };
        let files = store.data_files(table)?;
        read::rows(table, &self.root.join(table.name()), &files, selection)
    }

    /// The Parquet files a table is made of at this version.
    ///
    /// # Errors
    /// When the version log cannot be read.
    pub fn files(&self, table: MarketTable) -> Result<Vec<PathBuf>, DataError> {
        let directory = self.root.join(table.name());
        Ok(self.data_files(table)?.into_iter().map(|file| directory.join(file.name)).collect())
    }

    fn data_files(&self, table: MarketTable) -> Result<Vec<DataFile>, DataError> {
        match self.versions().get(table.name()) {
            Some(&version) => self.log(table.name()).files(version),
            None => Ok(Vec::new()),
        }
    }
}

/// One attempt at an import, under the store's lock.
struct Attempt<'a> {
    store: &'a Store,
    import_no: u64,
    /// Versions the last import left.
    before: BTreeMap<String, i64>,
    at: i64,
}

impl Attempt<'_> {
    fn catalogued(&self, table: MarketTable) -> i64 {
        self.before.get(table.name()).copied().unwrap_or(ABSENT)
    }

    /// Undoes and removes what unfinished attempts left.
    fn clean(&self, catalog: &Log) -> Result<(), DataError> {
        for table in MarketTable::all() {
            let log = self.store.log(table.name());
            recover::roll_back(&log, self.catalogued(table), self.at)?;
            recover::sweep(&log, self.catalogued(table), self.import_no)?;
        }
        recover::sweep(catalog, catalog.latest()?.unwrap_or(ABSENT), self.import_no)
    }

    /// Writes every table's files, then commits every table. What only has to be said is said last.
    fn carry_out(
        &self,
        import: PreparedImport,
        clock: &str,
        last: Option<&ImportRecord>,
    ) -> Result<ImportRecord, DataError> {
        let mut record = ImportRecord {
            import_no: self.import_no,
            imported_at: clock.to_owned(),
            profile: import.profile,
            source: import.source,
            files: import.files,
            findings: import.findings,
            accepted: import.accepted,
            tool_version: import.tool_version,
            rows_in: BTreeMap::new(),
            rows: last.map(|record| record.rows.clone()).unwrap_or_default(),
            versions: self.before.clone(),
        };
        let mut written = Vec::new();
        for (table, batches) in import.tables {
            let n_in: usize = batches.iter().map(RecordBatch::num_rows).sum();
            record.rows_in.insert(table.name().to_owned(), n_in as u64);
            let present = self.store.data_files_at(table, self.catalogued(table))?;
            let files = self.write_table(table, &present, &batches)?;
            record.rows.insert(table.name().to_owned(), rows_after(&present, &files));
            record.findings.extend(replaced::findings(table, &files.replaced));
            written.push((table, files));
        }
        for (table, files) in written {
            let version = self.commit_table(table, files, clock)?;
            record.versions.insert(table.name().to_owned(), version);
        }
        self.keep_rolled_back(&mut record)?;
        Ok(record)
    }

    fn write_table(
        &self,
        table: MarketTable,
        present: &[DataFile],
        batches: &[RecordBatch],
    ) -> Result<Written, DataError> {
        let directory = self.store.root.join(table.name());
        let (import_no, at) = (self.import_no, self.at);
        let target = Target { table, directory: &directory, present, import_no, at };
        write::write(&target, batches)
    }

    fn commit_table(
        &self,
        table: MarketTable,
        files: Written,
        clock: &str,
    ) -> Result<i64, DataError> {
        let log = self.store.log(table.name());
        let provenance = json!({ "import_no": self.import_no, "imported_at": clock });
        let version = match log.latest()? {
            Some(version) => version,
            None => log.create(&table.schema(), &provenance)?,
        };
        let change = Change { add: files.add, remove: files.remove, at: self.at, provenance };
        log.commit(version, &change)
    }

    /// A table that was rolled back has the same files under a newer version: name that one, so that
    /// other readers' newest version is the catalog's.
    fn keep_rolled_back(&self, record: &mut ImportRecord) -> Result<(), DataError> {
        for (name, version) in &mut record.versions {
            if let Some(latest) = self.store.log(name).latest()? {
                *version = latest;
            }
        }
        Ok(())
    }
}

impl Store {
    fn data_files_at(&self, table: MarketTable, version: i64) -> Result<Vec<DataFile>, DataError> {
        if version == ABSENT { Ok(Vec::new()) } else { self.log(table.name()).files(version) }
    }
}

fn rows_after(present: &[DataFile], files: &Written) -> u64 {
    let sum = |files: &[DataFile]| files.iter().map(DataFile::n_rows).sum::<u64>();
    sum(present) + sum(&files.add) - sum(&files.remove)
}

/// The files an import of `path` reads from: itself, or everything below it, sorted.
pub(crate) fn source_files(path: &Path) -> Result<Vec<PathBuf>, DataError> {
    local_file::below(path)
}

/// Milliseconds since 1970 of an RFC 3339 time.
fn milliseconds(clock: &str) -> Result<i64, DataError> {
    let has_zone = clock.ends_with(['Z', 'z'])
        || clock.get(19..).is_some_and(|tail| tail.contains(['+', '-']));
    let nanoseconds = arrow_cast::parse::string_to_timestamp_nanos(clock)
        .ok()
        .filter(|_| has_zone)
        .ok_or_else(|| DataError::Ambiguous {
            file: clock.to_owned(),
            question: "the time of the import is not known".to_owned(),
            how: "an RFC 3339 time, as 2024-02-05T15:00:00+08:00".to_owned(),
        })?;
    Ok(nanoseconds / 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_is_rfc_3339_with_a_zone() {
        assert_eq!(milliseconds("1970-01-01T08:00:01+08:00").unwrap(), 1_000);
        assert_eq!(milliseconds("1970-01-02T00:00:00Z").unwrap(), 86_400_000);
        for wrong in ["2024-02-05T15:00:00", "yesterday", "2024-02-05"] {
            assert!(milliseconds(wrong).is_err(), "{wrong}");
        }
    }
}
