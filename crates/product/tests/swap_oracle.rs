//! The IM2403 book day by day, and the margin distances, against independent programs (`SHOALS_DATA`).

use std::path::PathBuf;

use shoals_core::{Calendar, FutureContract, Outcome, Rules, Series, Symbol, TradingDay, day};
use shoals_market::future::ContractHistory;
use shoals_product::swap::{
    ComparedBook, Comparison, EventKind, LongMarket, OnBreach, SwapMarket, SwapOutcome, SwapStatus,
    SwapTerms, SwapWords, fraction_to_sell, loss_to_line, simulate,
};

const BOOK: &str = include_str!("../../../examples/01_book_im2403.toml");

/// An oracle file's text, or `None` with a line that says the test skipped.
fn oracle(name: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "a test may read its environment")]
    let Some(folder) = std::env::var_os("SHOALS_DATA") else {
        eprintln!("skipped: SHOALS_DATA is not set, so {name} cannot be read");
        return None;
    };
    #[expect(clippy::disallowed_methods, reason = "a test may read its oracle")]
    Some(std::fs::read_to_string(PathBuf::from(folder).join("oracles").join(name)).unwrap())
}

/// Date and value columns of a CSV, of the rows that `keep` takes.
fn columns(text: &str, value: &str, keep: impl Fn(&[&str]) -> bool) -> (Vec<TradingDay>, Vec<f64>) {
    let header: Vec<&str> = text.lines().next().unwrap().split(',').collect();
    let i = header.iter().position(|name| *name == value).unwrap();
    text.lines()
        .skip(1)
        .map(|line| line.split(',').collect::<Vec<_>>())
        .filter(|cells| keep(cells))
        .map(|cells| (cells[0].parse::<TradingDay>().unwrap(), cells[i].parse::<f64>().unwrap()))
        .unzip()
}

struct Market {
    long: Series,
    future: ContractHistory,
}

impl Market {
    fn read() -> Option<Self> {
        let index = oracle("cn_index_close_20231009_20240329.csv")?;
        let basis = oracle("cn_futures_basis_20231101_20240329.csv")?;
        let (days, closes) = columns(&index, "868008.WI", |_| true);
        let long = Series::new("868008.WI", days, closes).unwrap();
        let (days, closes) = columns(&basis, "close", |cells| cells[1] == "IM2403");
        let contract: FutureContract = "IM2403".parse().unwrap();
        let none = vec![f64::NAN; days.len()];
        let calendar = Calendar::shanghai();
        let future = ContractHistory::new(
            contract,
            calendar,
            days,
            closes.clone(),
            closes,
            none.clone(),
            none,
        )
        .unwrap();
        Some(Self { long, future })
    }

    fn run(&self, terms: &SwapTerms) -> SwapOutcome {
        let market = SwapMarket {
            long: LongMarket::Series(&self.long),
            hedges: vec![&self.future],
            futures: vec![],
            indices: vec![],
            calendar: Calendar::shanghai(),
            rules: Rules::builtin(),
        };
        simulate(terms, &market).unwrap()
    }
}

fn book(opened_on: TradingDay) -> SwapTerms {
    let mut words = SwapWords::from(SwapTerms::from_toml(BOOK).unwrap());
    words.swap.opened_on = opened_on;
    SwapTerms::try_from(words).unwrap()
}

/// Witness: `dma_case_*.csv`, every day and column, to the last of its six printed decimals.
fn agrees_every_day(file: &str, opened_on: TradingDay) {
    let (Some(market), Some(text)) = (Market::read(), oracle(file)) else { return };
    let outcome = market.run(&book(opened_on));
    let mut n = 0;
    for row in text.lines().skip(1) {
        let cells: Vec<&str> = row.split(',').collect();
        let line = outcome.line(cells[0].parse().unwrap()).expect(row);
        let theirs: Vec<f64> = cells[1..].iter().map(|cell| cell.parse().unwrap()).collect();
        let ours =
            [line.long_value, line.hedge_pnl, line.financing, line.equity, line.margin_ratio];
        for (ours, theirs) in ours.iter().zip(&theirs) {
            assert!((ours - theirs).abs() <= 6e-7, "{row}: {ours}");
        }
        n += 1;
    }
    assert_eq!(outcome.statement.len(), n);
    assert_eq!(outcome.called_on, Some(day(2024, 2, 6)));
    assert_eq!(outcome.liquidation_on, Some(day(2024, 2, 6)));
    assert_eq!(outcome.wiped_out_on, Some(day(2024, 2, 7)));
}

#[test]
fn the_book_of_january_agrees_every_day() {
    agrees_every_day("dma_case_IM2403_from_2024-01-02.csv", day(2024, 1, 2));
}

#[test]
fn the_book_of_february_agrees_every_day() {
    agrees_every_day("dma_case_IM2403_from_2024-02-02.csv", day(2024, 2, 2));
}

#[test]
fn the_events_and_tables_of_the_book_are_the_contract() {
    let Some(market) = Market::read() else { return };
    let outcome = market.run(&book(day(2024, 1, 2)));
    let on = |kind: EventKind| -> Vec<TradingDay> {
        outcome.events.iter().filter(|e| e.kind == kind).map(|e| e.date).collect()
    };
    assert_eq!(on(EventKind::Opened), [day(2024, 1, 2)]);
    assert_eq!(on(EventKind::Call)[0], day(2024, 2, 6));
    assert_eq!(on(EventKind::Liquidation)[0], day(2024, 2, 6));
    assert_eq!(on(EventKind::WipedOut), [day(2024, 2, 7)]);
    assert_eq!(on(EventKind::Closed), [day(2024, 3, 1)]);
    let tables = outcome.tables();
    let names = |i: usize| -> Vec<&str> {
        tables[i].columns().iter().map(|column| column.name.as_str()).collect()
    };
    assert_eq!(
        names(0)[..9],
        [
            "date",
            "long_value",
            "hedge_pnl",
            "financing",
            "fees",
            "equity",
            "margin_ratio",
            "leverage",
            "status"
        ]
    );
    assert_eq!(names(1), ["date", "kind", "detail"]);
}

/// Witness: `dma_case_*.csv` of 2024-02-06 and 02-07, to its six decimals: what is paid on 02-07 is 0.25 L - E
/// of 02-06, and the equity is that of the book without it.
#[test]
fn the_call_of_the_sixth_of_february_is_paid_as_called() {
    let (Some(market), Some(text)) =
        (Market::read(), oracle("dma_case_IM2403_from_2024-01-02.csv"))
    else {
        return;
    };
    let row = |date: &str| -> Vec<f64> {
        let line = text.lines().find(|line| line.starts_with(date)).unwrap();
        line.split(',').skip(1).map(|cell| cell.parse().unwrap()).collect()
    };
    let (called, paid) = (row("2024-02-06"), row("2024-02-07"));
    let mut words = SwapWords::from(book(day(2024, 1, 2)));
    words.swap.on_breach = OnBreach::TopUp;
    let outcome = market.run(&SwapTerms::try_from(words).unwrap());
    let line = outcome.line(day(2024, 2, 7)).unwrap();
    let call = 0.25 * called[0] - called[3];
    assert!((call - 10.2126).abs() < 5e-5);
    assert!((line.cashflow - call).abs() < 2e-6);
    assert!((line.equity - (paid[3] + call)).abs() < 2e-6);
    assert_eq!(line.status, SwapStatus::Call);
}

/// Books beside the oracle's: the same 4x book under other hedges.
///
/// Witness, every day: the closed form of fixed lots, 25 + 100 (L/L0 - 1) - 100 (F/F0 - 1) - 4 % of 100 a
/// year, and the printed dates of `dma_case_oracle.json` for IM2403. The table is quoted by
/// docs/method/swap.md.
#[test]
fn the_books_under_other_hedges_die_on_the_days_the_page_says() {
    let (Some(index), Some(basis)) = (
        oracle("cn_index_close_20231009_20240329.csv"),
        oracle("cn_futures_basis_20231101_20240329.csv"),
    ) else {
        return;
    };
    let (days, closes) = columns(&index, "868008.WI", |_| true);
    let long = Series::new("868008.WI", days, closes).unwrap();
    let mut table = Vec::new();
    for opened_on in [day(2024, 1, 2), day(2024, 2, 2)] {
        for name in ["IF2403", "IC2403", "IM2403", "IM2406", "000905.SH"] {
            let outcome = hedged_with(name, opened_on, &long, &index, &basis);
            table.push(ComparedBook::of(name, &outcome).unwrap());
        }
    }
    let printed = Comparison { books: table.clone() }.tables();
    assert_eq!(printed[0].n_rows(), 10);
    let found: Vec<(String, String, String, String, i64)> = table
        .iter()
        .map(|book| {
            let on = |date: Option<TradingDay>| date.map(|d| d.to_string()[5..].to_owned());
            let on = |date| on(date).unwrap_or_default();
            let worst = (1e4 * book.worst_ratio).round() as i64;
            let (call, liquidation) = (on(book.called_on), on(book.liquidation_on));
            (book.name.clone(), call, liquidation, on(book.wiped_out_on), worst)
        })
        .collect();
    let expected = [
        ("IF2403", "01-31", "02-01", "02-05", -3682),
        ("IC2403", "02-05", "02-05", "02-06", -3287),
        ("IM2403", "02-06", "02-06", "02-07", -911),
        ("IM2406", "02-06", "02-06", "02-07", -892),
        ("000905.SH", "02-05", "02-05", "02-06", -3113),
        ("IF2403", "02-05", "02-06", "02-07", -659),
        ("IC2403", "02-06", "02-06", "02-06", -2002),
        ("IM2403", "02-06", "02-06", "02-07", -1015),
        ("IM2406", "02-06", "02-06", "02-07", -1188),
        ("000905.SH", "02-06", "02-06", "02-07", -1574),
    ];
    for (found, (name, call, liquidation, wiped_out, worst)) in found.iter().zip(expected) {
        let found = (&*found.0, &*found.1, &*found.2, &*found.3, found.4);
        assert_eq!(found, (name, call, liquidation, wiped_out, worst));
    }
    assert!(table.iter().all(|book| book.worst_on == day(2024, 2, 7)));
}

/// Carries the book under one hedge, and meets every equity with the closed form.
fn hedged_with(
    name: &str,
    opened_on: TradingDay,
    long: &Series,
    index: &str,
    basis: &str,
) -> SwapOutcome {
    let is_contract = !name.contains('.');
    let (days, closes) = if is_contract {
        columns(basis, "close", |cells| cells[1] == name)
    } else {
        columns(index, name, |_| true)
    };
    let short = Series::new(name, days.clone(), closes.clone()).unwrap();
    let calendar = Calendar::shanghai();
    let future = is_contract.then(|| {
        let none = vec![f64::NAN; days.len()];
        let contract: FutureContract = name.parse().unwrap();
        let settle = closes.clone();
        ContractHistory::new(contract, calendar, days, closes, settle, none.clone(), none).unwrap()
    });
    let mut words = SwapWords::from(book(opened_on));
    let symbol =
        Symbol::parse(&format!("{name}{}", if is_contract { ".CFE" } else { "" })).unwrap();
    words.hedge[0].contract = is_contract.then_some(symbol);
    words.hedge[0].symbol = (!is_contract).then_some(symbol);
    let market = SwapMarket {
        long: LongMarket::Series(long),
        hedges: future.iter().collect(),
        futures: vec![],
        indices: vec![(symbol, &short)],
        calendar,
        rules: Rules::builtin(),
    };
    let outcome = simulate(&SwapTerms::try_from(words).unwrap(), &market).unwrap();
    let relative = |series: &Series, date| series.at(date).unwrap() / series.at(opened_on).unwrap();
    for line in &outcome.statement {
        let days = f64::from(opened_on.calendar_days_until(line.date));
        let expected = 25.0 + 100.0 * (relative(long, line.date) - relative(&short, line.date))
            - 4.0 * days / 365.0;
        assert!((line.equity - expected).abs() < 1e-9, "{name} {}: {}", line.date, line.equity);
    }
    outcome
}

/// Witness: `firesale_oracles.json`.
#[test]
fn margin_distances_agree() {
    let Some(text) = oracle("firesale_oracles.json") else { return };
    let oracle: serde_json::Value = serde_json::from_str(&text).unwrap();
    let ratio_after =
        |long: f64, hedge: f64| (25.0 + 100.0 * (long - hedge)) / (100.0 + 100.0 * long);
    for (name, ours) in [
        ("dma_relative_loss_to_call(m0=.25,mc=.15,hedge flat)", loss_to_line(0.25, 0.15)),
        ("dma_relative_loss_to_liq(m0=.25,ml=.10,hedge flat)", loss_to_line(0.25, 0.10)),
        ("sell_fraction_to_restore_25_after_-12%", fraction_to_sell(13.0, 0.25, 88.0)),
    ] {
        assert!((ours - oracle[name].as_f64().unwrap()).abs() < 1e-9, "{name}: {ours}");
    }
    for (name, long, hedge) in [
        ("m25 rs-10 rh0", -0.10, 0.0),
        ("m25 rs-10 rh-5", -0.10, -0.05),
        ("m25 rs-15 rh+3", -0.15, 0.03),
    ] {
        let theirs = oracle["dma_ratio"][name].as_f64().unwrap();
        assert!((one_day_ratio(long, hedge) - theirs).abs() < 1e-9, "{name}");
        assert!((ratio_after(long, hedge) - theirs).abs() < 1e-9, "{name}");
    }
}

/// The ledger's own ratio after one day of these returns, without financing.
fn one_day_ratio(long_return: f64, hedge_return: f64) -> f64 {
    let days = vec![day(2024, 1, 2), day(2024, 1, 3)];
    let long =
        Series::new("868008.WI", days.clone(), vec![1000.0, 1000.0 * (1.0 + long_return)]).unwrap();
    let prices = vec![5000.0, 5000.0 * (1.0 + hedge_return)];
    let none = vec![f64::NAN; 2];
    let future = ContractHistory::new(
        "IM2403".parse().unwrap(),
        Calendar::shanghai(),
        days,
        prices.clone(),
        prices,
        none.clone(),
        none,
    )
    .unwrap();
    let mut words = SwapWords::from(SwapTerms::from_toml(BOOK).unwrap());
    words.swap.financing_rate = 0.0;
    let terms = SwapTerms::try_from(words).unwrap();
    Market { long, future }.run(&terms).line(day(2024, 1, 3)).unwrap().margin_ratio
}
