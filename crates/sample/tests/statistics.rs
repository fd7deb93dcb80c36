//! The built-in market against the real one: tails, clustering, dispersion, limits, ladder, basis.
//!
//! `measure/real_market.csv` holds each figure of the real market with its standard error, and how far
//! ours wanders from seed to seed; docs/method/sample.md says how they were measured. A figure may lie
//! three standard errors of the difference from the real one, and no row has a band of its own.

mod measure;
mod world;

use std::collections::BTreeMap;

use measure::{
    StockDay, autocorrelation, correlation, deviation, excess_kurtosis, leverage, magnitude, mean,
    median, moment, panel, quantile, series, stock_days,
};
use shoals_core::{
    Board, Calendar, FutureContract, FutureProduct, Segment, Symbol, TradingDay, day,
};
use world::{days, index_series, market, symbols, table};

/// Name of a figure and what it is in ours.
type Figure = (String, f64);

/// A row of `real_market.csv`.
struct Real {
    figure: &'static str,
    value: f64,
    /// Standard error of the real figure.
    error: f64,
    /// Standard deviation of ours over seeds 1 to 20.
    seed_deviation: f64,
}

fn real_market() -> Vec<Real> {
    let row = |line: &'static str| {
        let cells: Vec<&str> = line.split(',').collect();
        let number = |i: usize| cells[i].parse().unwrap();
        Real { figure: cells[0], value: number(1), error: number(2), seed_deviation: number(3) }
    };
    include_str!("measure/real_market.csv").lines().skip(1).map(row).collect()
}

/// Every figure beside the real one; `--nocapture` shows the table of docs/method/sample.md.
fn compare(figures: &[Figure]) {
    let real: BTreeMap<&str, Real> =
        real_market().into_iter().map(|real| (real.figure, real)).collect();
    let mut outside = Vec::new();
    for (name, ours) in figures {
        let real = real.get(name.as_str()).unwrap_or_else(|| panic!("no real figure for {name}"));
        let error = real.error.hypot(real.seed_deviation);
        let apart = (ours - real.value) / error;
        let line = format!("| {name} | {:.4} | {ours:.4} | {error:.4} | {apart:+.1} |", real.value);
        eprintln!("{line}");
        if apart.is_nan() || apart.abs() > 3.0 {
            outside.push(line);
        }
    }
    assert!(outside.is_empty(), "three standard errors or more away:\n{}", outside.join("\n"));
}

type Panel = Vec<Vec<Option<StockDay>>>;

/// A figure's median over the stocks.
fn median_of(stocks: &[&[Option<StockDay>]], of: impl Fn(&[Option<StockDay>]) -> f64) -> f64 {
    median(&stocks.iter().map(|days| of(days)).collect::<Vec<_>>())
}

fn returns(days: &[Option<StockDay>]) -> Vec<f64> {
    series(days, |day| day.day_return)
}

fn log_turnover(days: &[Option<StockDay>]) -> Vec<f64> {
    series(days, |day| day.turnover.ln())
}

/// The stocks with 500 days or more.
fn long_lived(stocks: &Panel) -> Vec<&[Option<StockDay>]> {
    let enough = |days: &&[Option<StockDay>]| days.iter().flatten().count() >= 500;
    stocks.iter().map(Vec::as_slice).filter(enough).collect()
}

/// Mean correlation of two stocks: what is left in the mean of standardised returns.
fn pairwise_correlation(stocks: &[&[Option<StockDay>]], n_days: usize) -> f64 {
    let (mut sums, mut counts) = (vec![0.0; n_days], vec![0.0; n_days]);
    for days in stocks {
        let x = returns(days);
        let (m, s) = (mean(&x), deviation(&x));
        for (t, v) in x.iter().enumerate().filter(|(_, v)| !v.is_nan()) {
            sums[t] += (v - m) / s;
            counts[t] += 1.0;
        }
    }
    let squares: Vec<f64> = sums.iter().zip(&counts).map(|(sum, n)| (sum / n).powi(2)).collect();
    let own = 1.0 / mean(&counts);
    (mean(&squares) - own) / (1.0 - own)
}

#[test]
fn single_stocks_have_real_tails_and_memory() {
    let (panel_days, stocks) = stock_days();
    let long = long_lived(&stocks);
    let of = |figure: &dyn Fn(&[f64]) -> f64| median_of(&long, |days| figure(&returns(days)));
    let turnover =
        |figure: &dyn Fn(&[f64]) -> f64| median_of(&long, |days| figure(&log_turnover(days)));
    let mut figures: Vec<Figure> = vec![
        ("stock kurtosis".into(), of(&excess_kurtosis)),
        ("stock skewness".into(), of(&|x| moment(x, 3))),
        ("stock sd".into(), of(&deviation)),
        ("stock acf r 1".into(), of(&|x| autocorrelation(x, 1))),
        ("stock leverage 1-5".into(), of(&leverage)),
        (
            "stock corr(|r| log turnover)".into(),
            median_of(&long, |days| correlation(&magnitude(&returns(days)), &log_turnover(days))),
        ),
        ("stock acf log turnover 1".into(), turnover(&|x| autocorrelation(x, 1))),
        ("stock acf log turnover 20".into(), turnover(&|x| autocorrelation(x, 20))),
        ("stock sd log turnover".into(), turnover(&deviation)),
        ("pairwise correlation".into(), pairwise_correlation(&long, panel_days.len())),
    ];
    for lag in [1, 2, 5, 10, 20] {
        let memory = of(&|x| autocorrelation(&magnitude(x), lag));
        figures.push((format!("stock acf|r| {lag}"), memory));
    }
    compare(&figures);
}

/// The days of one size bucket, day by day.
fn bucket_by_day(stocks: &Panel, n_days: usize, bucket: usize) -> Vec<Vec<StockDay>> {
    (0..n_days)
        .map(|t| stocks.iter().filter_map(|days| days[t]).filter(|d| d.bucket == bucket).collect())
        .collect()
}

#[test]
fn each_size_bucket_moves_trades_and_hits_limits_like_its_own() {
    let (panel_days, stocks) = stock_days();
    let long = long_lived(&stocks);
    let squeeze = day(2024, 1, 1)..=day(2024, 2, 29);
    let mut figures = Vec::new();
    for (b, segment) in Segment::ALL.into_iter().enumerate() {
        let by_day = bucket_by_day(&stocks, panel_days.len(), b);
        let all: Vec<StockDay> = by_day.iter().flatten().copied().collect();
        let numbers = |get: &dyn Fn(&StockDay) -> f64| all.iter().map(get).collect::<Vec<_>>();
        let daily = |of: &dyn Fn(&[f64]) -> f64| {
            let values = by_day.iter().map(|day| day.iter().map(|d| d.day_return).collect());
            mean(&values.map(|day: Vec<f64>| of(&day)).collect::<Vec<_>>())
        };
        let share = |in_squeeze: bool, hits: &dyn Fn(&StockDay) -> bool| {
            let inside = panel_days.iter().zip(&by_day);
            let inside = inside.filter(|(date, _)| squeeze.contains(date) == in_squeeze);
            mean(&inside.flat_map(|(_, day)| day).map(|d| f64::from(hits(d))).collect::<Vec<_>>())
        };
        let own: Vec<&[Option<StockDay>]> = long
            .iter()
            .copied()
            .filter(|days| median(&series(days, |day| day.bucket as f64)) == b as f64)
            .collect();
        let squares = numbers(&|d| d.range.powi(2));
        figures.extend(
            [
                ("stock kurtosis", median_of(&own, |days| excess_kurtosis(&returns(days)))),
                ("pairwise correlation", pairwise_correlation(&own, panel_days.len())),
                ("pooled deviation", deviation(&numbers(&|d| d.day_return))),
                ("dispersion", daily(&deviation)),
                ("daily cs kurtosis", daily(&excess_kurtosis)),
                ("limit up calm", share(false, &|d| d.is_limit_up)),
                ("limit down calm", share(false, &|d| d.is_limit_down)),
                ("limit up jan-feb", share(true, &|d| d.is_limit_up)),
                ("limit down jan-feb", share(true, &|d| d.is_limit_down)),
                ("turnover", median(&numbers(&|d| d.turnover))),
                ("amount 1e6", median(&numbers(&|d| d.amount)) / 1e6),
                ("overnight", deviation(&numbers(&|d| d.overnight))),
                // Parkinson (1980): the range's own estimate of daily volatility.
                ("Parkinson", (mean(&squares) / (4.0 * 2.0_f64.ln())).sqrt()),
            ]
            .map(|(name, ours)| (format!("{segment} {name}"), ours)),
        );
    }
    compare(&figures);
}

/// Means over six days, 2021-12-31 to 2024-06-28.
#[test]
fn the_size_ladder_is_as_steep_as_the_real_one() {
    let valuation = table("stock_valuation");
    let caps = valuation.numbers("total_market_cap").unwrap();
    let (dates, names) = (days(valuation, "date"), symbols(valuation, "symbol"));
    let ladder = |on: TradingDay| {
        let rows = dates.iter().zip(names).zip(caps);
        let listed =
            rows.filter(|((d, name), _)| **d == on && name.board() != Some(Board::Beijing));
        let mut caps: Vec<f64> = listed.map(|(_, cap)| *cap).collect();
        caps.sort_by(f64::total_cmp);
        let middle = median(&caps);
        let n_top = (caps.len() as f64 * 0.06) as usize;
        let top: f64 = caps.iter().rev().take(n_top).sum::<f64>() / caps.iter().sum::<f64>();
        let spread = deviation(&caps.iter().map(|cap| cap.ln()).collect::<Vec<_>>());
        let [q05, q25, q75, q95, q99] =
            [0.05, 0.25, 0.75, 0.95, 0.99].map(|u| quantile(&caps, u) / middle);
        [middle / 1e8, q05, q25, q75, q95, q99, spread, top]
    };
    let ladders = [
        day(2021, 12, 31),
        day(2022, 6, 30),
        day(2022, 12, 30),
        day(2023, 6, 30),
        day(2023, 12, 29),
        day(2024, 6, 28),
    ]
    .map(ladder);
    let names = [
        "median 1e8",
        "q05/median",
        "q25/median",
        "q75/median",
        "q95/median",
        "q99/median",
        "sd log cap",
        "top 6% share",
    ];
    let averaged = |(i, name): (usize, &str)| {
        (format!("ladder {name}"), mean(&ladders.map(|ladder| ladder[i])))
    };
    compare(&names.into_iter().enumerate().map(averaged).collect::<Vec<_>>());
}

fn log_returns(symbol: Symbol) -> Vec<f64> {
    let end = market().truth.path.days.partition_point(|&d| d <= panel().1);
    index_series(symbol)[..end].windows(2).map(|pair| (pair[1] / pair[0]).ln()).collect()
}

#[test]
fn indices_swing_and_move_together_like_the_real_ones() {
    let returns = Segment::ALL.map(|segment| log_returns(segment.symbol()));
    let mut figures: Vec<Figure> = Vec::new();
    for (segment, x) in Segment::ALL.into_iter().zip(&returns) {
        figures.extend(
            [
                ("volatility", deviation(x) * 242.0_f64.sqrt()),
                ("kurtosis", excess_kurtosis(x)),
                ("skewness", moment(x, 3)),
                ("acf|r| 1", autocorrelation(&magnitude(x), 1)),
                ("acf|r| 5", autocorrelation(&magnitude(x), 5)),
                ("acf|r| 20", autocorrelation(&magnitude(x), 20)),
                ("acf r 1", autocorrelation(x, 1)),
                ("leverage 1-5", leverage(x)),
            ]
            .map(|(name, ours)| (format!("{segment} index {name}"), ours)),
        );
    }
    let [micro, _, csi1000, csi500, csi300] = &returns;
    let size: Vec<f64> = micro.iter().zip(csi300).map(|(a, b)| a - b).collect();
    figures.extend(
        [
            ("size deviation", deviation(&size)),
            ("size kurtosis", excess_kurtosis(&size)),
            ("size acf|r| 1", autocorrelation(&magnitude(&size), 1)),
            ("size acf|r| 5", autocorrelation(&magnitude(&size), 5)),
            ("size acf|r| 20", autocorrelation(&magnitude(&size), 20)),
            ("size acf r 1", autocorrelation(&size, 1)),
            ("size-market corr", correlation(&size, csi300)),
            ("micro-300 corr", correlation(micro, csi300)),
            ("1000-300 corr", correlation(csi1000, csi300)),
            ("1000-micro corr", correlation(csi1000, micro)),
            ("500-300 corr", correlation(csi500, csi300)),
        ]
        .map(|(name, ours)| (name.to_owned(), ours)),
    );
    compare(&figures);
}

/// Implied volatility of an underlying, the day's log return of its index, and the volatility of the
/// twenty days before and after.
struct Implied {
    level: Vec<f64>,
    day_return: Vec<f64>,
    before: Vec<f64>,
    after: Vec<f64>,
}

impl Implied {
    fn new(underlying: &str, index: &str, from: TradingDay) -> Self {
        let quotes = table("implied_volatility_daily");
        let (dates, names) = (days(quotes, "date"), symbols(quotes, "underlying"));
        let levels = quotes.numbers("implied_volatility").unwrap();
        let all = &market().truth.path.days;
        let close = index_series(Symbol::literal(index));
        let log_return = |t: usize| (close[t] / close[t - 1]).ln();
        let realised = |from: usize, to: usize| {
            let squares: f64 = (from..=to).map(|t| log_return(t).powi(2)).sum();
            (squares * 242.0 / 20.0).sqrt()
        };
        let mut found = Self { level: vec![], day_return: vec![], before: vec![], after: vec![] };
        for (i, &date) in dates.iter().enumerate() {
            if names[i] != Symbol::literal(underlying) || date < from || date > panel().1 {
                continue;
            }
            let t = all.binary_search(&date).unwrap();
            found.level.push(levels[i]);
            found.day_return.push(log_return(t));
            found.before.push(if t > 20 { realised(t - 19, t) } else { f64::NAN });
            found.after.push(realised(t + 1, t + 20));
        }
        found
    }

    fn figures(&self, name: &str) -> Vec<Figure> {
        let v = &self.level;
        let change: Vec<f64> = v.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let moved = &self.day_return[1..];
        let on_falls: Vec<f64> =
            change.iter().zip(moved).filter(|(_, r)| **r < -0.02).map(|(c, _)| *c).collect();
        [
            ("IV mean", mean(v)),
            ("IV sd", deviation(v)),
            ("IV q05", quantile(v, 0.05)),
            ("IV q95", quantile(v, 0.95)),
            ("IV minus next RV", mean(v) - mean(&self.after)),
            ("corr IV back RV", correlation(v, &self.before)),
            ("dIV sd", deviation(&change)),
            ("corr dIV r", correlation(&change, moved)),
            ("dIV|r<-2%", mean(&on_falls)),
            ("IV acf 1", autocorrelation(v, 1)),
            ("IV acf 5", autocorrelation(v, 5)),
            ("IV acf 20", autocorrelation(v, 20)),
        ]
        .map(|(figure, ours)| (format!("{name} {figure}"), ours))
        .into()
    }
}

#[test]
fn implied_volatility_stands_above_realised_and_jumps_on_falls() {
    let large = Implied::new("510050.SH", "000016.SH", day(2018, 2, 1));
    let small = Implied::new("000852.SH", "000852.SH", day(2022, 9, 1));
    compare(&[large.figures("large"), small.figures("small")].concat());
}

/// The basis of one product's contracts of 20 to 70 calendar days, and its daily changes.
#[derive(Default)]
struct Basis {
    rate: Vec<f64>,
    change: Vec<f64>,
    change_before: Vec<f64>,
    spot_return: Vec<f64>,
}

/// A contract's days with its basis over spot, and spot.
fn basis_by_contract() -> BTreeMap<FutureContract, Vec<(TradingDay, f64, f64)>> {
    let futures = table("future_daily");
    let close = futures.numbers("close").unwrap();
    let mut found: BTreeMap<FutureContract, Vec<(TradingDay, f64, f64)>> = BTreeMap::new();
    for (i, &date) in days(futures, "date").iter().enumerate() {
        let contract = FutureContract::try_from(symbols(futures, "contract")[i]).unwrap();
        let spot = world::index_close(contract.product.underlying(), date);
        found.entry(contract).or_default().push((date, close[i] / spot - 1.0, spot));
    }
    found
}

#[test]
fn the_basis_stands_and_moves_like_the_real_one() {
    let mut products: BTreeMap<FutureProduct, Basis> = BTreeMap::new();
    for (contract, quotes) in basis_by_contract() {
        let expiry = contract.expiry(Calendar::shanghai()).unwrap();
        let basis = products.entry(contract.product).or_default();
        for k in 2..quotes.len() {
            let ((date, now, spot), (_, before, spot_before)) = (quotes[k], quotes[k - 1]);
            let tenor = f64::from(date.calendar_days_until(expiry));
            if !(20.0..=70.0).contains(&tenor) || date < day(2020, 1, 1) || date > panel().1 {
                continue;
            }
            basis.rate.push(now * 365.0 / tenor);
            basis.change.push(now - before);
            basis.change_before.push(before - quotes[k - 2].1);
            basis.spot_return.push((spot / spot_before).ln());
        }
    }
    let mut figures = Vec::new();
    for (product, basis) in &products {
        figures.extend(
            [
                ("basis rate", mean(&basis.rate)),
                ("basis deviation", deviation(&basis.rate)),
                ("dbasis sd", deviation(&basis.change)),
                ("corr dbasis r", correlation(&basis.change, &basis.spot_return)),
                ("acf dbasis 1", correlation(&basis.change, &basis.change_before)),
            ]
            .map(|(name, ours)| (format!("{} {name}", product.code()), ours)),
        );
    }
    compare(&figures);
}

/// A row: what, ours, as published, how far apart they may be.
type Row = (String, f64, f64, f64);

fn check(rows: &[Row]) {
    for (what, ours, real, apart) in rows {
        eprintln!("| {what} | {real:.4} | {ours:.4} | {apart:.4} |");
    }
    for (what, ours, real, apart) in rows {
        assert!((ours - real).abs() <= *apart, "{what}: {ours:.4}, as published {real:.4}");
    }
}

/// Witness: the event itself, as published: returns from 2023-12-29 to 2024-02-07.
#[test]
fn the_squeeze_happens() {
    let path = &market().truth.path;
    let at = |d| path.days.binary_search(&d).unwrap();
    let (from, to) = (at(day(2023, 12, 29)), at(day(2024, 2, 7)));
    let moved = |segment: Segment, from: usize, to: usize| {
        let close = index_series(segment.symbol());
        close[to] / close[from] - 1.0
    };
    let point = |segment: Segment, real: f64, from, to, what: &str| -> Row {
        (format!("{segment} {what}"), moved(segment, from, to), real, 0.04)
    };
    let january = at(day(2024, 1, 31));
    let mut rows = Vec::new();
    for (segment, in_january, in_all) in [
        (Segment::Micro, -0.2128, -0.4581),
        (Segment::Csi2000, -0.2097, -0.3333),
        (Segment::Csi1000, -0.1872, -0.1850),
        (Segment::Csi500, -0.1349, -0.0589),
        (Segment::Csi300, -0.0629, -0.0255),
    ] {
        rows.push(point(segment, in_january, from, january, "in January 2024"));
        rows.push(point(segment, in_all, from, to, "to 2024-02-07"));
    }
    let boom = at(day(2020, 12, 31));
    let premium = moved(Segment::Micro, boom, from) - moved(Segment::Csi300, boom, from);
    rows.push(("boom, micro minus CSI 300".into(), premium, 1.45, 0.55));
    check(&rows);
    // January is a perfect inversion: the smaller, the worse.
    let ladder = Segment::ALL.map(|segment| moved(segment, from, january));
    assert!(ladder.windows(2).all(|pair| pair[0] < pair[1]), "{ladder:?}");
}

/// Witness: published basis rates of 2024-02-05 and 02-07, by a quarter of their size.
#[test]
fn the_basis_collapses_and_flips() {
    let futures = table("future_daily");
    let close = futures.numbers("close").unwrap();
    let rate = |code: &str, on| {
        let contract: FutureContract = code.parse().unwrap();
        let i = (0..futures.n_rows())
            .find(|&i| {
                days(futures, "date")[i] == on
                    && symbols(futures, "contract")[i] == contract.symbol()
            })
            .unwrap();
        let expiry = contract.expiry(Calendar::shanghai()).unwrap();
        let spot = world::index_close(contract.product.underlying(), on);
        (close[i] / spot - 1.0) * 365.0 / f64::from(on.calendar_days_until(expiry))
    };
    check(&[
        ("IM2402 on 02-05".into(), rate("IM2402", day(2024, 2, 5)), -0.7073, 0.25 * 0.7073),
        ("IM2403 on 02-05".into(), rate("IM2403", day(2024, 2, 5)), -0.5417, 0.25 * 0.5417),
        ("IM2406 on 02-05".into(), rate("IM2406", day(2024, 2, 5)), -0.2299, 0.35 * 0.2299),
        ("IC2403 on 02-05".into(), rate("IC2403", day(2024, 2, 5)), -0.3673, 0.25 * 0.3673),
        ("IM2402 on 02-07".into(), rate("IM2402", day(2024, 2, 7)), 0.172, 0.15),
    ]);
}
