//! What weighting and reselection added to the names held, month by month.

use super::EXHIBIT;
use crate::ReportError;
use crate::chart::{Axis, Chart, Colour, Layer, Stroke};
use crate::exhibits::source::Source;
use crate::i18n::{Arg, Text, message, words};
use crate::number::Format;

pub(super) struct Premium {
    months: Vec<String>,
    reweighting: Vec<f64>,
    reselection: Vec<f64>,
    both: Vec<f64>,
}

impl Premium {
    pub(super) fn read(source: &Source) -> Result<Self, ReportError> {
        let frame = source.frame(EXHIBIT, "premium")?;
        Ok(Self {
            months: frame.words("month")?,
            reweighting: frame.numbers("reweighting")?,
            reselection: frame.numbers("reselection")?,
            both: frame.numbers("premium")?,
        })
    }

    fn args(&self) -> Option<Vec<(&'static str, Arg)>> {
        let (from, to) = (self.months.first()?, self.months.last()?);
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let n_won = self.both.iter().filter(|x| **x > 0.0).count();
        Some(vec![
            ("n", self.months.len().into()),
            ("n_won", n_won.into()),
            ("premium", mean(&self.both).into()),
            ("error", standard_error(&self.both).into()),
            ("reweighting", mean(&self.reweighting).into()),
            ("reselection", mean(&self.reselection).into()),
            ("from", from.as_str().into()),
            ("to", to.as_str().into()),
        ])
    }

    pub(super) fn sentence(&self) -> Option<Text> {
        Some(message("index-premium-sentence", &self.args()?))
    }

    pub(super) fn chart(&self) -> Option<Chart> {
        let args = self.args().filter(|_| self.months.len() > 1)?;
        let line = |key: &str, colour, values: &[f64], stroke| Layer::Line {
            name: words(key),
            colour,
            values: running_sum(values),
            stroke,
        };
        let layers = vec![
            line("index-reweighting", Colour::Muted, &self.reweighting, Stroke::Plain),
            line("index-reselection", Colour::Faint, &self.reselection, Stroke::Plain),
            line("index-premium", Colour::Accent, &self.both, Stroke::Strong),
        ];
        let axis = Axis::Names(self.months.iter().map(Text::same).collect());
        Some(
            Chart::layers("premium", Format::Percent(1), axis, layers)
                .titled(message("index-premium-title", &args), message("index-premium-unit", &args))
                .captioned(words("index-premium-caption"))
                .tall(300),
        )
    }
}

fn running_sum(values: &[f64]) -> Vec<f64> {
    let mut sum = 0.0;
    values
        .iter()
        .map(|x| {
            sum += x;
            sum
        })
        .collect()
}

/// Of the mean of months taken as independent, divisor n - 1.
fn standard_error(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|x| (x - mean).powi(2)).sum();
    (squares / (n - 1.0) / n).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: deviations 1, 0, -1, so a variance of 1 and an error of 1 / root 3.
    #[test]
    fn the_error_of_a_mean_is_the_text_books() {
        assert!((standard_error(&[3.0, 2.0, 1.0]) - (1.0_f64 / 3.0).sqrt()).abs() < 1e-12);
        assert!(standard_error(&[1.0]).is_nan());
    }
}
