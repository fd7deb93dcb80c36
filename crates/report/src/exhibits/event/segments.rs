//! Which sizes moved: every segment's abnormal return about every day.

use std::collections::BTreeMap;

use shoals_core::{Segment, TradingDay};

use super::EXHIBIT;
use crate::ReportError;
use crate::chart::{Chart, Plot};
use crate::exhibits::source::Source;
use crate::i18n::{Text, message, segment_name, words};
use crate::number::Format;

/// Abnormal returns of the main window, a row a segment and a column a day 0.
pub(super) fn chart(source: &Source) -> Result<Option<Chart>, ReportError> {
    let events = source.frame(EXHIBIT, "event")?;
    let (ids, days) = (events.words("event_id")?, events.days("day_0")?);
    let day_of: BTreeMap<&str, TradingDay> =
        ids.iter().map(String::as_str).zip(days.iter().copied()).collect();
    let frame = source.frame(EXHIBIT, "series_window")?;
    let (of, subjects) = (frame.words("event_id")?, frame.words("subject")?);
    let (is_main, cars) = (frame.flags("is_main")?, frame.numbers("car")?);
    let mut cells: BTreeMap<(Segment, TradingDay), f64> = BTreeMap::new();
    for i in (0..frame.n_rows()).filter(|&i| is_main[i]) {
        let segment = Segment::ALL.into_iter().find(|segment| segment.name() == subjects[i]);
        if let Some((segment, day)) = segment.zip(day_of.get(of[i].as_str())) {
            cells.insert((segment, *day), cars[i]);
        }
    }
    let mut columns: Vec<TradingDay> = cells.keys().map(|(_, day)| *day).collect();
    columns.sort_unstable();
    columns.dedup();
    let rows: Vec<Segment> = Segment::ALL
        .into_iter()
        .filter(|segment| cells.keys().any(|(found, _)| found == segment))
        .collect();
    if rows.len() < 2 {
        return Ok(None);
    }
    let at =
        |segment: Segment, day: TradingDay| cells.get(&(segment, day)).copied().unwrap_or(f64::NAN);
    let micro = columns.iter().filter(|day| at(Segment::Micro, **day) < 0.0).count();
    // Smaller moved less well than larger, step by step, as the ladder is ordered.
    let ordered = |day: &&TradingDay| {
        let moved: Vec<f64> = rows.iter().map(|segment| at(*segment, **day)).collect();
        moved.windows(2).all(|pair| pair[0] < pair[1])
    };
    let inverted = columns.iter().filter(ordered).count();
    let plot = Plot::Heat {
        columns: columns.iter().map(|day| Text::same(day.to_string())).collect(),
        rows: rows.iter().map(|segment| segment_name(*segment)).collect(),
        values: rows
            .iter()
            .map(|segment| columns.iter().map(|day| at(*segment, *day)).collect())
            .collect(),
        marked: Vec::new(),
    };
    let args =
        [("n", columns.len().into()), ("micro", micro.into()), ("inverted", inverted.into())];
    let chart = Chart::heat("event_segments", Format::Percent(1), plot)
        .titled(message("event-segments-title", &args), words("event-segments-unit"))
        .captioned(words("event-segments-caption"));
    Ok(Some(chart))
}
