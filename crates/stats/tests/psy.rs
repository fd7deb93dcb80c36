//! The tests of Phillips, Shi and Yu on their own example, against published critical values and against least squares
//! window by window.

use std::path::PathBuf;

use proptest::prelude::*;
use shoals_core::Seed;
use shoals_stats::counter_normal::counter_normal;
use shoals_stats::explosive::{Generator, Lag, NullDistribution, SupTest};
use shoals_stats::regression::{Intercept, ols};

/// Residual sum of squares and the t-ratio of the level on one window with `lags` lagged changes, the first `skipped` rows
/// left out. By Frisch, Waugh and Lovell: the level is cleared of the other columns first.
fn plain_fit(levels: &[f64], lags: usize, skipped: usize, freedom: Option<usize>) -> (f64, f64) {
    let change: Vec<f64> = levels.windows(2).map(|w| w[1] - w[0]).collect();
    let rows = skipped..change.len();
    let origin = levels[levels.len() - 1];
    let column = |back: usize| -> Vec<f64> { rows.clone().map(|t| change[t - back]).collect() };
    let response = column(0);
    let level: Vec<f64> = rows.clone().map(|t| levels[t] - origin).collect();
    let others: Vec<Vec<f64>> = (1..=lags).map(column).collect();
    let others: Vec<&[f64]> = others.iter().map(Vec::as_slice).collect();
    let cleared = ols(&level, &others, Intercept::Included).unwrap().residuals;
    let mut all = vec![level.as_slice()];
    all.extend(&others);
    let fit = ols(&response, &all, Intercept::Included).unwrap();
    let rss: f64 = fit.residuals.iter().map(|e| e * e).sum();
    let spread: f64 = cleared.iter().map(|x| x * x).sum();
    let freedom = freedom.unwrap_or(response.len() - lags - 2) as f64;
    (rss, fit.coefficients[1] / (rss / freedom / spread).sqrt())
}

/// BSADF written out: every window by itself.
fn plain_bsadf(levels: &[f64], min_window: usize, statistic: impl Fn(&[f64]) -> f64) -> Vec<f64> {
    (min_window..=levels.len())
        .map(|end| {
            let starts = 0..=end - min_window;
            starts.map(|start| statistic(&levels[start..end])).fold(f64::NAN, f64::max)
        })
        .collect()
}

/// The definition of [`Lag`] on one window.
fn plain_t(levels: &[f64], lag: Lag) -> f64 {
    match lag {
        Lag::Fixed(lags) => plain_fit(levels, lags, lags, None).1,
        Lag::Bic(most) => {
            let n = (levels.len() - 1 - most) as f64;
            let fits = (0..=most).map(|lags| {
                let (rss, t) = plain_fit(levels, lags, most, None);
                (n * (rss / n).ln() + (lags + 2) as f64 * n.ln(), t)
            });
            fits.min_by(|a, b| a.0.total_cmp(&b.0)).unwrap().1
        }
    }
}

/// What psymonitor does with IC = 2: its likelihood takes the error's variance for 1, every number of lags has its own
/// rows, and the degrees of freedom are those of the most lags.
fn psymonitor_bic_t(levels: &[f64], most: usize) -> f64 {
    let n = levels.len() - 1 - most;
    let fits = (0..=most).map(|lags| {
        let (rss, t) = plain_fit(levels, lags, lags, Some(n - most - 2));
        let rows = (levels.len() - 1 - lags) as f64;
        let log_likelihood = -0.5 * rows * (2.0 * std::f64::consts::PI).ln() - 0.5 * rss;
        let n = n as f64;
        (-2.0 * log_likelihood / n + (lags + 2) as f64 * n.ln() / n, t)
    });
    fits.min_by(|a, b| a.0.total_cmp(&b.0)).unwrap().1
}

#[expect(clippy::disallowed_methods, reason = "a test reads its oracle")]
fn oracle(file: &str) -> Option<Vec<Vec<f64>>> {
    let Some(root) = std::env::var_os("SHOALS_DATA").map(PathBuf::from) else {
        eprintln!("skipped: SHOALS_DATA is not set, so {file} cannot be read");
        return None;
    };
    let text = std::fs::read_to_string(root.join("oracles").join(file)).expect("the oracle");
    let numbers = |line: &str| line.split(',').skip(1).map(|c| c.parse().unwrap()).collect();
    Some(text.lines().skip(1).map(numbers).collect())
}

fn furthest(ours: &[f64], theirs: &[f64]) -> f64 {
    assert_eq!(ours.len(), theirs.len());
    ours.iter().zip(theirs).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

/// Witness: psymonitor 0.0.3 and exuber on the S&P 500's price-dividend ratio, 1973-2018, every month, to 1e-5.
#[test]
fn the_price_dividend_ratio_has_the_packages_bsadf() {
    let Some(rows) = oracle("psy_snp_1973_2018.csv") else { return };
    let levels: Vec<f64> = rows.iter().map(|row| row[0]).collect();
    let told = oracle("psy_snp_1973_2018_bsadf_oracle.csv").unwrap();
    let column = |i: usize| -> Vec<f64> { told.iter().map(|row| row[i]).collect() };
    let window = SupTest::recommended_window(levels.len());
    assert_eq!(window, 47);
    for (lag, column, gsadf) in [(0, column(0), 4.387_701_79), (1, column(1), 2.679_743_22)] {
        let bsadf = SupTest::new(window, Lag::Fixed(lag)).unwrap().bsadf(&levels).unwrap();
        let greatest = bsadf.iter().copied().fold(f64::NAN, f64::max);
        let error = furthest(&bsadf, &column);
        eprintln!("lag {lag}: furthest {error:.2e}, GSADF {greatest:.8}");
        assert!(error < 1e-9, "lag {lag}: {error:e}");
        assert!((greatest - gsadf).abs() < 0.5e-8, "{greatest}");
    }
    // The package's information criterion is no BIC; written out by its own rules it gives its numbers.
    let (early, told) = (&levels[..250], &column(2)[..250 - 46]);
    let error = furthest(&plain_bsadf(early, window, |w| psymonitor_bic_t(w, 6)), told);
    let ours = SupTest::new(window, Lag::Bic(6)).unwrap().bsadf(&levels).unwrap();
    eprintln!(
        "psymonitor's BIC: furthest {error:.2e}; the textbook's differs by up to {:.3}",
        furthest(&ours, &column(2))
    );
    assert!(error < 1e-8, "{error:e}");
}

/// Witness: 95 % critical values of GSADF printed by Phillips, Shi and Yu (2015), 2,000 repetitions.
#[test]
fn critical_values_are_the_published_ones() {
    for (n, printed) in [(100, 2.00), (200, 2.08)] {
        let window = SupTest::recommended_window(n);
        let test = SupTest::new(window, Lag::Fixed(0)).unwrap();
        let walk = |drift| {
            let generator = Generator::RandomWalk { n, drift };
            NullDistribution::simulate(&test, generator, 2_000, Seed::default()).unwrap()
        };
        let (drifting, still) = (walk(1.0 / n as f64), walk(0.0));
        let found = drifting.family_wise(0.95).unwrap();
        eprintln!(
            "n {n}: GSADF 95 % {found:.4}, without drift {:.4}; SADF 95 % {:.4}",
            still.family_wise(0.95).unwrap(),
            drifting.sadf(0.95).unwrap()
        );
        assert!((found - printed).abs() < 0.08, "{found} for {printed}");
    }
}

fn walk() -> impl Strategy<Value = Vec<f64>> {
    (prop::collection::vec(-1.0..1.0_f64, 20..60), 1e-6..1e6_f64, -100.0..100.0_f64, 0.98..1.04_f64)
        .prop_map(|(steps, scale, start, growth)| {
            let mut level = start;
            let path = steps.iter().enumerate().map(|(t, step)| {
                // Noise of its own keeps a shrunken walk from standing still.
                level = level * growth + step + counter_normal(5, t as u64);
                level * scale
            });
            path.collect()
        })
}

fn any_lag() -> impl Strategy<Value = Lag> {
    prop_oneof![(0..=4_usize).prop_map(Lag::Fixed), (0..=4_usize).prop_map(Lag::Bic)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Witness: least squares, window by window.
    #[test]
    fn bsadf_is_the_greatest_of_plain_regressions(levels in walk(), lag in any_lag()) {
        let ours = SupTest::new(14, lag).unwrap().bsadf(&levels).unwrap();
        let plain = plain_bsadf(&levels, 14, |window| plain_t(window, lag));
        for (a, b) in ours.iter().zip(&plain) {
            prop_assert!((a - b).abs() <= 1e-9 * (1.0 + b.abs()), "{a} {b}");
        }
    }

    /// SADF is the greatest over windows from the start, and never beats GSADF.
    #[test]
    fn sadf_is_the_greatest_from_the_start(levels in walk(), lag in any_lag()) {
        let test = SupTest::new(14, lag).unwrap();
        let ours = test.sadf(&levels).unwrap();
        let plain = (14..=levels.len()).map(|end| plain_t(&levels[..end], lag));
        let plain = plain.fold(f64::NAN, f64::max);
        prop_assert!((ours - plain).abs() <= 1e-9 * (1.0 + plain.abs()), "{ours} {plain}");
        let gsadf = test.bsadf(&levels).unwrap().into_iter().fold(f64::NAN, f64::max);
        prop_assert!(ours <= gsadf + 1e-9 * (1.0 + gsadf.abs()));
    }

    /// No look-ahead: what follows a day changes neither its statistic nor its wild critical value.
    #[test]
    fn later_days_change_nothing(levels in walk(), cut in 15..20_usize) {
        let test = SupTest::new(14, Lag::Fixed(0)).unwrap();
        // The unit is a power of two, so it changes no digit.
        let (whole, early) = (test.bsadf(&levels).unwrap(), test.bsadf(&levels[..cut]).unwrap());
        prop_assert_eq!(&whole[..early.len()], &early[..]);
        let critical = |levels: &[f64]| {
            let wild = Generator::Wild(levels);
            let null = NullDistribution::simulate(&test, wild, 24, Seed(7)).unwrap();
            null.pointwise(0.9).unwrap()
        };
        let (whole, early) = (critical(&levels), critical(&levels[..cut]));
        prop_assert_eq!(&whole[..early.len()], &early[..]);
    }

    /// Neither the unit nor the origin of the levels matters.
    #[test]
    fn units_do_not_matter(levels in walk(), unit in 1e-3..1e3_f64) {
        let test = SupTest::new(14, Lag::Fixed(1)).unwrap();
        let moved: Vec<f64> = levels.iter().map(|y| unit * y).collect();
        for (a, b) in test.bsadf(&levels).unwrap().iter().zip(test.bsadf(&moved).unwrap()) {
            prop_assert!((a - b).abs() <= 1e-8 * (1.0 + b.abs()), "{a} {b}");
        }
    }
}

/// A path's numbers depend on its number only: more repetitions keep the first ones, threads change nothing.
#[test]
fn simulated_paths_are_those_of_one_series_at_a_time() {
    let test = SupTest::new(20, Lag::Fixed(1)).unwrap();
    let walk = Generator::RandomWalk { n: 70, drift: 0.0 };
    let simulate = |n| NullDistribution::simulate(&test, walk, n, Seed(3)).unwrap();
    let (few, many) = (simulate(5), simulate(21));
    assert_eq!(few.repetitions(), 5);
    // Witness: the walk made by hand from the same counters, path 2, through the single-series kernel.
    let mut level = 0.0;
    let path: Vec<f64> = (0..70_u64)
        .map(|t| {
            if t > 0 {
                level += counter_normal(3, (2 << 32) + t - 1);
            }
            level
        })
        .collect();
    let gsadf = test.bsadf(&path).unwrap().into_iter().fold(f64::NAN, f64::max);
    let third = |null: &NullDistribution| {
        // The p-value of a value just above a path's own counts the paths at or above it.
        let at = null.gsadf_p_value(gsadf - 1e-9) - null.gsadf_p_value(gsadf + 1e-9);
        at * (1 + null.repetitions()) as f64
    };
    assert!((third(&few) - 1.0).abs() < 1e-9 && (third(&many) - 1.0).abs() < 1e-9);
}

#[test]
fn what_is_no_test_is_refused() {
    assert!(SupTest::new(3, Lag::Fixed(0)).is_err());
    assert!(SupTest::new(30, Lag::Fixed(7)).is_err());
    let test = SupTest::new(10, Lag::Fixed(0)).unwrap();
    assert!(test.bsadf(&[1.0; 9]).is_err());
    assert!(test.bsadf(&[f64::NAN; 12]).is_err());
    assert!(test.bsadf(&[1.0; 12]).unwrap().iter().all(|t| t.is_nan()), "no change, no ratio");
    let walk = Generator::RandomWalk { n: 9, drift: 0.0 };
    assert!(NullDistribution::simulate(&test, walk, 10, Seed(1)).is_err());
    let walk = Generator::RandomWalk { n: 12, drift: 0.0 };
    assert!(NullDistribution::simulate(&test, walk, 0, Seed(1)).is_err());
}
