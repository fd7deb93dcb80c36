//! The files of a prepared research folder, each known by its columns, never by its name.
//!
//! Most of them need only a mapping: column to column, with a unit (`mappings`). The rest derive
//! something: unadjusted bars from adjusted ones, contracts from products, levels from returns.

mod ashare;
mod derived;
mod frame;
mod limits;
mod mappings;

use std::io::Read as _;
use std::path::{Path, PathBuf};

use shoals_core::Rulebook;

use super::text::{self, Container};
use super::{Profile, ReadOptions, delimited_file, parquet_file};
use crate::{DataError, Loaded};

/// How a known file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reader {
    /// By a built-in mapping, given as the text of a mapping file.
    Mapped(&'static str),
    /// The daily panel of A shares; its files belong together.
    Ashare,
    /// By a function of its own.
    Derived(derived::Kind),
}

impl Reader {
    /// Whether its columns are those of any bars: in a text file they say nothing about the content.
    fn is_plain_bars(self) -> bool {
        let plain = [mappings::QVIX, mappings::ADJUSTED_BARS, mappings::INDEX_STYLE];
        plain.map(Self::Mapped).contains(&self)
    }

    /// Where several files give one key the file read last wins, so those closer to the publisher come
    /// later: rebuilt series, then levels to two decimals and other copies, then the primary levels.
    fn priority(self) -> u8 {
        match self {
            Self::Mapped(mappings::PROXY_INDEX)
            | Self::Derived(derived::Kind::Series | derived::Kind::Returns) => 0,
            Self::Mapped(mappings::INDEX) => 2,
            _ => 1,
        }
    }
}

/// Reads known files, primary ones last; `None` when one alone is not known.
///
/// # Errors
/// When a file is not whole.
pub(crate) fn read(
    paths: &[PathBuf],
    rulebook: &Rulebook,
    progress: &dyn Fn(u64, u64),
) -> Result<Option<Vec<Loaded>>, DataError> {
    let Some(files) = recognised(paths)? else { return Ok(None) };
    let total: u64 = files.iter().map(|file| file.2).sum();
    let mut done = 0;
    let mut loaded = Vec::new();
    let mut panel = Vec::new();
    for (path, reader, size) in &files {
        match reader {
            Reader::Ashare => {
                panel.push((path.clone(), *size));
                continue;
            }
            Reader::Mapped(mapping) => loaded.extend(read_mapped(path, mapping, rulebook)?),
            Reader::Derived(kind) => loaded.extend(derived::read(path, *kind)?),
        }
        done += size;
        progress(done, total);
    }
    loaded.extend(ashare::read(&panel, &rulebook.rules, &|bytes| progress(done + bytes, total))?);
    Ok(Some(loaded))
}

/// The files with their readers and sizes, by priority and then as given.
#[expect(clippy::type_complexity, reason = "a list of triples, or none")]
fn recognised(paths: &[PathBuf]) -> Result<Option<Vec<(PathBuf, Reader, u64)>>, DataError> {
    let mut files = Vec::with_capacity(paths.len());
    for path in paths {
        let Some(reader) = recognise(path)? else { return Ok(None) };
        let size = std::fs::metadata(path).map_or(0, |m| m.len());
        files.push((path.clone(), reader, size));
    }
    files.sort_by_key(|file| file.1.priority());
    Ok(Some(files))
}

fn read_mapped(path: &Path, mapping: &str, rulebook: &Rulebook) -> Result<Vec<Loaded>, DataError> {
    let mapping = mapping.parse().expect("built in and tested");
    let rulebook = rulebook.clone();
    let options = ReadOptions { mapping: Some(mapping), rulebook, ..ReadOptions::default() };
    if text::container(path)? == Container::Parquet {
        return parquet_file::read(path, Profile::Parquet, &options);
    }
    delimited_file::read(text::open(path, None)?, Profile::Csv, &options, &|_, _| {})
}

/// Whether a file is one of the known ones.
///
/// # Errors
/// When it cannot be read, or is a Parquet file that is not whole.
pub(crate) fn recognises(path: &Path) -> Result<bool, DataError> {
    Ok(recognise(path)?.is_some())
}

fn recognise(path: &Path) -> Result<Option<Reader>, DataError> {
    let container = text::container(path)?;
    let names = match container {
        Container::Parquet => parquet_file::names(parquet_file::metadata(path)?.schema()),
        Container::Text => first_line(path),
        _ => return Ok(None),
    };
    let is_it = |columns: &str| {
        let mut columns = columns.split(' ');
        columns.clone().count() == names.len() && columns.all(|c| names.iter().any(|n| n == c))
    };
    let known = mappings::FILES.iter().find(|(columns, _)| is_it(columns)).map(|row| row.1);
    Ok(known.filter(|reader| container == Container::Parquet || !reader.is_plain_bars()))
}

/// The names on the first line of a text, compressed or not; empty when it is no text after all.
fn first_line(path: &Path) -> Vec<String> {
    let Ok(file) = std::fs::File::open(path) else { return Vec::new() };
    let mut head = vec![0; 4096];
    let is_gzip = path.extension().is_some_and(|e| e == "gz");
    let read = if is_gzip {
        flate2::read::MultiGzDecoder::new(file).read(&mut head)
    } else {
        (&file).read(&mut head)
    };
    let Ok(n) = read else { return Vec::new() };
    let text = String::from_utf8_lossy(&head[..n]);
    let line = text.lines().next().unwrap_or_default();
    line.split(',').map(|name| name.trim().to_owned()).collect()
}
