//! Least squares with coefficients in a range, exactly: the best of the fits on the faces of the box.
//!
//! The sum of squares is convex, so its least value over a box is the least over some face: each coefficient
//! free, at its lower or at its upper end. With few regressors every face is fitted. Source: Lawson and Hanson, Solving
//! Least Squares Problems, chapter 23.

use serde::Serialize;

use crate::StatError;
use crate::regression::{Intercept, ols};

/// Regressors for which every face is fitted: 3^6 fits at most.
const MOST_REGRESSORS: usize = 6;

/// A least-squares fit whose slopes lie in a range.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BoundedFit {
    /// The constant; it has no range.
    pub intercept: f64,
    /// One slope a regressor, in the range.
    pub slopes: Vec<f64>,
    /// Share of the variation of the response about its mean that is explained.
    pub r_squared: f64,
}

/// Regresses `response` on `regressors` and a constant, every slope in `[low, high]`.
///
/// Missing: refused; leave out incomplete observations first.
///
/// # Errors
/// As [`ols`]; a range that is empty or not finite; more than six regressors.
///
/// # Example
/// ```
/// use shoals_stats::bounded::bounded_least_squares;
/// let fit = bounded_least_squares(&[5.0, 3.0, 1.0, -1.0], &[&[0.0, 1.0, 2.0, 3.0]], 0.0, 10.0)?;
/// assert_eq!((fit.intercept, fit.slopes[0]), (2.0, 0.0));
/// # Ok::<(), shoals_stats::StatError>(())
/// ```
pub fn bounded_least_squares(
    response: &[f64],
    regressors: &[&[f64]],
    low: f64,
    high: f64,
) -> Result<BoundedFit, StatError> {
    let (field, expected) = ("high", "finite and not below `low`");
    if !(low <= high && low.is_finite() && high.is_finite()) {
        return Err(StatError::OutOfRange { field, found: high, expected });
    }
    let k = regressors.len();
    if k > MOST_REGRESSORS {
        let (field, expected) = ("regressors", "at most 6");
        return Err(StatError::OutOfRange { field, found: k as f64, expected });
    }
    let free = ols(response, regressors, Intercept::Included)?;
    let is_inside = |slope: &f64| (low..=high).contains(slope);
    if free.coefficients[1..].iter().all(is_inside) {
        let (intercept, slopes) = (free.coefficients[0], free.coefficients[1..].to_vec());
        return Ok(BoundedFit { intercept, slopes, r_squared: free.r_squared });
    }
    let mut best: Option<(f64, f64, Vec<f64>)> = None;
    for number in 0..3_usize.pow(k as u32) {
        let ends: Vec<Option<f64>> = (0..k)
            .map(|j| match number / 3_usize.pow(j as u32) % 3 {
                0 => None,
                1 => Some(low),
                _ => Some(high),
            })
            .collect();
        let Some(face) = fit_on_face(response, regressors, &ends)? else { continue };
        if face.2.iter().all(is_inside) && best.as_ref().is_none_or(|found| face.0 < found.0) {
            best = Some(face);
        }
    }
    let (unexplained, intercept, slopes) = best.ok_or(StatError::Collinear { column: 0 })?;
    let mean = response.iter().sum::<f64>() / response.len() as f64;
    let whole: f64 = response.iter().map(|y| (y - mean).powi(2)).sum();
    Ok(BoundedFit { intercept, slopes, r_squared: 1.0 - unexplained / whole })
}

/// Sum of squares, constant and slopes with some slopes held at an end; none where the free ones cannot be told
/// apart.
fn fit_on_face(
    response: &[f64],
    regressors: &[&[f64]],
    ends: &[Option<f64>],
) -> Result<Option<(f64, f64, Vec<f64>)>, StatError> {
    let left: Vec<f64> = response
        .iter()
        .enumerate()
        .map(|(i, y)| {
            let held = ends.iter().zip(regressors);
            y - held.map(|(end, x)| end.unwrap_or(0.0) * x[i]).sum::<f64>()
        })
        .collect();
    let free: Vec<&[f64]> =
        ends.iter().zip(regressors).filter_map(|(end, x)| end.is_none().then_some(*x)).collect();
    let fit = match ols(&left, &free, Intercept::Included) {
        Err(StatError::Collinear { .. }) => return Ok(None),
        fit => fit?,
    };
    let mut fitted = fit.coefficients[1..].iter().copied();
    let slopes = ends.iter().map(|end| end.or_else(|| fitted.next()).unwrap_or(f64::NAN));
    let unexplained = fit.residuals.iter().map(|e| e * e).sum();
    Ok(Some((unexplained, fit.coefficients[0], slopes.collect())))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Deterministic waves that are no combinations of each other.
    fn wave(pace: f64) -> Vec<f64> {
        (0..40).map(|i| (f64::from(i) * pace).sin()).collect()
    }

    /// Witness: the conditions of Karush, Kuhn and Tucker, which only the least value meets: a free slope's gradient is
    /// 0, one at the lower end cannot be lowered further, one at the upper not raised.
    #[test]
    fn the_gradient_points_out_of_the_box() {
        let columns = [wave(0.7), wave(1.3), wave(2.9)];
        let regressors: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        for truth in [[0.5, 1.5, 0.2], [-1.0, 0.5, 3.0], [-0.3, -0.4, 0.9], [4.0, 2.5, -2.0]] {
            let noise = wave(5.1);
            let response: Vec<f64> = (0..40)
                .map(|i| {
                    let told = (0..3).map(|j| truth[j] * columns[j][i]);
                    0.1 + 0.3 * noise[i] + told.sum::<f64>()
                })
                .collect();
            let fit = bounded_least_squares(&response, &regressors, 0.0, 2.0).unwrap();
            let residual = |i: usize| {
                let told = (0..3).map(|j| fit.slopes[j] * columns[j][i]);
                response[i] - fit.intercept - told.sum::<f64>()
            };
            assert!((0..40).map(residual).sum::<f64>().abs() < 1e-12);
            for (slope, x) in fit.slopes.iter().zip(&columns) {
                let gradient: f64 = (0..40).map(|i| residual(i) * x[i]).sum();
                match *slope {
                    0.0 => assert!(gradient <= 1e-12, "{fit:?}"),
                    2.0 => assert!(gradient >= -1e-12, "{fit:?}"),
                    inside => {
                        assert!((0.0..2.0).contains(&inside) && gradient.abs() < 1e-12, "{fit:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_range_that_holds_the_free_fit_changes_nothing() {
        let (x, y) = (wave(0.7), wave(0.9));
        let free = ols(&y, &[&x], Intercept::Included).unwrap();
        let fit = bounded_least_squares(&y, &[&x], -10.0, 10.0).unwrap();
        assert_eq!((fit.intercept, fit.slopes[0]), (free.coefficients[0], free.coefficients[1]));
    }

    #[test]
    fn what_has_no_answer_is_refused() {
        let x = wave(0.7);
        assert!(bounded_least_squares(&x, &[&x], 1.0, 0.0).is_err());
        assert!(bounded_least_squares(&x, &[&x, &x], 0.0, 1.0).is_err());
        assert!(bounded_least_squares(&x, &[x.as_slice(); 7], 0.0, 1.0).is_err());
        assert!(bounded_least_squares(&x[..2], &[&x[..2]], 0.0, 1.0).is_err());
    }
}
