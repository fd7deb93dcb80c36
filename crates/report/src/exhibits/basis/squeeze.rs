//! Days on which the basis rose while micro caps fell, and those on which both legs of the book lost.

use shoals_core::TradingDay;

use super::EXHIBIT;
use crate::ReportError;
use crate::columns::heading;
use crate::exhibit::{Cell, Row, Shown, ShownColumn};
use crate::exhibits::source::{Source, lowest};
use crate::i18n::{Text, message, words};
use crate::number::Format;

/// Squeeze days listed at most.
const TABLE_ROWS: usize = 10;

/// A squeeze this many calendar days from the deepest discount belongs to it.
const NEAR_DAYS: i32 = 15;

pub(super) struct Squeezes {
    product: String,
    rows: Vec<Squeeze>,
}

struct Squeeze {
    on: TradingDay,
    contract: String,
    basis_change: f64,
    micro: f64,
    future: f64,
    both_legs_lost: bool,
    book: f64,
}

impl Squeezes {
    /// The squeeze days of one product, none when no micro-cap index was given.
    pub(super) fn read(source: &Source, product: &str) -> Result<Self, ReportError> {
        let frame = source.frame(EXHIBIT, "squeeze")?;
        let (days, products) = (frame.days("date")?, frame.words("product")?);
        let (contracts, changes) = (frame.words("contract")?, frame.numbers("basis_change")?);
        let (micro, book) = (frame.numbers("micro_return")?, frame.numbers("book_return")?);
        let (future, both) = (frame.numbers("future_return")?, frame.flags("both_legs_lost")?);
        let rows = (0..days.len())
            .filter(|i| products[*i] == product)
            .map(|i| Squeeze {
                on: days[i],
                contract: contracts[i].clone(),
                basis_change: changes[i],
                micro: micro[i],
                future: future[i],
                both_legs_lost: both[i],
                book: book[i],
            })
            .collect();
        Ok(Self { product: product.to_owned(), rows })
    }

    fn books(&self) -> Vec<f64> {
        self.rows.iter().map(|row| row.book).collect()
    }

    /// The worst squeeze day close to the deepest discount.
    pub(super) fn worst_near(&self, day: TradingDay) -> Option<TradingDay> {
        self.rows
            .iter()
            .filter(|row| day.calendar_days_until(row.on).abs() <= NEAR_DAYS)
            .min_by(|a, b| a.book.total_cmp(&b.book))
            .map(|row| row.on)
    }

    pub(super) fn sentence(&self) -> Option<Text> {
        let worst = &self.rows[lowest(&self.books())?];
        Some(message(
            "squeeze-sentence",
            &[
                ("n", self.rows.len().into()),
                ("both", self.rows.iter().filter(|row| row.both_legs_lost).count().into()),
                ("product", self.product.as_str().into()),
                ("day", worst.on.into()),
                ("future", worst.future.into()),
                ("micro", worst.micro.into()),
                ("change", worst.basis_change.into()),
                ("book", worst.book.into()),
            ],
        ))
    }

    pub(super) fn table(&self) -> Option<Shown> {
        let worst = lowest(&self.books())?;
        let mut order: Vec<usize> = (0..self.rows.len()).collect();
        order.sort_by(|a, b| self.rows[*a].book.total_cmp(&self.rows[*b].book));
        order.truncate(TABLE_ROWS);
        let percent = |name: &str| ShownColumn::number(heading(name), Format::Percent(2));
        let columns = vec![
            ShownColumn::words(heading("date")),
            ShownColumn::words(heading("contract")),
            percent("micro_return"),
            percent("basis_change"),
            percent("future_return"),
            percent("book_return"),
            ShownColumn::words(heading("both_legs_lost")),
        ];
        let title = message("squeeze-table-title", &[("product", self.product.as_str().into())]);
        let mut shown = Shown::new("squeeze", title, columns);
        for i in order {
            let row = &self.rows[i];
            let cells = vec![
                Cell::Day(row.on),
                Cell::Words(Text::same(&row.contract)),
                Cell::Number(row.micro),
                Cell::Number(row.basis_change),
                Cell::Number(row.future),
                Cell::Number(row.book),
                Cell::Words(words(if row.both_legs_lost { "yes" } else { "no" })),
            ];
            shown.push(Row { cells, is_emphasised: i == worst });
        }
        shown.note = message(
            "squeeze-table-note",
            &[("shown", shown.rows.len().into()), ("n", self.rows.len().into())],
        );
        Some(shown)
    }
}
