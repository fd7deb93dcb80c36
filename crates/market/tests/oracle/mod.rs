//! Readers of the oracle files (`SHOALS_DATA/oracles`), by hand.
#![allow(dead_code, reason = "each test binary reads its own files")]

use std::collections::BTreeMap;
use std::path::PathBuf;

use shoals_core::{Calendar, FutureContract, FutureProduct, Series, TradingDay};
use shoals_market::future::{ContractHistory, FutureMarket};

/// The cells of an oracle file's lines below its header, or `None` with a line that says the test
/// skipped.
#[expect(clippy::disallowed_methods, reason = "a test reads its oracle")]
pub(crate) fn rows(name: &str) -> Option<Vec<Vec<String>>> {
    let Some(folder) = std::env::var_os("SHOALS_DATA") else {
        eprintln!("skipped: SHOALS_DATA is not set, so {name} cannot be read");
        return None;
    };
    let path = PathBuf::from(folder).join("oracles").join(name);
    let text = std::fs::read_to_string(path).expect("the oracle folder holds this file");
    Some(text.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect())
}

/// One row of the basis oracle.
pub(crate) struct BasisRow {
    pub(crate) date: TradingDay,
    pub(crate) contract: FutureContract,
    pub(crate) close: f64,
    pub(crate) spot: f64,
    /// Calendar days to expiry.
    pub(crate) days: i32,
    /// Annualised; NaN on the last day.
    pub(crate) rate: f64,
    pub(crate) volume: f64,
}

/// Every contract's close, spot and annualised basis, 2023-11-01 to 2024-03-29.
pub(crate) fn basis_rows() -> Option<Vec<BasisRow>> {
    let row = |cells: &Vec<String>| BasisRow {
        date: cells[0].parse().unwrap(),
        contract: cells[1].parse().unwrap(),
        close: cells[4].parse().unwrap(),
        spot: cells[5].parse().unwrap(),
        days: cells[6].parse().unwrap(),
        rate: cells[8].parse().unwrap_or(f64::NAN),
        volume: cells[9].parse().unwrap(),
    };
    Some(rows("cn_futures_basis_20231101_20240329.csv")?.iter().map(row).collect())
}

/// The rows of one product as its market.
pub(crate) fn market(rows: &[BasisRow], product: FutureProduct) -> FutureMarket {
    let rows = || rows.iter().filter(|row| row.contract.product == product);
    let spot: BTreeMap<TradingDay, f64> = rows().map(|row| (row.date, row.spot)).collect();
    let mut contracts: BTreeMap<FutureContract, Vec<&BasisRow>> = BTreeMap::new();
    rows().for_each(|row| contracts.entry(row.contract).or_default().push(row));
    let contracts = contracts.into_iter().map(|(contract, rows)| history(contract, &rows));
    let contracts = contracts.collect();
    let (days, values) = spot.into_iter().unzip();
    let spot = Series::new(product.underlying().as_str(), days, values).unwrap();
    FutureMarket::new(product, contracts, spot, None).unwrap()
}

fn history(contract: FutureContract, rows: &[&BasisRow]) -> ContractHistory {
    let missing = vec![f64::NAN; rows.len()];
    let days = rows.iter().map(|row| row.date).collect();
    let close = rows.iter().map(|row| row.close).collect();
    let volume = rows.iter().map(|row| row.volume).collect();
    let calendar = Calendar::shanghai();
    ContractHistory::new(contract, calendar, days, close, missing.clone(), volume, missing).unwrap()
}
