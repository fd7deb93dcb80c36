//! The feedback number, day by day: what a fall of 1 % brings about over the next day.

use shoals_core::Segment;

use super::clock::Clock;
use super::{EXHIBIT, name};
use crate::ReportError;
use crate::chart::{Chart, Colour, Layer, Stroke};
use crate::exhibits::source::{Source, highest};
use crate::i18n::{Text, message, words};
use crate::number::Format;

/// Of everybody, and of the kind that had most of it alone on the day it was highest.
pub(super) struct FeedbackNumber {
    clock: Clock,
    all: Vec<f64>,
    alone: Option<(&'static str, Vec<f64>)>,
    highest: Option<usize>,
}

impl FeedbackNumber {
    pub(super) fn read(source: &Source) -> Result<Self, ReportError> {
        let frame = source.frame(EXHIBIT, "feedback")?;
        let all = frame.numbers("all")?;
        let highest = highest(&all);
        let kinds = name::holders().filter_map(|kind| Some((kind, frame.optional_numbers(kind)?)));
        let alone = highest.and_then(|i| {
            let known = kinds.filter(|(_, values)| values[i] > 0.0);
            known.max_by(|a, b| a.1[i].total_cmp(&b.1[i]))
        });
        Ok(Self { clock: Clock::read(&frame)?, all, alone, highest })
    }

    pub(super) fn sentence(&self) -> Option<Text> {
        let i = self.highest?;
        let n_above = self.all.iter().filter(|x| **x >= 1.0).count();
        let args = [
            ("day", self.clock.at(i).into()),
            ("number", self.all[i].into()),
            ("n", n_above.into()),
            ("days", self.clock.len().into()),
        ];
        let key = if n_above > 0 { "spiral-feedback-cascade" } else { "spiral-feedback-damped" };
        let alone = self.alone.as_ref().map(|(kind, values)| {
            let args = [
                ("holder", name::within(&name::holder(kind)).into()),
                ("number", values[i].into()),
            ];
            message("spiral-feedback-alone", &args)
        });
        Some(Text::sentences([Some(message(key, &args)), alone].iter().flatten()))
    }

    pub(super) fn chart(&self) -> Option<Chart> {
        let i = self.highest?;
        let line = |name: Text, colour, values: &[f64], stroke| Layer::Line {
            name,
            colour,
            values: values.to_vec(),
            stroke,
        };
        let mut layers: Vec<Layer> = self
            .alone
            .iter()
            .map(|(kind, values)| {
                let colour = Colour::Segment(Segment::Csi500);
                line(name::holder(kind), colour, values, Stroke::Plain)
            })
            .collect();
        layers.push(line(words("spiral-feedback-all"), Colour::Ink, &self.all, Stroke::Strong));
        let args = [("day", self.clock.at(i).into()), ("number", self.all[i].into())];
        let title = message("spiral-feedback-title", &args);
        let unit = message("spiral-feedback-unit", &[("period", self.clock.period().into())]);
        Some(
            Chart::layers("spiral_feedback", Format::Number(2), self.clock.axis(), layers)
                .titled(title, unit)
                .captioned(words("spiral-feedback-caption"))
                .with_rule(0.0, Text::default(), Colour::Ink)
                .with_rule(1.0, words("spiral-feedback-rule"), Colour::Accent),
        )
    }
}
