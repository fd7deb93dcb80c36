//! The exhibit: a question, its answer in words with numbers, then the charts and tables that show it.
//!
//! Plain data in both languages, without markup or drawing: the page, the PDF and the dashboard read
//! exactly this.

use std::collections::BTreeMap;

use serde::Serialize;
use shoals_core::{Convention, TradingDay};

use crate::chart::Chart;
use crate::diagram::Diagram;
use crate::i18n::{Text, words};
use crate::number::Format;

/// A whole report: the verdict first, then exhibit by exhibit.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Report {
    /// What the study is about.
    pub title: Text,
    /// The market, the period, the book.
    pub subtitle: Text,
    /// Page one, readable in a minute.
    pub verdict: Vec<Verdict>,
    /// The exhibits, in the order of their numbers.
    pub exhibits: Vec<Exhibit>,
    /// What the report does not know, and what would change its conclusion.
    pub limits: Vec<Text>,
    /// Where it came from, enough to make it again.
    pub provenance: Provenance,
}

/// One finding of page one: a figure to remember and the sentence that carries it.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Verdict {
    /// The one number, as `−21.3%`; may be empty.
    pub figure: Text,
    /// What the figure measures, in a few words.
    pub label: Text,
    /// The finding in plain words, with its numbers and bands.
    pub sentence: Text,
    /// The number of the exhibit that shows it.
    pub exhibit: Option<u8>,
    /// The id of that exhibit: two books share a number, not an id.
    pub anchor: String,
}

/// One question answered.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Exhibit {
    /// Its number in the study, 1 to 17.
    pub number: u8,
    /// Stable `snake_case` name, as `inversion`; the anchor on the page.
    pub id: String,
    /// The finding, computed from the data.
    pub title: Text,
    /// The question it answers.
    pub question: Text,
    /// What page one says of it.
    pub verdict: Vec<Verdict>,
    /// The answer, a paragraph each, with numbers and bands.
    pub answer: Vec<Text>,
    /// Structures drawn.
    pub diagrams: Vec<Diagram>,
    /// The charts.
    pub charts: Vec<Chart>,
    /// The tables shown; the full ones lie beside the report.
    pub tables: Vec<Shown>,
    /// What an expert would ask next.
    pub notes: Vec<Text>,
    /// What the numbers mean, as the outcome says it: name to sentence.
    pub convention: Convention,
    /// The market tables read, each with its version.
    pub data: BTreeMap<String, i64>,
}

/// Where a report came from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Provenance {
    /// Market tables read, each with its version.
    pub data: BTreeMap<String, i64>,
    /// Seed of every random draw.
    pub seed: Option<u64>,
    /// `shoals 0.1.0`.
    pub tool: String,
    /// The fingerprint `study.lock` carries; the same study has the same one.
    pub fingerprint: String,
}

/// A table as a reader sees it: a choice of rows and columns, formatted.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Shown {
    /// Stable `snake_case` name.
    pub id: String,
    /// What it shows.
    pub title: Text,
    /// The columns.
    pub columns: Vec<ShownColumn>,
    /// The rows, each with a cell a column.
    pub rows: Vec<Row>,
    /// Unit, choice of rows, source.
    pub note: Text,
}

/// A column of a shown table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ShownColumn {
    /// Its heading.
    pub header: Text,
    /// How its numbers look; words when there is none.
    pub format: Option<Format>,
}

/// A row of a shown table.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Row {
    /// A cell a column.
    pub cells: Vec<Cell>,
    /// Whether this is the row the text speaks of.
    pub is_emphasised: bool,
}

/// A cell of a shown table.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Cell {
    /// A number, shown in its column's format; NaN is a dash.
    Number(f64),
    /// An exchange day.
    Day(TradingDay),
    /// Words.
    Words(Text),
}

impl Shown {
    /// A table with those columns and no rows yet.
    pub fn new(id: &str, title: Text, columns: Vec<ShownColumn>) -> Self {
        Self { id: id.to_owned(), title, columns, ..Self::default() }
    }

    /// This table with one more row.
    ///
    /// # Panics
    /// When the row has not a cell for every column: rows are made by our own code.
    #[must_use]
    pub fn row(mut self, cells: Vec<Cell>) -> Self {
        self.push(Row { cells, is_emphasised: false });
        self
    }

    /// Adds a row.
    ///
    /// # Panics
    /// When the row has not a cell for every column: rows are made by our own code.
    pub fn push(&mut self, row: Row) {
        assert_eq!(row.cells.len(), self.columns.len(), "uneven row in table {}", self.id);
        self.rows.push(row);
    }
}

impl ShownColumn {
    /// A column of words or days.
    pub fn words(header: Text) -> Self {
        Self { header, format: None }
    }

    /// A column of numbers.
    pub fn number(header: Text, format: Format) -> Self {
        Self { header, format: Some(format) }
    }
}

impl Report {
    /// Says on page one that the market is the built-in one, whose data nobody quoted.
    pub fn mark_built_in(&mut self) {
        self.subtitle = Text::sentences([&self.subtitle, &words("page-built-in")]);
    }

    /// Page one of those exhibits: their verdicts in order, each with the exhibit's number.
    pub fn verdict_of(exhibits: &[Exhibit]) -> Vec<Verdict> {
        let of_one = |exhibit: &Exhibit| -> Vec<Verdict> {
            let placed = |v: &Verdict| Verdict {
                exhibit: Some(exhibit.number),
                anchor: exhibit.id.clone(),
                ..v.clone()
            };
            exhibit.verdict.iter().map(placed).collect()
        };
        exhibits.iter().flat_map(of_one).collect()
    }
}
