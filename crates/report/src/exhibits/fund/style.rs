//! What one fund holds, by its returns.

use shoals_core::TradingDay;

use super::{EXHIBIT, Piece};
use crate::ReportError;
use crate::chart::{Axis, Chart, Colour, Layer, Rung, Stroke};
use crate::exhibits::source::{Frame, Source, period, segment_colour};
use crate::i18n::{Arg, Text, message, segment_name, words};
use crate::number::Format;

/// Exposures whose way is drawn, with their colours.
const DRAWN: [(&str, Colour); 3] = [
    ("small_cap", Colour::Accent),
    ("net_equity", Colour::Ink),
    ("short_volatility", Colour::Muted),
];

/// The style of the fund the tables hold alone, from `exposure`, `style` and `fit`.
///
/// # Errors
/// A table or column the outcome contract promises is not there.
pub(super) fn style_page(source: &Source) -> Result<Piece, ReportError> {
    let whole = Exposures::read(&source.frame(EXHIBIT, "exposure")?)?;
    let rolling = Exposures::read(&source.frame(EXHIBIT, "style")?)?;
    let fit = source.frame(EXHIBIT, "fit")?;
    let explained = fit.numbers("r2")?;
    let mut piece = Piece::default();
    if let (Some(r2), Some(small)) = (explained.first(), whole.of("small_cap").next()) {
        let args = [
            ("r2", Arg::from(*r2)),
            ("small", whole.weights[small].into()),
            ("low", whole.low[small].into()),
            ("high", whole.high[small].into()),
        ];
        piece.answer.push(message("fund-style-held", &args));
    }
    piece.charts.extend(whole.ladder());
    piece.charts.extend(rolling.way());
    Ok(piece)
}

struct Exposures<'a> {
    days: &'a [TradingDay],
    factors: Vec<String>,
    weights: Vec<f64>,
    low: Vec<f64>,
    high: Vec<f64>,
}

impl<'a> Exposures<'a> {
    fn read(frame: &Frame<'a>) -> Result<Self, ReportError> {
        Ok(Self {
            days: frame.days("date")?,
            factors: frame.words("factor")?,
            weights: frame.numbers("weight")?,
            low: frame.numbers("low")?,
            high: frame.numbers("high")?,
        })
    }

    fn of<'b>(&'b self, factor: &'b str) -> impl Iterator<Item = usize> + 'b {
        (0..self.factors.len()).filter(move |&i| self.factors[i] == factor)
    }

    /// Every weight over the whole record, with its band.
    fn ladder(&self) -> Option<Chart> {
        let rungs: Vec<Rung> = (0..self.factors.len())
            .map(|i| Rung {
                name: factor_words(&self.factors[i]),
                value: self.weights[i],
                band: Some((self.low[i], self.high[i])),
                colour: segment_colour(&self.factors[i]),
            })
            .collect();
        (!rungs.is_empty()).then(|| {
            Chart::ladder("fund_style", Format::Number(2), rungs)
                .titled(words("fund-style-title"), words("fund-style-unit"))
                .captioned(words("fund-style-caption"))
        })
    }

    /// How the exposures that matter went, window by window.
    fn way(&self) -> Option<Chart> {
        let mut days: Vec<TradingDay> = self.days.to_vec();
        days.dedup();
        if days.len() < 2 {
            return None;
        }
        let on_days = |factor: &str, values: &[f64]| -> Vec<f64> {
            let mut row = vec![f64::NAN; days.len()];
            for i in self.of(factor) {
                if let Ok(at) = days.binary_search(&self.days[i]) {
                    row[at] = values[i];
                }
            }
            row
        };
        let mut layers = vec![Layer::Band {
            name: words("fund-style-band"),
            colour: Colour::Accent,
            low: on_days("small_cap", &self.low),
            high: on_days("small_cap", &self.high),
        }];
        layers.extend(DRAWN.into_iter().map(|(factor, colour)| Layer::Line {
            name: factor_words(factor),
            colour,
            values: on_days(factor, &self.weights),
            stroke: if factor == "small_cap" { Stroke::Strong } else { Stroke::Plain },
        }));
        let unit = message("fund-style-way-unit", &[("period", period(&days).into())]);
        let chart = Chart::layers("fund_style_way", Format::Number(2), Axis::Days(days), layers)
            .titled(words("fund-style-way-title"), unit)
            .captioned(words("fund-style-way-caption"));
        Some(chart)
    }
}

fn factor_words(factor: &str) -> Text {
    let segment = shoals_core::Segment::ALL.into_iter().find(|segment| segment.name() == factor);
    match factor {
        "hedge" => words("fund-style-hedge"),
        "short_volatility" => words("fund-style-short_volatility"),
        "bond" => words("fund-style-bond"),
        "cash" => words("fund-style-cash"),
        "small_cap" => words("fund-style-small_cap"),
        "equity" => words("fund-style-equity"),
        "net_equity" => words("fund-style-net_equity"),
        "fixed_income" => words("fund-style-fixed_income"),
        other => segment.map_or_else(|| Text::same(other), segment_name),
    }
}
