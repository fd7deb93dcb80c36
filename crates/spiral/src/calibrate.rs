//! The numbers of a scenario that nobody publishes, fitted to what happened.
//!
//! Simulated moments: the mean of a moment over pairs of mirrored paths is compared with what the market did, each
//! difference in units of its own tolerance, large ones damped (Huber). Numbers that fit on a knife's edge, on the path
//! without noise alone, lose. The search is differential evolution in the form of Zhang and Sanderson (2009),
//! JADE without its archive: the best of a population are followed, step and crossover drawn anew for each member. It is
//! seeded, and the same on any number of threads.
//!
//! Method page: `docs/method/spiral.md`

use rayon::prelude::*;
use serde::Serialize;
use shoals_core::Seed;
use shoals_stats::counter_normal::counter_uniform;

use crate::market::Product;
use crate::scenario::Scenario;
use crate::simulate::{DayRecord, simulate};

/// A number to be fitted, and where it may lie.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    /// Its name, as in the scenario file.
    pub name: &'static str,
    /// Lower end of the prior.
    pub low: f64,
    /// Upper end of the prior.
    pub high: f64,
    /// Puts a value into a scenario.
    pub set: fn(&mut Scenario, f64),
}

/// A number a path gives.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "moment", rename_all = "snake_case")]
pub enum Moment {
    /// Return of a segment from the close of one day to that of another; day 0 is the close before the first day.
    Return {
        /// Place in [`shoals_core::Segment::ALL`].
        segment: usize,
        /// Close it starts from.
        from: usize,
        /// Close it ends at.
        to: usize,
    },
    /// Basis of a contract, a fraction of spot.
    Basis {
        /// Its product.
        product: Product,
        /// Close, 1 the first day's.
        day: usize,
        /// Calendar days to its expiry.
        days: f64,
    },
    /// Long value of the DMA books, CNY.
    DmaValue {
        /// Close, 1 the first day's.
        day: usize,
    },
    /// Debt of the margin accounts, CNY.
    MarginDebt {
        /// Close, 1 the first day's.
        day: usize,
    },
    /// Share of a segment's names at their lower limit at the close.
    LimitDown {
        /// Place in [`shoals_core::Segment::ALL`].
        segment: usize,
        /// Close, 1 the first day's.
        day: usize,
    },
}

impl Moment {
    /// The moment of a path.
    ///
    /// # Panics
    /// When the path has not so many days.
    pub fn of(self, scenario: &Scenario, path: &[DayRecord]) -> f64 {
        let level = |day: usize, k: usize| if day == 0 { 1.0 } else { path[day - 1].level[k] };
        match self {
            Self::Return { segment, from, to } => level(to, segment) / level(from, segment) - 1.0,
            Self::Basis { product, day, days } => {
                scenario.market.basis(path[day - 1].stress[product as usize], product, days)
            }
            Self::DmaValue { day } => path[day - 1].dma_value,
            Self::MarginDebt { day } => path[day - 1].margin_debt,
            Self::LimitDown { segment, day } => path[day - 1].limit_down[segment],
        }
    }

    /// The last day it looks at, 1 the first.
    pub fn last_day(self) -> usize {
        match self {
            Self::Return { from, to, .. } => from.max(to),
            Self::Basis { day, .. }
            | Self::DmaValue { day }
            | Self::MarginDebt { day }
            | Self::LimitDown { day, .. } => day,
        }
    }
}

/// What a moment should be.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Target {
    /// What it is called in the table of the fit.
    pub name: String,
    /// The number of the path.
    pub moment: Moment,
    /// The number of the market.
    pub data: f64,
    /// Difference that counts as one.
    pub tolerance: f64,
}

/// Paths a scenario is judged on, each with its mirror image.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Mirrored {
    /// Pairs of a path and its mirror image; 0 for the one path without noise.
    pub pairs: u64,
    /// Scale of their noise.
    pub noise: f64,
    /// Their seed.
    pub seed: Seed,
}

impl Mirrored {
    /// The path without noise alone.
    pub fn quiet() -> Self {
        Self { pairs: 0, noise: 0.0, seed: Seed::default() }
    }

    /// Loss of the scenario: of the mean over its paths of every moment.
    pub fn loss(self, scenario: &Scenario, targets: &[Target]) -> f64 {
        let mut sums = vec![0.0; targets.len()];
        let mut add = |path, noise| {
            let records = simulate(scenario, path, self.seed, noise);
            for (sum, target) in sums.iter_mut().zip(targets) {
                *sum += target.moment.of(scenario, &records);
            }
        };
        for path in 0..self.pairs {
            add(path, self.noise);
            add(path, -self.noise);
        }
        if self.pairs == 0 {
            add(0, 0.0);
        }
        let n = (2 * self.pairs).max(1) as f64;
        let off = targets.iter().zip(sums).map(|(target, sum)| target.off(sum / n));
        off.sum::<f64>() / targets.len() as f64
    }
}

impl Target {
    /// Damped squared difference of a moment from it: beyond two tolerances linear.
    pub fn off(&self, moment: f64) -> f64 {
        let off = (moment - self.data).abs() / self.tolerance;
        if off < 2.0 { off * off } else { 4.0 * off - 4.0 }
    }
}

/// A fitted scenario.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fit {
    /// The scenario with the fitted numbers in it.
    pub scenario: Scenario,
    /// The fitted numbers, in the order of the parameters.
    pub values: Vec<f64>,
    /// Their loss.
    pub loss: f64,
    /// Least loss after each generation.
    pub history: Vec<f64>,
}

/// How long to search.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Search {
    /// Members of the population.
    pub population: usize,
    /// Generations.
    pub generations: usize,
    /// What each member is judged on.
    pub paths: Mirrored,
    /// Seed of the search.
    pub seed: Seed,
}

/// Fits `parameters` of `base` to `targets`; `progress` is told every generation and the least loss so far.
///
/// # Panics
/// When a target lies beyond the scenario's last day, or the population has fewer than four members.
pub fn fit(
    base: &Scenario,
    parameters: &[Parameter],
    targets: &[Target],
    search: Search,
    progress: &dyn Fn(usize, f64),
) -> Fit {
    assert!(search.population >= 4, "a population of four or more");
    let seen = until(base, targets);
    let judge = |values: &Vec<f64>| search.paths.loss(&with(&seen, parameters, values), targets);
    let mut draws = Draws::new(search.seed.part("calibrate"));
    let mut members: Vec<Vec<f64>> = (0..search.population)
        .map(|_| parameters.iter().map(|p| p.low + draws.unit() * (p.high - p.low)).collect())
        .collect();
    let mut losses: Vec<f64> = members.par_iter().map(judge).collect();
    let mut history = Vec::with_capacity(search.generations);
    for generation in 0..search.generations {
        let mut order: Vec<usize> = (0..members.len()).collect();
        order.sort_by(|a, b| losses[*a].total_cmp(&losses[*b]));
        let trials: Vec<Vec<f64>> = (0..members.len())
            .map(|i| trial(&members, &order, i, parameters, &mut draws))
            .collect();
        let judged: Vec<f64> = trials.par_iter().map(judge).collect();
        for (i, (trial, loss)) in trials.into_iter().zip(judged).enumerate() {
            if loss <= losses[i] {
                (members[i], losses[i]) = (trial, loss);
            }
        }
        history.push(losses.iter().copied().fold(f64::INFINITY, f64::min));
        progress(generation + 1, history[generation]);
    }
    let best = (0..members.len()).min_by(|a, b| losses[*a].total_cmp(&losses[*b]));
    let best = best.expect("four members or more");
    let values = members.swap_remove(best);
    Fit { scenario: with(base, parameters, &values), values, loss: losses[best], history }
}

/// The scenario with these values of the parameters.
pub fn with(base: &Scenario, parameters: &[Parameter], values: &[f64]) -> Scenario {
    let mut scenario = base.clone();
    for (parameter, value) in parameters.iter().zip(values) {
        (parameter.set)(&mut scenario, *value);
    }
    scenario
}

/// The scenario no longer than the targets look.
pub(crate) fn until(base: &Scenario, targets: &[Target]) -> Scenario {
    let last = targets.iter().map(|target| target.moment.last_day()).max().unwrap_or(0);
    let mut seen = base.clone();
    seen.days.truncate(last);
    seen
}

/// Member `i` moved towards one of the best tenth and along the difference of two others, some numbers kept. What leaves
/// the prior comes back between its end and where it was.
fn trial(
    members: &[Vec<f64>],
    order: &[usize],
    i: usize,
    parameters: &[Parameter],
    draws: &mut Draws,
) -> Vec<f64> {
    let n = members.len();
    let leader = &members[order[draws.below((n / 10).max(2))]];
    let (a, b) = (draws.below(n), draws.below(n));
    let (step, crossover) = (0.4 + 0.5 * draws.unit(), 0.5 + 0.5 * draws.unit());
    let forced = draws.below(parameters.len());
    let move_one = |(j, p): (usize, &Parameter)| {
        let old = members[i][j];
        let (kept, back) = (draws.unit() >= crossover, draws.unit());
        if kept && j != forced {
            return old;
        }
        let new = old + step * (leader[j] - old) + step * (members[a][j] - members[b][j]);
        if new < p.low {
            p.low + back * (old - p.low)
        } else if new > p.high {
            p.high - back * (p.high - old)
        } else {
            new
        }
    };
    parameters.iter().enumerate().map(move_one).collect()
}

/// Uniform numbers, one after the other.
pub(crate) struct Draws {
    seed: u64,
    next: u64,
}

impl Draws {
    pub(crate) fn new(seed: Seed) -> Self {
        Self { seed: seed.0, next: 0 }
    }

    pub(crate) fn unit(&mut self) -> f64 {
        self.next += 1;
        counter_uniform(self.seed, self.next - 1)
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        ((self.unit() * n as f64) as usize).min(n - 1)
    }
}
