//! One million options: price and greeks, and price to volatility. Options a second are in the output.
//!
//! The chain is that of the comparison in docs/method/option.md: a day to two years, volatilities around
//! 25 %, strikes mostly within three deviations and some out to eight.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use shoals_market::option::{
    Black76, Black76Columns, OptionKind, QuoteColumns, black76, black76_columns,
    implied_volatility, implied_volatility_columns,
};

const N: usize = 1_000_000;

struct Chain {
    kind: Vec<OptionKind>,
    forward: Vec<f64>,
    strike: Vec<f64>,
    volatility: Vec<f64>,
    years: Vec<f64>,
    rate: Vec<f64>,
}

/// The `step`-th of a family of sequences that fill `[0, 1)` evenly.
fn even(i: usize, step: usize) -> f64 {
    ((i + 1) * step % N) as f64 / N as f64
}

fn chain() -> Chain {
    let column = |f: &dyn Fn(usize) -> f64| (0..N).map(f).collect::<Vec<_>>();
    let normal = |i: usize, step: usize| {
        let p = even(i, step).clamp(1e-6, 1.0 - 1e-6);
        shoals_stats::normal::normal_quantile(p)
    };
    let forward = column(&|i| 2_000.0 + 6_000.0 * even(i, 7_919));
    let years = column(&|i| (730.0_f64.ln() * even(i, 104_729)).exp() / 365.0);
    let volatility = column(&|i| (0.25 * (0.5 * normal(i, 15_485_863)).exp()).clamp(0.05, 2.0));
    let strike = column(&|i| {
        let deviations = if i.is_multiple_of(20) {
            6.0 + 2.0 * even(i, 32_452_843)
        } else {
            1.5 * normal(i, 49_979_687)
        };
        forward[i] * (deviations * volatility[i] * years[i].sqrt()).exp()
    });
    let kind = |i: usize| {
        let is_in_the_money = i.is_multiple_of(10);
        let is_above = strike[i] >= forward[i];
        if is_above == is_in_the_money { OptionKind::Put } else { OptionKind::Call }
    };
    Chain {
        kind: (0..N).map(kind).collect(),
        forward,
        strike,
        volatility,
        years,
        rate: vec![0.02; N],
    }
}

fn option_kernels(criterion: &mut Criterion) {
    let Chain { kind, forward, strike, volatility, years, rate } = &chain();
    let options = Black76Columns { kind, forward, strike, volatility, years, rate };
    let price = &black76_columns(&options).expect("columns of one length").price;
    let quotes = QuoteColumns { kind, price, forward, strike, years, rate };

    let mut group = criterion.benchmark_group("option");
    group.throughput(Throughput::Elements(N as u64)).sample_size(10);
    group.bench_function("black76_columns_with_greeks", |bencher| {
        bencher.iter(|| black76_columns(black_box(&options)));
    });
    group.bench_function("implied_volatility_columns", |bencher| {
        bencher.iter(|| implied_volatility_columns(black_box(&quotes)));
    });
    group.bench_function("black76_one_by_one", |bencher| {
        bencher.iter(|| {
            (0..N)
                .map(|i| {
                    let terms = Black76 {
                        forward: forward[i],
                        strike: strike[i],
                        volatility: volatility[i],
                        years: years[i],
                        rate: rate[i],
                    };
                    black76(kind[i], &terms).price
                })
                .sum::<f64>()
        });
    });
    group.bench_function("implied_volatility_one_by_one", |bencher| {
        bencher.iter(|| {
            (0..N)
                .filter_map(|i| {
                    implied_volatility(kind[i], price[i], forward[i], strike[i], years[i], rate[i])
                        .volatility()
                })
                .sum::<f64>()
        });
    });
    group.finish();
}

criterion_group!(benches, option_kernels);
criterion_main!(benches);
