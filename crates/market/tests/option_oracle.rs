//! Option prices and greeks against Haug's tables and QuantLib (`SHOALS_DATA`).

mod oracle;

use shoals_market::option::{
    BlackScholesMerton, OptionKind, SpotGreeks, black_scholes_merton, implied_volatility,
};

/// The rows of an oracle file, none where it cannot be read.
fn rows(name: &str) -> Vec<Vec<String>> {
    oracle::rows(name).unwrap_or_default()
}

fn read(row: &[String]) -> (OptionKind, BlackScholesMerton) {
    let kind = if row[0] == "Call" { OptionKind::Call } else { OptionKind::Put };
    let number = |i: usize| row[i].parse::<f64>().unwrap();
    let terms = BlackScholesMerton {
        strike: number(1),
        spot: number(2),
        dividend_yield: number(3),
        rate: number(4),
        years: number(5),
        volatility: number(6),
    };
    (kind, terms)
}

/// Witness: Haug (2007) as printed (1e-4), and a second program's digits (1e-12 relative).
#[test]
fn prices_agree_with_haug() {
    for row in rows("haug_european_from_quantlib_tests.csv") {
        let (kind, terms) = read(&row);
        let ours = black_scholes_merton(kind, &terms).price;
        let printed: f64 = row[7].parse().unwrap();
        let digits: f64 = row[9].parse().unwrap();
        assert!((ours - printed).abs() <= 1e-4, "{row:?}: {ours}");
        assert!((ours - digits).abs() <= 1e-11 * digits, "{row:?}: {ours}");
    }
}

/// Witness: Haug (2007) as printed, 1e-4.
#[test]
fn greeks_agree_with_haug() {
    for row in rows("haug_greeks_from_quantlib_tests.csv") {
        let (kind, terms) = read(&row);
        let greeks = black_scholes_merton(kind, &terms);
        let printed: f64 = row[8].parse().unwrap();
        let ours = greek(&greeks, &row[7]);
        assert!((ours - printed).abs() <= 1e-4, "{row:?}: {ours}");
    }
}

fn greek(greeks: &SpotGreeks, name: &str) -> f64 {
    match name {
        "delta" => greeks.delta,
        "gamma" => greeks.gamma,
        "vega" => greeks.vega,
        "theta/yr" => greeks.theta,
        "theta/day" => greeks.theta / 365.0,
        "rho" => greeks.rho,
        "dividendRho(carry)" => greeks.dividend_rho,
        other => panic!("the oracle has no greek `{other}` we know"),
    }
}

/// Haug's prices lead back to Haug's volatilities.
#[test]
fn haugs_prices_invert() {
    for row in rows("haug_european_from_quantlib_tests.csv") {
        let (kind, terms) = read(&row);
        let price: f64 = row[9].parse().unwrap();
        let forward = terms.spot * ((terms.rate - terms.dividend_yield) * terms.years).exp();
        let found = implied_volatility(kind, price, forward, terms.strike, terms.years, terms.rate);
        let error = found.volatility().unwrap() / terms.volatility - 1.0;
        assert!(error.abs() < 1e-11, "{row:?}: {error:e}");
    }
}
