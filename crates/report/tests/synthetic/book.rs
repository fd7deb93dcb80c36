//! A leveraged book and a replica in the made-up market.

use shoals_core::{Segment, Table, TradingDay, day};

use super::World;
use super::futures::rate_on;

/// The `statement` and `event` tables of a book long micro caps, short a future on the CSI 1000.
pub fn swap_tables(world: &World) -> Vec<Table> {
    let (from, to) = (world.at(day(2024, 1, 2)), world.at(day(2024, 3, 15)));
    let micro = world.level(Segment::Micro);
    let future =
        |i: usize| world.level(Segment::Csi1000)[i] * (1.0 + rate_on(world, i) * 60.0 / 365.0);
    let days: Vec<TradingDay> = world.days[from..=to].to_vec();
    let long: Vec<f64> = (from..=to).map(|i| 100.0 * micro[i] / micro[from]).collect();
    let hedge: Vec<f64> = (from..=to).map(|i| 100.0 * (1.0 - future(i) / future(from))).collect();
    let financing: Vec<f64> =
        days.iter().map(|d| 4.0 * f64::from(days[0].calendar_days_until(*d)) / 365.0).collect();
    let equity: Vec<f64> =
        (0..days.len()).map(|i| 25.0 + long[i] - 100.0 + hedge[i] - financing[i] - 0.01).collect();
    let ratio: Vec<f64> = equity.iter().zip(&long).map(|(e, l)| e / l).collect();
    let statement = statement(&days, &long, &hedge, &financing, &equity, &ratio);
    vec![statement, events(&days, &ratio)]
}

fn status(ratio: f64) -> &'static str {
    match ratio {
        r if r <= 0.0 => "wiped_out",
        r if r < 0.10 => "liquidation",
        r if r < 0.15 => "call",
        _ => "ok",
    }
}

fn statement(
    days: &[TradingDay],
    long: &[f64],
    hedge: &[f64],
    financing: &[f64],
    equity: &[f64],
    ratio: &[f64],
) -> Table {
    let n = days.len();
    let a_day = |v: &[f64]| (0..n).map(|i| v[i] - v[i.saturating_sub(1)]).collect::<Vec<f64>>();
    Table::new("statement")
        .with("date", "trading day", days.to_vec())
        .with("long_value", "CNY", long.to_vec())
        .with("hedge_pnl", "CNY", hedge.to_vec())
        .with("financing", "CNY", financing.to_vec())
        .with("fees", "CNY", vec![0.01; n])
        .with("equity", "CNY", equity.to_vec())
        .with("margin_ratio", "decimal", ratio.to_vec())
        .with("leverage", "times", (0..n).map(|i| long[i] / equity[i]).collect::<Vec<f64>>())
        .with("status", "word", ratio.iter().map(|r| status(*r).to_owned()).collect::<Vec<_>>())
        .with("long_pnl", "CNY", long.iter().map(|l| l - 100.0).collect::<Vec<f64>>())
        .with("long_pnl_day", "CNY", a_day(long))
        .with("hedge_pnl_day", "CNY", a_day(hedge))
        .with("financing_day", "CNY", a_day(financing))
        .with(
            "fees_day",
            "CNY",
            (0..n).map(|i| if i == 0 { 0.01 } else { 0.0 }).collect::<Vec<_>>(),
        )
        .with("cashflow", "CNY", vec![0.0; n])
        .with("hedge_value", "CNY", hedge.iter().map(|h| 100.0 - h).collect::<Vec<f64>>())
}

fn events(days: &[TradingDay], ratio: &[f64]) -> Table {
    let first = |below: f64| ratio.iter().position(|r| *r < below).map(|i| days[i]);
    let mut rows = vec![(days[0], "opened")];
    for (below, kind) in [(0.15, "call"), (0.10, "liquidation"), (0.0, "wiped_out")] {
        rows.extend(first(below).map(|d| (d, kind)));
    }
    Table::new("event")
        .with("date", "trading day", rows.iter().map(|r| r.0).collect::<Vec<_>>())
        .with("kind", "word", rows.iter().map(|r| r.1.to_owned()).collect::<Vec<_>>())
        .with(
            "detail",
            "sentence",
            rows.iter().map(|r| format!("{} on {}", r.1, r.0)).collect::<Vec<_>>(),
        )
}

/// The replica's `nav`, `monthly`, `yearly` and `statistic` tables.
pub fn replicate_tables(world: &World) -> Vec<Table> {
    let n = world.days.len();
    let change = |v: &[f64], i: usize| if i == 0 { 0.0 } else { v[i] / v[i - 1] - 1.0 };
    let (small, large) = (world.level(Segment::Csi1000), world.level(Segment::Csi300));
    let legs: Vec<[f64; 4]> = (0..n)
        .map(|i| {
            let index = change(large, i);
            let straddle = if i == 0 { 0.0 } else { 0.0006 - 12.0 * index * index };
            [0.8 * change(small, i), -0.8 * index, straddle, 0.00002]
        })
        .collect();
    let daily: Vec<f64> = legs.iter().map(|l| l[0] + l[1] + l[2] - l[3]).collect();
    let mut equity = 1.0;
    let nav: Vec<f64> = daily
        .iter()
        .map(|r| {
            equity *= 1.0 + r;
            equity
        })
        .collect();
    vec![
        nav_table(world, &nav, &daily, &legs),
        period_table("monthly", world, &nav, |d| d.month_key()),
        period_table("yearly", world, &nav, |d| d.year().to_string()),
        statistic_table(world, &nav, &daily, &legs),
    ]
}

fn nav_table(world: &World, nav: &[f64], daily: &[f64], legs: &[[f64; 4]]) -> Table {
    let leg = |k: usize| legs.iter().map(|l| l[k]).collect::<Vec<f64>>();
    Table::new("nav")
        .with("date", "trading day", world.days.clone())
        .with("return", "decimal", daily.to_vec())
        .with("nav", "equity", nav.to_vec())
        .with("long", "decimal", leg(0))
        .with("short", "decimal", leg(1))
        .with("straddle", "decimal", leg(2))
        .with("cost", "decimal", leg(3))
}

fn period_table(name: &str, world: &World, nav: &[f64], key: fn(&TradingDay) -> String) -> Table {
    let mut rows: Vec<(String, f64)> = Vec::new();
    let mut start = 1.0;
    for (i, d) in world.days.iter().enumerate() {
        let is_last = world.days.get(i + 1).is_none_or(|next| key(next) != key(d));
        if is_last {
            rows.push((key(d), nav[i] / start - 1.0));
            start = nav[i];
        }
    }
    Table::new(name)
        .with("period", "month or year", rows.iter().map(|r| r.0.clone()).collect::<Vec<_>>())
        .with("return", "decimal", rows.iter().map(|r| r.1).collect::<Vec<_>>())
}

/// A number of the days from one place up to another.
type Measure<'a> = dyn Fn(usize, usize) -> f64 + 'a;

fn statistic_table(world: &World, nav: &[f64], daily: &[f64], legs: &[[f64; 4]]) -> Table {
    let years = [2022, 2023, 2024]
        .map(|y| (y.to_string(), world.at(day(y, 1, 1)), world.at(day(y + 1, 1, 1))));
    let crash =
        ("2024-01-02..2024-02-29".to_owned(), world.at(day(2024, 1, 2)), world.at(day(2024, 3, 1)));
    let spans: Vec<(String, usize, usize)> =
        std::iter::once(("whole".to_owned(), 0, nav.len())).chain(years).chain([crash]).collect();
    let mut table = Table::new("statistic").with(
        "period",
        "span",
        spans.iter().map(|s| s.0.clone()).collect::<Vec<_>>(),
    );
    let each =
        |of: &dyn Fn(usize, usize) -> f64| spans.iter().map(|s| of(s.1, s.2)).collect::<Vec<f64>>();
    let part =
        |k: usize| move |from: usize, to: usize| legs[from..to].iter().map(|l| l[k]).sum::<f64>();
    let deviation = |from: usize, to: usize| {
        let mean = daily[from..to].iter().sum::<f64>() / (to - from) as f64;
        (daily[from..to].iter().map(|r| (r - mean).powi(2)).sum::<f64>() / (to - from) as f64)
            .sqrt()
    };
    let total =
        |from: usize, to: usize| nav[to - 1] / if from == 0 { 1.0 } else { nav[from - 1] } - 1.0;
    let sharpe = |a: usize, b: usize| {
        daily[a..b].iter().sum::<f64>() / (b - a) as f64 / deviation(a, b) * 242_f64.sqrt()
    };
    let columns: [(&str, &Measure<'_>); 13] = [
        ("return", &total),
        ("annualised_return", &|a, b| (1.0 + total(a, b)).powf(242.0 / (b - a) as f64) - 1.0),
        ("long", &part(0)),
        ("short", &part(1)),
        ("straddle", &part(2)),
        ("cost", &part(3)),
        ("win_rate", &|a, b| {
            daily[a..b].iter().filter(|r| **r > 0.0).count() as f64 / (b - a) as f64
        }),
        ("sharpe", &sharpe),
        ("sharpe_standard_error", &|a, b| (242.0 / (b - a) as f64).sqrt()),
        ("volatility", &|a, b| deviation(a, b) * 242_f64.sqrt()),
        ("max_drawdown", &|a, b| daily[a..b].iter().copied().fold(0.0, f64::min) * 2.0),
        ("monthly_skew", &|_, _| -0.8),
        ("worst_month", &|a, b| daily[a..b].iter().copied().fold(0.0, f64::min)),
    ];
    for (name, of) in columns {
        table = table.with(name, "decimal", each(of));
    }
    table
}
