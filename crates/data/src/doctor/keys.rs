//! Is every row named, and named once?

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Float64Type, Int64Type};
use shoals_core::{Finding, Severity};

use super::checks::{CONFLICTING_FILES, DUPLICATE_KEY, DUPLICATE_ROW, NULL_KEY, UNSORTED_DAYS};
use super::index::{Piece, Sheet};
use super::tally::{Tally, over_subjects};
use crate::MarketTable;

/// Two sources that round differently still agree within this fraction.
const SOURCE_NOISE: f64 = 1e-4;

pub(super) fn examine(sheet: &Sheet, out: &mut Vec<Finding>) {
    nulls(sheet, out);
    let [same, conflicting, between_files, unsorted]: [Tally; 4] =
        over_subjects(sheet, |subject, tallies| look(sheet, subject, tallies));
    let key = sheet.table.key().iter().map(|spec| spec.name).collect::<Vec<_>>().join(", ");
    same.report(sheet, &DUPLICATE_ROW, None, out, |_| {
        ("the row a second time".to_owned(), format!("one row for each {key}"))
    });
    conflicting.report_as(
        sheet,
        &DUPLICATE_KEY,
        None,
        out,
        |_, _| severity(sheet),
        |row| (twin_difference(sheet, row), format!("one row for each {key}")),
    );
    between_files.report(sheet, &CONFLICTING_FILES, None, out, |row| {
        let kept = &sheet.files[sheet.file_of(last_twin(sheet, row))].file;
        let expected = format!("the same values in both files; those of {kept} are kept");
        (twin_difference(sheet, row), expected)
    });
    unsorted.report(
        sheet,
        &UNSORTED_DAYS,
        sheet.table.key().first().map(|spec| spec.name),
        out,
        |row| {
            let (subject, day) = (sheet.subject_of[row] as usize, sheet.time(row));
            let later = sheet.rows_of(subject).iter().map(|&r| r as usize).filter(|&r| r < row);
            let previous = later.max().map_or(day, |r| sheet.days[r]);
            let previous = shoals_core::TradingDay::from_epoch_days(previous);
            (format!("a day after {previous}"), "days that rise down the file".to_owned())
        },
    );
}

fn severity(sheet: &Sheet) -> Severity {
    if sheet.table == MarketTable::OptionDaily { Severity::Warning } else { DUPLICATE_KEY.severity }
}

fn nulls(sheet: &Sheet, out: &mut Vec<Finding>) {
    let mut tally = Tally::default();
    for &row in &sheet.null_keys {
        tally.hit(sheet.file_of(row as usize), row as usize);
    }
    let column = |row: usize| {
        let (piece, i) = sheet.place(row);
        let is_null = |name: &str| piece.array(name).is_none_or(|array| array.is_null(i));
        sheet.table.key().iter().map(|spec| spec.name).find(|name| is_null(name)).unwrap_or("key")
    };
    tally.report(sheet, &NULL_KEY, None, out, |row| {
        (format!("nothing in `{}`", column(row)), "a value in every part of the key".to_owned())
    });
}

/// Sorts what stands twice, and what stands out of order, of one subject.
fn look(sheet: &Sheet, subject: usize, tallies: &mut [Tally; 4]) {
    let rows = sheet.rows_of(subject);
    let [same, conflicting, between_files, unsorted] = tallies;
    let mut group_start = 0;
    for i in 1..rows.len() {
        let (before, row) = (rows[i - 1] as usize, rows[i] as usize);
        if sheet.time(before) < sheet.time(row) {
            group_start = i;
        } else {
            let original = rows[group_start] as usize;
            let (file, other) = (sheet.file_of(row), sheet.file_of(original));
            if agree(sheet, original, row, file != other) {
                if file == other {
                    same.hit(file, row);
                }
            } else if file == other {
                conflicting.hit(file, row);
            } else {
                between_files.hit(file, row);
            }
        }
    }
    if sheet.has_days() && !rows.is_sorted() {
        count_unsorted(sheet, rows, unsorted);
    }
}

/// Counts rows that stand below a later day of the same file.
fn count_unsorted(sheet: &Sheet, rows: &[u32], unsorted: &mut Tally) {
    let mut in_source: Vec<usize> = rows.iter().map(|&row| row as usize).collect();
    in_source.sort_unstable();
    for pair in in_source.windows(2) {
        let file = sheet.file_of(pair[1]);
        if sheet.time(pair[1]) < sheet.time(pair[0]) && sheet.file_of(pair[0]) == file {
            unsorted.hit(file, pair[1]);
        }
    }
}

/// Whether two rows hold the same values. Between files, a value that one of them lacks is no conflict,
/// and numbers may be rounded differently.
fn agree(sheet: &Sheet, one: usize, other: usize, between_files: bool) -> bool {
    first_difference(sheet, one, other, between_files).is_none()
}

fn first_difference(
    sheet: &Sheet,
    one: usize,
    other: usize,
    between_files: bool,
) -> Option<&'static str> {
    let (left, i) = sheet.place(one);
    let (right, j) = sheet.place(other);
    sheet.table.columns().iter().map(|spec| spec.name).find(|name| {
        let (left, right) = (cell(left, name, i), cell(right, name, j));
        if between_files { left.conflicts_with(&right) } else { left != right }
    })
}

/// One value of a row.
#[derive(Debug, PartialEq)]
enum Cell<'p> {
    Nothing,
    Number(f64),
    Count(i64),
    Text(&'p str),
}

impl Cell<'_> {
    fn conflicts_with(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Nothing, _) | (_, Self::Nothing) => false,
            (Self::Number(x), Self::Number(y)) => {
                (x - y).abs() > SOURCE_NOISE * x.abs().max(y.abs())
            }
            _ => self != other,
        }
    }
}

fn cell<'p>(piece: &'p Piece, name: &str, i: usize) -> Cell<'p> {
    let Some(array) = piece.array(name).filter(|array| array.is_valid(i)) else {
        return Cell::Nothing;
    };
    if let Some(values) = array.as_primitive_opt::<Float64Type>() {
        let value = values.value(i);
        return if value.is_nan() { Cell::Nothing } else { Cell::Number(value) };
    }
    if let Some(values) = array.as_primitive_opt::<Int64Type>() {
        return Cell::Count(values.value(i));
    }
    if let Some(values) = array.as_primitive_opt::<Date32Type>() {
        return Cell::Count(i64::from(values.value(i)));
    }
    if let Some(values) = array.as_boolean_opt() {
        return Cell::Count(i64::from(values.value(i)));
    }
    piece.text(name, i).map_or(Cell::Nothing, Cell::Text)
}

/// The row of the same key that was read last, whose values the store keeps.
fn last_twin(sheet: &Sheet, row: usize) -> usize {
    let rows = sheet.rows_of(sheet.subject_of[row] as usize);
    let end = rows.partition_point(|&r| sheet.time(r as usize) <= sheet.time(row));
    rows[end - 1] as usize
}

/// How a row differs from the first of its key, as `close 10.5, and 10.6 in row 7`.
fn twin_difference(sheet: &Sheet, row: usize) -> String {
    let rows = sheet.rows_of(sheet.subject_of[row] as usize);
    let time = sheet.time(row);
    let first = rows[rows.partition_point(|&r| sheet.time(r as usize) < time)] as usize;
    let between_files = sheet.file_of(first) != sheet.file_of(row);
    let name = first_difference(sheet, first, row, between_files).unwrap_or("row");
    let show = |row: usize| {
        let (piece, i) = sheet.place(row);
        match cell(piece, name, i) {
            Cell::Nothing => "nothing".to_owned(),
            Cell::Number(x) => format!("{x}"),
            Cell::Count(n) => format!("{n}"),
            Cell::Text(text) => text.to_owned(),
        }
    };
    let where_ = if between_files {
        format!("{} row {}", sheet.files[sheet.file_of(first)].file, sheet.source_row(first))
    } else {
        format!("row {}", sheet.source_row(first))
    };
    format!("{name} {}, and {} in {where_}", show(row), show(first))
}
