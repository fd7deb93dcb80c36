//! My book in your storm: a twin of the crowd's book, closed forms, money, scale, threads.

use proptest::prelude::*;
use shoals_core::{
    Calendar, FutureContract, Outcome, Rules as MarketRules, Seed, Series, Symbol, day,
};
use shoals_market::future::ContractHistory;
use shoals_product::swap::{LongMarket, OnBreach, SwapMarket, SwapTerms};
use shoals_spiral::market::Product;
use shoals_spiral::monte_carlo::Paths;
use shoals_spiral::policy::Rules;
use shoals_spiral::scenario::Scenario;
use shoals_spiral::scenario_file::Episode;
use shoals_spiral::simulate::{simulate, with_inferred_news};
use shoals_spiral::stress::{
    HedgeTerms, Holdings, Lines, LossMeasure, ShortVolatility, StressEvent, StressOutcome,
    VisitorTerms, stress,
};

use crate::model::{days, empty, storm};

const SEED: Seed = Seed(5);

fn ask(scenario: &Scenario, visitor: &VisitorTerms, n: u64, noise: f64) -> StressOutcome {
    stress("storm", std::slice::from_ref(scenario), &[], visitor, Paths { n, seed: SEED, noise })
        .unwrap()
}

fn margin() -> Lines {
    Lines::Margin {
        initial_margin_ratio: 0.25,
        call_ratio: 0.15,
        liquidation_ratio: 0.10,
        financing_rate: 0.04,
        on_breach: OnBreach::Deleverage,
        reserve: 0.0,
        stop_loss: 0.5,
        call_days: 1.0,
        liquidation_days: 2.0,
    }
}

/// Four times leverage, long small caps, short IF.
fn book() -> VisitorTerms {
    VisitorTerms {
        name: "book".to_owned(),
        equity: 2.5e7,
        long: Holdings { micro: 3e7, csi2000: 4e7, csi1000: 2e7, csi500: 8e6, csi300: 2e6 },
        hedges: vec![HedgeTerms { product: Product::If, weight: 1.0, days: 73.0 }],
        lines: margin(),
        participation: None,
        is_in_crowd: false,
        short_volatility: None,
    }
}

fn fund(long: Holdings) -> VisitorTerms {
    let equity = long.total();
    VisitorTerms { equity, long, hedges: Vec::new(), lines: Lines::None, ..book() }
}

/// Independent witness: a price taker with the terms of the crowd's one book goes through the same calls, sales and
/// liquidation and has the same equity on every day, with noise and under a net-sell ban.
#[test]
fn a_twin_of_the_crowds_book_has_its_equity() {
    let mut scenario = storm();
    // The crowd's book is a kind by itself: no room binds the twin, so none may bind it.
    scenario.market.participation = 1e9;
    scenario.dma.books = 1;
    (scenario.dma.tilt_spread, scenario.dma.leverage_spread) = (0.0, 0.0);
    scenario.dma.hedge_mix = [1.0, 0.0, 0.0];
    let ban = |from_day, on| shoals_spiral::policy::Change {
        from_day,
        net_sell_ban: Some(on),
        ..Default::default()
    };
    scenario.changes = vec![ban(6, true), ban(8, false)];
    let path = simulate(&scenario, 0, SEED, 1.0);
    assert!(path[29].dma_value < 0.5 * scenario.dma.long_value, "nothing was forced");
    let long = scenario.dma.weights.map(|w| w * 1e8);
    let twin = VisitorTerms { long: Holdings::of(long), ..book() };
    let outcome = ask(&scenario, &twin, 1, 1.0);
    let first = scenario.dma.opening_equity(scenario.rules.initial_margin);
    for (ours, theirs) in outcome.days.iter().zip(&path) {
        let (ours, theirs) = (ours.equity.median, theirs.dma_equity / first);
        assert!((ours - theirs).abs() < 1e-9, "{ours} {theirs}");
    }
}

/// Closed form: an unlevered fund without lines earns its segments' returns, whatever the crowd does.
#[test]
fn a_fund_without_lines_earns_its_segments() {
    let scenario = storm();
    let end = simulate(&scenario, 0, SEED, 1.0)[29].level;
    let long = Holdings { micro: 3e8, csi300: 1e8, ..Holdings::default() };
    let found = ask(&scenario, &fund(long), 1, 1.0).loss(LossMeasure::Result).unwrap().mean;
    let expected = 0.75 * end[0] + 0.25 * end[4] - 1.0;
    assert!((found - expected).abs() < 1e-12, "{found} {expected}");
}

/// Closed form: in a market that stands still a book below its liquidation line from the start sells its participation
/// in the depth every day, so the last of it is gone after stocks over depth times participation.
#[test]
fn participation_sets_the_days_to_liquidate() {
    let scenario = empty(Scenario::china_2024(days(&[0.0; 30])));
    let depth = scenario.market.daily_amount[0];
    for (participation, expected) in [(0.25, 4.0), (0.1, 10.0), (0.05, 20.0)] {
        let mut visitor = book();
        visitor.equity = 0.05 * depth;
        visitor.long = Holdings { micro: depth, ..Holdings::default() };
        visitor.participation = Some(participation);
        if let Lines::Margin { liquidation_days, .. } = &mut visitor.lines {
            *liquidation_days = 0.01;
        }
        let outcome = ask(&scenario, &visitor, 1, 0.0);
        let told = (1.0 - participation) / participation;
        let close = |found: f64, expected: f64| (found / expected - 1.0).abs() < 1e-3;
        assert!(close(outcome.days[0].days_to_liquidate.median, told), "{:?}", outcome.days[0]);
        // One name in 30,000 is at a limit even here, so the last sliver takes one more day.
        let lasted = outcome.days_of_liquidation.median;
        assert!((expected..=expected + 1.0).contains(&lasted), "{lasted} {expected}");
        assert_eq!(outcome.unfinished, 0.0);
    }
}

/// Money: the lines add up to the result, path by path, so their means do; the short straddle and cash paid in among them.
#[test]
fn the_lines_add_up_to_the_result() {
    let mut visitor = book();
    let im = Product::Im;
    visitor.short_volatility =
        Some(ShortVolatility { product: im, vega: 2e5, days: 30.0, premium: 1.1 });
    if let Lines::Margin { on_breach, reserve, .. } = &mut visitor.lines {
        (*on_breach, *reserve) = (OnBreach::TopUp, 4e6);
    }
    let outcome = ask(&storm(), &visitor, 40, 1.0);
    let mean = |measure| outcome.loss(measure).unwrap().mean;
    let parts = [
        LossMeasure::Long,
        LossMeasure::Hedge,
        LossMeasure::ShortVolatility,
        LossMeasure::Financing,
    ];
    let total: f64 = parts.map(mean).iter().sum();
    assert!((total - mean(LossMeasure::Result)).abs() < 1e-12);
    assert!(mean(LossMeasure::PaidIn) > 0.01 && mean(LossMeasure::PaidIn) <= 0.16 + 1e-12);
    assert!(
        mean(LossMeasure::ShortVolatility) < 0.0,
        "a storm is dear to who is short of volatility"
    );
}

/// A book of nothing but cash loses nothing, and one that reports its breaches sells nothing.
#[test]
fn cash_loses_nothing_and_a_report_sells_nothing() {
    let cash =
        VisitorTerms { equity: 1e9, ..fund(Holdings { micro: 1e-6, ..Holdings::default() }) };
    let result = *ask(&storm(), &cash, 10, 1.0).loss(LossMeasure::Result).unwrap();
    assert!(result.mean.abs() < 1e-12 && result.worst.abs() < 1e-12);
    let mut report = book();
    if let Lines::Margin { on_breach, .. } = &mut report.lines {
        *on_breach = OnBreach::Report;
    }
    let outcome = ask(&storm(), &report, 10, 1.0);
    assert!(outcome.event(StressEvent::Called).unwrap().probability > 0.9);
    assert!(outcome.event(StressEvent::Closing).unwrap().probability > 0.5);
    assert_eq!(outcome.event(StressEvent::SoldOut).unwrap().probability, 0.0);
    assert!(outcome.days.iter().all(|day| day.is_open == 1.0));
}

/// In the crowd a small book is a price taker; a large one pays for its own haste.
#[test]
fn in_the_crowd_size_costs() {
    let scenario = storm();
    let result = |times: f64, is_in_crowd| {
        let long = Holdings::of(book().long.by_segment().map(|x| x * times));
        let visitor = VisitorTerms { equity: book().equity * times, long, is_in_crowd, ..book() };
        ask(&scenario, &visitor, 20, 1.0).loss(LossMeasure::Result).unwrap().band.median
    };
    let alone = result(1.0, false);
    assert!((result(1e-3, true) - alone).abs() < 1e-4);
    assert!((result(1e3, false) - alone).abs() < 1e-12, "a price taker has no size");
    assert!(result(2e3, true) < alone - 0.01, "{} {alone}", result(2e3, true));
}

/// An authority's stricter rule reaches the book; a laxer contract does not escape it, a stricter one stays.
#[test]
fn a_stricter_rule_reaches_the_book() {
    let mut scenario = empty(Scenario::china_2024(days(&[0.0; 20])));
    scenario.changes = vec![shoals_spiral::policy::Change {
        from_day: 10,
        initial_margin: Some(0.5),
        call_ratio: Some(0.45),
        ..Default::default()
    }];
    let outcome = ask(&scenario, &book(), 1, 0.0);
    let called = outcome.event(StressEvent::Called).unwrap();
    assert_eq!((called.probability, called.first_day.median), (1.0, 11.0));
    assert!(outcome.days[9].margin_ratio.median < 0.26);
    assert!(outcome.days[19].margin_ratio.median > 0.45);
    let mut strict = book();
    strict.equity = 6e7;
    if let Lines::Margin { initial_margin_ratio, .. } = &mut strict.lines {
        *initial_margin_ratio = 0.6;
    }
    let outcome = ask(&scenario, &strict, 1, 0.0);
    assert_eq!(outcome.event(StressEvent::Called).unwrap().probability, 0.0);
}

/// A fund that falls through its warning line keeps half of its stocks, through its stop line none.
#[test]
fn a_funds_lines_cut_it_down() {
    let mut scenario = empty(storm());
    scenario.rules = Rules::default();
    let lines =
        |warning_nav, stop_nav| Lines::NetValue { warning_nav, stop_nav, liquidation_days: 0.2 };
    let ask_with = |lines| {
        let mut visitor = fund(Holdings { micro: 1e8, ..Holdings::default() });
        visitor.lines = lines;
        ask(&scenario, &visitor, 1, 0.0)
    };
    let warned = ask_with(lines(0.9, 0.0));
    assert_eq!(warned.event(StressEvent::Called).unwrap().probability, 1.0);
    assert_eq!(warned.event(StressEvent::Closing).unwrap().probability, 0.0);
    let stopped = ask_with(lines(0.9, 0.85));
    assert_eq!(stopped.event(StressEvent::SoldOut).unwrap().probability, 1.0);
    let never = ask_with(Lines::None);
    let trough = |outcome: &StressOutcome| outcome.loss(LossMeasure::Trough).unwrap().mean;
    assert!(trough(&never) < trough(&warned) && trough(&warned) < trough(&stopped));
    assert!(trough(&stopped) < -0.15 && trough(&stopped) > -0.30, "{}", trough(&stopped));
}

/// Invariants of the tables: order of the loss's numbers, chances between 0 and 1, first calls adding up.
#[test]
fn the_tables_are_in_order() {
    let storm_of_2024 = Episode::named("china_2024").unwrap();
    let paths = Paths { n: 50, seed: SEED, noise: 1.0 };
    let outcome = stress(
        "china_2024",
        std::slice::from_ref(&storm_of_2024.scenario),
        &storm_of_2024.dates,
        &book(),
        paths,
    )
    .unwrap();
    for line in &outcome.losses {
        let order = [
            line.worst,
            line.expected_shortfall,
            line.p5,
            line.band.p10,
            line.band.median,
            line.band.p90,
        ];
        assert!(order.is_sorted_by(|a, b| a <= &(b + 1e-15)), "{line:?}");
    }
    let called = outcome.event(StressEvent::Called).unwrap().probability;
    let by_day: f64 = outcome.days.iter().map(|day| day.first_called).sum();
    assert!((by_day - called).abs() < 1e-12);
    assert_eq!(outcome.days[57].called, called);
    assert_eq!(outcome.days[57].date, Some(day(2024, 3, 29)));
    let tables = outcome.tables();
    let rows: Vec<usize> = tables.iter().map(shoals_core::Table::n_rows).collect();
    assert_eq!(rows, [7, 4, 58, 1]);
    let opening = outcome.days[0].distance.median;
    assert!((0.05..0.15).contains(&opening), "near 11.76 % at four times: {opening}");
    assert!(outcome.convention().values().all(|text| !text.zh.is_empty() && !text.en.is_empty()));
}

const SWAP: &str = r#"
[swap]
opened_on = 2024-01-02
closed_on = 2024-03-15
notional = 100.0
initial_margin_ratio = 0.25
call_ratio = 0.15
liquidation_ratio = 0.10
financing_rate = 0.04
on_breach = "deleverage"
[long]
symbol = "868008.WI"
[[hedge]]
contract = "IM2403.CFE"
weight = 1.0
"#;

/// A swap's terms are a book's: 73 days from 2024-01-02 to the third Friday of March.
#[test]
fn a_swap_becomes_a_book() {
    let of =
        |text: &str, weights| VisitorTerms::of_swap(&SwapTerms::from_toml(text).unwrap(), weights);
    let book = of(SWAP, None).unwrap();
    assert_eq!((book.equity, book.long.micro, book.long.total()), (25.0, 100.0, 100.0));
    assert_eq!(book.hedges, [HedgeTerms { product: Product::Im, weight: 1.0, days: 73.0 }]);
    let spread = of(SWAP, Some([0.5, 0.5, 0.0, 0.0, 0.0])).unwrap();
    assert_eq!((spread.long.micro, spread.long.csi2000), (50.0, 50.0));
    for (piece, typed, part) in [
        ("868008.WI", "000985.CSI", "no segment's index"),
        ("IM2403.CFE", "IH2403.CFE", "which the storm's market does not have"),
        ("contract = \"IM2403.CFE\"", "symbol = \"000852.SH\"", "an index without a basis"),
        ("on_breach", "margin_base = \"gross\"\non_breach", "on the gross value"),
    ] {
        let refusal = of(&SWAP.replacen(piece, typed, 1), None).unwrap_err().to_string();
        assert!(refusal.contains(part), "{typed}: {refusal}");
    }
}

const BOOK: &str = r#"
equity = 2.5e8
long = { micro = 4e8, csi2000 = 6e8 }
hedge = [{ product = "IM", weight = 1.0, days = 73 }]
[lines]
kind = "margin"
initial_margin_ratio = 0.25
call_ratio = 0.15
liquidation_ratio = 0.10
"#;

/// Each row: a piece of the file, what is typed instead, and what the refusal says.
#[test]
fn a_book_that_cannot_be_read_says_why() {
    assert!(VisitorTerms::from_toml(BOOK).is_ok());
    let fund = "equity = 5e8\nlong = { csi1000 = 4e8 }\n\
        short_volatility = { product = \"IM\", vega = 5e5 }\n\
        [lines]\nkind = \"net_value\"\nwarning_nav = 0.85\nstop_nav = 0.80";
    assert!(VisitorTerms::from_toml(fund).is_ok());
    let refusal = VisitorTerms::from_toml(&fund.replace("0.80", "0.9")).unwrap_err().to_string();
    assert_eq!(refusal, "`warning_nav` is 0.85, expected from `stop_nav` to below 1");
    for (piece, typed, parts) in [
        ("equity = 2.5e8", "equity = 0", vec!["`equity` is 0", "above 0"]),
        ("micro = 4e8", "micro = -1", vec!["`long.micro` is -1"]),
        ("micro = 4e8, csi2000 = 6e8", "micro = 0", vec!["`long` is 0"]),
        ("micro = 4e8", "mikro = 4e8", vec!["mikro", "micro"]),
        ("\"IM\"", "\"IH\"", vec!["IH", "IM"]),
        ("weight = 1.0", "weight = 100", vec!["`hedge[0].weight` is 100"]),
        ("days = 73", "days = 0", vec!["`hedge[0].days` is 0"]),
        ("= 0.25", "= 25", vec!["`initial_margin_ratio` is 25", "25% is written 0.25"]),
        ("= 0.15", "= 0.3", vec!["`call_ratio` is 0.3"]),
        ("= 0.10", "= 0.2", vec!["`liquidation_ratio` is 0.2"]),
        ("\"margin\"", "\"broker\"", vec!["broker", "net_value"]),
        ("equity =", "participation = 2\nequity =", vec!["`participation` is 2"]),
        ("equity =", "is_crowd = true\nequity =", vec!["is_crowd", "is_in_crowd"]),
    ] {
        let refusal =
            VisitorTerms::from_toml(&BOOK.replacen(piece, typed, 1)).unwrap_err().to_string();
        for part in parts {
            assert!(refusal.contains(part), "{typed}: {refusal}");
        }
    }
}

/// Invariant: the same numbers on one thread.
#[test]
fn a_stress_does_not_depend_on_threads() {
    let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let one = alone.install(|| ask(&storm(), &book(), 11, 1.0));
    let many = ask(&storm(), &book(), 11, 1.0);
    assert_eq!(one.losses, many.losses);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// Leverage: less money for the same book is called no less often and loses no smaller part of it, a price taker on the
    /// same paths.
    #[test]
    fn leverage_loses_more(ratio in 0.2..0.5_f64, times in 1.1..1.8_f64) {
        let with = |equity: f64| {
            let mut visitor = VisitorTerms { equity, ..book() };
            if let Lines::Margin { initial_margin_ratio, .. } = &mut visitor.lines {
                *initial_margin_ratio = 0.2;
            }
            ask(&storm(), &visitor, 6, 1.0)
        };
        let long = book().long.total();
        let (levered, less) = (with(ratio * long), with((ratio * times).min(1.0) * long));
        let chance = |o: &StressOutcome| o.event(StressEvent::Called).unwrap().probability;
        prop_assert!(chance(&levered) >= chance(&less));
        let trough = |o: &StressOutcome| o.loss(LossMeasure::Trough).unwrap().band.median;
        prop_assert!(trough(&levered) <= trough(&less) + 1e-9);
    }
}

/// Independent witness: the ledger of `product::swap`, carried through the closes and futures prices of a noisy path of
/// 2024, has the equity of the storm's book on every close until 2024-02-05, when nothing is sold.
#[test]
fn the_swaps_own_ledger_has_the_same_equity() {
    const N: usize = 25;
    let storm = Episode::named("china_2024").unwrap();
    let path = simulate(&with_inferred_news(&storm.scenario), 0, SEED, 1.0);
    let text = SWAP
        .replace("2024-01-02", "2023-12-29")
        .replace("2024-03-15", "2024-02-05")
        .replace("0.04", "0.0")
        .replace("deleverage", "report");
    let terms = SwapTerms::from_toml(&text).unwrap();
    let days: Vec<_> =
        std::iter::once(day(2023, 12, 29)).chain(storm.dates[..N].iter().copied()).collect();
    assert_eq!(days[N], day(2024, 2, 5));
    let to_expiry =
        |date: shoals_core::TradingDay| f64::from(date.calendar_days_until(day(2024, 3, 15)));
    let market = &storm.scenario.market;
    let price = |level: f64, stress: f64, days: f64| {
        6000.0 * level * (1.0 + market.basis(stress, Product::Im, days))
    };
    let im = Product::Im as usize;
    // The book opens on the first morning, at the closes before it.
    let opening = price(1.0, 0.0, to_expiry(day(2024, 1, 2)));
    let closes = path[..N]
        .iter()
        .zip(&storm.dates)
        .map(|(record, date)| price(record.level[2], record.stress[im], to_expiry(*date)));
    let futures: Vec<f64> = std::iter::once(opening).chain(closes).collect();
    let micro = std::iter::once(1.0).chain(path[..N].iter().map(|record| record.level[0]));
    let long = Series::new("868008.WI", days.clone(), micro.collect()).unwrap();
    let calendar = Calendar::shanghai();
    let contract = FutureContract::try_from(Symbol::literal("IM2403.CFE")).unwrap();
    let nothing = vec![f64::NAN; N + 1];
    let future = ContractHistory::new(
        contract,
        calendar,
        days,
        futures.clone(),
        futures,
        nothing.clone(),
        nothing,
    )
    .unwrap();
    let prices = SwapMarket {
        long: LongMarket::Series(&long),
        hedges: vec![&future],
        futures: vec![],
        indices: vec![],
        calendar,
        rules: MarketRules::builtin(),
    };
    let ledger = shoals_product::swap::simulate(&terms, &prices).unwrap();
    let mut book = VisitorTerms::of_swap(&terms, None).unwrap();
    book.hedges[0].days = 73.0;
    let one = Paths { n: 1, seed: SEED, noise: 1.0 };
    let found =
        stress("2024", std::slice::from_ref(&storm.scenario), &storm.dates, &book, one).unwrap();
    let last = ledger.statement.len() - 1;
    assert_eq!(last, N);
    for (line, ours) in ledger.statement[1..].iter().zip(&found.days) {
        let ours = ours.equity.median * 25.0;
        assert!((line.equity - ours).abs() < 1e-9, "{} {} {ours}", line.date, line.equity);
    }
    let moved = ledger.statement[last].equity / 25.0 - 1.0;
    assert!(moved.abs() > 0.01, "a still path proves nothing: {moved}");
}
