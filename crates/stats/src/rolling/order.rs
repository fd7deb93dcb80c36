//! Where a value stands in its window, and the window's middle and ends.
//!
//! The window is kept in rising order: a step finds the value that leaves and the place of the one that
//! comes by bisection, and moves only what lies between the two. The place is the rank, up to equals.
//! A rank in a short window is faster counted: comparing a few cache lines whole needs no branches.
//!
//! Missing: as for every trailing window; a rank needs its own value too.

use super::{Window, require_no_infinity};
use crate::StatError;

/// Rank of each value in the window that ends at it, as a share of the values there: `(0, 1]`, 1 the
/// largest; ties share their average rank. What pandas calls `rolling(length).rank(pct=True)`.
///
/// Missing: NaN where the value itself is missing.
///
/// # Errors
/// An infinite value.
///
/// # Example
/// ```
/// use shoals_stats::rolling::{Window, rolling_rank};
/// let rank = rolling_rank(&[3.0, 1.0, 2.0, 2.0], Window::new(3, 1)?)?;
/// assert_eq!(rank, [1.0, 0.5, 2.0 / 3.0, 2.5 / 3.0]);
/// # Ok::<(), shoals_stats::StatError>(())
/// ```
pub fn rolling_rank(values: &[f64], window: Window) -> Result<Vec<f64>, StatError> {
    if window.length <= COUNTED_LENGTH {
        require_no_infinity(values)?;
        let rank =
            |t: usize| counted_rank(&values[(t + 1).saturating_sub(window.length)..=t], window);
        return Ok((0..values.len()).map(rank).collect());
    }
    ordered(values, window, |rising, place| {
        let Some(n_below) = place else { return f64::NAN };
        let x = rising[n_below];
        let is_alone = rising.get(n_below + 1).is_none_or(|&next| next > x);
        let n_equal =
            if is_alone { 1 } else { rising[n_below..].partition_point(|&other| other <= x) };
        share(n_below, n_equal, rising.len())
    })
}

/// Longest window whose ranks are counted; measured in `benches/rolling_kernels.rs`.
const COUNTED_LENGTH: usize = 128;

/// Rank of the last value of a window by comparing it with all.
fn counted_rank(values: &[f64], window: Window) -> f64 {
    let x = values[values.len() - 1];
    let count = |is_counted: fn(f64, f64) -> bool| {
        values.iter().map(|&other| u32::from(is_counted(other, x))).sum::<u32>() as usize
    };
    let n = count(|other, _| !other.is_nan());
    if x.is_nan() || n < window.min_observations {
        return f64::NAN;
    }
    share(count(|other, x| other < x), count(|other, x| other == x), n)
}

/// The average rank of equal values over the number of all.
fn share(n_below: usize, n_equal: usize, n: usize) -> f64 {
    (n_below as f64 + (n_equal + 1) as f64 / 2.0) / n as f64
}

/// Middle value of the window that ends at each position; the mean of the middle two of an even number.
///
/// # Errors
/// An infinite value.
pub fn rolling_median(values: &[f64], window: Window) -> Result<Vec<f64>, StatError> {
    ordered(values, window, |rising, _| {
        let n = rising.len();
        f64::midpoint(rising[(n - 1) / 2], rising[n / 2])
    })
}

/// Smallest value of the window that ends at each position.
///
/// # Errors
/// An infinite value.
pub fn rolling_min(values: &[f64], window: Window) -> Result<Vec<f64>, StatError> {
    ordered(values, window, |rising, _| rising[0])
}

/// Largest value of the window that ends at each position.
///
/// # Errors
/// An infinite value.
pub fn rolling_max(values: &[f64], window: Window) -> Result<Vec<f64>, StatError> {
    ordered(values, window, |rising, _| rising[rising.len() - 1])
}

/// `measure` of each window in rising order and the place in it of the value it ends at, the first of
/// its equals; no place for a missing value.
fn ordered(
    values: &[f64],
    window: Window,
    measure: impl Fn(&[f64], Option<usize>) -> f64,
) -> Result<Vec<f64>, StatError> {
    require_no_infinity(values)?;
    let mut rising: Vec<f64> = Vec::with_capacity(window.length.min(values.len()));
    let step = |(t, &x): (usize, &f64)| {
        let leaving = t.checked_sub(window.length).map_or(f64::NAN, |before| values[before]);
        let place = replace(&mut rising, leaving, x);
        if rising.len() < window.min_observations { f64::NAN } else { measure(&rising, place) }
    };
    Ok(values.iter().enumerate().map(step).collect())
}

/// Takes one value out of a rising list and puts another in, before its equals; NaN is neither. Gives the
/// place of the one put in.
fn replace(rising: &mut Vec<f64>, leaving: f64, coming: f64) -> Option<usize> {
    let place = |rising: &[f64], x: f64| rising.partition_point(|&other| other < x);
    if leaving.is_nan() {
        let to = (!coming.is_nan()).then(|| place(rising, coming))?;
        rising.insert(to, coming);
        return Some(to);
    }
    let from = place(rising, leaving);
    if coming.is_nan() {
        rising.remove(from);
        return None;
    }
    // One turn of what lies between the two: the value that leaves makes room for the other.
    let to = place(rising, coming);
    let to = if from < to {
        rising.copy_within(from + 1..to, from);
        to - 1
    } else {
        rising.copy_within(to..from, to + 1);
        to
    };
    rising[to] = coming;
    Some(to)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: windows of three; the second value is missing.
    #[test]
    fn the_window_is_what_it_holds() {
        let values = [5.0, f64::NAN, 4.0, 6.0, 4.0];
        let window = Window::new(3, 2).unwrap();
        let check = |ours: Vec<f64>, by_hand: [f64; 5]| {
            for (ours, by_hand) in ours.iter().zip(by_hand) {
                assert!(
                    ours == &by_hand || (ours.is_nan() && by_hand.is_nan()),
                    "{ours} {by_hand}"
                );
            }
        };
        let none = f64::NAN;
        check(rolling_rank(&values, window).unwrap(), [none, none, 0.5, 1.0, 0.5]);
        check(rolling_median(&values, window).unwrap(), [none, none, 4.5, 5.0, 4.0]);
        check(rolling_min(&values, window).unwrap(), [none, none, 4.0, 4.0, 4.0]);
        check(rolling_max(&values, window).unwrap(), [none, none, 5.0, 6.0, 6.0]);
        assert!(rolling_rank(&[f64::INFINITY], window).is_err());
        assert!(rolling_rank(&[], window).unwrap().is_empty());
    }
}
