//! Exhibit 13: had small companies run away from large ones, and when?

mod power_law;

use shoals_core::TradingDay;

use super::source::{Frame, Source, period};
use crate::ReportError;
use crate::chart::{Axis, Chart, Colour, Event, Layer, Stroke};
use crate::columns::heading;
use crate::exhibit::{Cell, Exhibit, Shown, ShownColumn, Verdict};
use crate::i18n::{Arg, Text, message, words};
use crate::number::{self, Format};

const EXHIBIT: &str = "bubble";

/// The kind of market without a bubble that decides, as it knows quiet from stormy times.
const DECIDING: &str = "wild_bootstrap";

/// Exhibit 13 from the bubble outcome's `statistic`, `episode`, `bsadf` and `extremity` tables: a chart and the longest
/// episodes for each ratio; where the power law was asked, its confidence from `power_law` and `power_law_chance`.
///
/// # Errors
/// A table or column the outcome contract promises is not there.
pub fn bubble(source: &Source) -> Result<Exhibit, ReportError> {
    let tests = Tests::read(&source.frame(EXHIBIT, "statistic")?)?;
    let episodes = Episodes::read(&source.frame(EXHIBIT, "episode")?)?;
    let days = source.frame(EXHIBIT, "bsadf")?;
    let leads = source.frame(EXHIBIT, "extremity")?;
    let mut exhibit = source.exhibit(13, EXHIBIT, words("bubble-question"));
    let ratios = tests.of_kind(DECIDING);
    let Some(&told) = ratios.first() else {
        exhibit.title = words("bubble-title-empty");
        return Ok(exhibit);
    };
    exhibit.title = tests.title(told);
    exhibit.verdict = vec![tests.verdict(told)];
    for &i in &ratios {
        let line = Line::read(&days, &tests.ratio[i])?;
        exhibit.answer.push(tests.sentence(i));
        exhibit.answer.extend(lead(&leads, &tests, i)?);
        exhibit.charts.push(line.chart(&tests, i, &episodes));
    }
    exhibit.tables = vec![tests.table(), episodes.table(&tests)];
    exhibit.notes =
        ["bubble-note-null", "bubble-note-pointwise", "bubble-note-fall"].map(words).to_vec();
    power_law::add(source, &tests, &mut exhibit)?;
    Ok(exhibit)
}

/// The statistics, a row a ratio and kind of market without a bubble.
struct Tests {
    ratio: Vec<String>,
    above: Vec<String>,
    below: Vec<String>,
    null: Vec<String>,
    gsadf: Vec<f64>,
    critical: Vec<f64>,
    p_value: Vec<f64>,
    sadf: Vec<f64>,
    sadf_p_value: Vec<f64>,
    min_duration: Vec<f64>,
}

impl Tests {
    fn read(frame: &Frame) -> Result<Self, ReportError> {
        Ok(Self {
            ratio: frame.words("ratio")?,
            above: frame.words("above")?,
            below: frame.words("below")?,
            null: frame.words("null")?,
            gsadf: frame.numbers("gsadf")?,
            critical: frame.numbers("gsadf_critical")?,
            p_value: frame.numbers("gsadf_p_value")?,
            sadf: frame.numbers("sadf")?,
            sadf_p_value: frame.numbers("sadf_p_value")?,
            min_duration: frame.numbers("min_duration")?,
        })
    }

    fn of_kind(&self, null: &str) -> Vec<usize> {
        (0..self.null.len()).filter(|&i| self.null[i] == null).collect()
    }

    fn is_explosive(&self, i: usize) -> bool {
        self.gsadf[i] > self.critical[i]
    }

    /// The same ratio against random walks.
    fn plain(&self, i: usize) -> usize {
        let is_plain = |&j: &usize| self.ratio[j] == self.ratio[i] && self.null[j] != self.null[i];
        (0..self.null.len()).find(is_plain).unwrap_or(i)
    }

    fn name(&self, i: usize) -> Text {
        ratio_words(&self.ratio[i])
    }

    fn args(&self, i: usize) -> Vec<(&'static str, Arg)> {
        let plain = self.plain(i);
        vec![
            ("ratio", self.name(i).into()),
            ("above", self.above[i].as_str().into()),
            ("below", self.below[i].as_str().into()),
            ("gsadf", self.gsadf[i].into()),
            ("critical", self.critical[i].into()),
            ("p", self.p_value[i].into()),
            ("plain_critical", self.critical[plain].into()),
            ("plain_p", self.p_value[plain].into()),
        ]
    }

    fn title(&self, i: usize) -> Text {
        let key = if self.is_explosive(i) {
            "bubble-title"
        } else if self.is_explosive(self.plain(i)) {
            "bubble-title-stormy"
        } else {
            "bubble-title-none"
        };
        message(key, &self.args(i))
    }

    fn sentence(&self, i: usize) -> Text {
        message("bubble-answer", &self.args(i))
    }

    fn verdict(&self, i: usize) -> Verdict {
        Verdict {
            figure: Text::same(number::fixed(self.gsadf[i], 2)),
            label: message("bubble-label", &self.args(i)),
            sentence: self.title(i),
            ..Verdict::default()
        }
    }

    fn table(&self) -> Shown {
        let two = Format::Number(2);
        let columns = vec![
            ShownColumn::words(words("bubble-column-ratio")),
            ShownColumn::words(words("bubble-column-null")),
            ShownColumn::number(words("bubble-column-gsadf"), two),
            ShownColumn::number(words("bubble-column-critical"), two),
            ShownColumn::number(words("bubble-column-p"), Format::Number(3)),
            ShownColumn::number(words("bubble-column-sadf"), two),
            ShownColumn::number(words("bubble-column-p"), Format::Number(3)),
        ];
        let table = Shown::new("bubble_tests", words("bubble-table-tests"), columns);
        (0..self.ratio.len()).fold(table, |table, i| {
            table.row(vec![
                Cell::Words(self.name(i)),
                Cell::Words(null_words(&self.null[i])),
                Cell::Number(self.gsadf[i]),
                Cell::Number(self.critical[i]),
                Cell::Number(self.p_value[i]),
                Cell::Number(self.sadf[i]),
                Cell::Number(self.sadf_p_value[i]),
            ])
        })
    }
}

fn null_words(null: &str) -> Text {
    if null == DECIDING {
        words("bubble-null-wild-bootstrap")
    } else {
        words("bubble-null-random-walk")
    }
}

fn ratio_words(ratio: &str) -> Text {
    match ratio {
        "micro_all" => words("bubble-ratio-micro-all"),
        "micro_large" => words("bubble-ratio-micro-large"),
        "small_large" => words("bubble-ratio-small-large"),
        own => Text::same(own),
    }
}

/// Pointwise episodes against the deciding market.
struct Episodes {
    ratio: Vec<String>,
    start: Vec<TradingDay>,
    peak: Vec<TradingDay>,
    end: Vec<TradingDay>,
    known_on: Vec<TradingDay>,
    days: Vec<f64>,
    bsadf: Vec<f64>,
    change: Vec<f64>,
}

impl Episodes {
    fn read(frame: &Frame) -> Result<Self, ReportError> {
        let (null, is_family) = (frame.words("null")?, frame.flags("is_family_wise")?);
        let kept: Vec<usize> =
            (0..null.len()).filter(|&i| null[i] == DECIDING && !is_family[i]).collect();
        let days = |column| -> Result<Vec<TradingDay>, ReportError> {
            let all = frame.days(column)?;
            Ok(kept.iter().map(|&i| all[i]).collect())
        };
        let numbers = |column| -> Result<Vec<f64>, ReportError> {
            let all = frame.numbers(column)?;
            Ok(kept.iter().map(|&i| all[i]).collect())
        };
        let ratio = frame.words("ratio")?;
        Ok(Self {
            ratio: kept.iter().map(|&i| ratio[i].clone()).collect(),
            start: days("start")?,
            peak: days("peak")?,
            end: days("end")?,
            known_on: days("known_on")?,
            days: numbers("days")?,
            bsadf: numbers("bsadf")?,
            change: numbers("change")?,
        })
    }

    /// Shades of a ratio's episodes.
    fn shades(&self, ratio: &str) -> impl Iterator<Item = Event> {
        (0..self.ratio.len()).filter(move |&i| self.ratio[i] == ratio).map(|i| Event {
            from: self.start[i],
            to: Some(self.end[i]),
            label: Text::default(),
            colour: if self.change[i] < 0.0 { Colour::Fall } else { Colour::Rise },
        })
    }

    fn table(&self, tests: &Tests) -> Shown {
        let columns = vec![
            ShownColumn::words(words("bubble-column-ratio")),
            ShownColumn::words(heading("start")),
            ShownColumn::words(words("bubble-column-known")),
            ShownColumn::words(words("bubble-column-peak")),
            ShownColumn::words(heading("end")),
            ShownColumn::number(heading("days"), Format::Number(0)),
            ShownColumn::number(words("bubble-column-bsadf"), Format::Number(2)),
            ShownColumn::number(words("bubble-column-change"), Format::Percent(1)),
        ];
        let mut table = Shown::new("bubble_episodes", words("bubble-table-episodes"), columns);
        for i in 0..self.ratio.len() {
            table = table.row(vec![
                Cell::Words(ratio_words(&self.ratio[i])),
                Cell::Day(self.start[i]),
                Cell::Day(self.known_on[i]),
                Cell::Day(self.peak[i]),
                Cell::Day(self.end[i]),
                Cell::Number(self.days[i]),
                Cell::Number(self.bsadf[i]),
                Cell::Number(self.change[i]),
            ]);
        }
        let duration = tests.min_duration.first().copied().unwrap_or(f64::NAN);
        table.note = message("bubble-table-episodes-note", &[("days", duration.into())]);
        table
    }
}

/// One ratio's statistic by day.
struct Line {
    days: Vec<TradingDay>,
    bsadf: Vec<f64>,
    critical: Vec<f64>,
    wild: Vec<f64>,
}

impl Line {
    fn read(frame: &Frame, ratio: &str) -> Result<Self, ReportError> {
        let names = frame.words("ratio")?;
        let kept: Vec<usize> = (0..names.len()).filter(|&i| names[i] == ratio).collect();
        let numbers = |column| -> Result<Vec<f64>, ReportError> {
            let all = frame.numbers(column)?;
            Ok(kept.iter().map(|&i| all[i]).collect())
        };
        let days = frame.days("date")?;
        Ok(Self {
            days: kept.iter().map(|&i| days[i]).collect(),
            bsadf: numbers("bsadf")?,
            critical: numbers("critical")?,
            wild: numbers("wild_critical")?,
        })
    }

    fn chart(self, tests: &Tests, i: usize, episodes: &Episodes) -> Chart {
        let unit = message("bubble-unit", &[("period", period(&self.days).into())]);
        let line =
            |key, colour, values, stroke| Layer::Line { name: words(key), colour, values, stroke };
        let layers = vec![
            line("bubble-line-critical", Colour::Muted, self.critical, Stroke::Thin),
            line("bubble-line-wild", Colour::Muted, self.wild, Stroke::Dashed),
            line("bubble-line-bsadf", Colour::Accent, self.bsadf, Stroke::Strong),
        ];
        let id = format!("bubble_{}", tests.ratio[i]);
        Chart::layers(&id, Format::Number(1), Axis::Days(self.days), layers)
            .titled(tests.title(i), unit)
            .captioned(words("bubble-caption"))
            .with_rule(tests.critical[i], words("bubble-rule-family"), Colour::Ink)
            .with_events(episodes.shades(&tests.ratio[i]))
    }
}

/// How extreme the lead is on the last day, in a sentence.
fn lead(frame: &Frame, tests: &Tests, i: usize) -> Result<Option<Text>, ReportError> {
    let names = frame.words("ratio")?;
    let Some(last) = names.iter().rposition(|name| *name == tests.ratio[i]) else {
        return Ok(None);
    };
    let at = |column| -> Result<Arg, ReportError> { Ok(frame.numbers(column)?[last].into()) };
    let args = [
        ("ratio", tests.name(i).into()),
        ("day", frame.days("date")?[last].into()),
        ("excess", at("excess")?),
        ("percentile", at("percentile")?),
        ("distance", at("distance")?),
    ];
    Ok(Some(message("bubble-lead", &args)))
}
