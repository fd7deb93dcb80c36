//! The user's calendar and rules through the command: what they move, where they are recorded.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;

use crate::shoals::{failure, json, row, rows, stdout};

/// Friday 2024-03-15 closed: the contracts of March expire on the Monday after.
const CLOSED: &str = "first = 2024-03-15\nlast = 2024-03-15\nsource = \"a typhoon\"\n\
                      status = \"recalled\"\n[closed]\n2024 = [\"03-15\"]\n";

fn fee(rate: f64) -> String {
    format!(
        "[[future_fee]]\nfrom = 2024-01-01\nopen_or_close = {rate}\nclose_today = {rate}\n\
         delivery = {rate}\norder_cny = 0\nsource = \"our broker\"\nstatus = \"verified\"\n"
    )
}

/// A week of the CSI 1000 and two of its contracts, without the Friday.
fn week(folder: &Path) {
    let (mut index, mut future) = (
        "date,symbol,close\n".to_owned(),
        "date,contract,close,settle,volume,open_interest\n".to_owned(),
    );
    for (i, day) in ["03-11", "03-12", "03-13", "03-14"].into_iter().enumerate() {
        let close = 5_400 + 10 * i;
        writeln!(index, "2024-{day},000852.SH,{close}").expect("text");
        for (contract, basis) in [("IM2403", 10), ("IM2404", 50)] {
            let price = close - basis;
            writeln!(future, "2024-{day},{contract}.CFE,{price},{price},1000,2000").expect("text");
        }
    }
    write(folder, "index.csv", &index);
    write(folder, "future.csv", &future);
    write(folder, "closed.toml", CLOSED);
    write(folder, "dear.toml", &fee(0.01));
}

fn write(folder: &Path, name: &str, text: &str) {
    std::fs::write(folder.join(name), text).expect("written");
}

fn basis(folder: &Path, flags: &[&str]) -> Value {
    let plain = ["basis", "--series", "index.csv", "--futures", "future.csv", "--quiet"];
    json(folder, &[&plain, flags].concat())
}

/// Witness: the contract rule (third Friday, next trading day when closed) on the calendar of a wall.
#[test]
fn a_closed_friday_moves_the_expiry_and_the_doctor_sees_the_day() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    week(folder);
    for (flags, n_days) in [(&[][..], 4), (&["--calendar", "closed.toml"][..], 7)] {
        let outcome = basis(folder, flags);
        let term = row(&outcome, "term", &[("date", "2024-03-11"), ("contract", "IM2403.CFE")]);
        assert_eq!(term["days_to_expiry"], n_days, "{flags:?}");
    }
    write(
        folder,
        "friday.csv",
        "date,symbol,close\n2024-03-14,000852.SH,5430\n2024-03-15,000852.SH,5431\n",
    );
    for (flags, sees) in [(&[][..], false), (&["--calendar", "closed.toml"][..], true)] {
        let report = stdout(folder, &[&["doctor", "auto", "friday.csv"], flags].concat());
        let found = report.contains("closed_day") && report.contains("2024-03-15");
        assert_eq!(found, sees, "{flags:?}: {report}");
    }
}

/// Witness: a roll pays rate x price x units on both sides.
#[test]
fn a_users_fee_is_what_the_ledger_pays() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    week(folder);
    for (flags, rate) in [(&[][..], 0.000_023), (&["--rules", "dear.toml"][..], 0.01)] {
        let outcome = basis(folder, flags);
        let trades = rows(&outcome, "roll_trade");
        assert!(!trades.is_empty());
        for trade in trades {
            let of = |column: &str| trade[column].as_f64().expect("a number");
            let expected = rate * (of("from_price") + of("to_price")) * of("units");
            assert!((of("fee") - expected).abs() < 1e-9, "{rate}: {trade}");
        }
    }
    let outcome = basis(folder, &["--rules", "dear.toml"]);
    let source = outcome["convention"]["source"].as_str().expect("the files are named");
    assert!(source.contains("dear.toml"), "{source}");
}

/// Witness: lots = notional / (price x multiplier), rounded to whole lots.
#[test]
fn a_users_multiplier_sizes_the_hedge() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    week(folder);
    write(
        folder,
        "mini.toml",
        "[[future_terms]]\nfrom = 2024-01-01\nproduct = \"IM\"\nmultiplier = 20\ntick = 0.2\n\
         price_limit = 0.1\nlast_day_price_limit = 0.2\nsource = \"a mini\"\nstatus = \"recalled\"\n",
    );
    write(
        folder,
        "book.toml",
        "[swap]\nopened_on = 2024-03-11\nclosed_on = 2024-03-14\nnotional = 10780000\n\
         initial_margin_ratio = 0.25\ncall_ratio = 0.15\nliquidation_ratio = 0.1\n\
         financing_rate = 0.04\n[long]\nsymbol = \"000852.SH\"\n\
         [[hedge]]\ncontract = \"IM2403.CFE\"\nweight = 1.0\nlots = \"whole\"\n",
    );
    let plain =
        ["swap", "simulate", "book.toml", "--series", "index.csv", "--futures", "future.csv"];
    for (flags, lots) in [(&[][..], 10.0), (&["--rules", "mini.toml"][..], 100.0)] {
        let outcome = json(folder, &[&plain, flags].concat());
        let opened = row(&outcome, "hedge", &[("date", "2024-03-11")]);
        assert_eq!(opened["lots"], lots, "{flags:?}");
    }
}

#[test]
fn an_import_records_the_files_it_went_by() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    week(folder);
    let flags = ["--calendar", "closed.toml", "--rules", "dear.toml", "--quiet"];
    stdout(folder, &[&["import", "auto", "index.csv"], &flags[..]].concat());
    let history = json(folder, &["history"]);
    let files: Vec<&str> =
        rows(&history, "file").iter().map(|file| file["path"].as_str().expect("text")).collect();
    assert_eq!(files, ["index.csv", "closed.toml", "dear.toml"]);
}

/// A study's files stand beside it; its lock keeps their hashes and the fingerprint hangs on them.
#[test]
fn a_study_and_its_lock_hang_on_the_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    week(folder);
    for file in ["index.csv", "future.csv"] {
        stdout(folder, &["import", "auto", file, "--quiet"]);
    }
    std::fs::create_dir(folder.join("own")).expect("made");
    write(folder, "own/closed.toml", CLOSED);
    write(folder, "own/dear.toml", &fee(0.01));
    write(folder, "plain.toml", "analyses = [\"basis\"]\n");
    write(
        folder,
        "own/study.toml",
        "analyses = [\"basis\"]\ncalendar = \"closed.toml\"\nrules = [\"dear.toml\"]\n",
    );
    let run = |study: &str, flags: &[&str]| -> toml::Table {
        stdout(folder, &[&["study", study, "-o", "out", "--quiet"], flags].concat());
        let lock = std::fs::read_to_string(folder.join("out/study.lock")).expect("a lock");
        lock.parse().expect("the lock is TOML")
    };
    let (plain, own) = (run("plain.toml", &[]), run("own/study.toml", &[]));
    assert!(!plain.contains_key("rulebook"));
    assert_ne!(plain["fingerprint"], own["fingerprint"]);
    let files: Vec<&str> = own["rulebook"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|file| file["path"].as_str().expect("text"))
        .collect();
    assert_eq!(files, ["closed.toml", "dear.toml"]);
    // The same files by flag are the same study, wherever they stand.
    let flags = ["--calendar", "own/closed.toml", "--rules", "own/dear.toml"];
    assert_eq!(run("plain.toml", &flags)["fingerprint"], own["fingerprint"]);

    std::fs::copy(folder.join("out/study.lock"), folder.join("study.lock")).expect("copied");
    let repeat = ["study", "own/study.toml", "-o", "again", "--lock", "study.lock"];
    stdout(folder, &repeat);
    // A row that changes no number still makes it another study.
    write(folder, "own/dear.toml", &(fee(0.01) + "# reviewed\n"));
    let (code, message) = failure(folder, &repeat);
    assert_eq!(code, 1);
    assert!(message.contains("calendar and rule files are not the lock's"), "{message}");
}

/// Each row: a file's name and text, and what the one error must say.
#[test]
fn a_wrong_file_is_named_with_its_key_and_value() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    week(folder);
    for (flag, text, parts) in [
        ("--rules", fee(25.0), ["`future_fee.open_or_close` is 25", "[0, 1]"]),
        ("--rules", fee(0.1).replace("delivery", "delivry"), ["delivry", "`delivery`"]),
        ("--rules", fee(0.1).replace("verified", "sure"), ["sure", "recalled"]),
        ("--rules", fee(0.1).replace("2024-01-01", "2024-13-01"), ["2024-13-01", "date"]),
        ("--calendar", CLOSED.replace("first =", "frist ="), ["frist", "`first`"]),
        ("--calendar", CLOSED.replace("\"03-15\"", "\"03-32\""), ["2024-03-32", "not a date"]),
        ("--calendar", CLOSED.replace("\"03-15\"", "\"03-18\""), ["2024-03-18", "2024-03-15"]),
        ("--calendar", CLOSED.replace("2024", "2040"), ["2040-03-15", "gap"]),
        ("--calendar", "not toml".to_owned(), ["not toml", "expected"]),
    ] {
        write(folder, "wrong.toml", &text);
        let arguments = ["basis", "--series", "index.csv", flag, "wrong.toml"];
        let (code, message) = failure(folder, &arguments);
        assert_eq!(code, 1, "{message}");
        for part in ["wrong.toml"].into_iter().chain(parts) {
            assert!(message.contains(part), "{part}: {message}");
        }
    }
    for flag in ["--rules", "--calendar"] {
        let (code, message) = failure(folder, &["doctor", "auto", "index.csv", flag, "gone.toml"]);
        assert!(code == 1 && message.contains("cannot read `gone.toml`"), "{message}");
    }
}
