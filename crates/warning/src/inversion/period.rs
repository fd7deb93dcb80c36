//! The size ladder over months and over windows.

use serde::Serialize;
use shoals_core::TradingDay;
use shoals_stats::rank::spearman;

use super::band::index_band_and_share;
use super::closes::Closes;
use super::{InversionConfig, Window};
use crate::WarningError;

/// The size ladder over one period.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Period {
    /// `2024-01` for a month, `2023-12-29..2024-02-07` for a window.
    pub period: String,
    /// Day of the close the returns count from.
    pub from: TradingDay,
    /// Day of the last close.
    pub to: TradingDay,
    /// Number of daily returns.
    pub n_days: usize,
    /// Simple return of each segment, largest companies first.
    pub returns: Vec<f64>,
    /// Spearman correlation of smallness and return; -1 is a perfect inversion. NaN when all
    /// returns are equal.
    pub rank_correlation: f64,
    /// The inversion index: return of the smallest segment minus that of the largest.
    pub micro_minus_large: f64,
    /// Whether `rank_correlation` is at or below minus the threshold.
    pub is_inverted: bool,
    /// Lower end of the bootstrap band of `micro_minus_large`; NaN below five days.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Share of bootstrap replications that are inverted.
    pub inverted_share: f64,
}

/// Every month with a close before it, from the month of `config.from` on.
pub(super) fn months(
    closes: &Closes,
    config: &InversionConfig,
) -> Result<Vec<Period>, WarningError> {
    let month_ends: Vec<usize> = (0..closes.days.len())
        .filter(|&t| {
            let next = closes.days.get(t + 1);
            next.is_none_or(|next| next.month_key() != closes.days[t].month_key())
        })
        .collect();
    month_ends
        .windows(2)
        .filter(|pair| config.from.is_none_or(|from| closes.days[pair[1]] >= from))
        .map(|pair| period(closes, closes.days[pair[1]].month_key(), pair[0], pair[1], config))
        .collect()
}

/// Every window asked for.
pub(super) fn windows(
    closes: &Closes,
    config: &InversionConfig,
) -> Result<Vec<Period>, WarningError> {
    config.all_windows().into_iter().map(|window| window_period(closes, window, config)).collect()
}

fn window_period(
    closes: &Closes,
    window: Window,
    config: &InversionConfig,
) -> Result<Period, WarningError> {
    let Window { from, to } = window;
    let ends = (closes.position_as_of(from), closes.position_as_of(to));
    match ends {
        (Some(base), Some(end)) if base < end => {
            period(closes, format!("{from}..{to}"), base, end, config)
        }
        _ => {
            let (first, last) = (closes.days[0], closes.days[closes.days.len() - 1]);
            Err(WarningError::WindowOutsideData { from, to, first, last })
        }
    }
}

fn period(
    closes: &Closes,
    period: String,
    base: usize,
    end: usize,
    config: &InversionConfig,
) -> Result<Period, WarningError> {
    let returns = closes.returns(base, end);
    let rank_correlation = smallness_correlation(&returns);
    let (band, inverted_share) = index_band_and_share(closes, base, end, config)?;
    Ok(Period {
        period,
        from: closes.days[base],
        to: closes.days[end],
        n_days: end - base,
        micro_minus_large: returns[returns.len() - 1] - returns[0],
        returns,
        rank_correlation,
        is_inverted: is_inverted(rank_correlation, config),
        low: band.low,
        high: band.high,
        inverted_share,
    })
}

/// Spearman correlation of smallness (the position in `returns`, largest first) and return; NaN when
/// all returns are equal.
pub(super) fn smallness_correlation(returns: &[f64]) -> f64 {
    let smallness: Vec<f64> = (1..=returns.len()).map(|rank| rank as f64).collect();
    spearman(&smallness, returns).unwrap_or(f64::NAN)
}

pub(super) fn is_inverted(rank_correlation: f64, config: &InversionConfig) -> bool {
    // -0.8 itself comes out of the ranks with rounding.
    rank_correlation <= -config.flag_threshold + 1e-12
}
