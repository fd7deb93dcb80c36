//! Ranks and the correlation of ranks: does one ordering follow another?
//!
//! Ranks shrug off fat tails. Ties share their average rank, so the order of equal values in the
//! input never matters. Source: Spearman (1904); Kendall and Stuart, vol. 2, ch. 31.

use crate::StatError;
use crate::moments::mean_of;
use crate::observed::{observed_pairs, require_finite};

/// Fewest complete pairs a correlation is taken from.
pub const MIN_PAIRS: usize = 3;

/// Rank of each value, 1 the smallest; ties share their average rank.
///
/// Missing: a NaN keeps the rank NaN and takes no place among the others.
pub fn average_ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).filter(|&i| !values[i].is_nan()).collect();
    order.sort_unstable_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![f64::NAN; values.len()];
    let mut n_before = 0;
    for tied in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let (first, last) = (n_before + 1, n_before + tied.len());
        let shared = f64::midpoint(first as f64, last as f64);
        for &i in tied {
            ranks[i] = shared;
        }
        n_before += tied.len();
    }
    ranks
}

/// Pearson's correlation of two samples, in `[-1, 1]`.
///
/// Missing: a pair with a NaN on either side is left out.
///
/// # Errors
/// Slices of different length, fewer than [`MIN_PAIRS`] complete pairs, a constant side.
pub fn pearson(left: &[f64], right: &[f64]) -> Result<f64, StatError> {
    let (xs, ys) = observed_pairs(left, right, MIN_PAIRS)?;
    correlation(&xs, &ys)
}

/// Spearman's rank correlation of two samples, in `[-1, 1]`.
///
/// Missing: a pair with a NaN on either side is left out before ranking.
///
/// # Errors
/// Slices of different length, fewer than [`MIN_PAIRS`] complete pairs, a constant side.
///
/// # Example
/// ```
/// let size_rank = [1.0, 2.0, 3.0, 4.0, 5.0];
/// let january_2024 = [-0.2128, -0.2097, -0.1872, -0.1349, -0.0629];
/// assert_eq!(shoals_stats::rank::spearman(&size_rank, &january_2024)?, 1.0);
/// # Ok::<(), shoals_stats::StatError>(())
/// ```
pub fn spearman(left: &[f64], right: &[f64]) -> Result<f64, StatError> {
    let (xs, ys) = observed_pairs(left, right, MIN_PAIRS)?;
    correlation(&average_ranks(&xs), &average_ranks(&ys))
}

fn correlation(xs: &[f64], ys: &[f64]) -> Result<f64, StatError> {
    require_finite(xs)?;
    require_finite(ys)?;
    let (mean_x, mean_y) = (mean_of(xs), mean_of(ys));
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for (x, y) in xs.iter().zip(ys) {
        let (dx, dy) = (x - mean_x, y - mean_y);
        xx += dx * dx;
        yy += dy * dy;
        xy += dx * dy;
    }
    for (what, sum) in [("the left side", xx), ("the right side", yy)] {
        if sum == 0.0 {
            return Err(StatError::Constant { what });
        }
    }
    // One root of the product: equal orderings then give exactly one.
    Ok((xy / (xx * yy).sqrt()).clamp(-1.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: 1 and 1 share ranks 1 and 2, the gap takes no place.
    #[test]
    fn ties_share_their_average_rank() {
        let ranks = average_ranks(&[1.0, 7.0, f64::NAN, 1.0, 3.0]);
        assert_eq!(&ranks[..2], &[1.5, 4.0]);
        assert!(ranks[2].is_nan());
        assert_eq!(&ranks[3..], &[1.5, 3.0]);
    }

    /// By hand: d = (0, 1, -1, 0, 0), rho = 1 - 6*2/(5*24) = 0.9.
    #[test]
    fn spearman_follows_the_textbook_formula_without_ties() {
        let rho = spearman(&[1.0, 2.0, 3.0, 4.0, 5.0], &[-3.0, 1.0, 0.0, 2.0, 6.0]).unwrap();
        assert!((rho - 0.9).abs() < 1e-15);
    }

    #[test]
    fn what_has_no_correlation_is_refused() {
        assert!(spearman(&[1.0, 2.0], &[1.0, 2.0, 3.0]).is_err());
        let too_few = spearman(&[1.0, 2.0, f64::NAN], &[1.0, 2.0, 3.0]).unwrap_err();
        assert_eq!(too_few, StatError::TooFewObservations { needed: 3, found: 2 });
        assert!(matches!(
            pearson(&[1.0; 4], &[1.0, 2.0, 3.0, 4.0]),
            Err(StatError::Constant { .. })
        ));
        assert!(pearson(&[1.0, f64::INFINITY, 3.0], &[1.0, 2.0, 3.0]).is_err());
    }
}
