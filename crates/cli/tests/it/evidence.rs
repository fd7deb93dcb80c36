//! The first evidence on real data, as a user gets it: import, ask, read the numbers.
//!
//! Witness: the published returns and basis of January and February 2024 (press reports and two
//! independent programs, frozen in the oracle files).

use std::path::Path;

use serde_json::Value;

use crate::shoals::{json, real_data, row, rows, stdout};

const SEGMENTS: [&str; 5] = ["csi300", "csi500", "csi1000", "csi2000", "micro"];

/// A market directory with the indices, futures, implied volatilities and yields of the real data.
fn imported(folder: &Path, data: &Path) {
    for file in [
        "index_daily",
        "index_dividend_yield",
        "index_futures_contracts",
        "qvix_daily",
        "csi1000_option_atm_iv_daily",
    ] {
        let path = data.join(format!("market/{file}.parquet"));
        stdout(folder, &["import", "auto", path.to_str().expect("UTF-8"), "--quiet"]);
    }
}

fn number(row: &Value, column: &str) -> f64 {
    row[column].as_f64().unwrap_or_else(|| panic!("no number {column} in {row}"))
}

/// Percent as printed, so a row agrees to half a unit of its last digit.
fn assert_percent(found: f64, printed: f64, half_digit: f64, what: &str) {
    assert!((100.0 * found - printed).abs() <= half_digit, "{what}: {found}, printed {printed} %");
}

#[test]
fn january_2024_was_a_perfect_inversion_and_the_books_died() {
    let Some(data) = real_data() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    imported(folder, &data);
    the_ladder(folder);
    the_basis(folder);
    for oracle in ["2024-01-02", "2024-02-02"] {
        the_book(folder, &data, oracle);
    }
    the_replication(folder);
}

fn the_ladder(folder: &Path) {
    let outcome = json(folder, &["inversion", "--from", "2023-10-09", "--to", "2024-03-29"]);
    let printed = [-6.29, -13.49, -18.72, -20.97, -21.28];
    for (segment, percent) in SEGMENTS.into_iter().zip(printed) {
        let rung = row(&outcome, "ladder", &[("period", "2024-01"), ("segment", segment)]);
        assert_percent(number(rung, "return"), percent, 0.005, segment);
    }
    let january = row(&outcome, "inversion", &[("period", "2024-01")]);
    assert_eq!(january["is_inverted"], true);
    assert_eq!(number(january, "rank_correlation").abs(), 1.0);

    let fall = json(folder, &["inversion", "--from", "2023-12-29", "--to", "2024-02-07"]);
    let printed = [-2.55, -5.89, -18.50, -33.33, -45.81];
    for (segment, percent) in SEGMENTS.into_iter().zip(printed) {
        let whole = row(
            &fall,
            "window_ladder",
            &[("period", "2023-12-29..2024-02-07"), ("segment", segment)],
        );
        assert_percent(number(whole, "return"), percent, 0.005, segment);
    }
}

fn the_basis(folder: &Path) {
    let outcome = json(folder, &["basis", "--from", "2024-01-02", "--to", "2024-03-15"]);
    for (date, contract, percent) in [
        ("2024-02-05", "IM2402.CFE", -70.73),
        ("2024-02-05", "IM2403.CFE", -54.17),
        ("2024-02-05", "IM2406.CFE", -22.99),
        ("2024-02-05", "IC2403.CFE", -36.73),
        ("2024-02-07", "IM2402.CFE", 17.2),
    ] {
        let term = row(&outcome, "term", &[("date", date), ("contract", contract)]);
        let half_digit = if percent == 17.2 { 0.05 } else { 0.01 };
        assert_percent(number(term, "basis_rate"), percent, half_digit, contract);
    }
}

/// Every day of the oracle's book: long the micro-cap index, short IM2403.
fn the_book(folder: &Path, data: &Path, opened_on: &str) {
    let book = format!(
        "[swap]\nopened_on = {opened_on}\nclosed_on = 2024-03-01\nnotional = 100.0\n\
         initial_margin_ratio = 0.25\ncall_ratio = 0.15\nliquidation_ratio = 0.10\n\
         financing_rate = 0.04\nfinancing_base = \"notional\"\non_breach = \"report\"\n\
         [long]\nsymbol = \"868008.WI\"\n\
         [[hedge]]\ncontract = \"IM2403.CFE\"\nweight = 1.0\nmark = \"close\"\nlots = \"fractional\"\n"
    );
    std::fs::write(folder.join("book.toml"), book).expect("written");
    let outcome = json(folder, &["swap", "simulate", "book.toml"]);
    let path = data.join(format!("oracles/dma_case_IM2403_from_{opened_on}.csv"));
    let oracle = std::fs::read_to_string(path).expect("the oracle");
    let mut n_days = 0;
    for line in oracle.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let day = row(&outcome, "statement", &[("date", cells[0])]);
        let columns = ["long_value", "hedge_pnl", "financing", "equity", "margin_ratio"];
        for (column, cell) in columns.into_iter().zip(&cells[1..]) {
            let expected: f64 = cell.parse().expect("a number");
            let found = number(day, column);
            assert!(
                (found - expected).abs() <= 1e-3,
                "{} {column}: {found}, oracle {expected}",
                cells[0]
            );
        }
        n_days += 1;
    }
    assert_eq!(rows(&outcome, "statement").len(), n_days, "no day more than the oracle");
    let kinds: Vec<(&str, &str)> = rows(&outcome, "event")
        .iter()
        .map(|event| (event["kind"].as_str().expect("text"), event["date"].as_str().expect("text")))
        .collect();
    assert!(kinds.contains(&("call", "2024-02-06")), "{kinds:?}");
    assert!(kinds.contains(&("liquidation", "2024-02-06")), "{kinds:?}");
    assert!(kinds.contains(&("wiped_out", "2024-02-07")), "{kinds:?}");
}

fn the_replication(folder: &Path) {
    let outcome = json(folder, &["replicate", "--from", "2023-01-03", "--to", "2024-06-28"]);
    for day in rows(&outcome, "nav") {
        let (nav, gain) = (number(day, "nav"), number(day, "return"));
        assert!(nav > 0.0 && gain > -1.0, "{day}");
    }
    assert!(rows(&outcome, "nav").len() > 350);
}

#[test]
fn plain_files_are_enough() {
    let Some(data) = real_data() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let index = data.join("market/index_daily.parquet");
    let outcome = json(
        folder.path(),
        &[
            "inversion",
            "--series",
            index.to_str().expect("UTF-8"),
            "--from",
            "2023-12-01",
            "--to",
            "2024-01-31",
        ],
    );
    let micro = row(&outcome, "ladder", &[("period", "2024-01"), ("segment", "micro")]);
    assert_percent(number(micro, "return"), -21.28, 0.005, "micro");
    let leftovers = std::fs::read_dir(folder.path()).expect("a folder").count();
    assert_eq!(leftovers, 0, "an analysis of plain files writes nothing");
}
