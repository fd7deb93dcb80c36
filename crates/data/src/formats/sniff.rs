//! What a text file looks like: encoding, delimiter, header row, how dates are written.

use std::path::Path;

use serde::Deserialize;

use super::delimited::date::{format_of, from_text, looks_like_serial};
use super::delimited::number::is_missing;
use super::delimited::{cell_end, unquote};
use super::headers::{heading, meaning};
use super::text::{self, Text};
use crate::DataError;

/// How a file writes days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
pub enum DateFormat {
    /// `20240205`.
    #[serde(rename = "20240205")]
    Compact,
    /// `2024-02-05`.
    #[serde(rename = "2024-02-05")]
    Dashed,
    /// `2024/2/5`.
    #[serde(rename = "2024/2/5")]
    Slashed,
    /// `2024年2月5日`.
    #[serde(rename = "2024年2月5日")]
    Chinese,
    /// `45327`, days of a spreadsheet since 1899-12-30.
    #[serde(rename = "excel")]
    ExcelSerial,
    /// `2/5/2024`.
    #[serde(rename = "month/day/year")]
    MonthFirst,
    /// `5/2/2024`.
    #[serde(rename = "day/month/year")]
    DayFirst,
}

/// What a text file looks like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sniffed {
    /// `UTF-8`, `gb18030` or `UTF-16LE`.
    pub encoding: &'static str,
    /// Whether a byte order mark stands first.
    pub has_bom: bool,
    /// Field delimiter.
    pub delimiter: char,
    /// How days are written, when a column of days was found.
    pub date_format: Option<DateFormat>,
    /// 0-based line of the header, titles above it are skipped; none when the first row is data.
    pub header_line: Option<usize>,
    /// The header's cells.
    pub header: Vec<String>,
}

/// The first lines of a text, parted into cells.
pub(crate) struct Grid {
    /// Delimiter.
    pub(crate) delimiter: u8,
    /// 0-based line of the header among `rows`; none when the first row is data.
    pub(crate) header: Option<usize>,
    /// Cells of the first lines; blank lines are empty rows.
    pub(crate) rows: Vec<Vec<String>>,
    /// Byte of the head at which each row ends.
    pub(crate) ends: Vec<usize>,
}

/// Rows looked at to tell the layout.
const ROWS: usize = 200;
/// Title lines an exporter may put above the header.
const TITLES: usize = 12;

/// Looks at the first lines of a text file.
///
/// # Errors
/// A file that cannot be read, is empty, or is not text; days that could be read two ways.
pub fn sniff(path: &Path) -> Result<Sniffed, DataError> {
    let text = text::open(path, None)?;
    let grid = grid(&text, None)?;
    let header = grid.header.map_or_else(Vec::new, |line| grid.rows[line].clone());
    Ok(Sniffed {
        encoding: text.encoding,
        has_bom: text.has_bom,
        delimiter: char::from(grid.delimiter),
        date_format: dates_of(&grid, &header, &text.file)?,
        header_line: grid.header,
        header,
    })
}

/// Parts the head of a text into cells and finds the header.
///
/// # Errors
/// When there is not one line.
pub(crate) fn grid(text: &Text, delimiter: Option<char>) -> Result<Grid, DataError> {
    let delimiter = match delimiter {
        Some(mark) => u8::try_from(mark).map_err(|_| DataError::Ambiguous {
            file: text.file.clone(),
            question: format!("`{mark}` cannot part cells"),
            how: "--delimiter with one of , ; | or a tab".to_owned(),
        })?,
        None => delimiter_of(&text.head),
    };
    let (rows, ends) = cells(&text.head, delimiter);
    if rows.iter().all(|row| is_blank(row)) {
        return Err(text::corrupt(&text::path_of(&text.file), "text", "it holds no rows"));
    }
    let header = header_line(&rows);
    Ok(Grid { delimiter, header, rows, ends })
}

/// The delimiter most lines agree on.
fn delimiter_of(head: &str) -> u8 {
    let lines: Vec<&str> = head.lines().filter(|line| !line.trim().is_empty()).take(50).collect();
    let score = |mark: u8| {
        let mut counts: Vec<usize> = lines
            .iter()
            .map(|line| line.bytes().filter(|b| *b == mark).count())
            .filter(|n| *n > 0)
            .collect();
        counts.sort_unstable();
        let usual = counts.get(counts.len() / 2).copied().unwrap_or(0);
        counts.iter().filter(|n| **n == usual).count() * usual.min(50)
    };
    // At a tie the earlier mark wins; a comma may also part thousands, so it comes last.
    let marks = [b'\t', b'|', b';', b','];
    marks.into_iter().rev().max_by_key(|mark| score(*mark)).unwrap_or(b',')
}

/// The first lines as cells, and where each ends.
fn cells(head: &str, delimiter: u8) -> (Vec<Vec<String>>, Vec<usize>) {
    let closed = if head.ends_with('\n') { head.to_owned() } else { format!("{head}\n") };
    let bytes = closed.as_bytes();
    let (mut rows, mut ends) = (Vec::new(), Vec::new());
    let (mut row, mut at) = (Vec::new(), 0);
    while at < bytes.len() && rows.len() < ROWS {
        let end = cell_end(bytes, at, delimiter).min(bytes.len() - 1);
        row.push(unquote(closed[at..end].trim()).into_owned());
        if bytes[end] == b'\n' {
            rows.push(std::mem::take(&mut row));
            ends.push((end + 1).min(head.len()));
        }
        at = end + 1;
    }
    (rows, ends)
}

fn is_blank(row: &[String]) -> bool {
    row.iter().all(|cell| cell.trim().is_empty())
}

/// The line of the header: the first that names columns we know, else the first that is no data.
fn header_line(rows: &[Vec<String>]) -> Option<usize> {
    let n_known = |row: &Vec<String>| {
        row.iter().filter(|cell| meaning(&heading(cell).folded).is_some()).count()
    };
    let candidates = || rows.iter().enumerate().take(TITLES).filter(|(_, row)| !is_blank(row));
    if let Some((line, _)) = candidates().find(|(_, row)| n_known(row) >= 2) {
        return Some(line);
    }
    let widest = candidates().map(|(_, row)| row.len()).max()?;
    let (line, row) = candidates().find(|(_, row)| row.len() == widest)?;
    (!row.iter().any(|cell| is_data(cell))).then_some(line)
}

/// Whether a cell is a number or a day rather than a name.
fn is_data(cell: &str) -> bool {
    let is_code = cell.len() == 6 && cell.bytes().all(|b| b.is_ascii_digit());
    !is_code && (cell.parse::<f64>().is_ok() || matches!(format_of(cell), Ok(Some(_))))
}

/// How the column of days is written: the one named so, else the first that reads as days.
fn dates_of(grid: &Grid, header: &[String], file: &str) -> Result<Option<DateFormat>, DataError> {
    let named = header.iter().position(|name| meaning(&heading(name).folded) == Some("date"));
    let columns: Vec<usize> = match named {
        Some(i) => vec![i],
        None => (0..header.len()).collect(),
    };
    for column in columns {
        let samples = samples(grid, column);
        if let Some(format) = date_format(&samples, named.is_some(), file)? {
            return Ok(Some(format));
        }
    }
    Ok(None)
}

/// Cells of a column below the header.
pub(crate) fn samples(grid: &Grid, column: usize) -> Vec<&str> {
    let first = grid.header.map_or(0, |line| line + 1);
    grid.rows[first..]
        .iter()
        .filter_map(|row| row.get(column))
        .map(String::as_str)
        .filter(|cell| !is_missing(cell.trim()))
        .collect()
}

/// How most samples are written; a spreadsheet's numbers count only in a column named as days.
///
/// # Errors
/// When day and month could be swapped.
pub(crate) fn date_format(
    samples: &[&str],
    is_named: bool,
    file: &str,
) -> Result<Option<DateFormat>, DataError> {
    for sample in samples {
        match format_of(sample) {
            Ok(Some(format)) => return Ok(Some(format)),
            Ok(None) if is_named && looks_like_serial(sample) => {
                return Ok(Some(DateFormat::ExcelSerial));
            }
            Ok(None) => {}
            Err(()) => return two_digit_order(samples, sample, file).map(Some),
        }
    }
    Ok(None)
}

/// `13/2/2024` can only be read one way; `5/2/2024` alone cannot.
fn two_digit_order(samples: &[&str], first: &str, file: &str) -> Result<DateFormat, DataError> {
    let fits = |format| samples.iter().filter(|s| from_text(s, format).is_some()).count();
    let (month_first, day_first) = (fits(DateFormat::MonthFirst), fits(DateFormat::DayFirst));
    if month_first != day_first {
        return Ok(if month_first > day_first {
            DateFormat::MonthFirst
        } else {
            DateFormat::DayFirst
        });
    }
    Err(DataError::Ambiguous {
        file: file.to_owned(),
        question: format!("`{first}` could be read month first or day first"),
        how: "--date-format month/day/year or --date-format day/month/year".to_owned(),
    })
}

impl std::str::FromStr for DateFormat {
    type Err = DataError;

    /// Reads a format by its example, as in a mapping file.
    fn from_str(text: &str) -> Result<Self, DataError> {
        const NAMES: &[(&str, DateFormat)] = &[
            ("20240205", DateFormat::Compact),
            ("yyyymmdd", DateFormat::Compact),
            ("2024-02-05", DateFormat::Dashed),
            ("yyyy-mm-dd", DateFormat::Dashed),
            ("2024/2/5", DateFormat::Slashed),
            ("yyyy/m/d", DateFormat::Slashed),
            ("2024年2月5日", DateFormat::Chinese),
            ("excel", DateFormat::ExcelSerial),
            ("month/day/year", DateFormat::MonthFirst),
            ("day/month/year", DateFormat::DayFirst),
        ];
        NAMES.iter().find(|row| row.0 == text).map(|row| row.1).ok_or_else(|| {
            DataError::UnknownLayout {
                file: text.to_owned(),
                reason: "no such date format; write 20240205, 2024-02-05, 2024/2/5, 2024年2月5日, \
                         excel, month/day/year or day/month/year"
                    .to_owned(),
            }
        })
    }
}
