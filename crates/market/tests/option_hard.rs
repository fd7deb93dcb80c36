//! Black-76 and its inverse on 1,000 hard options, against 60-digit arithmetic.
//!
//! `option_hard/hard.csv` is made by `option_hard/make.py` (mpmath): 250 deep out of the money (6 to 20
//! deviations), 250 minutes to a day before expiry, 250 within a millionth of the money with little volatility,
//! 125 in the money and 125 of very high volatility. Its volatilities are those of the *rounded* price.

use shoals_market::option::{
    Black76, Black76Columns, OptionKind, QuoteColumns, black76, black76_columns,
    implied_volatility_columns,
};

const ULP: f64 = f64::EPSILON;

struct Hard {
    group: String,
    kind: OptionKind,
    terms: Black76,
    /// Price, delta, gamma, vega, theta, rho.
    truth: [f64; 6],
    implied: f64,
    /// `price/(vega · volatility)`: what a relative error of the price makes of the volatility.
    condition: f64,
}

fn hard() -> Vec<Hard> {
    include_str!("option_hard/hard.csv")
        .lines()
        .skip(1)
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            let number = |i: usize| cells[i].parse::<f64>().unwrap();
            Hard {
                group: cells[0].to_owned(),
                kind: if cells[1] == "1" { OptionKind::Call } else { OptionKind::Put },
                terms: Black76 {
                    forward: number(2),
                    strike: number(3),
                    years: number(4),
                    volatility: number(5),
                    rate: 0.0,
                },
                truth: std::array::from_fn(|i| number(6 + i)),
                implied: number(12),
                condition: number(13),
            }
        })
        .collect()
}

fn column(points: &[Hard], term: fn(&Hard) -> f64) -> Vec<f64> {
    points.iter().map(term).collect()
}

/// Witness: mpmath. Each number in ulps of itself.
#[test]
fn prices_and_greeks_are_within_a_few_ulps_of_the_truth() {
    let points = hard();
    assert_eq!(points.len(), 1_000);
    let found = black76_columns(&Black76Columns {
        kind: &points.iter().map(|p| p.kind).collect::<Vec<_>>(),
        forward: &column(&points, |p| p.terms.forward),
        strike: &column(&points, |p| p.terms.strike),
        volatility: &column(&points, |p| p.terms.volatility),
        years: &column(&points, |p| p.terms.years),
        rate: &column(&points, |p| p.terms.rate),
    })
    .unwrap();
    let columns = [&found.price, &found.delta, &found.gamma, &found.vega, &found.theta, &found.rho];
    let names = ["price", "delta", "gamma", "vega", "theta", "rho"];
    let mut too_far = Vec::new();
    for (k, (name, column)) in names.iter().zip(columns).enumerate() {
        for group in ["deep_otm", "short", "atm", "itm", "high_vol"] {
            let errors = points.iter().zip(column).filter(|(p, _)| p.group == group);
            let worst =
                errors.map(|(p, ours)| (ours / p.truth[k] - 1.0).abs() / ULP).fold(0.0, f64::max);
            eprintln!("{name:6} {group:9} worst {worst:.1} ulps");
            if worst.is_nan() || worst > 8.0 {
                too_far.push((*name, group, worst));
            }
        }
    }
    assert!(too_far.is_empty(), "{too_far:?}");
}

/// Witness: mpmath. An ulp of the volatility, or of what an ulp of the price makes of it.
#[test]
fn implied_volatilities_are_within_a_few_ulps_of_the_truth() {
    let points = hard();
    let found = implied_volatility_columns(&QuoteColumns {
        kind: &points.iter().map(|p| p.kind).collect::<Vec<_>>(),
        price: &column(&points, |p| p.truth[0]),
        forward: &column(&points, |p| p.terms.forward),
        strike: &column(&points, |p| p.terms.strike),
        years: &column(&points, |p| p.terms.years),
        rate: &column(&points, |p| p.terms.rate),
    })
    .unwrap();
    for (group, bound) in
        [("deep_otm", 4.0), ("short", 4.0), ("atm", 4.0), ("itm", 4.0), ("high_vol", 4.0)]
    {
        let errors = points.iter().zip(&found).filter(|(p, _)| p.group == group);
        let (plain, attainable) = errors
            .map(|(p, ours)| {
                let error = (ours / p.implied - 1.0).abs() / ULP;
                (error, error / p.condition.max(1.0))
            })
            .fold((0.0_f64, 0.0_f64), |worst, (a, b)| (worst.0.max(a), worst.1.max(b)));
        eprintln!("{group:9} worst {plain:.1} ulps, {attainable:.1} of what the price can tell");
        assert!(attainable <= bound, "{group}: {attainable}");
    }
}

/// The rounding of the price itself is all that the way there and back may lose.
#[test]
fn there_and_back_keeps_the_volatility() {
    for point in hard() {
        let price = black76(point.kind, &point.terms).price;
        let Black76 { forward, strike, years, rate, volatility } = point.terms;
        let found = shoals_market::option::implied_volatility(
            point.kind, price, forward, strike, years, rate,
        );
        let error = (found.volatility().unwrap() / volatility - 1.0).abs();
        assert!(error < 8.0 * ULP * point.condition.max(1.0), "{error:e}");
    }
}

/// Witness: QuantLib 1.44's `BlackCalculator` on 1,000 options of an ordinary chain, to 1e-10 relative where
/// QuantLib has that accuracy itself: mpmath's price says where. (Out of the money it subtracts two
/// probabilities near 1; its error there is absolute, 1e-16 of the forward.)
#[test]
fn an_ordinary_chain_agrees_with_quantlib() {
    let (mut n_compared, mut n_left_to_mpmath) = (0, 0);
    for line in include_str!("option_hard/quantlib.csv").lines().skip(1) {
        let cells: Vec<f64> = line.split(',').map(|cell| cell.parse().unwrap()).collect();
        let kind = if cells[0] > 0.0 { OptionKind::Call } else { OptionKind::Put };
        let terms = Black76 {
            forward: cells[1],
            strike: cells[2],
            years: cells[3],
            rate: cells[4],
            volatility: cells[5],
        };
        let ours = black76(kind, &terms);
        let exact = cells[12];
        assert!((ours.price / exact - 1.0).abs() < 16.0 * ULP, "{line}");
        let is_peer_exact = (cells[6] / exact - 1.0).abs() < 1e-11;
        if !is_peer_exact {
            n_left_to_mpmath += 1;
            continue;
        }
        n_compared += 1;
        let found = [ours.price, ours.delta, ours.gamma, ours.vega, ours.theta, ours.rho];
        for (k, (a, b)) in found.iter().zip(&cells[6..12]).enumerate() {
            // Theta is a difference: its error is relative to the larger of its two terms.
            let size = if k == 4 { b.abs().max((terms.rate * ours.price).abs()) } else { b.abs() };
            assert!((a - b).abs() <= 1e-10 * size, "number {k} of {line}: {a}");
        }
    }
    eprintln!("{n_compared} compared with QuantLib, {n_left_to_mpmath} left to mpmath");
    assert!(n_compared > 900);
}
