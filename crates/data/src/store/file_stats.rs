//! What the log says of a data file without opening it: rows, smallest, largest, missing.

use parquet::data_type::AsBytes;
use parquet::file::metadata::ParquetMetaData;
use parquet::file::statistics::Statistics;
use serde_json::{Map, Value, json};
use shoals_core::TradingDay;

use crate::MarketTable;
use crate::schema::{ColumnKind, ColumnSpec};

/// The per-file statistics of the Delta protocol, as JSON text.
pub(crate) fn of(table: MarketTable, metadata: &ParquetMetaData) -> String {
    let (mut low, mut high, mut missing) = (Map::new(), Map::new(), Map::new());
    for (i, column) in table.columns().iter().enumerate() {
        let chunks: Vec<&Statistics> =
            metadata.row_groups().iter().filter_map(|g| g.column(i).statistics()).collect();
        let nulls: u64 = chunks.iter().filter_map(|s| s.null_count_opt()).sum();
        missing.insert(column.name.to_owned(), json!(nulls));
        let is_key = i < table.key().len();
        if let Some((smallest, largest)) = range(column, is_key, &chunks) {
            low.insert(column.name.to_owned(), smallest);
            high.insert(column.name.to_owned(), largest);
        }
    }
    json!({
        "numRecords": metadata.file_metadata().num_rows(),
        "minValues": low,
        "maxValues": high,
        "nullCount": missing,
    })
    .to_string()
}

/// Smallest and largest value of a column; none for flags and for texts outside the key.
fn range(column: &ColumnSpec, is_key: bool, chunks: &[&Statistics]) -> Option<(Value, Value)> {
    match column.kind {
        ColumnKind::Day => fold(chunks, days, i32::min, i32::max)
            .map(|(low, high)| (day_value(low), day_value(high))),
        ColumnKind::Number => {
            fold(chunks, numbers, f64::min, f64::max).map(|(low, high)| (json!(low), json!(high)))
        }
        ColumnKind::Count => {
            fold(chunks, counts, i64::min, i64::max).map(|(low, high)| (json!(low), json!(high)))
        }
        ColumnKind::Symbol | ColumnKind::Text if is_key => {
            fold(chunks, texts, Ord::min, Ord::max).map(|(low, high)| (json!(low), json!(high)))
        }
        _ => None,
    }
}

fn fold<T>(
    chunks: &[&Statistics],
    range: impl Fn(&Statistics) -> Option<(T, T)>,
    min: impl Fn(T, T) -> T,
    max: impl Fn(T, T) -> T,
) -> Option<(T, T)> {
    chunks.iter().filter_map(|s| range(s)).reduce(|a, b| (min(a.0, b.0), max(a.1, b.1)))
}

fn days(statistics: &Statistics) -> Option<(i32, i32)> {
    let Statistics::Int32(s) = statistics else { return None };
    Some((*s.min_opt()?, *s.max_opt()?))
}

fn counts(statistics: &Statistics) -> Option<(i64, i64)> {
    let Statistics::Int64(s) = statistics else { return None };
    Some((*s.min_opt()?, *s.max_opt()?))
}

/// Infinities have no place in JSON, so a column that holds one has no range.
fn numbers(statistics: &Statistics) -> Option<(f64, f64)> {
    let Statistics::Double(s) = statistics else { return None };
    Some((*s.min_opt()?, *s.max_opt()?)).filter(|(low, high)| low.is_finite() && high.is_finite())
}

fn texts(statistics: &Statistics) -> Option<(String, String)> {
    let Statistics::ByteArray(s) = statistics else { return None };
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).ok();
    Some((text(s.min_opt()?.as_bytes())?, text(s.max_opt()?.as_bytes())?))
}

fn day_value(epoch_days: i32) -> Value {
    Value::String(TradingDay::from_epoch_days(epoch_days).to_string())
}
