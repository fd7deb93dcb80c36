//! Fund values, company reports and the register of securities.

use shoals_core::{Finding, TradingDay};

use super::calendar::Sessions;
use super::checks::{
    ACCUMULATED_BELOW_UNIT, ANNOUNCED_BEFORE_PERIOD_END, DELISTED_BEFORE_LISTED, NAV_JUMP,
    NOT_QUARTER_END,
};
use super::index::{Life, Sheet, gather};
use super::prices::number;
use super::tally::{Tally, over_lives, over_pieces};
use crate::MarketTable;

/// A fund value moves less than this in a day: the widest price limit.
const DAILY_MOVE: f64 = 0.20;
/// Values are published with four decimals.
const NAV_ROUNDING: f64 = 1.5e-4;

pub(super) fn examine(sheet: &Sheet, sessions: &Sessions, out: &mut Vec<Finding>) {
    match sheet.table {
        MarketTable::FundNav => {
            accumulated(sheet, out);
            jumps(sheet, sessions, out);
        }
        MarketTable::FundamentalQuarterly => reports(sheet, out),
        MarketTable::Security => securities(sheet, out),
        _ => {}
    }
}

fn accumulated(sheet: &Sheet, out: &mut Vec<Finding>) {
    let [below]: [Tally; 1] = over_pieces(sheet, |piece, [below]: &mut [Tally; 1]| {
        let Some((unit, accumulated)) =
            piece.numbers("unit_nav").zip(piece.numbers("accumulated_nav"))
        else {
            return;
        };
        below.scan(piece, |i| accumulated[i] < unit[i] - NAV_ROUNDING);
    });
    below.report(sheet, &ACCUMULATED_BELOW_UNIT, Some("accumulated_nav"), out, |row| {
        let [unit, accumulated] =
            ["unit_nav", "accumulated_nav"].map(|name| number(sheet.number(name, row)));
        (accumulated, format!("at least the unit value {unit}"))
    });
}

#[derive(Default)]
struct Scratch {
    unit: Vec<f64>,
    accumulated: Vec<f64>,
    dividend: Vec<f64>,
}

impl Scratch {
    /// The holder's return at `i`: the calmer of unit value plus dividend, and accumulated value.
    fn change(&self, i: usize) -> f64 {
        let last = self.unit[i - 1];
        let dividend = if self.dividend[i].is_nan() { 0.0 } else { self.dividend[i] };
        let by_unit = (self.unit[i] + dividend) / last - 1.0;
        let by_accumulated = (self.accumulated[i] - self.accumulated[i - 1]) / last;
        if by_accumulated.abs() < by_unit.abs() { by_accumulated } else { by_unit }
    }
}

fn jumps(sheet: &Sheet, sessions: &Sessions, out: &mut Vec<Finding>) {
    let Some(unit) = sheet.column("unit_nav") else { return };
    let (accumulated, dividend) = (sheet.column("accumulated_nav"), sheet.column("dividend"));
    let allowed = |from: i32, to: i32| {
        let n = sessions.between(from, to).unwrap_or((to - from) * 5 / 7).max(1);
        DAILY_MOVE * f64::from(n).sqrt()
    };
    let [tally]: [Tally; 1] =
        over_lives(sheet, |_, life: &Life, values: &mut Scratch, [tally]: &mut [Tally; 1]| {
            unit.of(life, &mut values.unit);
            gather(accumulated.as_ref(), life, &mut values.accumulated);
            gather(dividend.as_ref(), life, &mut values.dividend);
            for i in 1..life.rows.len() {
                let change = values.change(i);
                if values.unit[i - 1] > 0.0
                    && change.abs() > allowed(life.days[i - 1], life.days[i])
                {
                    let row = life.rows[i] as usize;
                    tally.hit(sheet.file_of(row), row);
                }
            }
        });
    tally.report(sheet, &NAV_JUMP, Some("unit_nav"), out, |row| {
        let rows = sheet.rows_of(sheet.subject_of[row] as usize);
        let at = rows.partition_point(|&r| sheet.days[r as usize] < sheet.days[row]);
        let before = rows[at.saturating_sub(1)] as usize;
        let [last, this] = [before, row].map(|row| sheet.number("unit_nav", row));
        let change = (this / last - 1.0) * 100.0;
        let allowed = allowed(sheet.days[before], sheet.days[row]) * 100.0;
        (
            format!("{} after {}, {change:+.1} %", number(this), number(last)),
            format!("a move within {allowed:.0} %"),
        )
    });
}

fn reports(sheet: &Sheet, out: &mut Vec<Finding>) {
    let [early, odd]: [Tally; 2] = over_pieces(sheet, |piece, [early, odd]: &mut [Tally; 2]| {
        let period = &sheet.days[piece.first..piece.first + piece.n_rows()];
        odd.scan(piece, |i| period[i] != i32::MIN && !is_quarter_end(period[i]));
        let Some(announced) = piece.days("announced_on") else { return };
        early.scan(piece, |i| announced[i].is_some_and(|day| day < period[i]));
    });
    early.report(sheet, &ANNOUNCED_BEFORE_PERIOD_END, Some("announced_on"), out, |row| {
        let (piece, i) = sheet.place(row);
        let announced = piece.days("announced_on").and_then(|days| days[i]).unwrap_or_default();
        let date = |day| TradingDay::from_epoch_days(day).to_string();
        (date(announced), format!("a day after the period's end {}", date(sheet.days[row])))
    });
    odd.report(sheet, &NOT_QUARTER_END, Some("date"), out, |row| {
        let day = TradingDay::from_epoch_days(sheet.days[row]);
        (day.to_string(), "the last day of March, June, September or December".to_owned())
    });
}

fn is_quarter_end(day: i32) -> bool {
    let (_, month, _) = TradingDay::from_epoch_days(day).ymd();
    let (_, next, _) = TradingDay::from_epoch_days(day + 1).ymd();
    month % 3 == 0 && next != month
}

fn securities(sheet: &Sheet, out: &mut Vec<Finding>) {
    let [reversed]: [Tally; 1] = over_pieces(sheet, |piece, [reversed]: &mut [Tally; 1]| {
        let Some((listed, delisted)) = piece.days("listed_on").zip(piece.days("delisted_on"))
        else {
            return;
        };
        reversed.scan(piece, |i| listed[i].zip(delisted[i]).is_some_and(|(from, to)| to < from));
    });
    reversed.report(sheet, &DELISTED_BEFORE_LISTED, Some("delisted_on"), out, |row| {
        let (piece, i) = sheet.place(row);
        let [listed, delisted] = ["listed_on", "delisted_on"].map(|name| {
            let day = piece.days(name).and_then(|days| days[i]).unwrap_or_default();
            TradingDay::from_epoch_days(day).to_string()
        });
        (delisted, format!("a day after the listing on {listed}"))
    });
}
