//! Parsed columns to market tables: batches under the schema, findings with their place.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Int32Type};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Date32Array, Int32Array, Int64Array, RecordBatch, StringArray,
};
use arrow_schema::DataType;
use arrow_select::filter::filter_record_batch;
use shoals_core::{Calendar, Finding, SecurityKind, Severity, Symbol, TradingDay};

use super::complete::complete;
use super::delimited::symbol::{dictionary, kind_of};
use super::delimited::{Action, Block, Parsed, Plan, Spot, Trouble, null_array};
use super::kinds;
use super::layout::{Feed, Layout, Output, Rows, kind_of_table, symbol_column};
use super::variant;
use crate::schema::ColumnKind;
use crate::{DataError, Loaded};

/// The tables of a parsed file.
///
/// # Errors
/// When a batch does not fit its schema.
pub(crate) fn emit(
    file: &str,
    parsed: &Parsed,
    layout: &Layout,
    calendar: &Calendar,
) -> Result<Vec<Loaded>, DataError> {
    let mut findings = troubles(file, parsed, layout);
    findings.extend_from_slice(&layout.findings);
    findings.extend(mixed_kinds(file, parsed, layout));
    let nulls = Nulls::up_to(parsed.blocks.iter().map(|block| block.n_rows).max().unwrap_or(0));
    let mut tables = Vec::with_capacity(layout.outputs.len());
    for output in &layout.outputs {
        let (batches, source_rows) = part(parsed, output, &nulls)?;
        if output.rows != Rows::All && batches.is_empty() {
            continue;
        }
        tables.push(Loaded {
            table: output.table,
            file: file.to_owned(),
            batches: complete(output.table, &batches, calendar)?,
            source_rows,
            source_columns: source_columns(output, &layout.source_columns),
            // What reading found is told once, with the first table.
            findings: std::mem::take(&mut findings),
        });
    }
    tables.iter().try_for_each(variant::check)?;
    Ok(tables)
}

/// The rows of one table, and their places in the source where some are left out.
fn part(
    parsed: &Parsed,
    output: &Output,
    nulls: &Nulls,
) -> Result<(Vec<RecordBatch>, Option<Vec<u64>>), DataError> {
    let (mut batches, mut rows, mut at) = (Vec::new(), Vec::new(), 0);
    for block in parsed.blocks.iter().filter(|block| block.n_rows > 0) {
        let whole = batch(block, output, nulls)?;
        let keep = kept(block, output, nulls);
        let is_kept = |i: usize| keep.as_ref().is_none_or(|keep| keep.value(i));
        let source_row = |i: usize| parsed.source_rows.as_ref().map_or(i as u64 + 1, |r| r[i]);
        if output.rows != Rows::All {
            rows.extend((0..block.n_rows).filter(|i| is_kept(*i)).map(|i| source_row(at + i)));
        }
        at += block.n_rows;
        match keep {
            Some(keep) if keep.true_count() == 0 => {}
            Some(keep) => batches.push(filter_record_batch(&whole, &keep)?),
            None => batches.push(whole),
        }
    }
    let is_whole = output.rows == Rows::All || rows.len() == at;
    Ok((batches, if is_whole { parsed.source_rows.clone() } else { Some(rows) }))
}

/// Which rows of a block belong to a table; `None` when all do.
fn kept(block: &Block, output: &Output, nulls: &Nulls) -> Option<BooleanArray> {
    let keep: Vec<bool> = match output.rows {
        Rows::All => return None,
        Rows::Of(kind) => are_of(kind, &codes(block, output, nulls)),
        Rows::NotOf(kind) => {
            are_of(kind, &codes(block, output, nulls)).into_iter().map(|is_of| !is_of).collect()
        }
        Rows::Adjusted(flag, wanted) => {
            let flags = block.columns[flag].as_ref().expect("a flag that parts rows is read");
            let is_adjusted =
                |text: Option<&str>| text.is_some_and(|t| t.trim_start().starts_with(['1', '2']));
            flags.as_string::<i32>().iter().map(|text| is_adjusted(text) == wanted).collect()
        }
    };
    (!keep.iter().all(|kept| *kept)).then(|| BooleanArray::from(keep))
}

/// Whether each row's code is of a kind.
fn are_of(kind: SecurityKind, codes: &ArrayRef) -> Vec<bool> {
    let codes = codes.as_dictionary::<Int32Type>();
    let names = codes.values().as_string::<i32>().iter();
    let is_of = |name: &str| name.parse().ok().and_then(kind_of) == Some(kind);
    let known: Vec<bool> = names.map(|name| name.is_some_and(is_of)).collect();
    codes.keys().iter().map(|key| key.is_some_and(|key| known[key as usize])).collect()
}

/// Columns without observations, one of each type, cut to length for every batch that needs one.
struct Nulls {
    numbers: ArrayRef,
    counts: ArrayRef,
    n_rows: usize,
}

impl Nulls {
    fn up_to(n_rows: usize) -> Self {
        let numbers = null_array(&DataType::Float64, n_rows);
        Self { numbers, counts: null_array(&DataType::Int64, n_rows), n_rows }
    }

    fn column(&self, data_type: &DataType, n: usize) -> ArrayRef {
        match data_type {
            DataType::Float64 if n <= self.n_rows => self.numbers.slice(0, n),
            DataType::Int64 if n <= self.n_rows => self.counts.slice(0, n),
            other => null_array(other, n),
        }
    }
}

fn source_columns(output: &Output, all: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let columns = output.table.columns().iter().zip(&output.feeds);
    columns
        .filter(|(_, feed)| matches!(feed, Feed::Source(_)))
        .filter_map(|(column, _)| all.get_key_value(column.name))
        .chain(all.get_key_value("symbol").filter(|_| output.table.key().len() > 1))
        .map(|(canonical, source)| (canonical.clone(), source.clone()))
        .collect()
}

fn batch(block: &Block, output: &Output, nulls: &Nulls) -> Result<RecordBatch, DataError> {
    let schema = output.table.schema();
    let columns: Vec<ArrayRef> = output
        .feeds
        .iter()
        .zip(schema.fields())
        .map(|(feed, field)| match feed {
            Feed::Variant => variant::of_codes(&codes(block, output, nulls)),
            feed => column(block, feed, field.data_type(), nulls),
        })
        .collect();
    Ok(RecordBatch::try_new(schema, columns)?)
}

/// The codes of an output's rows.
fn codes(block: &Block, output: &Output, nulls: &Nulls) -> ArrayRef {
    let name = symbol_column(output.table);
    let at = output.table.columns().iter().position(|column| column.name == name);
    let feed = &output.feeds[at.expect("a table with a variant has codes")];
    column(block, feed, &ColumnKind::Symbol.data_type(), nulls)
}

fn column(block: &Block, feed: &Feed, data_type: &DataType, nulls: &Nulls) -> ArrayRef {
    let n = block.n_rows;
    match feed {
        Feed::Source(i) => {
            Arc::clone(block.columns[*i].as_ref().expect("a column that is fed is read"))
        }
        Feed::Text(text) => Arc::new(StringArray::from_iter_values(std::iter::repeat_n(text, n))),
        Feed::Count(count) => Arc::new(Int64Array::from(vec![*count; n])),
        Feed::Symbol(symbol) => constant_symbol(*symbol, n),
        Feed::Day(day) => Arc::new(Date32Array::from(vec![*day; n])),
        Feed::Variant | Feed::Null => nulls.column(data_type, n),
    }
}

/// One symbol in every row.
pub(crate) fn constant_symbol(symbol: Symbol, n: usize) -> ArrayRef {
    let values: ArrayRef = Arc::new(StringArray::from(vec![symbol.as_str()]));
    dictionary(Int32Array::from(vec![0; n]), &values)
}

/// A table told from its first code alone may hold others.
fn mixed_kinds(file: &str, parsed: &Parsed, layout: &Layout) -> Option<Finding> {
    let expected = layout.expected_kind?;
    let has_table = |kind| layout.outputs.iter().any(|o| kind_of_table(o.table) == Some(kind));
    let is_stranger = |s: &&Symbol| kind_of(**s).is_some_and(|k| k != expected && !has_table(k));
    let mut strangers = parsed.symbols.iter().filter(is_stranger);
    let first = *strangers.next()?;
    let found = kind_of(first).map_or("", kind_word);
    Some(
        Finding::new(
            "mixed_kinds",
            Severity::Severe,
            file,
            format!("{first}, an instrument of kind {found}"),
            format!("only {} securities, as in the first row", kind_word(expected)),
            "part the file by kind, or say --table if all of them belong to it",
        )
        .of_symbol(first)
        .counted(1 + strangers.count() as u64),
    )
}

/// The word of a kind, as `--kind` takes it.
pub(crate) fn kind_word(kind: SecurityKind) -> &'static str {
    match kind {
        SecurityKind::Stock => "stock",
        SecurityKind::Index => "index",
        SecurityKind::Etf => "etf",
        SecurityKind::Fund => "fund",
        SecurityKind::Future => "future",
        SecurityKind::Option => "option",
    }
}

/// What could not be read, as findings with all that is known of the place.
fn troubles(file: &str, parsed: &Parsed, layout: &Layout) -> Vec<Finding> {
    let one = |((trouble, column), spot): (&(Trouble, usize), &Spot)| {
        let name = layout.plan.columns.get(*column).map_or("", |c| c.name.as_str());
        let mut finding = trouble_finding(file, *trouble, name, spot);
        let place = place(parsed, &layout.plan, spot.line);
        finding.date = place.and_then(|(block, i)| day(block, &layout.plan, i));
        finding.symbol = place
            .and_then(|(block, i)| symbol(block, parsed, &layout.plan, i))
            .or_else(|| constant(&layout.outputs))
            .or_else(|| name.parse().ok());
        finding
    };
    parsed.troubles.iter().map(one).collect()
}

/// Where a line is kept: its block and the row in it; `None` when it was left out.
fn place<'a>(parsed: &'a Parsed, plan: &Plan, line: u64) -> Option<(&'a Block, usize)> {
    let mut i = match &parsed.source_rows {
        Some(rows) => rows.binary_search(&(line + 1)).ok()?,
        None => line as usize,
    };
    for block in &parsed.blocks {
        if i < block.n_rows {
            return (!plan.keys.is_empty()).then_some((block, i));
        }
        i -= block.n_rows;
    }
    None
}

/// The day in the key of a row.
fn day(block: &Block, plan: &Plan, i: usize) -> Option<TradingDay> {
    let is_day = |key: &&usize| plan.columns[**key].action == Action::Day;
    let key = plan.keys.iter().find(is_day)?;
    let days = block.columns[*key].as_ref()?.as_primitive_opt::<Date32Type>()?;
    days.is_valid(i).then(|| TradingDay::from_epoch_days(days.value(i)))
}

/// The last symbol in the key of a row.
fn symbol(block: &Block, parsed: &Parsed, plan: &Plan, i: usize) -> Option<Symbol> {
    let is_symbol = |key: &&usize| matches!(plan.columns[**key].action, Action::Symbol(_));
    let key = plan.keys.iter().rev().find(is_symbol)?;
    let codes = block.columns[*key].as_ref()?.as_dictionary_opt::<Int32Type>()?;
    parsed.symbols.get(codes.key(i)?).copied()
}

/// The one security of a file that holds no other.
fn constant(outputs: &[Output]) -> Option<Symbol> {
    outputs.iter().flat_map(|output| &output.feeds).find_map(|feed| match feed {
        Feed::Symbol(symbol) => Some(*symbol),
        _ => None,
    })
}

/// A cell or row that could not be read, as a finding.
fn trouble_finding(file: &str, trouble: Trouble, column: &str, spot: &Spot) -> Finding {
    let words = kinds::words(trouble);
    let found = spot.found.clone();
    let finding =
        Finding::new(words.kind, words.severity, file, found, words.expected, words.remedy)
            .at_row(spot.line + 1)
            .counted(spot.count);
    let is_whole_row =
        matches!(trouble, Trouble::RaggedRow | Trouble::OpenQuote | Trouble::SourceLine);
    if is_whole_row { finding } else { finding.in_column(column) }
}

/// Texts of a string column through a function of each.
pub(crate) fn map_text(column: &ArrayRef, f: impl Fn(&str) -> Option<String>) -> ArrayRef {
    Arc::new(
        column.as_string::<i32>().iter().map(|text| text.and_then(&f)).collect::<StringArray>(),
    )
}
