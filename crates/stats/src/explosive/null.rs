//! How great are the statistics when there is no bubble? Simulated, path by path.

#![allow(clippy::inline_always, reason = "compiled with the vector instructions of the caller")]

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;
use shoals_core::Seed;

use super::columns::{Columns, LANES, Lanes, unit_of};
use super::sup::{EveryEnd, FromStart, SupTest};
use crate::StatError;
use crate::counter_normal::{self, Scratch};
use crate::observed::{require_finite, require_setting};
use crate::percentile::{percentile, select_percentile};

/// Numbers kept apart for each path, far more than a path draws: what a day draws does not depend on the length.
const STRIDE: u64 = 1 << 32;

/// Where the series without a bubble come from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Generator<'a> {
    /// A random walk of so many levels with standard normal steps and this drift a step. Phillips, Shi and Yu take
    /// the drift `1 / n`; 0 makes a day's critical value independent of how many days follow.
    RandomWalk {
        /// Levels a path.
        n: usize,
        /// Drift a step, in standard deviations of a step.
        drift: f64,
    },
    /// The changes of this sample, each where it is, times a standard normal number: a wild bootstrap, which keeps the
    /// sample's quiet and stormy times. No parameter is estimated, so a day's critical value needs earlier days only.
    Wild(&'a [f64]),
}

/// The statistics of many series without a bubble.
#[derive(Debug, Clone, PartialEq)]
pub struct NullDistribution {
    /// BSADF by end, one row of repetitions an end.
    bsadf: Vec<Vec<f64>>,
    sadf: Vec<f64>,
    gsadf: Vec<f64>,
}

impl NullDistribution {
    /// Simulates `repetitions` series; path `k` draws the normal numbers of its own stretch of counters.
    ///
    /// # Errors
    /// No repetition; a sample with a value that is not finite; fewer levels than the shortest window.
    pub fn simulate(
        test: &SupTest,
        generator: Generator,
        repetitions: usize,
        seed: Seed,
    ) -> Result<Self, StatError> {
        require_setting("repetitions", repetitions as f64, "at least 1", repetitions >= 1)?;
        let steps = Steps::of(generator)?;
        let (n, needed) = (steps.level_count(), test.min_window());
        if n < needed {
            return Err(StatError::TooFewObservations { needed, found: n });
        }
        let n_ends = n - needed + 1;
        let arch = Arch::new();
        let blocks: Vec<(Vec<Lanes>, Lanes)> = (0..repetitions.div_ceil(LANES) as u64)
            .into_par_iter()
            .map(|block| {
                let rows = arch.dispatch(Walk { steps: &steps, seed: seed.0, block });
                let columns = Columns::of_series(rows);
                let mut out = vec![[0.0; LANES]; n_ends];
                arch.dispatch(EveryEnd { test: *test, columns: &columns, out: &mut out });
                (out, arch.dispatch(FromStart { test: *test, columns: &columns }))
            })
            .collect();
        let path = |k: usize| (k / LANES, k % LANES);
        let bsadf: Vec<Vec<f64>> = (0..n_ends)
            .into_par_iter()
            .map(|end| (0..repetitions).map(path).map(|(b, l)| blocks[b].0[end][l]).collect())
            .collect();
        let sadf = (0..repetitions).map(path).map(|(b, l)| blocks[b].1[l]).collect();
        let greatest =
            |(b, l): (usize, usize)| blocks[b].0.iter().map(|row| row[l]).fold(f64::NAN, f64::max);
        let gsadf = (0..repetitions).map(path).map(greatest).collect();
        Ok(Self { bsadf, sadf, gsadf })
    }

    /// Series simulated.
    pub fn repetitions(&self) -> usize {
        self.gsadf.len()
    }

    /// For each end the value that BSADF stays below with this probability, that end looked at alone.
    ///
    /// # Errors
    /// A probability outside `[0, 1]`.
    pub fn pointwise(&self, probability: f64) -> Result<Vec<f64>, StatError> {
        let is_legal = (0.0..=1.0).contains(&probability);
        require_setting("probability", probability, "[0, 1]", is_legal)?;
        let critical = |row: &Vec<f64>| {
            let mut values: Vec<f64> = row.iter().copied().filter(|t| !t.is_nan()).collect();
            if values.is_empty() { f64::NAN } else { select_percentile(&mut values, probability) }
        };
        Ok(self.bsadf.par_iter().map(critical).collect())
    }

    /// The value that BSADF stays below *all the time* with this probability: the percentile of GSADF.
    ///
    /// # Errors
    /// A probability outside `[0, 1]`.
    pub fn family_wise(&self, probability: f64) -> Result<f64, StatError> {
        percentile(&self.gsadf, probability)
    }

    /// The value that SADF stays below with this probability.
    ///
    /// # Errors
    /// A probability outside `[0, 1]`.
    pub fn sadf(&self, probability: f64) -> Result<f64, StatError> {
        percentile(&self.sadf, probability)
    }

    /// Chance of a GSADF this great without a bubble: `(1 + greater ones) / (1 + repetitions)`.
    pub fn gsadf_p_value(&self, found: f64) -> f64 {
        p_value(&self.gsadf, found)
    }

    /// Likewise of SADF.
    pub fn sadf_p_value(&self, found: f64) -> f64 {
        p_value(&self.sadf, found)
    }
}

fn p_value(simulated: &[f64], found: f64) -> f64 {
    if found.is_nan() {
        return f64::NAN;
    }
    let n_greater = simulated.iter().filter(|&&t| t >= found).count();
    (1 + n_greater) as f64 / (1 + simulated.len()) as f64
}

/// What a step of a path is made of, besides its normal number.
enum Steps {
    Drift { n: usize, drift: f64 },
    Scaled(Vec<f64>),
}

impl Steps {
    fn of(generator: Generator) -> Result<Self, StatError> {
        match generator {
            Generator::RandomWalk { n, drift } => {
                require_setting("drift", drift, "finite", drift.is_finite())?;
                Ok(Self::Drift { n, drift })
            }
            Generator::Wild(levels) => {
                require_finite(levels)?;
                let unit = unit_of(levels);
                Ok(Self::Scaled(levels.windows(2).map(|w| (w[1] - w[0]) / unit).collect()))
            }
        }
    }

    fn level_count(&self) -> usize {
        match self {
            Self::Drift { n, .. } => *n,
            Self::Scaled(changes) => changes.len() + 1,
        }
    }
}

/// Eight paths.
struct Walk<'a> {
    steps: &'a Steps,
    seed: u64,
    block: u64,
}

impl WithSimd for Walk<'_> {
    type Output = Vec<f64>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> Vec<f64> {
        let n = self.steps.level_count();
        let mut rows = vec![0.0; n * LANES];
        let first = self.block * LANES as u64 * STRIDE;
        let steps = &mut rows[LANES.min(n * LANES)..];
        counter_normal::fill::<LANES>(self.seed, first, STRIDE, &mut Scratch::default(), steps);
        let mut level = [0.0; LANES];
        for (t, row) in steps.as_chunks_mut::<LANES>().0.iter_mut().enumerate() {
            let (scale, drift) = match self.steps {
                Steps::Drift { drift, .. } => (1.0, *drift),
                Steps::Scaled(changes) => (changes[t], 0.0),
            };
            for (level, step) in level.iter_mut().zip(row) {
                *level += scale * *step + drift;
                *step = *level;
            }
        }
        rows
    }
}
