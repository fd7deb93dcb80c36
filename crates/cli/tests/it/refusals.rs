//! Wrong input of every kind: one clear error, its exit code, and nothing half-written.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::shoals::{failure, stdout};

const INDEX: &str = "date,symbol,close\n2024-03-13,000852.SH,5400\n2024-03-14,000852.SH,5410\n\
                     2024-03-15,000852.SH,5420\n";

/// A market of one index, a folder of something else, an empty one, and files of several kinds.
fn places() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).expect("written");
    };
    for name in ["empty", "foreign"] {
        std::fs::create_dir(folder.path().join(name)).expect("made");
    }
    std::fs::create_dir_all(folder.path().join("broken/_imports/_delta_log")).expect("made");
    write("broken/_imports/_delta_log/00000000000000000000.json", "no log\n");
    write("index.csv", INDEX);
    write("foreign/notes.txt", "mine");
    write("notes.md", "# mine\n");
    write("day.toml", "from = 2024\n");
    write("twice.csv", "day,level\n2024-03-13,1\n2024-03-13,2\n");
    stdout(folder.path(), &["import", "auto", "index.csv", "--quiet"]);
    folder
}

/// Each row: the command, its exit code, and what the error must say.
#[test]
fn every_wrong_place_is_named_and_nothing_is_left_behind() {
    let folder = places();
    let before = entries(folder.path());
    for (arguments, code, parts) in [
        (&["inversion", "--market", "gone"][..], 1, ["`gone`", "shoals import"]),
        (&["inversion", "--market", "empty"], 1, ["`empty`", "shoals import"]),
        (&["inversion", "--market", "foreign"], 1, ["`foreign`", "--series"]),
        (&["inversion", "--market", "notes.md"], 1, ["`notes.md` is a file", "directory"]),
        (&["inversion", "--market", "broken"], 1, ["`broken`", "`_imports`"]),
        (&["import", "auto", "index.csv", "--market", "broken"], 1, ["`broken`", "`_imports`"]),
        (&["history", "--market", "gone"], 1, ["`gone`", "shoals import"]),
        (&["import", "auto", "gone.csv", "--market", "new"], 1, ["`gone.csv`", "cannot read"]),
        (&["import", "auto", "empty", "--market", "new"], 1, ["`empty`", "no data file"]),
        (&["import", "auto", "notes.md", "--market", "new"], 1, ["notes.md", "no"]),
        (&["import", "auto", "index.csv", "--market", "notes.md"], 1, ["`notes.md`", "directory"]),
        (&["import", "auto", "index.csv", "--market", "foreign"], 1, ["`notes.txt`", "--market"]),
        (&["import", "bogus", "index.csv"], 2, ["bogus", "tushare"]),
        (&["doctor", "auto", "gone"], 1, ["`gone`", "cannot read"]),
        (&["swap", "simulate", "gone.toml"], 1, ["`gone.toml`", "cannot read"]),
        (&["swap", "simulate", "empty"], 1, ["`empty`", "irectory"]),
        (&["swap", "simulate", "notes.md"], 1, ["`notes.md`", "`swap`"]),
        (&["study", "gone.toml"], 1, ["`gone.toml`", "cannot read"]),
        (&["study", "day.toml", "-o", "new"], 1, ["`day.toml`", "expected a date"]),
        (&["study", "day.toml", "-o", "notes.md"], 1, ["`notes.md` is a file", "directory"]),
        (&["demo", "-o", "notes.md"], 1, ["`notes.md` is a file", "directory"]),
        (&["history", "-o", "notes.md"], 1, ["`notes.md` is a file", "directory"]),
        (&["history", "--table", "x"], 1, ["`x`", "history, file"]),
        (&["inversion"], 1, ["3 segments, found 1", "868008.WI"]),
        (&["basis"], 1, ["no index future", "index"]),
        (&["replicate"], 1, ["000300.SH", "000852.SH"]),
        (&["inversion", "--seed", "-1"], 2, ["-1", "--seed"]),
        (&["inversion", "--from", "soon"], 2, ["`soon`", "2024-02-05"]),
        (&["inversion", "--value", "x"], 2, ["--series", "required"]),
        (&["inversion", "--series", "twice.csv", "--value", "level"], 1, ["2024-03-13", "twice"]),
        (
            &["inversion", "--series", "index.csv", "--value", "x"],
            1,
            ["`x`", "date, symbol, close"],
        ),
        (&["schema", "x"], 1, ["`x`", "inversion, basis, swap, ab, replicate, attribute"]),
    ] {
        let (found, message) = failure(folder.path(), arguments);
        assert_eq!(found, code, "{arguments:?}: {message}");
        for part in parts {
            assert!(message.contains(part), "{arguments:?}, {part}: {message}");
        }
        assert_eq!(entries(folder.path()), before, "{arguments:?}");
    }
}

fn entries(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn a_reader_that_had_enough_is_no_failure() {
    let folder = places();
    let mut child = Command::new(env!("CARGO_BIN_EXE_shoals"))
        .args(["schema", "basis"])
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let mut line = String::new();
    let mut reader = BufReader::with_capacity(1, child.stdout.take().expect("piped"));
    reader.read_line(&mut line).expect("a line");
    drop(reader);
    let output = child.wait_with_output().expect("it ends");
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && message.is_empty(), "{message}");
}
