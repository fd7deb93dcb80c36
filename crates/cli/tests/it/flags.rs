//! What every analysis takes: the common flags, plain files, and the tables they promise.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;

use crate::shoals::{failure, json, real_data, row, rows, shoals, stdout};

/// The columns HOUSE promises, by outcome and table.
const PROMISED: [(&str, &str, &[&str]); 7] = [
    ("inversion", "ladder", &["period", "segment", "symbol", "return"]),
    ("inversion", "inversion", &["period", "rank_correlation", "micro_minus_large", "is_inverted"]),
    (
        "basis",
        "term",
        &["date", "contract", "spot", "price", "basis", "days_to_expiry", "basis_rate"],
    ),
    (
        "swap",
        "statement",
        &[
            "date",
            "long_value",
            "hedge_pnl",
            "financing",
            "fees",
            "equity",
            "margin_ratio",
            "leverage",
            "status",
        ],
    ),
    ("swap", "event", &["date", "kind", "detail"]),
    ("ab", "ab", &["date", "nav", "senior_claim", "senior", "junior", "buffer", "dma_equity"]),
    ("replicate", "nav", &["date", "return", "nav"]),
];

/// The terms of the manual.
const BOOK: &str = r#"
[swap]
opened_on = 2024-01-02
closed_on = 2024-03-15
notional = 100.0                # CNY; hedge lots may be fractional for study
initial_margin_ratio = 0.25
call_ratio = 0.15
liquidation_ratio = 0.10
financing_rate = 0.04           # ACT/365
financing_base = "notional"     # or "borrowed"
on_breach = "report"            # report | top_up | deleverage | liquidate
[long]
symbol = "868008.WI"            # or a basket file
[[hedge]]
contract = "IM2403.CFE"
weight = 1.0                    # of notional at opening, fixed lots
mark = "close"                  # or "settle"
lots = "fractional"             # or "whole"
"#;

fn write(folder: &Path, name: &str, text: &str) {
    std::fs::write(folder.join(name), text).expect("written");
}

/// Two months of trading days without a holiday in them.
fn days() -> Vec<String> {
    let march = [1, 4, 5, 6, 7, 8, 11, 12, 13, 14, 15, 18, 19, 20, 21, 22, 25, 26, 27, 28, 29];
    let february = [19, 20, 21, 22, 23, 26, 27, 28, 29];
    let name = |month: u32, day: u32| format!("2024-{month:02}-{day:02}");
    february.map(|d| name(2, d)).into_iter().chain(march.map(|d| name(3, d))).collect()
}

/// A file of the user's own columns, a record of one contract, and terms for both products.
fn own_files(folder: &Path) {
    let mut own = "day,large,mid,small,micro\n".to_owned();
    let mut future = "date,contract,close,settle,volume,open_interest\n".to_owned();
    for (i, day) in days().iter().enumerate() {
        let wave = [0.0, 7.0, -4.0, 3.0][i % 4];
        let level = |start: f64, slope: f64| start + slope * i as f64 + wave;
        let (large, mid) = (level(3_500.0, 5.0), level(5_400.0, 2.0));
        let (small, micro) = (level(5_300.0, -1.0), level(2_000.0, -4.0));
        writeln!(own, "{day},{large},{mid},{small},{micro}").expect("text");
        if day.as_str() <= "2024-03-15" {
            writeln!(future, "{day},IM2403.CFE,{0},{0},1000,2000", small - 20.0).expect("text");
        }
        writeln!(future, "{day},IM2406.CFE,{0},{0},900,2000", small - 60.0).expect("text");
    }
    write(folder, "own.csv", &own);
    write(folder, "future.csv", &future);
    let dates = |text: &str| text.replace("01-02", "02-20").replace("03-15", "03-14");
    write(folder, "book.toml", &dates(BOOK));
    let ab = "[ab]\nsenior_rate = 0.065\njunior_share = 0.2\n";
    write(folder, "ab.toml", &format!("{ab}{}", dates(BOOK)));
    write(
        folder,
        "terms.toml",
        "[long]\nsymbol = \"000852.SH\"\n[short]\nsymbol = \"000300.SH\"\n[straddle]\nweight = 0\n",
    );
}

const OWN: [&str; 12] = [
    "--series",
    "own.csv",
    "--date",
    "day",
    "--value",
    "large=000300.SH",
    "--value",
    "mid=000905.SH",
    "--value",
    "small=000852.SH",
    "--value",
    "micro=868008.WI",
];

const ANALYSES: [(&str, &[&str]); 5] = [
    ("inversion", &["inversion"]),
    ("basis", &["basis", "--futures", "future.csv"]),
    ("swap", &["swap", "simulate", "book.toml", "--futures", "future.csv"]),
    ("replicate", &["replicate", "terms.toml"]),
    ("ab", &["ab", "ab.toml", "--futures", "future.csv"]),
];

fn with(arguments: &[&'static str], more: &[&'static str]) -> Vec<&'static str> {
    [arguments, &OWN, more].concat()
}

fn folder_of_own_files() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    own_files(folder.path());
    folder
}

#[test]
fn plain_columns_are_enough_for_every_analysis_and_its_promised_tables() {
    let folder = folder_of_own_files();
    let outcomes: Vec<(&str, Value)> = ANALYSES
        .iter()
        .map(|(name, arguments)| (*name, json(folder.path(), &with(arguments, &[]))))
        .collect();
    for (name, table, columns) in PROMISED {
        let schema: Value =
            serde_json::from_str(&stdout(folder.path(), &["schema", name])).expect("JSON");
        let described = &schema["properties"]["tables"]["properties"][table]["items"];
        let (_, outcome) = outcomes.iter().find(|(n, _)| *n == name).expect("asked");
        assert_eq!(outcome["outcome"]["name"], name);
        let first = rows(outcome, table).first().unwrap_or_else(|| panic!("{name} {table}"));
        for column in columns {
            assert!(
                described["properties"][column].is_object(),
                "schema of {name} {table} {column}"
            );
            assert!(first.get(column).is_some(), "{name} {table} {column}: {first}");
        }
    }
    let leftovers = std::fs::read_dir(folder.path()).expect("a folder").count();
    assert_eq!(leftovers, 5, "an analysis of plain files writes nothing");
}

#[test]
fn every_analysis_takes_every_common_flag() {
    let folder = folder_of_own_files();
    let common = [
        "--market",
        "nowhere",
        "--from",
        "2024-02-27",
        "--to",
        "2024-03-12",
        "--lang",
        "zh",
        "--seed",
        "7",
        "--engine",
        "local",
        "--quiet",
    ];
    for (name, arguments) in ANALYSES {
        let whole = stdout(folder.path(), &with(arguments, &["--format", "csv"]));
        for format in ["table", "json", "csv", "parquet"] {
            let flags = [&common[..], &["--format", format]].concat();
            let output = shoals(folder.path(), &with(arguments, &flags));
            let told = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{name} {format}: {told}");
            assert!(!output.stdout.is_empty(), "{name} {format}");
            if format == "csv" {
                assert_ne!(whole.as_bytes(), output.stdout, "{name}: the days must count");
            }
        }
    }
}

/// Witness: bands are random, levels are not.
#[test]
fn the_seed_moves_the_bands_and_nothing_else() {
    let folder = folder_of_own_files();
    let ask = |seed: &'static str| json(folder.path(), &with(&["inversion"], &["--seed", seed]));
    let (one, again, other) = (ask("1"), ask("1"), ask("2"));
    assert_eq!(one, again);
    let month = |outcome: &Value, column: &str| {
        row(outcome, "inversion", &[("period", "2024-03")])[column].clone()
    };
    assert_ne!(month(&one, "low"), month(&other, "low"));
    assert_eq!(month(&one, "micro_minus_large"), month(&other, "micro_minus_large"));
}

#[test]
fn a_cluster_is_refused_in_one_sentence_and_anything_else_is_a_usage_error() {
    let folder = folder_of_own_files();
    let cluster: &[&str] = &["--engine", "ballista://127.0.0.1:50050"];
    for (name, arguments) in ANALYSES {
        let (code, message) = failure(folder.path(), &with(arguments, cluster));
        assert!(code == 1 && message.contains("no cluster engine"), "{name}: {message}");
        for word in ["spark", "ballista://", "ballista://host", "ballista://:1", "ballista://h:x"] {
            let output =
                shoals(folder.path(), &[&with(arguments, &[])[..], &["--engine", word]].concat());
            assert_eq!(output.status.code(), Some(2), "{name} {word}");
            let message = String::from_utf8_lossy(&output.stderr);
            assert!(message.contains("ballista://HOST:PORT"), "{name} {word}: {message}");
        }
    }
    for arguments in [&["demo"][..], &["study", "x.toml"], &["sql", "select 1"]] {
        let (code, message) = failure(folder.path(), &[arguments, cluster].concat());
        assert!(code == 1 && message.contains("no cluster engine"), "{arguments:?}: {message}");
    }
}

/// A basis stands on one day; a return needs two closes.
#[test]
fn one_day_is_told_where_it_can_be_and_refused_in_words_where_it_cannot() {
    let folder = folder_of_own_files();
    let day: &[&str] = &["--from", "2024-03-05", "--to", "2024-03-05"];
    let basis = json(folder.path(), &with(ANALYSES[1].1, day));
    let terms = rows(&basis, "term");
    assert_eq!(terms.len(), 2);
    assert!(terms.iter().all(|term| term["date"] == "2024-03-05"));
    let book = json(folder.path(), &with(ANALYSES[2].1, day));
    assert_eq!(rows(&book, "statement").len(), 1);
    for (name, arguments) in [ANALYSES[0], ANALYSES[3]] {
        let (code, message) = failure(folder.path(), &with(arguments, day));
        assert!(code == 1 && message.contains("a return needs two closes"), "{name}: {message}");
    }
}

#[test]
fn days_that_cannot_be_told_about_are_named() {
    let folder = folder_of_own_files();
    for (from, to, parts) in [
        ("2024-03-05", "2024-03-04", ["2024-03-05", "2024-03-04"]),
        ("2030-01-02", "2030-02-01", ["2030-01-02", "2024-03-"]),
        ("2020-01-02", "2020-02-03", ["2020-02-03", "2024-02-"]),
    ] {
        for (name, arguments) in ANALYSES {
            let flags = [&with(arguments, &[])[..], &["--from", from, "--to", to]].concat();
            let (code, message) = failure(folder.path(), &flags);
            assert_eq!(code, 1, "{name} {from}: {message}");
            for part in parts {
                assert!(message.contains(part), "{name} {from}..{to}: {message}");
            }
        }
    }
    for (name, arguments) in ANALYSES {
        let flags = [&with(arguments, &[])[..], &["--from", "2030-01-02"]].concat();
        let (code, message) = failure(folder.path(), &flags);
        assert!(code == 1 && message.contains("2024-03-"), "{name}: {message}");
    }
}

/// Witness: what the whole book says of the same days.
#[test]
fn a_book_is_known_to_a_day_and_told_from_a_day() {
    let folder = folder_of_own_files();
    let ask = |flags: &[&'static str]| json(folder.path(), &with(ANALYSES[2].1, flags));
    let (whole, part) = (ask(&[]), ask(&["--from", "2024-02-27", "--to", "2024-03-06"]));
    let inside: Vec<&Value> = rows(&whole, "statement")
        .iter()
        .filter(|line| {
            ("2024-02-27"..="2024-03-06").contains(&line["date"].as_str().expect("a date"))
        })
        .collect();
    assert_eq!(inside.len(), 7);
    assert_eq!(rows(&part, "statement").iter().collect::<Vec<_>>(), inside);
}

/// The manual's own command on the real files.
#[test]
fn the_manuals_book_runs_on_plain_files() {
    let Some(data) = real_data() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "book.toml", BOOK);
    let file = |name: &str| data.join("market").join(name).display().to_string();
    let (index, futures) = (file("index_daily.parquet"), file("index_futures_contracts.parquet"));
    let ask = ["swap", "simulate", "book.toml", "--series", &index, "--futures", &futures];
    let outcome = json(folder.path(), &ask);
    // Witness: the book's last day is the contract's, by the exchange's list.
    assert_eq!(rows(&outcome, "statement").last().expect("lines")["date"], "2024-03-15");
    let events = rows(&outcome, "event");
    assert!(events.iter().any(|e| e["kind"] == "wiped_out" && e["date"] == "2024-02-07"));
}
