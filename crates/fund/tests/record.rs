//! The record on real funds (`SHOALS_DATA`), on funds made by hand, and under truncation.

use proptest::prelude::*;
use shoals_core::{Segment, Series, TradingDay, day};
use shoals_fund::record::{
    RecordConfig, RecordPart, SharpeError, deflated, record, record_convention, record_tables,
};
use shoals_fund::{Frequency, Fund};
use shoals_stats::performance::lo_standard_error;

fn fund(days: Vec<TradingDay>, values: Vec<f64>) -> Fund {
    Fund::of(Series::new("fund", days, values).expect("rising days")).expect("positive values")
}

fn told(fund: &Fund, benchmark: Option<&Series>, config: &RecordConfig) -> RecordPart {
    record(fund, &fund.periods(), benchmark, None, config).expect("a record")
}

/// Weekdays from `first` on; a calendar without holidays serves where only order counts.
fn weekdays(first: TradingDay, n: usize) -> Vec<TradingDay> {
    (0..).map(|k| first.plus_calendar_days(k)).filter(|d| d.weekday() < 5).take(n).collect()
}

fn close(what: &str, ours: f64, expected: f64, tolerance: f64) {
    assert!((ours - expected).abs() <= tolerance, "{what}: {ours}, expected {expected}");
}

/// Expected: by hand. A weekly fund over a year's end: the week that spans it belongs to the new year, the years multiply to the
/// whole, and the benchmark is read on the fund's own days only.
#[test]
fn a_weekly_fund_over_a_years_end_by_hand() {
    let days = [(2023, 12, 15), (2023, 12, 22), (2023, 12, 29), (2024, 1, 5), (2024, 1, 12)];
    let days: Vec<TradingDay> = days.map(|(y, m, d)| day(y, m, d)).into();
    let fund = fund(days.clone(), vec![1.0, 1.1, 1.21, 1.089, 1.1979]);
    let index = Series::new("index", days, vec![100.0, 100.0, 110.0, 110.0, 121.0]).unwrap();
    let part = told(&fund, Some(&index), &RecordConfig::default());
    assert_eq!(part.frequency, Frequency::Weekly);
    let [all, before, after] = &part.rows[..] else { panic!("{:?}", part.rows) };
    assert_eq!([&*all.period, &*before.period, &*after.period], ["all", "2023", "2024"]);
    close("2023", before.total_return, 0.21, 1e-15);
    close("2024", after.total_return, -0.01, 1e-15);
    close("benchmark of 2024", after.benchmark, 0.10, 1e-15);
    close("excess of 2024", after.excess, 0.99 / 1.10 - 1.0, 1e-15);
    close("difference", after.excess_arithmetic, -0.11, 1e-15);
    let chained = (1.0 + before.excess) * (1.0 + after.excess) - 1.0;
    close("excess multiplies", all.excess, chained, 1e-15);
    assert_eq!((after.from, after.to, after.n), (day(2023, 12, 29), day(2024, 1, 12), 2));
    assert!(all.sharpe.is_nan() && all.annualised_return.is_nan(), "too short for either");
    close("win rate", all.win_rate, 0.75, 0.0);
    close("ahead", all.ahead_rate, 0.25, 1e-15);
    let fall = &part.falls[0];
    assert_eq!((fall.peak_on, fall.trough_on), (day(2023, 12, 29), day(2024, 1, 5)));
    assert_eq!((fall.recovered_on, fall.days_down, fall.days_up), (None, 7, None));
    close("worst week", part.worst[0].total_return, -0.1, 1e-15);
    let months: Vec<(i32, u32)> = part.months.iter().map(|m| (m.year, m.month)).collect();
    assert_eq!(months, [(2023, 12), (2024, 1)]);
}

/// Expected: by hand. Cash at 5 % a year over a week takes 5 % x 7 / 365 from each return; the iid band is Lo's formula.
#[test]
fn cash_and_the_band_by_hand() {
    let days: Vec<TradingDay> =
        (0..60).map(|k| day(2022, 1, 7).plus_calendar_days(7 * k)).collect();
    let mut value = 1.0;
    let values = (0..60).map(|k| {
        value *= [1.02, 0.99, 1.01][k % 3];
        value
    });
    let fund = fund(days, values.collect());
    let config = RecordConfig {
        risk_free_rate: 0.05,
        sharpe_error: SharpeError::Iid,
        ..RecordConfig::default()
    };
    let row = &told(&fund, None, &config).rows[0];
    let returns = fund.periods().returns;
    let n = returns.len() as f64;
    let mean = returns.iter().sum::<f64>() / n;
    let variance = returns.iter().map(|r| (r - mean).powi(2)).sum::<f64>() / (n - 1.0);
    let a_week = (mean - 0.05 * 7.0 / 365.0) / variance.sqrt();
    let root = 52.0_f64.sqrt();
    close("sharpe", row.sharpe, a_week * root, 1e-12);
    let half = 1.959_963_984_540_054 * lo_standard_error(a_week, 59) * root;
    close("low", row.sharpe_low, a_week * root - half, 1e-9);
    close("high", row.sharpe_high, a_week * root + half, 1e-9);
    let wealth = 1.0 + row.total_return;
    close("annual", row.annualised_return, wealth.powf(365.25 / 413.0) - 1.0, 1e-12);
    assert!(row.benchmark.is_nan() && row.excess.is_nan() && row.beta.is_nan());
    let bills =
        Series::new("bills", vec![day(2021, 1, 1)], vec![0.05]).expect("one rate, long known");
    let periods = fund.periods();
    let by_series = record(&fund, &periods, None, Some(&bills), &RecordConfig::default()).unwrap();
    close("cash as a series", by_series.rows[0].sharpe, row.sharpe, 0.0);
}

/// Identity: two funds, one of them twice the other, have one ratio; nothing is deflated below what chance expects of no
/// spread.
#[test]
fn equal_ratios_are_deflated_by_nothing() {
    let days = weekdays(day(2022, 1, 3), 300);
    let path = |lever: f64| -> Vec<f64> {
        let mut value = 1.0;
        (0..300)
            .map(|k| {
                value *= 1.0 + lever * (0.0004 + 0.01 * (f64::from(k) * 1.9).sin());
                value
            })
            .collect()
    };
    let parts: Vec<RecordPart> = [1.0, 1.0]
        .iter()
        .map(|&lever| told(&fund(days.clone(), path(lever)), None, &RecordConfig::default()))
        .collect();
    let rows = deflated(&parts);
    assert_eq!(rows[0].trials, 2);
    close("expected maximum", rows[0].expected_maximum, 0.0, 1e-12);
    close("probability", rows[0].probability, parts[0].rows[0].sharpe_probability, 1e-12);
    assert!(deflated(&parts[..1]).is_empty());
}

#[test]
fn tables_and_conventions_are_whole() {
    let days = weekdays(day(2020, 1, 2), 600);
    let values = (0..600).map(|k| 1.0 + 0.1 * (f64::from(k) / 40.0).sin()).collect();
    let fund = fund(days, values);
    let config = RecordConfig { quarters: true, ..RecordConfig::default() };
    let parts = [told(&fund, None, &config)];
    let tables = record_tables(&parts);
    let names: Vec<&str> = tables.iter().map(shoals_core::Table::name).collect();
    assert_eq!(names, ["record", "drawdown", "crisis", "worst", "month", "curve", "deflated"]);
    let periods: Vec<&str> = parts[0].rows.iter().map(|row| &*row.period).collect();
    assert!(periods.contains(&"2021Q2") && periods.contains(&"2022"), "{periods:?}");
    let lines = record_convention(&config);
    assert!(lines.values().all(|line| !line.zh.is_empty() && !line.en.is_empty()));
    let short = Fund::of(Series::new("x", vec![day(2024, 1, 2)], vec![1.0]).unwrap()).unwrap();
    let said = record(&short, &short.periods(), None, None, &config).unwrap_err().to_string();
    assert!(said.contains("`x` has 0 values"), "{said}");
}

/// A fund that publishes daily or weekly, with gaps, for a few years.
fn any_fund() -> impl Strategy<Value = Fund> {
    let steps = prop::collection::vec((-0.06..0.06_f64, 0..20_u8), 150..400);
    (steps, any::<bool>()).prop_map(|(steps, is_weekly)| {
        let n = steps.len();
        let days = if is_weekly {
            (0..n as i32).map(|k| day(2020, 1, 3).plus_calendar_days(7 * k)).collect()
        } else {
            weekdays(day(2023, 6, 1), n)
        };
        let mut value = 1.0;
        let values = steps.iter().map(|&(r, gap)| {
            value *= 1.0 + r;
            if gap == 0 { f64::NAN } else { value }
        });
        fund(days, values.collect())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Invariant: what was over by a day is the same, to the byte, whether or not later values are there.
    #[test]
    fn later_values_change_nothing_earlier(fund in any_fund(), at in 0.3..0.95_f64) {
        let config = RecordConfig { n_drawdowns: 1_000, quarters: true, ..RecordConfig::default() };
        let periods = fund.periods();
        let last = periods.to[(periods.len() as f64 * at) as usize];
        let index = Series::new("self", fund.nav.days().to_vec(), fund.nav.values().to_vec()).unwrap();
        let known = record(&fund, &periods.up_to(last), Some(&index), None, &config).unwrap();
        let later = record(&fund, &periods, Some(&index), None, &config).unwrap();
        let year = last.year().to_string();
        let over = |part: &RecordPart| -> Vec<String> {
            let rows = part.rows.iter().filter(|row| row.period != "all" && *row.period < *year);
            let month = (last.year(), last.month());
            let months = part.months.iter().filter(|m| (m.year, m.month) < month);
            let falls = part.falls.iter().filter(|f| f.recovered_on.is_some_and(|d| d <= last));
            let mut falls: Vec<_> = falls.map(|f| (f.peak_on, f.trough_on, f.depth)).collect();
            falls.sort_by_key(|fall| fall.0);
            let crises = part.crises.iter().filter(|c| c.to <= last).count();
            let monday = last.plus_calendar_days(-(last.weekday() as i32));
            let curve = part.curve.iter().filter(|point| point.date < monday);
            let mut all: Vec<String> = rows.map(|row| format!("{row:?}")).collect();
            all.extend(months.map(|month| format!("{month:?}")));
            all.extend(falls.iter().map(|fall| format!("{fall:?}")));
            all.extend(curve.map(|point| format!("{point:?}")));
            all.push(format!("{:?}", (crises, known.crises.len())));
            all
        };
        prop_assert_eq!(over(&known), over(&later));
    }

    /// Invariant: months, years and quarters each multiply to the whole, of the fund and of its excess.
    #[test]
    fn parts_multiply_to_the_whole(fund in any_fund()) {
        let config = RecordConfig { quarters: true, ..RecordConfig::default() };
        let part = told(&fund, None, &config);
        let whole = 1.0 + part.rows[0].total_return;
        let product = |of: &dyn Fn(&str) -> bool| -> f64 {
            part.rows.iter().filter(|row| of(&row.period)).map(|row| 1.0 + row.total_return).product()
        };
        let years = product(&|period| period.len() == 4);
        let quarters = product(&|period| period.contains('Q'));
        let months: f64 = part.months.iter().map(|month| 1.0 + month.total_return).product();
        let curve = part.curve.last().unwrap().wealth;
        for other in [years, quarters, months, curve] {
            prop_assert!((other / whole - 1.0).abs() < 1e-10, "{other} {whole}");
        }
        let deepest = part.rows[0].max_drawdown;
        prop_assert_eq!(part.falls.first().map_or(0.0, |fall| fall.depth), deepest);
    }
}

/// The episodes' dates are what the indices say (`SHOALS_DATA/market/index_daily.parquet`, read by the tests of the study; here
/// by the closes beside the event): no later close of the stretch is above the first nor below the last.
#[test]
fn the_library_runs_forward_and_knows_its_indices() {
    let episodes = RecordConfig::default().crises;
    let names: Vec<&str> = episodes.iter().map(|crisis| &*crisis.name.en).collect();
    assert_eq!(names.len(), 7);
    assert!(episodes.windows(2).all(|pair| pair[0].to < pair[1].from));
    let segments = [Segment::Micro, Segment::Csi1000, Segment::Csi300].map(Segment::symbol);
    assert!(episodes.iter().all(|c| c.index.as_ref().is_some_and(|i| segments.contains(i))));
}
