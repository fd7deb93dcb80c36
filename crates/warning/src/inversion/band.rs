//! How sure is a period's inversion? Resampling its own days in blocks, all segments together.

use shoals_stats::StatError;
use shoals_stats::bootstrap::{Band, Bootstrap, automatic_block_length, band_of};

use super::InversionConfig;
use super::closes::Closes;
use super::period::{is_inverted, smallness_correlation};
use crate::WarningError;

/// Fewest days a band is drawn from.
const MIN_DAYS: usize = 5;

/// Band of the inversion index over the days after `base` up to `end`; NaN when there are too few
/// days or no replications are asked for.
pub(super) fn index_band(
    closes: &Closes,
    base: usize,
    end: usize,
    config: &InversionConfig,
) -> Result<Band, WarningError> {
    let Some(plan) = plan(closes, base, end, config)? else { return Ok(NO_BAND) };
    let rows = &closes.log_returns;
    let (large, micro) = (&rows[0][base + 1..=end], &rows[rows.len() - 1][base + 1..=end]);
    plan.band(end - base, config.tail_probability, |days| total(micro, days) - total(large, days))
        .map_err(failed)
}

/// The band, and the share of replications that are inverted as well.
pub(super) fn index_band_and_share(
    closes: &Closes,
    base: usize,
    end: usize,
    config: &InversionConfig,
) -> Result<(Band, f64), WarningError> {
    let Some(plan) = plan(closes, base, end, config)? else { return Ok((NO_BAND, f64::NAN)) };
    let replications = plan
        .replicate(end - base, |days| {
            let rows = closes.log_returns.iter();
            let returns: Vec<f64> = rows.map(|row| total(&row[base + 1..=end], days)).collect();
            let index = returns[returns.len() - 1] - returns[0];
            (index, is_inverted(smallness_correlation(&returns), config))
        })
        .map_err(failed)?;
    let n_inverted = replications.iter().filter(|(_, is_inverted)| *is_inverted).count();
    let indices: Vec<f64> = replications.iter().map(|(index, _)| *index).collect();
    let band = band_of(&indices, config.tail_probability).map_err(failed)?;
    Ok((band, n_inverted as f64 / indices.len() as f64))
}

const NO_BAND: Band = Band { low: f64::NAN, high: f64::NAN };

/// The resampling plan of a stretch of days. It is made from that stretch alone, so no band knows
/// a later day.
fn plan(
    closes: &Closes,
    base: usize,
    end: usize,
    config: &InversionConfig,
) -> Result<Option<Bootstrap>, WarningError> {
    if config.replications == 0 || end - base < MIN_DAYS {
        return Ok(None);
    }
    let n_days = (end - base) as f64;
    let length = config.block_length.unwrap_or_else(|| own_length(closes, base, end, config));
    let (scheme, seed) = (config.block_scheme, config.seed.part("inversion"));
    let plan = Bootstrap::new(scheme, length.min(n_days), config.replications, seed);
    plan.map(Some).map_err(failed)
}

/// The block length of the daily inversion index; single days when it cannot be told.
fn own_length(closes: &Closes, base: usize, end: usize, config: &InversionConfig) -> f64 {
    let rows = &closes.log_returns;
    let (large, micro) = (&rows[0], &rows[rows.len() - 1]);
    let index: Vec<f64> = (base + 1..=end).map(|t| micro[t] - large[t]).collect();
    automatic_block_length(&index, config.block_scheme).unwrap_or(1.0)
}

/// Simple return over the drawn days.
fn total(log_returns: &[f64], days: &[usize]) -> f64 {
    days.iter().map(|&t| log_returns[t]).sum::<f64>().exp_m1()
}

fn failed(cause: StatError) -> WarningError {
    WarningError::Statistic { what: "a band of the inversion index", cause }
}
