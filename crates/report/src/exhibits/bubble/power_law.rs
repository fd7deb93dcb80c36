//! The part of exhibit 13 on the log-periodic power law: in how many windows does it pass?

use shoals_core::TradingDay;

use super::super::source::{Frame, Source, period};
use super::{EXHIBIT, Tests, ratio_words};
use crate::ReportError;
use crate::chart::{Axis, Chart, Colour, Layer, Stroke};
use crate::exhibit::{Cell, Exhibit, Shown, ShownColumn};
use crate::i18n::{Arg, Text, message, words};
use crate::number::Format;

/// Adds a sentence and a chart a series, the table of the last day beside chance, and a note; nothing where the law was not
/// asked.
pub(super) fn add(
    source: &Source,
    tests: &Tests,
    exhibit: &mut Exhibit,
) -> Result<(), ReportError> {
    let days = source.optional(EXHIBIT, "power_law").filter(|frame| frame.n_rows() > 0);
    let (Some(days), Some(chance)) = (days, source.optional(EXHIBIT, "power_law_chance")) else {
        return Ok(());
    };
    let days = Days::read(&days)?;
    let chance = Chance::read(&chance)?;
    for i in 0..chance.ratio.len() {
        let line = days.of(&chance.ratio[i], &chance.series[i]);
        let name = chance.name(i, tests);
        exhibit.answer.extend(line.sentence(&name));
        exhibit.charts.push(
            line.chart(
                &name,
                &format!("bubble_power_law_{}_{}", chance.ratio[i], chance.series[i]),
            ),
        );
    }
    exhibit.tables.push(chance.table(tests));
    exhibit.notes.push(words("bubble-note-power-law"));
    Ok(())
}

/// Confidence by day, all ratios and series.
struct Days {
    ratio: Vec<String>,
    series: Vec<String>,
    all: Line,
}

/// Confidence by day of one series.
#[derive(Default)]
struct Line {
    days: Vec<TradingDay>,
    positive: Vec<f64>,
    negative: Vec<f64>,
    low: Vec<f64>,
    median: Vec<f64>,
    high: Vec<f64>,
    n_fits: Vec<f64>,
}

impl Days {
    fn read(frame: &Frame) -> Result<Self, ReportError> {
        let all = Line {
            days: frame.days("date")?.to_vec(),
            positive: frame.numbers("confidence_positive")?,
            negative: frame.numbers("confidence_negative")?,
            low: frame.numbers("tc_low")?,
            median: frame.numbers("tc_median")?,
            high: frame.numbers("tc_high")?,
            n_fits: frame.numbers("n_fits")?,
        };
        Ok(Self { ratio: frame.words("ratio")?, series: frame.words("series")?, all })
    }

    fn of(&self, ratio: &str, series: &str) -> Line {
        let is_asked = |i: &usize| self.ratio[*i] == ratio && self.series[*i] == series;
        let kept: Vec<usize> = (0..self.ratio.len()).filter(is_asked).collect();
        let numbers = |of: &[f64]| kept.iter().map(|&i| of[i]).collect();
        let all = &self.all;
        Line {
            days: kept.iter().map(|&i| all.days[i]).collect(),
            positive: numbers(&all.positive),
            negative: numbers(&all.negative),
            low: numbers(&all.low),
            median: numbers(&all.median),
            high: numbers(&all.high),
            n_fits: numbers(&all.n_fits),
        }
    }
}

impl Line {
    /// The day of the greatest confidence in a rise, with where its critical times lie.
    fn sentence(&self, name: &Text) -> Option<Text> {
        let greatest = |of: &[f64]| (0..of.len()).rev().max_by(|&a, &b| of[a].total_cmp(&of[b]));
        let (up, down) = (greatest(&self.positive)?, greatest(&self.negative)?);
        if self.positive[up] <= 0.0 && self.negative[down] <= 0.0 {
            return Some(message("bubble-power-law-none", &[("name", name.clone().into())]));
        }
        let (key, at, share) = if self.positive[up] >= self.negative[down] {
            ("bubble-power-law-rise", up, self.positive[up])
        } else {
            ("bubble-power-law-fall", down, self.negative[down])
        };
        let args: [(&'static str, Arg); 7] = [
            ("name", name.clone().into()),
            ("day", self.days[at].into()),
            ("share", share.into()),
            ("fits", self.n_fits[at].into()),
            ("low", self.low[at].into()),
            ("median", self.median[at].into()),
            ("high", self.high[at].into()),
        ];
        Some(message(key, &args))
    }

    fn chart(self, name: &Text, id: &str) -> Chart {
        let unit = message("bubble-power-law-unit", &[("period", period(&self.days).into())]);
        let line = |key, colour, values| Layer::Line {
            name: words(key),
            colour,
            values,
            stroke: Stroke::Strong,
        };
        let below: Vec<f64> = self.negative.iter().map(|share| 0.0 - share).collect();
        let layers = vec![
            line("bubble-line-rise", Colour::Rise, self.positive),
            line("bubble-line-fall", Colour::Fall, below),
        ];
        let title = message("bubble-power-law-chart", &[("name", name.clone().into())]);
        Chart::layers(id, Format::Percent(0), Axis::Days(self.days), layers)
            .titled(title, unit)
            .captioned(words("bubble-power-law-caption"))
    }
}

/// The last day beside chance, a row a ratio and series.
struct Chance {
    ratio: Vec<String>,
    series: Vec<String>,
    days: Vec<TradingDay>,
    /// Share, mean, greatest and p of the rise, then of the fall.
    figures: [Vec<f64>; 8],
    n_paths: Vec<f64>,
}

impl Chance {
    fn read(frame: &Frame) -> Result<Self, ReportError> {
        let columns = [
            "confidence_positive",
            "mean_positive",
            "max_positive",
            "p_positive",
            "confidence_negative",
            "mean_negative",
            "max_negative",
            "p_negative",
        ];
        let mut figures: [Vec<f64>; 8] = Default::default();
        for (figure, column) in figures.iter_mut().zip(columns) {
            *figure = frame.numbers(column)?;
        }
        Ok(Self {
            ratio: frame.words("ratio")?,
            series: frame.words("series")?,
            days: frame.days("date")?.to_vec(),
            figures,
            n_paths: frame.numbers("n_paths")?,
        })
    }

    /// The ratio's words, or the code of its index above the line.
    fn name(&self, i: usize, tests: &Tests) -> Text {
        let above = tests.ratio.iter().position(|ratio| *ratio == self.ratio[i]);
        match (self.series[i].as_str(), above) {
            ("index", Some(at)) => Text::same(&tests.above[at]),
            _ => ratio_words(&self.ratio[i]),
        }
    }

    fn table(&self, tests: &Tests) -> Shown {
        let share = Format::Percent(0);
        let [rise, fall] = ["bubble-column-rise", "bubble-column-fall"].map(words);
        let columns = vec![
            ShownColumn::words(words("bubble-column-series")),
            ShownColumn::words(words("bubble-column-day")),
            ShownColumn::number(rise, share),
            ShownColumn::number(words("bubble-column-mean"), share),
            ShownColumn::number(words("bubble-column-greatest"), share),
            ShownColumn::number(words("bubble-column-p"), Format::Number(3)),
            ShownColumn::number(fall, share),
            ShownColumn::number(words("bubble-column-mean"), share),
            ShownColumn::number(words("bubble-column-greatest"), share),
            ShownColumn::number(words("bubble-column-p"), Format::Number(3)),
        ];
        let mut table = Shown::new("bubble_power_law", words("bubble-table-power-law"), columns);
        for i in 0..self.ratio.len() {
            let mut row = vec![Cell::Words(self.name(i, tests)), Cell::Day(self.days[i])];
            row.extend(self.figures.iter().map(|figure| Cell::Number(figure[i])));
            table = table.row(row);
        }
        let n = self.n_paths.first().copied().unwrap_or(f64::NAN);
        table.note = message("bubble-table-power-law-note", &[("paths", n.into())]);
        table
    }
}
