//! What does one unit of each factor earn, the others held fixed?
//!
//! Every day the forward returns are regressed on the factors across stocks; the premium of a factor
//! is the mean of its daily coefficients, its error their dispersion over time, with Newey-West lags
//! for overlapping horizons. Source: Fama and `MacBeth` (1973).

use rayon::prelude::*;
use serde::Serialize;
use shoals_stats::StatError;
use shoals_stats::hac::newey_west_mean;
use shoals_stats::moments::{mean, std};
use shoals_stats::regression::{Intercept, ols};

use super::FactorPanel;
use super::summary::{MIN_DAYS, Testing};
use crate::MarketError;
use crate::error::{require_setting, statistic};

/// The premium of one factor.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Premium {
    /// The factor, or `intercept`.
    pub factor: String,
    /// Mean of the daily coefficients: simple return over the horizon a unit of the factor.
    pub mean: f64,
    /// `mean / (std / sqrt(n))`.
    pub t_plain: f64,
    /// With Newey-West errors.
    pub t_newey_west: f64,
    /// Days with a regression.
    pub n: usize,
    /// Daily coefficients, one a day of the panel; NaN where the day had no regression.
    #[serde(skip)]
    pub daily: Vec<f64>,
}

/// Premia of the intercept and of each named factor, day-major and of the panel's shape, over
/// `horizon` trading days.
///
/// The panel's own factor is not used. Missing: a row takes part with all factors and both prices; a
/// day with fewer than twice as many rows as coefficients, or collinear factors, has no regression.
///
/// # Errors
/// A shape that is not the panel's, a horizon outside 1 to 250, or fewer than ten days.
pub fn fama_macbeth(
    panel: &FactorPanel,
    factors: &[(&str, &[f64])],
    horizon: usize,
    testing: &Testing,
) -> Result<Vec<Premium>, MarketError> {
    for (name, values) in factors {
        panel.require_shape(name, values.len())?;
    }
    require_setting("horizon", horizon as f64, "1 to 250", (1..=250).contains(&horizon))?;
    let n_days = panel.days.len();
    let daily: Vec<Option<Vec<f64>>> =
        (0..n_days).into_par_iter().map(|day| coefficients(panel, factors, horizon, day)).collect();
    let names = std::iter::once("intercept").chain(factors.iter().map(|(name, _)| *name));
    names
        .enumerate()
        .map(|(k, name)| {
            let series = daily.iter().map(|day| day.as_ref().map_or(f64::NAN, |b| b[k])).collect();
            premium(name, series, horizon, testing)
        })
        .collect()
}

fn coefficients(
    panel: &FactorPanel,
    factors: &[(&str, &[f64])],
    horizon: usize,
    day: usize,
) -> Option<Vec<f64>> {
    if day + horizon >= panel.days.len() {
        return None;
    }
    let (now, later) = (panel.row(panel.price, day), panel.row(panel.price, day + horizon));
    let mask = panel.is_excluded.map(|mask| panel.row(mask, day));
    let rows: Vec<&[f64]> = factors.iter().map(|(_, values)| panel.row(values, day)).collect();
    let is_complete = |i: &usize| {
        let is_excluded = mask.is_some_and(|mask| mask[*i]);
        !is_excluded && (later[*i] / now[*i]).is_finite() && rows.iter().all(|x| x[*i].is_finite())
    };
    let kept: Vec<usize> = (0..panel.n_stocks).filter(is_complete).collect();
    if kept.len() < 2 * (factors.len() + 1) {
        return None;
    }
    let returns: Vec<f64> = kept.iter().map(|&i| later[i] / now[i] - 1.0).collect();
    let columns: Vec<Vec<f64>> =
        rows.iter().map(|row| kept.iter().map(|&i| row[i]).collect()).collect();
    let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    ols(&returns, &columns, Intercept::Included).ok().map(|fit| fit.coefficients)
}

fn premium(
    name: &str,
    daily: Vec<f64>,
    horizon: usize,
    testing: &Testing,
) -> Result<Premium, MarketError> {
    let failed = || statistic("the premium");
    let observed: Vec<f64> = daily.iter().copied().filter(|x| !x.is_nan()).collect();
    let n = observed.len();
    if n < MIN_DAYS {
        let cause = StatError::TooFewObservations { needed: MIN_DAYS, found: n };
        return Err(failed()(cause));
    }
    let lag = testing.lag.lag(n, horizon);
    let robust = newey_west_mean(&observed, lag, testing.small_sample).map_err(failed())?;
    let mean = mean(&observed).map_err(failed())?;
    let std = std(&observed, 1).map_err(failed())?;
    let t_plain = mean / std * (n as f64).sqrt();
    Ok(Premium { factor: name.to_owned(), mean, t_plain, t_newey_west: robust.t, n, daily })
}

#[cfg(test)]
mod tests {
    use super::*;
    use shoals_core::TradingDay;

    /// Returns made of known premia come back to rounding; the premium varies from day to day, so its
    /// t is that of the made series.
    #[test]
    fn premia_that_were_put_in_are_found() {
        let (n_days, n_stocks) = (41, 30);
        let wave = |t: usize, f: f64| (t as f64 * f).sin();
        let exposure = |t: usize, i: usize| wave(t * n_stocks + i, 0.61);
        let other = |t: usize, i: usize| wave(t * n_stocks + i, 1.37);
        let premium_of = |t: usize| 0.01 + 0.005 * wave(t, 0.8);
        let days: Vec<TradingDay> =
            (0..n_days).map(|t| TradingDay::from_epoch_days(19_000 + t as i32)).collect();
        let rows = |f: &dyn Fn(usize, usize) -> f64| -> Vec<f64> {
            (0..n_days)
                .flat_map(|t| (0..n_stocks).map(move |i| (t, i)))
                .map(|(t, i)| f(t, i))
                .collect()
        };
        let (first, second) = (rows(&exposure), rows(&other));
        let mut price = vec![1.0; n_stocks];
        for t in 1..n_days {
            for i in 0..n_stocks {
                let earned =
                    0.001 + premium_of(t - 1) * exposure(t - 1, i) - 0.002 * other(t - 1, i);
                price.push(price[(t - 1) * n_stocks + i] * (1.0 + earned));
            }
        }
        let panel = FactorPanel::new(&days, &first, &price).unwrap();
        let factors: [(&str, &[f64]); 2] = [("first", &first), ("second", &second)];
        let premia = fama_macbeth(&panel, &factors, 1, &Testing::default()).unwrap();
        let made: Vec<f64> = (0..n_days - 1).map(premium_of).collect();
        let expected = mean(&made).unwrap();
        assert!((premia[0].mean - 0.001).abs() < 1e-12);
        assert!((premia[1].mean - expected).abs() < 1e-12);
        assert!((premia[2].mean + 0.002).abs() < 1e-12);
        let t = expected / std(&made, 1).unwrap() * 40f64.sqrt();
        assert!((premia[1].t_plain / t - 1.0).abs() < 1e-9);
        assert_eq!(premia[1].n, 40);
        assert!(fama_macbeth(&panel, &factors, 35, &Testing::default()).is_err());
    }
}
