//! What a return was computed from.

use serde::{Deserialize, Serialize};
use shoals_core::Text;

/// What a return was computed from, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NavBasis {
    /// 复权净值: the publisher reinvested the dividends.
    Adjusted,
    /// 单位净值 and the dividends paid, reinvested by us at the unit value of the day.
    UnitAndDividends,
    /// 单位净值 and 累计净值: dividends and splits recovered, then reinvested.
    UnitAndAccumulated,
    /// 累计净值 alone: dividends are added and never earn again, so every later return is divided by too much and comes out
    /// too small in size.
    Accumulated,
    /// 单位净值 alone: dividends, if any, look like losses.
    Unit,
}

impl NavBasis {
    /// Every basis, the best first.
    pub const ALL: [Self; 5] = [
        Self::Adjusted,
        Self::UnitAndDividends,
        Self::UnitAndAccumulated,
        Self::Accumulated,
        Self::Unit,
    ];

    /// Its name in tables and files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Adjusted => "adjusted",
            Self::UnitAndDividends => "unit_and_dividends",
            Self::UnitAndAccumulated => "unit_and_accumulated",
            Self::Accumulated => "accumulated",
            Self::Unit => "unit",
        }
    }

    /// What it is, in words.
    pub fn words(self) -> Text {
        let (zh, en) = match self {
            Self::Adjusted => ("复权净值", "adjusted NAV"),
            Self::UnitAndDividends => ("单位净值加分红", "unit NAV and dividends"),
            Self::UnitAndAccumulated => {
                ("单位净值与累计净值还原分红", "unit and accumulated NAV, dividends recovered")
            }
            Self::Accumulated => {
                ("仅累计净值（低估复利）", "accumulated NAV alone (understates compounding)")
            }
            Self::Unit => {
                ("仅单位净值（分红会像亏损）", "unit NAV alone (a dividend looks like a loss)")
            }
        };
        Text::new(zh, en)
    }
}
