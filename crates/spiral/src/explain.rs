//! What made the fall: mechanisms switched off one by one and together, and the feedback number day by day.

use rayon::prelude::*;
use serde::Serialize;
use shoals_core::Seed;
use shoals_stats::shapley;

use crate::calibrate::Moment;
use crate::feedback::spectral_radius;
use crate::holder::Kind;
use crate::market::SEGMENTS;
use crate::scenario::{Day, Scenario};
use crate::simulate::{Own, World, simulate};

/// Something that can be switched off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mechanism {
    /// Margin calls, liquidations and stop-losses of DMA books.
    DmaCalls,
    /// Redemptions of neutral funds, and their hedge's cost.
    Redemption,
    /// Enhanced funds coming back to their benchmarks.
    Enhanced,
    /// Knock-ins.
    Snowball,
    /// Chasers.
    Chaser,
    /// Calls of margin accounts.
    MarginAccounts,
    /// Futures sold by those whose stocks are at their limit.
    Locked,
    /// Depth that shrinks.
    Depth,
    /// That index funds of large caps were bought, and not all in proportion to their trading.
    FundMix,
}

impl Mechanism {
    /// Every mechanism.
    pub const ALL: [Self; 9] = [
        Self::DmaCalls,
        Self::Redemption,
        Self::Enhanced,
        Self::Snowball,
        Self::Chaser,
        Self::MarginAccounts,
        Self::Locked,
        Self::Depth,
        Self::FundMix,
    ];

    /// The stable name used in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::DmaCalls => "dma_calls",
            Self::Redemption => "redemption",
            Self::Enhanced => "enhanced",
            Self::Snowball => "snowball",
            Self::Chaser => "chaser",
            Self::MarginAccounts => "margin_accounts",
            Self::Locked => "locked",
            Self::Depth => "depth",
            Self::FundMix => "fund_mix",
        }
    }

    /// Switches it off.
    pub fn switch_off(self, scenario: &mut Scenario) {
        match self {
            Self::DmaCalls => {
                // A book below nothing would still be below a line at zero.
                let never = f64::NEG_INFINITY;
                scenario.rules.call_ratio = never;
                scenario.rules.liquidation_ratio = never;
                for change in &mut scenario.changes {
                    (change.call_ratio, change.liquidation_ratio) = (None, None);
                }
                scenario.dma.stop_loss = f64::INFINITY;
            }
            Self::Redemption => {
                scenario.neutral.redemption_slope = 0.0;
                scenario.neutral.cost_slope = 0.0;
            }
            Self::Enhanced => {
                scenario.enhanced.speed = 0.0;
                scenario.enhanced.switch_slope = 0.0;
            }
            Self::Snowball => scenario.snowball.ladder.clear(),
            Self::Chaser => scenario.chaser.strength = 0.0,
            Self::MarginAccounts => scenario.margin.debt = [0.0; SEGMENTS],
            Self::Locked => scenario.locked.hedge = 0.0,
            Self::Depth => scenario.market.depth_elasticity = 0.0,
            Self::FundMix => {
                let traded: f64 = scenario.market.daily_amount.iter().sum();
                for purchase in &mut scenario.purchases {
                    let all: f64 = purchase.amount.iter().sum();
                    purchase.amount =
                        scenario.market.daily_amount.map(|amount| amount / traded * all);
                }
            }
        }
    }
}

/// What the mechanisms did to `moments` on path `path`: for each moment the Shapley share of every mechanism, in the order
/// of [`Mechanism::ALL`]; they add up to the moment with all of them less that with none. 512 runs of the scenario.
pub fn mechanism_shares(
    scenario: &Scenario,
    moments: &[Moment],
    path: u64,
    seed: Seed,
    noise: f64,
) -> Vec<Vec<f64>> {
    let n = Mechanism::ALL.len();
    let values = |on: usize| -> Vec<f64> {
        let mut changed = scenario.clone();
        for (i, mechanism) in Mechanism::ALL.into_iter().enumerate() {
            if on >> i & 1 == 0 {
                mechanism.switch_off(&mut changed);
            }
        }
        let records = simulate(&changed, path, seed, noise);
        moments.iter().map(|moment| moment.of(&changed, &records)).collect()
    };
    let runs: Vec<Vec<f64>> = (0..1 << n).into_par_iter().map(values).collect();
    (0..moments.len())
        .map(|i| shapley::shares(&runs.iter().map(|run| run[i]).collect::<Vec<f64>>()))
        .collect()
}

/// The feedback number of a day.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Feedback {
    /// What a fall brings about over the next day, per unit of fall, at its most: the spectral radius of the map from a
    /// fall of each segment to the fall of each that orders add. Below 1 damped, above 1 a cascade.
    pub all: f64,
    /// The same when only one kind of holder trades, in the order of [`Kind::ALL`].
    pub by_kind: [f64; Kind::ALL.len()],
}

/// The feedback number at the close of every day but the last, on the path without noise; shocks are falls of 1 %.
pub fn feedback(scenario: &Scenario) -> Vec<Feedback> {
    let mut world = World::new(scenario);
    let mut still = scenario.clone();
    for day in &mut still.days {
        *day = Day { days_to_next: day.days_to_next, ..Day::of(0.0) };
    }
    (0..scenario.days.len().saturating_sub(1))
        .map(|day| {
            world.day(scenario, day, |_, _| Own::default());
            let of = |active: [bool; Kind::ALL.len()]| {
                let mut world = world.clone();
                world.active = active;
                response(&world, &still, day + 1)
            };
            let only = |kind: usize| std::array::from_fn(|k| k == kind);
            Feedback {
                all: of([true; Kind::ALL.len()]),
                by_kind: std::array::from_fn(|kind| of(only(kind))),
            }
        })
        .collect()
}

/// Spectral radius of a day's response to a fall of 1 % of each segment in its first round.
pub(crate) fn response(world: &World, still: &Scenario, day: usize) -> f64 {
    const FALL: f64 = 0.01;
    let ends = |shocked: Option<usize>| {
        let mut world = world.clone();
        world.day(still, day, |round, _| {
            let mut own = Own::default();
            if let Some(k) = shocked.filter(|_| round == 0) {
                own.segment[k] = -FALL;
            }
            own
        })
    };
    let base = ends(None).level;
    let mut matrix = [0.0; SEGMENTS * SEGMENTS];
    for shocked in 0..SEGMENTS {
        let level = ends(Some(shocked)).level;
        for k in 0..SEGMENTS {
            let fell = 1.0 - level[k] / base[k];
            let own = if k == shocked { FALL } else { 0.0 };
            matrix[k * SEGMENTS + shocked] = (fell - own) / FALL;
        }
    }
    spectral_radius(&matrix, SEGMENTS)
}
