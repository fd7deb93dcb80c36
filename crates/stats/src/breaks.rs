//! When did the mean of a series change, if it did, and how sure is the date?
//!
//! `F(k) = (RSS_0 - RSS_k) / (RSS_k / (n - 2))` compares one mean with two, the first up to
//! observation `k`; sup F is its maximum over the sample without `trim` at either end (Andrews
//! 1993), and the maximising `k` is the least-squares date (Bai and Perron 1998). The date's interval
//! uses Bai's (1997) distribution of the argmax of two Brownian motions with drift, one a regime. For
//! overlapping or autocorrelated series the long-run variance takes the place of the residual one.
//! The cumulated residuals (OLS-CUSUM, Ploberger and Kramer 1992) test against any change at all.
//! R's `strucchange` gives the same numbers. Several breaks at once are found by [`mean_breaks`], surprises cumulated
//! as they came by [`recursive_cusum`].

mod many;
mod recursive;

pub use many::{
    BreakChoice, BreakSearch, DatedBreak, MeanBreaks, SEQUENTIAL_CRITICAL, Segmentation,
    mean_breaks,
};
pub use recursive::{recursive_cusum, recursive_cusum_path};

use serde::{Deserialize, Serialize};

use crate::StatError;
use crate::moments::{autocovariances, mean_of};
use crate::normal::{ln_normal_cdf, normal_density};
use crate::observed::{require_finite, require_setting};

/// Fewest observations a break is looked for in.
pub const MIN_OBSERVATIONS: usize = 20;

/// How the noise around the means is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Noise {
    /// Independent residuals.
    #[default]
    Independent,
    /// Autocorrelated up to this many lags: Bartlett weights, as Newey and West.
    Autocorrelated(usize),
}

/// The most likely single break of a mean.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MeanBreak {
    /// Position of the last observation before the break.
    pub last_before: usize,
    /// Interval of that position; where the noise drowns the step it reaches the sample's ends.
    pub low: usize,
    /// Upper end of the interval.
    pub high: usize,
    /// Mean up to the break.
    pub mean_before: f64,
    /// Mean after it.
    pub mean_after: f64,
    /// Greatest F.
    pub sup_f: f64,
    /// Probability of a greater one without a break; 1 below F = 2.25, where the tail is no tail.
    pub p_value: f64,
    /// Sum of squared deviations from one mean and from two.
    pub rss: [f64; 2],
}

/// The cumulated residuals of a constant mean.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Cusum {
    /// Greatest distance from zero in units of `sigma sqrt(n)`; 1.358 is the 5 % mark.
    pub statistic: f64,
    /// Probability of a greater one without a change.
    pub p_value: f64,
    /// Observation at which it stands.
    pub at: usize,
}

/// Looks for one break of the mean; `trim` is the share of the sample left out at either end, usually
/// 0.15, and `confidence` the coverage of the date's interval, usually 0.95.
///
/// Missing: refused, a gap would shift every date.
///
/// # Errors
/// A value that is not finite, fewer than [`MIN_OBSERVATIONS`], no variation inside a regime, a `trim`
/// outside `[0.05, 0.45]`, a `confidence` outside `[0.5, 0.999]`, or a lag not below half the sample.
pub fn mean_break(
    values: &[f64],
    trim: f64,
    confidence: f64,
    noise: Noise,
) -> Result<MeanBreak, StatError> {
    require_sample(values, noise)?;
    require_trim(trim)?;
    require_coverage(confidence)?;
    let n = values.len();
    let first = (trim * n as f64).floor().max(2.0) as usize;
    let total = squares_about_mean(values);
    let gains = gains(values);
    let n_before = (first..=n - first)
        .max_by(|&a, &b| gains[a].total_cmp(&gains[b]).then(b.cmp(&a)))
        .expect("the trimmed sample is not empty");
    let (before, after) = values.split_at(n_before);
    let regimes = [Regime::of(before, noise)?, Regime::of(after, noise)?];
    let rss = squares_about_mean(before) + squares_about_mean(after);
    let residuals = residuals(&regimes, before, after);
    let inflation = long_run_variance(&residuals, noise) / (rss / n as f64);
    let sup_f = (total - rss) / (rss / (n - 2) as f64) / inflation;
    let [low, high] = interval(n_before, n, regimes, confidence);
    Ok(MeanBreak {
        last_before: n_before - 1,
        low,
        high,
        mean_before: regimes[0].mean,
        mean_after: regimes[1].mean,
        sup_f,
        p_value: sup_f_p_value(sup_f, first as f64 / n as f64),
        rss: [total, rss],
    })
}

/// Tests a constant mean by its cumulated residuals.
///
/// Missing: refused.
///
/// # Errors
/// A value that is not finite, fewer than [`MIN_OBSERVATIONS`], no variation, or a lag not below half
/// the sample.
pub fn ols_cusum(values: &[f64], noise: Noise) -> Result<Cusum, StatError> {
    let path = ols_cusum_path(values, noise)?;
    let (at, peak) = path
        .into_iter()
        .enumerate()
        .max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()))
        .expect("the sample is not empty");
    let statistic = peak.abs();
    Ok(Cusum { statistic, p_value: kolmogorov_p_value(statistic), at })
}

/// The cumulated residuals in units of `sigma sqrt(n)`, after each observation.
///
/// # Errors
/// As [`ols_cusum`].
pub fn ols_cusum_path(values: &[f64], noise: Noise) -> Result<Vec<f64>, StatError> {
    require_sample(values, noise)?;
    let n = values.len() as f64;
    let mean = mean_of(values);
    let residuals: Vec<f64> = values.iter().map(|x| x - mean).collect();
    let variance = match noise {
        Noise::Independent => squares_about_mean(values) / (n - 1.0),
        Noise::Autocorrelated(_) => long_run_variance(&residuals, noise),
    };
    let scale = require_variance(variance)?.sqrt() * n.sqrt();
    let mut sum = 0.0;
    let cumulated = residuals.iter().map(|e| {
        sum += e;
        sum / scale
    });
    Ok(cumulated.collect())
}

fn require_trim(trim: f64) -> Result<(), StatError> {
    require_setting("trim", trim, "[0.05, 0.45]", (0.05..=0.45).contains(&trim))
}

fn require_coverage(confidence: f64) -> Result<(), StatError> {
    let is_coverage = (0.5..=0.999).contains(&confidence);
    require_setting("confidence", confidence, "[0.5, 0.999]", is_coverage)
}

fn require_sample(values: &[f64], noise: Noise) -> Result<(), StatError> {
    require_finite(values)?;
    let n = values.len();
    if n < MIN_OBSERVATIONS {
        return Err(StatError::TooFewObservations { needed: MIN_OBSERVATIONS, found: n });
    }
    match noise {
        Noise::Autocorrelated(lag) => {
            require_setting("lag", lag as f64, "below half the sample", lag < n / 2)
        }
        Noise::Independent => Ok(()),
    }
}

fn require_variance(variance: f64) -> Result<f64, StatError> {
    if variance > 0.0 { Ok(variance) } else { Err(StatError::Constant { what: "the series" }) }
}

fn squares_about_mean(values: &[f64]) -> f64 {
    let mean = mean_of(values);
    values.iter().map(|x| (x - mean).powi(2)).sum()
}

/// What two means explain beyond one, by the length of the first regime: `S_k^2 n / (k (n - k))` of
/// the cumulated deviations.
fn gains(values: &[f64]) -> Vec<f64> {
    let (n, mean) = (values.len(), mean_of(values));
    let mut sum = 0.0;
    let gain = |(k, x): (usize, &f64)| {
        sum += x - mean;
        sum * sum * n as f64 / ((k + 1) as f64 * (n - k - 1) as f64)
    };
    std::iter::once(0.0).chain(values[..n - 1].iter().enumerate().map(gain)).collect()
}

/// Mean and variance on one side of the break.
#[derive(Debug, Clone, Copy)]
struct Regime {
    mean: f64,
    variance: f64,
}

impl Regime {
    fn of(values: &[f64], noise: Noise) -> Result<Self, StatError> {
        let mean = mean_of(values);
        let residuals: Vec<f64> = values.iter().map(|x| x - mean).collect();
        let variance = require_variance(long_run_variance(&residuals, noise))?;
        Ok(Self { mean, variance })
    }
}

fn residuals(regimes: &[Regime; 2], before: &[f64], after: &[f64]) -> Vec<f64> {
    let [first, second] = regimes.map(|regime| regime.mean);
    before.iter().map(|x| x - first).chain(after.iter().map(|x| x - second)).collect()
}

/// Variance with divisor n, plus twice the Bartlett-weighted autocovariances.
fn long_run_variance(residuals: &[f64], noise: Noise) -> f64 {
    let lag = match noise {
        Noise::Independent => 0,
        Noise::Autocorrelated(lag) => lag.min(residuals.len() - 1),
    };
    let covariances = autocovariances(residuals, lag);
    let weight = |l: usize| 1.0 - l as f64 / (lag as f64 + 1.0);
    covariances[0] + 2.0 * (1..=lag).map(|l| weight(l) * covariances[l]).sum::<f64>()
}

/// Miller and Siegmund's (1982) tail of the maximum of a normalised bridge over `[trim, 1 - trim]`.
fn sup_f_p_value(sup_f: f64, trim: f64) -> f64 {
    let b = sup_f.sqrt();
    let span = 2.0 * ((1.0 - trim) / trim).ln();
    let tail = normal_density(b) * ((b - 1.0 / b) * span + 4.0 / b);
    // Below about the median the approximation turns.
    if b > 1.5 { tail.min(1.0) } else { 1.0 }
}

fn kolmogorov_p_value(x: f64) -> f64 {
    if x < 0.2 {
        return 1.0;
    }
    let term = |k: i32| f64::from(1 - 2 * ((k + 1) % 2)) * (-2.0 * f64::from(k * k) * x * x).exp();
    (2.0 * (1..=100).map(term).sum::<f64>()).clamp(0.0, 1.0)
}

/// First and last plausible position of the last observation before the break.
fn interval(n_before: usize, n: usize, regimes: [Regime; 2], confidence: f64) -> [usize; 2] {
    let [before, after] = regimes;
    let ratio = after.variance / before.variance;
    let step = (after.mean - before.mean).powi(2);
    let tail = (1.0 - confidence) / 2.0;
    let observations = |units: f64| units * before.variance / step;
    let later = observations(argmax_quantile(1.0 - tail, ratio)).ceil();
    let earlier = observations(argmax_quantile(tail, ratio)).floor();
    let low = n_before as f64 - later;
    let high = n_before as f64 - earlier;
    [low, high].map(|k| k.clamp(1.0, n as f64) as usize - 1)
}

/// Quantile of the argmax by bisection.
fn argmax_quantile(probability: f64, ratio: f64) -> f64 {
    let (mut low, mut high) = (-1.0, 1.0);
    while argmax_cdf(low, ratio) > probability {
        low *= 2.0;
    }
    while argmax_cdf(high, ratio) < probability {
        high *= 2.0;
    }
    for _ in 0..100 {
        let middle = f64::midpoint(low, high);
        let side = if argmax_cdf(middle, ratio) < probability { &mut low } else { &mut high };
        *side = middle;
    }
    f64::midpoint(low, high)
}

/// Bai (1997), appendix B: distribution of the argmax of `W_1(-s) - |s| / 2` before zero and
/// `sqrt(ratio) W_2(s) - s / 2` after.
fn argmax_cdf(x: f64, ratio: f64) -> f64 {
    let (phi, root, x, is_before) = (ratio, x.abs().sqrt(), x.abs(), x < 0.0);
    if is_before {
        let frac = 1.0 / phi;
        let reach = phi * (phi + 2.0) / (phi + 1.0);
        let edge = (phi + 2.0).powi(2) / (phi + 1.0) - 2.0 + x / 2.0;
        return -root * (-x / 8.0).exp() / std::f64::consts::TAU.sqrt()
            - reach * (frac * (1.0 + frac) * x / 2.0 + ln_normal_cdf(-(0.5 + frac) * root)).exp()
            + edge * ln_normal_cdf(-root / 2.0).exp();
    }
    let slope = (2.0 * phi + 1.0) / (2.0 * phi.sqrt());
    let reach = (2.0 * phi + 1.0) / (phi * (phi + 1.0));
    let edge = (2.0 * phi + 1.0).powi(2) / (phi * (phi + 1.0)) - 2.0 + x / (2.0 * phi);
    1.0 + root * (-x / (8.0 * phi)).exp() / (phi * std::f64::consts::TAU).sqrt()
        + reach * ((phi + 1.0) * x / 2.0 + ln_normal_cdf(-slope * root)).exp()
        - edge * ln_normal_cdf(-root / (2.0 * phi.sqrt())).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(n: usize) -> impl Iterator<Item = f64> {
        (0..n).map(|i| (i as f64 * 12.989_8).sin() * 43_758.545_3 % 1.0)
    }

    fn stepped(n_before: usize, n_after: usize, step: f64) -> Vec<f64> {
        let level = |i| if i < n_before { 0.0 } else { step };
        noise(n_before + n_after).enumerate().map(|(i, e)| e + level(i)).collect()
    }

    /// A step four deviations high is dated to the day; without one there is nothing to find.
    #[test]
    fn a_step_is_dated_and_its_absence_admitted() {
        let found = mean_break(&stepped(60, 40, 2.0), 0.15, 0.95, Noise::Independent).unwrap();
        assert_eq!(found.last_before, 59);
        assert!(found.low >= 57 && found.high <= 61, "{found:?}");
        assert!(found.p_value < 1e-9);
        let none = mean_break(&stepped(60, 40, 0.0), 0.15, 0.95, Noise::Independent).unwrap();
        assert!(none.p_value > 0.05, "{none:?}");
    }

    /// Time runs backwards without changing what is known of the date: the law that ties the two
    /// branches of the argmax distribution together, the regimes being unequally noisy.
    #[test]
    fn the_interval_of_a_reversed_series_is_mirrored() {
        let wide = |(i, x): (usize, f64)| if i < 70 { x } else { 0.4 + 3.0 * (x - 0.4) };
        let series: Vec<f64> = stepped(70, 80, 0.4).into_iter().enumerate().map(wide).collect();
        let reversed: Vec<f64> = series.iter().rev().copied().collect();
        let there = mean_break(&series, 0.15, 0.9, Noise::Independent).unwrap();
        let back = mean_break(&reversed, 0.15, 0.9, Noise::Independent).unwrap();
        let mirrored = |at: usize| series.len() - 2 - at;
        assert_eq!(there.last_before, mirrored(back.last_before));
        assert_eq!((there.low, there.high), (mirrored(back.high), mirrored(back.low)));
        assert!(there.high - there.last_before != there.last_before - there.low);
    }

    /// Witness: tables of Andrews (1993, 15 % trimming, 5 %: 8.85), of Bai (1997, 95 %: 11.0 on
    /// either side) and of Kolmogorov (1.358).
    #[test]
    fn probabilities_agree_with_printed_critical_values() {
        assert!((sup_f_p_value(8.85, 0.15) - 0.05).abs() < 1e-3);
        assert!((argmax_quantile(0.975, 1.0) - 11.0).abs() < 0.05);
        assert!((argmax_quantile(0.025, 1.0) + 11.0).abs() < 0.05);
        assert!((kolmogorov_p_value(1.358) - 0.05).abs() < 1e-4);
    }

    #[test]
    fn what_cannot_break_is_refused() {
        let flat = [1.0; 40];
        assert!(mean_break(&flat, 0.15, 0.95, Noise::Independent).is_err());
        assert!(ols_cusum(&flat, Noise::Independent).is_err());
        assert!(ols_cusum(&[1.0, 2.0], Noise::Independent).is_err());
        let series = stepped(20, 20, 1.0);
        assert!(mean_break(&series, 0.5, 0.95, Noise::Independent).is_err());
        assert!(mean_break(&series, 0.15, 95.0, Noise::Independent).is_err());
        assert!(mean_break(&series, 0.15, 0.95, Noise::Autocorrelated(20)).is_err());
    }
}
