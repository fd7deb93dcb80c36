//! How fast are trailing windows? 5,000 stocks of ten years, a year's window.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use shoals_stats::rolling::{Window, rolling_std, trailing_z_score};

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

criterion_group!(benches, windows);
criterion_main!(benches);
