//! The laws of the bubble tests, and a bubble that was put there.

use proptest::prelude::*;
use shoals_core::{Outcome, Series, TradingDay, day};
use shoals_stats::counter_normal::counter_normal;
use shoals_warning::bubble::{NullKind, Pair, PowerLawConfig, PowerLawSeries};
use shoals_warning::{BubbleConfig, BubbleOutcome, bubble};

/// Closes of two indices whose log ratio walks with steps of 1 % and, between two positions, runs away.
fn pair(seed: u64, n: usize, run: std::ops::Range<usize>) -> Pair {
    let days: Vec<TradingDay> =
        (0..n as i32).map(|i| day(2020, 1, 1).plus_calendar_days(i)).collect();
    let (mut ratio, mut lead) = (0.0, 0.0);
    let above = (0..n).map(|t| {
        lead = if run.contains(&t) { (lead + 0.002) * 1.05 } else { 0.0 };
        ratio += 0.01 * counter_normal(seed, t as u64) + lead;
        100.0 * f64::exp(ratio)
    });
    let series = |name, values| Series::new(name, days.clone(), values).unwrap();
    Pair {
        name: "a_b".to_owned(),
        above: series("A", above.collect()),
        below: series("B", vec![50.0; n]),
    }
}

fn quick() -> BubbleConfig {
    BubbleConfig {
        min_window: Some(40),
        min_duration: Some(5),
        repetitions: 99,
        excess_days: 20,
        average_days: 20,
        ..BubbleConfig::default()
    }
}

fn asked(pair: &Pair, config: &BubbleConfig) -> BubbleOutcome {
    bubble(std::slice::from_ref(pair), config).unwrap()
}

/// Witness: the run is where it was put, under every rule, and is said to be one.
#[test]
fn a_bubble_is_found_where_it_is() {
    let pair = pair(11, 300, 200..235);
    let outcome = asked(&pair, &quick());
    let found = &outcome.ratios[0];
    for statistics in &found.statistics {
        assert!(statistics.gsadf > statistics.gsadf_critical, "{statistics:?}");
        assert!(statistics.gsadf_p_value <= 0.05, "{statistics:?}");
    }
    let days = pair.above.days();
    for (null, is_family_wise) in [(NullKind::RandomWalk, true), (NullKind::WildBootstrap, false)] {
        let episode = found
            .episodes
            .iter()
            .filter(|e| e.null == null && e.is_family_wise == is_family_wise)
            .max_by(|a, b| a.bsadf.total_cmp(&b.bsadf))
            .unwrap();
        assert!(days[200] <= episode.start && episode.start <= days[225], "{episode:?}");
        assert!(days[225] <= episode.peak && episode.peak <= days[240], "{episode:?}");
        assert!(episode.change > 0.0 && episode.days >= 5 && episode.known_on > episode.start);
    }
    assert!(outcome.convention()["verdict a_b"].en.contains("explosive"));
    assert_eq!(found.extremity.last().unwrap().date, days[299]);
}

/// Witness: the size of the test. Of 60 walks without a bubble about 5 % are called one; 99.9 % of the time at most 9.
#[test]
fn walks_are_seldom_called_bubbles() {
    let calls = (0..60_u64)
        .map(|k| asked(&pair(1_000 + k, 150, 0..0), &quick()))
        .filter(|outcome| outcome.ratios[0].statistics[1].gsadf_p_value <= 0.05)
        .count();
    assert!(calls <= 9, "{calls} of 60");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    /// No look-ahead: statistic, both pointwise critical values, lead and percentile of a day need earlier days only, and
    /// a finished pointwise episode stays what it was.
    #[test]
    fn later_days_change_nothing(seed in 0..1_000_u64, cut in 120..200_usize) {
        let pair = pair(seed, 240, 100..130);
        let whole = asked(&pair, &quick());
        let to = pair.above.days()[cut - 1];
        let early = asked(&pair, &BubbleConfig { to: Some(to), ..quick() });
        let (whole, early) = (&whole.ratios[0], &early.ratios[0]);
        prop_assert_eq!(&whole.days[..early.days.len()], &early.days[..]);
        let bits = |e: &shoals_warning::bubble::Extremity| {
            (e.date, e.excess.to_bits(), e.percentile.to_bits(), e.distance.to_bits())
        };
        for (a, b) in early.extremity.iter().zip(&whole.extremity) {
            prop_assert_eq!(bits(a), bits(b));
        }
        let finished = early.episodes.iter().filter(|e| !e.is_family_wise && !e.is_open);
        for episode in finished {
            prop_assert!(whole.episodes.contains(episode), "{episode:?}");
        }
    }
}

#[test]
fn what_is_no_ratio_is_refused() {
    let one = pair(1, 100, 0..0);
    let message =
        |pairs: &[Pair], config: &BubbleConfig| bubble(pairs, config).unwrap_err().to_string();
    assert!(message(&[], &quick()).contains("no ratio"));
    let illegal = BubbleConfig { probability: 95.0, ..quick() };
    assert!(
        message(std::slice::from_ref(&one), &illegal)
            .contains("`probability` is 95, expected (0, 1)")
    );
    let short = BubbleConfig { to: Some(one.above.days()[20]), ..quick() };
    assert!(message(std::slice::from_ref(&one), &short).contains("found 21"));
    let mut negative = one.clone();
    negative.below = Series::new("B", one.above.days().to_vec(), vec![-1.0; 100]).unwrap();
    assert!(message(&[negative], &quick()).contains("is -1 on 2020-01-01"));
    let misspelt = serde_json::from_str::<BubbleConfig>(r#"{"repetition": 9}"#);
    assert!(misspelt.unwrap_err().to_string().contains("repetition"));
}

/// Closes whose log ratio follows the law towards position `tc`, with noise of 0.2 %; the index below the line stands still.
fn lawful(seed: u64, n: usize, tc: f64) -> Pair {
    let days: Vec<TradingDay> =
        (0..n as i32).map(|i| day(2020, 1, 1).plus_calendar_days(i)).collect();
    let above = (0..n).map(|t| {
        let left = tc - t as f64;
        let law = -0.02 * left.powf(0.5) * (1.0 + 0.05 * (9.0 * left.ln()).cos());
        100.0 * f64::exp(law + 0.002 * counter_normal(seed, t as u64))
    });
    Pair {
        name: "a_b".to_owned(),
        above: Series::new("A", days.clone(), above.collect()).unwrap(),
        below: Series::new("B", days, vec![50.0; n]).unwrap(),
    }
}

fn with_power_law(every: usize) -> BubbleConfig {
    let power_law = PowerLawConfig {
        shortest: 120,
        longest: 240,
        step: 30,
        every,
        chance_paths: 20,
        ..PowerLawConfig::default()
    };
    BubbleConfig { power_law: Some(power_law), ..quick() }
}

/// Witness: the series is made by the law towards position 320, so most windows pass as a rise and point there; turned over it
/// is a fall. The ratio and the index are the same series here but for a constant, so they say the same.
#[test]
fn a_power_law_is_found_and_points_at_its_day() {
    let pair = lawful(5, 300, 320.0);
    let outcome = asked(&pair, &with_power_law(1_000));
    let found = &outcome.ratios[0].power_law;
    let last = found.days.iter().rfind(|d| d.series == PowerLawSeries::Ratio).unwrap();
    eprintln!("{last:?}\n{:?}", found.chance);
    assert_eq!((last.date, last.n_fits), (pair.above.days()[299], 5));
    assert!(last.confidence_positive >= 0.6 && last.confidence_negative == 0.0, "{last:?}");
    assert!((last.tc_median - 21.0).abs() < 5.0, "{last:?}");
    assert!(last.tc_low <= last.tc_median && last.tc_median <= last.tc_high);
    assert!(found.chance[0].positive.mean < 0.3, "{:?}", found.chance);
    assert!(found.chance[0].positive.p_value <= 0.1, "{:?}", found.chance);
    let index = found.days.iter().rfind(|d| d.series == PowerLawSeries::Index).unwrap();
    assert_eq!(index.confidence_positive, last.confidence_positive);
    let over = Pair { above: pair.below.clone(), below: pair.above.clone(), ..pair };
    let outcome = asked(&over, &with_power_law(1_000));
    let fall = &outcome.ratios[0].power_law.days;
    let fall = fall.iter().rfind(|d| d.series == PowerLawSeries::Ratio).unwrap();
    assert_eq!(fall.confidence_negative, last.confidence_positive);
    let tables = outcome.tables();
    assert!(tables.iter().any(|t| t.name() == "power_law" && t.n_rows() == 4));
}

#[test]
fn the_power_law_is_not_asked_unless_it_is() {
    let walk = pair(3, 150, 0..0);
    assert!(asked(&walk, &quick()).ratios[0].power_law.days.is_empty());
    let message = |config| bubble(std::slice::from_ref(&walk), &config).unwrap_err().to_string();
    assert!(message(with_power_law(5)).contains("longest window has 240 days, found 150"));
    let reversed = PowerLawConfig { exponent: (0.9, 0.1), ..PowerLawConfig::default() };
    let config = BubbleConfig { power_law: Some(reversed), ..quick() };
    assert!(message(config).contains("`exponent`"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4))]

    /// No look-ahead: a day's confidence and critical times stay what they were when days are added. The last day of a sample is
    /// told besides every fifth one, so the longer sample may not tell it.
    #[test]
    fn later_days_change_no_confidence(seed in 0..1_000_u64, cut in 245..275_usize) {
        let pair = pair(seed, 280, 230..260);
        let told = |n: usize| {
            let config = BubbleConfig { to: Some(pair.above.days()[n - 1]), ..with_power_law(5) };
            let days = asked(&pair, &config).ratios[0].power_law.days.clone();
            let bits = |d: &shoals_warning::bubble::PowerLawDay| {
                let numbers = [d.confidence_positive, d.confidence_negative, d.tc_low, d.tc_median, d.tc_high];
                (d.series, d.date, d.n_fits, numbers.map(f64::to_bits))
            };
            days.iter().map(bits).collect::<Vec<_>>()
        };
        let (early, whole) = (told(cut), told(280));
        let last = pair.above.days()[cut - 1];
        prop_assert!(early.len() >= 4);
        for row in &early {
            prop_assert!(whole.contains(row) || row.1 == last, "{row:?}");
        }
        // The same rows on another number of threads.
        let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        prop_assert_eq!(alone.install(|| told(cut)), early);
    }
}
