//! The version log of one table: Delta, without a query engine.
//!
//! The data files are written by the store itself; this module only says which files a version is made
//! of, and commits the next one. Every commit carries the mark `shoals` with its import number, so that
//! a version somebody else wrote is told from one a killed import left.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use arrow_schema::{DataType as ArrowType, Schema};
use deltalake_core::kernel::transaction::CommitBuilder;
use deltalake_core::kernel::transaction::CommitProperties;
use deltalake_core::kernel::{Action, Add, DataType, PrimitiveType, Remove, StructField};
use deltalake_core::protocol::{DeltaOperation, SaveMode};
use deltalake_core::{DeltaTable, DeltaTableError};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::local_file;
use crate::DataError;

/// The key of our mark in a commit's information.
const MARK: &str = "shoals";

/// A data file of a version.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DataFile {
    /// File name, relative to the table's directory.
    pub(crate) name: String,
    /// Size in bytes.
    pub(crate) size: i64,
    /// Milliseconds since 1970, of the import that wrote it.
    pub(crate) modified: i64,
    /// Statistics as JSON text.
    pub(crate) stats: Option<String>,
}

impl DataFile {
    /// Number of rows, as the log says.
    pub(crate) fn n_rows(&self) -> u64 {
        self.stat("numRecords").as_u64().unwrap_or(0)
    }

    /// Smallest and largest value of a column, as the log says.
    pub(crate) fn range(&self, column: &str) -> (Value, Value) {
        (self.stat("minValues")[column].take(), self.stat("maxValues")[column].take())
    }

    fn stat(&self, name: &str) -> Value {
        let parsed: Option<Value> =
            self.stats.as_ref().and_then(|text| serde_json::from_str(text).ok());
        parsed.map_or(Value::Null, |mut stats| stats[name].take())
    }

    fn added(&self) -> Action {
        Action::Add(Add {
            path: self.name.clone(),
            size: self.size,
            modification_time: self.modified,
            data_change: true,
            stats: self.stats.clone(),
            ..Add::default()
        })
    }

    fn removed(&self, at: i64) -> Action {
        Action::Remove(Remove {
            path: self.name.clone(),
            data_change: true,
            deletion_timestamp: Some(at),
            extended_file_metadata: Some(true),
            partition_values: Some(HashMap::new()),
            size: Some(self.size),
            ..Remove::default()
        })
    }
}

/// What a commit does to the files of a table, and on whose behalf.
#[derive(Debug, Default)]
pub(crate) struct Change {
    /// Files that join.
    pub(crate) add: Vec<DataFile>,
    /// Files that leave; they stay on disk for older versions.
    pub(crate) remove: Vec<DataFile>,
    /// When, in milliseconds since 1970.
    pub(crate) at: i64,
    /// What the commit's information says under our mark.
    pub(crate) provenance: Value,
}

/// The log of one table.
pub(crate) struct Log<'a> {
    runtime: &'a Runtime,
    directory: PathBuf,
    name: String,
}

impl<'a> Log<'a> {
    /// The log of table `name` in the store at `root`.
    pub(crate) fn of(runtime: &'a Runtime, root: &Path, name: &str) -> Self {
        Self { runtime, directory: root.join(name), name: name.to_owned() }
    }

    /// The table's directory.
    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    fn log_directory(&self) -> PathBuf {
        self.directory.join("_delta_log")
    }

    fn failed(&self, action: &'static str, cause: DeltaTableError) -> DataError {
        DataError::Log { table: self.name.clone(), action, cause: Box::new(cause) }
    }

    /// The newest version; `None` when there is none at all.
    pub(crate) fn latest(&self) -> Result<Option<i64>, DataError> {
        Ok(local_file::names(&self.log_directory())?.iter().filter_map(|n| version_of(n)).max())
    }

    /// The files of a version, by name.
    pub(crate) fn files(&self, version: i64) -> Result<Vec<DataFile>, DataError> {
        let table = self.open(version)?;
        let state = table.snapshot().map_err(|cause| self.failed("read", cause))?;
        let mut files: Vec<DataFile> = state
            .log_data()
            .iter()
            .map(|file| DataFile {
                name: file.path().into_owned(),
                size: file.size(),
                modified: file.modification_time(),
                stats: file.stats(),
            })
            .collect();
        files.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        Ok(files)
    }

    fn open(&self, version: i64) -> Result<DeltaTable, DataError> {
        let url = self.url()?;
        self.runtime
            .block_on(deltalake_core::open_table_with_version(url, version as u64))
            .map_err(|cause| self.failed("read", cause))
    }

    fn url(&self) -> Result<url::Url, DataError> {
        local_file::create_directory(&self.directory)?;
        let path = local_file::absolute(&self.directory)?;
        url::Url::from_directory_path(&path)
            .map_err(|()| DataError::NoStore { path: path.display().to_string() })
    }

    /// Creates the table at version 0, without rows.
    pub(crate) fn create(&self, schema: &Schema, provenance: &Value) -> Result<i64, DataError> {
        let url = self.url()?;
        let create = async {
            DeltaTable::try_from_url(url)
                .await?
                .create()
                .with_table_name(&self.name)
                .with_columns(fields(schema))
                .with_configuration([
                    ("delta.enableExpiredLogCleanup", Some("false")),
                    ("delta.checkpointInterval", Some("10")),
                ])
                .with_commit_properties(properties(provenance))
                .await
        };
        self.runtime.block_on(create).map_err(|cause| self.failed("written", cause))?;
        Ok(0)
    }

    /// Commits the version after `version`, which must still be the newest.
    pub(crate) fn commit(&self, version: i64, change: &Change) -> Result<i64, DataError> {
        let table = self.open(version)?;
        let state = table.snapshot().map_err(|cause| self.failed("read", cause))?;
        let removed = change.remove.iter().map(|file| file.removed(change.at));
        let actions = change.add.iter().map(DataFile::added).chain(removed).collect();
        let operation =
            DeltaOperation::Write { mode: SaveMode::Append, partition_by: None, predicate: None };
        let commit = CommitBuilder::from(properties(&change.provenance))
            .with_actions(actions)
            .build(Some(state), table.log_store(), operation);
        let done = self
            .runtime
            .block_on(std::future::IntoFuture::into_future(commit))
            .map_err(|cause| self.failed("written", cause))?;
        Ok(done.version() as i64)
    }

    /// Refuses versions after `known` that were not written by a store.
    pub(crate) fn refuse_foreign(&self, known: i64) -> Result<(), DataError> {
        for version in self.versions_after(known)? {
            if !self.commit_text(version)?.lines().any(is_ours) {
                return Err(DataError::ForeignCommit {
                    table: self.name.clone(),
                    found: version,
                    expected: known,
                });
            }
        }
        Ok(())
    }

    /// Names of the files that versions after `known` add.
    pub(crate) fn added_after(&self, known: i64) -> Result<Vec<String>, DataError> {
        let mut names = Vec::new();
        for version in self.versions_after(known)? {
            names.extend(self.commit_text(version)?.lines().filter_map(added_name));
        }
        Ok(names)
    }

    fn versions_after(&self, known: i64) -> Result<Vec<i64>, DataError> {
        let names = local_file::names(&self.log_directory())?;
        Ok(names.iter().filter_map(|name| version_of(name)).filter(|v| *v > known).collect())
    }

    fn commit_text(&self, version: i64) -> Result<String, DataError> {
        local_file::text(&self.log_directory().join(format!("{version:020}.json")))
    }

    /// Removes what a killed commit left half-written beside the log.
    pub(crate) fn sweep_log(&self) -> Result<(), DataError> {
        let directory = self.log_directory();
        for name in local_file::names(&directory)? {
            if name.contains('#') || name.contains(".tmp") {
                local_file::remove(&directory.join(name))?;
            }
        }
        Ok(())
    }
}

/// The version of a commit file's name, `00000000000000000007.json`.
fn version_of(name: &str) -> Option<i64> {
    let digits = name.strip_suffix(".json")?;
    (digits.len() == 20).then(|| digits.parse().ok()).flatten()
}

fn is_ours(line: &str) -> bool {
    let action: Option<Value> = serde_json::from_str(line).ok();
    action.is_some_and(|action| !action["commitInfo"][MARK].is_null())
}

fn added_name(line: &str) -> Option<String> {
    let action: Value = serde_json::from_str(line).ok()?;
    action["add"]["path"].as_str().map(str::to_owned)
}

/// No retry: the store's lock is held, so a newer version is somebody else's.
fn properties(provenance: &Value) -> CommitProperties {
    CommitProperties::default()
        .with_max_retries(0)
        .with_cleanup_expired_logs(Some(false))
        .with_metadata([(MARK.to_owned(), json!(provenance))])
}

fn fields(schema: &Schema) -> Vec<StructField> {
    schema
        .fields()
        .iter()
        .map(|f| StructField::new(f.name(), stored_type(f.data_type()), f.is_nullable()))
        .collect()
}

fn stored_type(data_type: &ArrowType) -> DataType {
    DataType::Primitive(match data_type {
        ArrowType::Date32 => PrimitiveType::Date,
        ArrowType::Float64 => PrimitiveType::Double,
        ArrowType::Int64 => PrimitiveType::Long,
        ArrowType::Boolean => PrimitiveType::Boolean,
        ArrowType::Timestamp(_, _) => PrimitiveType::TimestampNtz,
        _ => PrimitiveType::String,
    })
}
