//! The log-periodic power law on a series made by it, and on the Nasdaq of 2000.

#[path = "lppls/simplex.rs"]
mod simplex;

use std::path::PathBuf;

use shoals_stats::counter_normal::counter_normal;
use shoals_stats::lppls::{Bounds, Direction, Filter, fit};

#[expect(clippy::disallowed_methods, reason = "a test reads its oracle")]
fn oracle(file: &str) -> Option<Vec<Vec<String>>> {
    let Some(root) = std::env::var_os("SHOALS_DATA").map(PathBuf::from) else {
        eprintln!("skipped: SHOALS_DATA is not set, so {file} cannot be read");
        return None;
    };
    let text = std::fs::read_to_string(root.join("oracles").join(file)).expect("the oracle");
    let cells = |line: &str| line.split(',').map(str::to_owned).collect();
    Some(text.lines().skip(1).map(cells).collect())
}

/// Witness: the numbers the series was made with: tc 530, m 0.45, omega 9.
#[test]
fn the_law_is_recovered_from_its_own_series() {
    let Some(rows) = oracle("lppls_synthetic_noisefree.csv") else { return };
    let y: Vec<f64> = rows.iter().map(|row| row[1].parse().unwrap()).collect();
    let found = fit(&y, &Bounds::default()).unwrap();
    eprintln!("{found:?} damping {:.3} waves {:.3}", found.damping(), found.oscillations());
    assert!((found.critical_time - 530.0).abs() < 0.01, "{found:?}");
    assert!((found.exponent - 0.45).abs() < 1e-4, "{found:?}");
    assert!((found.frequency - 9.0).abs() < 1e-3, "{found:?}");
    // The waves of this series are too strong for the usual filter: its damping is 0.45 * 0.02 / (9 * 0.0017) = 0.588.
    assert_eq!(found.bubble(&Filter::default()), None, "{found:?}");
    let lenient = Filter { damping: 0.58, ..Filter::default() };
    assert_eq!(found.bubble(&lenient), Some(Direction::Positive), "{found:?}");
    // Turned over it is a bubble of falling prices, and the same in everything else.
    let fallen = fit(&y.iter().map(|y| -y).collect::<Vec<_>>(), &Bounds::default()).unwrap();
    assert_eq!(fallen.bubble(&lenient), Some(Direction::Negative), "{fallen:?}");
    assert!((fallen.critical_time - found.critical_time).abs() < 1e-6, "{fallen:?}");
}

/// Witness: a published bounded fit of the Nasdaq, 1997-04-04 to 2000-03-10: tc 2000.41, m 0.15, omega 7.5.
#[test]
fn the_nasdaq_turns_where_the_bounded_fit_says() {
    let Some(rows) = oracle("lppls_nasdaq_dotcom.csv") else { return };
    let asked = |day: &str| ("1997-04-04"..="2000-03-10").contains(&day);
    let rows = rows.iter().filter(|row| asked(&row[0]));
    let y: Vec<f64> = rows.map(|row| row[4].parse::<f64>().unwrap().ln()).collect();
    let found = fit(&y, &Bounds::default()).unwrap();
    // 2000-03-10 is 2000.19; a year has about 252 trading days.
    let year = 2000.19 + (found.critical_time - (y.len() - 1) as f64) / 252.0;
    eprintln!("nasdaq: {found:?} tc {year:.2}");
    assert!((year - 2000.41).abs() < 0.05, "{year}");
    assert!((found.exponent - 0.15).abs() < 0.05, "{found:?}");
    assert!((found.frequency - 7.5).abs() < 0.25, "{found:?}");
    assert!(found.b < 0.0);
}

#[test]
fn what_is_no_price_is_refused() {
    assert!(fit(&[1.0; 20], &Bounds::default()).is_err());
    assert!(fit(&[1.0; 40], &Bounds::default()).is_err());
    assert!(fit(&[f64::NAN; 40], &Bounds::default()).is_err());
    let wave: Vec<f64> = (0..40).map(|t| f64::from(t).sin()).collect();
    assert!(fit(&wave, &Bounds { ahead: (5.0, 5.0), ..Bounds::default() }).is_err());
}

/// Witness: an independent search, 400 starts and six simplexes of 400 rounds on all prices (`simplex.rs`), on walks that have
/// no law at all, where the valleys are many. Ours must be as low within a thousandth on 28 of 30 walks, and within 5 % on all.
#[test]
fn the_search_goes_as_deep_as_a_slow_one() {
    let mut excess: Vec<f64> = (0..30_u64)
        .map(|walk| {
            let n = 125 + 20 * walk;
            let mut level = 0.0;
            let y: Vec<f64> = (0..n)
                .map(|t| {
                    level += 0.01 * counter_normal(900 + walk, t);
                    level
                })
                .collect();
            let ours = fit(&y, &Bounds::default()).unwrap().mean_square;
            ours / simplex::mean_square(&y, &Bounds::default()) - 1.0
        })
        .collect();
    excess.sort_by(f64::total_cmp);
    eprintln!("loss over the slow search's, less 1: {excess:.4?}");
    assert!(excess[27] < 0.001 && excess[29] < 0.05, "{excess:?}");
}

/// Witness: the filters, each by the fit it refuses.
#[test]
fn a_filter_refuses_what_it_names() {
    let law = |t: f64| {
        let left = 530.0 - t;
        7.0 - 0.02 * left.powf(0.45) * (1.0 + 0.04 * (9.0 * left.ln()).cos())
    };
    let y: Vec<f64> = (0..500).map(|t| law(f64::from(t))).collect();
    let found = fit(&y, &Bounds::default()).unwrap();
    assert!((found.critical_time - 530.0).abs() < 0.1, "{found:?}");
    let (damping, waves) = (found.damping(), found.oscillations());
    let asked = |damping, oscillations| found.bubble(&Filter { damping, oscillations });
    assert_eq!(asked(damping, waves), Some(Direction::Positive));
    assert_eq!(asked(damping * 1.01, waves), None);
    assert_eq!(asked(damping, waves * 1.01), None);
    // The law's frequency is outside these bounds, so the fit ends on their edge.
    let bounds = Bounds { frequency: (9.5, 13.0), ..Bounds::default() };
    let outside = fit(&y, &bounds).unwrap();
    assert!(outside.is_on_edge && outside.bubble(&Filter::default()).is_none(), "{outside:?}");
}
