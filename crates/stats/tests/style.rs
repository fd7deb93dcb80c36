//! Style analysis: an independent program's weights, the conditions only the minimum meets, and known truths.

use proptest::prelude::*;
use serde_json::Value;
use shoals_stats::normal::normal_quantile;
use shoals_stats::style::{
    Mandate, Range, RollingStyle, rolling_style, rolling_style_of_many, style_weights,
};

/// Numbers between 0 and 1: splitmix64 of the seed, the same on every machine.
fn uniform(seed: u64) -> impl FnMut() -> f64 {
    let mix = |x: u64| {
        let x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        x ^ (x >> 31)
    };
    let mut state = mix(seed.wrapping_add(0x9E37_79B9_7F4A_7C15));
    move || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        ((mix(state) >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }
}

fn normals(seed: u64, n: usize) -> Vec<f64> {
    let mut next = uniform(seed);
    (0..n).map(|_| normal_quantile(next())).collect()
}

/// An oracle file's text, or `None` with a line that says the test skipped.
#[expect(clippy::disallowed_methods, reason = "a test reads its oracle")]
fn oracle(name: &str) -> Option<String> {
    let Some(folder) = std::env::var_os("SHOALS_DATA") else {
        eprintln!("skipped: SHOALS_DATA is not set, so {name} cannot be read");
        return None;
    };
    let path = std::path::Path::new(&folder).join("oracles").join(name);
    Some(std::fs::read_to_string(path).expect("the oracle can be read"))
}

/// A column's numbers; NaN where it says NA.
fn column(csv: &str, name: &str) -> Vec<f64> {
    let mut lines = csv.lines();
    let header = lines.next().expect("a header").replace('"', "");
    let i = header.split(',').position(|cell| cell == name).expect("the column is there");
    lines.map(|line| line.split(',').nth(i).expect("a cell").parse().unwrap_or(f64::NAN)).collect()
}

/// Witness: `quadprog` on the same series, printed with all digits; the zero is exact.
#[test]
fn styles_of_two_funds_agree_with_quadprog() {
    let (Some(told), Some(managers), Some(edhec)) =
        (oracle("misc_oracles.json"), oracle("pa_managers.csv"), oracle("pa_edhec.csv"))
    else {
        return;
    };
    let told: Value = serde_json::from_str(&told).expect("JSON");
    let twelve: Vec<&str> = told["rbsa_FoF_12"]["cols"]
        .as_array()
        .expect("names")
        .iter()
        .map(|name| name.as_str().expect("a name"))
        .collect();
    let three = vec!["SP500.TR", "US.10Y.TR", "US.3m.TR"];
    for (key, csv, fund, names) in [
        ("rbsa_HAM1_SP_10Y_3m", &managers, "HAM1", three),
        ("rbsa_FoF_12", &edhec, "Funds.of.Funds", twelve),
    ] {
        let columns: Vec<Vec<f64>> = names.iter().map(|name| column(csv, name)).collect();
        let factors: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let mandate = Mandate::long_only(factors.len()).unwrap();
        let fit = style_weights(&column(csv, fund), &factors, &mandate).unwrap();
        let said = &told[key]["quadprog"];
        for (i, ours) in fit.weights.iter().enumerate() {
            let theirs = said[0][i].as_f64().expect("a weight");
            assert!((ours - theirs).abs() < 1e-9, "{key} {}: {ours} {theirs}", names[i]);
            assert!(theirs.abs() > 1e-12 || *ours == 0.0, "{key} {}: {ours}", names[i]);
        }
        let r_squared = said[1].as_f64().expect("R2");
        assert!((fit.r_squared - r_squared).abs() < 1e-9, "{key}: {}", fit.r_squared);
    }
}

/// A problem: returns of factors that lean on each other (some are exact copies), a response, ranges.
#[derive(Debug, Clone)]
struct Problem {
    factors: Vec<Vec<f64>>,
    response: Vec<f64>,
    ranges: Vec<Range>,
}

impl Problem {
    fn slices(&self) -> Vec<&[f64]> {
        self.factors.iter().map(Vec::as_slice).collect()
    }
}

prop_compose! {
    fn any_problem()(
        k in 1_usize..=9,
        n in 30_usize..80,
        seed in 0_u64..1_000_000,
        common in 0.0..3.0,
        copy in any::<bool>(),
        loose in any::<bool>(),
    ) -> Problem {
        let mut next = uniform(seed);
        let market = normals(seed + 1, n);
        let mut factors: Vec<Vec<f64>> = (0..k)
            .map(|i| {
                let own = normals(seed + 2 + i as u64, n);
                market.iter().zip(&own).map(|(m, e)| 0.01 * (common * m + e)).collect()
            })
            .collect();
        if copy && k > 2 {
            let first = factors[0].clone();
            factors[k - 1] = first;
            factors[k - 2] = factors[0].iter().zip(&factors[1]).map(|(a, b)| 0.5 * (a + b)).collect();
        }
        let truth: Vec<f64> = (0..k).map(|_| 2.0 * next() - 0.7).collect();
        let noise = normals(seed + 50, n);
        let response = (0..n)
            .map(|t| {
                let told: f64 = (0..k).map(|i| truth[i] * factors[i][t]).sum();
                0.001 + told + 0.005 * noise[t]
            })
            .collect();
        let ranges = (0..k)
            .map(|i| {
                if !loose {
                    return Range { low: 0.0, high: 1.0, is_funded: true };
                }
                let is_funded = i == 0 || next() < 0.6;
                let high = if is_funded { 1.0 + next() } else { 2.0 * next() };
                Range { low: -next() / k as f64, high, is_funded }
            })
            .collect();
        Problem { factors, response, ranges }
    }
}

/// The conditions of Karush, Kuhn and Tucker: inside the ranges, the sum kept, no free weight pulls, none at an end pulls
/// inward. The problem is convex: they hold at the minimum and nowhere else.
fn is_least(problem: &Problem, weights: &[f64]) -> Result<(), TestCaseError> {
    let (k, n) = (problem.factors.len(), problem.response.len());
    let residual: Vec<f64> = (0..n)
        .map(|t| {
            let told: f64 = (0..k).map(|i| weights[i] * problem.factors[i][t]).sum();
            problem.response[t] - told
        })
        .collect();
    let mean = residual.iter().sum::<f64>() / n as f64;
    let pull: Vec<f64> = (0..k)
        .map(|i| (0..n).map(|t| problem.factors[i][t] * (residual[t] - mean)).sum())
        .collect();
    let size: f64 = problem.response.iter().map(|y| y * y).sum();
    let small = 1e-11 * size;
    let (mut least, mut most) = (f64::NEG_INFINITY, f64::INFINITY);
    let mut sum = 0.0;
    for i in 0..k {
        let Range { low, high, is_funded } = problem.ranges[i];
        let w = weights[i];
        prop_assert!((low..=high).contains(&w), "{w} outside {low} to {high}");
        // What the multiplier must lie between for this weight to stay.
        let (below, above) = (
            if w < high { pull[i] } else { f64::NEG_INFINITY },
            if w > low { pull[i] } else { f64::INFINITY },
        );
        if is_funded {
            sum += w;
            (least, most) = (least.max(below), most.min(above));
        } else {
            prop_assert!(below <= small && above >= -small, "overlay {i} at {w} pulls {}", pull[i]);
        }
    }
    prop_assert!(least <= most + small, "the funded weights pull apart: {least} {most}");
    if problem.ranges.iter().any(|range| range.is_funded) {
        prop_assert!((sum - 1.0).abs() < 1e-12, "{sum}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Witness: the conditions themselves, for copies and combinations among the factors too.
    #[test]
    fn the_weights_meet_the_conditions_of_the_minimum(problem in any_problem()) {
        let Ok(mandate) = Mandate::new(&problem.ranges) else { return Ok(()) };
        let fit = style_weights(&problem.response, &problem.slices(), &mandate).unwrap();
        is_least(&problem, &fit.weights)?;
    }

    /// Witness: each window by itself. Side by side, warm and cold are one minimum; with copies only what they explain is.
    #[test]
    fn rolling_side_by_side_and_alone_find_one_minimum(problem in any_problem()) {
        let Ok(mandate) = Mandate::new(&problem.ranges) else { return Ok(()) };
        let (factors, window) = (problem.slices(), 20);
        let shifted: Vec<f64> = problem.response.iter().rev().copied().collect();
        let funds = [problem.response.as_slice(), &shifted, &problem.response];
        let many = rolling_style_of_many(&funds, &factors, &mandate, window).unwrap();
        let k = factors.len();
        for (f, fund) in funds.iter().enumerate() {
            let RollingStyle { ends, fits } =
                rolling_style(fund, &factors, &mandate, window, 1).unwrap();
            prop_assert_eq!(ends.len(), many.n_windows);
            for (w, fit) in fits.iter().enumerate() {
                let fit = fit.as_ref().unwrap();
                let from = ends[w] + 1 - window;
                let part = Problem {
                    factors: factors.iter().map(|x| x[from..=ends[w]].to_vec()).collect(),
                    response: fund[from..=ends[w]].to_vec(),
                    ranges: problem.ranges.clone(),
                };
                let at = f * many.n_windows + w;
                is_least(&part, &fit.weights)?;
                is_least(&part, &many.weights[at * k..(at + 1) * k])?;
                prop_assert!((many.r_squared[at] - fit.r_squared).abs() < 1e-9);
                let alone = style_weights(&part.response, &part.slices(), &mandate).unwrap();
                prop_assert!((alone.r_squared - fit.r_squared).abs() < 1e-9);
            }
        }
    }
}

/// Witness: least squares by QR. With one funded factor that never moves (cash) and ranges never met, the style is the
/// regression on the others, errors included.
#[test]
fn with_still_cash_and_wide_ranges_it_is_the_regression() {
    use shoals_stats::regression::{Intercept, ols};
    let (a, b, noise) = (normals(1, 200), normals(2, 200), normals(3, 200));
    let cash = vec![1e-4; 200];
    let y: Vec<f64> = (0..200).map(|t| 0.3 * a[t] - 1.2 * b[t] + 0.5 * noise[t]).collect();
    let wide = |is_funded| Range { low: -9.0, high: 9.0, is_funded };
    let mandate = Mandate::new(&[wide(true), wide(true), wide(false)]).unwrap();
    let fit = style_weights(&y, &[&cash, &a, &b], &mandate).unwrap();
    let regression = ols(&y, &[&a, &b], Intercept::Included).unwrap();
    for i in 1..3 {
        assert!((fit.weights[i] - regression.coefficients[i]).abs() < 1e-12);
        let error = fit.standard_errors()[i];
        assert!((error / regression.standard_errors[i] - 1.0).abs() < 1e-9, "{error}");
    }
    assert!((fit.weights[0] + fit.weights[1] - 1.0).abs() < 1e-12);
}

/// Witness: the truth, 2,000 times. Weekly returns of two small-company factors that move 95 % alike, a large one and cash:
/// bands at 90 % hold the truth at least that often, for a weight at its end too.
#[test]
fn bands_hold_the_truth_as_often_as_they_say() {
    let truth = [0.15, 0.10, 0.30, 0.45];
    let at_end = [0.40, 0.0, 0.60, 0.0];
    let width = normal_quantile(0.95);
    let (n, trials) = (104, 2_000);
    for truth in [truth, at_end] {
        let (mut held, mut held_together) = ([0; 4], 0);
        for trial in 0..trials {
            let draw = |j: u64| normals(trial * 10 + j + 7, n);
            let (market, size, own, e) = (draw(0), draw(1), [draw(2), draw(3)], draw(4));
            let small = |i: usize| -> Vec<f64> {
                (0..n).map(|t| 0.02 * (market[t] + size[t] + 0.3 * own[i][t])).collect()
            };
            let large: Vec<f64> = market.iter().map(|m| 0.02 * m).collect();
            let factors = [small(0), small(1), large, vec![3e-4; n]];
            let y: Vec<f64> = (0..n)
                .map(|t| (0..4).map(|i| truth[i] * factors[i][t]).sum::<f64>() + 0.004 * e[t])
                .collect();
            let slices: Vec<&[f64]> = factors.iter().map(Vec::as_slice).collect();
            let fit = style_weights(&y, &slices, &Mandate::long_only(4).unwrap()).unwrap();
            for (i, error) in fit.standard_errors().into_iter().enumerate() {
                held[i] += usize::from((fit.weights[i] - truth[i]).abs() <= width * error + 1e-9);
            }
            let together = fit.standard_error(&[1.0, 1.0, 0.0, 0.0]).unwrap();
            let gap = fit.weights[0] + fit.weights[1] - truth[0] - truth[1];
            held_together += usize::from(gap.abs() <= width * together);
        }
        let share = |count: usize| count as f64 / trials as f64;
        eprintln!("coverage {:?}, both small ones {}", held.map(share), share(held_together));
        // Three standard errors of a share of 0.9 in 2,000 are 0.02.
        assert!(held.iter().all(|count| share(*count) > 0.88), "{held:?}");
        assert!(share(held_together) > 0.88, "{held_together}");
    }
}

/// Two factors that are one: each alone is unknown, both together are not.
#[test]
fn copies_are_unknown_alone_and_known_together() {
    let (a, e) = (normals(5, 120), normals(6, 120));
    let other = normals(7, 120);
    let y: Vec<f64> = (0..120).map(|t| 0.5 * a[t] + 0.5 * other[t] + 0.3 * e[t]).collect();
    let fit = style_weights(&y, &[&a, &a, &other], &Mandate::long_only(3).unwrap()).unwrap();
    let errors = fit.standard_errors();
    assert!(errors[0].is_infinite() && errors[1].is_infinite() && errors[2] < 0.05);
    assert!(fit.standard_error(&[1.0, 1.0, 0.0]).unwrap() < 0.05);
    assert!((fit.weights[0] + fit.weights[1] - 0.5).abs() < 0.1);
}

#[test]
fn what_cannot_be_fitted_is_refused() {
    let (x, y) = (normals(1, 30), normals(2, 30));
    let one = Mandate::long_only(1).unwrap();
    assert!(style_weights(&y[..2], &[&x[..2]], &one).is_err());
    assert!(style_weights(&y, &[&x[..20]], &one).is_err());
    assert!(style_weights(&y, &[&x, &x], &one).is_err());
    assert!(style_weights(&[0.01; 30], &[&x], &one).is_err());
    assert!(style_weights(&[f64::NAN; 30], &[&x], &one).is_err());
    assert!(rolling_style(&y, &[&x], &one, 31, 1).is_err());
    assert!(rolling_style(&y, &[&x], &one, 20, 0).is_err());
    assert!(Mandate::long_only(0).is_err() && Mandate::long_only(17).is_err());
    let range = |low, high| Range { low, high, is_funded: true };
    assert!(Mandate::new(&[range(0.0, 0.4), range(0.0, 0.4)]).is_err());
    assert!(Mandate::new(&[range(0.6, 1.0), range(0.6, 1.0)]).is_err());
    assert!(Mandate::new(&[range(1.0, 0.0)]).is_err());
}
