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

/// The half-life at each position from the `length` values that end there, at least `least` days of them
/// with both days before known.
///
/// First-order autoregression of what lasts, seen through noise that does not: today on yesterday, with
/// the day before yesterday as instrument. Least squares would take the noise of a single day for a
/// shock that is gone the day after. The error is Newey and West's with two lags, as the noise of a day
/// stands in two residuals.
pub(super) fn half_lives(values: &[f64], length: usize, least: usize) -> Vec<HalfLife> {
    (0..values.len())
        .map(|t| half_life(&values[(t + 1).saturating_sub(length)..=t], least))
        .collect()
}

fn half_life(window: &[f64], least: usize) -> HalfLife {
    let known: Vec<&[f64]> =
        window.windows(3).filter(|days| days.iter().all(|x| x.is_finite())).collect();
    let n = known.len() as f64;
    if n < least.max(5) as f64 {
        return HalfLife::UNKNOWN;
    }
    let mean = |k: usize| known.iter().map(|days| days[k]).sum::<f64>() / n;
    let means = [mean(0), mean(1), mean(2)];
    let apart = |days: &[f64], k: usize| days[k] - means[k];
    let product = |k: usize| known.iter().map(|days| apart(days, 0) * apart(days, k)).sum::<f64>();
    let (before, today) = (product(1), product(2));
    // What does not last at all has no persistence to tell of.
    if before <= product(0) * 1e-6 {
        return HalfLife::UNKNOWN;
    }
    let persistence = today / before;
    let scores: Vec<f64> = known
        .iter()
        .map(|days| apart(days, 0) * (apart(days, 2) - persistence * apart(days, 1)))
        .collect();
    let lagged = |lag: usize| scores[lag..].iter().zip(&scores).map(|(a, b)| a * b).sum::<f64>();
    let spread = lagged(0) + 2.0 * (2.0 / 3.0 * lagged(1) + 1.0 / 3.0 * lagged(2));
    HalfLife::of(persistence, spread.max(0.0).sqrt() / before)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Witness: simulated autoregressions of known persistence under noise as large as the shocks (an
    /// exact generator, 40,000 days). Least squares would give a third to two thirds of the half-life.
    #[test]
    fn a_known_persistence_is_found_through_noise() {
        let normal = |t: u64| shoals_stats::counter_normal::counter_normal(7, t);
        for phi in [0.6_f64, 0.8, 0.95] {
            let mut x = 0.0;
            let path: Vec<f64> = (0..40_000)
                .map(|t| {
                    x = phi * x + normal(2 * t);
                    x + normal(2 * t + 1)
                })
                .collect();
            let found = half_life(&path, 100);
            let truth = 0.5_f64.ln() / phi.ln();
            assert!(found.low < truth && truth < found.high, "{phi}: {found:?}, truth {truth}");
            assert!(found.high / found.low < 1.3, "{phi}: {found:?}");
        }
    }

    /// The band holds the truth about as often as it says: 100 paths of 250 days.
    #[test]
    fn the_band_holds_the_truth_at_its_level() {
        let truth = 0.5_f64.ln() / 0.8_f64.ln();
        let held = (0..100)
            .filter(|&seed| {
                let normal = |t: u64| shoals_stats::counter_normal::counter_normal(seed, t);
                let mut x = 0.0;
                let path: Vec<f64> = (0..300)
                    .map(|t| {
                        x = 0.8 * x + normal(2 * t);
                        x + 0.5 * normal(2 * t + 1)
                    })
                    .collect();
                let found = half_life(&path[50..], 60);
                found.low < truth && truth < found.high
            })
            .count();
        assert!((85..=100).contains(&held), "{held} of 100");
    }

    /// By hand: what halves every day has a half-life of one day, whatever its mean.
    #[test]
    fn what_halves_every_day_has_a_half_life_of_a_day() {
        let path: Vec<f64> = (0..12).map(|t| 3.0 + 0.5_f64.powi(t)).collect();
        let found = half_life(&path, 5);
        assert!(
            (found.days - 1.0).abs() < 1e-9 && (found.high - found.low).abs() < 1e-6,
            "{found:?}"
        );
        assert!(half_life(&path[..5], 5).days.is_nan());
        assert!(half_life(&[1.0; 20], 5).days.is_nan());
    }
}
