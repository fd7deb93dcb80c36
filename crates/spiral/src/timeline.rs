//! The days of a scenario as a person writes them: a first day and one return a day.

use serde::{Deserialize, Serialize};
use shoals_core::{Calendar, TradingDay};

use crate::SpiralError;
use crate::error::{require, require_length};
use crate::scenario::Day;

/// `[timeline]` of a scenario file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Timeline {
    /// The first trading day; without one, days have numbers and every fifth is followed by a weekend.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_day: Option<TradingDay>,
    /// Return of each day: of the largest segment's index where `is_anchored`, else of the common factor.
    pub returns: Vec<f64>,
    /// Where the largest segment stood at half of each day ([`Day::low`]); empty for a straight path to the close.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lows: Vec<f64>,
    /// Whether the largest segment shows exactly these returns.
    pub is_anchored: bool,
    /// What every return is multiplied by: 1.5 is a storm half as strong again.
    pub scale: f64,
}

impl Default for Timeline {
    fn default() -> Self {
        Self {
            first_day: None,
            returns: Vec::new(),
            lows: Vec::new(),
            is_anchored: false,
            scale: 1.0,
        }
    }
}

impl Timeline {
    /// Its trading days; none without a first day.
    ///
    /// # Errors
    /// A first day on which the exchange was closed, or days beyond the calendar.
    pub fn dates(&self) -> Result<Vec<TradingDay>, SpiralError> {
        let Some(first) = self.first_day else { return Ok(Vec::new()) };
        let calendar = Calendar::shanghai();
        let first = calendar.require_open(first)?;
        let place = |i: usize| calendar.offset(first, i32::try_from(i).unwrap_or(i32::MAX));
        Ok((0..self.returns.len()).map(place).collect::<Result<_, _>>()?)
    }

    /// Its days as the scenario holds them.
    ///
    /// # Errors
    /// As [`Self::dates`]; a scale that is no number.
    pub fn days(&self) -> Result<Vec<Day>, SpiralError> {
        let expected = "a finite number, 0 or more";
        let is_legal = self.scale.is_finite() && self.scale >= 0.0;
        require("timeline.scale", self.scale, expected, is_legal)?;
        if !self.lows.is_empty() {
            require_length("timeline.lows", self.lows.len(), self.returns.len(), "return")?;
        }
        let dates = self.dates()?;
        let gap = |i: usize| match (dates.get(i), dates.get(i + 1)) {
            (Some(today), Some(next)) => f64::from(today.calendar_days_until(*next)),
            (None, _) if i % 5 == 4 => 3.0,
            _ => 1.0,
        };
        let day = |(i, r): (usize, &f64)| Day {
            factor: r * self.scale,
            is_anchored: self.is_anchored,
            low: self.lows.get(i).map(|low| low * self.scale),
            days_to_next: gap(i),
            by_round: Vec::new(),
        };
        Ok(self.returns.iter().enumerate().map(day).collect())
    }
}
