//! What is left of the index at growing assets.

use super::{EXHIBIT, Record};
use crate::ReportError;
use crate::chart::{Axis, Chart, Colour, Layer, Stroke};
use crate::exhibit::{Cell, Row, Shown, ShownColumn};
use crate::exhibits::source::Source;
use crate::i18n::{Arg, Lang, Text, message, words};
use crate::number::{self, Format};

/// Relative difference of assets below which two ledgers are the same.
const SAME_ASSETS: f64 = 1e-6;

pub(super) struct Capacity {
    points: Vec<Point>,
    /// Assets of the ledger told about, CNY.
    own_assets: f64,
}

/// One amount of assets; as the outcome's `capacity` table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Point {
    assets: f64,
    pub(super) annual_return: f64,
    shortfall: f64,
    annual_cost: f64,
    annual_turnover: f64,
    mean_unfilled: f64,
    mean_cash: f64,
}

impl Point {
    /// Annual return of the paper index.
    fn paper(&self) -> f64 {
        self.annual_return + self.shortfall
    }

    pub(super) fn args(&self) -> Vec<(&'static str, Arg)> {
        vec![
            ("assets", round_money(self.assets).into()),
            ("paper", self.paper().into()),
            ("held", self.annual_return.into()),
            ("shortfall", self.shortfall.into()),
            ("gain", (-self.shortfall).into()),
            ("cost", self.annual_cost.into()),
            ("turnover", self.annual_turnover.into()),
            ("unfilled", self.mean_unfilled.into()),
        ]
    }
}

impl Capacity {
    pub(super) fn read(source: &Source, record: &Record) -> Result<Self, ReportError> {
        let frame = source.frame(EXHIBIT, "capacity")?;
        let (assets, annual) = (frame.numbers("assets")?, frame.numbers("annual_return")?);
        let (shortfall, cost) = (frame.numbers("shortfall")?, frame.numbers("annual_cost")?);
        let turnover = frame.numbers("annual_turnover")?;
        let (unfilled, cash) = (frame.numbers("mean_unfilled")?, frame.numbers("mean_cash")?);
        let point = |i: usize| Point {
            assets: assets[i],
            annual_return: annual[i],
            shortfall: shortfall[i],
            annual_cost: cost[i],
            annual_turnover: turnover[i],
            mean_unfilled: unfilled[i],
            mean_cash: cash[i],
        };
        let mut points: Vec<Point> = (0..frame.n_rows()).map(point).collect();
        points.sort_by(|a, b| a.assets.total_cmp(&b.assets));
        Ok(Self { points, own_assets: record.assets })
    }

    /// The point of the ledger that is told.
    pub(super) fn own(&self) -> Option<Point> {
        self.points.iter().copied().find(|point| self.is_own(point))
    }

    fn is_own(&self, point: &Point) -> bool {
        (point.assets / self.own_assets - 1.0).abs() < SAME_ASSETS
    }

    /// Everything the messages on the ends of the curve may name.
    fn args(&self) -> Option<Vec<(&'static str, Arg)>> {
        let (least, most) = (self.points.first()?, self.points.last()?);
        Some(vec![
            ("least", round_money(least.assets).into()),
            ("least_held", least.annual_return.into()),
            ("most", round_money(most.assets).into()),
            ("most_held", most.annual_return.into()),
            ("least_turnover", least.annual_turnover.into()),
            ("most_turnover", most.annual_turnover.into()),
            ("most_unfilled", most.mean_unfilled.into()),
            ("most_cash", most.mean_cash.into()),
            ("paper", least.paper().into()),
        ])
    }

    pub(super) fn sentence(&self) -> Option<Text> {
        let args = self.args()?;
        let own = self.own().map(|own| {
            let key =
                if own.shortfall > 0.0 { "index-cost-sentence" } else { "index-gain-sentence" };
            message(key, &own.args())
        });
        let is_unbounded = self.points[self.points.len() - 1].annual_return
            >= self.points[0].annual_return
            && self.points.len() > 1;
        let caveat = is_unbounded.then(|| words("index-capacity-unbounded"));
        let curve = message("index-capacity-sentence", &args);
        let parts: Vec<Text> = own.into_iter().chain([curve]).chain(caveat).collect();
        Some(Text::sentences(&parts))
    }

    /// Page one: what the ledger kept, and what the largest one would have.
    pub(super) fn verdict(&self, own: &Point) -> Text {
        let mut args = own.args();
        args.extend(self.args().into_iter().flatten().filter(|(key, _)| *key != "paper"));
        message("index-verdict", &args)
    }

    pub(super) fn chart(&self) -> Option<Chart> {
        let args = self.args().filter(|_| self.points.len() > 1)?;
        let axis = Axis::Names(self.points.iter().map(|point| round_money(point.assets)).collect());
        let of = |value: fn(&Point) -> f64| self.points.iter().map(value).collect::<Vec<f64>>();
        let line = |key: &str, colour, values, stroke| Layer::Line {
            name: words(key),
            colour,
            values,
            stroke,
        };
        let layers = vec![
            line("index-paper", Colour::Muted, of(Point::paper), Stroke::Dashed),
            line("index-capacity-cost", Colour::Faint, of(|p| p.annual_cost), Stroke::Plain),
            line("index-held", Colour::Accent, of(|p| p.annual_return), Stroke::Strong),
        ];
        Some(
            Chart::layers("capacity", Format::Percent(1), axis, layers)
                .titled(message("index-capacity-title", &args), words("index-capacity-unit"))
                .captioned(words("index-capacity-caption"))
                .tall(300),
        )
    }

    pub(super) fn table(&self) -> Option<Shown> {
        if self.points.is_empty() {
            return None;
        }
        let (one, number) = (Format::Percent(1), Format::Number(1));
        let head = |key: &str, format| ShownColumn::number(words(key), format);
        let columns = vec![
            ShownColumn::words(words("index-head-assets")),
            head("index-head-return", one),
            head("index-head-shortfall", one),
            head("index-head-cost", one),
            head("index-head-turnover", number),
            head("index-head-unfilled", one),
            head("index-head-cash", one),
        ];
        let mut table = Shown::new("capacity", words("index-table-capacity"), columns);
        for point in &self.points {
            let numbers = [
                point.annual_return,
                point.shortfall,
                point.annual_cost,
                point.annual_turnover,
                point.mean_unfilled,
                point.mean_cash,
            ];
            let cells = std::iter::once(Cell::Words(round_money(point.assets)))
                .chain(numbers.map(Cell::Number))
                .collect();
            table.push(Row { cells, is_emphasised: self.is_own(point) });
        }
        table.note = words("index-table-capacity-note");
        Some(table)
    }
}

/// Money without idle decimals: `1 亿元`, `CNY 100 million`.
pub(super) fn round_money(value: f64) -> Text {
    let of = |lang| {
        let shown = number::money(value, lang);
        shown.replacen(".00 ", " ", 1).replacen(".0 ", " ", 1)
    };
    Text::new(of(Lang::Zh), of(Lang::En))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_amounts_carry_no_decimals() {
        for (value, zh, en) in [
            (1e7, "1,000 万元", "CNY 10 million"),
            (3e8, "3 亿元", "CNY 300 million"),
            (1.25e9, "12.50 亿元", "CNY 1.25 billion"),
        ] {
            assert_eq!(round_money(value), Text::new(zh, en));
        }
    }
}
