//! The truth is true: what the tables show is what was decided.

mod world;

use shoals_core::{Outcome, Seed, Segment, Symbol, day};
use shoals_sample::{Scenario, generate_from};
use world::{days, index_series, market, symbols, table};

/// Price and total return differ by dividends only, so the truth is compared with the tables' total
/// return where one is published.
fn log_returns(symbol: &str) -> Vec<f64> {
    index_series(Symbol::literal(symbol)).windows(2).map(|pair| (pair[1] / pair[0]).ln()).collect()
}

/// Witness: the factor path. Limits, suspensions and rounding keep the index off it by little a day
/// and by less in total, because what a limit cuts off comes the next day.
#[test]
fn index_returns_are_the_paths() {
    let path = &market().truth.path;
    for (code, segment) in [
        ("H00300.CSI", Segment::Csi300),
        ("H00905.CSI", Segment::Csi500),
        ("H00852.CSI", Segment::Csi1000),
    ] {
        let found = log_returns(code);
        let truth: Vec<f64> =
            (1..path.len()).map(|t| path.segment_return(segment, t).ln_1p()).collect();
        let square: f64 = found.iter().zip(&truth).map(|(a, b)| (a - b).powi(2)).sum();
        let error = (square / found.len() as f64).sqrt();
        assert!(error < 0.0035, "{code}: {error} a day");
        let drift = found.iter().sum::<f64>() - truth.iter().sum::<f64>();
        assert!(drift.abs() < 0.10, "{code}: {drift} in seven years");
    }
}

/// Witness: the size premium of the path, less the dividends a price index leaves out.
#[test]
fn the_size_premium_can_be_read_from_the_indices() {
    let path = &market().truth.path;
    let (micro, large) = (log_returns("868008.WI"), log_returns("000300.SH"));
    for year in 2018..=2024 {
        let inside = |t: &usize| path.days[*t].year() == year;
        let found: f64 = (1..path.len()).filter(inside).map(|t| micro[t - 1] - large[t - 1]).sum();
        let truth: f64 =
            (1..path.len()).filter(inside).map(|t| path.size_premium(Segment::Micro, t)).sum();
        eprintln!("{year}: size premium {found:.4}, truth {truth:.4}");
        assert!((found - truth).abs() < 0.08, "{year}: {found} {truth}");
    }
}

/// Least squares of a fund's daily NAV returns on one factor after taking out the others it holds.
#[test]
fn a_funds_hidden_short_volatility_can_be_recovered() {
    let truth = &market().truth;
    let fund = truth.funds.iter().find(|f| f.kind == "fake_fixed_income_plus").unwrap().fund;
    let exposure = |factor| {
        truth.exposures.iter().find(|e| e.fund == fund && e.factor == factor).unwrap().exposure
    };
    let navs = table("fund_nav");
    let nav: Vec<f64> = symbols(navs, "fund")
        .iter()
        .zip(navs.numbers("adjusted_nav").unwrap())
        .filter(|(f, _)| **f == fund)
        .map(|(_, nav)| *nav)
        .collect();
    assert_eq!(nav.len(), truth.path.len());
    let micro = index_series(Segment::Micro.symbol());
    let rest: Vec<f64> = (1..nav.len())
        .map(|t| nav[t] / nav[t - 1] - 1.0 - exposure("micro") * (micro[t] / micro[t - 1] - 1.0))
        .collect();
    let factor = &truth.short_volatility[1..];
    let n = rest.len() as f64;
    let (mean_y, mean_x) = (rest.iter().sum::<f64>() / n, factor.iter().sum::<f64>() / n);
    let covariance: f64 = rest.iter().zip(factor).map(|(y, x)| (y - mean_y) * (x - mean_x)).sum();
    let beta = covariance / factor.iter().map(|x| (x - mean_x).powi(2)).sum::<f64>();
    assert!((beta / exposure("short_volatility") - 1.0).abs() < 0.05, "{beta}");
    // Selling volatility earns a little on most days and loses a lot on few.
    assert!(mean_x > 0.0 && factor.iter().fold(0.0_f64, |a, &b| a.min(b)) < -0.01);
}

/// Witness: the truth of the basis plus noise below a fifth of a percent of spot.
#[test]
fn quoted_basis_is_the_true_one_with_little_noise() {
    let futures = table("future_daily");
    let close = futures.numbers("close").unwrap();
    assert_eq!(futures.n_rows(), market().truth.basis.len());
    let mut square = 0.0;
    for (i, truth) in market().truth.basis.iter().enumerate() {
        assert_eq!(symbols(futures, "contract")[i], truth.contract.symbol());
        let spot = world::index_close(truth.contract.product.underlying(), truth.date);
        square += ((close[i] - spot - truth.basis) / spot).powi(2);
        assert!(truth.dividend <= 0.0);
    }
    let error = (square / futures.n_rows() as f64).sqrt();
    assert!((0.0002..0.002).contains(&error), "{error}");
}

#[test]
fn the_dated_episodes_are_known() {
    let episodes = &market().truth.episodes;
    let find = |name: &str| episodes.iter().find(|e| e.name == name).unwrap();
    assert_eq!((find("boom").from, find("boom").to), (day(2021, 1, 4), day(2023, 12, 29)));
    assert_eq!((find("inversion").from, find("inversion").to), (day(2024, 1, 2), day(2024, 1, 31)));
    assert_eq!((find("squeeze").from, find("squeeze").to), (day(2024, 2, 1), day(2024, 2, 7)));
}

#[test]
fn the_truth_comes_as_tables() {
    for table in market().truth.tables() {
        assert!(table.n_rows() > 0 && table.name().starts_with("truth_"), "{}", table.name());
    }
    assert!(market().truth.convention().contains_key("basis"));
}

/// The door for a spiral: any path drives the market, and the indices follow it.
#[test]
fn a_path_of_ones_own_drives_the_market() {
    let calm = Scenario::builtin().path(Seed(4)).unwrap();
    let mut path = calm.between(day(2023, 9, 1), day(2023, 12, 29));
    let crash = 30;
    path.size[crash..crash + 3].fill(-0.05);
    path.dislocation[3][crash + 3] = -0.06;
    let driven = generate_from(path.clone(), 400, Seed(4)).unwrap();
    let indices = driven.tables.iter().find(|t| t.name() == "index_daily").unwrap();
    let close = |symbol: Symbol| -> Vec<f64> {
        let rows = symbols(indices, "symbol").iter().zip(indices.numbers("close").unwrap());
        rows.filter(|(s, _)| **s == symbol).map(|(_, close)| *close).collect()
    };
    let (micro, large) = (close(Segment::Micro.symbol()), close(Segment::Csi300.symbol()));
    let moved = |x: &[f64]| (x[crash + 2] / x[crash - 1]).ln();
    assert!((moved(&micro) - moved(&large) + 0.15).abs() < 0.02);
    assert_eq!(days(indices, "date").first(), Some(&path.days[0]));
}

#[test]
fn a_path_no_market_can_follow_is_refused() {
    let path =
        Scenario::builtin().path(Seed(4)).unwrap().between(day(2023, 9, 1), day(2023, 12, 29));
    let refusal = |change: fn(&mut shoals_sample::FactorPath)| {
        let mut path = path.clone();
        change(&mut path);
        generate_from(path, 400, Seed(4)).unwrap_err().to_string()
    };
    assert!(
        refusal(|p| p.market[3] = f64::NAN)
            .contains("`market` of the factor path is NaN on 2023-09-06")
    );
    assert!(refusal(|p| p.size.truncate(5)).contains("`size` of the factor path has 5 values for"));
    assert!(refusal(|p| p.days.swap(0, 1)).contains("2023-09-01"));
    assert!(refusal(|p| p.days[1] = day(2023, 9, 3)).contains("not a trading day"));
}
