//! Spans of days a factor is told about by itself: years, regimes, the weeks around an event.

use serde::{Deserialize, Serialize};
use shoals_core::TradingDay;

use crate::MarketError;
use crate::error::require_setting;

/// A named span of days, both ends included. A value of this type is always legal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RawPeriod")]
pub struct Period {
    name: String,
    from: TradingDay,
    to: TradingDay,
}

/// The same words as in the file, not yet believed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPeriod {
    name: String,
    from: TradingDay,
    to: TradingDay,
}

impl TryFrom<RawPeriod> for Period {
    type Error = MarketError;

    fn try_from(raw: RawPeriod) -> Result<Self, MarketError> {
        Self::new(raw.name, raw.from, raw.to)
    }
}

impl Period {
    /// The days from `from` to `to`.
    ///
    /// # Errors
    /// `to` before `from`.
    pub fn new(
        name: impl Into<String>,
        from: TradingDay,
        to: TradingDay,
    ) -> Result<Self, MarketError> {
        let span = f64::from(from.calendar_days_until(to));
        require_setting("to", span, "not before `from` (days from it)", from <= to)?;
        Ok(Self { name: name.into(), from, to })
    }

    /// The `before` days of `days` that end on the last one before an event, and the `after` days from
    /// the event on.
    ///
    /// # Errors
    /// No day on either side.
    pub fn around(
        event: &str,
        on: TradingDay,
        days: &[TradingDay],
        before: usize,
        after: usize,
    ) -> Result<[Self; 2], MarketError> {
        let at = days.partition_point(|&day| day < on);
        let (earlier, later) = days.split_at(at);
        let earlier = &earlier[earlier.len().saturating_sub(before)..];
        let later = &later[..later.len().min(after)];
        let side = |name: &str, side: &[TradingDay]| match side {
            [first, .., last] => Self::new(format!("{name} {event}"), *first, *last),
            [only] => Self::new(format!("{name} {event}"), *only, *only),
            [] => Err(MarketError::SettingOutOfRange {
                field: "event",
                found: 0.0,
                expected: "days on either side of it",
            }),
        };
        Ok([side("before", earlier)?, side("after", later)?])
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The values of the days inside.
    pub fn select<'a>(
        &'a self,
        days: &'a [TradingDay],
        values: impl IntoIterator<Item = f64> + 'a,
    ) -> impl Iterator<Item = f64> + 'a {
        let is_inside = |day: &TradingDay| (self.from..=self.to).contains(day);
        days.iter().zip(values).filter(move |(day, _)| is_inside(day)).map(|(_, value)| value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shoals_core::day;

    #[test]
    fn an_event_belongs_to_the_days_after_it() {
        let days: Vec<TradingDay> = (1..=9).map(|d| day(2024, 2, d)).collect();
        let [before, after] = Period::around("limit", day(2024, 2, 5), &days, 2, 3).unwrap();
        let dates = |period: &Period| -> Vec<f64> {
            period.select(&days, days.iter().map(|d| f64::from(d.ymd().2))).collect()
        };
        assert_eq!(dates(&before), [3.0, 4.0]);
        assert_eq!(dates(&after), [5.0, 6.0, 7.0]);
        assert_eq!(before.name(), "before limit");
        assert!(Period::around("limit", day(2024, 1, 1), &days, 2, 3).is_err());
        assert!(Period::new("x", day(2024, 2, 5), day(2024, 2, 4)).is_err());
    }
}
