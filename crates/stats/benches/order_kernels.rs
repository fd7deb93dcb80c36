//! How fast is the order of one day's stocks, and how much faster than a comparison sort?

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use shoals_stats::order::{Selector, Sorter};

const N_STOCKS: usize = 5_000;

fn cross_sections(criterion: &mut Criterion) {
    let noise = |i: usize| (i as f64 * 12.989_8).sin() * 43_758.545_3 % 1.0;
    let returns: Vec<f64> =
        (0..N_STOCKS).map(|i| 0.01 * (noise(i) + noise(i + 7) + noise(i + 19))).collect();
    let skewed: Vec<f64> = returns.iter().map(|r| (r * 150.0).exp()).collect();
    let mut group = criterion.benchmark_group("order_5000");
    group.throughput(Throughput::Elements(N_STOCKS as u64));
    let (mut sorter, mut selector) = (Sorter::new(), Selector::default());
    for (name, sample) in [("returns", &returns), ("skewed", &skewed)] {
        group.bench_function(format!("radix_{name}"), |bencher| {
            bencher.iter(|| sorter.sort(sample).order[0]);
        });
        let mut order: Vec<u32> = Vec::with_capacity(N_STOCKS);
        group.bench_function(format!("comparison_{name}"), |bencher| {
            bencher.iter(|| {
                order.clear();
                order.extend(0..N_STOCKS as u32);
                order.sort_unstable_by(|&a, &b| sample[a as usize].total_cmp(&sample[b as usize]));
                order[0]
            });
        });
    }
    group.bench_function("smallest_400", |bencher| {
        bencher.iter(|| selector.smallest(&returns, 400).len());
    });
    group.finish();
}

criterion_group!(benches, cross_sections);
criterion_main!(benches);
