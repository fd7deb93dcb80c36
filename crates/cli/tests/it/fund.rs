//! `shoals fund` on the funds of the built-in market, on plain files, on funds of known truth, and on 88 real funds
//! (`SHOALS_DATA`).

use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;

use crate::browser;
use crate::chinese::english_left;
use crate::shoals::{failure, json, real_data, row, rows, stdout};

const MARKET: [&str; 2] = ["--market", "demo/market"];

/// What the card of 2023-12-29 said of each fund of the built-in market, by name, and its fall.
#[test]
fn the_built_in_funds_are_told_apart_before_the_fall() {
    let folder = tempfile::tempdir().expect("a folder");
    stdout(folder.path(), &["demo", "-o", "demo", "--quiet"]);
    let all = json(folder.path(), &[&["fund", "xray"][..], &MARKET].concat());
    // Witness: the terms the funds were made with. 示例纯中性 holds mid caps against the CSI 500 and 1000 future and no micro cap.
    for (name, verdict) in [
        ("示例中性DMA四倍", "hides"),
        ("示例中性DMA两倍", "hides"),
        ("示例场内中性", "hides"),
        ("示例稳健固收加", "clear"),
        ("示例增利固收加", "hides"),
        ("示例平稳多策略", "hides"),
        ("示例微盘股票", "plain"),
        ("示例大盘股票", "plain"),
        ("示例货币", "clear"),
    ] {
        let fund = row(&all, "fund", &[("name", name)]);
        assert_eq!(fund["verdict_before"], verdict, "{name}: {}", fund["sentence"]);
    }
    let size =
        |name: &str| row(&all, "fund", &[("name", name)])["size"].as_f64().expect("a number");
    // 92 % of micro caps is 0.92 of micro caps less the CSI 300 beside 0.92 of the CSI 300.
    assert!((size("示例微盘股票") - 0.92).abs() < 0.02, "{}", size("示例微盘股票"));
    assert!(size("示例大盘股票").abs() < 0.02);
    files_of_any_shape_are_read(folder.path(), &all);
    pages_are_written(folder.path());
    flags_are_counted_on_known_truth(folder.path());
    bad_files_are_refused(folder.path());
}

/// The same values as a wide file give the same answer, without codes.
fn files_of_any_shape_are_read(folder: &Path, all: &Value) {
    let funds = json(
        folder,
        &["fund", "xray", MARKET[0], MARKET[1], "--fund", "990008", "--table", "curve"],
    );
    assert_eq!(rows(&funds, "fund").len(), 1);
    let sql = rows(all, "curve").iter().filter(|point| point["fund"] == "990008.OF");
    let mut text = "净值日期,某增利固收加\n".to_owned();
    for point in sql {
        writeln!(text, "{},{}", point["date"].as_str().expect("a day"), point["wealth"])
            .expect("text");
    }
    std::fs::write(folder.join("navs.csv"), text).expect("written");
    let alone = json(folder, &["fund", "xray", "navs.csv", MARKET[0], MARKET[1]]);
    let fund = row(&alone, "fund", &[("name", "某增利固收加")]);
    assert_eq!((&fund["frequency"], &fund["claim"]), (&"weekly".into(), &"said_calm".into()));
    let known = row(all, "fund", &[("fund", "990008.OF")]);
    let size = |fund: &Value| fund["size"].as_f64().expect("a number");
    assert!((size(fund) - size(known)).abs() < 0.02, "{} {}", fund["size"], known["size"]);
    assert_eq!(fund["verdict_before"], "hides");
}

fn pages_are_written(folder: &Path) {
    stdout(folder, &["fund", "xray", MARKET[0], MARKET[1], "--report", "pages", "--lang", "zh"]);
    for page in ["index", "990008.OF"] {
        let path = folder.join(format!("pages/{page}.html"));
        let text = std::fs::read_to_string(&path).expect("a page");
        assert!(text.len() < 3_000_000 && text.contains("示例增利固收加"), "{page}");
        assert_eq!(english_left(&text), Vec::<String>::new(), "English on the Chinese page {page}");
        browser::reads(&path);
    }
}

/// Witness: the truth the funds were drawn with. Every levered book and false fixed-income-plus is caught; no true one and no
/// money fund is flagged. Of neutral funds without small companies some are: they bet on size between mid caps and future.
fn flags_are_counted_on_known_truth(folder: &Path) {
    let proof = json(folder, &["fund", "proof", "--funds", "150"]);
    let share = |kind: &str, column: &str| {
        row(&proof, "proof", &[("population", kind)])[column].as_f64().expect("a number")
    };
    for kind in ["dma_2x", "dma_4x", "fake_fixed_income_plus", "smoothed"] {
        assert_eq!(share(kind, "caught"), 1.0, "{kind}");
    }
    for kind in ["true_fixed_income_plus", "money"] {
        assert_eq!(share(kind, "false_alarms"), 0.0, "{kind}");
    }
    let all = &rows(&proof, "proof")[0];
    assert!(all["n_true"].as_i64() > Some(50) && all["n_false"].as_i64() > Some(30), "{all}");
}

fn bad_files_are_refused(folder: &Path) {
    std::fs::write(folder.join("bad.csv"), "日期,某基金\n2024-01-05,1.0\n2024-01-12,-3\n")
        .expect("written");
    let (code, message) = failure(folder, &["fund", "xray", "bad.csv", MARKET[0], MARKET[1]]);
    for part in ["bad.csv", "某基金", "-3"] {
        assert!(message.contains(part), "{part}: {message}");
    }
    assert_eq!(code, 1);
    let (_, message) = failure(folder, &["fund", "xray", MARKET[0], MARKET[1], "--fund", "nobody"]);
    assert!(message.contains("nobody") && message.contains("990001.OF"), "{message}");
    std::fs::write(folder.join("bad.toml"), "[fund]\nbudget = 5.0\n").expect("written");
    let words = ["fund", "xray", "--config", "bad.toml", MARKET[0], MARKET[1]];
    let (_, message) = failure(folder, &words);
    assert!(message.contains("`budget` is 5"), "{message}");
}

/// Witness: the publisher's own drawdown of 090019, and that nobody is flagged on a record that begins in 2024.
#[test]
fn real_funds_are_ranked_and_nothing_is_claimed_of_what_was_not_published() {
    let Some(data) = real_data() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    for file in ["index_daily.parquet", "qvix_daily.parquet", "index_futures_contracts.parquet"] {
        let path = data.join("market").join(file);
        stdout(folder.path(), &["import", "auto", path.to_str().expect("UTF-8"), "--quiet"]);
    }
    let navs = data.join("market/fund_nav_2024.parquet");
    let navs = navs.to_str().expect("UTF-8");
    let all = json(folder.path(), &["fund", "xray", navs, "--market", "market"]);
    assert_eq!(rows(&all, "fund").len(), 88);
    let fall = &row(&all, "drawdown", &[("fund", "090019.OF"), ("peak_on", "2024-01-04")])["depth"];
    assert!((fall.as_f64().expect("a number") + 0.346_947).abs() < 1e-6, "{fall}");
    for fund in rows(&all, "fund") {
        assert_eq!(fund["verdict_before"], "unknown", "{fund}");
    }
    assert!(rows(&all, "proof").is_empty(), "no flag, no record of flags");
}
