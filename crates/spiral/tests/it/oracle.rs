//! Readers of the oracle files (`SHOALS_DATA/oracles`).

use std::path::PathBuf;

use serde_json::Value;

/// An oracle file's text, or `None` with a line that says the test skipped.
pub(crate) fn text(name: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "a test may read its environment")]
    let Some(folder) = std::env::var_os("SHOALS_DATA") else {
        eprintln!("skipped: SHOALS_DATA is not set, so {name} cannot be read");
        return None;
    };
    #[expect(clippy::disallowed_methods, reason = "a test may read its oracle")]
    Some(std::fs::read_to_string(PathBuf::from(folder).join("oracles").join(name)).unwrap())
}

pub(crate) fn json(name: &str) -> Option<Value> {
    Some(serde_json::from_str(&text(name)?).unwrap())
}

/// A list of numbers, nested lists laid flat.
pub(crate) fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(items) => items.iter().flat_map(numbers).collect(),
        number => vec![number.as_f64().unwrap()],
    }
}

pub(crate) fn assert_close(found: &[f64], expected: &[f64], tolerance: f64, what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (i, (a, b)) in found.iter().zip(expected).enumerate() {
        assert!((a - b).abs() <= tolerance * b.abs().max(1.0), "{what}[{i}]: {a} against {b}");
    }
}
