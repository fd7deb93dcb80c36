//! Exhibit 7: what the hedge costs, how the roll is done, and when the hedge itself squeezes.

mod history;
mod roll;
mod squeeze;

use shoals_core::{Segment, TradingDay};

use super::source::{Frame, Source, lowest, period};
use crate::ReportError;
use crate::chart::{Axis, Chart, Colour, Layer, Stroke};
use crate::exhibit::{Exhibit, Verdict};
use crate::i18n::{Text, message, words};
use crate::number::{self, Format};

use history::{History, Told};
use roll::RollCost;
use squeeze::Squeezes;

const EXHIBIT: &str = "basis";

/// Products in the order in which the exhibit tells of one: small companies first.
const TOLD_FIRST: [&str; 4] = ["IM", "IC", "IF", "IH"];

/// Trading days between the quiet curve and the deepest one.
const QUIET_DAYS_BEFORE: usize = 20;

/// Exhibit 7 from the basis outcome's `term`, `curve`, `stress`, `squeeze` and `roll` tables.
///
/// # Errors
/// A table or column the outcome contract promises is not there.
pub fn basis(source: &Source) -> Result<Exhibit, ReportError> {
    let mut exhibit = source.exhibit(7, EXHIBIT, words("basis-question"));
    let history = History::read(source)?;
    let Some(told) = history.told() else {
        exhibit.title = words("basis-title-empty");
        return Ok(exhibit);
    };
    let squeezes = Squeezes::read(source, &told.product)?;
    let costs = RollCost::read(source)?;
    exhibit.title = told.title();
    let term = Term::read(source, &told.product)?;
    let (contract, cost) = (term.deepest(told.on), costs.sentence(&told.product));
    exhibit.verdict = vec![verdict(&told, contract.as_ref(), cost.as_ref())];
    exhibit.answer =
        [Some(told.typical()), contract, cost, squeezes.sentence()].into_iter().flatten().collect();
    exhibit.charts.extend(term.chart(told.on, squeezes.worst_near(told.on)));
    exhibit.charts.push(history.maturity_chart(&told));
    exhibit.charts.extend(history.quarter_chart());
    exhibit.charts.extend(costs.chart());
    exhibit.tables.extend(squeezes.table());
    exhibit.tables.extend(costs.table(&told.product));
    exhibit.notes = vec![words("basis-note-sign"), words("basis-note-expiry")];
    Ok(exhibit)
}

fn verdict(told: &Told, contract: Option<&Text>, cost: Option<&Text>) -> Verdict {
    let title = told.title();
    let title = Text::new(format!("{}。", title.zh), format!("{}.", title.en));
    Verdict {
        figure: Text::same(number::percent(told.deepest, 1)),
        label: told.label(),
        sentence: Text::sentences([Some(&title), contract, cost].into_iter().flatten()),
        ..Verdict::default()
    }
}

/// The colour of the segment a future stands for.
fn product_colour(product: &str) -> Colour {
    match product {
        "IM" => Colour::Segment(Segment::Csi1000),
        "IC" => Colour::Segment(Segment::Csi500),
        "IF" => Colour::Segment(Segment::Csi300),
        _ => Colour::Muted,
    }
}

/// The products of a column, in the order in which they are told.
fn products_of(column: &[String]) -> Vec<String> {
    let known = TOLD_FIRST.into_iter().filter(|name| column.iter().any(|p| p == name));
    known.map(str::to_owned).collect()
}

/// Every contract of one product, day by day.
struct Term<'a> {
    product: String,
    days: &'a [TradingDay],
    contracts: Vec<String>,
    to_expiry: Vec<f64>,
    rate: Vec<f64>,
    is_told: Vec<bool>,
}

impl<'a> Term<'a> {
    fn read(source: &Source<'a>, product: &str) -> Result<Self, ReportError> {
        let frame: Frame<'a> = source.frame(EXHIBIT, "term")?;
        let contracts = frame.words("contract")?;
        let is_told = contracts.iter().map(|c| c.starts_with(product)).collect();
        Ok(Self {
            product: product.to_owned(),
            days: frame.days("date")?,
            contracts,
            to_expiry: frame.numbers("days_to_expiry")?,
            rate: frame.numbers("basis_rate")?,
            is_told,
        })
    }

    /// The contract deepest below its index on a day, by name and quote.
    fn deepest(&self, day: TradingDay) -> Option<Text> {
        let of_day = |i: usize| self.days[i] == day && self.is_told[i] && self.to_expiry[i] > 0.0;
        let rates: Vec<f64> =
            (0..self.days.len()).map(|i| if of_day(i) { self.rate[i] } else { f64::NAN }).collect();
        let i = lowest(&rates)?;
        let contract = self.contracts[i].split('.').next().unwrap_or_default();
        let args = [
            ("contract", contract.into()),
            ("rate", rates[i].into()),
            ("left", self.to_expiry[i].into()),
        ];
        Some(message("basis-contract", &args))
    }

    /// Days to expiry and rate of each contract on a day, nearest first.
    fn on(&self, day: TradingDay) -> Vec<(f64, f64)> {
        let mut points: Vec<(f64, f64)> = (0..self.days.len())
            .filter(|i| self.days[*i] == day && self.is_told[*i] && self.rate[*i].is_finite())
            .map(|i| (self.to_expiry[i], self.rate[i]))
            .collect();
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        points
    }

    /// The curve of a quiet day, of the deepest day and of the worst squeeze day about it.
    fn chart(&self, deepest: TradingDay, squeeze: Option<TradingDay>) -> Option<Chart> {
        let mut known: Vec<TradingDay> = self.days.to_vec();
        known.sort_unstable();
        known.dedup();
        let quiet =
            known[known.partition_point(|day| *day < deepest).saturating_sub(QUIET_DAYS_BEFORE)];
        let mut days = vec![(quiet, Colour::Muted), (deepest, Colour::Accent)];
        days.extend(squeeze.filter(|day| *day != deepest).map(|day| (day, Colour::Ink)));
        days.sort_unstable_by_key(|(day, _)| *day);
        days.dedup_by_key(|(day, _)| *day);
        let curves: Vec<_> =
            days.iter().map(|(day, colour)| (*day, *colour, self.on(*day))).collect();
        let near = curves.iter().find(|(day, ..)| *day == deepest)?.2.first().copied()?;
        let far = curves.iter().find(|(day, ..)| *day == deepest)?.2.last().copied()?;
        let args = [
            ("product", self.product.as_str().into()),
            ("day", deepest.into()),
            ("near", near.1.into()),
            ("far", far.1.into()),
        ];
        let dates: Vec<TradingDay> = days.iter().map(|(day, _)| *day).collect();
        let unit = message(
            "term-unit",
            &[("product", self.product.as_str().into()), ("period", period(&dates).into())],
        );
        Some(
            Chart::layers("term", Format::Percent(1), curve_axis(&curves), curve_lines(&curves))
                .titled(message("term-title", &args), unit)
                .captioned(words("term-caption"))
                .tall(320),
        )
    }
}

type Curve = (TradingDay, Colour, Vec<(f64, f64)>);

fn places(curves: &[Curve]) -> Vec<f64> {
    let mut at: Vec<f64> =
        curves.iter().flat_map(|(.., points)| points.iter().map(|point| point.0)).collect();
    at.sort_by(f64::total_cmp);
    at.dedup();
    at
}

fn curve_axis(curves: &[Curve]) -> Axis {
    Axis::Numbers { title: words("term-axis"), at: places(curves) }
}

fn curve_lines(curves: &[Curve]) -> Vec<Layer> {
    let at = places(curves);
    let line = |(day, colour, points): &Curve| {
        let value = |x: &f64| points.iter().find(|p| p.0 == *x).map_or(f64::NAN, |p| p.1);
        Layer::Line {
            name: Text::same(day.to_string()),
            colour: *colour,
            values: at.iter().map(value).collect(),
            stroke: if *colour == Colour::Muted { Stroke::Plain } else { Stroke::Strong },
        }
    };
    curves.iter().map(line).collect()
}
