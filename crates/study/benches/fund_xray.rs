//! The whole X-ray of funds of the built-in market, each before the fall and on all data; and the card of one day alone.
//!
//! `cargo bench -p shoals-study --bench fund_xray`

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use shoals_core::{Rulebook, Seed};
use shoals_fund::xray::XrayConfig;
use shoals_sample::{SampleConfig, generate};
use shoals_study::{MarketView, ask};

/// Funds of a sweep; about 1,700 days the daily ones.
const FUNDS: usize = 50;

fn sweep(criterion: &mut Criterion) {
    let seed = Seed::default();
    let sample = generate(&SampleConfig::default(), seed).expect("the built-in market");
    let population = sample.fund_population(FUNDS, seed).expect("funds");
    let is_market = |table: &&shoals_core::Table| !table.name().starts_with("fund_");
    let tables: Vec<_> = sample
        .tables
        .iter()
        .filter(is_market)
        .chain([&population.nav, &population.profile])
        .collect();
    let view = MarketView::gather(tables, Rulebook::default()).expect("a view");
    let config = XrayConfig::default();
    let mut group = criterion.benchmark_group("fund_xray");
    group.sample_size(10);
    group.throughput(Throughput::Elements(FUNDS as u64));
    group.bench_function("whole", |bench| {
        bench.iter(|| ask::fund(&view, &config).expect("an answer"));
    });
    group.bench_function("proof", |bench| {
        bench.iter(|| ask::fund_proof(&sample, FUNDS, seed, &config).expect("an answer"));
    });
    group.finish();
}

criterion_group!(benches, sweep);
criterion_main!(benches);
