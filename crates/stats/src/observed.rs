//! The policy on missing values, in one place.

use crate::StatError;

/// The finite values of a slice, in order, when there are at least `needed`; NaN is left out.
pub(crate) fn observed(values: &[f64], needed: usize) -> Result<Vec<f64>, StatError> {
    if let Some(position) = values.iter().position(|value| value.is_infinite()) {
        return Err(StatError::NotFinite { position, found: values[position] });
    }
    let kept: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
    if kept.len() < needed {
        return Err(StatError::TooFewObservations { needed, found: kept.len() });
    }
    Ok(kept)
}

/// The pairs complete on both sides, when there are at least `needed`.
pub(crate) fn observed_pairs(
    left: &[f64],
    right: &[f64],
    needed: usize,
) -> Result<(Vec<f64>, Vec<f64>), StatError> {
    require_same_length(left, right)?;
    let (xs, ys): (Vec<f64>, Vec<f64>) =
        left.iter().zip(right).filter(|(x, y)| !x.is_nan() && !y.is_nan()).unzip();
    for side in [&xs, &ys] {
        observed(side, needed)?;
    }
    Ok((xs, ys))
}

/// Refuses slices that do not pair up.
pub(crate) fn require_same_length(left: &[f64], right: &[f64]) -> Result<(), StatError> {
    if left.len() == right.len() {
        return Ok(());
    }
    Err(StatError::LengthMismatch { left: left.len(), right: right.len() })
}

/// Refuses NaN and infinite values where a gap would shift what follows.
pub(crate) fn require_finite(values: &[f64]) -> Result<(), StatError> {
    match values.iter().position(|value| !value.is_finite()) {
        Some(position) => Err(StatError::NotFinite { position, found: values[position] }),
        None => Ok(()),
    }
}

/// Refuses a setting for which `is_legal` does not hold.
pub(crate) fn require_setting(
    field: &'static str,
    found: f64,
    expected: &'static str,
    is_legal: bool,
) -> Result<(), StatError> {
    if is_legal { Ok(()) } else { Err(StatError::OutOfRange { field, found, expected }) }
}
