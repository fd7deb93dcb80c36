//! The doctor over a daily market of five million rows: 5,000 stocks, 1,000 days, as one import has it.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use shoals_core::{Calendar, Rules};
use shoals_data::doctor::examine;

#[path = "../tests/it/doctor/clean.rs"]
#[expect(dead_code, reason = "the tests use the rest of it")]
mod clean;

const N_SYMBOLS: u32 = 5_000;
const N_DAYS: usize = 1_000;
const BATCH_ROWS: usize = 65_536;

fn doctor(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("doctor");
    group.sample_size(10);
    let mut bars = clean::market(20_240_205, N_SYMBOLS, N_DAYS);
    group.throughput(Throughput::Elements(bars.len() as u64));
    for order in ["by_symbol", "by_day"] {
        if order == "by_day" {
            bars.sort_by_key(|bar| bar.date);
        }
        let loaded = [clean::stock_daily(&bars, BATCH_ROWS)];
        group.bench_function(order, |bencher| {
            bencher.iter(|| examine(&loaded, Calendar::shanghai(), Rules::builtin()));
        });
    }
    group.finish();
}

criterion_group!(benches, doctor);
criterion_main!(benches);
