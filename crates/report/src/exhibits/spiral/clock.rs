//! The days of a storm: dates, or numbers where a scenario has none.

use shoals_core::TradingDay;

use crate::ReportError;
use crate::chart::Axis;
use crate::exhibits::source::{Frame, period};
use crate::i18n::{Text, words};

/// A column of days.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Clock {
    /// Exchange days.
    Dates(Vec<TradingDay>),
    /// The first is 1.
    Numbers(Vec<f64>),
}

impl Clock {
    /// The column `day`.
    pub(super) fn read(frame: &Frame) -> Result<Self, ReportError> {
        let dates = frame.days("day").map(|days| Self::Dates(days.to_vec()));
        dates.or_else(|_| frame.numbers("day").map(Self::Numbers))
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::Dates(days) => days.len(),
            Self::Numbers(days) => days.len(),
        }
    }

    /// A day in words; a date as ISO, which `DAY` writes out.
    pub(super) fn at(&self, i: usize) -> Text {
        match self {
            Self::Dates(days) => Text::same(days[i].to_string()),
            Self::Numbers(days) => {
                Text::new(format!("第 {} 日", days[i]), format!("day {}", days[i]))
            }
        }
    }

    /// Its date, where it has one.
    pub(super) fn date(&self, i: usize) -> Option<TradingDay> {
        match self {
            Self::Dates(days) => days.get(i).copied(),
            Self::Numbers(_) => None,
        }
    }

    /// The days of those rows.
    pub(super) fn of_rows(&self, rows: &[usize]) -> Self {
        match self {
            Self::Dates(days) => Self::Dates(rows.iter().map(|i| days[*i]).collect()),
            Self::Numbers(days) => Self::Numbers(rows.iter().map(|i| days[*i]).collect()),
        }
    }

    pub(super) fn axis(&self) -> Axis {
        match self {
            Self::Dates(days) => Axis::Days(days.clone()),
            Self::Numbers(days) => Axis::Numbers { title: words("spiral-axis"), at: days.clone() },
        }
    }

    pub(super) fn period(&self) -> Text {
        match self {
            Self::Dates(days) => Text::same(period(days)),
            Self::Numbers(days) => {
                Text::new(format!("{} 日", days.len()), format!("{} days", days.len()))
            }
        }
    }
}
