//! The list of imports, itself a Delta table: its newest version is the store's truth.
//!
//! An import writes its tables first and its line here last. Readers use the table versions of the last
//! line, so an import that was killed half-way is not there. Lines are appended as small files, and
//! gathered into one file now and then.

use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::delta_log::{Change, DataFile, Log};
use super::parquet_file::{self, SortedColumns};
use super::record::ImportRecord;
use super::{local_file, naming};
use crate::DataError;

/// The catalog's directory; the underscore hides it from readers that list tables.
pub(super) const NAME: &str = "_imports";

/// Files the catalog may have before they are gathered into one.
const MAX_FILES: usize = 32;

/// Columns that hold one JSON value each.
const JSON_COLUMNS: [&str; 6] = ["files", "findings", "accepted", "rows_in", "rows", "versions"];

fn schema() -> SchemaRef {
    let text = |name: &str| Field::new(name, DataType::Utf8, false);
    let mut fields = vec![Field::new("import_no", DataType::Int64, false)];
    fields.extend(["imported_at", "profile", "source", "tool_version"].map(text));
    fields.extend(JSON_COLUMNS.map(text));
    Arc::new(Schema::new(fields))
}

/// Every record, oldest first; none when there was no import yet.
pub(super) fn read(log: &Log) -> Result<Vec<ImportRecord>, DataError> {
    let Some(version) = log.latest()? else { return Ok(Vec::new()) };
    let mut records = Vec::new();
    for file in log.files(version)? {
        records.extend(read_file(&log.directory().join(&file.name))?);
    }
    records.sort_unstable_by_key(|record: &ImportRecord| record.import_no);
    Ok(records)
}

/// Appends the last of `records`; from this moment on it is the store's version.
pub(super) fn append(log: &Log, records: &[ImportRecord], at: i64) -> Result<(), DataError> {
    let Some(last) = records.last() else { return Ok(()) };
    let provenance = json!({ "import_no": last.import_no, "imported_at": last.imported_at });
    let version = match log.latest()? {
        Some(version) => version,
        None => log.create(&schema(), &provenance)?,
    };
    let present = log.files(version)?;
    let gather = present.len() >= MAX_FILES;
    let written = if gather { records } else { std::slice::from_ref(last) };
    let add = vec![write_file(log.directory(), written, at)?];
    let remove = if gather { present } else { Vec::new() };
    log.commit(version, &Change { add, remove, at, provenance })?;
    Ok(())
}

fn write_file(directory: &Path, records: &[ImportRecord], at: i64) -> Result<DataFile, DataError> {
    let last = records.last().map_or(0, |record| record.import_no);
    let attempt = naming::next_attempt(&local_file::names(directory)?, last);
    let name = naming::part(last, attempt, "imports");
    let path = directory.join(&name);
    let batch = Rows(to_batch(records)?);
    parquet_file::write(&path, &schema(), records.len(), &batch)?;
    let stats = json!({ "numRecords": records.len() }).to_string();
    let size = local_file::size(&path)? as i64;
    Ok(DataFile { name, size, modified: at, stats: Some(stats) })
}

struct Rows(RecordBatch);

impl SortedColumns for Rows {
    fn slice(&self, column: usize, start: usize, end: usize) -> ArrayRef {
        self.0.column(column).slice(start, end - start)
    }
}

fn to_batch(records: &[ImportRecord]) -> Result<RecordBatch, DataError> {
    let text = |f: &dyn Fn(&ImportRecord) -> String| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(records.iter().map(f)))
    };
    let columns = vec![
        Arc::new(records.iter().map(|r| Some(r.import_no as i64)).collect::<Int64Array>()) as _,
        text(&|r| r.imported_at.clone()),
        text(&|r| r.profile.clone()),
        text(&|r| r.source.clone()),
        text(&|r| r.tool_version.clone()),
        text(&|r| as_json(&r.files)),
        text(&|r| as_json(&r.findings)),
        text(&|r| as_json(&r.accepted)),
        text(&|r| as_json(&r.rows_in)),
        text(&|r| as_json(&r.rows)),
        text(&|r| as_json(&r.versions)),
    ];
    Ok(RecordBatch::try_new(schema(), columns)?)
}

fn as_json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("plain structs with text keys always serialise")
}

fn read_file(path: &Path) -> Result<Vec<ImportRecord>, DataError> {
    let file = path.display().to_string();
    let decoded = |cause| DataError::Parquet { file: file.clone(), cause };
    let reader = ParquetRecordBatchReaderBuilder::try_new(local_file::open(path)?)
        .and_then(ParquetRecordBatchReaderBuilder::build)
        .map_err(decoded)?;
    let mut records = Vec::new();
    for batch in reader {
        let batch = batch?;
        for row in 0..batch.num_rows() {
            records.push(to_record(&batch, row, &file)?);
        }
    }
    Ok(records)
}

fn to_record(batch: &RecordBatch, row: usize, file: &str) -> Result<ImportRecord, DataError> {
    let text = |i: usize| batch.column(i).as_string::<i32>().value(row);
    Ok(ImportRecord {
        import_no: batch.column(0).as_primitive::<Int64Type>().value(row) as u64,
        imported_at: text(1).to_owned(),
        profile: text(2).to_owned(),
        source: text(3).to_owned(),
        tool_version: text(4).to_owned(),
        files: from_json(text(5), file)?,
        findings: from_json(text(6), file)?,
        accepted: from_json(text(7), file)?,
        rows_in: from_json(text(8), file)?,
        rows: from_json(text(9), file)?,
        versions: from_json(text(10), file)?,
    })
}

fn from_json<T: DeserializeOwned>(text: &str, file: &str) -> Result<T, DataError> {
    serde_json::from_str(text).map_err(|cause| DataError::Corrupt {
        file: file.to_owned(),
        format: "catalog",
        reason: cause.to_string(),
    })
}
