//! Laws any book must obey, on random markets.

use proptest::prelude::*;
use shoals_core::{Calendar, Rules, Series, TradingDay, day};
use shoals_market::future::ContractHistory;
use shoals_product::swap::{
    EventKind, FinancingBase, LongMarket, MarginBase, OnBreach, SwapMarket, SwapOutcome,
    SwapStatus, SwapTerms, SwapWords, explain, simulate,
};

const BOOK: &str = include_str!("../../../examples/01_book_im2403.toml");
const N_DAYS: usize = 40;

/// Forty days from 2024-01-02 of an index and a future that move together, loosely and wildly.
#[derive(Debug, Clone)]
struct Market {
    days: Vec<TradingDay>,
    long: Vec<f64>,
    future: Vec<f64>,
}

impl Market {
    fn from_returns(returns: &[(f64, f64)]) -> Self {
        let days =
            Calendar::shanghai().days(day(2024, 1, 2), day(2024, 6, 28))[..=returns.len()].to_vec();
        let path = |start: f64, pick: fn(&(f64, f64)) -> f64| -> Vec<f64> {
            std::iter::once(start)
                .chain(returns.iter().scan(start, |price, r| {
                    *price *= 1.0 + pick(r);
                    Some(*price)
                }))
                .collect()
        };
        Self { days, long: path(250_000.0, |r| r.0), future: path(5_800.0, |r| r.0 + r.1) }
    }

    fn up_to(&self, n: usize) -> Self {
        Self {
            days: self.days[..n].to_vec(),
            long: self.long[..n].to_vec(),
            future: self.future[..n].to_vec(),
        }
    }

    fn run(&self, terms: &SwapTerms) -> SwapOutcome {
        let calendar = Calendar::shanghai();
        let long = Series::new("868008.WI", self.days.clone(), self.long.clone()).unwrap();
        let none = vec![f64::NAN; self.days.len()];
        let future = ContractHistory::new(
            "IM2403".parse().unwrap(),
            calendar,
            self.days.clone(),
            self.future.clone(),
            self.future.clone(),
            none.clone(),
            none,
        )
        .unwrap();
        let (hedges, rules) = (vec![&future], Rules::builtin());
        simulate(
            terms,
            &SwapMarket {
                long: LongMarket::Series(&long),
                hedges,
                futures: vec![],
                indices: vec![],
                calendar,
                rules,
            },
        )
        .unwrap()
    }
}

fn any_market() -> impl Strategy<Value = Market> {
    prop::collection::vec((-0.08..0.07, -0.03..0.03), N_DAYS - 1)
        .prop_map(|returns| Market::from_returns(&returns))
}

fn any_rule() -> impl Strategy<Value = OnBreach> {
    prop_oneof![
        Just(OnBreach::Report),
        Just(OnBreach::TopUp),
        Just(OnBreach::Deleverage),
        Just(OnBreach::Liquidate)
    ]
}

fn words() -> SwapWords {
    SwapTerms::from_toml(BOOK).unwrap().into()
}

fn legal(change: impl FnOnce(&mut SwapWords)) -> SwapTerms {
    let mut words = words();
    change(&mut words);
    SwapTerms::try_from(words).unwrap()
}

proptest! {
    /// Each day's lines add up to the change of equity, and the explanation to equity, under every rule.
    #[test]
    fn money_balances(
        market in any_market(), rule in any_rule(), cost in 0.0..0.005,
        borrowed in any::<bool>(), gross in any::<bool>(),
    ) {
        let terms = legal(|w| {
            w.swap.on_breach = rule;
            w.cost.long_buy = cost;
            w.cost.long_sell = 2.0 * cost;
            w.cost.hedge = cost / 10.0;
            if borrowed { w.swap.financing_base = FinancingBase::Borrowed }
            if gross { w.swap.margin_base = MarginBase::Gross }
        });
        let outcome = market.run(&terms);
        for pair in outcome.statement.windows(2) {
            let line = &pair[1];
            let flows = line.long_pnl_day + line.hedge_pnl_day - line.financing_day - line.fees_day
                + line.cashflow;
            prop_assert!((line.equity - pair[0].equity - flows).abs() < 1e-9 * terms.swap.notional);
        }
        let last = outcome.statement.last().unwrap();
        let tree = explain(&outcome, last.date).unwrap();
        let sum: f64 = tree.children.iter().map(|child| child.value).sum();
        prop_assert!((sum - tree.value).abs() < 1e-9 * terms.swap.notional);
        let hedges: f64 = tree.children[3].children.iter().map(|child| child.value).sum();
        prop_assert!((hedges - last.hedge_pnl).abs() < 1e-9 * terms.swap.notional);
    }

    /// Twice the notional is twice every amount and the same ratios.
    #[test]
    fn amounts_scale_with_notional(market in any_market(), rule in any_rule(), scale in 0.1..1e7_f64) {
        let small = market.run(&legal(|w| w.swap.on_breach = rule));
        let large = market.run(&legal(|w| {
            w.swap.on_breach = rule;
            w.swap.notional *= scale;
        }));
        prop_assert_eq!(small.statement.len(), large.statement.len());
        for (a, b) in small.statement.iter().zip(&large.statement) {
            prop_assert!((a.equity * scale - b.equity).abs() < 1e-9 * 100.0 * scale);
            prop_assert_eq!(a.status, b.status);
        }
    }

    /// A thinner margin never calls later.
    #[test]
    fn more_leverage_never_calls_later(market in any_market(), thin in 0.16..0.25_f64) {
        let called = |initial: f64| {
            market.run(&legal(|w| w.swap.initial_margin_ratio = initial)).called_on
        };
        if let Some(thick_day) = called(0.25) {
            prop_assert!(called(thin).is_some_and(|thin_day| thin_day <= thick_day));
        }
    }

    /// A hedge of weight zero is no hedge.
    #[test]
    fn a_hedge_of_zero_is_the_unhedged_book(market in any_market(), rule in any_rule()) {
        let zero = market.run(&legal(|w| { w.hedge[0].weight = 0.0; w.swap.on_breach = rule; }));
        let none = market.run(&legal(|w| { w.hedge.clear(); w.swap.on_breach = rule; }));
        for (a, b) in zero.statement.iter().zip(&none.statement) {
            prop_assert_eq!(a.equity, b.equity);
            prop_assert_eq!(a.margin_ratio, b.margin_ratio);
        }
    }

    /// Cutting the market off at a day leaves every line up to it as it was.
    #[test]
    fn nothing_looks_ahead(market in any_market(), rule in any_rule(), n in 2..N_DAYS) {
        let terms = legal(|w| w.swap.on_breach = rule);
        let (whole, cut) = (market.run(&terms), market.up_to(n).run(&terms));
        for (a, b) in whole.statement.iter().zip(&cut.statement) {
            prop_assert_eq!(serde_json::to_string(a).unwrap(), serde_json::to_string(b).unwrap());
        }
        prop_assert!(cut.statement.len() >= n.min(whole.statement.len()));
    }

    /// A breach acts on the next trading day, with the amount or fraction its own close asked for.
    #[test]
    fn a_breach_acts_the_next_day(market in any_market(), rule in any_rule()) {
        let outcome = market.run(&legal(|w| w.swap.on_breach = rule));
        for pair in outcome.statement.windows(2) {
            let (breached, acted) = (pair[0], pair[1]);
            let is_closing = acted.date == day(2024, 3, 1);
            if breached.status >= SwapStatus::Call && !is_closing {
                match rule {
                    OnBreach::TopUp => prop_assert_eq!(acted.cashflow, breached.restoring_call),
                    OnBreach::Deleverage if breached.restoring_sale < 1.0 => {
                        let sold = acted.sold / (acted.long_value + acted.sold);
                        prop_assert!((sold - breached.restoring_sale).abs() < 1e-12);
                    }
                    OnBreach::Deleverage => {
                        prop_assert_eq!(outcome.statement.last().unwrap().date, acted.date);
                    }
                    OnBreach::Liquidate => {
                        prop_assert_eq!(outcome.statement.last().unwrap().date, acted.date);
                    }
                    OnBreach::Report => {}
                }
            } else {
                prop_assert_eq!((acted.cashflow, acted.sold), (0.0, 0.0));
            }
        }
    }
}

/// By hand, unhedged: 100 falls to 85 and is called for 0.25 x 85 - 10 = 11.25 (or 10/21.25 is kept). The
/// next close, 68, is not known then: 11.25 comes in, 4.25 is left, and 12.75 more is called.
#[test]
fn a_call_knows_nothing_of_the_close_it_is_paid_at() {
    let market = Market::from_returns(&[(-0.15, 0.0), (-0.2, 0.0), (0.0, 0.0), (0.0, 0.0)]);
    let run = |rule: OnBreach| {
        market.run(&legal(|w| {
            w.hedge.clear();
            w.swap.financing_rate = 0.0;
            w.swap.on_breach = rule;
        }))
    };
    let topped_up = run(OnBreach::TopUp);
    for (line, (cash, equity)) in
        topped_up.statement.iter().zip([(0.0, 25.0), (0.0, 10.0), (11.25, 4.25), (12.75, 17.0)])
    {
        assert!((line.cashflow - cash).abs() < 1e-9 && (line.equity - equity).abs() < 1e-9);
    }
    let calls = topped_up.events.iter().filter(|event| event.kind == EventKind::Call);
    let dates: Vec<TradingDay> = calls.map(|event| event.date).collect();
    assert_eq!(dates, market.days[1..3]);

    let sold_down = run(OnBreach::Deleverage);
    let kept = 10.0 / 21.25;
    assert!((sold_down.statement[2].long_value - 68.0 * kept).abs() < 1e-9);
    // All of the loss was borne before the sale: 25 - 15 - 17 leaves nothing.
    assert_eq!(sold_down.wiped_out_on, Some(market.days[2]));
}

#[test]
fn an_expired_hedge_is_settled_and_the_book_runs_on_without_it() {
    let market = Market::from_returns(&[(0.01, 0.002); 60]);
    let expiry = day(2024, 3, 15);
    let n = market.days.iter().position(|&d| d == expiry).unwrap() + 1;
    let calendar = Calendar::shanghai();
    let long = Series::new("868008.WI", market.days.clone(), market.long.clone()).unwrap();
    let none = vec![f64::NAN; n];
    let mut settle = market.future[..n].to_vec();
    settle[n - 1] = 9_000.0;
    let future = ContractHistory::new(
        "IM2403".parse().unwrap(),
        calendar,
        market.days[..n].to_vec(),
        market.future[..n].to_vec(),
        settle,
        none.clone(),
        none,
    )
    .unwrap();
    let terms = legal(|w| w.swap.closed_on = *market.days.last().unwrap());
    let (hedges, rules) = (vec![&future], Rules::builtin());
    let swap_market = SwapMarket {
        long: LongMarket::Series(&long),
        hedges,
        futures: vec![],
        indices: vec![],
        calendar,
        rules,
    };
    let outcome = simulate(&terms, &swap_market).unwrap();
    let event = outcome.events.iter().find(|e| e.kind == EventKind::HedgeExpired).unwrap();
    assert_eq!(event.date, expiry);
    // Settled at the final settlement, not the close: 100/5800 units lose 3200 points.
    let line = outcome.line(expiry).unwrap();
    assert!((line.hedge_pnl + 100.0 / 5_800.0 * 3_200.0).abs() < 1e-9);
    assert_eq!(
        (line.hedge_value, outcome.statement.last().unwrap().hedge_pnl),
        (0.0, line.hedge_pnl)
    );
    assert_eq!(outcome.statement.last().unwrap().date, terms.swap.closed_on);
}

/// A contract is settled only where the book outlives it; here both legs are closed at the marks.
#[test]
fn a_book_that_closes_on_the_expiry_is_closed_at_its_mark() {
    let market = Market::from_returns(&[(0.01, 0.002); 60]);
    let n = market.days.iter().position(|&d| d == day(2024, 3, 15)).unwrap() + 1;
    let calendar = Calendar::shanghai();
    let long = Series::new("868008.WI", market.days.clone(), market.long.clone()).unwrap();
    let none = vec![f64::NAN; n];
    let future = ContractHistory::new(
        "IM2403".parse().unwrap(),
        calendar,
        market.days[..n].to_vec(),
        market.future[..n].to_vec(),
        vec![9_000.0; n],
        none.clone(),
        none,
    )
    .unwrap();
    let terms = legal(|w| w.swap.closed_on = day(2024, 3, 15));
    let (hedges, rules) = (vec![&future], Rules::builtin());
    let swap_market = SwapMarket {
        long: LongMarket::Series(&long),
        hedges,
        futures: vec![],
        indices: vec![],
        calendar,
        rules,
    };
    let outcome = simulate(&terms, &swap_market).unwrap();
    let last = outcome.statement.last().unwrap();
    let expected = -100.0 * (market.future[n - 1] / market.future[0] - 1.0);
    assert!((last.hedge_pnl - expected).abs() < 1e-9);
    assert_eq!(outcome.events.last().unwrap().kind, EventKind::Closed);
}

#[test]
fn whole_lots_are_rounded_and_a_stale_mark_is_told() {
    let mut market = Market::from_returns(&[(0.01, 0.0); 5]);
    market.long[2] = f64::NAN;
    let outcome = market.run(&legal(|w| {
        w.swap.notional = 2_600_000.0;
        w.hedge[0].lots = shoals_product::swap::Lots::Whole;
    }));
    // 2,600,000 / (5800 · 200) = 2.24 lots.
    assert_eq!(outcome.hedges[0].lots, 2.0);
    // 2 · 200 · 5800 / 2,600,000: the rounding leaves a tenth of the long unhedged, and says so.
    assert!(outcome.events[0].detail.en.ends_with("; hedge 89.23 % of the long"));
    let stale = outcome.events.iter().find(|e| e.kind == EventKind::StaleMark).unwrap();
    assert_eq!(stale.date, market.days[2]);
    assert_eq!(outcome.statement[2].long_pnl_day, 0.0);
    assert_eq!(outcome.events.last().unwrap().kind, EventKind::RecordEnded);
}

#[test]
fn a_hedge_that_rounds_to_no_lot_is_refused() {
    let market = Market::from_returns(&[(0.01, 0.0); 5]);
    let calendar = Calendar::shanghai();
    let long = Series::new("868008.WI", market.days.clone(), market.long.clone()).unwrap();
    let none = vec![f64::NAN; market.days.len()];
    let contract = "IM2403".parse().unwrap();
    let (days, close) = (market.days.clone(), market.future.clone());
    let history =
        ContractHistory::new(contract, calendar, days, close, none.clone(), none.clone(), none);
    let (future, rules) = (history.unwrap(), Rules::builtin());
    let swap_market = SwapMarket {
        long: LongMarket::Series(&long),
        hedges: vec![&future],
        futures: vec![],
        indices: vec![],
        calendar,
        rules,
    };
    let whole = |weight: f64| {
        legal(|w| {
            w.swap.notional = 500_000.0;
            w.hedge[0].weight = weight;
            w.hedge[0].lots = shoals_product::swap::Lots::Whole;
        })
    };
    // One lot is 5,800 · 200 = 1,160,000, and half of it 580,000.
    let refusal = simulate(&whole(1.0), &swap_market).unwrap_err().to_string();
    for part in ["`notional` is 500000", "1160000", "IM2403.CFE", "fractional"] {
        assert!(refusal.contains(part), "{part}: {refusal}");
    }
    assert_eq!(simulate(&whole(1.2), &swap_market).unwrap().hedges[0].lots, 1.0);
    assert_eq!(simulate(&whole(0.0), &swap_market).unwrap().hedges[0].lots, 0.0);
}

#[test]
fn what_cannot_be_opened_is_refused() {
    let market = Market::from_returns(&[(0.01, 0.0); 5]);
    let calendar = Calendar::shanghai();
    let long = Series::new("868008.WI", market.days.clone(), market.long.clone()).unwrap();
    let alone = SwapMarket {
        long: LongMarket::Series(&long),
        hedges: vec![],
        futures: vec![],
        indices: vec![],
        calendar,
        rules: Rules::builtin(),
    };
    for (terms, part) in [
        (legal(|_| ()), "IM2403.CFE"),
        (legal(|w| w.swap.opened_on = day(2024, 1, 6)), "not a trading day"),
        (
            legal(|w| {
                w.hedge.clear();
                w.swap.opened_on = day(2023, 12, 29);
            }),
            "868008.WI on 2023-12-29",
        ),
    ] {
        let refusal = simulate(&terms, &alone).unwrap_err().to_string();
        assert!(refusal.contains(part), "{refusal}");
    }
}
