//! Outcomes as files and JSON: the same tables as Parquet, CSV, JSON, and the schema that describes them.
//!
//! Table and column names are a contract. Numbers keep full precision, days are ISO strings, NaN and the
//! infinities become `null` in JSON and an empty field in CSV.

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
    data: &BTreeMap<String, u64>,
    tables: &[Table],
) -> Value {
    let rows: Map<String, Value> =
        tables.iter().map(|table| (table.name().to_owned(), json_rows(table))).collect();
    json!({
        "outcome": named(name, outcome),
        "convention": convention,
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
        Values::Text(_) => json!({"type": ["string", "null"], "description": about}),
        Values::Number(_) => json!({"type": ["number", "null"], "description": about}),
        Values::Count(_) => json!({"type": "integer", "description": about}),
        Values::Flag(_) => json!({"type": "boolean", "description": about}),
    }
}

/// Writes each table as `NAME.parquet`, `NAME.csv` and `NAME.json` into `dir`, which is made when missing.
///
/// # Errors
/// A file that cannot be written.
pub fn write_tables(dir: &Path, tables: &[Table]) -> Result<(), ReportError> {
    crate::files::make_dir(dir)?;
    for table in tables {
        let named = |extension| dir.join(format!("{}.{extension}", table.name()));
        crate::files::write(&named("csv"), csv(table).as_bytes())?;
        crate::files::write(&named("json"), json_rows(table).to_string().as_bytes())?;
    }
    Ok(())
}
