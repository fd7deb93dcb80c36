//! Has something stopped moving, or has everything that stopped been taken out?

use shoals_core::{Finding, Severity};

use super::calendar::Sessions;
use super::checks::{STALE_SERIES, SURVIVORSHIP_HINT};
use super::index::{Life, Sheet, gather};
use super::prices::number;
use super::tally::{Tally, over_lives};
use crate::MarketTable;

/// Open days a panel must cover before missing deaths say anything.
const MIN_OPEN_DAYS: u32 = 480;
/// Symbols it must hold.
const MIN_SYMBOLS: usize = 100;
/// A symbol without a row in the last open days has stopped.
const STOPPED_DAYS: i32 = 20;
/// Share of the listed stocks that left a year in the quietest years of the A-share market.
const EXIT_RATE: f64 = 0.0025;

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

#[derive(Default)]
struct Scratch {
    value: Vec<f64>,
    volume: Vec<f64>,
    suspended: Vec<f64>,
}

fn stale(sheet: &Sheet, out: &mut Vec<Finding>) {
    let Some((name, n_allowed)) = moving_column(sheet.table) else { return };
    let Some(value) = sheet.column(name) else { return };
    let is_traded = n_allowed == 20;
    let volume = if is_traded { sheet.column("volume") } else { None };
    let suspended = if is_traded { sheet.column("is_suspended") } else { None };
    let is_money_fund = |x: f64| sheet.table == MarketTable::FundNav && x == 1.0;
    let [tally]: [Tally; 1] =
        over_lives(sheet, |_, life: &Life, values: &mut Scratch, [tally]: &mut [Tally; 1]| {
            value.of(life, &mut values.value);
            gather(volume.as_ref(), life, &mut values.volume);
            gather(suspended.as_ref(), life, &mut values.suspended);
            let Scratch { value, volume, suspended } = values;
            let may_stand =
                |i: usize| volume[i] > 0.0 || suspended[i] == 1.0 || is_money_fund(value[i]);
            let mut start = 0;
            for i in 1..=value.len() {
                if i < value.len() && value[i] == value[start] && !may_stand(i) {
                    continue;
                }
                if i - start > n_allowed {
                    for &row in &life.rows[start + 1..i] {
                        tally.hit(sheet.file_of(row as usize), row as usize);
                    }
                }
                start = i;
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

/// Symbols that stop before the panel does.
fn survivors(sheet: &Sheet, sessions: &Sessions, out: &mut Vec<Finding>) {
    let n = sheet.subjects.len();
    let Some((first, last)) = sheet.day_range() else { return };
    let Some(n_days) = sessions.between(first, last).filter(|&n| n as u32 >= MIN_OPEN_DAYS) else {
        return;
    };
    if n < MIN_SYMBOLS {
        return;
    }
    let has_stopped = |subject: usize| {
        let day = sheet.rows_of(subject).last().map_or(last, |&row| sheet.days[row as usize]);
        sessions.between(day, last).is_some_and(|n| n > STOPPED_DAYS)
    };
    let n_stopped = (0..n).filter(|&subject| has_stopped(subject)).count();
    let years = f64::from(n_days) / shoals_core::number::TRADING_DAYS_PER_YEAR;
    let rate = n_stopped as f64 / n as f64 / years;
    if rate >= EXIT_RATE {
        return;
    }
    let severity = if n_stopped == 0 { Severity::Warning } else { Severity::Note };
    let mut finding = sheet.finding_at(
        &SURVIVORSHIP_HINT,
        severity,
        0,
        None,
        format!("{n_stopped} of {n} symbols stop in {years:.1} years"),
        format!("about {:.0}, as the market loses", (EXIT_RATE * n as f64 * years).ceil()),
    );
    (finding.row, finding.symbol, finding.date) = (None, None, None);
    out.push(finding);
}
