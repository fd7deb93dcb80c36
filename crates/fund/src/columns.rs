//! Tables made row by row.

use shoals_core::{Table, Values};

/// A table with a line for each of `rows`.
pub(crate) struct Lines<'a, R> {
    rows: &'a [R],
    table: Table,
}

impl<'a, R> Lines<'a, R> {
    pub(crate) fn new(name: &str, rows: &'a [R]) -> Self {
        Self { rows, table: Table::new(name) }
    }

    /// Adds what `of` says of each row.
    pub(crate) fn with<T>(mut self, name: &str, about: &str, of: impl Fn(&R) -> T) -> Self
    where
        Vec<T>: Into<Values>,
    {
        let values: Vec<T> = self.rows.iter().map(of).collect();
        self.table = self.table.with(name, about, values);
        self
    }

    pub(crate) fn done(self) -> Table {
        self.table
    }
}
