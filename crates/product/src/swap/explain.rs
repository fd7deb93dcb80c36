//! Where a day's equity comes from, as a tree that adds up at every node.

use serde::Serialize;
use shoals_core::TradingDay;

use super::SwapOutcome;

/// A number, and the numbers it is the sum of.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    /// What it is.
    pub name: String,
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
            Some(leaf(format!("short {}", hedge.contract), last.pnl))
        })
        .collect();
    let children = vec![
        leaf("initial margin", initial_margin),
        leaf("cash paid in", paid_in),
        leaf(format!("long {}", outcome.terms.long.symbol), line.long_pnl),
        Explanation { name: "hedges".to_owned(), value: line.hedge_pnl, children: hedges },
        leaf("financing", 0.0 - line.financing),
        leaf("fees", 0.0 - line.fees),
    ];
    Some(Explanation { name: format!("equity on {date}"), value: line.equity, children })
}

fn leaf(name: impl Into<String>, value: f64) -> Explanation {
    Explanation { name: name.into(), value, children: Vec::new() }
}
