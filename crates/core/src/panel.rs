//! A dense panel: days down, symbols across, one `f64` column per quantity.

use crate::series::require_rising;
use crate::{CoreError, Series, Symbol, TradingDay};

/// Dense [day x symbol] columns, day-major: value of day `t`, symbol `i` at `t * n_symbols + i`.
///
/// Missing: NaN means "no observation". Whether a stock could be traded is a mask beside the panel,
/// never a NaN.
#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    days: Vec<TradingDay>,
    symbols: Vec<Symbol>,
    columns: Vec<(String, Vec<f64>)>,
}

impl Panel {
    /// A panel without columns.
    ///
    /// # Errors
    /// When days do not rise strictly or a symbol stands twice.
    pub fn new(days: Vec<TradingDay>, symbols: Vec<Symbol>) -> Result<Self, CoreError> {
        require_rising(&days)?;
        let mut sorted = symbols.clone();
        sorted.sort_unstable();
        if let Some(pair) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(CoreError::Duplicate { name: pair[0].to_string() });
        }
        Ok(Self { days, symbols, columns: Vec::new() })
    }

    /// This panel with one more column.
    ///
    /// # Errors
    /// When the column is there already or has not `n_days * n_symbols` values.
    pub fn with_column(
        mut self,
        name: impl Into<String>,
        values: Vec<f64>,
    ) -> Result<Self, CoreError> {
        let name = name.into();
        let expected = self.days.len() * self.symbols.len();
        if values.len() != expected {
            return Err(CoreError::LengthMismatch { name, found: values.len(), expected });
        }
        if self.columns.iter().any(|(present, _)| *present == name) {
            return Err(CoreError::Duplicate { name });
        }
        self.columns.push((name, values));
        Ok(self)
    }

    /// The days, rising.
    pub fn days(&self) -> &[TradingDay] {
        &self.days
    }

    /// The symbols, in column order.
    pub fn symbols(&self) -> &[Symbol] {
        &self.symbols
    }

    /// Number of days.
    pub fn n_days(&self) -> usize {
        self.days.len()
    }

    /// Number of symbols.
    pub fn n_symbols(&self) -> usize {
        self.symbols.len()
    }

    /// Names of the columns, in the order they were added.
    pub fn column_names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|(name, _)| name.as_str())
    }

    /// All values of a column, day-major.
    ///
    /// # Errors
    /// When there is no such column.
    pub fn column(&self, name: &str) -> Result<&[f64], CoreError> {
        self.columns
            .iter()
            .find(|(present, _)| present == name)
            .map(|(_, v)| v.as_slice())
            .ok_or_else(|| CoreError::NoSuchColumn {
                name: name.to_owned(),
                available: self.column_names().collect::<Vec<_>>().join(", "),
            })
    }

    /// One day's cross-section of a column.
    ///
    /// # Errors
    /// When there is no such column.
    ///
    /// # Panics
    /// When `day_index` is not below [`Panel::n_days`].
    pub fn row(&self, name: &str, day_index: usize) -> Result<&[f64], CoreError> {
        let width = self.symbols.len();
        Ok(&self.column(name)?[day_index * width..(day_index + 1) * width])
    }

    /// One symbol's history of a column.
    ///
    /// # Errors
    /// When there is no such column or symbol.
    pub fn series(&self, name: &str, symbol: Symbol) -> Result<Series, CoreError> {
        let i = self.symbols.iter().position(|&s| s == symbol).ok_or_else(|| {
            CoreError::NoSuchColumn {
                name: symbol.to_string(),
                available: format!("{} symbols", self.symbols.len()),
            }
        })?;
        let values =
            self.column(name)?.iter().skip(i).step_by(self.symbols.len()).copied().collect();
        Series::new(symbol.as_str(), self.days.clone(), values)
    }

    /// The panel as it stood at the close of `last`: later days are cut off.
    #[must_use]
    pub fn up_to(&self, last: TradingDay) -> Self {
        let n_days = self.days.partition_point(|&d| d <= last);
        let n_values = n_days * self.symbols.len();
        Self {
            days: self.days[..n_days].to_vec(),
            symbols: self.symbols.clone(),
            columns: self
                .columns
                .iter()
                .map(|(name, values)| (name.clone(), values[..n_values].to_vec()))
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::day;

    fn small() -> Panel {
        let days = vec![day(2024, 2, 2), day(2024, 2, 5)];
        let symbols = vec![Symbol::literal("600519.SH"), Symbol::literal("000852.SZ")];
        Panel::new(days, symbols).unwrap().with_column("close", vec![1.0, 2.0, 3.0, 4.0]).unwrap()
    }

    #[test]
    fn values_are_day_major() {
        let panel = small();
        assert_eq!(panel.row("close", 1).unwrap(), &[3.0, 4.0]);
        assert_eq!(
            panel.series("close", Symbol::literal("000852.SZ")).unwrap().values(),
            &[2.0, 4.0]
        );
        assert_eq!(panel.up_to(day(2024, 2, 4)).column("close").unwrap(), &[1.0, 2.0]);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        assert!(small().with_column("open", vec![1.0]).is_err());
        assert!(small().with_column("close", vec![1.0; 4]).is_err());
        assert!(small().column("settle").unwrap_err().to_string().contains("close"));
        let twice = vec![Symbol::literal("600519.SH"); 2];
        assert!(Panel::new(vec![day(2024, 2, 5)], twice).is_err());
    }
}
