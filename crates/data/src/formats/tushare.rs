//! tushare pro's JSON responses, saved to disk as they came.
//!
//! The Python client turns any HTTP error into an empty table; here a non-zero code, an error page,
//! `has_more` and a row count at the per-call cap are seen. A response does not name its API, so the
//! table is told from its fields and codes.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;
use shoals_core::{Finding, Severity};

use super::spreadsheet::quoted;
use super::text::{self, Text, corrupt};
use crate::DataError;

/// Rows one call returns at most, by API; a response of exactly so many was most likely cut.
const CAPS: &[usize] = &[1000, 2000, 3000, 4000, 5000, 6000, 8000, 10_000, 15_000];

/// A saved response as delimited text, and what it says about itself.
///
/// Takes one response, a list of them (pages of one call), or a list of records.
///
/// # Errors
/// No JSON, a refusal by the server, or no rows.
pub(crate) fn response(path: &Path) -> Result<(Text, Vec<Finding>), DataError> {
    let text = text::open(path, None)?;
    let whole = match text.source {
        super::delimited::Source::Memory { bytes, .. } => bytes,
        super::delimited::Source::File { start, .. } => {
            text::read_whole(path)?.split_off(start as usize)
        }
    };
    let json: Value =
        serde_json::from_slice(&whole).map_err(|error| corrupt(path, "JSON", error.to_string()))?;
    let pages = match json {
        Value::Array(items) if items.first().is_some_and(|i| i.get("data").is_none()) => {
            return Ok((text::in_memory(path, records(path, &items)?), Vec::new()));
        }
        Value::Array(pages) => pages,
        page => vec![page],
    };
    let mut lines = String::new();
    let mut findings = Vec::new();
    let mut fields = Vec::new();
    let mut n_rows = 0;
    for (i, page) in pages.iter().enumerate() {
        let data = data_of(path, page)?;
        let own = strings(path, data, "fields")?;
        if i == 0 {
            push_line(&mut lines, own.iter().map(|name| quoted(name)));
            fields = own;
        } else if own != fields {
            return Err(corrupt(path, "tushare", "its pages have different fields"));
        }
        let items = array(path, data, "items")?;
        let is_last = i + 1 == pages.len();
        findings.extend(cut_response(path, data, items.len(), is_last));
        for item in items {
            let cells = item.as_array().ok_or_else(|| broken_item(path, n_rows))?;
            push_line(&mut lines, cells.iter().map(cell));
            n_rows += 1;
        }
    }
    if n_rows == 0 {
        return Err(corrupt(path, "tushare", "the server answered without a single row"));
    }
    Ok((text::in_memory(path, lines), findings))
}

/// The `data` of a response the server did not refuse.
fn data_of<'a>(path: &Path, page: &'a Value) -> Result<&'a Value, DataError> {
    // A saved exchange may keep the request beside the response.
    let page = page.get("response").unwrap_or(page);
    let Some(code) = page.get("code").and_then(Value::as_i64) else {
        let reason = "it is JSON, but no response of tushare: it has no `code`";
        return Err(corrupt(path, "tushare", reason));
    };
    if code != 0 {
        let message = page.get("msg").and_then(Value::as_str).unwrap_or("no message");
        return Err(corrupt(
            path,
            "tushare",
            format!("the server refused with code {code}: {message}"),
        ));
    }
    let data = page.get("data").filter(|data| data.is_object());
    data.ok_or_else(|| corrupt(path, "tushare", "the response has no `data`"))
}

fn array<'a>(path: &Path, data: &'a Value, key: &str) -> Result<&'a Vec<Value>, DataError> {
    let found = data.get(key).and_then(Value::as_array);
    found.ok_or_else(|| corrupt(path, "tushare", format!("its `data` has no list `{key}`")))
}

fn strings(path: &Path, data: &Value, key: &str) -> Result<Vec<String>, DataError> {
    let items = array(path, data, key)?;
    Ok(items.iter().map(|item| item.as_str().unwrap_or_default().to_owned()).collect())
}

fn broken_item(path: &Path, row: usize) -> DataError {
    corrupt(path, "tushare", format!("item {} is no list of cells", row + 1))
}

/// Signs that rows are missing at the end of a page.
fn cut_response(path: &Path, data: &Value, n_rows: usize, is_last: bool) -> Option<Finding> {
    let has_more = data.get("has_more").and_then(Value::as_bool);
    let file = text::name(path);
    let remedy = "fetch the rest (page by date or with offset) and import all pages together";
    if has_more == Some(true) && is_last {
        let found = format!("has_more = true after {n_rows} rows");
        return Some(Finding::new(
            "has_more",
            Severity::Severe,
            file,
            found,
            "the last page",
            remedy,
        ));
    }
    if !is_last || !CAPS.contains(&n_rows) {
        return None;
    }
    // With an explicit `has_more = false` the count may be chance.
    let severity = if has_more.is_none() { Severity::Severe } else { Severity::Warning };
    let found = format!("exactly {n_rows} rows, a cap of one call");
    Some(Finding::new("row_cap", severity, file, found, "fewer rows than one call returns", remedy))
}

fn push_line(text: &mut String, cells: impl Iterator<Item = String>) {
    for (i, cell) in cells.enumerate() {
        if i > 0 {
            text.push('\t');
        }
        text.push_str(&cell);
    }
    text.push('\n');
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => quoted(text),
        Value::Bool(flag) => u8::from(*flag).to_string(),
        other => {
            let mut text = String::new();
            write!(text, "{other}").expect("writing to a string does not fail");
            text
        }
    }
}

/// A list of objects, as data frames are saved with `orient="records"`.
fn records(path: &Path, items: &[Value]) -> Result<String, DataError> {
    let first = items.first().and_then(Value::as_object);
    let Some(first) = first else {
        return Err(corrupt(path, "JSON", "it is neither a response nor a list of records"));
    };
    let names: Vec<&String> = first.keys().collect();
    let mut text = String::new();
    push_line(&mut text, names.iter().map(|name| quoted(name)));
    for item in items {
        push_line(&mut text, names.iter().map(|name| item.get(*name).map_or(String::new(), cell)));
    }
    Ok(text)
}
