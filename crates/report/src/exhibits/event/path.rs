//! The days about the event that moved most.

use super::{BAND, EXHIBIT};
use crate::ReportError;
use crate::chart::{Axis, Chart, Colour, Layer, Stroke};
use crate::exhibits::source::Source;
use crate::i18n::{Text, message, words};
use crate::number::Format;

/// Abnormal returns of the spread summed over the days about one event, with their band.
pub(super) fn chart(source: &Source, id: &str, title: &Text) -> Result<Option<Chart>, ReportError> {
    let frame = source.frame(EXHIBIT, "path")?;
    let (ids, subjects) = (frame.words("event_id")?, frame.words("subject")?);
    let (relative, cumulative) = (frame.numbers("relative_day")?, frame.numbers("cumulative")?);
    let (errors, days) = (frame.numbers("standard_error")?, frame.days("date")?);
    let rows: Vec<usize> = (0..frame.n_rows())
        .filter(|&i| ids[i] == id && subjects[i] == "micro_minus_csi300")
        .collect();
    let (Some(&first), Some(&last)) = (rows.first(), rows.last()) else { return Ok(None) };
    let at = |all: &[f64]| -> Vec<f64> { rows.iter().map(|&i| all[i]).collect() };
    let edge = |side: f64| -> Vec<f64> { rows.iter().map(|&i| side * BAND * errors[i]).collect() };
    let layers = vec![
        Layer::Band {
            name: words("event-path-band"),
            colour: Colour::Muted,
            low: edge(-1.0),
            high: edge(1.0),
        },
        Layer::Line {
            name: words("event-path-line"),
            colour: Colour::Accent,
            values: at(&cumulative),
            stroke: Stroke::Strong,
        },
    ];
    let axis = Axis::Numbers { title: words("event-path-axis"), at: at(&relative) };
    let args = [
        ("title", title.into()),
        ("total", cumulative[last].into()),
        ("from", days[first].into()),
        ("to", days[last].into()),
    ];
    let chart = Chart::layers("event_path", Format::Percent(0), axis, layers)
        .titled(message("event-path-title", &args), message("event-path-unit", &args))
        .captioned(words("event-path-caption"))
        .tall(300);
    Ok(Some(chart))
}
