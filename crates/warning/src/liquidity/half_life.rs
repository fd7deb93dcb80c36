//! How fast a shock to depth fades.

use serde::Serialize;

/// Bounds leave 5 % outside, both sides together.
const BOUND: f64 = 1.959_963_984_540_054;

/// Trading days in which half of a shock to illiquidity has faded, with its 95 % band; infinite where it
/// need not fade at all.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct HalfLife {
    /// Trading days.
    pub days: f64,
    /// Lower bound.
    pub low: f64,
    /// Upper bound.
    pub high: f64,
}

impl HalfLife {
    const UNKNOWN: Self = Self { days: f64::NAN, low: f64::NAN, high: f64::NAN };

    fn of(persistence: f64, error: f64) -> Self {
        let days = |phi: f64| match phi {
            phi if phi <= 0.0 => 0.0,
            phi if phi >= 1.0 => f64::INFINITY,
            phi => 0.5_f64.ln() / phi.ln(),
        };
        let (low, high) = (persistence - BOUND * error, persistence + BOUND * error);
        Self { days: days(persistence), low: days(low), high: days(high) }
    }
}

/// The half-life at each position from the `length` values that end there, at least `least` pairs of days
/// among them.
///
/// First-order autoregression by least squares, its downward bias made good as Kendall (1954) says,
/// `phi + (1 + 3 phi) / n`.
pub(super) fn half_lives(values: &[f64], length: usize, least: usize) -> Vec<HalfLife> {
    (0..values.len())
        .map(|t| half_life(&values[(t + 1).saturating_sub(length)..=t], least))
        .collect()
}

fn half_life(window: &[f64], least: usize) -> HalfLife {
    let pairs = || window.windows(2).filter(|pair| pair.iter().all(|x| x.is_finite()));
    let n = pairs().count() as f64;
    if n < least.max(4) as f64 {
        return HalfLife::UNKNOWN;
    }
    let mean = |k: usize| pairs().map(|pair| pair[k]).sum::<f64>() / n;
    let (x_mean, y_mean) = (mean(0), mean(1));
    let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
    for pair in pairs() {
        let (x, y) = (pair[0] - x_mean, pair[1] - y_mean);
        xx += x * x;
        xy += x * y;
        yy += y * y;
    }
    if xx <= 0.0 {
        return HalfLife::UNKNOWN;
    }
    let slope = xy / xx;
    let error = ((yy - slope * xy).max(0.0) / (n - 2.0) / xx).sqrt();
    HalfLife::of(slope + (1.0 + 3.0 * slope) / n, error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use shoals_stats::regression::{Intercept, ols};

    /// Witness: simulated autoregressions of known persistence (an exact generator, ten thousand days).
    #[test]
    fn a_known_persistence_is_found_with_its_band() {
        for phi in [0.3_f64, 0.8, 0.95] {
            let mut x = 0.0;
            let noise = |t: u64| shoals_stats::counter_normal::counter_normal(7, t);
            let path: Vec<f64> = (0..10_000)
                .map(|t| {
                    x = phi * x + noise(t);
                    x
                })
                .collect();
            let found = *half_lives(&path, 10_000, 100).last().unwrap();
            let truth = 0.5_f64.ln() / phi.ln();
            assert!(found.low < truth && truth < found.high, "{phi}: {found:?}, truth {truth}");
            assert!(found.high / found.low < 1.6, "{phi}: {found:?}");
        }
    }

    /// Witness: least squares by QR on a hundred days, with the correction added by hand.
    #[test]
    fn slope_and_error_are_those_of_least_squares() {
        let path: Vec<f64> =
            (0..101).map(|t| (f64::from(t) * 0.37).sin() + 0.1 * f64::from(t % 7)).collect();
        let fit = ols(&path[1..], &[&path[..100]], Intercept::Included).unwrap();
        let (phi, error) = (fit.coefficients[1], fit.standard_errors[1]);
        let expected = HalfLife::of(phi + (1.0 + 3.0 * phi) / 100.0, error);
        let found = half_life(&path, 10);
        for (ours, theirs) in [(found.days, expected.days), (found.low, expected.low)] {
            assert!((ours / theirs - 1.0).abs() < 1e-10, "{ours} {theirs}");
        }
        assert!(half_life(&path[..5], 10).days.is_nan());
    }
}
