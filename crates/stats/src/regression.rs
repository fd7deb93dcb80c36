//! Ordinary least squares by Householder QR.
//!
//! QR works on the design itself, so the condition number is not squared as it is by the normal
//! equations. Source: Golub and Van Loan, Matrix Computations, sections 5.2 and 5.3.

use serde::Serialize;

use crate::StatError;
use crate::observed::{require_finite, require_same_length};

/// Whether the fit has a constant; it is the first coefficient when it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intercept {
    /// A column of ones comes first.
    Included,
    /// The regressors are the whole design.
    Excluded,
}

/// A least-squares fit.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fit {
    /// Coefficients, the intercept first when there is one.
    pub coefficients: Vec<f64>,
    /// Classical standard errors (independent residuals of one variance, divisor n - k).
    pub standard_errors: Vec<f64>,
    /// Residuals, in the order of the observations.
    pub residuals: Vec<f64>,
    /// Share of the variation explained; about the mean with an intercept, about zero without.
    pub r_squared: f64,
    /// The design, column after column.
    #[serde(skip)]
    pub(crate) design: Vec<Vec<f64>>,
    /// `(X'X)^-1`, row-major.
    #[serde(skip)]
    pub(crate) gram_inverse: Vec<f64>,
}

/// Regresses `response` on `regressors`, each a slice of one value an observation.
///
/// Missing: refused; leave out incomplete observations first.
///
/// # Errors
/// Slices of different length, a value that is not finite, no more observations than coefficients,
/// or regressors that are combinations of each other.
///
/// # Example
/// ```
/// use shoals_stats::regression::{Intercept, ols};
/// let fit = ols(&[1.0, 3.0, 5.0, 7.0], &[&[0.0, 1.0, 2.0, 3.0]], Intercept::Included)?;
/// assert!((fit.coefficients[0] - 1.0).abs() < 1e-12 && (fit.coefficients[1] - 2.0).abs() < 1e-12);
/// # Ok::<(), shoals_stats::StatError>(())
/// ```
pub fn ols(
    response: &[f64],
    regressors: &[&[f64]],
    intercept: Intercept,
) -> Result<Fit, StatError> {
    let design = design(response, regressors, intercept)?;
    let (n, k) = (response.len(), design.len());
    if n <= k {
        return Err(StatError::TooFewObservations { needed: k + 1, found: n });
    }
    let mut columns = design.clone();
    let mut rotated = response.to_vec();
    let diagonal = triangularise(&mut columns, &mut rotated)?;
    let coefficients = back_substitute(&columns, &diagonal, &rotated[..k]);
    let residuals = residuals(response, &design, &coefficients);
    let gram_inverse = gram_inverse(&columns, &diagonal);
    let unexplained: f64 = residuals.iter().map(|e| e * e).sum();
    let variance = unexplained / (n - k) as f64;
    let standard_errors = (0..k).map(|i| (variance * gram_inverse[i * k + i]).sqrt()).collect();
    let r_squared = 1.0 - unexplained / total_variation(response, intercept);
    Ok(Fit { coefficients, standard_errors, residuals, r_squared, design, gram_inverse })
}

/// Regresses `response` on `regressors`, each observation counting `weight` times: minimises
/// `sum w e^2`.
///
/// Residuals are in the units of the response; `r_squared` is weighted too. Missing: refused.
///
/// # Errors
/// As [`ols`], or a weight that is not positive.
pub fn wls(
    response: &[f64],
    regressors: &[&[f64]],
    intercept: Intercept,
    weights: &[f64],
) -> Result<Fit, StatError> {
    require_same_length(response, weights)?;
    require_finite(weights)?;
    if let Some(&found) = weights.iter().find(|&&weight| weight <= 0.0) {
        return Err(StatError::OutOfRange { field: "weight", found, expected: "positive" });
    }
    let design = design(response, regressors, intercept)?;
    let scaled = |x: &[f64]| x.iter().zip(weights).map(|(x, w)| x * w.sqrt()).collect::<Vec<_>>();
    let columns: Vec<Vec<f64>> = design.iter().map(|column| scaled(column)).collect();
    let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let mut fit = ols(&scaled(response), &slices, Intercept::Excluded)?;
    let unexplained: f64 = fit.residuals.iter().map(|e| e * e).sum();
    fit.r_squared = 1.0 - unexplained / weighted_variation(response, weights, intercept);
    fit.residuals = residuals(response, &design, &fit.coefficients);
    Ok(fit)
}

fn weighted_variation(response: &[f64], weights: &[f64], intercept: Intercept) -> f64 {
    let total: f64 = response.iter().zip(weights).map(|(y, w)| y * w).sum();
    let centre = match intercept {
        Intercept::Included => total / weights.iter().sum::<f64>(),
        Intercept::Excluded => 0.0,
    };
    response.iter().zip(weights).map(|(y, w)| w * (y - centre).powi(2)).sum()
}

fn design(
    response: &[f64],
    regressors: &[&[f64]],
    intercept: Intercept,
) -> Result<Vec<Vec<f64>>, StatError> {
    require_finite(response)?;
    for regressor in regressors {
        require_same_length(response, regressor)?;
        require_finite(regressor)?;
    }
    let ones = (intercept == Intercept::Included).then(|| vec![1.0; response.len()]);
    let design: Vec<Vec<f64>> =
        ones.into_iter().chain(regressors.iter().map(|column| column.to_vec())).collect();
    if design.is_empty() {
        return Err(StatError::TooFewObservations { needed: 1, found: 0 });
    }
    Ok(design)
}

/// Reflects each column onto its axis in turn. Afterwards `columns[j][..j]` holds R above the
/// diagonal, the returned values its diagonal, and `rotated` is `Q'y`.
fn triangularise(columns: &mut [Vec<f64>], rotated: &mut [f64]) -> Result<Vec<f64>, StatError> {
    let mut diagonal = Vec::with_capacity(columns.len());
    for j in 0..columns.len() {
        let whole = norm(&columns[j]);
        let (done, rest) = columns.split_at_mut(j + 1);
        let mirror = &mut done[j][j..];
        let length = norm(mirror);
        // What is left of a column after the earlier ones were taken out.
        if length <= whole * 1e-12 {
            return Err(StatError::Collinear { column: j });
        }
        let head = -length.copysign(mirror[0]);
        mirror[0] -= head;
        for column in rest {
            reflect(mirror, &mut column[j..]);
        }
        reflect(mirror, &mut rotated[j..]);
        diagonal.push(head);
    }
    Ok(diagonal)
}

/// `x - 2 v (v'x) / (v'v)`.
fn reflect(mirror: &[f64], x: &mut [f64]) {
    let scale = 2.0 * dot(mirror, x) / dot(mirror, mirror);
    x.iter_mut().zip(mirror).for_each(|(x, v)| *x -= scale * v);
}

fn back_substitute(columns: &[Vec<f64>], diagonal: &[f64], right: &[f64]) -> Vec<f64> {
    let mut solution = right.to_vec();
    for j in (0..diagonal.len()).rev() {
        solution[j] /= diagonal[j];
        for i in 0..j {
            solution[i] -= columns[j][i] * solution[j];
        }
    }
    solution
}

/// `(X'X)^-1 = R^-1 R^-T`, from the columns of `R^-1`.
fn gram_inverse(columns: &[Vec<f64>], diagonal: &[f64]) -> Vec<f64> {
    let k = diagonal.len();
    let inverse: Vec<Vec<f64>> = (0..k)
        .map(|j| {
            let unit: Vec<f64> = (0..k).map(|i| f64::from(u8::from(i == j))).collect();
            back_substitute(columns, diagonal, &unit)
        })
        .collect();
    (0..k * k).map(|cell| inverse.iter().map(|c| c[cell / k] * c[cell % k]).sum()).collect()
}

fn residuals(response: &[f64], design: &[Vec<f64>], coefficients: &[f64]) -> Vec<f64> {
    let mut residuals = response.to_vec();
    for (column, beta) in design.iter().zip(coefficients) {
        residuals.iter_mut().zip(column).for_each(|(e, x)| *e -= beta * x);
    }
    residuals
}

fn total_variation(response: &[f64], intercept: Intercept) -> f64 {
    let centre = match intercept {
        Intercept::Included => crate::moments::mean_of(response),
        Intercept::Excluded => 0.0,
    };
    response.iter().map(|y| (y - centre).powi(2)).sum()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn norm(x: &[f64]) -> f64 {
    dot(x, x).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: y = 1, 2, 4 on x = 0, 1, 2: slope 3/2, intercept 5/6, unexplained 1/6.
    #[test]
    fn a_line_through_three_points_by_hand() {
        let fit = ols(&[1.0, 2.0, 4.0], &[&[0.0, 1.0, 2.0]], Intercept::Included).unwrap();
        assert!((fit.coefficients[0] - 5.0 / 6.0).abs() < 1e-14);
        assert!((fit.coefficients[1] - 1.5).abs() < 1e-14);
        assert!((fit.standard_errors[1] - (1.0f64 / 12.0).sqrt()).abs() < 1e-14);
        assert!((fit.r_squared - (1.0 - (1.0 / 6.0) / (14.0 / 3.0))).abs() < 1e-14);
    }

    #[test]
    fn what_cannot_be_fitted_is_refused() {
        let x = [1.0, 2.0, 3.0, 4.0];
        let twice = x.map(|x| 2.0 * x);
        let collinear = ols(&x, &[&x, &twice], Intercept::Included).unwrap_err();
        assert_eq!(collinear, StatError::Collinear { column: 2 });
        assert!(ols(&x[..2], &[&x[..2]], Intercept::Included).is_err());
        assert!(ols(&x, &[&x[..3]], Intercept::Included).is_err());
        assert!(ols(&[f64::NAN, 1.0, 2.0, 3.0], &[&x], Intercept::Included).is_err());
        assert!(ols(&x, &[], Intercept::Excluded).is_err());
    }

    /// Weights that count are repetitions: the coefficients of the sample written out in full.
    #[test]
    fn a_weight_of_three_is_the_observation_three_times() {
        let (y, x) = ([1.0, 2.0, 2.5, 5.0, 4.0], [0.0, 1.0, 2.0, 3.0, 5.0]);
        let weights = [1.0, 3.0, 1.0, 2.0, 1.0];
        let repeat = |values: &[f64]| -> Vec<f64> {
            let pairs = values.iter().zip(weights);
            pairs.flat_map(|(v, w)| std::iter::repeat_n(*v, w as usize)).collect()
        };
        let weighted = wls(&y, &[&x], Intercept::Included, &weights).unwrap();
        let repeated = ols(&repeat(&y), &[&repeat(&x)], Intercept::Included).unwrap();
        for (ours, theirs) in weighted.coefficients.iter().zip(&repeated.coefficients) {
            assert!((ours - theirs).abs() < 1e-13);
        }
        assert!((weighted.r_squared - repeated.r_squared).abs() < 1e-13);
        assert!(
            (weighted.residuals[3]
                - (5.0 - weighted.coefficients[0] - 3.0 * weighted.coefficients[1]))
                .abs()
                < 1e-13
        );
        assert!(wls(&y, &[&x], Intercept::Included, &[1.0, 0.0, 1.0, 1.0, 1.0]).is_err());
    }
}
