//! How large must an effect be to be seen? MacKinlay (1997), section 6.

use crate::normal::{normal_cdf, normal_quantile};

/// Probability that a two-sided test of that size finds an effect of `effect`, whose estimate has `standard_error`.
///
/// ```
/// use shoals_stats::event_study::power::power;
/// // Twenty names with a daily deviation of 2 %: one of half a percent is missed in four of ten.
/// assert!((power(0.005, 0.02 / 20f64.sqrt(), 0.05) - 0.2).abs() < 0.005);
/// ```
pub fn power(effect: f64, standard_error: f64, size: f64) -> f64 {
    let shift = effect / standard_error;
    let critical = normal_quantile(1.0 - size / 2.0);
    normal_cdf(shift - critical) + normal_cdf(-shift - critical)
}

/// The smallest effect a two-sided test of that size finds with probability `wanted`; the other tail, where the
/// estimate would have the wrong sign, is left out.
pub fn detectable(standard_error: f64, wanted: f64, size: f64) -> f64 {
    standard_error * (normal_quantile(1.0 - size / 2.0) + normal_quantile(wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_detectable_effect_is_found_as_often_as_wanted() {
        let effect = detectable(0.01, 0.8, 0.05);
        assert!((effect / 0.01 - 2.801_585_218_112_97).abs() < 1e-12);
        assert!((power(effect, 0.01, 0.05) - 0.8).abs() < 2e-6);
        assert!((power(0.0, 0.01, 0.05) - 0.05).abs() < 1e-15);
    }
}
