//! Where a day's equity comes from, as a tree that adds up at every node.

use serde::Serialize;
use shoals_core::{Text, TradingDay};

use super::SwapOutcome;

/// A number, and the numbers it is the sum of.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    /// What it is; programs read the English.
    #[serde(serialize_with = "Text::serialize_english")]
    pub name: Text,
    /// CNY; a cost is negative here, so that the children add up.
    pub value: f64,
    /// What it is the sum of; empty when it is a number of its own.
    pub children: Vec<Explanation>,
}

/// The equity of `date` as a tree; `None` when the ledger has no such day.
pub fn explain(outcome: &SwapOutcome, date: TradingDay) -> Option<Explanation> {
    let line = outcome.line(date)?;
    let initial_margin = outcome.statement.first().map(|first| first.equity + first.fees)?;
    let paid_in: f64 =
        outcome.statement.iter().filter(|line| line.date <= date).map(|line| line.cashflow).sum();
    let hedges = outcome
        .terms
        .hedge
        .iter()
        .filter_map(|hedge| {
            let last = outcome
                .hedges
                .iter()
                .rev()
                .find(|line| line.contract == hedge.contract && line.date <= date)?;
            Some(leaf(names("空头", "short", &hedge.contract.to_string()), last.pnl))
        })
        .collect();
    let children = vec![
        leaf(Text::new("初始保证金", "initial margin"), initial_margin),
        leaf(Text::new("补入现金", "cash paid in"), paid_in),
        leaf(names("多头", "long", &outcome.terms.long.symbol.to_string()), line.long_pnl),
        Explanation {
            name: Text::new("对冲", "hedges"), value: line.hedge_pnl, children: hedges
        },
        leaf(Text::new("融资", "financing"), 0.0 - line.financing),
        leaf(Text::new("费用", "fees"), 0.0 - line.fees),
    ];
    let name = Text::new(format!("{date} 的权益"), format!("equity on {date}"));
    Some(Explanation { name, value: line.equity, children })
}

fn names(zh: &str, en: &str, what: &str) -> Text {
    Text::new(format!("{zh} {what}"), format!("{en} {what}"))
}

fn leaf(name: Text, value: f64) -> Explanation {
    Explanation { name, value, children: Vec::new() }
}
