//! How likely is it that a drawdown limit is broken within a horizon?
//!
//! The past is laid out anew in blocks of random length (stationary bootstrap, Politis and Romano 1994) and every path is
//! asked how far it fell below its own peak. The band comes from doing so again on resampled pasts, so it holds what a
//! sample of this length cannot know about its own distribution. What it can never hold is a loss that has not happened:
//! [`Jump`] mixes one in, at a frequency that is stated and not estimated.
//!
//! Method page: `docs/method/fund_hidden.md`

use rand_xoshiro::rand_core::Rng;
use rayon::prelude::*;
use serde::Serialize;
use shoals_core::Seed;

use crate::StatError;
use crate::bootstrap::{band_of, draw_stationary};
use crate::observed::{require_finite, require_same_length, require_setting};

/// A loss that is not in the sample.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Jump {
    /// Share of the wealth lost, positive, below 1.
    pub loss: f64,
    /// Probability that it comes in a given period.
    pub probability: f64,
}

/// How paths are laid.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PathPlan {
    /// Periods of a path.
    pub horizon: usize,
    /// Mean length of a block, periods.
    pub block_length: f64,
    /// Paths laid from the sample.
    pub paths: usize,
    /// Resampled pasts the band comes from.
    pub pasts: usize,
    /// Paths laid from each of them.
    pub paths_each: usize,
    /// Probability outside the band, both sides together.
    pub tail_probability: f64,
    /// Seed of all of them.
    pub seed: Seed,
}

/// A probability and its band.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Breach {
    /// Share of paths that fell by the limit or more below their peak.
    pub probability: f64,
    /// Lower end of the band over resampled pasts.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// Probability that `returns` break each of `limits` (positive decimals), on the same paths for every version of them.
///
/// * `versions`: the same periods told in different ways (as told, unsmoothed), each with a jump or none.
/// * Returns a breach for each version and limit, `[version][limit]`. A band wraps its probability even where the
///   resampled pasts lie to one side of it; it holds the Monte-Carlo error of `paths_each` and is a little too wide for it.
/// * Missing: refused.
///
/// # Errors
/// No version, versions of different length, a value not finite, fewer returns than a horizon, a limit or a loss outside (0, 1), a
/// block below one, no path or past.
pub fn breach_probability(
    versions: &[(&[f64], Option<Jump>)],
    limits: &[f64],
    plan: &PathPlan,
) -> Result<Vec<Vec<Breach>>, StatError> {
    let n = checked(versions, limits, plan)?;
    let shares: Vec<Vec<f64>> = (0..=plan.pasts as u64)
        .into_par_iter()
        .map(|past| breached(versions, limits, plan, n, past))
        .collect();
    let cell = |i: usize| {
        let probability = shares[0][i];
        let resampled: Vec<f64> = shares[1..].iter().map(|share| share[i]).collect();
        let band = band_of(&resampled, plan.tail_probability)?;
        Ok(Breach { probability, low: band.low.min(probability), high: band.high.max(probability) })
    };
    (0..versions.len())
        .map(|v| (0..limits.len()).map(|l| cell(v * limits.len() + l)).collect())
        .collect()
}

fn checked(
    versions: &[(&[f64], Option<Jump>)],
    limits: &[f64],
    plan: &PathPlan,
) -> Result<usize, StatError> {
    let count =
        |field, found: usize| require_setting(field, found as f64, "at least 1", found >= 1);
    count("versions", versions.len())?;
    count("horizon", plan.horizon)?;
    count("paths", plan.paths)?;
    count("pasts", plan.pasts)?;
    count("paths_each", plan.paths_each)?;
    let is_length = plan.block_length >= 1.0 && plan.block_length.is_finite();
    require_setting("block_length", plan.block_length, "1 or longer", is_length)?;
    let within = |field, x: f64| require_setting(field, x, "(0, 1)", 0.0 < x && x < 1.0);
    limits.iter().try_for_each(|&limit| within("limit", limit))?;
    let first = versions[0].0;
    for (returns, jump) in versions {
        require_same_length(first, returns)?;
        require_finite(returns)?;
        if let Some(jump) = jump {
            within("loss", jump.loss)?;
            let p = jump.probability;
            require_setting("probability", p, "[0, 1)", (0.0..1.0).contains(&p))?;
        }
    }
    if first.len() < plan.horizon {
        return Err(StatError::TooFewObservations { needed: plan.horizon, found: first.len() });
    }
    Ok(first.len())
}

/// Shares of paths that broke each version's limits, the past as it was (0) or resampled.
fn breached(
    versions: &[(&[f64], Option<Jump>)],
    limits: &[f64],
    plan: &PathPlan,
    n: usize,
    past: u64,
) -> Vec<f64> {
    let mut stream = plan.seed.stream(past);
    let mut sample: Vec<usize> = Vec::with_capacity(n);
    let n_paths = if past == 0 {
        sample.extend(0..n);
        plan.paths
    } else {
        draw_stationary(n, n, plan.block_length, &mut stream, &mut sample);
        plan.paths_each
    };
    let mut positions = Vec::with_capacity(plan.horizon);
    let mut counts = vec![0_u32; versions.len() * limits.len()];
    for _ in 0..n_paths {
        positions.clear();
        draw_stationary(n, plan.horizon, plan.block_length, &mut stream, &mut positions);
        for (v, (returns, jump)) in versions.iter().enumerate() {
            let (mut wealth, mut peak, mut lowest) = (1.0_f64, 1.0_f64, 1.0_f64);
            let comes_below = jump.map_or(0, |jump| (jump.probability * 2f64.powi(64)) as u64);
            for &at in &positions {
                wealth *= 1.0 + returns[sample[at]];
                if let Some(jump) = jump
                    && stream.next_u64() < comes_below
                {
                    wealth *= 1.0 - jump.loss;
                }
                peak = peak.max(wealth);
                lowest = lowest.min(wealth / peak);
            }
            for (l, limit) in limits.iter().enumerate() {
                counts[v * limits.len() + l] += u32::from(lowest <= 1.0 - limit);
            }
        }
    }
    counts.into_iter().map(|count| f64::from(count) / n_paths as f64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::counter_normal::counter_normal;
    use crate::normal::normal_cdf;

    fn plan(horizon: usize) -> PathPlan {
        PathPlan {
            horizon,
            block_length: 1.0,
            paths: 4_000,
            pasts: 40,
            paths_each: 200,
            tail_probability: 0.05,
            seed: Seed(3),
        }
    }

    /// Closed form: a driftless walk's drawdown is distributed as the greatest |B|; within one horizon T,
    /// `P(max |B| < x) = sum (-1)^k (2 Phi-terms)`, the reflection series. Steps in place of a path lower it by about
    /// 0.583 of a step's deviation (Broadie, Glasserman and Kou 1997), put back into the level.
    #[test]
    fn a_walk_without_drift_breaks_its_limit_as_the_reflection_says() {
        let (n, horizon, step, limit) = (4_000, 250, 0.004, 0.08_f64);
        let returns: Vec<f64> = (0..n).map(|i| step * counter_normal(8, i)).collect();
        let mean = returns.iter().sum::<f64>() / n as f64;
        // Log returns without drift: the drawdown of the logs is that of a walk.
        let flat: Vec<f64> = returns.iter().map(|r| (r - mean).exp_m1()).collect();
        let deviation = (returns.iter().map(|r| (r - mean).powi(2)).sum::<f64>() / n as f64).sqrt();
        let level = -(1.0 - limit).ln() + 0.5826 * deviation;
        let x = level / (deviation * (horizon as f64).sqrt());
        let inside: f64 = (-20..=20)
            .map(|k| {
                let sign = if k % 2 == 0 { 1.0 } else { -1.0 };
                let k = f64::from(k);
                sign * (normal_cdf((2.0 * k + 1.0) * x) - normal_cdf((2.0 * k - 1.0) * x))
            })
            .sum();
        let found = breach_probability(&[(&flat, None)], &[limit], &plan(horizon)).unwrap()[0][0];
        let theirs = 1.0 - inside;
        // 4,000 paths: three binomial errors are 2.4 %.
        assert!((found.probability - theirs).abs() < 0.024, "{found:?} {theirs}");
        assert!(found.low <= theirs && theirs <= found.high, "{found:?} {theirs}");
    }

    /// Closed form: no return at all and a loss of 6 % with probability q a period; the 5 % limit breaks if it comes once,
    /// the 10 % limit if it comes twice.
    #[test]
    fn a_jump_alone_comes_as_often_as_stated() {
        let (horizon, q) = (52, 0.01_f64);
        let still = [0.0; 60];
        let jump = Some(Jump { loss: 0.06, probability: q });
        let found =
            breach_probability(&[(&still, jump), (&still, None)], &[0.05, 0.10], &plan(horizon))
                .unwrap();
        let none = (1.0 - q).powi(52);
        let once = 52.0 * q * (1.0 - q).powi(51);
        assert!((found[0][0].probability - (1.0 - none)).abs() < 0.024, "{found:?}");
        assert!((found[0][1].probability - (1.0 - none - once)).abs() < 0.016, "{found:?}");
        assert_eq!(found[1][0], Breach { probability: 0.0, low: 0.0, high: 0.0 });
        assert!(breach_probability(&[(&still[..40], None)], &[0.05], &plan(52)).is_err());
        assert!(breach_probability(&[(&still, None)], &[5.0], &plan(52)).is_err());
    }
}
