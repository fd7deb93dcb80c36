//! The built-in market from the first command to the report: whole, repeatable, and true to its truth.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::browser;
use crate::chinese::english_left;
use crate::shoals::{failure, json, row, rows, stdout};

/// `shoals demo` in `folder` on a number of threads; its fingerprint.
fn demo(folder: &Path, n_threads: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_shoals"))
        .args(["demo", "-o", "demo", "--lang", "en"])
        .env("RAYON_NUM_THREADS", n_threads)
        .current_dir(folder)
        .output()
        .expect("the binary runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lock = std::fs::read_to_string(folder.join("demo/study.lock")).expect("a lock");
    let lock: toml::Table = lock.parse().expect("the lock is TOML");
    lock["fingerprint"].as_str().expect("text").to_owned()
}

#[test]
fn the_demo_tells_one_whole_story_and_the_same_one_on_any_number_of_threads() {
    let (one, two) =
        (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let fingerprint = demo(one.path(), "1");
    assert_eq!(fingerprint, demo(two.path(), "2"), "threads must not matter");

    let page = std::fs::read_to_string(one.path().join("demo/report.html")).expect("a page");
    assert!(page.len() < 3_000_000, "{} bytes", page.len());
    assert!(page.contains(&fingerprint), "the page names its fingerprint");
    for section in [
        "swap_1/statement",
        "ab_1/payoff",
        "inversion/ladder",
        "replicate_1/nav",
        "attribute_1/clock",
        "basis/term",
        "event/event",
        "event/stock_window",
        "spiral/path",
        "spiral_counterfactual/effect",
    ] {
        for form in ["parquet", "csv", "json"] {
            let path = one.path().join(format!("demo/tables/{section}.{form}"));
            assert!(path.metadata().expect("the table is there").len() > 100, "{section}.{form}");
        }
    }
    assert_eq!(english_left(&page), Vec::<String>::new(), "English on the Chinese page");
    // Both books are one structure: drawn once, and the second says where.
    assert_eq!(page.matches("-dma-zh ").count(), 1);
    assert!(page.contains("Built as the book “4x micro, IM2403”"));
    browser::reads(&one.path().join("demo/report.html"));
    browser::prints(&one.path().join("demo/report.html"));
    the_lock_reproduces(one.path(), &fingerprint);
    the_truth_is_recovered(one.path());
    people_are_told_in_their_language_and_programs_in_english(one.path());
    bad_questions_are_refused(one.path());
    a_book_of_names_is_told(one.path());
    books_are_compared(one.path());
}

const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples");

/// Statement and explanation repeat the ledger; a basket of the ledger's own names is that ledger.
fn a_book_of_names_is_told(folder: &Path) {
    let book = format!("{EXAMPLES}/10_book_names.toml");
    let market = ["--market", "demo/market"];
    let ask = |words: &[&str]| json(folder, &[words, &market].concat());
    let ledger = ask(&["swap", "simulate", &book]);
    let line = row(&ledger, "statement", &[("date", "2024-02-07")]);
    let reasons = rows(&ledger, "order").iter().filter(|order| order["reason"] == "limit_down");
    assert!(reasons.count() > 10, "the fall of the built-in market seals names");

    let day = ask(&["swap", "statement", &book, "--on", "2024-02-07"]);
    for item in ["equity", "waiting", "margin_ratio", "exchange_margin"] {
        assert_eq!(row(&day, "daily", &[("item", item)])["value"], line[item], "{item}");
    }
    let tree = ask(&["swap", "explain", &book, "--on", "2024-02-07", "--number", "long_pnl"]);
    let names = rows(&tree, "explain");
    assert_eq!((&names[0]["value"], names.len()), (&line["long_pnl"], 101));

    let code = |holding: &Value| holding["symbol"].as_str().map(str::to_owned);
    let codes: Vec<String> = rows(&ledger, "holding").iter().filter_map(code).collect();
    let basket = format!("symbol,weight\n{},1\n", codes.join(",1\n"));
    std::fs::write(folder.join("names.csv"), basket).expect("written");
    let terms = std::fs::read_to_string(&book).expect("the example");
    let (before, rest) = terms.split_once("[long.micro_cap]").expect("its long leg");
    let (_, after) = rest.split_once("[[hedge]]").expect("its hedge");
    let own = format!("{before}[long]\nbasket = \"names.csv\"\n[[hedge]]{after}");
    let product = "[ab]\nsenior_rate = 0.065\njunior_share = 0.2\nbuffer = 0.05\n";
    std::fs::write(folder.join("ab_of_names.toml"), format!("{product}{own}")).expect("written");
    std::fs::write(folder.join("own.toml"), own).expect("written");
    let same = ask(&["swap", "simulate", "own.toml"]);
    assert!(rows(&same, "statement") == rows(&ledger, "statement"), "equal weights of a file");
    the_gain_of_names_is_split(&ask, &book, &ledger);
    names_are_rebalanced(folder, &ask, &terms);
    margin_and_rules_are_explained(folder, &ask, &book, line);

    let text = stdout(folder, &["swap", "statement", &book, market[0], market[1], "--lang", "zh"]);
    assert!(text.contains("保证金比例") && text.contains("两条腿"), "{text}");
    std::fs::write(folder.join("names.csv"), "symbol\n600519.SH\n").expect("written");
    let (_, message) = failure(folder, &["swap", "simulate", "own.toml", market[0], market[1]]);
    for part in ["names.csv", "`symbol` and `weight`"] {
        assert!(message.contains(part), "{part}: {message}");
    }
    let (_, message) =
        failure(folder, &["swap", "explain", &book, "--on", "2024-02-07", "--number", "x"]);
    assert!(message.contains("margin_ratio"), "{message}");
}

/// The smallest names chosen anew each month: as much bought as sold, at the close of the first trading day, and what is
/// bought is among the smallest the close before, by the book of that day.
fn names_are_rebalanced(folder: &Path, ask: &dyn Fn(&[&str]) -> Value, terms: &str) {
    let monthly = terms
        .replace("[long.micro_cap]", "[long]\nrebalance = \"monthly\"\n[long.micro_cap]")
        .replace("on_breach = \"deleverage\"", "on_breach = \"report\"")
        .replace("on_liquidation = \"liquidate\"", "");
    std::fs::write(folder.join("monthly.toml"), &monthly).expect("written");
    let later = monthly.replace("opened_on = 2024-01-02", "opened_on = 2024-03-01");
    std::fs::write(folder.join("later.toml"), later).expect("written");
    let (told, opened) =
        (ask(&["swap", "simulate", "monthly.toml"]), ask(&["swap", "simulate", "later.toml"]));
    let orders = |of: &Value, cause: &str, side: &str| -> Vec<(String, String, f64)> {
        let orders = rows(of, "order").iter();
        let orders =
            orders.filter(|o| o["cause"] == cause && o["side"] == side && o["leg"] == "long");
        let told = |o: &Value, key: &str| o[key].as_str().unwrap_or_default().to_owned();
        orders
            .map(|o| (told(o, "date"), told(o, "symbol"), o["filled"].as_f64().unwrap_or(0.0)))
            .collect()
    };
    let (sold, bought) = (orders(&told, "rebalance", "sell"), orders(&told, "rebalance", "buy"));
    let sum = |of: &[(String, String, f64)]| of.iter().map(|order| order.2).sum::<f64>();
    assert!(sum(&sold) > 1e6 && (sum(&sold) - sum(&bought)).abs() < 1e-3, "{}", sum(&sold));
    let first = rows(&told, "event").iter().find(|event| event["kind"] == "rebalanced");
    assert_eq!(first.expect("a rebalancing")["date"], "2024-02-01");
    // Names bought on 1 March are those a book opened that day buys.
    let smallest = orders(&opened, "opening", "buy");
    let of_march = bought.iter().filter(|order| order.0 == "2024-03-01");
    let mut n = 0;
    for order in of_march {
        assert!(smallest.iter().any(|name| name.1 == order.1), "{order:?}");
        n += 1;
    }
    assert!(n > 10, "{n}");
    assert!(told["convention"]["rebalance"].as_str().is_some_and(|r| r.starts_with("rebalanced")));
}

/// Trees stand on the statement's own numbers; a book without rules has no numbers of them.
fn margin_and_rules_are_explained(
    folder: &Path,
    ask: &dyn Fn(&[&str]) -> Value,
    book: &str,
    line: &Value,
) {
    let explain =
        |number: &str| ask(&["swap", "explain", book, "--on", "2024-02-07", "--number", number]);
    for number in ["exchange_margin", "hedge_fees", "rebalanced"] {
        assert_eq!(rows(&explain(number), "explain")[0]["value"], line[number], "{number}");
    }
    let largest = explain("largest_weight");
    let parts = rows(&largest, "explain");
    let value = |i: usize| parts[i]["value"].as_f64().expect("a number");
    assert!((value(1) / value(2) - value(0)).abs() < 1e-12 && parts[0]["how"] == "ratio");
    let terms = std::fs::read_to_string(book).expect("the example");
    let bare = terms.split("[concentration]").next().expect("a first part");
    std::fs::write(folder.join("bare.toml"), bare).expect("written");
    let asked = ["swap", "explain", "bare.toml", "--market", "demo/market", "--on", "2024-02-07"];
    let (_, message) = failure(folder, &[&asked[..], &["--number", "net_exposure"]].concat());
    assert!(message.contains("write `[concentration]` into `bare.toml`"), "{message}");
}

/// The parts of a gain are the ledger's own sums, whether its names are chosen or read from a file; and the names
/// go into an AB swap, whose book beside it is that ledger.
fn the_gain_of_names_is_split(ask: &dyn Fn(&[&str]) -> Value, book: &str, ledger: &Value) {
    let last = rows(ledger, "statement").last().expect("a last day");
    let number = |row: &Value, column: &str| row[column].as_f64().expect("a number");
    let of_ledger = |column: &str| number(last, column);
    for terms in [book, "own.toml"] {
        let attributed = ask(&["attribute", "--book", terms]);
        let whole = row(&attributed, "part", &[("period", "whole")]);
        let sum = |parts: &[&str]| parts.iter().map(|part| number(whole, part)).sum::<f64>();
        let legs = of_ledger("long_pnl") + of_ledger("hedge_pnl");
        for (found, expected, what) in [
            (sum(&["market", "size", "carry", "basis"]), legs, "legs"),
            (sum(&["financing"]), -of_ledger("financing"), "financing"),
            (sum(&["costs"]), -of_ledger("fees"), "costs"),
        ] {
            assert!((found - expected).abs() < 1e9 * 1e-9, "{what}: {found} {expected}");
        }
        assert!(sum(&["size"]) < -1e7, "small names lost more than the index: {whole}");
    }
    let product = ask(&["ab", "ab_of_names.toml"]);
    let day = [("date", "2024-02-07")];
    let beside = row(&product, "ab", &day);
    assert_eq!(beside["dma_equity"], row(ledger, "statement", &day)["equity"]);
    assert!(number(beside, "value") < 1e9);
}

/// Five hedges from two days, each line that of its own ledger.
fn books_are_compared(folder: &Path) {
    let files: Vec<String> = ["csi500", "ic2403", "if2403", "im2403", "im2406"]
        .map(|name| format!("{EXAMPLES}/books/{name}.toml"))
        .to_vec();
    let mut words = vec!["swap", "compare"];
    words.extend(files.iter().map(String::as_str));
    words.extend(["--opened-on", "2024-01-02", "--opened-on", "2024-02-02"]);
    words.extend(["--market", "demo/market"]);
    let compared = json(folder, &words);
    let books = rows(&compared, "book");
    assert_eq!(books.len(), 10);
    let first = &files[3];
    let alone = json(folder, &["swap", "simulate", first, "--market", "demo/market"]);
    let of_january = row(&compared, "book", &[("name", "im2403"), ("opened_on", "2024-01-02")]);
    assert_eq!(of_january["called_on"], alone["outcome"]["called_on"]);
    let ratios = rows(&alone, "statement").iter().filter_map(|line| line["margin_ratio"].as_f64());
    let worst = ratios.fold(f64::INFINITY, f64::min);
    assert_eq!(of_january["worst_ratio"].as_f64(), Some(worst));
}

fn people_are_told_in_their_language_and_programs_in_english(folder: &Path) {
    let book = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/01_book_im2403.toml");
    let question = ["swap", "simulate", book, "--market", "demo/market", "--lang", "zh"];
    let text = stdout(folder, &question);
    for part in ["多头 868008.WI，价格 ", "on_breach: 不处置，账本继续运行"] {
        assert!(text.contains(part), "{text}");
    }
    let outcome = json(folder, &question);
    assert_eq!(outcome["convention"]["on_breach"], "none, the book runs on");
    let opened = &outcome["outcome"]["events"][0]["detail"];
    assert!(opened.as_str().is_some_and(|text| text.starts_with("long 868008.WI at ")), "{opened}");
    assert_eq!(row(&outcome, "event", &[("kind", "opened")])["detail"], *opened);
}

fn the_lock_reproduces(folder: &Path, fingerprint: &str) {
    let study = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/04_study_sample.toml");
    let again =
        ["study", study, "--market", "demo/market", "-o", "again", "--lock", "demo/study.lock"];
    stdout(folder, &again);
    let lock = std::fs::read_to_string(folder.join("again/study.lock")).expect("a lock");
    assert!(lock.contains(fingerprint));
    // Another seed is another study: refused, and nothing is written.
    let (code, message) = failure(
        folder,
        &[
            "study",
            study,
            "--market",
            "demo/market",
            "-o",
            "other",
            "--seed",
            "1",
            "--lock",
            "demo/study.lock",
        ],
    );
    assert_eq!(code, 1);
    assert!(message.contains("the configuration is not the lock's"), "{message}");
    assert!(!folder.join("other").exists());
}

/// Witness: the built-in scenario's own legs (crates/sample, `Scenario::builtin`).
fn the_truth_is_recovered(folder: &Path) {
    let market = ["--market", "demo/market", "--from", "2023-10-09", "--to", "2024-03-29"];
    let outcome = json(folder, &[&["inversion"], &market[..]].concat());
    let january = row(&outcome, "inversion", &[("period", "2024-01")]);
    assert_eq!(january["is_inverted"], true);
    let micro = row(&outcome, "ladder", &[("period", "2024-01"), ("segment", "micro")]);
    let fall = micro["return"].as_f64().expect("a number");
    assert!((-0.30..-0.15).contains(&fall), "{fall}");
    assert!(outcome["data"]["index_daily"].is_i64(), "the answer names its data version");
    assert!(outcome["convention"].as_object().is_some_and(|lines| !lines.is_empty()));

    let basis = json(folder, &[&["basis"], &market[..]].concat());
    let deep = row(&basis, "term", &[("date", "2024-02-05"), ("contract", "IM2403.CFE")]);
    assert!(deep["basis_rate"].as_f64().is_some_and(|rate| rate < -0.3), "{deep}");
    assert!(rows(&basis, "squeeze").len() > 1);
}

fn bad_questions_are_refused(folder: &Path) {
    let book = std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../examples/01_book_im2403.toml"
    ))
    .expect("the example");
    std::fs::write(folder.join("percent.toml"), book.replace("= 0.25", "= 25")).expect("written");
    std::fs::write(folder.join("absent.toml"), book.replace("IM2403", "IM2909")).expect("written");
    for (arguments, code, part) in [
        (
            &["swap", "simulate", "percent.toml", "--market", "demo/market"][..],
            1,
            "25% is written 0.25",
        ),
        (&["swap", "simulate", "absent.toml", "--market", "demo/market"][..], 1, "IM2909.CFE"),
        (&["inversion", "--market", "nowhere"][..], 1, "shoals import"),
        (&["inversion", "--market", "demo/market", "--from", "2024-13-01"][..], 2, "2024-13-01"),
        (
            &["inversion", "--market", "demo/market", "--format", "csv", "--table", "x"][..],
            1,
            "ladder",
        ),
        (&["invert"][..], 2, "inversion"),
        (&["liquidity", "--market", "demo/market", "--from", "2030-01-02"][..], 1, "daily bars"),
        (
            &["crowding", "--market", "demo/market", "--holdings", "percent.toml"][..],
            1,
            "percent.toml",
        ),
        (&["schema", "x"][..], 1, "replicate"),
        (&["import", "auto", "percent.toml", "--accept", "x"][..], 1, "duplicate_key"),
    ] {
        let (found, message) = failure(folder, arguments);
        assert_eq!(found, code, "{arguments:?}: {message}");
        assert!(message.contains(part), "{arguments:?}: {message}");
    }
}

/// The schema names every table and column the outcome prints.
#[test]
fn schemas_describe_what_is_printed() {
    let folder = tempfile::tempdir().expect("a folder");
    for (outcome, table, column) in [
        ("inversion", "ladder", "return"),
        ("basis", "term", "basis_rate"),
        ("swap", "statement", "margin_ratio"),
        ("ab", "ab", "senior_claim"),
        ("replicate", "nav", "straddle"),
        ("swap", "order", "reason"),
        ("swap", "holding", "pnl"),
        ("swap", "check", "net_exposure"),
        ("swap_statement", "daily", "value"),
        ("swap_compare", "book", "worst_ratio"),
        ("attribute", "coefficient", "share"),
        ("liquidity", "day", "days_to_liquidate_p90"),
        ("liquidity", "record", "p_value"),
        ("crowding", "moved", "contribution"),
        ("crowding", "measure", "reading"),
    ] {
        let schema: Value =
            serde_json::from_str(&stdout(folder.path(), &["schema", outcome])).expect("JSON");
        let tables = &schema["properties"]["tables"]["properties"];
        let described = &tables[table]["items"]["properties"][column]["description"];
        assert!(described.is_string(), "{outcome} {table} {column}: {described}");
    }
}
