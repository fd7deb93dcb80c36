//! Does an index change its unit on the way?
//!
//! No index gains or loses a power of ten from one row to the next; a file put together from two sources,
//! or a mistyped level, does.

use shoals_core::Finding;

use super::checks::UNIT_MISTAKE;
use super::index::{Life, Sheet};
use super::prices::number;
use super::tally::{Tally, over_lives};
use crate::MarketTable;

/// Powers of ten that sources are off by.
const POWERS: [f64; 5] = [1e1, 1e2, 1e3, 1e4, 1e8];
/// The market moves, too, while the unit changes.
const ROOM: f64 = 0.2;
/// Days between two rows that are still neighbours; over years an index may well rise tenfold.
const NEAR_DAYS: i32 = 31;

pub(super) fn examine(sheet: &Sheet, out: &mut Vec<Finding>) {
    if sheet.table != MarketTable::IndexDaily {
        return;
    }
    let Some(column) = sheet.column("close") else { return };
    let [tally]: [Tally; 1] =
        over_lives(sheet, |_, life: &Life, close: &mut Vec<f64>, [tally]: &mut [Tally; 1]| {
            column.of(life, close);
            for i in breaks(&life.days, close) {
                let row = life.rows[i] as usize;
                tally.hit(sheet.file_of(row), row);
            }
        });
    tally.report(sheet, &UNIT_MISTAKE, Some("close"), out, |row| describe(sheet, row));
}

/// The power of ten a ratio is near to, 10 or more or a tenth or less.
pub(super) fn power_of_ten(ratio: f64) -> Option<f64> {
    let is_near = |ratio: f64, power: f64| (ratio / power - 1.0).abs() <= ROOM;
    let up = POWERS.into_iter().find(|power| is_near(ratio, *power));
    let down = || POWERS.into_iter().find(|power| is_near(ratio.recip(), *power));
    up.or_else(|| down().map(f64::recip))
}

/// Places where the level leaves its unit; the return of a level that was off for one row is none.
fn breaks(days: &[i32], close: &[f64]) -> Vec<usize> {
    let known: Vec<usize> = (0..close.len()).filter(|&i| close[i] > 0.0).collect();
    let mut breaks: Vec<usize> = Vec::new();
    for (at, pair) in known.windows(2).enumerate() {
        let (from, to) = (pair[0], pair[1]);
        let is_near = (1..=NEAR_DAYS).contains(&(days[to] - days[from]));
        if !is_near || power_of_ten(close[to] / close[from]).is_none() {
            continue;
        }
        let was_off = at > 0 && breaks.last() == Some(&from);
        let is_return = was_off && (close[to] / close[known[at - 1]] - 1.0).abs() <= ROOM;
        if !is_return {
            breaks.push(to);
        }
    }
    breaks
}

/// The level before a row, the level there, and whether it stays.
fn describe(sheet: &Sheet, row: usize) -> (String, String) {
    let rows = sheet.rows_of(sheet.subject_of[row] as usize);
    let at = rows.iter().position(|&r| r as usize == row).unwrap_or(0);
    let level = |r: &u32| Some(sheet.number("close", *r as usize)).filter(|x| *x > 0.0);
    let before = rows[..at].iter().rev().find_map(level).unwrap_or(f64::NAN);
    let this = sheet.number("close", row);
    let after = rows[at + 1..].iter().find_map(level);
    let stays = match after {
        Some(after) if (after / before - 1.0).abs() <= ROOM => "in this row only",
        Some(_) => "from this row on",
        None => "in the last row",
    };
    let times = power_of_ten(this / before).unwrap_or(this / before);
    (
        format!(
            "{} after {}, {} times the level, {stays}",
            number(this),
            number(before),
            number(times)
        ),
        "one unit throughout".to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_within_a_fifth_of_a_power_is_a_unit() {
        for (ratio, power) in [
            (10.0, Some(10.0)),
            (11.9, Some(10.0)),
            (8.1, Some(10.0)),
            (7.9, None),
            (12.1, None),
            (98.0, Some(100.0)),
            (1.1e8, Some(1e8)),
            (1e-4, Some(1e-4)),
            (0.0099, Some(0.01)),
            (1.2, None),
            (1e5, None),
            (0.0, None),
            (f64::NAN, None),
        ] {
            assert_eq!(power_of_ten(ratio), power, "{ratio}");
        }
    }

    #[test]
    fn a_spike_is_one_break_and_a_gap_of_years_none() {
        let days = [0, 1, 2, 3, 4];
        assert_eq!(breaks(&days, &[4300.0, 4310.0, 431.0, 430.0, 432.0]), [2]);
        assert_eq!(breaks(&days, &[4300.0, 43_100.0, 4290.0, 4300.0, 4310.0]), [1]);
        assert_eq!(breaks(&days, &[4300.0, f64::NAN, 43.0, 43.1, 43.2]), [2]);
        assert_eq!(breaks(&[0, 400], &[100.0, 1000.0]), [] as [usize; 0]);
        assert_eq!(breaks(&[7, 7], &[100.0, 1000.0]), [] as [usize; 0]);
    }
}
