//! How closely assets move together: the absorption ratio and the mean pairwise correlation.
//!
//! Source: Kritzman, Li, Page and Rigobon (2011), Principal Components as a Measure of Systemic Risk,
//! Journal of Portfolio Management 37(4).

use crate::StatError;
use crate::eigen::symmetric_eigenvalues;
use crate::observed::{require_finite, require_setting};

/// Share of the assets' total variance along the `n_leading` leading eigenvectors of their covariance,
/// in `[0, 1]`; higher is more closely coupled.
///
/// `returns` holds one slice a period, the oldest first, one return an asset. With a `half_life` in
/// periods, a period that old counts half as much as the last; the mean is weighted alike. Missing:
/// refused.
///
/// # Errors
/// Fewer than two periods, periods of different length, a value that is not finite, `n_leading` above
/// the number of assets, a half-life that is not positive, or assets that do not vary.
pub fn absorption_ratio(
    returns: &[&[f64]],
    n_leading: usize,
    half_life: Option<f64>,
) -> Result<f64, StatError> {
    let n = returns.first().map_or(0, |row| row.len());
    if returns.len() < 2 {
        return Err(StatError::TooFewObservations { needed: 2, found: returns.len() });
    }
    for row in returns {
        require_finite(row)?;
        if row.len() != n {
            return Err(StatError::LengthMismatch { left: row.len(), right: n });
        }
    }
    let is_legal = (1..=n).contains(&n_leading);
    require_setting("n_leading", n_leading as f64, "1 to the number of assets", is_legal)?;
    let half_life = half_life.unwrap_or(f64::INFINITY);
    require_setting("half_life", half_life, "above 0 periods", half_life > 0.0)?;
    let covariance = weighted_covariance(returns, n, half_life);
    let total: f64 = (0..n).map(|i| covariance[i * n + i]).sum();
    if total <= 0.0 {
        return Err(StatError::Constant { what: "the assets" });
    }
    let leading = symmetric_eigenvalues(&covariance, n)?;
    Ok(leading[..n_leading].iter().sum::<f64>() / total)
}

/// Row-major covariance about the weighted mean, lower triangle only; weights sum to one.
fn weighted_covariance(returns: &[&[f64]], n: usize, half_life: f64) -> Vec<f64> {
    let age = |t: usize| (returns.len() - 1 - t) as f64;
    let weights: Vec<f64> = (0..returns.len()).map(|t| 0.5_f64.powf(age(t) / half_life)).collect();
    let total: f64 = weights.iter().sum();
    let mut mean = vec![0.0; n];
    for (row, weight) in returns.iter().zip(&weights) {
        mean.iter_mut().zip(*row).for_each(|(mean, x)| *mean += weight / total * x);
    }
    let (mut covariance, mut apart) = (vec![0.0; n * n], vec![0.0; n]);
    for (row, weight) in returns.iter().zip(&weights) {
        apart.iter_mut().zip(*row).zip(&mean).for_each(|((apart, x), mean)| *apart = x - mean);
        for i in 0..n {
            let scaled = weight / total * apart[i];
            let cells = covariance[i * n..=i * n + i].iter_mut();
            cells.zip(&apart).for_each(|(cell, x)| *cell += scaled * x);
        }
    }
    covariance
}

/// Mean of the correlations between every two of many assets, without forming one of them.
///
/// With each asset brought to mean zero and mean square one, the squares of the periods' sums are the
/// sum of all correlations: `(mean (sum z)^2 - n) / (n (n - 1))`, in time `n_assets * n_periods`.
///
/// `returns` holds one slice an asset. Assets that do not vary are left out. Missing: refused.
///
/// # Errors
/// Fewer than two assets that vary, slices of different length, or a value that is not finite.
pub fn mean_pairwise_correlation(returns: &[&[f64]]) -> Result<f64, StatError> {
    let n_periods = returns.first().map_or(0, |asset| asset.len());
    let (mut sums, mut n) = (vec![0.0; n_periods], 0);
    for asset in returns {
        require_finite(asset)?;
        if asset.len() != n_periods {
            return Err(StatError::LengthMismatch { left: asset.len(), right: n_periods });
        }
        let mean = asset.iter().sum::<f64>() / n_periods as f64;
        let squares: f64 = asset.iter().map(|x| (x - mean).powi(2)).sum();
        let deviation = (squares / n_periods as f64).sqrt();
        // What is left of a constant is rounding.
        if deviation > mean.abs() * 1e-12 && deviation > 0.0 {
            sums.iter_mut().zip(*asset).for_each(|(sum, x)| *sum += (x - mean) / deviation);
            n += 1;
        }
    }
    if n < 2 {
        return Err(StatError::TooFewObservations { needed: 2, found: n });
    }
    let all = sums.iter().map(|sum| sum * sum).sum::<f64>() / n_periods as f64;
    Ok((all - n as f64) / (n as f64 * (n as f64 - 1.0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rank::pearson;

    fn wave(i: usize, t: usize) -> f64 {
        ((i * 17 + t * 29) as f64 * 0.61).sin() + 0.4 * (t as f64 * 0.9).cos()
    }

    /// Witness: the sum over all pairs written out, beside an asset that never moves.
    #[test]
    fn the_identity_is_the_mean_of_all_pairs() {
        let assets: Vec<Vec<f64>> = (0..9).map(|i| (0..40).map(|t| wave(i, t)).collect()).collect();
        let flat = vec![0.3; 40];
        let all: Vec<&[f64]> = assets.iter().map(Vec::as_slice).chain([flat.as_slice()]).collect();
        let (mut sum, mut n) = (0.0, 0.0);
        for i in 0..9 {
            for j in 0..i {
                sum += pearson(&assets[i], &assets[j]).unwrap();
                n += 1.0;
            }
        }
        assert!((mean_pairwise_correlation(&all).unwrap() - sum / n).abs() < 1e-14);
        assert!(mean_pairwise_correlation(&[&flat, &assets[0]]).is_err());
    }

    /// By hand: three assets that are one and the same are absorbed by one eigenvector; two unrelated
    /// ones of equal variance by half; all of them by as many as there are.
    #[test]
    fn one_cause_absorbs_everything() {
        let same: Vec<Vec<f64>> = (0..30).map(|t| vec![wave(1, t); 3]).collect();
        let rows: Vec<&[f64]> = same.iter().map(Vec::as_slice).collect();
        assert!((absorption_ratio(&rows, 1, Some(10.0)).unwrap() - 1.0).abs() < 1e-14);
        let apart = [[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]];
        let rows: Vec<&[f64]> = apart.iter().map(<[f64; 2]>::as_slice).collect();
        assert!((absorption_ratio(&rows, 1, None).unwrap() - 0.5).abs() < 1e-15);
        assert!((absorption_ratio(&rows, 2, None).unwrap() - 1.0).abs() < 1e-15);
        assert!(absorption_ratio(&rows, 3, None).is_err());
        assert!(absorption_ratio(&[&[0.0, 0.0], &[0.0, 0.0]], 1, None).is_err());
    }
}
