//! Readers of the oracle files (`SHOALS_DATA/oracles`), by hand.

use std::collections::BTreeMap;
use std::path::PathBuf;

use shoals_core::{Calendar, FutureContract, FutureProduct, Segment, Series, TradingDay};
use shoals_market::future::{ContractHistory, FutureMarket};

/// An oracle file's lines without the header, or `None` with a line that says the test skipped.
#[expect(clippy::disallowed_methods, reason = "a test reads its oracle")]
fn lines(name: &str) -> Option<Vec<String>> {
    let Some(folder) = std::env::var_os("SHOALS_DATA") else {
        eprintln!("skipped: SHOALS_DATA is not set, so {name} cannot be read");
        return None;
    };
    let path = PathBuf::from(folder).join("oracles").join(name);
    let text = std::fs::read_to_string(path).expect("the oracle folder holds this file");
    Some(text.lines().skip(1).map(str::to_owned).collect())
}

/// Closes of the five segments' indices, 2023-10-09 to 2024-03-29.
pub(crate) fn segments() -> Option<Vec<(Segment, Series)>> {
    let lines = lines("cn_index_close_20231009_20240329.csv")?;
    let days: Vec<TradingDay> = lines.iter().map(|line| line[..10].parse().unwrap()).collect();
    let close = |i: usize| -> Vec<f64> {
        lines.iter().map(|line| line.split(',').nth(i).unwrap().parse().unwrap()).collect()
    };
    // The file's columns run in the order of the segments, smallest first.
    let series = Segment::ALL.into_iter().zip(1..);
    Some(
        series
            .map(|(segment, i)| {
                (segment, Series::new(segment.symbol().as_str(), days.clone(), close(i)).unwrap())
            })
            .collect(),
    )
}

/// One row of the basis oracle.
pub(crate) struct Row {
    pub(crate) date: TradingDay,
    pub(crate) contract: FutureContract,
    pub(crate) close: f64,
    pub(crate) spot: f64,
    pub(crate) rate: f64,
    pub(crate) volume: f64,
}

/// Every contract's close, spot and annualised basis, 2023-11-01 to 2024-03-29.
pub(crate) fn basis_rows() -> Option<Vec<Row>> {
    let row = |line: &String| {
        let cells: Vec<&str> = line.split(',').collect();
        Row {
            date: cells[0].parse().unwrap(),
            contract: cells[1].parse().unwrap(),
            close: cells[4].parse().unwrap(),
            spot: cells[5].parse().unwrap(),
            rate: cells[8].parse().unwrap_or(f64::NAN),
            volume: cells[9].parse().unwrap(),
        }
    };
    Some(lines("cn_futures_basis_20231101_20240329.csv")?.iter().map(row).collect())
}

/// The rows as markets.
pub(crate) fn markets(rows: &[Row]) -> Vec<FutureMarket> {
    FutureProduct::ALL.into_iter().map(|product| market(rows, product)).collect()
}

fn market(rows: &[Row], product: FutureProduct) -> FutureMarket {
    let rows = || rows.iter().filter(|row| row.contract.product == product);
    let spot: BTreeMap<TradingDay, f64> = rows().map(|row| (row.date, row.spot)).collect();
    let mut contracts: BTreeMap<FutureContract, Vec<&Row>> = BTreeMap::new();
    rows().for_each(|row| contracts.entry(row.contract).or_default().push(row));
    let contracts = contracts.into_iter().map(|(contract, rows)| history(contract, &rows));
    let contracts = contracts.collect();
    let (days, values) = spot.into_iter().unzip();
    let spot = Series::new(product.underlying().as_str(), days, values).unwrap();
    FutureMarket::new(product, contracts, spot, None).unwrap()
}

fn history(contract: FutureContract, rows: &[&Row]) -> ContractHistory {
    let missing = vec![f64::NAN; rows.len()];
    let days = rows.iter().map(|row| row.date).collect();
    let close = rows.iter().map(|row| row.close).collect();
    let volume = rows.iter().map(|row| row.volume).collect();
    let calendar = Calendar::shanghai();
    ContractHistory::new(contract, calendar, days, close, missing.clone(), volume, missing).unwrap()
}
