//! Trailing means, deviations, z-scores, percentiles, ranks, medians, Sharpe ratios and falls, one value a position.
//!
//! Position `t` of every result uses values at or before `t` only. Missing: NaN inside a window is
//! left out; a window with fewer than `min_observations` values gives NaN.

use crate::StatError;
use crate::observed::require_setting;
use crate::percentile::percentile_of;

mod order;
mod wealth;

pub use order::{rolling_max, rolling_median, rolling_min, rolling_rank};
pub use wealth::{rolling_max_drawdown, rolling_sharpe};

/// How far back a window looks, and how much of it must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    length: usize,
    min_observations: usize,
}

impl Window {
    /// A window of `length` positions with at least `min_observations` values in it.
    ///
    /// # Errors
    /// `length` below 1, or `min_observations` outside `[1, length]`.
    pub fn new(length: usize, min_observations: usize) -> Result<Self, StatError> {
        require_setting("length", length as f64, "at least 1", length >= 1)?;
        require_setting(
            "min_observations",
            min_observations as f64,
            "1 to the window's length",
            (1..=length).contains(&min_observations),
        )?;
        Ok(Self { length, min_observations })
    }

    /// A window that must be full.
    ///
    /// # Errors
    /// `length` below 1.
    pub fn full(length: usize) -> Result<Self, StatError> {
        Self::new(length, length)
    }
}

/// Mean of the window that ends at each position, itself included.
///
/// # Errors
/// An infinite value.
pub fn rolling_mean(values: &[f64], window: Window) -> Result<Vec<f64>, StatError> {
    sliding(values, window, |sample| sample.mean)
}

/// Standard deviation (divisor `n - ddof`) of the window that ends at each position.
///
/// # Errors
/// An infinite value, or a window that may hold no more than `ddof` values.
pub fn rolling_std(values: &[f64], window: Window, ddof: usize) -> Result<Vec<f64>, StatError> {
    require_degrees(window, ddof)?;
    sliding(values, window, |sample| sample.std(ddof))
}

/// How many sample deviations each value stands from the mean of the window *before* it.
///
/// The value itself is not in its window, so an extreme day cannot hide in its own yardstick. NaN
/// where the value is missing, the window too short, or the window does not vary.
///
/// # Errors
/// An infinite value, or a window that may hold fewer than two values.
pub fn trailing_z_score(values: &[f64], window: Window) -> Result<Vec<f64>, StatError> {
    require_degrees(window, 1)?;
    let samples = sliding(values, window, |sample| (sample.mean, sample.std(1)))?;
    let before = std::iter::once(&(f64::NAN, f64::NAN)).chain(&samples);
    Ok(values
        .iter()
        .zip(before)
        .map(|(x, (mean, std))| if *std > mean.abs() * 1e-12 { (x - mean) / std } else { f64::NAN })
        .collect())
}

/// Share of the window *before* each value that lies below it, ties counted half, in `[0, 1]`.
///
/// # Errors
/// An infinite value.
pub fn trailing_percentile(values: &[f64], window: Window) -> Result<Vec<f64>, StatError> {
    require_no_infinity(values)?;
    Ok((0..values.len())
        .map(|t| {
            let before = &values[t.saturating_sub(window.length)..t];
            let n = before.iter().filter(|x| !x.is_nan()).count();
            if n < window.min_observations {
                return f64::NAN;
            }
            percentile_of(before, values[t]).unwrap_or(f64::NAN)
        })
        .collect())
}

/// Count, mean and sum of squared deviations of the values inside a window.
#[derive(Clone, Copy)]
struct Sample {
    n: usize,
    mean: f64,
    squares: f64,
}

impl Sample {
    const EMPTY: Self = Self { n: 0, mean: 0.0, squares: 0.0 };

    /// Welford (1962): the update that does not cancel.
    fn add(&mut self, x: f64) {
        if x.is_nan() {
            return;
        }
        self.n += 1;
        let delta = x - self.mean;
        self.mean += delta / self.n as f64;
        self.squares += delta * (x - self.mean);
    }

    /// Both samples as one. Source: Chan, Golub and `LeVeque` (1983).
    fn with(&self, other: &Self) -> Self {
        if self.n == 0 || other.n == 0 {
            return if self.n == 0 { *other } else { *self };
        }
        let n = self.n + other.n;
        let (share, delta) = (other.n as f64 / n as f64, other.mean - self.mean);
        Self {
            n,
            mean: self.mean + delta * share,
            squares: self.squares + other.squares + delta * delta * self.n as f64 * share,
        }
    }

    fn std(&self, ddof: usize) -> f64 {
        (self.squares.max(0.0) / (self.n - ddof) as f64).sqrt()
    }
}

/// Slides a window over `values` without ever taking a value out again, so an outlier leaves no rounding
/// behind.
///
/// Positions are cut into blocks as long as the window: a window is the tail of the block before and the
/// head of its own. Source: van Herk (1992), for moments.
fn sliding<T: Missing>(
    values: &[f64],
    window: Window,
    measure: impl Fn(&Sample) -> T,
) -> Result<Vec<T>, StatError> {
    require_no_infinity(values)?;
    let length = window.length;
    let mut tails = vec![Sample::EMPTY; length.min(values.len()) + 1];
    let mut head = Sample::EMPTY;
    let mut measures = Vec::with_capacity(values.len());
    for (t, &x) in values.iter().enumerate() {
        let place = t % length;
        if place == 0 {
            head = Sample::EMPTY;
            let ended = &values[t.saturating_sub(length)..t];
            for (k, &x) in ended.iter().enumerate().rev() {
                tails[k] = tails[k + 1];
                tails[k].add(x);
            }
        }
        head.add(x);
        let sample = tails[place + 1].with(&head);
        let is_enough = sample.n >= window.min_observations;
        measures.push(if is_enough { measure(&sample) } else { T::MISSING });
    }
    Ok(measures)
}

trait Missing {
    const MISSING: Self;
}

impl Missing for f64 {
    const MISSING: Self = f64::NAN;
}

impl Missing for (f64, f64) {
    const MISSING: Self = (f64::NAN, f64::NAN);
}

fn require_degrees(window: Window, ddof: usize) -> Result<(), StatError> {
    let found = window.min_observations as f64;
    require_setting(
        "min_observations",
        found,
        "more than the degrees taken",
        window.min_observations > ddof,
    )
}

fn require_no_infinity(values: &[f64]) -> Result<(), StatError> {
    match values.iter().position(|x| x.is_infinite()) {
        Some(position) => Err(StatError::NotFinite { position, found: values[position] }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::moments;

    fn wave(n: usize) -> Vec<f64> {
        (0..n)
            .map(|i| if i % 11 == 5 { f64::NAN } else { (i as f64 * 0.7).sin() * 1e3 + 1e6 })
            .collect()
    }

    /// Witness: the two-pass formula on every window.
    #[test]
    fn sliding_equals_computing_each_window() {
        let values = wave(200);
        let window = Window::new(20, 5).unwrap();
        let (means, stds) =
            (rolling_mean(&values, window).unwrap(), rolling_std(&values, window, 1).unwrap());
        for t in 0..values.len() {
            let inside = &values[(t + 1).saturating_sub(20)..=t];
            if inside.iter().filter(|x| !x.is_nan()).count() < 5 {
                assert!(means[t].is_nan());
                continue;
            }
            assert!((means[t] / moments::mean(inside).unwrap() - 1.0).abs() < 1e-14, "{t}");
            assert!((stds[t] / moments::std(inside, 1).unwrap() - 1.0).abs() < 1e-9, "{t}");
        }
    }

    /// By hand: once the outlier has left, the window does not vary.
    #[test]
    fn an_outlier_leaves_nothing_behind() {
        let values: Vec<f64> = std::iter::once(1e9).chain([3.3; 40]).collect();
        let window = Window::full(10).unwrap();
        let std = rolling_std(&values, window, 1).unwrap();
        assert!(std[9] > 1e8 && std[10..].iter().all(|&std| std == 0.0), "{std:?}");
        assert!(rolling_mean(&values, window).unwrap()[10..].iter().all(|&mean| mean == 3.3));
    }

    /// By hand: the window before the last value is 1, 2, 3: mean 2, deviation 1.
    #[test]
    fn a_value_is_not_in_its_own_yardstick() {
        let window = Window::full(3).unwrap();
        let z = trailing_z_score(&[1.0, 2.0, 3.0, 10.0], window).unwrap();
        assert!(z[..3].iter().all(|x| x.is_nan()));
        assert!((z[3] - 8.0).abs() < 1e-12);
        let share = trailing_percentile(&[1.0, 2.0, 3.0, 2.0], window).unwrap();
        assert_eq!(share[3], 0.5);
    }

    #[test]
    fn a_flat_window_has_no_z_score() {
        let z = trailing_z_score(&[0.1, 0.1, 0.1, 0.2], Window::full(3).unwrap()).unwrap();
        assert!(z[3].is_nan());
        assert!(Window::new(3, 4).is_err() && Window::new(0, 0).is_err());
        assert!(rolling_std(&[1.0], Window::full(1).unwrap(), 1).is_err());
    }
}
