//! The rows of one table into new data files, span by span, on all cores.

use std::path::Path;

use arrow_array::RecordBatch;
use rayon::prelude::*;

use super::delta_log::DataFile;
use super::merge::{Merged, Replaced};
use super::order::{RowRef, Texts, rank_texts};
use super::span::{Span, rows_by_span};
use super::{file_stats, local_file, naming, parquet_file, read};
use crate::{DataError, MarketTable};

/// What an import makes of one table.
#[derive(Debug, Default)]
pub(super) struct Written {
    /// New files.
    pub(super) add: Vec<DataFile>,
    /// Files they replace.
    pub(super) remove: Vec<DataFile>,
    /// Stored observations they replace by others, span by span.
    pub(super) replaced: Vec<Replaced>,
}

/// Where and under which names the files of a table go.
pub(super) struct Target<'a> {
    /// The table.
    pub(super) table: MarketTable,
    /// Its directory.
    pub(super) directory: &'a Path,
    /// Its files in the version to build on.
    pub(super) present: &'a [DataFile],
    /// Number of the import.
    pub(super) import_no: u64,
    /// Milliseconds since 1970.
    pub(super) at: i64,
}

/// Writes the spans `batches` bring rows for, merged with what they hold already.
pub(super) fn write(target: &Target, batches: &[RecordBatch]) -> Result<Written, DataError> {
    check_shape(target.table, batches)?;
    local_file::create_directory(target.directory)?;
    let names = local_file::names(target.directory)?;
    let attempt = naming::next_attempt(&names, target.import_no);
    let texts = rank_texts(batches)?;
    rows_by_span(target.table, batches)
        .into_par_iter()
        .with_max_len(1)
        .map(|(span, rows)| write_span(target, attempt, span, batches, &texts, rows))
        .try_reduce(Written::default, |mut all, one| {
            all.add.extend(one.add);
            all.remove.extend(one.remove);
            all.replaced.extend(one.replaced);
            Ok(all)
        })
}

fn write_span(
    target: &Target,
    attempt: u64,
    span: Span,
    batches: &[RecordBatch],
    texts: &Texts,
    rows: Vec<RowRef>,
) -> Result<Written, DataError> {
    let span = span.name();
    let covers = |file: &&DataFile| naming::parse(&file.name).is_some_and(|p| p.2 == span);
    let remove: Vec<DataFile> = target.present.iter().filter(covers).cloned().collect();
    let name = naming::part(target.import_no, attempt, &span);
    let n_key = target.table.key().len();
    if remove.is_empty() {
        let add = write_merged(target, &name, &Merged::of(batches, texts, n_key, rows))?;
        return Ok(Written { add: vec![add], ..Written::default() });
    }
    let (all, texts, rows) = with_present(target, &remove, batches, texts, rows)?;
    let merged = Merged::of(&all, &texts, n_key, rows);
    let replaced = merged.replaced(batches.len() as u32, n_key);
    Ok(Written { add: vec![write_merged(target, &name, &merged)?], remove, replaced })
}

/// The incoming rows after the rows the span holds already.
fn with_present(
    target: &Target,
    present: &[DataFile],
    batches: &[RecordBatch],
    texts: &Texts,
    rows: Vec<RowRef>,
) -> Result<(Vec<RecordBatch>, Texts, Vec<RowRef>), DataError> {
    let mut old = Vec::new();
    for file in present {
        old.extend(read::whole_file(target.table, &target.directory.join(&file.name))?);
    }
    let texts = texts
        .iter()
        .enumerate()
        .map(|(i, ranks)| ranks.as_ref().map(|ranks| ranks.and(&old, i)).transpose())
        .collect::<Result<Texts, _>>()?;
    let n_new = batches.len() as u32;
    let old_rows = old.iter().enumerate().flat_map(|(i, batch)| {
        let batch_no = n_new + i as u32;
        (0..batch.num_rows() as u32).map(move |row| RowRef { batch: batch_no, row })
    });
    let all_rows = old_rows.chain(rows).collect();
    Ok((batches.iter().cloned().chain(old).collect(), texts, all_rows))
}

fn write_merged(target: &Target, name: &str, merged: &Merged) -> Result<DataFile, DataError> {
    let path = target.directory.join(name);
    let schema = target.table.schema();
    let metadata = parquet_file::write(&path, &schema, merged.n_rows(), merged)?;
    local_file::settle(&path)?;
    Ok(DataFile {
        name: name.to_owned(),
        size: local_file::size(&path)? as i64,
        modified: target.at,
        stats: Some(file_stats::of(target.table, &metadata)),
    })
}

/// Refuses batches that are not under the table's schema, or miss a part of the key.
fn check_shape(table: MarketTable, batches: &[RecordBatch]) -> Result<(), DataError> {
    let schema = table.schema();
    let wrong = |reason: String| DataError::WrongShape { table: table.name().to_owned(), reason };
    for batch in batches {
        if batch.num_columns() != schema.fields().len() {
            let (found, expected) = (batch.num_columns(), schema.fields().len());
            return Err(wrong(format!("{found} columns, expected {expected}")));
        }
        for (i, field) in schema.fields().iter().enumerate() {
            let (found, column) = (batch.schema_ref().field(i).clone(), batch.column(i));
            if found.name() != field.name() || found.data_type() != field.data_type() {
                return Err(wrong(format!("column {found}, expected {field}")));
            }
            if i < table.key().len() && column.null_count() > 0 {
                let (name, n) = (field.name(), column.null_count());
                return Err(wrong(format!("key column `{name}` is missing in {n} rows")));
            }
        }
    }
    Ok(())
}
