//! The expiry rule against the exchange's own list of contracts (`SHOALS_DATA`).

use std::path::PathBuf;

use shoals_core::{Calendar, FutureContract, TradingDay};

/// The data folder, or `None` with a line that says the test skipped.
fn oracle(name: &str) -> Option<PathBuf> {
    #[expect(clippy::disallowed_methods, reason = "a test may read its environment")]
    let Some(folder) = std::env::var_os("SHOALS_DATA") else {
        eprintln!("skipped: SHOALS_DATA is not set, so {name} cannot be read");
        return None;
    };
    Some(PathBuf::from(folder).join("oracles").join(name))
}

/// Witness: 213 contracts of 2020-01 to 2025-03 with their first and last day.
#[test]
fn every_contract_expires_on_the_day_the_exchange_lists() {
    let Some(path) = oracle("cffex_index_futures_listing_expiry.csv") else { return };
    #[expect(clippy::disallowed_methods, reason = "a test may read its oracle")]
    let text = std::fs::read_to_string(path).unwrap();
    let mut n = 0;
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let contract: FutureContract = cells[0].parse().unwrap();
        let listed: TradingDay = cells[2].parse().unwrap();
        assert_eq!(contract.expiry(Calendar::shanghai()).unwrap(), listed, "{contract}");
        n += 1;
    }
    assert_eq!(n, 213);
}
