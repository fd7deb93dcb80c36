//! Wealth of one unit put into a quantile, and of being long one quantile and short another.

/// Net asset value of one unit after each return, compounded.
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
