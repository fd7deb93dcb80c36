//! Exhibit 15: the spiral: replayed, taken apart, and run again with another lever pulled.

mod clock;
mod feedback;
mod lever;
mod name;
mod parts;
mod sellers;
mod storm;

use super::source::Source;
use crate::ReportError;
use crate::exhibit::{Exhibit, Verdict};
use crate::i18n::{Text, message, words};
use crate::number;

use feedback::FeedbackNumber;
use lever::Levers;
use parts::Parts;
use sellers::{Books, Sellers, Timeline};
use storm::{Bases, Storm};

const EXHIBIT: &str = "spiral";

/// Exhibit 15 from the replay's `path`, `basis`, `channel`, `feedback`, `event`, `book` and `flow` tables and, where levers
/// were pulled, the counterfactual's `lever` and `effect`.
///
/// # Errors
/// A table or column the outcome contract promises is not there.
pub fn spiral(source: &Source) -> Result<Exhibit, ReportError> {
    let mut exhibit = source.exhibit(15, EXHIBIT, words("spiral-question"));
    let storm = Storm::read(source)?;
    let Some(told) = storm.told() else {
        exhibit.title = words("spiral-title-empty");
        return Ok(exhibit);
    };
    let (bases, parts) = (Bases::read(source)?, Parts::read(source)?);
    let (feedback, timeline) = (FeedbackNumber::read(source)?, Timeline::read(source)?);
    let (books, sellers) = (Books::read(source)?, Sellers::read(source)?);
    let levers = Levers::read(source)?;
    exhibit.title = told.title();
    let stop = |text: &Text| Text::new(format!("{}。", text.zh), format!("{}.", text.en));
    let shortest = [Some(stop(&exhibit.title)), parts.short(), levers.as_ref().map(Levers::short)];
    exhibit.verdict = vec![Verdict {
        figure: Text::same(number::percent(told.level - 1.0, 1)),
        label: message("spiral-label", &[("day", told.day.clone().into())]),
        sentence: Text::sentences(shortest.iter().flatten()),
        ..Verdict::default()
    }];
    let answer = [
        source.convention.get("episode").map(stop),
        Some(storm.sentence(&told)),
        Some(storm.beside(&told)),
        parts.sentence(),
        feedback.sentence(),
        books.sentence(),
        levers.as_ref().map(Levers::sentence),
    ];
    exhibit.answer = answer.into_iter().flatten().collect();
    exhibit.charts = vec![storm.chart(&told, &timeline)];
    exhibit.charts.extend(bases.chart());
    exhibit.charts.extend(parts.chart());
    exhibit.charts.extend(feedback.chart());
    exhibit.charts.extend(levers.iter().flat_map(Levers::charts));
    exhibit.tables.extend(parts.table());
    exhibit.tables.extend(sellers.table(&told.day));
    exhibit.tables.push(books.table());
    exhibit.tables.push(timeline.table());
    exhibit.tables.extend(levers.iter().map(Levers::table));
    exhibit.notes =
        ["spiral-note-model", "spiral-note-news", "spiral-note-learn"].map(words).to_vec();
    Ok(exhibit)
}
