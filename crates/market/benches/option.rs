//! One million options: price and greeks, and price to volatility. Rows a second are in the output.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use shoals_market::option::{Black76, OptionKind, black76, implied_volatility};

const N: usize = 1_000_000;

/// A chain of ordinary options: strikes from −30 % to +30 %, a week to two years, 10 % to 60 %.
fn chain() -> Vec<(OptionKind, Black76)> {
    (0..N)
        .map(|i| {
            let at = |step: usize| (i * step % N) as f64 / N as f64;
            let kind = if i % 2 == 0 { OptionKind::Call } else { OptionKind::Put };
            let terms = Black76 {
                forward: 5000.0,
                strike: 5000.0 * (0.7 + 0.6 * at(7_919)),
                volatility: 0.1 + 0.5 * at(104_729),
                years: 0.02 + 2.0 * at(15_485_863),
                rate: 0.02,
            };
            (kind, terms)
        })
        .collect()
}

fn option_kernels(criterion: &mut Criterion) {
    let chain = chain();
    let prices: Vec<f64> = chain.iter().map(|(kind, terms)| black76(*kind, terms).price).collect();
    let mut group = criterion.benchmark_group("option");
    group.throughput(Throughput::Elements(N as u64)).sample_size(10);
    group.bench_function("black76_with_greeks", |bencher| {
        bencher.iter(|| {
            for (kind, terms) in &chain {
                black_box(black76(*kind, terms));
            }
        });
    });
    group.bench_function("implied_volatility", |bencher| {
        bencher.iter(|| {
            chain
                .iter()
                .zip(&prices)
                .filter_map(|((kind, t), &price)| {
                    implied_volatility(*kind, price, t.forward, t.strike, t.years, t.rate)
                        .volatility()
                })
                .sum::<f64>()
        });
    });
    group.finish();
}

criterion_group!(benches, option_kernels);
criterion_main!(benches);
