//! What a short straddle earns in a day when its delta is hedged at the close.
//!
//! For an option near the money with vega `v` (per unit of volatility), volatility `s` and `T` years left, gamma and theta
//! are `v / (s T)` in money and half of it times `s^2`, so a day on which the index moves by `r` and implied
//! volatility by `ds` earns the seller `-v ((r^2 - s^2 dt) / (2 s T) + ds)`. Source: Black (1976); the same identity that
//! a variance swap rests on. Vega is held by rolling, so nothing else is lost to time.

/// Exchange days a year.
pub(crate) const DAYS_A_YEAR: f64 = 242.0;

/// Gain of a day, CNY. `vega`: CNY lost for a rise of volatility by 1.00; `before` and `after`: implied volatility at
/// yesterday's close and today's, annual; `move_of_index`: simple return; `years` to expiry.
pub(crate) fn gain_of_a_day(
    vega: f64,
    before: f64,
    after: f64,
    move_of_index: f64,
    years: f64,
) -> f64 {
    let excess = move_of_index.powi(2) - before.powi(2) / DAYS_A_YEAR;
    -vega * (excess / (2.0 * before * years) + after - before)
}

#[cfg(test)]
mod tests {
    use shoals_market::option::{Black76, straddle};

    use super::*;

    /// Witness: a straddle at the money repriced by `market::option` a day later, its opening delta hedged, at 30 days and
    /// 18 %: within 0.3 points of volatility's worth for moves up to 2 %, where third-order terms are still small.
    #[test]
    fn the_gain_is_a_repriced_straddles() {
        let at = |forward: f64, volatility: f64, years: f64| {
            straddle(&Black76 { forward, strike: 1.0, volatility, years, rate: 0.0 })
        };
        let (volatility, years) = (0.18, 30.0 / 365.0);
        let opened = at(1.0, volatility, years);
        for (r, after) in [(0.0, 0.18), (0.01, 0.18), (-0.02, 0.18), (0.005, 0.20), (-0.015, 0.19)]
        {
            let later = at(1.0 + r, after, years - 1.0 / DAYS_A_YEAR);
            let sold = opened.value - later.value + opened.delta * r;
            let ours = gain_of_a_day(opened.vega, volatility, after, r, years);
            assert!((sold - ours).abs() < 0.003 * opened.vega, "{r} {after}: {sold} {ours}");
        }
    }
}
