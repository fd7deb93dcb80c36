//! What insurance was worth: the volatility index of a chain, its parity errors, a straddle's history.

use std::collections::BTreeMap;

use shoals_core::{Segment, TradingDay};

use super::source::{Source, highest, lowest, period};
use crate::ReportError;
use crate::chart::{Axis, Chart, Colour, Layer, Stroke};
use crate::columns::heading;
use crate::exhibit::{Cell, Exhibit, Row, Shown, ShownColumn};
use crate::i18n::{Arg, Text, message, words};
use crate::number::Format;

const EXHIBIT: &str = "option";

/// The part of exhibit 7 that a chain fills, from the option outcome's `volatility_index`, `parity`, `straddle_day` and
/// `straddle_year` tables; a part that was not asked for is left out.
///
/// # Errors
/// A table without the columns the outcome contract promises.
pub fn option(source: &Source) -> Result<Exhibit, ReportError> {
    let mut exhibit = source.exhibit(7, EXHIBIT, words("option-question"));
    let (index, parity, history) =
        (Index::read(source)?, Parity::read(source)?, History::read(source)?);
    exhibit.title = match (&history, &index) {
        (Some(history), _) => history.title(),
        (None, Some(index)) => index.title(),
        (None, None) => words("option-title-empty"),
    };
    exhibit.answer.extend(index.as_ref().map(Index::sentence));
    exhibit.answer.extend(parity.as_ref().map(Parity::sentence));
    exhibit.answer.extend(history.as_ref().map(History::sentence));
    exhibit.charts.extend(index.as_ref().map(Index::chart));
    exhibit.charts.extend(parity.as_ref().map(Parity::chart));
    exhibit.charts.extend(history.as_ref().map(History::chart));
    exhibit.tables.extend(history.as_ref().map(History::table));
    exhibit.notes = vec![words("option-note-close")];
    Ok(exhibit)
}

/// The volatility index, a value a day.
struct Index<'a> {
    days: &'a [TradingDay],
    values: Vec<f64>,
}

impl<'a> Index<'a> {
    fn read(source: &Source<'a>) -> Result<Option<Self>, ReportError> {
        let Some(frame) = source.optional(EXHIBIT, "volatility_index") else { return Ok(None) };
        let (days, values) = (frame.days("date")?, frame.numbers("volatility")?);
        Ok((days.len() > 1).then_some(Self { days, values }))
    }

    fn args(&self) -> Vec<(&'static str, Arg)> {
        let last = self.days.len() - 1;
        let (low, high) =
            (lowest(&self.values).unwrap_or(last), highest(&self.values).unwrap_or(last));
        vec![
            ("low", self.values[low].into()),
            ("low_day", self.days[low].into()),
            ("high", self.values[high].into()),
            ("high_day", self.days[high].into()),
            ("last", self.values[last].into()),
            ("day", self.days[last].into()),
            ("period", period(self.days).into()),
        ]
    }

    fn title(&self) -> Text {
        message("option-index-title", &self.args())
    }

    fn sentence(&self) -> Text {
        message("option-index", &self.args())
    }

    fn chart(&self) -> Chart {
        let layers = vec![Layer::Line {
            name: words("option-line-index"),
            colour: Colour::Accent,
            values: self.values.clone(),
            stroke: Stroke::Plain,
        }];
        Chart::layers(
            "volatility_index",
            Format::Percent(0),
            Axis::Days(self.days.to_vec()),
            layers,
        )
        .titled(self.title(), message("option-index-unit", &self.args()))
        .captioned(words("option-index-caption"))
        .tall(280)
    }
}

/// The median parity error over the expiries of a day.
struct Parity {
    days: Vec<TradingDay>,
    medians: Vec<f64>,
    /// Of every expiry and day, rising.
    all: Vec<f64>,
}

impl Parity {
    fn read(source: &Source) -> Result<Option<Self>, ReportError> {
        let Some(frame) = source.optional(EXHIBIT, "parity") else { return Ok(None) };
        let (dates, errors) = (frame.days("date")?, frame.numbers("median_error")?);
        let mut by_day: BTreeMap<TradingDay, Vec<f64>> = BTreeMap::new();
        for (day, error) in dates.iter().zip(&errors).filter(|(_, error)| error.is_finite()) {
            by_day.entry(*day).or_default().push(*error);
        }
        let mut all: Vec<f64> = errors.into_iter().filter(|error| error.is_finite()).collect();
        all.sort_by(f64::total_cmp);
        let middle = |mut errors: Vec<f64>| {
            errors.sort_by(f64::total_cmp);
            errors[errors.len() / 2]
        };
        let (days, medians): (Vec<_>, Vec<_>) =
            by_day.into_iter().map(|(day, errors)| (day, middle(errors))).unzip();
        Ok((days.len() > 1).then_some(Self { days, medians, all }))
    }

    /// The error that the share `part` of expiries and days stays below.
    fn at(&self, part: f64) -> f64 {
        let last = self.all.len() - 1;
        self.all[(part * last as f64).round() as usize]
    }

    fn args(&self) -> Vec<(&'static str, Arg)> {
        let worst = highest(&self.medians).unwrap_or(0);
        vec![
            ("median", self.at(0.5).into()),
            ("tail", self.at(0.99).into()),
            ("n", self.all.len().into()),
            ("worst", self.medians[worst].into()),
            ("day", self.days[worst].into()),
            ("period", period(&self.days).into()),
        ]
    }

    fn sentence(&self) -> Text {
        message("option-parity", &self.args())
    }

    fn chart(&self) -> Chart {
        let layers = vec![Layer::Line {
            name: words("option-line-parity"),
            colour: Colour::Segment(Segment::Csi300),
            values: self.medians.clone(),
            stroke: Stroke::Thin,
        }];
        Chart::layers("parity", Format::Percent(2), Axis::Days(self.days.clone()), layers)
            .titled(
                message("option-parity-title", &self.args()),
                message("option-parity-unit", &self.args()),
            )
            .captioned(words("option-parity-caption"))
            .tall(240)
    }
}

/// Lines of a straddle's gain, in the order they are told.
const LINES: [(&str, Colour); 4] = [
    ("theta", Colour::Rise),
    ("gamma", Colour::Fall),
    ("vega", Colour::Segment(Segment::Csi500)),
    ("delta", Colour::Segment(Segment::Csi300)),
];

const YEAR_COLUMNS: [&str; 10] = [
    "total",
    "theta",
    "gamma",
    "vega",
    "delta",
    "residual",
    "hedge",
    "cost",
    "worst_day",
    "max_drawdown",
];

/// A straddle held through the chain.
struct History<'a> {
    days: &'a [TradingDay],
    /// Summed, in the order of [`LINES`].
    lines: Vec<Vec<f64>>,
    cumulative: Vec<f64>,
    years: Vec<String>,
    columns: Vec<(&'static str, Vec<f64>)>,
}

impl<'a> History<'a> {
    fn read(source: &Source<'a>) -> Result<Option<Self>, ReportError> {
        let (Some(daily), Some(yearly)) =
            (source.optional(EXHIBIT, "straddle_day"), source.optional(EXHIBIT, "straddle_year"))
        else {
            return Ok(None);
        };
        let mut lines = Vec::new();
        for (name, _) in LINES {
            let mut sum = 0.0;
            let summed = daily.numbers(name)?.into_iter().map(|x| {
                sum += if x.is_finite() { x } else { 0.0 };
                sum
            });
            lines.push(summed.collect());
        }
        let read = |name: &'static str| Ok((name, yearly.numbers(name)?));
        let found = Self {
            days: daily.days("date")?,
            lines,
            cumulative: daily.numbers("cumulative")?,
            years: yearly.words("year")?,
            columns: YEAR_COLUMNS.into_iter().map(read).collect::<Result<_, ReportError>>()?,
        };
        Ok((found.days.len() > 1).then_some(found))
    }

    /// A column of the row of all years.
    fn of_all(&self, column: &str) -> f64 {
        let row = self.years.iter().position(|year| year == "all");
        let values = self.columns.iter().find(|(name, _)| *name == column).map(|(_, v)| v);
        row.zip(values).map_or(f64::NAN, |(row, values)| values[row])
    }

    fn args(&self) -> Vec<(&'static str, Arg)> {
        let last = self.days.len() - 1;
        let mut args: Vec<(&'static str, Arg)> =
            YEAR_COLUMNS.iter().map(|name| (*name, self.of_all(name).into())).collect();
        args.extend([
            ("from", self.days[0].into()),
            ("to", self.days[last].into()),
            ("period", period(self.days).into()),
        ]);
        args
    }

    fn title(&self) -> Text {
        message("option-straddle-title", &self.args())
    }

    fn sentence(&self) -> Text {
        message("option-straddle", &self.args())
    }

    fn chart(&self) -> Chart {
        let lines = LINES.iter().zip(&self.lines).map(|((name, colour), values)| Layer::Line {
            name: heading(name),
            colour: *colour,
            values: values.clone(),
            stroke: Stroke::Thin,
        });
        let total = Layer::Line {
            name: heading("total"),
            colour: Colour::Ink,
            values: self.cumulative.clone(),
            stroke: Stroke::Strong,
        };
        let layers = lines.chain([total]).collect();
        Chart::layers("straddle", Format::Percent(0), Axis::Days(self.days.to_vec()), layers)
            .titled(self.title(), message("option-straddle-unit", &self.args()))
            .captioned(words("option-straddle-caption"))
            .tall(360)
    }

    fn table(&self) -> Shown {
        let shown: Vec<&(&str, Vec<f64>)> = self
            .columns
            .iter()
            .filter(|(_, values)| values.iter().any(|value| value.abs() > 1e-12))
            .collect();
        let mut columns = vec![ShownColumn::words(heading("year"))];
        let percent =
            |(name, _): &&(&str, Vec<f64>)| ShownColumn::number(heading(name), Format::Percent(1));
        columns.extend(shown.iter().map(percent));
        let mut table = Shown::new("straddle_years", words("option-years-title"), columns);
        for (row, year) in self.years.iter().enumerate() {
            let is_all = year == "all";
            let label = if is_all { words("replicate-whole") } else { Text::same(year) };
            let mut cells = vec![Cell::Words(label)];
            cells.extend(shown.iter().map(|(_, values)| Cell::Number(values[row])));
            table.push(Row { cells, is_emphasised: is_all });
        }
        table.note = words("option-years-note");
        table
    }
}
