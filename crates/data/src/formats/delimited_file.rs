//! Text files, and everything that was turned into text, to market tables.

use super::delimited::{Parsed, Source, parse};
use super::emit::emit;
use super::layout::{Layout, Sheet, lay_out};
use super::sniff::{Grid, grid};
use super::text::{Text, corrupt, path_of, unreadable};
use super::{Profile, ReadOptions, shibor, wide};
use crate::{DataError, Loaded};

/// Reads a text by its column names or the mapping: long, or wide.
///
/// # Errors
/// When it has no header, no rows, fits no table, or leaves a question open.
pub(crate) fn read(
    text: Text,
    profile: Profile,
    options: &ReadOptions,
    progress: &dyn Fn(u64, u64),
) -> Result<Vec<Loaded>, DataError> {
    let delimiter = options.delimiter.or(options.mapping.as_ref().and_then(|m| m.delimiter));
    let mut grid = grid(&text, delimiter)?;
    if let Some(wide) = wide::recognise(&grid, options) {
        grid.header = Some(wide.first_row - 1);
        let layout = wide.lay_out(&text.file, &text.stem, &grid, options)?;
        let parsed = parse_below(text.source, &grid, &layout, &text.file, progress)?;
        return emit(
            &text.file,
            &wide.unfold(&parsed, &layout),
            &layout,
            &options.rulebook.calendar,
        );
    }
    if let Some(shibor) = shibor::recognise(&grid, options) {
        grid.header = Some(shibor.header);
        let layout = shibor.lay_out(&text.file, &grid, options)?;
        let parsed = parse_below(text.source, &grid, &layout, &text.file, progress)?;
        return emit(&text.file, &shibor.unfold(&parsed), &layout, &options.rulebook.calendar);
    }
    let Some(line) = grid.header else {
        return Err(DataError::UnknownLayout {
            file: text.file,
            reason: "its first row is data, not column names; add a header row".to_owned(),
        });
    };
    let is_whole = grid.ends.last().is_some_and(|end| *end == text.head.len());
    let has_rows = grid.rows[line + 1..].iter().flatten().any(|cell| !cell.trim().is_empty());
    if is_whole && !has_rows {
        return Err(corrupt(&path_of(&text.file), "text", "there are no rows under its header"));
    }
    let header = grid.rows[line].clone();
    let sheet = Sheet { file: &text.file, stem: &text.stem, header: &header, grid: &grid };
    let layout = lay_out(&sheet, profile, options)?;
    let parsed = parse_below(text.source, &grid, &layout, &text.file, progress)?;
    emit(&text.file, &parsed, &layout, &options.rulebook.calendar)
}

/// Parses what stands below the header.
fn parse_below(
    source: Source,
    grid: &Grid,
    layout: &Layout,
    file: &str,
    progress: &dyn Fn(u64, u64),
) -> Result<Parsed, DataError> {
    let skipped = grid.header.map_or(0, |line| grid.ends[line]);
    let source = match source {
        Source::File { path, start, len } => {
            Source::File { path, start: start + skipped as u64, len }
        }
        Source::Memory { bytes, start } => Source::Memory { bytes, start: start + skipped },
    };
    let path = path_of(file);
    let parsed =
        parse(&source, &layout.plan, progress).map_err(|cause| unreadable(&path, cause))?;
    let is_empty = parsed.blocks.iter().all(|block| block.n_rows == 0);
    if is_empty && parsed.troubles.is_empty() {
        return Err(corrupt(&path, "text", "there are no rows under its header"));
    }
    Ok(parsed)
}
