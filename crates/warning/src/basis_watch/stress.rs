//! How far is the basis from its own last year?

use serde::Serialize;
use shoals_core::{FutureProduct, TradingDay};
use shoals_market::future::{BasisPoint, Slot};
use shoals_stats::StatError;
use shoals_stats::rolling::{Window, trailing_percentile, trailing_z_score};

use super::{BasisConfig, by_day};
use crate::WarningError;

/// The constant-maturity basis rate of a product against the trading days before.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct StressDay {
    /// The day.
    pub date: TradingDay,
    /// The product.
    pub product: FutureProduct,
    /// Annualised basis rate at the constant maturity, 365 calendar days.
    pub basis_rate: f64,
    /// Deviations from the mean of the days before; NaN while there are too few.
    pub z_score: f64,
    /// Share of the days before that lay below; NaN while there are too few.
    pub percentile: f64,
}

/// One slot of a day's term structure against its own days before.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CurvePoint {
    /// The day.
    pub date: TradingDay,
    /// The product.
    pub product: FutureProduct,
    /// Place among the listed contracts.
    pub slot: Slot,
    /// Annualised basis rate, 365 calendar days; NaN on the last trading day.
    pub basis_rate: f64,
    /// Calendar days to expiry.
    pub days_to_expiry: i32,
    /// Deviations of the rate from the same slot's days before, those nearer to expiry than
    /// `min_days` left out.
    pub z_score: f64,
    /// Share of those days that lay below.
    pub percentile: f64,
}

/// The stress of a product's constant-maturity rate, one row a day with a rate.
pub(super) fn stress(
    points: &[BasisPoint],
    config: &BasisConfig,
) -> Result<Vec<StressDay>, WarningError> {
    let rates: Vec<(&BasisPoint, f64)> = by_day(points)
        .map(|today| (&today[0], constant_maturity_rate(today, config)))
        .filter(|(_, rate)| !rate.is_nan())
        .collect();
    let values: Vec<f64> = rates.iter().map(|(_, rate)| *rate).collect();
    let (z_scores, percentiles) = against_the_past(&values, config)?;
    let rows = rates.iter().zip(z_scores.iter().zip(percentiles));
    Ok(rows
        .map(|((point, basis_rate), (&z_score, percentile))| StressDay {
            date: point.date,
            product: point.contract.product,
            basis_rate: *basis_rate,
            z_score,
            percentile,
        })
        .filter(|row| config.tells(row.date))
        .collect())
}

/// The term structure, slot by slot.
pub(super) fn curve(
    points: &[BasisPoint],
    config: &BasisConfig,
) -> Result<Vec<CurvePoint>, WarningError> {
    let mut curve = Vec::with_capacity(points.len());
    for slot in Slot::ALL {
        let own: Vec<&BasisPoint> = points.iter().filter(|p| p.slot == Some(slot)).collect();
        let rates: Vec<f64> = own.iter().map(|p| rate_to_compare(p, config)).collect();
        let (z_scores, percentiles) = against_the_past(&rates, config)?;
        let rows = own.iter().zip(z_scores.iter().zip(percentiles));
        curve.extend(rows.map(|(point, (&z_score, percentile))| CurvePoint {
            date: point.date,
            product: point.contract.product,
            slot,
            basis_rate: point.basis_rate,
            days_to_expiry: point.days_to_expiry,
            z_score,
            percentile,
        }));
    }
    curve.retain(|point| config.tells(point.date));
    Ok(curve)
}

/// Z-score and percentile of each rate against the rates before it.
fn against_the_past(
    rates: &[f64],
    config: &BasisConfig,
) -> Result<(Vec<f64>, Vec<f64>), WarningError> {
    let failed =
        |cause: StatError| WarningError::Statistic { what: "the stress of the basis", cause };
    let window = Window::new(config.stress_days, config.stress_min_days).map_err(failed)?;
    let z_scores = trailing_z_score(rates, window).map_err(failed)?;
    Ok((z_scores, trailing_percentile(rates, window).map_err(failed)?))
}

fn rate_to_compare(point: &BasisPoint, config: &BasisConfig) -> f64 {
    if point.days_to_expiry >= config.min_days as i32 { point.basis_rate } else { f64::NAN }
}

/// The rate at `maturity_days`, on the line between the two contracts around it; the nearest
/// contract's when all lie on one side; NaN when none is far enough from expiry.
fn constant_maturity_rate(today: &[BasisPoint], config: &BasisConfig) -> f64 {
    let maturity = f64::from(config.maturity_days);
    let days = |point: &BasisPoint| f64::from(point.days_to_expiry);
    let usable: Vec<&BasisPoint> =
        today.iter().filter(|point| !rate_to_compare(point, config).is_nan()).collect();
    let later = usable.partition_point(|point| days(point) <= maturity);
    match (later.checked_sub(1).map(|i| usable[i]), usable.get(later)) {
        (Some(near), Some(far)) => {
            let share = (maturity - days(near)) / (days(far) - days(near));
            near.basis_rate + share * (far.basis_rate - near.basis_rate)
        }
        (Some(only), None) => only.basis_rate,
        (None, Some(only)) => only.basis_rate,
        (None, None) => f64::NAN,
    }
}
