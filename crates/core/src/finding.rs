//! What loading found wrong, with its place.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Symbol, TradingDay};

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing; the data are used as they are.
    Note,
    /// Suspicious; the data are used and the finding is kept beside them.
    Warning,
    /// The data would mislead; the import stops unless the kind is accepted by name.
    Severe,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Severe => "severe",
        })
    }
}

/// One thing found in a source, with the place, what was expected and what to do.
///
/// `kind` is a stable lower-case name: `--accept KIND` takes exactly this word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Stable lower-case name of the check, as `unit_mistake`.
    pub kind: String,
    /// How much it matters.
    pub severity: Severity,
    /// File the data came from, as the user named it.
    pub file: String,
    /// 1-based row in that file, the header not counted; none for a whole file or column.
    pub row: Option<u64>,
    /// Canonical symbol, where the row has one.
    pub symbol: Option<Symbol>,
    /// Day of the row, where it has one.
    pub date: Option<TradingDay>,
    /// Column in the source's own words.
    pub column: Option<String>,
    /// What stands there.
    pub found: String,
    /// What was expected.
    pub expected: String,
    /// What the user can do.
    pub remedy: String,
    /// How many rows show the same; the fields above describe the first.
    pub count: u64,
}

impl Finding {
    /// A finding about a whole file; the builder methods below narrow it down.
    pub fn new(
        kind: impl Into<String>,
        severity: Severity,
        file: impl Into<String>,
        found: impl Into<String>,
        expected: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            kind: kind.into(),
            severity,
            file: file.into(),
            row: None,
            symbol: None,
            date: None,
            column: None,
            found: found.into(),
            expected: expected.into(),
            remedy: remedy.into(),
            count: 1,
        }
    }

    /// Names the 1-based data row.
    #[must_use]
    pub fn at_row(mut self, row: u64) -> Self {
        self.row = Some(row);
        self
    }

    /// Names the symbol.
    #[must_use]
    pub fn of_symbol(mut self, symbol: Symbol) -> Self {
        self.symbol = Some(symbol);
        self
    }

    /// Names the day.
    #[must_use]
    pub fn on(mut self, date: TradingDay) -> Self {
        self.date = Some(date);
        self
    }

    /// Names the column.
    #[must_use]
    pub fn in_column(mut self, column: impl Into<String>) -> Self {
        self.column = Some(column.into());
        self
    }

    /// Says how many rows show the same.
    #[must_use]
    pub fn counted(mut self, count: u64) -> Self {
        self.count = count;
        self
    }
}

impl fmt::Display for Finding {
    /// One line: severity, kind, place, what was found and expected, how often, what to do.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} [{}] {}", self.severity, self.kind, self.file)?;
        if let Some(row) = self.row {
            write!(f, " row {row}")?;
        }
        if let Some(symbol) = self.symbol {
            write!(f, " {symbol}")?;
        }
        if let Some(date) = self.date {
            write!(f, " {date}")?;
        }
        if let Some(column) = &self.column {
            write!(f, " column `{column}`")?;
        }
        write!(f, ": found {}, expected {}", self.found, self.expected)?;
        if self.count > 1 {
            write!(f, " (and {} more like it)", self.count - 1)?;
        }
        write!(f, "; {}", self.remedy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::day;

    #[test]
    fn a_finding_reads_as_one_sentence_with_its_place() {
        let finding = Finding::new(
            "negative_price",
            Severity::Severe,
            "a.csv",
            "-1.2",
            "above 0",
            "mend the row",
        )
        .at_row(7)
        .of_symbol(Symbol::literal("600519.SH"))
        .on(day(2024, 2, 5))
        .in_column("close")
        .counted(3);
        assert_eq!(
            finding.to_string(),
            "severe [negative_price] a.csv row 7 600519.SH 2024-02-05 column `close`: \
             found -1.2, expected above 0 (and 2 more like it); mend the row"
        );
    }
}
