//! `shoals rotation` and `shoals analogue` on the real indices (`SHOALS_DATA`), with the figures of their method pages.

use serde_json::Value;

use crate::shoals::{failure, json, real_data, row, rows, stdout};

fn number(row: &Value, column: &str) -> f64 {
    row[column].as_f64().unwrap_or(f64::NAN)
}

/// Witness: the figures of docs/method/rotation.md; asked as of a day, the days after it are not known.
#[test]
fn the_rotation_of_2024_is_told_as_it_stood() {
    let Some(data) = real_data() else { return };
    let folder = tempfile::tempdir().unwrap();
    let file = data.join("market/index_daily.parquet");
    let asked = ["rotation", "--series", file.to_str().unwrap()];
    let told = json(folder.path(), &asked);
    for (day, small, lead) in
        [("2023-11-08", 0.974, 0.668), ("2024-01-02", 0.554, 0.630), ("2024-02-05", 0.0, 0.512)]
    {
        let row = row(&told, "as_of", &[("asked", day)]);
        assert!((number(row, "probability_small") - small).abs() < 5e-4, "{row}");
        assert!((number(row, "probability_lead") - lead).abs() < 5e-4, "{row}");
    }
    let model = row(&told, "record", &[("rule", "outlook")]);
    assert!((number(model, "hit_rate") - 0.605).abs() < 5e-4 && model["n"] == 261, "{model}");
    let verdict = rows(&told, "verdict")[0]["sentence"].as_str().unwrap();
    assert!(verdict.contains("no evidence of skill"), "{verdict}");
    let then = json(folder.path(), &[&asked[..], &["--to", "2024-01-02"]].concat());
    let [known, whole] = [&then, &told].map(|o| row(o, "as_of", &[("asked", "2024-01-02")]));
    assert_eq!(known["probability_lead"], whole["probability_lead"]);
    assert!(known["came_after"].is_null() && whole["came_after"].is_number());
    assert_eq!(rows(&then, "as_of").len(), 2);
}

/// Witness: the figures of docs/method/analogue.md, and its verdict that the likeness is no evidence.
#[test]
fn the_mao_basket_is_no_evidence() {
    let Some(data) = real_data() else { return };
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| data.join("market").join(name).to_str().unwrap().to_owned();
    let (indices, mao) = (file("index_daily.parquet"), file("mao_proxy_index.parquet"));
    let asked = ["analogue", "--series", &indices, "--series", &mao, "--to", "2024-01-02"];
    let told = json(folder.path(), &asked);
    let peak = row(&told, "match", &[("episode", "mao_2021"), ("look", "around_peak")]);
    assert!((number(peak, "correlation") - 0.972).abs() < 5e-4, "{peak}");
    assert!(number(peak, "distance_own_p") > 0.2, "{peak}");
    let verdict = rows(&told, "verdict")[0]["sentence"].as_str().unwrap();
    assert!(verdict.contains("the Mao basket") && verdict.contains("no evidence"), "{verdict}");
    let alone = json(folder.path(), &["analogue", "--series", &indices]);
    let why = row(&alone, "left_out", &[("episode", "mao_2021")]);
    assert!(why["why"].as_str().unwrap().contains("import its closes"), "{why}");
    let (code, words) = failure(folder.path(), &[&asked[..], &["--query", "000688.CSI"]].concat());
    assert!(code == 1 && words.contains("holds no index 000688.CSI"), "{words}");
}

/// A market without the indices leaves both out, each with one sentence; the study stands.
#[test]
fn a_market_without_small_companies_is_told_so() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut rows = vec!["date,symbol,close".to_owned()];
    for (i, symbol) in ["000300.SH", "000905.SH", "000852.SH"].into_iter().enumerate() {
        let close = |day: usize| 1_000 + 100 * i + day * (i + 1);
        rows.extend((2..=31).map(|day| format!("2024-01-{day:02},{symbol},{}", close(day))));
    }
    // Weekends and the holiday are no exchange days.
    let is_open = |line: &String| {
        !["-06,", "-07,", "-13,", "-14,", "-20,", "-21,", "-27,", "-28,"]
            .iter()
            .any(|d| line.contains(d))
    };
    rows.retain(is_open);
    std::fs::write(folder.join("indices.csv"), rows.join("\n")).unwrap();
    stdout(folder, &["import", "auto", "indices.csv", "--market", "m", "--quiet"]);
    std::fs::write(
        folder.join("study.toml"),
        "analyses = [\"inversion\", \"analogue\", \"rotation\"]\n",
    )
    .unwrap();
    let told =
        crate::shoals::shoals(folder, &["study", "study.toml", "--market", "m", "-o", "out"]);
    let notes = String::from_utf8(told.stderr).unwrap();
    assert!(told.status.success(), "{notes}");
    for part in ["so the look-alikes were left out", "so rotation was left out"] {
        assert!(notes.contains(part), "{part}: {notes}");
    }
}
