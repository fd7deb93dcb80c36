//! The annualised basis through time, at a constant maturity and at the quarter.

use shoals_core::TradingDay;

use super::{EXHIBIT, product_colour, products_of};
use crate::ReportError;
use crate::chart::{Axis, Chart, Colour, Event, Layer, Stroke};
use crate::exhibits::source::{Frame, Source, lowest, period};
use crate::i18n::{Text, message, words};
use crate::number::Format;

pub(super) struct History {
    days: Vec<TradingDay>,
    /// Each product's constant-maturity rate and its score against the days before.
    maturity: Vec<Path>,
    /// Each product's first quarter contract.
    quarter: Vec<Path>,
    tenor: Text,
}

struct Path {
    product: String,
    rate: Vec<f64>,
    score: Vec<f64>,
}

/// The product the exhibit tells of, and its deepest day.
pub(super) struct Told {
    pub(super) product: String,
    pub(super) on: TradingDay,
    pub(super) deepest: f64,
    score: f64,
    /// 5th, 50th and 95th percentile of the rate.
    typical: [f64; 3],
    period: String,
    /// `30-day`.
    tenor: Text,
}

impl History {
    pub(super) fn read(source: &Source) -> Result<Self, ReportError> {
        let stress = source.frame(EXHIBIT, "stress")?;
        let mut days = stress.days("date")?.to_vec();
        days.sort_unstable();
        days.dedup();
        let maturity = paths(&stress, &days, None)?;
        let quarter = match source.optional(EXHIBIT, "curve") {
            Some(curve) => paths(&curve, &days, Some("quarter1"))?,
            None => Vec::new(),
        };
        Ok(Self { days, maturity, quarter, tenor: tenor(&stress) })
    }

    pub(super) fn told(&self) -> Option<Told> {
        let path = self.maturity.first()?;
        let deepest = lowest(&path.rate)?;
        Some(Told {
            product: path.product.clone(),
            on: self.days[deepest],
            deepest: path.rate[deepest],
            score: path.score[deepest],
            typical: [0.05, 0.5, 0.95].map(|share| quantile(&path.rate, share)),
            period: period(&self.days),
            tenor: self.tenor.clone(),
        })
    }

    pub(super) fn maturity_chart(&self, told: &Told) -> Chart {
        let args = [("product", told.product.as_str().into()), ("median", told.typical[1].into())];
        let event = Event {
            from: told.on,
            to: None,
            label: Text::same(told.on.to_string()),
            colour: Colour::Accent,
        };
        self.chart("maturity", &self.maturity)
            .titled(
                message("maturity-title", &args),
                message("maturity-unit", &[("period", told.period.as_str().into())]),
            )
            .captioned(words("maturity-caption"))
            .with_events([event])
    }

    pub(super) fn quarter_chart(&self) -> Option<Chart> {
        let path = self.quarter.first()?;
        let deepest = lowest(&path.rate)?;
        let args = [
            ("product", path.product.as_str().into()),
            ("low", path.rate[deepest].into()),
            ("day", self.days[deepest].into()),
        ];
        let unit = message("quarter-unit", &[("period", period(&self.days).into())]);
        let chart =
            self.chart("quarter", &self.quarter).titled(message("quarter-title", &args), unit);
        Some(chart.captioned(words("quarter-caption")).tall(280))
    }

    fn chart(&self, id: &str, paths: &[Path]) -> Chart {
        let line = |path: &Path| Layer::Line {
            name: Text::same(&path.product),
            colour: product_colour(&path.product),
            values: path.rate.clone(),
            stroke: Stroke::Plain,
        };
        let lines = paths.iter().rev().map(line).collect();
        Chart::layers(id, Format::Percent(1), Axis::Days(self.days.clone()), lines)
    }
}

/// The constant maturity in words, where the table says how many days it is.
fn tenor(stress: &Frame) -> Text {
    let days = stress.optional_numbers("maturity_days");
    match days.and_then(|days| days.first().copied()) {
        Some(n) => message("basis-tenor", &[("n", n.into())]),
        None => words("basis-tenor-constant"),
    }
}

/// The rate of every product on every day, NaN where the table has none.
fn paths(frame: &Frame, days: &[TradingDay], slot: Option<&str>) -> Result<Vec<Path>, ReportError> {
    let (dates, products) = (frame.days("date")?, frame.words("product")?);
    let (rates, scores) = (frame.numbers("basis_rate")?, frame.numbers("z_score")?);
    let slots = if slot.is_some() { frame.words("slot")? } else { Vec::new() };
    let mut paths: Vec<Path> = products_of(&products)
        .into_iter()
        .map(|product| Path {
            product,
            rate: vec![f64::NAN; days.len()],
            score: vec![f64::NAN; days.len()],
        })
        .collect();
    for (i, date) in dates.iter().enumerate() {
        if slot.is_some_and(|slot| slots[i] != slot) {
            continue;
        }
        let path = paths.iter_mut().find(|path| path.product == products[i]);
        if let (Some(path), Ok(at)) = (path, days.binary_search(date)) {
            path.rate[at] = rates[i];
            path.score[at] = scores[i];
        }
    }
    Ok(paths)
}

/// The value below which that share of the finite values lies, by the nearest rank.
fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|x| x.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => f64::NAN,
        n => sorted[((n - 1) as f64 * share).round() as usize],
    }
}

impl Told {
    pub(super) fn title(&self) -> Text {
        let args = [
            ("product", self.product.as_str().into()),
            ("day", self.on.into()),
            ("rate", self.deepest.abs().into()),
            ("tenor", (&self.tenor).into()),
        ];
        message(if self.deepest < 0.0 { "basis-title" } else { "basis-title-premium" }, &args)
    }

    /// What the deepest rate measures.
    pub(super) fn label(&self) -> Text {
        message("basis-label", &[("tenor", (&self.tenor).into())])
    }

    pub(super) fn typical(&self) -> Text {
        let args = [
            ("product", self.product.as_str().into()),
            ("low", self.typical[0].into()),
            ("median", self.typical[1].into()),
            ("high", self.typical[2].into()),
            ("day", self.on.into()),
            ("rate", self.deepest.into()),
            ("score", self.score.into()),
            ("tenor", (&self.tenor).into()),
        ];
        let key = if self.score.is_finite() { "basis-typical-score" } else { "basis-typical" };
        message(key, &args)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_nearest_ranks() {
        let values = [3.0, f64::NAN, 1.0, 2.0];
        assert_eq!([0.0, 0.5, 1.0].map(|q| quantile(&values, q)), [1.0, 2.0, 3.0]);
        assert!(quantile(&[], 0.5).is_nan());
    }
}
