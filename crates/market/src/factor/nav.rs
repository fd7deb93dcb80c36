//! Wealth of one unit put into a quantile, and of being long one quantile and short another.

use serde::{Deserialize, Serialize};

/// How a long-short value is made of two return series; the two differ more the longer they run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LongShort {
    /// `prod(1 + r_top - r_bottom)`: both sides reset to one unit of wealth every day.
    #[default]
    CompoundedDifference,
    /// `1 + nav_top - nav_bottom`: one unit each at the start, never reset.
    DifferenceOfNavs,
}

impl LongShort {
    /// The value after each day.
    ///
    /// Missing: a day without return on either side leaves the value where it was.
    ///
    /// # Panics
    /// When the two series differ in length.
    pub fn nav(self, top: &[f64], bottom: &[f64]) -> Vec<f64> {
        assert_eq!(top.len(), bottom.len(), "one return a day on either side");
        let both = |f: fn(f64, f64) -> f64, a: &[f64], b: &[f64]| -> Vec<f64> {
            a.iter().zip(b).map(|(a, b)| f(*a, *b)).collect()
        };
        match self {
            Self::CompoundedDifference => {
                compounded(&both(|top, bottom| top - bottom, top, bottom))
            }
            Self::DifferenceOfNavs => {
                let alike = |a: &[f64], b: &[f64]| compounded(&both(|a, b| a + 0.0 * b, a, b));
                both(|top, bottom| 1.0 + top - bottom, &alike(top, bottom), &alike(bottom, top))
            }
        }
    }
}

/// Value of one unit after each return, compounded.
///
/// Missing: a NaN return leaves the value where it was.
pub fn compounded(returns: &[f64]) -> Vec<f64> {
    let mut nav = 1.0;
    let value_after = |&r: &f64| {
        nav *= if r.is_nan() { 1.0 } else { 1.0 + r };
        nav
    };
    returns.iter().map(value_after).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: 1.1 x 1.1 against 0.9 x 1.2.
    #[test]
    fn the_two_conventions_differ_as_by_hand() {
        let (top, bottom) = ([0.1, f64::NAN, 0.1], [-0.1, 0.5, 0.2]);
        let compounded = LongShort::CompoundedDifference.nav(&top, &bottom);
        let difference = LongShort::DifferenceOfNavs.nav(&top, &bottom);
        for (ours, by_hand) in compounded.iter().zip([1.2, 1.2, 1.2 * 0.9]) {
            assert!((ours - by_hand).abs() < 1e-15);
        }
        for (ours, by_hand) in difference.iter().zip([1.2, 1.2, 1.0 + 1.21 - 1.08]) {
            assert!((ours - by_hand).abs() < 1e-15);
        }
    }
}
