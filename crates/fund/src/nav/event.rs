//! Distributions, splits and what does not fit.

use serde::Serialize;
use shoals_core::{Text, TradingDay};

/// What happened to a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NavEventKind {
    /// A dividend was paid (分红).
    Dividend,
    /// One unit became several, or several one (拆分、折算).
    Split,
    /// A dividend or a split: both leave the same return, and no day after has told them apart yet.
    DividendOrSplit,
    /// The accumulated value was restated, or is mistyped; the unit's own change is used.
    Restated,
    /// A dividend in the file that neither the unit nor the accumulated value shows; not added.
    DividendNotSeen,
    /// Published adjusted value and recovered return differ by more than rounding; the published one is used.
    Disagreement,
    /// The value moved further than is believed and nothing explains it; used as published.
    Jump,
}

impl NavEventKind {
    /// Its name in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dividend => "dividend",
            Self::Split => "split",
            Self::DividendOrSplit => "dividend_or_split",
            Self::Restated => "restated",
            Self::DividendNotSeen => "dividend_not_seen",
            Self::Disagreement => "disagreement",
            Self::Jump => "jump",
        }
    }

    /// What it is, in words.
    pub fn words(self) -> Text {
        let (zh, en) = match self {
            Self::Dividend => ("分红", "dividend"),
            Self::Split => ("拆分或折算", "split"),
            Self::DividendOrSplit => {
                ("分红或拆分，尚未能分辨", "dividend or split, not told apart yet")
            }
            Self::Restated => ("累计净值重述", "accumulated value restated"),
            Self::DividendNotSeen => ("所列分红在净值中不见", "a dividend told but not seen"),
            Self::Disagreement => {
                ("复权净值与还原不符", "adjusted value disagrees with the recovered one")
            }
            Self::Jump => ("无从解释的跳动", "a jump nothing explains"),
        };
        Text::new(zh, en)
    }
}

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct NavEvent {
    /// First day whose value shows it.
    pub date: TradingDay,
    /// Day it could first be told what it was.
    pub known_on: TradingDay,
    /// What it was.
    pub kind: NavEventKind,
    /// CNY a unit: the dividend, the restatement's size; NaN where there is none.
    pub amount: f64,
    /// Units one unit became; NaN for a dividend and where there is none.
    pub factor: f64,
    /// Return of the period used, simple decimal.
    pub used: f64,
    /// Return the unit value alone would have shown; of the recovered values for a disagreement.
    pub otherwise: f64,
}

impl NavEvent {
    /// Whether it is a dividend, a split, or one of both.
    pub fn is_distribution(&self) -> bool {
        use NavEventKind::{Dividend, DividendOrSplit, Split};
        matches!(self.kind, Dividend | Split | DividendOrSplit)
    }
}
