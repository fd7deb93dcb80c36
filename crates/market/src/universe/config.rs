//! Settings of the universe.

use serde::{Deserialize, Serialize};
use shoals_core::{Calendar, TradingDay};

/// Which stocks may be chosen. Every value of this type is legal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UniverseConfig {
    /// A stock is too young until it has been listed this long.
    pub listing_age: ListingAge,
    /// Whether names under special treatment (ST, *ST) may be chosen.
    pub include_special_treatment: bool,
    /// Whether stocks of the Beijing exchange may be chosen.
    pub include_beijing: bool,
    /// What a security's name is trusted to say.
    pub names: NameRule,
}

impl Default for UniverseConfig {
    /// Half a year of trading, no special treatment, no Beijing, names read.
    fn default() -> Self {
        Self {
            listing_age: ListingAge::TradingDays(120),
            include_special_treatment: false,
            include_beijing: false,
            names: NameRule::Read,
        }
    }
}

/// Days from the first trading day of a stock to the first on which it may be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ListingAge {
    /// Days the exchange was open.
    TradingDays(u16),
    /// Days of the civil calendar.
    CalendarDays(u16),
}

impl ListingAge {
    /// The first day a stock listed on `listed_on` is old enough; past the calendar's end, never.
    pub(super) fn reached_on(self, listed_on: TradingDay, calendar: &Calendar) -> TradingDay {
        match self {
            Self::CalendarDays(days) => listed_on.plus_calendar_days(i32::from(days)),
            Self::TradingDays(days) => trading_days_after(listed_on, u32::from(days), calendar),
        }
    }
}

/// The trading day `n` after the first one on or after `listed_on`; past the calendar's end, never.
pub(super) fn trading_days_after(listed_on: TradingDay, n: u32, calendar: &Calendar) -> TradingDay {
    let never = TradingDay::from_epoch_days(i32::MAX);
    let first = calendar.on_or_after(listed_on);
    first.and_then(|first| calendar.offset(first, n as i32)).unwrap_or(never)
}

/// What a security's name is trusted to say about its standing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NameRule {
    /// `ST` where the day's own status is unknown, and `退` (delisting) always. A name is usually of one
    /// later day, so this lets a little of the future in.
    #[default]
    Read,
    /// Nothing: only the status of the day counts.
    Ignored,
}

#[cfg(test)]
mod tests {
    use super::*;
    use shoals_core::day;

    /// Witness: the exchange calendar of February 2024 by hand (closed 02-09 to 02-16).
    #[test]
    fn age_is_counted_from_the_first_trading_day() {
        let reached = |age: ListingAge| age.reached_on(day(2024, 2, 7), Calendar::shanghai());
        assert_eq!(reached(ListingAge::TradingDays(2)), day(2024, 2, 19));
        assert_eq!(reached(ListingAge::CalendarDays(2)), day(2024, 2, 9));
        assert_eq!(reached(ListingAge::TradingDays(0)), day(2024, 2, 7));
        assert!(reached(ListingAge::TradingDays(60_000)) > day(2100, 1, 1));
    }

    #[test]
    fn the_words_are_those_of_the_file() {
        let text = r#"{"listing_age": {"calendar_days": 181}, "include_beijing": true}"#;
        let config: UniverseConfig = serde_json::from_str(text).unwrap();
        assert_eq!(config.listing_age, ListingAge::CalendarDays(181));
        assert!(serde_json::from_str::<UniverseConfig>(r#"{"include_bse": true}"#).is_err());
    }
}
