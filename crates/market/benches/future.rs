//! How fast is the basis of every contract of ten years, and a hedge rolled through them?

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use shoals_core::{Calendar, FutureContract, FutureProduct, Rules, Series, TradingDay, day};
use shoals_market::future::roll::{RollConfig, RollRule, roll_short_hedge};
use shoals_market::future::{BasisConvention, ContractHistory, FutureMarket, basis_points};

/// Ten years of one product, twelve contracts a year.
fn market() -> FutureMarket {
    let days = Calendar::shanghai().days(day(2015, 1, 1), day(2024, 12, 31));
    let spot = |d: TradingDay| 5_000.0 + 300.0 * (f64::from(d.epoch_days()) * 0.01).sin();
    let contracts = (0..120).map(|m| FutureContract {
        product: FutureProduct::IC,
        year: 2015 + m / 12,
        month: (m % 12) as u32 + 1,
    });
    let contracts = contracts.map(|contract| history(contract, days, spot)).collect();
    let values = days.iter().map(|&d| spot(d)).collect();
    let spot = Series::new("000905.SH", days.to_vec(), values).expect("rising days");
    let yields = spot.days().iter().map(|_| 0.015).collect();
    let yields = Series::new("yield", spot.days().to_vec(), yields).expect("rising days");
    FutureMarket::new(FutureProduct::IC, contracts, spot, Some(yields)).expect("a legal market")
}

fn history(
    contract: FutureContract,
    days: &[TradingDay],
    spot: impl Fn(TradingDay) -> f64,
) -> ContractHistory {
    let calendar = Calendar::shanghai();
    let expiry = contract.expiry(calendar).expect("a known year");
    let is_live = |d: &&TradingDay| (0..=150).contains(&d.calendar_days_until(expiry));
    let days: Vec<TradingDay> = days.iter().filter(is_live).copied().collect();
    let close: Vec<f64> = days
        .iter()
        .map(|&d| spot(d) * (1.0 - 0.0002 * f64::from(d.calendar_days_until(expiry))))
        .collect();
    let (settle, volume) = (close.clone(), vec![1e5; days.len()]);
    let missing = vec![f64::NAN; days.len()];
    ContractHistory::new(contract, calendar, days, close, settle, volume, missing)
        .expect("a legal history")
}

fn futures(criterion: &mut Criterion) {
    let (market, calendar) = (market(), Calendar::shanghai());
    let n_rows: usize = market.contracts.iter().map(|c| c.days.len()).sum();
    let mut group = criterion.benchmark_group("future_10_years");
    group.throughput(Throughput::Elements(n_rows as u64));
    group.bench_function("basis", |bencher| {
        bencher.iter(|| basis_points(&market, BasisConvention::default(), calendar));
    });
    for rule in RollRule::ALL {
        let (config, rules) = (RollConfig::default(), Rules::builtin());
        group.bench_function(format!("roll_{}", rule.name()), |bencher| {
            bencher.iter(|| roll_short_hedge(&market, rule, &config, calendar, rules));
        });
    }
    group.finish();
}

criterion_group!(benches, futures);
criterion_main!(benches);
