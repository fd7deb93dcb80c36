//! How much of what a regression explains is each regressor's, whatever the order they are taken in?
//!
//! A regressor's share is what it adds to R2, averaged over every order of entering: its Shapley value in the game
//! whose prize is R2, known in regression as LMG. Shares add up to R2. Source: Lindeman, Merenda and Gold (1980);
//! Grömping (2007), The American Statistician 61(2).

use crate::StatError;
use crate::moments::variance;
use crate::observed::require_setting;
use crate::regression::{Intercept, ols};

/// Most regressors: every subset of them is fitted.
pub const MOST_REGRESSORS: usize = 12;

/// R2 of each regressor, an intercept always included; the shares add up to the R2 of all of them.
///
/// # Errors
/// As [`ols`]; no regressor, or more than [`MOST_REGRESSORS`]; a response that does not vary.
///
/// # Example
/// ```
/// use shoals_stats::shapley::r_squared_shares;
/// let y = [1.0, 2.0, 2.5, 4.0, 5.5];
/// let shares = r_squared_shares(&y, &[&[1.0, 2.0, 3.0, 4.0, 5.0], &[1.0, -1.0, 1.0, -1.0, 1.0]])?;
/// assert!(shares[0] > 0.95 && shares[1].abs() < 0.02);
/// # Ok::<(), shoals_stats::StatError>(())
/// ```
pub fn r_squared_shares(response: &[f64], regressors: &[&[f64]]) -> Result<Vec<f64>, StatError> {
    let k = regressors.len();
    let is_legal = (1..=MOST_REGRESSORS).contains(&k);
    require_setting("regressors", k as f64, "1 to 12", is_legal)?;
    if variance(response, 1)? == 0.0 {
        return Err(StatError::Constant { what: "the response" });
    }
    let explained = (0..1_usize << k)
        .map(|subset| {
            let chosen: Vec<&[f64]> =
                (0..k).filter(|i| subset >> i & 1 == 1).map(|i| regressors[i]).collect();
            if chosen.is_empty() {
                return Ok(0.0);
            }
            ols(response, &chosen, Intercept::Included).map(|fit| fit.r_squared)
        })
        .collect::<Result<Vec<f64>, StatError>>()?;
    Ok(shares(&explained))
}

/// Shapley value of every player of a game: what each adds, averaged over every order of entering. `worth[s]` is what the
/// players of subset `s` reach together, player `i` the bit `1 << i`; the shares add up to the worth of all less that of
/// none.
///
/// # Panics
/// When `worth` has not a power of two of values.
pub fn shares(worth: &[f64]) -> Vec<f64> {
    assert!(worth.len().is_power_of_two(), "a worth for every subset");
    let k = worth.len().trailing_zeros() as usize;
    let share = |i: usize| {
        let without = (0..worth.len()).filter(|subset| subset >> i & 1 == 0);
        without
            .map(|subset| {
                let weight = order_weight(subset.count_ones() as usize, k);
                weight * (worth[subset | 1 << i] - worth[subset])
            })
            .sum()
    };
    (0..k).map(share).collect()
}

/// Share of the orders in which exactly these `n` come before one of `k`: `n! (k - n - 1)! / k!`.
fn order_weight(n: usize, k: usize) -> f64 {
    // 1 / (k C(k - 1, n))
    let combinations = (0..n).fold(1.0, |c, i| c * (k - 1 - i) as f64 / (i + 1) as f64);
    1.0 / (k as f64 * combinations)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Witness: closed form. Of uncorrelated regressors each has its own R2.
    #[test]
    fn uncorrelated_regressors_have_their_own_r_squared() {
        let a = [1.0, 1.0, -1.0, -1.0, 1.0, 1.0, -1.0, -1.0];
        let b = [1.0, -1.0, 1.0, -1.0, 1.0, -1.0, 1.0, -1.0];
        let e = [1.0, 1.0, 1.0, 1.0, -1.0, -1.0, -1.0, -1.0];
        let y: Vec<f64> = (0..8).map(|i| 2.0 * a[i] + b[i] + 0.5 * e[i]).collect();
        let shares = r_squared_shares(&y, &[&a, &b]).unwrap();
        let total = 4.0 + 1.0 + 0.25;
        assert!((shares[0] - 4.0 / total).abs() < 1e-12 && (shares[1] - 1.0 / total).abs() < 1e-12);
    }

    /// Witness: closed form. Twins (one direction, noise apart) share alike.
    #[test]
    fn two_regressors_share_what_neither_adds_alone() {
        let a: Vec<f64> = (0..50).map(|i| f64::from(i * 7 % 13)).collect();
        let b: Vec<f64> = (0..50).map(|i| f64::from(i * 11 % 17)).collect();
        let y: Vec<f64> = (0..50).map(|i| a[i] + b[i] + f64::from(i as u32 % 3)).collect();
        let r2 = |x: &[&[f64]]| ols(&y, x, Intercept::Included).unwrap().r_squared;
        let shares = r_squared_shares(&y, &[&a, &b]).unwrap();
        let expected = 0.5 * (r2(&[&a]) + r2(&[&a, &b]) - r2(&[&b]));
        assert!((shares[0] - expected).abs() < 1e-12);
    }

    proptest! {
        /// Shares add up to R2, and do not depend on the order of the regressors.
        #[test]
        fn shares_sum_to_r_squared(rows in prop::collection::vec(prop::array::uniform4(-1.0..1.0_f64), 12..40)) {
            let column = |i: usize| rows.iter().map(|row| row[i]).collect::<Vec<f64>>();
            let (y, a, b, c) = (column(0), column(1), column(2), column(3));
            let whole = ols(&y, &[&a, &b, &c], Intercept::Included);
            prop_assume!(whole.is_ok());
            let shares = r_squared_shares(&y, &[&a, &b, &c]).unwrap();
            prop_assert!((shares.iter().sum::<f64>() - whole.unwrap().r_squared).abs() < 1e-10);
            let turned = r_squared_shares(&y, &[&c, &a, &b]).unwrap();
            for (x, y) in [(0, 1), (1, 2), (2, 0)] {
                prop_assert!((shares[x] - turned[y]).abs() < 1e-10);
            }
            for share in shares {
                prop_assert!(share > -1e-12);
            }
        }
    }
}
