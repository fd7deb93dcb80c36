//! Statistics of series in which NaN is "no observation", and the stock days they are taken on.

use std::collections::BTreeMap;

use shoals_core::{Board, Symbol, TradingDay, day};

use crate::world::{days, flags, market, symbols, table};

/// First and last day of the real stock panel.
pub(crate) fn panel() -> (TradingDay, TradingDay) {
    (day(2020, 10, 9), day(2024, 6, 28))
}

/// Mean over what is there.
pub(crate) fn mean(x: &[f64]) -> f64 {
    let known = x.iter().filter(|v| !v.is_nan());
    known.clone().sum::<f64>() / known.count() as f64
}

pub(crate) fn deviation(x: &[f64]) -> f64 {
    covariance(x, x).sqrt()
}

fn covariance(x: &[f64], y: &[f64]) -> f64 {
    let both: Vec<(f64, f64)> = x
        .iter()
        .zip(y)
        .map(|(&a, &b)| (a, b))
        .filter(|(a, b)| !a.is_nan() && !b.is_nan())
        .collect();
    let n = both.len() as f64;
    let (mx, my) =
        (both.iter().map(|p| p.0).sum::<f64>() / n, both.iter().map(|p| p.1).sum::<f64>() / n);
    both.iter().map(|(a, b)| (a - mx) * (b - my)).sum::<f64>() / n
}

/// Correlation over the days on which both are there.
pub(crate) fn correlation(x: &[f64], y: &[f64]) -> f64 {
    let keep = |a: &[f64], b: &[f64]| -> Vec<f64> {
        a.iter().zip(b).map(|(&v, w)| if w.is_nan() { f64::NAN } else { v }).collect()
    };
    let (x, y) = (keep(x, y), keep(y, x));
    covariance(&x, &y) / deviation(&x) / deviation(&y)
}

/// Standardised central moment.
pub(crate) fn moment(x: &[f64], power: i32) -> f64 {
    let (m, s) = (mean(x), deviation(x));
    mean(&x.iter().map(|v| ((v - m) / s).powi(power)).collect::<Vec<_>>())
}

pub(crate) fn excess_kurtosis(x: &[f64]) -> f64 {
    moment(x, 4) - 3.0
}

pub(crate) fn autocorrelation(x: &[f64], lag: usize) -> f64 {
    let m = mean(x);
    let products: Vec<f64> = x.iter().zip(&x[lag..]).map(|(a, b)| (a - m) * (b - m)).collect();
    mean(&products) / covariance(x, x)
}

/// Distance from the mean.
pub(crate) fn magnitude(x: &[f64]) -> Vec<f64> {
    let m = mean(x);
    x.iter().map(|v| (v - m).abs()).collect()
}

/// Correlation of a return with the size of the returns one to five days later, averaged.
pub(crate) fn leverage(x: &[f64]) -> f64 {
    let later: Vec<f64> = x.iter().map(|v| v.abs()).collect();
    mean(&[1, 2, 3, 4, 5].map(|lag| correlation(&x[..x.len() - lag], &later[lag..])))
}

/// Quantile of what is there, linear between neighbours.
pub(crate) fn quantile(x: &[f64], u: f64) -> f64 {
    let mut known: Vec<f64> = x.iter().copied().filter(|v| !v.is_nan()).collect();
    known.sort_by(f64::total_cmp);
    let at = (known.len() - 1) as f64 * u;
    let (low, high) = (known[at.floor() as usize], known[at.ceil() as usize]);
    low + (high - low) * at.fract()
}

pub(crate) fn median(x: &[f64]) -> f64 {
    quantile(x, 0.5)
}

/// One stock's day.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StockDay {
    /// Micro 0 to CSI 300 4, by the rank of the cap before.
    pub(crate) bucket: usize,
    /// Close over the reference price, less one.
    pub(crate) day_return: f64,
    pub(crate) overnight: f64,
    /// Log of high over low.
    pub(crate) range: f64,
    pub(crate) turnover: f64,
    /// CNY.
    pub(crate) amount: f64,
    pub(crate) is_limit_up: bool,
    pub(crate) is_limit_down: bool,
}

/// Every stock's days of the panel: `None` where it is not listed for 60 days yet or suspended.
/// Beijing is left out.
pub(crate) fn stock_days() -> (Vec<TradingDay>, Vec<Vec<Option<StockDay>>>) {
    let (stocks, valuation) = (table("stock_daily"), table("stock_valuation"));
    let [open, high, low, close, before, amount, up, down] =
        ["open", "high", "low", "close", "pre_close", "amount", "limit_up", "limit_down"]
            .map(|name| stocks.numbers(name).unwrap());
    let caps = valuation.numbers("total_market_cap").unwrap();
    let (dates, names) = (days(stocks, "date"), symbols(stocks, "symbol"));
    let (suspended, special) = (flags(stocks, "is_suspended"), flags(stocks, "is_st"));
    let (first, last) = panel();
    let inside = market().truth.path.between(first, last).days;
    let mut age: BTreeMap<Symbol, usize> = BTreeMap::new();
    let mut by_stock: BTreeMap<Symbol, Vec<Option<StockDay>>> = BTreeMap::new();
    let mut start = 0;
    for &date in &market().truth.path.days {
        let end = start + dates[start..].partition_point(|&d| d <= date);
        let is_counted = |i: &usize| names[*i].board() != Some(Board::Beijing);
        let cap = |i: usize| caps[i] / close[i] * before[i];
        let mut ranked: Vec<f64> = (start..end).filter(is_counted).map(cap).collect();
        ranked.sort_by(f64::total_cmp);
        for i in (start..end).filter(is_counted) {
            let seen = age.entry(names[i]).or_insert(if start == 0 { 1_000 } else { 0 });
            *seen += 1;
            let Ok(t) = inside.binary_search(&date) else { continue };
            if suspended[i] || *seen <= 60 {
                continue;
            }
            let smaller = ranked.partition_point(|&c| c < cap(i)) as f64 / ranked.len() as f64;
            let row = by_stock.entry(names[i]).or_insert_with(|| vec![None; inside.len()]);
            row[t] = Some(StockDay {
                bucket: [0.24, 0.64, 0.84, 0.94].iter().filter(|&&cut| smaller >= cut).count(),
                day_return: close[i] / before[i] - 1.0,
                overnight: open[i] / before[i] - 1.0,
                range: (high[i] / low[i]).ln(),
                turnover: amount[i] / caps[i],
                amount: amount[i],
                // The real figures count 10 and 20 % moves only, so no ST name.
                is_limit_up: close[i] == up[i] && !special[i],
                is_limit_down: close[i] == down[i] && !special[i],
            });
        }
        start = end;
    }
    (inside, by_stock.into_values().collect())
}

/// A figure of each day of a stock, NaN where there is none.
pub(crate) fn series(days: &[Option<StockDay>], get: impl Fn(&StockDay) -> f64) -> Vec<f64> {
    days.iter().map(|day| day.as_ref().map_or(f64::NAN, &get)).collect()
}
