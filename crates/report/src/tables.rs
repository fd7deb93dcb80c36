//! Outcomes as files and JSON: the same tables as Parquet, CSV, JSON, and the schema that describes them.
//!
//! Table and column names are a contract. Numbers keep full precision, days are ISO strings, NaN and the
//! infinities become `null` in JSON and an empty field in CSV. Files are for programs: sentences are English
//! whatever language people read.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Map, Value, json};
use shoals_core::{Convention, Table, Values};

use crate::ReportError;

/// The JSON of an outcome: exactly `outcome`, `convention`, `data` and `tables`.
///
/// `outcome` is the outcome's own JSON with its `name` in front; `data` the market tables read, each with
/// its version; `tables` holds the rows of each table, column names as keys.
pub fn json_outcome(
    name: &str,
    outcome: Value,
    convention: &Convention,
    data: &BTreeMap<String, i64>,
    tables: &[Table],
) -> Value {
    let rows: Map<String, Value> =
        tables.iter().map(|table| (table.name().to_owned(), json_rows(table))).collect();
    json!({
        "outcome": named(name, outcome),
        "convention": convention.iter().map(|(k, v)| (k, &v.en)).collect::<BTreeMap<_, _>>(),
        "data": data,
        "tables": rows,
    })
}

fn named(name: &str, outcome: Value) -> Value {
    let mut fields = Map::from_iter([("name".to_owned(), json!(name))]);
    match outcome {
        Value::Object(own) => fields.extend(own),
        Value::Null => {}
        other => {
            fields.insert("value".to_owned(), other);
        }
    }
    Value::Object(fields)
}

/// The rows of a table as a JSON array of objects.
pub fn json_rows(table: &Table) -> Value {
    let row = |i: usize| {
        let cell = |values: &Values| json_cell(values, i);
        table.columns().iter().map(|c| (c.name.clone(), cell(&c.values))).collect::<Map<_, _>>()
    };
    (0..table.n_rows()).map(|i| Value::Object(row(i))).collect()
}

fn json_cell(values: &Values, i: usize) -> Value {
    match values {
        Values::Day(v) => json!(v[i]),
        Values::Symbol(v) => json!(v[i].to_string()),
        Values::Text(v) if v[i].is_empty() => Value::Null,
        Values::Text(v) => json!(v[i]),
        Values::Words(v) => json!(v[i].en),
        Values::Number(v) => json!(v[i]),
        Values::Count(v) => json!(v[i]),
        Values::Flag(v) => json!(v[i]),
    }
}

/// The table as CSV (RFC 4180, UTF-8, header first).
pub fn csv(table: &Table) -> String {
    let mut out = String::new();
    push_line(&mut out, table.columns().iter().map(|column| column.name.clone()));
    for i in 0..table.n_rows() {
        push_line(&mut out, table.columns().iter().map(|column| csv_cell(&column.values, i)));
    }
    out
}

fn push_line(out: &mut String, cells: impl Iterator<Item = String>) {
    for (i, cell) in cells.enumerate() {
        if i > 0 {
            out.push(',');
        }
        out.push_str(&quoted(cell));
    }
    out.push('\n');
}

fn quoted(cell: String) -> String {
    if cell.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell
    }
}

fn csv_cell(values: &Values, i: usize) -> String {
    match values {
        Values::Day(v) => v[i].to_string(),
        Values::Symbol(v) => v[i].to_string(),
        Values::Text(v) => v[i].clone(),
        Values::Words(v) => v[i].en.clone(),
        Values::Number(v) if v[i].is_finite() => v[i].to_string(),
        Values::Number(_) => String::new(),
        Values::Count(v) => v[i].to_string(),
        Values::Flag(v) => v[i].to_string(),
    }
}

/// JSON Schema (2020-12) of an outcome's JSON, from the columns of its tables.
pub fn schema(name: &str, tables: &[Table]) -> Value {
    let each: Map<String, Value> =
        tables.iter().map(|table| (table.name().to_owned(), table_schema(table))).collect();
    let required: Vec<&str> = tables.iter().map(Table::name).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": name,
        "type": "object",
        "required": ["outcome", "convention", "data", "tables"],
        "additionalProperties": false,
        "properties": {
            "outcome": {
                "type": "object",
                "required": ["name"],
                "properties": {"name": {"const": name}}
            },
            "convention": {"type": "object", "additionalProperties": {"type": "string"}},
            "data": {"type": "object", "additionalProperties": {"type": "integer", "minimum": 0}},
            "tables": {"type": "object", "required": required, "properties": each}
        }
    })
}

fn table_schema(table: &Table) -> Value {
    let columns: Map<String, Value> = table
        .columns()
        .iter()
        .map(|c| (c.name.clone(), column_schema(&c.values, &c.about)))
        .collect();
    let required: Vec<&str> = table.columns().iter().map(|c| c.name.as_str()).collect();
    json!({
        "type": "array",
        "items": {
            "type": "object",
            "required": required,
            "additionalProperties": false,
            "properties": columns,
        }
    })
}

fn column_schema(values: &Values, about: &str) -> Value {
    match values {
        Values::Day(_) => json!({"type": "string", "format": "date", "description": about}),
        Values::Symbol(_) => json!({"type": "string", "description": about}),
        Values::Text(_) | Values::Words(_) => {
            json!({"type": ["string", "null"], "description": about})
        }
        Values::Number(_) => json!({"type": ["number", "null"], "description": about}),
        Values::Count(_) => json!({"type": "integer", "description": about}),
        Values::Flag(_) => json!({"type": "boolean", "description": about}),
    }
}

/// A file form of one table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Apache Parquet, zstd.
    Parquet,
    /// Comma-separated text, UTF-8.
    Csv,
    /// An array of objects.
    Json,
}

impl Form {
    const ALL: [Self; 3] = [Self::Parquet, Self::Csv, Self::Json];

    /// The file extension.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Parquet => "parquet",
            Self::Csv => "csv",
            Self::Json => "json",
        }
    }
}

/// The table as the bytes of a file.
///
/// # Errors
/// When the Parquet writer fails.
pub fn table_bytes(table: &Table, form: Form) -> Result<Vec<u8>, ReportError> {
    Ok(match form {
        Form::Parquet => shoals_data::arrow_table::to_parquet(table)?,
        Form::Csv => csv(table).into_bytes(),
        Form::Json => json_rows(table).to_string().into_bytes(),
    })
}

/// Writes each table as `NAME.parquet`, `NAME.csv` and `NAME.json` into `dir`, which is made when missing.
///
/// # Errors
/// A file that cannot be written.
pub fn write_tables(dir: &Path, tables: &[Table]) -> Result<(), ReportError> {
    crate::files::make_dir(dir)?;
    for table in tables {
        for form in Form::ALL {
            let path = dir.join(format!("{}.{}", table.name(), form.extension()));
            crate::files::write(&path, &table_bytes(table, form)?)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use shoals_core::{Symbol, Text, day};

    fn term() -> Table {
        Table::new("term")
            .with("date", "exchange day", vec![day(2024, 2, 5), day(2024, 2, 7)])
            .with("contract", "future", vec![Symbol::literal("IM2402.CFE"); 2])
            .with("basis_rate", "annualised decimal", vec![-0.707_3, f64::NAN])
            .with("note", "words", vec!["a, \"b\"\nc".to_owned(), String::new()])
            .with("days_to_expiry", "calendar days", vec![11_i64, 9])
            .with("is_near", "nearest", vec![true, false])
    }

    #[test]
    fn an_outcome_is_exactly_four_members() {
        let convention = Convention::from([("price".into(), Text::new("收盘价", "close"))]);
        let data = BTreeMap::from([("future_daily".to_owned(), 4)]);
        let json = json_outcome("basis", json!({"n": 2}), &convention, &data, &[term()]);
        insta::assert_json_snapshot!(json);
    }

    #[test]
    fn numbers_keep_full_precision() {
        let x = 0.1 + 0.2;
        let table = Table::new("t").with("x", "", vec![x, f64::INFINITY]);
        let rows: Value = serde_json::from_str(&json_rows(&table).to_string()).unwrap();
        assert_eq!(rows[0]["x"].as_f64(), Some(x));
        assert!(rows[1]["x"].is_null());
        assert!(csv(&table).contains("0.30000000000000004"));
    }

    #[test]
    fn csv_quotes_what_would_break_a_line() {
        insta::assert_snapshot!(csv(&term()));
    }

    #[test]
    fn the_schema_names_every_column_of_the_rows() {
        let schema = schema("basis", &[term()]);
        let items = &schema["properties"]["tables"]["properties"]["term"]["items"];
        let rows = json_rows(&term());
        let row = rows[1].as_object().unwrap();
        let known = items["properties"].as_object().unwrap();
        assert!(row.keys().eq(known.keys()));
        assert_eq!(known["date"]["format"], "date");
        assert_eq!(known["basis_rate"]["type"], json!(["number", "null"]));
    }
}
