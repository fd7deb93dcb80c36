//! Paths of the full model a second: the storm of 2024 on its 58 days of 8 rounds, 60 DMA books and everyone else, and the
//! same with a book of the user's in it.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use shoals_core::Seed;
use shoals_spiral::monte_carlo::Paths;
use shoals_spiral::scenario_file::Episode;
use shoals_spiral::simulate::{simulate, with_inferred_news};
use shoals_spiral::stress::{VisitorTerms, stress};

const BOOK: &str = r#"
    equity = 2.5e8
    long = { micro = 4e8, csi2000 = 6e8 }
    hedge = [{ product = "IM", weight = 1.0, days = 73 }]
    [lines]
    kind = "margin"
    initial_margin_ratio = 0.25
    call_ratio = 0.15
    liquidation_ratio = 0.10
"#;

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
    let book = VisitorTerms::from_toml(BOOK).expect("a legal book");
    group.sample_size(10);
    group.throughput(Throughput::Elements(1_000));
    group.bench_function("a stress of 1,000 paths on all cores", |b| {
        let paths = Paths { n: 1_000, ..Paths::default() };
        b.iter(|| {
            stress(&storm.name, std::slice::from_ref(&storm.scenario), &storm.dates, &book, paths)
        });
    });
    group.finish();
}

criterion_group!(benches, paths);
criterion_main!(benches);
