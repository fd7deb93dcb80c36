//! The bins of one instrument, and what is wrong with them.

use std::path::Path;

use shoals_core::{Finding, Severity, Symbol};

use super::Root;
use crate::DataError;
use crate::formats::delimited::date;
use crate::formats::text::{name, read_whole};

/// Fields read, in the order of [`Bars::fields`].
pub(crate) const FIELDS: [&str; 7] = ["open", "high", "low", "close", "volume", "factor", "amount"];

/// Daily values of one instrument.
pub(crate) struct Bars {
    /// Whose.
    pub(crate) symbol: Symbol,
    /// Index into the calendar of the first value.
    pub(crate) start: usize,
    /// Values by field of [`FIELDS`]; empty when there is no such bin.
    pub(crate) fields: [Vec<f32>; 7],
    /// Days.
    pub(crate) n: usize,
}

/// The bars of one instrument, when any could be placed, and what is wrong with its bins.
pub(super) type Instrument = (Option<Bars>, Vec<Finding>);

/// Largest believable change of `close / factor` in a day: the widest limit, and a first day's room.
const WIDEST_MOVE: f32 = 0.45;

/// Rows after a listing that may move further.
const FREE_DAYS: usize = 6;

/// Reads the bins of a feature folder.
pub(super) fn read(root: &Root, folder: &Path) -> Result<Instrument, DataError> {
    let folder_name = folder.file_name().unwrap_or_default().to_string_lossy();
    // Names Windows reserves carry a prefix.
    let code = folder_name.strip_prefix("_qlib_").unwrap_or(&folder_name);
    let Ok(symbol) = Symbol::parse(code) else {
        let finding = finding("bad_symbol", folder, format!("`{code}`"), "a code, as sh600000");
        return Ok((None, vec![finding.with_severity(Severity::Warning)]));
    };
    let mut findings = Vec::new();
    let mut bars = Bars { symbol, start: 0, fields: Default::default(), n: 0 };
    let mut first: Option<(usize, usize, &str)> = None;
    for (i, field) in FIELDS.iter().enumerate() {
        let Some((path, values)) = values(folder, field, &mut findings)? else { continue };
        let Some((start, end)) = span(root, &path, &values, &mut findings) else { continue };
        match first {
            None => first = Some((start, end, field)),
            Some((s, e, other)) if (s, e) != (start, end) => {
                findings.push(uneven(&path, symbol, (start, end), (s, e), other));
                continue;
            }
            Some(_) => {}
        }
        bars.fields[i] = values[1..].to_vec();
    }
    let Some((start, end, field)) = first else { return Ok((None, findings)) };
    (bars.start, bars.n) = (start, end + 1 - start);
    let path = folder.join(format!("{field}.day.bin"));
    findings.extend(wrong_end(root, &path, symbol, end));
    findings.extend(factor_jump(root, folder, &bars));
    Ok((Some(bars), findings))
}

/// The numbers of a bin; `None` when there is none or it is torn.
fn values(
    folder: &Path,
    field: &str,
    findings: &mut Vec<Finding>,
) -> Result<Option<(std::path::PathBuf, Vec<f32>)>, DataError> {
    let mut path = folder.join(format!("{field}.day.bin"));
    if !path.is_file() && field == "amount" {
        path = folder.join("money.day.bin");
    }
    if !path.is_file() {
        return Ok(None);
    }
    let bytes = read_whole(&path)?;
    let (words, rest) = bytes.as_chunks::<4>();
    if !rest.is_empty() || words.is_empty() {
        let found = format!("{} bytes", bytes.len());
        findings.push(finding("torn_bin", &path, found, "a multiple of 4 bytes, at least 4"));
        return Ok(None);
    }
    Ok(Some((path, words.iter().map(|word| f32::from_le_bytes(*word)).collect())))
}

/// First and last calendar index of a bin's values; `None` when they cannot be placed.
fn span(
    root: &Root,
    path: &Path,
    values: &[f32],
    findings: &mut Vec<Finding>,
) -> Option<(usize, usize)> {
    let start = values[0];
    let n = values.len() - 1;
    let is_index = start >= 0.0 && start.fract() == 0.0 && start < 16_777_216.0;
    if !is_index {
        let expected = "a whole number from 0, the index of the first day";
        findings.push(finding("bad_bin_start", path, start.to_string(), expected));
        return None;
    }
    if n == 0 {
        findings.push(finding("empty_bin", path, "no values".to_owned(), "a value a day"));
        return None;
    }
    let end = start as usize + n - 1;
    if end >= root.calendar.len() {
        let found = format!("values up to day {end}");
        let expected = format!("at most day {}, the calendar's last", root.calendar.len() - 1);
        findings.push(finding("bin_past_calendar", path, found, &expected));
        return None;
    }
    Some((start as usize, end))
}

fn uneven(
    path: &Path,
    symbol: Symbol,
    found: (usize, usize),
    first: (usize, usize),
    field: &str,
) -> Finding {
    let found = format!("days {} to {} of the calendar", found.0, found.1);
    let expected = format!("days {} to {}, as {field}", first.0, first.1);
    finding("uneven_bins", path, found, &expected).of_symbol(symbol)
}

/// A bin that ends on another day than its instrument: prices stand on wrong days.
fn wrong_end(root: &Root, path: &Path, symbol: Symbol, end: usize) -> Option<Finding> {
    let last = *root.last_days.get(&symbol)?;
    let n_until = root.calendar.partition_point(|day| *day <= last);
    let expected = n_until.checked_sub(1)?;
    if end == expected {
        return None;
    }
    let day = |i: usize| date::trading_day(root.calendar[i]);
    let kind = if end < expected { "short_bin" } else { "long_bin" };
    let found = format!("the last value on {}", day(end));
    let expected_text = format!("on {}, the instrument's last day", day(expected));
    let finding = finding(kind, path, found, &expected_text).of_symbol(symbol).on(day(end));
    Some(finding.counted(expected.abs_diff(end) as u64))
}

/// An unadjusted price that jumps further than any limit allows: factor and price do not belong together.
fn factor_jump(root: &Root, folder: &Path, bars: &Bars) -> Option<Finding> {
    let (close, factor) = (&bars.fields[3], &bars.fields[5]);
    if factor.is_empty() || close.is_empty() {
        return None;
    }
    let raw = |i: usize| close[i] / factor[i];
    // A listing within the calendar has days without limits.
    let first_limited = if bars.start > 0 { FREE_DAYS } else { 0 };
    let mut last: Option<(f32, f32)> = None;
    let mut jumps = (0..bars.n).filter(|&i| {
        let (adjusted, price) = (close[i], raw(i));
        if !price.is_finite() {
            return false;
        }
        // Splits and dividends lower the raw price; nothing lifts it beyond the limits.
        let is_jump = last.is_some_and(|(adjusted_before, price_before)| {
            (adjusted / adjusted_before - 1.0).abs() > WIDEST_MOVE
                || price / price_before - 1.0 > WIDEST_MOVE
        });
        last = Some((adjusted, price));
        is_jump && i >= first_limited
    });
    let first = jumps.next()?;
    let day = date::trading_day(root.calendar[bars.start + first]);
    let path = folder.join("factor.day.bin");
    let found = format!("an unadjusted close of {} on {day}", raw(first));
    let finding = finding("factor_jump", &path, found, "a move within the price limits");
    Some(
        finding
            .with_severity(Severity::Warning)
            .of_symbol(bars.symbol)
            .on(day)
            .counted(1 + jumps.count() as u64),
    )
}

fn finding(kind: &str, path: &Path, found: String, expected: &str) -> Finding {
    let remedy = "dump this instrument again with dump_bin.py dump_all; dump_update after a \
                  suspension writes bins that are too short";
    Finding::new(kind, Severity::Severe, name(path), found, expected, remedy)
}

/// A finding of another weight.
trait WithSeverity {
    fn with_severity(self, severity: Severity) -> Self;
}

impl WithSeverity for Finding {
    fn with_severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }
}
