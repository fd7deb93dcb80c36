//! The walk: a crowd that grows, under news of every segment's own.

use proptest::prelude::*;
use shoals_core::Seed;
use shoals_market::impact::ImpactLaw;
use shoals_spiral::holder::Kind;
use shoals_spiral::market::BySegment;
use shoals_spiral::scenario::{Day, Scenario};
use shoals_spiral::simulate::simulate;
use shoals_spiral::walk::{Inflow, Walk, WalkedDay};

const QUIET: BySegment = [0.0; 5];
const NOTHING: Inflow = Inflow { dma: 0.0, neutral: 0.0, tilt: 0.0 };

fn china() -> Scenario {
    Scenario::china_2024(vec![Day::of(0.0)])
}

/// A market nobody moves: orders have no impact, there is no limit, no carry and no financing.
fn still() -> Scenario {
    let mut scenario = china();
    scenario.market.impact = ImpactLaw::square_root(1e-15);
    scenario.market.participation = 1e9;
    scenario.market.price_limit = [1.0; 5];
    (scenario.market.carry, scenario.market.basis_impact) = ([0.0; 3], 0.0);
    scenario.dma.financing_rate = 0.0;
    scenario.snowball.ladder.clear();
    scenario
}

fn walk(scenario: &Scenario, news: &[BySegment], inflow: Inflow) -> (Walk, Vec<WalkedDay>) {
    let mut walk = Walk::new(scenario.clone()).unwrap();
    let days = news.iter().map(|news| walk.step(news, inflow, 1.0)).collect();
    (walk, days)
}

/// Peer: under news that is one factor, without money, the walk is the simulation of anchored days.
#[test]
fn a_walk_under_one_factor_is_the_simulation() {
    let factors = [-0.01, -0.02, 0.004, -0.01, -0.015, 0.01, -0.02, 0.01, -0.01, 0.0];
    let mut scenario = china();
    scenario.market.beta = [1.5, 1.2, 0.8, 0.6, 0.5];
    scenario.rules.call_ratio = 0.2;
    let beta = scenario.market.beta;
    let news: Vec<BySegment> = factors.iter().map(|f| beta.map(|b| b / beta[4] * f)).collect();
    let (_, walked) = walk(&scenario, &news, NOTHING);
    scenario.days = factors.iter().map(|&f| Day { is_anchored: true, ..Day::of(f) }).collect();
    let simulated = simulate(&scenario, 0, Seed::default(), 0.0);
    for (walked, simulated) in walked.iter().zip(&simulated) {
        for k in 0..5 {
            assert!((walked.record.level[k] / simulated.level[k] - 1.0).abs() < 1e-12);
        }
        assert!((walked.record.dma_equity / simulated.dma_equity - 1.0).abs() < 1e-12);
    }
    let forced: f64 = simulated.iter().map(|day| day.flow[Kind::Dma as usize].stock[0]).sum();
    assert!(forced > 1e8, "a quiet path proves nothing: {forced}");
}

/// Closed form: in a market nobody moves, what is held grows by the money that came, the short with it, and own money by each
/// book's margin of what it bought.
#[test]
fn money_that_comes_is_bought_hedged_and_margined() {
    let scenario = still();
    let inflow = Inflow { dma: 3e8, neutral: 2e8, tilt: 0.0 };
    let (walk, days) = walk(&scenario, &[QUIET; 20], inflow);
    let (first, last) = (scenario.dma.long_value, &days[19]);
    let sum = |x: &[f64]| x.iter().sum::<f64>();
    let close = |a: f64, b: f64| (a / b - 1.0).abs() < 1e-9;
    assert!(close(sum(&last.held[0]), first + 20.0 * 3e8));
    assert!(close(sum(&last.held[1]), sum(&scenario.neutral.stocks) + 20.0 * 2e8));
    assert!(close(sum(&last.short[0]), sum(&last.held[0])));
    assert!(close(sum(&last.short[1]), sum(&last.held[1])));
    let bought = last.record.flow[Kind::Dma as usize];
    assert!(close(-sum(&bought.stock), 3e8) && close(sum(&bought.future), 3e8));
    let margin: f64 = walk.books().iter().map(|book| book.margin * book.long_value()).sum();
    assert!(close(last.record.dma_equity, margin));
}

/// Money paid out is no loss: books that win day after day and pay it out keep their margin and never reach a stop of a
/// tenth, which the first day's payment alone would have looked like.
#[test]
fn what_is_paid_out_is_no_drawdown() {
    let mut scenario = still();
    scenario.dma.stop_loss = 0.1;
    let up = [0.04, 0.03, 0.0, 0.0, 0.0];
    let inflow = Inflow { dma: 1e8, ..NOTHING };
    let (walk, days) = walk(&scenario, &[up; 5], inflow);
    for book in walk.books() {
        assert!(!book.is_closing);
        assert!((book.equity / (book.margin * book.long_value()) - 1.0).abs() < 1e-9);
    }
    assert_eq!(days[4].called, 0.0);
}

/// Leaning is an exchange: a fund sells of its benchmark what it buys of its tilt, and never more than it lacks.
#[test]
fn funds_lean_by_selling_their_benchmark() {
    let mut scenario = still();
    scenario.enhanced.threshold = 0.001;
    let down = [-0.05, -0.05, 0.0, 0.0, 0.0];
    let (_, fallen) = walk(&scenario, &[down, down, down, QUIET, QUIET], NOTHING);
    let lost: f64 = fallen[4].held[2].iter().sum();
    let full = Walk::new(scenario.clone()).unwrap().step(&QUIET, NOTHING, 1.0);
    let whole: f64 = full.held[2].iter().sum();
    assert!(lost < 0.9 * whole, "tilts were cut: {lost} of {whole}");
    // A tilt that is full buys nothing.
    let leaning = Inflow { tilt: 0.5, ..NOTHING };
    let (_, days) = walk(&scenario, &[QUIET; 3], leaning);
    let flow = days[2].record.flow[Kind::Enhanced as usize].stock;
    assert!(flow.iter().all(|x| x.abs() < 1.0), "{flow:?}");
    // One that has room buys half of it a day, and the day's orders add up to nothing.
    let (_, days) = walk(&scenario, &[[-0.0005, -0.0005, 0.0, 0.0, 0.0], QUIET], leaning);
    let flow = days[1].record.flow[Kind::Enhanced as usize].stock;
    assert!(flow[0] < -1e4 && flow.iter().sum::<f64>().abs() < 1e-3, "{flow:?}");
}

/// Buying lifts and hedging presses: money that comes makes small companies dearer and the futures cheaper.
#[test]
fn a_growing_crowd_lifts_what_it_buys() {
    let mut scenario = china();
    scenario.snowball.ladder.clear();
    // As much of a segment as there is money for; no one answers the discount with stocks.
    scenario.market.participation = 1e9;
    scenario.enhanced.switch_slope = 0.0;
    // Arbitrageurs carry sold futures into the stocks of their index.
    scenario.market.arbitrage_share = 0.0;
    let inflow = Inflow { dma: 3e9, neutral: 5e8, tilt: 0.0 };
    let (_, grown) = walk(&scenario, &[QUIET; 60], inflow);
    let (_, idle) = walk(&scenario, &[QUIET; 60], NOTHING);
    let lift = |days: &[WalkedDay], k: usize| days.iter().map(|day| day.pressed[k]).sum::<f64>();
    let lifts: BySegment = std::array::from_fn(|k| lift(&grown, k) - lift(&idle, k));
    assert!(lifts[0] > 0.005 && lifts[0] > lifts[1] && lifts[1] > lifts[3], "{lifts:?}");
    assert!(grown[59].record.stress[2] < idle[59].record.stress[2]);
    assert_eq!(lift(&grown, 4), 0.0, "the largest segment shows its news");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// Invariants on any news: counting levels anew changes no return and no money; a walk cut short is the beginning of the
    /// longer one; no holding is negative.
    #[test]
    fn counting_anew_and_cutting_short_change_nothing(
        falls in prop::collection::vec(-0.03..0.02_f64, 24),
        cut in 1..23_usize,
    ) {
        let news: Vec<BySegment> =
            falls.iter().map(|f| [1.3 * f, 1.1 * f, *f, 0.9 * f, 0.5 * f]).collect();
        let mut scenario = china();
        scenario.snowball.ladder.clear();
        let inflow = Inflow { dma: 2e8, neutral: 1e8, tilt: 0.02 };
        let (_, whole) = walk(&scenario, &news, inflow);
        let (mut cut_walk, beginning) = walk(&scenario, &news[..cut], inflow);
        prop_assert_eq!(&whole[..cut], &beginning[..]);
        cut_walk.issue(&scenario.snowball);
        let counted = beginning[cut - 1].record.level;
        for (news, whole) in news[cut..].iter().zip(&whole[cut..]) {
            let anew = cut_walk.step(news, inflow, 1.0);
            for k in 0..5 {
                let level = anew.record.level[k] * counted[k];
                // The square root law makes much of a rounded yuan.
                prop_assert!((level / whole.record.level[k] - 1.0).abs() < 1e-7);
                prop_assert!((anew.held[0][k] / whole.held[0][k] - 1.0).abs() < 1e-6);
                prop_assert!(anew.held.iter().all(|held| held[k] >= 0.0));
            }
            prop_assert!((anew.record.dma_equity / whole.record.dma_equity - 1.0).abs() < 1e-5);
        }
    }
}
