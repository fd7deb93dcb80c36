//! What the data can tell of the fitted numbers: intervals instead of a point.
//!
//! Approximate Bayesian computation by sequential Monte Carlo (Del Moral, Doucet and Jasra 2012): particles drawn from
//! the priors are thinned to the share nearest to the data, filled up again by copies, and moved about within the loss of
//! the farthest kept, as often as it takes for a particle to move once or twice; and so on until moves are hardly accepted. A move adds the difference of two other particles
//! to some of the numbers (ter Braak 2006), folded back at the priors' ends: it is symmetric, so a move is accepted when it
//! stays within the tolerance. The distance is the loss of the fit: differences from the targets in units of their tolerances.
//!
//! Method page: `docs/method/spiral.md`

use rayon::prelude::*;
use serde::Serialize;
use shoals_core::Seed;
use shoals_stats::moments::std;
use shoals_stats::rank::pearson;

use crate::calibrate::{Draws, Mirrored, Parameter, Target, until, with};
use crate::monte_carlo::Band;
use crate::scenario::Scenario;

/// How the posterior is sought.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sampler {
    /// Particles.
    pub particles: usize,
    /// Share of the particles that a generation keeps.
    pub kept: f64,
    /// Generations at most.
    pub generations: usize,
    /// Share of moves accepted below which it stops.
    pub least_accepted: f64,
    /// What each particle is judged on.
    pub paths: Mirrored,
    /// Its seed.
    pub seed: Seed,
}

/// Particles of the posterior.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Posterior {
    /// Values of the parameters, one list a particle.
    pub particles: Vec<Vec<f64>>,
    /// The loss of each.
    pub losses: Vec<f64>,
    /// Largest loss after each generation.
    pub tolerances: Vec<f64>,
    /// Share of moves accepted in each.
    pub accepted: Vec<f64>,
}

/// What the posterior says of a number.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Interval {
    /// The number's name.
    pub parameter: &'static str,
    /// Lower end of its prior.
    pub prior_low: f64,
    /// Upper end.
    pub prior_high: f64,
    /// Median and 80 % band of the posterior.
    pub band: Band,
    /// How much narrower the posterior is: 1 less the ratio of standard deviations. Near 0 the data cannot tell.
    pub contraction: f64,
    /// The number it moves with most.
    pub partner: &'static str,
    /// Their correlation over particles.
    pub correlation: f64,
}

/// Draws the posterior of `parameters`; `progress` is told every generation and its tolerance.
///
/// The same bytes on any number of threads.
///
/// # Panics
/// When there are fewer than eight particles, or a target lies beyond the scenario's last day.
pub fn posterior(
    base: &Scenario,
    parameters: &[Parameter],
    targets: &[Target],
    sampler: Sampler,
    progress: &dyn Fn(usize, f64),
) -> Posterior {
    assert!(sampler.particles >= 8, "eight particles or more");
    let seen = until(base, targets);
    let judge = |values: &Vec<f64>| sampler.paths.loss(&with(&seen, parameters, values), targets);
    let n = sampler.particles;
    let mut draws = Draws::new(sampler.seed.part("posterior"));
    let mut found = Posterior {
        particles: (0..n)
            .map(|_| parameters.iter().map(|p| p.low + draws.unit() * (p.high - p.low)).collect())
            .collect(),
        losses: Vec::new(),
        tolerances: Vec::new(),
        accepted: Vec::new(),
    };
    found.losses = found.particles.par_iter().map(judge).collect();
    for generation in 0..sampler.generations {
        let tolerance = found.thin(sampler.kept, &mut draws);
        let mut taken = 0;
        let last = found.accepted.last().copied().unwrap_or(0.5);
        let moves = ((1.5 / last).ceil() as usize).clamp(1, 60);
        for _ in 0..moves {
            let trials: Vec<Vec<f64>> =
                (0..n).map(|i| moved(&found.particles, i, parameters, &mut draws)).collect();
            let judged: Vec<f64> = trials.par_iter().map(judge).collect();
            for (i, (trial, loss)) in trials.into_iter().zip(judged).enumerate() {
                if loss <= tolerance {
                    (found.particles[i], found.losses[i]) = (trial, loss);
                    taken += 1;
                }
            }
        }
        let accepted = f64::from(taken) / (n * moves) as f64;
        found.tolerances.push(tolerance);
        found.accepted.push(accepted);
        progress(generation + 1, tolerance);
        if accepted < sampler.least_accepted {
            break;
        }
    }
    found
}

impl Posterior {
    /// Keeps the `share` nearest, fills up with copies of them; returns the largest loss kept.
    fn thin(&mut self, share: f64, draws: &mut Draws) -> f64 {
        let n = self.particles.len();
        let mut order: Vec<usize> = (0..n).collect();
        order.sort_by(|a, b| self.losses[*a].total_cmp(&self.losses[*b]));
        let kept = ((n as f64 * share) as usize).clamp(1, n);
        for &far in &order[kept..] {
            let near = order[draws.below(kept)];
            let copy = self.particles[near].clone();
            self.particles[far] = copy;
            self.losses[far] = self.losses[near];
        }
        self.losses[order[kept - 1]]
    }

    /// Interval, contraction and partner of every parameter.
    pub fn intervals(&self, parameters: &[Parameter]) -> Vec<Interval> {
        let columns: Vec<Vec<f64>> = (0..parameters.len())
            .map(|j| self.particles.iter().map(|particle| particle[j]).collect())
            .collect();
        // A number that does not vary moves with none.
        let correlation =
            |a: &[f64], b: &[f64]| pearson(a, b).ok().filter(|r| r.is_finite()).unwrap_or(0.0);
        let deviation = |column: &[f64]| std(column, 0).unwrap_or(f64::NAN);
        parameters
            .iter()
            .enumerate()
            .map(|(j, p)| {
                let others = (0..parameters.len()).filter(|other| *other != j);
                let (partner, correlation) = others
                    .map(|other| (other, correlation(&columns[j], &columns[other])))
                    .max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()))
                    .unwrap_or((j, 1.0));
                let prior = (p.high - p.low) / 12_f64.sqrt();
                Interval {
                    parameter: p.name,
                    prior_low: p.low,
                    prior_high: p.high,
                    band: Band::of(&columns[j]),
                    contraction: 1.0 - deviation(&columns[j]) / prior,
                    partner: parameters[partner].name,
                    correlation,
                }
            })
            .collect()
    }
}

/// Particle `i` with the difference of two others added to a few, a fifth or half of its numbers; what leaves a prior
/// comes back from its end like a ball from a wall. Now and then by the whole difference, which leads from one mode to
/// another.
fn moved(
    particles: &[Vec<f64>],
    i: usize,
    parameters: &[Parameter],
    draws: &mut Draws,
) -> Vec<f64> {
    let (a, b) = (draws.below(particles.len()), draws.below(particles.len()));
    let share = [0.07, 0.2, 0.5][draws.below(3)];
    let is_leap = draws.unit() < 0.1;
    let moves: Vec<bool> = parameters.iter().map(|_| draws.unit() < share).collect();
    let n_moved = moves.iter().filter(|moves| **moves).count().max(1);
    let step = if is_leap { 1.0 } else { 2.38 / (2.0 * n_moved as f64).sqrt() };
    let mut trial = particles[i].clone();
    for (j, p) in parameters.iter().enumerate().filter(|(j, _)| moves[*j]) {
        let width = p.high - p.low;
        let jitter = (draws.unit() - 0.5) * 0.01 * width;
        let place =
            (trial[j] + step * (particles[a][j] - particles[b][j]) + jitter - p.low) / width;
        let folded = place.rem_euclid(2.0);
        trial[j] = p.low + width * folded.min(2.0 - folded);
    }
    trial
}
