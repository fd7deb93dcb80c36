//! A line drawn beforehand.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::WarningError;

/// How loud a crossed line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Worth knowing.
    Notice,
    /// Look today.
    #[default]
    Warning,
    /// Act.
    Alarm,
}

impl Level {
    /// The stable name used in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Warning => "warning",
            Self::Alarm => "alarm",
        }
    }
}

/// Which side of which value is crossed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Line {
    /// Crossed by values above.
    Above(f64),
    /// Crossed by values below.
    Below(f64),
    /// Crossed by this flag.
    Is(bool),
}

impl Line {
    /// Whether a value, 1 and 0 for flags, is on the far side.
    pub fn is_crossed_by(self, value: f64) -> bool {
        match self {
            Self::Above(line) => value > line,
            Self::Below(line) => value < line,
            Self::Is(flag) => value == f64::from(u8::from(flag)),
        }
    }

    /// As written in the rule.
    pub fn words(self) -> String {
        match self {
            Self::Above(line) => format!("above {line}"),
            Self::Below(line) => format!("below {line}"),
            Self::Is(flag) => format!("is {flag}"),
        }
    }
}

/// Where a figure stands: analysis, table, column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Section of a study, as `basis` or `swap_1`.
    pub section: String,
    /// Table of its outcome.
    pub table: String,
    /// Column of the table.
    pub column: String,
}

impl Source {
    /// The analysis that answers it: the section without its number.
    pub fn analysis(&self) -> &str {
        match self.section.rsplit_once('_') {
            Some((name, number)) if number.parse::<u32>().is_ok() => name,
            _ => &self.section,
        }
    }

    /// As written in the rule.
    pub fn words(&self) -> String {
        format!("{}.{}.{}", self.section, self.table, self.column)
    }
}

/// One rule. A value of this type is always legal.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "Words")]
pub struct Rule {
    /// What people call it.
    pub name: String,
    /// Where its figure stands.
    pub source: Source,
    /// Columns that tell its rows, and what stands in them.
    pub rows: BTreeMap<String, String>,
    /// The line.
    pub line: Line,
    /// The last so many rows must all be on the far side.
    pub days: usize,
    /// A figure older than this many trading days is blind.
    pub max_age_days: usize,
    /// How loud it is.
    pub level: Level,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    name: String,
    read: String,
    #[serde(default, rename = "where")]
    rows: BTreeMap<String, toml::Value>,
    above: Option<f64>,
    below: Option<f64>,
    is: Option<bool>,
    #[serde(default = "one")]
    days: usize,
    #[serde(default = "week")]
    max_age_days: usize,
    #[serde(default)]
    level: Level,
}

const fn one() -> usize {
    1
}

const fn week() -> usize {
    5
}

impl TryFrom<Words> for Rule {
    type Error = String;

    fn try_from(words: Words) -> Result<Self, String> {
        let name = words.name;
        let refuse = |reason: String| Err(format!("rule `{name}`: {reason}"));
        let parts: Vec<&str> = words.read.split('.').collect();
        let [section, table, column] = parts[..] else {
            return refuse(format!(
                "`read` is `{}`, expected ANALYSIS.TABLE.COLUMN, as basis.stress.basis_rate (`shoals schema` lists them)",
                words.read
            ));
        };
        let line = match (words.above, words.below, words.is) {
            (Some(line), None, None) => Line::Above(line),
            (None, Some(line), None) => Line::Below(line),
            (None, None, Some(flag)) => Line::Is(flag),
            _ => return refuse("expected one of `above`, `below` and `is`".to_owned()),
        };
        if let Line::Above(value) | Line::Below(value) = line
            && !value.is_finite()
        {
            return refuse(format!("the line is {value}, expected a number"));
        }
        if words.days == 0 {
            return refuse("`days` is 0, expected 1 or more".to_owned());
        }
        let mark = |value: toml::Value| match value {
            toml::Value::String(text) => text,
            other => other.to_string(),
        };
        Ok(Self {
            source: Source {
                section: section.to_owned(),
                table: table.to_owned(),
                column: column.to_owned(),
            },
            rows: words.rows.into_iter().map(|(key, value)| (key, mark(value))).collect(),
            line,
            days: words.days,
            max_age_days: words.max_age_days,
            level: words.level,
            name,
        })
    }
}

/// The rules of a file, and the words of the study they are read on.
///
/// ```toml
/// [study.gauge]            # settings of the analyses, the words of a study file; may be left out
/// horizon_days = 40
///
/// [[rule]]
/// name = "IM discount"
/// read = "basis.stress.basis_rate"
/// where = { product = "IM" }
/// below = -0.15
/// level = "alarm"
/// ```
///
/// # Errors
/// A file that is no TOML, a misspelt key, no rule, two of one name, or a rule that is not legal.
pub fn rules_from_toml(text: &str) -> Result<(Vec<Rule>, toml::Table), WarningError> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        #[serde(default)]
        study: toml::Table,
        #[serde(default)]
        rule: Vec<Rule>,
    }
    let refuse = |reason: String| WarningError::Rules { reason };
    let file: File =
        toml::from_str(text).map_err(|error| refuse(error.to_string().trim_end().to_owned()))?;
    if file.rule.is_empty() {
        return Err(refuse("there is no [[rule]]".to_owned()));
    }
    for (i, rule) in file.rule.iter().enumerate() {
        if file.rule[..i].iter().any(|earlier| earlier.name == rule.name) {
            return Err(refuse(format!("two rules are called `{}`", rule.name)));
        }
    }
    Ok((file.rule, file.study))
}
