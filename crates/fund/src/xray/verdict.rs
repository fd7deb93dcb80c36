//! One fund's card in one word and one sentence.

use serde::Serialize;
use shoals_core::Text;

use super::card::{CardLine, Flag, Test};
use super::claim::Claim;

/// What a card comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It promises calm, and an exposure it does not tell lies above its line beyond all error: the red flag.
    Hides,
    /// It promises calm; something is above its line, but within error or without a known cause.
    Watch,
    /// It promises calm, and nothing speaks against it.
    Clear,
    /// It promises none: its risk is in plain sight.
    Plain,
    /// The record cannot tell what it holds.
    Unknown,
}

impl Verdict {
    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hides => "hides",
            Self::Watch => "watch",
            Self::Clear => "clear",
            Self::Plain => "plain",
            Self::Unknown => "unknown",
        }
    }

    /// Reads a card.
    pub(super) fn of(claim: Claim, card: &[CardLine]) -> Self {
        // Tails together beyond a normal's show for plain holders too: told, and never held against a fund.
        let counted = || card.iter().filter(|line| line.test != Test::TailDependence);
        let has = |flag: Flag, exposure: bool| {
            counted().any(|line| line.flag == flag && line.test.is_exposure() == exposure)
        };
        let size = card.iter().find(|line| line.test == Test::HiddenSize);
        match () {
            () if size.is_none_or(|line| line.flag == Flag::Unknown) => Self::Unknown,
            () if !claim.is_calm() => Self::Plain,
            () if has(Flag::Red, true) => Self::Hides,
            () if has(Flag::Red, false) || has(Flag::Amber, true) => Self::Watch,
            () => Self::Clear,
        }
    }
}

/// The card in one sentence: the verdict, then every red line with its number and band.
pub(super) fn sentence(name: &str, verdict: Verdict, card: &[CardLine]) -> Text {
    let (zh, en) = match verdict {
        Verdict::Hides => ("只是看上去平稳", "only looks calm"),
        Verdict::Watch => ("尚不能断言名副其实", "cannot be called what it says yet"),
        Verdict::Clear => ("检验所及与其所称相符", "is what it says as far as the tests see"),
        Verdict::Plain => ("风险外露，不作平稳的承诺", "carries its risk in plain sight"),
        Verdict::Unknown => ("记录不足以判断其持仓", "has too short a record to say what it holds"),
    };
    let red =
        card.iter().filter(|line| line.flag == Flag::Red && line.test != Test::TailDependence);
    let parts: Vec<(String, String)> = red.map(clause).collect();
    let joined = |side: fn(&(String, String)) -> &str, with: &str| {
        parts.iter().map(side).collect::<Vec<_>>().join(with)
    };
    if parts.is_empty() {
        return Text::new(format!("{name}{zh}。"), format!("{name} {en}."));
    }
    Text::new(
        format!("{name}{zh}：{}。", joined(|p| &p.0, "；")),
        format!("{name} {en}: {}.", joined(|p| &p.1, "; ")),
    )
}

fn clause(line: &CardLine) -> (String, String) {
    let percent = |x: f64| format!("{:.0}%", 100.0 * x);
    let fine = |x: f64| format!("{:.2}%", 100.0 * x);
    let number = |x: f64| format!("{x:.2}");
    let show: &dyn Fn(f64) -> String = match line.test {
        Test::PesoLoss | Test::DrawdownBudget | Test::Smoothing => &percent,
        Test::InsuranceSold => &fine,
        _ => &number,
    };
    let (zh, en) = match line.test {
        Test::HiddenSize => ("小市值敞口", "exposure to small companies"),
        Test::HiddenShortVolatility => ("做空波动率敞口", "short volatility"),
        Test::DmaLikeness => ("与 DMA 组合的相关", "correlation with a DMA book"),
        Test::InsuranceSold => {
            ("市场变动 5% 时直线之外的损失", "loss beyond a straight line when the market moves 5%")
        }
        Test::Smoothing => ("延后入账的收益", "part of each return told late"),
        Test::TailDependence => {
            ("尾部相关高出相关性所能解释", "tail dependence beyond correlation")
        }
        Test::PesoLoss => ("小盘下跌情景的损失", "loss were small companies to fall"),
        Test::DrawdownBudget => {
            ("一年内突破回撤预算的概率", "chance of breaking its drawdown budget in a year")
        }
    };
    let [value, low, high] = [line.value, line.low, line.high].map(show);
    (format!("{zh} {value}（{low} 至 {high}）"), format!("{en} {value} ({low} to {high})"))
}
