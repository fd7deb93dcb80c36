//! Plain tables to Arrow and back.
//!
//! NaN and null are the same "no observation", as are an empty text and null.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Float64Type, Int32Type, Int64Type};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Date32Array, DictionaryArray, Float64Array, Int64Array,
    RecordBatch, StringArray, new_null_array,
};
use arrow_schema::{DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use shoals_core::{Column, Symbol, Table, TradingDay, Values};

use crate::{DataError, MarketTable};

/// The table as one batch: days as `Date32`, symbols and text as `Utf8` (of words in two languages the English), numbers as `Float64`, counts
/// as `Int64`, flags as `Boolean`. A column's meaning becomes the field's `about` metadata.
///
/// Missing: NaN and empty text become null.
pub fn to_batch(table: &Table) -> RecordBatch {
    let fields: Vec<Field> = table.columns().iter().map(field).collect();
    let columns = table.columns().iter().map(|column| to_array(&column.values)).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
        .expect("a table's columns have one length")
}

fn field(column: &Column) -> Field {
    let data_type = match column.values {
        Values::Day(_) => DataType::Date32,
        Values::Symbol(_) | Values::Text(_) | Values::Words(_) => DataType::Utf8,
        Values::Number(_) => DataType::Float64,
        Values::Count(_) => DataType::Int64,
        Values::Flag(_) => DataType::Boolean,
    };
    let field = Field::new(&column.name, data_type, true);
    if column.about.is_empty() {
        return field;
    }
    field.with_metadata([("about".to_owned(), column.about.clone())].into())
}

fn to_array(values: &Values) -> ArrayRef {
    match values {
        Values::Day(v) => Arc::new(v.iter().map(|d| Some(d.epoch_days())).collect::<Date32Array>()),
        Values::Symbol(v) => Arc::new(StringArray::from_iter_values(v.iter().map(Symbol::as_str))),
        Values::Text(v) => {
            Arc::new(v.iter().map(|t| Some(t).filter(|t| !t.is_empty())).collect::<StringArray>())
        }
        Values::Words(v) => Arc::new(StringArray::from_iter_values(v.iter().map(|w| &w.en))),
        Values::Number(v) => {
            Arc::new(v.iter().map(|x| Some(*x).filter(|x| !x.is_nan())).collect::<Float64Array>())
        }
        Values::Count(v) => Arc::new(Int64Array::from(v.clone())),
        Values::Flag(v) => Arc::new(BooleanArray::from(v.clone())),
    }
}

/// The table under a market table's schema: columns found by name, those that are not there null.
///
/// # Errors
/// When a column cannot be brought to the schema's type, or a key column is missing.
pub fn to_market_batch(table: &Table, market: MarketTable) -> Result<RecordBatch, DataError> {
    let schema = market.schema();
    let columns = schema
        .fields()
        .iter()
        .map(|field| match table.column(field.name()) {
            Ok(column) => Ok(arrow_cast::cast(&to_array(&column.values), field.data_type())?),
            Err(_) => Ok(new_null_array(field.data_type(), table.n_rows())),
        })
        .collect::<Result<Vec<ArrayRef>, DataError>>()?;
    Ok(RecordBatch::try_new(schema, columns)?)
}

/// The table as the bytes of a Parquet file, zstd-compressed.
///
/// # Errors
/// Never for a table of our own; memory aside.
pub fn to_parquet(table: &Table) -> Result<Vec<u8>, DataError> {
    let batch = to_batch(table);
    let zstd = Compression::ZSTD(ZstdLevel::default());
    let properties = WriterProperties::builder().set_compression(zstd).build();
    let failed = |error: ParquetError| DataError::WrongShape {
        table: table.name().to_owned(),
        reason: error.to_string(),
    };
    let mut writer =
        ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties)).map_err(failed)?;
    writer.write(&batch).map_err(failed)?;
    writer.into_inner().map_err(failed)
}

/// Batches of one schema as a table. Text stays text unless the column is a dictionary, which the data
/// room uses for symbols.
///
/// Missing: a null number is NaN, a null text empty. A missing day, count or flag has no word in a plain
/// table and is an error, except that a column of counts or flags with nulls is given as numbers.
///
/// # Errors
/// When a column has another type, a day is missing, or a dictionary holds something else than symbols.
pub fn from_batches(name: &str, batches: &[RecordBatch]) -> Result<Table, DataError> {
    let Some(first) = batches.first() else { return Ok(Table::new(name)) };
    let schema = first.schema();
    let whole = arrow_select::concat::concat_batches(&schema, batches)?;
    let mut table = Table::new(name);
    for (field, array) in schema.fields().iter().zip(whole.columns()) {
        let about = field.metadata().get("about").cloned().unwrap_or_default();
        table = table.with(field.name(), about, to_values(name, field, array)?);
    }
    Ok(table)
}

/// Batches of any columns, as a query gives them: whole numbers become counts, other numbers numbers,
/// and what a plain table has no word for, text.
///
/// # Errors
/// When a column cannot be written as text.
pub fn from_query(name: &str, batches: &[RecordBatch]) -> Result<Table, DataError> {
    let plain: Vec<RecordBatch> = batches.iter().map(plain_batch).collect::<Result<_, _>>()?;
    from_batches(name, &plain)
}

fn plain_batch(batch: &RecordBatch) -> Result<RecordBatch, DataError> {
    let schema = batch.schema();
    let (mut fields, mut columns) = (Vec::new(), Vec::new());
    for (field, array) in schema.fields().iter().zip(batch.columns()) {
        let to = match array.data_type() {
            same @ (DataType::Boolean | DataType::Date32) if array.null_count() == 0 => {
                same.clone()
            }
            whole if whole.is_integer() => DataType::Int64,
            number if number.is_numeric() => DataType::Float64,
            _ => DataType::Utf8,
        };
        fields.push(Field::new(field.name(), to.clone(), true));
        columns.push(arrow_cast::cast(array, &to)?);
    }
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
}

fn to_values(table: &str, field: &Field, array: &ArrayRef) -> Result<Values, DataError> {
    let wrong = |reason: String| DataError::WrongShape { table: table.to_owned(), reason };
    let has_nulls = array.null_count() > 0;
    Ok(match array.data_type() {
        DataType::Date32 if has_nulls => {
            return Err(wrong(format!("column `{}` has rows without a day", field.name())));
        }
        DataType::Date32 => days(array),
        DataType::Int64 if !has_nulls => {
            Values::Count(array.as_primitive::<Int64Type>().values().to_vec())
        }
        DataType::Boolean if !has_nulls => {
            Values::Flag(array.as_boolean().values().iter().collect())
        }
        DataType::Dictionary(_, _) => symbols(array)?,
        DataType::Utf8 => texts(array),
        DataType::Float64 | DataType::Int64 | DataType::Boolean => numbers(array)?,
        other => return Err(wrong(format!("column `{}` is of type {other}", field.name()))),
    })
}

fn days(array: &ArrayRef) -> Values {
    let days = array.as_primitive::<Date32Type>().values();
    Values::Day(days.iter().map(|&day| TradingDay::from_epoch_days(day)).collect())
}

fn texts(array: &ArrayRef) -> Values {
    let texts = array.as_string::<i32>().iter();
    Values::Text(texts.map(|text| text.unwrap_or_default().to_owned()).collect())
}

fn numbers(array: &ArrayRef) -> Result<Values, DataError> {
    let numbers = arrow_cast::cast(array, &DataType::Float64)?;
    let numbers = numbers.as_primitive::<Float64Type>();
    Ok(Values::Number(numbers.iter().map(|x| x.unwrap_or(f64::NAN)).collect()))
}

/// Symbols of a dictionary; text, when a row has none.
fn symbols(array: &ArrayRef) -> Result<Values, DataError> {
    if array.null_count() > 0 {
        return Ok(texts(&arrow_cast::cast(array, &DataType::Utf8)?));
    }
    let column: &DictionaryArray<Int32Type> = array.as_dictionary();
    let parsed = column.values().as_string::<i32>().iter();
    let parsed: Vec<Symbol> =
        parsed.map(|text| Symbol::parse(text.unwrap_or_default())).collect::<Result<_, _>>()?;
    Ok(Values::Symbol(column.keys().values().iter().map(|&key| parsed[key as usize]).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use shoals_core::day;

    fn table() -> Table {
        Table::new("ladder")
            .with("date", "exchange day", vec![day(2024, 2, 5), day(2024, 2, 6)])
            .with("note", "", vec![String::new(), "微盘".to_owned()])
            .with("return", "simple decimal", vec![f64::NAN, -0.0629])
            .with("n", "stocks", vec![1_i64, 2])
            .with("is_inverted", "", vec![true, false])
    }

    #[test]
    fn a_table_survives_the_way_to_arrow_and_back() {
        let batch = to_batch(&table());
        assert_eq!((batch.column(1).null_count(), batch.column(2).null_count()), (1, 1));
        let back = from_batches("ladder", &[batch.slice(0, 1), batch.slice(1, 1)]).unwrap();
        assert_eq!(format!("{back:?}"), format!("{:?}", table()));
    }

    #[test]
    fn counts_and_flags_with_gaps_become_numbers() {
        let counts: Int64Array = [Some(7), None].into_iter().collect();
        let schema = Schema::new(vec![Field::new("volume", DataType::Int64, true)]);
        let batch = RecordBatch::try_new(Arc::new(schema), vec![Arc::new(counts)]).unwrap();
        let back = from_batches("x", &[batch]).unwrap();
        let numbers = back.numbers("volume").unwrap();
        assert!(numbers[0] == 7.0 && numbers[1].is_nan());
    }

    #[test]
    fn a_query_may_give_any_column() {
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("n", Arc::new(arrow_array::UInt64Array::from(vec![3]))),
            ("mean", Arc::new(arrow_array::Float32Array::from(vec![0.5]))),
            ("name", Arc::new(arrow_array::StringViewArray::from(vec!["微盘"]))),
            ("day", Arc::new(Date32Array::from(vec![None]))),
        ];
        let table = from_query("q", &[RecordBatch::try_from_iter(columns).unwrap()]).unwrap();
        assert_eq!(table.column("n").unwrap().values, Values::Count(vec![3]));
        assert_eq!(table.numbers("mean").unwrap(), &[0.5]);
        assert_eq!(table.column("name").unwrap().values, Values::Text(vec!["微盘".to_owned()]));
        assert_eq!(table.column("day").unwrap().values, Values::Text(vec![String::new()]));
    }

    #[test]
    fn dictionaries_are_symbols() {
        let symbols: DictionaryArray<Int32Type> = ["600519.SH", "000852.SZ"].into_iter().collect();
        let field = Field::new("symbol", symbols.data_type().clone(), false);
        let batch =
            RecordBatch::try_new(Arc::new(Schema::new(vec![field])), vec![Arc::new(symbols)]);
        let back = from_batches("x", &[batch.unwrap()]).unwrap();
        let expected = vec![Symbol::literal("600519.SH"), Symbol::literal("000852.SZ")];
        assert_eq!(back.column("symbol").unwrap().values, Values::Symbol(expected));
    }
}
