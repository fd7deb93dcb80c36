//! Exhibit 1: how the book works, and what it lost day by day.

mod unwind;

use shoals_core::{Segment, TradingDay};

use super::source::{Frame, Source, highest, lowest, period};
use super::structure::{BookFacts, dma};
use crate::ReportError;
use crate::chart::{Axis, Chart, Colour, Event, Layer, Stacking, Stroke};
use crate::columns::heading;
use crate::exhibit::{Cell, Exhibit, Row, Shown, ShownColumn, Verdict};
use crate::i18n::{Arg, Text, message, words};
use crate::number::{self, Format};
use unwind::Unwind;

const EXHIBIT: &str = "swap";

/// Rows of the ledger shown on the page at most; the full one lies beside the report.
const LEDGER_ROWS: usize = 16;

/// The lines of the agreement that the statement is read against.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MarginLines {
    /// Equity over notional below which the broker calls, decimal.
    pub call_ratio: f64,
    /// Equity over notional below which the broker may sell, decimal.
    pub liquidation_ratio: f64,
    /// Annual decimal, ACT/365.
    pub financing_rate: f64,
    /// Whether the terms only report a breach and let the book run on.
    pub runs_on: bool,
}

/// Exhibit 1 from the swap outcome's `statement` and `event` tables.
///
/// # Errors
/// A table or column the outcome contract promises is not there.
pub fn swap(source: &Source, lines: &MarginLines) -> Result<Exhibit, ReportError> {
    let book = Book::read(source)?;
    let mut exhibit = source.exhibit(1, EXHIBIT, words("swap-question"));
    if book.days.is_empty() {
        exhibit.title = words("swap-title-empty");
        return Ok(exhibit);
    }
    exhibit.title = book.title();
    let not_stopped = book.not_stopped(lines);
    exhibit.verdict = vec![book.verdict(lines, not_stopped.as_ref())];
    exhibit.answer = vec![book.opening(), book.turn(lines), book.sum()];
    exhibit.answer.extend(not_stopped);
    exhibit.diagrams = vec![dma(&book.facts(lines))];
    exhibit.charts = vec![book.ratio_chart(lines), book.decomposition_chart()];
    exhibit.tables = vec![book.ledger()];
    exhibit.notes = vec![words("swap-note-hedge"), words("swap-note-path")];
    if let Some(unwind) = Unwind::read(source)? {
        exhibit.answer.push(unwind.sentence());
        exhibit.charts.push(unwind.chart());
        exhibit.tables.push(unwind.table());
        exhibit.notes.push(words("swap-note-unwind"));
    }
    Ok(exhibit)
}

struct Book<'a> {
    days: &'a [TradingDay],
    long_value: Vec<f64>,
    long_pnl: Vec<f64>,
    hedge_pnl: Vec<f64>,
    financing: Vec<f64>,
    fees: Vec<f64>,
    equity: Vec<f64>,
    ratio: Vec<f64>,
    /// The same; NaN while the book is being closed out, when what is left of the base tells nothing.
    whole_ratio: Vec<f64>,
    status: Vec<String>,
    hedge_value: Option<Vec<f64>>,
    paid_in: Vec<f64>,
    frame: Frame<'a>,
    events: Vec<(TradingDay, String)>,
}

impl<'a> Book<'a> {
    fn read(source: &Source<'a>) -> Result<Self, ReportError> {
        let frame = source.frame(EXHIBIT, "statement")?;
        let days = frame.days("date")?;
        let long_value = frame.numbers("long_value")?;
        let events = source.frame(EXHIBIT, "event")?;
        let kinds = events.words("kind")?;
        let ratio = frame.numbers("margin_ratio")?;
        let closing_out_from = Unwind::closing_out_from(source)?;
        let is_whole = |day: TradingDay| {
            closing_out_from.is_none_or(|from| day < from || days.last() == Some(&from))
        };
        let whole =
            days.iter().zip(&ratio).map(|(day, x)| if is_whole(*day) { *x } else { f64::NAN });
        Ok(Self {
            whole_ratio: whole.collect(),
            days,
            long_pnl: frame.numbers("long_pnl")?,
            long_value,
            hedge_pnl: frame.numbers("hedge_pnl")?,
            financing: frame.numbers("financing")?,
            fees: frame.numbers("fees")?,
            equity: frame.numbers("equity")?,
            ratio,
            status: frame.words("status")?,
            hedge_value: frame.optional_numbers("hedge_value"),
            paid_in: frame.optional_numbers("cashflow").unwrap_or_else(|| vec![0.0; days.len()]),
            frame,
            events: events.days("date")?.iter().copied().zip(kinds).collect(),
        })
    }

    fn last(&self) -> usize {
        self.days.len() - 1
    }

    fn first_of(&self, kind: &str) -> Option<TradingDay> {
        self.events.iter().find(|(_, k)| k == kind).map(|(day, _)| *day)
    }

    /// What was left of the margin at the end, all cash paid in counted; 0.2 means a fifth.
    fn left(&self) -> f64 {
        let paid_in: f64 = self.paid_in.iter().sum();
        self.equity[self.last()] / (self.equity[0] + self.fees[0] + paid_in)
    }

    /// Equity at its lowest over the initial margin; below zero when more than the margin was lost.
    fn lowest_equity(&self) -> f64 {
        let lowest = self.equity.iter().copied().fold(f64::INFINITY, f64::min);
        lowest / (self.equity[0] + self.fees[0])
    }

    /// Long value over equity at the opening.
    fn leverage(&self) -> f64 {
        self.long_value[0] / self.equity[0]
    }

    fn lowest_ratio(&self) -> usize {
        lowest(&self.whole_ratio).unwrap_or(0)
    }

    fn ending_args(&self) -> Vec<(&'static str, Arg)> {
        let lowest = self.lowest_ratio();
        vec![
            ("left", self.left().into()),
            ("lost", (1.0 - self.left()).into()),
            ("ratio", self.ratio[lowest].into()),
            ("lowest_on", self.days[lowest].into()),
            ("n", self.days.len().into()),
            ("opened_on", self.days[0].into()),
            ("leverage", self.leverage().into()),
        ]
    }

    /// The gravest thing that happened, and its day.
    fn gravest(&self) -> Option<(&'static str, TradingDay)> {
        ["wiped_out", "liquidation", "call"]
            .into_iter()
            .find_map(|kind| self.first_of(kind).map(|day| (kind, day)))
    }

    fn title(&self) -> Text {
        let mut args = self.ending_args();
        let key = match self.gravest() {
            Some((kind, day)) => {
                args.push(("day", day.into()));
                match kind {
                    "wiped_out" => "swap-title-wiped-out",
                    "liquidation" => "swap-title-liquidation",
                    _ => "swap-title-call",
                }
            }
            None => "swap-title-quiet",
        };
        message(key, &args)
    }

    fn verdict(&self, lines: &MarginLines, not_stopped: Option<&Text>) -> Verdict {
        let told = [self.title_sentence(), self.turn(lines)];
        let sentence = Text::sentences(told.iter().chain(not_stopped));
        let figure = Text::same(number::percent(self.lowest_equity() - 1.0, 0));
        Verdict { figure, label: words("swap-label"), sentence, ..Verdict::default() }
    }

    fn title_sentence(&self) -> Text {
        let title = self.title();
        Text::new(format!("{}。", title.zh), format!("{}.", title.en))
    }

    fn opening(&self) -> Text {
        message(
            "swap-opening",
            &[
                ("day", self.days[0].into()),
                ("margin", (self.equity[0] + self.fees[0]).into()),
                ("long", self.long_value[0].into()),
                ("leverage", self.leverage().into()),
            ],
        )
    }

    /// The worst single day, and how far the ratio stood from the line the evening before.
    fn turn(&self, lines: &MarginLines) -> Text {
        let change = |v: &[f64]| (1..v.len()).map(|i| v[i] - v[i - 1]).collect::<Vec<_>>();
        let gains: Vec<f64> =
            change(&self.equity).iter().zip(&self.paid_in[1..]).map(|(d, c)| d - c).collect();
        let Some(worst) = lowest(&gains) else { return Text::default() };
        let hedge = change(&self.hedge_pnl)[worst];
        let long = change(&self.long_pnl)[worst];
        let key = match (long < 0.0, hedge < 0.0) {
            (true, true) => "swap-turn-both",
            (true, false) => "swap-turn-long",
            _ => "swap-turn-hedge",
        };
        message(
            key,
            &[
                ("day", self.days[worst + 1].into()),
                ("long", long.into()),
                ("hedge", hedge.into()),
                ("before", self.ratio[worst].into()),
                ("after", self.ratio[worst + 1].into()),
                ("call", lines.call_ratio.into()),
            ],
        )
    }

    fn sum(&self) -> Text {
        let last = self.last();
        message(
            "swap-sum",
            &[
                ("day", self.days[last].into()),
                ("equity", self.equity[last].into()),
                ("long", self.long_pnl[last].into()),
                ("hedge", self.hedge_pnl[last].into()),
                ("financing", (-self.financing[last]).into()),
                ("fees", (-self.fees[last]).into()),
            ],
        )
    }

    /// That the book ran on after a breach, where its terms only report one.
    fn not_stopped(&self, lines: &MarginLines) -> Option<Text> {
        self.gravest().filter(|_| lines.runs_on)?;
        let last = self.last();
        let args = [
            ("day", self.days[last].into()),
            ("equity", self.equity[last].into()),
            ("left", self.left().into()),
        ];
        Some(message("swap-not-stopped", &args))
    }

    fn facts(&self, lines: &MarginLines) -> BookFacts {
        BookFacts {
            margin: self.equity[0] + self.fees[0],
            long: self.long_value[0],
            hedge: self.hedge_value.as_ref().map_or(f64::NAN, |v| v[0]),
            financing_rate: lines.financing_rate,
        }
    }

    fn ratio_chart(&self, lines: &MarginLines) -> Chart {
        let best = highest(&self.whole_ratio).unwrap_or(0);
        let worst = self.lowest_ratio();
        let title = message(
            "swap-ratio-title",
            &[
                ("high", self.ratio[best].into()),
                ("high_on", self.days[best].into()),
                ("low", self.ratio[worst].into()),
                ("low_on", self.days[worst].into()),
            ],
        );
        let line = Layer::Line {
            name: heading("margin_ratio"),
            colour: Colour::Ink,
            values: self.whole_ratio.clone(),
            stroke: Stroke::Strong,
        };
        let axis = Axis::Days(self.days.to_vec());
        let label = |key: &str, at: f64| message(key, &[("ratio", at.into())]);
        Chart::layers("ratio", Format::Percent(1), axis, vec![line])
            .titled(title, self.subtitle("swap-ratio-unit"))
            .captioned(words("swap-ratio-caption"))
            .with_rule(lines.call_ratio, label("swap-line-call", lines.call_ratio), Colour::Accent)
            .with_rule(
                lines.liquidation_ratio,
                label("swap-line-liquidation", lines.liquidation_ratio),
                Colour::Segment(Segment::Micro),
            )
            .with_events(self.breaches())
    }

    fn subtitle(&self, key: &str) -> Text {
        message(key, &[("period", period(self.days).into())])
    }

    fn breaches(&self) -> Vec<Event> {
        let kinds = [
            ("call", "swap-event-call"),
            ("liquidation", "swap-event-liquidation"),
            ("wiped_out", "swap-event-wiped-out"),
        ];
        let mut days: Vec<(TradingDay, Vec<Text>)> = Vec::new();
        for (kind, key) in kinds {
            let Some(day) = self.first_of(kind) else { continue };
            match days.iter_mut().find(|(known, _)| *known == day) {
                Some((_, labels)) => labels.push(words(key)),
                None => days.push((day, vec![words(key)])),
            }
        }
        days.iter()
            .map(|(day, labels)| Event {
                from: *day,
                to: None,
                label: Text::listed(labels),
                colour: Colour::Segment(Segment::Micro),
            })
            .collect()
    }

    fn decomposition_chart(&self) -> Chart {
        let last = self.last();
        let costs: Vec<f64> =
            self.financing.iter().zip(&self.fees).map(|(a, b)| -(a + b)).collect();
        let change: Vec<f64> =
            (0..self.days.len()).map(|i| self.long_pnl[i] + self.hedge_pnl[i] + costs[i]).collect();
        let title = message(
            "swap-parts-title",
            &[("long", self.long_pnl[last].into()), ("hedge", self.hedge_pnl[last].into())],
        );
        let bars = |name: &str, colour, values: &[f64]| Layer::Bars {
            name: words(name),
            colour,
            values: values.to_vec(),
            stacking: Stacking::OnTop,
        };
        let layers = vec![
            bars("swap-part-long", Colour::Segment(Segment::Micro), &self.long_pnl),
            bars("swap-part-hedge", Colour::Segment(Segment::Csi500), &self.hedge_pnl),
            bars("swap-part-costs", Colour::Faint, &costs),
            Layer::Line {
                name: words("swap-part-equity"),
                colour: Colour::Ink,
                values: change,
                stroke: Stroke::Strong,
            },
        ];
        Chart::layers("parts", Format::Number(2), Axis::Days(self.days.to_vec()), layers)
            .titled(title, self.subtitle("swap-parts-unit"))
            .captioned(words("swap-parts-caption"))
    }

    fn ledger(&self) -> Shown {
        let day_columns =
            ["long_pnl_day", "hedge_pnl_day", "financing_day", "fees_day", "cashflow"];
        let parts: Vec<(&str, Vec<f64>)> = day_columns
            .into_iter()
            .filter_map(|name| Some((name, self.frame.optional_numbers(name)?)))
            .filter(|(name, values)| *name != "cashflow" || values.iter().any(|x| *x != 0.0))
            .collect();
        let money = Format::Number(match self.long_value[0].abs() {
            small if small < 1e4 => 4,
            middling if middling < 1e7 => 2,
            _ => 0,
        });
        let number = |name: &str, format| ShownColumn::number(heading(name), format);
        let mut columns = vec![ShownColumn::words(heading("date")), number("long_value", money)];
        columns.extend(parts.iter().map(|(name, _)| number(name, money)));
        columns.push(number("equity", money));
        columns.push(number("margin_ratio", Format::Percent(2)));
        columns.push(ShownColumn::words(heading("status")));
        let mut shown = Shown::new("ledger", words("swap-ledger-title"), columns);
        for i in self.ledger_rows() {
            let mut cells = vec![Cell::Day(self.days[i]), Cell::Number(self.long_value[i])];
            cells.extend(parts.iter().map(|(_, values)| Cell::Number(values[i])));
            cells.extend([Cell::Number(self.equity[i]), Cell::Number(self.ratio[i])]);
            cells.push(Cell::Words(status_words(&self.status[i])));
            let is_emphasised = i > 0 && self.status[i] != self.status[i - 1];
            shown.push(Row { cells, is_emphasised });
        }
        shown.note = message(
            "swap-ledger-note",
            &[("shown", shown.rows.len().into()), ("n", self.days.len().into())],
        );
        shown
    }

    /// The opening days, the days around each change of status and the worst one, and the end.
    fn ledger_rows(&self) -> Vec<usize> {
        let n = self.days.len();
        if n <= LEDGER_ROWS {
            return (0..n).collect();
        }
        let turns = (1..n).filter(|i| self.status[*i] != self.status[i - 1]).take(4);
        let mut rows: Vec<usize> = turns
            .chain([self.lowest_ratio(), highest(&self.whole_ratio).unwrap_or(0)])
            .flat_map(|i| i.saturating_sub(1)..=(i + 1).min(n - 1))
            .collect();
        rows.extend([0, 1, n - 1]);
        rows.sort_unstable();
        rows.dedup();
        rows
    }
}

fn status_words(status: &str) -> Text {
    match status {
        "ok" => words("status-ok"),
        "warning" => words("status-warning"),
        "call" => words("status-call"),
        "liquidation" => words("status-liquidation"),
        "wiped_out" => words("status-wiped-out"),
        other => Text::same(other),
    }
}
