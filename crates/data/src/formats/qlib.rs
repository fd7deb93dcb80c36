//! qlib's binary folders.
//!
//! ```text
//! <root>/calendars/day.txt          one day a line
//! <root>/instruments/all.txt        SH600000 <tab> first day <tab> last day; an instrument may repeat
//! <root>/features/sh600000/close.day.bin   little-endian f32: start index into the calendar, values
//! ```
//!
//! Prices are adjusted: the raw price is `close / factor`, the raw volume `volume * factor`. An update
//! after a suspension is known to write a bin that is too short, so that later prices stand on earlier
//! days; every bin's last day is compared with the instrument's.
//! Source: qlib `scripts/dump_bin.py` and `qlib/data/storage/file_storage.py`.

mod bin;
mod tables;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use shoals_core::{Calendar, Finding, Severity, Symbol, TradingDay};

use super::ReadOptions;
use super::delimited::date;
use super::text::{corrupt, name, read_whole, unreadable};
use crate::{DataError, Loaded};

/// A qlib folder's calendar and instruments.
struct Root {
    /// Days of the calendar, as days since 1970-01-01.
    calendar: Vec<i32>,
    /// Last day of every instrument.
    last_days: BTreeMap<Symbol, i32>,
}

/// Whether a folder is a qlib store.
pub(crate) fn is_store(path: &Path) -> bool {
    path.join("calendars").is_dir() && path.join("features").is_dir()
}

/// Reads a qlib folder's daily bars.
///
/// # Errors
/// When the folder has no calendar or no bins, or one of them cannot be read.
pub(crate) fn read(
    path: &Path,
    options: &ReadOptions,
    progress: &dyn Fn(u64, u64),
) -> Result<Vec<Loaded>, DataError> {
    let (root, mut findings) = open(path, &options.rulebook.calendar)?;
    let folders = feature_folders(path)?;
    let total = folders.len() as u64;
    let mut bars = Vec::with_capacity(folders.len());
    for (i, wave) in folders.chunks(256).enumerate() {
        let read: Result<Vec<bin::Instrument>, DataError> =
            wave.par_iter().map(|folder| bin::read(&root, folder)).collect();
        for (instrument, found) in read? {
            bars.extend(instrument);
            findings.extend(found);
        }
        progress(((i + 1) * 256).min(folders.len()) as u64, total);
    }
    if bars.is_empty() && findings.iter().all(|f| f.severity != Severity::Severe) {
        return Err(corrupt(path, "qlib", "its bins hold no values"));
    }
    tables::tables(path, &root.calendar, &bars, findings)
}

fn open(path: &Path, exchange: &Calendar) -> Result<(Root, Vec<Finding>), DataError> {
    let calendar_file = path.join("calendars").join("day.txt");
    let text = text_of(&calendar_file)?;
    let mut findings = Vec::new();
    let mut calendar = Vec::new();
    for (i, line) in text.lines().filter(|line| !line.trim().is_empty()).enumerate() {
        let day = date::from_text(line, super::DateFormat::Dashed).ok_or_else(|| {
            corrupt(&calendar_file, "qlib", format!("line {} is no day: `{line}`", i + 1))
        })?;
        calendar.push(day);
    }
    if calendar.is_empty() {
        return Err(corrupt(&calendar_file, "qlib", "the calendar is empty"));
    }
    if let Some(i) = calendar.windows(2).position(|pair| pair[0] >= pair[1]) {
        let reason = format!("the days do not rise at line {}", i + 2);
        return Err(corrupt(&calendar_file, "qlib", reason));
    }
    findings.extend(closed_days(&calendar_file, &calendar, exchange));
    let last_days = instruments(path)?;
    Ok((Root { calendar, last_days }, findings))
}

fn text_of(path: &Path) -> Result<String, DataError> {
    String::from_utf8(read_whole(path)?).map_err(|_| corrupt(path, "qlib", "it is not UTF-8 text"))
}

/// Days of the calendar on which the exchange was closed.
fn closed_days(file: &Path, calendar: &[i32], exchange: &Calendar) -> Option<Finding> {
    let is_closed = |(_, day): &(usize, &i32)| {
        let day = TradingDay::from_epoch_days(**day);
        exchange.knows(day) && !exchange.is_open(day)
    };
    let mut closed = calendar.iter().enumerate().filter(is_closed);
    let (line, day) = closed.next()?;
    let day = date::trading_day(*day);
    Some(
        Finding::new(
            "closed_day",
            Severity::Severe,
            name(file),
            format!("{day}, on which the exchange was closed"),
            "exchange days only",
            "rebuild the calendar: every later value stands a day off",
        )
        .at_row(line as u64 + 1)
        .on(day)
        .counted(1 + closed.count() as u64),
    )
}

/// Last day of every instrument of `instruments/all.txt`, or of every list when there is no such one.
fn instruments(path: &Path) -> Result<BTreeMap<Symbol, i32>, DataError> {
    let folder = path.join("instruments");
    let all = folder.join("all.txt");
    let files = if all.is_file() {
        vec![all]
    } else if folder.is_dir() {
        let entries = std::fs::read_dir(&folder).map_err(|cause| unreadable(&folder, cause))?;
        let mut files: Vec<PathBuf> = entries.filter_map(|e| e.ok().map(|e| e.path())).collect();
        files.sort();
        files
    } else {
        Vec::new()
    };
    let mut last_days = BTreeMap::new();
    for file in files {
        for (i, line) in text_of(&file)?.lines().enumerate().filter(|(_, l)| !l.trim().is_empty()) {
            let spell = spell(line).ok_or_else(|| {
                corrupt(&file, "qlib", format!("line {} is no instrument: `{line}`", i + 1))
            })?;
            let last = last_days.entry(spell.0).or_insert(spell.1);
            *last = spell.1.max(*last);
        }
    }
    Ok(last_days)
}

/// Symbol and last day of a line `SH600000 <tab> 2005-01-04 <tab> 2020-09-25`.
fn spell(line: &str) -> Option<(Symbol, i32)> {
    let mut parts = line.split('\t').map(str::trim);
    let symbol = Symbol::parse(parts.next()?).ok()?;
    parts.next()?;
    let last = date::from_text(parts.next()?, super::DateFormat::Dashed)?;
    Some((symbol, last))
}

fn feature_folders(path: &Path) -> Result<Vec<PathBuf>, DataError> {
    let features = path.join("features");
    let entries = std::fs::read_dir(&features).map_err(|cause| unreadable(&features, cause))?;
    let mut folders: Vec<PathBuf> =
        entries.filter_map(|e| e.ok().map(|e| e.path())).filter(|path| path.is_dir()).collect();
    folders.sort();
    if folders.is_empty() {
        return Err(corrupt(path, "qlib", "it has no features"));
    }
    Ok(folders)
}
