//! Implied volatility of constant 30-day tenor, and what selling it earned.

use shoals_core::{Symbol, Table, day};

use crate::FactorPath;

/// Tenor of every quoted series, calendar days.
const TENOR_DAYS: f64 = 30.0;
/// Density of the standard normal at zero.
const PHI_ZERO: f64 = 0.398_942_280_401_432_7;

/// `implied_volatility_daily`: the 50ETF, the 300ETF and the CSI 300 from large caps, the CSI 1000 from small caps
/// since its options were listed on 2022-07-22.
pub(crate) fn table(path: &FactorPath) -> Table {
    let listed = path.days.partition_point(|&d| d < day(2022, 7, 22));
    let (mut dates, mut symbols, mut values) = (Vec::new(), Vec::new(), Vec::new());
    let rounded = |x: f64| (x * 1e4).round() / 1e4;
    for t in 0..path.len() {
        let (large, small) = (path.large_implied_volatility[t], path.small_implied_volatility[t]);
        let quoted = [
            ("000300.SH", 0, large),
            ("000852.SH", listed, small),
            ("510050.SH", 0, 1.03 * large),
            ("510300.SH", 0, large),
        ];
        for (code, _, value) in quoted.into_iter().filter(|&(_, from, _)| t >= from) {
            dates.push(path.days[t]);
            symbols.push(Symbol::literal(code));
            values.push(rounded(value));
        }
    }
    let n = dates.len();
    Table::new("implied_volatility_daily")
        .with("date", "exchange day", dates)
        .with("underlying", "index or fund", symbols)
        .with("tenor_days", "calendar days", vec![TENOR_DAYS as i64; n])
        .with("implied_volatility", "annualised decimal, at the close", values)
        .with("source", "who computed it", vec!["built-in market".to_owned(); n])
}

/// Daily return per notional of a short at-the-money straddle of 30 days, delta-hedged at the close
/// and renewed every day.
///
/// With the at-the-money straddle worth `2 phi(0) sigma sqrt(tau)` (Brenner and Subrahmanyam 1988),
/// its gamma and vega give
/// `phi(0) / (sigma sqrt(tau)) (sigma^2 dt - r^2) - 2 phi(0) sqrt(tau) d_sigma`, `dt` in calendar days
/// over 365, `r` the index return. The first day is zero: nothing was sold yet.
pub(crate) fn short_straddle_return(path: &FactorPath, index_return: &[f64]) -> Vec<f64> {
    let tau = TENOR_DAYS / 365.0;
    let sigma = &path.large_implied_volatility;
    (0..path.len())
        .map(|t| {
            if t == 0 {
                return 0.0;
            }
            let dt = f64::from(path.days[t - 1].calendar_days_until(path.days[t])) / 365.0;
            let decay = sigma[t - 1].powi(2) * dt - index_return[t].powi(2);
            PHI_ZERO / (sigma[t - 1] * tau.sqrt()) * decay
                - 2.0 * PHI_ZERO * tau.sqrt() * (sigma[t] - sigma[t - 1])
        })
        .collect()
}
