//! Why a measure of a fund is not there.

use serde::Serialize;
use shoals_core::Text;
use shoals_stats::StatError;

/// A measure a fund's record cannot carry.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Refusal {
    /// The fund's code.
    pub fund: String,
    /// Table the measure would stand in.
    pub measure: &'static str,
    /// Which of them: a market, a level, a scenario; empty for all.
    pub about: String,
    /// Why not.
    pub reason: Text,
}

/// Measures that could not be taken, of one fund.
pub(super) struct Refusals<'a> {
    pub(super) fund: &'a str,
    pub(super) all: Vec<Refusal>,
}

impl Refusals<'_> {
    /// The value, or nothing and a line here.
    pub(super) fn or_told<T>(
        &mut self,
        measure: &'static str,
        about: &str,
        value: Result<T, StatError>,
    ) -> Option<T> {
        value.map_err(|error| self.tell(measure, about, reason(&error))).ok()
    }

    pub(super) fn tell(&mut self, measure: &'static str, about: &str, reason: Text) {
        self.all.push(Refusal {
            fund: self.fund.to_owned(),
            measure,
            about: about.to_owned(),
            reason,
        });
    }
}

fn reason(error: &StatError) -> Text {
    let en = error.to_string();
    let zh = match error {
        StatError::TooFewObservations { needed, found } => {
            format!("至少需要 {needed} 个观测，只有 {found} 个")
        }
        StatError::Constant { .. } => "没有波动，无从度量".to_owned(),
        StatError::Collinear { .. } => "因子彼此是线性组合，无法区分".to_owned(),
        StatError::OutOfRange { field, found, expected } => {
            format!("`{field}` 为 {found}，应为 {expected}")
        }
        _ => en.clone(),
    };
    Text { zh, en }
}
