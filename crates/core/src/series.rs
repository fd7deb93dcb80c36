//! A named series of daily values.

use serde::Serialize;

use crate::{CoreError, TradingDay};

/// Values on strictly rising days. Missing: NaN means "no observation".
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Series {
    name: String,
    days: Vec<TradingDay>,
    values: Vec<f64>,
}

impl Series {
    /// A series of `values` on `days`.
    ///
    /// # Errors
    /// When the lengths differ or the days do not rise strictly.
    pub fn new(
        name: impl Into<String>,
        days: Vec<TradingDay>,
        values: Vec<f64>,
    ) -> Result<Self, CoreError> {
        let name = name.into();
        if days.len() != values.len() {
            return Err(CoreError::LengthMismatch {
                name,
                found: values.len(),
                expected: days.len(),
            });
        }
        require_rising(&days)?;
        Ok(Self { name, days, values })
    }

    /// The name it was given, usually a symbol.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The days, rising.
    pub fn days(&self) -> &[TradingDay] {
        &self.days
    }

    /// The values, one a day.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// Number of days.
    pub fn len(&self) -> usize {
        self.days.len()
    }

    /// Whether there is no day at all.
    pub fn is_empty(&self) -> bool {
        self.days.is_empty()
    }

    /// The value on `day`, when there is an observation.
    pub fn at(&self, day: TradingDay) -> Option<f64> {
        let i = self.days.binary_search(&day).ok()?;
        Some(self.values[i]).filter(|value| !value.is_nan())
    }

    /// The last observation on or before `day`.
    pub fn as_of(&self, day: TradingDay) -> Option<(TradingDay, f64)> {
        let end = self.days.partition_point(|&d| d <= day);
        (0..end).rev().find(|&i| !self.values[i].is_nan()).map(|i| (self.days[i], self.values[i]))
    }

    /// The part from `from` to `to`, both included.
    #[must_use]
    pub fn between(&self, from: TradingDay, to: TradingDay) -> Self {
        let start = self.days.partition_point(|&d| d < from);
        let end = self.days.partition_point(|&d| d <= to).max(start);
        Self {
            name: self.name.clone(),
            days: self.days[start..end].to_vec(),
            values: self.values[start..end].to_vec(),
        }
    }

    /// Simple decimal returns on days after the first, from the last observation before.
    ///
    /// Missing: a day without observation has a NaN return, and the next return spans the gap.
    #[must_use]
    pub fn returns(&self) -> Self {
        let mut last = f64::NAN;
        let mut values = Vec::with_capacity(self.values.len());
        for &value in &self.values {
            values.push(value / last - 1.0);
            if !value.is_nan() {
                last = value;
            }
        }
        Self {
            name: self.name.clone(),
            days: self.days.get(1..).unwrap_or_default().to_vec(),
            values: values.get(1..).unwrap_or_default().to_vec(),
        }
    }
}

/// Refuses days that do not rise strictly.
pub(crate) fn require_rising(days: &[TradingDay]) -> Result<(), CoreError> {
    match days.windows(2).position(|pair| pair[0] >= pair[1]) {
        Some(i) => {
            Err(CoreError::DaysNotRising { position: i + 1, earlier: days[i + 1], later: days[i] })
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::day;

    fn three() -> Series {
        let days = vec![day(2024, 2, 2), day(2024, 2, 5), day(2024, 2, 6)];
        Series::new("x", days, vec![100.0, f64::NAN, 110.0]).unwrap()
    }

    #[test]
    fn a_gap_is_spanned_by_the_next_return() {
        let returns = three().returns();
        assert!(returns.values()[0].is_nan());
        assert!((returns.values()[1] - 0.10).abs() < 1e-15);
        assert_eq!(returns.days(), &[day(2024, 2, 5), day(2024, 2, 6)]);
    }

    #[test]
    fn as_of_looks_left_only() {
        let series = three();
        assert_eq!(series.at(day(2024, 2, 5)), None);
        assert_eq!(series.as_of(day(2024, 2, 5)), Some((day(2024, 2, 2), 100.0)));
        assert_eq!(series.as_of(day(2024, 2, 1)), None);
        assert_eq!(series.between(day(2024, 2, 5), day(2024, 2, 29)).len(), 2);
    }

    #[test]
    fn unsorted_and_uneven_series_are_refused() {
        let days = vec![day(2024, 2, 5), day(2024, 2, 5)];
        assert!(Series::new("x", days.clone(), vec![1.0, 2.0]).is_err());
        assert!(Series::new("x", days, vec![1.0]).is_err());
    }
}
