//! The local-level model on the flow of the Nile, 1871-1970 (`SHOALS_DATA/oracles/nile.csv`).
//!
//! Witness: Durbin and Koopman (2001), section 2.10.3: variances 15,099 and 1,469.1.

use std::path::PathBuf;

use shoals_stats::kalman::walking_regression;

#[test]
#[expect(clippy::disallowed_methods, reason = "a test reads its oracle")]
fn the_nile_has_durbin_and_koopmans_variances() {
    let Some(root) = std::env::var_os("SHOALS_DATA").map(PathBuf::from) else {
        eprintln!("skipped: SHOALS_DATA is not set, so the flow of the Nile cannot be read");
        return;
    };
    let text = std::fs::read_to_string(root.join("oracles/nile.csv")).expect("the oracle");
    let flow: Vec<f64> = text
        .lines()
        .skip(1)
        .map(|line| line.split(',').nth(1).expect("a flow").parse().expect("a number"))
        .collect();
    assert_eq!(flow.len(), 100);
    let fit = walking_regression(&flow, &[&vec![1.0; 100]], &[1.0]).unwrap();
    let level = fit.ratio * fit.noise_variance;
    eprintln!("nile: noise {} level {level} likelihood {}", fit.noise_variance, fit.log_likelihood);
    assert!((fit.noise_variance - 15_099.0).abs() < 0.5, "{}", fit.noise_variance);
    assert!((fit.ratio - 0.0973).abs() < 0.5e-4, "{}", fit.ratio);
    // The printed 1,469.1 is not ours to its last digit (1,469.18): the likelihood is that flat, and ours is higher.
    let (ours, printed) =
        (likelihood(&flow, fit.noise_variance, level), likelihood(&flow, 15_099.0, 1_469.1));
    assert!((ours - fit.log_likelihood).abs() < 1e-4, "{ours} {}", fit.log_likelihood);
    assert!(ours >= printed && ours - printed < 1e-6, "{ours} {printed}");
}

/// Witness: the local-level recursion written out, begun exactly at the first observation.
fn likelihood(flow: &[f64], noise: f64, step: f64) -> f64 {
    let (mut level, mut variance, mut sum) = (flow[0], noise, 0.0);
    for y in &flow[1..] {
        variance += step;
        let scale = variance + noise;
        sum -= 0.5 * ((2.0 * std::f64::consts::PI * scale).ln() + (y - level).powi(2) / scale);
        level += variance / scale * (y - level);
        variance *= noise / scale;
    }
    sum
}
