//! What is watched through the events: a return a day, beside the market's.

use serde::Serialize;
use shoals_core::{Segment, Series, TradingDay};

use crate::WarningError;

/// A series of returns under study.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SubjectName {
    /// Micro caps less the CSI 300.
    Spread,
    /// A size segment's index.
    Segment(Segment),
    /// The treated stocks less their control: the difference in differences.
    Difference,
}

impl SubjectName {
    /// The stable name in tables: `micro_minus_csi300`, a segment's name, or `treated_minus_control`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Spread => "micro_minus_csi300",
            Self::Segment(segment) => segment.name(),
            Self::Difference => "treated_minus_control",
        }
    }

    /// Whether its abnormal return is against the market; the difference of two portfolios is against its own mean.
    pub const fn has_market(self) -> bool {
        !matches!(self, Self::Difference)
    }
}

/// A subject with the market on the days both have returns.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Subject {
    pub(super) name: SubjectName,
    pub(super) days: Vec<TradingDay>,
    /// Simple returns.
    pub(super) own: Vec<f64>,
    /// The market's; zero where the model has none.
    pub(super) market: Vec<f64>,
}

impl Subject {
    /// A subject of returns on days, beside the market's returns; days without either are left out.
    pub(super) fn new(name: SubjectName, days: &[TradingDay], own: &[f64], market: &[f64]) -> Self {
        let mut subject = Self { name, days: Vec::new(), own: Vec::new(), market: Vec::new() };
        for ((day, own), market) in days.iter().zip(own).zip(market) {
            if own.is_finite() && market.is_finite() {
                subject.days.push(*day);
                subject.own.push(*own);
                subject.market.push(*market);
            }
        }
        subject
    }

    /// Position of a day, if it has one.
    pub(super) fn position(&self, day: TradingDay) -> Option<usize> {
        self.days.binary_search(&day).ok()
    }
}

/// The spread, then each segment, smallest companies first; a segment that is the market itself is left out.
pub(super) fn of_indices(
    segments: &[(Segment, Series)],
    market: &Series,
) -> Result<Vec<Subject>, WarningError> {
    for series in segments.iter().map(|(_, series)| series).chain([market]) {
        require_prices(series)?;
    }
    let days = market.days().get(1..).unwrap_or_default();
    let returns = |series: &Series| -> Vec<f64> {
        market.days().windows(2).map(|pair| return_over(series, pair)).collect()
    };
    let of_market = returns(market);
    let find = |wanted: Segment| segments.iter().find(|(s, _)| *s == wanted).map(|(_, s)| s);
    let mut subjects = Vec::new();
    if let (Some(micro), Some(large)) = (find(Segment::Micro), find(Segment::Csi300)) {
        let (micro, large) = (returns(micro), returns(large));
        let spread: Vec<f64> = micro.iter().zip(&large).map(|(m, l)| m - l).collect();
        subjects.push(Subject::new(SubjectName::Spread, days, &spread, &of_market));
    }
    for segment in Segment::ALL {
        if let Some(series) = find(segment).filter(|series| series.name() != market.name()) {
            let name = SubjectName::Segment(segment);
            subjects.push(Subject::new(name, days, &returns(series), &of_market));
        }
    }
    subjects.retain(|subject| !subject.days.is_empty());
    Ok(subjects)
}

/// The simple return between two days; NaN where either has no close.
pub(super) fn return_over(series: &Series, pair: &[TradingDay]) -> f64 {
    match (series.at(pair[0]), series.at(pair[1])) {
        (Some(before), Some(now)) => now / before - 1.0,
        _ => f64::NAN,
    }
}

fn require_prices(series: &Series) -> Result<(), WarningError> {
    let is_price = |close: f64| close.is_nan() || (close > 0.0 && close.is_finite());
    match series.values().iter().position(|&close| !is_price(close)) {
        Some(i) => Err(WarningError::CloseNotPositive {
            series: series.name().to_owned(),
            day: series.days()[i],
            found: series.values()[i],
        }),
        None => Ok(()),
    }
}
