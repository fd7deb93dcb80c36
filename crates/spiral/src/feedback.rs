//! The feedback number: how much selling one yuan of selling brings about in the next round.

/// Spectral radius of a square matrix, row by row: the feedback number `R0` of its round-to-round map of sales.
/// Below 1 a shock is damped, above 1 it grows.
///
/// By Gelfand's formula, the matrix squared 40 times and rescaled each time, so no eigenvalue needs to be real
/// or simple; exact to about 1e-11. NaN where the matrix has one.
///
/// # Panics
/// When `matrix` is not `n` by `n`.
pub fn spectral_radius(matrix: &[f64], n: usize) -> f64 {
    assert_eq!(matrix.len(), n * n, "a square matrix of {n} rows");
    let mut power = matrix.to_vec();
    let mut logarithm = 0.0;
    let mut exponent = 1.0;
    for _ in 0..40 {
        let norm = power.iter().map(|x| x * x).sum::<f64>().sqrt();
        if norm == 0.0 || norm.is_nan() {
            return norm;
        }
        logarithm += norm.ln() / exponent;
        let scaled: Vec<f64> = power.iter().map(|x| x / norm).collect();
        power = product(&scaled, &scaled, n);
        exponent *= 2.0;
    }
    logarithm.exp()
}

/// Sales after `s` of a first shock when each brings `feedback` of itself: `s / (1 - feedback)`; infinite from 1 on.
pub fn geometric_total(s: f64, feedback: f64) -> f64 {
    if feedback < 1.0 { s / (1.0 - feedback) } else { f64::INFINITY.copysign(s) }
}

/// All sales of a linear fire sale, round after round: `first + M first + M M first + ...`, with `matrix` the
/// round-to-round map, row by row. Infinite where it does not die out.
pub fn total_sales(matrix: &[f64], first: &[f64]) -> Vec<f64> {
    let n = first.len();
    if spectral_radius(matrix, n) >= 1.0 {
        return first.iter().map(|s| f64::INFINITY.copysign(*s)).collect();
    }
    let (mut round, mut total) = (first.to_vec(), first.to_vec());
    let size = |sales: &[f64]| sales.iter().map(|s| s.abs()).sum::<f64>();
    while size(&round) > size(&total) * f64::EPSILON / 4.0 {
        let row = |row: &[f64]| row.iter().zip(&round).map(|(m, s)| m * s).sum();
        round = matrix.chunks_exact(n).map(row).collect();
        total.iter_mut().zip(&round).for_each(|(total, sale)| *total += sale);
    }
    total
}

fn product(a: &[f64], b: &[f64], n: usize) -> Vec<f64> {
    let mut c = vec![0.0; n * n];
    for (row, out) in a.chunks_exact(n).zip(c.chunks_exact_mut(n)) {
        for (x, b) in row.iter().zip(b.chunks_exact(n)) {
            for (out, y) in out.iter_mut().zip(b) {
                *out += x * y;
            }
        }
    }
    c
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Witness: eigenvalues by hand. Diagonal; a rotation (complex pair of modulus 2); a matrix whose powers
    /// vanish; a Jordan block, whose norm converges slowest.
    #[test]
    fn the_radius_is_that_of_the_largest_eigenvalue() {
        let cases: [(&[f64], usize, f64); 4] = [
            (&[0.3, 0.0, 0.0, -0.7], 2, 0.7),
            (&[0.0, -2.0, 2.0, 0.0], 2, 2.0),
            (&[0.0, 1.0, 0.0, 0.0], 2, 0.0),
            (&[0.5, 1.0, 0.0, 0.5], 2, 0.5),
        ];
        for (matrix, n, expected) in cases {
            let found = spectral_radius(matrix, n);
            assert!((found - expected).abs() < 1e-9, "{found} against {expected}");
        }
        assert!(spectral_radius(&[f64::NAN], 1).is_nan());
    }

    #[test]
    fn the_geometric_total_is_the_sum_of_its_rounds() {
        let rounds: f64 = (0..400).map(|k| 3.0 * 0.85_f64.powi(k)).sum();
        assert!((geometric_total(3.0, 0.85) - rounds).abs() < 1e-9);
        assert_eq!(geometric_total(1.0, 1.0), f64::INFINITY);
    }
}
