//! What the gauge is made of.

use serde::{Deserialize, Serialize};
use shoals_core::{Series, Text};

use crate::WarningError;

/// What a component speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// How much is borrowed and hedged: basis, financing.
    Leverage,
    /// How many stand in the same place.
    Crowding,
    /// How dear it is to leave.
    Liquidity,
    /// How far prices have run.
    Extremity,
}

impl Group {
    /// The groups, in the order they are told.
    pub const ALL: [Self; 4] = [Self::Leverage, Self::Crowding, Self::Liquidity, Self::Extremity];

    /// The stable name used in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Leverage => "leverage",
            Self::Crowding => "crowding",
            Self::Liquidity => "liquidity",
            Self::Extremity => "extremity",
        }
    }
}

/// Which end of a component is the dangerous one, said before looking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Danger {
    /// High values.
    High,
    /// Low values, as a deep futures discount.
    Low,
}

/// One thing the gauge reads, known at each day's close.
#[derive(Debug, Clone, PartialEq)]
pub struct Component {
    /// Stable name.
    pub name: String,
    /// What it is, for people.
    pub label: Text,
    /// What it speaks of.
    pub group: Group,
    /// Its dangerous end.
    pub danger: Danger,
    /// Its values; any unit, only their order counts.
    pub series: Series,
}

/// How far small companies have run over large ones: over a year, and away from the year's mean.
///
/// # Errors
/// Closes that are not positive, or days that never meet.
pub fn extremity(small: &Series, large: &Series) -> Result<Vec<Component>, WarningError> {
    const YEAR: usize = 250;
    let ratio = super::Ratio::of(small, large, &super::GaugeConfig::default())?;
    let n = ratio.days.len();
    let from_year = |of: &dyn Fn(usize) -> f64| -> Vec<f64> {
        (0..n).map(|t| if t < YEAR { f64::NAN } else { of(t) }).collect()
    };
    let run = from_year(&|t| ratio.values[t] / ratio.values[t - YEAR] - 1.0);
    let away = from_year(&|t| {
        let year = &ratio.values[t + 1 - YEAR..=t];
        ratio.values[t] / (year.iter().sum::<f64>() / YEAR as f64) - 1.0
    });
    let component = |name: &str, label, values| -> Result<Component, WarningError> {
        Ok(Component {
            name: name.to_owned(),
            label,
            group: Group::Extremity,
            danger: Danger::High,
            series: Series::new(name, ratio.days.clone(), values)?,
        })
    };
    Ok(vec![
        component(
            "excess_250d",
            Text::new("小盘相对大盘近 250 日涨幅", "gain of small over large in 250 days"),
            run,
        )?,
        component(
            "distance_to_mean_250d",
            Text::new("小盘/大盘比值偏离 250 日均值", "small over large against its 250-day mean"),
            away,
        )?,
    ])
}
