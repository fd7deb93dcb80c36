//! Is each number a number, each price positive, and the day's prices in order?

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use rayon::prelude::*;
use shoals_core::{Finding, Severity};

use super::checks::{
    BAD_ADJUST_FACTOR, NEGATIVE_COUNT, NON_POSITIVE_PRICE, NORMALISED_PRICE, NOT_FINITE,
    OFF_TICK_PRICE, OHLC_ORDER, TRADED_WITHOUT_VOLUME, ZERO_PRICE_UNTRADED,
};
use super::index::{Piece, Sheet};
use super::tally::{Tally, over_pieces};
use crate::MarketTable;
use crate::schema::ColumnKind;

/// Columns that hold a price or a net asset value, in any table.
const PRICES: &[&str] = &[
    "open",
    "high",
    "low",
    "close",
    "pre_close",
    "settle",
    "limit_up",
    "limit_down",
    "unit_nav",
    "accumulated_nav",
    "adjusted_nav",
    "strike",
];
/// Columns that count or sum something and have no sign.
const COUNTS: &[&str] = &[
    "volume",
    "amount",
    "total_shares",
    "free_float_shares",
    "open_interest",
    "financing_balance",
    "financing_purchase",
    "securities_lending_balance",
    "net_asset",
    "total_market_cap",
    "free_float_market_cap",
    "weight",
    "dividend",
];
/// Prices that some sources write as 0 on a day without trading.
const UNTRADED: &[&str] = &["open", "high", "low", "settle"];
/// Relative differences below this are those of 32-bit floats.
const FLOAT_NOISE: f64 = 1e-6;
/// A misplaced high or low within this fraction of the price is a matter of rounding.
const ROUNDING: f64 = 1e-4;
/// Share of rows off the tick grid above which the prices look adjusted.
const OFF_TICK_SHARE: f64 = 0.5;
/// Adjusted prices of one day may carry two factors; above this share of the rows it is no accident.
const ADJUSTED_SHARE: f64 = 0.001;
/// Symbols a panel needs before equal first closes say anything.
const MIN_SYMBOLS: usize = 5;

pub(super) fn examine(sheet: &Sheet, out: &mut Vec<Finding>) {
    let columns: Vec<&'static str> = sheet
        .table
        .columns()
        .iter()
        .filter(|spec| matches!(spec.kind, ColumnKind::Number | ColumnKind::Count))
        .map(|spec| spec.name)
        .collect();
    let findings: Vec<Finding> = columns.par_iter().flat_map(|name| column(sheet, name)).collect();
    out.extend(findings);
    order(sheet, out);
    if sheet.table == MarketTable::StockDaily {
        off_tick(sheet, out);
        normalised(sheet, out);
        without_volume(sheet, out);
    }
}

/// What one column can tell alone.
fn column(sheet: &Sheet, name: &'static str) -> Vec<Finding> {
    let mut out = Vec::new();
    let [not_finite, infinite, non_positive, untraded, negative, bad_factor]: [Tally; 6] =
        over_pieces(sheet, |piece, tallies| scan(piece, name, tallies));
    let severity = |file, _| {
        if infinite.in_file(file).count > 0 { Severity::Severe } else { Severity::Warning }
    };
    let says = |expected: &'static str| {
        move |row: usize| (number(sheet.number(name, row)), expected.to_owned())
    };
    not_finite.report_as(
        sheet,
        &NOT_FINITE,
        Some(name),
        &mut out,
        severity,
        says("a number, or nothing"),
    );
    non_positive.report(sheet, &NON_POSITIVE_PRICE, Some(name), &mut out, says("above 0"));
    untraded.report(
        sheet,
        &ZERO_PRICE_UNTRADED,
        Some(name),
        &mut out,
        says("nothing on a day without volume"),
    );
    bad_factor.report(sheet, &BAD_ADJUST_FACTOR, Some(name), &mut out, says("above 0"));
    negative.report(sheet, &NEGATIVE_COUNT, Some(name), &mut out, says("0 or above"));
    out
}

fn scan(piece: &Piece, name: &'static str, tallies: &mut [Tally; 6]) {
    let [not_finite, infinite, non_positive, untraded, negative, bad_factor] = tallies;
    let Some(array) = piece.array(name) else { return };
    if let Some(counts) = array.as_primitive_opt::<Int64Type>() {
        let values = &counts.values()[..];
        if COUNTS.contains(&name) && values.iter().any(|&n| n < 0) {
            negative.scan(piece, |i| values[i] < 0 && counts.is_valid(i));
        }
        return;
    }
    let Some(floats) = array.as_primitive_opt::<Float64Type>() else { return };
    // Null slots may hold anything; they are looked at only where a piece holds something odd.
    let values = &floats.values()[..];
    let is_whole = floats.null_count() == 0;
    let is_valid = |i: usize| is_whole || floats.is_valid(i);
    // One look for anything but a positive number, which vectorises; most columns have nothing else.
    let is_plain = |x: f64| x > 0.0 && x < f64::INFINITY;
    if values.iter().map(|&x| u32::from(!is_plain(x))).sum::<u32>() == 0 {
        return;
    }
    not_finite.scan(piece, |i| !values[i].is_finite() && is_valid(i));
    infinite.scan(piece, |i| values[i].is_infinite() && is_valid(i));
    if name == "adjust_factor" {
        bad_factor.scan(piece, |i| values[i] <= 0.0 && is_valid(i));
    }
    if COUNTS.contains(&name) {
        negative.scan(piece, |i| values[i] < 0.0 && is_valid(i));
    }
    if PRICES.contains(&name) {
        let volume = if UNTRADED.contains(&name) { piece.numbers("volume") } else { None };
        let is_idle = |i: usize| values[i] == 0.0 && volume.as_ref().is_some_and(|v| v[i] == 0.0);
        untraded.scan(piece, |i| is_idle(i) && is_valid(i));
        non_positive.scan(piece, |i| values[i] <= 0.0 && is_valid(i) && !is_idle(i));
    }
}

/// High and low against the other prices of the day.
fn order(sheet: &Sheet, out: &mut Vec<Finding>) {
    let tick = tick(sheet.table);
    let [high, high_gross, low, low_gross]: [Tally; 4] =
        over_pieces(sheet, |piece, [high, high_gross, low, low_gross]: &mut [Tally; 4]| {
            let Some((open, close)) = piece.numbers("open").zip(piece.numbers("close")) else {
                return;
            };
            let (open, close) = (&open[..], &close[..]);
            let n = close.len();
            // `f64::max` and `min` pass over a NaN, so a missing open says nothing; comparisons with a
            // missing high or low are false.
            if let Some(values) = piece.numbers("high") {
                let values = &values[..n];
                let lack = |i: usize| open[i].max(close[i]) - values[i];
                high.scan(piece, |i| values[i] > 0.0 && lack(i) > FLOAT_NOISE * values[i]);
                high_gross.scan(piece, |i| values[i] > 0.0 && lack(i) > slack(tick, values[i]));
            }
            if let Some(values) = piece.numbers("low") {
                let highs = piece.numbers("high");
                let top = |i: usize| highs.as_ref().map_or(f64::NAN, |highs| highs[i]);
                let excess = |i: usize| {
                    let bottom = if open[i] > 0.0 { open[i].min(close[i]) } else { close[i] };
                    values[i] - if top(i) > 0.0 { bottom.min(top(i)) } else { bottom }
                };
                low.scan(piece, |i| values[i] > 0.0 && excess(i) > FLOAT_NOISE * values[i]);
                low_gross.scan(piece, |i| values[i] > 0.0 && excess(i) > slack(tick, values[i]));
            }
        });
    for (name, any, gross) in [("high", high, high_gross), ("low", low, low_gross)] {
        let severity = |file: usize, _| {
            let n_allowed = if sheet.table == MarketTable::StockAdjustedDaily {
                ADJUSTED_SHARE * sheet.files[file].n_rows() as f64
            } else {
                0.0
            };
            let n_gross = gross.in_file(file).count as f64;
            if n_gross > n_allowed { Severity::Severe } else { Severity::Warning }
        };
        any.report_as(sheet, &OHLC_ORDER, Some(name), out, severity, |row| {
            let [open, high, low, close] =
                ["open", "high", "low", "close"].map(|name| number(sheet.number(name, row)));
            (
                format!("open {open}, high {high}, low {low}, close {close}"),
                "low <= open, close <= high".to_owned(),
            )
        });
    }
}

fn slack(tick: f64, price: f64) -> f64 {
    (tick * (1.0 + FLOAT_NOISE)).max(ROUNDING * price)
}

/// The price step of a table, CNY or points.
pub(super) fn tick(table: MarketTable) -> f64 {
    match table {
        MarketTable::EtfDaily => 0.001,
        MarketTable::FutureDaily => 0.2,
        MarketTable::OptionDaily => 0.0001,
        _ => 0.01,
    }
}

/// Unadjusted closes that are no whole number of fen.
fn off_tick(sheet: &Sheet, out: &mut Vec<Finding>) {
    let [off, priced]: [Tally; 2] = over_pieces(sheet, |piece, [off, priced]: &mut [Tally; 2]| {
        let Some(close) = piece.numbers("close") else { return };
        let close = &close[..];
        // Round to the nearest by adding and taking away 1.5 * 2^52, which vectorises everywhere.
        let nearest = |x: f64| (x + 6_755_399_441_055_744.0) - 6_755_399_441_055_744.0;
        let is_off = |x: f64| (x * 100.0 - nearest(x * 100.0)).abs() > 0.01 + 4.0 * FLOAT_NOISE * x;
        off.scan(piece, |i| is_off(close[i]));
        priced.scan(piece, |i| close[i] > 0.0);
    });
    let share = |file| off.in_file(file).count as f64 / priced.in_file(file).count.max(1) as f64;
    let mut found = Vec::new();
    off.report(sheet, &OFF_TICK_PRICE, Some("close"), &mut found, |row| {
        let share = share(sheet.file_of(row)) * 100.0;
        let close = number(sheet.number("close", row));
        (format!("{close}; {share:.0} % of the closes are no whole fen"), "whole fen".to_owned())
    });
    let is_most = |finding: &Finding| {
        (0..sheet.files.len())
            .any(|file| sheet.files[file].file == finding.file && share(file) > OFF_TICK_SHARE)
    };
    out.extend(found.into_iter().filter(is_most));
}

/// Rows that traded by their amount or their range, and say that they did not.
fn without_volume(sheet: &Sheet, out: &mut Vec<Finding>) {
    let [idle]: [Tally; 1] = over_pieces(sheet, |piece, [idle]: &mut [Tally; 1]| {
        let Some(volume) = piece.numbers("volume") else { return };
        let amount = piece.numbers("amount");
        let range = piece.numbers("high").zip(piece.numbers("low"));
        idle.scan(piece, |i| {
            let has_amount = amount.as_ref().is_some_and(|amount| amount[i] > 0.0);
            let has_range = range
                .as_ref()
                .is_some_and(|(high, low)| low[i] > 0.0 && high[i] > low[i] * (1.0 + FLOAT_NOISE));
            volume[i] == 0.0 && (has_amount || has_range)
        });
    });
    idle.report(sheet, &TRADED_WITHOUT_VOLUME, Some("volume"), out, |row| {
        let [amount, high, low] =
            ["amount", "high", "low"].map(|name| number(sheet.number(name, row)));
        (
            format!("volume 0, amount {amount}, high {high}, low {low}"),
            "the volume of a day with trading".to_owned(),
        )
    });
}

/// Symbols whose first close is exactly 1, as after a division by it.
fn normalised(sheet: &Sheet, out: &mut Vec<Finding>) {
    let mut ones = Tally::default();
    for subject in 0..sheet.subjects.len() {
        let Some(&first) = sheet.rows_of(subject).first() else { continue };
        let first = first as usize;
        if (sheet.number("close", first) - 1.0).abs() < 10.0 * FLOAT_NOISE {
            ones.hit(sheet.file_of(first), first);
        }
    }
    let n: u64 = (0..sheet.files.len()).map(|file| ones.in_file(file).count).sum();
    if sheet.subjects.len() < MIN_SYMBOLS || (n as usize) * 2 <= sheet.subjects.len() {
        return;
    }
    let of = sheet.subjects.len();
    ones.report(sheet, &NORMALISED_PRICE, Some("close"), out, |_| {
        (format!("a first close of 1 for {n} of {of} symbols"), "first closes in CNY".to_owned())
    });
}

/// A number with what digits it needs, at most ten significant.
pub(super) fn number(x: f64) -> String {
    if !x.is_finite() || x == 0.0 {
        return format!("{x}");
    }
    let decimals = (9.0 - x.abs().log10().floor()).clamp(0.0, 12.0) as usize;
    let text = format!("{x:.decimals$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_print_short() {
        for (x, text) in [
            (12.3, "12.3"),
            (-1.2, "-1.2"),
            (0.0, "0"),
            (4_354_053.0, "4354053"),
            (f64::from(12.6292_f32), "12.6292"),
            (f64::NAN, "NaN"),
            (1e15, "1000000000000000"),
        ] {
            assert_eq!(number(x).parse::<f64>().is_ok(), text.parse::<f64>().is_ok());
            if x.is_nan() || x != f64::from(12.6292_f32) {
                assert_eq!(number(x), text);
            }
        }
    }
}
