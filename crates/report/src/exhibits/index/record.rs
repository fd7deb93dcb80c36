//! The index on paper and in the ledger, day by day.

use shoals_core::TradingDay;

use super::EXHIBIT;
use super::capacity::round_money;
use crate::ReportError;
use crate::chart::{Axis, Chart, Colour, Layer, Stroke};
use crate::exhibits::source::{Source, period};
use crate::i18n::{Arg, Text, message, words};
use crate::number::Format;

pub(super) struct Record<'a> {
    pub(super) days: &'a [TradingDay],
    /// Value of one yuan on paper.
    paper: Vec<f64>,
    /// Value of one yuan in the ledger, on the same days.
    held: Vec<f64>,
    /// The ledger's assets at the start, CNY.
    pub(super) assets: f64,
}

impl<'a> Record<'a> {
    pub(super) fn read(source: &Source<'a>) -> Result<Self, ReportError> {
        let nav = source.frame(EXHIBIT, "nav")?;
        let ledger = source.frame(EXHIBIT, "implementable")?;
        let (days, held_days) = (nav.days("date")?, ledger.days("date")?);
        let held = ledger.numbers("nav")?;
        let assets = held.first().copied().unwrap_or(f64::NAN);
        let on = |day: &TradingDay| {
            held_days.binary_search(day).map_or(f64::NAN, |at| held[at] / assets)
        };
        Ok(Self { days, paper: nav.numbers("nav")?, held: days.iter().map(on).collect(), assets })
    }

    pub(super) fn paper(&self) -> &[f64] {
        &self.paper
    }

    pub(super) fn held_gain(&self) -> f64 {
        self.held.last().map_or(f64::NAN, |value| value - 1.0)
    }

    pub(super) fn args(&self) -> Vec<(&'static str, Arg)> {
        let last = |values: &[f64]| values.last().copied().unwrap_or(f64::NAN);
        vec![
            ("paper", last(&self.paper).into()),
            ("held", last(&self.held).into()),
            ("assets", round_money(self.assets).into()),
            ("from", self.days[0].into()),
            ("to", self.days[self.days.len() - 1].into()),
            ("period", period(self.days).into()),
        ]
    }

    pub(super) fn answer(&self) -> Text {
        message("index-answer", &self.args())
    }

    pub(super) fn chart(&self) -> Chart {
        let line = |key: &str, colour, values: &[f64], stroke| Layer::Line {
            name: words(key),
            colour,
            values: values.to_vec(),
            stroke,
        };
        let layers = vec![
            line("index-paper", Colour::Muted, &self.paper, Stroke::Plain),
            line("index-held", Colour::Accent, &self.held, Stroke::Strong),
        ];
        Chart::layers("nav", Format::Number(2), Axis::Days(self.days.to_vec()), layers)
            .titled(
                message("index-nav-title", &self.args()),
                message("index-nav-unit", &self.args()),
            )
            .captioned(words("index-nav-caption"))
            .with_rule(1.0, Text::default(), Colour::Faint)
    }
}
