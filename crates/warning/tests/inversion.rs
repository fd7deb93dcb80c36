//! The inversion of January 2024 on the published index closes, and the laws of the analysis.

#[expect(dead_code, reason = "each test file reads some of the oracles")]
mod oracle;

use proptest::prelude::*;
use shoals_core::{Outcome, Seed, Segment, Series, TradingDay, Values, day};
use shoals_warning::inversion::Window;
use shoals_warning::{InversionConfig, InversionOutcome, WarningError, inversion};

fn percent(returns: &[f64], printed: [f64; 5], what: &str) {
    for (ours, printed) in returns.iter().zip(printed) {
        let error = (100.0 * ours - printed).abs();
        assert!(error <= 0.5e-2 + 1e-12, "{what}: {:.4} for {printed}", 100.0 * ours);
    }
}

/// Witness: the published returns, to half a unit of the last digit, large companies first.
#[test]
fn january_2024_is_a_perfect_inversion() {
    let Some(segments) = oracle::segments() else { return };
    let config = InversionConfig {
        from: Some(day(2023, 12, 29)),
        to: Some(day(2024, 2, 7)),
        ..InversionConfig::default()
    };
    let outcome = inversion(&segments, &config).unwrap();
    let january = outcome.months.iter().find(|month| month.period == "2024-01").unwrap();
    percent(&january.returns, [-6.29, -13.49, -18.72, -20.97, -21.28], "January");
    assert_eq!((january.rank_correlation, january.is_inverted), (-1.0, true));
    assert!((january.micro_minus_large + 0.1499).abs() < 1e-4);
    assert!(january.low < january.micro_minus_large && january.micro_minus_large < january.high);
    assert!(january.high < 0.0, "the gap of January is more than noise");
    let span = &outcome.windows[0];
    percent(&span.returns, [-2.55, -5.89, -18.50, -33.33, -45.81], "to 2024-02-07");
    assert_eq!(span.period, "2023-12-29..2024-02-07");
    assert_eq!((span.rank_correlation, span.is_inverted), (-1.0, true));
    assert!(outcome.streaks.iter().any(|s| s.end == day(2024, 2, 7) && s.days >= 5));
}

/// Witness: the closes of February 2024; by hand the ranks of its returns are 3 5 4 2 1
/// against smallness 1 2 3 4 5, so rho = 1 - 6 * 34 / 120 = -0.7: falling, but no inversion.
#[test]
fn february_2024_is_read_from_the_closes() {
    let Some(segments) = oracle::segments() else { return };
    let outcome = inversion(&segments, &InversionConfig::default()).unwrap();
    let month = |key: &str| outcome.months.iter().find(|month| month.period == key).unwrap();
    percent(&month("2024-02").returns, [9.35, 13.83, 11.69, 5.97, -4.61], "February");
    assert!((month("2024-02").rank_correlation + 0.7).abs() < 1e-12);
    assert!(!month("2024-02").is_inverted);
    // The closes start on 2023-10-09, so October has no close before it.
    assert_eq!(outcome.months[0].period, "2023-11");
}

#[test]
fn tables_have_the_names_scripts_read() {
    let Some(segments) = oracle::segments() else { return };
    let outcome = inversion(&segments, &InversionConfig::default()).unwrap();
    let columns = |name: &str, n: usize| -> Vec<String> {
        let tables = outcome.tables();
        let table = tables.iter().find(|table| table.name() == name).unwrap();
        table.columns().iter().take(n).map(|column| column.name.clone()).collect()
    };
    assert_eq!(columns("ladder", 4), ["period", "segment", "symbol", "return"]);
    let fixed = ["rank_correlation", "micro_minus_large", "is_inverted"];
    assert_eq!(columns("inversion", 1), ["period"]);
    assert_eq!(columns("inversion", 4)[1..], fixed);
    assert_eq!(columns("rolling", 1), ["date"]);
    assert_eq!(columns("rolling", 4)[1..], fixed);
    assert_eq!(columns("level", 3), ["date", "segment", "close"]);
    assert_eq!(columns("streak", 4), ["start", "end", "days", "micro_minus_large"]);
    let tables = outcome.tables();
    let Values::Text(symbols) = &tables[0].column("symbol").unwrap().values else { panic!() };
    assert_eq!(symbols[..5], ["000300.SH", "000905.SH", "000852.SH", "932000.CSI", "868008.WI"]);
    assert!(serde_json::to_string(&outcome).unwrap().contains("\"period\":\"2024-01\""));
    assert!(outcome.convention()["is_inverted"].en.contains("-0.8"));
}

#[test]
fn what_is_no_ladder_is_refused() {
    let one = |segment, values: Vec<f64>| {
        let days =
            (0..values.len() as i32).map(|i| day(2024, 1, 2).plus_calendar_days(i)).collect();
        (segment, Series::new("x", days, values).unwrap())
    };
    let rungs = [Segment::Micro, Segment::Csi1000, Segment::Csi300];
    let ladder = rungs.map(|segment| one(segment, vec![1.0, 2.0, 3.0]));
    let asked = |series: &[(Segment, Series)], config: &InversionConfig| {
        inversion(series, config).unwrap_err().to_string()
    };
    let config = InversionConfig::default();
    assert!(asked(&ladder[..2], &config).contains("at least 3 segments, found 2"));
    let twice = [ladder[0].clone(), ladder[0].clone(), ladder[1].clone()];
    assert!(asked(&twice, &config).contains("`micro` is given twice"));
    let negative = [ladder[0].clone(), ladder[1].clone(), one(Segment::Csi300, vec![1.0, -2.0])];
    assert!(asked(&negative, &config).contains("is -2 on 2024-01-03"));
    let apart = [ladder[0].clone(), ladder[1].clone(), one(Segment::Csi300, vec![1.0])];
    assert!(asked(&apart, &config).contains("two closes"));
    let mut never = apart.clone();
    never[2].1 = Series::new("x", vec![day(2020, 1, 2)], vec![1.0]).unwrap();
    assert!(asked(&never, &config).contains("share no day"));
    let days = |from: Option<TradingDay>, to: Option<TradingDay>| InversionConfig {
        from,
        to,
        ..config.clone()
    };
    let second = Some(day(2024, 1, 3));
    for (from, to, part) in [
        (second, second, "a return needs two closes"),
        (None, Some(day(2024, 1, 2)), "a return needs two closes"),
        (Some(day(2024, 1, 5)), None, "nothing to tell from 2024-01-05 on"),
        (None, Some(day(2024, 1, 1)), "nothing to tell up to 2024-01-01"),
        (second, Some(day(2024, 1, 2)), "`to` is 2024-01-02"),
    ] {
        let message = asked(&ladder, &days(from, to));
        assert!(message.contains(part), "{message}");
    }
    let early = Window { from: day(2020, 1, 2), to: day(2020, 2, 3) };
    let window = InversionConfig { windows: vec![early], ..config.clone() };
    assert!(matches!(inversion(&ladder, &window), Err(WarningError::WindowOutsideData { .. })));
    let illegal = InversionConfig { flag_threshold: 1.5, ..config };
    assert!(asked(&ladder, &illegal).contains("`flag_threshold` is 1.5, expected (0, 1]"));
    let misspelt = serde_json::from_str::<InversionConfig>(r#"{"flag_treshold": 0.8}"#);
    assert!(misspelt.unwrap_err().to_string().contains("flag_treshold"));
}

/// `from` hides earlier days, but a streak that runs across it keeps its true first day; one that runs
/// from the first full window says that it may be older still.
#[test]
fn a_streak_is_not_cut_at_from() {
    let days: Vec<TradingDay> = (0..60).map(|i| day(2024, 1, 1).plus_calendar_days(i)).collect();
    // The small companies fall from the tenth day on, so every window from then on is inverted.
    let rung = |segment: Segment, fall: f64| {
        let close = (0..60).map(|i| 100.0 + 0.1 * f64::from(i) - fall * f64::from((i - 10).max(0)));
        (segment, Series::new(segment.name(), days.clone(), close.collect()).unwrap())
    };
    let ladder =
        [rung(Segment::Micro, 0.8), rung(Segment::Csi1000, 0.4), rung(Segment::Csi300, 0.0)];
    let config = InversionConfig { rolling_days: 5, replications: 0, ..InversionConfig::default() };
    let whole = inversion(&ladder, &config).unwrap().streaks;
    assert_eq!((whole.len(), whole[0].start, whole[0].began_before), (1, days[11], false));
    let told = InversionConfig { from: Some(days[40]), ..config.clone() };
    assert_eq!(inversion(&ladder, &told).unwrap().streaks, whole);
    assert_eq!(inversion(&ladder, &told).unwrap().rolling[0].date, days[40]);
    let longer = InversionConfig { rolling_days: 20, ..config };
    assert!(inversion(&ladder, &longer).unwrap().streaks[0].began_before);
}

/// Five segments over a year of weekdays, each with its own walk.
fn market(shocks: &[f64]) -> Vec<(Segment, Series)> {
    let days: Vec<TradingDay> = (0..364)
        .map(|i| day(2023, 1, 2).plus_calendar_days(i))
        .filter(|d| d.weekday() < 5)
        .collect();
    let walk = |k: usize| -> Vec<f64> {
        let mut level = 1_000.0;
        (0..days.len())
            .map(|i| {
                level *= 1.0 + 0.03 * shocks[(i * 7 + k * 13) % shocks.len()];
                level
            })
            .collect()
    };
    let series = |k, segment: Segment| Series::new(segment.name(), days.clone(), walk(k)).unwrap();
    Segment::ALL.into_iter().enumerate().map(|(k, s)| (s, series(k, s))).collect()
}

fn text(outcome: &InversionOutcome) -> [String; 3] {
    [
        format!("{:?}", outcome.months),
        format!("{:?}", outcome.rolling),
        format!("{:?}", outcome.streaks),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// Cutting every series at a day leaves all that was said up to that day, to the bit.
    #[test]
    fn nothing_looks_right(shocks in prop::collection::vec(-1.0..1.0_f64, 97), cut in 60..250_usize) {
        let whole = market(&shocks);
        let config = InversionConfig { replications: 50, ..InversionConfig::default() };
        let last = whole[0].1.days()[cut];
        let seen: Vec<(Segment, Series)> = whole
            .iter()
            .map(|(segment, series)| (*segment, series.between(day(2000, 1, 1), last)))
            .collect();
        let (all, early) = (inversion(&whole, &config)?, inversion(&seen, &config)?);
        let n = early.rolling.len();
        prop_assert_eq!(format!("{:?}", early.rolling), format!("{:?}", &all.rolling[..n]));
        prop_assert_eq!(early.rolling.last().map(|day| day.date), Some(last));
        let n_whole_months = early.months.len() - 1;
        prop_assert_eq!(
            format!("{:?}", &early.months[..n_whole_months]),
            format!("{:?}", &all.months[..n_whole_months])
        );
        let told = inversion(&whole, &InversionConfig { to: Some(last), ..config })?;
        prop_assert_eq!(text(&told), text(&early));
    }

    /// The order the segments come in, and the unit of a price, change nothing.
    #[test]
    fn order_and_unit_do_not_matter(shocks in prop::collection::vec(-1.0..1.0_f64, 97)) {
        let series = market(&shocks);
        let config = InversionConfig { replications: 20, ..InversionConfig::default() };
        let mut turned = series.clone();
        turned.rotate_left(2);
        let halved: Vec<(Segment, Series)> = series
            .iter()
            .map(|(segment, s)| {
                let values = s.values().iter().map(|v| v / 2.0).collect();
                (*segment, Series::new(s.name(), s.days().to_vec(), values).unwrap())
            })
            .collect();
        let plain = text(&inversion(&series, &config)?);
        prop_assert_eq!(&plain, &text(&inversion(&turned, &config)?));
        prop_assert_eq!(&plain, &text(&inversion(&halved, &config)?));
    }

    /// The seed moves the bands and nothing else, and the same seed gives the same bytes.
    #[test]
    fn the_seed_moves_only_the_bands(shocks in prop::collection::vec(-1.0..1.0_f64, 97)) {
        let series = market(&shocks);
        let config = InversionConfig { replications: 20, ..InversionConfig::default() };
        let (one, two) = (
            inversion(&series, &config)?,
            inversion(&series, &InversionConfig { seed: Seed(1), ..config.clone() })?,
        );
        for (a, b) in one.months.iter().zip(&two.months) {
            prop_assert_eq!(&a.returns, &b.returns);
            prop_assert_eq!(a.is_inverted, b.is_inverted);
        }
        prop_assert!(one.months.iter().zip(&two.months).any(|(a, b)| a.low != b.low));
        prop_assert_eq!(text(&inversion(&series, &config)?), text(&one));
    }
}

/// A missing close leaves its day out for every segment: days are matched by date, not by position.
#[test]
fn days_are_matched_by_date() {
    let series = market(&[0.3, -0.5, 0.2, 0.9, -0.4, 0.1, -0.8]);
    let config = InversionConfig { replications: 0, ..InversionConfig::default() };
    let gap = series[0].1.days()[30];
    let mut holed = series.clone();
    let mut values = series[2].1.values().to_vec();
    values[30] = f64::NAN;
    holed[2].1 = Series::new("x", series[2].1.days().to_vec(), values).unwrap();
    let outcome = inversion(&holed, &config).unwrap();
    assert!(outcome.rolling.iter().all(|row| row.date != gap));
    let whole = inversion(&series, &config).unwrap();
    assert_eq!(outcome.months[5].returns, whole.months[5].returns);
    assert!(outcome.rolling[0].low.is_nan());
}
