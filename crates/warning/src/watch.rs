//! Has anything crossed a line that somebody drew beforehand?
//!
//! A rule names one column of one table of one analysis, as `basis.stress.basis_rate`, the rows it means, and a line. It reads the last
//! of them and says quiet, crossed or blind. Blind is not quiet: a figure that is missing or old is told as such.
//!
//! Method page: docs/method/watch.md

mod outcome;
mod reading;
mod rule;

pub use outcome::WatchOutcome;
pub use reading::{Reading, Status, Watched};
pub use rule::{Level, Line, Rule, Source, rules_from_toml};

use shoals_core::{Calendar, TradingDay};

use crate::WarningError;

/// Reads every rule on the tables of the analyses, as of `as_of`.
///
/// # Errors
/// A rule that names a table, column or row mark its analysis does not have, or that means several rows of one day.
pub fn watch(
    rules: &[Rule],
    found: &[Watched],
    as_of: TradingDay,
    calendar: &Calendar,
) -> Result<WatchOutcome, WarningError> {
    let readings = rules
        .iter()
        .map(|rule| reading::read(rule, found, as_of, calendar))
        .collect::<Result<_, _>>()?;
    Ok(WatchOutcome { as_of, readings })
}
