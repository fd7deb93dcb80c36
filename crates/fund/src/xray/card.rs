//! The scorecard: each test with its evidence, its error and what it says.

use serde::Serialize;
use shoals_core::Text;

/// What one test says of a fund.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Flag {
    /// Too little data to say.
    Unknown,
    /// Below its line.
    Clear,
    /// Above its line, but within the error of it.
    Amber,
    /// Above its line by more than its error.
    Red,
}

impl Flag {
    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Clear => "clear",
            Self::Amber => "amber",
            Self::Red => "red",
        }
    }
}

/// What a test asks of a fund that promises calm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Test {
    /// Is it long small companies against large ones?
    HiddenSize,
    /// Is it short volatility?
    HiddenShortVolatility,
    /// Does it move as a DMA book does?
    DmaLikeness,
    /// Does it lose when the market moves far, beyond what it holds in a straight line?
    InsuranceSold,
    /// Does it report its returns over several periods?
    Smoothing,
    /// Do its worst periods come with the market's more often than chance?
    TailDependence,
    /// What would a fall of small companies cost it, that has not happened yet in its record?
    PesoLoss,
    /// How likely does it break its drawdown budget within a year?
    DrawdownBudget,
}

impl Test {
    /// Every test, as the card lists them.
    pub const ALL: [Self; 8] = [
        Self::HiddenSize,
        Self::HiddenShortVolatility,
        Self::DmaLikeness,
        Self::InsuranceSold,
        Self::Smoothing,
        Self::TailDependence,
        Self::PesoLoss,
        Self::DrawdownBudget,
    ];

    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::HiddenSize => "hidden_size",
            Self::HiddenShortVolatility => "hidden_short_volatility",
            Self::DmaLikeness => "dma_likeness",
            Self::InsuranceSold => "insurance_sold",
            Self::Smoothing => "smoothing",
            Self::TailDependence => "tail_dependence",
            Self::PesoLoss => "peso_loss",
            Self::DrawdownBudget => "drawdown_budget",
        }
    }

    /// Whether a red flag of this test alone makes a calm fund one that only looks so.
    pub(super) fn is_exposure(self) -> bool {
        matches!(self, Self::HiddenSize | Self::HiddenShortVolatility | Self::DmaLikeness)
    }
}

/// A number with its error, or the reason there is none.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Evidence {
    /// The number, the ends of its band.
    Found { value: f64, low: f64, high: f64 },
    /// Why it is not known.
    Missing(Text),
}

/// One test of one fund.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CardLine {
    /// What was asked.
    pub test: Test,
    /// What was found; NaN where it is not known.
    pub value: f64,
    /// Lower end of its band.
    pub low: f64,
    /// Upper end of its band.
    pub high: f64,
    /// The line it is held against.
    pub threshold: f64,
    /// What it says.
    pub flag: Flag,
    /// Why it is not known; empty where it is.
    pub reason: Text,
}

impl CardLine {
    /// Holds the evidence against the line: red only when the whole band lies above it.
    pub(super) fn of(test: Test, evidence: Evidence, threshold: f64) -> Self {
        let nan = f64::NAN;
        let (value, low, high, flag, reason) = match evidence {
            Evidence::Missing(reason) => (nan, nan, nan, Flag::Unknown, reason),
            Evidence::Found { value, low, high } => {
                let flag = if value.is_nan() || low.is_nan() {
                    Flag::Unknown
                } else if low > threshold {
                    Flag::Red
                } else if value > threshold {
                    Flag::Amber
                } else {
                    Flag::Clear
                };
                (value, low, high, flag, Text::default())
            }
        };
        Self { test, value, low, high, threshold, flag, reason }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn red_needs_the_whole_band_above_the_line() {
        let flag = |value, low, high| {
            CardLine::of(Test::HiddenSize, Evidence::Found { value, low, high }, 0.1).flag
        };
        assert_eq!(flag(0.3, 0.11, 0.5), Flag::Red);
        assert_eq!(flag(0.3, 0.05, 0.5), Flag::Amber);
        assert_eq!(flag(0.05, -0.1, 0.2), Flag::Clear);
        assert_eq!(flag(f64::NAN, f64::NAN, f64::NAN), Flag::Unknown);
    }
}
