//! Books of names: what the market's rules do to an unwinding, by hand and by law.

mod book;

use book::{CODES, Names, any_names, contract, legal, legal_names};
use proptest::prelude::*;
use shoals_core::{Calendar, Rules, Series, Symbol, day};
use shoals_market::universe::{Participation, UniverseConfig};
use shoals_product::swap::{
    CostSchedule, Days, EventKind, LongMarket, OnBreach, OrderCause, OrderReason, Side, SwapMarket,
    SwapOutcome, SwapStatus, Unwind, simulate,
};

const EQUAL: [f64; 4] = [0.25; 4];

fn unbounded() -> Unwind {
    Unwind { participation: f64::INFINITY, ..Unwind::default() }
}

fn any_rule() -> impl Strategy<Value = OnBreach> {
    prop_oneof![
        Just(OnBreach::Report),
        Just(OnBreach::TopUp),
        Just(OnBreach::Deleverage),
        Just(OnBreach::Liquidate)
    ]
}

fn returns_of_future(n: usize) -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(-0.07..0.07_f64, n)
}

proptest! {
    /// Witness: the book whose long leg is one series, an independent path.
    #[test]
    fn one_name_that_always_trades_is_the_series_book(
        returns in prop::collection::vec((-0.09..0.08_f64, -0.07..0.07_f64), 30), rule in any_rule(),
        cost in 0.0..0.003_f64,
    ) {
        let rows: Vec<Vec<f64>> = returns.iter().map(|r| vec![r.0]).collect();
        let names = Names::of_returns(&rows);
        let moves: Vec<f64> = returns.iter().map(|r| r.1).collect();
        let future = contract("IM2403", &names.days, &moves);
        let change = |w: &mut shoals_product::swap::SwapWords| {
            w.swap.on_breach = rule;
            (w.cost.long_buy, w.cost.long_sell, w.cost.hedge) = (cost, 2.0 * cost, cost / 10.0);
        };
        let of_names = names.run(
            &legal_names(|w| { change(w); w.unwind = Some(unbounded()); }), &[3.0], Some(&future),
        );
        let series = Series::new("868008.WI", names.days.clone(), names.close.clone()).unwrap();
        let (calendar, rules) = (Calendar::shanghai(), Rules::builtin());
        let market = SwapMarket {
            long: LongMarket::Series(&series),
            hedges: vec![&future],
            futures: vec![],
            indices: vec![],
            calendar,
            rules,
        };
        let of_series = simulate(&legal(change), &market).unwrap();
        prop_assert_eq!(of_names.statement.len(), of_series.statement.len());
        for (a, b) in of_names.statement.iter().zip(&of_series.statement) {
            for (a, b) in [(a.equity, b.equity), (a.fees, b.fees), (a.sold, b.sold),
                (a.hedge_value, b.hedge_value), (a.financing, b.financing)] {
                prop_assert!((a - b).abs() < 1e-9 * 100.0, "{a} {b}");
            }
            prop_assert_eq!(a.status, b.status);
        }
        let kinds = |o: &SwapOutcome| o.events.iter().map(|e| (e.date, e.kind)).collect::<Vec<_>>();
        prop_assert_eq!(kinds(&of_names), kinds(&of_series));
    }

    /// Whatever the market lets through: each day's lines add up to the change of equity, what is held is
    /// what was bought less what was sold, and both legs have shrunk by the same part.
    #[test]
    fn money_balances_and_both_legs_shrink_together(
        names in any_names(40), rule in any_rule(), moves in returns_of_future(40),
        cure_days in 1..4_u32, ban in any::<bool>(), switch in any::<bool>(),
    ) {
        let future = contract("IM2403", &names.days, &moves);
        let terms = legal_names(|w| {
            w.swap.on_breach = rule;
            w.swap.cure_days = cure_days;
            w.cost.schedule = CostSchedule::Rules;
            let days = Days { from: day(2024, 1, 15), to: day(2024, 1, 17) };
            let net_sell_ban = if ban { vec![days] } else { vec![] };
            let switch_into = (ban && switch).then(|| Symbol::literal("000300.SH"));
            let unwind = Unwind { net_sell_ban, switch_into, ..Unwind::default() };
            w.unwind = Some(Unwind { slippage: 0.001, ..unwind });
        });
        let outcome = names.run(&terms, &EQUAL, Some(&future));
        let opening_lots = outcome.hedges[0].lots;
        let mut kept = 1.0;
        for pair in outcome.statement.windows(2) {
            let line = &pair[1];
            let flows = line.long_pnl_day + line.hedge_pnl_day - line.financing_day - line.fees_day
                + line.cashflow;
            prop_assert!((line.equity - pair[0].equity - flows).abs() < 1e-9 * 100.0);
            let day_orders = outcome.orders.iter().filter(|o| o.date == line.date);
            let bought: f64 = day_orders.clone()
                .filter(|o| o.cause == OrderCause::Switch).map(|o| o.filled).sum();
            let sold: f64 =
                day_orders.filter(|o| o.side == Side::Sell).map(|o| o.filled).sum::<f64>() - bought;
            let before = pair[0].long_value + line.long_pnl_day;
            kept *= 1.0 - sold / before;
            let hedge = outcome.hedges.iter().find(|h| h.date == line.date);
            if let Some(hedge) = hedge {
                prop_assert!((hedge.lots - opening_lots * kept).abs() < 1e-9 * opening_lots);
            }
        }
        let held: f64 = outcome.holdings.iter().map(|holding| holding.value).sum();
        let gained: f64 = outcome.holdings.iter().map(|holding| holding.pnl).sum();
        let last = outcome.statement.last().unwrap();
        let sold: f64 = outcome.orders.iter()
            .filter(|o| o.side == Side::Sell && o.symbol != future.contract.symbol())
            .map(|o| o.filled).sum();
        let bought: f64 = outcome.orders.iter()
            .filter(|o| o.cause == OrderCause::Switch).map(|o| o.filled).sum();
        prop_assert!((gained - last.long_pnl).abs() < 1e-9 * 100.0);
        prop_assert!((100.0 + gained + bought - sold - held).abs() < 1e-7);
    }

    /// Whole lots are the nearest to a size that shrinks with the stocks, however small the steps.
    #[test]
    fn whole_lots_follow_small_sales(
        mut names in any_names(40), moves in returns_of_future(40), liquidate in any::<bool>(),
    ) {
        // Ten lots at 5,800, and amounts that let a few percent of the book through a day.
        names.amount.iter_mut().for_each(|amount| *amount *= 2e4);
        let future = contract("IM2403", &names.days, &moves);
        let terms = legal_names(|w| {
            w.swap.notional = 10.0 * 5_800.0 * 200.0;
            w.swap.on_breach = if liquidate { OnBreach::Liquidate } else { OnBreach::Deleverage };
            w.hedge[0].lots = shoals_product::swap::Lots::Whole;
        });
        let outcome = names.run(&terms, &EQUAL, Some(&future));
        let mut exact = outcome.hedges[0].lots;
        for (pair, hedge) in outcome.statement.windows(2).zip(&outcome.hedges[1..]) {
            let sold: f64 = outcome.orders.iter()
                .filter(|o| o.date == hedge.date && o.side == Side::Sell).map(|o| o.filled).sum();
            exact *= 1.0 - sold / (pair[0].long_value + pair[1].long_pnl_day);
            prop_assert!(hedge.lots.fract() == 0.0 && (hedge.lots - exact).abs() < 0.5 + 1e-9);
        }
    }

    /// The market's rules, order by order, read from the market itself.
    #[test]
    fn every_sale_obeys_the_market(
        names in any_names(40), moves in returns_of_future(40), liquidate in any::<bool>(),
    ) {
        let future = contract("IM2403", &names.days, &moves);
        let ban = Days { from: day(2024, 1, 15), to: day(2024, 1, 17) };
        let terms = legal_names(|w| {
            w.swap.on_breach = if liquidate { OnBreach::Liquidate } else { OnBreach::Deleverage };
            w.unwind = Some(Unwind { net_sell_ban: vec![ban], ..Unwind::default() });
        });
        let outcome = names.run(&terms, &EQUAL, Some(&future));
        let stocks = names.stocks();
        let participation = Participation::of(&stocks, 0.10, 20).unwrap();
        let sales = outcome.orders.iter().filter(|o| {
            o.side == Side::Sell && o.cause != OrderCause::Opening && o.cause != OrderCause::Closing
        });
        for order in sales {
            let t = names.days.iter().position(|&d| d == order.date).unwrap();
            let i = CODES.iter().position(|code| Symbol::literal(code) == order.symbol).unwrap();
            let cell = t * 4 + i;
            prop_assert!(order.filled <= order.wanted * (1.0 + 1e-12));
            prop_assert!(order.filled <= participation.room(t, i) * (1.0 + 1e-12));
            prop_assert!(order.decided_on < order.date);
            let is_banned = (ban.from..=ban.to).contains(&order.date);
            let is_shut = is_banned || names.is_suspended[cell] || names.is_sealed_down[cell];
            prop_assert_eq!(order.filled == 0.0, is_shut);
            let expected = match order.reason {
                OrderReason::NetSellBan => is_banned,
                OrderReason::Suspended => names.is_suspended[cell],
                OrderReason::LimitDown => names.is_sealed_down[cell],
                OrderReason::Participation => order.filled < order.wanted && !is_shut,
                OrderReason::Filled => order.filled == order.wanted,
                _ => false,
            };
            prop_assert!(expected, "{:?}", order);
        }
    }

    /// Cutting the market off at a day leaves every line and order up to it as it was.
    #[test]
    fn nothing_looks_ahead(
        names in any_names(30), rule in any_rule(), moves in returns_of_future(30), n in 3..30_usize,
    ) {
        let future = contract("IM2403", &names.days, &moves);
        let terms = legal_names(|w| w.swap.on_breach = rule);
        let whole = names.run(&terms, &EQUAL, Some(&future));
        let cut = names.up_to(n).run(&terms, &EQUAL, Some(&future.up_to(names.days[n - 1])));
        let json = |line: &dyn erased::Line| line.json();
        for (a, b) in whole.statement.iter().zip(&cut.statement) {
            prop_assert_eq!(json(a), json(b));
        }
        let orders = whole.orders.iter().filter(|o| o.date < names.days[n]);
        for (a, b) in orders.zip(&cut.orders) {
            prop_assert_eq!(json(a), json(b));
        }
        prop_assert!(cut.statement.len() >= (n - 1).min(whole.statement.len()));
    }

    /// A thinner margin never calls later.
    #[test]
    fn more_leverage_never_calls_later(
        names in any_names(40), moves in returns_of_future(40), thin in 0.16..0.25_f64,
    ) {
        let future = contract("IM2403", &names.days, &moves);
        let called = |initial: f64| {
            let terms = legal_names(|w| w.swap.initial_margin_ratio = initial);
            names.run(&terms, &EQUAL, Some(&future)).called_on
        };
        if let Some(thick_day) = called(0.25) {
            prop_assert!(called(thin).is_some_and(|thin_day| thin_day <= thick_day));
        }
    }

    /// A hedge of weight zero is no hedge.
    #[test]
    fn a_hedge_of_zero_is_the_unhedged_book(
        names in any_names(40), moves in returns_of_future(40), rule in any_rule(),
    ) {
        let future = contract("IM2403", &names.days, &moves);
        let zero = legal_names(|w| { w.hedge[0].weight = 0.0; w.swap.on_breach = rule; });
        let none = legal_names(|w| { w.hedge.clear(); w.swap.on_breach = rule; });
        let (zero, none) = (names.run(&zero, &EQUAL, Some(&future)), names.run(&none, &EQUAL, None));
        for (a, b) in zero.statement.iter().zip(&none.statement) {
            prop_assert_eq!((a.equity, a.sold), (b.equity, b.sold));
        }
    }
}

mod erased {
    /// Anything of an outcome, as JSON.
    pub(crate) trait Line {
        fn json(&self) -> String;
    }

    impl<T: serde::Serialize> Line for T {
        fn json(&self) -> String {
            serde_json::to_string(self).unwrap()
        }
    }
}

/// Closed form: the value of a basket that is bought and held.
#[test]
fn a_basket_is_worth_its_weights_times_its_relatives() {
    let names = Names::of_returns(&[
        vec![0.0; 3],
        vec![0.1, -0.05, 0.02],
        vec![-0.3, 0.05, 0.01],
        vec![0.0; 3],
    ]);
    let terms = legal_names(|w| w.hedge.clear());
    let outcome = names.run(&terms, &[2.0, 1.0, 1.0], None);
    let expected = 50.0 * 1.1 * 0.7 + 25.0 * 0.95 * 1.05 + 25.0 * 1.02 * 1.01;
    assert!((outcome.statement[2].long_value - expected).abs() < 1e-12);
    assert_eq!(outcome.holdings.len(), 3);
    assert!(outcome.events[0].detail.en.contains("3 names, the largest 50.00 %"));
}

/// By hand: two names of 50, unhedged, no financing. Both fall a fifth on the second day: equity 5 of 80,
/// ratio 0.0625. The order of the next close: everything but 5/0.25 = 20, so 75 %: 30 of each. One name is
/// sealed that day; of the other a mean amount of 200 lets a tenth, 20, through.
#[test]
fn a_sealed_name_waits_and_a_thin_one_goes_in_parts() {
    let mut names = Names::of_returns(&[
        vec![0.0, 0.0],
        vec![-0.2, -0.2],
        vec![0.0, 0.0],
        vec![0.0, 0.0],
        vec![0.0, 0.0],
    ]);
    names.amount.iter_mut().for_each(|amount| *amount = 200.0);
    names.is_sealed_down[3 * 2] = true;
    let terms = legal_names(|w| {
        w.hedge.clear();
        w.swap.financing_rate = 0.0;
        w.swap.on_breach = OnBreach::Deleverage;
    });
    let outcome = names.run(&terms, &[0.5, 0.5], None);
    let on = |t: usize| {
        let orders = outcome.orders.iter().filter(|o| o.date == names.days[t]);
        orders.map(|o| (o.wanted, o.filled, o.reason)).collect::<Vec<_>>()
    };
    let near = |found: &[(f64, f64, OrderReason)], expected: &[(f64, f64, OrderReason)]| {
        assert_eq!(found.len(), expected.len(), "{found:?}");
        for (f, e) in found.iter().zip(expected) {
            assert!(
                (f.0 - e.0).abs() < 1e-9 && (f.1 - e.1).abs() < 1e-9 && f.2 == e.2,
                "{f:?} {e:?}"
            );
        }
    };
    near(&on(3), &[(30.0, 0.0, OrderReason::LimitDown), (30.0, 20.0, OrderReason::Participation)]);
    // 60 are left and the ratio is 5/60: below the line, so the order is given anew, 2/3 of what is held.
    let line = &outcome.statement[2];
    assert!((line.long_value - 60.0).abs() < 1e-9 && line.status == SwapStatus::Liquidation);
    assert!((line.waiting - 40.0).abs() < 1e-9 && (line.sold - 20.0).abs() < 1e-9);
    near(
        &on(4),
        &[
            (40.0 * 2.0 / 3.0, 20.0, OrderReason::Participation),
            (20.0 * 2.0 / 3.0, 40.0 / 3.0, OrderReason::Filled),
        ],
    );
    let kinds: Vec<EventKind> = outcome.events.iter().map(|event| event.kind).collect();
    assert!(kinds.contains(&EventKind::PartlySold));
    let detail = outcome.events.iter().find(|e| e.kind == EventKind::PartlySold).unwrap();
    assert!(detail.detail.en.contains("held up: lower limit 1,"), "{}", detail.detail.en);
}

/// A net-sell ban stops a liquidation; the book runs on, and is closed at the marks on its agreed day.
#[test]
fn a_ban_holds_a_liquidation_and_the_agreed_day_closes_at_the_marks() {
    let mut rows = vec![vec![0.0, 0.0], vec![-0.12, -0.12]];
    rows.extend(vec![vec![0.0, 0.0]; 60]);
    let names = Names::of_returns(&rows);
    let terms = legal_names(|w| {
        w.hedge.clear();
        w.swap.on_breach = OnBreach::Liquidate;
        let ban = Days { from: day(2024, 1, 3), to: day(2024, 3, 29) };
        w.unwind = Some(Unwind { net_sell_ban: vec![ban], ..Unwind::default() });
    });
    let outcome = names.run(&terms, &[0.5, 0.5], None);
    let last = outcome.orders.last().unwrap();
    assert_eq!((last.reason, last.cause), (OrderReason::AtMark, OrderCause::Closing));
    assert_eq!(last.date, day(2024, 3, 1));
    let banned = outcome.orders.iter().filter(|o| o.reason == OrderReason::NetSellBan);
    // From the day after the breach of 01-03 to the day before the closing, two names a day.
    assert_eq!(banned.count(), 2 * (outcome.statement.len() - 3));
    assert!(outcome.events.last().unwrap().detail.en.contains("at the marks"));
}

/// By hand: the book of the sealed name under a ban of the day of its order, allowed to switch. 75 % of both
/// names, 60, is sold and put into the index. The close is still at 5/80, so 75 % is ordered anew; the index
/// rises a tenth the next day, when the ban is over, and 75 % of 66 + 20 is sold, all of it index.
#[test]
fn a_book_that_may_switch_sells_small_and_buys_large_under_a_ban() {
    let names = Names::of_returns(&[
        vec![0.0, 0.0, 0.0],
        vec![-0.2, -0.2, 0.0],
        vec![0.0, 0.0, 0.0],
        vec![0.0, 0.0, 0.1],
        vec![0.0, 0.0, 0.0],
    ]);
    let terms = legal_names(|w| {
        w.hedge.clear();
        w.swap.financing_rate = 0.0;
        w.swap.on_breach = OnBreach::Deleverage;
        let ban = Days { from: names.days[3], to: names.days[3] };
        let switch_into = Some(Symbol::literal("000300.SH"));
        w.unwind = Some(Unwind { net_sell_ban: vec![ban], switch_into, ..unbounded() });
    });
    // The third name is not in the book: its weight is next to nothing.
    let outcome = names.run(&terms, &[0.5, 0.5, 1e-12], None);
    let on = |t: usize, cause: OrderCause| -> f64 {
        let orders = outcome.orders.iter().filter(|o| o.date == names.days[t] && o.cause == cause);
        orders.map(|o| o.filled).sum()
    };
    assert!((on(3, OrderCause::Switch) - 60.0).abs() < 1e-9);
    assert!((outcome.statement[2].long_value - 80.0).abs() < 1e-9);
    assert_eq!(outcome.statement[2].sold, 0.0);
    assert!((outcome.statement[3].long_pnl_day - 6.0).abs() < 1e-9);
    assert!((outcome.statement[3].sold - 64.5).abs() < 1e-9);
    assert!((on(4, OrderCause::Deleverage) - 64.5).abs() < 1e-9);
    assert!(outcome.events.iter().any(|event| event.kind == EventKind::Switched));
}

/// Nobody sells at the upper limit or trades while suspended: what cannot be bought is left out.
#[test]
fn what_cannot_be_bought_at_the_opening_is_left_out() {
    let mut names = Names::of_returns(&[vec![0.0, 0.0], vec![0.05, 0.01]]);
    names.is_suspended[2] = true;
    let terms = legal_names(|w| w.hedge.clear());
    let outcome = names.run(&terms, &[0.5, 0.5], None);
    assert_eq!(outcome.orders[0].reason, OrderReason::Suspended);
    assert_eq!((outcome.orders[0].filled, outcome.orders[1].filled), (0.0, 100.0));
    assert!((outcome.statement[1].long_value - 101.0).abs() < 1e-12);
}

/// Witness: the rule rows: commission 0.025 % either side, stamp duty 0.05 % of sales from 2023-08-28.
#[test]
fn costs_of_the_rules_are_those_of_the_day() {
    let mut rows = vec![vec![0.0]; 2];
    rows.extend(vec![vec![0.0]; 60]);
    let names = Names::of_returns(&rows);
    let terms = legal_names(|w| {
        w.hedge.clear();
        w.cost.schedule = CostSchedule::Rules;
        w.unwind = Some(unbounded());
    });
    let outcome = names.run(&terms, &[1.0], None);
    let lines = &outcome.statement;
    assert!((lines[0].fees - 100.0 * 0.000_25).abs() < 1e-12);
    let all = 100.0 * (0.000_25 + 0.000_25 + 0.000_5);
    assert!((lines[lines.len() - 1].fees - all).abs() < 1e-12);
}

#[test]
fn illegal_baskets_and_words_are_refused() {
    let names = Names::of_returns(&[vec![0.0, 0.0], vec![0.0, 0.0]]);
    let stocks = names.stocks();
    let (calendar, rules) = (Calendar::shanghai(), Rules::builtin());
    let tradability = shoals_market::universe::Tradability::of(
        &stocks,
        UniverseConfig::default(),
        calendar,
        rules,
    );
    let refusal = |weights: &[(&str, f64)]| {
        let weights = weights.iter().map(|(code, w)| (Symbol::literal(code), *w)).collect();
        let names = shoals_product::swap::NamesMarket {
            stocks: &stocks,
            tradability: &tradability,
            weights,
            chosen: std::collections::BTreeMap::new(),
        };
        let market = SwapMarket {
            long: LongMarket::Names(names),
            hedges: vec![],
            futures: vec![],
            indices: vec![],
            calendar,
            rules,
        };
        simulate(&legal_names(|w| w.hedge.clear()), &market).unwrap_err().to_string()
    };
    assert!(refusal(&[("600001.SH", 0.0)]).contains("weight of 600001.SH in the basket is 0"));
    assert!(refusal(&[("600001.SH", 1.0), ("600001.SH", 1.0)]).contains("600001.SH twice"));
    assert!(refusal(&[("600009.SH", 1.0)]).contains("600009.SH, which is not among the 2 stocks"));
    let text = |piece: &str, typed: &str| {
        let text = book::BOOK.replacen(piece, typed, 1);
        shoals_product::swap::SwapTerms::from_toml(&text).unwrap_err().to_string()
    };
    for (piece, typed, part) in [
        ("symbol = \"868008.WI\"", "", "exactly one of `symbol`, `basket`"),
        ("[[hedge]]", "[unwind]\n[[hedge]]", "[unwind] sells names"),
        ("contract = \"IM2403.CFE\"", "product = \"IX\"", "IX"),
        ("contract = \"IM2403.CFE\"", "", "exactly one of `contract`, `product`"),
        ("weight = 1.0", "roll = \"best_carry\"\nweight = 1.0", "`roll` carries a `product`"),
        ("on_breach = \"report\"", "cure_days = 0", "`cure_days` is 0, expected 1 to 20"),
        ("on_breach = \"report\"", "reserve = 5.0", "`reserve` is cash for calls"),
        ("on_breach = \"report\"", "stop_loss = 1.5", "`stop_loss` is 1.5"),
        ("[[hedge]]", "[cost]\nschedule = \"rules\"\nhedge = 0.1\n[[hedge]]", "`hedge` is 0.1"),
        (
            "[[hedge]]",
            "[concentration]\nmax_single_stock = 5\n[[hedge]]",
            "`max_single_stock` is 5",
        ),
    ] {
        assert!(text(piece, typed).contains(part), "{typed}: {}", text(piece, typed));
    }
}
