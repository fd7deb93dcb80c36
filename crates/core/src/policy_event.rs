//! Policy events: what was announced, when it acted, and what it was to do.
//!
//! The built-in timeline is `rules/policy_event.toml`; a file of the same shape, or the `policy_event` table of a
//! market, stands in its place.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use crate::rules::Status;
use crate::{Calendar, CoreError, Table, Text, TradingDay, Values};

/// What an event was to do to small companies against large ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Sign {
    /// Lift them.
    #[serde(rename = "+")]
    Up,
    /// Press them.
    #[serde(rename = "-")]
    Down,
    /// Nothing that could be said before.
    #[default]
    #[serde(rename = "?")]
    Unknown,
}

impl Sign {
    /// `+`, `-` or `?`.
    pub const fn mark(self) -> &'static str {
        match self {
            Self::Up => "+",
            Self::Down => "-",
            Self::Unknown => "?",
        }
    }

    /// The sign a table carries; any other mark is unknown.
    fn of_mark(mark: &str) -> Self {
        match mark.trim() {
            "+" => Self::Up,
            "-" | "−" => Self::Down,
            _ => Self::Unknown,
        }
    }
}

/// One event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyEvent {
    /// Stable name.
    pub event_id: String,
    /// The civil day it became known.
    pub announced_on: TradingDay,
    /// Whether that was after the close.
    #[serde(default)]
    pub after_close: bool,
    /// The day it came into force.
    pub effective_on: TradingDay,
    /// Chinese title.
    pub title_zh: String,
    /// English title.
    pub title_en: String,
    /// What it hits.
    pub targets: String,
    /// Expected sign for small companies against large ones.
    #[serde(default)]
    pub expected_sign: Sign,
    /// Who reports it.
    pub source: String,
    /// How sure we are; none where a market's table does not say.
    #[serde(default)]
    pub status: Option<Status>,
}

/// Which of an event's days is studied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Anchor {
    /// The day the market could first act on the news.
    #[default]
    Announced,
    /// The day it came into force.
    Effective,
}

impl PolicyEvent {
    /// The title in both languages.
    pub fn title(&self) -> Text {
        Text::new(&self.title_zh, &self.title_en)
    }

    /// The first trading day the event could move prices on: its day where that is open and the news came before
    /// the close, else the next one.
    ///
    /// # Errors
    /// A day the calendar does not know.
    pub fn acts_on(&self, anchor: Anchor, calendar: &Calendar) -> Result<TradingDay, CoreError> {
        match anchor {
            Anchor::Announced if self.after_close => {
                calendar.on_or_after(self.announced_on.plus_calendar_days(1))
            }
            Anchor::Announced => calendar.on_or_after(self.announced_on),
            Anchor::Effective => calendar.on_or_after(self.effective_on),
        }
    }
}

/// Events in the order of their announcement.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Timeline {
    events: Vec<PolicyEvent>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EventFile {
    policy_event: Vec<PolicyEvent>,
}

impl Timeline {
    /// The built-in timeline, 2021 to 2024.
    pub fn builtin() -> &'static Self {
        static BUILT_IN: OnceLock<Timeline> = OnceLock::new();
        BUILT_IN.get_or_init(|| {
            Self::from_toml(include_str!("../rules/policy_event.toml"))
                .expect("compiled in and tested")
        })
    }

    /// Events in order.
    ///
    /// # Errors
    /// A name twice, or none.
    pub fn new(mut events: Vec<PolicyEvent>) -> Result<Self, CoreError> {
        let mut seen = BTreeSet::new();
        for event in &events {
            if event.event_id.is_empty() {
                let reason = format!("the event of {} has no `event_id`", event.announced_on);
                return Err(CoreError::EventFile { reason });
            }
            if !seen.insert(event.event_id.as_str()) {
                return Err(CoreError::Duplicate { name: event.event_id.clone() });
            }
        }
        events.sort_by(|a, b| {
            let key = |event: &PolicyEvent| (event.announced_on, event.after_close);
            key(a).cmp(&key(b)).then_with(|| a.event_id.cmp(&b.event_id))
        });
        Ok(Self { events })
    }

    /// Reads a file of `[[policy_event]]` rows, as `rules/policy_event.toml`.
    ///
    /// # Errors
    /// A misspelt key, a value that is not legal, or a name twice.
    pub fn from_toml(text: &str) -> Result<Self, CoreError> {
        let illegal = |error: toml::de::Error| CoreError::EventFile {
            reason: error.to_string().trim_end().to_owned(),
        };
        let file: EventFile = toml::from_str(text).map_err(illegal)?;
        Self::new(file.policy_event)
    }

    /// Reads the market table `policy_event`.
    ///
    /// # Errors
    /// A column that is not there or not of its canonical kind, or a name twice.
    pub fn of_table(table: &Table) -> Result<Self, CoreError> {
        let wrong = |name: &str| CoreError::NoSuchColumn {
            name: name.to_owned(),
            available: "that column, but of another kind".to_owned(),
        };
        let texts = |name: &'static str| match &table.column(name)?.values {
            Values::Text(texts) => Ok(texts),
            _ => Err(wrong(name)),
        };
        let days = |name: &'static str| match &table.column(name)?.values {
            Values::Day(days) => Ok(days),
            _ => Err(wrong(name)),
        };
        let (ids, announced) = (texts("event_id")?, days("announced_on")?);
        let effective = days("effective_on")?;
        let (zh, en) = (texts("title_zh")?, texts("title_en")?);
        let (targets, signs) = (texts("targets")?, texts("expected_sign")?);
        let sources = texts("source")?;
        Self::new(
            (0..table.n_rows())
                .map(|row| PolicyEvent {
                    event_id: ids[row].clone(),
                    announced_on: announced[row],
                    after_close: false,
                    effective_on: effective[row],
                    title_zh: zh[row].clone(),
                    title_en: en[row].clone(),
                    targets: targets[row].clone(),
                    expected_sign: Sign::of_mark(&signs[row]),
                    source: sources[row].clone(),
                    status: None,
                })
                .collect(),
        )
    }

    /// The events, in the order of their announcement.
    pub fn events(&self) -> &[PolicyEvent] {
        &self.events
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::day;

    fn of(id: &str) -> &'static PolicyEvent {
        Timeline::builtin().events().iter().find(|event| event.event_id == id).unwrap()
    }

    /// Witness: the calendar. Sunday the 28th acts on Monday, the evening of 8 November on the 9th, and the chair's
    /// dismissal on the evening before the last day of the year of the rabbit on that day.
    #[test]
    fn news_acts_on_the_first_day_that_trades_after_it() {
        let calendar = Calendar::shanghai();
        for (id, anchor, expected) in [
            ("restricted_lending_stop", Anchor::Announced, day(2024, 1, 29)),
            ("stamp_duty_halved", Anchor::Announced, day(2023, 8, 28)),
            ("short_margin_raised", Anchor::Announced, day(2023, 10, 16)),
            ("short_margin_raised", Anchor::Effective, day(2023, 10, 30)),
            ("dma_size_capped", Anchor::Announced, day(2023, 11, 9)),
            ("csrc_chair_replaced", Anchor::Announced, day(2024, 2, 8)),
            ("programme_reporting", Anchor::Announced, day(2023, 9, 4)),
            ("huijin_and_lending_end", Anchor::Announced, day(2024, 2, 6)),
        ] {
            assert_eq!(of(id).acts_on(anchor, calendar).unwrap(), expected, "{id}");
        }
    }

    #[test]
    fn the_timeline_is_in_order_and_every_event_has_both_titles() {
        let events = Timeline::builtin().events();
        assert_eq!(events.len(), 17);
        assert!(events.is_sorted_by_key(|event| event.announced_on));
        assert!(
            events.iter().all(|event| !event.title_zh.is_empty() && !event.title_en.is_empty())
        );
        assert!(events.iter().all(|event| event.status.is_some() && !event.source.is_empty()));
    }

    #[test]
    fn files_that_are_not_legal_are_refused_with_the_reason() {
        let row = "[[policy_event]]\nevent_id = \"a\"\nannounced_on = 2024-02-05\neffective_on = 2024-02-05\n\
                   title_zh = \"甲\"\ntitle_en = \"a\"\ntargets = \"x\"\nsource = \"y\"\n";
        let read = |text: &str| Timeline::from_toml(text).map_err(|error| error.to_string());
        assert_eq!(read(row).unwrap().events()[0].expected_sign, Sign::Unknown);
        for (text, part) in [
            (row.replace("event_id", "event"), "event"),
            (format!("{row}expected_sign = \"up\"\n"), "up"),
            (format!("{row}{row}"), "`a` is there already"),
            (row.replace("\"a\"\nann", "\"\"\nann"), "no `event_id`"),
        ] {
            let message = read(&text).unwrap_err();
            assert!(message.contains(part), "{message}");
        }
    }

    #[test]
    fn the_markets_table_is_a_timeline_too() {
        let word = |text: &str| vec![text.to_owned()];
        let table = Table::new("policy_event")
            .with("event_id", "", word("a"))
            .with("announced_on", "", vec![day(2024, 2, 4)])
            .with("effective_on", "", vec![day(2024, 2, 5)])
            .with("title_zh", "", word("甲"))
            .with("title_en", "", word("a"))
            .with("targets", "", word("all"))
            .with("expected_sign", "", word("-"))
            .with("source", "", word("x"));
        let timeline = Timeline::of_table(&table).unwrap();
        assert_eq!(timeline.events()[0].expected_sign, Sign::Down);
        let short = Table::new("policy_event").with("event_id", "", word("a"));
        assert!(Timeline::of_table(&short).unwrap_err().to_string().contains("announced_on"));
    }
}
