//! What the names say, taken for independent and as correlated as they are.

use shoals_core::TradingDay;

use super::EXHIBIT;
use crate::ReportError;
use crate::chart::{Axis, Chart, Colour, Layer, Stacking};
use crate::exhibits::source::Source;
use crate::i18n::{Arg, Text, message, words};
use crate::number::Format;

/// A statistic beyond this is significant at 5 %.
const CRITICAL: f64 = 1.96;

/// Patell's z and Kolari and Pynnonen's t of each event.
pub(super) struct Names {
    days: Vec<TradingDay>,
    patell: Vec<f64>,
    corrected: Vec<f64>,
    adjusted: Vec<f64>,
}

impl Names {
    pub(super) fn read(source: &Source) -> Result<Option<Self>, ReportError> {
        let frame = source.frame(EXHIBIT, "event")?;
        let (days, patell) = (frame.days("day_0")?, frame.numbers("patell_z")?);
        let corrected = frame.numbers("kolari_pynnonen_t")?;
        let adjusted = frame.numbers("adjusted_kolari_pynnonen_p")?;
        let mut names = Self {
            days: Vec::new(),
            patell: Vec::new(),
            corrected: Vec::new(),
            adjusted: Vec::new(),
        };
        for i in 0..days.len() {
            // Events of one day are one test.
            if patell[i].is_finite() && names.days.last() != Some(&days[i]) {
                names.days.push(days[i]);
                names.patell.push(patell[i]);
                names.corrected.push(corrected[i]);
                names.adjusted.push(adjusted[i]);
            }
        }
        Ok(Some(names).filter(|names| !names.days.is_empty()))
    }

    fn args(&self) -> Vec<(&'static str, Arg)> {
        let beyond = |all: &[f64]| all.iter().filter(|t| t.abs() > CRITICAL).count();
        let largest = |all: &[f64]| all.iter().fold(0.0_f64, |most, t| most.max(t.abs()));
        vec![
            ("n", self.days.len().into()),
            ("naive", beyond(&self.patell).into()),
            ("corrected", beyond(&self.corrected).into()),
            ("adjusted", self.adjusted.iter().filter(|p| **p < 0.05).count().into()),
            ("largest", largest(&self.patell).into()),
            ("largest_corrected", largest(&self.corrected).into()),
        ]
    }

    pub(super) fn sentence(&self) -> Text {
        message("event-names", &self.args())
    }

    pub(super) fn chart(&self) -> Chart {
        let days = self.days.iter().map(|day| Text::same(day.to_string())).collect();
        let bars = |name, colour, values: &[f64]| Layer::Bars {
            name: words(name),
            colour,
            values: values.to_vec(),
            stacking: Stacking::Beside,
        };
        let layers = vec![
            bars("event-names-patell", Colour::Faint, &self.patell),
            bars("event-names-corrected", Colour::Accent, &self.corrected),
        ];
        Chart::layers("event_names", Format::Number(1), Axis::Names(days), layers)
            .titled(message("event-names-title", &self.args()), words("event-names-unit"))
            .captioned(words("event-names-caption"))
            .tall(300)
    }
}
