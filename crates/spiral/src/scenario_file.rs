//! A scenario as a person writes it: an episode of the library, and what differs from it.
//!
//! ```toml
//! episode = "china_2024"
//!
//! [dma]
//! long_value = 120e9
//!
//! [[changes]]            # a list is replaced as a whole
//! from = 2024-01-22
//! net_sell_ban = true
//! ```
//!
//! A file may also set `name`, `title` and `about`; `[timeline]`, the days ([`Timeline`]); `[fitted]`, numbers
//! under the names of `china_2024::parameters`, put in after everything else of the file; and `[posterior]`, sets of such
//! numbers the data could not tell apart, as `shoals spiral calibrate` writes them: what a file says goes over each. Changes and purchases
//! name their day as a date (`from`, `on`) or as a number (`from_day`, `day`). Without an `episode` a file starts from
//! the market of the last days of 2023 before calibration, which has no days.
//!
//! Method page: `docs/method/spiral_stress.md`

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use shoals_core::{Text, TradingDay};
use toml::{Table, Value};

use crate::SpiralError;
use crate::china_2024;
use crate::episode;
use crate::error::require_length;
use crate::holder::national_team::Purchase;
use crate::policy::Change;
use crate::scenario::Scenario;
use crate::timeline::Timeline;

/// A scenario with its name and its days.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Episode {
    /// What files call it.
    pub name: String,
    /// What people call it.
    pub title: Text,
    /// What it is shaped after, and what is assumed.
    pub about: Text,
    /// The scenario.
    pub scenario: Scenario,
    /// The same scenario under each set of numbers the data could not tell apart; empty without a posterior.
    #[serde(skip)]
    pub drawn: Vec<Scenario>,
    /// Its trading days; empty where they have no dates.
    pub dates: Vec<TradingDay>,
}

/// The head of a file: what is not the scenario itself.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
struct Head {
    episode: Option<String>,
    name: Option<String>,
    title: Option<Text>,
    about: Option<Text>,
    /// Whose purchases and changes of rules it has, besides those written.
    history: Option<String>,
    fitted: BTreeMap<String, f64>,
    posterior: Option<Draws>,
}

/// Sets of numbers the data could not tell apart.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Draws {
    /// Names of `china_2024::parameters`.
    parameters: Vec<String>,
    /// A value of each, set by set.
    particles: Vec<Vec<f64>>,
}

const HEAD: [&str; 7] = ["episode", "name", "title", "about", "history", "fitted", "posterior"];

/// A file read and put over its episode.
#[derive(Debug, Clone)]
struct Resolved {
    episode: Episode,
    timeline: Timeline,
}

impl Episode {
    /// Reads a scenario file.
    ///
    /// # Errors
    /// A text that is not TOML; a key nobody reads; a number out of range; a date that is not a day of the timeline; an
    /// episode the library does not have. The error says which, what was expected and what to do.
    ///
    /// # Example
    /// ```
    /// use shoals_spiral::scenario_file::Episode;
    ///
    /// let storm = Episode::from_toml("episode = \"china_2024\"\n[dma]\nlong_value = 120e9")?;
    /// assert_eq!(storm.scenario.dma.long_value, 120e9);
    /// assert_eq!(storm.dates.len(), 58);
    /// # Ok::<(), shoals_spiral::SpiralError>(())
    /// ```
    pub fn from_toml(text: &str) -> Result<Self, SpiralError> {
        let mut episode = resolve(text)?.episode;
        episode.scenario = episode.scenario.checked()?;
        Ok(episode)
    }

    /// An episode of the library.
    ///
    /// # Errors
    /// When the library has none of that name; the error lists those it has.
    pub fn named(name: &str) -> Result<Self, SpiralError> {
        Self::from_toml(episode::text(name)?)
    }

    /// What paths are dealt over: the draws of a posterior, or the scenario alone.
    pub fn scenarios(&self) -> &[Scenario] {
        if self.drawn.is_empty() { std::slice::from_ref(&self.scenario) } else { &self.drawn }
    }

    /// The whole scenario as a file that reads back as it: every key a file may set.
    ///
    /// # Errors
    /// When a number cannot be written; none of a legal scenario is such.
    pub fn to_toml(&self) -> Result<String, SpiralError> {
        let mut table = written(&self.scenario)?;
        let mut put = |key: &str, value: &str| {
            table.insert(key.to_owned(), Value::String(value.to_owned()));
        };
        put("name", &self.name);
        for (key, words) in [("title", &self.title), ("about", &self.about)] {
            let both = [("zh", &words.zh), ("en", &words.en)];
            let both = both.map(|(lang, words)| (lang.to_owned(), Value::String(words.clone())));
            table.insert(key.to_owned(), Value::Table(both.into_iter().collect()));
        }
        let days = Value::try_from(&self.scenario.days).map_err(refused)?;
        table.insert("days".to_owned(), days);
        toml::to_string(&table).map_err(refused)
    }
}

/// A TOML file's `[fitted]` table of these numbers, to be put over an episode.
pub fn fitted_toml<'a>(values: impl IntoIterator<Item = (&'a str, f64)>) -> String {
    let lines = values.into_iter().map(|(name, value)| format!("{name:?} = {value:?}\n"));
    std::iter::once("[fitted]\n".to_owned()).chain(lines).collect()
}

fn refused(error: impl std::fmt::Display) -> SpiralError {
    SpiralError::File { reason: error.to_string().trim_end().to_owned() }
}

/// A key or value the scenario does not take; of an unknown key at the top, the keys of a file besides it.
fn unread(error: &toml::de::Error) -> SpiralError {
    let reason = error.to_string().trim_end().to_owned();
    let is_of_the_file = reason.starts_with("unknown field") && !reason.contains('\n');
    let rest = format!("; or, of the file itself, `timeline`, `{}`", HEAD.join("`, `"));
    SpiralError::File { reason: if is_of_the_file { reason + &rest } else { reason } }
}

/// A scenario as a table, without its days.
fn written(scenario: &Scenario) -> Result<Table, SpiralError> {
    let mut table = Table::try_from(scenario).map_err(refused)?;
    table.remove("days");
    Ok(table)
}

fn resolve(text: &str) -> Result<Resolved, SpiralError> {
    let mut table: Table = text.parse().map_err(|error: toml::de::Error| refused(error))?;
    let head: Table = HEAD.iter().filter_map(|key| table.remove_entry(*key)).collect();
    let head = Head::deserialize(Value::Table(head)).map_err(refused)?;
    let base = match &head.episode {
        Some(name) => resolve(episode::text(name)?)?,
        None => Resolved {
            episode: Episode {
                name: String::new(),
                title: Text::default(),
                about: Text::default(),
                scenario: Scenario::china_2024(Vec::new()),
                drawn: Vec::new(),
                dates: Vec::new(),
            },
            timeline: Timeline::default(),
        },
    };

    let has_timeline = table.contains_key("timeline");
    let timeline = timeline(&base.timeline, table.remove("timeline"))?;
    let mut dates = timeline.dates()?;
    let history = head.history.as_deref().map(|name| history(name, &dates)).transpose()?;
    let days = match table.remove("days") {
        Some(_) if has_timeline => {
            let reason = "`days` and `[timeline]` both say which days there are; keep one of them";
            return Err(SpiralError::File { reason: reason.to_owned() });
        }
        Some(days) => {
            dates.clear();
            Some(Vec::deserialize(days).map_err(refused)?)
        }
        None if has_timeline || base.episode.scenario.days.is_empty() => Some(timeline.days()?),
        None => None,
    };
    for (list, written, number) in [("changes", "from", "from_day"), ("purchases", "on", "day")] {
        if let Some(Value::Array(entries)) = table.get_mut(list) {
            for (i, entry) in entries.iter_mut().enumerate() {
                number_the_day(entry, &format!("{list}[{i}].{written}"), written, number, &dates)?;
            }
        }
    }
    let over = |mut scenario: Scenario,
                fitted: &BTreeMap<String, f64>|
     -> Result<Scenario, SpiralError> {
        if let Some((changes, purchases)) = &history {
            (scenario.changes, scenario.purchases) = (changes.clone(), purchases.clone());
        }
        let mut whole = written(&scenario)?;
        merge(&mut whole, table.clone());
        whole.insert("days".to_owned(), Value::Array(Vec::new()));
        let days = days.clone().unwrap_or(scenario.days);
        scenario = Scenario::deserialize(Value::Table(whole)).map_err(|error| unread(&error))?;
        scenario.days = days;
        put_fitted(&mut scenario, fitted)?;
        Ok(scenario)
    };
    let drawn = match &head.posterior {
        Some(draws) => draws
            .fitted(&head.fitted)?
            .iter()
            .map(|fitted| over(base.episode.scenario.clone(), fitted))
            .collect::<Result<Vec<_>, _>>()?,
        None => base
            .episode
            .drawn
            .into_iter()
            .map(|scenario| over(scenario, &head.fitted))
            .collect::<Result<Vec<_>, _>>()?,
    };
    let scenario = over(base.episode.scenario, &head.fitted)?;
    let episode = Episode {
        name: head.name.or(head.episode).unwrap_or(base.episode.name),
        title: head.title.unwrap_or(base.episode.title),
        about: head.about.unwrap_or(base.episode.about),
        scenario,
        drawn,
        dates,
    };
    Ok(Resolved { episode, timeline })
}

/// The timeline of a file over its episode's.
fn timeline(base: &Timeline, over: Option<Value>) -> Result<Timeline, SpiralError> {
    let Some(over) = over else { return Ok(base.clone()) };
    let Value::Table(over) = over else {
        return Err(SpiralError::File {
            reason: "`timeline` is not a table; write [timeline]".to_owned(),
        });
    };
    let mut whole = Table::try_from(base).map_err(refused)?;
    // Lows belong to the returns they were written beside.
    if over.contains_key("returns") {
        whole.remove("lows");
    }
    whole.extend(over);
    Timeline::deserialize(Value::Table(whole)).map_err(refused)
}

impl Draws {
    /// Each set under its names, `over` put over it.
    fn fitted(
        &self,
        over: &BTreeMap<String, f64>,
    ) -> Result<Vec<BTreeMap<String, f64>>, SpiralError> {
        let set = |values: &Vec<f64>| {
            require_length(
                "posterior.particles",
                values.len(),
                self.parameters.len(),
                "parameter",
            )?;
            let mut set: BTreeMap<String, f64> =
                self.parameters.iter().cloned().zip(values.iter().copied()).collect();
            set.extend(over.iter().map(|(name, value)| (name.clone(), *value)));
            Ok(set)
        };
        self.particles.iter().map(set).collect()
    }
}

/// The changes of rules and purchases of an episode whose days are these.
fn history(name: &str, dates: &[TradingDay]) -> Result<(Vec<Change>, Vec<Purchase>), SpiralError> {
    if name != "china_2024" {
        let expected = "china_2024".to_owned();
        return Err(SpiralError::UnknownName {
            field: "history",
            found: name.to_owned(),
            expected,
        });
    }
    Ok(china_2024::history(dates))
}

/// Puts the number of a day where its date is written.
fn number_the_day(
    entry: &mut Value,
    field: &str,
    written: &str,
    number: &str,
    dates: &[TradingDay],
) -> Result<(), SpiralError> {
    let Some(entry) = entry.as_table_mut() else { return Ok(()) };
    let Some(date) = entry.remove(written) else { return Ok(()) };
    let found = match &date {
        Value::Datetime(date) => date.to_string(),
        Value::String(date) => date.clone(),
        other => other.to_string(),
    };
    let place = found.parse().ok().and_then(|day| dates.iter().position(|d| *d == day));
    let Some(place) = place else {
        let expected = match dates {
            [first, .., last] => format!("{first} to {last}"),
            _ => format!("which has no dates; write `{number}`, 0 the first"),
        };
        return Err(SpiralError::NotADay { field: field.to_owned(), found, expected });
    };
    entry.insert(number.to_owned(), Value::Integer(place as i64));
    Ok(())
}

/// Puts `over` on `base`, table by table; lists, and laws of another name, are replaced as a whole.
fn merge(base: &mut Table, over: Table) {
    for (key, value) in over {
        match (base.get_mut(&key), value) {
            (Some(Value::Table(inner)), Value::Table(value)) if !value.contains_key("law") => {
                merge(inner, value);
            }
            (_, value) => {
                base.insert(key, value);
            }
        }
    }
}

/// Puts fitted numbers in, by the names they were fitted under.
fn put_fitted(scenario: &mut Scenario, fitted: &BTreeMap<String, f64>) -> Result<(), SpiralError> {
    let parameters = china_2024::parameters();
    for name in fitted.keys() {
        if !parameters.iter().any(|parameter| parameter.name == name) {
            let names: Vec<&str> = parameters.iter().map(|parameter| parameter.name).collect();
            return Err(SpiralError::UnknownName {
                field: "fitted",
                found: name.clone(),
                expected: names.join(", "),
            });
        }
    }
    // In the order they were fitted in: a later one may rest on an earlier one.
    for parameter in &parameters {
        if let Some(value) = fitted.get(parameter.name) {
            (parameter.set)(scenario, *value);
        }
    }
    Ok(())
}
