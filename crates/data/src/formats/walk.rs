//! A directory of exports: every recognised file, in sorted order.

use std::cell::Cell;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use shoals_core::{Finding, Severity};

use super::text::{name, unreadable};
use super::{Profile, ReadOptions, add_findings, qlib, read_file, research};
use crate::{DataError, Loaded};

/// Extensions looked at; everything else in a folder is no data.
const EXTENSIONS: &[&str] =
    &["csv", "txt", "tsv", "gz", "json", "xlsx", "xls", "xlsm", "xlsb", "parquet"];

/// Files read at once; larger ones are parallel within.
const FILES_A_WAVE: usize = 32;
/// Bytes from which a file is read alone.
const LARGE: u64 = 16 << 20;

/// Reads every recognised file below `path`.
///
/// # Errors
/// A file that is broken or leaves a question open; a folder in which nothing is recognised. A file of
/// no known layout is a finding as long as others are known.
pub(crate) fn read_directory(
    profile: Profile,
    path: &Path,
    options: &ReadOptions,
    progress: &dyn Fn(u64, u64),
) -> Result<Vec<Loaded>, DataError> {
    let mut files = Vec::new();
    collect(path, &mut files)?;
    files.sort();
    let total: u64 = files.iter().map(|file| file.1).sum();
    let (research, others) = parted(profile, files)?;
    let done = Cell::new(0);
    let mut loaded = Vec::new();
    if !research.is_empty() {
        let paths: Vec<PathBuf> = research.iter().map(|file| file.0.clone()).collect();
        let tell = |bytes: u64, _: u64| progress(bytes, total);
        loaded.extend(research::read(&paths, &options.rulebook, &tell)?.unwrap_or_default());
        done.set(research.iter().map(|file| file.1).sum());
    }
    let profile = if profile == Profile::Market { Profile::Auto } else { profile };
    let mut unknown = Vec::new();
    for wave in waves(&others) {
        for outcome in
            read_wave(profile, wave, options, &|bytes| progress(done.get() + bytes, total))
        {
            match outcome {
                Ok(tables) => loaded.extend(tables),
                Err(DataError::UnknownLayout { file, reason }) => unknown.push((file, reason)),
                Err(DataError::Corrupt { file, format: "text", reason }) if is_prose(&file) => {
                    unknown.push((file, reason));
                }
                Err(error) => return Err(error),
            }
        }
        done.set(done.get() + wave.iter().map(|file| file.1).sum::<u64>());
        progress(done.get(), total);
    }
    if loaded.is_empty() {
        let first = unknown.into_iter().next();
        let (file, reason) =
            first.unwrap_or((name(path), "there is no data file in it".to_owned()));
        return Err(DataError::UnknownLayout { file, reason });
    }
    add_findings(&mut loaded, unknown.into_iter().map(not_recognised));
    Ok(loaded)
}

/// A `.txt` without rows is a title or a note beside the data, no broken table.
fn is_prose(file: &str) -> bool {
    Path::new(file).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("txt"))
}

fn not_recognised((file, reason): (String, String)) -> Finding {
    Finding::new(
        "file_not_recognised",
        Severity::Warning,
        file,
        reason,
        "a known layout",
        "import it alone with --table or --mapping, or leave it out",
    )
}

/// Research files apart from the rest; the rest of a wave-sized list keeps its order.
#[expect(clippy::type_complexity, reason = "two lists of the same pairs")]
fn parted(
    profile: Profile,
    files: Vec<(PathBuf, u64)>,
) -> Result<(Vec<(PathBuf, u64)>, Vec<(PathBuf, u64)>), DataError> {
    if profile != Profile::Market && profile != Profile::Auto {
        return Ok((Vec::new(), files));
    }
    let (mut research, mut others) = (Vec::new(), Vec::new());
    for file in files {
        let is_known = research::recognises(&file.0)?;
        if is_known { research.push(file) } else { others.push(file) }
    }
    Ok((research, others))
}

fn waves(files: &[(PathBuf, u64)]) -> Vec<&[(PathBuf, u64)]> {
    let is_large = |file: &(PathBuf, u64)| file.1 >= LARGE;
    files
        .chunk_by(|a, b| !is_large(a) && !is_large(b))
        .flat_map(|run| run.chunks(FILES_A_WAVE))
        .collect()
}

fn read_wave(
    profile: Profile,
    wave: &[(PathBuf, u64)],
    options: &ReadOptions,
    progress: &dyn Fn(u64),
) -> Vec<Result<Vec<Loaded>, DataError>> {
    if let [(file, _)] = wave {
        return vec![read_file(profile, file, options, &|bytes, _| progress(bytes))];
    }
    wave.par_iter().map(|(file, _)| read_file(profile, file, options, &|_, _| {})).collect()
}

/// Data files below a folder with their sizes; hidden ones and stores of other kinds are left out.
fn collect(folder: &Path, files: &mut Vec<(PathBuf, u64)>) -> Result<(), DataError> {
    let entries = std::fs::read_dir(folder).map_err(|cause| unreadable(folder, cause))?;
    for entry in entries {
        let entry = entry.map_err(|cause| unreadable(folder, cause))?;
        let path = entry.path();
        if entry.file_name().to_string_lossy().starts_with(['.', '_', '~']) {
            continue;
        }
        if path.is_dir() {
            if qlib::is_store(&path) {
                continue;
            }
            collect(&path, files)?;
            continue;
        }
        let extension = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
        if EXTENSIONS.contains(&extension.as_str()) {
            let size = entry.metadata().map_err(|cause| unreadable(&path, cause))?.len();
            files.push((path, size));
        }
    }
    Ok(())
}
