//! Do the rows stand on days the exchange traded, and on all of them?

use arrow_array::Array;
use shoals_core::{Calendar, Finding, Severity, TradingDay};

use super::checks::{
    CALENDAR_DISAGREES, CLOSED_DAY, MISSING_DAYS, MISSING_MARKET_DAY, OUTSIDE_CALENDAR,
};
use super::index::Sheet;
use super::tally::{Tally, over_pieces, over_subjects};
use crate::MarketTable;

/// A year past the calendar's end, a date is misread rather than new.
const FAR_FUTURE_DAYS: i32 = 366;
/// A level that moves less over a closed day is only carried over it.
const CARRIED_OVER: f64 = 1e-3;

/// The open days around the sheet's own, counted: day arithmetic without asking the calendar per row.
pub(super) struct Sessions {
    first: i32,
    /// Open days up to and including `first + i`.
    up_to: Vec<u32>,
    is_open: Vec<bool>,
}

impl Sessions {
    pub(super) fn new(sheet: &Sheet, calendar: &Calendar) -> Self {
        let (known_first, known_last) =
            (calendar.first().epoch_days(), calendar.last().epoch_days());
        let (first, last) = sheet.day_range.unwrap_or((known_first, known_first));
        let (first, last) =
            (first.clamp(known_first, known_last), last.clamp(known_first, known_last));
        let mut is_open = vec![false; (last - first + 1) as usize];
        let day = TradingDay::from_epoch_days;
        for open in calendar.days(day(first), day(last)) {
            is_open[(open.epoch_days() - first) as usize] = true;
        }
        let mut n = 0;
        let count = |&open: &bool| {
            n += u32::from(open);
            n
        };
        let up_to = is_open.iter().map(count).collect();
        Self { first, up_to, is_open }
    }

    /// First and last day covered.
    pub(super) fn range(&self) -> (i32, i32) {
        (self.first, self.first + self.is_open.len() as i32 - 1)
    }

    fn index(&self, day: i32) -> Option<usize> {
        let i = usize::try_from(i64::from(day) - i64::from(self.first)).ok()?;
        (i < self.is_open.len()).then_some(i)
    }

    /// Whether the exchange traded; `None` outside the calendar.
    pub(super) fn is_open(&self, day: i32) -> Option<bool> {
        self.index(day).map(|i| self.is_open[i])
    }

    /// Open days after `from` up to `to`; `None` outside the calendar.
    pub(super) fn between(&self, from: i32, to: i32) -> Option<i32> {
        Some(self.up_to[self.index(to)?] as i32 - self.up_to[self.index(from)?] as i32)
    }

    /// The `n`-th open day counted from `day`, itself the first when open; the last known when beyond.
    pub(super) fn nth_from(&self, day: i32, n: u32) -> i32 {
        let Some(start) = self.index(day) else { return day };
        let before = self.up_to[start] - u32::from(self.is_open[start]);
        let i = self.up_to.partition_point(|&count| count < before + n);
        self.first + i.min(self.is_open.len() - 1) as i32
    }
}

pub(super) fn examine(
    sheet: &Sheet,
    sessions: &Sessions,
    calendar: &Calendar,
    out: &mut Vec<Finding>,
) {
    match sheet.table {
        MarketTable::TradingDay => trading_days(sheet, calendar, out),
        table if stands_on_days(table) => {
            closed_and_unknown(sheet, sessions, calendar, out);
            if is_daily(table) {
                missing(sheet, sessions, out);
            }
        }
        _ => {}
    }
}

/// Tables whose date is a day something was traded or published.
fn stands_on_days(table: MarketTable) -> bool {
    table.key().iter().any(|spec| matches!(spec.name, "date" | "timestamp"))
        && table != MarketTable::FundamentalQuarterly
}

/// Tables with a row for every open day.
fn is_daily(table: MarketTable) -> bool {
    !matches!(
        table,
        MarketTable::IndexMember
            | MarketTable::FundNav
            | MarketTable::RateDaily
            | MarketTable::StockMinute
    )
}

fn closed_and_unknown(
    sheet: &Sheet,
    sessions: &Sessions,
    calendar: &Calendar,
    out: &mut Vec<Finding>,
) {
    let (first, last) = (calendar.first().epoch_days(), calendar.last().epoch_days());
    let is_absurd = |day: i32| day < first || day > last + FAR_FUTURE_DAYS;
    let [closed, carried, unknown, absurd]: [Tally; 4] =
        over_pieces(sheet, |piece, [closed, carried, unknown, absurd]: &mut [Tally; 4]| {
            let days = &sheet.days[piece.first..piece.first + piece.n_rows()];
            let is_known = |day: i32| (first..=last).contains(&day) || day == i32::MIN;
            let is_closed = |i: usize| sessions.is_open(days[i]) == Some(false);
            closed.scan(piece, is_closed);
            if sheet.table == MarketTable::IndexDaily {
                carried.scan(piece, |i| is_closed(i) && is_carried_over(sheet, piece.first + i));
            }
            unknown.scan(piece, |i| !is_known(days[i]));
            absurd.scan(piece, |i| !is_known(days[i]) && is_absurd(days[i]));
        });
    let column = Some(sheet.table.key()[0].name);
    let severity = |file: usize, hits: super::tally::Hits| match sheet.table {
        MarketTable::FundNav | MarketTable::RateDaily => Severity::Note,
        _ if carried.in_file(file).count == hits.count => Severity::Warning,
        _ => CLOSED_DAY.severity,
    };
    let weekday = |row: usize| {
        ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
            [TradingDay::from_epoch_days(sheet.days[row]).weekday() as usize]
    };
    closed.report_as(sheet, &CLOSED_DAY, column, out, severity, |row| {
        (format!("a {} the exchange was closed", weekday(row)), "an open day".to_owned())
    });
    let known = format!("a day of {} to {}", calendar.first(), calendar.last());
    let severity = |file, _| {
        if absurd.in_file(file).count > 0 { Severity::Severe } else { OUTSIDE_CALENDAR.severity }
    };
    unknown.report_as(sheet, &OUTSIDE_CALENDAR, column, out, severity, |row| {
        (TradingDay::from_epoch_days(sheet.days[row]).to_string(), known.clone())
    });
}

/// Whether an index stands where it stood on the row before: publishers carry levels over holidays, and
/// add a day's accrual to total-return ones.
fn is_carried_over(sheet: &Sheet, row: usize) -> bool {
    let rows = sheet.rows_of(sheet.subject_of[row] as usize);
    let at = rows.partition_point(|&r| sheet.days[r as usize] < sheet.days[row]);
    let Some(before) = at.checked_sub(1) else { return false };
    let [last, this] = [rows[before] as usize, row].map(|row| sheet.number("close", row));
    (this / last - 1.0).abs() < CARRIED_OVER
}

/// Days the whole market lacks, and days single symbols lack inside their life.
fn missing(sheet: &Sheet, sessions: &Sessions, out: &mut Vec<Finding>) {
    let mut is_present = vec![false; sessions.is_open.len()];
    for &day in &sheet.days {
        if let Some(i) = sessions.index(day) {
            is_present[i] = true;
        }
    }
    let first = is_present.iter().position(|&here| here).unwrap_or(0);
    let last = is_present.iter().rposition(|&here| here).unwrap_or(0);
    let absent: Vec<i32> = (first..=last)
        .filter(|&i| sessions.is_open[i] && !is_present[i])
        .map(|i| sessions.first + i as i32)
        .collect();
    market_days(sheet, &absent, out);
    symbol_days(sheet, sessions, &absent, out);
}

fn market_days(sheet: &Sheet, absent: &[i32], out: &mut Vec<Finding>) {
    let Some(&first) = absent.first() else { return };
    let Some(next) =
        (0..sheet.n_rows).filter(|&row| sheet.days[row] > first).min_by_key(|&row| sheet.days[row])
    else {
        return;
    };
    let day = TradingDay::from_epoch_days;
    let shown: Vec<String> = absent.iter().take(3).map(|&d| day(d).to_string()).collect();
    let more = if absent.len() > 3 { ", ..." } else { "" };
    let mut finding = sheet
        .finding_at(
            &MISSING_MARKET_DAY,
            MISSING_MARKET_DAY.severity,
            next,
            Some(sheet.table.key()[0].name),
            format!("no row at all on {}{more}", shown.join(", ")),
            "rows on every open day between the first and the last",
        )
        .counted(absent.len() as u64);
    (finding.row, finding.symbol, finding.date) = (None, None, Some(day(first)));
    out.push(finding);
}

/// Gaps of each symbol, without the days nobody has.
fn symbol_days(sheet: &Sheet, sessions: &Sessions, absent: &[i32], out: &mut Vec<Finding>) {
    let absent_between = |from: i32, to: i32| {
        absent.partition_point(|&d| d <= to) - absent.partition_point(|&d| d <= from)
    };
    let gap = |from: i32, to: i32| {
        let n = sessions.between(from, to).unwrap_or(0) - 1;
        if n > 0 { n as usize - absent_between(from, to).min(n as usize) } else { 0 }
    };
    let Gaps { rows, days } = over_subjects(sheet, |subject, gaps: &mut Gaps| {
        for pair in sheet.rows_of(subject).windows(2) {
            let row = pair[1] as usize;
            let n = gap(sheet.days[pair[0] as usize], sheet.days[row]);
            if n > 0 {
                let file = sheet.file_of(row);
                gaps.rows.hit(file, row);
                gaps.add(file, n as u64);
            }
        }
    });
    let severity = if marks_no_suspension(sheet) { Severity::Note } else { MISSING_DAYS.severity };
    let start = out.len();
    rows.report_as(
        sheet,
        &MISSING_DAYS,
        Some(sheet.table.key()[0].name),
        out,
        |_, _| severity,
        |row| {
            let before = previous_day(sheet, row);
            let n = gap(before, sheet.days[row]);
            let plural = if n == 1 { "" } else { "s" };
            (
                format!(
                    "no row for {n} open day{plural} after {}",
                    TradingDay::from_epoch_days(before)
                ),
                "a row for every open day of a symbol's life".to_owned(),
            )
        },
    );
    let mut counts = days.iter().filter(|&&n| n > 0);
    for finding in &mut out[start..] {
        finding.count = *counts.next().expect("a file with gaps has missing days");
    }
}

/// Gaps: the rows after them, and missing days by file.
#[derive(Default)]
struct Gaps {
    rows: Tally,
    days: Vec<u64>,
}

impl Gaps {
    fn add(&mut self, file: usize, n: u64) {
        if self.days.len() <= file {
            self.days.resize(file + 1, 0);
        }
        self.days[file] += n;
    }
}

impl super::tally::Merge for Gaps {
    fn merge(&mut self, other: &Self) {
        self.rows.merge(&other.rows);
        for (file, &n) in other.days.iter().enumerate() {
            self.add(file, n);
        }
    }
}

fn previous_day(sheet: &Sheet, row: usize) -> i32 {
    let rows = sheet.rows_of(sheet.subject_of[row] as usize);
    let at = rows.partition_point(|&r| sheet.days[r as usize] < sheet.days[row]);
    sheet.days[rows[at.saturating_sub(1)] as usize]
}

/// Whether a stock table never says that a stock was suspended: it then leaves those days out.
fn marks_no_suspension(sheet: &Sheet) -> bool {
    let is_stock = matches!(
        sheet.table,
        MarketTable::StockDaily | MarketTable::StockAdjustedDaily | MarketTable::StockValuation
    );
    is_stock
        && !sheet.pieces.iter().any(|piece| {
            piece.flags("is_suspended").is_some_and(|flags| flags.true_count() > 0)
                || piece.numbers("volume").is_some_and(|volume| volume.contains(&0.0))
        })
}

/// A table of days that contradicts the exchange calendar.
fn trading_days(sheet: &Sheet, calendar: &Calendar, out: &mut Vec<Finding>) {
    let mut tally = Tally::default();
    for piece in &sheet.pieces {
        let Some(flags) = piece.flags("is_open") else { continue };
        tally.scan(piece, |i| {
            let day = TradingDay::from_epoch_days(sheet.days[piece.first + i]);
            calendar.knows(day) && flags.is_valid(i) && flags.value(i) != calendar.is_open(day)
        });
    }
    tally.report(sheet, &CALENDAR_DISAGREES, Some("is_open"), out, |row| {
        let day = TradingDay::from_epoch_days(sheet.days[row]);
        let word = |is_open| if is_open { "open" } else { "closed" };
        let expected = calendar.is_open(day);
        (word(!expected).to_owned(), format!("{}, as the exchange published", word(expected)))
    });
}
