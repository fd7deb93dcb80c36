//! Many paths, and the bands they fill.

use rayon::prelude::*;
use serde::Serialize;
use shoals_core::Seed;
use shoals_stats::percentile::percentiles;

use crate::SpiralError;
use crate::calibrate::Moment;
use crate::error::require;
use crate::scenario::Scenario;
use crate::simulate::simulate;

/// How many paths, and how noisy.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Paths {
    /// Paths `0..n`.
    pub n: u64,
    /// Where their noise comes from.
    pub seed: Seed,
    /// Scale of the noise: 1 as the scenario says; at 0 every path is the same one.
    pub noise: f64,
}

impl Default for Paths {
    /// 200 paths, noise as the scenario says.
    fn default() -> Self {
        Self { n: 200, seed: Seed::default(), noise: 1.0 }
    }
}

impl Paths {
    pub(crate) fn check(&self) -> Result<(), SpiralError> {
        require("paths", self.n as f64, "1 or more", self.n > 0)?;
        let is_legal = self.noise >= 0.0 && self.noise.is_finite();
        require("noise", self.noise, "a finite number, 0 or more", is_legal)
    }
}

/// Median and 80 % band of a moment over paths.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Band {
    /// A tenth of the paths lie below.
    pub p10: f64,
    /// Half of them.
    pub median: f64,
    /// A tenth lie above.
    pub p90: f64,
}

impl Band {
    /// The band of a sample. Missing: NaN is left out; of nothing but NaN it is NaN.
    pub fn of(values: &[f64]) -> Self {
        match percentiles(values, &[0.1, 0.5, 0.9]).as_deref() {
            Ok(&[p10, median, p90]) => Self { p10, median, p90 },
            _ => Self { p10: f64::NAN, median: f64::NAN, p90: f64::NAN },
        }
    }
}

/// Bands of `moments` over paths `0..n_paths`, dealt over `scenarios`; `noise` scales what segments and bases do by
/// themselves. The same on any number of threads.
///
/// # Panics
/// When there is no path or no scenario, or a moment lies beyond the last day.
pub fn bands(
    scenarios: &[Scenario],
    moments: &[Moment],
    n_paths: u64,
    seed: Seed,
    noise: f64,
) -> Vec<Band> {
    assert!(n_paths > 0, "a band needs a path");
    let paths: Vec<Vec<f64>> = (0..n_paths)
        .into_par_iter()
        .map(|path| {
            let scenario = &scenarios[path as usize % scenarios.len()];
            let records = simulate(scenario, path, seed, noise);
            moments.iter().map(|moment| moment.of(scenario, &records)).collect()
        })
        .collect();
    (0..moments.len())
        .map(|i| Band::of(&paths.iter().map(|path| path[i]).collect::<Vec<f64>>()))
        .collect()
}
