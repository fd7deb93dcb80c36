//! The policy events through the binary: the real timeline on indices alone, the user's own events and names, and a study.

#![expect(clippy::print_stdout, reason = "the evidence is read, not only asserted")]

use std::path::Path;

use serde_json::Value;

use crate::shoals::{failure, json, real_data, row, rows, stdout};

fn number(row: &Value, column: &str) -> f64 {
    row[column].as_f64().unwrap_or_else(|| panic!("no number {column} in {row}"))
}

fn of<'a>(outcome: &'a Value, id: &str) -> &'a Value {
    row(outcome, "event", &[("event_id", id)])
}

/// The whole timeline on the real indices. Witness: the index closes of two independent programs (day 0 of the spread), and
/// the signs that the press reported.
#[test]
fn the_timeline_of_the_real_market() {
    let Some(data) = real_data() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let file = data.join("market/index_daily.parquet");
    let outcome =
        json(folder.path(), &["event", "--series", file.to_str().expect("UTF-8"), "--quiet"]);
    for row in rows(&outcome, "event") {
        println!(
            "{} {} {}: expected {}, car {}, placebo p {}, adjusted {}",
            row["day_0"],
            row["event_id"],
            row["finding"],
            row["expected_sign"],
            row["car"],
            row["placebo_p"],
            row["adjusted_p"]
        );
    }
    assert_eq!(rows(&outcome, "event").len(), 17);
    the_spread_is_the_closes(&outcome, &data);
    // Micro caps fell against the CSI 300 through the ban on sales and the first day of Huijin's purchases, and
    // turned on the last day before the holiday.
    for (id, day_0, finding, sign) in [
        ("dma_sell_ban", "2024-02-05", "confounded", -1.0),
        ("huijin_and_lending_end", "2024-02-06", "confounded", -1.0),
        ("csrc_chair_replaced", "2024-02-08", "confounded", 1.0),
        ("snowball_knock_in", "2024-01-22", "confounded", -1.0),
        ("restricted_lending_stop", "2024-01-29", "confounded", -1.0),
        ("dma_phase_out", "2024-02-28", "suggestive", -1.0),
        ("stamp_duty_halved", "2023-08-28", "suggestive", 1.0),
        ("dma_size_capped", "2023-11-09", "nothing", 1.0),
    ] {
        let found = of(&outcome, id);
        assert_eq!(
            (found["day_0"].as_str(), found["finding"].as_str()),
            (Some(day_0), Some(finding)),
            "{id}"
        );
        assert_eq!(number(found, "car").signum(), sign, "{id}");
    }
    assert_eq!(of(&outcome, "relending_suspended")["finding"], "not_covered");
    let shared = of(&outcome, "huijin_and_lending_end");
    assert_eq!(shared["overlapping"], "dma_sell_ban");
    assert!(shared["verdict"].as_str().expect("words").contains("cannot tell which"));
    let alike = ["restricted_lending_stop", "relending_t1"]
        .map(|id| number(of(&outcome, id), "adjusted_p"));
    assert_eq!(alike[0], alike[1], "two events of one day are one test");
}

/// Witness: the closes in the oracle file.
fn the_spread_is_the_closes(outcome: &Value, data: &Path) {
    let text = std::fs::read_to_string(data.join("oracles/cn_index_close_20231009_20240329.csv"));
    let text = text.expect("the closes");
    let heads: Vec<&str> = text.lines().next().expect("a heading").split(',').collect();
    let close = |day: &str, code: &str| -> f64 {
        let k = heads.iter().position(|head| head.contains(code)).expect("an index");
        let line = text.lines().find(|line| line.starts_with(day)).expect("a day");
        line.split(',').nth(k).expect("a cell").parse().expect("a close")
    };
    let made = |code: &str| close("2024-02-05", code) / close("2024-02-02", code) - 1.0;
    let spread = made("868008.WI") - made("000300.SH");
    let path = rows(outcome, "path").iter().find(|row| {
        row["event_id"] == "dma_sell_ban"
            && row["subject"] == "micro_minus_csi300"
            && row["relative_day"] == 0
    });
    let found = number(path.expect("day 0"), "total");
    println!("2024-02-05: micro less CSI 300 {found:.6}, by the closes {spread:.6}");
    assert!((found - spread).abs() < 1e-6, "{found} {spread}");
}

const OWN: [&str; 10] = [
    "--series",
    "own.csv",
    "--date",
    "day",
    "--value",
    "large=000300.SH",
    "--value",
    "all=000985.CSI",
    "--value",
    "micro=868008.WI",
];

/// The study of the user's own columns, with further words.
fn ask<'a>(words: &[&'a str]) -> Vec<&'a str> {
    [&["event"], words, &OWN].concat()
}

#[test]
fn events_and_names_of_ones_own() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let mut own = "day,large,all,micro\n".to_owned();
    let (mut level, mut t) = ([3_500.0, 5_000.0, 2_000.0], 0);
    for year in [2023, 2024] {
        for month in 1..=12 {
            for day in 1..=28 {
                t += 1;
                let wave = |phase: f64| 0.01 * (f64::from(t) * phase).sin();
                let jump = if (year, month, day) == (2024, 6, 12) { 0.2 } else { 0.0 };
                level[0] *= 1.0 + wave(0.7);
                level[1] *= 1.0 + wave(0.7) + 0.3 * wave(1.9);
                level[2] *= 1.0 + wave(0.8) + jump;
                let line =
                    format!("{year}-{month:02}-{day:02},{},{},{}\n", level[0], level[1], level[2]);
                own.push_str(&line);
            }
        }
    }
    std::fs::write(folder.join("own.csv"), own).expect("written");
    let events = "[[policy_event]]\nevent_id = \"mine\"\nannounced_on = 2024-06-11\nafter_close = true\n\
                  effective_on = 2024-06-12\ntitle_zh = \"我的\"\ntitle_en = \"mine\"\ntargets = \"x\"\n\
                  expected_sign = \"+\"\nsource = \"me\"\n";
    std::fs::write(folder.join("events.toml"), events).expect("written");
    let outcome = json(folder, &ask(&["--events", "events.toml"]));
    let mine = of(&outcome, "mine");
    assert_eq!(
        (mine["day_0"].as_str(), mine["finding"].as_str()),
        (Some("2024-06-12"), Some("found"))
    );
    assert!(number(mine, "car") > 0.1);
    let chinese = stdout(
        folder,
        &[&ask(&["--events", "events.toml"])[..], &["--lang", "zh", "--table", "event"]].concat(),
    );
    assert!(chinese.contains("我的") && chinese.contains("方向如预期"), "{chinese}");
    // A settings file names its events from where it stands.
    std::fs::create_dir(folder.join("sub")).expect("a folder");
    std::fs::write(folder.join("sub/events.toml"), events).expect("written");
    std::fs::write(
        folder.join("sub/ask.toml"),
        "[event]\nevents = \"events.toml\"\nreplications = 0\n",
    )
    .expect("written");
    let asked = json(folder, &ask(&["sub/ask.toml"]));
    assert_eq!(of(&asked, "mine")["bootstrap_p"], Value::Null);
    for (words, part) in [
        (&["--events", "none.toml"][..], "cannot read `none.toml`"),
        (&["--from", "2026-01-05"], "none of the 17 events acts from 2026-01-05 on"),
        (&["--treated", "own.csv"], "treated names are stocks"),
    ] {
        let (code, message) = failure(folder, &ask(words));
        assert!(code == 1 && message.contains(part), "{message}");
    }
    std::fs::write(folder.join("events.toml"), events.replace("after_close", "after_closing"))
        .expect("written");
    let (_, message) = failure(folder, &ask(&["--events", "events.toml"]));
    assert!(message.contains("events.toml") && message.contains("after_closing"), "{message}");
}
