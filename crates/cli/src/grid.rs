//! A plain file as values by day and name: a column a name, or a row a day and name.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, bail, ensure};
use shoals_core::{Column, Table, TradingDay, Values};
use shoals_data::formats;

/// Headings under which a file with a row a day and name keeps the names.
const NAME_HEADINGS: [&str; 9] =
    ["symbol", "code", "ticker", "asset", "stock", "name", "ts_code", "代码", "证券代码"];

/// Values by day and name, day-major; NaN is "no observation".
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Grid {
    /// Days, rising.
    pub(crate) days: Vec<TradingDay>,
    /// Names, sorted.
    pub(crate) names: Vec<String>,
    /// Value of day `t`, name `i` at `t * names.len() + i`.
    pub(crate) values: Vec<f64>,
}

impl Grid {
    /// Reads a CSV, Excel or Parquet file. `column` names the values of a file with a row a day and
    /// name; without it the file's only column of numbers is taken.
    pub(crate) fn read(path: &Path, column: Option<&str>) -> anyhow::Result<Self> {
        let in_file = || format!("in `{}`", path.display());
        let table = formats::read_table(path)?;
        Self::of(&table, column).with_context(in_file)
    }

    /// Likewise of a table.
    pub(crate) fn of(table: &Table, column: Option<&str>) -> anyhow::Result<Self> {
        let is_day = |column: &&Column| matches!(column.values, Values::Day(_));
        let Some(Column { name: date, values: Values::Day(days), .. }) =
            table.columns().iter().find(is_day)
        else {
            bail!("no column holds dates");
        };
        let rest: Vec<&Column> = table.columns().iter().filter(|c| c.name != *date).collect();
        let cells = match rest.iter().find(|column| holds_names(column)) {
            Some(names) => long(days, names, value_column(&rest, &names.name, column)?)?,
            None => wide(days, &rest)?,
        };
        Self::from_cells(&cells)
    }

    fn from_cells(cells: &[(TradingDay, String, f64)]) -> anyhow::Result<Self> {
        let days: BTreeSet<TradingDay> = cells.iter().map(|cell| cell.0).collect();
        let names: BTreeSet<&String> = cells.iter().map(|cell| &cell.1).collect();
        let days: Vec<TradingDay> = days.into_iter().collect();
        let names: Vec<String> = names.into_iter().cloned().collect();
        ensure!(!names.is_empty(), "it holds no values");
        let mut values = vec![f64::NAN; days.len() * names.len()];
        let mut is_filled = vec![false; values.len()];
        for (day, name, value) in cells {
            let t = days.binary_search(day).expect("gathered from these cells");
            let cell = t * names.len() + names.binary_search(name).expect("gathered likewise");
            ensure!(!is_filled[cell], "{day} and `{name}` stand together twice");
            (values[cell], is_filled[cell]) = (*value, true);
        }
        Ok(Self { days, names, values })
    }

    /// The days from `from` to `to`, both included.
    pub(crate) fn between(self, from: Option<TradingDay>, to: Option<TradingDay>) -> Self {
        let width = self.names.len();
        let start = from.map_or(0, |from| self.days.partition_point(|&day| day < from));
        let end = to.map_or(self.days.len(), |to| self.days.partition_point(|&day| day <= to));
        let end = end.max(start);
        Self {
            days: self.days[start..end].to_vec(),
            values: self.values[start * width..end * width].to_vec(),
            names: self.names,
        }
    }

    /// These values on other days and names; NaN where there is none.
    ///
    /// # Errors
    /// A day that is not among the others, or no name that is.
    pub(crate) fn on(&self, days: &[TradingDay], names: &[String]) -> anyhow::Result<Vec<f64>> {
        let place: BTreeMap<&String, usize> =
            names.iter().enumerate().map(|(i, n)| (n, i)).collect();
        let places: Vec<Option<usize>> =
            self.names.iter().map(|name| place.get(name).copied()).collect();
        ensure!(
            places.iter().any(Option::is_some),
            "none of its names, as `{}`, has prices",
            self.names[0]
        );
        let mut values = vec![f64::NAN; days.len() * names.len()];
        for (day, row) in self.days.iter().zip(self.values.chunks(self.names.len())) {
            let Ok(t) = days.binary_search(day) else {
                ensure!(row.iter().all(|value| value.is_nan()), "{day} is a day without prices");
                continue;
            };
            for (value, place) in row.iter().zip(&places) {
                if let Some(place) = place {
                    values[t * names.len() + place] = *value;
                }
            }
        }
        Ok(values)
    }
}

/// Whether a column holds the names of a file with a row a day and name.
fn holds_names(column: &Column) -> bool {
    let is_heading = NAME_HEADINGS.contains(&column.name.to_lowercase().as_str());
    match &column.values {
        Values::Symbol(_) => true,
        Values::Text(texts) => is_heading || texts.iter().any(|text| !text.is_empty()),
        _ => is_heading,
    }
}

fn value_column<'a>(
    rest: &[&'a Column],
    names: &str,
    asked: Option<&str>,
) -> anyhow::Result<&'a Column> {
    let numbers = rest.iter().copied().filter(|column| column.name != names);
    let mut numbers =
        numbers.filter(|column| matches!(column.values, Values::Number(_) | Values::Count(_)));
    let Some(asked) = asked else {
        let only = numbers.next().context("no column holds numbers")?;
        ensure!(
            numbers.next().is_none(),
            "it has several columns of numbers; name one as FILE:COLUMN"
        );
        return Ok(only);
    };
    numbers
        .find(|column| column.name == asked)
        .with_context(|| format!("no column `{asked}` holds numbers"))
}

fn long(
    days: &[TradingDay],
    names: &Column,
    values: &Column,
) -> anyhow::Result<Vec<(TradingDay, String, f64)>> {
    let names = texts(names)?;
    let values = numbers(values).context("no numbers")?;
    Ok(days.iter().zip(names).zip(values).map(|((&day, name), value)| (day, name, value)).collect())
}

fn wide(
    days: &[TradingDay],
    columns: &[&Column],
) -> anyhow::Result<Vec<(TradingDay, String, f64)>> {
    let mut cells = Vec::new();
    for column in columns {
        // A name without any value has an empty column of text.
        let values = numbers(column).unwrap_or_else(|| vec![f64::NAN; days.len()]);
        cells
            .extend(days.iter().zip(values).map(|(&day, value)| (day, column.name.clone(), value)));
    }
    ensure!(!cells.is_empty(), "it holds no values");
    Ok(cells)
}

fn numbers(column: &Column) -> Option<Vec<f64>> {
    match &column.values {
        Values::Number(values) => Some(values.clone()),
        Values::Count(values) => Some(values.iter().map(|&n| n as f64).collect()),
        _ => None,
    }
}

/// A column as text; whole numbers, as codes without leading zeros, by their digits.
fn texts(column: &Column) -> anyhow::Result<Vec<String>> {
    Ok(match &column.values {
        Values::Text(texts) => texts.clone(),
        Values::Symbol(symbols) => symbols.iter().map(ToString::to_string).collect(),
        Values::Number(values) => values.iter().map(ToString::to_string).collect(),
        Values::Count(values) => values.iter().map(ToString::to_string).collect(),
        _ => bail!("column `{}` does not hold names", column.name),
    })
}

/// Buckets by name, and by day where the file has days: labels from 1 and their names, sorted.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Groups {
    /// Name of each group.
    pub(crate) groups: Vec<String>,
    /// Label of each day and name in the shape asked for; 0 for none.
    pub(crate) labels: Vec<u8>,
}

impl Groups {
    /// Reads groups for these days and names: columns `name, group`, with a date column where they
    /// change.
    pub(crate) fn read(path: &Path, days: &[TradingDay], names: &[String]) -> anyhow::Result<Self> {
        let table = formats::read_table(path)?;
        Self::of(&table, days, names).with_context(|| format!("in `{}`", path.display()))
    }

    fn of(table: &Table, days: &[TradingDay], names: &[String]) -> anyhow::Result<Self> {
        let dated = table.columns().iter().find_map(|column| match &column.values {
            Values::Day(days) => Some(days),
            _ => None,
        });
        let rest: Vec<&Column> =
            table.columns().iter().filter(|c| !matches!(c.values, Values::Day(_))).collect();
        let [name, group] = rest[..] else {
            bail!("it has {} columns beside days, expected a name and a group", rest.len());
        };
        let (of_name, of_group) = (texts(name)?, texts(group)?);
        let known: BTreeSet<&String> = of_group.iter().filter(|group| !group.is_empty()).collect();
        let groups: Vec<String> = known.into_iter().cloned().collect();
        ensure!(groups.len() <= 255, "it has {} groups, expected at most 255", groups.len());
        let place: BTreeMap<&String, usize> =
            names.iter().enumerate().map(|(i, n)| (n, i)).collect();
        let mut labels = vec![0; days.len() * names.len()];
        for (row, (name, group)) in of_name.iter().zip(&of_group).enumerate() {
            let (Some(&i), Ok(k)) = (place.get(name), groups.binary_search(group)) else {
                continue;
            };
            let label = u8::try_from(k + 1).expect("at most 255");
            let on = dated.map_or(0..days.len(), |dated| {
                days.binary_search(&dated[row]).map_or(0..0, |t| t..t + 1)
            });
            on.for_each(|t| labels[t * names.len() + i] = label);
        }
        ensure!(labels.iter().any(|&label| label > 0), "none of its names has prices");
        Ok(Self { groups, labels })
    }
}
