//! The record on real closes (`SHOALS_DATA`), beside three programs, on funds made by hand, and under truncation.

use proptest::prelude::*;
use shoals_core::{Segment, Series, Text, TradingDay, day};
use shoals_fund::record::{
    Peer, RecordConfig, RecordPart, SharpeError, deflated, peer_figures, record, record_convention,
    record_tables,
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

/// Identity: funds of one and the same path have ratios without spread, so chance expects none above zero.
#[test]
fn equal_ratios_are_deflated_by_nothing() {
    let days = weekdays(day(2022, 1, 3), 300);
    let path = || -> Vec<f64> {
        let mut value = 1.0;
        (0..300)
            .map(|k| {
                value *= 1.0004 + 0.01 * (f64::from(k) * 1.9).sin();
                value
            })
            .collect()
    };
    let parts =
        [(), ()].map(|()| told(&fund(days.clone(), path()), None, &RecordConfig::default()));
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
            // An episode is told once the record reaches its last day, which a weekly fund's own days need not be.
            let is_over = |name: &Text| config.crises.iter().any(|c| c.name == *name && c.to <= last);
            let crises = part.crises.iter().filter(|c| is_over(&c.episode));
            let monday = last.plus_calendar_days(-(last.weekday() as i32));
            let curve = part.curve.iter().filter(|point| point.date < monday);
            let mut all: Vec<String> = rows.map(|row| format!("{row:?}")).collect();
            all.extend(months.map(|month| format!("{month:?}")));
            all.extend(falls.iter().map(|fall| format!("{fall:?}")));
            all.extend(curve.map(|point| format!("{point:?}")));
            all.extend(crises.map(|crisis| format!("{crisis:?}")));
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

/// An oracle file's text, or `None` with a line that says the test skipped.
#[expect(clippy::disallowed_methods, reason = "a test reads its oracle")]
fn oracle(name: &str) -> Option<String> {
    let Some(folder) = std::env::var_os("SHOALS_DATA") else {
        eprintln!("skipped: SHOALS_DATA is not set, so {name} cannot be read");
        return None;
    };
    let path = std::path::PathBuf::from(folder).join("oracles").join(name);
    Some(std::fs::read_to_string(path).expect("the oracle folder holds this file"))
}

/// Days and a column of a comma-separated text; a cell that is no number is NaN.
fn column(text: &str, name: &str) -> (Vec<TradingDay>, Vec<f64>) {
    let text = text.replace('"', "");
    let mut lines = text.lines();
    let at = lines.next().unwrap().split(',').position(|cell| cell == name).expect("the column");
    lines
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            let date: u32 = cells[0].replace('-', "").parse().unwrap();
            let value = cells[at].parse().unwrap_or(f64::NAN);
            (TradingDay::from_yyyymmdd(date).unwrap(), value)
        })
        .unzip()
}

/// Witness: the closes of the winter of 2023 (`cn_index_close_20231009_20240329.csv`). The micro-cap index as if it were a fund
/// beside the CSI 300: its fall is the library's last episode from its highest to its lowest close; a fund that opens on
/// 4 January still has it.
#[test]
fn the_winter_of_2024_is_what_the_closes_say() {
    let Some(text) = oracle("cn_index_close_20231009_20240329.csv") else { return };
    let [micro, large] = ["868008.WI", "000300.SH"].map(|name| {
        let (days, closes) = column(&text, name);
        Series::new(name, days, closes).unwrap()
    });
    let part = told(&Fund::of(micro.clone()).unwrap(), Some(&large), &RecordConfig::default());
    let [winter] = &part.crises[..] else { panic!("one episode lies inside: {:?}", part.crises) };
    let at = |series: &Series, day| series.at(day).unwrap();
    let (top, bottom) = (day(2024, 1, 2), day(2024, 2, 7));
    let change = |series: &Series| at(series, bottom) / at(series, top) - 1.0;
    assert_eq!((winter.from, winter.to), (top, bottom));
    close("micro caps", winter.total_return, change(&micro), 1e-14);
    close("micro caps, printed", winter.total_return, -0.4673, 5e-5);
    close("large caps", winter.benchmark, change(&large), 1e-14);
    close("deepest", winter.max_drawdown, winter.total_return, 1e-14);
    let within = micro.between(top, bottom);
    assert!(within.values().iter().all(|x| *x <= at(&micro, top) && *x >= at(&micro, bottom)));
    let deepest = &part.falls[0];
    assert_eq!((deepest.peak_on, deepest.trough_on), (top, bottom));
    let late = Fund::of(micro.between(day(2024, 1, 4), bottom)).unwrap();
    let part = told(&late, Some(&large), &RecordConfig::default());
    assert_eq!(part.crises[0].from, day(2024, 1, 4));
    let later = Fund::of(micro.between(day(2024, 1, 10), bottom)).unwrap();
    assert!(told(&later, None, &RecordConfig::default()).crises.is_empty());
}

/// Witness: empyrical-reloaded 0.7.1, quantstats 0.0.86 and ffn 1.4.1, run on HAM1 beside the S&P 500 as if its months were days.
#[test]
fn the_peers_figures_are_theirs() {
    let Some(text) = oracle("pa_managers.csv") else { return };
    let (months, returns) = column(&text, "HAM1");
    let (_, market) = column(&text, "SP500.TR");
    let (mut value, mut levels) = (1.0, vec![1.0]);
    levels.extend(returns.iter().map(|r| {
        value *= 1.0 + r;
        value
    }));
    let days = std::iter::once(day(1995, 12, 31)).chain(months).collect();
    let periods = fund(days, levels).periods();
    let none = f64::NAN;
    #[rustfmt::skip]
    let rows = [
        (Peer::Empyrical, [
            3.126_671_464_111_969, 13.970_495_081_176_015, 0.406_844_719_127_954, 6.889_427_688_124_281, 12.142_941_336_875_936,
            -0.151_772_905_480_229, 92.048_676_520_829_63, -0.658_844_491_483_432, 2.361_588_759_837_644, -0.025_82,
            -0.051_257_142_857_143, 5.975_990_416_395_669, 0.390_603_325_605_105,
        ]),
        (Peer::Quantstats, [
            3.126_671_464_111_969, 13.970_495_081_176_015, 0.406_844_719_127_954, 6.889_427_688_124_277, 12.142_941_336_875_932,
            -0.151_772_905_480_229, 92.048_676_520_829_64, -0.666_441_725_767_493, 2.500_415_084_236_804, -0.031_032_911_030_909,
            -0.041_742_143_870_076, 1.949_980_106_625_868, 0.390_603_325_605_105,
        ]),
        (Peer::Ffn, [
            3.126_671_464_111_969, 0.137_522_890_431_721, 0.406_844_719_127_954, 6.889_427_688_124_28, 12.142_941_336_875_934,
            -0.151_772_905_480_229, 0.906_109_624_748_775, -0.666_441_725_767_493, 2.500_415_084_236_81, none, none, none, none,
        ]),
    ];
    for (peer, theirs) in rows {
        let f = peer_figures("HAM1", &periods, &market, peer).unwrap();
        let ours = [
            f.total_return,
            f.annual_return,
            f.volatility,
            f.sharpe,
            f.sortino,
            f.max_drawdown,
            f.calmar,
            f.skewness,
            f.excess_kurtosis,
            f.value_at_risk,
            f.expected_shortfall,
            f.alpha,
            f.beta,
        ];
        for (k, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
            assert_eq!(ours.is_nan(), theirs.is_nan(), "{peer:?} {k}");
            let is_met = ours.is_nan() || (ours - theirs).abs() <= 1e-12 * theirs.abs().max(1.0);
            assert!(is_met, "{peer:?} {k}: {ours}, theirs {theirs}");
        }
    }
    assert!(peer_figures("HAM1", &periods.up_to(day(1996, 2, 29)), &[], Peer::Ffn).is_err());
}

#[test]
fn the_library_runs_forward_and_knows_its_indices() {
    let episodes = RecordConfig::default().crises;
    assert_eq!(episodes.len(), 7);
    assert!(episodes.windows(2).all(|pair| pair[0].to < pair[1].from));
    let segments = [Segment::Micro, Segment::Csi1000, Segment::Csi300].map(Segment::symbol);
    assert!(episodes.iter().all(|c| c.index.as_ref().is_some_and(|i| segments.contains(i))));
}
