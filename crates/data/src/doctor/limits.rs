//! Could the exchange have printed this price that day?
//!
//! A share trades within a band around the ex-right previous close, by board and special treatment;
//! the first days of a listing are free, or bounded against the issue price. Source: the exchanges'
//! trading rules, as dated rows of `Rules`.

use std::borrow::Cow;
use std::collections::HashMap;

use arrow_array::{Array, BooleanArray};
use shoals_core::{Board, Finding, Rules, Severity, Symbol, TradingDay};

use super::calendar::Sessions;
use super::checks::OUTSIDE_PRICE_LIMIT;
use super::index::{Piece, Sheet};
use super::prices::{number, tick};
use super::tally::{Tally, over_pieces};
use crate::MarketTable;

const BOARDS: [Board; 4] = [Board::Main, Board::Chinext, Board::Star, Board::Beijing];
/// No band is narrower: 5 % under special treatment, less a fen of rounding on a cheap stock.
const NARROWEST: f64 = 0.045;
/// Share of the checked rows above which not an exception but the column is wrong.
const SYSTEMATIC_SHARE: f64 = 0.01;

/// Daily limits of every board by day, asked of the rules once a day instead of once a row.
pub(super) struct Limits {
    first: i32,
    n_days: usize,
    /// By board, then special treatment, then day; NaN where there is none.
    limit: Vec<f64>,
}

impl Limits {
    pub(super) fn new(sessions: &Sessions, rules: &Rules) -> Self {
        let (first, last) = sessions.range();
        let mut limit = Vec::new();
        for board in BOARDS {
            for special in [false, true] {
                limit.extend((first..=last).map(|day| {
                    let day = TradingDay::from_epoch_days(day);
                    rules
                        .price_limit(board, special, day)
                        .ok()
                        .map(|row| row.limit)
                        .filter(|&limit| limit > 0.0)
                        .unwrap_or(f64::NAN)
                }));
            }
        }
        Self { first, n_days: (last - first + 1) as usize, limit }
    }

    /// The limit of a board's row, NaN where there is none.
    pub(super) fn of(&self, board: Option<Board>, is_special: bool, day: i32) -> f64 {
        let Some(board) = board else { return f64::NAN };
        let Some(i) = usize::try_from(i64::from(day) - i64::from(self.first)).ok() else {
            return f64::NAN;
        };
        if i >= self.n_days {
            return f64::NAN;
        }
        self.limit[(board as usize * 2 + usize::from(is_special)) * self.n_days + i]
    }
}

/// Days of listing by symbol, where the import has a register of securities.
pub(super) type Listings = HashMap<Symbol, i32>;

/// The listing days of the register.
pub(super) fn listings(sheets: &[Sheet]) -> Listings {
    let registers = sheets.iter().filter(|sheet| sheet.table == MarketTable::Security);
    let mut listings = Listings::new();
    for sheet in registers {
        for piece in &sheet.pieces {
            let days = piece.days("listed_on").unwrap_or_default();
            let rows = days.iter().enumerate().filter_map(|(i, day)| {
                let subject = sheet.subjects.get(sheet.subject_of[piece.first + i] as usize)?;
                Some((subject.symbol?, (*day)?))
            });
            listings.extend(rows);
        }
    }
    listings
}

/// The last day of each subject's listing days, on which no daily limit holds.
///
/// Without a register, a subject that comes after the import's first day is taken as listed on its own
/// first one; of those that are there from the start nothing is known, and limits hold.
pub(super) fn free_until(
    sheet: &Sheet,
    sessions: &Sessions,
    rules: &Rules,
    listings: &Listings,
) -> Vec<i32> {
    let until = |subject: usize| {
        let first = sheet.days[*sheet.rows_of(subject).first()? as usize];
        let is_new = sheet.day_range.is_some_and(|(start, _)| first > start);
        let subject = &sheet.subjects[subject];
        let known = subject.symbol.and_then(|symbol| listings.get(&symbol).copied());
        let listed = known.or(is_new.then_some(first))?;
        let ipo = rules.ipo(subject.board?, TradingDay::from_epoch_days(listed));
        let n_days = ipo.map_or(1, |ipo| ipo.free_days.max(1));
        // A listing in the week before the import still has free days in it.
        let start = sessions.range().0;
        let is_just_before = (1..7).contains(&(start - listed));
        Some(sessions.nth_from(if is_just_before { start } else { listed }, n_days))
    };
    (0..sheet.subjects.len()).map(|subject| until(subject).unwrap_or(i32::MIN)).collect()
}

pub(super) fn examine(
    sheet: &Sheet,
    sessions: &Sessions,
    rules: &Rules,
    listings: &Listings,
    out: &mut Vec<Finding>,
) {
    if sheet.table != MarketTable::StockDaily {
        return;
    }
    let limits = Limits::new(sessions, rules);
    let free_until = free_until(sheet, sessions, rules, listings);
    let [above, below, checked]: [Tally; 3] =
        over_pieces(sheet, |piece, [above, below, checked]: &mut [Tally; 3]| {
            let Some(bounds) = Bounds::new(sheet, piece, &limits, &free_until) else { return };
            checked.scan(piece, |i| bounds.is_known(i));
            if let Some(high) = piece.numbers("high").or_else(|| piece.numbers("close")) {
                above
                    .scan(piece, |i| bounds.may_be_outside(i, high[i]) && high[i] > bounds.of(i).1);
            }
            if let Some(low) = piece.numbers("low").or_else(|| piece.numbers("close")) {
                below.scan(piece, |i| bounds.may_be_outside(i, low[i]) && low[i] < bounds.of(i).0);
            }
        });
    let severity = |file: usize, hits: super::tally::Hits| {
        let n = checked.in_file(file).count as f64;
        if hits.count as f64 > SYSTEMATIC_SHARE * n { Severity::Severe } else { Severity::Warning }
    };
    for (name, tally) in [("high", above), ("low", below)] {
        tally.report_as(sheet, &OUTSIDE_PRICE_LIMIT, Some(name), out, severity, |row| {
            describe(sheet, &limits, &free_until, name, row)
        });
    }
}

/// Lowest and highest legal prices of a piece.
struct Bounds<'s> {
    sheet: &'s Sheet<'s>,
    first: usize,
    limits: &'s Limits,
    free_until: &'s [i32],
    pre_close: Cow<'s, [f64]>,
    up: Cow<'s, [f64]>,
    down: Cow<'s, [f64]>,
    special: Option<&'s BooleanArray>,
    slack: f64,
}

impl<'s> Bounds<'s> {
    /// None where neither a previous close nor a limit price is known.
    fn new(
        sheet: &'s Sheet<'s>,
        piece: &'s Piece,
        limits: &'s Limits,
        free_until: &'s [i32],
    ) -> Option<Self> {
        let columns = ["pre_close", "limit_up", "limit_down"].map(|name| piece.numbers(name));
        if columns.iter().all(Option::is_none) {
            return None;
        }
        let or_nothing = |column: Option<Cow<'s, [f64]>>| column.unwrap_or(Cow::Borrowed(&[]));
        let [pre_close, up, down] = columns.map(or_nothing);
        let special = piece.flags("is_st");
        let slack = tick(sheet.table) * 1.001;
        let first = piece.first;
        Some(Self { sheet, first, limits, free_until, pre_close, up, down, special, slack })
    }

    fn is_known(&self, i: usize) -> bool {
        at(&self.pre_close, i) > 0.0 || at(&self.up, i) > 0.0
    }

    /// Whether a price lies further from the previous close than the narrowest band allows, or nothing is
    /// known but a limit price: the few rows worth a closer look.
    fn may_be_outside(&self, i: usize, price: f64) -> bool {
        let pre_close = at(&self.pre_close, i);
        let is_near = (price - pre_close).abs() <= NARROWEST * pre_close;
        price > 0.0 && !is_near
    }

    /// Lowest and highest legal price, widened by a tick; infinite where nothing is known.
    fn of(&self, i: usize) -> (f64, f64) {
        let row = self.first + i;
        let subject = self.sheet.subject_of[row] as usize;
        let day = self.sheet.days[row];
        let is_free = self.free_until.get(subject).is_none_or(|&until| day <= until);
        let board = self.sheet.subjects.get(subject).and_then(|subject| subject.board);
        let is_special = self.special.is_some_and(|flags| flags.is_valid(i) && flags.value(i));
        let limit = self.limits.of(board, is_special, day);
        let pre_close = if is_free { f64::NAN } else { at(&self.pre_close, i) };
        let or = |stated: f64, by_rule: f64, open: f64| match (stated > 0.0, by_rule.is_nan()) {
            (true, _) => stated,
            (_, true) => open,
            (_, false) => by_rule,
        };
        (
            or(at(&self.down, i), to_fen(pre_close * (1.0 - limit)), f64::NEG_INFINITY)
                - self.slack,
            or(at(&self.up, i), to_fen(pre_close * (1.0 + limit)), f64::INFINITY) + self.slack,
        )
    }
}

fn at(column: &[f64], i: usize) -> f64 {
    column.get(i).copied().unwrap_or(f64::NAN)
}

/// Limit prices are rounded half up to the fen.
fn to_fen(price: f64) -> f64 {
    (price * 100.0 + 0.5 + 1e-7).floor() / 100.0
}

fn describe(
    sheet: &Sheet,
    limits: &Limits,
    free_until: &[i32],
    name: &str,
    row: usize,
) -> (String, String) {
    let price = match sheet.number(name, row) {
        price if price.is_nan() => sheet.number("close", row),
        price => price,
    };
    let (piece, i) = sheet.place(row);
    let slack = tick(sheet.table) * 1.001;
    let (low, high) =
        Bounds::new(sheet, piece, limits, free_until).map_or((0.0, 0.0), |bounds| bounds.of(i));
    let pre_close = sheet.number("pre_close", row);
    let low = if low.is_finite() { number((low + slack).max(0.0)) } else { "any".to_owned() };
    let high = if high.is_finite() { number(high - slack) } else { "any".to_owned() };
    (
        format!("{}, after a pre_close of {}", number(price), number(pre_close)),
        format!("{low} to {high} by the limits of that day"),
    )
}
