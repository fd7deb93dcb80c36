//! The naive rivals: what anybody could have read off the ratio itself.

use shoals_stats::rolling::{Window, rolling_std};

use super::{GaugeConfig, Ratio};
use crate::WarningError;

/// Danger by momentum: how far small has fallen behind large. NaN while the window fills.
pub(super) fn momentum(ratio: &Ratio, config: &GaugeConfig) -> Vec<f64> {
    let days = config.momentum_days;
    let score = |t: usize| match t.checked_sub(days) {
        Some(base) => 1.0 - ratio.values[t] / ratio.values[base],
        None => f64::NAN,
    };
    (0..ratio.values.len()).map(score).collect()
}

/// Danger by volatility: standard deviation of the daily difference of returns.
pub(super) fn volatility(ratio: &Ratio, config: &GaugeConfig) -> Result<Vec<f64>, WarningError> {
    let statistic = |cause| WarningError::Statistic { what: "the volatility rival", cause };
    let window = Window::full(config.volatility_days).map_err(statistic)?;
    rolling_std(&ratio.spread, window, 1).map_err(statistic)
}
