//! How a factor is cleaned: named choices, and a plan of them that is always legal.

use serde::{Deserialize, Serialize};

use crate::MarketError;

/// What happens to the tails.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Winsorise {
    /// Nothing.
    None,
    /// Clipped to median +- `deviations` x 1.4826 x MAD, the textbook convention.
    NormalMad {
        /// Usually 3.
        deviations: f64,
    },
    /// Clipped to median +- `multiples` x MAD, as many Chinese desks do.
    PlainMad {
        /// Usually 5.
        multiples: f64,
    },
    /// Clipped to the percentiles `tail` and `1 - tail` (interpolated, type 7).
    Percentile {
        /// Usually 0.01.
        tail: f64,
    },
}

/// The scale a factor is brought to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standardise {
    /// Its own.
    None,
    /// Mean zero, deviation one with divisor n.
    Population,
    /// Mean zero, deviation one with divisor n - 1.
    #[default]
    Sample,
}

/// What a row without factor gets after standardising.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fill {
    /// Nothing: it stays missing.
    #[default]
    None,
    /// Zero, the mean. Exclude rows of stocks that are not listed.
    Zero,
    /// The mean of its industry, where it has one.
    IndustryMean,
}

/// What is regressed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Neutralise {
    /// Nothing.
    #[default]
    None,
    /// Industry means.
    Industry,
    /// Log market cap.
    Size,
    /// Both.
    IndustryAndSize,
}

/// How much each stock counts in the regression.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// The same.
    Equal,
    /// The root of its market cap, the usual guess at its noise.
    #[default]
    RootCap,
    /// Its market cap.
    Cap,
}

/// How a factor is cleaned. A value of this type is always legal.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "RawCleaning")]
pub struct Cleaning {
    pub(super) winsorise: Winsorise,
    pub(super) standardise: Standardise,
    pub(super) fill: Fill,
    pub(super) neutralise: Neutralise,
    pub(super) weight: Weight,
}

/// The same words as in the file, not yet believed.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RawCleaning {
    winsorise: Winsorise,
    standardise: Standardise,
    fill: Fill,
    neutralise: Neutralise,
    weight: Weight,
}

impl Default for RawCleaning {
    fn default() -> Self {
        Self {
            winsorise: Winsorise::NormalMad { deviations: 3.0 },
            standardise: Standardise::default(),
            fill: Fill::default(),
            neutralise: Neutralise::default(),
            weight: Weight::default(),
        }
    }
}

impl TryFrom<RawCleaning> for Cleaning {
    type Error = MarketError;

    fn try_from(raw: RawCleaning) -> Result<Self, MarketError> {
        Self::new(raw.winsorise, raw.standardise, raw.fill, raw.neutralise, raw.weight)
    }
}

impl Default for Cleaning {
    /// Three deviations by the MAD, z-scores, nothing filled, nothing regressed out.
    fn default() -> Self {
        Self::try_from(RawCleaning::default()).expect("the defaults are legal")
    }
}

impl Cleaning {
    /// The plan that leaves a factor as it is.
    pub const fn nothing() -> Self {
        Self {
            winsorise: Winsorise::None,
            standardise: Standardise::None,
            fill: Fill::None,
            neutralise: Neutralise::None,
            weight: Weight::Equal,
        }
    }

    /// A cleaning plan.
    ///
    /// # Errors
    /// A number of deviations that is not positive, or a tail outside `[0, 0.5)`.
    pub fn new(
        winsorise: Winsorise,
        standardise: Standardise,
        fill: Fill,
        neutralise: Neutralise,
        weight: Weight,
    ) -> Result<Self, MarketError> {
        let positive = |x: f64| x > 0.0 && x.is_finite();
        let (field, found, expected, is_legal) = match winsorise {
            Winsorise::None => ("winsorise", 0.0, "", true),
            Winsorise::NormalMad { deviations } => {
                ("deviations", deviations, "a positive number", positive(deviations))
            }
            Winsorise::PlainMad { multiples } => {
                ("multiples", multiples, "a positive number", positive(multiples))
            }
            Winsorise::Percentile { tail } => {
                ("tail", tail, "a decimal in [0, 0.5)", (0.0..0.5).contains(&tail))
            }
        };
        if !is_legal {
            return Err(MarketError::SettingOutOfRange { field, found, expected });
        }
        Ok(Self { winsorise, standardise, fill, neutralise, weight })
    }

    /// Whether cleaning needs each stock's industry beside the factor.
    pub fn needs_industry(&self) -> bool {
        self.fill == Fill::IndustryMean
            || matches!(self.neutralise, Neutralise::Industry | Neutralise::IndustryAndSize)
    }

    /// Whether cleaning needs market caps beside the factor.
    pub fn needs_cap(&self) -> bool {
        self.neutralise != Neutralise::None && self.weight != Weight::Equal
            || matches!(self.neutralise, Neutralise::Size | Neutralise::IndustryAndSize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plans_are_legal_or_refused() {
        let read = |text: &str| serde_json::from_str::<Cleaning>(text);
        assert!(read(r#"{"winsorise":{"percentile":{"tail":0.5}}}"#).is_err());
        assert!(read(r#"{"winsorise":{"normal_mad":{"deviations":-1}}}"#).is_err());
        assert!(read(r#"{"winsorize":"none"}"#).is_err());
        assert_eq!(read("{}").unwrap(), Cleaning::default());
    }
}
