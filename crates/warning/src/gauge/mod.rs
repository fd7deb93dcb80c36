//! Leverage, crowding, liquidity and extremity in one number, and how often it was wrong.
//!
//! Each component is read as a percentile of its own past, turned so that high means danger; groups are means of their
//! components, the composite is the mean of the groups, and an alarm stands where the composite is high in its own past. Nothing is
//! fitted: no weight, no threshold and no sign is taken from the days it is judged on. Its record is kept against falls of small over
//! large companies, beside momentum, volatility and never leaving.
//!
//! Method page: docs/method/gauge.md

mod component;
mod config;
mod fall;
mod outcome;
mod reading;
mod record;
mod rival;

use shoals_core::{Series, TradingDay};

pub use component::{Component, Danger, Group, extremity};
pub use config::GaugeConfig;
pub use fall::Fall;
pub use outcome::{ComponentAbout, GaugeOutcome, Proof};
pub use reading::{ComponentReading, GaugeDay};
pub use record::{CurvePoint, Holding, Skill, Warned};

use crate::WarningError;
use crate::error::require_setting;

/// Small over large on the days on which both have a close.
pub(crate) struct Ratio {
    days: Vec<TradingDay>,
    values: Vec<f64>,
    /// Return of small minus return of large, NaN on the first day.
    spread: Vec<f64>,
}

/// Reads the gauge on every day of small and large companies' closes, and scores it.
///
/// Missing: a component that is silent for longer than `stale_days` is left out of its group, a silent group out of the composite; the composite is
/// NaN with fewer than `min_groups`. Nothing looks right of its date, except what happened next, which only the record reads.
///
/// # Errors
/// Illegal settings, closes that are not positive, days that never meet, or no component.
pub fn gauge(
    small: &Series,
    large: &Series,
    components: &[Component],
    config: &GaugeConfig,
) -> Result<GaugeOutcome, WarningError> {
    config.check()?;
    let n = components.len();
    require_setting("components", n as f64, "at least 1", n > 0)?;
    let ratio = Ratio::of(small, large, config)?;
    let read = reading::read(&ratio, components, config)?;
    let falls = fall::falls(&ratio, config.drawdown);
    let ahead = fall::worst_ahead(&ratio.values, config.horizon_days);
    let record = record::record(&ratio, &read, &ahead, &falls, config)?;
    Ok(outcome::assemble(config, components, &ratio, &read, &ahead, record))
}

impl Ratio {
    fn of(small: &Series, large: &Series, config: &GaugeConfig) -> Result<Self, WarningError> {
        let (mut days, mut closes) = (Vec::new(), Vec::new());
        for (&day, &close) in small.days().iter().zip(small.values()) {
            let (Some(other), false) = (large.at(day), close.is_nan()) else { continue };
            for (series, found) in [(small, close), (large, other)] {
                if found <= 0.0 || found.is_infinite() {
                    let series = series.name().to_owned();
                    return Err(WarningError::CloseNotPositive { series, day, found });
                }
            }
            if config.to.is_none_or(|to| day <= to) {
                days.push(day);
                closes.push((close, other));
            }
        }
        if days.len() < 2 {
            return Err(WarningError::NoCommonDay);
        }
        let changes = closes.windows(2).map(|p| (p[1].0 / p[0].0) - (p[1].1 / p[0].1));
        let spread = std::iter::once(f64::NAN).chain(changes).collect();
        let values = closes.iter().map(|(small, large)| small / large).collect();
        Ok(Self { days, values, spread })
    }
}
