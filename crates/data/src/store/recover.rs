//! What a killed import left, put right by the next one.
//!
//! Two things can be left: versions of single tables that no line of the catalog names, and files that
//! no version names. The first are undone by a commit that brings the files of the catalogued version
//! back; the second are removed. A file that any version names is never removed.

use std::collections::HashSet;

use serde_json::json;

use super::delta_log::{Change, DataFile, Log};
use super::{local_file, naming};
use crate::DataError;

/// The version of a table that is not in the catalog.
pub(super) const ABSENT: i64 = -1;

/// Undoes versions after `catalogued`, and returns the version to build on: `catalogued` itself when
/// nothing had been left.
pub(super) fn roll_back(log: &Log, catalogued: i64, at: i64) -> Result<i64, DataError> {
    let Some(latest) = log.latest()?.filter(|latest| *latest > catalogued) else {
        return Ok(catalogued);
    };
    log.refuse_foreign(catalogued)?;
    let good = if catalogued == ABSENT { Vec::new() } else { log.files(catalogued)? };
    let left = log.files(latest)?;
    let (add, remove) = (missing_from(&good, &left), missing_from(&left, &good));
    if add.is_empty() && remove.is_empty() {
        return Ok(latest);
    }
    let provenance = json!({ "rolled_back_to": catalogued });
    log.commit(latest, &Change { add, remove, at, provenance })
}

/// The files of `wanted` that `present` does not have.
fn missing_from(wanted: &[DataFile], present: &[DataFile]) -> Vec<DataFile> {
    let names: HashSet<&str> = present.iter().map(|file| file.name.as_str()).collect();
    wanted.iter().filter(|file| !names.contains(file.name.as_str())).cloned().collect()
}

/// Removes files of unfinished attempts at import `next` that no version names.
pub(super) fn sweep(log: &Log, catalogued: i64, next: u64) -> Result<(), DataError> {
    log.sweep_log()?;
    let named: HashSet<String> = log.added_after(catalogued)?.into_iter().collect();
    for name in local_file::names(log.directory())? {
        let is_unfinished = naming::parse(&name).is_some_and(|(import_no, ..)| import_no >= next);
        if is_unfinished && !named.contains(&name) {
            local_file::remove(&log.directory().join(&name))?;
        }
    }
    Ok(())
}
