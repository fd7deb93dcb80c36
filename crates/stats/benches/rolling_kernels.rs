//! How fast are trailing windows? 5,000 stocks of ten years, a year's window.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use shoals_stats::rank::average_ranks;
use shoals_stats::rolling::{Window, rolling_rank, rolling_std, trailing_z_score};

const N_STOCKS: usize = 5_000;
const N_DAYS: usize = 2_420;

fn windows(criterion: &mut Criterion) {
    let series: Vec<f64> = (0..N_DAYS).map(|i| (i as f64 * 0.37).sin() * 0.01).collect();
    let window = Window::new(242, 120).expect("a legal window");
    let mut group = criterion.benchmark_group("rolling_242_days");
    group.sample_size(10);
    group.throughput(Throughput::Elements((N_STOCKS * N_DAYS) as u64));
    group.bench_function("std", |bencher| {
        bencher.iter(|| (0..N_STOCKS).for_each(|_| drop(rolling_std(&series, window, 1))));
    });
    group.bench_function("z_score", |bencher| {
        bencher.iter(|| (0..N_STOCKS).for_each(|_| drop(trailing_z_score(&series, window))));
    });
    group.finish();
}

/// The order-statistic window beside every window compared whole.
fn ranks(criterion: &mut Criterion) {
    let series: Vec<f64> =
        (0..N_DAYS).map(|i| (i as f64 * 12.989_8).sin() * 437.585 % 1.0).collect();
    for length in [20, 242, 1_000] {
        let window = Window::new(length, length.div_ceil(2)).expect("a legal window");
        let mut group = criterion.benchmark_group(format!("rolling_rank_{length}_days"));
        group.sample_size(10);
        group.throughput(Throughput::Elements(N_DAYS as u64));
        group.bench_function("rolling_rank", |bencher| {
            bencher.iter(|| rolling_rank(&series, window));
        });
        group.bench_function("each window counted", |bencher| {
            bencher.iter(|| counted(&series, length));
        });
        group.bench_function("each window sorted", |bencher| {
            bencher.iter(|| sorted(&series, length));
        });
        group.finish();
    }
}

/// Smaller and equal values of each window counted.
fn counted(series: &[f64], length: usize) -> Vec<f64> {
    let rank = |t: usize| {
        let (window, x) = (&series[(t + 1).saturating_sub(length)..=t], series[t]);
        let n_below = window.iter().filter(|&&other| other < x).count();
        let n_equal = window.iter().filter(|&&other| other == x).count();
        (n_below as f64 + (n_equal + 1) as f64 / 2.0) / window.len() as f64
    };
    (0..series.len()).map(rank).collect()
}

/// Each window ranked whole.
fn sorted(series: &[f64], length: usize) -> Vec<f64> {
    let rank = |t: usize| {
        let ranks = average_ranks(&series[(t + 1).saturating_sub(length)..=t]);
        ranks[ranks.len() - 1] / ranks.len() as f64
    };
    (0..series.len()).map(rank).collect()
}

criterion_group!(benches, windows, ranks);
criterion_main!(benches);
