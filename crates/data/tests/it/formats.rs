//! Readers against small files written as each source writes them, broken files, and the real folder.

#![expect(clippy::disallowed_methods, reason = "tests write the files they read")]

mod broken;
mod market;
mod navs;
mod plain;
mod questions;
mod sources;

use std::path::{Path, PathBuf};

use arrow_cast::display::{ArrayFormatter, FormatOptions};
use shoals_data::formats::{Profile, ReadOptions, read};
use shoals_data::{DataError, Loaded, MarketTable};
use tempfile::TempDir;

/// A folder for one test's files.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file, folders included.
    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

fn read_as(profile: Profile, path: &Path, options: &ReadOptions) -> Result<Vec<Loaded>, DataError> {
    let loaded = read(profile, path, options, &|_, _| {})?;
    let known: Vec<&str> = shoals_data::doctor::known_kinds().collect();
    for finding in loaded.iter().flat_map(|l| &l.findings) {
        assert!(known.contains(&finding.kind.as_str()), "{} is no known kind", finding.kind);
    }
    Ok(loaded)
}

/// Text as a Chinese terminal saves it.
fn gbk(text: &str) -> Vec<u8> {
    encoding_rs::GBK.encode(text).0.into_owned()
}

/// The loaded table of that kind.
fn table(loaded: &[Loaded], table: MarketTable) -> &Loaded {
    loaded.iter().find(|l| l.table == table).unwrap_or_else(|| panic!("no {table}"))
}

/// Every row's cells in the given columns, parted by blanks; a null is `-`.
fn rows(loaded: &Loaded, columns: &str) -> Vec<String> {
    let options = FormatOptions::default().with_null("-");
    let mut rows = Vec::new();
    for batch in &loaded.batches {
        assert_eq!(batch.schema(), loaded.table.schema());
        let formatters: Vec<ArrayFormatter<'_>> = columns
            .split(' ')
            .map(|name| {
                let column = batch.column_by_name(name).unwrap_or_else(|| panic!("no {name}"));
                ArrayFormatter::try_new(column.as_ref(), &options).unwrap()
            })
            .collect();
        rows.extend((0..batch.num_rows()).map(|row| {
            let cells: Vec<String> = formatters.iter().map(|f| f.value(row).to_string()).collect();
            cells.join(" ")
        }));
    }
    rows
}

/// Kinds of the findings, with their counts, notes left out.
fn troubles(loaded: &[Loaded]) -> Vec<String> {
    let findings = loaded.iter().flat_map(|l| &l.findings);
    findings
        .filter(|f| f.severity > shoals_core::Severity::Note)
        .map(|f| format!("{} x{}", f.kind, f.count))
        .collect()
}
