//! Paths of the fire-sale Monte Carlo a second: 200 books, 1,000 assets, 60 days (work W7 of the peers' benchmark;
//! `examples/bench_w7.rs` runs it side by side with them).

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use shoals_core::Seed;
use shoals_market::impact::Depth;
use shoals_spiral::overlap::{Asset, Book, Bucket, Overlap, Rules};
use shoals_stats::counter_normal::counter_normal;

const BOOKS: u64 = 200;
const BUCKETS: u64 = 20;
const PER_BUCKET: u64 = 50;

fn model() -> Overlap {
    let normal = |i: u64| counter_normal(77, i);
    let small = |k: u64| 1.0 - k as f64 / (BUCKETS - 1) as f64;
    let buckets = (0..BUCKETS).map(|k| Bucket {
        assets: (0..PER_BUCKET)
            .map(|a| Asset {
                market_beta: 1.0 + 0.15 * normal(k * PER_BUCKET + a),
                size_beta: 2.0 * small(k) - 1.0,
                volatility: 0.022 + 0.006 * small(k),
            })
            .collect(),
        depth: Depth {
            volatility: 0.03 - 0.0007 * k as f64,
            daily_amount: 2e8 * (1.0 + 0.25 * k as f64),
        },
    });
    let books = (0..BOOKS).map(|b| {
        let (equity, leverage) =
            (1e8 * (0.8 * normal(5_000 + b)).exp(), 2.8 + 0.5 * normal(6_000 + b).tanh());
        let n_assets = BUCKETS * PER_BUCKET;
        let weight = |a: u64| {
            (-0.15 * (a / PER_BUCKET) as f64 + 0.7 * normal(10_000 + b * n_assets + a)).exp()
        };
        let total: f64 = (0..n_assets).map(weight).sum();
        Book {
            equity,
            target_leverage: leverage,
            maximum_leverage: leverage * 1.3,
            hedge_ratio: 0.8,
            redemption_slope: 0.3,
            holdings: (0..n_assets).map(|a| weight(a) / total * leverage * equity).collect(),
        }
    });
    Overlap::new(buckets.collect(), books.collect(), Rules::default()).expect("a legal model")
}

fn paths(c: &mut Criterion) {
    let model = model();
    let mut group = c.benchmark_group("overlap");
    group.sample_size(10);
    for n_paths in [100, 400] {
        group.throughput(Throughput::Elements(n_paths));
        group.bench_function(format!("{n_paths} paths"), |b| {
            b.iter(|| model.simulate(60, n_paths as usize, Seed::default()));
        });
    }
    group.finish();
}

criterion_group!(benches, paths);
criterion_main!(benches);
