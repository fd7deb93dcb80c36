//! Is the top of a path peaked or flat?
//!
//! Around a peak at `T` the path has fallen `D(s) = x_T - (x_{T-s} + x_{T+s}) / 2` on average at distance `s`. Its
//! *peakedness* is the mean of `D(s)` over `s = 1..h` as a share of its greatest value there: one half for a tent, one
//! third for a parabola, two thirds for the square root. High: the path left its top at once (a long-volatility top, bubble and burst). Low:
//! it stayed at the top and then fell ever faster (a short-volatility top: small gains, one large loss). If
//! `D(s) ~ s^g`, peakedness is close to `1 / (1 + g)`.
//!
//! A random walk, too, has a highest point, and there it is peaked; what a path is compared with is the peakedness of
//! paths made of its own changes in another order, each at its own peak.

use serde::Serialize;

use crate::StatError;
use crate::bootstrap::Bootstrap;
use crate::observed::{require_finite, require_setting};
use crate::percentile::{percentile_of, percentiles};

/// The top of a path.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summit {
    /// Position of the peak.
    pub at: usize,
    /// Mean of `D(s)` over its greatest value: near 1 peaked, near 0 flat.
    pub peakedness: f64,
    /// The same of the days before the peak only.
    pub rise: f64,
    /// The same of the days after it only.
    pub fall: f64,
    /// The greatest `D(s)`, in units of the path.
    pub depth: f64,
}

/// A top beside those of paths without its order.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SummitTest {
    /// The top.
    pub summit: Summit,
    /// Peakedness of the null's tops: tail, median, tail.
    pub null: [f64; 3],
    /// Share of the null's tops at most as peaked, in `[0, 1]`.
    pub rank: f64,
    /// Two-sided probability under the null: `2 min(rank, 1 - rank)`, at least one over the replications.
    pub p_value: f64,
    /// Replications with a top of their own.
    pub n: usize,
}

/// The top of `path` with `half_window` observations on either side; none when the highest point of those that have
/// both sides is no peak: the path around it, both sides averaged, never stands lower, or stands higher at the end.
///
/// # Errors
/// A value that is not finite, a window of fewer than 2, or a path shorter than `2 half_window + 1`.
///
/// # Example
/// ```
/// use shoals_stats::summit::summit;
/// let tent: Vec<f64> = (-50..=50_i32).map(|t| -f64::from(t.abs())).collect();
/// let top = summit(&tent, 50)?.expect("a tent has a top");
/// assert!((top.peakedness - 0.51).abs() < 1e-12); // (h + 1) / 2h
/// # Ok::<(), shoals_stats::StatError>(())
/// ```
pub fn summit(path: &[f64], half_window: usize) -> Result<Option<Summit>, StatError> {
    require_finite(path)?;
    require_setting("half_window", half_window as f64, "2 or more", half_window >= 2)?;
    let needed = 2 * half_window + 1;
    if path.len() < needed {
        return Err(StatError::TooFewObservations { needed, found: path.len() });
    }
    Ok(top(path, half_window))
}

fn top(path: &[f64], h: usize) -> Option<Summit> {
    let at = (h..path.len() - h).max_by(|a, b| path[*a].total_cmp(&path[*b]).then(b.cmp(a)))?;
    summit_at(path, at, h)
}

/// The top at a known position; none where the path stands no lower at the window's ends.
fn summit_at(path: &[f64], at: usize, h: usize) -> Option<Summit> {
    let left = |s: usize| path[at] - path[at - s];
    let right = |s: usize| path[at] - path[at + s];
    let both = |s: usize| f64::midpoint(left(s), right(s));
    let deepest = |of: &dyn Fn(usize) -> f64| (1..=h).map(of).fold(f64::NEG_INFINITY, f64::max);
    let share = |of: &dyn Fn(usize) -> f64| {
        let depth = deepest(of);
        if depth > 0.0 { (1..=h).map(of).sum::<f64>() / (h as f64 * depth) } else { f64::NAN }
    };
    let peakedness = share(&both);
    (peakedness.is_finite() && both(h) > 0.0).then(|| Summit {
        at,
        peakedness,
        rise: share(&left),
        fall: share(&right),
        depth: deepest(&both),
    })
}

/// Compares the top of a path with the tops of paths made of its own changes, blocks of them drawn again.
///
/// `tail_probability` is the null band's.
///
/// # Errors
/// As [`summit`] and [`Bootstrap::replicate`]; no replication with a top of its own.
pub fn summit_test(
    path: &[f64],
    half_window: usize,
    plan: &Bootstrap,
    tail_probability: f64,
) -> Result<Option<SummitTest>, StatError> {
    let Some(found) = summit(path, half_window)? else { return Ok(None) };
    let changes: Vec<f64> = path.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let mean = changes.iter().sum::<f64>() / changes.len() as f64;
    let drawn = plan.replicate(changes.len(), |at| {
        let mut level = 0.0;
        let path: Vec<f64> = std::iter::once(0.0)
            .chain(at.iter().map(|&i| {
                level += changes[i] - mean;
                level
            }))
            .collect();
        top(&path, half_window).map_or(f64::NAN, |top| top.peakedness)
    })?;
    let null: Vec<f64> = drawn.into_iter().filter(|x| x.is_finite()).collect();
    let tail = tail_probability / 2.0;
    let band = percentiles(&null, &[tail, 0.5, 1.0 - tail])?;
    let rank = percentile_of(&null, found.peakedness)?;
    let floor = 1.0 / null.len() as f64;
    Ok(Some(SummitTest {
        summit: found,
        null: [band[0], band[1], band[2]],
        rank,
        p_value: (2.0 * rank.min(1.0 - rank)).max(floor).min(1.0),
        n: null.len(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bootstrap::Scheme;
    use shoals_core::Seed;

    fn power(exponent: f64) -> Vec<f64> {
        (-100..=100_i32).map(|t| -f64::from(t.abs()).powf(exponent)).collect()
    }

    /// Witness: closed form, `sum s^g / (h h^g)` goes to `1 / (1 + g)`.
    #[test]
    fn peakedness_orders_cusp_tent_and_plateau() {
        for (exponent, expected) in [(0.5, 2.0 / 3.0), (1.0, 0.5), (2.0, 1.0 / 3.0), (4.0, 0.2)] {
            let top = summit(&power(exponent), 100).unwrap().unwrap();
            assert_eq!(top.at, 100);
            assert!((top.peakedness - expected).abs() < 0.006, "{exponent}: {}", top.peakedness);
            assert!((top.rise - top.fall).abs() < 1e-12);
        }
    }

    /// A slow gain and one crash: the plateau of whoever sells insurance.
    #[test]
    fn a_slow_gain_and_one_crash_is_flat_and_a_burst_is_peaked() {
        let noise = |t: usize| 0.002 * ((t * t) as f64 * 0.731).sin();
        let flat: Vec<f64> = (0..300)
            .map(|t| {
                0.0005 * t as f64 - if t > 200 { 0.02 * (t - 200) as f64 } else { 0.0 } + noise(t)
            })
            .collect();
        let mut plateau = flat.clone();
        // Ninety quiet days at the top, then the fall.
        for (t, x) in plateau.iter_mut().enumerate() {
            *x = if t < 110 { 0.002 * t as f64 } else { 0.22 } + noise(t)
                - if t > 190 { 0.01 * ((t - 190) as f64) } else { 0.0 };
        }
        let burst: Vec<f64> =
            (0..300).map(|t| -0.08 * ((t as f64 - 150.0).abs()).sqrt() + noise(t)).collect();
        let plan = Bootstrap::new(Scheme::Stationary, 5.0, 400, Seed(3)).unwrap();
        let of = |path: &[f64]| summit_test(path, 60, &plan, 0.1).unwrap().unwrap();
        let (flat, peaked) = (of(&plateau), of(&burst));
        assert!(flat.summit.peakedness < peaked.summit.peakedness);
        assert!(flat.rank < 0.1, "{flat:?}");
        assert!(peaked.summit.peakedness > 0.6, "{peaked:?}");
    }

    /// Witness: the null itself. Random walks are ranked evenly, so a rank below one tenth comes one time in ten.
    #[test]
    fn random_walks_are_ranked_evenly() {
        let plan = Bootstrap::new(Scheme::Stationary, 1.0, 200, Seed(5)).unwrap();
        let walks = Bootstrap::new(Scheme::Stationary, 1.0, 200, Seed(6)).unwrap();
        let steps: Vec<f64> = (0..240).map(|i| (f64::from(i * i * 7 + i) * 0.911).sin()).collect();
        let ranks = walks
            .replicate(steps.len(), |at| {
                let mut level = 0.0;
                let path: Vec<f64> = at
                    .iter()
                    .map(|&i| {
                        level += steps[i];
                        level
                    })
                    .collect();
                summit_test(&path, 40, &plan, 0.1).ok().flatten().map_or(f64::NAN, |test| test.rank)
            })
            .unwrap();
        let known: Vec<f64> = ranks.into_iter().filter(|x| x.is_finite()).collect();
        let low = known.iter().filter(|x| **x < 0.1).count() as f64 / known.len() as f64;
        assert!(known.len() > 100 && (0.03..0.2).contains(&low), "{low} of {}", known.len());
    }

    #[test]
    fn a_path_that_only_rises_has_no_top() {
        let path: Vec<f64> = (0..100).map(f64::from).collect();
        assert_eq!(summit(&path, 20).unwrap(), None);
        assert!(summit(&path, 60).is_err() && summit(&path, 1).is_err());
    }
}
