//! What a fund says it is, and what its calm says.

use serde::Serialize;

use crate::{Fund, Periods};

/// Words of a fund's name or kind that promise calm.
const CALM_WORDS: [&str; 16] = [
    "固收",
    "中性",
    "对冲",
    "套利",
    "稳健",
    "债",
    "货币",
    "现金",
    "绝对收益",
    "fixed income",
    "neutral",
    "hedge",
    "arbitrage",
    "bond",
    "money",
    "absolute return",
];

/// Why a fund is read as one that promises calm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Claim {
    /// Its name or kind promises it.
    SaidCalm,
    /// It says nothing, but its NAV has moved no more than such a fund's.
    LooksCalm,
    /// Neither: its risk is in plain sight.
    PlainRisk,
}

impl Claim {
    /// Reads the claim by name and kind, else by the yearly volatility of what was published.
    pub(super) fn of(fund: &Fund, periods: &Periods, calm_volatility: f64) -> Self {
        let words =
            format!("{} {}", fund.name, fund.kind.as_deref().unwrap_or_default()).to_lowercase();
        if CALM_WORDS.iter().any(|word| words.contains(word)) {
            return Self::SaidCalm;
        }
        match shoals_stats::performance::volatility(&periods.returns, periods.per_year) {
            Ok(volatility) if volatility <= calm_volatility => Self::LooksCalm,
            _ => Self::PlainRisk,
        }
    }

    /// Whether it is held to a promise of calm.
    pub fn is_calm(self) -> bool {
        self != Self::PlainRisk
    }

    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::SaidCalm => "said_calm",
            Self::LooksCalm => "looks_calm",
            Self::PlainRisk => "plain_risk",
        }
    }
}
