//! Exhibit 12, analogues: which episode does the path look like, and would a random path?

use std::collections::BTreeMap;

use shoals_core::Segment;

use super::rotation::stopped;
use super::source::{Frame, Source};
use crate::ReportError;
use crate::chart::{Axis, Chart, Colour, Layer, Stroke};
use crate::columns::heading;
use crate::exhibit::{Cell, Exhibit, Row, Shown, ShownColumn, Verdict};
use crate::i18n::{Arg, Text, message, words};
use crate::number::Format;

const EXHIBIT: &str = "analogue";

/// A p-value at or below this is called evidence.
const EVIDENCE: f64 = 0.05;

/// Colours of the episodes.
const COLOURS: [Segment; 4] =
    [Segment::Csi300, Segment::Csi1000, Segment::Csi500, Segment::Csi2000];

/// The part of exhibit 12 about look-alikes, from the analogue outcome's `verdict`, `match`, `aftermath`, `left_out`,
/// `query` and `path` tables.
///
/// # Errors
/// A table or column the outcome contract promises is not there.
pub fn analogue(source: &Source) -> Result<Exhibit, ReportError> {
    let mut exhibit = source.exhibit(12, EXHIBIT, words("analogue-question"));
    let matches = Matches::read(source)?;
    let Some(best) = matches.best() else {
        exhibit.title = words("analogue-title-empty");
        exhibit.answer.extend(left_out(source)?);
        return Ok(exhibit);
    };
    exhibit.title = matches.title(best);
    exhibit.answer =
        source.frame(EXHIBIT, "verdict")?.sentences("sentence")?.iter().map(stopped).collect();
    let after = Aftermath::read(source)?;
    exhibit.answer.extend(after.sentence(&matches.titles[best]));
    exhibit.answer.extend(left_out(source)?);
    exhibit.verdict = vec![Verdict {
        figure: Text::same(format!("p = {:.2}", matches.p(best))),
        label: words("analogue-label"),
        sentence: stopped(&exhibit.title),
        ..Verdict::default()
    }];
    exhibit.charts.extend(path_chart(source)?);
    exhibit.tables = vec![matches.table(best), after.table()];
    exhibit.notes =
        vec![words("analogue-note-chance"), words("analogue-note-own"), words("analogue-note-few")];
    Ok(exhibit)
}

/// Every comparison.
struct Matches<'a> {
    symbol: String,
    titles: &'a [Text],
    looks: Vec<String>,
    columns: BTreeMap<&'static str, Vec<f64>>,
}

const MATCH_COLUMNS: [&str; 8] = [
    "correlation",
    "correlation_p",
    "correlation_family_p",
    "correlation_own_p",
    "distance",
    "distance_p",
    "distance_family_p",
    "distance_own_p",
];

impl<'a> Matches<'a> {
    fn read(source: &Source<'a>) -> Result<Self, ReportError> {
        let frame: Frame<'a> = source.frame(EXHIBIT, "match")?;
        let symbol = source.frame(EXHIBIT, "query")?.words("symbol")?;
        let read = |name: &'static str| Ok((name, frame.numbers(name)?));
        Ok(Self {
            symbol: symbol.into_iter().next().unwrap_or_default(),
            titles: frame.sentences("title")?,
            looks: frame.words("look")?,
            columns: MATCH_COLUMNS.into_iter().map(read).collect::<Result<_, ReportError>>()?,
        })
    }

    fn of(&self, column: &str, row: usize) -> f64 {
        self.columns.get(column).map_or(f64::NAN, |values| values[row])
    }

    /// Of the measure that other index histories explain least: its p against them and against the query's own
    /// changes, both paying for the whole library.
    fn nulls(&self, row: usize) -> [f64; 2] {
        let of = |measure: &str| {
            ["family", "own"].map(|null| self.of(&format!("{measure}_{null}_p"), row))
        };
        let (correlation, distance) = (of("correlation"), of("distance"));
        if correlation[0] <= distance[0] { correlation } else { distance }
    }

    /// What is left when the worse null has its say.
    fn p(&self, row: usize) -> f64 {
        let [family, own] = self.nulls(row);
        family.max(own)
    }

    /// The comparison other index histories explain least.
    fn best(&self) -> Option<usize> {
        (0..self.titles.len())
            .filter(|&i| self.p(i).is_finite())
            .min_by(|&a, &b| self.nulls(a)[0].total_cmp(&self.nulls(b)[0]))
    }

    fn title(&self, best: usize) -> Text {
        let args: [(&str, Arg); 4] = [
            ("symbol", self.symbol.as_str().into()),
            ("episode", (&self.titles[best]).into()),
            ("correlation", self.of("correlation", best).into()),
            ("p", self.p(best).into()),
        ];
        let is_evidence = self.p(best) <= EVIDENCE;
        message(
            if is_evidence { "analogue-title-evidence" } else { "analogue-title-chance" },
            &args,
        )
    }

    fn table(&self, best: usize) -> Shown {
        let format = |name: &str| Format::Number(if name.ends_with("_p") { 3 } else { 2 });
        let mut columns =
            vec![ShownColumn::words(heading("episode")), ShownColumn::words(heading("look"))];
        columns.extend(
            MATCH_COLUMNS.iter().map(|name| ShownColumn::number(heading(name), format(name))),
        );
        let mut shown = Shown::new("matches", words("analogue-table-title"), columns);
        for (i, title) in self.titles.iter().enumerate() {
            let is_whole = self.looks[i] == "whole";
            let look =
                words(if is_whole { "analogue-look-whole" } else { "analogue-look-around_peak" });
            let mut cells = vec![Cell::Words(title.clone()), Cell::Words(look)];
            cells.extend(MATCH_COLUMNS.iter().map(|name| Cell::Number(self.of(name, i))));
            shown.push(Row { cells, is_emphasised: i == best });
        }
        shown.note = words("analogue-table-note");
        shown
    }
}

/// What followed the episodes' peaks.
struct Aftermath<'a> {
    titles: &'a [Text],
    peaks: &'a [shoals_core::TradingDay],
    days: Vec<f64>,
    excess: Vec<f64>,
    worst: Vec<f64>,
    index: Vec<f64>,
}

impl<'a> Aftermath<'a> {
    fn read(source: &Source<'a>) -> Result<Self, ReportError> {
        let frame = source.frame(EXHIBIT, "aftermath")?;
        Ok(Self {
            titles: frame.sentences("title")?,
            peaks: frame.days("peak")?,
            days: frame.numbers("days")?,
            excess: frame.numbers("excess")?,
            worst: frame.numbers("worst_excess")?,
            index: frame.numbers("index_return")?,
        })
    }

    /// The longest known stretch after the peak of one episode.
    fn sentence(&self, title: &Text) -> Option<Text> {
        let known = |&i: &usize| self.titles[i] == *title && self.excess[i].is_finite();
        let i = (0..self.titles.len()).rev().find(known)?;
        Some(message(
            "analogue-aftermath",
            &[
                ("episode", title.into()),
                ("peak", self.peaks[i].into()),
                ("days", self.days[i].into()),
                ("excess", self.excess[i].into()),
                ("worst", self.worst[i].into()),
                ("index", self.index[i].into()),
            ],
        ))
    }

    fn table(&self) -> Shown {
        let percent = |name: &str| ShownColumn::number(heading(name), Format::Percent(1));
        let columns = vec![
            ShownColumn::words(heading("episode")),
            ShownColumn::words(heading("peak")),
            ShownColumn::number(heading("days_after"), Format::Number(0)),
            percent("excess"),
            percent("worst_excess"),
            percent("index_return"),
        ];
        let mut shown = Shown::new("aftermath", words("analogue-aftermath-title"), columns);
        for i in 0..self.titles.len() {
            shown.push(Row {
                cells: vec![
                    Cell::Words(self.titles[i].clone()),
                    Cell::Day(self.peaks[i]),
                    Cell::Number(self.days[i]),
                    Cell::Number(self.excess[i]),
                    Cell::Number(self.worst[i]),
                    Cell::Number(self.index[i]),
                ],
                is_emphasised: false,
            });
        }
        shown
    }
}

/// The episodes that were not compared, in one sentence.
fn left_out(source: &Source) -> Result<Option<Text>, ReportError> {
    let frame = source.frame(EXHIBIT, "left_out")?;
    let (names, why) = (frame.words("episode")?, frame.sentences("why")?);
    let one = |(name, why): (&String, &Text)| {
        Text::new(format!("{name}：{}", why.zh), format!("{name}: {}", why.en))
    };
    let all: Vec<Text> = names.iter().zip(why).map(one).collect();
    Ok((!all.is_empty()).then(|| {
        let list = Text::clauses(&all);
        message("analogue-left-out", &[("list", list.into())])
    }))
}

/// Every path around its peak.
fn path_chart(source: &Source) -> Result<Option<Chart>, ReportError> {
    let frame = source.frame(EXHIBIT, "path")?;
    let (names, titles) = (frame.words("name")?, frame.sentences("title")?);
    let (days, excess) = (frame.numbers("days_from_peak")?, frame.numbers("excess")?);
    let lowest = days.iter().copied().fold(f64::INFINITY, f64::min);
    let highest = days.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if highest <= lowest {
        return Ok(None);
    }
    let n = (highest - lowest) as usize + 1;
    let mut order: Vec<&str> = Vec::new();
    let mut paths: BTreeMap<&str, (Text, Vec<f64>)> = BTreeMap::new();
    for i in 0..names.len() {
        let name = names[i].as_str();
        if !paths.contains_key(name) {
            order.push(name);
        }
        let (_, path) = paths.entry(name).or_insert_with(|| (titles[i].clone(), vec![f64::NAN; n]));
        path[(days[i] - lowest) as usize] = excess[i];
    }
    let line = |(i, name): (usize, &&str)| {
        let (title, values) = paths[*name].clone();
        let is_query = *name == "query";
        let colour = if is_query {
            Colour::Segment(Segment::Micro)
        } else {
            Colour::Segment(COLOURS[i.saturating_sub(1) % COLOURS.len()])
        };
        let stroke = if is_query { Stroke::Strong } else { Stroke::Plain };
        Layer::Line { name: title, colour, values, stroke }
    };
    let layers = order.iter().enumerate().map(line).collect();
    let at = (0..n).map(|i| lowest + i as f64).collect();
    let axis = Axis::Numbers { title: words("analogue-axis"), at };
    let chart = Chart::layers("paths", Format::Percent(0), axis, layers)
        .titled(words("analogue-path-title"), words("analogue-path-unit"))
        .captioned(words("analogue-path-caption"))
        .tall(360)
        .with_rule(0.0, Text::default(), Colour::Faint);
    Ok(Some(chart))
}
