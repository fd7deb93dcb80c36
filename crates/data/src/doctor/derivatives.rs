//! Could this future or option have been quoted, and at this price?

use std::collections::HashMap;

use shoals_core::{Calendar, Finding, FutureContract, Rules, TradingDay};

use super::calendar::Sessions;
use super::checks::{
    AFTER_EXPIRY, BEFORE_LISTING, CLOSE_AGAINST_SETTLE, IMPLIED_VOLATILITY_OUT_OF_RANGE,
    OPTION_ABOVE_BOUND, OPTION_BELOW_INTRINSIC, OUTSIDE_PRICE_LIMIT, UNIT_MISTAKE,
};
use super::index::{Life, Sheet, gather};
use super::listing::listed_on;
use super::prices::{number, tick};
use super::product_level;
use super::tally::{Tally, over_lives, over_pieces};
use super::units::say_units;
use crate::MarketTable;

/// An option may stand below its intrinsic value by this fraction of spot: closes are not simultaneous.
const INTRINSIC_SLACK: f64 = 0.03;
/// Annual carry that may separate a strike from its present value.
const CARRY: f64 = 0.05;
/// Implied volatilities anything traded has had; above, it is a percentage.
const VOLATILITY: (f64, f64) = (0.01, 3.0);

pub(super) fn examine(
    sheet: &Sheet,
    sessions: &Sessions,
    calendar: &Calendar,
    rules: &Rules,
    out: &mut Vec<Finding>,
) {
    match sheet.table {
        MarketTable::FutureDaily => {
            futures(sheet, sessions, calendar, rules, out);
            product_level::examine(sheet, out);
        }
        MarketTable::OptionDaily => expired_options(sheet, out),
        MarketTable::ImpliedVolatilityDaily => volatilities(sheet, out),
        _ => {}
    }
}

/// What the rules say of a contract's life.
#[derive(Clone, Copy)]
struct Terms {
    listed_on: i32,
    expiry: i32,
    limit: f64,
    last_day_limit: f64,
}

fn terms(sheet: &Sheet, subject: usize, calendar: &Calendar, rules: &Rules) -> Option<Terms> {
    let contract = FutureContract::try_from(sheet.subjects[subject].symbol?).ok()?;
    let first = TradingDay::from_epoch_days(sheet.days[*sheet.rows_of(subject).first()? as usize]);
    let row = rules.future_terms(contract.product, first.max(contract.product.listed_on())).ok()?;
    Some(Terms {
        listed_on: listed_on(contract, calendar).epoch_days(),
        // A contract beyond the calendar cannot have expired yet.
        expiry: contract.expiry(calendar).map_or(i32::MAX, TradingDay::epoch_days),
        limit: row.price_limit,
        last_day_limit: row.last_day_price_limit,
    })
}

#[derive(Default)]
struct Scratch {
    high: Vec<f64>,
    low: Vec<f64>,
    close: Vec<f64>,
    settle: Vec<f64>,
}

fn futures(
    sheet: &Sheet,
    sessions: &Sessions,
    calendar: &Calendar,
    rules: &Rules,
    out: &mut Vec<Finding>,
) {
    let columns = ["high", "low", "close", "settle"].map(|name| sheet.column(name));
    let terms: Vec<Option<Terms>> =
        (0..sheet.subjects.len()).map(|subject| terms(sheet, subject, calendar, rules)).collect();
    let tallies: [Tally; 5] = over_lives(
        sheet,
        |subject, life: &Life, values: &mut Scratch, tallies: &mut [Tally; 5]| {
            let Some(terms) = terms[subject] else { return };
            gather(columns[0].as_ref(), life, &mut values.high);
            gather(columns[1].as_ref(), life, &mut values.low);
            gather(columns[2].as_ref(), life, &mut values.close);
            gather(columns[3].as_ref(), life, &mut values.settle);
            contract(sheet, sessions, &terms, life, values, tallies);
        },
    );
    report_futures(sheet, &tallies, &terms, out);
}

fn contract(
    sheet: &Sheet,
    sessions: &Sessions,
    terms: &Terms,
    life: &Life,
    values: &Scratch,
    tallies: &mut [Tally; 5],
) {
    let [expired, unlisted, gap, above, below] = tallies;
    let Scratch { high, low, close, settle } = values;
    let room = tick(sheet.table) * 1.001;
    for (i, &day) in life.days.iter().enumerate() {
        let row = life.rows[i] as usize;
        let hit = |tally: &mut Tally, is_bad: bool| {
            if is_bad {
                tally.hit(sheet.file_of(row), row);
            }
        };
        hit(expired, day > terms.expiry);
        hit(unlisted, day < terms.listed_on);
        let limit = if day == terms.expiry { terms.last_day_limit } else { terms.limit };
        hit(gap, (close[i] - settle[i]).abs() > 2.0 * limit * settle[i]);
        let is_next_day = i > 0 && sessions.between(life.days[i - 1], day) == Some(1);
        // The limit stands around the last settlement; without one, nothing is known.
        if is_next_day && settle[i - 1] > 0.0 {
            let base = settle[i - 1];
            hit(above, high[i].max(close[i]) > base * (1.0 + limit) + room);
            hit(below, low[i].min(close[i]) < base * (1.0 - limit) - room);
        }
    }
}

fn report_futures(
    sheet: &Sheet,
    tallies: &[Tally; 5],
    terms: &[Option<Terms>],
    out: &mut Vec<Finding>,
) {
    let [expired, unlisted, gap, above, below] = tallies;
    let of =
        |row: usize| terms[sheet.subject_of[row] as usize].expect("only contracts are counted");
    let date = |day: i32| TradingDay::from_epoch_days(day).to_string();
    let day_column = Some(sheet.table.key()[0].name);
    expired.report(sheet, &AFTER_EXPIRY, day_column, out, |row| {
        (date(sheet.days[row]), format!("at most the last trading day {}", date(of(row).expiry)))
    });
    unlisted.report(sheet, &BEFORE_LISTING, day_column, out, |row| {
        (date(sheet.days[row]), format!("{} or later", date(of(row).listed_on)))
    });
    gap.report(sheet, &CLOSE_AGAINST_SETTLE, Some("close"), out, |row| {
        let [close, settle] = ["close", "settle"].map(|name| number(sheet.number(name, row)));
        (close, format!("near the settlement {settle}"))
    });
    for (name, tally, side) in [("high", above, 1.0), ("low", below, -1.0)] {
        tally.report(sheet, &OUTSIDE_PRICE_LIMIT, Some(name), out, |row| {
            let rows = sheet.rows_of(sheet.subject_of[row] as usize);
            let at = rows.partition_point(|&r| sheet.days[r as usize] < sheet.days[row]);
            let settle = sheet.number("settle", rows[at.saturating_sub(1)] as usize);
            let bound = settle * (1.0 + side * of(row).limit);
            let price = sheet.number(name, row);
            let price = if price.is_nan() { sheet.number("close", row) } else { price };
            (
                format!("{} after a settlement of {}", number(price), number(settle)),
                if side > 0.0 {
                    format!("at most {bound:.1}")
                } else {
                    format!("at least {bound:.1}")
                },
            )
        });
    }
}

fn expired_options(sheet: &Sheet, out: &mut Vec<Finding>) {
    let [expired]: [Tally; 1] = over_pieces(sheet, |piece, [expired]: &mut [Tally; 1]| {
        let Some(expiry) = piece.days("expiry") else { return };
        expired
            .scan(piece, |i| expiry[i].is_some_and(|expiry| sheet.days[piece.first + i] > expiry));
    });
    expired.report(sheet, &AFTER_EXPIRY, Some("expiry"), out, |row| {
        let (piece, i) = sheet.place(row);
        let expiry = piece.days("expiry").and_then(|days| days[i]).unwrap_or_default();
        (
            format!("an expiry on {}", TradingDay::from_epoch_days(expiry)),
            "an expiry on or after the day".to_owned(),
        )
    });
}

fn volatilities(sheet: &Sheet, out: &mut Vec<Finding>) {
    let name = "implied_volatility";
    let (low, high) = VOLATILITY;
    let [below, above, known]: [Tally; 3] =
        over_pieces(sheet, |piece, [below, above, known]: &mut [Tally; 3]| {
            let Some(values) = piece.numbers(name) else { return };
            let values = &values[..];
            below.scan(piece, |i| values[i] < low);
            above.scan(piece, |i| values[i] > high);
            known.scan(piece, |i| !values[i].is_nan());
        });
    let value = |row: usize| number(sheet.number(name, row));
    below.report(sheet, &IMPLIED_VOLATILITY_OUT_OF_RANGE, Some(name), out, |row| {
        (value(row), format!("at least {low}"))
    });
    let at = out.len();
    above.report(sheet, &UNIT_MISTAKE, Some(name), out, |row| {
        (value(row), "an annualised decimal, 20 points written 0.20".to_owned())
    });
    for finding in &mut out[at..] {
        let file = sheet.files.iter().position(|loaded| loaded.file == finding.file);
        let n_known = file.map_or(0, |file| known.in_file(file).count);
        if finding.count * 2 > n_known {
            say_units(sheet, finding, &[&[(name, "%")]]);
        }
    }
}

/// Closes of one underlying: days, rising, and levels.
type Levels = (Vec<i32>, Vec<f64>);

/// Options against their underlying, where both are in the import.
pub(super) fn across(sheets: &[Sheet], out: &mut Vec<Finding>) {
    let Some(options) = sheets.iter().find(|sheet| sheet.table == MarketTable::OptionDaily) else {
        return;
    };
    let levels = levels(sheets, options);
    if levels.is_empty() {
        return;
    }
    let [below, above]: [Tally; 2] =
        over_pieces(options, |piece, [below, above]: &mut [Tally; 2]| {
            let Some((close, strike)) = piece.numbers("close").zip(piece.numbers("strike")) else {
                return;
            };
            let Some(expiry) = piece.days("expiry") else { return };
            for i in 0..piece.n_rows() {
                let row = piece.first + i;
                let level = piece.text("underlying", i).and_then(|name| levels.get(name));
                let Some(spot) = level.and_then(|level| at(level, options.days[row])) else {
                    continue;
                };
                let is_call =
                    piece.text("kind", i).is_some_and(|kind| kind.starts_with(['c', 'C']));
                let years =
                    expiry[i].map_or(0.0, |expiry| f64::from(expiry - options.days[row]) / 365.0);
                let (intrinsic, bound) = bounds(is_call, spot, strike[i]);
                let slack = INTRINSIC_SLACK * spot + CARRY * years.max(0.0) * strike[i];
                if close[i] < intrinsic - slack {
                    below.hit(piece.file, row);
                }
                if close[i] > bound * (1.0 + INTRINSIC_SLACK) {
                    above.hit(piece.file, row);
                }
            }
        });
    report_bounds(options, &levels, &below, &above, out);
}

/// Least and largest value of an option, rates and dividends left aside.
fn bounds(is_call: bool, spot: f64, strike: f64) -> (f64, f64) {
    if is_call { ((spot - strike).max(0.0), spot) } else { ((strike - spot).max(0.0), strike) }
}

fn report_bounds(
    options: &Sheet,
    levels: &HashMap<&str, Levels>,
    below: &Tally,
    above: &Tally,
    out: &mut Vec<Finding>,
) {
    let facts = |row: usize| {
        let (piece, i) = options.place(row);
        let kind = piece.text("kind", i).unwrap_or("option");
        let spot = piece
            .text("underlying", i)
            .and_then(|name| at(levels.get(name)?, options.days[row]))
            .unwrap_or(f64::NAN);
        let strike = options.number("strike", row);
        let (intrinsic, bound) = bounds(kind.starts_with(['c', 'C']), spot, strike);
        let found = format!(
            "{} for a {kind} at {} with the underlying at {}",
            number(options.number("close", row)),
            number(strike),
            number(spot)
        );
        (found, intrinsic, bound)
    };
    below.report(options, &OPTION_BELOW_INTRINSIC, Some("close"), out, |row| {
        let (found, intrinsic, _) = facts(row);
        (found, format!("about {intrinsic:.4} or more"))
    });
    above.report(options, &OPTION_ABOVE_BOUND, Some("close"), out, |row| {
        let (found, _, bound) = facts(row);
        (found, format!("at most {}", number(bound)))
    });
}

/// Closes of every underlying the options name, from funds and indices of the import.
fn levels<'s>(sheets: &'s [Sheet], options: &'s Sheet) -> HashMap<&'s str, Levels> {
    let mut levels = HashMap::new();
    for piece in &options.pieces {
        for i in 0..piece.n_rows() {
            let Some(name) = piece.text("underlying", i) else { continue };
            if !levels.contains_key(name) {
                levels.insert(name, find_level(sheets, name));
            }
        }
    }
    levels.into_iter().filter_map(|(name, level)| Some((name, level?))).collect()
}

fn find_level(sheets: &[Sheet], name: &str) -> Option<Levels> {
    sheets
        .iter()
        .filter(|sheet| matches!(sheet.table, MarketTable::EtfDaily | MarketTable::IndexDaily))
        .find_map(|sheet| {
            let is_it = |symbol: shoals_core::Symbol| symbol.as_str() == name;
            let subject = sheet.subjects.iter().position(|s| s.symbol.is_some_and(is_it))?;
            let (mut life, mut close) = (Life::default(), Vec::new());
            sheet.life(subject, &mut life);
            sheet.column("close")?.of(&life, &mut close);
            Some((life.days, close))
        })
}

fn at((days, levels): &Levels, day: i32) -> Option<f64> {
    days.binary_search(&day).ok().map(|i| levels[i]).filter(|level| *level > 0.0)
}
