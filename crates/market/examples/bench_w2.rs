//! The micro-cap index of the peers' benchmark W2: the same input, the same numbers.
//!
//! Members are the `n` smallest market caps among stocks that are neither ST nor suspended and were
//! listed 60 calendar days ago; equal weights, reselected daily, or at month ends with drifting
//! weights. See `bench_w1` for how to run it.
//!
//! It keeps the two loops of an index here, on the library's `Selector`, and does not call `market::index`, because that
//! index is another one, and its bits would differ:
//! * W2's days are all weekdays, holidays among them; `index::select` goes by the exchange calendar, which refuses closed days
//!   and has other month ends.
//! * W2's daily return is the mean of the members' returns, compounded; `index::paper_index` carries what each name is worth
//!   (`value *= price / last`) and adds it up, so that names can drift, be frozen and turn over. The same number on paper,
//!   other last bits.
//! * W2 leaves out who is suspended or ST by a flag of the file; `universe::Tradability` reads names, listing boards and price
//!   limits, which the file does not have.

#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock, files and arguments")]
#![expect(clippy::print_stdout, reason = "its result is a line on standard output")]

mod flat_panel;

use flat_panel::{Failure, Layout, Run, cells, measured, peak_rss_mb};
use rayon::prelude::*;
use shoals_market::factor::compounded;
use shoals_stats::order::Selector;

const MIN_LISTED_DAYS: i32 = 60;

fn main() -> Result<(), Failure> {
    let run = Run::from_arguments("W2")?;
    let n_members = if run.size == "S" { 100 } else { 400 };
    let ((layout, close, key), load) = measured(|| {
        let layout = run.layout()?;
        let close = run.dense(&layout, "close.f64", f64::NAN, f64::from_le_bytes)?;
        let key = eligible_cap(&run, &layout)?;
        Ok((layout, close, key))
    })?;
    let (index, compute) = measured(|| Ok(Index::new(&layout, &close, &key, n_members)))?;
    let peak = peak_rss_mb()?;
    let days = layout.days.iter().map(ToString::to_string).collect();
    let checksum = index.daily.last().copied().unwrap_or(f64::NAN);
    run.save(
        "nav",
        &[
            ("date".to_owned(), days),
            ("nav_daily".to_owned(), cells(index.daily)),
            ("nav_monthly".to_owned(), cells(index.monthly)),
            ("turnover".to_owned(), cells(index.turnover)),
        ],
    )?;
    run.print(load, compute, peak, checksum);
    Ok(())
}

/// Market cap of eligible stocks; NaN for the others.
fn eligible_cap(run: &Run, layout: &Layout) -> Result<Vec<f64>, Failure> {
    let mut cap = run.dense(layout, "mcap.f64", f64::NAN, f64::from_le_bytes)?;
    let is_suspended = run.dense(layout, "suspended.u8", 1, u8::from_le_bytes)?;
    let is_st = run.dense(layout, "st.u8", 1, u8::from_le_bytes)?;
    let listed_on = run.dense(layout, "list_date.i32", i32::MAX, i32::from_le_bytes)?;
    for (i, cap) in cap.iter_mut().enumerate() {
        let day = layout.days[i / layout.n_stocks].epoch_days();
        let is_young = day.saturating_sub(listed_on[i]) < MIN_LISTED_DAYS;
        if is_suspended[i] == 1 || is_st[i] == 1 || is_young {
            *cap = f64::NAN;
        }
    }
    Ok(cap)
}

struct Index {
    daily: Vec<f64>,
    monthly: Vec<f64>,
    turnover: Vec<f64>,
}

impl Index {
    fn new(layout: &Layout, close: &[f64], key: &[f64], n_members: usize) -> Self {
        let rows: Vec<&[f64]> = close.chunks_exact(layout.n_stocks).collect();
        let members: Vec<Vec<u32>> = key
            .par_chunks_exact(layout.n_stocks)
            .map_init(Selector::default, |selector, row| selector.smallest(row, n_members).to_vec())
            .collect();
        let days = 1..rows.len();
        let returns = || {
            let days = days.clone().into_par_iter();
            days.map(|t| mean_return(&members[t - 1], rows[t - 1], rows[t])).collect::<Vec<f64>>()
        };
        let (returns, monthly) = rayon::join(returns, || monthly(layout, &rows, &members));
        let turnover = days.map(|t| share_of_new(&members[t - 1], &members[t]));
        Self {
            daily: compounded(&[&[0.0], returns.as_slice()].concat()),
            monthly,
            turnover: std::iter::once(f64::NAN).chain(turnover).collect(),
        }
    }
}

/// Mean return of the members; a stock without a price returns nothing.
fn mean_return(members: &[u32], before: &[f64], now: &[f64]) -> f64 {
    let value = |&i: &u32| now[i as usize] / before[i as usize] - 1.0;
    let sum: f64 = members.iter().map(value).map(|r| if r.is_nan() { 0.0 } else { r }).sum();
    if members.is_empty() { 0.0 } else { sum / members.len() as f64 }
}

/// Both sides rise.
fn share_of_new(before: &[u32], now: &[u32]) -> f64 {
    if before.is_empty() {
        return f64::NAN;
    }
    let mut earlier = before.iter().peekable();
    let is_old = |i: &&u32| {
        while earlier.next_if(|&e| e < *i).is_some() {}
        earlier.peek() == Some(i)
    };
    let n_old = now.iter().filter(is_old).count();
    1.0 - n_old as f64 / now.len().max(1) as f64
}

/// Held from month end to month end; a stock that vanishes keeps its last price.
fn monthly(layout: &Layout, rows: &[&[f64]], members: &[Vec<u32>]) -> Vec<f64> {
    let month = |t: usize| layout.days[t].ymd().1;
    let is_rebalance = |t: usize| t == 0 || (t + 1 < rows.len() && month(t) != month(t + 1));
    let (mut held, mut bought, mut last): (&[u32], Vec<f64>, Vec<f64>) = (&[], vec![], vec![]);
    let (mut base, mut navs) = (1.0, Vec::with_capacity(rows.len()));
    for (t, row) in rows.iter().enumerate() {
        for (price, &i) in last.iter_mut().zip(held) {
            *price = if row[i as usize].is_nan() { *price } else { row[i as usize] };
        }
        let growth: f64 = last.iter().zip(&bought).map(|(last, bought)| last / bought).sum();
        let nav = if held.is_empty() { base } else { base * growth / held.len() as f64 };
        navs.push(nav);
        if is_rebalance(t) {
            held = &members[t];
            bought = held.iter().map(|&i| row[i as usize]).collect();
            last.clone_from(&bought);
            base = nav;
        }
    }
    navs
}
