//! Innovations with fat tails and clustered volatility.
//!
//! A GARCH(1,1) recursion (Bollerslev 1986) on Student-t shocks scaled to unit variance:
//! `x = sqrt(h) e`, `h' = (1 - a - b) + a x^2 + b h`, so that the series has variance one and its
//! squares remember. Stocks add rare jumps, up more often than down, compensated to mean zero.

use rand_distr::{Distribution, Exp1, StandardNormal, StudentT};
use shoals_core::Stream;

/// A unit-variance GARCH(1,1) with Student-t shocks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Garch {
    /// Weight of yesterday's square.
    pub(crate) shock: f64,
    /// Weight of yesterday's variance.
    pub(crate) memory: f64,
    /// Degrees of freedom of the shocks, above 4.
    pub(crate) degrees: f64,
}

/// The large-cap market: weak short memory, long persistence.
pub(crate) const MARKET: Garch = Garch { shock: 0.06, memory: 0.91, degrees: 6.0 };
/// The size factor clusters hardest.
pub(crate) const SIZE: Garch = Garch { shock: 0.14, memory: 0.80, degrees: 6.0 };
/// One stock's own risk.
pub(crate) const STOCK: Garch = Garch { shock: 0.16, memory: 0.76, degrees: 6.0 };

impl Garch {
    /// Fills `out` with the series.
    pub(crate) fn fill(self, stream: &mut Stream, out: &mut [f64]) {
        let student = StudentT::new(self.degrees).expect("degrees of freedom are positive");
        let to_unit = ((self.degrees - 2.0) / self.degrees).sqrt();
        let base = 1.0 - self.shock - self.memory;
        let mut variance: f64 = 1.0;
        for x in out {
            let shock: f64 = student.sample(stream);
            *x = variance.sqrt() * shock * to_unit;
            // Far beyond what a market has seen; keeps one outlier from feeding on itself.
            variance = (base + self.shock * x.powi(2) + self.memory * variance).min(16.0);
        }
    }

    /// The series as a vector.
    pub(crate) fn series(self, stream: &mut Stream, n: usize) -> Vec<f64> {
        let mut out = vec![0.0; n];
        self.fill(stream, &mut out);
        out
    }
}

/// Chance of a jump a day, upward and downward.
const JUMP_UP: f64 = 0.030;
const JUMP_DOWN: f64 = 0.001;
/// Mean size of a jump in daily standard deviations of the quiet series.
const JUMP_MEAN: f64 = 3.2;
/// Part of a jump that excites the days after it.
const JUMP_ECHO: f64 = 0.5;
/// Mean and variance the jumps add to a day.
const JUMP_DRIFT: f64 = (JUMP_UP - JUMP_DOWN) * JUMP_MEAN;
const JUMP_VARIANCE: f64 =
    (JUMP_UP + JUMP_DOWN) * 2.0 * JUMP_MEAN * JUMP_MEAN - JUMP_DRIFT * JUMP_DRIFT;

/// Fills `out` with one stock's own innovations: clustered, fat-tailed, with jumps, mean zero and
/// variance `1 + JUMP_VARIANCE`. Half of a jump
/// excites the days after it as any large move does.
pub(crate) fn fill_stock(stream: &mut Stream, out: &mut [f64]) {
    let student = StudentT::new(STOCK.degrees).expect("degrees of freedom are positive");
    let to_unit = ((STOCK.degrees - 2.0) / STOCK.degrees).sqrt();
    // The recursion's mean is one: what jumps feed into it is taken from its constant.
    let fed = JUMP_ECHO * JUMP_ECHO * (JUMP_VARIANCE + JUMP_DRIFT * JUMP_DRIFT);
    let base = 1.0 - STOCK.shock - STOCK.memory - STOCK.shock * fed;
    let mut variance: f64 = 1.0;
    for x in out {
        let shock: f64 = student.sample(stream);
        let (quiet, jump) = (variance.sqrt() * shock * to_unit, jump(stream));
        *x = quiet + jump - JUMP_DRIFT;
        let felt = quiet + JUMP_ECHO * jump;
        variance = (base + STOCK.shock * felt.powi(2) + STOCK.memory * variance).min(16.0);
    }
}

/// Today's jump, zero on most days.
fn jump(stream: &mut Stream) -> f64 {
    let chance = uniform(stream);
    let sign = if chance < JUMP_UP {
        1.0
    } else if chance < JUMP_UP + JUMP_DOWN {
        -1.0
    } else {
        return 0.0;
    };
    sign * JUMP_MEAN * exponential(stream)
}

/// A uniform draw in [0, 1).
pub(crate) fn uniform(stream: &mut Stream) -> f64 {
    rand::RngExt::random(stream)
}

/// A standard normal draw.
pub(crate) fn normal(stream: &mut Stream) -> f64 {
    StandardNormal.sample(stream)
}

/// An exponential draw of mean one.
pub(crate) fn exponential(stream: &mut Stream) -> f64 {
    Exp1.sample(stream)
}

/// A stationary first-order autoregression of unit variance with the given half-life in days.
pub(crate) fn autoregression(stream: &mut Stream, n: usize, half_life: f64) -> Vec<f64> {
    let keep = 0.5_f64.powf(1.0 / half_life);
    let fresh = (1.0 - keep * keep).sqrt();
    let mut state = normal(stream);
    (0..n)
        .map(|_| {
            state = keep * state + fresh * normal(stream);
            state
        })
        .collect()
}

/// Capitalisation ladder relative to the median, at the quantile `u` in (0, 1): a log-normal lower
/// half and a Pareto upper half of index one (Zipf).
///
/// `exp(0.6 z(u))` below the median and `1 / (2 (1 - u))` above: the real ladder's
/// 5, 25, 75, 95 and 99 % quantiles to within its own drift from 2021 to 2024.
pub(crate) fn size_ladder(u: f64) -> f64 {
    const LOWER_DEVIATION: f64 = 0.6;
    if u < 0.5 { (LOWER_DEVIATION * normal_quantile(u)).exp() } else { 0.5 / (1.0 - u) }
}

/// Inverse of the standard normal distribution, absolute error below 4.5e-4 (Abramowitz and Stegun
/// 1964, 26.2.23): enough to spread sizes.
pub(crate) fn normal_quantile(u: f64) -> f64 {
    let tail = u.min(1.0 - u).max(1e-12);
    let t = (-2.0 * tail.ln()).sqrt();
    let numerator = 2.515_517 + t * (0.802_853 + t * 0.010_328);
    let denominator = 1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308));
    let z = t - numerator / denominator;
    if u < 0.5 { -z } else { z }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shoals_core::Seed;

    const N: usize = 400_000;

    /// Mean, variance, skewness, excess kurtosis.
    fn moments(x: &[f64]) -> [f64; 4] {
        let n = x.len() as f64;
        let mean = x.iter().sum::<f64>() / n;
        let central = |p: i32| x.iter().map(|v| (v - mean).powi(p)).sum::<f64>() / n;
        let variance = central(2);
        [mean, variance, central(3) / variance.powf(1.5), central(4) / variance.powi(2) - 3.0]
    }

    fn autocorrelation_of_magnitude(x: &[f64], lag: usize) -> f64 {
        let a: Vec<f64> = x.iter().map(|v| v.abs()).collect();
        let mean = a.iter().sum::<f64>() / a.len() as f64;
        let covariance: f64 = a.iter().zip(&a[lag..]).map(|(p, q)| (p - mean) * (q - mean)).sum();
        covariance / a.iter().map(|v| (v - mean).powi(2)).sum::<f64>()
    }

    /// Witness: mean 0 and variance 1 by construction; fat tails and memory are what GARCH is for.
    #[test]
    fn garch_series_have_unit_variance_fat_tails_and_memory() {
        for (k, garch) in [MARKET, SIZE, STOCK].into_iter().enumerate() {
            let x = garch.series(&mut Seed(1).stream(k as u64), N);
            let [mean, variance, skewness, kurtosis] = moments(&x);
            assert!(mean.abs() < 0.01, "{mean}");
            assert!((variance - 1.0).abs() < 0.06, "{variance}");
            assert!(skewness.abs() < 0.25, "{skewness}");
            assert!(kurtosis > 2.0, "{kurtosis}");
            assert!(autocorrelation_of_magnitude(&x, 1) > 0.05);
            assert!(autocorrelation_of_magnitude(&x, 1) > autocorrelation_of_magnitude(&x, 20));
        }
    }

    /// Witness: the jumps' compensator makes the mean zero; an exponential of mean `m` has second
    /// moment `2 m^2`, so they add `(up + down) 2 m^2 - ((up - down) m)^2` to a variance of one.
    #[test]
    fn stock_innovations_have_mean_zero_and_lean_upward() {
        let mut x = vec![0.0; N];
        fill_stock(&mut Seed(2).stream(0), &mut x);
        let [mean, variance, skewness, kurtosis] = moments(&x);
        assert!(mean.abs() < 0.01, "{mean}");
        assert!((variance / (1.0 + JUMP_VARIANCE) - 1.0).abs() < 0.08, "{variance}");
        assert!(skewness > 0.5 && kurtosis > 4.0, "{skewness} {kurtosis}");
    }

    /// Witness: an AR(1) of half-life 10 has correlation one half at lag 10.
    #[test]
    fn an_autoregression_halves_its_memory_at_its_half_life() {
        let x = autoregression(&mut Seed(3).stream(0), N, 10.0);
        let [mean, variance, ..] = moments(&x);
        let at_ten: f64 =
            x.iter().zip(&x[10..]).map(|(p, q)| p * q).sum::<f64>() / x.len() as f64 / variance;
        assert!(mean.abs() < 0.05 && (variance - 1.0).abs() < 0.05, "{mean} {variance}");
        assert!((at_ten - 0.5).abs() < 0.02, "{at_ten}");
    }

    /// Witness: first two moments of the uniform, normal and exponential distributions.
    #[test]
    fn the_plain_samplers_have_their_textbook_moments() {
        let mut stream = Seed(4).stream(0);
        let mut check = |draw: fn(&mut Stream) -> f64, mean: f64, variance: f64| {
            let x: Vec<f64> = (0..N).map(|_| draw(&mut stream)).collect();
            let found = moments(&x);
            assert!((found[0] - mean).abs() < 0.01, "{found:?}");
            assert!((found[1] - variance).abs() < 0.02, "{found:?}");
        };
        check(uniform, 0.5, 1.0 / 12.0);
        check(normal, 0.0, 1.0);
        check(exponential, 1.0, 1.0);
    }

    /// Witness: standard normal quantiles; the two halves of the ladder meet at the median.
    #[test]
    fn quantile_functions_hit_known_points() {
        for (u, z) in [(0.5, 0.0), (0.841_344_7, 1.0), (0.025, -1.959_964), (0.99, 2.326_348)] {
            assert!((normal_quantile(u) - z).abs() < 5e-4, "{u}");
        }
        assert!((size_ladder(0.5 - 1e-9) - size_ladder(0.5)).abs() < 1e-3);
        assert!((size_ladder(0.75) - 2.0).abs() < 1e-12);
    }
}
