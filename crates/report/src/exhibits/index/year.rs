//! The index against the whole market, calendar year by calendar year.

use super::EXHIBIT;
use crate::ReportError;
use crate::chart::{Axis, Chart, Colour, Layer, Stacking};
use crate::exhibit::{Cell, Row, Shown, ShownColumn, Verdict};
use crate::exhibits::source::{Source, highest, lowest};
use crate::i18n::{Arg, Text, message, words};
use crate::number::{self, Format};

pub(super) struct Years {
    names: Vec<String>,
    paper: Vec<f64>,
    held: Vec<f64>,
    benchmark: Vec<f64>,
    excess: Vec<f64>,
    turnover: Vec<f64>,
    market: Text,
}

impl Years {
    pub(super) fn read(source: &Source) -> Result<Self, ReportError> {
        let frame = source.frame(EXHIBIT, "year")?;
        let years = frame.numbers("year")?;
        let symbol = source.convention.get("benchmark").map_or("", |name| name.en.as_str());
        Ok(Self {
            names: years.iter().map(|year| format!("{year:.0}")).collect(),
            paper: frame.numbers("index")?,
            held: frame.numbers("implementable")?,
            benchmark: frame.numbers("benchmark")?,
            excess: frame.numbers("excess")?,
            turnover: frame.numbers("turnover")?,
            market: benchmark_name(symbol),
        })
    }

    /// What the ledger earned over the benchmark.
    fn held_excess(&self) -> Vec<f64> {
        self.held.iter().zip(&self.benchmark).map(|(held, market)| held - market).collect()
    }

    /// The best and the worst year of the ledger, where the benchmark is known.
    fn extremes(&self) -> Option<(usize, usize)> {
        let held = self.held_excess();
        highest(&held).zip(lowest(&held))
    }

    fn args(&self, (best, worst): (usize, usize)) -> Vec<(&'static str, Arg)> {
        let held = self.held_excess();
        let n_known = held.iter().filter(|x| x.is_finite()).count();
        let won = |excess: &[f64]| excess.iter().filter(|x| **x > 0.0).count();
        vec![
            ("benchmark", (&self.market).into()),
            ("n", n_known.into()),
            ("held_won", won(&held).into()),
            ("paper_won", won(&self.excess).into()),
            ("best", self.names[best].as_str().into()),
            ("best_excess", held[best].into()),
            ("worst", self.names[worst].as_str().into()),
            ("worst_excess", held[worst].into()),
            ("worst_paper", self.excess[worst].into()),
        ]
    }

    pub(super) fn sentence(&self) -> Option<Text> {
        Some(message("index-year-sentence", &self.args(self.extremes()?)))
    }

    pub(super) fn verdict(&self) -> Option<Verdict> {
        let (best, worst) = self.extremes()?;
        let args = self.args((best, worst));
        Some(Verdict {
            figure: Text::same(number::percent(self.held_excess()[worst], 1)),
            label: message("index-year-label", &args),
            sentence: message("index-year-verdict", &args),
            ..Verdict::default()
        })
    }

    pub(super) fn chart(&self) -> Option<Chart> {
        let args = self.args(self.extremes()?);
        let bars = |key: &str, colour, values: Vec<f64>| Layer::Bars {
            name: words(key),
            colour,
            values,
            stacking: Stacking::Beside,
        };
        let layers = vec![
            bars("index-paper", Colour::Faint, self.excess.clone()),
            bars("index-held", Colour::Accent, self.held_excess()),
        ];
        let axis = Axis::Names(self.names.iter().map(Text::same).collect());
        Some(
            Chart::layers("excess", Format::Percent(1), axis, layers)
                .titled(message("index-year-title", &args), message("index-year-unit", &args))
                .captioned(words("index-year-caption"))
                .tall(280),
        )
    }

    pub(super) fn table(&self) -> Option<Shown> {
        if self.names.is_empty() {
            return None;
        }
        let percent = Format::Percent(1);
        let mut columns = vec![ShownColumn::words(words("index-head-year"))];
        columns.extend(
            [words("index-paper"), words("index-held"), self.market.clone()]
                .into_iter()
                .chain(["index-head-excess", "index-head-held-excess"].map(words))
                .map(|name| ShownColumn::number(name, percent)),
        );
        columns.push(ShownColumn::number(words("index-head-turnover"), Format::Number(1)));
        let mut table = Shown::new("year", words("index-table-year"), columns);
        let (worst, held) = (self.extremes().map(|(_, worst)| worst), self.held_excess());
        for (i, year) in self.names.iter().enumerate() {
            let numbers = [
                self.paper[i],
                self.held[i],
                self.benchmark[i],
                self.excess[i],
                held[i],
                self.turnover[i],
            ];
            let cells = std::iter::once(Cell::Words(Text::same(year)))
                .chain(numbers.map(Cell::Number))
                .collect();
            table.push(Row { cells, is_emphasised: Some(i) == worst });
        }
        table.note = words("index-table-year-note");
        Some(table)
    }
}

/// CSI All Share, whose readers know it by name.
const ALL_SHARE: &str = "000985.CSI";

fn benchmark_name(symbol: &str) -> Text {
    match symbol {
        "" => words("index-benchmark"),
        ALL_SHARE => words("index-all-share"),
        other => Text::same(other),
    }
}
