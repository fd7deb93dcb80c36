//! Excel workbooks, turned into delimited text so that one engine reads every source.

use std::fmt::Write as _;
use std::io::Cursor;
use std::path::Path;

use calamine::{Data, Range, Reader, open_workbook_auto_from_rs};

use super::text::{self, Text, corrupt};
use crate::DataError;

/// The sheets of a workbook that hold cells, each as text parted by tabs.
///
/// The workbook is opened by its content, so a wrong extension does not matter.
///
/// # Errors
/// When the workbook cannot be opened or holds no cells.
pub(crate) fn sheets(path: &Path) -> Result<Vec<Text>, DataError> {
    let broken = |reason: String| corrupt(path, "Excel", reason);
    let bytes = text::read_whole(path)?;
    let mut workbook = open_workbook_auto_from_rs(Cursor::new(bytes))
        .map_err(|error| broken(error.to_string()))?;
    let names = workbook.sheet_names();
    let mut texts = Vec::new();
    for name in &names {
        let range = workbook.worksheet_range(name).map_err(|error| broken(error.to_string()))?;
        if range.is_empty() {
            continue;
        }
        let text = text::in_memory(path, delimited(&range));
        let is_only = names.len() == 1;
        let file = if is_only { text.file.clone() } else { format!("{}#{name}", text.file) };
        texts.push(Text { file, ..text });
    }
    if texts.is_empty() {
        return Err(broken("its sheets hold no cells".to_owned()));
    }
    Ok(texts)
}

/// A sheet as lines of cells parted by tabs.
fn delimited(range: &Range<Data>) -> String {
    let mut text = String::new();
    for row in range.rows() {
        for (i, cell) in row.iter().enumerate() {
            if i > 0 {
                text.push('\t');
            }
            push_cell(&mut text, cell);
        }
        text.push('\n');
    }
    text
}

fn push_cell(text: &mut String, cell: &Data) {
    let written = match cell {
        Data::String(s) | Data::DateTimeIso(s) | Data::DurationIso(s) => {
            text.push_str(&quoted(s));
            Ok(())
        }
        Data::Float(x) => write!(text, "{x}"),
        Data::Int(n) => write!(text, "{n}"),
        Data::Bool(b) => write!(text, "{b}"),
        Data::DateTime(stamp) => {
            text.push_str(&day_text(stamp));
            Ok(())
        }
        // Excel's own error words, as #N/A, are missing values downstream.
        Data::Error(error) => write!(text, "{error}"),
        // A null downstream.
        Data::Empty => Ok(()),
    };
    written.expect("writing to a string does not fail");
}

/// A cell of days as `2024-02-05`, with its time when it has one.
fn day_text(stamp: &calamine::ExcelDateTime) -> String {
    let (year, month, day, hour, minute, second, _) = stamp.to_ymd_hms_milli();
    if (hour, minute, second) == (0, 0, 0) {
        return format!("{year:04}-{month:02}-{day:02}");
    }
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
}

/// Text as a cell of delimited text.
pub(crate) fn quoted(text: &str) -> String {
    if text.contains(['\t', '\n', '\r', '"']) {
        return format!("\"{}\"", text.replace('"', "\"\""));
    }
    text.to_owned()
}
