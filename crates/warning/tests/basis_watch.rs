//! The basis around February 2024 against an independent program, and the laws of the watch.

mod oracle;

use shoals_core::{
    Calendar, FutureProduct, Outcome, Rules, Segment, Series, Table, TradingDay, Values, day,
};
use shoals_market::future::roll::RollRule;
use shoals_market::future::{FutureMarket, Mark};
use shoals_warning::basis_watch::AlarmKind;
use shoals_warning::{BasisConfig, BasisOutcome, basis_watch};

fn watch(markets: &[FutureMarket], micro: Option<&Series>, config: &BasisConfig) -> BasisOutcome {
    basis_watch(markets, micro, config, Calendar::shanghai(), Rules::builtin()).unwrap()
}

/// The oracle's markets and micro-cap index, watched with a yardstick short enough for them.
fn watched() -> Option<(Vec<oracle::BasisRow>, BasisOutcome)> {
    let (rows, segments) = (oracle::basis_rows()?, oracle::segments()?);
    let micro = segments.iter().find(|(segment, _)| *segment == Segment::Micro).map(|(_, s)| s);
    let config = BasisConfig { stress_min_days: 40, ..BasisConfig::default() };
    let outcome = watch(&oracle::markets(&rows), micro, &config);
    Some((rows, outcome))
}

fn table(outcome: &BasisOutcome, name: &str) -> Table {
    outcome.tables().into_iter().find(|table| table.name() == name).unwrap()
}

fn days(table: &Table) -> Vec<TradingDay> {
    match &table.column("date").unwrap().values {
        Values::Day(days) => days.clone(),
        _ => panic!("`date` holds days"),
    }
}

/// Witness: every row of the oracle, through the table scripts read.
#[test]
fn the_term_table_is_the_oracle() {
    let Some((rows, outcome)) = watched() else { return };
    let term = table(&outcome, "term");
    let names: Vec<&str> = term.columns().iter().take(7).map(|c| c.name.as_str()).collect();
    let fixed = ["date", "contract", "spot", "price", "basis", "days_to_expiry", "basis_rate"];
    assert_eq!(names, fixed);
    let Values::Symbol(contracts) = &term.column("contract").unwrap().values else { panic!() };
    let (days, rates) = (days(&term), term.numbers("basis_rate").unwrap());
    let mut rows: Vec<&oracle::BasisRow> = rows.iter().collect();
    rows.sort_by_key(|row| (row.date, row.contract));
    assert_eq!(rows.len(), term.n_rows());
    for (i, row) in rows.iter().enumerate() {
        assert_eq!((days[i], contracts[i]), (row.date, row.contract.symbol()));
        let same = (rates[i] - row.rate).abs() < 1e-6 || (rates[i].is_nan() && row.rate.is_nan());
        assert!(same, "{} {}: {} for {}", row.contract, row.date, rates[i], row.rate);
    }
}

/// Witness: the published figures, to 0.01 point.
#[test]
fn the_days_of_the_squeeze_show_what_was_published() {
    let Some((_, outcome)) = watched() else { return };
    for (date, contract, printed) in [
        (day(2024, 2, 5), "IM2402", -70.73),
        (day(2024, 2, 5), "IM2403", -54.17),
        (day(2024, 2, 5), "IM2406", -22.99),
        (day(2024, 2, 5), "IC2403", -36.73),
        (day(2024, 2, 7), "IM2402", 17.21),
    ] {
        let point = outcome
            .points
            .iter()
            .find(|point| point.date == date && point.contract.to_string() == contract)
            .unwrap();
        let error = (100.0 * point.basis_rate - printed).abs();
        assert!(error <= 0.01, "{contract} on {date}: {}", 100.0 * point.basis_rate);
    }
}

/// Witness: the published daily returns: the cover squeeze of 2024-02-06 and 07, with micro at -4.00 and -9.24 %.
#[test]
fn the_squeeze_of_the_sixth_and_seventh_is_found() {
    let Some((_, outcome)) = watched() else { return };
    for (date, micro) in [(day(2024, 2, 6), -4.00), (day(2024, 2, 7), -9.24)] {
        let squeeze = outcome
            .squeezes
            .iter()
            .find(|row| row.date == date && row.product == FutureProduct::IM)
            .unwrap();
        assert!((100.0 * squeeze.micro_return - micro).abs() < 0.5e-2);
        assert!(squeeze.basis_change > 0.0);
        let sum = squeeze.basis_change + squeeze.index_return;
        assert!((squeeze.future_return - sum).abs() < 1e-12);
        let both = squeeze.micro_return < 0.0 && squeeze.future_return > 0.0;
        assert_eq!(squeeze.both_legs_lost, both);
        assert!(both, "the future rose on both days");
        let alarm = |a: &&shoals_warning::basis_watch::Alarm| {
            a.date == date && a.kind == AlarmKind::HedgeSqueeze && a.detail.en.contains("IM24")
        };
        assert!(outcome.alarms.iter().any(|a| alarm(&a)));
    }
    // The fifth is no squeeze: the discount widened and helped the short.
    assert!(
        !outcome
            .squeezes
            .iter()
            .any(|row| { row.date == day(2024, 2, 5) && row.product == FutureProduct::IM })
    );
    let stressed = outcome
        .stress
        .iter()
        .find(|row| row.date == day(2024, 2, 5) && row.product == FutureProduct::IM);
    assert!(stressed.unwrap().z_score < -3.0 && stressed.unwrap().percentile == 0.0);
}

#[test]
fn tables_have_the_names_scripts_read() {
    let Some((_, outcome)) = watched() else { return };
    let names: Vec<String> = outcome.tables().iter().map(|t| t.name().to_owned()).collect();
    let expected = ["term", "roll", "roll_trade", "hedge", "curve", "stress", "squeeze", "alarm"];
    assert_eq!(names, expected);
    let first = |name: &str, n: usize| -> Vec<String> {
        table(&outcome, name).columns().iter().take(n).map(|c| c.name.clone()).collect()
    };
    assert_eq!(first("curve", 4), ["date", "product", "slot", "basis_rate"]);
    assert_eq!(first("stress", 5), ["date", "product", "basis_rate", "z_score", "percentile"]);
    assert_eq!(first("squeeze", 4), ["date", "product", "basis_change", "micro_return"]);
    assert_eq!(first("alarm", 3), ["date", "kind", "detail"]);
    // Four products, four rules, two years and the whole.
    assert_eq!(table(&outcome, "roll").n_rows(), 4 * 4 * 3);
    assert_eq!(outcome.convention()["price"].en, "close");
    assert!(serde_json::to_string(&outcome).unwrap().contains("hedge_squeeze"));
}

/// Cutting the data at a day, by the config or by hand, leaves all that was said up to it.
#[test]
fn nothing_looks_right() {
    let Some(rows) = oracle::basis_rows() else { return };
    let Some(segments) = oracle::segments() else { return };
    let micro = &segments[0].1;
    let markets = oracle::markets(&rows);
    let config = BasisConfig { stress_min_days: 20, ..BasisConfig::default() };
    let whole = watch(&markets, Some(micro), &config);
    let last = day(2024, 2, 5);
    let cut: Vec<FutureMarket> = markets.iter().map(|market| market.up_to(last)).collect();
    let early = watch(&cut, Some(micro), &config);
    let told = watch(&markets, Some(micro), &BasisConfig { to: Some(last), ..config });
    let same = |a: &BasisOutcome, b: &BasisOutcome, last: TradingDay| {
        let stress = |o: &BasisOutcome| {
            let rows: Vec<_> = o.stress.iter().filter(|r| r.date <= last).copied().collect();
            format!("{rows:?}")
        };
        let alarms = |o: &BasisOutcome| {
            o.alarms.iter().filter(|r| r.date <= last).cloned().collect::<Vec<_>>()
        };
        let squeezes = |o: &BasisOutcome| {
            o.squeezes.iter().filter(|r| r.date <= last).copied().collect::<Vec<_>>()
        };
        let hedge = |o: &BasisOutcome| {
            let days = o.hedges.iter().flat_map(|h| &h.days).filter(|d| d.date <= last);
            format!("{:?}", days.collect::<Vec<_>>())
        };
        assert_eq!(stress(a), stress(b));
        assert_eq!(alarms(a), alarms(b));
        assert_eq!(squeezes(a), squeezes(b));
        assert_eq!(hedge(a), hedge(b));
    };
    same(&whole, &early, last);
    same(&told, &early, last);
    assert!(told.points.iter().all(|point| point.date <= last));
}

/// `from` hides earlier days but keeps them as yardstick.
#[test]
fn earlier_days_stay_the_yardstick() {
    let Some(rows) = oracle::basis_rows() else { return };
    let markets = oracle::markets(&rows);
    let config = BasisConfig { stress_min_days: 40, ..BasisConfig::default() };
    let whole = watch(&markets, None, &config);
    let from = day(2024, 2, 1);
    let told = watch(&markets, None, &BasisConfig { from: Some(from), ..config });
    let kept: Vec<_> = whole.stress.iter().filter(|r| r.date >= from).copied().collect();
    assert_eq!(told.stress, kept);
    assert!(told.stress.iter().all(|row| !row.z_score.is_nan()));
    assert!(told.hedges.iter().all(|hedge| hedge.days[0].date > from));
    assert!(told.squeezes.is_empty(), "no micro index, no squeeze");
    assert_eq!(told.hedges.iter().filter(|h| h.rule == RollRule::BestCarry).count(), 4);
}

#[test]
fn what_cannot_be_watched_is_refused() {
    let (calendar, rules) = (Calendar::shanghai(), Rules::builtin());
    let refused = |config: &BasisConfig| {
        basis_watch(&[], None, config, calendar, rules).unwrap_err().to_string()
    };
    let config = BasisConfig::default();
    assert!(refused(&config).contains("no index future"));
    let illegal = BasisConfig { stress_min_days: 400, ..config };
    assert!(refused(&illegal).contains("`stress_min_days` is 400"));
    let illegal = BasisConfig { maturity_days: 0, ..config };
    assert!(refused(&illegal).contains("`maturity_days` is 0"));
    let reversed = BasisConfig { from: Some(day(2024, 2, 5)), to: Some(day(2024, 1, 5)), ..config };
    assert!(refused(&reversed).contains("`to` is 2024-01-05"));
    let misspelt = serde_json::from_str::<BasisConfig>(r#"{"marked": "settle"}"#);
    assert!(misspelt.unwrap_err().to_string().contains("marked"));
    let settle: BasisConfig = serde_json::from_str(r#"{"mark": "settle"}"#).unwrap();
    assert_eq!(settle.mark, Mark::Settle);
}
