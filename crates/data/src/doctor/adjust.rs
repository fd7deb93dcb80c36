//! Do the jumps of a price agree with what is said about dividends, splits and limits?
//!
//! Close times adjust factor moves like the holder's wealth, so within the price limit. Where it does
//! not, either the close jumped and the factor missed it, or the factor jumped alone.

use shoals_core::{Board, Finding, Rules, Severity};

use super::calendar::Sessions;
use super::checks::{
    INDEX_JUMP, JUMP_AGAINST_ADJUST_FACTOR, JUMP_BEYOND_LIMIT, PRE_CLOSE_IS_SHIFTED_CLOSE,
};
use super::index::{Life, Sheet, gather};
use super::levels::power_of_ten;
use super::limits::{Limits, Listings, free_until};
use super::prices::{number, tick};
use super::tally::{Tally, over_lives};
use crate::MarketTable;

/// Room for rounding in a daily return beside the limit.
const RETURN_SLACK: f64 = 0.006;
/// The widest limit an exchange-traded fund has.
const ETF_LIMIT: f64 = 0.20;
/// An index moves less than the widest limit of its members.
const INDEX_LIMIT: f64 = 0.20;
/// A factor that moves less is rounding, not an ex-right day.
const EX_RIGHT_CHANGE: f64 = 0.003;

pub(super) fn examine(
    sheet: &Sheet,
    sessions: &Sessions,
    rules: &Rules,
    listings: &Listings,
    out: &mut Vec<Finding>,
) {
    match sheet.table {
        MarketTable::StockDaily | MarketTable::EtfDaily => {
            let day_limits = DayLimits::new(sheet, sessions, rules, listings);
            raw_jumps(sheet, sessions, &day_limits, out);
        }
        MarketTable::StockAdjustedDaily => {
            let day_limits = DayLimits::new(sheet, sessions, rules, listings);
            jumps(sheet, sessions, &JUMP_BEYOND_LIMIT, out, |subject, day| {
                day_limits.of(sheet, subject, day)
            });
        }
        MarketTable::IndexDaily => {
            let limits = Limits::new(sessions, rules);
            jumps(sheet, sessions, &INDEX_JUMP, out, |_, day| {
                // Before share prices had limits, neither had indices.
                let has_limits = !limits.of(Some(Board::Main), false, day).is_nan();
                if has_limits { INDEX_LIMIT } else { f64::NAN }
            });
        }
        _ => {}
    }
}

/// The largest legal move of a subject's day, NaN when there is no limit.
struct DayLimits {
    limits: Limits,
    free_until: Vec<i32>,
    is_etf: bool,
}

impl DayLimits {
    fn new(sheet: &Sheet, sessions: &Sessions, rules: &Rules, listings: &Listings) -> Self {
        Self {
            limits: Limits::new(sessions, rules),
            free_until: free_until(sheet, sessions, rules, listings),
            is_etf: sheet.table == MarketTable::EtfDaily,
        }
    }

    fn of(&self, sheet: &Sheet, subject: usize, day: i32) -> f64 {
        match sheet.subjects[subject].board {
            _ if self.is_etf => ETF_LIMIT,
            _ if day <= self.free_until[subject] => f64::NAN,
            board => self.limits.of(board, false, day),
        }
    }
}

/// Values of a life, kept between lives.
#[derive(Default)]
struct Scratch {
    close: Vec<f64>,
    pre_close: Vec<f64>,
    factor: Vec<f64>,
}

fn raw_jumps(sheet: &Sheet, sessions: &Sessions, day_limits: &DayLimits, out: &mut Vec<Finding>) {
    let Some(factor) = sheet.column("adjust_factor") else { return };
    let close = sheet.column("close");
    let pre_close = sheet.column("pre_close");
    let [jumps, shifted, ex_right]: [Tally; 3] = over_lives(
        sheet,
        |subject, life: &Life, values: &mut Scratch, tallies: &mut [Tally; 3]| {
            gather(close.as_ref(), life, &mut values.close);
            factor.of(life, &mut values.factor);
            find_jumps(sheet, sessions, day_limits, subject, life, values, &mut tallies[0]);
            if pre_close.is_some() {
                gather(pre_close.as_ref(), life, &mut values.pre_close);
                find_shifted(sheet, life, values, tallies);
            }
        },
    );
    jumps.report(sheet, &JUMP_AGAINST_ADJUST_FACTOR, Some("close"), out, |row| {
        let before = previous_row(sheet, row);
        let at = |name: &str| (sheet.number(name, before), sheet.number(name, row));
        let ((from, to), (f0, f1)) = (at("close"), at("adjust_factor"));
        let limit = day_limits.of(sheet, sheet.subject_of[row] as usize, sheet.days[row]);
        (
            format!(
                "close {} after {}, adjust factor {} after {}: {:+.1} % for the holder",
                number(to),
                number(from),
                number(f1),
                number(f0),
                (to * f1 / (from * f0) - 1.0) * 100.0
            ),
            format!("a move within {:.0} %", limit * 100.0),
        )
    });
    let severity = |file, hits: super::tally::Hits| {
        let is_most = hits.count * 2 >= ex_right.in_file(file).count;
        if is_most { Severity::Severe } else { Severity::Warning }
    };
    shifted.report_as(
        sheet,
        &PRE_CLOSE_IS_SHIFTED_CLOSE,
        Some("pre_close"),
        out,
        severity,
        |row| {
            let before = previous_row(sheet, row);
            let close = sheet.number("close", before);
            let reference =
                close * sheet.number("adjust_factor", before) / sheet.number("adjust_factor", row);
            (
                format!("the last close {}", number(close)),
                format!("{reference:.2} by the adjust factor"),
            )
        },
    );
}

fn find_jumps(
    sheet: &Sheet,
    sessions: &Sessions,
    day_limits: &DayLimits,
    subject: usize,
    life: &Life,
    values: &Scratch,
    tally: &mut Tally,
) {
    let (close, factor) = (&values.close[..], &values.factor[..]);
    let step = tick(sheet.table);
    for i in 1..close.len() {
        let growth = close[i] * factor[i] / (close[i - 1] * factor[i - 1]);
        let room = RETURN_SLACK + 2.0 * step / close[i - 1].min(close[i]);
        // The narrowest band of any board is 5 %; most rows end here.
        let is_known = growth > 0.0 && close[i - 1] > 0.0 && factor[i] > 0.0;
        if (growth - 1.0).abs() <= 0.05 || !is_known {
            continue;
        }
        let limit = day_limits.of(sheet, subject, life.days[i]);
        let is_next_day = sessions.between(life.days[i - 1], life.days[i]) == Some(1);
        if is_next_day && (growth - 1.0).abs() > limit + room {
            let row = life.rows[i] as usize;
            tally.hit(sheet.file_of(row), row);
        }
    }
}

/// Ex-right days, and those on which `pre_close` is only the last close.
fn find_shifted(sheet: &Sheet, life: &Life, values: &Scratch, tallies: &mut [Tally; 3]) {
    let [_, shifted, ex_right] = tallies;
    let step = tick(sheet.table);
    let (close, factor) = (&values.close[..], &values.factor[..]);
    for i in 1..close.len() {
        let last = close[i - 1];
        let distance = (last * factor[i - 1] / factor[i] - last).abs();
        let is_known = values.pre_close[i] > 0.0 && factor[i] > 0.0;
        if is_known && distance > (2.5 * step).max(EX_RIGHT_CHANGE * last) {
            let row = life.rows[i] as usize;
            let file = sheet.file_of(row);
            ex_right.hit(file, row);
            if (values.pre_close[i] - last).abs() < 0.5 * step {
                shifted.hit(file, row);
            }
        }
    }
}

/// Moves of `close` from one open day to the next beyond a limit.
fn jumps(
    sheet: &Sheet,
    sessions: &Sessions,
    check: &super::Check,
    out: &mut Vec<Finding>,
    limit: impl Fn(usize, i32) -> f64 + Sync,
) {
    let Some(column) = sheet.column("close") else { return };
    let [tally]: [Tally; 1] = over_lives(
        sheet,
        |subject, life: &Life, close: &mut Vec<f64>, [tally]: &mut [Tally; 1]| {
            column.of(life, close);
            for i in 1..close.len() {
                let change = close[i] / close[i - 1] - 1.0;
                let is_unit = sheet.table == MarketTable::IndexDaily
                    && power_of_ten(close[i] / close[i - 1]).is_some();
                if change.abs() > 0.05
                    && !is_unit
                    && close[i - 1] > 0.0
                    && change.abs() > limit(subject, life.days[i]) + RETURN_SLACK
                    && sessions.between(life.days[i - 1], life.days[i]) == Some(1)
                {
                    let row = life.rows[i] as usize;
                    tally.hit(sheet.file_of(row), row);
                }
            }
        },
    );
    tally.report(sheet, check, Some("close"), out, |row| {
        let (from, to) =
            (sheet.number("close", previous_row(sheet, row)), sheet.number("close", row));
        let limit = limit(sheet.subject_of[row] as usize, sheet.days[row]);
        let change = (to / from - 1.0) * 100.0;
        (
            format!("{} after {}, {change:+.1} %", number(to), number(from)),
            format!("a move within {:.0} %", limit * 100.0),
        )
    });
}

/// The row of the same subject on the day before.
fn previous_row(sheet: &Sheet, row: usize) -> usize {
    let rows = sheet.rows_of(sheet.subject_of[row] as usize);
    let at = rows.iter().position(|&r| r as usize == row).unwrap_or(0);
    rows[at.saturating_sub(1)] as usize
}
