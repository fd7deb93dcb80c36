//! Any file as a plain table: every column, types inferred. For series and panels without a store.

use std::path::Path;

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Float64Type};
use arrow_cast::cast;
use arrow_schema::DataType;
use shoals_core::{Table, TradingDay, Values};

use super::delimited::number::{Scale, from_text, is_missing};
use super::delimited::{Action, Dialect, Parsed, Plan, PlannedColumn, Source, date, parse};
use super::headers::{heading, meaning};
use super::sniff::{date_format, grid};
use super::text::{Container, Text, corrupt, name, unreadable};
use super::{DateFormat, ReadOptions, parquet_file, spreadsheet, text, tushare};
use crate::DataError;

/// Reads a CSV, Excel, JSON or Parquet file as a plain table: every column, types inferred.
///
/// Days become days, numbers numbers (an empty cell is NaN), everything else text; codes with leading
/// zeros stay text. Rows stay in file order. For series, NAVs and panels that need no market directory.
///
/// # Errors
/// A file that is unreadable or broken as a whole, or days that could be read two ways.
pub fn read_table(path: &Path) -> Result<Table, DataError> {
    read_table_with(path, &ReadOptions::default())
}

/// As [`read_table`], with encoding, delimiter and date format told.
///
/// # Errors
/// As [`read_table`].
pub fn read_table_with(path: &Path, options: &ReadOptions) -> Result<Table, DataError> {
    read_any(path, options).map_err(|error| text::named(path, error))
}

fn read_any(path: &Path, options: &ReadOptions) -> Result<Table, DataError> {
    match text::container(path)? {
        Container::Parquet => from_parquet(path),
        Container::Workbook => {
            let sheet = spreadsheet::sheets(path)?.swap_remove(0);
            from_text_file(path, sheet, options)
        }
        Container::Json => from_text_file(path, tushare::response(path)?.0, options),
        Container::Html => Err(corrupt(path, "data", "it is a web page")),
        Container::Text => {
            from_text_file(path, text::open(path, options.encoding.as_deref())?, options)
        }
    }
}

/// Every sheet of a workbook, or the one table of any other file, with the name it is told by.
///
/// # Errors
/// As [`read_table`].
pub(super) fn read_tables(
    path: &Path,
    options: &ReadOptions,
) -> Result<Vec<(String, Table)>, DataError> {
    if text::container(path)? != Container::Workbook {
        return Ok(vec![(name(path), read_table_with(path, options)?)]);
    }
    let sheets = spreadsheet::sheets(path)?.into_iter();
    sheets
        .map(|sheet| Ok((sheet.file.clone(), from_text_file(path, sheet, options)?)))
        .collect::<Result<_, DataError>>()
        .map_err(|error| text::named(path, error))
}

fn from_text_file(path: &Path, text: Text, options: &ReadOptions) -> Result<Table, DataError> {
    let grid = grid(&text, options.delimiter)?;
    let header: Vec<String> = match grid.header {
        Some(line) => grid.rows[line].clone(),
        None => (1..=grid.rows[0].len()).map(|i| format!("column_{i}")).collect(),
    };
    let skipped = grid.header.map_or(0, |line| grid.ends[line]);
    let source = match text.source {
        Source::File { path, start, len } => {
            Source::File { path, start: start + skipped as u64, len }
        }
        Source::Memory { bytes, start } => Source::Memory { bytes, start: start + skipped },
    };
    let column = |name: &String| PlannedColumn { name: name.clone(), action: Action::Text };
    let plan = Plan {
        dialect: Dialect { delimiter: grid.delimiter, date_format: DateFormat::Dashed },
        columns: header.iter().map(column).collect(),
        keys: Vec::new(),
    };
    let parsed = parse(&source, &plan, &|_, _| {}).map_err(|cause| unreadable(path, cause))?;
    if let Some(spot) = broken_row(&parsed) {
        return Err(corrupt(path, "text", spot));
    }
    let mut table = Table::new(text.stem);
    for (i, name) in header.iter().enumerate() {
        let cells = texts(&parsed, i);
        let values = infer(name, &cells, options.date_format, &text.file)?;
        let name = unique(&table, name, i);
        table = table.with(name, "", values);
    }
    Ok(table)
}

fn broken_row(parsed: &Parsed) -> Option<String> {
    use super::delimited::Trouble as T;
    let is_fatal = |kind: &T| matches!(kind, T::RaggedRow | T::OpenQuote | T::BadEncoding);
    let (kind, spot) = parsed.troubles.iter().find(|((kind, _), _)| is_fatal(kind))?;
    let what = match kind.0 {
        T::BadEncoding => "is not in the encoding of the first lines",
        T::OpenQuote => "opens a quotation mark that is never closed",
        _ => "has not as many cells as the header",
    };
    Some(format!("row {} {what}: {}", spot.line + 1, spot.found))
}

fn texts(parsed: &Parsed, column: usize) -> Vec<Option<&str>> {
    let arrays = parsed.blocks.iter().filter_map(|block| block.columns[column].as_ref());
    arrays.flat_map(|array| array.as_string::<i32>().iter()).collect()
}

/// The type most columns of that content have: days, numbers, text.
fn infer(
    name: &str,
    cells: &[Option<&str>],
    told: Option<DateFormat>,
    file: &str,
) -> Result<Values, DataError> {
    let known: Vec<&str> = cells.iter().flatten().copied().collect();
    let is_day_name = meaning(&heading(name).folded) == Some("date");
    let numbers: Option<Vec<f64>> = cells.iter().map(|cell| number(*cell)).collect();
    let format = match told {
        Some(format) if is_day_name => Some(format),
        _ if is_day_name || numbers.is_none() => date_format(&known, is_day_name, file)?,
        _ => None,
    };
    if let Some(format) = format.filter(|_| known.len() == cells.len()) {
        let days: Option<Vec<TradingDay>> =
            known.iter().map(|text| date::from_text(text, format).map(date::trading_day)).collect();
        if let Some(days) = days.filter(|days| !days.is_empty()) {
            return Ok(Values::Day(days));
        }
    }
    if let Some(numbers) = numbers.filter(|_| !known.iter().any(|text| is_code(text))) {
        return Ok(Values::Number(numbers));
    }
    Ok(Values::Text(cells.iter().map(|cell| cell.unwrap_or_default().to_owned()).collect()))
}

fn number(cell: Option<&str>) -> Option<f64> {
    match cell {
        None => Some(f64::NAN),
        Some(text) if is_missing(text.trim()) => Some(f64::NAN),
        Some(text) => from_text(text, Scale::ONE).ok().map(|value| value.unwrap_or(f64::NAN)),
    }
}

/// `000852` is a name, not the number 852.
fn is_code(text: &str) -> bool {
    let text = text.trim();
    text.len() > 1 && text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit())
}

/// A column's name, told apart from an earlier one of the same name.
fn unique(table: &Table, name: &str, i: usize) -> String {
    let name = name.trim().trim_start_matches('\u{feff}');
    let name = if name.is_empty() { format!("column_{}", i + 1) } else { name.to_owned() };
    if table.column(&name).is_ok() { format!("{name}_{}", i + 1) } else { name }
}

fn from_parquet(path: &Path) -> Result<Table, DataError> {
    let batches = parquet_file::decode(path, &[], None)?;
    let Some(first) = batches.first() else {
        return Err(corrupt(path, "Parquet", "it holds no rows"));
    };
    let schema = first.schema();
    let mut table = Table::new(text::stem(path));
    for (i, field) in schema.fields().iter().enumerate() {
        let arrays: Vec<&dyn Array> =
            batches.iter().map(|batch| batch.column(i).as_ref()).collect();
        let whole = arrow_select::concat::concat(&arrays)?;
        let values = typed(field.name(), whole.as_ref(), &name(path))?;
        let name = unique(&table, field.name(), i);
        table = table.with(name, "", values);
    }
    Ok(table)
}

fn typed(column: &str, array: &dyn Array, file: &str) -> Result<Values, DataError> {
    let data_type = array.data_type();
    let is_whole = array.null_count() == 0;
    if matches!(data_type, DataType::Date32 | DataType::Date64 | DataType::Timestamp(..))
        && is_whole
    {
        let days = cast(array, &DataType::Date32)?;
        let days = days.as_primitive::<Date32Type>().values().iter();
        return Ok(Values::Day(days.map(|day| date::trading_day(*day)).collect()));
    }
    if *data_type == DataType::Boolean && is_whole {
        return Ok(Values::Flag(array.as_boolean().values().iter().collect()));
    }
    if data_type.is_numeric() {
        let numbers = cast(array, &DataType::Float64)?;
        let numbers = numbers.as_primitive::<Float64Type>();
        return Ok(Values::Number(numbers.iter().map(|x| x.unwrap_or(f64::NAN)).collect()));
    }
    let text = cast(array, &DataType::Utf8)?;
    let cells: Vec<Option<&str>> = text.as_string::<i32>().iter().collect();
    infer(column, &cells, None, file)
}
