//! Exhibit 3: from AB swaps to DMA, two structures on one path.

use shoals_core::{Segment, TradingDay};

use super::source::{Source, period};
use super::structure::{AbFacts, ab as ab_diagram};
use crate::ReportError;
use crate::chart::{Axis, Chart, Colour, Event, Layer, Stroke};
use crate::columns::heading;
use crate::exhibit::{Cell, Exhibit, Shown, ShownColumn, Verdict};
use crate::i18n::{Arg, Text, message, words};
use crate::number::{self, Format};

const EXHIBIT: &str = "ab";

/// Exhibit 3 from the AB outcome's `ab`, `side`, `layer`, `payoff` and `event` tables.
///
/// # Errors
/// A table or column the outcome contract promises is not there.
pub fn ab(source: &Source) -> Result<Exhibit, ReportError> {
    let mut exhibit = source.exhibit(3, EXHIBIT, words("ab-question"));
    let (path, sides) = (Path::read(source)?, Sides::read(source)?);
    let layers = Layers::read(source)?;
    if path.days.is_empty() || sides.returns.len() < 2 {
        exhibit.title = words("ab-title-empty");
        return Ok(exhibit);
    }
    let args = sides.args(&path, &layers);
    exhibit.title = message(sides.title_key(), &args);
    let title = Text::new(format!("{}。", exhibit.title.zh), format!("{}.", exhibit.title.en));
    exhibit.verdict = vec![Verdict {
        figure: Text::same(number::percent(sides.returns[0], 0)),
        label: words("ab-label"),
        sentence: Text::sentences([&title, &message("ab-lender", &args)]),
        ..Verdict::default()
    }];
    exhibit.answer = vec![
        message("ab-structure", &args),
        message(if layers.put_in[0] > 0.0 { "ab-waterfall-buffer" } else { "ab-waterfall" }, &args),
        message("ab-lender", &args),
    ];
    exhibit.answer.extend(path.end_of_the_structure());
    exhibit.diagrams = vec![ab_diagram(&layers.facts(&sides))];
    exhibit.charts = vec![path.chart(&sides, &args), Payoffs::read(source)?.chart()];
    exhibit.tables = vec![sides.table(), layers.table()];
    exhibit.notes = vec![words("ab-note-law"), words("ab-note-line")];
    Ok(exhibit)
}

/// The path of both structures.
struct Path<'a> {
    days: &'a [TradingDay],
    junior: Vec<f64>,
    dma: Vec<f64>,
    events: Vec<(TradingDay, String)>,
}

impl<'a> Path<'a> {
    fn read(source: &Source<'a>) -> Result<Self, ReportError> {
        let frame = source.frame(EXHIBIT, "ab")?;
        let events = source.frame(EXHIBIT, "event")?;
        let kinds = events.words("kind")?;
        Ok(Self {
            days: frame.days("date")?,
            junior: frame.numbers("junior")?,
            dma: frame.numbers("dma_equity")?,
            events: events.days("date")?.iter().copied().zip(kinds).collect(),
        })
    }

    fn first_of(&self, kind: &str) -> Option<TradingDay> {
        self.events.iter().find(|(_, k)| k == kind).map(|(day, _)| *day)
    }

    /// What the rules of 2021 say of this swap.
    fn end_of_the_structure(&self) -> Option<Text> {
        let told =
            |kind: &str, key: &str| Some(message(key, &[("day", self.first_of(kind)?.into())]));
        told("not_offered", "ab-not-offered").or_else(|| told("offer_ended", "ab-offer-ended"))
    }

    /// Both investors' shares over what they put in.
    fn chart(&self, sides: &Sides, args: &[(&str, Arg)]) -> Chart {
        let over = |values: &[f64], put_in: f64| values.iter().map(|x| x / put_in).collect();
        let line = |name: &str, colour, values, stroke| Layer::Line {
            name: words(name),
            colour,
            values,
            stroke,
        };
        let layers = vec![
            line(
                "ab-line-dma",
                Colour::Segment(Segment::Csi500),
                over(&self.dma, sides.put_in[1]),
                Stroke::Plain,
            ),
            line(
                "ab-line-junior",
                Colour::Ink,
                over(&self.junior, sides.put_in[0]),
                Stroke::Strong,
            ),
        ];
        let marks = [("stop_line", "ab-event-stop"), ("junior_gone", "ab-event-gone")];
        let events = marks.into_iter().filter_map(|(kind, key)| {
            Some(Event {
                from: self.first_of(kind)?,
                to: None,
                label: words(key),
                colour: Colour::Segment(Segment::Micro),
            })
        });
        Chart::layers("ab_path", Format::Percent(0), Axis::Days(self.days.to_vec()), layers)
            .titled(
                message("ab-path-title", args),
                message("ab-path-unit", &[("period", period(self.days).into())]),
            )
            .captioned(words("ab-path-caption"))
            .with_events(events)
    }
}

/// The levered investor of each structure: AB first, DMA second.
struct Sides {
    put_in: Vec<f64>,
    received: Vec<f64>,
    returns: Vec<f64>,
    lowest: Vec<f64>,
    leverage: Vec<f64>,
    cost: Vec<f64>,
    stopped_on: Vec<String>,
    gone_on: Vec<String>,
    lender_loss: Vec<f64>,
}

impl Sides {
    fn read(source: &Source) -> Result<Self, ReportError> {
        let frame = source.frame(EXHIBIT, "side")?;
        Ok(Self {
            put_in: frame.numbers("put_in")?,
            received: frame.numbers("received")?,
            returns: frame.numbers("return")?,
            lowest: frame.numbers("lowest")?,
            leverage: frame.numbers("leverage")?,
            cost: frame.numbers("cost_of_money")?,
            stopped_on: frame.words("stopped_on")?,
            gone_on: frame.words("gone_on")?,
            lender_loss: frame.numbers("lender_loss")?,
        })
    }

    fn title_key(&self) -> &'static str {
        match (self.returns[0] < 0.0, self.returns[1] < 0.0) {
            (true, true) => "ab-title-both-lost",
            (false, false) => "ab-title-both-gained",
            _ => "ab-title",
        }
    }

    fn args(&self, path: &Path, layers: &Layers) -> Vec<(&'static str, Arg)> {
        let last = path.days[path.days.len() - 1];
        vec![
            ("junior", self.returns[0].into()),
            ("dma", self.returns[1].into()),
            ("junior_lost", (-self.returns[0]).into()),
            ("dma_lost", (-self.returns[1]).into()),
            ("junior_leverage", self.leverage[0].into()),
            ("dma_leverage", self.leverage[1].into()),
            ("junior_cost", self.cost[0].into()),
            ("dma_cost", self.cost[1].into()),
            ("a_lost", self.lender_loss[0].into()),
            ("broker_lost", self.lender_loss[1].into()),
            ("junior_end", (1.0 + self.returns[0]).into()),
            ("dma_end", (1.0 + self.returns[1]).into()),
            ("opened_on", path.days[0].into()),
            ("day", last.into()),
            ("senior_money", layers.put_in[2].into()),
            ("junior_money", layers.put_in[1].into()),
            ("buffer_money", layers.put_in[0].into()),
            ("senior_received", layers.received[2].into()),
            ("senior_owed", layers.owed[2].into()),
            ("junior_received", layers.received[1].into()),
            ("buffer_received", layers.received[0].into()),
        ]
    }

    fn table(&self) -> Shown {
        let money = |name: &str| ShownColumn::number(heading(name), Format::Number(2));
        let columns = vec![
            ShownColumn::words(heading("structure")),
            money("put_in"),
            ShownColumn::number(heading("leverage"), Format::Number(1)),
            money("cost_of_money"),
            money("received"),
            ShownColumn::number(heading("return"), Format::Percent(1)),
            money("lowest"),
            ShownColumn::words(heading("stopped_on")),
            ShownColumn::words(heading("gone_on")),
            money("lender_loss"),
        ];
        let day = |text: &str| Text::same(if text.is_empty() { number::NOTHING } else { text });
        let mut shown = Shown::new("sides", words("ab-sides-title"), columns);
        for (i, name) in ["ab-side-ab", "ab-side-dma"].into_iter().enumerate() {
            shown = shown.row(vec![
                Cell::Words(words(name)),
                Cell::Number(self.put_in[i]),
                Cell::Number(self.leverage[i]),
                Cell::Number(self.cost[i]),
                Cell::Number(self.received[i]),
                Cell::Number(self.returns[i]),
                Cell::Number(self.lowest[i]),
                Cell::Words(day(&self.stopped_on[i])),
                Cell::Words(day(&self.gone_on[i])),
                Cell::Number(self.lender_loss[i]),
            ]);
        }
        shown.note = words("ab-sides-note");
        shown
    }
}

/// The waterfall at the end: buffer, junior, senior.
struct Layers {
    put_in: Vec<f64>,
    owed: Vec<f64>,
    received: Vec<f64>,
    gain: Vec<f64>,
    returns: Vec<f64>,
}

impl Layers {
    fn read(source: &Source) -> Result<Self, ReportError> {
        let frame = source.frame(EXHIBIT, "layer")?;
        Ok(Self {
            put_in: frame.numbers("put_in")?,
            owed: frame.numbers("owed")?,
            received: frame.numbers("received")?,
            gain: frame.numbers("gain")?,
            returns: frame.numbers("return")?,
        })
    }

    fn facts(&self, sides: &Sides) -> AbFacts {
        AbFacts {
            senior: self.put_in[2],
            junior: self.put_in[1],
            buffer: self.put_in[0],
            leverage: sides.leverage[0],
        }
    }

    fn table(&self) -> Shown {
        let money = |name: &str| ShownColumn::number(heading(name), Format::Number(2));
        let columns = vec![
            ShownColumn::words(heading("layer")),
            money("put_in"),
            money("owed"),
            money("received"),
            money("gain"),
            ShownColumn::number(heading("return"), Format::Percent(1)),
        ];
        let mut shown = Shown::new("layers", words("ab-layers-title"), columns);
        let names = ["ab-layer-buffer", "ab-layer-junior", "ab-layer-senior"];
        for (i, name) in names.into_iter().enumerate().filter(|(i, _)| self.put_in[*i] > 0.0) {
            let numbers =
                [self.put_in[i], self.owed[i], self.received[i], self.gain[i], self.returns[i]];
            let cells = std::iter::once(Cell::Words(words(name)));
            shown = shown.row(cells.chain(numbers.map(Cell::Number)).collect());
        }
        shown.note = words("ab-layers-note");
        shown
    }
}

/// What each receives for every return of the portfolio.
struct Payoffs {
    at: Vec<f64>,
    senior: Vec<f64>,
    junior: Vec<f64>,
    dma: Vec<f64>,
}

impl Payoffs {
    fn read(source: &Source) -> Result<Self, ReportError> {
        let frame = source.frame(EXHIBIT, "payoff")?;
        Ok(Self {
            at: frame.numbers("portfolio_return")?,
            senior: frame.numbers("senior_return")?,
            junior: frame.numbers("junior_return")?,
            dma: frame.numbers("dma_return")?,
        })
    }

    /// The portfolio's return nearest zero from which that share is gone.
    fn gone_at(&self, values: &[f64]) -> f64 {
        let gone = self.at.iter().zip(values).filter(|(_, x)| **x <= -1.0 + 1e-9);
        gone.map(|(at, _)| *at).fold(f64::NAN, f64::max)
    }

    /// The portfolio's return nearest zero at which A loses of its own money.
    fn senior_hurt_at(&self) -> f64 {
        let hurt = self.at.iter().zip(&self.senior).filter(|(_, x)| **x < 0.0);
        hurt.map(|(at, _)| *at).fold(f64::NAN, f64::max)
    }

    fn chart(&self) -> Chart {
        let line = |name: &str, colour, values: &[f64], stroke| Layer::Line {
            name: words(name),
            colour,
            values: values.to_vec(),
            stroke,
        };
        let layers = vec![
            line("ab-line-senior", Colour::Accent, &self.senior, Stroke::Plain),
            line("ab-line-dma", Colour::Segment(Segment::Csi500), &self.dma, Stroke::Plain),
            line("ab-line-junior", Colour::Ink, &self.junior, Stroke::Strong),
        ];
        let args = [
            ("junior", self.gone_at(&self.junior).into()),
            ("dma", self.gone_at(&self.dma).into()),
            ("senior", self.senior_hurt_at().into()),
        ];
        let at: Vec<f64> = self.at.iter().map(|x| (100.0 * x).round()).collect();
        let axis = Axis::Numbers { title: words("ab-payoff-axis"), at };
        Chart::layers("ab_payoff", Format::Percent(0), axis, layers)
            .titled(message("ab-payoff-title", &args), words("ab-payoff-unit"))
            .captioned(words("ab-payoff-caption"))
    }
}
