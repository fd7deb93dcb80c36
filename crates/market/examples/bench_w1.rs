//! The factor sheet of the peers' benchmark W1: the same input, the same numbers.
//!
//! ```text
//! python examples/flatten_panel.py panel_L.parquet DATA/flat_L
//! SHOALS_BENCH_DATA=DATA SHOALS_BENCH_OUT=OUT cargo run --profile bench --example bench_w1 -- --size L
//! ```

#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock, files and arguments")]
#![expect(clippy::print_stdout, reason = "its result is a line on standard output")]

mod flat_panel;

use flat_panel::{Failure, Run, cells, measured, peak_rss_mb};
use shoals_market::factor::{
    Buckets, Evaluation, EvaluationConfig, FactorPanel, compounded, evaluate,
};

const N_BUCKETS: usize = 5;

fn main() -> Result<(), Failure> {
    let run = Run::from_arguments("W1")?;
    let ((layout, close, factor, market_cap), load) = measured(|| {
        let layout = run.layout()?;
        let column = |name| run.dense(&layout, name, f64::NAN, f64::from_le_bytes);
        let (close, factor, cap) =
            (column("close.f64")?, column("factor.f64")?, column("mcap.f64")?);
        Ok((layout, close, factor, cap))
    })?;
    let ((evaluation, sheets), compute) = measured(|| {
        let buckets = Buckets::Quantiles { key: &market_cap, n: N_BUCKETS };
        let panel = FactorPanel::new(&layout.days, &factor, &close)?.bucketed(buckets)?;
        let evaluation = evaluate(&panel, &EvaluationConfig::default())?;
        let sheets: Vec<Sheet> = (0..=N_BUCKETS).map(|g| Sheet::of(&evaluation, g)).collect();
        Ok((evaluation, sheets))
    })?;
    let peak = peak_rss_mb()?;
    save(&run, &evaluation, &sheets)?;
    run.print(load, compute, peak, sheets[0].long_short_nav.last().copied().unwrap_or(f64::NAN));
    Ok(())
}

/// NAVs of a group's quantiles, and of the last minus the first.
struct Sheet {
    navs: Vec<Vec<f64>>,
    long_short: Vec<f64>,
    long_short_nav: Vec<f64>,
}

impl Sheet {
    fn of(evaluation: &Evaluation, group: usize) -> Self {
        let is_used: Vec<bool> = evaluation.n_stocks(0).map(|n| n > 0).collect();
        let daily = |quantile| used(&is_used, evaluation.mean_return(group, 0, quantile));
        let last = evaluation.n_quantiles - 1;
        let long_short: Vec<f64> =
            daily(last).iter().zip(daily(0)).map(|(top, bottom)| top - bottom).collect();
        Self {
            navs: (0..=last).map(|quantile| compounded(&daily(quantile))).collect(),
            long_short_nav: compounded(&long_short),
            long_short,
        }
    }
}

fn used<T>(is_used: &[bool], values: impl Iterator<Item = T>) -> Vec<T> {
    values.zip(is_used).filter(|(_, is_used)| **is_used).map(|(value, _)| value).collect()
}

/// The columns of a group, those of `daily` or of one bucket.
fn columns(evaluation: &Evaluation, group: usize, sheet: &Sheet) -> Vec<(String, Vec<String>)> {
    let is_used: Vec<bool> = evaluation.n_stocks(0).map(|n| n > 0).collect();
    let numbers = |values: &mut dyn Iterator<Item = f64>| cells(used(&is_used, values));
    let dates = used(&is_used, evaluation.days.iter()).iter().map(ToString::to_string).collect();
    let mut columns = vec![
        ("date".to_owned(), dates),
        ("n".to_owned(), numbers(&mut evaluation.n_stocks(group).map(f64::from))),
    ];
    for (h, horizon) in evaluation.horizons.iter().enumerate() {
        columns.push((format!("ic_{horizon}"), numbers(&mut evaluation.rank_ic(group, h))));
        for q in 0..evaluation.n_quantiles {
            let mut means = evaluation.mean_return(group, h, q);
            columns.push((format!("q{}_{horizon}", q + 1), numbers(&mut means)));
        }
    }
    let navs = (1..).zip(&sheet.navs).map(|(q, nav)| (format!("nav_{q}"), cells(nav.clone())));
    columns.extend(navs);
    columns.push(("ls".to_owned(), cells(sheet.long_short.clone())));
    columns.push(("nav_ls".to_owned(), cells(sheet.long_short_nav.clone())));
    if group == 0 {
        for q in 0..evaluation.n_quantiles {
            columns.push((format!("turn_{}", q + 1), numbers(&mut evaluation.turnover(0, q))));
        }
        columns.push(("autocorr".to_owned(), numbers(&mut evaluation.autocorrelation(0))));
    }
    columns
}

fn save(run: &Run, evaluation: &Evaluation, sheets: &[Sheet]) -> Result<(), Failure> {
    run.save("daily", &columns(evaluation, 0, &sheets[0]))?;
    let mut buckets: Vec<(String, Vec<String>)> = Vec::new();
    for (bucket, sheet) in sheets.iter().enumerate().skip(1) {
        let mut part = columns(evaluation, bucket, sheet);
        let label = vec![bucket.to_string(); part[0].1.len()];
        part.push(("bucket".to_owned(), label));
        if buckets.is_empty() {
            buckets = part;
            continue;
        }
        buckets.iter_mut().zip(part).for_each(|((_, all), (_, more))| all.extend(more));
    }
    run.save("bucket", &buckets)
}
