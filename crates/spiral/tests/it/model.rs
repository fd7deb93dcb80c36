//! The spiral's invariants, on made-up days.

use proptest::prelude::*;
use shoals_core::Seed;
use shoals_market::impact::ImpactLaw;
use shoals_spiral::calibrate::{Mirrored, Moment, Parameter, Search, Target, fit};
use shoals_spiral::explain::{Mechanism, feedback, mechanism_shares};
use shoals_spiral::holder::{Hedge, Kind, View};
use shoals_spiral::market::{BySegment, Market, Orders, Product};
use shoals_spiral::monte_carlo::bands;
use shoals_spiral::policy::{Change, Rules};
use shoals_spiral::scenario::{Day, Scenario};
use shoals_spiral::simulate::{DayRecord, simulate, with_inferred_news};

pub(crate) fn days(factors: &[f64]) -> Vec<Day> {
    factors.iter().map(|&factor| Day::of(factor)).collect()
}

/// Ten days of falls, the smaller the stock the deeper, then twenty quiet ones: hedges do not help.
pub(crate) fn storm() -> Scenario {
    let mut factors = vec![-0.03; 10];
    factors.extend([0.0; 20]);
    let mut scenario = Scenario::china_2024(days(&factors));
    scenario.market.beta = [1.5, 1.2, 0.8, 0.6, 0.5];
    scenario
}

/// The same market without anybody in it.
pub(crate) fn empty(mut scenario: Scenario) -> Scenario {
    scenario.dma.long_value = 1.0;
    scenario.neutral.stocks = [0.0; 3];
    scenario.enhanced.value = [0.0; 5];
    scenario.snowball.ladder.clear();
    scenario.chaser.strength = 0.0;
    scenario.bargain.strength = 0.0;
    scenario.margin.debt = [0.0; 5];
    scenario.locked.hedge = 0.0;
    scenario.market.dispersion_elasticity = 0.0;
    scenario
}

pub(crate) fn run(scenario: &Scenario) -> Vec<DayRecord> {
    simulate(scenario, 0, Seed::default(), 0.0)
}

fn lowest_micro(path: &[DayRecord]) -> f64 {
    path.iter().map(|day| day.level[0]).fold(f64::INFINITY, f64::min)
}

fn flow(day: &DayRecord, kind: Kind) -> Orders {
    day.flow[kind as usize]
}

/// Closed form: with nobody in the market a segment compounds its beta times the factor, as the price limits let it.
#[test]
fn an_empty_market_follows_the_factor() {
    let factors = [0.004, -0.006, 0.002, 0.0, -0.003];
    let scenario = empty(Scenario::china_2024(days(&factors)));
    let path = run(&scenario);
    for k in 0..5 {
        let compounded: f64 = factors.iter().map(|f| 1.0 + scenario.market.beta[k] * f).product();
        // Names spread 3 % around a segment 12 % from its limit: one in 30,000 is cut.
        assert!((path[4].level[k] / compounded - 1.0).abs() < 1e-5, "{k}");
    }
}

/// Invariant: an anchored day shows the index as given, whatever the holders do.
#[test]
fn an_anchored_day_shows_the_index_as_given() {
    let mut scenario = storm();
    scenario.days.iter_mut().for_each(|day| day.is_anchored = true);
    scenario.days.iter_mut().for_each(|day| day.factor *= 0.5);
    let mut expected = 1.0;
    for (day, record) in scenario.days.iter().zip(run(&scenario)) {
        expected *= 1.0 + day.factor;
        assert!((record.level[4] / expected - 1.0).abs() < 2e-5, "{}", record.level[4]);
    }
}

/// Invariant: books that cross no line sell nothing.
#[test]
fn no_breach_no_forced_flow() {
    let mut scenario = storm();
    scenario.rules = Rules { call_ratio: 0.0, liquidation_ratio: 0.0, ..Rules::default() };
    scenario.dma.stop_loss = f64::INFINITY;
    scenario.dma.leverage_spread = 0.9;
    for day in run(&scenario) {
        assert_eq!(flow(&day, Kind::Dma), Orders::default());
    }
}

/// Invariants of what is traded: enhanced funds and chasers buy what they sell; under the ban DMA books sell no more than they buy and cover nothing.
#[test]
fn what_is_sold_is_bought_where_it_must_be() {
    let mut scenario = storm();
    scenario.changes = vec![Change { from_day: 6, net_sell_ban: Some(true), ..Change::default() }];
    let path = run(&scenario);
    let net = |orders: Orders| orders.stock.iter().sum::<f64>();
    let mut dma_sold = 0.0;
    for (t, day) in path.iter().enumerate() {
        let enhanced = flow(day, Kind::Enhanced);
        let switched: f64 = enhanced.future.iter().sum();
        assert!((net(enhanced) + switched).abs() < 1.0, "stocks switched for futures");
        assert!(net(flow(day, Kind::Chaser)).abs() < 1.0);
        let dma = flow(day, Kind::Dma);
        if t >= 6 {
            assert!(net(dma).abs() < 1.0);
            assert_eq!(dma.future, [0.0; 3]);
        }
        dma_sold += dma.stock[0].max(0.0);
    }
    assert!(dma_sold > 1e9, "a quiet storm proves nothing");
}

/// Closed form: a dealer whose rung was touched has sold the delta it started with, down to the delta after the touch.
#[test]
fn a_touched_rung_leaves_the_delta_after_the_touch() {
    let mut scenario = storm();
    scenario.snowball.ladder.retain(|rung| rung.product == Product::Ic && rung.knock_in > 0.9);
    let path = run(&scenario);
    assert_eq!(path[29].knocked_in, 1.0);
    let terms = &scenario.snowball;
    let expected: f64 = terms
        .ladder
        .iter()
        .map(|rung| {
            let near = (-(1.0 / rung.knock_in - 1.0) / terms.width).exp();
            let start = terms.quiet_delta + (terms.peak_delta - terms.quiet_delta) * near;
            (start - terms.touched_delta) * rung.notional
        })
        .sum();
    let sold: f64 = path.iter().map(|day| flow(day, Kind::Snowball).future[1]).sum();
    assert!((sold / expected - 1.0).abs() < 1e-9, "{sold} against {expected}");
}

/// Money: a rolled hedge is worth what it was, and a day on a market that stands still earns the carry alone.
#[test]
fn a_roll_is_not_money() {
    let scenario = storm();
    let (market, terms) = (Market::quiet(&scenario.market), &scenario.market);
    let view = View { market: &market, terms, rules: &scenario.rules, day: 0, rounds: 8 };
    let mut hedge = Hedge::open(&view, Product::Im, 1e9, 10.0);
    let before = hedge.value();
    let gain = hedge.pass(4.0, &market, terms);
    assert!(hedge.days > 90.0, "it rolled");
    let carry = terms.carry[Product::Im as usize] * 4.0 / 365.0;
    assert!((gain / before - carry / (1.0 + terms.basis(0.0, Product::Im, 10.0))).abs() < 1e-12);
    assert!((hedge.value() - (before - gain)).abs() < 1e-3);
    assert_eq!(hedge.mark(&market, terms), 0.0);
}

/// Limit: more rounds a day change less and less.
#[test]
fn more_rounds_change_less_and_less() {
    let lowest = |rounds| lowest_micro(&run(&Scenario { rounds, ..storm() }));
    let by_rounds = [4, 8, 16, 32, 64].map(lowest);
    let steps: Vec<f64> = by_rounds.windows(2).map(|pair| (pair[1] - pair[0]).abs()).collect();
    assert!(steps[3] < steps[0] && steps[3] < 0.01, "{by_rounds:?}");
}

/// Invariant: the same bytes on one thread or two, and another path is another path.
#[test]
fn a_path_is_its_number_and_seed() {
    let scenario = storm();
    let path = |k| simulate(&scenario, k, Seed(3), 1.0);
    let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    assert_eq!(alone.install(|| path(5)), path(5));
    assert_ne!(path(5)[0].level, path(6)[0].level);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Invariants of the storm, at any depth of it: more impact, more DMA money and more leverage make micro caps fall no
    /// less; money never appears: a level is positive, a share between 0 and 1.
    #[test]
    fn the_fall_grows_with_impact_size_and_leverage(
        fall in 0.024..0.036_f64,
        coefficient in 0.4..1.2_f64,
        larger in 1.1..1.8_f64,
    ) {
        let with = |change: &dyn Fn(&mut Scenario)| {
            let mut scenario = storm();
            scenario.days.iter_mut().for_each(|day| day.factor *= fall / 0.03);
            scenario.market.impact = ImpactLaw::square_root(coefficient);
            // Only the books: others' answers may turn a fall around.
            scenario.chaser.strength = 0.0;
            scenario.bargain.strength = 0.0;
            scenario.snowball.ladder.clear();
            change(&mut scenario);
            run(&scenario)
        };
        let base = with(&|_| ());
        let impact = with(&|s| s.market.impact = ImpactLaw::square_root(coefficient * larger));
        let size = with(&|s| s.dma.long_value *= larger);
        let margin = with(&|s| s.rules.initial_margin = 0.25 * larger);
        let forced: f64 = base.iter().map(|day| flow(day, Kind::Dma).stock[0]).sum();
        prop_assert!(forced > 1e9, "a quiet storm proves nothing");
        prop_assert!(lowest_micro(&impact) <= lowest_micro(&base) + 1e-9);
        prop_assert!(lowest_micro(&size) <= lowest_micro(&base) + 1e-9);
        prop_assert!(lowest_micro(&margin) >= lowest_micro(&base) - 1e-9);
        for day in base.iter().chain(&impact).chain(&size).chain(&margin) {
            prop_assert!(day.level.iter().all(|level| *level > 0.0));
            let shares: [BySegment; 1] = [day.limit_down];
            prop_assert!(shares.iter().flatten().all(|share| (0.0..=1.0).contains(share)));
            prop_assert!((0.0..=1.0).contains(&day.dma_wiped_out) && day.dma_value >= 0.0);
        }
    }

    /// No look-ahead: a path of fewer days is the beginning of the longer one.
    #[test]
    fn fewer_days_are_the_beginning_of_more(n in 1..29_usize) {
        let scenario = storm();
        let short = Scenario { days: scenario.days[..n].to_vec(), ..scenario.clone() };
        prop_assert_eq!(&run(&scenario)[..n], &run(&short)[..]);
    }
}

/// Known answer: a storm simulated with known numbers is fitted from others; the path is found again, and with it the
/// numbers the path depends on.
#[test]
fn a_fit_finds_the_numbers_a_path_was_made_with() {
    let parameters: Vec<Parameter> = shoals_spiral::china_2024::parameters()
        .into_iter()
        .filter(|p| {
            ["market.impact.coefficient", "market.basis_fear", "dma.weights[micro]"]
                .contains(&p.name)
        })
        .collect();
    let truth = [0.9, 0.4, 0.2];
    let mut made = storm();
    for (parameter, value) in parameters.iter().zip([truth[0], truth[1], truth[2]]) {
        (parameter.set)(&mut made, value);
    }
    let path = run(&made);
    let moments = (0..5)
        .flat_map(|segment| {
            [(0, 5), (5, 10), (10, 20)].map(|(from, to)| Moment::Return { segment, from, to })
        })
        .chain([3, 8, 12].map(|day| Moment::Basis { product: Product::Im, day, days: 40.0 }));
    let targets: Vec<Target> = moments
        .map(|moment| Target {
            name: String::new(),
            moment,
            data: moment.of(&made, &path),
            tolerance: 0.01,
        })
        .collect();
    let search =
        Search { population: 24, generations: 60, paths: Mirrored::quiet(), seed: Seed(1) };
    let found = fit(&storm(), &parameters, &targets, search, &|_, _| ());
    assert!(found.loss < 1e-4, "{}", found.loss);
    assert!(found.history.is_sorted_by(|a, b| a >= b));
    for ((parameter, value), truth) in parameters.iter().zip(&found.values).zip(truth) {
        assert!((value / truth - 1.0).abs() < 0.05, "{} {value} {truth}", parameter.name);
    }
    let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    assert_eq!(alone.install(|| fit(&storm(), &parameters, &targets, search, &|_, _| ())), found);
}

#[test]
fn illegal_scenarios_are_named() {
    let refusal = |change: &dyn Fn(&mut Scenario)| {
        let mut scenario = storm();
        change(&mut scenario);
        scenario.checked().unwrap_err().to_string()
    };
    assert!(storm().checked().is_ok());
    assert_eq!(refusal(&|s| s.rounds = 0), "`rounds` is 0, expected above 0");
    assert_eq!(
        refusal(&|s| s.market.daily_amount[2] = 0.0),
        "`market.daily_amount[2]` is 0, expected above 0"
    );
    assert_eq!(
        refusal(&|s| s.dma.hedge_mix = [0.5, 0.5, 0.5]),
        "`dma.hedge_mix` is 1.5, expected shares that add up to 1"
    );
    assert_eq!(
        refusal(&|s| s.rules.call_ratio = 0.3),
        "`rules.call_ratio` is 0.3, expected liquidation line <= call line <= `initial_margin` <= 1"
    );
    assert_eq!(
        refusal(&|s| s.days.clear()),
        "`days` has 0 values, expected 1, one for each scenario"
    );
}

/// Invariants of the explanation: shares add up to what all mechanisms did together; a mechanism with nothing to do has
/// none; the books' calls deepen the fall.
#[test]
fn shares_add_up_to_what_the_mechanisms_did() {
    let mut scenario = storm();
    scenario.chaser.strength = 0.0;
    let moment = Moment::Return { segment: 0, from: 0, to: 12 };
    let shares = mechanism_shares(&scenario, &[moment], 0, Seed::default(), 0.0).remove(0);
    let mut none = scenario.clone();
    for mechanism in Mechanism::ALL {
        mechanism.switch_off(&mut none);
    }
    let did = moment.of(&scenario, &run(&scenario)) - moment.of(&none, &run(&none));
    let total: f64 = shares.iter().sum();
    assert!((total - did).abs() < 1e-12, "{total} against {did}");
    let of = |mechanism| shares[mechanism as usize];
    assert_eq!(of(Mechanism::Chaser), 0.0);
    assert_eq!(of(Mechanism::FundMix), 0.0, "nothing was bought");
    assert!(of(Mechanism::DmaCalls) < -0.001, "{}", of(Mechanism::DmaCalls));
}

/// Invariants of the feedback number: nobody, none; the storm's is higher than the quiet market's, and the books' part of
/// it rises with their leverage.
#[test]
fn the_feedback_number_rises_in_the_storm() {
    let nobody = feedback(&empty(storm()));
    assert!(
        nobody.iter().all(|day| day.all < 1e-3),
        "only what the limits hide: {}",
        nobody[0].all
    );
    let days = feedback(&storm());
    assert_eq!(days.len(), 29);
    let highest = days.iter().map(|day| day.all).fold(0.0, f64::max);
    assert!(highest > days[0].all, "{highest} after {}", days[0].all);
    let books = |margin| {
        let rules = Rules { initial_margin: margin, ..Rules::default() };
        let days = feedback(&Scenario { rules, ..storm() });
        days.iter().map(|day| day.by_kind[Kind::Dma as usize]).fold(0.0, f64::max)
    };
    assert!(books(0.25) > books(0.4), "{} {}", books(0.25), books(0.4));
}

/// What an anchored path inferred shows it again without the anchor.
#[test]
fn the_inferred_news_shows_the_path_again() {
    let mut scenario = storm();
    for day in &mut scenario.days {
        (day.factor, day.is_anchored) = (day.factor * 0.5, true);
    }
    let (anchored, freed) = (run(&scenario), run(&with_inferred_news(&scenario)));
    for (a, b) in anchored.iter().zip(&freed) {
        for k in 0..5 {
            assert!((a.level[k] / b.level[k] - 1.0).abs() < 1e-12, "{k}");
        }
    }
}

/// Bands hold the path without noise, do not depend on threads, and vanish with the noise.
#[test]
fn bands_hold_the_middle_and_vanish_with_the_noise() {
    let scenario = storm();
    let moments = [Moment::Return { segment: 0, from: 0, to: 10 }, Moment::DmaValue { day: 10 }];
    let noisy = bands(std::slice::from_ref(&scenario), &moments, 60, Seed(4), 1.0);
    let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    assert_eq!(
        alone.install(|| bands(std::slice::from_ref(&scenario), &moments, 60, Seed(4), 1.0)),
        noisy
    );
    let middle = moments[0].of(&scenario, &run(&scenario));
    assert!(noisy[0].p10 < middle && middle < noisy[0].p90, "{:?} {middle}", noisy[0]);
    for band in bands(std::slice::from_ref(&scenario), &moments, 3, Seed(4), 0.0) {
        assert_eq!((band.p10, band.p90), (band.median, band.median));
    }
}

/// Money: what the limits hid of a fall is lost by those who hold the stocks, the next morning. Books that cross no line have
/// at the end what their stocks' levels and their futures' prices say, through days on which most names are at their limit.
#[test]
fn what_the_limits_hide_is_lost_too() {
    let mut factors = vec![-0.09, -0.07, -0.02];
    factors.extend([0.0; 5]);
    let mut scenario = empty(Scenario::china_2024(days(&factors)));
    scenario.market.beta = [1.5; 5];
    scenario.dma.long_value = 1.0;
    scenario.dma.books = 1;
    scenario.dma.hedge_ratio = 0.0;
    scenario.dma.financing_rate = 0.0;
    scenario.dma.stop_loss = f64::INFINITY;
    scenario.rules = Rules { call_ratio: -10.0, liquidation_ratio: -10.0, ..Rules::default() };
    (scenario.dma.tilt_spread, scenario.dma.leverage_spread) = (0.0, 0.0);
    let path = run(&scenario);
    assert!(path[0].limit_down[0] > 0.5, "a day without limits proves nothing");
    let value: f64 =
        scenario.dma.weights.iter().zip(path[7].level).map(|(w, level)| w * level).sum();
    assert!((path[7].dma_value / value - 1.0).abs() < 1e-12, "{} {value}", path[7].dma_value);
    assert!((path[7].dma_equity - (0.25 + value - 1.0)).abs() < 1e-12);
}
