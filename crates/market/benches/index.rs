//! How fast is a whole market's tradability, and an index chosen, computed and followed through it?
//!
//! Days x stocks as in the benchmark's sizes, with late listings, suspensions with and without a record,
//! special treatment and missing values.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use shoals_core::{Calendar, Panel, Rules, Symbol, day};
use shoals_market::index::{
    MicroCapConfig, MicroCapWords, implementable_index, paper_index, select,
};
use shoals_market::universe::{Listing, StockMarket, Tradability, UniverseConfig};

const SIZES: [(usize, usize); 3] = [(500, 250), (2_000, 1_250), (5_000, 3_600)];

/// Uniform in `[0, 1)` from a cell's number (splitmix64).
fn uniform(cell: usize, stream: u64) -> f64 {
    let mut z = (cell as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(stream << 32);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

fn market(n: usize, n_days: usize) -> StockMarket {
    let days = Calendar::shanghai().days(day(2010, 1, 1), day(2026, 11, 30))[..n_days].to_vec();
    let code = |i: usize| {
        let (first, exchange) = [(600_000, "SH"), (300_000, "SZ"), (688_000, "SH")][i % 3];
        Symbol::literal(&format!("{:06}.{exchange}", first + i / 3))
    };
    let mut prices = vec![f64::NAN; n * n_days];
    for i in 0..n {
        let listed = if i % 10 == 0 { n_days * (i % 97) / 97 } else { 0 };
        let mut price = 5.0 + 20.0 * uniform(i, 1);
        for t in listed..n_days {
            price *= 1.0 + 0.04 * (uniform(t * n + i, 2) - 0.5);
            // A fiftieth of the days has no record: a run of twenty in a thousand.
            if uniform(t / 20 * n + i, 3) > 0.02 {
                prices[t * n + i] = price;
            }
        }
    }
    let flag = |share: f64, stream| {
        (0..n * n_days).map(move |c| f64::from(u8::from(uniform(c, stream) < share)))
    };
    let caps = prices.iter().enumerate().map(|(c, p)| p * 1e8 * (1.0 + 9.0 * uniform(c % n, 4)));
    let (caps, suspended, st) = (caps.collect(), flag(0.01, 5).collect(), flag(0.03, 6).collect());
    let columns = [
        ("total_market_cap", caps),
        ("is_suspended", suspended),
        ("is_st", st),
        ("amount", vec![1e8; n * n_days]),
        ("adjusted_close", prices),
    ];
    let mut panel = Panel::new(days, (0..n).map(code).collect()).expect("rising days");
    for (name, values) in columns {
        panel = panel.with_column(name, values).expect("a whole column");
    }
    StockMarket::new(panel, vec![Listing::default(); n]).expect("a legal market")
}

fn micro_cap(criterion: &mut Criterion) {
    let (calendar, rules) = (Calendar::shanghai(), Rules::builtin());
    let mut group = criterion.benchmark_group("micro_cap");
    group.sample_size(10);
    for (n, n_days) in SIZES {
        let market = market(n, n_days);
        let words = MicroCapWords { n_names: n / 12, ..MicroCapWords::default() };
        let config = MicroCapConfig::try_from(words).expect("legal words");
        let mask = Tradability::of(&market, UniverseConfig::default(), calendar, rules);
        let members = select(&market, &mask, &config, calendar).expect("members");
        let size = format!("{n}x{n_days}");
        group.throughput(Throughput::Elements((n * n_days) as u64));
        group.bench_function(BenchmarkId::new("tradability", &size), |bencher| {
            bencher.iter(|| Tradability::of(&market, UniverseConfig::default(), calendar, rules));
        });
        group.bench_function(BenchmarkId::new("select", &size), |bencher| {
            bencher.iter(|| select(&market, &mask, &config, calendar));
        });
        group.bench_function(BenchmarkId::new("paper", &size), |bencher| {
            bencher.iter(|| paper_index(&market, &members, &config));
        });
        group.bench_function(BenchmarkId::new("implementable", &size), |bencher| {
            let money = &config.implementation;
            bencher.iter(|| implementable_index(&market, &mask, &members, &config, money, rules));
        });
    }
    group.finish();
}

criterion_group!(benches, micro_cap);
criterion_main!(benches);
