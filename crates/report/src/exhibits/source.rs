//! What an exhibit is made from: the tables of an outcome, read by name.

use std::collections::BTreeMap;

use shoals_core::{Convention, Segment, Table, TradingDay, Values};

use crate::ReportError;
use crate::chart::Colour;
use crate::exhibit::Exhibit;
use crate::i18n::{self, Text};

/// An outcome as the report sees it.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// Its tables.
    pub tables: &'a [Table],
    /// What its numbers mean.
    pub convention: &'a Convention,
    /// The market tables it read, each with its version.
    pub data: &'a BTreeMap<String, i64>,
}

impl<'a> Source<'a> {
    /// The table of that name.
    pub(super) fn frame(
        &self,
        exhibit: &'static str,
        table: &'static str,
    ) -> Result<Frame<'a>, ReportError> {
        self.optional(exhibit, table).ok_or_else(|| ReportError::NoSuchTable {
            exhibit,
            table,
            available: self.tables.iter().map(Table::name).collect::<Vec<_>>().join(", "),
        })
    }

    /// The table of that name, when the outcome has it and it has rows.
    pub(super) fn optional(&self, exhibit: &'static str, table: &str) -> Option<Frame<'a>> {
        self.tables.iter().find(|t| t.name() == table).map(|table| Frame { exhibit, table })
    }

    /// An exhibit that carries this source's conventions and data versions.
    pub(super) fn exhibit(&self, number: u8, id: &str, question: Text) -> Exhibit {
        Exhibit {
            number,
            id: id.to_owned(),
            question,
            convention: self.convention.clone(),
            data: self.data.clone(),
            ..Exhibit::default()
        }
    }
}

/// One table, its columns asked for by name and kind.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame<'a> {
    exhibit: &'static str,
    table: &'a Table,
}

impl<'a> Frame<'a> {
    pub(super) fn n_rows(&self) -> usize {
        self.table.n_rows()
    }

    pub(super) fn days(&self, column: &'static str) -> Result<&'a [TradingDay], ReportError> {
        match self.values(column) {
            Some(Values::Day(days)) => Ok(days),
            _ => Err(self.wrong(column, "days")),
        }
    }

    /// Numbers, or counts as numbers.
    pub(super) fn numbers(&self, column: &'static str) -> Result<Vec<f64>, ReportError> {
        match self.values(column) {
            Some(Values::Number(numbers)) => Ok(numbers.clone()),
            Some(Values::Count(counts)) => Ok(counts.iter().map(|n| *n as f64).collect()),
            _ => Err(self.wrong(column, "numbers")),
        }
    }

    /// Numbers, where the table has that column.
    pub(super) fn optional_numbers(&self, column: &'static str) -> Option<Vec<f64>> {
        self.numbers(column).ok()
    }

    /// Words; symbols and days as they are written.
    pub(super) fn words(&self, column: &'static str) -> Result<Vec<String>, ReportError> {
        match self.values(column) {
            Some(Values::Text(words)) => Ok(words.clone()),
            Some(Values::Symbol(symbols)) => Ok(symbols.iter().map(ToString::to_string).collect()),
            Some(Values::Day(days)) => Ok(days.iter().map(ToString::to_string).collect()),
            _ => Err(self.wrong(column, "words")),
        }
    }

    /// Sentences in both languages.
    pub(super) fn sentences(&self, column: &'static str) -> Result<&'a [Text], ReportError> {
        match self.values(column) {
            Some(Values::Words(texts)) => Ok(texts),
            _ => Err(self.wrong(column, "sentences")),
        }
    }

    pub(super) fn flags(&self, column: &'static str) -> Result<&'a [bool], ReportError> {
        match self.values(column) {
            Some(Values::Flag(flags)) => Ok(flags),
            _ => Err(self.wrong(column, "flags")),
        }
    }

    fn values(&self, column: &str) -> Option<&'a Values> {
        self.table.columns().iter().find(|c| c.name == column).map(|c| &c.values)
    }

    fn wrong(&self, column: &'static str, kind: &'static str) -> ReportError {
        let table = self.table.name().to_owned();
        ReportError::NoSuchColumn { exhibit: self.exhibit, table, column, kind }
    }
}

/// The segment of a table's `segment` column.
pub(super) fn segment_of(name: &str) -> Option<Segment> {
    Segment::ALL.into_iter().find(|segment| segment.name() == name)
}

/// A segment's name for readers, or the name itself.
pub(super) fn segment_words(name: &str) -> Text {
    segment_of(name).map_or_else(|| Text::same(name), i18n::segment_name)
}

/// A segment's one colour.
pub(super) fn segment_colour(name: &str) -> Colour {
    segment_of(name).map_or(Colour::Muted, Colour::Segment)
}

/// The colour of a size bucket, from the deep red of the smallest to the deep blue of the largest.
pub(super) fn size_colour(place: usize, n: usize) -> Colour {
    let steps = Segment::ALL.len() - 1;
    let scaled = (place * steps + n.saturating_sub(1) / 2) / n.saturating_sub(1).max(1);
    Colour::Segment(Segment::ALL[scaled.min(steps)])
}

/// Position of the smallest (or, with a negated key, largest) finite value.
pub(super) fn lowest(values: &[f64]) -> Option<usize> {
    (0..values.len())
        .filter(|i| values[*i].is_finite())
        .min_by(|a, b| values[*a].total_cmp(&values[*b]))
}

/// Position of the largest finite value.
pub(super) fn highest(values: &[f64]) -> Option<usize> {
    (0..values.len())
        .filter(|i| values[*i].is_finite())
        .max_by(|a, b| values[*a].total_cmp(&values[*b]))
}

/// `2023-12-01 – 2024-03-29`, the period of a chart.
pub(super) fn period(days: &[TradingDay]) -> String {
    match (days.first(), days.last()) {
        (Some(first), Some(last)) => format!("{first} – {last}"),
        _ => String::new(),
    }
}
