//! Do the contracts of a product stand at one level?
//!
//! Contracts of one index future differ by their basis, a few per cent: a price three times another's
//! is written in another unit.

use std::collections::HashMap;

use shoals_core::{Finding, FutureContract, FutureProduct};

use super::checks::UNIT_MISTAKE;
use super::index::Sheet;
use super::prices::number;
use super::tally::Tally;

/// A price this many times above or below the median is in another unit.
const FACTOR: f64 = 3.0;

/// Rows and closes of a product and day.
type Closes = HashMap<(FutureProduct, i32), Vec<(usize, f64)>>;

pub(super) fn examine(sheet: &Sheet, out: &mut Vec<Finding>) {
    let mut tally = Tally::default();
    let mut medians: HashMap<usize, f64> = HashMap::new();
    for closes in closes(sheet).values_mut() {
        closes.sort_by(|a, b| a.1.total_cmp(&b.1));
        let median = closes[(closes.len() - 1) / 2].1;
        let is_off = |price: f64| price >= FACTOR * median || price * FACTOR <= median;
        for &(row, _) in closes.iter().filter(|(_, price)| is_off(*price)) {
            tally.hit(sheet.file_of(row), row);
            medians.insert(row, median);
        }
    }
    tally.report(sheet, &UNIT_MISTAKE, Some("close"), out, |row| {
        let found = number(sheet.number("close", row));
        (found, format!("near {}, the median of its product that day", number(medians[&row])))
    });
}

fn closes(sheet: &Sheet) -> Closes {
    let mut closes = Closes::new();
    for (subject, who) in sheet.subjects.iter().enumerate() {
        let contract = who.symbol.and_then(|symbol| FutureContract::try_from(symbol).ok());
        let Some(FutureContract { product, .. }) = contract else { continue };
        for row in sheet.rows_of(subject).iter().map(|&row| row as usize) {
            let close = sheet.number("close", row);
            if close > 0.0 {
                closes.entry((product, sheet.days[row])).or_default().push((row, close));
            }
        }
    }
    closes
}
