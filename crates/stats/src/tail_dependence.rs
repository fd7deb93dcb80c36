//! When the market has one of its worst days, does the fund have one of its own?
//!
//! `lambda(u)` is the share of the market's worst `u` of periods that are among the fund's worst `u` too. Independent
//! returns give `u`; normal ones of the same rank correlation give `Phi2(z, z) / u`. Only what is above the normal level says
//! that the tails are tied more than the middle. In the limit `u -> 0` the normal level goes to zero, so a number at `u` and
//! a limit are not the same: the limit is told through Clayton's copula, matched at `u` alone (`2^(-1/theta)`).
//!
//! Sources: Joe (1997), Multivariate Models and Dependence Concepts, ch. 2 and 5; Schmidt and Stadtmueller (2006); the
//! bivariate normal through Plackett's (1954) identity.
//!
//! Method page: `docs/method/fund_hidden.md`

use std::f64::consts::{PI, TAU};

use serde::Serialize;

use crate::StatError;
use crate::bootstrap::{Band, Bootstrap, band_of};
use crate::normal::{normal_cdf, normal_quantile};
use crate::observed::{require_finite, require_same_length, require_setting};
use crate::rank::spearman;

/// Fewest periods in the tail.
pub const MIN_IN_TAIL: usize = 8;

/// How two lower tails hang together.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct TailDependence {
    /// Share of the worst periods that are counted, `k / n`.
    pub threshold: f64,
    /// Periods counted on either side.
    pub k: usize,
    /// Share of the other's worst `k` that are among one's own.
    pub lambda: f64,
    /// Band of `lambda`.
    pub band: Band,
    /// What independent returns would give.
    pub independent: f64,
    /// What normal returns of the same rank correlation would give.
    pub normal: f64,
    /// Band of `lambda` less the normal level of the same replication; above zero says more than correlation.
    pub excess: Band,
    /// Limit of the Clayton copula that has this `lambda` at the threshold; NaN where they are not tied at all.
    pub clayton: f64,
    /// Spearman's rank correlation.
    pub rank_correlation: f64,
}

/// Lower tail dependence of two series at their worst `threshold`, with a band from `bootstrap`.
///
/// Ties share the lower rank's place in the order given. Missing: refused.
///
/// # Errors
/// Slices of different length, a value not finite, a threshold outside (0, 0.5), fewer than [`MIN_IN_TAIL`] in the tail, a
/// side that does not vary, a tail probability outside (0, 1).
pub fn lower_tail_dependence(
    left: &[f64],
    right: &[f64],
    threshold: f64,
    bootstrap: &Bootstrap,
    tail_probability: f64,
) -> Result<TailDependence, StatError> {
    require_same_length(left, right)?;
    require_finite(left)?;
    require_finite(right)?;
    require_setting("threshold", threshold, "(0, 0.5)", 0.0 < threshold && threshold < 0.5)?;
    let n = left.len();
    let k = (threshold * n as f64).floor() as usize;
    if k < MIN_IN_TAIL {
        let needed = (MIN_IN_TAIL as f64 / threshold).ceil() as usize;
        return Err(StatError::TooFewObservations { needed, found: n });
    }
    let share = k as f64 / n as f64;
    let rank_correlation = spearman(left, right)?;
    let (places, others) = (places(left), places(right));
    let lambda = tied(&vec![1; n], &places, &others, k);
    let normal = normal_level(rank_correlation, share);
    let replications = bootstrap.replicate(n, |at| {
        let mut counts = vec![0; n];
        for &i in at {
            counts[i] += 1;
        }
        let lambda = tied(&counts, &places, &others, k);
        (lambda, lambda - normal_level(drawn_correlation(at, &places, &others), share))
    })?;
    let (lambdas, excess): (Vec<f64>, Vec<f64>) = replications.into_iter().unzip();
    Ok(TailDependence {
        threshold: share,
        k,
        lambda,
        band: band_of(&lambdas, tail_probability)?,
        independent: share,
        normal,
        excess: band_of(&excess, tail_probability)?,
        clayton: clayton_limit(lambda, share),
        rank_correlation,
    })
}

/// `Phi2(z, z; rho) / u` with `z` the `u` quantile: tail dependence at `u` of a normal pair with this rank correlation.
pub fn normal_level(rank_correlation: f64, u: f64) -> f64 {
    let rho = 2.0 * (PI * rank_correlation / 6.0).sin();
    bivariate_normal_diagonal(normal_quantile(u), rho) / u
}

/// Probability that both of a standard normal pair lie below `z`: `Phi(z)^2 + 1/tau int_0^asin(rho) exp(-z^2 / (1 + sin a)) da`.
pub fn bivariate_normal_diagonal(z: f64, rho: f64) -> f64 {
    let end = rho.clamp(-1.0, 1.0).asin();
    let integrand = |a: f64| {
        let spread = 1.0 + a.sin();
        if spread <= 0.0 { 0.0 } else { (-z * z / spread).exp() }
    };
    let (half, middle) = (end / 2.0, end / 2.0);
    let sum: f64 = LEGENDRE
        .iter()
        .map(|&(x, w)| w * (integrand(middle + half * x) + integrand(middle - half * x)))
        .sum();
    normal_cdf(z).powi(2) + half * sum / TAU
}

/// Positive nodes and weights of the 20-point Gauss-Legendre rule (Abramowitz and Stegun, table 25.4).
#[rustfmt::skip]
const LEGENDRE: [(f64, f64); 10] = [
    (0.076_526_521_133_497_33, 0.152_753_387_130_725_85), (0.227_785_851_141_645_08, 0.149_172_986_472_603_75),
    (0.373_706_088_715_419_56, 0.142_096_109_318_382_05), (0.510_867_001_950_827_1, 0.131_688_638_449_176_63),
    (0.636_053_680_726_515_1, 0.118_194_531_961_518_42), (0.746_331_906_460_150_8, 0.101_930_119_817_240_44),
    (0.839_116_971_822_218_8, 0.083_276_741_576_704_75), (0.912_234_428_251_326, 0.062_672_048_334_109_06),
    (0.963_971_927_277_913_8, 0.040_601_429_800_386_94), (0.993_128_599_185_094_9, 0.017_614_007_139_152_118),
];

/// Limit `2^(-1/theta)` of the Clayton copula with `C(u, u) = lambda u`; NaN where `lambda` is not above `u`.
fn clayton_limit(lambda: f64, u: f64) -> f64 {
    if lambda <= u {
        return f64::NAN;
    }
    if lambda >= 1.0 {
        return 1.0;
    }
    // lambda(theta) = (2 - u^theta)^(-1/theta) rises with theta.
    let level = |theta: f64| (2.0 - u.powf(theta)).powf(-1.0 / theta);
    let (mut low, mut high) = (1e-6, 200.0);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if level(middle) < lambda { low = middle } else { high = middle }
    }
    (-std::f64::consts::LN_2 / low).exp()
}

/// Place of every value in rising order, and who stands at each place.
struct Places {
    order: Vec<u32>,
    place: Vec<f64>,
}

fn places(values: &[f64]) -> Places {
    let mut order: Vec<u32> = (0..values.len() as u32).collect();
    order.sort_by(|&a, &b| values[a as usize].total_cmp(&values[b as usize]));
    let mut place = vec![0.0; values.len()];
    for (p, &i) in order.iter().enumerate() {
        place[i as usize] = p as f64;
    }
    Places { order, place }
}

/// Share of the `k` worst on one side that are among the `k` worst on the other, each period `counts` times.
fn tied(counts: &[u32], left: &Places, right: &Places, k: usize) -> f64 {
    let mut worst = vec![0; counts.len()];
    take_worst(counts, left, k, |i, n| worst[i] = n);
    let mut both = 0;
    take_worst(counts, right, k, |i, n| both += n.min(worst[i]));
    f64::from(both) / k as f64
}

fn take_worst(counts: &[u32], side: &Places, k: usize, mut take: impl FnMut(usize, u32)) {
    let mut left = k as u32;
    for &i in &side.order {
        let n = counts[i as usize].min(left);
        if n > 0 {
            take(i as usize, n);
            left -= n;
        }
        if left == 0 {
            return;
        }
    }
}

/// Correlation of the full sample's ranks over the periods drawn.
fn drawn_correlation(at: &[usize], left: &Places, right: &Places) -> f64 {
    let n = at.len() as f64;
    let centre = (n - 1.0) / 2.0;
    let mut sums = [0.0; 5];
    for &i in at {
        let (x, y) = (left.place[i] - centre, right.place[i] - centre);
        sums[0] += x;
        sums[1] += y;
        sums[2] += x * x;
        sums[3] += y * y;
        sums[4] += x * y;
    }
    let [x, y, xx, yy, xy] = sums.map(|s| s / n);
    (xy - x * y) / ((xx - x * x) * (yy - y * y)).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bootstrap::Scheme;
    use crate::counter_normal::{counter_normal, counter_uniform};
    use shoals_core::Seed;

    fn plan(replications: usize) -> Bootstrap {
        Bootstrap::new(Scheme::Stationary, 3.0, replications, Seed(5)).unwrap()
    }

    /// Closed forms: `Phi2(0, 0; rho) = 1/4 + asin(rho) / tau`, independence the square, perfect correlation the margin.
    #[test]
    fn the_normal_pair_has_its_closed_forms() {
        for rho in [-0.9_f64, -0.3, 0.0, 0.5, 0.95] {
            let theirs = 0.25 + rho.asin() / TAU;
            assert!((bivariate_normal_diagonal(0.0, rho) - theirs).abs() < 1e-14, "{rho}");
        }
        let z = -1.6;
        assert!((bivariate_normal_diagonal(z, 0.0) - normal_cdf(z).powi(2)).abs() < 1e-16);
        assert!((bivariate_normal_diagonal(z, 1.0) - normal_cdf(z)).abs() < 1e-9);
    }

    /// Truth: Clayton's copula with theta 2, drawn by Marshall and Olkin's conditional way; limit `2^(-1/2)`.
    #[test]
    fn claytons_limit_is_recovered() {
        let theta = 2.0_f64;
        let pair = |i: u64| {
            let (own, chance) = (counter_uniform(1, i), counter_uniform(2, i));
            let other = (chance.powf(-theta / (1.0 + theta)) - 1.0) * own.powf(-theta) + 1.0;
            (own, other.powf(-1.0 / theta))
        };
        let (x, y): (Vec<f64>, Vec<f64>) = (0..20_000).map(pair).unzip();
        let found = lower_tail_dependence(&x, &y, 0.05, &plan(60), 0.05).unwrap();
        let truth = 0.5_f64.sqrt();
        // One thousand pairs in the tail: the share is known to 0.015.
        assert!((found.clayton - truth).abs() < 0.045, "{found:?}");
        assert!(found.excess.low > 0.1, "{found:?}");
        assert!(found.normal < truth && found.independent == 0.05);
    }

    /// A normal pair with correlation 0.6, 500 periods, 400 samples: the lower end of a 90 % band of the excess is above zero
    /// in about 5 % of them; with counts of 25 it is coarse, so the level is stated: at most 9 %.
    #[test]
    fn correlation_alone_is_seldom_called_tail_dependence() {
        let (samples, n) = (400, 500);
        let mut called = 0;
        let mut sum = 0.0;
        for k in 0..samples {
            let x: Vec<f64> = (0..n).map(|i| counter_normal(2 * k, i)).collect();
            let y: Vec<f64> =
                (0..n).map(|i| 0.6 * x[i as usize] + 0.8 * counter_normal(2 * k + 1, i)).collect();
            let found = lower_tail_dependence(&x, &y, 0.05, &plan(200), 0.1).unwrap();
            called += i32::from(found.excess.low > 0.0);
            sum += found.lambda - found.normal;
        }
        let (rate, bias) = (f64::from(called) / samples as f64, sum / samples as f64);
        eprintln!("called tied: {rate}, bias {bias}");
        assert!(rate < 0.09, "{rate}");
        assert!(bias.abs() < 0.02, "{bias}");
    }

    #[test]
    fn too_short_a_tail_is_refused_with_what_it_needs() {
        let x = [0.0; 100];
        let error = lower_tail_dependence(&x, &x, 0.05, &plan(10), 0.1).unwrap_err();
        assert_eq!(error, StatError::TooFewObservations { needed: 160, found: 100 });
    }
}
