//! The weights a rule found, and how close a fit came.

use shoals_core::{Segment, TradingDay};

use super::EXHIBIT;
use crate::ReportError;
use crate::chart::{Axis, Chart, Colour, Layer, Stroke};
use crate::columns::heading;
use crate::exhibits::source::{Source, period};
use crate::i18n::{Text, message, words};
use crate::number::Format;

/// The weights of every rebalancing; none where all are written.
pub(super) struct Sizing<'a> {
    days: &'a [TradingDay],
    /// Long, short and straddle.
    legs: [Vec<f64>; 3],
}

impl<'a> Sizing<'a> {
    pub(super) fn read(source: &Source<'a>) -> Result<Option<Self>, ReportError> {
        let Some(frame) = source.optional(EXHIBIT, "weight").filter(|f| f.n_rows() > 1) else {
            return Ok(None);
        };
        let [long, short, straddle] = ["long", "short", "straddle"].map(|leg| frame.numbers(leg));
        Ok(Some(Self { days: frame.days("date")?, legs: [long?, short?, straddle?] }))
    }

    pub(super) fn chart(&self) -> Chart {
        let colours = [
            ("long", Colour::Segment(Segment::Micro)),
            ("short", Colour::Segment(Segment::Csi300)),
            ("straddle", Colour::Accent),
        ];
        let lines =
            colours.into_iter().zip(&self.legs).map(|((leg, colour), values)| Layer::Line {
                name: heading(leg),
                colour,
                values: values.clone(),
                stroke: Stroke::Plain,
            });
        let last = self.days.len() - 1;
        let of = |leg: usize| self.legs[leg][last].into();
        let args = [("long", of(0)), ("short", of(1)), ("straddle", of(2))];
        let unit = [("period", period(self.days).into())];
        Chart::layers(
            "weights",
            Format::Percent(0),
            Axis::Days(self.days.to_vec()),
            lines.collect(),
        )
        .titled(message("replicate-weights-title", &args), message("replicate-weights-unit", &unit))
        .captioned(words("replicate-weights-caption"))
        .tall(280)
    }
}

/// How close the replica came to what it was fitted to; none without a fit.
pub(super) fn fit(source: &Source) -> Result<Option<Text>, ReportError> {
    let Some(frame) = source.optional(EXHIBIT, "fit").filter(|frame| frame.n_rows() > 0) else {
        return Ok(None);
    };
    let (target, sample) = (frame.words("target")?, frame.words("sample")?);
    let of = |column: &'static str| Ok::<_, ReportError>(frame.numbers(column)?[0]);
    let args = [
        ("target", target[0].as_str().into()),
        ("n", of("n_days")?.into()),
        ("r_squared", of("r_squared")?.into()),
        ("correlation", of("correlation")?.into()),
        ("tracking_error", of("tracking_error")?.into()),
    ];
    let is_past = sample[0] == "past";
    let key = if is_past { "replicate-fit-past" } else { "replicate-fit-whole" };
    Ok(Some(message(key, &args)))
}
