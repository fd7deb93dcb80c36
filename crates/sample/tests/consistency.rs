//! What a data doctor would look for in the built-in market: nothing.

mod world;

use std::collections::{BTreeMap, BTreeSet};

use shoals_core::{Calendar, FutureContract, Segment, Symbol, Table, Values, day};
use shoals_sample::{SampleConfig, generate};
use world::{counts, days, flags, market, symbols, table};

/// Column order of the market tables (the external contract).
#[rustfmt::skip]
const SCHEMA: &[(&str, &str)] = &[
    ("stock_daily", "date symbol open high low close pre_close volume amount adjust_factor total_shares free_float_shares is_st is_suspended limit_up limit_down"),
    ("stock_valuation", "date symbol pb pe_ttm ps_ttm dividend_yield total_market_cap free_float_market_cap"),
    ("security", "symbol name kind board listed_on delisted_on industry"),
    ("index_daily", "date symbol open high low close volume amount variant"),
    ("index_member", "date index symbol weight"),
    ("future_daily", "date contract open high low close settle volume amount open_interest"),
    ("implied_volatility_daily", "date underlying tenor_days implied_volatility source"),
    ("fund_nav", "date fund unit_nav accumulated_nav adjusted_nav net_asset dividend"),
    ("fund_profile", "fund name kind benchmark management_fee performance_fee"),
    ("margin_balance", "date exchange financing_balance financing_purchase securities_lending_balance"),
    ("rate_daily", "date tenor rate"),
    ("trading_day", "date is_open"),
    ("policy_event", "event_id announced_on effective_on title_zh title_en targets expected_sign source"),
];

#[test]
fn tables_and_columns_have_their_contracted_names() {
    for (table, (name, columns)) in market().tables.iter().zip(SCHEMA) {
        let found: Vec<&str> = table.columns().iter().map(|c| c.name.as_str()).collect();
        assert_eq!((table.name(), found.join(" ").as_str()), (*name, *columns));
        assert!(table.n_rows() > 0, "{name}");
    }
    assert_eq!(market().tables.len(), SCHEMA.len());
}

/// A column that can be part of a key, as text that sorts like it.
fn key(table: &Table, column: &str, row: usize) -> String {
    match &table.column(column).unwrap().values {
        Values::Day(v) => v[row].to_string(),
        Values::Symbol(v) => v[row].to_string(),
        Values::Text(v) => v[row].clone(),
        Values::Count(v) => format!("{:08}", v[row]),
        other => panic!("{column} is no key: {} values", other.len()),
    }
}

#[test]
fn keys_rise_strictly_and_days_are_open() {
    let keys: &[(&str, &[&str])] = &[
        ("stock_daily", &["date", "symbol"]),
        ("stock_valuation", &["date", "symbol"]),
        ("security", &["symbol"]),
        ("index_daily", &["date", "symbol"]),
        ("index_member", &["date", "index", "symbol"]),
        ("implied_volatility_daily", &["date", "underlying", "tenor_days"]),
        ("future_daily", &["date", "contract"]),
        ("fund_nav", &["date", "fund"]),
        ("margin_balance", &["date", "exchange"]),
        ("rate_daily", &["date", "tenor"]),
    ];
    for (name, columns) in keys {
        let table = table(name);
        let row = |i: usize| columns.iter().map(|c| key(table, c, i)).collect::<Vec<_>>();
        let mut before = row(0);
        for i in 1..table.n_rows() {
            let now = row(i);
            assert!(before < now, "{name} row {i}: {before:?} then {now:?}");
            before = now;
        }
        if columns[0] == "date" {
            let closed = days(table, "date").iter().find(|d| !Calendar::shanghai().is_open(**d));
            assert_eq!(closed, None, "{name}");
        }
    }
}

#[test]
fn bars_are_ordered_inside_the_limits_and_on_the_tick() {
    let stocks = table("stock_daily");
    let [open, high, low, close, pre_close, up, down] =
        ["open", "high", "low", "close", "pre_close", "limit_up", "limit_down"]
            .map(|name| stocks.numbers(name).unwrap());
    for i in 0..stocks.n_rows() {
        let top = open[i].max(close[i]);
        assert!(low[i] <= open[i].min(close[i]) && top <= high[i] && low[i] > 0.0, "row {i}");
        // A missing limit bounds nothing.
        let is_legal =
            (up[i].is_nan() || high[i] <= up[i]) && (down[i].is_nan() || low[i] >= down[i]);
        assert!(is_legal, "row {i}");
        for price in [open[i], high[i], low[i], close[i], pre_close[i]] {
            assert!(((price * 100.0).round() / 100.0 - price).abs() < 1e-9, "row {i}: {price}");
        }
    }
}

#[test]
fn amounts_caps_and_suspensions_agree_with_prices_and_shares() {
    let (stocks, valuation) = (table("stock_daily"), table("stock_valuation"));
    let [high, low, close, pre_close, amount, shares, free] =
        ["high", "low", "close", "pre_close", "amount", "total_shares", "free_float_shares"]
            .map(|name| stocks.numbers(name).unwrap());
    let caps = valuation.numbers("total_market_cap").unwrap();
    let (volume, suspended) = (counts(stocks, "volume"), flags(stocks, "is_suspended"));
    for i in 0..stocks.n_rows() {
        let traded = volume[i] as f64;
        assert!(
            traded * low[i] - 0.01 <= amount[i] && amount[i] <= traded * high[i] + 0.01,
            "row {i}"
        );
        assert!(traded <= free[i] && free[i] <= shares[i], "row {i}");
        assert_eq!(volume[i] == 0, suspended[i], "row {i}");
        assert!(!suspended[i] || close[i] == pre_close[i], "row {i}");
        assert!((caps[i] / (close[i] * shares[i]) - 1.0).abs() < 1e-12, "row {i}");
    }
}

/// Witness: on every day adjusted close over adjusted previous close equals close over the ex-right
/// reference, and shares change only when the reference does.
#[test]
fn adjust_factors_explain_every_reference_price() {
    let stocks = table("stock_daily");
    let [close, pre_close, factor, shares] =
        ["close", "pre_close", "adjust_factor", "total_shares"].map(|n| stocks.numbers(n).unwrap());
    let mut last: BTreeMap<Symbol, usize> = BTreeMap::new();
    let (mut n_dividends, mut n_splits) = (0, 0);
    for (i, &symbol) in symbols(stocks, "symbol").iter().enumerate() {
        let Some(before) = last.insert(symbol, i) else { continue };
        let adjusted = close[i] * factor[i] / (close[before] * factor[before]);
        assert!((adjusted / (close[i] / pre_close[i]) - 1.0).abs() < 1e-9, "row {i}");
        n_dividends += usize::from(pre_close[i] != close[before]);
        n_splits += usize::from(shares[i] != shares[before]);
        assert!(shares[i] == shares[before] || pre_close[i] < 0.8 * close[before], "row {i}");
    }
    assert!(n_dividends > 2_000 && n_splits > 20, "{n_dividends} dividends, {n_splits} splits");
}

#[test]
fn index_weights_sum_to_one_and_names_enter_only_when_listed() {
    let members = table("index_member");
    let listed: BTreeMap<Symbol, _> = symbols(table("security"), "symbol")
        .iter()
        .copied()
        .zip(days(table("security"), "listed_on").iter().copied())
        .collect();
    let mut sums: BTreeMap<_, f64> = BTreeMap::new();
    let weights = members.numbers("weight").unwrap();
    for (i, &weight) in weights.iter().enumerate() {
        let (date, symbol) = (days(members, "date")[i], symbols(members, "symbol")[i]);
        assert!(weight > 0.0 && listed[&symbol] <= date);
        *sums.entry((date, symbols(members, "index")[i])).or_default() += weight;
    }
    assert!(sums.values().all(|sum| (sum - 1.0).abs() < 1e-9));
    assert_eq!(sums.len(), 84 * 7);
}

/// Witness: the exchange's listing and expiry rules, cash settlement at the index.
#[test]
fn futures_are_listed_by_the_rule_and_meet_spot_at_expiry() {
    let (futures, calendar) = (table("future_daily"), Calendar::shanghai());
    let close = futures.numbers("close").unwrap();
    let settle = futures.numbers("settle").unwrap();
    let mut n_expired = 0;
    for (i, &date) in days(futures, "date").iter().enumerate() {
        let contract = FutureContract::try_from(symbols(futures, "contract")[i]).unwrap();
        let listed = FutureContract::listed(contract.product, date, calendar).unwrap();
        assert!(listed.contains(&contract) && date >= contract.product.listed_on());
        assert!((settle[i] / close[i] - 1.0).abs() < 0.01, "{contract} {date}");
        if contract.expiry(calendar).unwrap() == date {
            let spot = world::index_close(contract.product.underlying(), date);
            assert!((close[i] - spot).abs() <= 0.11, "{contract} {date}: {} {spot}", close[i]);
            n_expired += 1;
        }
    }
    // Every month of seven years for three products, 2022-08 to 2024-12 for IM.
    assert_eq!(n_expired, 84 * 3 + 29);
}

#[test]
fn index_bars_are_ordered_and_fund_navs_positive() {
    for name in ["index_daily", "future_daily"] {
        let table = table(name);
        let [open, high, low, close] =
            ["open", "high", "low", "close"].map(|column| table.numbers(column).unwrap());
        for i in 0..table.n_rows() {
            assert!(
                low[i] <= open[i].min(close[i]) && open[i].max(close[i]) <= high[i],
                "{name} {i}"
            );
        }
    }
    let navs = table("fund_nav");
    for column in ["unit_nav", "accumulated_nav", "adjusted_nav", "net_asset"] {
        assert!(navs.numbers(column).unwrap().iter().all(|&nav| nav > 0.0), "{column}");
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes_on_one_and_two_threads() {
    let config = SampleConfig::new(day(2023, 1, 3), day(2024, 3, 29), 300).unwrap();
    let on = |n_threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().unwrap();
        pool.install(|| generate(&config, shoals_core::Seed(9)).unwrap())
    };
    let (one, two) = (on(1), on(2));
    // Debug text distinguishes every bit pattern but NaN's, and NaN equals NaN in it.
    for (a, b) in one.tables.iter().zip(&two.tables) {
        assert!(format!("{a:?}") == format!("{b:?}"), "{}", a.name());
    }
    assert_eq!(format!("{:?}", one.truth), format!("{:?}", two.truth));
    let other = generate(&config, shoals_core::Seed(10)).unwrap();
    assert_ne!(other.tables[0].numbers("close").unwrap(), one.tables[0].numbers("close").unwrap());
}

#[test]
fn a_period_outside_the_scenario_is_refused() {
    let config = SampleConfig::new(day(2016, 1, 4), day(2020, 1, 3), 300).unwrap();
    let error = generate(&config, shoals_core::Seed(1)).unwrap_err().to_string();
    assert_eq!(
        error,
        "2016-01-04 to 2020-01-03 is not inside the scenario, which runs 2018-01-02 to 2024-12-31"
    );
}

#[test]
fn every_segment_has_its_index_on_every_day() {
    let indices = table("index_daily");
    let per_symbol = |symbol| symbols(indices, "symbol").iter().filter(|s| **s == symbol).count();
    let n_days = market().truth.path.len();
    assert!(Segment::ALL.iter().all(|segment| per_symbol(segment.symbol()) == n_days));
    let distinct: BTreeSet<_> = symbols(indices, "symbol").iter().collect();
    assert_eq!(distinct.len(), 10);
}
