//! Is a daily information coefficient different from zero, and by how much?
//!
//! Mean, deviation (divisor n - 1), ICIR = mean / deviation, the plain t = ICIR sqrt(n), the t with
//! Newey-West errors that overlapping horizons need, the share of positive days, and a band of the
//! mean from resampled blocks of days. Sources: Grinold and Kahn (2000); Newey and West (1987);
//! Politis and Romano (1994).

use serde::{Deserialize, Serialize};
use shoals_core::Seed;
use shoals_stats::StatError;
use shoals_stats::bootstrap::{Band, Bootstrap, Scheme, automatic_block_length};
use shoals_stats::hac::{LagRule, SmallSample, newey_west_mean};
use shoals_stats::moments::{mean, std};

use crate::MarketError;
use crate::error::{require_setting, statistic};

/// Fewest days a summary is made of.
pub const MIN_DAYS: usize = 10;

/// How a series of coefficients is tested. A value of this type is always legal.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "RawTesting")]
pub struct Testing {
    pub(super) lag: LagRule,
    pub(super) small_sample: SmallSample,
    replications: usize,
    block_length: Option<f64>,
    tail_probability: f64,
    seed: Seed,
}

/// The same words as in the file, not yet believed.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RawTesting {
    /// Autocovariances in Newey-West errors.
    lag: LagRule,
    /// Small-sample factor of those errors.
    small_sample: SmallSample,
    /// Bootstrap replications of each band; 0 leaves the bands out.
    replications: usize,
    /// Mean block length in days; none is chosen from each series, at least the horizon.
    block_length: Option<f64>,
    /// Probability outside a band, both sides together.
    tail_probability: f64,
    /// Seed of the bands.
    seed: Seed,
}

impl Default for RawTesting {
    fn default() -> Self {
        Self {
            lag: LagRule::default(),
            small_sample: SmallSample::default(),
            replications: 1_000,
            block_length: None,
            tail_probability: 0.10,
            seed: Seed::default(),
        }
    }
}

impl Default for Testing {
    /// The longer of overlap and automatic lag, 90 % bands from 1,000 replications.
    fn default() -> Self {
        Self::try_from(RawTesting::default()).expect("the defaults are legal")
    }
}

impl TryFrom<RawTesting> for Testing {
    type Error = MarketError;

    fn try_from(raw: RawTesting) -> Result<Self, MarketError> {
        let RawTesting { lag, small_sample, replications, block_length, tail_probability, seed } =
            raw;
        let (tail, length) = (tail_probability, block_length.unwrap_or(1.0));
        require_setting(
            "replications",
            replications as f64,
            "0 to 100,000",
            replications <= 100_000,
        )?;
        let is_length = (1.0..=1_000.0).contains(&length);
        require_setting("block_length", length, "1 to 1,000 days", is_length)?;
        require_setting("tail_probability", tail, "(0, 1)", 0.0 < tail && tail < 1.0)?;
        Ok(Self { lag, small_sample, replications, block_length, tail_probability, seed })
    }
}

impl Testing {
    /// Without bands, when only the tests are wanted.
    #[must_use]
    pub fn without_bands(mut self) -> Self {
        self.replications = 0;
        self
    }

    /// With bands drawn from another seed.
    #[must_use]
    pub fn with_seed(mut self, seed: Seed) -> Self {
        self.seed = seed;
        self
    }

    /// With another rule for the lag of Newey-West errors.
    #[must_use]
    pub fn with_lag(mut self, lag: LagRule) -> Self {
        self.lag = lag;
        self
    }
}

/// What a series of daily coefficients says.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Summary {
    /// Days with a coefficient.
    pub n: usize,
    /// Their mean.
    pub mean: f64,
    /// Their standard deviation, divisor n - 1.
    pub std: f64,
    /// `mean / std`, a day; times the root of the days a year for the annual one.
    pub icir: f64,
    /// `icir sqrt(n)`: too large when horizons overlap.
    pub t_plain: f64,
    /// `mean` over its Newey-West error.
    pub t_newey_west: f64,
    /// Share of days above zero.
    pub win_rate: f64,
    /// Band of the mean; NaN when none was asked for.
    pub band: Band,
}

/// Summarises the daily coefficients of forward returns over `horizon` days.
///
/// Missing: days without coefficient are left out and their neighbours close up.
///
/// # Errors
/// Fewer than [`MIN_DAYS`] days, no variation, or a lag not below their number.
pub fn summarise(
    coefficients: &[f64],
    horizon: usize,
    testing: &Testing,
) -> Result<Summary, MarketError> {
    let series: Vec<f64> = coefficients.iter().copied().filter(|x| !x.is_nan()).collect();
    let n = series.len();
    if n < MIN_DAYS {
        let cause = StatError::TooFewObservations { needed: MIN_DAYS, found: n };
        return Err(statistic("the information coefficient")(cause));
    }
    let failed = || statistic("the information coefficient");
    let mean = mean(&series).map_err(failed())?;
    let std = std(&series, 1).map_err(failed())?;
    if std <= mean.abs() * f64::EPSILON * 4.0 {
        let cause = StatError::Constant { what: "the information coefficient" };
        return Err(failed()(cause));
    }
    let lag = testing.lag.lag(n, horizon);
    let robust = newey_west_mean(&series, lag, testing.small_sample).map_err(failed())?;
    Ok(Summary {
        n,
        mean,
        std,
        icir: mean / std,
        t_plain: mean / std * (n as f64).sqrt(),
        t_newey_west: robust.t,
        win_rate: series.iter().filter(|&&x| x > 0.0).count() as f64 / n as f64,
        band: band(&series, horizon, testing).map_err(failed())?,
    })
}

fn band(series: &[f64], horizon: usize, testing: &Testing) -> Result<Band, StatError> {
    if testing.replications == 0 {
        return Ok(Band { low: f64::NAN, high: f64::NAN });
    }
    let length = match testing.block_length {
        Some(length) => length,
        None => automatic_block_length(series, Scheme::Stationary)?.max(horizon as f64),
    };
    let plan = Bootstrap::new(Scheme::Stationary, length, testing.replications, testing.seed)?;
    let mean = |at: &[usize]| at.iter().map(|&i| series[i]).sum::<f64>() / at.len() as f64;
    plan.band(series.len(), testing.tail_probability, mean)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series() -> Vec<f64> {
        (0..200).map(|i| 0.03 + 0.1 * (f64::from(i) * 0.37).sin()).collect()
    }

    #[test]
    fn a_band_holds_its_mean_and_widens_with_its_level() {
        let read = |text: &str| serde_json::from_str::<Testing>(text).unwrap();
        let ninety = summarise(&series(), 1, &read("{}")).unwrap();
        let half = summarise(&series(), 1, &read(r#"{"tail_probability":0.5}"#)).unwrap();
        assert!(ninety.band.low < half.band.low && half.band.high < ninety.band.high);
        assert!((half.band.low..half.band.high).contains(&ninety.mean));
        assert!((ninety.t_plain - ninety.icir * 200f64.sqrt()).abs() < 1e-12);
        let bare = summarise(&series(), 1, &Testing::default().without_bands()).unwrap();
        assert!(bare.band.low.is_nan());
    }

    #[test]
    fn missing_days_are_left_out_and_too_few_refused() {
        let mut gappy = vec![f64::NAN; 5];
        gappy.extend(series());
        let testing = Testing::default();
        assert_eq!(
            summarise(&gappy, 5, &testing).unwrap(),
            summarise(&series(), 5, &testing).unwrap()
        );
        assert!(summarise(&gappy[..12], 1, &testing).is_err());
        assert!(summarise(&[0.1; 30], 1, &testing).is_err());
    }

    #[test]
    fn illegal_tests_are_refused() {
        let read = |text: &str| serde_json::from_str::<Testing>(text);
        assert!(read(r#"{"tail_probability":1.0}"#).is_err());
        assert!(read(r#"{"block_length":0.0}"#).is_err());
        assert!(read(r#"{"lags":3}"#).is_err());
        assert_eq!(read(r#"{"lag":{"fixed":4}}"#).unwrap().lag, LagRule::Fixed(4));
    }
}
