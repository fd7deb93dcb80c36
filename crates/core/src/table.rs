//! Plain columnar tables: how outcomes and the built-in market leave their rooms.
//!
//! A [`Table`] knows no engine and no file format; the data room turns it into Arrow, the report
//! into JSON, CSV and text.

use crate::{CoreError, Symbol, Text, TradingDay};

/// A named table with columns of one length.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    name: String,
    columns: Vec<Column>,
}

/// One column with its meaning.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Stable English name, words joined by `_`.
    pub name: String,
    /// One sentence: meaning, unit, sign.
    pub about: String,
    /// The values.
    pub values: Values,
}

/// The values of a column.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// Exchange days.
    Day(Vec<TradingDay>),
    /// Canonical symbols.
    Symbol(Vec<Symbol>),
    /// Text; an empty string is "not given".
    Text(Vec<String>),
    /// Sentences in both languages; files and JSON carry the English.
    Words(Vec<Text>),
    /// Numbers; NaN is "no observation".
    Number(Vec<f64>),
    /// Counts.
    Count(Vec<i64>),
    /// Yes or no.
    Flag(Vec<bool>),
}

impl Values {
    /// Number of values.
    pub fn len(&self) -> usize {
        match self {
            Self::Day(v) => v.len(),
            Self::Symbol(v) => v.len(),
            Self::Text(v) => v.len(),
            Self::Words(v) => v.len(),
            Self::Number(v) => v.len(),
            Self::Count(v) => v.len(),
            Self::Flag(v) => v.len(),
        }
    }

    /// Whether there is no value.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

macro_rules! values_from {
    ($($element:ty => $variant:ident),*) => {$(
        impl From<Vec<$element>> for Values {
            fn from(values: Vec<$element>) -> Self {
                Self::$variant(values)
            }
        }
    )*};
}
values_from!(TradingDay => Day, Symbol => Symbol, String => Text, Text => Words, f64 => Number, i64 => Count, bool => Flag);

impl Table {
    /// A table without columns.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), columns: Vec::new() }
    }

    /// This table with one more column.
    ///
    /// # Panics
    /// When the column's length differs from the first one's: a table is made by our own code, and
    /// uneven columns are a defect of it.
    #[must_use]
    pub fn with(
        mut self,
        name: impl Into<String>,
        about: impl Into<String>,
        values: impl Into<Values>,
    ) -> Self {
        let (name, values) = (name.into(), values.into());
        if let Some(first) = self.columns.first() {
            assert_eq!(
                values.len(),
                first.values.len(),
                "column {name} of table {} is uneven",
                self.name
            );
        }
        self.columns.push(Column { name, about: about.into(), values });
        self
    }

    /// The table's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The columns, in order.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Number of rows.
    pub fn n_rows(&self) -> usize {
        self.columns.first().map_or(0, |column| column.values.len())
    }

    /// The column of that name.
    ///
    /// # Errors
    /// When there is none.
    pub fn column(&self, name: &str) -> Result<&Column, CoreError> {
        self.columns.iter().find(|column| column.name == name).ok_or_else(|| {
            CoreError::NoSuchColumn {
                name: name.to_owned(),
                available: self
                    .columns
                    .iter()
                    .map(|column| column.name.as_str())
                    .collect::<Vec<_>>()
                    .join(", "),
            }
        })
    }

    /// The numbers of a column, when it holds numbers.
    ///
    /// # Errors
    /// When there is no such column of numbers.
    pub fn numbers(&self, name: &str) -> Result<&[f64], CoreError> {
        match &self.column(name)?.values {
            Values::Number(values) => Ok(values),
            _ => Err(CoreError::NoSuchColumn {
                name: name.to_owned(),
                available: "that column, but it does not hold numbers".to_owned(),
            }),
        }
    }
}

/// A table made row by row: a line for each of some rows.
pub struct Lines<'a, R> {
    rows: &'a [R],
    table: Table,
}

impl<'a, R> Lines<'a, R> {
    /// A table of that name without columns yet.
    pub fn new(name: &str, rows: &'a [R]) -> Self {
        Self { rows, table: Table::new(name) }
    }

    /// Adds what `of` says of each row.
    #[must_use]
    pub fn with<T>(mut self, name: &str, about: &str, of: impl Fn(&R) -> T) -> Self
    where
        Vec<T>: Into<Values>,
    {
        let values: Vec<T> = self.rows.iter().map(of).collect();
        self.table = self.table.with(name, about, values);
        self
    }

    /// The table.
    pub fn done(self) -> Table {
        self.table
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_finds_its_columns_by_name() {
        let table = Table::new("ladder").with("period", "month", vec!["2024-01".to_owned()]).with(
            "return",
            "simple decimal",
            vec![-0.0629],
        );
        assert_eq!(table.n_rows(), 1);
        assert_eq!(table.numbers("return").unwrap(), &[-0.0629]);
        assert!(table.numbers("period").is_err());
        assert!(table.column("symbol").unwrap_err().to_string().contains("period, return"));
    }

    #[test]
    #[should_panic(expected = "uneven")]
    fn uneven_columns_are_a_defect() {
        let _ = Table::new("x").with("a", "", vec![1.0]).with("b", "", vec![1.0, 2.0]);
    }
}
