//! The real exports of the data directory.

use shoals_core::{Finding, Severity};
use shoals_data::doctor::render;
use shoals_data::formats::{Profile, ReadOptions, read};

use super::{doctor, kinds};

/// The real exports have real defects; none of them is one that would mislead unseen.
#[test]
#[expect(clippy::disallowed_methods, reason = "the data directory is named by the environment")]
#[expect(
    clippy::print_stdout,
    reason = "a skipped test says so, and the findings are worth reading"
)]
fn real_exports_import_with_at_most_warnings() {
    let Some(root) = std::env::var_os("SHOALS_DATA") else {
        println!("skipped: SHOALS_DATA is not set, so there are no real exports to examine");
        return;
    };
    let market = std::path::Path::new(&root).join("market");
    let loaded = read(Profile::Market, &market, &ReadOptions::default(), &|_, _| {}).unwrap();
    let findings = doctor(&loaded);
    println!("{}", render(&findings, shoals_core::Lang::En));
    let severe: Vec<&Finding> =
        findings.iter().filter(|f| f.severity == Severity::Severe).collect();
    assert!(severe.is_empty(), "{severe:#?}");
    let found = kinds(&findings);
    // What the data's own description says is wrong with them must be seen.
    for kind in ["amount_against_volume", "duplicate_key", "missing_market_day", "stale_series"] {
        assert!(found.contains(kind), "{kind} in {found:?}");
    }
}
