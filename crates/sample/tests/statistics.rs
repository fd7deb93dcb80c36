//! The built-in market against the real one: tails, clustering, dispersion, limits, ladder, basis.
//!
//! The real figures were measured on 3.9 million stock days (5,132 names) of 2020-10-09 to 2024-06-28
//! and on index, futures and option series of 2018 to 2024-06; docs/method/sample.md says how, and
//! why each band is as wide as it is.

mod world;

use std::collections::BTreeMap;

use shoals_core::{FutureContract, FutureProduct, Segment, Symbol, day};
use world::{days, flags, index_series, market, symbols, table};

/// One stock's day.
struct Observation {
    t: usize,
    bucket: usize,
    /// Close over the reference price, less one.
    day_return: f64,
    overnight: f64,
    /// Log of high over low.
    range: f64,
    turnover: f64,
    is_limit_up: bool,
    is_limit_down: bool,
}

/// Seasoned, unsuspended stock days of 2020-10-09 to 2024-06-28, by stock, with the size bucket of
/// the day (micro 0 to CSI 300 4, by rank of the cap before).
fn observations() -> BTreeMap<Symbol, Vec<Observation>> {
    let (stocks, valuation) = (table("stock_daily"), table("stock_valuation"));
    let [open, high, low, close, pre_close, amount, up, down] =
        ["open", "high", "low", "close", "pre_close", "amount", "limit_up", "limit_down"]
            .map(|name| stocks.numbers(name).unwrap());
    let caps = valuation.numbers("total_market_cap").unwrap();
    let (dates, names) = (days(stocks, "date"), symbols(stocks, "symbol"));
    let (suspended, special) = (flags(stocks, "is_suspended"), flags(stocks, "is_st"));
    let mut age: BTreeMap<Symbol, (usize, f64)> = BTreeMap::new();
    let mut by_stock: BTreeMap<Symbol, Vec<Observation>> = BTreeMap::new();
    let all = &market().truth.path.days;
    let mut start = 0;
    for (t, &date) in all.iter().enumerate() {
        let end = start + dates[start..].partition_point(|&d| d <= date);
        let mut ranked: Vec<f64> =
            (start..end).map(|i| caps[i] / close[i] * pre_close[i]).collect();
        ranked.sort_by(f64::total_cmp);
        for i in start..end {
            let seen = age.entry(names[i]).or_insert((0, 0.0));
            seen.0 += 1;
            let cap = caps[i] / close[i] * pre_close[i];
            let smaller = ranked.partition_point(|&c| c < cap) as f64 / ranked.len() as f64;
            let bucket = [0.24, 0.64, 0.84, 0.94].iter().filter(|&&cut| smaller >= cut).count();
            let inside = (day(2020, 10, 9)..=day(2024, 6, 28)).contains(&date);
            if !inside || suspended[i] || (seen.0 <= 60 && t > 60) {
                continue;
            }
            by_stock.entry(names[i]).or_default().push(Observation {
                t,
                bucket,
                day_return: close[i] / pre_close[i] - 1.0,
                overnight: open[i] / pre_close[i] - 1.0,
                range: (high[i] / low[i]).ln(),
                turnover: amount[i] / caps[i],
                // The real figures count 10 and 20 % moves only, so no ST name.
                is_limit_up: close[i] == up[i] && !special[i],
                is_limit_down: close[i] == down[i] && !special[i],
            });
        }
        start = end;
    }
    by_stock
}

fn mean(x: &[f64]) -> f64 {
    x.iter().sum::<f64>() / x.len() as f64
}

fn deviation(x: &[f64]) -> f64 {
    let m = mean(x);
    (x.iter().map(|v| (v - m).powi(2)).sum::<f64>() / x.len() as f64).sqrt()
}

fn central(x: &[f64], power: i32) -> f64 {
    let (m, s) = (mean(x), deviation(x));
    x.iter().map(|v| ((v - m) / s).powi(power)).sum::<f64>() / x.len() as f64
}

fn autocorrelation(x: &[f64], lag: usize) -> f64 {
    let m = mean(x);
    let covariance: f64 = x.iter().zip(&x[lag..]).map(|(a, b)| (a - m) * (b - m)).sum();
    covariance / x.iter().map(|v| (v - m).powi(2)).sum::<f64>()
}

fn magnitude(x: &[f64]) -> Vec<f64> {
    let m = mean(x);
    x.iter().map(|v| (v - m).abs()).collect()
}

fn quantile(x: &mut [f64], u: f64) -> f64 {
    x.sort_by(f64::total_cmp);
    x[((x.len() - 1) as f64 * u).round() as usize]
}

fn correlation(x: &[f64], y: &[f64]) -> f64 {
    let (mx, my) = (mean(x), mean(y));
    let covariance =
        x.iter().zip(y).map(|(a, b)| (a - mx) * (b - my)).sum::<f64>() / x.len() as f64;
    covariance / deviation(x) / deviation(y)
}

/// A row of the comparison: what, ours, the real figure, the band as lowest and highest.
type Row = (String, f64, f64, [f64; 2]);

fn check(rows: &[Row]) {
    let mut outside = Vec::new();
    for (what, ours, real, [low, high]) in rows {
        let line = format!("{what}: ours {ours:.4}, real {real:.4}, band {low:.4} to {high:.4}");
        // Shown with `--nocapture`, to read how far each figure is from the real one.
        eprintln!("{line}");
        if !(low..=high).contains(&ours) {
            outside.push(line);
        }
    }
    assert!(outside.is_empty(), "{}", outside.join("\n"));
}

/// A band of a ratio around the real figure.
fn within(what: impl Into<String>, ours: f64, real: f64, ratio: f64) -> Row {
    let (a, b) = (real * (1.0 - ratio), real * (1.0 + ratio));
    (what.into(), ours, real, [a.min(b), a.max(b)])
}

fn log_returns(symbol: Symbol) -> Vec<f64> {
    let end = market().truth.path.days.partition_point(|&d| d <= day(2024, 6, 28));
    index_series(symbol)[..end].windows(2).map(|pair| (pair[1] / pair[0]).ln()).collect()
}

/// Real medians over stocks with 500 days or more.
#[test]
fn single_stocks_have_real_tails_and_memory() {
    let series: Vec<Vec<f64>> = observations()
        .values()
        .map(|days| days.iter().map(|o| o.day_return).collect())
        .filter(|days: &Vec<f64>| days.len() >= 500)
        .collect();
    let median = |f: &dyn Fn(&[f64]) -> f64| {
        let mut values: Vec<f64> = series.iter().map(|x| f(x)).collect();
        quantile(&mut values, 0.5)
    };
    check(&[
        ("excess kurtosis".into(), median(&|x| central(x, 4) - 3.0), 3.46, [2.2, 5.0]),
        ("skewness".into(), median(&|x| central(x, 3)), 0.50, [0.2, 0.8]),
        (
            "acf of |r|, lag 1".into(),
            median(&|x| autocorrelation(&magnitude(x), 1)),
            0.233,
            [0.14, 0.32],
        ),
        (
            "acf of |r|, lag 5".into(),
            median(&|x| autocorrelation(&magnitude(x), 5)),
            0.124,
            [0.07, 0.20],
        ),
        (
            "acf of |r|, lag 20".into(),
            median(&|x| autocorrelation(&magnitude(x), 20)),
            0.058,
            [0.02, 0.12],
        ),
        ("acf of r, lag 1".into(), median(&|x| autocorrelation(x, 1)), 0.030, [-0.03, 0.09]),
        within("daily deviation", median(&deviation), 0.0290, 0.15),
    ]);
}

/// Real figures by size bucket, micro to CSI 300.
#[test]
fn each_size_bucket_moves_trades_and_hits_limits_like_its_own() {
    const POOLED: [f64; 5] = [0.0304, 0.0307, 0.0294, 0.0283, 0.0255];
    const DISPERSION: [f64; 5] = [0.0243, 0.0265, 0.0261, 0.0250, 0.0227];
    const TURNOVER: [f64; 5] = [0.0121, 0.0120, 0.0096, 0.0079, 0.0056];
    const LIMIT_UP: [f64; 5] = [0.0123, 0.0133, 0.0107, 0.0080, 0.0049];
    const LIMIT_DOWN: [f64; 5] = [0.0036, 0.0039, 0.0034, 0.0028, 0.0020];
    const OVERNIGHT: [f64; 5] = [0.0134, 0.0130, 0.0118, 0.0123, 0.0101];
    const PARKINSON: [f64; 5] = [0.0276, 0.0286, 0.0279, 0.0266, 0.0241];
    let all = observations();
    let mut rows = Vec::new();
    for (b, segment) in Segment::ALL.into_iter().enumerate() {
        let bucket: Vec<&Observation> = all.values().flatten().filter(|o| o.bucket == b).collect();
        let numbers =
            |f: fn(&Observation) -> f64| bucket.iter().map(|o| f(o)).collect::<Vec<f64>>();
        let mut by_day: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
        for o in &bucket {
            by_day.entry(o.t).or_default().push(o.day_return);
        }
        let dispersion = mean(&by_day.values().map(|day| deviation(day)).collect::<Vec<_>>());
        let range = mean(&numbers(|o| o.range.powi(2)));
        rows.push(within(
            format!("{segment} pooled deviation"),
            deviation(&numbers(|o| o.day_return)),
            POOLED[b],
            0.15,
        ));
        rows.push(within(format!("{segment} dispersion"), dispersion, DISPERSION[b], 0.15));
        rows.push(within(
            format!("{segment} turnover"),
            quantile(&mut numbers(|o| o.turnover), 0.5),
            TURNOVER[b],
            0.25,
        ));
        rows.push(within(
            format!("{segment} limit up"),
            mean(&numbers(|o| f64::from(o.is_limit_up))),
            LIMIT_UP[b],
            0.75,
        ));
        rows.push(within(
            format!("{segment} limit down"),
            mean(&numbers(|o| f64::from(o.is_limit_down))),
            LIMIT_DOWN[b],
            0.75,
        ));
        rows.push(within(
            format!("{segment} overnight"),
            deviation(&numbers(|o| o.overnight)),
            OVERNIGHT[b],
            0.20,
        ));
        rows.push(within(
            format!("{segment} Parkinson"),
            (range / (4.0 * 2.0_f64.ln())).sqrt(),
            PARKINSON[b],
            0.15,
        ));
    }
    check(&rows);
}

/// Real range of the quantile ratios over five days of 2021-12-31 to 2024-06-28, a tenth wider.
#[test]
fn the_size_ladder_is_as_steep_as_the_real_one() {
    let valuation = table("stock_valuation");
    let caps = valuation.numbers("total_market_cap").unwrap();
    let dates = days(valuation, "date");
    for on in [
        day(2018, 6, 29),
        day(2021, 12, 31),
        day(2022, 12, 30),
        day(2023, 12, 29),
        day(2024, 6, 28),
    ] {
        let mut day_caps: Vec<f64> =
            dates.iter().zip(caps).filter(|(d, _)| **d == on).map(|(_, cap)| *cap).collect();
        let median = quantile(&mut day_caps, 0.5);
        let logs: Vec<f64> = day_caps.iter().map(|cap| cap.ln()).collect();
        let n_top = (day_caps.len() as f64 * 0.06) as usize;
        let top: f64 =
            day_caps.iter().rev().take(n_top).sum::<f64>() / day_caps.iter().sum::<f64>();
        let mut ratio = |u: f64| quantile(&mut day_caps, u) / median;
        check(&[
            (format!("{on} median, 1e8"), median / 1e8, 55.9, [28.0, 85.0]),
            (format!("{on} q05"), ratio(0.05), 0.33, [0.22, 0.43]),
            (format!("{on} q25"), ratio(0.25), 0.57, [0.47, 0.68]),
            (format!("{on} q75"), ratio(0.75), 2.25, [1.7, 2.75]),
            (format!("{on} q95"), ratio(0.95), 10.0, [6.5, 13.0]),
            (format!("{on} q99"), ratio(0.99), 35.0, [20.0, 65.0]),
            (format!("{on} deviation of logs"), deviation(&logs), 1.09, [0.9, 1.3]),
            (format!("{on} share of the top 6 %"), top, 0.53, [0.42, 0.65]),
        ]);
    }
}

/// Real figures of 1,573 days, 2018-01 to 2024-06.
#[test]
fn indices_swing_and_move_together_like_the_real_ones() {
    let returns = Segment::ALL.map(|segment| log_returns(segment.symbol()));
    let annual = |x: &[f64]| deviation(x) * 242.0_f64.sqrt();
    let [micro, .., large] = &returns;
    let size: Vec<f64> = micro.iter().zip(large).map(|(a, b)| a - b).collect();
    let mut rows = Vec::new();
    for (i, (volatility, kurtosis)) in
        [(0.285, 7.96), (0.250, 4.33), (0.236, 3.43), (0.212, 4.61), (0.190, 3.20)]
            .into_iter()
            .enumerate()
    {
        let name = Segment::ALL[i];
        rows.push(within(format!("{name} volatility"), annual(&returns[i]), volatility, 0.20));
        rows.push((
            format!("{name} kurtosis"),
            central(&returns[i], 4) - 3.0,
            kurtosis,
            [1.0, 15.0],
        ));
    }
    let sse50 = log_returns(Symbol::literal("000016.SH"));
    rows.push(within("SSE 50 volatility", annual(&sse50), 0.190, 0.25));
    rows.push(within("size deviation", deviation(&size), 0.01576, 0.20));
    rows.push(("size kurtosis".into(), central(&size, 4) - 3.0, 12.5, [4.0, 25.0]));
    rows.push((
        "size acf of |r|".into(),
        autocorrelation(&magnitude(&size), 1),
        0.39,
        [0.15, 0.55],
    ));
    rows.push((
        "market acf of |r|".into(),
        autocorrelation(&magnitude(large), 1),
        0.08,
        [0.02, 0.25],
    ));
    rows.push(("size, market correlation".into(), correlation(&size, large), -0.16, [-0.40, 0.10]));
    rows.push(("micro, CSI 300 correlation".into(), correlation(micro, large), 0.53, [0.30, 0.75]));
    rows.push((
        "CSI 1000, CSI 300 correlation".into(),
        correlation(&returns[2], large),
        0.77,
        [0.60, 0.90],
    ));
    check(&rows);
}

/// Real contracts of 20 to 70 calendar days, 2020-01 to 2024-06.
#[test]
fn basis_and_implied_volatility_sit_at_real_levels() {
    let futures = table("future_daily");
    let close = futures.numbers("close").unwrap();
    let calendar = shoals_core::Calendar::shanghai();
    let mut rates: BTreeMap<FutureProduct, Vec<f64>> = BTreeMap::new();
    for (i, &date) in days(futures, "date").iter().enumerate() {
        let contract = FutureContract::try_from(symbols(futures, "contract")[i]).unwrap();
        let tenor = f64::from(date.calendar_days_until(contract.expiry(calendar).unwrap()));
        if (20.0..=70.0).contains(&tenor) && (day(2020, 1, 1)..=day(2024, 6, 28)).contains(&date) {
            let spot = world::index_close(contract.product.underlying(), date);
            rates
                .entry(contract.product)
                .or_default()
                .push((close[i] / spot - 1.0) * 365.0 / tenor);
        }
    }
    let mut rows = Vec::new();
    for (product, average, spread) in [
        (FutureProduct::IH, -0.025, 0.061),
        (FutureProduct::IF, -0.032, 0.055),
        (FutureProduct::IC, -0.071, 0.066),
        (FutureProduct::IM, -0.064, 0.062),
    ] {
        let found = &rates[&product];
        let name = product.code();
        rows.push((
            format!("{name} basis rate"),
            mean(found),
            average,
            [average - 0.03, average + 0.03],
        ));
        rows.push(within(format!("{name} basis deviation"), deviation(found), spread, 0.4));
    }
    let path = &market().truth.path;
    let real = path.between(day(2022, 8, 19), day(2024, 6, 28));
    let (small, large) = (&real.small_implied_volatility, &path.large_implied_volatility);
    rows.push(within("CSI 1000 implied volatility", mean(small), 0.198, 0.2));
    rows.push(within("CSI 1000 implied deviation", deviation(small), 0.055, 0.5));
    rows.push((
        "CSI 1000 implied, highest".into(),
        small.iter().fold(0.0, |a, &b| b.max(a)),
        0.403,
        [0.32, 0.55],
    ));
    rows.push(within("50ETF implied volatility", mean(large), 0.203, 0.2));
    check(&rows);
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
        (format!("{segment} {what}"), moved(segment, from, to), real, [real - 0.04, real + 0.04])
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
    rows.push(("boom, micro minus CSI 300".into(), premium, 1.45, [0.8, 2.0]));
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
        let expiry = contract.expiry(shoals_core::Calendar::shanghai()).unwrap();
        let spot = world::index_close(contract.product.underlying(), on);
        (close[i] / spot - 1.0) * 365.0 / f64::from(on.calendar_days_until(expiry))
    };
    check(&[
        within("IM2402 on 02-05", rate("IM2402", day(2024, 2, 5)), -0.7073, 0.25),
        within("IM2403 on 02-05", rate("IM2403", day(2024, 2, 5)), -0.5417, 0.25),
        within("IM2406 on 02-05", rate("IM2406", day(2024, 2, 5)), -0.2299, 0.35),
        within("IC2403 on 02-05", rate("IC2403", day(2024, 2, 5)), -0.3673, 0.25),
        ("IM2402 on 02-07".into(), rate("IM2402", day(2024, 2, 7)), 0.172, [0.02, 0.35]),
    ]);
}
