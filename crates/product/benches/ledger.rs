//! Ten-year ledgers: a DMA book and a replica with straddles, one line a trading day.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use shoals_core::{Calendar, Rules, Series, TradingDay, day};
use shoals_product::replication::{
    LegMarket, ReplicationMarket, ReplicationTerms, StraddleMarket, replicate,
};
use shoals_product::swap::{LongMarket, SwapMarket, SwapTerms, SwapWords, simulate};

const BOOK: &str = include_str!("../../../examples/01_book_im2403.toml");

/// A wave with a drift: the ledgers' work does not depend on the prices.
fn wave(name: &str, days: &[TradingDay], period: f64) -> Series {
    let level = |i: usize| 5_000.0 * (1.0 + 0.1 * (i as f64 / period).sin() + 1e-4 * i as f64);
    Series::new(name, days.to_vec(), (0..days.len()).map(level).collect())
        .expect("calendar days rise")
}

fn ledgers(criterion: &mut Criterion) {
    let calendar = Calendar::shanghai();
    let days = calendar.days(day(2014, 1, 2), day(2023, 12, 29));
    let (long, short) = (wave("868008.WI", days, 17.0), wave("000300.SH", days, 29.0));
    let implied_volatility =
        Series::new("iv", days.to_vec(), vec![0.2; days.len()]).expect("calendar days rise");
    let mut group = criterion.benchmark_group("ten_year_ledger");
    group.throughput(Throughput::Elements(days.len() as u64));

    let mut words = SwapWords::from(SwapTerms::from_toml(BOOK).expect("the example book is legal"));
    words.swap.opened_on = days[0];
    words.swap.closed_on = days[days.len() - 1];
    words.hedge.clear();
    let book = SwapTerms::try_from(words).expect("still legal");
    let swap_market = SwapMarket {
        long: LongMarket::Series(&long),
        hedges: vec![],
        futures: vec![],
        indices: vec![],
        calendar,
        rules: Rules::builtin(),
    };
    group.bench_function("swap", |b| b.iter(|| simulate(black_box(&book), &swap_market)));

    let terms = ReplicationTerms::default();
    let market = ReplicationMarket {
        long: LegMarket::Series(&long),
        short: LegMarket::Series(&short),
        straddle: Some(StraddleMarket::ImpliedVolatility {
            underlying: &short,
            implied_volatility: &implied_volatility,
        }),
        calendar,
    };
    group.bench_function("replicate", |b| b.iter(|| replicate(black_box(&terms), &market)));
    group.finish();
}

criterion_group!(benches, ledgers);
criterion_main!(benches);
