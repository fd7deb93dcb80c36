//! How fast is a factor sheet? Three horizons, ten quantiles, five size buckets, with gaps and ties.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use shoals_core::TradingDay;
use shoals_market::factor::clean::{
    Beside, Cleaning, Fill, Neutralise, Standardise, Weight, Winsorise, clean,
};
use shoals_market::factor::{Buckets, EvaluationConfig, FactorPanel, evaluate, membership};

/// Stocks and days of each bench.
const SIZES: [(usize, usize); 3] = [(500, 250), (2_000, 1_250), (5_000, 3_600)];

/// A tenth of the factors missing, a twentieth of the rows suspended.
struct Stocks {
    n: usize,
    days: Vec<TradingDay>,
    factor: Vec<f64>,
    price: Vec<f64>,
    cap: Vec<f64>,
    industry: Vec<u16>,
    is_suspended: Vec<bool>,
}

impl Stocks {
    fn new(n: usize, n_days: usize) -> Self {
        let uniform = |row: usize, part: usize| {
            let mut z = (row * 8 + part + 1) as u64 * 0x9E37_79B9_7F4A_7C15;
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
        };
        let rows = 0..n * n_days;
        let factor = |row| {
            let value = uniform(row, 1) + uniform(row, 2) + uniform(row, 3);
            if uniform(row, 4) < 0.1 { f64::NAN } else { (value * 1e3).round() / 1e3 }
        };
        Self {
            n,
            days: (0..n_days as i32).map(TradingDay::from_epoch_days).collect(),
            factor: rows.clone().map(factor).collect(),
            price: rows
                .clone()
                .map(|row| (500.0 + 1e3 * uniform(row, 5)).round() / 100.0)
                .collect(),
            cap: rows.clone().map(|row| (22.0 + 4.0 * uniform(row, 6)).exp()).collect(),
            industry: rows.clone().map(|row| 1 + (row % n % 30) as u16).collect(),
            is_suspended: rows.map(|row| uniform(row, 7) < 0.05).collect(),
        }
    }

    fn panel(&self) -> FactorPanel<'_> {
        FactorPanel::new(&self.days, &self.factor, &self.price)
            .and_then(|panel| panel.excluding(&self.is_suspended))
            .and_then(|panel| panel.bucketed(Buckets::Quantiles { key: &self.cap, n: 5 }))
            .expect("a legal panel")
    }
}

fn sheets(criterion: &mut Criterion) {
    for (n, n_days) in SIZES {
        let stocks = Stocks::new(n, n_days);
        let config = EvaluationConfig::default();
        let mut group = criterion.benchmark_group(format!("factor_{n}x{n_days}"));
        group.sample_size(10).throughput(Throughput::Elements((n * n_days) as u64));
        group.bench_function("sheet", |bencher| {
            bencher.iter(|| evaluate(&stocks.panel(), &config));
        });
        group.bench_function("membership", |bencher| {
            bencher.iter(|| membership(&stocks.panel(), &config));
        });
        let plan = Cleaning::new(
            Winsorise::NormalMad { deviations: 3.0 },
            Standardise::Sample,
            Fill::None,
            Neutralise::IndustryAndSize,
            Weight::RootCap,
        )
        .expect("a legal plan");
        let beside = Beside {
            industry: Some(&stocks.industry),
            market_cap: Some(&stocks.cap),
            is_excluded: Some(&stocks.is_suspended),
        };
        group.bench_function("clean", |bencher| {
            bencher.iter(|| clean(&stocks.factor, stocks.n, beside, &plan));
        });
        group.finish();
    }
}

criterion_group!(benches, sheets);
criterion_main!(benches);
