//! Who sold what, when and why: holders over the fall, the DMA books by hedge, and the days in order.

use std::collections::BTreeMap;

use shoals_core::Segment;

use super::clock::Clock;
use super::{EXHIBIT, name};
use crate::ReportError;
use crate::chart::{Colour, Event};
use crate::columns::heading;
use crate::exhibit::{Cell, Row, Shown, ShownColumn};
use crate::exhibits::source::Source;
use crate::i18n::{Text, message, segment_name, words};
use crate::number::{self, Format};

/// Days told, at most, of one kind of event: the first, but rules all.
const TOLD: usize = 5;

/// Net orders of each kind of holder on the path without noise.
pub(super) struct Sellers {
    clock: Clock,
    holders: Vec<String>,
    instruments: Vec<String>,
    amounts: Vec<f64>,
}

impl Sellers {
    pub(super) fn read(source: &Source) -> Result<Self, ReportError> {
        let frame = source.frame(EXHIBIT, "flow")?;
        Ok(Self {
            clock: Clock::read(&frame)?,
            holders: frame.words("holder")?,
            instruments: frame.words("instrument")?,
            amounts: frame.numbers("amount")?,
        })
    }

    /// What each kind sold net to the day told about; none where nobody traded.
    pub(super) fn table(&self, until: &Text) -> Option<Shown> {
        let n = self.clock.len();
        let last = (0..n).rev().find(|i| self.clock.at(*i) == *until)?;
        // Segments first, then all futures.
        let mut sold: BTreeMap<&str, [f64; 6]> = BTreeMap::new();
        for i in 0..=last {
            let place = Segment::ALL.iter().position(|s| s.name() == self.instruments[i]);
            sold.entry(&self.holders[i]).or_default()[place.unwrap_or(5)] += self.amounts[i];
        }
        let mut rows: Vec<(&str, [f64; 6])> = sold.into_iter().collect();
        let stocks = |row: &[f64; 6]| row[..5].iter().sum::<f64>();
        rows.sort_by(|a, b| stocks(&b.1).total_cmp(&stocks(&a.1)));
        let money = Format::Number(0);
        let mut columns = vec![ShownColumn::words(heading("holder"))];
        columns.extend(Segment::ALL.map(|s| ShownColumn::number(segment_name(s), money)));
        columns.push(ShownColumn::number(words("spiral-sellers-futures"), money));
        let mut shown = Shown::new("spiral_sellers", words("spiral-sellers-table"), columns);
        // 亿元 in Chinese, CNY billion in English: one number cannot be both.
        let cell = |amount: f64| {
            Cell::Words(Text::new(number::fixed(amount / 1e8, 0), number::fixed(amount / 1e9, 1)))
        };
        for (holder, row) in rows {
            let cells = std::iter::once(Cell::Words(name::holder(holder)));
            shown = shown.row(cells.chain(row.map(cell)).collect());
        }
        shown.note = message("spiral-sellers-note", &[("day", until.into())]);
        Some(shown)
    }
}

/// The DMA books by hedge.
pub(super) struct Books {
    hedges: Vec<String>,
    n: Vec<f64>,
    called: Vec<f64>,
    first_called: Vec<String>,
    wiped_out: Vec<f64>,
    first_wiped_out: Vec<String>,
    left: Vec<f64>,
}

impl Books {
    pub(super) fn read(source: &Source) -> Result<Self, ReportError> {
        let frame = source.frame(EXHIBIT, "book")?;
        Ok(Self {
            hedges: frame.words("hedge")?,
            n: frame.numbers("books")?,
            called: frame.numbers("called")?,
            first_called: frame.words("first_called")?,
            wiped_out: frame.numbers("wiped_out")?,
            first_wiped_out: frame.words("first_wiped_out")?,
            left: frame.numbers("equity_left")?,
        })
    }

    pub(super) fn sentence(&self) -> Option<Text> {
        let n: f64 = self.n.iter().sum();
        if n == 0.0 {
            return None;
        }
        let share = |of: &[f64]| self.n.iter().zip(of).map(|(n, x)| n * x).sum::<f64>() / n;
        let days = self.first_called.iter().filter(|day| !day.is_empty());
        // Days without dates are numbers: shorter is earlier.
        let first = days.min_by_key(|day| (day.len(), (*day).clone()));
        let Some(first) = first else {
            return Some(message("spiral-books-quiet", &[("n", n.into())]));
        };
        let args = [
            ("n", n.into()),
            ("called", share(&self.called).into()),
            ("day", day_words(first).into()),
            ("wiped_out", share(&self.wiped_out).into()),
        ];
        Some(message("spiral-books", &args))
    }

    pub(super) fn table(&self) -> Shown {
        let columns = vec![
            ShownColumn::words(heading("hedge")),
            ShownColumn::number(heading("books"), Format::Number(0)),
            ShownColumn::number(heading("called"), Format::Percent(0)),
            ShownColumn::words(heading("first_called")),
            ShownColumn::number(heading("wiped_out"), Format::Percent(0)),
            ShownColumn::words(heading("first_wiped_out")),
            ShownColumn::number(heading("equity_left"), Format::Percent(1)),
        ];
        let mut shown = Shown::new("spiral_books", words("spiral-books-table"), columns);
        for i in (0..self.hedges.len()).filter(|i| self.n[*i] > 0.0) {
            shown = shown.row(vec![
                Cell::Words(Text::same(&self.hedges[i])),
                Cell::Number(self.n[i]),
                Cell::Number(self.called[i]),
                Cell::Words(day_words(&self.first_called[i])),
                Cell::Number(self.wiped_out[i]),
                Cell::Words(day_words(&self.first_wiped_out[i])),
                Cell::Number(self.left[i]),
            ]);
        }
        shown.note = words("spiral-books-note");
        shown
    }
}

/// A day as the outcome writes it: a date, the number of a day, or nothing.
fn day_words(day: &str) -> Text {
    match day {
        "" => Text::same(number::NOTHING),
        number if !number.contains('-') => {
            Text::new(format!("第 {number} 日"), format!("day {number}"))
        }
        date => Text::same(date),
    }
}

/// What happened, in the order of the days.
pub(super) struct Timeline {
    clock: Clock,
    kinds: Vec<String>,
    details: Vec<Text>,
}

impl Timeline {
    pub(super) fn read(source: &Source) -> Result<Self, ReportError> {
        let frame = source.frame(EXHIBIT, "event")?;
        Ok(Self {
            clock: Clock::read(&frame)?,
            kinds: frame.words("kind")?,
            details: frame.sentences("detail")?.to_vec(),
        })
    }

    fn of(&self, kind: &str) -> Vec<usize> {
        (0..self.kinds.len()).filter(|i| self.kinds[*i] == kind).collect()
    }

    /// Rules with their first words, the first knock-in, and the days of purchases as one labelled span.
    pub(super) fn marks(&self) -> Vec<Event> {
        let mark = |i: usize, label, colour| {
            Some(Event { from: self.clock.date(i)?, to: None, label, colour })
        };
        let purchases = self.of("purchase");
        let span = purchases.first().zip(purchases.last()).and_then(|(first, last)| {
            Some(Event {
                from: self.clock.date(*first)?,
                to: self.clock.date(*last),
                label: words("spiral-event-purchases"),
                colour: Colour::Muted,
            })
        });
        let knocked = self.of("knock_in").first().copied();
        let knocked = knocked.and_then(|i| mark(i, words("spiral-event-knock-in"), Colour::Muted));
        let rules = self.of("rule").into_iter();
        let rules = rules.filter_map(|i| mark(i, first_words(&self.details[i]), Colour::Accent));
        span.into_iter().chain(knocked).chain(rules).collect()
    }

    pub(super) fn table(&self) -> Shown {
        let columns = vec![
            ShownColumn::words(heading("date")),
            ShownColumn::words(heading("kind")),
            ShownColumn::words(heading("detail")),
        ];
        let mut shown = Shown::new("spiral_timeline", words("spiral-timeline-table"), columns);
        let mut told: BTreeMap<&str, usize> = BTreeMap::new();
        for i in 0..self.kinds.len() {
            let kind = self.kinds[i].as_str();
            let n = told.entry(kind).or_default();
            *n += 1;
            if *n > TOLD && kind != "rule" {
                continue;
            }
            let cells = [self.clock.at(i), name::kind(kind), self.details[i].clone()];
            shown.push(Row {
                cells: cells.map(Cell::Words).to_vec(),
                is_emphasised: kind == "rule",
            });
        }
        let args = [("n", self.kinds.len().into()), ("shown", shown.rows.len().into())];
        shown.note = message("spiral-timeline-note", &args);
        shown
    }
}

/// A sentence up to its first comma or bracket: what fits over a line.
fn first_words(text: &Text) -> Text {
    let cut = |text: &str| {
        let end = text.find(['，', '（', ',']).unwrap_or(text.len());
        text[..end].trim().to_owned()
    };
    Text::new(cut(&text.zh), cut(&text.en))
}
