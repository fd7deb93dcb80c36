//! Does this table say what it seems to say?
//!
//! The doctor looks at canonical rows in source order, before anything is written: duplicates, days
//! that do not exist, prices no exchange would print, units off by a power of ten, samples from which
//! the dead have vanished. It changes nothing; each [`Finding`] names file, row, symbol, day and column
//! of the first case, how many there are, what was expected and what to do.
//!
//! Method page: docs/method/doctor.md

mod adjust;
mod calendar;
mod checks;
mod derivatives;
mod funds;
mod index;
mod keys;
mod levels;
mod limits;
mod listing;
mod prices;
mod product_level;
mod report;
mod survivorship;
mod tally;
mod units;

use std::collections::{BTreeSet, HashMap};

use shoals_core::{Calendar, Finding, Rules};

pub(crate) use checks::STORED_VALUE_CHANGED;
pub use checks::{CHECKS, Check};
pub use report::{render, summary};

use crate::{Loaded, MarketTable};
use calendar::Sessions;
use index::Sheet;
use limits::Listings;

/// Every kind of finding that reading or the doctor can raise, each once: the words `--accept` takes.
pub fn known_kinds() -> impl Iterator<Item = &'static str> {
    let own = CHECKS.iter().map(|check| check.kind);
    own.chain(crate::formats::kinds()).collect::<BTreeSet<_>>().into_iter()
}

/// Examines everything one import has read, table by table over all its files.
///
/// What reading itself found (`Loaded::findings`) is not repeated. The order is fixed: by file in the
/// order given, then by kind and column.
pub fn examine(loaded: &[Loaded], calendar: &Calendar, rules: &Rules) -> Vec<Finding> {
    let sheets: Vec<Sheet> = MarketTable::all()
        .filter_map(|table| {
            let files: Vec<&Loaded> = loaded.iter().filter(|l| l.table == table).collect();
            (!files.is_empty()).then(|| Sheet::new(table, files))
        })
        .collect();
    let listings = limits::listings(&sheets);
    let mut findings: Vec<Finding> =
        sheets.iter().flat_map(|sheet| examine_sheet(sheet, calendar, rules, &listings)).collect();
    units::across(&sheets, &mut findings);
    derivatives::across(&sheets, &mut findings);
    in_order(findings, loaded)
}

/// Examines the files of one table on their own; files of other tables are passed over.
///
/// Checks that compare tables (market value against price times shares, options against their
/// underlying, listing days of a register) need [`examine`].
pub fn examine_table(
    table: MarketTable,
    loaded: &[Loaded],
    calendar: &Calendar,
    rules: &Rules,
) -> Vec<Finding> {
    let files: Vec<&Loaded> = loaded.iter().filter(|l| l.table == table).collect();
    let findings = examine_sheet(&Sheet::new(table, files), calendar, rules, &Listings::new());
    in_order(findings, loaded)
}

fn examine_sheet(
    sheet: &Sheet,
    calendar: &Calendar,
    rules: &Rules,
    listings: &Listings,
) -> Vec<Finding> {
    let mut out = Vec::new();
    if sheet.n_rows == 0 {
        return out;
    }
    let sessions = Sessions::new(sheet, calendar);
    keys::examine(sheet, &mut out);
    calendar::examine(sheet, &sessions, calendar, &mut out);
    prices::examine(sheet, &mut out);
    limits::examine(sheet, &sessions, rules, listings, &mut out);
    adjust::examine(sheet, &sessions, rules, listings, &mut out);
    levels::examine(sheet, &mut out);
    units::examine(sheet, rules, &mut out);
    derivatives::examine(sheet, &sessions, calendar, rules, &mut out);
    funds::examine(sheet, &sessions, &mut out);
    survivorship::examine(sheet, &sessions, &mut out);
    let file = |finding: &Finding| sheet.files.iter().position(|f| f.file == finding.file);
    merged(out, |finding| file(finding).unwrap_or(0), |a, b| a + b)
}

/// The findings in their fixed order, one for each file, kind and column. Tables unfolded from the same
/// rows may say the same: the one with most cases speaks.
fn in_order(findings: Vec<Finding>, loaded: &[Loaded]) -> Vec<Finding> {
    let mut place: HashMap<&str, usize> = HashMap::new();
    for (i, loaded) in loaded.iter().enumerate() {
        place.entry(&loaded.file).or_insert(i);
    }
    let place = |finding: &Finding| place.get(finding.file.as_str()).copied().unwrap_or(0);
    merged(findings, place, u64::max)
}

/// One finding for each file (by its place), kind and column, with the larger finding's words, the higher
/// severity and the counts put together.
fn merged(
    mut findings: Vec<Finding>,
    place: impl Fn(&Finding) -> usize,
    count: impl Fn(u64, u64) -> u64,
) -> Vec<Finding> {
    findings.sort_by(|a, b| {
        (place(a), &a.kind, &a.column, a.row).cmp(&(place(b), &b.kind, &b.column, b.row))
    });
    let mut merged: Vec<Finding> = Vec::with_capacity(findings.len());
    for finding in findings {
        let last = merged.last_mut().filter(|last| {
            (&last.file, &last.kind, &last.column)
                == (&finding.file, &finding.kind, &finding.column)
        });
        let Some(last) = last else {
            merged.push(finding);
            continue;
        };
        let severity = last.severity.max(finding.severity);
        let n = count(last.count, finding.count);
        if finding.count > last.count {
            *last = finding;
        }
        (last.severity, last.count) = (severity, n);
    }
    merged
}
