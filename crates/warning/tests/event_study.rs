//! The event study on worlds whose truth is known, and its laws.

#![expect(clippy::print_stdout, reason = "the evidence is read, not only asserted")]

use proptest::prelude::*;
use shoals_core::policy_event::{PolicyEvent, Sign};
use shoals_core::{
    Calendar, Outcome, Panel, Seed, Segment, Series, Stream, Symbol, Timeline, TradingDay, day,
};
use shoals_market::universe::{Listing, StockMarket};
use shoals_stats::regression::{Intercept, ols};
use shoals_warning::event_study::{EventMarket, EventWindow, Finding, SubjectName};
use shoals_warning::{EventConfig, EventOutcome, WarningError, event_study};

/// A standard normal by the sum of twelve uniforms.
fn normal(stream: &mut Stream) -> f64 {
    (0..12).map(|_| (stream.next_u64() >> 11) as f64 / 2f64.powi(53)).sum::<f64>() - 6.0
}

/// Trading days from 2021-01-04.
fn days(n: usize) -> Vec<TradingDay> {
    let all = Calendar::shanghai().days(day(2021, 1, 4), day(2025, 12, 31));
    all[..n].to_vec()
}

/// Closes of a market, the CSI 300 and micro caps; `lift` is added to the micro caps' return of each of those days.
struct World {
    segments: Vec<(Segment, Series)>,
    market: Series,
}

fn world(k: u64, n: usize, lift: &[(usize, f64)]) -> World {
    let stream = &mut Seed(11).stream(k);
    let mut level = [1_000.0; 3];
    let mut closes = [Vec::new(), Vec::new(), Vec::new()];
    for t in 0..n {
        let market = 0.011 * normal(stream);
        let large = market + 0.004 * normal(stream);
        let added: f64 = lift.iter().filter(|(at, _)| *at == t).map(|(_, by)| by).sum();
        let micro = 0.9 * market + 0.012 * normal(stream) + added;
        for (i, r) in [market, large, micro].into_iter().enumerate() {
            level[i] *= 1.0 + r;
            closes[i].push(level[i]);
        }
    }
    let [market, large, micro] = closes;
    let series = |name: &str, values| Series::new(name, days(n), values).unwrap();
    World {
        segments: vec![
            (Segment::Micro, series("868008.WI", micro)),
            (Segment::Csi300, series("000300.SH", large)),
        ],
        market: series("000985.CSI", market),
    }
}

fn event(id: &str, announced_on: TradingDay, expected_sign: Sign) -> PolicyEvent {
    PolicyEvent {
        event_id: id.to_owned(),
        announced_on,
        after_close: false,
        effective_on: announced_on,
        title_zh: format!("事件 {id}"),
        title_en: format!("event {id}"),
        targets: String::new(),
        expected_sign,
        source: "made up".to_owned(),
        status: None,
    }
}

fn timeline(at: &[usize]) -> Timeline {
    let days = days(at.iter().max().unwrap() + 1);
    let events = at.iter().map(|&t| event(&format!("at_{t}"), days[t], Sign::Up));
    Timeline::new(events.collect()).unwrap()
}

fn study(world: &World, timeline: &Timeline, config: &EventConfig) -> EventOutcome {
    asked(world, timeline, None, config).unwrap()
}

fn asked(
    world: &World,
    timeline: &Timeline,
    stocks: Option<&StockMarket>,
    config: &EventConfig,
) -> Result<EventOutcome, WarningError> {
    let World { segments, market } = world;
    let calendar = Calendar::shanghai();
    let market = EventMarket { segments, market, stocks, treated: None, calendar };
    event_study(timeline, &market, config)
}

/// Witness: the regression with a dummy for the window's sum gives the abnormal return and its error.
#[test]
fn a_window_is_the_dummy_of_its_regression() {
    let (world, t) = (world(1, 400, &[]), 300);
    let outcome = study(&world, &timeline(&[t]), &EventConfig::default());
    let test = outcome
        .series
        .iter()
        .find(|test| test.subject == SubjectName::Spread && test.window.label() == "[0,+1]")
        .unwrap();
    let returns = |series: &Series| series.returns().values().to_vec();
    let (micro, large) = (returns(&world.segments[0].1), returns(&world.segments[1].1));
    let market = returns(&world.market);
    // Return t is at position t - 1; the estimation days end 20 before day 0.
    let at: Vec<usize> = (t - 141..t - 21).chain([t - 1, t]).collect();
    let of = |f: &dyn Fn(usize) -> f64| -> Vec<f64> { at.iter().map(|&i| f(i)).collect() };
    let (own, market) = (of(&|i| micro[i] - large[i]), of(&|i| market[i]));
    let dummy = |first: f64, second: f64| -> Vec<f64> {
        at.iter()
            .map(|&i| {
                if i == t - 1 {
                    first
                } else if i == t {
                    second
                } else {
                    0.0
                }
            })
            .collect()
    };
    let fit =
        ols(&own, &[&market, &dummy(1.0, 0.0), &dummy(-1.0, 1.0)], Intercept::Included).unwrap();
    assert!((test.car - fit.coefficients[2]).abs() < 1e-13);
    assert!((test.standard_error / fit.standard_errors[2] - 1.0).abs() < 1e-9);
    assert!((test.beta - fit.coefficients[1]).abs() < 1e-12);
    assert_eq!(test.n_estimation, 120);
}

/// The law of a p-value: where nothing happens, one in twenty is below 5 %.
#[test]
fn p_values_keep_their_size_where_nothing_happens() {
    let n_worlds = 300;
    let config = EventConfig { replications: 199, ..EventConfig::default() };
    let (mut below, mut calendar) = ([0_usize; 3], [0_usize; 2]);
    for k in 0..n_worlds {
        let outcome = study(&world(k, 420, &[]), &timeline(&[400]), &config);
        let spread = outcome.verdicts[0].spread.as_ref().unwrap();
        let p_values = [spread.p_value, spread.placebo_p, spread.bootstrap_p];
        below.iter_mut().zip(p_values).for_each(|(n, p)| *n += usize::from(p < 0.05));
        let run =
            outcome.calendar_time.iter().find(|run| run.subject == SubjectName::Spread).unwrap();
        let t = [run.newey_west_t, run.quiet_t];
        calendar.iter_mut().zip(t).for_each(|(n, t)| *n += usize::from(t.abs() > 1.96));
    }
    let share = |n: usize| n as f64 / n_worlds as f64;
    println!(
        "below 5 %: MacKinlay {:.3}, placebo {:.3}, bootstrap {:.3}; calendar time: textbook Newey-West {:.3}, quiet days {:.3}",
        share(below[0]),
        share(below[1]),
        share(below[2]),
        share(calendar[0]),
        share(calendar[1])
    );
    // 300 worlds know a share of 5 % to a standard error of 1.3 %.
    assert!(below.iter().all(|n| (0.015..0.095).contains(&share(*n))), "{below:?}");
    assert!((0.015..0.095).contains(&share(calendar[1])), "{calendar:?}");
    // The dummy of two days takes most of its own residual: the textbook's error is far too small.
    assert!(share(calendar[0]) > 0.4, "{calendar:?}");
}

/// What is planted is found, once alone and once beside a neighbour, and a sign against expectation is named.
#[test]
fn a_planted_move_is_found_and_its_neighbour_named() {
    let lift = [(300, 0.06), (301, 0.06), (450, -0.06), (451, -0.06)];
    let (world, timeline) = (world(2, 520, &lift), timeline(&[300, 400, 450, 451]));
    let outcome = study(&world, &timeline, &EventConfig::default());
    let of = |id: &str| {
        outcome.verdicts.iter().find(|verdict| verdict.placed.event.event_id == id).unwrap()
    };
    let (alone, quiet, first, second) = (of("at_300"), of("at_400"), of("at_450"), of("at_451"));
    assert_eq!((alone.finding, quiet.finding), (Finding::Found, Finding::Nothing));
    assert_eq!((first.finding, second.finding), (Finding::Confounded, Finding::Confounded));
    assert_eq!((alone.is_as_expected, first.is_as_expected), (Some(true), Some(false)));
    assert_eq!(first.placed.overlapping, ["at_451"]);
    assert!(first.sentence.en.contains("“event at_451”") && first.sentence.en.contains("against"));
    assert!(first.sentence.zh.contains("「事件 at_451」"));
    assert!(alone.sentence.en.contains("it stands:") || alone.sentence.en.contains("it stands."));
    let car = alone.spread.as_ref().unwrap().car;
    assert!((car - 0.12).abs() < 0.05, "{car}");
    // Windows that share a day are one dummy.
    let runs = outcome.calendar_time.iter().filter(|run| run.subject == SubjectName::Spread);
    let runs: Vec<(usize, usize)> = runs.map(|run| (run.events.len(), run.n_days)).collect();
    assert_eq!(runs, [(1, 2), (1, 2), (2, 3)]);
    // Pseudo events of the last event are no days of the others' windows.
    let [early, late] = [alone, second].map(|one| one.spread.as_ref().unwrap().n_placebo);
    // The first day with sixty of estimation is the eighty-first.
    assert!(early < late && late <= 451 - 80, "{early} {late}");
}

#[test]
fn what_the_data_do_not_reach_is_said() {
    let world = world(3, 300, &[]);
    let outcome = study(&world, &timeline(&[50, 200, 310]), &EventConfig::default());
    let findings: Vec<Finding> = outcome.verdicts.iter().map(|one| one.finding).collect();
    assert_eq!(findings[0], Finding::NotCovered);
    assert_eq!(findings[2], Finding::NotCovered);
    assert!(outcome.verdicts[0].sentence.en.contains("Too few closes"));
    assert!(outcome.verdicts[2].sentence.en.contains("The data end on"));
    assert!(outcome.verdicts[1].adjusted_p.is_finite() && outcome.verdicts[0].adjusted_p.is_nan());
}

#[test]
fn what_is_no_question_is_refused() {
    let (world, events) = (world(4, 300, &[]), timeline(&[200]));
    let refusal =
        |config: &EventConfig| asked(&world, &events, None, config).unwrap_err().to_string();
    let with = |change: &dyn Fn(&mut EventConfig)| {
        let mut config = EventConfig::default();
        change(&mut config);
        refusal(&config)
    };
    assert!(with(&|c| c.gap_days = 2).contains("`gap_days` is 2"));
    assert!(with(&|c| c.main_window = EventWindow { from: 0, to: 9 }).contains("main_window"));
    assert!(with(&|c| c.windows[0].to = -3).contains("windows"));
    assert!(with(&|c| c.min_estimation_days = 500).contains("min_estimation_days"));
    assert!(with(&|c| c.stocks.next = 2.0).contains("stocks.next"));
    assert!(with(&|c| c.from = Some(day(2025, 1, 2))).contains("none of the 1 events acts"));
    let misspelt = serde_json::from_str::<EventConfig>(r#"{"window": [[0, 1]]}"#);
    assert!(misspelt.unwrap_err().to_string().contains("window"));
    let mut less = asked_without(&world, Segment::Micro, &events);
    assert!(less.contains("there is no index of micro; give the closes of 868008.WI"), "{less}");
    less = asked_without(&world, Segment::Csi300, &events);
    assert!(less.contains("000300.SH"), "{less}");
}

fn asked_without(world: &World, segment: Segment, events: &Timeline) -> String {
    let segments = world.segments.iter().filter(|(s, _)| *s != segment).cloned().collect();
    let world = World { segments, market: world.market.clone() };
    asked(&world, events, None, &EventConfig::default()).unwrap_err().to_string()
}

/// A panel of stocks that share a factor; the smallest tenth is lifted on a day.
fn stocks(
    k: u64,
    n_names: usize,
    n_days: usize,
    lift: (usize, f64),
    market: &Series,
) -> StockMarket {
    let stream = &mut Seed(13).stream(k);
    let symbols: Vec<Symbol> =
        (0..n_names).map(|i| Symbol::parse(&format!("{}.SH", 600_000 + i)).unwrap()).collect();
    let (mut price, mut cap) = (Vec::new(), Vec::new());
    let mut level = vec![10.0; n_names];
    for t in 0..n_days {
        let index = if t == 0 { 0.0 } else { market.values()[t] / market.values()[t - 1] - 1.0 };
        let common = 0.01 * normal(stream);
        for (i, level) in level.iter_mut().enumerate() {
            let added = if t == lift.0 && i < n_names / 10 { lift.1 } else { 0.0 };
            *level *= 1.0 + index + common + 0.02 * normal(stream) + added;
            price.push(*level);
            // Sizes stay in their order: the first names are the smallest.
            cap.push(1e8 * (i + 1) as f64);
        }
    }
    let panel = Panel::new(days(n_days), symbols).unwrap();
    let panel = panel.with_column("adjusted_close", price).unwrap();
    let panel = panel.with_column("total_market_cap", cap).unwrap();
    StockMarket::new(panel, vec![Listing::default(); n_names]).unwrap()
}

/// The treated alone were lifted: the difference shows it, the control's tests do not, and names taken for independent
/// make the control's ordinary day look like an event.
#[test]
fn the_treated_part_from_their_control() {
    let (world, t) = (world(5, 420, &[]), 400);
    let stocks = stocks(5, 300, 420, (t, 0.08), &world.market);
    let outcome = asked(&world, &timeline(&[t]), Some(&stocks), &EventConfig::default()).unwrap();
    let verdict = &outcome.verdicts[0];
    let difference = verdict.difference.as_ref().unwrap();
    assert!((difference.car - 0.08).abs() < 0.03, "{}", difference.car);
    assert!(difference.placebo_p < 0.02 && difference.t > 5.0);
    let treated = verdict.treated.as_ref().unwrap();
    assert_eq!(treated.tests.n_names, 30);
    assert!((treated.tests.mean_correlation - 0.2).abs() < 0.08);
    assert!(treated.tests.patell_z > 2.0 * treated.tests.kolari_pynnonen_t);
    let names = outcome.tables().iter().map(|table| table.name().to_owned()).collect::<Vec<_>>();
    assert_eq!(names, ["event", "series_window", "stock_window", "calendar_time", "path"]);
    // A list of the same names is the same treatment.
    let World { segments, market } = &world;
    let listed = &stocks.symbols()[..30];
    let market = EventMarket {
        segments,
        market,
        stocks: Some(&stocks),
        treated: Some(listed),
        calendar: Calendar::shanghai(),
    };
    let by_list = event_study(&timeline(&[t]), &market, &EventConfig::default()).unwrap();
    assert_eq!(by_list.verdicts[0].treated, verdict.treated);
    let stranger = [Symbol::literal("300750.SZ")];
    let market = EventMarket { treated: Some(&stranger), ..market };
    let refusal = event_study(&timeline(&[t]), &market, &EventConfig::default()).unwrap_err();
    assert!(refusal.to_string().contains("none of the 1 treated names; the first is 300750.SZ"));
    assert!(by_list.is_listed && by_list.convention()["group"].en.contains("the user's list"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    /// Cutting the data after an event's last window leaves all that was said of it but the adjustments.
    #[test]
    fn nothing_looks_right(k in 0_u64..500, cut in 0_usize..40) {
        let (world, events) = (world(k, 420, &[(330, 0.03)]), timeline(&[300, 330, 390]));
        let stocks = stocks(k, 60, 420, (330, 0.03), &world.market);
        let config = EventConfig { replications: 50, ..EventConfig::default() };
        let whole = asked(&world, &events, Some(&stocks), &config)?;
        let last = days(420)[340 + cut];
        let early = EventConfig { to: Some(last), ..config.clone() };
        let seen = asked(&world, &events, Some(&stocks), &early)?;
        let shorter = World {
            segments: world
                .segments
                .iter()
                .map(|(segment, series)| (*segment, series.between(day(2000, 1, 1), last)))
                .collect(),
            market: world.market.between(day(2000, 1, 1), last),
        };
        let cut_off = asked(&shorter, &events, Some(&stocks.up_to(last)), &config)?;
        let of = |outcome: &EventOutcome| {
            let told = |id: &str| id == "at_300" || id == "at_330";
            let series: Vec<_> = outcome.series.iter().filter(|t| told(&t.event_id)).collect();
            let names: Vec<_> = outcome.stocks.iter().filter(|t| told(&t.event_id)).collect();
            let path: Vec<_> = outcome.path.iter().filter(|t| told(&t.event_id)).collect();
            format!("{series:?} {names:?} {path:?}")
        };
        prop_assert_eq!(of(&seen), of(&whole));
        prop_assert_eq!(of(&cut_off), of(&whole));
    }

    /// The order of the events, the unit of the closes and the number of threads change nothing.
    #[test]
    fn order_and_unit_do_not_matter(k in 0_u64..500) {
        let (world, config) = (world(k, 420, &[]), EventConfig { replications: 50, ..EventConfig::default() });
        let plain = study(&world, &timeline(&[300, 330]), &config);
        let turned = study(&world, &timeline(&[330, 300]), &config);
        prop_assert_eq!(format!("{:?}", plain), format!("{:?}", turned));
        let halved = |series: &Series| {
            let values = series.values().iter().map(|v| v / 2.0).collect();
            Series::new(series.name(), series.days().to_vec(), values).unwrap()
        };
        let half = World {
            segments: world.segments.iter().map(|(s, series)| (*s, halved(series))).collect(),
            market: halved(&world.market),
        };
        let half = study(&half, &timeline(&[300, 330]), &config);
        prop_assert_eq!(format!("{:?}", plain.series), format!("{:?}", half.series));
    }
}
