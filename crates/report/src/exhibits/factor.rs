//! Exhibit 4: do cheap and quiet small caps still pay, in which size bucket, and since when no longer?

mod chart;
mod finding;
mod name;
mod sheet;
mod table;
mod trial;
mod turnover;

use super::source::Source;
use crate::ReportError;
use crate::exhibit::{Exhibit, Verdict};
use crate::i18n::{Text, message, words};
use crate::number;

use sheet::Sheet;

const EXHIBIT: &str = "factor";

/// The group of all stocks.
const MARKET: &str = "market";

/// Factors told in words and drawn; tables have them all.
const MOST_TOLD: usize = 3;

/// A mean is told as different from zero from this t on, the 5 % mark.
const SIGNIFICANT_T: f64 = 1.96;

/// A break is told as one below this probability.
const SIGNIFICANT_P: f64 = 0.05;

/// Exhibit 4 from the `summary`, `break`, `nav`, `quantile`, `ic`, `trial` and `bucket_turnover` tables of the factors a study
/// tried. The first three are told in words and charts, tables show every one.
///
/// # Errors
/// A table or column the outcome contract promises is not there.
pub fn factor(source: &Source) -> Result<Exhibit, ReportError> {
    let sheets = Sheet::read_all(source)?;
    let mut exhibit = source.exhibit(4, EXHIBIT, words("factor-question"));
    let told: Vec<&Sheet> = sheets
        .iter()
        .filter(|sheet| sheet.payoff(sheet.told()).is_some())
        .take(MOST_TOLD)
        .collect();
    if told.is_empty() {
        exhibit.title = words("factor-title-empty");
        return Ok(exhibit);
    }
    exhibit.title = title(&told);
    exhibit.verdict = told.iter().map(|sheet| verdict(sheet)).collect();
    exhibit.answer = told.iter().map(|sheet| finding::paragraph(sheet)).collect();
    exhibit.charts = chart::all(&told);
    exhibit.tables = table::all(&sheets, trial::table(source, sheets[0].horizon())?);
    exhibit.tables.extend(turnover::table(source, &sheets[0].buckets)?);
    exhibit.notes =
        ["factor-note-short", "factor-note-many", "factor-note-last"].map(words).to_vec();
    Ok(exhibit)
}

fn title(told: &[&Sheet]) -> Text {
    let clauses = finding::joined(told.iter().map(|sheet| finding::clause(sheet)));
    let bucket = name::told(told[0].told(), &told[0].buckets);
    message("factor-title", &[("bucket", bucket.into()), ("clauses", clauses.into())])
}

fn verdict(sheet: &Sheet) -> Verdict {
    let mean = sheet.payoff(sheet.told()).map_or(f64::NAN, |payoff| payoff.mean);
    Verdict {
        figure: Text::same(number::fixed(mean, 3)),
        label: message("factor-label", &finding::args(sheet)),
        sentence: finding::verdict_sentence(sheet),
        ..Verdict::default()
    }
}
