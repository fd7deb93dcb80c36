//! A day of the exchange's civil calendar (Asia/Shanghai), stored as Arrow's `Date32`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::CoreError;

/// A day on which a market record stands: days since 1970-01-01, Asia/Shanghai.
///
/// The type orders and subtracts days; whether the exchange was open, and which day comes next, are
/// questions for a [`Calendar`](crate::Calendar) — arithmetic on a bare day counts calendar days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TradingDay(i32);

/// A day from literals, for tests and tables: `day(2024, 2, 5)`.
///
/// # Panics
/// When the date does not exist.
pub fn day(year: i32, month: u32, day_of_month: u32) -> TradingDay {
    TradingDay::from_ymd(year, month, day_of_month).expect("a literal date must exist")
}

impl TradingDay {
    /// The day `epoch_days` after 1970-01-01.
    pub const fn from_epoch_days(epoch_days: i32) -> Self {
        Self(epoch_days)
    }

    /// Days since 1970-01-01.
    pub const fn epoch_days(self) -> i32 {
        self.0
    }

    /// The day of a proleptic Gregorian date.
    ///
    /// # Errors
    /// When the month or the day of the month does not exist.
    pub fn from_ymd(year: i32, month: u32, day_of_month: u32) -> Result<Self, CoreError> {
        let exists = (1..=12).contains(&month)
            && (1..=days_in_month(year, month)).contains(&day_of_month)
            && (1..=9999).contains(&year);
        if !exists {
            return Err(CoreError::NoSuchDate { found: format!("{year}-{month}-{day_of_month}") });
        }
        Ok(Self(days_from_civil(year, month, day_of_month)))
    }

    /// Reads `20240205`.
    ///
    /// # Errors
    /// When the number is not a date written year, month, day.
    pub fn from_yyyymmdd(number: u32) -> Result<Self, CoreError> {
        Self::from_ymd((number / 10_000) as i32, number / 100 % 100, number % 100)
    }

    /// Year, month (1-12) and day of the month (1-31).
    pub fn ymd(self) -> (i32, u32, u32) {
        civil_from_days(self.0)
    }

    /// The year.
    pub fn year(self) -> i32 {
        self.ymd().0
    }

    /// The month, 1 to 12.
    pub fn month(self) -> u32 {
        self.ymd().1
    }

    /// Day of the week, Monday is 0 and Sunday 6.
    pub fn weekday(self) -> u32 {
        (self.0 + 3).rem_euclid(7) as u32
    }

    /// Calendar days from `self` to `later`; negative when `later` is earlier.
    pub fn calendar_days_until(self, later: Self) -> i32 {
        later.0 - self.0
    }

    /// The day `n` calendar days later.
    #[must_use]
    pub fn plus_calendar_days(self, n: i32) -> Self {
        Self(self.0 + n)
    }

    /// `2024-02` — the key of a monthly table.
    pub fn month_key(self) -> String {
        let (year, month, _) = self.ymd();
        format!("{year:04}-{month:02}")
    }
}

/// A range of days in words, for messages: `from 2024-01-02 to 2024-02-05`, open at either end.
pub fn range_in_words(from: Option<TradingDay>, to: Option<TradingDay>) -> String {
    match (from, to) {
        (Some(from), Some(to)) => format!("from {from} to {to}"),
        (Some(from), None) => format!("from {from} on"),
        (None, Some(to)) => format!("up to {to}"),
        (None, None) => "on any day".to_owned(),
    }
}

impl fmt::Display for TradingDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day_of_month) = self.ymd();
        f.pad(&format!("{year:04}-{month:02}-{day_of_month:02}"))
    }
}

impl FromStr for TradingDay {
    type Err = CoreError;

    /// Reads `2024-02-05` or `20240205`. The many styles of exports are the data room's business.
    fn from_str(text: &str) -> Result<Self, CoreError> {
        let wrong = || CoreError::NoSuchDate { found: text.to_owned() };
        let digits = |s: &str| s.parse::<u32>().map_err(|_| wrong());
        match text.len() {
            8 if text.is_ascii() => Self::from_yyyymmdd(digits(text)?).map_err(|_| wrong()),
            10 if text.is_ascii() && &text[4..5] == "-" && &text[7..8] == "-" => Self::from_ymd(
                digits(&text[..4])? as i32,
                digits(&text[5..7])?,
                digits(&text[8..])?,
            )
            .map_err(|_| wrong()),
            _ => Err(wrong()),
        }
    }
}

impl Serialize for TradingDay {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TradingDay {
    /// Accepts an ISO string or a TOML date.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "expected a date, as 2024-02-05")]
        enum Written {
            Text(String),
            Toml(toml::value::Datetime),
        }
        let text = match Written::deserialize(deserializer)? {
            Written::Text(text) => text,
            Written::Toml(datetime) => datetime.to_string(),
        };
        text.parse().map_err(serde::de::Error::custom)
    }
}

const fn is_leap(year: i32) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

const fn days_in_month(year: i32, month: u32) -> u32 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 of a Gregorian date (Howard Hinnant, "chrono-Compatible Low-Level Date
/// Algorithms", `days_from_civil`): years start in March, so the leap day comes last.
const fn days_from_civil(year: i32, month: u32, day_of_month: u32) -> i32 {
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let year_of_era = y.rem_euclid(400);
    let day_of_year = (153 * ((month as i32 + 9) % 12) + 2) / 5 + day_of_month as i32 - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The inverse of [`days_from_civil`].
const fn civil_from_days(epoch_days: i32) -> (i32, u32, u32) {
    let z = epoch_days + 719_468;
    let era = z.div_euclid(146_097);
    let day_of_era = z.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let mp = (5 * day_of_year + 2) / 153;
    let day_of_month = (day_of_year - (153 * mp + 2) / 5 + 1) as u32;
    let month = (if mp < 10 { mp + 3 } else { mp - 9 }) as u32;
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day_of_month)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_days_have_their_date32_number() {
        // Witness: Unix time of midnight UTC divided by 86,400.
        for (text, epoch_days, weekday) in
            [("1970-01-01", 0, 3), ("2000-02-29", 11_016, 1), ("2024-02-05", 19_758, 0)]
        {
            let parsed: TradingDay = text.parse().unwrap();
            assert_eq!(parsed.epoch_days(), epoch_days, "{text}");
            assert_eq!(parsed.weekday(), weekday, "{text}");
            assert_eq!(parsed.to_string(), text);
        }
    }

    #[test]
    fn a_date_that_does_not_exist_is_refused() {
        for text in
            ["2023-02-29", "2024-13-01", "2024-00-10", "20240230", "2024/02/05", "", "数据来源"]
        {
            assert!(text.parse::<TradingDay>().is_err(), "{text}");
        }
    }

    proptest! {
        /// Writing and reading a day is the identity, and the next number is the next date.
        #[test]
        fn days_round_trip(n in -200_000..200_000_i32) {
            let d = TradingDay::from_epoch_days(n);
            let (y, m, dd) = d.ymd();
            prop_assert_eq!(TradingDay::from_ymd(y, m, dd).unwrap(), d);
            prop_assert_eq!((d.weekday() + 1) % 7, d.plus_calendar_days(1).weekday());
        }
    }
}
