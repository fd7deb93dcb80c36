//! What stood on the gauge at each close.

use serde::Serialize;
use shoals_core::TradingDay;
use shoals_stats::rolling::trailing_percentile;

use super::{Component, Danger, GaugeConfig, Group, Ratio};
use crate::WarningError;

/// The gauge at one close.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct GaugeDay {
    /// The day.
    pub date: TradingDay,
    /// Small over large, as they are quoted.
    pub ratio: f64,
    /// Mean danger of each group in `[0, 1]`, in the order of [`Group::ALL`]; NaN for a silent one.
    pub groups: [f64; 4],
    /// Mean of the groups, in `[0, 1]`; NaN with too few.
    pub composite: f64,
    /// Percentile of the composite in its own past, in `[0, 1]`.
    pub level: f64,
    /// Whether an alarm stands.
    pub is_alarm: bool,
    /// Worst return of small over large within the horizon after it; NaN while not all of it is known.
    pub worst_ahead: f64,
}

/// One component at one close.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ComponentReading {
    /// The day.
    pub date: TradingDay,
    /// Its stable name.
    pub component: String,
    /// What it speaks of.
    pub group: Group,
    /// Its value, in its own unit; NaN when too old.
    pub value: f64,
    /// Percentile in its own past, turned so that 1 is danger.
    pub danger: f64,
    /// What it adds to the composite above 0.5; the contributions of a day add up to composite - 0.5.
    pub contribution: f64,
}

/// Everything read, one value a day.
pub(super) struct Read {
    /// By component: values and dangers.
    pub(super) components: Vec<(Vec<f64>, Vec<f64>)>,
    pub(super) groups: [Vec<f64>; 4],
    pub(super) composite: Vec<f64>,
    pub(super) level: Vec<f64>,
    /// Of every component what it adds.
    pub(super) contributions: Vec<Vec<f64>>,
}

pub(super) fn read(
    ratio: &Ratio,
    components: &[Component],
    config: &GaugeConfig,
) -> Result<Read, WarningError> {
    let read: Vec<(Vec<f64>, Vec<f64>)> = components
        .iter()
        .map(|component| {
            let values = aligned(component, &ratio.days, config.stale_days);
            let danger = percentiles(&values, config)?;
            let turned = match component.danger {
                Danger::High => danger,
                Danger::Low => danger.iter().map(|p| 1.0 - p).collect(),
            };
            Ok((values, turned))
        })
        .collect::<Result<_, WarningError>>()?;
    let n = ratio.days.len();
    let speaks = |k: usize, t: usize| !read[k].1[t].is_nan();
    let of = |group| (0..components.len()).filter(move |&k| components[k].group == group);
    let groups = Group::ALL.map(|group| -> Vec<f64> {
        (0..n).map(|t| mean(of(group).map(|k| read[k].1[t]))).collect()
    });
    let n_groups = |t: usize| groups.iter().filter(|group| !group[t].is_nan()).count();
    let composite: Vec<f64> = (0..n)
        .map(|t| {
            let is_enough = n_groups(t) >= config.min_groups;
            if is_enough { mean(groups.iter().map(|group| group[t])) } else { f64::NAN }
        })
        .collect();
    let contributions = (0..components.len())
        .map(|k| {
            let share = |t: usize| {
                let peers = of(components[k].group).filter(|&j| speaks(j, t)).count();
                let adds = (read[k].1[t] - 0.5) / (peers * n_groups(t)) as f64;
                if composite[t].is_nan() { f64::NAN } else { adds }
            };
            (0..n).map(share).collect()
        })
        .collect();
    let level = percentiles(&composite, config)?;
    Ok(Read { components: read, groups, composite, level, contributions })
}

/// Share of the days before with a lower value, in `[0, 1]`.
pub(super) fn percentiles(values: &[f64], config: &GaugeConfig) -> Result<Vec<f64>, WarningError> {
    trailing_percentile(values, config.window()?)
        .map_err(|cause| WarningError::Statistic { what: "a component's percentile", cause })
}

/// The last value known on each day, if it is not older than `stale_days` of them.
fn aligned(component: &Component, days: &[TradingDay], stale_days: usize) -> Vec<f64> {
    let fresh = |(t, &day): (usize, &TradingDay)| {
        let oldest = days[t.saturating_sub(stale_days)];
        match component.series.as_of(day) {
            Some((seen, value)) if seen >= oldest => value,
            _ => f64::NAN,
        }
    };
    days.iter().enumerate().map(fresh).collect()
}

/// Mean of what is there; NaN when nothing is.
fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, n) =
        values.filter(|x| !x.is_nan()).fold((0.0, 0_u32), |(sum, n), x| (sum + x, n + 1));
    sum / f64::from(n)
}
