//! How sure is a period's inversion? Resampling its own days in blocks, all segments together.

use shoals_stats::StatError;
use shoals_stats::bootstrap::{Band, Bootstrap, automatic_block_length, band_of};

use super::InversionConfig;
use super::closes::Closes;
use super::period::{is_inverted, smallness_correlation};
use crate::WarningError;

/// Fewest days a band is drawn from.
const MIN_DAYS: usize = 5;

/// Most positions kept for windows of one length; beyond, each window draws its own.
const MAX_SHARED: usize = 5_000_000;

/// The resampled positions of every replication, for windows that share a length.
pub(super) type Draws = Vec<Vec<usize>>;

/// The draws that all windows of `n_days` share: the plan of such a window depends on nothing else,
/// so drawing once gives the bands that drawing for each would. None when each window chooses its
/// own block length, has no band, or the draws would fill the memory.
pub(super) fn shared_draws(
    n_days: usize,
    config: &InversionConfig,
) -> Result<Option<Draws>, WarningError> {
    let is_large = config.replications.saturating_mul(n_days) > MAX_SHARED;
    match config.block_length {
        Some(length) if config.replications > 0 && n_days >= MIN_DAYS && !is_large => {
            let plan = plan_of(n_days, length, config)?;
            plan.replicate(n_days, <[usize]>::to_vec).map(Some).map_err(failed)
        }
        _ => Ok(None),
    }
}

/// Band of the inversion index over the days after `base` up to `end`; NaN when there are too few
/// days or no replications are asked for.
pub(super) fn index_band(
    closes: &Closes,
    base: usize,
    end: usize,
    config: &InversionConfig,
    draws: Option<&Draws>,
) -> Result<Band, WarningError> {
    let rows = &closes.log_returns;
    let (large, micro) = (&rows[0][base + 1..=end], &rows[rows.len() - 1][base + 1..=end]);
    let index = |days: &[usize]| total(micro, days) - total(large, days);
    if let Some(draws) = draws {
        let replications: Vec<f64> = draws.iter().map(|days| index(days)).collect();
        return band_of(&replications, config.tail_probability).map_err(failed);
    }
    let Some(plan) = plan(closes, base, end, config)? else { return Ok(NO_BAND) };
    plan.band(end - base, config.tail_probability, index).map_err(failed)
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
    let length = config.block_length.unwrap_or_else(|| own_length(closes, base, end, config));
    plan_of(end - base, length, config).map(Some)
}

fn plan_of(
    n_days: usize,
    length: f64,
    config: &InversionConfig,
) -> Result<Bootstrap, WarningError> {
    let (scheme, seed) = (config.block_scheme, config.seed.part("inversion"));
    Bootstrap::new(scheme, length.min(n_days as f64), config.replications, seed).map_err(failed)
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

#[cfg(test)]
mod tests {
    use super::*;
    use shoals_core::{Segment, Series, day};

    /// Drawing once for all windows gives the bytes that drawing for each one gives.
    #[test]
    fn shared_draws_are_each_windows_own() {
        let config = InversionConfig { replications: 60, ..InversionConfig::default() };
        let days: Vec<_> = (0..40).map(|i| day(2024, 1, 1).plus_calendar_days(i)).collect();
        let rung = |segment: Segment, phase: f64| {
            let close = (0..40).map(|i| 100.0 + (f64::from(i) * phase).sin()).collect();
            (segment, Series::new(segment.name(), days.clone(), close).unwrap())
        };
        let ladder =
            [rung(Segment::Micro, 0.9), rung(Segment::Csi1000, 0.5), rung(Segment::Csi300, 0.3)];
        let closes = Closes::align(&ladder, &config).unwrap();
        let draws = shared_draws(20, &config).unwrap();
        assert!(draws.is_some());
        for base in 0..19 {
            let band = |draws| index_band(&closes, base, base + 20, &config, draws).unwrap();
            assert_eq!(band(draws.as_ref()), band(None));
        }
    }
}
