//! What would have been: each lever alone, on the same news and the same chance.

use shoals_core::Segment;

use super::EXHIBIT;
use crate::ReportError;
use crate::chart::{Chart, Colour, Rung};
use crate::columns::heading;
use crate::exhibit::{Cell, Row, Shown, ShownColumn};
use crate::exhibits::source::Source;
use crate::i18n::{Arg, Text, message, words};
use crate::number::Format;

/// Rungs of a ladder at most: those that changed most.
const RUNGS: usize = 12;

/// One measure under a lever: without it, with it, and the change path by path.
#[derive(Debug, Clone, Copy)]
struct Change {
    base: f64,
    pulled: f64,
    /// Median of the changes.
    middle: f64,
    low: f64,
    high: f64,
    rose: f64,
}

const NONE: Change = Change {
    base: f64::NAN,
    pulled: f64::NAN,
    middle: f64::NAN,
    low: f64::NAN,
    high: f64::NAN,
    rose: f64::NAN,
};

/// A lever, what it did to micro caps' lowest close and to the books' lowest equity.
struct Pulled {
    text: Text,
    micro: Change,
    books: Change,
}

/// Every lever, the one that helped micro caps most first.
pub(super) struct Levers(Vec<Pulled>);

impl Levers {
    /// The levers that were pulled; none where none was.
    pub(super) fn read(source: &Source) -> Result<Option<Self>, ReportError> {
        let Some(names) = source.optional(EXHIBIT, "lever") else { return Ok(None) };
        let (keys, texts) = (names.words("lever")?, names.sentences("text")?);
        let frame = source.frame(EXHIBIT, "effect")?;
        let (of, measure, place) =
            (frame.words("lever")?, frame.words("measure")?, frame.words("place")?);
        let column = |name| frame.numbers(name);
        let (base, pulled, change) = (column("base")?, column("pulled")?, column("change")?);
        let (low, high, rose) = (column("change_p10")?, column("change_p90")?, column("rose")?);
        let found = |lever: &str, wanted: &str, at: &str| {
            let is = |i: &usize| of[*i] == lever && measure[*i] == wanted && place[*i] == at;
            (0..of.len()).find(is).map_or(NONE, |i| Change {
                base: base[i],
                pulled: pulled[i],
                middle: change[i],
                low: low[i],
                high: high[i],
                rose: rose[i],
            })
        };
        let mut all: Vec<Pulled> = keys
            .iter()
            .zip(texts)
            .map(|(key, text)| Pulled {
                text: text.clone(),
                micro: found(key, "trough", Segment::Micro.name()),
                books: found(key, "dma_equity_trough", "dma"),
            })
            .filter(|pulled| pulled.micro.middle.is_finite())
            .collect();
        all.sort_by(|a, b| b.micro.middle.total_cmp(&a.micro.middle));
        Ok(Some(Self(all)).filter(|levers| !levers.0.is_empty()))
    }

    fn args(&self, pulled: &Pulled) -> Vec<(&'static str, Arg)> {
        vec![
            ("lever", (&pulled.text).into()),
            ("n", self.0.len().into()),
            ("base", pulled.micro.base.into()),
            ("pulled", pulled.micro.pulled.into()),
            ("change", pulled.micro.middle.into()),
            ("low", pulled.micro.low.into()),
            ("high", pulled.micro.high.into()),
        ]
    }

    /// The lever that helped most, if any did.
    pub(super) fn short(&self) -> Text {
        let best = &self.0[0];
        let key = if best.micro.middle > 0.0 { "spiral-lever-best" } else { "spiral-lever-none" };
        message(key, &self.args(best))
    }

    pub(super) fn sentence(&self) -> Text {
        let worst = &self.0[self.0.len() - 1];
        let hurt =
            (worst.micro.middle < 0.0).then(|| message("spiral-lever-worst", &self.args(worst)));
        Text::sentences([Some(self.short()), hurt].iter().flatten())
    }

    pub(super) fn charts(&self) -> Vec<Chart> {
        let best = &self.0[0];
        let title =
            if best.micro.middle > 0.0 { "spiral-lever-title" } else { "spiral-lever-title-none" };
        let micro = self.ladder("spiral_levers", |pulled| pulled.micro).map(|chart| {
            chart
                .titled(message(title, &self.args(best)), words("spiral-lever-unit"))
                .captioned(words("spiral-lever-caption"))
        });
        let change = |pulled: &&Pulled| pulled.books.middle.is_finite();
        let kindest =
            self.0.iter().filter(change).max_by(|a, b| a.books.middle.total_cmp(&b.books.middle));
        let books = kindest.zip(self.ladder("spiral_lever_books", |pulled| pulled.books));
        let books = books.map(|(kindest, chart)| {
            let args = [
                ("lever", (&kindest.text).into()),
                ("base", kindest.books.base.into()),
                ("pulled", kindest.books.pulled.into()),
            ];
            let helps = kindest.books.middle > 0.0;
            let title = if helps { "spiral-lever-books" } else { "spiral-lever-books-none" };
            chart
                .titled(message(title, &args), words("spiral-lever-books-unit"))
                .captioned(words("spiral-lever-books-caption"))
        });
        micro.into_iter().chain(books).collect()
    }

    /// The changes that were largest, in order.
    fn ladder(&self, id: &str, of: fn(&Pulled) -> Change) -> Option<Chart> {
        let mut told: Vec<(&Text, Change)> = self
            .0
            .iter()
            .map(|pulled| (&pulled.text, of(pulled)))
            .filter(|(_, change)| change.middle.is_finite())
            .collect();
        told.sort_by(|a, b| b.1.middle.abs().total_cmp(&a.1.middle.abs()));
        told.truncate(RUNGS);
        told.sort_by(|a, b| b.1.middle.total_cmp(&a.1.middle));
        let rung = |(text, change): (&Text, Change)| Rung {
            name: text.clone(),
            value: change.middle,
            band: Some((change.low, change.high)),
            colour: if change.middle < 0.0 {
                Colour::Segment(Segment::Micro)
            } else {
                Colour::Segment(Segment::Csi300)
            },
        };
        let rungs: Vec<Rung> = told.into_iter().map(rung).collect();
        (!rungs.is_empty()).then(|| Chart::ladder(id, Format::Percent(1), rungs))
    }

    pub(super) fn table(&self) -> Shown {
        let share = |header, digits| ShownColumn::number(header, Format::Percent(digits));
        let columns = vec![
            ShownColumn::words(heading("lever")),
            share(words("spiral-lever-micro"), 1),
            share(words("spiral-lever-change"), 1),
            share(words("spiral-parts-low"), 1),
            share(words("spiral-parts-high"), 1),
            share(words("spiral-lever-rose"), 0),
            share(words("spiral-lever-equity"), 1),
            share(words("spiral-lever-change"), 1),
            share(words("spiral-parts-low"), 1),
            share(words("spiral-parts-high"), 1),
        ];
        let mut shown = Shown::new("spiral_levers", words("spiral-lever-table"), columns);
        for (i, pulled) in self.0.iter().enumerate() {
            let (micro, books) = (pulled.micro, pulled.books);
            let numbers = [
                micro.pulled,
                micro.middle,
                micro.low,
                micro.high,
                micro.rose,
                books.pulled,
                books.middle,
                books.low,
                books.high,
            ];
            let cells = std::iter::once(Cell::Words(pulled.text.clone()));
            let cells = cells.chain(numbers.map(Cell::Number)).collect();
            shown.push(Row { cells, is_emphasised: i == 0 && micro.middle > 0.0 });
        }
        let base = self.0.iter().map(|pulled| pulled.books.base).find(|base| base.is_finite());
        let args =
            [("micro", self.0[0].micro.base.into()), ("equity", base.unwrap_or(f64::NAN).into())];
        shown.note = message("spiral-lever-note", &args);
        shown
    }
}
