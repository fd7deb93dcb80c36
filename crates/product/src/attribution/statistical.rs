//! Daily returns against factors: betas and their bands, shares, clocks and tops.

use shoals_core::TradingDay;
use shoals_core::number::TRADING_DAYS_PER_YEAR;
use shoals_stats::StatError;
use shoals_stats::bootstrap::{Bootstrap, Scheme};
use shoals_stats::breaks::{Noise, mean_break};
use shoals_stats::hac::{SmallSample, automatic_lag, newey_west};
use shoals_stats::kalman::walking_regression;
use shoals_stats::moments;
use shoals_stats::normal::normal_quantile;
use shoals_stats::regression::{Fit, Intercept, ols};
use shoals_stats::shapley::r_squared_shares;
use shoals_stats::summit::summit_test;

use super::outcome::{BetaLine, ClockLine, CoefficientLine, Statistics, TopLine};
use super::{AttributionConfig, Factor};
use crate::Error;

/// Fewest days a regression is asked of.
const MIN_DAYS: usize = 120;
/// Mean block of the null's paths, days.
const BLOCK_DAYS: f64 = 10.0;

/// Attributes daily returns to factors on the days all have one.
///
/// `r = alpha + sum of beta x factor + residual`, by least squares with Newey-West errors; the contribution of a
/// factor is its beta times its mean return, so that contributions and alpha add up to the mean return. Rolling
/// betas are those of the last `rolling_days`; wandering ones are filtered, with a constant alpha and steps of one
/// size in units of each factor's deviation. Both are read from the days up to their own; how fast betas wander is
/// estimated once, from the whole sample.
///
/// # Errors
/// Fewer than 120 common days, factors that are combinations of each other, or settings that are not legal.
pub fn of_returns(
    days: &[TradingDay],
    returns: &[f64],
    factors: &[Factor],
    config: &AttributionConfig,
) -> Result<Statistics, Error> {
    config.check()?;
    let sample = Sample::gather(days, returns, factors, config);
    let n = sample.days.len();
    let needed = MIN_DAYS.max(config.rolling_days + 1);
    if n < needed {
        return Err(Error::TooFewFactorDays { needed, found: n });
    }
    let failed = |what| move |cause: StatError| Error::Statistic { what, cause };
    let columns = sample.slices();
    let fit = ols(&sample.returns, &columns, Intercept::Included).map_err(failed("the betas"))?;
    let shares = r_squared_shares(&sample.returns, &columns).map_err(failed("the shares of R2"))?;
    let coefficients =
        coefficients(&sample, &fit, &shares, config).map_err(failed("the bands of the betas"))?;
    let betas = betas(&sample, config).map_err(failed("the betas over time"))?;
    let clocks = sample
        .factors
        .iter()
        .filter(|(name, _)| *name != "market")
        .map(|(name, values)| clock(name, &sample.days, values, config))
        .collect::<Result<_, StatError>>()
        .map_err(failed("the break dates"))?;
    Ok(Statistics { n_days: n, r_squared: fit.r_squared, coefficients, betas, clocks })
}

/// Returns and factors on their common days.
struct Sample {
    days: Vec<TradingDay>,
    returns: Vec<f64>,
    factors: Vec<(&'static str, Vec<f64>)>,
}

impl Sample {
    fn gather(
        days: &[TradingDay],
        returns: &[f64],
        factors: &[Factor],
        config: &AttributionConfig,
    ) -> Self {
        let mut sample = Self {
            days: Vec::new(),
            returns: Vec::new(),
            factors: factors.iter().map(|factor| (factor.name, Vec::new())).collect(),
        };
        let is_asked = |day: TradingDay| {
            config.from.is_none_or(|from| day >= from) && config.to.is_none_or(|to| day <= to)
        };
        for (&day, &value) in days.iter().zip(returns) {
            let row: Option<Vec<f64>> = factors.iter().map(|factor| factor.at(day)).collect();
            let Some(row) = row.filter(|_| value.is_finite() && is_asked(day)) else { continue };
            sample.days.push(day);
            sample.returns.push(value);
            for ((_, column), x) in sample.factors.iter_mut().zip(row) {
                column.push(x);
            }
        }
        sample
    }

    fn slices(&self) -> Vec<&[f64]> {
        self.factors.iter().map(|(_, values)| values.as_slice()).collect()
    }
}

fn coefficients(
    sample: &Sample,
    fit: &Fit,
    shares: &[f64],
    config: &AttributionConfig,
) -> Result<Vec<CoefficientLine>, StatError> {
    let errors = newey_west(fit, automatic_lag(sample.days.len()), SmallSample::Corrected)?;
    let width = normal_quantile(1.0 - config.tail_probability / 2.0);
    let year = TRADING_DAYS_PER_YEAR;
    let one = |i: usize, name: &str, scale: f64, mean: f64, share: f64| {
        let (beta, error) = (scale * fit.coefficients[i], scale * errors[i]);
        CoefficientLine {
            factor: name.to_owned(),
            beta,
            standard_error: error,
            t: beta / error,
            low: beta - width * error,
            high: beta + width * error,
            mean_return: mean,
            contribution: beta * if i == 0 { 1.0 } else { mean },
            share,
        }
    };
    let mut lines = Vec::new();
    for (i, (name, values)) in sample.factors.iter().enumerate() {
        let mean = moments::mean(values)? * year;
        lines.push(one(i + 1, name, 1.0, mean, shares[i]));
    }
    // Alpha is a return already: its beta is the annualised one.
    lines.push(one(0, "alpha", year, f64::NAN, 0.0));
    lines.push(CoefficientLine {
        factor: "residual".to_owned(),
        beta: f64::NAN,
        standard_error: f64::NAN,
        t: f64::NAN,
        low: f64::NAN,
        high: f64::NAN,
        mean_return: f64::NAN,
        contribution: 0.0,
        share: 1.0 - fit.r_squared,
    });
    Ok(lines)
}

fn betas(sample: &Sample, config: &AttributionConfig) -> Result<Vec<BetaLine>, StatError> {
    let (n, k, window) = (sample.days.len(), sample.factors.len(), config.rolling_days);
    let width = normal_quantile(1.0 - config.tail_probability / 2.0);
    let ones = vec![1.0; n];
    let mut design: Vec<&[f64]> = vec![&ones];
    design.extend(sample.slices());
    let mut weights = vec![0.0];
    for (_, values) in &sample.factors {
        weights.push(1.0 / moments::variance(values, 1)?);
    }
    let walk = walking_regression(&sample.returns, &design, &weights)?;
    let mut lines = Vec::with_capacity((n - window) * k);
    for t in window - 1..n {
        let from = t + 1 - window;
        let columns: Vec<&[f64]> =
            sample.factors.iter().map(|(_, values)| &values[from..=t]).collect();
        // A window in which a factor stood still has no beta of its own.
        let rolling = ols(&sample.returns[from..=t], &columns, Intercept::Included).ok();
        for (i, (name, _)) in sample.factors.iter().enumerate() {
            let (beta, error) = rolling.as_ref().map_or((f64::NAN, f64::NAN), |fit| {
                (fit.coefficients[i + 1], fit.standard_errors[i + 1])
            });
            let (state, spread) = (walk.filtered[t][i + 1], walk.standard_errors[t][i + 1]);
            lines.push(BetaLine {
                date: sample.days[t],
                factor: (*name).to_owned(),
                rolling: beta,
                rolling_low: beta - width * error,
                rolling_high: beta + width * error,
                walking: state,
                walking_low: state - width * spread,
                walking_high: state + width * spread,
            });
        }
    }
    Ok(lines)
}

/// When the mean of a factor's daily return changed most, and whether it did.
fn clock(
    name: &str,
    days: &[TradingDay],
    values: &[f64],
    config: &AttributionConfig,
) -> Result<ClockLine, StatError> {
    let noise = Noise::Autocorrelated(automatic_lag(values.len()));
    let confidence = 1.0 - config.tail_probability;
    let found = mean_break(values, config.trim, confidence, noise)?;
    let year = TRADING_DAYS_PER_YEAR;
    let first_after = (found.last_before + 1).min(days.len() - 1);
    Ok(ClockLine {
        factor: name.to_owned(),
        break_on: days[first_after],
        break_low: days[found.low.min(days.len() - 1)],
        break_high: days[found.high.min(days.len() - 1)],
        mean_before: found.mean_before * year,
        mean_after: found.mean_after * year,
        sup_f: found.sup_f,
        p_value: found.p_value,
        has_faded: found.mean_after < found.mean_before,
        is_proven: found.p_value < config.tail_probability,
    })
}

/// The top of the path these returns compound to, beside tops of paths with the same returns in another order; none
/// where the path has no top with `top_days` on either side.
///
/// The path is the cumulated log return. Tops of the null are those of stationary-bootstrap paths (mean block 10 days)
/// of the demeaned daily changes.
///
/// # Errors
/// A return at or below -1.
pub fn top_of(
    name: &str,
    days: &[TradingDay],
    returns: &[f64],
    config: &AttributionConfig,
) -> Result<Option<TopLine>, Error> {
    let failed = |cause| Error::Statistic { what: "the shape of a top", cause };
    if returns.len() < 2 * config.top_days + 1 {
        return Ok(None);
    }
    let mut level = 0.0;
    let path: Vec<f64> = returns
        .iter()
        .map(|r| {
            level += r.ln_1p();
            level
        })
        .collect();
    let plan = Bootstrap::new(Scheme::Stationary, BLOCK_DAYS, config.replications, config.seed)
        .map_err(failed)?;
    let test =
        summit_test(&path, config.top_days, &plan, config.tail_probability).map_err(failed)?;
    Ok(test.map(|test| TopLine {
        path: name.to_owned(),
        peak_on: days[test.summit.at],
        peakedness: test.summit.peakedness,
        rise: test.summit.rise,
        fall: test.summit.fall,
        depth: test.summit.depth,
        null_low: test.null[0],
        null_median: test.null[1],
        null_high: test.null[2],
        rank: test.rank,
        p_value: test.p_value,
        n: test.n,
    }))
}
