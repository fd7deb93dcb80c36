//! Liquidity and crowding: by hand on a small market, and no day sees a later one.

#[path = "../../market/tests/stock/mod.rs"]
mod stock;

use std::fmt::Debug;

use proptest::prelude::*;
use shoals_core::{Calendar, Outcome, Rules, Series};
use shoals_warning::crowding::{
    CrowdingConfig, CrowdingMarket, CrowdingOutcome, Measure, crowding,
};
use shoals_warning::liquidity::{DrainKind, LiquidityConfig, LiquidityOutcome, liquidity};
use stock::{Columns, days_of_2023, random};

fn watch(columns: &Columns, config: &LiquidityConfig) -> LiquidityOutcome {
    liquidity(&columns.market(), config, Calendar::shanghai(), Rules::builtin()).unwrap()
}

fn measure(columns: &Columns, config: &CrowdingConfig) -> CrowdingOutcome {
    let market = columns.market();
    let industries: Vec<u16> = (0..columns.symbols.len()).map(|i| i as u16 % 4 + 1).collect();
    let financing = Series::new(
        "financing",
        columns.days.clone(),
        (0..columns.days.len()).map(|t| 1e9 + 1e7 * (t as f64 * 0.3).sin()).collect(),
    )
    .unwrap();
    let market = CrowdingMarket {
        stocks: &market,
        industries: &industries,
        financing: Some(&financing),
        holdings: &[],
    };
    crowding(market, config, Calendar::shanghai(), Rules::builtin()).unwrap()
}

/// Windows short enough for half a year of data.
fn short_liquidity() -> LiquidityConfig {
    LiquidityConfig {
        n_names: 8,
        n_buckets: 3,
        window_days: 5,
        long_window_days: 10,
        yardstick_days: 30,
        yardstick_min_days: 10,
        average_days: 5,
        record_days: vec![3],
        ..LiquidityConfig::default()
    }
}

fn short_crowding() -> CrowdingConfig {
    CrowdingConfig {
        n_names: 8,
        yardstick_days: 30,
        yardstick_min_days: 10,
        min_measures: 3,
        correlation_days: 15,
        momentum_weeks: 10,
        absorption_days: 40,
        absorption_min_days: 20,
        absorption_half_life: 20.0,
        volatility_days: 15,
        run_up_days: 20,
        evidence_days: vec![3],
        ..CrowdingConfig::default()
    }
}

/// A random market with the columns the warnings read beside those of an index.
fn market(seed: u64, n_days: usize) -> Columns {
    let mut columns = random(seed, 40, days_of_2023(n_days));
    let adjusted = columns.column("adjusted_close").clone();
    let wave = |cell: usize, k: f64| 0.01 * (1.0 + (cell as f64 * k).sin());
    let with = |of: &dyn Fn(usize, f64) -> f64| {
        adjusted.iter().enumerate().map(|(cell, &price)| of(cell, price)).collect::<Vec<f64>>()
    };
    let high = with(&|cell, price| price * (1.0 + wave(cell, 0.7)));
    let low = with(&|cell, price| price * (1.0 - wave(cell, 1.3)));
    let pb = with(&|cell, price| 1.0 + wave(cell, 2.9) + price / 20.0);
    columns.values.extend([("adjusted_high", high), ("adjusted_low", low), ("pb", pb)]);
    columns
}

fn same<T: Debug>(whole: &[T], part: &[T], what: &str) {
    assert!(whole.len() >= part.len(), "{what}");
    assert_eq!(format!("{:?}", &whole[..part.len()]), format!("{part:?}"), "{what}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Invariant 3: another future, or none, changes nothing that was told up to a day.
    #[test]
    fn no_day_sees_a_later_one(seed in 0..10_000_u64, cut in 60..110_usize) {
        let (ours, other) = (market(seed, 120), market(seed + 1, 120));
        let mixed = ours.with_future_of(&other, cut);
        let known = ours.days[cut];
        let (liquidity, crowding) = (short_liquidity(), short_crowding());
        let (whole, twin) = (watch(&ours, &liquidity), watch(&mixed, &liquidity));
        let part = watch(&ours, &LiquidityConfig { to: Some(known), ..liquidity });
        for (name, found) in [("with another future", &whole), ("alone", &twin)] {
            same(&found.days, &part.days, name);
            same(&found.buckets, &part.buckets, name);
            same(&found.alarms, &part.alarms, name);
        }
        let (whole, twin) = (measure(&ours, &crowding), measure(&mixed, &crowding));
        let part = measure(&ours, &CrowdingConfig { to: Some(known), ..crowding });
        for (name, found) in [("with another future", &whole), ("alone", &twin)] {
            same(&found.days, &part.days, name);
            same(&found.measures, &part.measures, name);
        }
    }

    /// The contributions add up: to the composite on every day, to its change between any two compared.
    #[test]
    fn the_composite_is_the_sum_of_its_parts(seed in 0..10_000_u64) {
        let found = measure(&market(seed, 120), &short_crowding());
        let n = Measure::ALL.len();
        for (day, parts) in found.days.iter().zip(found.measures.chunks(n)) {
            let sum: f64 = parts.iter().map(|row| row.contribution).sum();
            if !day.composite.is_nan() {
                prop_assert!((sum - day.composite).abs() < 1e-12);
                prop_assert!((0.0..=1.0).contains(&day.composite));
                let mean = parts.iter().filter(|row| row.measure.is_in_composite());
                let known: Vec<f64> = mean.map(|row| row.crowding).filter(|x| !x.is_nan()).collect();
                prop_assert!((known.iter().sum::<f64>() / known.len() as f64 - sum).abs() < 1e-12);
            }
        }
        prop_assert!(found.moved.iter().any(|row| row.measure == "composite"));
        for pair in found.moved.chunk_by(|a, b| (a.from, a.to) == (b.from, b.to)) {
            let (whole, parts) = pair.split_last().unwrap();
            let sum: f64 = parts.iter().map(|row| row.contribution).sum();
            prop_assert!((sum - whole.contribution).abs() < 1e-12, "{pair:?}");
        }
    }
}

const CODES: [&str; 6] =
    ["600000.SH", "600001.SH", "600002.SH", "600003.SH", "600004.SH", "600005.SH"];

/// Six stocks on forty days: the two smallest stand still at ten and eleven yuan but for the last day, on
/// which one of them falls to its limit; the others are larger.
fn by_hand() -> Columns {
    let days = days_of_2023(40);
    let rows: Vec<Vec<f64>> = (0..40)
        .map(|t| {
            let first = if t == 39 { 9.0 } else { 10.0 };
            vec![first, 11.0, 20.0, 21.0, 22.0, 23.0]
        })
        .collect();
    let rows: Vec<&[f64]> = rows.iter().map(Vec::as_slice).collect();
    let mut columns = Columns::by_hand(days, &CODES, &rows);
    for t in 0..40 {
        // The smallest trade a fifth and a tenth of what each of the others does.
        columns.set("amount", t, 0, 2e8);
        columns.set("amount", t, 1, 1e8);
    }
    columns
}

/// By hand: the two trade 0.3 of 4.3 billion; half of a billion at a tenth of 200 and of 100 million a day
/// takes 25 and 50 days; on the last day one of two is sealed, and CNY 200 million moved it 10 %: a mean of 5 %
/// a hundred million over one day of five.
#[test]
fn a_small_market_is_what_one_works_out_by_hand() {
    let config = LiquidityConfig { n_names: 2, n_buckets: 2, ..short_liquidity() };
    let found = watch(&by_hand(), &config);
    let near =
        |ours: f64, by_hand: f64| assert!((ours - by_hand).abs() < 1e-12, "{ours} {by_hand}");
    let (usual, last) = (&found.days[30], &found.days[38]);
    near(usual.turnover_share, 0.3 / 4.3);
    near(usual.cap_share, 21.0 / 107.0);
    near(usual.days_to_liquidate_mean, 37.5);
    near(usual.days_to_liquidate_median, 37.5);
    near(usual.days_to_liquidate_p90, 47.5);
    near(usual.limit_down_share, 0.0);
    near(usual.turnover_share_percentile, 0.5);
    near(last.limit_down_share, 0.5);
    near(last.blocked_share, 0.5);
    near(last.market_limit_down_share, 1.0 / 6.0);
    // Of 0.01 and nothing, the middle: |-10 %| / 2 over five days.
    near(last.amihud, 0.5 * 0.1 / 2.0 / 5.0);
    near(last.kyle_lambda, 0.5 * 0.1 * 2.0_f64.sqrt() / (5.0 * 2.0));
    assert_eq!(found.alarms.last().unwrap().kind, DrainKind::Sealed);
    let bucket = found.buckets.iter().rev().find(|row| row.bucket == 1).unwrap();
    near(bucket.turnover_share, 1.3 / 4.3);
    near(bucket.limit_down_share, 1.0 / 3.0);
    assert!(found.tables().iter().all(|table| table.columns()[0].values.len() == table.n_rows()));
}

#[test]
fn what_cannot_be_asked_is_refused_by_name() {
    let (calendar, rules) = (Calendar::shanghai(), Rules::builtin());
    let mut columns = by_hand();
    let ask = |columns: &Columns, config: &LiquidityConfig| {
        liquidity(&columns.market(), config, calendar, rules).unwrap_err().to_string()
    };
    let small = LiquidityConfig { n_names: 2, ..short_liquidity() };
    for (config, part) in [
        (short_liquidity(), "lower `n_names`"),
        (LiquidityConfig { participation: 0.0, ..small.clone() }, "`participation` is 0"),
        (
            LiquidityConfig { from: Some(shoals_core::day(2030, 1, 2)), ..small.clone() },
            "nothing to tell",
        ),
    ] {
        let refusal = ask(&columns, &config);
        assert!(refusal.contains(part), "{part}: {refusal}");
    }
    columns.column("amount").fill(f64::NAN);
    assert!(ask(&columns, &small).contains("`amount`"));
    let market = by_hand().market();
    let asked =
        CrowdingMarket { stocks: &market, industries: &[1], financing: None, holdings: &[] };
    let config = CrowdingConfig { n_names: 2, ..short_crowding() };
    let refusal = crowding(asked, &config, calendar, rules).unwrap_err().to_string();
    assert!(refusal.contains("found 1, expected 6"), "{refusal}");
}
