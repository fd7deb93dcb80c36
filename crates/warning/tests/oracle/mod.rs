//! The markets of the oracle files, as the warnings take them.

#[path = "../../../market/tests/oracle/mod.rs"]
mod files;

use shoals_core::{FutureProduct, Segment, Series, TradingDay};
use shoals_market::future::FutureMarket;

#[allow(unused_imports, reason = "each test binary uses its own part")]
pub(crate) use files::{BasisRow, basis_rows};

/// Closes of the five segments' indices, 2023-10-09 to 2024-03-29.
pub(crate) fn segments() -> Option<Vec<(Segment, Series)>> {
    let rows = files::rows("cn_index_close_20231009_20240329.csv")?;
    let days: Vec<TradingDay> = rows.iter().map(|cells| cells[0].parse().unwrap()).collect();
    let close =
        |i: usize| -> Vec<f64> { rows.iter().map(|cells| cells[i].parse().unwrap()).collect() };
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

/// The rows as markets.
pub(crate) fn markets(rows: &[BasisRow]) -> Vec<FutureMarket> {
    FutureProduct::ALL.into_iter().map(|product| files::market(rows, product)).collect()
}
