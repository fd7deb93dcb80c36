//! From files to a new version: read, examine, refuse or commit.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Serialize;
use shoals_core::{Finding, Rulebook, Severity};

use crate::formats::{self, Profile, ReadOptions};
use crate::store::{PreparedImport, SourceFile, Store, Version, source_files};
use crate::{DataError, Loaded, doctor};

/// What an import is told besides the files.
#[derive(Debug, Clone, Default)]
pub struct ImportOptions {
    /// Kinds of severe findings to let pass; recorded in the history.
    pub accept: Vec<String>,
    /// The time of the import, RFC 3339.
    pub imported_at: String,
    /// Version of the program, as `shoals 0.1.0`.
    pub tool_version: String,
    /// Calendar and rule files the rows were read and examined by, recorded with the files read.
    pub rulebook_files: Vec<SourceFile>,
}

/// What an import did.
#[derive(Debug, Clone, Serialize)]
pub struct ImportReport {
    /// The version it made.
    pub version: Version,
    /// Rows it brought, by table.
    pub rows: BTreeMap<String, u64>,
    /// The files it read.
    pub files: Vec<SourceFile>,
    /// What was found, none of it in the way.
    pub findings: Vec<Finding>,
}

/// Imports a file or a directory as one commit.
///
/// Findings of reading and of the doctor are kept with the version. `progress` is told bytes read and
/// their total.
///
/// # Errors
/// When a file cannot be read or leaves a question open, a severe finding is not accepted, or the commit
/// fails. The store is then as it was.
pub fn import(
    store: &Store,
    profile: Profile,
    path: &Path,
    read_options: &ReadOptions,
    options: &ImportOptions,
    progress: &dyn Fn(u64, u64),
) -> Result<ImportReport, DataError> {
    let Examined { loaded, findings, files } =
        read_and_examine(profile, path, read_options, progress)?;
    refuse_severe(&findings, &options.accept)?;
    let rows = rows_by_table(&loaded);
    let prepared = PreparedImport {
        profile: profile.to_string(),
        source: path.display().to_string(),
        files: [&files[..], &options.rulebook_files[..]].concat(),
        findings,
        accepted: options.accept.clone(),
        tool_version: options.tool_version.clone(),
        tables: Vec::new(),
    };
    let version = store.commit(prepared.with_rows(loaded), &options.imported_at)?;
    let findings = store.last_import().map(|record| record.findings).unwrap_or_default();
    Ok(ImportReport { version, rows, files, findings })
}

/// What the files hold, and what is wrong with it.
struct Examined {
    loaded: Vec<Loaded>,
    findings: Vec<Finding>,
    files: Vec<SourceFile>,
}

/// Reads and examines; the files are hashed meanwhile.
fn read_and_examine(
    profile: Profile,
    path: &Path,
    options: &ReadOptions,
    progress: &dyn Fn(u64, u64),
) -> Result<Examined, DataError> {
    std::thread::scope(|scope| {
        let hashing = scope.spawn(|| hash_all(&source_files(path)?));
        let loaded = formats::read(profile, path, options, progress)?;
        let mut findings: Vec<Finding> =
            loaded.iter().flat_map(|one| one.findings.iter().cloned()).collect();
        let Rulebook { calendar, rules } = &options.rulebook;
        findings.extend(doctor::examine(&loaded, calendar, rules));
        let hashed = hashing.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        let files = only_read(hashed, &loaded);
        Ok(Examined { loaded, findings, files })
    })
}

fn hash_all(files: &[PathBuf]) -> Result<Vec<SourceFile>, DataError> {
    files.iter().map(|file| SourceFile::of(file)).collect()
}

/// The files that rows came from; all of them when the rows do not say.
fn only_read(files: Vec<SourceFile>, loaded: &[Loaded]) -> Vec<SourceFile> {
    let is_read = |file: &SourceFile| loaded.iter().any(|one| one.file == file.path);
    if files.iter().any(is_read) { files.into_iter().filter(is_read).collect() } else { files }
}

fn refuse_severe(findings: &[Finding], accept: &[String]) -> Result<(), DataError> {
    let stops = |f: &&Finding| f.severity == Severity::Severe && !accept.contains(&f.kind);
    match findings.iter().filter(stops).count() {
        0 => Ok(()),
        n => Err(DataError::Refused { n, findings: findings.to_vec() }),
    }
}

fn rows_by_table(loaded: &[Loaded]) -> BTreeMap<String, u64> {
    let mut rows = BTreeMap::new();
    for one in loaded {
        *rows.entry(one.table.name().to_owned()).or_default() += one.n_rows() as u64;
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_severe_kind_stops_until_it_is_accepted_by_name() {
        let finding = |kind, severity| Finding::new(kind, severity, "a.csv", "x", "y", "z");
        let findings = [
            finding("negative_price", Severity::Severe),
            finding("stale_series", Severity::Warning),
        ];
        let refusal = refuse_severe(&findings, &[]).unwrap_err();
        assert!(matches!(&refusal, DataError::Refused { n: 1, findings } if findings.len() == 2));
        assert!(refuse_severe(&findings, &["stale_series".to_owned()]).is_err());
        assert!(refuse_severe(&findings, &["negative_price".to_owned()]).is_ok());
    }
}
