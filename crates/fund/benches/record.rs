//! How fast is a fund's record? Ten years of days beside a benchmark, and a year's figures under a peer's conventions.

use criterion::{Criterion, criterion_group, criterion_main};
use shoals_core::{Series, TradingDay};
use shoals_fund::Fund;
use shoals_fund::record::{Peer, RecordConfig, peer_figures, record};

/// Ten years of days.
const DAYS: i32 = 2_420;

fn levels(name: &str, size: f64, speed: f64) -> Series {
    let days: Vec<TradingDay> =
        (0..DAYS).map(|k| TradingDay::from_epoch_days(16_000 + k * 3 / 2)).collect();
    let mut value = 1.0;
    let values = (0..DAYS).map(|k| {
        value *= 1.0 + 0.0003 + size * (f64::from(k) * speed).sin();
        value
    });
    Series::new(name, days, values.collect()).expect("rising days")
}

fn records(c: &mut Criterion) {
    let fund = Fund::of(levels("fund", 0.01, 1.9)).expect("positive values");
    let index = levels("index", 0.012, 2.3);
    let periods = fund.periods();
    let config = RecordConfig::default();
    c.bench_function("record, ten years of days", |b| {
        b.iter(|| record(&fund, &periods, Some(&index), None, &config));
    });
    let returns = fund.periods().change_of(&index, 4);
    c.bench_function("figures as empyrical's, ten years of days", |b| {
        b.iter(|| peer_figures("fund", &periods, &returns, Peer::Empyrical));
    });
}

criterion_group!(benches, records);
criterion_main!(benches);
