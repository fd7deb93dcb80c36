//! Why a built-in market could not be made.

use shoals_core::{CoreError, TradingDay};

/// A configuration, scenario or factor path that describes no market.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "every field is named and explained by its message")]
pub enum SampleError {
    /// A configuration value outside its legal range.
    #[error("`{key}` is {found}, expected {expected}")]
    OutOfRange { key: &'static str, found: f64, expected: &'static str },

    /// The period asked for is not covered by the scenario.
    #[error("{from} to {to} is not inside the scenario, which runs {first} to {last}")]
    OutsideScenario { from: TradingDay, to: TradingDay, first: TradingDay, last: TradingDay },

    /// A column of the factor path does not have one value a day.
    #[error("`{column}` of the factor path has {found} values for {days} days")]
    UnevenPath { column: &'static str, found: usize, days: usize },

    /// A column of the factor path holds a value no market can follow.
    #[error("`{column}` of the factor path is {found} on {day}, expected {expected}")]
    IllegalPath { column: &'static str, day: TradingDay, found: f64, expected: &'static str },

    /// The legs of a scenario are not in rising order.
    #[error("leg `{leg}` ends on {last}, not after the leg before it, which ends on {previous}")]
    LegsNotRising { leg: String, last: TradingDay, previous: TradingDay },

    /// The crowd's world is not legal.
    #[error(transparent)]
    Spiral(#[from] shoals_spiral::SpiralError),

    /// A day, contract or rule the words of the house do not know.
    #[error(transparent)]
    Core(#[from] CoreError),
}
