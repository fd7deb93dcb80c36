//! How far from usual is the lead of one index on the other?

use serde::Serialize;
use shoals_core::TradingDay;
use shoals_stats::percentile::percentile_of;
use shoals_stats::tail::{HillTail, hill};

use super::BubbleConfig;
use super::ratio::LogRatio;
use crate::WarningError;

/// One day's lead.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Extremity {
    /// The day.
    pub date: TradingDay,
    /// Change of the ratio over the trailing window, decimal.
    pub excess: f64,
    /// Share of all days so far with a smaller one, in `[0, 1]`.
    pub percentile: f64,
    /// The ratio over its trailing average less 1, decimal; NaN before there is one.
    pub distance: f64,
}

/// Tail of the daily changes of the ratio, on the side where the index above the line falls behind.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Tail {
    /// Hill's exponent: moments of this order and above do not exist.
    pub exponent: f64,
    /// Its standard error.
    pub error: f64,
    /// Changes it is estimated from.
    pub n_tail: usize,
    /// The least bad of them, log.
    pub threshold: f64,
}

pub(super) fn extremity(
    ratio: &LogRatio,
    config: &BubbleConfig,
) -> Result<Vec<Extremity>, WarningError> {
    let (value, lead) = (&ratio.value, config.excess_days);
    let excess: Vec<f64> =
        (lead..value.len()).map(|t| (value[t] - value[t - lead]).exp_m1()).collect();
    let day = |(i, &excess_now): (usize, &f64)| {
        let t = lead + i;
        let percentile = percentile_of(&excess[..=i], excess_now)
            .map_err(|cause| WarningError::Statistic { what: "a percentile of the lead", cause })?;
        let distance = (t + 1).checked_sub(config.average_days).map_or(f64::NAN, |start| {
            let window = value[start..=t].iter().map(|ratio| (ratio - value[t]).exp());
            config.average_days as f64 / window.sum::<f64>() - 1.0
        });
        Ok(Extremity { date: ratio.days[t], excess: excess_now, percentile, distance })
    };
    excess.iter().enumerate().map(day).collect()
}

/// None where too few changes were losses.
pub(super) fn tail(ratio: &LogRatio, config: &BubbleConfig) -> Result<Option<Tail>, WarningError> {
    let losses: Vec<f64> = ratio.value.windows(2).map(|w| w[0] - w[1]).collect();
    let n_tail = (config.tail_share * losses.len() as f64).floor() as usize;
    match hill(&losses, n_tail) {
        Ok(HillTail { exponent, error, threshold }) => {
            Ok(Some(Tail { exponent, error, n_tail, threshold }))
        }
        Err(shoals_stats::StatError::NotFinite { position, found }) => {
            Err(WarningError::Statistic {
                what: "the tail of the daily changes",
                cause: shoals_stats::StatError::NotFinite { position, found },
            })
        }
        Err(_) => Ok(None),
    }
}
