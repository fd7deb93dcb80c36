//! Days from bytes: the file's own format first, every unambiguous one after it.

use shoals_core::TradingDay;

use super::number::half_width;
use crate::formats::DateFormat;

/// First year of the month table.
const FIRST_YEAR: usize = 1900;
/// Months in the table: 1900 to 2099, and one more to know the length of the last.
const N_MONTHS: usize = 200 * 12;

/// Days from 1970-01-01 to the first of each month.
static MONTH_START: [i32; N_MONTHS + 1] = month_starts();

const fn month_starts() -> [i32; N_MONTHS + 1] {
    let mut starts = [0; N_MONTHS + 1];
    // 1900-01-01 is 25,567 days before 1970-01-01.
    let mut day = -25_567;
    let mut month = 0;
    while month <= N_MONTHS {
        starts[month] = day;
        let year = FIRST_YEAR + month / 12;
        let is_leap =
            year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        day += match month % 12 {
            1 if is_leap => 29,
            1 => 28,
            3 | 5 | 8 | 10 => 30,
            _ => 31,
        };
        month += 1;
    }
    starts
}

/// Days since 1970-01-01 of a date between 1900 and 2099; `None` when there is no such day.
#[inline]
fn epoch_days(year: u32, month: u32, day: u32) -> Option<i32> {
    let year = (year as usize).checked_sub(FIRST_YEAR)?;
    if !(1..=12).contains(&month) || day == 0 {
        return None;
    }
    let index = year * 12 + month as usize - 1;
    let (start, next) = (*MONTH_START.get(index)?, *MONTH_START.get(index + 1)?);
    let days = start + day as i32 - 1;
    (days < next).then_some(days)
}

/// Reads the fixed-width day `bytes` starts with: days since 1970-01-01 and its length.
///
/// Only for `20240205`, `2024-02-05` and `2024/02/05`; `None` sends the caller to [`from_text`].
#[inline]
pub(crate) fn leading_day(bytes: &[u8], format: DateFormat) -> Option<(i32, usize)> {
    let (month_at, day_at, len) = match format {
        DateFormat::Compact => (4, 6, 8),
        DateFormat::Dashed | DateFormat::Slashed => (5, 8, 10),
        _ => return None,
    };
    let bytes = bytes.get(..len)?;
    if len == 10 {
        let mark = if format == DateFormat::Dashed { b'-' } else { b'/' };
        if bytes[4] != mark || bytes[7] != mark {
            return None;
        }
    }
    let year = pair(bytes, 0)? * 100 + pair(bytes, 2)?;
    Some((epoch_days(year, pair(bytes, month_at)?, pair(bytes, day_at)?)?, len))
}

#[inline]
fn pair(bytes: &[u8], at: usize) -> Option<u32> {
    let (tens, ones) = (bytes[at].wrapping_sub(b'0'), bytes[at + 1].wrapping_sub(b'0'));
    (tens <= 9 && ones <= 9).then(|| u32::from(tens) * 10 + u32::from(ones))
}

/// Reads a day in the given format, or in any that can only be read one way.
///
/// A time of day after it is left out. Spreadsheet numbers and day-month-year orders are read only
/// when `format` says so.
pub(crate) fn from_text(text: &str, format: DateFormat) -> Option<i32> {
    let plain: String = text.trim().chars().map(half_width).collect();
    if format == DateFormat::ExcelSerial
        && let Some(days) = from_serial(&plain)
    {
        return Some(days);
    }
    let date = without_time(&plain);
    let parts: Vec<&str> = date
        .split(['-', '/', '.', '年', '月', '日'])
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect();
    match parts[..] {
        [compact] if compact.len() == 8 => {
            leading_day(compact.as_bytes(), DateFormat::Compact).map(|(days, _)| days)
        }
        [year, month, day] if year.len() == 4 => from_parts(year, month, day),
        [month, day, year] if format == DateFormat::MonthFirst => from_parts(year, month, day),
        [day, month, year] if format == DateFormat::DayFirst => from_parts(year, month, day),
        _ => None,
    }
}

fn from_parts(year: &str, month: &str, day: &str) -> Option<i32> {
    let number = |text: &str| text.parse::<u32>().ok();
    if year.len() != 4 {
        return None;
    }
    epoch_days(number(year)?, number(month)?, number(day)?)
}

/// `2024-02-05 00:00:00` and `2024-02-05T00:00:00` without the time; `20240205000000` and
/// `20240205.0` cut to the day.
fn without_time(text: &str) -> &str {
    let day = text.split([' ', 'T']).next().unwrap_or(text);
    let is_stamp = matches!(day.len(), 12 | 14 | 17) && day.bytes().all(|b| b.is_ascii_digit());
    if is_stamp { &day[..8] } else { day.strip_suffix(".0").unwrap_or(day) }
}

/// Days of a spreadsheet's serial number (the 1900 system: 1899-12-30 is day 0).
fn from_serial(text: &str) -> Option<i32> {
    let serial: f64 = text.parse().ok()?;
    (1.0..110_000.0).contains(&serial).then(|| serial.floor() as i32 - 25_569)
}

/// Microseconds since 1970-01-01 of a local time `2024-02-05 09:31:00`; the time may be left out.
pub(crate) fn timestamp(text: &str, format: DateFormat) -> Option<i64> {
    let text = text.trim();
    let days = from_text(text, format)?;
    let time = if text.len() == 14 && text.bytes().all(|b| b.is_ascii_digit()) {
        format!("{}:{}:{}", &text[8..10], &text[10..12], &text[12..])
    } else {
        text.split_once([' ', 'T']).map_or(String::new(), |(_, time)| time.trim().to_owned())
    };
    let mut parts = time.split(':').map(str::trim).filter(|part| !part.is_empty());
    let mut next = || parts.next().map_or(Some(0.0), |part| part.parse::<f64>().ok());
    let (hours, minutes, seconds) = (next()?, next()?, next()?);
    let is_legal = hours < 24.0 && minutes < 60.0 && seconds < 60.0;
    let micros = ((hours * 60.0 + minutes) * 60.0 + seconds) * 1e6;
    is_legal.then_some(i64::from(days) * 86_400_000_000 + micros as i64)
}

/// The format a text is written in, where it can be told; `Err` when day and month could be swapped.
pub(crate) fn format_of(text: &str) -> Result<Option<DateFormat>, ()> {
    let plain: String = text.trim().chars().map(half_width).collect();
    let date = without_time(&plain);
    let n_parts = |mark: char| date.split(mark).count();
    let starts_with_year = date.len() >= 8 && date.bytes().take(4).all(|b| b.is_ascii_digit());
    if date.contains('年') {
        return Ok(from_text(date, DateFormat::Chinese).map(|_| DateFormat::Chinese));
    }
    for (mark, format) in
        [('-', DateFormat::Dashed), ('/', DateFormat::Slashed), ('.', DateFormat::Dashed)]
    {
        if n_parts(mark) == 3 && date.bytes().all(|b| b.is_ascii_digit() || b == mark as u8) {
            if starts_with_year {
                return Ok(from_text(date, format).map(|_| format));
            }
            return Err(());
        }
    }
    if date.len() == 8 && leading_day(date.as_bytes(), DateFormat::Compact).is_some() {
        return Ok(Some(DateFormat::Compact));
    }
    Ok(None)
}

/// Whether a text could be a spreadsheet's serial number of a day between 1982 and 2064.
pub(crate) fn looks_like_serial(text: &str) -> bool {
    text.trim().parse::<f64>().is_ok_and(|serial| (30_000.0..60_000.0).contains(&serial))
}

/// A `TradingDay` of days since 1970-01-01, for findings.
pub(crate) fn trading_day(epoch_days: i32) -> TradingDay {
    TradingDay::from_epoch_days(epoch_days)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FEB_5: i32 = 19_758;

    /// Witness: `TradingDay`, whose arithmetic is checked against Unix time.
    #[test]
    fn every_style_is_the_same_day() {
        for text in [
            "20240205",
            "2024-02-05",
            "2024/02/05",
            "2024/2/5",
            "2024-2-5",
            "2024年2月5日",
            "2024年02月05日",
            "2024-02-05 00:00:00",
            "2024-02-05T15:00:00",
            "20240205.0",
            "20240205000000",
            "２０２４-０２-０５",
            "2024.02.05",
        ] {
            assert_eq!(from_text(text, DateFormat::Dashed), Some(FEB_5), "{text}");
        }
        assert_eq!(from_text("45327", DateFormat::ExcelSerial), Some(FEB_5));
        assert_eq!(from_text("45327.0", DateFormat::ExcelSerial), Some(FEB_5));
        assert_eq!(from_text("2/5/2024", DateFormat::MonthFirst), Some(FEB_5));
        assert_eq!(from_text("5/2/2024", DateFormat::DayFirst), Some(FEB_5));
    }

    #[test]
    fn what_is_no_day_or_could_be_two_is_refused() {
        for text in ["", "2024-02-30", "20240230", "45327", "2/5/2024", "数据来源", "20241301"]
        {
            assert_eq!(from_text(text, DateFormat::Dashed), None, "{text}");
        }
        assert_eq!(format_of("2/5/2024"), Err(()));
        assert_eq!(format_of("2024/2/5"), Ok(Some(DateFormat::Slashed)));
        assert_eq!(format_of("12.34"), Ok(None));
    }

    #[test]
    fn minutes_keep_their_time() {
        let micros = i64::from(FEB_5) * 86_400_000_000 + (9 * 60 + 31) * 60_000_000;
        for text in ["2024-02-05 09:31:00", "20240205093100", "2024-02-05T09:31"] {
            assert_eq!(timestamp(text, DateFormat::Dashed), Some(micros), "{text}");
        }
        assert_eq!(timestamp("2024-02-05 25:00:00", DateFormat::Dashed), None);
    }

    proptest! {
        /// The month table is the calendar of `TradingDay`.
        #[test]
        fn the_month_table_is_the_calendar(n in -25_000_i32..47_000) {
            let day = TradingDay::from_epoch_days(n);
            let dashed = day.to_string();
            prop_assert_eq!(leading_day(dashed.as_bytes(), DateFormat::Dashed), Some((n, 10)));
            let compact = dashed.replace('-', "");
            prop_assert_eq!(leading_day(compact.as_bytes(), DateFormat::Compact), Some((n, 8)));
        }
    }
}
