//! What made the fall: each mechanism's share of it.

use shoals_core::Segment;

use super::{EXHIBIT, name};
use crate::ReportError;
use crate::chart::{Chart, Colour, Rung};
use crate::columns::heading;
use crate::exhibit::{Cell, Shown, ShownColumn};
use crate::exhibits::source::Source;
use crate::i18n::{Arg, Text, message, words};
use crate::number::Format;

/// Places the table has a column of, after micro caps.
const BESIDE: [(&str, &str); 3] =
    [("csi1000", "spiral-parts-csi1000"), ("IC", "spiral-parts-ic"), ("IM", "spiral-parts-im")];

/// A share smaller than this is not told in words: it prints as nothing.
const TOLD: f64 = 0.0005;

/// A mechanism's share at one place.
struct Part {
    place: String,
    channel: String,
    share: f64,
    low: f64,
    high: f64,
}

/// Every share, and micro caps' from the one that took most.
pub(super) struct Parts {
    all: Vec<Part>,
    micro: Vec<usize>,
}

impl Parts {
    pub(super) fn read(source: &Source) -> Result<Self, ReportError> {
        let frame = source.frame(EXHIBIT, "channel")?;
        let (places, channels) = (frame.words("segment")?, frame.words("channel")?);
        let (share, low, high) =
            (frame.numbers("share")?, frame.numbers("low")?, frame.numbers("high")?);
        let part = |(i, (place, channel))| Part {
            place,
            channel,
            share: share[i],
            low: low[i],
            high: high[i],
        };
        let all: Vec<Part> = places.into_iter().zip(channels).enumerate().map(part).collect();
        let mut micro: Vec<usize> =
            (0..all.len()).filter(|i| all[*i].place == Segment::Micro.name()).collect();
        micro.sort_by(|a, b| all[*a].share.total_cmp(&all[*b].share));
        Ok(Self { all, micro })
    }

    fn of_micro(&self) -> impl Iterator<Item = &Part> {
        self.micro.iter().map(|i| &self.all[*i])
    }

    /// The mechanism that took most of micro caps; none where nothing did.
    fn first(&self) -> Option<&Part> {
        self.of_micro().next().filter(|part| part.share < 0.0)
    }

    fn args(first: &Part) -> [(&'static str, Arg); 4] {
        [
            ("channel", name::within(&name::channel(&first.channel)).into()),
            ("share", first.share.into()),
            ("low", first.low.into()),
            ("high", first.high.into()),
        ]
    }

    pub(super) fn short(&self) -> Option<Text> {
        Some(message("spiral-parts-short", &Self::args(self.first()?)))
    }

    pub(super) fn sentence(&self) -> Option<Text> {
        let Some(first) = self.first() else {
            return (!self.micro.is_empty()).then(|| words("spiral-parts-none"));
        };
        let second = self.of_micro().nth(1).filter(|part| part.share < -TOLD);
        let mut args = Self::args(first).to_vec();
        args.push(("total", self.of_micro().map(|part| part.share).sum::<f64>().into()));
        args.push(("n", self.micro.len().into()));
        let mut told = vec![message("spiral-parts", &args)];
        told.extend(second.map(|part| message("spiral-parts-second", &Self::args(part))));
        let helped = self.of_micro().last().filter(|part| part.share > TOLD);
        told.extend(helped.map(|part| message("spiral-parts-helped", &Self::args(part))));
        Some(Text::sentences(&told))
    }

    pub(super) fn chart(&self) -> Option<Chart> {
        if self.micro.is_empty() {
            return None;
        }
        let rung = |part: &Part| Rung {
            name: name::channel(&part.channel),
            value: part.share,
            band: Some((part.low, part.high)).filter(|(a, b)| a.is_finite() && b.is_finite()),
            colour: if part.share < 0.0 {
                Colour::Segment(Segment::Micro)
            } else {
                Colour::Segment(Segment::Csi300)
            },
        };
        let title = match self.first() {
            Some(first) => {
                let mut args = Self::args(first);
                args[0].1 = name::channel(&first.channel).into();
                message("spiral-parts-title", &args)
            }
            None => words("spiral-parts-title-none"),
        };
        let rungs = self.of_micro().map(rung).collect();
        Some(
            Chart::ladder("spiral_parts", Format::Percent(1), rungs)
                .titled(title, words("spiral-parts-unit"))
                .captioned(words("spiral-parts-caption")),
        )
    }

    pub(super) fn table(&self) -> Option<Shown> {
        if self.micro.is_empty() {
            return None;
        }
        let share = |header| ShownColumn::number(header, Format::Percent(1));
        let mut columns = vec![ShownColumn::words(heading("channel"))];
        columns.extend(
            ["spiral-parts-micro", "spiral-parts-low", "spiral-parts-high"]
                .map(|key| share(words(key))),
        );
        columns.extend(BESIDE.map(|(_, key)| share(words(key))));
        let mut shown = Shown::new("spiral_parts", words("spiral-parts-table"), columns);
        for part in self.of_micro() {
            let mut cells = vec![Cell::Words(name::channel(&part.channel))];
            cells.extend([part.share, part.low, part.high].map(Cell::Number));
            cells.extend(BESIDE.map(|(place, _)| {
                let found = self.all.iter().find(|p| p.place == place && p.channel == part.channel);
                Cell::Number(found.map_or(f64::NAN, |p| p.share))
            }));
            shown = shown.row(cells);
        }
        shown.note = words("spiral-parts-note");
        Some(shown)
    }
}
