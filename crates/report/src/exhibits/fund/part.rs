//! The rows of a table that a page speaks of.

use shoals_core::TradingDay;

use super::EXHIBIT;
use crate::ReportError;
use crate::exhibit::{Cell, Row, Shown, ShownColumn};
use crate::exhibits::source::{Frame, Source};
use crate::i18n::{Text, words};
use crate::number::Format;

/// A column of a shown table: its name, the key of its heading, and the format of its numbers; words or days where there is
/// none.
pub(super) type Told = (&'static str, &'static str, Option<Format>);

/// Some rows of a table.
pub(super) struct Part<'a> {
    pub(super) frame: Frame<'a>,
    pub(super) rows: Vec<usize>,
}

impl<'a> Part<'a> {
    /// The rows of one fund.
    pub(super) fn read(
        source: &Source<'a>,
        table: &'static str,
        fund: &str,
    ) -> Result<Self, ReportError> {
        let frame = source.frame(EXHIBIT, table)?;
        let funds = frame.words("fund")?;
        let rows = (0..frame.n_rows()).filter(|i| funds[*i] == fund).collect();
        Ok(Self { frame, rows })
    }

    pub(super) fn numbers(&self, column: &'static str) -> Result<Vec<f64>, ReportError> {
        let all = self.frame.numbers(column)?;
        Ok(self.rows.iter().map(|i| all[*i]).collect())
    }

    pub(super) fn days(&self, column: &'static str) -> Result<Vec<TradingDay>, ReportError> {
        let all = self.frame.days(column)?;
        Ok(self.rows.iter().map(|i| all[*i]).collect())
    }

    /// Words or sentences, spelt for readers.
    pub(super) fn texts(&self, column: &'static str) -> Result<Vec<Text>, ReportError> {
        if let Ok(texts) = self.frame.sentences(column) {
            return Ok(self.rows.iter().map(|i| texts[*i].clone()).collect());
        }
        let spoken = self.frame.words(column)?;
        Ok(self.rows.iter().map(|i| spelt(&spoken[*i])).collect())
    }

    /// Days, words or sentences as cells.
    fn said(&self, column: &'static str) -> Result<Vec<Cell>, ReportError> {
        Ok(match self.days(column) {
            Ok(days) => days.into_iter().map(Cell::Day).collect(),
            Err(_) => self.texts(column)?.into_iter().map(Cell::Words).collect(),
        })
    }

    pub(super) fn table(&self, id: &str, title: Text, told: &[Told]) -> Result<Shown, ReportError> {
        let column = |&(_, key, format): &Told| match format {
            Some(format) => ShownColumn::number(words(key), format),
            None => ShownColumn::words(words(key)),
        };
        let mut shown = Shown::new(id, title, told.iter().map(column).collect());
        let cells = told.iter().map(|(name, _, format)| match format {
            Some(_) => Ok(self.numbers(name)?.into_iter().map(Cell::Number).collect()),
            None => self.said(name),
        });
        let cells: Vec<Vec<Cell>> = cells.collect::<Result<_, ReportError>>()?;
        for i in 0..self.rows.len() {
            let cells = cells.iter().map(|column| column[i].clone()).collect();
            shown.push(Row { cells, is_emphasised: false });
        }
        Ok(shown)
    }
}

/// A word of a table for readers.
pub(super) fn spelt(word: &str) -> Text {
    match word {
        "all" => words("fund-record-whole"),
        "told" => words("fund-hidden-basis-told"),
        "earned" => words("fund-hidden-basis-earned"),
        "with_jump" => words("fund-hidden-basis-with_jump"),
        other => Text::same(other),
    }
}
