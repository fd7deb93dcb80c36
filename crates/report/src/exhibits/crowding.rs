//! Exhibit 12: how crowded are the smallest companies, what moved it, and did it foretell anything?

use shoals_core::TradingDay;

use super::source::{Frame, Source, highest, period};
use crate::ReportError;
use crate::chart::{Axis, Chart, Colour, Event, Layer, Plot, Rung, Stroke};
use crate::exhibit::{Cell, Exhibit, Row, Shown, ShownColumn, Verdict};
use crate::i18n::{Arg, Text, message, words};
use crate::number::{self, Format};

const EXHIBIT: &str = "crowding";

/// Exhibit 12 from the `day`, `measure`, `moved` and `evidence` tables of a crowding outcome.
///
/// # Errors
/// A table or column the outcome contract promises is not there.
pub fn crowding(source: &Source) -> Result<Exhibit, ReportError> {
    let mut exhibit = source.exhibit(12, EXHIBIT, words("crowding-question"));
    let frame = source.frame(EXHIBIT, "day")?;
    let composite = Composite {
        days: frame.days("date")?,
        values: frame.numbers("composite")?,
        percentile: frame.numbers("percentile")?,
    };
    let Some(peak) = highest(&composite.values) else {
        exhibit.title = words("crowding-title-empty");
        return Ok(exhibit);
    };
    let args = composite.args(peak);
    exhibit.title = message("crowding-title", &args);
    let evidence = Evidence::read(source)?;
    exhibit.verdict = vec![Verdict {
        figure: Text::same(number::fixed(composite.values[peak], 2)),
        label: message("crowding-label", &args),
        sentence: Text::sentences([&message("crowding-verdict", &args), &evidence.sentence()]),
        ..Verdict::default()
    }];
    let moved = Moved::read(source)?;
    exhibit.answer = [Some(message("crowding-answer", &args)), moved.sentence()]
        .into_iter()
        .flatten()
        .chain([evidence.sentence()])
        .collect();
    exhibit.charts = vec![composite.chart(peak, &args)];
    exhibit.charts.extend(heat(source)?);
    exhibit.charts.extend(moved.chart());
    exhibit.tables = moved.table().into_iter().chain([evidence.table()]).collect();
    exhibit.notes = ["crowding-note-percentile", "crowding-note-measures", "crowding-note-weeks"]
        .map(words)
        .to_vec();
    Ok(exhibit)
}

struct Composite<'a> {
    days: &'a [TradingDay],
    values: Vec<f64>,
    percentile: Vec<f64>,
}

impl Composite<'_> {
    fn args(&self, peak: usize) -> Vec<(&'static str, Arg)> {
        let known: Vec<usize> =
            (0..self.days.len()).filter(|&t| self.values[t].is_finite()).collect();
        let (first, last) = (known[0], known[known.len() - 1]);
        vec![
            ("day", self.days[peak].into()),
            ("composite", self.values[peak].into()),
            ("percentile", self.percentile[peak].into()),
            ("from", self.days[first].into()),
            ("to", self.days[last].into()),
            ("last", self.values[last].into()),
            ("last_percentile", self.percentile[last].into()),
            ("period", period(&self.days[first..=last]).into()),
        ]
    }

    fn chart(&self, peak: usize, args: &[(&'static str, Arg)]) -> Chart {
        let layers = vec![Layer::Line {
            name: words("crowding-composite"),
            colour: Colour::Accent,
            values: self.values.clone(),
            stroke: Stroke::Strong,
        }];
        let event = Event {
            from: self.days[peak],
            to: None,
            label: Text::same(self.days[peak].to_string()),
            colour: Colour::Accent,
        };
        Chart::layers("composite", Format::Number(2), Axis::Days(self.days.to_vec()), layers)
            .titled(
                message("crowding-composite-title", args),
                message("crowding-composite-unit", args),
            )
            .captioned(words("crowding-composite-caption"))
            .with_rule(0.5, words("crowding-composite-rule"), Colour::Faint)
            .with_events([event])
    }
}

/// Every measure's crowding at the end of each quarter and of the last month, less one half.
fn heat(source: &Source) -> Result<Option<Chart>, ReportError> {
    let frame = source.frame(EXHIBIT, "measure")?;
    let (days, names) = (frame.days("date")?, frame.words("measure")?);
    let crowding = frame.numbers("crowding")?;
    let known: Vec<usize> = (0..days.len()).filter(|&i| crowding[i].is_finite()).collect();
    let mut quarters: Vec<String> = known.iter().map(|&i| quarter(days[i])).collect();
    quarters.dedup();
    let mut measures: Vec<&str> = Vec::new();
    for &i in &known {
        if !measures.contains(&names[i].as_str()) {
            measures.push(&names[i]);
        }
    }
    if quarters.len() < 2 || measures.is_empty() {
        return Ok(None);
    }
    let mut values = vec![vec![f64::NAN; quarters.len()]; measures.len()];
    // The last day of a quarter wins.
    for &i in &known {
        let (row, column) = (
            measures.iter().position(|name| *name == names[i]),
            quarters.iter().position(|name| *name == quarter(days[i])),
        );
        if let (Some(row), Some(column)) = (row, column) {
            values[row][column] = crowding[i] - 0.5;
        }
    }
    let rows: Vec<Text> = measures.iter().map(|name| measure_words(name)).collect();
    let height = 60 + 26 * rows.len() as u16;
    let plot = Plot::Heat {
        columns: quarters.iter().map(Text::same).collect(),
        rows,
        values,
        marked: Vec::new(),
    };
    Ok(Some(
        Chart::heat("measures", Format::Number(2), plot)
            .titled(words("crowding-heat-title"), words("crowding-heat-unit"))
            .captioned(words("crowding-heat-caption"))
            .tall(height),
    ))
}

/// `2024 Q1`.
fn quarter(day: TradingDay) -> String {
    let (year, month, _) = day.ymd();
    format!("{year} Q{}", month.div_ceil(3))
}

/// What moved the composite between the first two days compared.
struct Moved<'a> {
    from: Option<(TradingDay, TradingDay)>,
    pairs: Vec<(TradingDay, TradingDay)>,
    measures: Vec<String>,
    columns: Vec<Vec<f64>>,
    frame: Frame<'a>,
}

const MOVED: [&str; 5] =
    ["reading_from", "reading_to", "crowding_from", "crowding_to", "contribution"];

impl<'a> Moved<'a> {
    fn read(source: &Source<'a>) -> Result<Self, ReportError> {
        let frame = source.frame(EXHIBIT, "moved")?;
        let (from, to) = (frame.days("from")?, frame.days("to")?);
        let pairs: Vec<_> = from.iter().copied().zip(to.iter().copied()).collect();
        Ok(Self {
            from: pairs.first().copied(),
            pairs,
            measures: frame.words("measure")?,
            columns: MOVED.into_iter().map(|name| frame.numbers(name)).collect::<Result<_, _>>()?,
            frame,
        })
    }

    /// Rows of the pair told about, the composite last.
    fn rows(&self, pair: (TradingDay, TradingDay)) -> Vec<usize> {
        (0..self.frame.n_rows()).filter(|&i| self.pairs[i] == pair).collect()
    }

    fn contribution(&self, i: usize) -> f64 {
        self.columns[4][i]
    }

    fn args(&self, pair: (TradingDay, TradingDay)) -> Option<Vec<(&'static str, Arg)>> {
        let rows = self.rows(pair);
        let (&whole, parts) = rows.split_last()?;
        let &first = parts.first()?;
        Some(vec![
            ("from", pair.0.into()),
            ("to", pair.1.into()),
            ("before", self.columns[0][whole].into()),
            ("after", self.columns[1][whole].into()),
            ("change", self.contribution(whole).into()),
            ("most", measure_words(&self.measures[first]).into()),
            ("part", self.contribution(first).into()),
        ])
    }

    fn sentence(&self) -> Option<Text> {
        Some(message("crowding-moved", &self.args(self.from?)?))
    }

    fn chart(&self) -> Option<Chart> {
        let pair = self.from?;
        let args = self.args(pair)?;
        let rung = |i: usize| Rung {
            name: measure_words(&self.measures[i]),
            value: self.contribution(i),
            band: None,
            colour: if self.measures[i] == "composite" { Colour::Ink } else { Colour::Accent },
        };
        let rungs: Vec<Rung> = self.rows(pair).into_iter().map(rung).collect();
        let height = 46 + 30 * rungs.len() as u16;
        Some(
            Chart::ladder("moved", Format::Number(3), rungs)
                .titled(
                    message("crowding-moved-title", &args),
                    message("crowding-moved-unit", &args),
                )
                .captioned(words("crowding-moved-caption"))
                .tall(height),
        )
    }

    fn table(&self) -> Option<Shown> {
        let first = self.from?;
        let number = Format::Number(3);
        let mut columns = ["crowding-head-from", "crowding-head-to", "crowding-head-measure"]
            .map(|key| ShownColumn::words(words(key)))
            .to_vec();
        columns.extend(
            [
                "crowding-head-reading-from",
                "crowding-head-reading-to",
                "crowding-head-crowding-from",
                "crowding-head-crowding-to",
                "crowding-head-part",
            ]
            .map(|key| ShownColumn::number(words(key), number)),
        );
        let mut table = Shown::new("moved", words("crowding-table-moved"), columns);
        for i in 0..self.frame.n_rows() {
            let (from, to) = self.pairs[i];
            let cells =
                [Cell::Day(from), Cell::Day(to), Cell::Words(measure_words(&self.measures[i]))];
            let numbers = self.columns.iter().map(|column| Cell::Number(column[i]));
            table.push(Row {
                cells: cells.into_iter().chain(numbers).collect(),
                is_emphasised: self.measures[i] == "composite" && self.pairs[i] == first,
            });
        }
        table.note = words("crowding-table-moved-note");
        Some(table)
    }
}

/// What followed crowded days.
struct Evidence {
    horizons: Vec<f64>,
    columns: Vec<Vec<f64>>,
    verdicts: Vec<Text>,
}

impl Evidence {
    fn read(source: &Source) -> Result<Self, ReportError> {
        let frame = source.frame(EXHIBIT, "evidence")?;
        let columns =
            ["n_days", "n_independent", "rank_correlation", "slope", "standard_error", "p_value"];
        Ok(Self {
            horizons: frame.numbers("horizon")?,
            columns: columns
                .into_iter()
                .map(|name| frame.numbers(name))
                .collect::<Result<_, _>>()?,
            verdicts: frame.sentences("verdict")?.to_vec(),
        })
    }

    /// What the shortest horizon says.
    fn sentence(&self) -> Text {
        let Some(verdict) = self.verdicts.first() else { return Text::default() };
        let args = [("horizon", self.horizons[0].into()), ("verdict", verdict.into())];
        message("crowding-evidence", &args)
    }

    fn table(&self) -> Shown {
        let heads = [
            ("crowding-head-horizon", Format::Number(0)),
            ("crowding-head-days", Format::Number(0)),
            ("crowding-head-independent", Format::Number(0)),
            ("crowding-head-rank", Format::Number(2)),
            ("crowding-head-slope", Format::Percent(2)),
            ("crowding-head-error", Format::Percent(2)),
            ("crowding-head-p", Format::Number(3)),
        ];
        let mut columns =
            heads.map(|(key, format)| ShownColumn::number(words(key), format)).to_vec();
        columns.push(ShownColumn::words(words("crowding-head-verdict")));
        let mut table = Shown::new("evidence", words("crowding-table-evidence"), columns);
        for (i, verdict) in self.verdicts.iter().enumerate() {
            let numbers = std::iter::once(self.horizons[i])
                .chain(self.columns.iter().map(|column| column[i]));
            let cells = numbers.map(Cell::Number).chain([Cell::Words(verdict.clone())]).collect();
            table.push(Row { cells, is_emphasised: false });
        }
        table.note = words("crowding-table-evidence-note");
        table
    }
}

/// A measure's name for readers.
fn measure_words(name: &str) -> Text {
    match name {
        "turnover_share" => words("crowding-measure-turnover"),
        "pairwise_correlation" => words("crowding-measure-pairwise"),
        "co_momentum" => words("crowding-measure-momentum"),
        "absorption" => words("crowding-measure-absorption"),
        "absorption_shift" => words("crowding-measure-shift"),
        "valuation_spread" => words("crowding-measure-valuation"),
        "residual_volatility" => words("crowding-measure-volatility"),
        "run_up" => words("crowding-measure-run"),
        "financing_share" => words("crowding-measure-financing"),
        "fund_overlap" => words("crowding-measure-overlap"),
        "composite" => words("crowding-composite"),
        other => Text::same(other),
    }
}
