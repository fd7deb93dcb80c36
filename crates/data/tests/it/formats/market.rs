//! The real folder, where it is at hand: every file recognised, units and derived prices checked.

use std::collections::BTreeMap;
use std::path::PathBuf;

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Float64Type, Int32Type};
use shoals_core::day;
use shoals_data::formats::{Profile, ReadOptions};
use shoals_data::{Loaded, MarketTable};

use super::read_as;

#[expect(clippy::print_stdout, reason = "a skipped test says so")]
fn market() -> Option<PathBuf> {
    let root = std::env::var_os("SHOALS_DATA");
    if root.is_none() {
        println!("skipped: SHOALS_DATA is not set, the real market folder is not at hand");
    }
    root.map(|root| PathBuf::from(root).join("market"))
}

fn load(files: &[&str]) -> Option<Vec<Loaded>> {
    let root = market()?;
    let read = |file: &&str| {
        read_as(Profile::Market, &root.join(file), &ReadOptions::default())
            .unwrap_or_else(|error| panic!("{file}: {error}"))
    };
    Some(files.iter().flat_map(read).collect())
}

/// Column values by (symbol, day).
fn values(
    loaded: &[Loaded],
    table: MarketTable,
    key: &str,
    column: &str,
) -> BTreeMap<(String, i32), f64> {
    let mut values = BTreeMap::new();
    for batch in loaded.iter().filter(|l| l.table == table).flat_map(|l| &l.batches) {
        let days = batch.column_by_name("date").unwrap().as_primitive::<Date32Type>();
        let codes = batch.column_by_name(key).unwrap().as_dictionary::<Int32Type>();
        let names = codes.values().as_string::<i32>();
        let numbers = batch.column_by_name(column).unwrap();
        let numbers = arrow_cast::cast(numbers, &arrow_schema::DataType::Float64).unwrap();
        let numbers = numbers.as_primitive::<Float64Type>();
        for i in (0..batch.num_rows()).filter(|i| numbers.is_valid(*i)) {
            let name = names.value(codes.keys().value(i) as usize).to_owned();
            values.insert((name, days.value(i)), numbers.value(i));
        }
    }
    values
}

/// Witness: the folder's own README and its closes of January 2024.
#[test]
fn index_returns_of_january_2024_are_the_published_ones() {
    let Some(loaded) = load(&["index_daily.parquet"]) else { return };
    let close = values(&loaded, MarketTable::IndexDaily, "symbol", "close");
    let at = |code: &str, day: shoals_core::TradingDay| close[&(code.to_owned(), day.epoch_days())];
    for (code, percent) in [
        ("000300.SH", -6.29),
        ("000905.SH", -13.49),
        ("000852.SH", -18.72),
        ("932000.CSI", -20.97),
        ("868008.WI", -21.28),
    ] {
        let change = at(code, day(2024, 1, 31)) / at(code, day(2023, 12, 29)) - 1.0;
        assert!((change * 100.0 - percent).abs() < 0.005, "{code}: {change}");
    }
}

/// Every file is recognised, and every table of the folder is there.
#[test]
fn every_file_of_the_folder_is_known() {
    let Some(root) = market() else { return };
    for entry in std::fs::read_dir(&root).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            continue;
        }
        let loaded = read_as(Profile::Auto, &path, &ReadOptions::default())
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let severe = loaded
            .iter()
            .flat_map(|l| &l.findings)
            .find(|f| f.severity == shoals_core::Severity::Severe);
        assert!(severe.is_none(), "{}", severe.unwrap());
        assert!(loaded.iter().all(|l| l.n_rows() > 0), "{}", path.display());
    }
}

/// Units by the README: yuan, shares, decimals.
#[test]
fn units_are_yuan_shares_and_decimals() {
    let Some(loaded) = load(&[
        "margin_financing.csv.gz",
        "qvix_daily.parquet",
        "csi1000_option_atm_iv_daily.parquet",
        "index_dividend_yield.parquet",
        "index_sse_style_daily.parquet",
        "index_futures_main.parquet",
        "etf_daily.parquet",
    ]) else {
        return;
    };
    let within = |table, key: &str, column, code: &str, low: f64, high: f64| {
        let all = values(&loaded, table, key, column);
        let own: Vec<f64> = all.iter().filter(|(k, _)| k.0 == code).map(|(_, v)| *v).collect();
        let mean = own.iter().sum::<f64>() / own.len() as f64;
        assert!((low..high).contains(&mean), "{code} {column}: {mean}");
    };
    let volatility = MarketTable::ImpliedVolatilityDaily;
    within(volatility, "underlying", "implied_volatility", "510050.SH", 0.1, 0.4);
    within(volatility, "underlying", "implied_volatility", "000852.SH", 0.1, 0.4);
    within(MarketTable::IndexValuation, "symbol", "dividend_yield", "000300.SH", 0.01, 0.04);
    within(MarketTable::EtfDaily, "symbol", "adjust_factor", "510050.SH", 0.5, 1.01);
    within(MarketTable::FutureDaily, "contract", "open_interest", "IM2407.CFE", 5e4, 2e5);
    within(MarketTable::FutureDaily, "contract", "close", "IF-MAIN.CFE", 2000.0, 6000.0);
    // A share of the CSI 1000 costs about ten yuan: amount / volume must be of that order.
    within(MarketTable::IndexDaily, "symbol", "volume", "000852.SH", 1e9, 3e10);
    let margin = loaded.iter().find(|l| l.table == MarketTable::MarginBalance).unwrap();
    let first = &super::rows(margin, "date exchange financing_balance financing_purchase")[0];
    assert_eq!(first, "2023-01-03 all 1449526000000.0 54116000000.0");
}

/// Derived prices of the panel: the bar holds together, the reference price explains the adjusted return,
/// closes lie within the limits.
#[test]
fn unadjusted_bars_limits_and_factors_hold_together() {
    let Some(loaded) = load(&["ashare_daily/ashare_daily_2024.parquet"]) else { return };
    let daily: Vec<Loaded> =
        loaded.iter().filter(|l| l.table == MarketTable::StockDaily).cloned().collect();
    assert_eq!(daily[0].n_rows(), 619_429);
    let column = |name| values(&daily, MarketTable::StockDaily, "symbol", name);
    let (close, factor, pre, up, down) = (
        column("close"),
        column("adjust_factor"),
        column("pre_close"),
        column("limit_up"),
        column("limit_down"),
    );
    let at = |map: &BTreeMap<(String, i32), f64>, code: &str, day: shoals_core::TradingDay| {
        map[&(code.to_owned(), day.epoch_days())]
    };
    // Witness: the file's first rows, close_raw 9.21 and 9.20 on 2024-01-02 and 03.
    let (jan_2, jan_3) = (day(2024, 1, 2), day(2024, 1, 3));
    assert_eq!((at(&close, "000001.SZ", jan_2), at(&close, "000001.SZ", jan_3)), (9.21, 9.2));
    assert_eq!(at(&pre, "000001.SZ", jan_3), 9.21);
    assert_eq!((at(&up, "000001.SZ", jan_3), at(&down, "000001.SZ", jan_3)), (10.13, 8.29));
    let adjusted = at(&close, "000001.SZ", jan_2) * at(&factor, "000001.SZ", jan_2);
    assert!((adjusted - 7.9923).abs() < 1e-6);
    let n_beyond = close
        .iter()
        .filter(|(key, close)| up.get(*key).is_some_and(|up| **close > up + 0.015))
        .count();
    assert!(n_beyond * 500 < close.len(), "{n_beyond} of {} beyond the limit", close.len());
    let caps = values(&loaded, MarketTable::StockValuation, "symbol", "total_market_cap");
    let moutai = at(&caps, "600519.SH", day(2024, 2, 5));
    assert!((1.9e12..2.3e12).contains(&moutai), "{moutai}");
    let adjusted = loaded.iter().find(|l| l.table == MarketTable::StockAdjustedDaily).unwrap();
    assert_eq!(adjusted.n_rows(), 28_644);
}

/// The primary levels have four decimals, the style file two: of a key in both, the primary one is read last.
#[test]
fn primary_index_levels_are_read_after_their_copies() {
    let Some(root) = market() else { return };
    let folder = super::Folder::new();
    for file in ["index_daily.parquet", "index_sse_style_daily.parquet"] {
        std::fs::copy(root.join(file), folder.path().join(file)).unwrap();
    }
    let loaded = read_as(Profile::Market, folder.path(), &ReadOptions::default()).unwrap();
    let last = loaded.iter().rfind(|l| l.table == MarketTable::IndexDaily).unwrap();
    assert!(last.file.ends_with("index_daily.parquet"), "{}", last.file);
    let both = values(&loaded, MarketTable::IndexDaily, "symbol", "close");
    let primary = values(std::slice::from_ref(last), MarketTable::IndexDaily, "symbol", "close");
    let is_kept = |(key, close): (&(String, i32), &f64)| both[key].to_bits() == close.to_bits();
    assert!(primary.iter().all(is_kept));
}
