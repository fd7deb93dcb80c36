//! The index year by year, and its excess over the whole market.

use serde::Serialize;
use shoals_core::{Series, TradingDay};

use super::{IndexDay, LedgerDay};

/// One calendar year, or the part of it the index has. Simple decimal returns.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct YearReturn {
    /// Calendar year.
    pub year: i32,
    /// Close the year counts from.
    pub from: TradingDay,
    /// Last close.
    pub to: TradingDay,
    /// Return of the paper index.
    pub index: f64,
    /// Return of the ledger after costs; NaN without one.
    pub implementable: f64,
    /// Return of the benchmark between the same closes; NaN where it has none.
    pub benchmark: f64,
    /// `index - benchmark`.
    pub excess: f64,
    /// Sum of one-way turnover of the paper index.
    pub turnover: f64,
}

/// Returns by calendar year. The first year counts from the first close of the index.
///
/// `ledger` may be empty; else it has the days of `paper`. The benchmark is read at its last close on or
/// before a day.
pub fn by_year(
    paper: &[IndexDay],
    ledger: &[LedgerDay],
    benchmark: Option<&Series>,
) -> Vec<YearReturn> {
    let mut years = Vec::new();
    let mut from = 0;
    while from + 1 < paper.len() {
        let year = paper[from + 1].date.year();
        let to = paper.partition_point(|day| day.date.year() <= year) - 1;
        years.push(year_return(year, from, to, paper, ledger, benchmark));
        from = to;
    }
    years
}

fn year_return(
    year: i32,
    from: usize,
    to: usize,
    paper: &[IndexDay],
    ledger: &[LedgerDay],
    benchmark: Option<&Series>,
) -> YearReturn {
    let index = paper[to].nav / paper[from].nav - 1.0;
    let level =
        |t: usize| benchmark.and_then(|b| b.as_of(paper[t].date)).map_or(f64::NAN, |at| at.1);
    let nav = |t: usize| ledger.get(t).map_or(f64::NAN, |day| day.nav);
    let benchmark = level(to) / level(from) - 1.0;
    YearReturn {
        year,
        from: paper[from].date,
        to: paper[to].date,
        index,
        implementable: nav(to) / nav(from) - 1.0,
        benchmark,
        excess: index - benchmark,
        turnover: paper[from + 1..=to].iter().map(|day| day.turnover).sum(),
    }
}
