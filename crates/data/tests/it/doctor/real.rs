//! The real exports of the data directory.

use std::path::Path;

use shoals_core::{Calendar, Finding, Severity, Values};
use shoals_data::MarketTable;
use shoals_data::doctor::render;
use shoals_data::formats::{Profile, ReadOptions, read, read_table};

use super::clean::written;
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

/// Witness: listing days by the exchange's own contract table; its first day is the table's, no listing.
#[test]
#[expect(clippy::disallowed_methods, reason = "the data directory is named by the environment")]
#[expect(clippy::print_stdout, reason = "a skipped test says so")]
fn contracts_are_listed_when_the_exchange_lists_them() {
    let Some(root) = std::env::var_os("SHOALS_DATA") else {
        println!("skipped: SHOALS_DATA is not set, so there are no listing days to compare with");
        return;
    };
    let path = Path::new(&root).join("oracles/cffex_index_futures_listing_expiry.csv");
    let contracts = read_table(&path).unwrap();
    let column = |name: &str| &contracts.column(name).unwrap().values;
    let (Values::Day(listed), Values::Text(names)) = (column("lst"), column("uni_id")) else {
        panic!("days and names");
    };
    let start = *listed.iter().min().unwrap();
    let rows = listed.iter().zip(names).filter(|(day, _)| **day > start);
    let quotes = |is_early: bool| -> Vec<String> {
        let day_before = |day| Calendar::shanghai().previous(day).unwrap();
        let day = |listed| if is_early { day_before(listed) } else { listed };
        rows.clone().map(|(listed, name)| format!("{} {name}.CFE 5000", day(*listed))).collect()
    };
    for is_early in [false, true] {
        let quotes = quotes(is_early);
        assert!(quotes.len() > 190);
        let lines: Vec<&str> = std::iter::once("date contract close")
            .chain(quotes.iter().map(String::as_str))
            .collect();
        let findings = doctor(&[written(MarketTable::FutureDaily, &lines)]);
        let early = findings.iter().find(|f| f.kind == "before_listing");
        assert_eq!(early.map_or(0, |f| f.count), if is_early { quotes.len() as u64 } else { 0 });
    }
}
