//! Which file a row belongs to: the calendar span a file of its table covers.
//!
//! Files of a table never overlap in days, so that an import rewrites only the spans it brings rows for,
//! and a reader skips the spans it does not ask about.

use std::collections::{BTreeMap, HashMap};

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, TimestampMicrosecondType};
use arrow_array::{ArrayRef, RecordBatch};
use rayon::prelude::*;
use shoals_core::TradingDay;

use super::order::RowRef;
use crate::MarketTable;
use crate::schema::ColumnKind;

/// How long a span the files of a table cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Length {
    Month,
    Quarter,
    Year,
    Whole,
}

fn length(table: MarketTable) -> Length {
    match table {
        MarketTable::StockMinute => Length::Month,
        MarketTable::StockDaily | MarketTable::StockAdjustedDaily | MarketTable::StockValuation => {
            Length::Quarter
        }
        MarketTable::TradingDay => Length::Whole,
        _ if table.columns()[0].kind == ColumnKind::Day => Length::Year,
        _ => Length::Whole,
    }
}

/// A span of days, ordered in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Span(i32);

const MONTHS_A_YEAR: i32 = 12;

impl Span {
    fn of(length: Length, day: TradingDay) -> Self {
        let (year, month, _) = day.ymd();
        let first_month = match length {
            Length::Month => month as i32 - 1,
            Length::Quarter => (month as i32 - 1) / 3 * 3,
            Length::Year | Length::Whole => 0,
        };
        Self(if length == Length::Whole { 0 } else { year * MONTHS_A_YEAR + first_month })
    }

    /// The span in a file's name: its first month, as `202404`.
    pub(crate) fn name(self) -> String {
        let (year, month) = (self.0 / MONTHS_A_YEAR, self.0 % MONTHS_A_YEAR + 1);
        format!("{year:04}{month:02}")
    }
}

/// The rows of `batches`, by span, in the order they came.
pub(crate) fn rows_by_span(
    table: MarketTable,
    batches: &[RecordBatch],
) -> Vec<(Span, Vec<RowRef>)> {
    let length = length(table);
    let spans: Vec<Vec<(Span, RowRef)>> = batches
        .par_iter()
        .enumerate()
        .map(|(batch, columns)| starts(length, columns.column(0), batch as u32))
        .collect();
    let mut by_span: BTreeMap<Span, Vec<RowRef>> = BTreeMap::new();
    for ((span, from), until) in runs(&spans, batches) {
        let rows = by_span.entry(span).or_default();
        rows.extend((from.row..until).map(|row| RowRef { batch: from.batch, row }));
    }
    by_span.into_iter().collect()
}

/// Runs of one span inside one batch, each with the row it ends before.
fn runs<'a>(
    starts: &'a [Vec<(Span, RowRef)>],
    batches: &'a [RecordBatch],
) -> impl Iterator<Item = ((Span, RowRef), u32)> + 'a {
    starts.iter().zip(batches).flat_map(|(starts, batch)| {
        let ends = starts.iter().skip(1).map(|(_, at)| at.row);
        starts.iter().copied().zip(ends.chain([batch.num_rows() as u32]))
    })
}

/// Rows at which a new span begins.
fn starts(length: Length, days: &ArrayRef, batch: u32) -> Vec<(Span, RowRef)> {
    let mut starts: Vec<(Span, RowRef)> = Vec::new();
    let mut spans: HashMap<i32, Span> = HashMap::new();
    let (mut last_day, mut last_span) = (None, None);
    for row in 0..days.len() as u32 {
        let day = if length == Length::Whole { 0 } else { day_at(days, row as usize) };
        if last_day.replace(day) == Some(day) {
            continue;
        }
        let first_seen = || Span::of(length, TradingDay::from_epoch_days(day));
        let span = *spans.entry(day).or_insert_with(first_seen);
        if last_span.replace(span) != Some(span) {
            starts.push((span, RowRef { batch, row }));
        }
    }
    starts
}

const MICROSECONDS_A_DAY: i64 = 86_400_000_000;

fn day_at(days: &ArrayRef, row: usize) -> i32 {
    if let Some(days) = days.as_primitive_opt::<Date32Type>() {
        return days.value(row);
    }
    let at = days.as_primitive::<TimestampMicrosecondType>().value(row);
    at.div_euclid(MICROSECONDS_A_DAY) as i32
}

#[cfg(test)]
mod tests {
    use super::*;
    use shoals_core::day;

    #[test]
    fn spans_order_in_time_and_are_named_by_their_first_month() {
        for (length, date, name) in [
            (Length::Month, day(2024, 2, 5), "202402"),
            (Length::Quarter, day(2024, 6, 28), "202404"),
            (Length::Year, day(2024, 6, 28), "202401"),
            (Length::Whole, day(2024, 6, 28), "000001"),
        ] {
            assert_eq!(Span::of(length, date).name(), name);
        }
        let quarter = |date| Span::of(Length::Quarter, date);
        assert!(quarter(day(2023, 12, 29)) < quarter(day(2024, 1, 2)));
    }
}
