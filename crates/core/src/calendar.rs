//! The trading calendar of the Shanghai and Shenzhen stock exchanges and CFFEX.
//!
//! Weekends never trade; the closed weekdays are data with their source (`rules/calendar.toml`).
//! Days after the last published year are an error, not a guess: a user extends the calendar with a
//! file of the same shape.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

use crate::{CoreError, TradingDay};

/// Trading days from the opening of the Shanghai exchange to the last published year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    first: TradingDay,
    last: TradingDay,
    /// Every open day, rising.
    open: Vec<TradingDay>,
    /// `ordinal[d - first]` = number of open days strictly before `d`; one more entry than days.
    ordinal: Vec<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CalendarFile {
    first: TradingDay,
    last: TradingDay,
    #[serde(rename = "source")]
    _source: String,
    #[serde(rename = "status")]
    _status: String,
    closed: BTreeMap<String, Vec<String>>,
}

impl Calendar {
    /// The built-in calendar, 1990-12-19 to the last published year.
    pub fn shanghai() -> &'static Self {
        static BUILT_IN: OnceLock<Calendar> = OnceLock::new();
        BUILT_IN.get_or_init(|| {
            let file =
                parse(include_str!("../rules/calendar.toml")).expect("compiled in and tested");
            Self::from_closures(file.first, file.last, &closures(&file).expect("compiled in"))
        })
    }

    /// This calendar with the years of a user's file added or replaced.
    ///
    /// # Errors
    /// When the file is not of the shape of `rules/calendar.toml`, or leaves a gap to this calendar.
    pub fn extended(&self, toml_text: &str) -> Result<Self, CoreError> {
        let file = parse(toml_text)?;
        let added = closures(&file)?;
        if file.first > self.last.plus_calendar_days(1) || file.last < self.first {
            return Err(CoreError::CalendarFile {
                reason: format!(
                    "it covers {} to {}, which leaves a gap to {} to {}",
                    file.first, file.last, self.first, self.last
                ),
            });
        }
        let first = self.first.min(file.first);
        let last = self.last.max(file.last);
        let closed: Vec<TradingDay> = each_day(first, last)
            .filter(|day| {
                if (file.first..=file.last).contains(day) {
                    added.binary_search(day).is_ok()
                } else {
                    !self.knows(*day) || !self.is_open(*day)
                }
            })
            .collect();
        Ok(Self::from_closures(first, last, &closed))
    }

    fn from_closures(first: TradingDay, last: TradingDay, closed: &[TradingDay]) -> Self {
        let mut open = Vec::new();
        let mut ordinal = Vec::new();
        for day in each_day(first, last) {
            ordinal.push(open.len() as u32);
            if day.weekday() < 5 && closed.binary_search(&day).is_err() {
                open.push(day);
            }
        }
        ordinal.push(open.len() as u32);
        Self { first, last, open, ordinal }
    }

    /// The first day the calendar knows.
    pub fn first(&self) -> TradingDay {
        self.first
    }

    /// The last day the calendar knows.
    pub fn last(&self) -> TradingDay {
        self.last
    }

    /// Whether the calendar covers `day` at all.
    pub fn knows(&self, day: TradingDay) -> bool {
        (self.first..=self.last).contains(&day)
    }

    /// Whether the exchange traded on `day`; `false` outside the calendar.
    pub fn is_open(&self, day: TradingDay) -> bool {
        self.knows(day) && {
            let i = self.index(day);
            self.ordinal[i] != self.ordinal[i + 1]
        }
    }

    /// `day` itself, when the exchange was open.
    ///
    /// # Errors
    /// When it was closed, naming the trading day before; or outside the calendar.
    pub fn require_open(&self, day: TradingDay) -> Result<TradingDay, CoreError> {
        if self.is_open(day) {
            return Ok(day);
        }
        Err(CoreError::NotTradingDay { asked: day, previous: self.on_or_before(day)? })
    }

    /// The first trading day after `day`.
    ///
    /// # Errors
    /// When that lies outside the calendar.
    pub fn next(&self, day: TradingDay) -> Result<TradingDay, CoreError> {
        self.on_or_after(day.plus_calendar_days(1))
    }

    /// The last trading day before `day`.
    ///
    /// # Errors
    /// When that lies outside the calendar.
    pub fn previous(&self, day: TradingDay) -> Result<TradingDay, CoreError> {
        self.on_or_before(day.plus_calendar_days(-1))
    }

    /// `day` when open, else the first trading day after it.
    ///
    /// # Errors
    /// When that lies outside the calendar.
    pub fn on_or_after(&self, day: TradingDay) -> Result<TradingDay, CoreError> {
        self.require_known(day)?;
        self.open
            .get(self.ordinal[self.index(day)] as usize)
            .copied()
            .ok_or_else(|| self.outside(day))
    }

    /// `day` when open, else the last trading day before it.
    ///
    /// # Errors
    /// When that lies outside the calendar.
    pub fn on_or_before(&self, day: TradingDay) -> Result<TradingDay, CoreError> {
        self.require_known(day)?;
        let n_up_to = self.ordinal[self.index(day) + 1] as usize;
        n_up_to.checked_sub(1).map(|i| self.open[i]).ok_or_else(|| self.outside(day))
    }

    /// The trading day `n` after `day` (before, when negative). A closed `day` counts from the
    /// trading day before it, so `offset(saturday, 1)` is Monday.
    ///
    /// # Errors
    /// When that lies outside the calendar.
    pub fn offset(&self, day: TradingDay, n: i32) -> Result<TradingDay, CoreError> {
        let from = self.on_or_before(day)?;
        let target = i64::from(self.ordinal[self.index(from)]) + i64::from(n);
        usize::try_from(target)
            .ok()
            .and_then(|i| self.open.get(i).copied())
            .ok_or_else(|| self.outside(day.plus_calendar_days(n)))
    }

    /// Trading days after `from` up to and including `to`; negative when `to` is earlier.
    ///
    /// # Errors
    /// When either day lies outside the calendar.
    pub fn days_between(&self, from: TradingDay, to: TradingDay) -> Result<i32, CoreError> {
        self.require_known(from)?;
        self.require_known(to)?;
        let up_to = |day: TradingDay| self.ordinal[self.index(day) + 1] as i32;
        Ok(up_to(to) - up_to(from))
    }

    /// The trading days from `from` to `to`, both included; days outside the calendar are left out.
    pub fn days(&self, from: TradingDay, to: TradingDay) -> &[TradingDay] {
        let start = self.open.partition_point(|&d| d < from);
        let end = self.open.partition_point(|&d| d <= to);
        &self.open[start..end.max(start)]
    }

    fn index(&self, day: TradingDay) -> usize {
        (day.epoch_days() - self.first.epoch_days()) as usize
    }

    fn require_known(&self, day: TradingDay) -> Result<(), CoreError> {
        if self.knows(day) { Ok(()) } else { Err(self.outside(day)) }
    }

    fn outside(&self, asked: TradingDay) -> CoreError {
        CoreError::OutsideCalendar { asked, first: self.first, last: self.last }
    }
}

fn each_day(first: TradingDay, last: TradingDay) -> impl Iterator<Item = TradingDay> {
    (first.epoch_days()..=last.epoch_days()).map(TradingDay::from_epoch_days)
}

fn parse(toml_text: &str) -> Result<CalendarFile, CoreError> {
    let file: CalendarFile = toml::from_str(toml_text).map_err(|error| {
        CoreError::CalendarFile { reason: error.to_string().trim_end().to_owned() }
    })?;
    if file.first > file.last {
        return Err(CoreError::CalendarFile {
            reason: format!("`first` {} is after `last` {}", file.first, file.last),
        });
    }
    Ok(file)
}

/// The closed days of a file, rising.
fn closures(file: &CalendarFile) -> Result<Vec<TradingDay>, CoreError> {
    let mut days = Vec::new();
    for (year, month_days) in &file.closed {
        for month_day in month_days {
            let text = format!("{year}-{month_day}");
            let refused = |why: String| CoreError::CalendarFile {
                reason: format!("`{text}` under [closed] {why}"),
            };
            let day: TradingDay = text
                .parse()
                .map_err(|_| refused("is not a date; write 2027 = [\"01-01\"]".to_owned()))?;
            if !(file.first..=file.last).contains(&day) {
                return Err(refused(format!(
                    "is not one of the file's own days, `first` {} to `last` {}",
                    file.first, file.last
                )));
            }
            days.push(day);
        }
    }
    days.sort_unstable();
    Ok(days)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::day;
    use proptest::{prelude::*, sample::Index};

    /// Witness: QuantLib 1.44 China-SSE and the exchange's own counts of trading days.
    #[test]
    fn years_have_their_published_number_of_trading_days() {
        let calendar = Calendar::shanghai();
        for (year, n) in [(2008, 246), (2015, 244), (2020, 243), (2023, 242), (2024, 242)] {
            assert_eq!(calendar.days(day(year, 1, 1), day(year, 12, 31)).len(), n, "{year}");
        }
    }

    #[test]
    fn the_spring_festival_of_2024_is_closed() {
        let calendar = Calendar::shanghai();
        assert_eq!(calendar.next(day(2024, 2, 8)).unwrap(), day(2024, 2, 19));
        assert_eq!(calendar.on_or_after(day(2024, 2, 16)).unwrap(), day(2024, 2, 19));
        assert_eq!(calendar.offset(day(2024, 2, 19), -1).unwrap(), day(2024, 2, 8));
        assert_eq!(calendar.days_between(day(2024, 2, 8), day(2024, 2, 20)).unwrap(), 2);
        // A make-up working Sunday is not a trading day.
        assert!(!calendar.is_open(day(2024, 2, 4)));
        let refusal = calendar.require_open(day(2024, 2, 4)).unwrap_err().to_string();
        assert_eq!(refusal, "2024-02-04 is not a trading day; the nearest before it is 2024-02-02");
    }

    #[test]
    fn beyond_the_last_published_year_is_an_error_until_a_user_extends_it() {
        let calendar = Calendar::shanghai();
        let new_year = calendar.last().plus_calendar_days(1);
        assert!(matches!(calendar.next(calendar.last()), Err(CoreError::OutsideCalendar { .. })));
        let year = new_year.year();
        let file = format!(
            "first = {year}-01-01\nlast = {year}-12-31\nsource = \"mine\"\nstatus = \"recalled\"\n\
             [closed]\n{year} = [\"01-01\"]\n"
        );
        let extended = calendar.extended(&file).unwrap();
        assert!(!extended.is_open(day(year, 1, 1)));
        assert!(extended.next(calendar.last()).unwrap() > calendar.last());
        assert_eq!(extended.days(day(2024, 1, 1), day(2024, 12, 31)).len(), 242);
    }

    #[test]
    fn a_calendar_file_with_a_gap_or_a_false_date_is_refused() {
        let calendar = Calendar::shanghai();
        let head = "source = \"x\"\nstatus = \"recalled\"\n";
        for (file, part) in [
            ("first = 2040-01-01\nlast = 2040-12-31\n", "leaves a gap"),
            ("first = 2027-12-31\nlast = 2027-01-01\n", "is after"),
        ] {
            let error = calendar.extended(&format!("{file}{head}[closed]\n")).unwrap_err();
            assert!(error.to_string().contains(part), "{error}");
        }
        let false_date =
            format!("first = 2027-01-01\nlast = 2027-12-31\n{head}[closed]\n2027 = [\"02-30\"]\n");
        assert!(calendar.extended(&false_date).unwrap_err().to_string().contains("2027-02-30"));
        let stray = false_date.replace("2027 = [\"02-30\"]", "2028 = [\"01-03\"]");
        assert!(calendar.extended(&stray).unwrap_err().to_string().contains("2028-01-03"));
    }

    proptest! {
        /// Stepping n days forward and n days back is the identity, and counts n days between,
        /// from any trading day to any other.
        #[test]
        fn offset_and_days_between_agree(a in any::<Index>(), b in any::<Index>()) {
            let calendar = Calendar::shanghai();
            let days = calendar.days(calendar.first(), calendar.last());
            let (a, b) = (a.index(days.len()), b.index(days.len()));
            let n = i32::try_from(b).unwrap() - i32::try_from(a).unwrap();
            prop_assert_eq!(calendar.days_between(days[a], days[b]).unwrap(), n);
            prop_assert_eq!(calendar.offset(days[a], n).unwrap(), days[b]);
            prop_assert_eq!(calendar.offset(days[b], -n).unwrap(), days[a]);
            prop_assert!(calendar.is_open(days[b]));
        }
    }
}
