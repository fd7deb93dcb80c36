//! Dynamic time warping: how far two paths are apart when either may run ahead of the other.
//!
//! `D(i, j) = (x_i - y_j)^2 + min(D(i-1, j-1), D(i-1, j), D(i, j-1))`; the distance is the root of the last
//! cell (Sakoe and Chiba 1978, squared differences, symmetric steps without weights). Cells further than
//! the band from the diagonal are closed, so that no day is matched with one of another season: `|i - j|` is at
//! most the band plus the difference in length. This is the band `dtaidistance` documents for a `window` one above
//! ours; its program (2.5.1) opens the difference on the longer path's side only, which for paths of one length,
//! the only ones compared here, is the same.
//!
//! No cell is skipped by a bound: a permutation test needs every distance, not only the nearest.
//!
//! Method page: docs/method/analogue.md

use crate::StatError;
use crate::observed::require_finite;

/// Distance of two paths, in their own unit times the root of the steps taken.
///
/// Position `j` may stand opposite `i` when `|i - j|` is at most `band` plus the difference in length; a band of 0 on paths of one length is the Euclidean distance. Missing: refused,
/// a gap would shift what follows.
///
/// # Errors
/// An empty path or a value that is not finite.
///
/// # Example
/// ```
/// use shoals_stats::warp::warped_distance;
/// let (x, y) = ([0.0, 0.0, 1.0, 2.0, 1.0], [0.0, 1.0, 2.0, 1.0, 1.0]);
/// assert_eq!(warped_distance(&x, &y, 4)?, 0.0);
/// assert!(warped_distance(&x, &y, 0)? > 1.0);
/// # Ok::<(), shoals_stats::StatError>(())
/// ```
pub fn warped_distance(left: &[f64], right: &[f64], band: usize) -> Result<f64, StatError> {
    for path in [left, right] {
        require_finite(path)?;
        if path.is_empty() {
            return Err(StatError::TooFewObservations { needed: 1, found: 0 });
        }
    }
    let (n, m) = (left.len(), right.len());
    let reach = n.abs_diff(m) + band;
    // Column 0 stands before the first observation of `right`.
    let (mut above, mut row) = (vec![f64::INFINITY; m + 1], vec![f64::INFINITY; m + 1]);
    above[0] = 0.0;
    for (i, x) in left.iter().enumerate() {
        let (first, end) = (i.saturating_sub(reach).min(m), (i + reach + 1).min(m));
        row[first] = f64::INFINITY;
        let mut beside = f64::INFINITY;
        for j in first..end {
            let difference = x - right[j];
            beside = difference * difference + beside.min(above[j]).min(above[j + 1]);
            row[j + 1] = beside;
        }
        // The next row may look one cell beyond the end of this one.
        if end < m {
            row[end + 1] = f64::INFINITY;
        }
        std::mem::swap(&mut above, &mut row);
    }
    Ok(above[m].sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Witness: the recursion itself, over every path.
    fn by_recursion(left: &[f64], right: &[f64]) -> f64 {
        match (left, right) {
            ([], []) => 0.0,
            ([], _) | (_, []) => f64::INFINITY,
            ([head @ .., x], [top @ .., y]) => {
                let best = by_recursion(head, top)
                    .min(by_recursion(head, right))
                    .min(by_recursion(left, top));
                (x - y).powi(2) + best
            }
        }
    }

    fn wave(n: usize, phase: f64) -> Vec<f64> {
        (0..n).map(|i| (i as f64 * 1.3 + phase).sin()).collect()
    }

    #[test]
    fn every_path_was_weighed() {
        for (n, m) in [(1, 1), (1, 6), (6, 4), (5, 7), (7, 7)] {
            let (left, right) = (wave(n, 0.2), wave(m, 1.1));
            let peer = by_recursion(&left, &right).sqrt();
            let ours = warped_distance(&left, &right, n.max(m)).unwrap();
            assert!((ours - peer).abs() < 1e-12, "{n} {m}: {ours} {peer}");
        }
    }

    /// Paths of one length: band 0 is Euclid, and a wider band never brings paths further apart.
    #[test]
    fn a_band_only_opens() {
        let (left, right) = (wave(60, 0.0), wave(60, 0.7));
        let euclid: f64 = left.iter().zip(&right).map(|(x, y)| (x - y).powi(2)).sum();
        let mut last = warped_distance(&left, &right, 0).unwrap();
        assert!((last - euclid.sqrt()).abs() < 1e-12);
        for band in 1..60 {
            let wider = warped_distance(&left, &right, band).unwrap();
            assert!(wider <= last);
            assert_eq!(wider, warped_distance(&right, &left, band).unwrap());
            last = wider;
        }
        assert_eq!(warped_distance(&left, &left, 3).unwrap(), 0.0);
    }

    #[test]
    fn gaps_and_nothing_are_refused() {
        assert!(warped_distance(&[], &[1.0], 1).is_err());
        assert!(warped_distance(&[f64::NAN], &[1.0], 1).is_err());
    }
}
