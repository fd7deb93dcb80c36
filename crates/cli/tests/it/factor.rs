//! The factor lab as a user asks it: plain files against alphalens, a market, refusals.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;

use crate::shoals::{failure, json, real_data, rows, shoals, stdout};

const ORACLE: &str =
    "[factor]\nevaluation = { horizons = [1, 5, 10], n_quantiles = 5, lags = [1, 5] }\n";

fn number(row: &Value, column: &str) -> f64 {
    row[column].as_f64().unwrap_or_else(|| panic!("no number {column} in {row}"))
}

fn close(found: f64, expected: f64, what: &str) {
    assert!((found - expected).abs() <= 1e-8, "{what}: {found}, oracle {expected}");
}

/// Witness: alphalens-reloaded 0.5.1 on the same files, every date and horizon.
#[test]
fn plain_files_give_the_numbers_of_alphalens() {
    let Some(data) = real_data() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("config.toml"), ORACLE).expect("written");
    let file = |name: &str| data.join(format!("oracles/factor_panel_{name}")).display().to_string();
    let (factor, prices, groups) = (file("factor.csv"), file("prices.csv"), file("groups.csv"));
    let ask = ["factor", "config.toml", "--factor", &factor, "--prices", &prices];
    let outcome = json(folder.path(), &[&ask[..], &["--groups", &groups]].concat());
    let oracle = std::fs::read_to_string(file("ic_oracle.csv")).expect("the oracle");
    let mut n_days = 0;
    for line in oracle.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        for (horizon, cell) in [1, 5, 10].into_iter().zip(&cells[1..]) {
            let found = rows(&outcome, "ic").iter().find(|row| {
                row["date"] == cells[0] && row["horizon"] == horizon && row["bucket"] == "market"
            });
            let found = found.unwrap_or_else(|| panic!("no rank IC on {} at {horizon}", cells[0]));
            close(number(found, "rank_ic"), cell.parse().expect("a number"), cells[0]);
        }
        n_days += 1;
    }
    assert!(n_days > 100);
    let mean = |horizon: i64, column: &str| {
        let of_market = rows(&outcome, "summary")
            .iter()
            .find(|row| row["horizon"] == horizon && row["bucket"] == "market");
        number(of_market.expect("a summary"), column)
    };
    // Witness: the means printed with the oracle.
    for (horizon, expected) in [(1, 0.084_990_695_9), (5, 0.136_171_249_0), (10, 0.143_899_815_7)] {
        close(mean(horizon, "mean"), expected, "mean");
    }
    let buckets: Vec<&Value> = rows(&outcome, "summary").iter().map(|row| &row["bucket"]).collect();
    assert!(buckets.contains(&&Value::from("0")), "the groups of the file: {buckets:?}");
    let leftovers = std::fs::read_dir(folder.path()).expect("a folder").count();
    assert_eq!(leftovers, 1, "an analysis of plain files writes nothing");
}

/// Ten stocks on forty days, once a column a stock and once a row a day and stock. The factor is each
/// stock's own daily return, so that its order is known.
fn own_files(folder: &Path) {
    let days: Vec<String> =
        (0..40).map(|t| format!("2024-{:02}-{:02}", 3 + t / 20, 1 + t % 20)).collect();
    let header: Vec<String> = (0..10).map(|i| format!("S{i}")).collect();
    let mut wide = [format!("date,{}", header.join(",")), format!("date,{}", header.join(","))];
    let mut long = "date,code,alpha,other\n".to_owned();
    for (t, day) in days.iter().enumerate() {
        let drift = |i: usize| 0.001 * i as f64;
        let prices: Vec<String> =
            (0..10).map(|i| format!("{:.9}", 10.0 * (1.0 + drift(i)).powi(t as i32))).collect();
        let factor: Vec<String> = (0..10).map(|i| format!("{}", drift(i))).collect();
        write!(wide[0], "\n{day},{}", prices.join(",")).expect("text");
        write!(wide[1], "\n{day},{}", factor.join(",")).expect("text");
        for i in 0..10 {
            writeln!(long, "{day},S{i},{},{}", drift(i), -drift(i)).expect("text");
        }
    }
    std::fs::write(folder.join("prices.csv"), &wide[0]).expect("written");
    std::fs::write(folder.join("wide.csv"), &wide[1]).expect("written");
    std::fs::write(folder.join("long.csv"), long).expect("written");
}

const OWN: [&str; 4] = ["factor", "--prices", "prices.csv", "--factor"];

/// Witness: a factor that orders the returns has a rank IC of one, its opposite of minus one.
#[test]
fn wide_and_long_files_say_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    own_files(folder.path());
    let ask = |file: &str| json(folder.path(), &[&OWN[..], &[file]].concat());
    let (wide, long, other) = (ask("wide.csv"), ask("long.csv:alpha"), ask("long.csv:other"));
    let ics = |outcome: &Value| -> Vec<f64> {
        rows(outcome, "ic").iter().map(|row| number(row, "rank_ic")).collect()
    };
    // The last twenty days have no return of the longest horizon.
    assert_eq!(ics(&wide), vec![1.0; 3 * 20]);
    assert_eq!(ics(&long), ics(&wide));
    assert_eq!(ics(&other), vec![-1.0; 3 * 20]);
    assert_eq!(rows(&wide, "ic")[0]["factor"], "wide");
}

#[test]
fn the_lab_takes_every_common_flag() {
    let folder = tempfile::tempdir().expect("a folder");
    own_files(folder.path());
    for format in ["table", "json", "csv", "parquet"] {
        let flags = ["--market", "nowhere", "--from", "2024-03-02", "--to", "2024-04-19"];
        let more =
            ["--lang", "zh", "--seed", "7", "--engine", "local", "--quiet", "--format", format];
        let output = shoals(folder.path(), &[&OWN[..], &["wide.csv"], &flags, &more].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(!output.stdout.is_empty(), "{format}");
    }
    let cluster = ["--engine", "ballista://127.0.0.1:50050"];
    let (code, message) = failure(folder.path(), &[&OWN[..], &["wide.csv"], &cluster].concat());
    assert!(code == 1 && message.contains("no cluster engine"), "{message}");
}

#[test]
fn what_cannot_be_asked_is_refused_by_name() {
    let folder = tempfile::tempdir().expect("a folder");
    own_files(folder.path());
    std::fs::write(folder.path().join("typo.toml"), "[factor]\nfactor = [\"size\"]\n")
        .expect("written");
    std::fs::write(folder.path().join("word.toml"), "factors = [\"momentum\"]\n").expect("written");
    std::fs::write(folder.path().join("late.csv"), "date,S1\n2025-01-02,1\n").expect("written");
    std::fs::write(
        folder.path().join("twice.csv"),
        "date,code,x\n2024-03-01,S1,1\n2024-03-01,S1,2\n",
    )
    .expect("written");
    for (arguments, part) in [
        (&["factor", "typo.toml"][..], "factor"),
        (&["factor", "word.toml"][..], "low_volatility_60"),
        (&["factor", "--market", "nowhere"][..], "shoals import"),
        (&[&OWN[..], &["late.csv"]].concat()[..], "2025-01-02 is a day without prices"),
        (&[&OWN[..], &["twice.csv"]].concat()[..], "twice"),
        (&[&OWN[..], &["long.csv"]].concat()[..], "FILE:COLUMN"),
    ] {
        let (code, message) = failure(folder.path(), arguments);
        assert!(code == 1 && message.contains(part), "{arguments:?}: {message}");
    }
    let output = shoals(folder.path(), &["factor", "--prices", "prices.csv"]);
    assert_eq!(output.status.code(), Some(2), "prices alone are a usage error");
}

/// The schema names the columns the manual promises.
#[test]
fn the_promised_tables_are_described() {
    let folder = tempfile::tempdir().expect("a folder");
    for (outcome, table, columns) in [
        ("factor", "ic", &["factor", "date", "horizon", "bucket", "rank_ic"][..]),
        ("factor", "summary", &["mean", "std", "icir", "t_plain", "t_newey_west", "n"]),
        ("factor", "quantile", &["horizon", "bucket", "quantile", "mean_return"]),
        ("factor", "trial", &["factor", "horizon", "adjusted_p_value", "deflated"]),
        ("index", "nav", &["date", "return", "nav", "turnover"]),
    ] {
        let schema: Value =
            serde_json::from_str(&stdout(folder.path(), &["schema", outcome])).expect("JSON");
        let described = &schema["properties"]["tables"]["properties"][table]["items"]["properties"];
        for column in columns {
            assert!(described[column].is_object(), "{outcome} {table} {column}: {described}");
        }
    }
}
