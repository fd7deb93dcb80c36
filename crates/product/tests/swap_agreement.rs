//! What the agreement adds to a book: deadlines, reserves, stops, rules, rolls, and its own explanation.

mod book;

use book::{Names, contract, legal, legal_names, product, rolled};
use proptest::prelude::*;
use shoals_core::{Calendar, Outcome, Rules, Series, Symbol, day};
use shoals_market::future::roll::{RollConfig, RollRule, roll_short_hedge};
use shoals_product::swap::{
    CHECK_NUMBERS, Concentration, CostSchedule, EventKind, Explanation, Hedge, How, LongMarket,
    NUMBERS, OnBreach, OrderCause, SwapMarket, SwapOutcome, SwapTerms, SwapWords, daily_statement,
    explain_number, simulate,
};

/// An unhedged book of one series that starts at 100 with a margin of 25 and pays no financing.
fn run(levels: &[f64], change: impl FnOnce(&mut SwapWords)) -> SwapOutcome {
    let days =
        Calendar::shanghai().days(day(2024, 1, 2), day(2024, 6, 28))[..levels.len()].to_vec();
    let long = Series::new("868008.WI", days, levels.to_vec()).unwrap();
    let terms = legal(|w| {
        w.hedge.clear();
        w.swap.financing_rate = 0.0;
        change(w);
    });
    let market = SwapMarket {
        long: LongMarket::Series(&long),
        hedges: vec![],
        futures: vec![],
        indices: vec![],
        calendar: Calendar::shanghai(),
        rules: Rules::builtin(),
    };
    simulate(&terms, &market).unwrap()
}

fn days_of(outcome: &SwapOutcome, kind: EventKind) -> Vec<usize> {
    let place = |date| outcome.statement.iter().position(|line| line.date == date).unwrap();
    outcome.events.iter().filter(|e| e.kind == kind).map(|e| place(e.date)).collect()
}

/// By hand: 87 is 12/87 = 13.8 %, called 0.25 x 87 - 12 = 9.75; three closes later it is paid.
#[test]
fn a_call_is_paid_at_its_deadline_and_void_when_the_ratio_is_back() {
    let three_days = |w: &mut SwapWords| {
        w.swap.on_breach = OnBreach::TopUp;
        w.swap.cure_days = 3;
    };
    let paid = run(&[100.0, 87.0, 86.5, 86.9, 87.0, 87.0], three_days);
    assert_eq!(days_of(&paid, EventKind::ToppedUp), [4]);
    assert!((paid.statement[4].cashflow - 9.75).abs() < 1e-12);
    let void = run(&[100.0, 87.0, 86.5, 95.0, 95.0, 95.0], three_days);
    assert_eq!(days_of(&void, EventKind::CallLapsed), [3]);
    assert_eq!(void.cash_paid_in, 0.0);
    // The liquidation line (83.33) does not wait: 8/83 at the third close acts at the fourth.
    let broken = run(&[100.0, 87.0, 83.0, 83.0, 83.0], |w| {
        three_days(w);
        w.swap.on_liquidation = Some(OnBreach::Liquidate);
    });
    assert_eq!(days_of(&broken, EventKind::Liquidated), [3]);
    assert_eq!(broken.orders.last().unwrap().cause, OrderCause::Liquidate);
}

/// By hand: 9.75 and then 0.25 x 74 - 8.75 = 9.75 more are called; a reserve of 12 meets the first only.
#[test]
fn a_call_beyond_the_reserve_is_not_met_and_closes_the_book() {
    let outcome = run(&[100.0, 87.0, 87.0, 74.0, 74.0, 74.0, 74.0], |w| {
        w.swap.on_breach = OnBreach::TopUp;
        w.swap.reserve = Some(12.0);
    });
    assert_eq!(days_of(&outcome, EventKind::ToppedUp), [2]);
    assert_eq!(days_of(&outcome, EventKind::CallUnmet), [4]);
    assert_eq!(days_of(&outcome, EventKind::Liquidated), [5]);
    assert!((outcome.final_equity() - (25.0 + 9.75 - 26.0)).abs() < 1e-12);
    assert_eq!(outcome.orders.last().unwrap().cause, OrderCause::CallUnmet);
}

/// By hand: a stop at 30 % of the margin of 25 is a loss of 7.5; 92.5 hits it, the next close sells at 91.
#[test]
fn the_managers_stop_closes_the_book_before_any_call() {
    let outcome = run(&[100.0, 93.0, 92.5, 91.0, 90.0], |w| w.swap.stop_loss = Some(0.3));
    assert_eq!(days_of(&outcome, EventKind::StopLoss), [2]);
    assert_eq!(days_of(&outcome, EventKind::Liquidated), [3]);
    assert!((outcome.final_equity() - 16.0).abs() < 1e-12);
    assert_eq!((outcome.called_on, outcome.statement.len()), (None, 4));
}

/// By hand: two names of 60 and 40 break the single-stock rule of 50 % and, unhedged, the net exposure; a
/// jump of the second brings the first below a half.
#[test]
fn concentration_is_checked_at_every_close() {
    let names = Names::of_returns(&[vec![0.0, 0.0], vec![0.0, 0.6], vec![0.0, 0.0]]);
    let outcome = names.run(
        &legal_names(|w| {
            w.hedge.clear();
            w.concentration = Some(Concentration {
                max_single_stock: Some(0.55),
                min_names: Some(2),
                ..Concentration::default()
            });
        }),
        &[0.6, 0.4],
        None,
    );
    assert_eq!(outcome.checks[0].largest_weight, 0.6);
    assert!((outcome.checks[1].largest_weight - 64.0 / 124.0).abs() < 1e-12);
    assert_eq!((outcome.checks[0].n_broken, outcome.checks[1].n_broken), (2, 1));
    let of = |kind| outcome.events.iter().filter(|e| e.kind == kind).collect::<Vec<_>>();
    assert_eq!(of(EventKind::RuleBroken).len(), 2);
    let kept = of(EventKind::RuleKept);
    assert!(kept[0].detail.en.contains("largest single stock 0.5161, within 0.55 again"));
    assert!(kept[0].detail.zh.contains("最大单票占比"));
}

/// Witness: a leg that moves with the hedge has correlation 1, one that moves against it -1; without
/// `[concentration]` numbers the broker's 80 % of the rules holds.
#[test]
fn the_correlation_of_both_legs_is_that_of_their_returns() {
    let moves: Vec<f64> = (0..12).map(|i| 0.01 * f64::from(i % 3 - 1)).collect();
    for (sign, is_broken) in [(1.0, false), (-1.0, true)] {
        let rows: Vec<Vec<f64>> = moves.iter().map(|r| vec![sign * r]).collect();
        let names = Names::of_returns(&rows);
        let future = contract("IM2403", &names.days, &moves);
        let terms = legal_names(|w| {
            w.concentration = Some(Concentration {
                correlation_days: Some(6),
                max_single_stock: Some(1.0),
                min_names: Some(1),
                ..Concentration::default()
            });
        });
        let outcome = names.run(&terms, &[1.0], Some(&future));
        assert!(outcome.checks[5].correlation.is_nan());
        for check in &outcome.checks[6..] {
            assert!((check.correlation - sign).abs() < 1e-9, "{check:?}");
            assert_eq!(check.n_broken > 0, is_broken);
        }
    }
}

fn carry(terms: &SwapTerms, returns: &[(f64, f64)]) -> SwapOutcome {
    let futures = product(returns);
    let long =
        Series::new("868008.WI", futures.spot.days().to_vec(), futures.spot.values().to_vec());
    let (long, calendar, rules) = (long.unwrap(), Calendar::shanghai(), Rules::builtin());
    let market = SwapMarket {
        long: LongMarket::Series(&long),
        hedges: futures.contracts.iter().collect(),
        futures: vec![&futures],
        indices: vec![(Symbol::literal("000852.SH"), &futures.spot)],
        calendar,
        rules,
    };
    simulate(terms, &market).unwrap()
}

fn any_returns() -> impl Strategy<Value = Vec<(f64, f64)>> {
    prop::collection::vec((-0.03..0.03_f64, -0.01..0.01_f64), 70)
}

fn any_roll() -> impl Strategy<Value = RollRule> {
    prop::sample::select(RollRule::ALL.to_vec())
}

proptest! {
    /// Witness: `roll_short_hedge`, which carries one index unit on its own ledger. Rolls neither make nor
    /// lose money but for the exchange's fees.
    #[test]
    fn a_rolled_hedge_gains_what_the_rolled_unit_gains(returns in any_returns(), rule in any_roll()) {
        let futures = product(&returns);
        let config = RollConfig::default();
        let unit = roll_short_hedge(&futures, rule, &config, Calendar::shanghai(), Rules::builtin());
        let unit = unit.unwrap();
        let terms = |schedule| legal(|w| {
            w.hedge = vec![rolled(rule)];
            w.swap.closed_on = day(2024, 3, 29);
            w.cost.schedule = schedule;
        });
        let free = carry(&terms(CostSchedule::Written), &returns);
        let paid = carry(&terms(CostSchedule::Rules), &returns);
        let opened_on = day(2024, 1, 2);
        let at_opening = unit.days.iter().find(|d| d.date > opened_on).unwrap();
        let units = 100.0 / (at_opening.opening_price * at_opening.units);
        let (mut points, mut fees) = (0.0, paid.statement[0].hedge_fees);
        for line in &free.statement[1..] {
            let unit_day = unit.days.iter().find(|d| d.date == line.date).unwrap();
            points += unit_day.price_change;
            prop_assert!((line.hedge_pnl + units * points).abs() < 1e-9 * 100.0, "{}", line.date);
            prop_assert_eq!(line.fees, 0.0);
        }
        let n = paid.statement.len() - usize::from(paid.statement.last().unwrap().date == day(2024, 3, 29));
        for line in &paid.statement[1..n] {
            let unit_day = unit.days.iter().find(|d| d.date == line.date).unwrap();
            fees += units * unit_day.fee;
            prop_assert!((line.hedge_fees - fees).abs() < 1e-9, "{} {} {fees}", line.date, line.hedge_fees);
            let twin = free.line(line.date).unwrap();
            prop_assert!((twin.equity - line.equity - line.fees).abs() < 1e-9 * 100.0);
        }
    }

    /// A hedge of the index itself has no basis: the book of the index against it pays financing only.
    #[test]
    fn an_index_sold_against_itself_leaves_financing(returns in any_returns()) {
        let terms = legal(|w| {
            let none = Hedge::of_contract(Symbol::literal("IM2403.CFE"), 1.0);
            w.hedge = vec![Hedge { contract: None, symbol: Some(Symbol::literal("000852.SH")), ..none }];
        });
        let outcome = carry(&terms, &returns);
        for line in &outcome.statement {
            prop_assert!((line.equity - 25.0 + line.financing).abs() < 1e-9);
        }
    }

    /// Every tree is what it says: sums add up and ratios divide, at every node.
    #[test]
    fn every_number_explains_itself(
        returns in any_returns(), rule in any_roll(), pick in 0..40_usize, deleverage in any::<bool>(),
    ) {
        let terms = legal(|w| {
            w.hedge = vec![rolled(rule), Hedge::of_contract(Symbol::literal("IM2403.CFE"), 0.3)];
            w.swap.on_breach = if deleverage { OnBreach::Deleverage } else { OnBreach::TopUp };
            w.swap.call_ratio = 0.22;
            w.cost.schedule = CostSchedule::Rules;
            let correlation_days = Some(6);
            w.concentration = Some(Concentration { correlation_days, ..Concentration::default() });
        });
        let outcome = carry(&terms, &returns);
        let line = &outcome.statement[pick.min(outcome.statement.len() - 1)];
        let table = &outcome.tables()[0];
        let row = table.numbers("equity").unwrap().iter().position(|x| *x == line.equity).unwrap();
        for number in NUMBERS {
            let tree = explain_number(&outcome, line.date, number).unwrap();
            let stated = table.numbers(number).unwrap()[row];
            prop_assert!(tree.value == stated || tree.value.is_nan() && stated.is_nan()
                || (tree.value - stated).abs() < 1e-12, "{number}");
            holds(&tree)?;
        }
        let checks = outcome.tables().into_iter().find(|table| table.name() == "check").unwrap();
        for number in CHECK_NUMBERS {
            let tree = explain_number(&outcome, line.date, number).unwrap();
            let stated = checks.numbers(number).unwrap()[row];
            prop_assert!(tree.value == stated || tree.value.is_nan() && stated.is_nan(), "{number}");
            holds(&tree)?;
        }
        prop_assert!(explain_number(&outcome, line.date, "colour").is_none());
        // The trees of fees and margin go down to orders and contracts.
        let tree = explain_number(&outcome, line.date, "hedge_fees").unwrap();
        prop_assert!(tree.children.iter().all(|cause| !cause.children.is_empty()) && !tree.children.is_empty());
    }
}

fn holds(tree: &Explanation) -> Result<(), TestCaseError> {
    let values: Vec<f64> = tree.children.iter().map(|child| child.value).collect();
    let made = match tree.how {
        How::Given => tree.value,
        // The broker lends nothing where equity is above the long value.
        How::Sum if tree.name.en.starts_with("borrowed") => values.iter().sum::<f64>().max(0.0),
        How::Sum => values.iter().sum(),
        How::Product => values[0] * values[1],
        How::Correlation => values[0] / (values[1] * values[2]),
        How::Ratio => values[0] / values[1],
        How::DistanceToLine => (values[0] - values[1]) / (1.0 - values[1]),
        How::RestoringCall => (values[0] * values[1] - values[2]).max(0.0),
        How::RestoringSale => (1.0 - values[2] / (values[0] * values[1])).clamp(0.0, 1.0),
    };
    if tree.how == How::Given && tree.value.is_nan() {
        return Ok(());
    }
    prop_assert!((made - tree.value).abs() < 1e-9 * tree.value.abs().max(1.0), "{tree:?}");
    tree.children.iter().try_for_each(holds)
}

#[test]
fn a_statement_tells_its_day_and_no_other() {
    let outcome = run(&[100.0, 87.0, 87.0, 74.0], |w| w.swap.on_breach = OnBreach::TopUp);
    let date = outcome.statement[2].date;
    let day = daily_statement(&outcome, date).unwrap();
    let item = |name: &str| day.items.iter().find(|item| item.item == name).unwrap().value;
    assert_eq!((item("cashflow"), item("equity")), (9.75, outcome.statement[2].equity));
    let tables = day.tables();
    let names: Vec<&str> = tables.iter().map(shoals_core::Table::name).collect();
    assert_eq!(names, ["daily", "event"]);
    assert_eq!(tables[1].n_rows(), 1);
    assert!(daily_statement(&outcome, shoals_core::day(2024, 5, 6)).is_none());
}
