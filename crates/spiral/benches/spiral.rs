//! Paths of the full model a second: the storm of 2024 on its 58 days of 8 rounds, 60 DMA books and everyone else, and the
//! same with a book of the user's in it.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use shoals_core::Seed;
use shoals_spiral::scenario_file::Episode;
use shoals_spiral::simulate::{simulate, with_inferred_news};

fn paths(c: &mut Criterion) {
    let storm = Episode::named("china_2024").expect("an episode of the library");
    let scenario = with_inferred_news(&storm.scenario);
    let mut group = c.benchmark_group("spiral");
    group.sample_size(20);
    group.throughput(Throughput::Elements(1));
    let mut path = 0;
    group.bench_function("one path on one core", |b| {
        b.iter(|| {
            path += 1;
            simulate(&scenario, path, Seed::default(), 1.0)
        });
    });
    group.finish();
}

criterion_group!(benches, paths);
criterion_main!(benches);
