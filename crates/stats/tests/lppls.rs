//! The log-periodic power law on a series made by it, and on the Nasdaq of 2000.

use std::path::PathBuf;

use shoals_stats::lppls::{Bounds, fit};

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
