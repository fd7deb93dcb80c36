//! What a canonical code or a source's own word already says: boards, kinds, option terms.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_array::{Array, ArrayRef, Date32Array, Float64Array, RecordBatch, StringArray};
use shoals_core::contract::third_friday;
use shoals_core::{Board, Calendar, Symbol};

use super::delimited::symbol::{dictionary, kind_of};
use super::emit::{kind_word, map_text};
use crate::{DataError, MarketTable};

/// Fills columns that follow from others and are still empty.
///
/// # Errors
/// When a batch does not fit its schema.
pub(crate) fn complete(
    table: MarketTable,
    batches: &[RecordBatch],
    calendar: &Calendar,
) -> Result<Vec<RecordBatch>, DataError> {
    let fill = |batch| match table {
        MarketTable::Security => security(batch),
        MarketTable::OptionDaily => option_terms(batch, calendar),
        MarketTable::MarginBalance => margin_exchange(batch),
        MarketTable::TradingDay => trading_day(batch),
        _ => Vec::new(),
    };
    batches.iter().map(|batch| Ok(replaced(batch, fill(batch))?)).collect()
}

/// The batch with some columns replaced.
fn replaced(
    batch: &RecordBatch,
    new: Vec<(&'static str, ArrayRef)>,
) -> Result<RecordBatch, arrow_schema::ArrowError> {
    let schema = batch.schema();
    let mut columns = batch.columns().to_vec();
    for (name, column) in new {
        columns[schema.index_of(name)?] = column;
    }
    RecordBatch::try_new(schema, columns)
}

/// The symbols of a column, row by row.
fn symbols(batch: &RecordBatch, name: &str) -> Vec<Option<Symbol>> {
    let column = batch.column_by_name(name).expect("the schema has it");
    let codes = column.as_dictionary::<Int32Type>();
    let values = codes.values().as_string::<i32>();
    let known: Vec<Option<Symbol>> =
        values.iter().map(|text| text.and_then(|t| t.parse().ok())).collect();
    codes.keys().iter().map(|key| key.and_then(|key| known[key as usize])).collect()
}

/// `own` where it has a text, else `derived`.
fn or_text(own: &ArrayRef, derived: impl Iterator<Item = Option<String>>) -> ArrayRef {
    let own = own.as_string::<i32>().iter().map(|text| text.map(str::to_owned));
    Arc::new(own.zip(derived).map(|(own, derived)| own.or(derived)).collect::<StringArray>())
}

fn security(batch: &RecordBatch) -> Vec<(&'static str, ArrayRef)> {
    let symbols = symbols(batch, "symbol");
    let kinds = symbols.iter().map(|s| s.and_then(kind_of).map(|k| kind_word(k).to_owned()));
    let boards =
        symbols.iter().map(|s| s.and_then(|s| s.board()).map(|b| board_word(b).to_owned()));
    let column = |name| batch.column_by_name(name).expect("the schema has it");
    // A source's own board is a Chinese word or a market number; the code says it in ours.
    let no_text: ArrayRef = Arc::new(StringArray::new_null(batch.num_rows()));
    vec![("kind", or_text(column("kind"), kinds)), ("board", or_text(&no_text, boards))]
}

/// The word of a board in the `security` table.
pub(crate) fn board_word(board: Board) -> &'static str {
    match board {
        Board::Main => "main",
        Board::Chinext => "chinext",
        Board::Star => "star",
        Board::Beijing => "beijing",
    }
}

/// Terms of an option by its CFFEX code: underlying, right, strike, last day.
struct Terms {
    underlying: Symbol,
    right: &'static str,
    strike: f64,
    expiry: Option<i32>,
}

fn terms(contract: Symbol, calendar: &Calendar) -> Option<Terms> {
    let mut parts = contract.code().split('-');
    let (month, right, strike) = (parts.next()?, parts.next()?, parts.next()?);
    let underlying = match month.get(..2)? {
        "IO" => "000300.SH",
        "HO" => "000016.SH",
        "MO" => "000852.SH",
        _ => return None,
    };
    let number: u32 = month.get(2..)?.parse().ok()?;
    let (year, month) = (2000 + (number / 100) as i32, number % 100);
    let expiry = (1..=12)
        .contains(&month)
        .then(|| calendar.on_or_after(third_friday(year, month)).ok())
        .flatten();
    Some(Terms {
        underlying: Symbol::literal(underlying),
        right: if right == "C" { "call" } else { "put" },
        strike: strike.parse().ok()?,
        expiry: expiry.map(shoals_core::TradingDay::epoch_days),
    })
}

fn option_terms(batch: &RecordBatch, calendar: &Calendar) -> Vec<(&'static str, ArrayRef)> {
    let known = symbols(batch, "contract").into_iter();
    let terms: Vec<Option<Terms>> = known.map(|s| terms(s?, calendar)).collect();
    let is_empty = |name| {
        let column = batch.column_by_name(name).expect("the schema has it");
        column.null_count() == column.len()
    };
    let mut new: Vec<(&'static str, ArrayRef)> = Vec::new();
    if is_empty("underlying") {
        let mut coder = super::delimited::symbol::SymbolCoder::new(None);
        let keys =
            terms.iter().map(|t| t.as_ref().map(|t| coder.of_symbol(t.underlying))).collect();
        new.push(("underlying", dictionary(keys, &coder.values())));
    }
    if is_empty("strike") {
        let strikes: Float64Array = terms.iter().map(|t| t.as_ref().map(|t| t.strike)).collect();
        new.push(("strike", Arc::new(strikes)));
    }
    if is_empty("expiry") {
        let days: Date32Array = terms.iter().map(|t| t.as_ref().and_then(|t| t.expiry)).collect();
        new.push(("expiry", Arc::new(days)));
    }
    let kind = batch.column_by_name("kind").expect("the schema has it");
    let own = map_text(kind, |text| match text.to_lowercase().as_str() {
        "c" | "call" | "认购" | "看涨" => Some("call".to_owned()),
        "p" | "put" | "认沽" | "看跌" => Some("put".to_owned()),
        _ => None,
    });
    let derived = terms.iter().map(|t| t.as_ref().map(|t| t.right.to_owned()));
    new.push(("kind", or_text(&own, derived)));
    new
}

/// `SSE` and its kin as `SH`.
fn margin_exchange(batch: &RecordBatch) -> Vec<(&'static str, ArrayRef)> {
    let column = batch.column_by_name("exchange").expect("the schema has it");
    let short = map_text(column, |text| {
        Some(match text {
            "SSE" | "上交所" | "上海" | "沪市" => "SH".to_owned(),
            "SZSE" | "深交所" | "深圳" | "深市" => "SZ".to_owned(),
            "BSE" | "北交所" | "北京" => "BJ".to_owned(),
            other => other.to_owned(),
        })
    });
    vec![("exchange", short)]
}

/// A list of days without a flag is a list of open days.
fn trading_day(batch: &RecordBatch) -> Vec<(&'static str, ArrayRef)> {
    let column = batch.column_by_name("is_open").expect("the schema has it");
    if column.null_count() < column.len() {
        return Vec::new();
    }
    vec![("is_open", Arc::new(arrow_array::BooleanArray::from(vec![true; batch.num_rows()])))]
}
