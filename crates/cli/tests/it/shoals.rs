//! Running the `shoals` binary in tests.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// The built command, working in `folder`.
pub(crate) fn shoals(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_shoals"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("the binary runs")
}

/// Standard output of a run that must succeed.
pub(crate) fn stdout(folder: &Path, arguments: &[&str]) -> String {
    let output = shoals(folder, arguments);
    assert!(
        output.status.success(),
        "shoals {} failed:\n{}",
        arguments.join(" "),
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("standard output is UTF-8")
}

/// The JSON a run prints.
pub(crate) fn json(folder: &Path, arguments: &[&str]) -> Value {
    serde_json::from_str(&stdout(folder, &[arguments, &["--format", "json"]].concat()))
        .expect("standard output is JSON")
}

/// Exit code and standard error of a run that must fail.
pub(crate) fn failure(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let output = shoals(folder, arguments);
    assert!(!output.status.success(), "shoals {} must fail", arguments.join(" "));
    assert!(output.stdout.is_empty(), "a failed run prints no data");
    let code = output.status.code().expect("no signal");
    (code, String::from_utf8(output.stderr).expect("standard error is UTF-8"))
}

/// The rows of a table of the printed outcome.
pub(crate) fn rows<'a>(outcome: &'a Value, table: &str) -> &'a [Value] {
    outcome["tables"][table].as_array().unwrap_or_else(|| panic!("no table {table}"))
}

/// The one row whose cells equal `wanted`.
pub(crate) fn row<'a>(outcome: &'a Value, table: &str, wanted: &[(&str, &str)]) -> &'a Value {
    let matches = |row: &&Value| wanted.iter().all(|(column, cell)| row[*column] == *cell);
    let mut found = rows(outcome, table).iter().filter(matches);
    let first = found.next().unwrap_or_else(|| panic!("no row {wanted:?} in {table}"));
    assert!(found.next().is_none(), "two rows {wanted:?} in {table}");
    first
}

/// The folder of real market data, or `None` with a line that says the test skipped.
pub(crate) fn real_data() -> Option<PathBuf> {
    let folder = std::env::var_os("SHOALS_DATA").map(PathBuf::from);
    if folder.is_none() {
        eprintln!("skipped: SHOALS_DATA is not set, so real market data cannot be read");
    }
    folder
}
