//! `shoals spiral`: a storm run through, explained, put under levers and done to a book, as a user meets it.

use std::path::Path;

use serde_json::Value;

use crate::shoals::{failure, json, real_data, row, rows, shoals, stdout};

const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples");

fn number(row: &Value, column: &str) -> f64 {
    row[column].as_f64().unwrap_or_else(|| panic!("no number {column} in {row}"))
}

/// Few paths: the tests read shapes and invariants, not the storm's numbers.
fn storm(folder: &Path, words: &[&str]) -> Value {
    json(folder, &[&["spiral"], words, &["--paths", "4"]].concat())
}

/// Invariants: the median lies in its band; shares of a segment stand one a mechanism; the first table of `explain` is the
/// shares; without a market the data column is empty, and standard error says so.
#[test]
fn a_storm_is_run_and_explained_without_a_market() {
    let folder = tempfile::tempdir().unwrap();
    let few = ["--share-paths", "1"];
    let told = storm(folder.path(), &["run", few[0], few[1]]);
    let path = rows(&told, "path");
    assert_eq!(path.len(), 5 * rows(&told, "state").len());
    for row in path {
        let [low, median, high] = ["p10", "median", "p90"].map(|column| number(row, column));
        assert!(low <= median && median <= high, "{row}");
        assert!(row["data"].is_null(), "{row}");
    }
    let output = shoals(folder.path(), &["spiral", "run", "--paths", "1", few[0], few[1]]);
    let words = String::from_utf8(output.stderr).unwrap();
    assert!(words.contains("note: no market directory `market`"), "{words}");

    let told = storm(folder.path(), &["explain", few[0], few[1]]);
    assert_eq!(told["tables"].as_object().unwrap().len(), 5);
    let micro = rows(&told, "channel").iter().filter(|row| row["segment"] == "micro");
    assert_eq!(micro.count(), 9);
    let feedback = rows(&told, "feedback");
    assert!(feedback.iter().all(|day| number(day, "all") >= 0.0));
    let text = stdout(
        folder.path(),
        &["spiral", "explain", "--lang", "zh", "--paths", "1", few[0], few[1]],
    );
    assert!(text.starts_with("channel") && text.contains("沙普利份额"), "{text}");
    let left = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, 0, "a storm writes nothing");
}

/// Peer: the library's storm itself. A file that only names it is it; one that halves the books leaves smaller books.
#[test]
fn a_scenario_file_is_its_episode_with_what_differs() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("same.toml"), "episode = \"china_2024\"\n").unwrap();
    let ask =
        |words: &[&str]| storm(folder.path(), &[&["run"], words, &["--share-paths", "1"]].concat());
    let library = ask(&[]);
    assert_eq!(rows(&ask(&["same.toml"]), "path"), rows(&library, "path"));
    let half = format!("{EXAMPLES}/spiral/scenario.toml");
    let half = ask(&[&half]);
    assert_eq!(half["convention"]["episode"], "Early 2024 with half the DMA books");
    let first = |told: &Value| number(&rows(told, "state")[0], "dma_value");
    assert!(first(&half) < 0.9 * first(&library), "{} {}", first(&half), first(&library));
}

/// Invariants: a lever that changes nothing changes exactly nothing; without books nothing is measured of them. The
/// example's levers are told in its order; the example's book and the terms of a swap come through the storm.
#[test]
fn levers_are_pulled_and_books_are_stressed() {
    let folder = tempfile::tempdir().unwrap();
    let levers = "[[lever]]\nlever = \"dma_size\"\ntimes = 1.0\n[[lever]]\nlever = \"no_dma\"\n";
    std::fs::write(folder.path().join("levers.toml"), levers).unwrap();
    let told = storm(folder.path(), &["stress", "--levers", "levers.toml"]);
    let of =
        |lever: &'static str| rows(&told, "effect").iter().filter(move |row| row["lever"] == lever);
    assert!(of("dma_size_1").count() > 20);
    assert!(of("dma_size_1").all(|row| number(row, "change") == 0.0 && number(row, "rose") == 0.0));
    assert!(of("no_dma").all(|row| row["place"] != "dma" || row["change"].is_null()));
    let example = format!("{EXAMPLES}/spiral/levers.toml");
    let told = storm(folder.path(), &["stress", "--levers", &example]);
    let names: Vec<&str> =
        rows(&told, "lever").iter().filter_map(|row| row["lever"].as_str()).collect();
    assert_eq!(names.len(), 5);
    assert_eq!((names[0], names[1]), ("no_dma", "margin_0.5"));

    for book in ["spiral/book.toml", "01_book_im2403.toml"] {
        let file = format!("{EXAMPLES}/{book}");
        let told = storm(folder.path(), &["stress", "--book", &file]);
        assert_eq!(told["outcome"]["name"], "spiral_stress", "{book}");
        let loss = rows(&told, "loss");
        let [worst, mean] = ["worst", "mean"].map(|column| number(&loss[0], column));
        assert!(worst <= mean, "{book}: {worst} {mean}");
    }
}

#[test]
fn the_library_is_listed_and_an_episode_is_a_file_that_can_be_run() {
    let folder = tempfile::tempdir().unwrap();
    let told = json(folder.path(), &["spiral", "episodes"]);
    for name in ["china_2024", "margin_unwind_2015", "quant_unwind_2007", "quiet"] {
        assert!(number(row(&told, "episode", &[("name", name)]), "days") > 0.0);
    }
    let text = stdout(folder.path(), &["spiral", "episodes", "quiet"]);
    std::fs::write(folder.path().join("mine.toml"), text).unwrap();
    let ask =
        |words: &[&str]| storm(folder.path(), &[&["run"], words, &["--share-paths", "1"]].concat());
    let (mine, quiet) = (ask(&["mine.toml"]), ask(&["--episode", "quiet"]));
    assert_eq!(rows(&mine, "path"), rows(&quiet, "path"));
}

/// Each row: the question, its exit code, and what the one error must say.
#[test]
fn a_file_that_is_not_legal_is_refused_by_its_key() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("key.toml", "episode = \"china_2024\"\n[dma]\nlong_vlue = 1e9\n");
    write("range.toml", "episode = \"china_2024\"\n[dma]\nlong_value = -1.0\n");
    write("day.toml", "episode = \"china_2024\"\n[[changes]]\nfrom = 2024-02-10\n");
    write("lever.toml", "[[lever]]\nlever = \"no_dmas\"\n");
    write("share.toml", "[[lever]]\nlever = \"dma_cap\"\nfrom_day = 0\nshare = 2\nover_days = 1\n");
    write("book.toml", "equity = 1.0\nlong = { micro = 4.0 }\nlines = { kind = \"nne\" }\n");
    for (arguments, code, parts) in [
        (&["run", "key.toml"][..], 1, ["`key.toml`", "long_vlue"]),
        (&["run", "range.toml"], 1, ["`range.toml`", "dma.long_value"]),
        (&["explain", "day.toml"], 1, ["changes[0].from", "2024-02-10"]),
        (&["run", "gone.toml"], 1, ["`gone.toml`", "cannot read"]),
        (&["run", "--episode", "china_2025"], 1, ["`china_2025`", "china_2024"]),
        (&["run", "--market", "gone"], 1, ["`gone`", "shoals import"]),
        (&["stress", "--levers", "lever.toml"], 1, ["`lever.toml`", "no_dmas"]),
        (&["stress", "--levers", "share.toml"], 1, ["`share` is 2", "[0, 1]"]),
        (&["stress", "--book", "book.toml"], 1, ["`book.toml`", "nne"]),
        (&["stress", "--book", "a", "--levers", "b"], 2, ["--book", "--levers"]),
        (&["run", "--paths", "0"], 2, ["--paths", "0"]),
        (&["episodes", "china_2025"], 1, ["`china_2025`", "quiet"]),
        (&["calibrate"], 1, ["`market`", "shoals import"]),
        (&["calibrate", "--scenario", "gone/fit.toml"], 1, ["`gone`", "directory"]),
    ] {
        let (found, words) = failure(folder.path(), &[&["spiral"], arguments].concat());
        assert_eq!(found, code, "{arguments:?}: {words}");
        for part in parts {
            assert!(words.contains(part), "{arguments:?} without {part}: {words}");
        }
        assert_eq!(words.matches("error:").count(), 1, "{words}");
    }
}

/// The library's storm answers on any market. Asked for alone it is a study; beside questions of which none is answered it
/// is not taken for one.
#[test]
fn a_storm_alone_is_a_study_but_no_answer_about_a_market() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("index.csv", "date,symbol,close\n2024-03-13,000852.SH,5400\n2024-03-14,000852.SH,5410\n");
    let few = "[spiral]\nepisode = \"quiet\"\npaths = 2\nshare_paths = 1\nlever_paths = 2\n";
    write("alone.toml", &format!("analyses = [\"spiral\"]\n{few}"));
    write("beside.toml", &format!("analyses = [\"inversion\", \"spiral\"]\n{few}"));
    write("none.toml", "[spiral]\nlever_paths = 0\n");
    stdout(folder.path(), &["import", "auto", "index.csv", "--quiet"]);
    stdout(folder.path(), &["study", "alone.toml", "-o", "out", "--quiet"]);
    let page = std::fs::read_to_string(folder.path().join("out/report.html")).unwrap();
    assert!(page.contains("id=\"spiral\"") && page.contains("nothing of its own"));
    let (code, words) = failure(folder.path(), &["study", "beside.toml", "-o", "new"]);
    assert!(code == 1 && words.contains("inversion"), "{code} {words}");
    assert!(!folder.path().join("new").exists(), "nothing is written");
    let (code, words) = failure(folder.path(), &["study", "none.toml", "-o", "new"]);
    assert!(code == 1 && words.contains("`spiral.lever_paths` is 0"), "{code} {words}");
}

/// Every outcome of the spiral has a schema, with the columns other rooms read.
#[test]
fn every_outcome_of_the_spiral_has_its_schema() {
    let folder = tempfile::tempdir().unwrap();
    for (name, table, columns) in [
        ("spiral", "path", &["day", "segment", "median", "p10", "p90", "data"][..]),
        ("spiral", "channel", &["segment", "channel", "share", "low", "high"]),
        ("spiral_counterfactual", "effect", &["lever", "measure", "place", "base", "change"]),
        ("spiral_stress", "loss", &["measure", "mean", "expected_shortfall", "worst"]),
        ("spiral_calibration", "fit", &["target", "data", "median", "is_inside"]),
    ] {
        let schema: Value =
            serde_json::from_str(&stdout(folder.path(), &["schema", name])).expect("JSON");
        let described = &schema["properties"]["tables"]["properties"][table]["items"];
        for column in columns {
            assert!(described["properties"][column].is_object(), "{name} {table} {column}");
        }
    }
}

/// Witness: closes as published. The data column of micro caps on 2024-02-07 is -45.8 %, that of IM2403 on 2024-02-05 is
/// -5.8 % of spot.
#[test]
fn the_storm_stands_beside_what_the_market_did() {
    let Some(data) = real_data() else { return };
    let folder = tempfile::tempdir().unwrap();
    for file in ["index_daily", "index_futures_contracts"] {
        let path = data.join(format!("market/{file}.parquet"));
        stdout(folder.path(), &["import", "auto", path.to_str().unwrap(), "--quiet"]);
    }
    let told = storm(folder.path(), &["run", "--share-paths", "1"]);
    let micro = row(&told, "path", &[("day", "2024-02-07"), ("segment", "micro")]);
    assert!((number(micro, "data") - 1.0 + 0.458).abs() < 0.0005, "{micro}");
    let basis = row(&told, "basis", &[("day", "2024-02-05"), ("product", "IM")]);
    assert!((number(basis, "data") + 0.058).abs() < 0.0005, "{basis}");
    let known = rows(&told, "path").iter().all(|row| row["data"].is_number());
    assert!(known, "every day of the storm has its closes");
}
