//! What followed the alarms, beside all other days.

use serde::Serialize;
use shoals_core::{Text, TradingDay};
use shoals_stats::hac::{LagRule, SmallSample, newey_west};
use shoals_stats::regression::{Intercept, ols};
use shoals_stats::significance::two_sided_p_value;

use super::{DrainAlarm, DrainKind, LiquidityConfig};
use crate::WarningError;
use crate::leg::returns_after;

/// What the smallest companies returned after one kind of alarm.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AlarmRecord {
    /// Kind of alarm.
    pub kind: DrainKind,
    /// Trading days after the day of the alarm.
    pub horizon: usize,
    /// Days with the alarm.
    pub n_alarms: usize,
    /// Runs of such days, a gap of at most five days within.
    pub n_episodes: usize,
    /// Days with a return of that length after them, with and without an alarm.
    pub n_days: usize,
    /// Mean return after an alarm, decimal.
    pub mean_after: f64,
    /// Mean return after all other days.
    pub mean_otherwise: f64,
    /// The one less the other.
    pub difference: f64,
    /// Newey-West error of the difference, with as many lags as returns overlap.
    pub standard_error: f64,
    /// Two-sided, of the normal law.
    pub p_value: f64,
    /// What that is worth, in words.
    #[serde(serialize_with = "Text::serialize_english")]
    pub verdict: Text,
}

/// Days between alarms that still are one episode.
const EPISODE_GAP: usize = 5;

/// Fewest episodes of which a difference is judged.
const MIN_EPISODES: usize = 5;

/// The record of every kind at every horizon, over the days told about.
pub(super) fn record(
    returns: &[f64],
    days: &[TradingDay],
    alarms: &[DrainAlarm],
    config: &LiquidityConfig,
) -> Result<Vec<AlarmRecord>, WarningError> {
    let mut rows = Vec::new();
    for kind in DrainKind::ALL {
        let at: Vec<usize> = alarms
            .iter()
            .filter(|alarm| alarm.kind == kind)
            .filter_map(|alarm| days.binary_search(&alarm.date).ok())
            .collect();
        for &horizon in &config.record_days {
            let after = returns_after(returns, horizon);
            let told: Vec<usize> = (0..days.len())
                .filter(|&t| config.tells(days[t]) && after[t].is_finite())
                .collect();
            rows.push(row(kind, horizon, &at, &told, &after)?);
        }
    }
    Ok(rows)
}

fn row(
    kind: DrainKind,
    horizon: usize,
    at: &[usize],
    told: &[usize],
    after: &[f64],
) -> Result<AlarmRecord, WarningError> {
    let is_alarm: Vec<f64> =
        told.iter().map(|t| f64::from(u8::from(at.binary_search(t).is_ok()))).collect();
    let values: Vec<f64> = told.iter().map(|&t| after[t]).collect();
    let n_known = is_alarm.iter().filter(|flag| **flag == 1.0).count();
    let n_episodes =
        at.iter().enumerate().filter(|&(k, t)| k == 0 || t - at[k - 1] > EPISODE_GAP).count();
    let mut row = AlarmRecord {
        kind,
        horizon,
        n_alarms: at.len(),
        n_episodes,
        n_days: told.len(),
        mean_after: f64::NAN,
        mean_otherwise: f64::NAN,
        difference: f64::NAN,
        standard_error: f64::NAN,
        p_value: f64::NAN,
        verdict: Text::default(),
    };
    if n_known > 0 && n_known < told.len() && told.len() > horizon.max(10) {
        let failed = |cause| WarningError::Statistic { what: "the record of an alarm", cause };
        let fit = ols(&values, &[&is_alarm], Intercept::Included).map_err(failed)?;
        let lag = LagRule::default().lag(values.len(), horizon);
        row.standard_error = newey_west(&fit, lag, SmallSample::Plain).map_err(failed)?[1];
        row.mean_otherwise = fit.coefficients[0];
        row.difference = fit.coefficients[1];
        row.mean_after = row.mean_otherwise + row.difference;
        row.p_value = two_sided_p_value(row.difference / row.standard_error);
    }
    row.verdict = verdict(&row);
    Ok(row)
}

fn verdict(row: &AlarmRecord) -> Text {
    if row.difference.is_nan() {
        return Text::new("没有可供检验的报警", "no alarm to judge by");
    }
    let (n, p) = (row.n_episodes, row.p_value);
    if n < MIN_EPISODES {
        return Text::new(
            format!("只有 {n} 次事件，不足以判断，误差也信不过"),
            format!("{n} episodes only: too few to judge by, and the error cannot be trusted"),
        );
    }
    if p >= 0.05 {
        return Text::new(
            format!("看不出报警之后与平日不同（p = {p:.2}）"),
            format!("no evidence that what follows an alarm differs (p = {p:.2})"),
        );
    }
    if row.difference < 0.0 {
        Text::new(
            format!("报警之后更差（p = {p:.3}）"),
            format!("worse after an alarm (p = {p:.3})"),
        )
    } else {
        Text::new(
            format!("报警之后反弹（p = {p:.3}）：报警说的是已经发生的事"),
            format!("a rebound after an alarm (p = {p:.3}): it tells of what has happened already"),
        )
    }
}
