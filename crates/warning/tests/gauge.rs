//! The gauge on worlds whose answer is known, and the invariants of its readings.

use proptest::prelude::*;
use shoals_core::{Calendar, Seed, Series, Text, TradingDay, day};
use shoals_warning::gauge::{
    Component, Danger, GaugeConfig, GaugeOutcome, Group, Proof, extremity, gauge,
};

fn days(n: usize) -> Vec<TradingDay> {
    Calendar::shanghai().days(day(2015, 1, 5), day(2024, 6, 28))[..n].to_vec()
}

fn series(name: &str, values: Vec<f64>) -> Series {
    Series::new(name, days(values.len()), values).unwrap()
}

fn component(name: &str, group: Group, danger: Danger, values: Vec<f64>) -> Component {
    Component {
        name: name.to_owned(),
        label: Text::same(name),
        group,
        danger,
        series: series(name, values),
    }
}

/// A noise in (-1, 1) that a seed and a day make.
fn noise(seed: u64, t: usize) -> f64 {
    let mut z = (t as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(seed);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((z ^ (z >> 31)) >> 11) as f64 / f64::powi(2.0, 52) - 1.0
}

/// Days from the nearest storm's start that is not over: negative before it. Storms come at uneven distances.
fn to_storm(t: usize) -> i64 {
    let starts = (1..20_i64).map(|k| 170 * k + (k * k * 37) % 83);
    starts.map(|start| t as i64 - start).find(|&since| since < 5).unwrap_or(-1_000)
}

/// Small falls 3 % a day for five days in every storm, otherwise it creeps up; large stands still.
fn stormy(n: usize) -> (Series, Series) {
    let mut close = 100.0;
    let small = (0..n).map(|t| {
        close *= 1.0 + if to_storm(t) >= 0 { -0.03 } else { 0.001 } + 0.004 * noise(7, t);
        close
    });
    (series("small", small.collect()), series("large", vec![100.0; n]))
}

/// Stands high in the thirty days before each storm.
fn herald(n: usize) -> Vec<f64> {
    (0..n)
        .map(|t| f64::from(u8::from((-30..0).contains(&to_storm(t)))) + 0.3 * noise(3, t))
        .collect()
}

fn config() -> GaugeConfig {
    GaugeConfig {
        percentile_days: 250,
        min_days: 60,
        min_groups: 1,
        replications: 300,
        horizon_days: 30,
        block_days: 40.0,
        switch_cost: 0.0,
        ..GaugeConfig::default()
    }
}

fn of(n: usize, components: &[Component]) -> GaugeOutcome {
    let (small, large) = stormy(n);
    gauge(&small, &large, components, &config()).unwrap()
}

#[test]
fn a_herald_is_believed_and_noise_is_not() {
    let n = 2_200;
    let found = of(n, &[component("herald", Group::Crowding, Danger::High, herald(n))]);
    let skill = found.skill("gauge").unwrap();
    assert!(skill.area > 0.85 && skill.low > 0.7 && skill.p_value < 0.05, "{skill:?}");
    assert_eq!(found.proof(), Proof::Skill);
    assert!(skill.falls >= 10 && skill.falls_warned == skill.falls, "{skill:?}");
    assert!(skill.median_lead_days > 10.0, "{skill:?}");
    let holding = |name: &str| found.holdings.iter().find(|h| h.scorer == name).unwrap();
    assert!(holding("gauge").max_drawdown > holding("always_in").max_drawdown);

    let noise = (0..n).map(|t| noise(11, t)).collect();
    let found = of(n, &[component("noise", Group::Crowding, Danger::High, noise)]);
    assert_eq!(found.proof(), Proof::NoSkill);
    let skill = found.skill("gauge").unwrap();
    assert!(skill.low < 0.5 && skill.high > 0.5, "{skill:?}");
}

#[test]
fn never_leaving_is_the_difference_of_returns_compounded() {
    let n = 900;
    let (small, large) = stormy(n);
    let found = of(n, &[component("herald", Group::Crowding, Danger::High, herald(n))]);
    let always = found.holdings.iter().find(|h| h.scorer == "always_in").unwrap();
    let spread = |t: usize| {
        small.values()[t] / small.values()[t - 1] - large.values()[t] / large.values()[t - 1]
    };
    let growth: f64 = (n - always.days..n).map(|t| 1.0 + spread(t)).product();
    let annual = growth.powf(242.0 / always.days as f64) - 1.0;
    assert!((always.annual_return - annual).abs() < 1e-12);
    assert_eq!((always.switches, always.held_share), (0, 1.0));
    let skill = found.skill("always_in").unwrap();
    assert_eq!((skill.area, skill.hit_rate, skill.p_value), (0.5, 0.0, 1.0));
}

#[test]
fn a_market_without_falls_has_nothing_to_score() {
    let n = 600;
    let up = series("small", (0..n).map(|t| 100.0 + t as f64).collect());
    let flat = series("large", vec![100.0; n]);
    let parts = extremity(&up, &flat).unwrap();
    let found = gauge(&up, &flat, &parts, &config()).unwrap();
    assert_eq!(found.proof(), Proof::NothingToScore);
    assert!(found.warned.is_empty() && found.skill("gauge").unwrap().area.is_nan());
}

#[test]
fn a_fall_of_a_year_stands_in_the_extremity_as_it_was() {
    let n = 400;
    let up = series("small", (0..n).map(|t| 100.0 * 1.001_f64.powi(t as i32)).collect());
    let flat = series("large", vec![100.0; n]);
    let parts = extremity(&up, &flat).unwrap();
    let last = *up.days().last().unwrap();
    assert!((parts[0].series.at(last).unwrap() - (1.001_f64.powi(250) - 1.0)).abs() < 1e-12);
    // Mean of a geometric year, closed form.
    let mean = (1.0 - 1.001_f64.powi(-250)) / (1.0 - 1.0 / 1.001) / 250.0;
    assert!((parts[1].series.at(last).unwrap() - (1.0 / mean - 1.0)).abs() < 1e-12);
}

#[test]
fn silence_and_age_are_left_out() {
    let n = 400;
    let gone: Vec<f64> = (0..n).map(|t| if t < 200 { noise(1, t) } else { f64::NAN }).collect();
    let there = (0..n).map(|t| noise(2, t)).collect();
    let parts = [
        component("gone", Group::Leverage, Danger::High, gone),
        component("there", Group::Crowding, Danger::High, there),
    ];
    let found = of(n, &parts);
    let last = found.days.last().unwrap();
    assert!(last.groups[0].is_nan() && last.composite == last.groups[1]);
    // 25 days old is still read; 26 is not.
    assert!(!found.days[199 + 25].groups[0].is_nan() && found.days[199 + 26].groups[0].is_nan());
    let needs_two = GaugeConfig { min_groups: 2, ..config() };
    let (small, large) = stormy(n);
    let found = gauge(&small, &large, &parts, &needs_two).unwrap();
    assert!(found.days.last().unwrap().composite.is_nan());
}

#[test]
fn illegal_settings_and_no_component_are_refused_by_name() {
    let (small, large) = stormy(300);
    let parts = extremity(&small, &large).unwrap();
    let refuse =
        |config: GaugeConfig| gauge(&small, &large, &parts, &config).unwrap_err().to_string();
    assert!(refuse(GaugeConfig { drawdown: 8.0, ..config() }).contains("`drawdown` is 8"));
    assert!(refuse(GaugeConfig { min_days: 500, ..config() }).contains("`min_days` is 500"));
    let none = gauge(&small, &large, &[], &config()).unwrap_err().to_string();
    assert!(none.contains("`components` is 0"), "{none}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn contributions_add_up_and_only_order_counts(seed in any::<u64>(), scale in 0.1_f64..10.0) {
        let n = 300;
        let raw: Vec<f64> = (0..n).map(|t| noise(seed, t)).collect();
        let stretched = raw.iter().map(|x| -(scale * x).exp()).collect();
        let second: Vec<f64> = (0..n).map(|t| noise(seed ^ 1, t)).collect();
        let third: Vec<f64> = (0..n).map(|t| noise(seed ^ 2, t)).collect();
        let rest = [
            component("second", Group::Crowding, Danger::High, second),
            component("third", Group::Leverage, Danger::Low, third),
        ];
        let with = |first: Component| of(n, &[&[first][..], &rest[..]].concat());
        let high = with(component("first", Group::Crowding, Danger::High, raw));
        let low = with(component("first", Group::Crowding, Danger::Low, stretched));
        for (a, b) in high.days.iter().zip(&low.days) {
            prop_assert!((a.composite - b.composite).abs() < 1e-12 || a.composite.is_nan());
            if !a.composite.is_nan() {
                let sum: f64 = high.moved_by(a.date).iter().map(|r| r.contribution).sum();
                prop_assert!((sum - (a.composite - 0.5)).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn what_stood_on_the_gauge_does_not_change_when_more_is_known(
        seed in any::<u64>(), cut in 150_usize..399
    ) {
        let n = 400;
        let (small, large) = stormy(n);
        let values: Vec<f64> = (0..n).map(|t| noise(seed, t)).collect();
        let told = |to: Option<TradingDay>| {
            let mut parts = extremity(&small, &large).unwrap();
            parts.push(component("noise", Group::Crowding, Danger::Low, values.clone()));
            gauge(&small, &large, &parts, &GaugeConfig { to, seed: Seed(seed), ..config() }).unwrap()
        };
        let (whole, part) = (told(None), told(Some(small.days()[cut])));
        prop_assert_eq!(part.days.len(), cut + 1);
        for (a, b) in whole.days.iter().zip(&part.days) {
            let bits = |d: &shoals_warning::gauge::GaugeDay| {
                (d.date, d.level.to_bits(), d.composite.to_bits(), d.is_alarm, d.groups.map(f64::to_bits))
            };
            prop_assert_eq!(bits(a), bits(b));
        }
        let readings = |o: &GaugeOutcome| {
            let kept = o.readings.iter().take((cut + 1) * 3);
            kept.map(|r| (r.value.to_bits(), r.danger.to_bits(), r.contribution.to_bits())).collect::<Vec<_>>()
        };
        prop_assert_eq!(readings(&whole), readings(&part));
    }
}
