//! How fast are replications? One is a resample of ten years of days and its mean.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use shoals_core::Seed;
use shoals_stats::bootstrap::{Bootstrap, Scheme};

const N_DAYS: usize = 2_420;
const N_REPLICATIONS: usize = 1_000;

fn replications(criterion: &mut Criterion) {
    let returns: Vec<f64> = (0..N_DAYS).map(|i| (i as f64 * 0.37).sin() * 0.01).collect();
    let mean = |at: &[usize]| at.iter().map(|&i| returns[i]).sum::<f64>() / at.len() as f64;
    let mut group = criterion.benchmark_group("bootstrap_mean_2420_days");
    group.throughput(Throughput::Elements((N_DAYS * N_REPLICATIONS) as u64));
    for scheme in [Scheme::MovingBlock, Scheme::CircularBlock, Scheme::Stationary] {
        let plan = Bootstrap::new(scheme, 20.0, N_REPLICATIONS, Seed(1)).expect("a legal plan");
        group.bench_function(format!("{scheme:?}"), |bencher| {
            bencher.iter(|| plan.replicate(N_DAYS, mean));
        });
    }
    group.finish();
}

criterion_group!(benches, replications);
criterion_main!(benches);
