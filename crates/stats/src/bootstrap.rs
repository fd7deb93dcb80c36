//! Error bands for statistics of dependent series, by resampling blocks of days.
//!
//! Drawing single days would destroy the clustering that makes a crash a crash; blocks keep it.
//! Three schemes: moving blocks (Kunsch 1989), circular blocks (Politis and Romano 1992) and the
//! stationary bootstrap with geometric blocks (Politis and Romano 1994). The block length may be
//! chosen by Politis and White (2004) with the correction of Patton, Politis and White (2009).
//!
//! Replication `k` draws from stream `k` of the seed, so the result does not depend on the number of
//! threads. Resampling is of *positions*: several series resample together by sharing them.
//!
//! Method page: docs/method/bootstrap.md

use rand_xoshiro::rand_core::Rng;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use shoals_core::{Seed, Stream};

use crate::StatError;
use crate::moments::autocovariances;
use crate::observed::{require_finite, require_setting};
use crate::percentile::percentiles;

/// How blocks are laid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scheme {
    /// Blocks of fixed length that lie inside the sample.
    MovingBlock,
    /// Blocks of fixed length that wrap from the last day to the first.
    CircularBlock,
    /// Blocks of geometric length around the mean that wrap: the resampled series is stationary.
    #[default]
    Stationary,
}

/// A resampling plan. A value of this type is always legal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bootstrap {
    scheme: Scheme,
    block_length: f64,
    replications: usize,
    seed: Seed,
}

/// A two-sided band of a bootstrapped statistic.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Band {
    /// Lower percentile.
    pub low: f64,
    /// Upper percentile.
    pub high: f64,
}

impl Bootstrap {
    /// A plan; `block_length` is the mean length for [`Scheme::Stationary`] and is rounded for the
    /// other two.
    ///
    /// # Errors
    /// A block length below 1 or not finite, or no replication.
    pub fn new(
        scheme: Scheme,
        block_length: f64,
        replications: usize,
        seed: Seed,
    ) -> Result<Self, StatError> {
        let is_length = block_length >= 1.0 && block_length.is_finite();
        require_setting("block_length", block_length, "1 or longer", is_length)?;
        require_setting("replications", replications as f64, "at least 1", replications >= 1)?;
        Ok(Self { scheme, block_length, replications, seed })
    }

    /// The statistic of every replication, in the order of the replications.
    ///
    /// `statistic` is given `n` positions in `0..n`, drawn with repetition.
    ///
    /// # Errors
    /// No observation, or a moving block longer than the sample.
    ///
    /// # Example
    /// ```
    /// use shoals_core::Seed;
    /// use shoals_stats::bootstrap::{Bootstrap, Scheme};
    /// let returns = [0.01, -0.02, 0.03, 0.00, 0.01];
    /// let plan = Bootstrap::new(Scheme::Stationary, 2.0, 100, Seed(1))?;
    /// let means = plan.replicate(returns.len(), |at| at.iter().map(|&i| returns[i]).sum::<f64>() / 5.0)?;
    /// assert_eq!(means.len(), 100);
    /// # Ok::<(), shoals_stats::StatError>(())
    /// ```
    pub fn replicate<T: Send>(
        &self,
        n: usize,
        statistic: impl Fn(&[usize]) -> T + Sync,
    ) -> Result<Vec<T>, StatError> {
        self.require_sample(n)?;
        Ok((0..self.replications as u64)
            .into_par_iter()
            .map_init(
                || Vec::with_capacity(n),
                |positions, k| {
                    self.draw(n, &mut self.seed.stream(k), positions);
                    statistic(positions)
                },
            )
            .collect())
    }

    /// The band that leaves `tail_probability / 2` of the replications on either side; replications
    /// whose statistic is NaN are left out.
    ///
    /// # Errors
    /// As [`Bootstrap::replicate`]; a probability outside `(0, 1)`; or no replication with a value.
    pub fn band(
        &self,
        n: usize,
        tail_probability: f64,
        statistic: impl Fn(&[usize]) -> f64 + Sync,
    ) -> Result<Band, StatError> {
        band_of(&self.replicate(n, statistic)?, tail_probability)
    }

    fn require_sample(&self, n: usize) -> Result<(), StatError> {
        let needed = match self.scheme {
            Scheme::MovingBlock => self.fixed_length(),
            Scheme::CircularBlock | Scheme::Stationary => 1,
        };
        if n >= needed { Ok(()) } else { Err(StatError::TooFewObservations { needed, found: n }) }
    }

    fn fixed_length(&self) -> usize {
        self.block_length.round() as usize
    }

    /// Fills `positions` with `n` of them.
    fn draw(&self, n: usize, stream: &mut Stream, positions: &mut Vec<usize>) {
        positions.clear();
        match self.scheme {
            Scheme::MovingBlock => {
                let length = self.fixed_length();
                while positions.len() < n {
                    let start = below(stream, n - length + 1);
                    positions.extend((start..start + length).take(n - positions.len()));
                }
            }
            Scheme::CircularBlock => {
                while positions.len() < n {
                    let start = below(stream, n);
                    let length = self.fixed_length().min(n - positions.len());
                    positions.extend((start..start + length).map(|i| i % n));
                }
            }
            Scheme::Stationary => draw_stationary(n, n, self.block_length, stream, positions),
        }
    }
}

/// The band that leaves `tail_probability / 2` of `replications` on either side; NaN is left out.
///
/// # Errors
/// A probability outside `(0, 1)`, or no replication with a value.
pub fn band_of(replications: &[f64], tail_probability: f64) -> Result<Band, StatError> {
    let is_legal = 0.0 < tail_probability && tail_probability < 1.0;
    require_setting("tail_probability", tail_probability, "(0, 1)", is_legal)?;
    let ends = percentiles(replications, &[tail_probability / 2.0, 1.0 - tail_probability / 2.0])?;
    Ok(Band { low: ends[0], high: ends[1] })
}

/// The block length that estimates the variance of a mean best, for `scheme`.
///
/// Missing: refused, a gap would shift every lag.
///
/// # Errors
/// A value that is not finite, fewer than ten observations, no variation.
pub fn automatic_block_length(values: &[f64], scheme: Scheme) -> Result<f64, StatError> {
    require_finite(values)?;
    let n = values.len();
    if n < MIN_FOR_BLOCK_LENGTH {
        return Err(StatError::TooFewObservations { needed: MIN_FOR_BLOCK_LENGTH, found: n });
    }
    let root = (n as f64).sqrt();
    let n_quiet = 5.max((n as f64).log10() as usize);
    let max_lag = (root.ceil() as usize + n_quiet).min(n - 1);
    let covariances = autocovariances(values, max_lag);
    if covariances[0] <= 0.0 {
        return Err(StatError::Constant { what: "the series" });
    }
    let bandwidth = (2 * last_loud_lag(&covariances, n_quiet, n).max(1)).min(max_lag);
    let (slope, spectrum) = flat_top_sums(&covariances, bandwidth);
    let constant = match scheme {
        Scheme::Stationary => 2.0,
        Scheme::MovingBlock | Scheme::CircularBlock => 4.0 / 3.0,
    };
    let variance = constant * spectrum * spectrum;
    let length = (2.0 * slope * slope / variance).cbrt() * (n as f64).cbrt();
    let longest = (3.0 * root).min(n as f64 / 3.0).ceil();
    Ok(length.clamp(1.0, longest))
}

/// Fewest observations a block length is estimated from.
pub const MIN_FOR_BLOCK_LENGTH: usize = 10;

/// The smallest lag after which `n_quiet` autocorrelations in a row are insignificant (the empirical
/// rule of Politis and White, with their c = 2); the longest lag when none is.
fn last_loud_lag(covariances: &[f64], n_quiet: usize, n: usize) -> usize {
    let threshold = 2.0 * ((n as f64).log10() / n as f64).sqrt();
    let is_quiet = |lag: usize| (covariances[lag] / covariances[0]).abs() < threshold;
    let max_lag = covariances.len() - 1;
    (0..=max_lag.saturating_sub(n_quiet))
        .find(|&m| (m + 1..=m + n_quiet).all(is_quiet))
        .unwrap_or(max_lag)
}

/// `sum |k| R(k)` and `sum R(k)` under the flat-top window of Politis and Romano (1995).
fn flat_top_sums(covariances: &[f64], bandwidth: usize) -> (f64, f64) {
    let mut slope = 0.0;
    let mut spectrum = covariances[0];
    for (k, covariance) in covariances.iter().enumerate().take(bandwidth + 1).skip(1) {
        let share = k as f64 / bandwidth as f64;
        let weight = if share <= 0.5 { 1.0 } else { 2.0 * (1.0 - share) };
        slope += 2.0 * weight * k as f64 * covariance;
        spectrum += 2.0 * weight * covariance;
    }
    (slope, spectrum)
}

/// Adds `count` positions below `n`: each follows the one before, or with probability `1 / mean_length` starts a new block.
pub(crate) fn draw_stationary(
    n: usize,
    count: usize,
    mean_length: f64,
    stream: &mut Stream,
    positions: &mut Vec<usize>,
) {
    // 2^64 / mean_length; a length of 1 saturates, and always starts anew.
    let restart_below = (2f64.powi(64) / mean_length) as u64;
    let is_always = mean_length <= 1.0;
    let mut at = below(stream, n);
    for _ in 0..count {
        positions.push(at);
        let is_restart = is_always || stream.next_u64() < restart_below;
        at = if is_restart { below(stream, n) } else { at + 1 };
        if at == n {
            at = 0;
        }
    }
}

/// A position below `n`, by the high half of a product; its bias is below `n / 2^64`.
fn below(stream: &mut Stream, n: usize) -> usize {
    ((u128::from(stream.next_u64()) * n as u128) >> 64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn positions(scheme: Scheme, length: f64, n: usize, k: u64) -> Vec<usize> {
        let plan = Bootstrap::new(scheme, length, 1, Seed(7)).unwrap();
        let mut positions = Vec::new();
        plan.draw(n, &mut Seed(7).stream(k), &mut positions);
        positions
    }

    fn n_breaks(positions: &[usize], n: usize) -> usize {
        positions.windows(2).filter(|pair| pair[1] != (pair[0] + 1) % n).count()
    }

    #[test]
    fn blocks_have_the_length_asked_for() {
        let moving = positions(Scheme::MovingBlock, 5.0, 100, 0);
        assert!(moving.chunks(5).all(|block| block[4] == block[0] + 4));
        let circular = positions(Scheme::CircularBlock, 7.0, 100, 0);
        assert!(circular.chunks(7).all(|block| block.windows(2).all(|p| p[1] == (p[0] + 1) % 100)));
        assert_eq!(circular.len(), 100);
    }

    /// Moment test of the sampler: blocks are geometric with mean 8 and positions uniform.
    #[test]
    fn stationary_blocks_have_the_mean_length_and_cover_evenly() {
        let n = 1_000;
        let (mut breaks, mut sum, total) = (0, 0.0, 400.0 * n as f64);
        for k in 0..400 {
            let drawn = positions(Scheme::Stationary, 8.0, n, k);
            breaks += n_breaks(&drawn, n);
            sum += drawn.iter().sum::<usize>() as f64;
        }
        // About 50,000 blocks: the mean length is known to 0.5 %, the mean position to 0.3 %.
        let mean_length = total / breaks as f64;
        assert!((mean_length / 8.0 - 1.0).abs() < 0.02, "{mean_length}");
        assert!((sum / total / 499.5 - 1.0).abs() < 0.012, "{}", sum / total);
    }

    #[test]
    fn a_plan_that_cannot_be_drawn_is_refused() {
        assert!(Bootstrap::new(Scheme::Stationary, 0.5, 10, Seed(1)).is_err());
        assert!(Bootstrap::new(Scheme::Stationary, f64::NAN, 10, Seed(1)).is_err());
        assert!(Bootstrap::new(Scheme::Stationary, 5.0, 0, Seed(1)).is_err());
        let plan = Bootstrap::new(Scheme::MovingBlock, 5.0, 10, Seed(1)).unwrap();
        assert!(plan.replicate(4, |_| 0.0).is_err());
        assert!(plan.replicate(5, <[usize]>::len).is_ok());
        assert!(automatic_block_length(&[1.0; 50], Scheme::Stationary).is_err());
    }
}
