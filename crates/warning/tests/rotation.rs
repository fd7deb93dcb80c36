//! The rotation on worlds whose truth is known, and its blindness to the future.

use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use shoals_core::{Outcome, Series, Stream, TradingDay, day};
use shoals_stats::normal::normal_quantile;
use shoals_warning::rotation::{RotationConfig, RotationOutcome, Rule, rotation};

fn weekdays(n: usize) -> Vec<TradingDay> {
    (0..)
        .map(|i| day(2018, 1, 2).plus_calendar_days(i))
        .filter(|d| d.weekday() < 5)
        .take(n)
        .collect()
}

/// Closes of a small-cap index whose daily log lead is `means[state]` with `deviation`, the state staying with
/// probability `stay`, against a large-cap index that stands still; and the state of each day.
fn world(
    n: usize,
    means: [f64; 2],
    deviation: f64,
    stay: f64,
    seed: u64,
) -> ([Series; 2], Vec<usize>) {
    let mut stream = Stream::seed_from_u64(seed);
    let (mut state, mut log, mut states) = (1, 0.0, Vec::new());
    let mut closes = Vec::new();
    for _ in 0..n {
        if stream.random::<f64>() > stay {
            state = 1 - state;
        }
        let z = normal_quantile(stream.random_range(1e-12..1.0));
        log += means[state] + deviation * z;
        closes.push(1_000.0 * f64::exp(log));
        states.push(state);
    }
    let days = weekdays(n);
    let small = Series::new("small", days.clone(), closes).unwrap();
    let large = Series::new("large", days, vec![3_000.0; n]).unwrap();
    ([small, large], states)
}

fn asked(series: &[Series; 2], config: &RotationConfig) -> RotationOutcome {
    rotation(&series[0], &series[1], config).unwrap()
}

fn quick() -> RotationConfig {
    RotationConfig { replications: 200, ..RotationConfig::default() }
}

/// In a world of two long regimes the filter knows the regime on most days, its outlook beats always small, and the
/// band of its skill lies above zero.
#[test]
fn two_long_regimes_are_told_apart_in_time() {
    let (series, states) = world(1_800, [-0.004, 0.004], 0.006, 0.99, 11);
    let outcome = asked(&series, &quick());
    let truth = &states[states.len() - outcome.days.len()..];
    let is_right = |(day, state): (&_, &usize)| {
        let day: &shoals_warning::rotation::RotationDay = day;
        (day.probability_small >= 0.5) == (*state == 1)
    };
    let right = outcome.days.iter().zip(truth).filter(|pair| is_right(*pair)).count();
    assert!(right as f64 > 0.85 * truth.len() as f64, "{right} of {}", truth.len());
    let skill = outcome.skill.unwrap();
    assert!(skill.low > 0.0 && skill.hit_low > 0.0, "{skill:?}");
    assert!(outcome.verdict.en.contains("has skill"), "{}", outcome.verdict.en);
    let last = &outcome.models[outcome.models.len() - 2..];
    assert!(
        (last[0].mean + 0.004).abs() < 0.001 && (last[1].mean - 0.004).abs() < 0.001,
        "{last:?}"
    );
}

/// In worlds without regimes there is nothing to know: a 90 % band above zero is luck, and as rare as luck. Of twenty
/// worlds more than four lucky ones have a probability of 0.3 %.
#[test]
fn a_random_walk_gives_no_skill() {
    let is_lucky = |seed: u64| {
        let (series, _) = world(1_000, [0.0, 0.0], 0.01, 0.99, seed);
        let outcome = asked(&series, &quick());
        let has_skill = outcome.skill.unwrap().low > 0.0;
        assert_eq!(outcome.verdict.en.contains("it has skill"), has_skill);
        has_skill
    };
    let n_lucky = (0..20).filter(|&seed| is_lucky(seed)).count();
    assert!(n_lucky <= 4, "{n_lucky}");
}

/// A break of the mean is dated within its interval.
#[test]
fn a_turn_of_the_ratio_is_dated() {
    let (mut series, _) = world(1_000, [0.0, 0.0], 0.005, 0.99, 4);
    let tilt = |t: usize| {
        if t < 600 { 0.002 * t as f64 } else { 0.002 * 600.0 - 0.002 * (t - 600) as f64 }
    };
    let closes = series[0].values().iter().enumerate().map(|(t, x)| x * tilt(t).exp()).collect();
    series[0] = Series::new("small", series[0].days().to_vec(), closes).unwrap();
    let outcome = asked(&series, &quick());
    assert_eq!(outcome.breaks.len(), 1);
    let (found, turn) = (outcome.breaks[0], series[0].days()[600]);
    assert!(found.low <= turn && turn <= found.high, "{found:?}");
    assert!(found.lead_before > 0.0 && found.lead_after < 0.0);
    assert!(outcome.cusum_tests.iter().all(|test| test.p_value < 0.05));
}

/// Witness: the rivals' positions worked out from the closes.
#[test]
fn rivals_choose_by_their_rules() {
    let (series, _) = world(700, [-0.002, 0.002], 0.01, 0.98, 2);
    let outcome = asked(&series, &quick());
    let ratio: Vec<f64> = series[0].values().iter().map(|x| (x / 3_000.0).ln()).collect();
    let average = |t: usize, n: usize| ratio[t + 1 - n..=t].iter().sum::<f64>() / n as f64;
    assert!(outcome.decisions.len() > 80);
    for decision in &outcome.decisions {
        let t = series[0].days().binary_search(&decision.date).unwrap();
        assert_eq!(decision.is_small[2], ratio[t - 21] >= ratio[t - 252]);
        assert_eq!(decision.is_small[3], average(t, 20) >= average(t, 120));
        assert!(decision.is_small[4]);
        assert!((decision.lead - (ratio[t + 20] - ratio[t])).abs() < 1e-12);
    }
    let gap = |pair: &[shoals_warning::rotation::Decision]| {
        let at = |d: TradingDay| series[0].days().binary_search(&d).unwrap();
        at(pair[1].date) - at(pair[0].date)
    };
    assert!(outcome.decisions.windows(2).all(|pair| gap(pair) == 5));
    assert_eq!(outcome.records.len(), Rule::ALL.len());
}

/// The day's own row does not know the days after it, not even through the fit.
#[test]
fn days_asked_for_stand_as_they_stood() {
    let (series, _) = world(1_000, [-0.003, 0.003], 0.008, 0.99, 9);
    let asked_on = series[0].days()[640];
    let config = RotationConfig { as_of: vec![asked_on, day(1999, 1, 4)], ..quick() };
    let whole = asked(&series, &config);
    let cut = asked(&series, &RotationConfig { to: Some(asked_on), ..config });
    let strip = |outcome: &RotationOutcome| {
        let mut row = outcome.as_of[0];
        row.came_after = 0.0;
        row
    };
    assert_eq!(strip(&whole), strip(&cut));
    assert!(whole.as_of[0].came_after.is_finite() && cut.as_of[0].came_after.is_nan());
    assert_eq!(whole.not_known, [day(1999, 1, 4)]);
    assert!(whole.convention().contains_key("not_known"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    /// No look-ahead: whatever comes later, every dated forecast, model and scored decision stays byte-equal.
    #[test]
    fn what_comes_later_changes_nothing_before(seed in 0..1_000_u64, cut in 420..690_usize, shock in -0.5..0.5_f64) {
        let (series, _) = world(700, [-0.003, 0.003], 0.008, 0.98, seed);
        let to = series[0].days()[cut];
        let bent: Vec<f64> = series[0].values().iter().enumerate()
            .map(|(t, x)| if t > cut { x * (shock * (t - cut) as f64 * 0.01).exp() } else { *x })
            .collect();
        let config = RotationConfig { replications: 0, ..RotationConfig::default() };
        let small = Series::new("small", series[0].days().to_vec(), bent).unwrap();
        let whole = rotation(&small, &series[1], &config).unwrap();
        let known = rotation(&small, &series[1], &RotationConfig { to: Some(to), ..config }).unwrap();
        let text = |x: &dyn Fn(&RotationOutcome) -> serde_json::Value, o: &RotationOutcome| x(o).to_string();
        let n = known.days.len();
        let days = |o: &RotationOutcome| serde_json::json!(o.days[..n].to_vec());
        prop_assert_eq!(text(&days, &whole), text(&days, &known));
        let n = known.models.len();
        let models = |o: &RotationOutcome| serde_json::json!(o.models[..n].to_vec());
        prop_assert_eq!(text(&models, &whole), text(&models, &known));
        let n = known.decisions.len();
        let decisions = |o: &RotationOutcome| serde_json::json!(o.decisions[..n].to_vec());
        prop_assert_eq!(text(&decisions, &whole), text(&decisions, &known));
    }
}

#[test]
fn what_cannot_be_asked_is_refused_with_what_to_do() {
    let (series, _) = world(200, [0.0, 0.0], 0.01, 0.99, 1);
    let short = rotation(&series[0], &series[1], &quick()).unwrap_err().to_string();
    assert!(short.contains("needs 274 common closes") && short.contains("min_history"), "{short}");
    for (config, part) in [
        (RotationConfig { n_regimes: 1, ..quick() }, "`n_regimes` is 1"),
        (RotationConfig { min_history: 120, ..quick() }, "`min_history` is 120"),
        (RotationConfig { fast_days: 200, ..quick() }, "`fast_days` is 200"),
        (RotationConfig { large: RotationConfig::default().small, ..quick() }, "both 868008.WI"),
        (RotationConfig { trim: 0.6, ..quick() }, "`trim` is 0.6"),
    ] {
        let refusal = rotation(&series[0], &series[1], &config).unwrap_err().to_string();
        assert!(refusal.contains(part), "{part}: {refusal}");
    }
}
