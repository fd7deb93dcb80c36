//! How long the built-in market takes: 1,000 names, seven years, about 1.4 million stock rows.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use shoals_core::Seed;
use shoals_sample::{SampleConfig, generate};

fn built_in_market(criterion: &mut Criterion) {
    let config = SampleConfig::default();
    let market = generate(&config, Seed::default()).expect("the default market is legal");
    let mut group = criterion.benchmark_group("sample");
    group.sample_size(10).throughput(Throughput::Elements(market.tables[0].n_rows() as u64));
    drop(market);
    group.bench_function("generate", |bencher| {
        bencher.iter(|| generate(black_box(&config), Seed::default()));
    });
    group.finish();
}

criterion_group!(benches, built_in_market);
criterion_main!(benches);
