//! Ratio and fall of the window that ends at each position.

use super::{Window, rolling_mean, rolling_std};
use crate::StatError;
use crate::observed::observed;

/// Annualised arithmetic Sharpe ratio of the window; NaN where it does not vary.
///
/// # Errors
/// An infinite value, or a window that may hold fewer than two values.
pub fn rolling_sharpe(
    excess_returns: &[f64],
    window: Window,
    periods_per_year: f64,
) -> Result<Vec<f64>, StatError> {
    let means = rolling_mean(excess_returns, window)?;
    let deviations = rolling_std(excess_returns, window, 1)?;
    let root = periods_per_year.sqrt();
    let ratio = |(mean, deviation): (f64, f64)| {
        if deviation > mean.abs() * 1e-12 { mean / deviation * root } else { f64::NAN }
    };
    Ok(means.into_iter().zip(deviations).map(ratio).collect())
}

/// Deepest drawdown inside the window, at or below zero; the wealth at its opening is a peak.
///
/// Every window in one pass: blocks of the window's length are summed up from both ends (van Herk 1992; Gil and Werman 1993).
/// Missing: a NaN return leaves wealth where it was.
///
/// # Errors
/// No observation, or an infinite one.
pub fn rolling_max_drawdown(returns: &[f64], window: Window) -> Result<Vec<f64>, StatError> {
    observed(returns, 1)?;
    let length = window.length;
    // Stretches from each position of the last full block to its end.
    let mut rest = vec![Stretch::NONE; length + 1];
    let mut opened = Stretch::NONE;
    let mut falls = Vec::with_capacity(returns.len());
    for (t, &r) in returns.iter().enumerate() {
        let place = t % length;
        if place == 0 && t > 0 {
            for (k, &earlier) in returns[t - length..t].iter().enumerate().rev() {
                rest[k] = Stretch::of(earlier).then(rest[k + 1]);
            }
            opened = Stretch::NONE;
        }
        opened = opened.then(Stretch::of(r));
        let whole = rest[place + 1].then(opened);
        falls.push(if whole.n < window.min_observations { f64::NAN } else { whole.worst });
    }
    Ok(falls)
}

/// A stretch of returns, relative to the wealth it opened with.
#[derive(Clone, Copy)]
struct Stretch {
    n: usize,
    growth: f64,
    peak: f64,
    trough: f64,
    worst: f64,
}

impl Stretch {
    const NONE: Self = Self { n: 0, growth: 1.0, peak: 1.0, trough: 1.0, worst: 0.0 };

    fn of(r: f64) -> Self {
        if r.is_nan() {
            return Self::NONE;
        }
        let growth = 1.0 + r;
        Self { n: 1, growth, peak: growth.max(1.0), trough: growth.min(1.0), worst: r.min(0.0) }
    }

    /// This stretch and then `later`.
    fn then(self, later: Self) -> Self {
        let across = self.growth * later.trough / self.peak - 1.0;
        Self {
            n: self.n + later.n,
            growth: self.growth * later.growth,
            peak: self.peak.max(self.growth * later.peak),
            trough: self.trough.min(self.growth * later.trough),
            worst: self.worst.min(later.worst).min(across),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drawdown::max_drawdown;
    use crate::performance::sharpe_ratio;

    /// Witness: each window by itself, by the functions for one sample.
    #[test]
    fn windows_are_what_each_by_itself_gives() {
        let returns: Vec<f64> = (0..200)
            .map(|i| if i % 17 == 3 { f64::NAN } else { 0.03 * (f64::from(i) * 2.3).sin() + 0.001 })
            .collect();
        for length in [1, 2, 7, 30] {
            let window = Window::new(length, 1).unwrap();
            let falls = rolling_max_drawdown(&returns, window).unwrap();
            for (t, fall) in falls.iter().enumerate() {
                let part = &returns[(t + 1).saturating_sub(length)..=t];
                match max_drawdown(part) {
                    Ok(alone) => {
                        let depth = alone.map_or(0.0, |fall| fall.depth);
                        assert!((fall - depth).abs() < 1e-14, "{length} {t}: {fall} {depth}");
                    }
                    Err(_) => assert!(fall.is_nan()),
                }
            }
        }
        let window = Window::new(30, 2).unwrap();
        let ratios = rolling_sharpe(&returns, window, 12.0).unwrap();
        for (t, ratio) in ratios.iter().enumerate().skip(5) {
            let alone = sharpe_ratio(&returns[(t + 1).saturating_sub(30)..=t], 12.0).unwrap();
            assert!((ratio - alone).abs() < 1e-10, "{t}: {ratio} {alone}");
        }
    }
}
