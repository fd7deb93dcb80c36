//! The size ladder over a window that moves with every day, and the streaks of inverted days.

use serde::Serialize;
use shoals_core::TradingDay;

use super::InversionConfig;
use super::band::{index_band, shared_draws};
use super::closes::Closes;
use super::period::{is_inverted, smallness_correlation};
use crate::WarningError;

/// The size ladder over the window that ends at a day's close.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RollingDay {
    /// Last day of the window.
    pub date: TradingDay,
    /// Spearman correlation of smallness and return over the window.
    pub rank_correlation: f64,
    /// Return of the smallest segment minus that of the largest over the window.
    pub micro_minus_large: f64,
    /// Whether the window is inverted.
    pub is_inverted: bool,
    /// Lower end of the bootstrap band of `micro_minus_large`.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// Days in a row whose window is inverted.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Streak {
    /// First inverted day.
    pub start: TradingDay,
    /// Last inverted day.
    pub end: TradingDay,
    /// Number of days.
    pub days: usize,
    /// Return of the smallest segment minus that of the largest from the close before `start` to
    /// the close of `end`.
    pub micro_minus_large: f64,
    /// Whether `start` is the first day the closes can tell about, so that the streak may have begun
    /// before it.
    pub began_before: bool,
}

/// Every day with a full window behind it.
pub(super) fn rolling(
    closes: &Closes,
    config: &InversionConfig,
) -> Result<Vec<RollingDay>, WarningError> {
    let draws = shared_draws(config.rolling_days, config)?;
    (config.rolling_days..closes.days.len())
        .filter(|&end| config.from.is_none_or(|from| closes.days[end] >= from))
        .map(|end| {
            let base = end - config.rolling_days;
            let (returns, rank_correlation) = ladder(closes, base, end);
            let band = index_band(closes, base, end, config, draws.as_ref())?;
            Ok(RollingDay {
                date: closes.days[end],
                rank_correlation,
                micro_minus_large: returns[returns.len() - 1] - returns[0],
                is_inverted: is_inverted(rank_correlation, config),
                low: band.low,
                high: band.high,
            })
        })
        .collect()
}

/// The runs of inverted days that reach `from` or later, each from its own first day: the windows
/// before `from` are read as well.
pub(super) fn streaks(closes: &Closes, config: &InversionConfig) -> Vec<Streak> {
    let first = config.rolling_days;
    let flags: Vec<(usize, bool)> = (first..closes.days.len())
        .map(|end| (end, is_inverted(ladder(closes, end - first, end).1, config)))
        .collect();
    flags
        .chunk_by(|a, b| a.1 == b.1)
        .filter(|run| run[0].1)
        .map(|run| streak(closes, run[0].0, run[run.len() - 1].0, first))
        .filter(|streak| config.from.is_none_or(|from| streak.end >= from))
        .collect()
}

fn streak(closes: &Closes, start: usize, end: usize, first: usize) -> Streak {
    let returns = closes.returns(start - 1, end);
    Streak {
        start: closes.days[start],
        end: closes.days[end],
        days: end - start + 1,
        micro_minus_large: returns[returns.len() - 1] - returns[0],
        began_before: start == first,
    }
}

/// Return of each segment between two positions, and their correlation with smallness.
fn ladder(closes: &Closes, base: usize, end: usize) -> (Vec<f64>, f64) {
    let returns = closes.returns(base, end);
    let rank_correlation = smallness_correlation(&returns);
    (returns, rank_correlation)
}
