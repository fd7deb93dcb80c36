//! The stocks through the binary: the micro-cap index against Wind's, size deciles, factors inside size
//! buckets on the real market, and the truth of the built-in one.

#![expect(clippy::print_stdout, reason = "the evidence is read, not only asserted")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;
use shoals_core::{Outcome as _, Seed, Table, Values};
use shoals_data::formats::read_table;
use shoals_sample::{SampleConfig, generate};

use crate::shoals::{failure, json, real_data, row, rows, shoals, stdout};

fn number(row: &Value, column: &str) -> f64 {
    row[column].as_f64().unwrap_or_else(|| panic!("no number {column} in {row}"))
}

fn correlation(pairs: &[(f64, f64)]) -> f64 {
    let n = pairs.len() as f64;
    let mean = |f: fn(&(f64, f64)) -> f64| pairs.iter().map(f).sum::<f64>() / n;
    let (x, y) = (mean(|p| p.0), mean(|p| p.1));
    let sum = |f: &dyn Fn(f64, f64) -> f64| pairs.iter().map(|p| f(p.0 - x, p.1 - y)).sum::<f64>();
    sum(&|a, b| a * b) / (sum(&|a, _| a * a) * sum(&|_, b| b * b)).sqrt()
}

/// Closes of one symbol by day.
fn closes(table: &Table, symbol: &str) -> BTreeMap<String, f64> {
    let Values::Day(days) = &table.column("date").expect("days").values else { panic!("days") };
    let symbols: Vec<String> = match &table.column("symbol").expect("symbols").values {
        Values::Symbol(symbols) => symbols.iter().map(ToString::to_string).collect(),
        Values::Text(texts) => texts.clone(),
        _ => panic!("symbols"),
    };
    let close = table.numbers("close").expect("closes");
    let rows = days.iter().zip(symbols).zip(close).filter(|((_, of), _)| of == symbol);
    rows.map(|((day, _), close)| (day.to_string(), *close)).collect()
}

/// Daily returns of the printed index beside those of another series.
fn beside(index: &Value, other: &BTreeMap<String, f64>) -> Vec<(f64, f64)> {
    let days = rows(index, "nav").windows(2);
    days.filter_map(|pair| {
        let close = |row: &Value| other.get(row["date"].as_str()?).copied();
        Some((number(&pair[1], "return"), close(&pair[1])? / close(&pair[0])? - 1.0))
    })
    .collect()
}

#[test]
fn the_real_market_answers_its_two_questions() {
    let Some(data) = real_data() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["ashare_daily", "security_master.parquet", "index_daily.parquet"] {
        let path = data.join("market").join(name);
        stdout(folder.path(), &["import", "auto", path.to_str().expect("UTF-8"), "--quiet"]);
    }
    the_micro_cap_index(folder.path(), &data);
    the_deciles(folder.path());
    value_and_low_volatility(folder.path());
    the_policy_events_name_by_name(folder.path());
}

/// Witness: the size deciles of the same weeks, and the law that independent names overstate.
fn the_policy_events_name_by_name(folder: &Path) {
    let outcome = json(folder, &["event"]);
    for event in rows(&outcome, "event") {
        println!(
            "{} {}: treated {}, Patell {}, Kolari-Pynnonen {}, adjusted p {}, difference {} (p {})",
            event["day_0"],
            event["event_id"],
            event["treated_car"],
            event["patell_z"],
            event["kolari_pynnonen_t"],
            event["adjusted_kolari_pynnonen_p"],
            event["difference_car"],
            event["difference_p"]
        );
    }
    let covered = rows(&outcome, "event").iter().filter(|event| event["patell_z"].is_number());
    let covered: Vec<&Value> = covered.collect();
    assert_eq!(covered.len(), 16);
    for event in covered {
        let (naive, corrected) = (number(event, "patell_z"), number(event, "kolari_pynnonen_t"));
        assert!(corrected.abs() < naive.abs(), "{event}");
    }
    let ban = row(&outcome, "event", &[("event_id", "dma_sell_ban")]);
    assert!(number(ban, "patell_z") < -50.0 && number(ban, "kolari_pynnonen_t") > -4.0);
    let wanted = [("event_id", "dma_sell_ban"), ("group", "treated"), ("window", "[0,0]")];
    let day_0 = row(&outcome, "stock_window", &wanted);
    assert!(number(day_0, "n_names") > 450.0 && number(day_0, "share_positive") < 0.1);
}

/// Witness: 868008.WI, as published.
fn the_micro_cap_index(folder: &Path, data: &Path) {
    let index = json(folder, &["index", "--from", "2020-12-31", "--to", "2024-06-28"]);
    let wind = read_table(&data.join("market/index_daily.parquet")).expect("the indices");
    let pairs = beside(&index, &closes(&wind, "868008.WI"));
    let found = correlation(&pairs);
    println!("daily correlation with 868008.WI over {} days: {found:.4}", pairs.len());
    assert!(pairs.len() > 800 && found >= 0.998, "{found}");
    let nav = |date: &str| number(row(&index, "nav", &[("date", date)]), "nav");
    let percent = |from: &str, to: &str| 100.0 * (nav(to) / nav(from) - 1.0);
    let january = percent("2023-12-29", "2024-01-31");
    let fall = percent("2023-12-29", "2024-02-07");
    println!("January 2024 {january:.2} % (-21.28), to 2024-02-07 {fall:.2} % (-45.81)");
    assert!((january + 21.28).abs() <= 0.6, "January 2024: {january}");
    assert!((fall + 45.81).abs() <= 0.5, "to 2024-02-07: {fall}");
    assert_eq!(rows(&index, "year").len(), 4);
}

/// Witness: the deciles printed with the data, of caps of 2023-12-29, each to its last digit. Their
/// program counts a stock that was suspended that day at the price and cap it carries.
fn the_deciles(folder: &Path) {
    let printed = [-42.8, -40.5, -37.7, -35.3, -32.3, -28.8, -23.8, -17.3, -10.9, -4.6];
    let deciles = |suspended: &str| -> Vec<f64> {
        let config = format!(
            "[index]\nsuspended_in_buckets = \"{suspended}\"\n\
             windows = [{{ from = 2023-12-29, to = 2024-02-07 }}]\n\
             universe = {{ listing_age = {{ calendar_days = 181 }}, include_special_treatment = true }}\n"
        );
        std::fs::write(folder.join("deciles.toml"), config).expect("written");
        let span = ["--from", "2023-12-29", "--to", "2024-02-07"];
        let outcome = json(folder, &[&["index", "deciles.toml"][..], &span].concat());
        let buckets = rows(&outcome, "window_bucket").iter();
        buckets.map(|bucket| 100.0 * number(bucket, "return")).collect()
    };
    let (counted, left_out) = (deciles("counted"), deciles("left_out"));
    println!(
        "size deciles {counted:.2?}, printed {printed:?}, without the suspended {left_out:.2?}"
    );
    assert_eq!(counted.len(), 10);
    for (found, printed) in counted.iter().zip(printed) {
        assert!((found - printed).abs() <= 0.05, "{found}, printed {printed}");
    }
    // The convention that cannot be traded differs, by no more than a sixth of a point.
    let gaps = counted.iter().zip(&left_out).map(|(a, b)| (a - b).abs());
    let widest = gaps.fold(0.0, f64::max);
    assert!(0.05 < widest && widest < 1.0 / 6.0, "{widest}");
}

/// The decline after mid-2023 is asked, not assumed: the likeliest break and its interval are printed.
fn value_and_low_volatility(folder: &Path) {
    let outcome = json(folder, &["factor", "--from", "2021-01-04", "--to", "2024-06-28"]);
    let of_month = |table: &str| -> Vec<&Value> {
        rows(&outcome, table).iter().filter(|row| row["horizon"] == 20).collect()
    };
    let (summaries, breaks) = (of_month("summary"), of_month("break"));
    assert_eq!((summaries.len(), breaks.len()), (12, 12), "two factors, the market and five sizes");
    for (summary, change) in summaries.iter().zip(&breaks) {
        let name = format!("{} {}", summary["factor"], summary["bucket"]);
        println!(
            "{name}: rank IC {:.4}, t {:.1}; {:.4} before and {:.4} after {} ({} to {}), p {:.2}",
            number(summary, "mean"),
            number(summary, "t_newey_west"),
            number(change, "mean_before"),
            number(change, "mean_after"),
            change["date"],
            change["low"],
            change["high"],
            number(change, "p_value"),
        );
        assert!(number(summary, "mean") > 0.0 && number(summary, "t_newey_west") > 2.0, "{name}");
        let text = |column: &str| change[column].as_str().expect("a day").to_owned();
        assert!(text("low") <= text("date") && text("date") <= text("high"), "{change}");
    }
    let last = |bucket: &str| -> f64 {
        let navs = rows(&outcome, "nav").iter();
        let mut of = navs.filter(|row| row["bucket"] == bucket && row["factor"] == "book_to_price");
        number(of.next_back().expect("a value"), "long_short")
    };
    for bucket in ["size_1", "size_5"] {
        println!("value long-short in {bucket}: {:.3}", last(bucket));
        assert!(last(bucket) > 1.0, "{bucket}");
    }
}

/// Witness: the lab's own size factor; minus the cap orders stocks as minus its logarithm does.
fn an_own_factor_is_judged_like_a_usual_one(folder: &Path, tables: &[Table]) {
    let valuation = tables.iter().find(|table| table.name() == "stock_valuation").expect("caps");
    let Values::Day(days) = &valuation.column("date").expect("days").values else { panic!("days") };
    let Values::Symbol(symbols) = &valuation.column("symbol").expect("symbols").values else {
        panic!("symbols")
    };
    let mut file = "date,symbol,minus_cap\n".to_owned();
    let caps = valuation.numbers("total_market_cap").expect("caps");
    let rows_of_file = days.iter().zip(symbols).zip(caps);
    for ((day, symbol), cap) in rows_of_file.filter(|((day, _), _)| day.year() == 2024) {
        writeln!(file, "{day},{symbol},{}", -cap).expect("text");
    }
    std::fs::write(folder.join("mine.csv"), file).expect("written");
    let config = "[factor]\nfactors = [\"size\", { name = \"mine\", file = \"mine.csv\" }]\n";
    std::fs::write(folder.join("own.toml"), config).expect("written");
    let span = ["--market", "demo/market", "--from", "2024-01-02", "--to", "2024-05-31"];
    let both = json(folder, &[&["factor", "own.toml"][..], &span].concat());
    let alone = json(folder, &[&["factor", "--factor", "mine.csv"][..], &span].concat());
    let ics = |outcome: &Value, name: &str| -> Vec<Value> {
        let of = rows(outcome, "ic").iter().filter(|row| row["factor"] == name);
        of.map(|row| row["rank_ic"].clone()).collect()
    };
    assert!(ics(&both, "size").len() > 500);
    assert_eq!(ics(&both, "mine"), ics(&both, "size"));
    assert_eq!(ics(&alone, "mine"), ics(&both, "size"));
}

/// Witness: the usual factors that the expressions write down; and what is no expression is pointed at.
fn an_expression_is_judged_like_the_factor_it_writes(folder: &Path) {
    let config = "[factor]\nfactors = [\"low_volatility_60\", \"book_to_price\", \
         { name = \"calm\", expression = \"-rolling_std(return, 60)\" }, \
         { name = \"cheap\", expression = \"rank(pb ^ -1)\" }]\n";
    std::fs::write(folder.join("written.toml"), config).expect("written");
    let span = ["--market", "demo/market", "--from", "2024-01-02", "--to", "2024-05-31"];
    let all = json(folder, &[&["factor", "written.toml"][..], &span].concat());
    let alone = json(
        folder,
        &[&["factor", "--expression", "-rolling_std(return, 60)"][..], &span].concat(),
    );
    let ics = |outcome: &Value, name: &str| -> Vec<Value> {
        let of = rows(outcome, "ic").iter().filter(|row| row["factor"] == name);
        of.map(|row| row["rank_ic"].clone()).collect()
    };
    assert!(ics(&all, "calm").len() > 500);
    assert_eq!(ics(&all, "calm"), ics(&all, "low_volatility_60"));
    assert_eq!(ics(&all, "cheap"), ics(&all, "book_to_price"));
    assert_eq!(ics(&alone, "-rolling_std(return, 60)"), ics(&all, "calm"));
    let wrong = ["factor", "--expression", "rank(pbb)", "--market", "demo/market"];
    let (code, message) = failure(folder, &wrong);
    assert!(code == 2 && message.contains("`pbb` at character 6"), "{message}");
    assert!(message.contains("rank(pbb)\n         ^"), "{message}");
}

/// A lock keeps the hash of a factor's file: a byte that changes no number makes it another study.
fn a_lock_hangs_on_the_files_of_own_factors(folder: &Path) {
    let study = "analyses = [\"factor\"]\nfrom = 2024-01-02\nto = 2024-05-31\n\
         [factor]\nfactors = [{ name = \"mine\", file = \"mine.csv\" }]\n";
    std::fs::write(folder.join("locked.toml"), study).expect("written");
    let ask = ["study", "locked.toml", "--market", "demo/market", "--quiet", "-o"];
    stdout(folder, &[&ask[..], &["locked"]].concat());
    let lock = std::fs::read_to_string(folder.join("locked/study.lock")).expect("a lock");
    let lock: toml::Table = lock.parse().expect("the lock is TOML");
    assert_eq!(lock["factors"][0]["path"].as_str(), Some("mine.csv"));
    assert_eq!(lock["factors"][0]["sha256"].as_str().map(str::len), Some(64));
    let again = [&ask[..], &["again", "--lock", "locked/study.lock"]].concat();
    stdout(folder, &again);
    let file = std::fs::read_to_string(folder.join("mine.csv")).expect("the factor");
    std::fs::write(folder.join("mine.csv"), file + "\n").expect("written");
    let (code, message) = failure(folder, &again);
    assert!(
        code == 1 && message.contains("the files of the factors are not the lock's"),
        "{message}"
    );
}

/// An index that is not in the market is said to be missing, in words and in the conventions.
fn a_missing_benchmark_is_said(folder: &Path) {
    std::fs::write(folder.join("alone.toml"), "n_names = 100\nbenchmark = \"399303.SZ\"\n")
        .expect("written");
    let span = ["--market", "demo/market", "--from", "2024-01-02", "--format", "json"];
    let output = shoals(folder, &[&["index", "alone.toml"][..], &span].concat());
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && told.contains("holds no index 399303.SZ"), "{told}");
    let outcome: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(outcome["convention"]["benchmark"], "none: `benchmark` and `excess` are empty");
    assert!(rows(&outcome, "year").iter().all(|year| year["excess"].is_null()));
}

/// Witness: the returns of a unit of value and of low volatility that the built-in market was made
/// with, and its own micro-cap index. A rank IC is noisy, so the law is that its correlation with the
/// truth is beyond five standard errors of none.
#[test]
fn the_truth_of_the_built_in_market_is_recovered() {
    let folder = tempfile::tempdir().expect("a folder");
    stdout(folder.path(), &["demo", "-o", "demo", "--quiet"]);
    let market = generate(&SampleConfig::default(), Seed::default()).expect("a market");
    let span = ["--market", "demo/market", "--from", "2021-01-04", "--to", "2024-06-28"];
    let factor = json(folder.path(), &[&["factor"][..], &span].concat());
    let truths = market.truth.tables();
    let truth = truths.iter().find(|table| table.name() == "truth_factor").expect("the factors");
    let Values::Day(days) = &truth.column("date").expect("days").values else { panic!("days") };
    for (name, unit) in [("book_to_price", "value"), ("low_volatility_60", "low_volatility")] {
        // The rank IC of a day is of the return to the next one.
        let earned = truth.numbers(unit).expect("its returns");
        let next: BTreeMap<String, f64> =
            days.iter().map(ToString::to_string).zip(earned[1..].iter().copied()).collect();
        let pairs: Vec<(f64, f64)> = rows(&factor, "ic")
            .iter()
            .filter(|r| r["factor"] == name && r["horizon"] == 1 && r["bucket"] == "market")
            .map(|r| (number(r, "rank_ic"), next[r["date"].as_str().expect("a date")]))
            .collect();
        let found = correlation(&pairs);
        println!("{name}: correlation of rank IC and truth {found:.3} over {} days", pairs.len());
        assert!(pairs.len() > 800 && found > 5.0 / (pairs.len() as f64).sqrt(), "{name}: {found}");
    }
    an_own_factor_is_judged_like_a_usual_one(folder.path(), &market.tables);
    an_expression_is_judged_like_the_factor_it_writes(folder.path());
    a_lock_hangs_on_the_files_of_own_factors(folder.path());
    a_missing_benchmark_is_said(folder.path());
    std::fs::write(folder.path().join("small.toml"), "n_names = 100\n").expect("written");
    let index = json(folder.path(), &[&["index", "small.toml"][..], &span].concat());
    let levels = market.tables.iter().find(|table| table.name() == "index_daily").expect("indices");
    let found = correlation(&beside(&index, &closes(levels, "868008.WI")));
    println!("smallest 100 and the built-in micro-cap index: {found:.4}");
    assert!(found > 0.95, "{found}");
}
