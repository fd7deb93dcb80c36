//! Levers: exact zeros where nothing changes, the signs the model must have, the same numbers on any number of threads.

use proptest::prelude::*;
use shoals_core::{Outcome, Seed};
use shoals_market::impact::ImpactLaw;
use shoals_spiral::counterfactual::{CounterfactualOutcome, Measure, counterfactual, places};
use shoals_spiral::lever::{Keeping, Lever};
use shoals_spiral::monte_carlo::Paths;
use shoals_spiral::policy::Change;
use shoals_spiral::scenario::Scenario;
use shoals_spiral::scenario_file::Episode;

use crate::model::{days, empty, run, storm};

fn paths(n: u64) -> Paths {
    Paths { n, seed: Seed(8), noise: 1.0 }
}

fn ask(scenario: &Scenario, levers: &[Lever], n: u64) -> CounterfactualOutcome {
    counterfactual("storm", std::slice::from_ref(scenario), levers, paths(n)).unwrap()
}

/// A storm with a ban and purchases in it.
fn storm_with_policy() -> Scenario {
    let mut scenario = storm();
    let ban = |from_day, on| Change { from_day, net_sell_ban: Some(on), ..Change::default() };
    scenario.changes = vec![ban(8, true), ban(11, false)];
    for day in [6, 8] {
        scenario.purchases.push(shoals_spiral::holder::national_team::Purchase {
            day,
            amount: [0.0, 0.0, 5e9, 5e9, 20e9],
        });
    }
    scenario
}

/// Invariant: a lever that changes nothing changes exactly nothing, on every path and in every measure; common random
/// numbers, or it would not.
#[test]
fn a_lever_that_changes_nothing_changes_exactly_nothing() {
    let scenario = storm_with_policy();
    let still = [
        Lever::DmaSize { times: 1.0 },
        Lever::Margin { initial_margin: 0.25, keeping: Keeping::Equity },
        Lever::Margin { initial_margin: 0.25, keeping: Keeping::LongValue },
        Lever::Staggered { times: 1.0 },
        Lever::PurchasesMoved { days: 0 },
        Lever::DmaCap { from_day: 0, share: 1.0, over_days: 5 },
        Lever::NetSellBan { from_day: 8, days: 3 },
        Lever::NoLeverageRule,
        Lever::RedemptionGate { from_day: 0, days: 0 },
    ];
    for lever in &ask(&scenario, &still, 12).levers {
        for effect in &lever.effects {
            let change = effect.change;
            let place = (effect.measure, effect.place);
            assert_eq!(
                (change.p10, change.median, change.p90),
                (0.0, 0.0, 0.0),
                "{} {place:?}",
                lever.name
            );
            assert_eq!(effect.rose, 0.0);
        }
    }
}

/// Closed form (METHODS I6): without DMA books, snowballs and the others a segment compounds its beta times the factor.
#[test]
fn without_the_crowd_a_segment_follows_its_beta() {
    let factors = [0.004, -0.006, 0.002, 0.0, -0.003];
    let mut scenario = Scenario::china_2024(days(&factors));
    scenario.neutral.stocks = [0.0; 3];
    scenario.enhanced.value = [0.0; 5];
    scenario.chaser.strength = 0.0;
    scenario.bargain.strength = 0.0;
    scenario.margin.debt = [0.0; 5];
    scenario.locked.hedge = 0.0;
    scenario.market.dispersion_elasticity = 0.0;
    let bare = Lever::NoSnowballs.pulled(&Lever::NoDma.pulled(&scenario).unwrap()).unwrap();
    let path = run(&bare);
    for k in 0..5 {
        let compounded: f64 = factors.iter().map(|f| 1.0 + scenario.market.beta[k] * f).product();
        assert!((path[4].level[k] / compounded - 1.0).abs() < 1e-5, "{k}");
    }
    let same = run(&empty(scenario));
    for k in 0..5 {
        assert!((path[4].level[k] / same[4].level[k] - 1.0).abs() < 1e-9);
    }
}

/// Common random numbers: a mild lever's change is told far more sharply than the outcome itself.
#[test]
fn a_change_is_sharper_than_what_it_changes() {
    let outcome = ask(&storm(), &[Lever::DmaSize { times: 0.9 }], 60);
    let effect = outcome.levers[0].effect(Measure::Trough, "micro").unwrap();
    let width = |band: shoals_spiral::monte_carlo::Band| band.p90 - band.p10;
    assert!(width(effect.change) < width(effect.base) / 5.0, "{effect:?}");
    assert!(effect.change.median > 0.0 && effect.rose > 0.9, "{effect:?}");
}

/// Signs the model must have: in the margin unwind, under a net-sell ban micro caps, which accounts then sell for large ones,
/// have a milder worst day and a deeper trough, and large caps a higher one.
#[test]
fn a_ban_softens_the_worst_day_and_deepens_the_trough() {
    let episode = Episode::named("margin_unwind_2015").unwrap();
    let ban = Lever::NetSellBan { from_day: 0, days: 34 };
    let outcome = ask(&episode.scenario, &[ban], 40);
    let change = |measure, place| outcome.levers[0].effect(measure, place).unwrap().change.median;
    assert!(change(Measure::WorstDay, "micro") > 0.0);
    assert!(change(Measure::Trough, "micro") < 0.0);
    assert!(change(Measure::Trough, "csi300") > 0.01);
}

/// Each lever does to the scenario what its name says.
#[test]
fn levers_do_what_they_say() {
    let scenario = storm_with_policy();
    let spent: f64 = scenario.purchases.iter().flat_map(|p| p.amount).sum();
    let pulled = |lever: Lever| lever.pulled(&scenario).unwrap();
    for (lever, bought) in [
        (Lever::PurchasesIn300, [false, false, false, false, true]),
        (Lever::PurchasesInSmall, [false, true, true, true, false]),
        (Lever::PurchasesByTrading, [true; 5]),
    ] {
        let changed = pulled(lever);
        let total: f64 = changed.purchases.iter().flat_map(|p| p.amount).sum();
        assert!((total / spent - 1.0).abs() < 1e-12);
        for purchase in &changed.purchases {
            assert_eq!(purchase.amount.map(|x| x > 0.0), bought);
        }
    }
    assert!(pulled(Lever::NoPurchases).purchases.is_empty());
    let days = |days| {
        pulled(Lever::PurchasesMoved { days }).purchases.iter().map(|p| p.day).collect::<Vec<_>>()
    };
    assert_eq!((days(-7), days(3), days(22)), (vec![0, 1], vec![9, 11], vec![28]));
    let rules = |scenario: &Scenario, day| {
        shoals_spiral::policy::rules_of(scenario.rules, &scenario.changes, day)
    };
    let banned = pulled(Lever::NetSellBan { from_day: 3, days: 4 });
    let on: Vec<usize> = (0..30).filter(|day| rules(&banned, *day).net_sell_ban).collect();
    assert_eq!(on, [3, 4, 5, 6]);
    assert!((0..30).all(|day| !rules(&pulled(Lever::NoNetSellBan), day).net_sell_ban));
    let gated = pulled(Lever::RedemptionGate { from_day: 28, days: 9 });
    assert_eq!((0..30).filter(|day| rules(&gated, *day).redemption_gate).count(), 2);
    let stepped = pulled(Lever::LeverageRule {
        from_day: 4,
        initial_margin: 0.5,
        call_ratio: 0.45,
        over_days: 5,
    });
    let margins = [3, 4, 6, 8, 20].map(|day| rules(&stepped, day).initial_margin);
    for (found, expected) in margins.into_iter().zip([0.25, 0.30, 0.40, 0.5, 0.5]) {
        assert!((found - expected).abs() < 1e-12, "{margins:?}");
    }
    let halved = pulled(Lever::Margin { initial_margin: 0.5, keeping: Keeping::Equity });
    assert_eq!(halved.dma.long_value, scenario.dma.long_value / 2.0);
    let money = |s: &Scenario| s.dma.opening_equity(s.rules.initial_margin);
    assert!((money(&halved) / money(&scenario) - 1.0).abs() < 1e-12);
    assert!((halved.rules.call_ratio - 0.3).abs() < 1e-12);
    let capped = run(&pulled(Lever::DmaCap { from_day: 0, share: 0.5, over_days: 4 }));
    // Prices aside, half is left: micro caps alone move, so value tells within a few percent.
    let left = capped[3].dma_value / scenario.dma.long_value;
    assert!((0.40..0.55).contains(&left), "{left}");
}

/// Every refusal names the number.
#[test]
fn levers_that_make_no_sense_are_refused() {
    let scenario = storm();
    for (lever, part) in [
        (Lever::DmaSize { times: -1.0 }, "`times` is -1"),
        (
            Lever::Margin { initial_margin: 25.0, keeping: Keeping::Equity },
            "`initial_margin` is 25",
        ),
        (Lever::Staggered { times: 0.0 }, "`times` is 0"),
        (Lever::DmaCap { from_day: 30, share: 0.5, over_days: 1 }, "`from_day` is 30"),
        (Lever::DmaCap { from_day: 0, share: 1.5, over_days: 1 }, "`share` is 1.5"),
        (Lever::NetSellBan { from_day: 30, days: 2 }, "is 30, expected a day of the scenario"),
    ] {
        let refusal = lever.pulled(&scenario).unwrap_err().to_string();
        assert!(refusal.contains(part), "{refusal}");
    }
    let refusal = Lever::from_toml("[[lever]]\nlever = \"no_dm\"").unwrap_err().to_string();
    assert!(refusal.contains("no_dm") && refusal.contains("no_dma"), "{refusal}");
    let none = counterfactual("storm", std::slice::from_ref(&scenario), &[], paths(0))
        .unwrap_err()
        .to_string();
    assert_eq!(none, "`paths` is 0, expected 1 or more");
}

/// Every usual lever of every episode can be pulled, has a name of its own and words in both languages, and reads back
/// from TOML; the tables have a row for each lever and place.
#[test]
fn the_usual_levers_fit_every_episode() {
    for name in shoals_spiral::episode::names() {
        let episode = Episode::named(name).unwrap();
        let levers = Lever::usual(&episode.scenario);
        assert!(levers.len() > 8, "{name}");
        let mut names: Vec<String> = levers.iter().map(Lever::name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), levers.len(), "{name}");
        for lever in &levers {
            assert!(!lever.text().zh.is_empty() && lever.text().zh != lever.text().en);
            let written = toml::to_string(lever).unwrap();
            assert_eq!(Lever::from_toml(&format!("[[lever]]\n{written}")).unwrap(), [*lever]);
        }
        let outcome =
            counterfactual(name, std::slice::from_ref(&episode.scenario), &levers, paths(1))
                .unwrap();
        let tables = outcome.tables();
        assert_eq!(tables[0].n_rows(), levers.len());
        assert_eq!(tables[1].n_rows(), levers.len() * places().len());
    }
}

/// Invariant: the same numbers on one thread.
#[test]
fn levers_do_not_depend_on_threads() {
    let levers = [Lever::NoDma, Lever::Staggered { times: 3.0 }];
    let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let one = alone.install(|| ask(&storm(), &levers, 9));
    let many = ask(&storm(), &levers, 9);
    assert_eq!(one.tables()[1].numbers("change").unwrap().len(), 2 * places().len());
    let bits = |outcome: &CounterfactualOutcome| -> Vec<u64> {
        outcome.levers.iter().flat_map(|l| &l.effects).map(|e| e.change.median.to_bits()).collect()
    };
    assert_eq!(bits(&one), bits(&many));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// Monotone (METHODS I6), at any depth of the storm, books alone: more DMA money and less margin deepen the fall of micro
    /// caps; less margin and more leverage take more of the books' money.
    #[test]
    fn money_and_leverage_deepen_the_fall(
        fall in 0.022..0.034_f64,
        coefficient in 0.4..1.2_f64,
        times in 1.2..2.0_f64,
    ) {
        let mut scenario = storm();
        scenario.days.iter_mut().for_each(|day| day.factor *= fall / 0.03);
        scenario.market.impact = ImpactLaw::square_root(coefficient);
        scenario.chaser.strength = 0.0;
        scenario.bargain.strength = 0.0;
        scenario.snowball.ladder.clear();
        let margin = |initial_margin| Lever::Margin { initial_margin, keeping: Keeping::LongValue };
        let levers = [Lever::DmaSize { times }, margin(0.25 / times), margin((0.25 * times).min(1.0)), Lever::NoDma];
        let outcome = ask(&scenario, &levers, 5);
        let change = |i: usize, measure, place| {
            outcome.levers[i].effect(measure, place).unwrap().change.median
        };
        prop_assert!(change(0, Measure::Trough, "micro") <= 1e-9);
        prop_assert!(change(1, Measure::Trough, "micro") <= 1e-9);
        prop_assert!(change(2, Measure::Trough, "micro") >= -1e-9);
        prop_assert!(change(3, Measure::Trough, "micro") >= -1e-9);
        prop_assert!(change(1, Measure::DmaEquityTrough, "dma") <= 1e-9);
        prop_assert!(change(2, Measure::DmaEquityTrough, "dma") >= -1e-9);
        prop_assert!(change(3, Measure::DmaEquityTrough, "dma").is_nan());
    }
}
