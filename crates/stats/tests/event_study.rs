//! The event study's tests against an independent program, published power, and laws of their own.

#![expect(clippy::print_stdout, reason = "the evidence is read, not only asserted")]

use std::path::PathBuf;
use std::slice::from_ref;

use proptest::prelude::*;
use shoals_core::{Seed, Stream};
use shoals_stats::event_study::Scaling;
use shoals_stats::event_study::power::power;
use shoals_stats::event_study::sample::{CrossSection, Sample};
use shoals_stats::rank::pearson;

/// An oracle file's text, or `None` with a line that says the test skipped.
#[expect(clippy::disallowed_methods, reason = "a test reads its oracle")]
fn oracle(name: &str) -> Option<String> {
    let folder = std::env::var_os("SHOALS_DATA").map(PathBuf::from);
    if folder.is_none() {
        eprintln!("skipped: SHOALS_DATA is not set, so `{name}` cannot be read");
    }
    Some(std::fs::read_to_string(folder?.join("oracles").join(name)).expect("an oracle file"))
}

/// Cells of a CSV without quotes; `NA` is NaN.
fn rows(text: &str) -> Vec<Vec<String>> {
    let cells = |line: &str| -> Vec<String> {
        line.split(',').map(|cell| cell.trim_matches('"').to_owned()).collect()
    };
    text.lines().map(cells).collect()
}

/// The seven stocks of the oracle, estimated 2019-04-02 to 2020-03-13, with the five days after.
fn seven(scaling: Scaling) -> Option<Sample> {
    let table = rows(&oracle("estudy2_rates.csv")?);
    let days = table[1..].iter().filter(|row| row[0].as_str() <= "2020-03-20");
    let days: Vec<&Vec<String>> = days.collect();
    let n_estimation = days.iter().filter(|row| row[0].as_str() <= "2020-03-13").count();
    let column = |k: usize| -> Vec<f64> {
        days.iter().map(|row| row[k].parse().unwrap_or(f64::NAN)).collect()
    };
    let last = table[0].len() - 1;
    let returns: Vec<f64> = (1..last).flat_map(column).collect();
    Some(Sample::fit(&returns, &column(last), n_estimation, 10, scaling).unwrap())
}

/// A statistic of a test.
type Reader = fn(&CrossSection) -> f64;

fn daily(sample: &Sample) -> Vec<CrossSection> {
    let days: Vec<_> = (sample.n_estimation..sample.n_days).map(|t| t..t + 1).collect();
    sample.tests(&days).unwrap()
}

/// Witness: the R package estudy2 on its own example, every statistic to 1e-6; ours under its conventions, and
/// the articles' beside them.
#[test]
fn estudy2_is_met_under_its_conventions() {
    let (Some(theirs), Some(textbook)) = (seven(Scaling::Estudy2), seven(Scaling::Textbook)) else {
        return;
    };
    assert_eq!((theirs.kept.len(), theirs.n_estimation), (7, 240));
    let (ours, textbook) = (daily(&theirs), daily(&textbook));
    let mut worst = 0.0_f64;
    let mut check = |file: &str, columns: &[(&str, Reader)]| {
        let table = rows(&oracle(file).unwrap());
        for (name, of) in columns {
            let k = table[0].iter().position(|head| head == name).unwrap();
            for (row, test) in table[1..].iter().zip(&ours) {
                let printed: f64 = row[k].parse().unwrap();
                let error = (of(test) - printed).abs();
                worst = worst.max(error);
                assert!(error < 1e-6, "{name} on {}: {} for {printed}", row[0], of(test));
            }
        }
    };
    check(
        "estudy2_parametric_oracle.csv",
        &[
            ("mean", |t| t.mean_car),
            ("bw_1980_stat", |t| t.brown_warner_1980),
            ("bw_1985_stat", |t| t.portfolio_t),
            ("t_test_stat", |t| t.cross_section_t),
            ("pt_stat", |t| t.patell_z),
            ("bh_stat", |t| t.bmp_t),
        ],
    );
    check(
        "estudy2_nonparametric_oracle.csv",
        &[
            ("sign_stat", |t| t.sign_z),
            ("gsign_stat", |t| t.generalised_sign_z),
            ("rank_stat", |t| t.corrado_z),
            ("mrank_stat", |t| t.corrado_zivney_z),
        ],
    );
    println!("estudy2: 10 statistics on 5 days, largest difference {worst:.1e}");
    for (day, (one, other)) in ours.iter().zip(&textbook).enumerate() {
        println!(
            "day {day}: Patell {:.6} (textbook {:.6}), BMP {:.6} ({:.6}), Kolari-Pynnonen {:.6} ({:.6})",
            one.patell_z,
            other.patell_z,
            one.bmp_t,
            other.bmp_t,
            one.kolari_pynnonen_t,
            other.kolari_pynnonen_t
        );
        // The conventions part by less than a hundredth of a statistic, and never more than 1 %.
        for (a, b) in [(one.patell_z, other.patell_z), (one.bmp_t, other.bmp_t)] {
            assert!((a - b).abs() < 0.01 * a.abs().max(1.0), "{a} {b}");
        }
    }
}

/// Witness: MacKinlay (1997), the power of a test of 5 %, printed to two digits, for effects of 0.5 to 2 %.
#[test]
fn the_power_is_the_published_one() {
    let Some(text) = oracle("analytic_oracles.json") else { return };
    let file: serde_json::Value = serde_json::from_str(&text).unwrap();
    let table = file["mackinlay_power"].as_object().unwrap();
    for (key, printed) in table {
        let (names, deviation) = key.split_once("_sd").unwrap();
        let n: f64 = names.trim_start_matches('N').parse().unwrap();
        let standard_error = deviation.parse::<f64>().unwrap() / n.sqrt();
        for (effect, printed) in
            [0.005, 0.01, 0.015, 0.02].into_iter().zip(printed.as_array().unwrap())
        {
            let (ours, printed) = (power(effect, standard_error, 0.05), printed.as_f64().unwrap());
            assert!((ours - printed).abs() <= 0.005 + 1e-9, "{key} {effect}: {ours} for {printed}");
        }
    }
    assert_eq!(table.len(), 14);
}

/// A standard normal from a stream, by the sum of twelve uniforms: bounded tails, which is enough here.
fn normal(stream: &mut Stream) -> f64 {
    use rand_xoshiro::rand_core::Rng;
    (0..12).map(|_| (stream.next_u64() >> 11) as f64 / 2f64.powi(53)).sum::<f64>() - 6.0
}

/// The tests over the last day.
fn last_day(sample: &Sample) -> CrossSection {
    sample.tests(from_ref(&(sample.n_days - 1..sample.n_days))).unwrap()[0]
}

/// Names that share a factor with weight `sqrt(shared)`, beside a market.
fn world(k: u64, n_names: usize, n_days: usize, shared: f64, lift: f64) -> (Vec<f64>, Vec<f64>) {
    let stream = &mut Seed(7).stream(k);
    let market: Vec<f64> = (0..n_days).map(|_| 0.01 * normal(stream)).collect();
    let factor: Vec<f64> = (0..n_days).map(|_| normal(stream)).collect();
    let mut returns = Vec::new();
    for i in 0..n_names {
        for t in 0..n_days {
            let own = (1.0 - shared).sqrt() * normal(stream) + shared.sqrt() * factor[t];
            let event = if t + 1 == n_days { lift } else { 0.0 };
            returns.push((0.5 + i as f64 / n_names as f64) * market[t] + 0.02 * own + event);
        }
    }
    (returns, market)
}

/// The law the corrections are for: with names that move together and nothing happening, a test of 5 % that takes them
/// for independent rejects most of the time, and the corrected ones about 5 %.
#[test]
fn only_the_corrected_tests_keep_their_size_on_one_date() {
    let n_worlds = 400_u64;
    let mut rejected = [0_usize; 6];
    for k in 0..n_worlds {
        let (returns, market) = world(k, 60, 121, 0.3, 0.0);
        let sample = Sample::fit(&returns, &market, 120, 60, Scaling::Textbook).unwrap();
        let test = last_day(&sample);
        let all = [
            test.patell_z,
            test.bmp_t,
            test.kolari_pynnonen_t,
            test.corrado_zivney_z,
            test.generalised_rank_t,
            test.portfolio_t,
        ];
        rejected.iter_mut().zip(all).for_each(|(n, t)| *n += usize::from(t.abs() > 1.96));
    }
    let share = rejected.map(|n| n as f64 / n_worlds as f64);
    println!(
        "rejected at 5 %: Patell {:.3}, BMP {:.3}, Kolari-Pynnonen {:.3}, Corrado {:.3}, generalised rank {:.3}, portfolio {:.3}",
        share[0], share[1], share[2], share[3], share[4], share[5]
    );
    assert!(share[0] > 0.5 && share[1] > 0.5);
    // 400 worlds know a share of 5 % to a standard error of 1.1 %.
    assert!(share[2..].iter().all(|share| (0.02..0.09).contains(share)), "{share:?}");
}

/// And what happens is found: a lift of three deviations of the portfolio.
#[test]
fn a_lift_of_every_name_is_found_by_all() {
    let (returns, market) = world(1, 60, 121, 0.3, 0.05);
    let sample = Sample::fit(&returns, &market, 120, 60, Scaling::Textbook).unwrap();
    let test = last_day(&sample);
    let all =
        [test.kolari_pynnonen_t, test.corrado_zivney_z, test.generalised_rank_t, test.portfolio_t];
    assert!(all.iter().all(|t| *t > 1.5), "{test:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Witness: every pair correlated one by one.
    #[test]
    fn the_mean_correlation_is_that_of_all_pairs(k in 0_u64..1_000, shared in 0.0..0.8_f64) {
        let (returns, market) = world(k, 12, 61, shared, 0.0);
        let sample = Sample::fit(&returns, &market, 60, 30, Scaling::Textbook).unwrap();
        let row = |i: usize| &sample.abnormal[i * sample.n_days..][..60];
        let pairs: Vec<f64> = (0..12)
            .flat_map(|i| (0..i).map(move |j| (i, j)))
            .map(|(i, j)| pearson(row(i), row(j)).unwrap())
            .collect();
        let mean = pairs.iter().sum::<f64>() / pairs.len() as f64;
        prop_assert!((sample.mean_correlation() - mean).abs() < 1e-12);
    }

    /// Scale of the returns, order of the names, and a name without any return change no statistic.
    #[test]
    fn unit_order_and_an_empty_name_do_not_matter(k in 0_u64..1_000, unit in 0.1..10.0_f64) {
        let (returns, market) = world(k, 15, 73, 0.2, 0.01);
        let windows = [70..71, 70..73];
        let plain = Sample::fit(&returns, &market, 70, 30, Scaling::Textbook).unwrap();
        let mut turned: Vec<f64> = returns.iter().map(|r| r * unit).collect();
        turned.rotate_left(4 * 73);
        turned.extend([f64::NAN; 73]);
        let market: Vec<f64> = market.iter().map(|m| m * unit).collect();
        let other = Sample::fit(&turned, &market, 70, 30, Scaling::Textbook).unwrap();
        for (a, b) in plain.tests(&windows).unwrap().iter().zip(other.tests(&windows).unwrap()) {
            let of = |t: &CrossSection| [
                t.patell_z, t.bmp_t, t.kolari_pynnonen_t, t.corrado_z, t.corrado_zivney_z,
                t.generalised_rank_t, t.portfolio_t, t.generalised_sign_z, t.cross_section_t,
            ];
            for (a, b) in of(a).into_iter().zip(of(&b)) {
                prop_assert!((a - b).abs() < 1e-8, "{a} {b}");
            }
        }
    }
}

#[test]
fn what_is_no_sample_is_refused() {
    let (returns, market) = world(0, 5, 40, 0.1, 0.0);
    let fit = |n: usize| Sample::fit(&returns, &market, n, 10, Scaling::Textbook);
    assert!(fit(40).is_err() && fit(5).is_err());
    assert!(Sample::fit(&returns[1..], &market, 30, 10, Scaling::Textbook).is_err());
    assert!(Sample::fit(&returns[..40], &market, 30, 10, Scaling::Textbook).is_err());
    let sample = fit(30).unwrap();
    assert!(sample.tests(from_ref(&(29..31))).is_err());
    assert!(sample.tests(from_ref(&(38..41))).is_err());
}
