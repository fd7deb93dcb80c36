//! Innovations with fat tails, clustered volatility and a lean.
//!
//! A GARCH(1,1) recursion (Bollerslev 1986) on skewed Student-t shocks scaled to unit variance:
//! `x = sqrt(h) e`, `h' = (1 - a - g s - b) + (a + g [e fell]) x^2 + b h`, `s` the falls' share of the
//! variance, so that the series has variance one and its squares remember, falls above all. Stocks add
//! weeks of heat and rare jumps, up more often than down, compensated to mean zero.

use rand_distr::{Distribution, Exp1, StandardNormal, StudentT};
use shoals_core::Stream;

/// A unit-variance GARCH(1,1) with skewed Student-t shocks that falls excite more than rises
/// (Glosten, Jagannathan and Runkle 1993).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Garch {
    /// Weight of yesterday's square.
    pub(crate) shock: f64,
    /// What a fall adds to that weight.
    pub(crate) fall: f64,
    /// Weight of yesterday's variance.
    pub(crate) memory: f64,
    /// Scale of rises over the scale of falls, square-rooted: below one leans downward.
    pub(crate) lean: f64,
    /// Degrees of freedom of the shocks: even, above 4.
    pub(crate) degrees: u32,
}

/// The large-cap market: falls excite it, rises do not.
pub(crate) const MARKET: Garch =
    Garch { shock: 0.0, fall: 0.11, memory: 0.89, lean: 0.90, degrees: 6 };
/// The size factor clusters hardest, and falls faster than it rises.
pub(crate) const SIZE: Garch =
    Garch { shock: 0.02, fall: 0.15, memory: 0.82, lean: 0.86, degrees: 10 };
/// The middle of the size ladder is close to normal.
pub(crate) const CURVATURE: Garch =
    Garch { shock: 0.08, fall: 0.0, memory: 0.84, lean: 1.0, degrees: 12 };
/// One stock's own risk.
pub(crate) const STOCK: Garch =
    Garch { shock: 0.20, fall: 0.0, memory: 0.70, lean: 1.0, degrees: 6 };
/// Quotes of implied volatility: calm, with bursts that lean upward.
pub(crate) const QUOTES: Garch =
    Garch { shock: 0.25, fall: 0.0, memory: 0.60, lean: 1.10, degrees: 6 };

/// Far beyond what a market has seen; keeps one outlier from feeding on itself.
const LARGEST_VARIANCE: f64 = 16.0;

impl Garch {
    /// Fills `out` with the series.
    pub(crate) fn fill(self, stream: &mut Stream, out: &mut [f64]) {
        let shocks = SkewedStudent::new(self.lean, self.degrees);
        let base = 1.0 - self.shock - self.fall * shocks.fall_share() - self.memory;
        let mut variance: f64 = 1.0;
        for x in out {
            let (shock, fell) = shocks.draw(stream);
            *x = variance.sqrt() * shock;
            let weight = self.shock + if fell { self.fall } else { 0.0 };
            variance = (base + weight * x.powi(2) + self.memory * variance).min(LARGEST_VARIANCE);
        }
    }

    /// The series as a vector.
    pub(crate) fn series(self, stream: &mut Stream, n: usize) -> Vec<f64> {
        let mut out = vec![0.0; n];
        self.fill(stream, &mut out);
        out
    }
}

/// A Student-t stretched by `lean` above zero and by its inverse below (Fernandez and Steel 1998),
/// moved and scaled to mean zero and variance one.
struct SkewedStudent {
    student: StudentT<f64>,
    lean: f64,
    /// Mean magnitude and mean square of the Student-t.
    magnitude: f64,
    square: f64,
    mean: f64,
    deviation: f64,
}

impl SkewedStudent {
    fn new(lean: f64, degrees: u32) -> Self {
        let n = f64::from(degrees);
        // Gamma(n/2 + 1/2) / Gamma(n/2) of an even n as a product.
        let gammas: f64 = (1..degrees / 2).map(|k| 1.0 + 0.5 / f64::from(k)).product();
        let (magnitude, square) = (n.sqrt() / (n - 1.0) * gammas, n / (n - 2.0));
        let mean = magnitude * (lean - 1.0 / lean);
        let raw_square = square * (lean.powi(3) + lean.powi(-3)) / (lean + 1.0 / lean);
        let student = StudentT::new(n).expect("degrees of freedom are positive");
        let deviation = (raw_square - mean * mean).sqrt();
        Self { student, lean, magnitude, square, mean, deviation }
    }

    /// Chance that a draw falls below zero before it is moved.
    fn fall_chance(&self) -> f64 {
        1.0 / (1.0 + self.lean * self.lean)
    }

    /// Part of the variance that falls carry.
    fn fall_share(&self) -> f64 {
        let square = self.square / self.lean.powi(2)
            + 2.0 * self.mean * self.magnitude / self.lean
            + self.mean * self.mean;
        self.fall_chance() * square / self.deviation.powi(2)
    }

    /// A draw, and whether it is a fall.
    fn draw(&self, stream: &mut Stream) -> (f64, bool) {
        let magnitude = self.student.sample(stream).abs();
        let fell = uniform(stream) < self.fall_chance();
        let raw = if fell { -magnitude / self.lean } else { magnitude * self.lean };
        ((raw - self.mean) / self.deviation, fell)
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
    (JUMP_UP + JUMP_DOWN) * 1.5625 * JUMP_MEAN * JUMP_MEAN - JUMP_DRIFT * JUMP_DRIFT;
/// Part of a day's own move that the next day takes back.
const REVERSAL: f64 = 0.075;
/// Part of the own moves so far, in logs, that a day takes back: half of a gain in two years, of a loss
/// in half a year, for a listing is worth something by itself.
const PULL_OF_GAINS: f64 = 0.001_5;
const PULL_OF_LOSSES: f64 = 0.005;
/// What a squared move costs in logs: half the volatility of a usual day.
const LOG_DRAG: f64 = 0.01;
/// Standard deviation of a stock's log heat, and its half-life in days.
const HEAT_DEVIATION: f64 = 0.42;
const HEAT_HALF_LIFE: f64 = 26.0;

/// What a stock does by itself on a day, in units of its usual daily volatility.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct OwnDay {
    /// The everyday move: mean zero, variance one.
    pub(crate) quiet: f64,
    /// The news: a rare jump, mean zero, variance [`JUMP_VARIANCE`].
    pub(crate) news: f64,
    /// How hot the stock is: multiplier of its volatility, root mean square one.
    pub(crate) heat: f64,
}

/// Fills `out` with one stock's own days: clustered twice, over weeks by heat and over days by
/// GARCH, with jumps, and slowly pulled back to where they began. Half of a jump excites the days
/// after it as any large move does.
pub(crate) fn fill_stock(stream: &mut Stream, out: &mut [OwnDay]) {
    let shocks = SkewedStudent::new(STOCK.lean, STOCK.degrees);
    // The recursion's mean is one: what jumps feed into it is taken from its constant.
    let fed = JUMP_ECHO * JUMP_ECHO * (JUMP_VARIANCE + JUMP_DRIFT * JUMP_DRIFT);
    let base = 1.0 - STOCK.shock - STOCK.memory - STOCK.shock * fed;
    let mut mood = Autoregression::new(stream, HEAT_HALF_LIFE);
    let (mut variance, mut last, mut sum) = (1.0_f64, 0.0, 0.0);
    for day in out {
        day.heat = (HEAT_DEVIATION * mood.next(stream) - HEAT_DEVIATION * HEAT_DEVIATION).exp();
        let shock = variance.sqrt() * shocks.draw(stream).0;
        let jump = jump(stream);
        day.news = jump - JUMP_DRIFT;
        let pull = if sum > 0.0 { PULL_OF_GAINS } else { PULL_OF_LOSSES };
        day.quiet = shock - REVERSAL * last - pull * sum;
        last = shock + day.news;
        let moved = day.quiet + day.news;
        sum += moved - LOG_DRAG * moved * moved;
        let felt = shock + JUMP_ECHO * jump;
        variance =
            (base + STOCK.shock * felt.powi(2) + STOCK.memory * variance).min(LARGEST_VARIANCE);
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
    sign * JUMP_MEAN * (0.25 + 0.75 * exponential(stream))
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

/// A stationary first-order autoregression of unit variance.
pub(crate) struct Autoregression {
    keep: f64,
    fresh: f64,
    state: f64,
}

impl Autoregression {
    /// Starts in the stationary distribution; half of a value is forgotten in `half_life` days.
    pub(crate) fn new(stream: &mut Stream, half_life: f64) -> Self {
        let keep = 0.5_f64.powf(1.0 / half_life);
        Self { keep, fresh: (1.0 - keep * keep).sqrt(), state: normal(stream) }
    }

    /// The next day's value.
    pub(crate) fn next(&mut self, stream: &mut Stream) -> f64 {
        self.state = self.keep * self.state + self.fresh * normal(stream);
        self.state
    }
}

/// `n` days of an [`Autoregression`].
pub(crate) fn autoregression(stream: &mut Stream, n: usize, half_life: f64) -> Vec<f64> {
    let mut walk = Autoregression::new(stream, half_life);
    (0..n).map(|_| walk.next(stream)).collect()
}

/// Capitalisation ladder relative to the median, at the quantile `u` in (0, 1): a log-normal lower
/// half and a Pareto upper half of index one (Zipf).
///
/// `exp(0.6 z(u))` below the median and `1 / (2 (1 - u))` above: the real ladder's
/// 5, 25, 75, 95 and 99 % quantiles to within its own drift from 2021 to 2024.
pub(crate) fn size_ladder(u: f64) -> f64 {
    const LOWER_DEVIATION: f64 = 0.52;
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
        for (k, garch) in [MARKET, SIZE, CURVATURE, STOCK, QUOTES].into_iter().enumerate() {
            let x = garch.series(&mut Seed(1).stream(k as u64), N);
            let [mean, variance, _, kurtosis] = moments(&x);
            assert!(mean.abs() < 0.01, "{k}: {mean}");
            assert!((variance - 1.0).abs() < 0.06, "{k}: {variance}");
            assert!(kurtosis > 0.75, "{k}: {kurtosis}");
            assert!(autocorrelation_of_magnitude(&x, 1) > 0.05, "{k}");
            let (near, far) =
                (autocorrelation_of_magnitude(&x, 1), autocorrelation_of_magnitude(&x, 20));
            assert!(near > far, "{k}: {near} {far}");
        }
    }

    /// Witness: moments of a Student-t of ten degrees (mean magnitude by quadrature, 0.864 690 1;
    /// excess kurtosis 6 / (n - 4) = 1) and the sign of the skewness of Fernandez and Steel (1998).
    #[test]
    fn shocks_are_student_and_lean_as_asked() {
        let draws = |lean: f64, k: u64| -> Vec<f64> {
            let (shocks, mut stream) = (SkewedStudent::new(lean, 10), Seed(6).stream(k));
            (0..N).map(|_| shocks.draw(&mut stream).0).collect()
        };
        assert!((SkewedStudent::new(1.0, 10).magnitude - 0.864_685_3).abs() < 1e-6);
        let [_, variance, skewness, kurtosis] = moments(&draws(1.0, 0));
        assert!((variance - 1.0).abs() < 0.02, "{variance}");
        assert!(skewness.abs() < 0.05 && (kurtosis - 1.0).abs() < 0.2, "{skewness} {kurtosis}");
        for (lean, k) in [(0.86, 1), (0.90, 2)] {
            let [mean, variance, skewness, _] = moments(&draws(lean, k));
            assert!(mean.abs() < 0.01 && (variance - 1.0).abs() < 0.02, "{mean} {variance}");
            assert!(skewness < -0.2, "{lean}: {skewness}");
        }
    }

    /// Witness: the falls' weight is theirs alone: size tomorrow follows falls today, not rises.
    #[test]
    fn falls_excite_the_market_and_rises_do_not() {
        let x = MARKET.series(&mut Seed(7).stream(0), N);
        let after = |is_fall: bool| {
            let days = x.windows(2).filter(|pair| (pair[0] < 0.0) == is_fall);
            days.clone().map(|pair| pair[1] * pair[1]).sum::<f64>() / days.count() as f64
        };
        assert!(after(true) > 1.08 * after(false), "{} {}", after(true), after(false));
    }

    /// Witness: the jumps' compensator makes the mean zero; a jump is a quarter of its mean `m` plus
    /// three quarters exponential, second moment `25/16 m^2`, so jumps have variance
    /// `(up + down) 25/16 m^2 - ((up - down) m)^2`; heat has mean square one (log-normal).
    #[test]
    fn stock_innovations_have_mean_zero_and_lean_upward() {
        let mut days = vec![OwnDay::default(); N];
        fill_stock(&mut Seed(2).stream(0), &mut days);
        let column = |get: fn(&OwnDay) -> f64| days.iter().map(get).collect::<Vec<f64>>();
        let [mean, variance, ..] = moments(&column(|day| day.news));
        assert!(mean.abs() < 0.01, "{mean}");
        assert!((variance / JUMP_VARIANCE - 1.0).abs() < 0.08, "{variance}");
        let [mean, variance, ..] = moments(&column(|day| day.quiet));
        assert!(mean.abs() < 0.03 && (variance - 1.0).abs() < 0.08, "{mean} {variance}");
        let heat = column(|day| day.heat * day.heat);
        assert!((moments(&heat)[0] - 1.0).abs() < 0.08, "{}", moments(&heat)[0]);
        let [_, _, skewness, kurtosis] = moments(&column(|day| day.heat * (day.quiet + day.news)));
        assert!(skewness > 0.5 && kurtosis > 4.0, "{skewness} {kurtosis}");
    }

    /// Witness: what is pulled back cannot wander: over three years the sum of a stock's own moves
    /// spreads less than the same moves added up freely.
    #[test]
    fn own_moves_are_slowly_taken_back() {
        const YEARS: usize = 726;
        let ends: Vec<f64> = (0..400)
            .map(|k| {
                let mut days = vec![OwnDay::default(); YEARS];
                fill_stock(&mut Seed(8).stream(k), &mut days);
                days.iter().map(|day| day.quiet + day.news).sum()
            })
            .collect();
        let free = (1.0 + JUMP_VARIANCE) * YEARS as f64;
        let spread = moments(&ends)[1];
        assert!((0.2..0.75).contains(&(spread / free)), "{}", spread / free);
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
