//! Books beside each other: who was called, when, and by which leg.

use serde::Serialize;
use shoals_core::{Convention, Outcome, Table, Text, TradingDay};

use super::{StatementLine, SwapOutcome};

/// Several books, in the order they were asked.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// One a book.
    pub books: Vec<ComparedBook>,
}

/// What a book came to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ComparedBook {
    /// Its name.
    pub name: String,
    /// Its opening.
    pub opened_on: TradingDay,
    /// Its last line.
    pub last_on: TradingDay,
    /// First close below the call line.
    pub called_on: Option<TradingDay>,
    /// First close below the liquidation line.
    pub liquidation_on: Option<TradingDay>,
    /// First close without equity.
    pub wiped_out_on: Option<TradingDay>,
    /// Lowest margin ratio of a close before the book was being closed out: what is left of a base that
    /// is being sold tells nothing. Decimal.
    pub worst_ratio: f64,
    /// Its day.
    pub worst_on: TradingDay,
    /// Gain of the long leg from the opening to the worst close, CNY.
    pub worst_long_pnl: f64,
    /// Gain of the hedges likewise.
    pub worst_hedge_pnl: f64,
    /// Equity at the worst close, CNY.
    pub worst_equity: f64,
    /// Lowest equity of any close, CNY.
    pub lowest_equity: f64,
    /// Equity at the end, CNY.
    pub final_equity: f64,
    /// Cash paid in after calls, CNY.
    pub cash_paid_in: f64,
}

impl ComparedBook {
    /// What a book came to; `None` without a line.
    pub fn of(name: &str, outcome: &SwapOutcome) -> Option<Self> {
        let lines = &outcome.statement;
        let (first, last) = (lines.first()?, lines.last()?);
        let closing_out = outcome.orders.iter().find(|order| order.cause.closes_the_book());
        let is_whole = |line: &&StatementLine| {
            // The last line shows the position as it was sold: whole where it was sold in one day.
            closing_out.is_none_or(|order| {
                line.date < order.date || (line.date == order.date && order.date == last.date)
            })
        };
        let known = lines.iter().filter(is_whole).filter(|line| !line.margin_ratio.is_nan());
        let worst = known.min_by(|a, b| a.margin_ratio.total_cmp(&b.margin_ratio))?;
        Some(Self {
            name: name.to_owned(),
            opened_on: first.date,
            last_on: last.date,
            called_on: outcome.called_on,
            liquidation_on: outcome.liquidation_on,
            wiped_out_on: outcome.wiped_out_on,
            worst_ratio: worst.margin_ratio,
            worst_on: worst.date,
            worst_long_pnl: worst.long_pnl,
            worst_hedge_pnl: worst.hedge_pnl,
            worst_equity: worst.equity,
            lowest_equity: lines.iter().map(|line| line.equity).fold(f64::INFINITY, f64::min),
            final_equity: last.equity,
            cash_paid_in: outcome.cash_paid_in,
        })
    }
}

impl Outcome for Comparison {
    const NAME: &'static str = "swap_compare";

    fn tables(&self) -> Vec<Table> {
        let books = &self.books;
        let number =
            |pick: fn(&ComparedBook) -> f64| -> Vec<f64> { books.iter().map(pick).collect() };
        let day = |pick: fn(&ComparedBook) -> TradingDay| -> Vec<TradingDay> {
            books.iter().map(pick).collect()
        };
        let maybe = |pick: fn(&ComparedBook) -> Option<TradingDay>| -> Vec<String> {
            books.iter().map(|b| pick(b).map(|day| day.to_string()).unwrap_or_default()).collect()
        };
        let names: Vec<String> = books.iter().map(|book| book.name.clone()).collect();
        let never = |what: &str| format!("first close {what}; empty for none");
        vec![
            Table::new("book")
                .with("name", "the book", names)
                .with("opened_on", "its opening", day(|b| b.opened_on))
                .with("called_on", never("below the call line"), maybe(|b| b.called_on))
                .with(
                    "liquidation_on",
                    never("below the liquidation line"),
                    maybe(|b| b.liquidation_on),
                )
                .with("wiped_out_on", never("without equity"), maybe(|b| b.wiped_out_on))
                .with(
                    "worst_ratio",
                    "lowest margin ratio before the book was being closed out, decimal",
                    number(|b| b.worst_ratio),
                )
                .with("worst_on", "its day", day(|b| b.worst_on))
                .with("worst_long_pnl", "long gain to that day, CNY", number(|b| b.worst_long_pnl))
                .with("worst_hedge_pnl", "hedge gain to it, CNY", number(|b| b.worst_hedge_pnl))
                .with("worst_equity", "equity at that close, CNY", number(|b| b.worst_equity))
                .with("lowest_equity", "of any close, CNY", number(|b| b.lowest_equity))
                .with("final_equity", "equity at the end, CNY", number(|b| b.final_equity))
                .with("last_on", "its last line", day(|b| b.last_on))
                .with("cash_paid_in", "after calls, CNY", number(|b| b.cash_paid_in)),
        ]
    }

    fn convention(&self) -> Convention {
        let n = self.books.len();
        Convention::from([
            (
                "breach".into(),
                Text::new("收盘时的比例严格低于某线", "a ratio strictly below a line at the close"),
            ),
            ("sample".into(), Text::new(format!("{n} 本账"), format!("{n} books"))),
            ("unit".into(), Text::new("元", "CNY")),
        ])
    }
}
