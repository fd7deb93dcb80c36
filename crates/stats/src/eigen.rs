//! Eigenvalues of a symmetric matrix.
//!
//! Householder reflections make the matrix tridiagonal, then QL steps with implicit shifts take the
//! off-diagonal away; eigenvectors are not kept, so a matrix of 100 costs about a millisecond. Source:
//! Golub and Van Loan, Matrix Computations, sections 8.3.1 and 8.3.3; Wilkinson and Reinsch (1971),
//! `tred1` and `tql1`.

use crate::StatError;
use crate::observed::require_finite;

/// Most QL steps an eigenvalue may take; two or three are usual.
const MAX_STEPS: usize = 60;

/// The eigenvalues of a symmetric matrix, largest first.
///
/// `matrix` is row-major, `n x n`; only its lower triangle is read. Missing: refused.
///
/// # Errors
/// A length that is not `n * n`, or a value that is not finite.
///
/// # Example
/// ```
/// use shoals_stats::eigen::symmetric_eigenvalues;
/// let found = symmetric_eigenvalues(&[2.0, 1.0, 1.0, 2.0], 2)?;
/// assert!((found[0] - 3.0).abs() < 1e-15 && (found[1] - 1.0).abs() < 1e-15);
/// # Ok::<(), shoals_stats::StatError>(())
/// ```
pub fn symmetric_eigenvalues(matrix: &[f64], n: usize) -> Result<Vec<f64>, StatError> {
    require_finite(matrix)?;
    if matrix.len() != n * n {
        return Err(StatError::LengthMismatch { left: matrix.len(), right: n * n });
    }
    let (mut diagonal, mut beside) = tridiagonal(matrix.to_vec(), n);
    for first in 0..n {
        settle(&mut diagonal, &mut beside, first)?;
    }
    diagonal.sort_unstable_by(|a, b| b.total_cmp(a));
    Ok(diagonal)
}

/// Diagonal and off-diagonal (the last one zero) of a tridiagonal matrix with the same eigenvalues.
fn tridiagonal(mut a: Vec<f64>, n: usize) -> (Vec<f64>, Vec<f64>) {
    let (mut beside, mut image) = (vec![0.0; n], vec![0.0; n]);
    // Row after row from the last, what stands left of the neighbour of the diagonal is reflected away.
    for row in (2..n).rev() {
        let scale = a[row * n..row * n + row].iter().fold(0.0_f64, |m, x| m.max(x.abs()));
        if scale == 0.0 {
            continue;
        }
        let mut mirror: Vec<f64> = a[row * n..row * n + row].iter().map(|x| x / scale).collect();
        let length = mirror.iter().map(|x| x * x).sum::<f64>().sqrt();
        let head = -length.copysign(mirror[row - 1]);
        mirror[row - 1] -= head;
        beside[row] = scale * head;
        let half = mirror.iter().map(|x| x * x).sum::<f64>() / 2.0;
        if half == 0.0 {
            continue;
        }
        // A - v q' - q v', with q = p - (v'p / 2h) v and p = A v / h.
        for i in 0..row {
            let below = (i + 1..row).map(|j| a[j * n + i] * mirror[j]).sum::<f64>();
            let left = a[i * n..=i * n + i].iter().zip(&mirror).map(|(x, v)| x * v).sum::<f64>();
            image[i] = (left + below) / half;
        }
        let along = mirror.iter().zip(&image).map(|(v, p)| v * p).sum::<f64>() / (2.0 * half);
        image[..row].iter_mut().zip(&mirror).for_each(|(p, v)| *p -= along * v);
        for i in 0..row {
            for j in 0..=i {
                a[i * n + j] -= mirror[i] * image[j] + image[i] * mirror[j];
            }
        }
    }
    if n > 1 {
        beside[1] = a[n];
    }
    beside.rotate_left(1.min(n));
    ((0..n).map(|i| a[i * n + i]).collect(), beside)
}

/// QL steps until the eigenvalue at `first` stands alone.
fn settle(diagonal: &mut [f64], beside: &mut [f64], first: usize) -> Result<(), StatError> {
    let n = diagonal.len();
    for _ in 0..MAX_STEPS {
        let is_small = |m: usize| {
            let around = diagonal[m].abs() + diagonal[m + 1].abs();
            beside[m].abs() <= f64::EPSILON * around
        };
        let last = (first..n - 1).find(|&m| is_small(m)).unwrap_or(n - 1);
        if last == first {
            return Ok(());
        }
        step(diagonal, beside, first, last);
    }
    Err(StatError::OutOfRange {
        field: "eigenvalue",
        found: MAX_STEPS as f64,
        expected: "reached in fewer steps",
    })
}

/// One implicit QL step on `first..=last`, shifted by an eigenvalue of the leading pair.
fn step(diagonal: &mut [f64], beside: &mut [f64], first: usize, last: usize) {
    let half_gap = (diagonal[first + 1] - diagonal[first]) / (2.0 * beside[first]);
    let reach = half_gap.hypot(1.0).copysign(half_gap);
    let mut g = diagonal[last] - diagonal[first] + beside[first] / (half_gap + reach);
    let (mut sine, mut cosine, mut moved) = (1.0, 1.0, 0.0);
    for i in (first..last).rev() {
        let (f, b) = (sine * beside[i], cosine * beside[i]);
        let length = f.hypot(g);
        beside[i + 1] = length;
        if length == 0.0 {
            // The matrix has come apart: go on with the pieces.
            diagonal[i + 1] -= moved;
            beside[last] = 0.0;
            return;
        }
        (sine, cosine) = (f / length, g / length);
        let before = diagonal[i + 1] - moved;
        let turned = (diagonal[i] - before) * sine + 2.0 * cosine * b;
        moved = sine * turned;
        diagonal[i + 1] = before + moved;
        g = cosine * turned - b;
    }
    diagonal[first] -= moved;
    beside[first] = g;
    beside[last] = 0.0;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Witness: the second difference matrix has the eigenvalues `2 - 2 cos(k pi / (n + 1))`.
    #[test]
    fn the_second_difference_has_its_closed_form() {
        for n in [1, 2, 3, 10, 60] {
            let mut matrix = vec![0.0; n * n];
            for i in 0..n {
                matrix[i * n + i] = 2.0;
                if i + 1 < n {
                    matrix[i * n + i + 1] = -1.0;
                    matrix[(i + 1) * n + i] = -1.0;
                }
            }
            let found = symmetric_eigenvalues(&matrix, n).unwrap();
            for (k, value) in found.iter().rev().enumerate() {
                let angle = (k + 1) as f64 * std::f64::consts::PI / (n + 1) as f64;
                assert!((value - (2.0 - 2.0 * angle.cos())).abs() < 1e-13, "{n} {k}: {value}");
            }
        }
    }

    /// Witness: equal correlations have one eigenvalue `1 + (n - 1) r` and `n - 1` of `1 - r`; zeros and
    /// repeated values do not trip it.
    #[test]
    fn equal_correlations_have_their_closed_form() {
        for (n, r) in [(5, 0.3), (40, 0.9), (12, 0.0), (7, 1.0)] {
            let matrix: Vec<f64> =
                (0..n * n).map(|cell| if cell / n == cell % n { 1.0 } else { r }).collect();
            let found = symmetric_eigenvalues(&matrix, n).unwrap();
            assert!((found[0] - (1.0 + (n - 1) as f64 * r)).abs() < 1e-12, "{found:?}");
            assert!(found[1..].iter().all(|value| (value - (1.0 - r)).abs() < 1e-12), "{found:?}");
        }
    }

    #[test]
    fn a_matrix_of_another_shape_is_refused() {
        assert!(symmetric_eigenvalues(&[1.0; 5], 2).is_err());
        assert!(symmetric_eigenvalues(&[f64::NAN], 1).is_err());
        assert!(symmetric_eigenvalues(&[], 0).unwrap().is_empty());
    }
}
