//! The storm run through: levels of segments and bases of futures with their bands, beside what the market did.

use shoals_core::Segment;

use super::EXHIBIT;
use super::clock::Clock;
use super::sellers::Timeline;
use crate::ReportError;
use crate::chart::{Chart, Colour, Layer, Stroke};
use crate::exhibits::source::{Frame, Source, lowest};
use crate::i18n::{Arg, Text, message, words};
use crate::number::Format;

/// A fall of the median below this is no storm.
const STORM: f64 = -0.05;

/// A line of a segment or product.
struct Line {
    clock: Clock,
    median: Vec<f64>,
    low: Vec<f64>,
    high: Vec<f64>,
    data: Vec<f64>,
}

impl Line {
    fn read(frame: &Frame, column: &'static str, name: &str) -> Result<Self, ReportError> {
        let names = frame.words(column)?;
        let rows: Vec<usize> = (0..names.len()).filter(|i| names[*i] == name).collect();
        let of = |column| -> Result<Vec<f64>, ReportError> {
            let values = frame.numbers(column)?;
            Ok(rows.iter().map(|i| values[*i]).collect())
        };
        Ok(Self {
            clock: Clock::read(frame)?.of_rows(&rows),
            median: of("median")?,
            low: of("p10")?,
            high: of("p90")?,
            data: of("data")?,
        })
    }

    fn is_seen(&self) -> bool {
        self.data.iter().any(|x| x.is_finite())
    }

    /// Days on which the market's line lay inside the band, of those on which it is known.
    fn inside(&self) -> (usize, usize) {
        let known: Vec<usize> =
            (0..self.data.len()).filter(|i| self.data[*i].is_finite()).collect();
        let inside = |i: &&usize| (self.low[**i]..=self.high[**i]).contains(&self.data[**i]);
        (known.iter().filter(inside).count(), known.len())
    }

    /// Band, median and, where it is known, the market's own line, less `from`.
    fn layers(&self, name: &Text, colour: Colour, from: f64) -> Vec<Layer> {
        let less = |values: &[f64]| values.iter().map(|x| x - from).collect::<Vec<f64>>();
        let mut layers = vec![
            Layer::Band {
                name: message("spiral-band", &[("name", name.into())]),
                colour,
                low: less(&self.low),
                high: less(&self.high),
            },
            Layer::Line {
                name: name.clone(),
                colour,
                values: less(&self.median),
                stroke: Stroke::Strong,
            },
        ];
        if self.is_seen() {
            layers.push(Layer::Line {
                name: message("spiral-line-seen", &[("name", name.into())]),
                colour,
                values: less(&self.data),
                stroke: Stroke::Dashed,
            });
        }
        layers
    }
}

/// Micro caps and the CSI 1000 through the storm.
pub(super) struct Storm {
    micro: Line,
    other: Line,
}

/// The day the exhibit speaks of: micro caps' lowest close in the market, or on the median path where that is not known.
pub(super) struct Told {
    i: usize,
    /// That day in words.
    pub(super) day: Text,
    /// Median level of micro caps, 1 at the start.
    pub(super) level: f64,
    /// Level in the market; NaN where it is not known.
    seen: f64,
    is_inside: bool,
}

impl Told {
    pub(super) fn title(&self) -> Text {
        let args = [
            ("lost", Arg::from(1.0 - self.level)),
            ("made", (self.level - 1.0).into()),
            ("seen", (1.0 - self.seen).into()),
            ("day", self.day.clone().into()),
        ];
        let key = match (self.level - 1.0 <= STORM, self.seen.is_finite(), self.is_inside) {
            (false, false, _) => "spiral-title-calm",
            (false, true, _) => "spiral-title-missed",
            (_, false, _) => "spiral-title",
            (_, _, true) => "spiral-title-seen",
            (_, _, false) => "spiral-title-outside",
        };
        message(key, &args)
    }
}

impl Storm {
    pub(super) fn read(source: &Source) -> Result<Self, ReportError> {
        let frame = source.frame(EXHIBIT, "path")?;
        let of = |segment: Segment| Line::read(&frame, "segment", segment.name());
        Ok(Self { micro: of(Segment::Micro)?, other: of(Segment::Csi1000)? })
    }

    pub(super) fn told(&self) -> Option<Told> {
        let micro = &self.micro;
        let i = lowest(&micro.data).or_else(|| lowest(&micro.median))?;
        let seen = micro.data[i];
        Some(Told {
            i,
            day: micro.clock.at(i),
            level: micro.median[i],
            seen,
            is_inside: (micro.low[i]..=micro.high[i]).contains(&seen),
        })
    }

    pub(super) fn sentence(&self, told: &Told) -> Text {
        let mut args = vec![("day", told.day.clone().into())];
        let names = [["micro", "micro_low", "micro_high"], ["other", "other_low", "other_high"]];
        for (line, names) in [&self.micro, &self.other].into_iter().zip(names) {
            let ends = [line.median[told.i], line.low[told.i], line.high[told.i]];
            args.extend(names.into_iter().zip(ends.map(|level| Arg::from(level - 1.0))));
        }
        message("spiral-answer", &args)
    }

    /// How the market's own line lay to the band, or why there is none.
    pub(super) fn beside(&self, told: &Told) -> Text {
        if !self.micro.is_seen() {
            return words("spiral-unseen");
        }
        let ((inside, known), (other_inside, _)) = (self.micro.inside(), self.other.inside());
        let args = [
            ("day", told.day.clone().into()),
            ("micro", (told.seen - 1.0).into()),
            ("other", (self.other.data[told.i] - 1.0).into()),
            ("inside", inside.into()),
            ("other_inside", other_inside.into()),
            ("n", known.into()),
        ];
        message("spiral-seen", &args)
    }

    pub(super) fn chart(&self, told: &Told, timeline: &Timeline) -> Chart {
        let mut layers = Vec::new();
        for (line, segment) in [(&self.other, Segment::Csi1000), (&self.micro, Segment::Micro)] {
            let name = crate::i18n::segment_name(segment);
            layers.extend(line.layers(&name, Colour::Segment(segment), 1.0));
        }
        let args = [
            ("day", told.day.clone().into()),
            ("micro", (told.level - 1.0).into()),
            ("other", (self.other.median[told.i] - 1.0).into()),
        ];
        let unit = if self.micro.is_seen() { "spiral-path-unit-seen" } else { "spiral-path-unit" };
        let unit = message(unit, &[("period", self.micro.clock.period().into())]);
        Chart::layers("spiral_path", Format::Percent(0), self.micro.clock.axis(), layers)
            .titled(message("spiral-path-title", &args), unit)
            .captioned(words("spiral-path-caption"))
            .with_events(timeline.marks())
            .tall(400)
    }
}

/// The basis of IM and IC through the storm.
pub(super) struct Bases {
    im: Line,
    ic: Line,
}

impl Bases {
    pub(super) fn read(source: &Source) -> Result<Self, ReportError> {
        let frame = source.frame(EXHIBIT, "basis")?;
        let of = |product: &str| Line::read(&frame, "product", product);
        Ok(Self { im: of("IM")?, ic: of("IC")? })
    }

    pub(super) fn chart(&self) -> Option<Chart> {
        let i = lowest(&self.im.median)?;
        let seen = lowest(&self.im.data);
        let mut args =
            vec![("day", self.im.clock.at(i).into()), ("basis", self.im.median[i].into())];
        let (title, unit) = match seen {
            Some(s) => {
                args.push(("seen_day", self.im.clock.at(s).into()));
                args.push(("seen", self.im.data[s].into()));
                ("spiral-basis-title-seen", "spiral-basis-unit-seen")
            }
            None => ("spiral-basis-title", "spiral-basis-unit"),
        };
        let products = [("IC", &self.ic, Segment::Csi500), ("IM", &self.im, Segment::Csi1000)];
        let layers = products.into_iter().flat_map(|(name, line, segment)| {
            line.layers(&Text::same(name), Colour::Segment(segment), 0.0)
        });
        let unit = message(unit, &[("period", self.im.clock.period().into())]);
        let axis = self.im.clock.axis();
        Some(
            Chart::layers("spiral_basis", Format::Percent(1), axis, layers.collect())
                .titled(message(title, &args), unit)
                .captioned(words("spiral-basis-caption")),
        )
    }
}
