//! Basis of every contract around the event against an independent program (`SHOALS_DATA`).

use std::collections::BTreeMap;
use std::path::PathBuf;

use shoals_core::{Calendar, FutureContract, FutureProduct, Rules, Series, TradingDay, day};
use shoals_market::future::roll::{RollConfig, RollRule, hedge_cost, roll_short_hedge};
use shoals_market::future::{BasisConvention, ContractHistory, FutureMarket, basis_points};

struct Row {
    date: TradingDay,
    contract: FutureContract,
    close: f64,
    spot: f64,
    days: i32,
    rate: f64,
    volume: f64,
}

/// The oracle's rows, or `None` with a line that says the test skipped.
#[expect(clippy::disallowed_methods, reason = "a test reads its oracle")]
fn rows() -> Option<Vec<Row>> {
    let name = "cn_futures_basis_20231101_20240329.csv";
    let Some(folder) = std::env::var_os("SHOALS_DATA") else {
        eprintln!("skipped: SHOALS_DATA is not set, so {name} cannot be read");
        return None;
    };
    let path = PathBuf::from(folder).join("oracles").join(name);
    let text = std::fs::read_to_string(path).expect("the oracle folder holds this file");
    Some(text.lines().skip(1).map(row).collect())
}

fn row(line: &str) -> Row {
    let cells: Vec<&str> = line.split(',').collect();
    Row {
        date: cells[0].parse().unwrap(),
        contract: cells[1].parse().unwrap(),
        close: cells[4].parse().unwrap(),
        spot: cells[5].parse().unwrap(),
        days: cells[6].parse().unwrap(),
        rate: cells[8].parse().unwrap_or(f64::NAN),
        volume: cells[9].parse().unwrap(),
    }
}

fn market(rows: &[Row], product: FutureProduct) -> FutureMarket {
    let rows = || rows.iter().filter(|row| row.contract.product == product);
    let spot: BTreeMap<TradingDay, f64> = rows().map(|row| (row.date, row.spot)).collect();
    let mut contracts: Vec<FutureContract> = rows().map(|row| row.contract).collect();
    contracts.sort_unstable();
    contracts.dedup();
    let history = |contract| {
        let own: Vec<&Row> = rows().filter(|row| row.contract == contract).collect();
        let missing = vec![f64::NAN; own.len()];
        let days = own.iter().map(|row| row.date).collect();
        let (close, volume) =
            (own.iter().map(|row| row.close).collect(), own.iter().map(|row| row.volume).collect());
        let calendar = Calendar::shanghai();
        ContractHistory::new(contract, calendar, days, close, missing.clone(), volume, missing)
            .unwrap()
    };
    let contracts = contracts.into_iter().map(history).collect();
    let (days, values) = spot.into_iter().unzip();
    let spot = Series::new(product.underlying().as_str(), days, values).unwrap();
    FutureMarket::new(product, contracts, spot, None).unwrap()
}

/// Witness: all 1,616 rows, the rate to the six digits printed and the days exactly.
#[test]
fn every_row_of_the_oracle_is_met() {
    let Some(rows) = rows() else { return };
    let mut n_checked = 0;
    for product in FutureProduct::ALL {
        let market = market(&rows, product);
        let points =
            basis_points(&market, BasisConvention::default(), Calendar::shanghai()).unwrap();
        for row in rows.iter().filter(|row| row.contract.product == product) {
            let point = points
                .iter()
                .find(|point| (point.date, point.contract) == (row.date, row.contract))
                .unwrap();
            assert_eq!(point.days_to_expiry, row.days, "{} {}", row.contract, row.date);
            assert_eq!(point.basis_rate.is_nan(), row.rate.is_nan());
            if !row.rate.is_nan() {
                let error = (point.basis_rate - row.rate).abs();
                assert!(error < 1e-6, "{} {}: {error}", row.contract, row.date);
            }
            assert!(point.slot.is_some());
            n_checked += 1;
        }
        assert_eq!(points.len(), rows.iter().filter(|row| row.contract.product == product).count());
    }
    assert_eq!(n_checked, 1_616);
}

/// Witness: arithmetic on the oracle's own rows. Held from 2024-01-17 (two days before the January
/// expiry) to 2024-02-07, the hedge in IM2402 costs the change of its basis.
#[test]
fn the_fixed_rule_holds_im2402_through_the_squeeze() {
    let Some(rows) = rows() else { return };
    let market = market(&rows, FutureProduct::IM);
    let config = RollConfig::default();
    let (calendar, rules) = (Calendar::shanghai(), Rules::builtin());
    let hedge = roll_short_hedge(&market, RollRule::FixedDays, &config, calendar, rules).unwrap();
    let roll = hedge.rolls.iter().find(|roll| roll.date == day(2024, 1, 17)).unwrap();
    assert_eq!((roll.from.to_string(), roll.to.to_string()), ("IM2401".into(), "IM2402".into()));
    let basis = |date| {
        let row = rows.iter().find(|row| row.date == date && row.contract == roll.to).unwrap();
        row.close - row.spot
    };
    let cost: f64 = hedge
        .days
        .iter()
        .filter(|d| day(2024, 1, 17) < d.date && d.date <= day(2024, 2, 7))
        .map(|d| d.price_change - d.spot_change)
        .sum();
    assert!((cost - (basis(day(2024, 2, 7)) - basis(day(2024, 1, 17)))).abs() < 1e-9);
    // The two days after the bottom alone cost more than two percent of the index.
    let squeeze: f64 = hedge
        .days
        .iter()
        .filter(|d| d.date == day(2024, 2, 6) || d.date == day(2024, 2, 7))
        .map(|d| d.cost)
        .sum();
    assert!(squeeze > 0.02, "{squeeze}");
    assert!(hedge_cost(&hedge).cost_annualised.is_finite());
}
