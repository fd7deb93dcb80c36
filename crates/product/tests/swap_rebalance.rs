//! Books of names that go back to their weights: by hand, in closed form, and by law under the market's rules.

mod book;

use std::collections::BTreeMap;

use book::{CODES, Names, any_names, contract, legal_names};
use proptest::prelude::*;
use shoals_core::{Calendar, Symbol, TradingDay, day};
use shoals_market::universe::Participation;
use shoals_product::swap::{
    BasketRebalance, Concentration, CostSchedule, EventKind, OnBreach, OrderCause, OrderLeg,
    OrderLine, OrderReason, Side, SwapOutcome, SwapTerms, SwapWords, Unwind, explain_number,
};

const EQUAL: [f64; 4] = [0.25; 4];

fn rebalanced(rule: BasketRebalance, change: impl FnOnce(&mut SwapWords)) -> SwapTerms {
    legal_names(|words| {
        words.long.rebalance = rule;
        change(words);
    })
}

fn trades(outcome: &SwapOutcome) -> impl Iterator<Item = &OrderLine> {
    outcome.orders.iter().filter(|order| order.cause == OrderCause::Rebalance)
}

/// Closed form: names brought back to equal weights at every close grow by the mean of their returns.
#[test]
fn daily_equal_weights_grow_by_the_mean_return() {
    let rows: Vec<Vec<f64>> = (0..20)
        .map(|t| (0..3).map(|i| 0.04 * (f64::from(t * 3 + i) * 1.3).sin()).collect())
        .collect();
    let names = Names::of_returns(&rows);
    let terms = rebalanced(BasketRebalance::EveryDays(1), |w| {
        w.hedge.clear();
        w.unwind = Some(Unwind { participation: f64::INFINITY, ..Unwind::default() });
    });
    let outcome = names.run(&terms, &[1.0; 3], None);
    let mut expected = 100.0;
    for (row, line) in rows[1..].iter().zip(&outcome.statement[1..]) {
        expected *= 1.0 + row.iter().sum::<f64>() / 3.0;
        assert!((line.long_value - expected).abs() < 1e-11, "{} {expected}", line.long_value);
    }
    assert!(outcome.statement[2..].iter().all(|line| line.rebalanced > 0.0));
    // What is held drifts instead.
    let held = rebalanced(BasketRebalance::Never, |w| w.hedge.clear());
    let held = names.run(&held, &[1.0; 3], None);
    assert!(held.statement.iter().all(|line| line.rebalanced == 0.0));
    assert!((held.statement[19].long_value - expected).abs() > 0.01);
}

/// By hand: 50 and 50 become 60 and 40. At the second close 10 are sold of the one, for 0.02, and 10 bought of the other,
/// for 0.01; neither the long value nor the hedge moves by it.
#[test]
fn ten_are_sold_and_bought_and_their_fees_paid() {
    let names =
        Names::of_returns(&[vec![0.0, 0.0], vec![0.2, -0.2], vec![0.0, 0.0], vec![0.1, 0.0]]);
    let terms = rebalanced(BasketRebalance::EveryDays(2), |w| {
        w.hedge.clear();
        w.swap.financing_rate = 0.0;
        (w.cost.long_buy, w.cost.long_sell) = (0.001, 0.002);
    });
    let outcome = names.run(&terms, &[1.0, 1.0], None);
    let told: Vec<(Side, f64, f64, TradingDay)> =
        trades(&outcome).map(|o| (o.side, o.wanted, o.filled, o.decided_on)).collect();
    assert_eq!(told.len(), 2);
    let decided = names.days[2];
    for (found, side) in told.iter().zip([Side::Sell, Side::Buy]) {
        assert!((found.0, found.3) == (side, decided), "{found:?}");
        assert!((found.1 - 10.0).abs() < 1e-12 && (found.2 - 10.0).abs() < 1e-12, "{found:?}");
    }
    let line = &outcome.statement[2];
    assert!((line.rebalanced - 10.0).abs() < 1e-12 && (line.long_value - 100.0).abs() < 1e-12);
    assert!((line.fees_day - 0.03).abs() < 1e-12, "{}", line.fees_day);
    assert!((outcome.statement[3].long_value - 105.0).abs() < 1e-12);
    let event = outcome.events.iter().find(|e| e.kind == EventKind::Rebalanced).unwrap();
    assert!(
        event.detail.en.starts_with("10.0000 sold and bought of 10.0000"),
        "{}",
        event.detail.en
    );
}

/// By hand: the name to be sold is sealed on the day, so nothing can be bought either; both go a day later. A name that
/// is left out of a new list is sold whole, one that is new is bought.
#[test]
fn what_is_sealed_waits_and_lists_change_names() {
    let mut names = Names::of_returns(&[
        vec![0.0, 0.0, 0.0],
        vec![0.2, -0.2, 0.0],
        vec![0.0, 0.0, 0.0],
        vec![0.0, 0.0, 0.0],
        vec![0.0, 0.0, 0.1],
    ]);
    names.is_sealed_down[3 * 3] = true;
    let terms = rebalanced(BasketRebalance::EveryDays(2), |w| w.hedge.clear());
    let list = [(CODES[0], 1.0), (CODES[2], 1.0)];
    let list = list.map(|(code, weight)| (Symbol::literal(code), weight)).to_vec();
    let chosen = BTreeMap::from([(names.days[3], list.clone()), (names.days[5], list)]);
    // Only the first two are bought at the opening.
    let outcome = names.run_chosen(&terms, &[1.0, 1.0], chosen, None);
    let told: Vec<(TradingDay, &str, f64, OrderReason)> = trades(&outcome)
        .map(|o| {
            (
                o.date,
                CODES.into_iter().find(|c| Symbol::literal(c) == o.symbol).unwrap(),
                o.filled,
                o.reason,
            )
        })
        .collect();
    let (due, next) = (names.days[3], names.days[4]);
    let near = |found: &(TradingDay, &str, f64, OrderReason),
                expected: (TradingDay, &str, f64, OrderReason)| {
        assert!((found.0, found.1, found.3) == (expected.0, expected.1, expected.3), "{found:?}");
        assert!((found.2 - expected.2).abs() < 1e-9, "{found:?} {expected:?}");
    };
    // Of 60 and 40 becomes 50, none and 50: 10 and 40 to be sold, 50 to be bought. The 10 wait.
    near(&told[0], (due, CODES[0], 0.0, OrderReason::LimitDown));
    near(&told[1], (due, CODES[1], 40.0, OrderReason::Filled));
    near(&told[2], (due, CODES[2], 40.0, OrderReason::OtherSide));
    near(&told[3], (next, CODES[0], 10.0, OrderReason::Filled));
    near(&told[4], (next, CODES[2], 10.0, OrderReason::Filled));
    let worth = outcome.statement.last().unwrap().long_value;
    assert!((worth - 105.0).abs() < 1e-9, "{worth}");
    assert_eq!(outcome.holdings.iter().filter(|h| h.value > 0.0).count(), 2);
}

proptest! {
    /// Whatever the market lets through: lines add up to the change of equity, as much is bought as sold, every order obeys
    /// the day, and the hedge shrinks with what is unwound alone.
    #[test]
    fn money_balances_and_the_market_is_obeyed(
        names in any_names(40), moves in prop::collection::vec(-0.07..0.07_f64, 40),
        every in 1..6_u32, unwinds in any::<bool>(),
    ) {
        let future = contract("IM2403", &names.days, &moves);
        let terms = rebalanced(BasketRebalance::EveryDays(every), |w| {
            w.swap.on_breach = if unwinds { OnBreach::Deleverage } else { OnBreach::Report };
            w.cost.schedule = CostSchedule::Rules;
        });
        let outcome = names.run(&terms, &EQUAL, Some(&future));
        let stocks = names.stocks();
        let participation = Participation::of(&stocks, 0.10, 20).unwrap();
        let opening_lots = outcome.hedges[0].lots;
        let mut kept = 1.0;
        for pair in outcome.statement.windows(2) {
            let line = &pair[1];
            let flows = line.long_pnl_day + line.hedge_pnl_day - line.financing_day - line.fees_day;
            prop_assert!((line.equity - pair[0].equity - flows).abs() < 1e-9 * 100.0);
            let of_day = |cause: OrderCause, side: Side| -> f64 {
                let orders = outcome.orders.iter();
                let orders = orders.filter(|o| o.date == line.date && o.cause == cause && o.side == side);
                orders.map(|o| o.filled).sum()
            };
            let (sold, bought) =
                (of_day(OrderCause::Rebalance, Side::Sell), of_day(OrderCause::Rebalance, Side::Buy));
            prop_assert!((sold - bought).abs() < 1e-9, "{sold} {bought}");
            prop_assert!((sold - line.rebalanced).abs() < 1e-9);
            let unwound: f64 = outcome.orders.iter()
                .filter(|o| o.date == line.date && o.side == Side::Sell && o.cause != OrderCause::Rebalance)
                .map(|o| o.filled).sum();
            prop_assert!(unwound == 0.0 || sold == 0.0, "a day is of one kind");
            let before = pair[0].long_value + line.long_pnl_day;
            kept *= 1.0 - unwound / before;
            if line.date != outcome.statement.last().unwrap().date {
                prop_assert!((line.long_value - (before - unwound)).abs() < 1e-9);
            }
            if let Some(hedge) = outcome.hedges.iter().find(|h| h.date == line.date) {
                prop_assert!((hedge.lots - opening_lots * kept).abs() < 1e-9 * opening_lots);
            }
        }
        let due = terms.rebalancing_days(Calendar::shanghai());
        for order in trades(&outcome) {
            let t = names.days.iter().position(|&d| d == order.date).unwrap();
            let i = CODES.iter().position(|code| Symbol::literal(code) == order.symbol).unwrap();
            let cell = t * 4 + i;
            prop_assert!(order.filled <= order.wanted * (1.0 + 1e-12));
            prop_assert!(order.filled <= participation.room(t, i) * (1.0 + 1e-12));
            prop_assert!(order.decided_on < order.date);
            let next_of_decision = names.days[names.days.iter().position(|&d| d == order.decided_on).unwrap() + 1];
            prop_assert!(due.contains(&next_of_decision));
            let is_shut = names.is_suspended[cell]
                || order.side == Side::Sell && names.is_sealed_down[cell];
            prop_assert!(order.filled == 0.0 || !is_shut, "{:?}", order);
            match order.reason {
                OrderReason::Suspended => prop_assert!(names.is_suspended[cell]),
                OrderReason::LimitDown => prop_assert!(names.is_sealed_down[cell]),
                OrderReason::Participation | OrderReason::OtherSide => {
                    prop_assert!(order.filled < order.wanted);
                }
                OrderReason::Filled => prop_assert!((order.filled - order.wanted).abs() < 1e-9),
                _ => prop_assert!(false, "{:?}", order),
            }
        }
        let last = outcome.statement.last().unwrap();
        let paid = |leg: OrderLeg| -> f64 {
            outcome.orders.iter().filter(|o| o.leg == leg).map(|o| o.fee).sum()
        };
        prop_assert!((paid(OrderLeg::Hedge) - last.hedge_fees).abs() < 1e-9);
        prop_assert!((paid(OrderLeg::Long) + last.hedge_fees - last.fees).abs() < 1e-9);
        let gained: f64 = outcome.holdings.iter().map(|holding| holding.pnl).sum();
        prop_assert!((gained - outcome.statement.last().unwrap().long_pnl).abs() < 1e-9 * 100.0);
    }

    /// Cutting the market off at a day leaves every line and order up to it as it was.
    #[test]
    fn nothing_looks_ahead(
        names in any_names(30), every in 1..6_u32, n in 3..30_usize,
    ) {
        let terms = rebalanced(BasketRebalance::EveryDays(every), |w| w.hedge.clear());
        let whole = names.run(&terms, &EQUAL, None);
        let cut = names.up_to(n).run(&terms, &EQUAL, None);
        for (a, b) in whole.statement.iter().zip(&cut.statement) {
            prop_assert_eq!(format!("{a:?}"), format!("{b:?}"));
        }
        let orders = whole.orders.iter().filter(|o| o.date < names.days[n]);
        for (a, b) in orders.zip(&cut.orders) {
            prop_assert_eq!(format!("{a:?}"), format!("{b:?}"));
        }
    }
}

/// By hand: of 60 and 40 the largest is 0.6; two names were bought and none came. An unhedged book is all net exposure.
#[test]
fn the_numbers_of_the_rules_have_trees() {
    let names = Names::of_returns(&[vec![0.0, 0.0], vec![0.2, -0.2], vec![0.0, 0.0]]);
    let terms = legal_names(|w| {
        w.hedge.clear();
        w.concentration = Some(Concentration::default());
    });
    let outcome = names.run(&terms, &[1.0, 1.0], None);
    let last = outcome.statement.last().unwrap().date;
    let tree = |number| explain_number(&outcome, last, number).unwrap();
    let largest = tree("largest_weight");
    assert_eq!(largest.children[0].name.en, CODES[0]);
    let told: Vec<f64> = largest.children.iter().map(|part| part.value).collect();
    assert!((told[0] - 60.0).abs() < 1e-12 && (told[1] - 100.0).abs() < 1e-12, "{told:?}");
    assert!((largest.value - 0.6).abs() < 1e-12);
    let n = tree("n_names");
    assert_eq!((n.value, n.children[0].value, n.children[1].value), (2.0, 2.0, 0.0));
    assert_eq!(tree("net_exposure").value, 1.0);
    assert_eq!(outcome.concentration.unwrap().correlation_days, 60);
    assert_eq!(tree("exchange_margin").value, 0.0);
}

/// Witness: the exchange calendar. The opening and the agreed closing are no rebalancings.
#[test]
fn the_days_are_those_of_the_calendar() {
    let terms = |rule| rebalanced(rule, |w| w.swap.closed_on = day(2024, 3, 15));
    let days = |rule| terms(rule).rebalancing_days(Calendar::shanghai());
    assert_eq!(days(BasketRebalance::Monthly), [day(2024, 2, 1), day(2024, 3, 1)]);
    assert!(days(BasketRebalance::Never).is_empty());
    let every = days(BasketRebalance::EveryDays(20));
    assert_eq!(every, [day(2024, 1, 30), day(2024, 3, 6)]);
}
