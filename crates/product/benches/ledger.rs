//! Ten-year ledgers: a DMA book, a hundred books of 400 names, and a replica with straddles, one line a
//! trading day. Throughput of the hundred is in book-days.

use std::collections::BTreeMap;
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use shoals_core::{Calendar, Panel, Rules, Series, Symbol, TradingDay, day};
use shoals_market::universe::{Listing, StockMarket, Tradability, UniverseConfig};
use shoals_product::replication::{
    LegMarket, ReplicationMarket, ReplicationTerms, StraddleMarket, replicate,
};
use shoals_product::swap::{
    CostSchedule, Hedge, Long, LongMarket, NamesMarket, OnBreach, SwapMarket, SwapTerms, SwapWords,
    simulate,
};

const N_NAMES: usize = 400;
const N_BOOKS: usize = 100;

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
        target: None,
        calendar,
    };
    group.bench_function("replicate", |b| b.iter(|| replicate(black_box(&terms), &market)));
    group.finish();
}

/// 400 names of their own waves; every cell could trade.
fn names(days: &[TradingDay]) -> StockMarket {
    let symbols: Vec<Symbol> =
        (0..N_NAMES).map(|i| Symbol::literal(&format!("{:06}.SH", 600_000 + i))).collect();
    let close: Vec<f64> = (0..days.len() * N_NAMES)
        .map(|cell| {
            let (t, i) = ((cell / N_NAMES) as f64, (cell % N_NAMES) as f64);
            10.0 + (t / (11.0 + i % 7.0)).sin() + 1e-3 * t
        })
        .collect();
    let panel = Panel::new(days.to_vec(), symbols).expect("rising days, distinct codes");
    let panel = panel
        .with_column("amount", vec![1e8; close.len()])
        .and_then(|panel| panel.with_column("adjusted_close", close))
        .expect("one value a cell");
    let listing = Listing { listed_on: Some(day(2001, 1, 4)), name: String::new() };
    StockMarket::new(panel, vec![listing; N_NAMES]).expect("A shares at positive prices")
}

/// A hundred books of rising margins, sold down whenever they are called.
fn books(criterion: &mut Criterion) {
    let (calendar, rules) = (Calendar::shanghai(), Rules::builtin());
    let days = calendar.days(day(2014, 1, 2), day(2023, 12, 29));
    let stocks = names(days);
    let tradability = Tradability::of(&stocks, UniverseConfig::default(), calendar, rules);
    let index = wave("000905.SH", days, 29.0);
    let symbol = Symbol::literal("000905.SH");
    let terms: Vec<SwapTerms> = (0..N_BOOKS)
        .map(|i| {
            let mut words =
                SwapWords::from(SwapTerms::from_toml(BOOK).expect("the example book is legal"));
            words.swap.opened_on = days[0];
            words.swap.closed_on = days[days.len() - 1];
            words.swap.notional = 1e8;
            words.swap.initial_margin_ratio = 0.25 + 0.005 * i as f64;
            words.swap.on_breach = OnBreach::Deleverage;
            words.long = Long { basket: Some("bench.csv".into()), ..Long::default() };
            words.hedge = vec![Hedge { contract: None, symbol: Some(symbol), ..words.hedge[0] }];
            words.cost.schedule = CostSchedule::Rules;
            SwapTerms::try_from(words).expect("still legal")
        })
        .collect();
    let weights: Vec<(Symbol, f64)> = stocks.symbols().iter().map(|&s| (s, 1.0)).collect();
    let carry = |terms: &SwapTerms| {
        let weights = weights.clone();
        let names = NamesMarket {
            stocks: &stocks,
            tradability: &tradability,
            weights,
            chosen: BTreeMap::new(),
        };
        let market = SwapMarket {
            long: LongMarket::Names(names),
            hedges: vec![],
            futures: vec![],
            indices: vec![(symbol, &index)],
            calendar,
            rules,
        };
        simulate(terms, &market).expect("every leg has its prices").statement.len()
    };
    let n_book_days: usize = terms.iter().map(carry).sum();
    let mut group = criterion.benchmark_group("hundred_books_of_400_names");
    group.throughput(Throughput::Elements(n_book_days as u64)).sample_size(10);
    group.bench_function("ten_years", |b| {
        b.iter(|| terms.iter().map(|terms| carry(black_box(terms))).sum::<usize>());
    });
    group.finish();
}

criterion_group!(benches, ledgers, books);
criterion_main!(benches);
