//! Has something stopped moving, or has everything that stopped been taken out?

use std::ops::Range;

use arrow_array::Array;
use shoals_core::{Finding, Severity};

use super::calendar::Sessions;
use super::checks::{STALE_SERIES, SURVIVORSHIP_HINT};
use super::index::{Life, Sheet};
use super::prices::number;
use super::tally::{Tally, over_lives};
use crate::MarketTable;

/// Open days a panel must cover before missing exits say anything.
const MIN_OPEN_DAYS: i32 = 480;
/// Exits a panel must make one expect before their absence says anything: none has then a chance of 5 %.
const MIN_EXPECTED: f64 = 3.0;
/// Fewer than this fraction of the expected exits is worth a note.
const FEW: f64 = 0.25;
/// A symbol without a row in the last open days has stopped.
const STOPPED_DAYS: i32 = 20;
/// Share of the listed stocks that leave in a year: 20 to 52 of 4,000 to 5,300 in 2020 to 2024.
const EXIT_RATE: f64 = 0.005;

pub(super) fn examine(sheet: &Sheet, sessions: &Sessions, out: &mut Vec<Finding>) {
    stale(sheet, out);
    if matches!(sheet.table, MarketTable::StockDaily | MarketTable::StockAdjustedDaily) {
        survivors(sheet, sessions, out);
    }
}

/// The column that must move, and the rows it may stand still.
fn moving_column(table: MarketTable) -> Option<(&'static str, usize)> {
    Some(match table {
        MarketTable::StockDaily | MarketTable::StockAdjustedDaily | MarketTable::EtfDaily => {
            ("close", 20)
        }
        MarketTable::IndexDaily | MarketTable::FutureDaily => ("close", 5),
        MarketTable::ImpliedVolatilityDaily => ("implied_volatility", 5),
        MarketTable::FundNav => ("unit_nav", 10),
        _ => return None,
    })
}

fn stale(sheet: &Sheet, out: &mut Vec<Finding>) {
    let Some((name, n_allowed)) = moving_column(sheet.table) else { return };
    let Some(column) = sheet.column(name) else { return };
    let [tally]: [Tally; 1] =
        over_lives(sheet, |_, life: &Life, values: &mut Vec<f64>, [tally]: &mut [Tally; 1]| {
            column.of(life, values);
            for run in runs(values, n_allowed) {
                count_stale(sheet, &life.rows[run], n_allowed, tally);
            }
        });
    tally.report(sheet, &STALE_SERIES, Some(name), out, |row| {
        let value = sheet.number(name, row);
        (
            format!("{} on more than {n_allowed} days running", number(value)),
            "a value that moves".to_owned(),
        )
    });
}

/// Ranges of more than `n_allowed` equal values.
fn runs(values: &[f64], n_allowed: usize) -> impl Iterator<Item = Range<usize>> {
    let mut start = 0;
    (1..=values.len()).filter_map(move |end| {
        if end < values.len() && values[end] == values[start] {
            return None;
        }
        let run = start..end;
        start = end;
        (run.len() > n_allowed).then_some(run)
    })
}

/// Counts the rows of a run of equal values that had no reason to stand still, when enough follow each
/// other. The first row of such a stretch may still have moved.
fn count_stale(sheet: &Sheet, run: &[u32], n_allowed: usize, tally: &mut Tally) {
    let is_traded =
        sheet.table != MarketTable::FutureDaily && sheet.table != MarketTable::IndexDaily;
    let may_stand = |row: usize| {
        let (piece, i) = sheet.place(row);
        let is_suspended =
            || piece.flags("is_suspended").is_some_and(|f| f.is_valid(i) && f.value(i));
        let is_money_fund =
            || sheet.table == MarketTable::FundNav && sheet.number("unit_nav", row) == 1.0;
        (is_traded && sheet.number("volume", row) > 0.0) || is_suspended() || is_money_fund()
    };
    let mut stretch = 1;
    let mut end_stretch = |end: usize, stretch: usize| {
        if stretch > n_allowed {
            for &row in &run[end + 1 - stretch..end] {
                tally.hit(sheet.file_of(row as usize), row as usize);
            }
        }
    };
    for (i, &row) in run.iter().enumerate().skip(1) {
        if may_stand(row as usize) {
            end_stretch(i, stretch);
            stretch = 1;
        } else {
            stretch += 1;
        }
    }
    end_stretch(run.len(), stretch);
}

/// Symbols that stop before the panel does, against what the years they lived make one expect.
fn survivors(sheet: &Sheet, sessions: &Sessions, out: &mut Vec<Finding>) {
    let Some((first, last)) = sheet.day_range else { return };
    if sessions.between(first, last).is_none_or(|n| n < MIN_OPEN_DAYS) {
        return;
    }
    let life = |subject: usize| {
        let day = |row: &u32| sheet.days[*row as usize];
        let rows = sheet.rows_of(subject);
        Some((day(rows.first()?), day(rows.last()?)))
    };
    let lives: Vec<(i32, i32)> = (0..sheet.subjects.len()).filter_map(life).collect();
    let n_days: i32 = lives.iter().filter_map(|&(from, to)| sessions.between(from, to)).sum();
    let years = f64::from(n_days) / shoals_core::number::TRADING_DAYS_PER_YEAR;
    let has_stopped =
        |&&(_, to): &&(i32, i32)| sessions.between(to, last).is_some_and(|n| n > STOPPED_DAYS);
    let n_stopped = lives.iter().filter(has_stopped).count();
    let expected = EXIT_RATE * years;
    if expected < MIN_EXPECTED || n_stopped as f64 >= FEW * expected {
        return;
    }
    let severity = if n_stopped == 0 { Severity::Warning } else { Severity::Note };
    let mut finding = sheet.finding_at(
        &SURVIVORSHIP_HINT,
        severity,
        0,
        None,
        format!("{n_stopped} of {} symbols stop", lives.len()),
        format!("about {expected:.0} in {years:.0} years of lives, as in the market"),
    );
    (finding.row, finding.symbol, finding.date) = (None, None, None);
    out.push(finding);
}
