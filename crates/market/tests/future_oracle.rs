//! Basis of every contract around the event against an independent program (`SHOALS_DATA`).

mod oracle;

use shoals_core::{Calendar, FutureProduct, Rules, day};
use shoals_market::future::roll::{RollConfig, RollRule, hedge_cost, roll_short_hedge};
use shoals_market::future::{BasisConvention, basis_points};

/// Witness: all 1,616 rows, the rate to the six digits printed and the days exactly.
#[test]
fn every_row_of_the_oracle_is_met() {
    let Some(rows) = oracle::basis_rows() else { return };
    let mut n_checked = 0;
    for product in FutureProduct::ALL {
        let market = oracle::market(&rows, product);
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
    let Some(rows) = oracle::basis_rows() else { return };
    let market = oracle::market(&rows, FutureProduct::IM);
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
