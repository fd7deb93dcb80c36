//! The market cut by size: the window the study asks for, else the index's worst month.

use super::EXHIBIT;
use crate::ReportError;
use crate::chart::{Chart, Rung};
use crate::exhibits::source::{Frame, Source, size_colour};
use crate::i18n::{Text, message, words};
use crate::number::Format;

pub(super) struct Sizes {
    span: Text,
    /// Smallest first.
    returns: Vec<f64>,
}

impl Sizes {
    /// The last window of the `window_bucket` table, where there is one; else that month of `size_bucket`.
    pub(super) fn read(source: &Source, month: Option<&str>) -> Result<Self, ReportError> {
        let windows = source.optional(EXHIBIT, "window_bucket").filter(|frame| frame.n_rows() > 0);
        if let Some(frame) = windows {
            let (from, to) = (frame.days("from")?, frame.days("to")?);
            let last = frame.n_rows() - 1;
            let args = [("from", from[last].into()), ("to", to[last].into())];
            let is_told = |i: usize| (from[i], to[i]) == (from[last], to[last]);
            let returns = smallest_first(&frame, is_told)?;
            return Ok(Self { span: message("index-sizes-window", &args), returns });
        }
        let frame = source.frame(EXHIBIT, "size_bucket")?;
        let (months, month) = (frame.words("month")?, month.unwrap_or_default());
        let returns = smallest_first(&frame, |i| months[i] == month)?;
        Ok(Self { span: message("index-sizes-month", &[("month", month.into())]), returns })
    }

    pub(super) fn chart(&self) -> Option<Chart> {
        let n = self.returns.len();
        if n < 2 {
            return None;
        }
        let rung = |(k, value): (usize, &f64)| Rung {
            name: name(k, n),
            value: *value,
            band: None,
            colour: size_colour(k, n),
        };
        let rungs = self.returns.iter().enumerate().map(rung).collect();
        let args = [
            ("span", (&self.span).into()),
            ("small", self.returns[0].into()),
            ("large", self.returns[n - 1].into()),
            ("n", n.into()),
        ];
        Some(
            Chart::ladder("sizes", Format::Percent(1), rungs)
                .titled(message("index-sizes-title", &args), message("index-sizes-unit", &args))
                .captioned(words("index-sizes-caption"))
                .tall(46 + 30 * n as u16),
        )
    }
}

/// Returns of the rows told about, by bucket.
fn smallest_first(frame: &Frame, is_told: impl Fn(usize) -> bool) -> Result<Vec<f64>, ReportError> {
    let (buckets, returns) = (frame.numbers("bucket")?, frame.numbers("return")?);
    let mut rows: Vec<(f64, f64)> =
        (0..frame.n_rows()).filter(|i| is_told(*i)).map(|i| (buckets[i], returns[i])).collect();
    rows.sort_by(|a, b| a.0.total_cmp(&b.0));
    Ok(rows.into_iter().map(|(_, value)| value).collect())
}

fn name(k: usize, n: usize) -> Text {
    match k {
        0 => words("index-size-smallest"),
        k if k + 1 == n => message("index-size-largest", &[("n", n.into())]),
        k => Text::same((k + 1).to_string()),
    }
}
