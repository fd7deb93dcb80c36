//! Figures printed in the literature, each to half a unit of its last digit.

use shoals_stats::drawdown::pain_index;
use shoals_stats::performance::{
    downside_deviation, downside_potential, lo_standard_error, lo_time_scaling, upside_frequency,
};

fn check(measure: &str, ours: f64, printed: f64, half_a_digit: f64) {
    assert!((ours - printed).abs() <= half_a_digit, "{measure}: ours {ours:.6}, printed {printed}");
}

/// Portfolio of Bacon (2008), monthly simple decimal returns, 2000-01 to 2001-12.
/// Series and figures as recorded in `PerformanceAnalytics` (`data/portfolio_bacon.csv`).
#[rustfmt::skip]
const BACON: [f64; 24] = [
    0.003,  0.026,  0.011, -0.010,  0.015,  0.025, 0.016, 0.067, -0.014, 0.040, -0.005,  0.081,
    0.040, -0.037, -0.061,  0.017, -0.049, -0.022, 0.070, 0.058, -0.065, 0.024, -0.005, -0.009,
];

#[test]
fn agrees_with_bacon_2008() {
    const MAR: f64 = 0.005;
    #[rustfmt::skip]
    let rows = [
        // measure              ours                                      printed half a digit
        ("downside deviation", downside_deviation(&BACON, MAR).unwrap(), 0.0255, 0.5e-4),
        ("downside potential", downside_potential(&BACON, MAR).unwrap(), 0.0137, 0.5e-4),
        ("upside frequency",   upside_frequency(&BACON, MAR).unwrap(),   0.542,  0.5e-3),
        ("pain index",         pain_index(&BACON).unwrap(),              0.04,   0.5e-2),
    ];
    for (measure, ours, printed, half_a_digit) in rows {
        check(measure, ours, printed, half_a_digit);
    }
}

/// Lo (2002), table 1: standard errors of a Sharpe ratio of independent returns, rounded to three
/// digits in print.
#[test]
fn standard_errors_agree_with_lo_2002() {
    #[rustfmt::skip]
    let rows = [
        // ratio, n, printed
        (0.50, 12, 0.306), (0.50, 60, 0.137), (0.50, 500, 0.047),
        (1.00, 12, 0.354), (1.00, 24, 0.250), (1.50, 36, 0.243),
        (3.00, 12, 0.677), (3.00, 125, 0.210), (3.00, 500, 0.105),
    ];
    for (ratio, n, printed) in rows {
        check(&format!("SE of {ratio} from {n}"), lo_standard_error(ratio, n), printed, 0.5e-3);
    }
}

/// Lo (2002), table 2: scaling from a month to a year under first-order autocorrelation.
#[test]
fn time_scaling_agrees_with_lo_2002() {
    for (rho, printed) in
        [(0.9, 1.21), (0.5, 2.12), (0.2, 2.88), (0.0, 3.46), (-0.2, 4.17), (-0.5, 5.69)]
    {
        let decay: Vec<f64> = (1..12).map(|k| f64::powi(rho, k)).collect();
        check(&format!("eta(12) at {rho}"), lo_time_scaling(&decay), printed, 0.5e-2);
    }
}
