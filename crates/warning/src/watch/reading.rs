//! One rule read on the tables.

use serde::Serialize;
use shoals_core::{Calendar, Column, Table, TradingDay, Values};

use super::Rule;
use crate::WarningError;

/// One analysis, answered or not.
#[derive(Debug, Clone)]
pub struct Watched {
    /// Section of the study, as `basis`.
    pub section: String,
    /// Its tables, or why there are none.
    pub tables: Result<Vec<Table>, String>,
}

/// What a rule says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// On the near side of the line.
    Quiet,
    /// On the far side.
    Crossed,
    /// Nothing could be read, or nothing fresh.
    Blind,
}

impl Status {
    /// The stable name used in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Quiet => "quiet",
            Self::Crossed => "crossed",
            Self::Blind => "blind",
        }
    }
}

/// One rule as read.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reading {
    /// The rule's name.
    pub rule: String,
    /// What it says.
    pub status: Status,
    /// How loud it is.
    pub level: super::Level,
    /// What it reads.
    pub read: String,
    /// The rows it means.
    pub rows: String,
    /// The last value, 1 and 0 for flags; NaN when blind.
    pub value: f64,
    /// The line, as written.
    pub line: String,
    /// Day of the last value.
    pub date: Option<TradingDay>,
    /// First day of the rows on the far side that reach to the last; none when quiet.
    pub since: Option<TradingDay>,
    /// Rows on the far side that reach to the last.
    pub days_crossed: usize,
    /// Why it is blind; empty otherwise.
    pub why: String,
}

/// A row's day and value.
type Point = (Option<TradingDay>, f64);

pub(super) fn read(
    rule: &Rule,
    found: &[Watched],
    as_of: TradingDay,
    calendar: &Calendar,
) -> Result<Reading, WarningError> {
    let marks = rule.rows.iter().map(|(key, value)| format!("{key} = {value}"));
    let mut reading = Reading {
        rule: rule.name.clone(),
        status: Status::Blind,
        level: rule.level,
        read: rule.source.words(),
        rows: marks.collect::<Vec<_>>().join(", "),
        value: f64::NAN,
        line: rule.line.words(),
        date: None,
        since: None,
        days_crossed: 0,
        why: String::new(),
    };
    let watched = found.iter().find(|watched| watched.section == rule.source.section);
    let tables = match watched.map(|watched| &watched.tables) {
        Some(Ok(tables)) => tables,
        Some(Err(why)) => return Ok(Reading { why: why.clone(), ..reading }),
        None => {
            let why = format!("the study has no answer `{}`", rule.source.section);
            return Ok(Reading { why, ..reading });
        }
    };
    let points = points(rule, tables)?;
    let Some(&(date, value)) = points.iter().rev().find(|point| !point.1.is_nan()) else {
        return Ok(Reading { why: "no row of it has a value".to_owned(), ..reading });
    };
    (reading.date, reading.value) = (date, value);
    if let Some(date) = date {
        let age = calendar.days(date, as_of).len().saturating_sub(1);
        if age > rule.max_age_days {
            let why = format!("its last value is of {date}, {age} trading days before {as_of}");
            return Ok(Reading { why, ..reading });
        }
    }
    let known = points.iter().rev().filter(|point| !point.1.is_nan());
    let run: Vec<&Point> = known.take_while(|point| rule.line.is_crossed_by(point.1)).collect();
    reading.days_crossed = run.len();
    reading.status = if run.len() >= rule.days { Status::Crossed } else { Status::Quiet };
    if reading.status == Status::Crossed {
        reading.since = run.last().and_then(|point| point.0);
    }
    Ok(reading)
}

/// The rows the rule means, in order of their days.
fn points(rule: &Rule, tables: &[Table]) -> Result<Vec<Point>, WarningError> {
    let refuse =
        |reason: String| WarningError::Rules { reason: format!("rule `{}`: {reason}", rule.name) };
    let source = &rule.source;
    let table = tables.iter().find(|table| table.name() == source.table).ok_or_else(|| {
        let names: Vec<&str> = tables.iter().map(Table::name).collect();
        let section = &source.section;
        refuse(format!("`{section}` has no table `{}`; it has {}", source.table, names.join(", ")))
    })?;
    let column = |name: &str| -> Result<&Column, WarningError> {
        table.columns().iter().find(|column| column.name == name).ok_or_else(|| {
            let names: Vec<&str> = table.columns().iter().map(|c| c.name.as_str()).collect();
            refuse(format!(
                "table `{}` has no column `{name}`; it has {}",
                source.table,
                names.join(", ")
            ))
        })
    };
    let values = numbers(&column(&source.column)?.values).ok_or_else(|| {
        refuse(format!("column `{}` holds neither numbers nor flags", source.column))
    })?;
    let mut rows: Vec<usize> = (0..table.n_rows()).collect();
    for (name, wanted) in &rule.rows {
        let cells = cells(&column(name)?.values);
        if !cells.contains(wanted) {
            let mut known = cells.clone();
            known.sort_unstable();
            known.dedup();
            known.truncate(12);
            return Err(refuse(format!(
                "no row of `{}` has {name} = `{wanted}`; there are {}",
                source.table,
                known.join(", ")
            )));
        }
        rows.retain(|&row| cells[row] == *wanted);
    }
    let days = match table.columns().iter().find(|column| column.name == "date") {
        Some(Column { values: Values::Day(days), .. }) => Some(days),
        _ => None,
    };
    let Some(days) = days else {
        if rows.len() > 1 {
            return Err(refuse(format!(
                "it means {} rows of `{}`, expected one; mark it with `where`",
                rows.len(),
                source.table
            )));
        }
        return Ok(rows.into_iter().map(|row| (None, values[row])).collect());
    };
    rows.sort_by_key(|&row| days[row]);
    if let Some(pair) = rows.windows(2).find(|pair| days[pair[0]] == days[pair[1]]) {
        return Err(refuse(format!(
            "it means several rows of `{}` on {}; tell them apart with `where`",
            source.table, days[pair[0]]
        )));
    }
    Ok(rows.into_iter().map(|row| (Some(days[row]), values[row])).collect())
}

fn numbers(values: &Values) -> Option<Vec<f64>> {
    Some(match values {
        Values::Number(numbers) => numbers.clone(),
        Values::Count(counts) => counts.iter().map(|&n| n as f64).collect(),
        Values::Flag(flags) => flags.iter().map(|&flag| f64::from(u8::from(flag))).collect(),
        Values::Day(_) | Values::Symbol(_) | Values::Text(_) | Values::Words(_) => return None,
    })
}

fn cells(values: &Values) -> Vec<String> {
    match values {
        Values::Number(v) => v.iter().map(f64::to_string).collect(),
        Values::Count(v) => v.iter().map(i64::to_string).collect(),
        Values::Flag(v) => v.iter().map(bool::to_string).collect(),
        Values::Day(v) => v.iter().map(TradingDay::to_string).collect(),
        Values::Symbol(v) => v.iter().map(ToString::to_string).collect(),
        Values::Text(v) => v.clone(),
        Values::Words(v) => v.iter().map(|words| words.en.clone()).collect(),
    }
}
