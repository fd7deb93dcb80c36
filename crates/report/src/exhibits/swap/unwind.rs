//! How a book of names was sold: what was ordered, what went, and what held up the rest, day by day.

use shoals_core::{Segment, TradingDay};

use super::EXHIBIT;
use crate::ReportError;
use crate::chart::{Axis, Chart, Colour, Layer, Stacking};
use crate::columns::heading;
use crate::exhibit::{Cell, Row, Shown, ShownColumn};
use crate::exhibits::source::Source;
use crate::i18n::{Text, message, words};
use crate::number::Format;

/// Causes that sell the long leg before the agreed day.
const SELLING: [&str; 4] = ["deleverage", "liquidate", "call_unmet", "stop_loss"];
/// Of those, the ones that close the book.
const CLOSING_OUT: [&str; 3] = ["liquidate", "call_unmet", "stop_loss"];

/// Reasons an order is held up for, with the heading of their column.
const REASONS: [(&str, &str); 4] = [
    ("limit_down", "swap-held-limit-down"),
    ("suspended", "swap-held-suspended"),
    ("participation", "swap-held-participation"),
    ("net_sell_ban", "swap-held-net-sell-ban"),
];

/// Days of the table at most.
const TABLE_ROWS: usize = 12;

/// One day of selling.
struct Day {
    date: TradingDay,
    wanted: f64,
    filled: f64,
    n_held_up: [usize; REASONS.len()],
}

/// The selling of a long leg.
pub(super) struct Unwind {
    days: Vec<Day>,
}

impl Unwind {
    /// The selling of a book whose names were held up; none where all was sold at once.
    pub(super) fn read(source: &Source) -> Result<Option<Self>, ReportError> {
        let Some(frame) = source.optional(EXHIBIT, "order") else { return Ok(None) };
        let (dates, sides, causes) =
            (frame.days("date")?, frame.words("side")?, frame.words("cause")?);
        let (wanted, filled) = (frame.numbers("wanted")?, frame.numbers("filled")?);
        let reasons = frame.words("reason")?;
        let mut days: Vec<Day> = Vec::new();
        for i in 0..dates.len() {
            if sides[i] != "sell" || !SELLING.contains(&causes[i].as_str()) {
                continue;
            }
            if days.last().is_none_or(|day| day.date != dates[i]) {
                let n_held_up = [0; REASONS.len()];
                days.push(Day { date: dates[i], wanted: 0.0, filled: 0.0, n_held_up });
            }
            let Some(day) = days.last_mut() else { continue };
            day.wanted += wanted[i];
            day.filled += filled[i];
            // No price is how a suspension often looks.
            let reason = if reasons[i] == "no_price" { "suspended" } else { reasons[i].as_str() };
            if let Some(k) = REASONS.iter().position(|(known, _)| *known == reason) {
                day.n_held_up[k] += 1;
            }
        }
        let is_held_up = days.iter().any(|day| day.n_held_up != [0; REASONS.len()]);
        Ok(is_held_up.then_some(Self { days }))
    }

    /// The first day on which the book was being closed out, of any book.
    pub(super) fn closing_out_from(source: &Source) -> Result<Option<TradingDay>, ReportError> {
        let Some(frame) = source.optional(EXHIBIT, "order") else { return Ok(None) };
        let (dates, causes) = (frame.days("date")?, frame.words("cause")?);
        let first = causes.iter().position(|cause| CLOSING_OUT.contains(&cause.as_str()));
        Ok(first.map(|i| dates[i]))
    }

    /// What went on the first day, and how long the rest took.
    pub(super) fn sentence(&self) -> Text {
        let Some((first, last)) = self.days.first().zip(self.days.last()) else {
            return Text::default();
        };
        message(
            "swap-unwind",
            &[
                ("day", first.date.into()),
                ("wanted", first.wanted.into()),
                ("share", (first.filled / first.wanted).into()),
                ("n", self.days.len().into()),
                ("last", last.date.into()),
            ],
        )
    }

    pub(super) fn chart(&self) -> Chart {
        let bars = |name: &str, colour, of: fn(&Day) -> f64| Layer::Bars {
            name: words(name),
            colour,
            values: self.days.iter().map(of).collect(),
            stacking: Stacking::OnTop,
        };
        let layers = vec![
            bars("swap-unwind-sold", Colour::Segment(Segment::Csi500), |day| day.filled),
            bars("swap-unwind-waiting", Colour::Segment(Segment::Micro), |day| {
                day.wanted - day.filled
            }),
        ];
        let axis = Axis::Days(self.days.iter().map(|day| day.date).collect());
        let sold: f64 = self.days.iter().map(|day| day.filled).sum();
        let title =
            message("swap-unwind-title", &[("sold", sold.into()), ("n", self.days.len().into())]);
        Chart::layers("unwind", Format::Number(0), axis, layers)
            .titled(title, words("swap-unwind-unit"))
            .captioned(words("swap-unwind-caption"))
    }

    pub(super) fn table(&self) -> Shown {
        let money = Format::Number(0);
        let mut columns = vec![
            ShownColumn::words(heading("date")),
            ShownColumn::number(heading("wanted"), money),
            ShownColumn::number(heading("filled"), money),
        ];
        columns.extend(REASONS.iter().map(|(_, key)| ShownColumn::number(words(key), money)));
        let mut shown = Shown::new("unwind", words("swap-unwind-table"), columns);
        for day in self.days.iter().take(TABLE_ROWS) {
            let mut cells =
                vec![Cell::Day(day.date), Cell::Number(day.wanted), Cell::Number(day.filled)];
            cells.extend(day.n_held_up.iter().map(|n| Cell::Number(*n as f64)));
            shown.push(Row { cells, is_emphasised: false });
        }
        shown.note = message(
            "swap-unwind-note",
            &[("shown", shown.rows.len().into()), ("n", self.days.len().into())],
        );
        shown
    }
}
