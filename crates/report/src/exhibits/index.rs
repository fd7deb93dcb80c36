//! Exhibit 11: what a micro-cap index earned over the whole market, and whether it could be held.

mod capacity;
mod crash;
mod premium;
mod record;
mod size;
mod year;

use super::source::Source;
use crate::ReportError;
use crate::exhibit::{Exhibit, Verdict};
use crate::i18n::{Text, message, words};
use crate::number;

use capacity::Capacity;
use crash::Crash;
use premium::Premium;
use record::Record;
use size::Sizes;
use year::Years;

const EXHIBIT: &str = "index";

/// Exhibit 11 from the `nav`, `implementable`, `premium`, `capacity`, `year` and `size_bucket` tables of a
/// micro-cap outcome; a table `window_bucket` beside them tells the sizes of its last window instead of those
/// of the worst month.
///
/// # Errors
/// A table or column the outcome contract promises is not there.
pub fn index(source: &Source) -> Result<Exhibit, ReportError> {
    let mut exhibit = source.exhibit(11, EXHIBIT, words("index-question"));
    let record = Record::read(source)?;
    if record.days.len() < 2 {
        exhibit.title = words("index-title-empty");
        return Ok(exhibit);
    }
    let (capacity, years) = (Capacity::read(source, &record)?, Years::read(source)?);
    let (premium, crash) = (Premium::read(source)?, Crash::read(source, &record)?);
    let sizes = Sizes::read(source, crash.as_ref().map(|crash| crash.month.as_str()))?;
    exhibit.title = title(&record, &capacity);
    exhibit.verdict = verdicts(&record, &capacity, &years);
    exhibit.answer = [
        Some(record.answer()),
        years.sentence(),
        capacity.sentence(),
        premium.sentence(),
        crash.as_ref().and_then(Crash::sentence),
    ]
    .into_iter()
    .flatten()
    .collect();
    exhibit.charts = [
        Some(record.chart()),
        years.chart(),
        capacity.chart(),
        premium.chart(),
        crash.as_ref().and_then(Crash::blocked_chart),
        sizes.chart(),
    ]
    .into_iter()
    .flatten()
    .collect();
    exhibit.tables = years.table().into_iter().chain(capacity.table()).collect();
    exhibit.notes =
        ["index-note-paper", "index-note-capacity", "index-note-survivors"].map(words).to_vec();
    Ok(exhibit)
}

/// Paper against ledger, a year where the capacity curve has that ledger, else over the whole record.
fn title(record: &Record, capacity: &Capacity) -> Text {
    match capacity.own() {
        Some(own) => message("index-title", &own.args()),
        None => message("index-title-whole", &record.args()),
    }
}

fn verdicts(record: &Record, capacity: &Capacity, years: &Years) -> Vec<Verdict> {
    let ledger = match capacity.own() {
        Some(own) => Verdict {
            figure: Text::same(number::percent(own.annual_return, 1)),
            label: message("index-label", &own.args()),
            sentence: capacity.verdict(&own),
            ..Verdict::default()
        },
        None => Verdict {
            figure: Text::same(number::percent(record.held_gain(), 1)),
            label: message("index-label-whole", &record.args()),
            sentence: sentence(&title(record, capacity)),
            ..Verdict::default()
        },
    };
    std::iter::once(ledger).chain(years.verdict()).collect()
}

/// A title as a sentence.
fn sentence(title: &Text) -> Text {
    Text::new(format!("{}。", title.zh), format!("{}.", title.en))
}
