//! The tests across names on a whole market: 5,400 names, 250 estimation days, ten days of windows.

use criterion::{Criterion, criterion_group, criterion_main};
use shoals_stats::counter_normal::counter_normal;
use shoals_stats::event_study::Scaling;
use shoals_stats::event_study::sample::Sample;

const NAMES: usize = 5_400;
const ESTIMATION: usize = 250;
const DAYS: usize = 260;

fn event_study(criterion: &mut Criterion) {
    let market: Vec<f64> = (0..DAYS).map(|t| 0.01 * counter_normal(1, t as u64)).collect();
    let returns: Vec<f64> = (0..NAMES * DAYS)
        .map(|cell| market[cell % DAYS] + 0.02 * counter_normal(2, cell as u64))
        .collect();
    let windows = [250..251, 250..252, 250..255, 251..254, 255..260];
    let fit = || Sample::fit(&returns, &market, ESTIMATION, 60, Scaling::Textbook);
    criterion.bench_function("event study, 5400 names x 260 days, fit", |bench| bench.iter(fit));
    let sample = fit().expect("a sample");
    criterion.bench_function("event study, 5400 names x 260 days, five windows", |bench| {
        bench.iter(|| sample.tests(&windows));
    });
}

criterion_group!(benches, event_study);
criterion_main!(benches);
