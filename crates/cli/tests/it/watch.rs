//! The gauge and the watch through the binary: exit codes a scheduler reads, and the gauge's record on real data.

#![expect(clippy::print_stdout, reason = "the evidence is read, not only asserted")]

use std::path::Path;

use crate::shoals::{failure, json, real_data, row, rows, shoals};

const SERIES: &str = "868008.WI and 000300.SH";

/// The real market's index closes in a store.
fn indices(folder: &Path) -> bool {
    let Some(data) = real_data() else { return false };
    let file = data.join("market/index_daily.parquet");
    let file = file.to_str().expect("UTF-8");
    let done = shoals(folder, &["import", "auto", file, "--market", "market", "--quiet"]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    true
}

fn code(folder: &Path, rules: &str, more: &[&str]) -> (Option<i32>, String) {
    std::fs::write(folder.join("rules.toml"), rules).expect("the rules");
    let command =
        ["watch", "--rules", "rules.toml", "--market", "market", "--quiet", "--format", "json"];
    let done = shoals(folder, &[&command[..], more].concat());
    (done.status.code(), String::from_utf8_lossy(&done.stdout).into_owned())
}

/// Witness: the closes of 868008.WI and 000300.SH; on 2024-02-05 the twenty days before had cost small 20 points, at the end of
/// March none of it.
#[test]
fn a_scheduler_hears_of_a_line_by_the_exit_code() {
    let folder = tempfile::tempdir().expect("a folder");
    if !indices(folder.path()) {
        return;
    }
    let ladder = "[[rule]]\nname = \"ladder\"\nread = \"inversion.rolling.micro_minus_large\"\nbelow = -0.2\n";
    let (storm, told) = code(folder.path(), ladder, &["--to", "2024-02-05"]);
    assert_eq!(storm, Some(3), "{told}");
    let told: serde_json::Value = serde_json::from_str(&told).expect("JSON");
    let reading = row(&told, "rule", &[("rule", "ladder")]);
    println!("{SERIES}: {reading}");
    assert_eq!(
        (reading["status"].as_str(), reading["date"].as_str()),
        (Some("crossed"), Some("2024-02-05"))
    );
    assert_eq!(code(folder.path(), ladder, &["--to", "2024-03-29"]).0, Some(0));
    // No stocks here: what cannot be seen is not quiet.
    let blind = format!(
        "{ladder}[[rule]]\nname = \"crowd\"\nread = \"crowding.day.composite\"\nabove = 0.9\n"
    );
    let (blind_code, told) = code(folder.path(), &blind, &["--to", "2024-03-29"]);
    assert_eq!(blind_code, Some(4), "{told}");
    assert!(told.contains("no daily bars of stocks"), "{told}");
}

#[test]
fn rules_that_cannot_be_meant_fail_with_what_there_is() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(
        folder.path().join("r.toml"),
        "[[rule]]\nname = \"a\"\nread = \"tides.day.x\"\nabove = 1\n",
    )
    .expect("the rules");
    let (_, told) = failure(folder.path(), &["watch", "--rules", "r.toml"]);
    assert!(told.contains("rule `a` reads `tides.day.x`") && told.contains("inversion"), "{told}");
    std::fs::write(folder.path().join("r.toml"), "[study.gauge]\nhorizon = 3\n[[rule]]\nname = \"a\"\nread = \"gauge.day.level\"\nabove = 1\n")
        .expect("the rules");
    let (_, told) = failure(folder.path(), &["watch", "--rules", "r.toml"]);
    assert!(told.contains("[study]") && told.contains("horizon"), "{told}");
}

/// Witness: the dates and depths of the falls are the index closes' (2024-01-11 to 2024-02-07, -46.75 %); the record says that
/// extremity alone has no skill.
#[test]
fn the_gauge_keeps_its_record_on_real_closes() {
    let folder = tempfile::tempdir().expect("a folder");
    if !indices(folder.path()) {
        return;
    }
    std::fs::write(folder.path().join("g.toml"), "min_groups = 1\nreplications = 200\n")
        .expect("settings");
    let command = [
        "gauge",
        "g.toml",
        "--series-only",
        "--market",
        "market",
        "--from",
        "2019-01-02",
        "--quiet",
    ];
    let told = json(folder.path(), &command);
    for skill in rows(&told, "skill") {
        println!(
            "{}: area {} ({} to {}), p {}",
            skill["scorer"], skill["area"], skill["area_low"], skill["area_high"], skill["p_value"]
        );
    }
    let fall = row(&told, "fall", &[("peak", "2024-01-11")]);
    assert_eq!(
        (fall["breach"].as_str(), fall["trough"].as_str()),
        (Some("2024-01-22"), Some("2024-02-07"))
    );
    assert!((fall["depth"].as_f64().expect("depth") + 0.467_5).abs() < 5e-5, "{fall}");
    assert_eq!(row(&told, "setting", &[])["proof"].as_str(), Some("no_skill"));
}
