//! The doctor against generated markets (one defect in, exactly that finding out) and small tables.

mod clean;
mod real;
mod small_tables;

use std::collections::BTreeSet;

use clean::{Bar, Dice, market, numbers, stock_daily, symbols, table};
use proptest::prelude::*;
use shoals_core::{Calendar, Finding, Rules, Severity, Values};
use shoals_data::doctor::{CHECKS, examine, examine_table, render, summary};
use shoals_data::{Loaded, MarketTable};

fn doctor(loaded: &[Loaded]) -> Vec<Finding> {
    examine(loaded, Calendar::shanghai(), Rules::builtin())
}

fn kinds(findings: &[Finding]) -> BTreeSet<&str> {
    findings.iter().map(|finding| finding.kind.as_str()).collect()
}

/// The only finding.
fn only(loaded: &[Loaded]) -> Finding {
    let mut findings = doctor(loaded);
    assert_eq!(findings.len(), 1, "{findings:#?}");
    findings.remove(0)
}

/// A defect put into the bars at a row; the tag of the row that must be named.
type Defect = fn(&mut Vec<Bar>, usize) -> usize;

/// Inserts a row right after its model.
fn insert(bars: &mut Vec<Bar>, row: usize, change: impl Fn(&mut Bar)) -> usize {
    let tag = bars.len();
    let mut bar = Bar { tag, ..bars[row].clone() };
    change(&mut bar);
    bars.insert(row + 1, bar);
    tag
}

fn change(bars: &mut [Bar], row: usize, change: impl Fn(&mut Bar)) -> usize {
    change(&mut bars[row]);
    bars[row].tag
}

/// The next row from `row` on that is an ordinary trading day, well inside a life.
fn ordinary(bars: &[Bar], row: usize) -> usize {
    let is_inside =
        |i: usize| i >= 8 && i + 4 < bars.len() && bars[i - 8].symbol == bars[i + 4].symbol;
    let is_plain = |i: usize| !bars[i].is_ex_right && !bars[i].is_suspended && is_inside(i);
    (row..bars.len()).chain(0..row).find(|&i| is_plain(i)).expect("lives are long")
}

const DEFECTS: &[(&str, Defect)] = &[
    ("duplicate_row", |bars, row| insert(bars, row, |_| {})),
    ("duplicate_key", |bars, row| insert(bars, row, |bar| bar.volume += 100)),
    ("closed_day", |bars, row| {
        let friday = (row..bars.len())
            .chain(0..row)
            .find(|&i| (bars[i].date + 3).rem_euclid(7) == 4 && ordinary(bars, i) == i)
            .expect("a life has Fridays");
        insert(bars, friday, |bar| {
            bar.date += 1;
            (bar.open, bar.high, bar.low, bar.pre_close) =
                (bar.close, bar.close, bar.close, bar.close);
            bar.amount = bar.close * bar.volume as f64;
        })
    }),
    ("missing_days", |bars, row| {
        bars.remove(row);
        bars[row].tag
    }),
    ("not_finite", |bars, row| change(bars, row, |bar| bar.amount = f64::INFINITY)),
    ("non_positive_price", |bars, row| change(bars, row, |bar| bar.open = -1.0)),
    ("zero_price_untraded", |bars, row| {
        change(bars, row, |bar| {
            (bar.open, bar.high, bar.low, bar.volume, bar.amount) = (0.0, 0.0, 0.0, 0, 0.0);
        })
    }),
    ("traded_without_volume", |bars, row| change(bars, row, |bar| bar.volume = 0)),
    ("negative_count", |bars, row| change(bars, row, |bar| bar.volume = -100)),
    ("ohlc_order", |bars, row| {
        change(bars, row, |bar| {
            bar.high = bar.open.max(bar.close) - 0.02;
            bar.amount = bar.volume as f64 * bar.high;
        })
    }),
    ("outside_price_limit", |bars, row| change(bars, row, |bar| bar.high = bar.pre_close * 1.35)),
    ("outside_price_limit", |bars, row| change(bars, row, |bar| bar.low = bar.pre_close * 0.65)),
    ("jump_against_adjust_factor", |bars, row| {
        let symbol = bars[row].symbol;
        let later = bars[row..].iter_mut().take_while(|bar| bar.symbol == symbol);
        later.for_each(|bar| bar.factor *= 2.0);
        change(bars, row, |bar| bar.pre_close = f64::NAN)
    }),
    ("pre_close_is_shifted_close", |bars, row| {
        let ex = (row..bars.len()).chain(0..row).find(|&i| bars[i].is_ex_right).expect("some");
        let last = bars[ex - 1].close;
        change(bars, ex, |bar| bar.pre_close = last)
    }),
    ("unit_mistake", |bars, row| change(bars, row, |bar| bar.amount /= 1e3)),
    ("unit_mistake", |bars, row| change(bars, row, |bar| bar.amount /= 1e4)),
    ("unit_mistake", |bars, row| change(bars, row, |bar| bar.amount /= 1e8)),
    ("unit_mistake", |bars, row| change(bars, row, |bar| bar.amount *= 1e2)),
    ("amount_against_volume", |bars, row| change(bars, row, |bar| bar.amount *= 1.5)),
    ("turnover_above_float", |bars, row| {
        change(bars, row, |bar| {
            bar.volume = (bar.float_shares * 1.2) as i64;
            bar.amount = bar.volume as f64 * bar.close;
        })
    }),
    ("float_above_total", |bars, row| {
        change(bars, row, |bar| bar.float_shares = bar.total_shares * 1.5)
    }),
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// A generated market has no findings, however it is ordered and cut into batches.
    #[test]
    fn a_clean_market_has_no_findings(seed: u64, by_day: bool, batch in 1..700_usize) {
        let mut bars = market(seed, 12, 90);
        if by_day {
            bars.sort_by_key(|bar| bar.date);
        }
        prop_assert_eq!(doctor(&[stock_daily(&bars, batch)]), vec![]);
    }

    /// One defect gives findings of its kind only, and they name its row.
    #[test]
    fn a_defect_gives_its_finding_at_its_row(
        seed: u64,
        which in 0..DEFECTS.len(),
        by_day: bool,
        batch in 1..700_usize,
    ) {
        let mut bars = market(seed, 12, 90);
        let row = ordinary(&bars, Dice(seed).below(bars.len()));
        let (kind, put_in) = DEFECTS[which];
        let tag = put_in(&mut bars, row);
        if by_day {
            bars.sort_by_key(|bar| bar.date);
        }
        let at = bars.iter().position(|bar| bar.tag == tag).expect("the row is there");
        let findings = doctor(&[stock_daily(&bars, batch)]);
        prop_assert!(!findings.is_empty(), "nothing found for {}", kind);
        for finding in findings {
            prop_assert_eq!(&finding.kind, kind, "{}", finding);
            prop_assert_eq!(finding.row, Some(at as u64 + 1), "{}", finding);
            prop_assert_eq!(finding.count, 1, "{}", finding);
            prop_assert_eq!(finding.symbol.map(|s| s.to_string()), Some(clean::code(bars[at].symbol)));
            prop_assert_eq!(finding.date.map(shoals_core::TradingDay::epoch_days), Some(bars[at].date));
        }
    }

    /// Damaged numbers never panic the doctor, and the answer does not depend on the threads.
    #[test]
    fn any_values_are_answered(
        rows in proptest::collection::vec(
            (any::<i32>(), 0..3_u32, any::<f64>(), any::<f64>(), any::<i64>()), 1..40),
    ) {
        let model = market(1, 1, 20).remove(0);
        let bars: Vec<Bar> = rows
            .into_iter()
            .map(|(date, symbol, high, close, volume)| {
                Bar { date, symbol, high, close, volume, ..model.clone() }
            })
            .collect();
        let loaded = [stock_daily(&bars, 7)];
        let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("one thread");
        prop_assert_eq!(doctor(&loaded), alone.install(|| doctor(&loaded)));
    }
}

#[test]
fn every_kind_found_is_a_listed_check() {
    for (kind, _) in DEFECTS {
        assert!(CHECKS.iter().any(|check| check.kind == *kind), "{kind}");
    }
}

#[test]
fn newest_first_is_a_note() {
    let mut bars = market(3, 1, 60);
    bars.reverse();
    let finding = only(&[stock_daily(&bars, 1_000)]);
    assert_eq!((finding.kind.as_str(), finding.severity), ("unsorted_days", Severity::Note));
    assert_eq!((finding.row, finding.count), (Some(2), 59));
}

#[test]
fn a_day_nobody_has_is_one_finding() {
    let mut bars = market(3, 6, 60);
    let day = bars[20].date;
    bars.retain(|bar| bar.date != day);
    let finding = only(&[stock_daily(&bars, 1_000)]);
    assert_eq!((finding.kind.as_str(), finding.count), ("missing_market_day", 1));
    assert_eq!(finding.date.map(shoals_core::TradingDay::epoch_days), Some(day));
}

#[test]
fn gaps_of_a_source_that_marks_no_suspension_are_a_note() {
    let mut bars = market(3, 5, 60);
    bars.retain(|bar| !bar.is_suspended);
    let finding = only(&[stock_daily(&bars, 1_000)]);
    assert_eq!((finding.kind.as_str(), finding.severity), ("missing_days", Severity::Note));
    assert_eq!(finding.count, 5);
}

#[test]
fn a_misread_year_is_severe_and_a_new_one_a_warning() {
    for (date, severity) in [("2099-01-05", Severity::Severe), ("2027-01-04", Severity::Warning)] {
        let mut bars = market(3, 1, 60);
        bars[59].date = date.parse::<shoals_core::TradingDay>().unwrap().epoch_days();
        let finding = only(&[stock_daily(&bars, 1_000)]);
        assert_eq!((finding.kind.as_str(), finding.severity), ("outside_calendar", severity));
        assert_eq!(finding.found, date);
    }
}

#[test]
fn files_of_one_import_are_compared_with_each_other() {
    let bars = market(3, 2, 60);
    let (mut first, mut second) = (stock_daily(&bars, 50), stock_daily(&bars, 1_000));
    (first.file, second.file) = ("a.csv".into(), "b.csv".into());
    assert_eq!(doctor(&[first.clone(), second]), vec![]);
    let mut other = bars.clone();
    other[30].volume += 5_000_000;
    other[30].amount = f64::NAN;
    let mut second = stock_daily(&other, 1_000);
    second.file = "b.csv".into();
    let finding = only(&[first, second]);
    assert_eq!((finding.kind.as_str(), finding.file.as_str()), ("conflicting_files", "b.csv"));
    assert_eq!(finding.row, Some(31));
    assert!(finding.found.starts_with("volume"), "{finding}");
}

#[test]
fn skipped_source_rows_and_source_columns_are_named() {
    let mut bars = market(3, 1, 60);
    bars[20].close = -1.0;
    let mut loaded = stock_daily(&bars, 7);
    loaded.source_rows = Some((1..=60).map(|i| 2 * i).collect());
    let findings = doctor(&[loaded]);
    let finding = findings.iter().find(|f| f.kind == "non_positive_price").expect("found");
    assert_eq!((finding.row, finding.column.as_deref()), (Some(42), Some("收盘")));
    assert_eq!(finding.severity, Severity::Severe);
}

/// Writes a row in another unit.
type Spoil = fn(&mut Bar);

/// A whole column in the wrong unit: the trap of every source that says so only in its manual.
#[test]
fn a_file_in_other_units_is_refused_with_the_unit_named() {
    let whole: [(Spoil, &str, &str, &str); 9] = [
        (|bar| bar.amount /= 1e3, "额", "thousand CNY", "--unit 额=千元"),
        (|bar| bar.amount /= 1e4, "额", "ten thousand CNY", "--unit 额=万元"),
        (|bar| bar.amount /= 1e8, "额", "hundred million CNY", "--unit 额=亿元"),
        (|bar| bar.volume /= 100, "vol", "lots", "--unit vol=手"),
        (
            |bar| (bar.volume, bar.amount) = (bar.volume / 100, bar.amount / 1e3),
            "额",
            "lots and amount",
            "--unit vol=手 --unit 额=千元",
        ),
        (|bar| bar.volume *= 100, "vol", "was read as lots, or", "--unit vol=股, or --unit vol=手"),
        (
            |bar| (bar.volume, bar.amount) = (bar.volume * 100, bar.amount * 1e3),
            "vol",
            "shares and amount in CNY",
            "--unit vol=股 --unit 额=元",
        ),
        (|bar| bar.amount *= 1e3, "额", "read as thousands", "--unit 额=元"),
        (|bar| bar.amount *= 1e4, "vol", "read as ten thousands", "or --unit 额=元"),
    ];
    for (spoil, column, meaning, flag) in whole {
        let mut bars = market(5, 4, 60);
        bars.iter_mut().for_each(spoil);
        let mut loaded = stock_daily(&bars, 1_000);
        for (column, source) in [("volume", "vol"), ("amount", "额")] {
            loaded.source_columns.insert(column.to_owned(), source.to_owned());
        }
        let findings = doctor(&[loaded]);
        let speaks = |f: &&Finding| f.kind == "unit_mistake" && f.found.contains(meaning);
        let finding = findings.iter().find(speaks).expect(meaning);
        assert_eq!((finding.severity, finding.column.as_deref()), (Severity::Severe, Some(column)));
        assert!(finding.remedy.contains(flag), "{finding}");
        assert!(finding.count > 200, "{finding}");
    }
}

#[test]
fn every_ex_right_day_with_a_shifted_close_is_severe() {
    let mut bars = market(5, 4, 90);
    for i in 1..bars.len() {
        if bars[i].is_ex_right {
            bars[i].pre_close = bars[i - 1].close;
        }
    }
    let finding = only(&[stock_daily(&bars, 1_000)]);
    assert_eq!(finding.kind, "pre_close_is_shifted_close");
    assert_eq!((finding.severity, finding.count), (Severity::Severe, 8));
}

#[test]
fn adjusted_prices_in_an_unadjusted_table_are_seen() {
    let mut bars = market(5, 6, 60);
    for bar in &mut bars {
        let factor = 0.837_651_23;
        for price in
            [&mut bar.open, &mut bar.high, &mut bar.low, &mut bar.close, &mut bar.pre_close]
        {
            *price *= factor;
        }
        bar.amount *= factor;
    }
    assert_eq!(only(&[stock_daily(&bars, 1_000)]).kind, "off_tick_price");
}

#[test]
fn prices_divided_by_the_first_close_are_severe() {
    let mut bars = market(5, 6, 60);
    let mut first = (u32::MAX, 0.0);
    for bar in &mut bars {
        if bar.symbol != first.0 {
            first = (bar.symbol, bar.close);
        }
        bar.factor *= first.1;
        for price in
            [&mut bar.open, &mut bar.high, &mut bar.low, &mut bar.close, &mut bar.pre_close]
        {
            *price /= first.1;
        }
        bar.amount /= first.1;
    }
    let findings = doctor(&[stock_daily(&bars, 1_000)]);
    let finding = findings.iter().find(|f| f.kind == "normalised_price").expect("found");
    assert_eq!((finding.severity, finding.count), (Severity::Severe, 6));
}

#[test]
fn prices_mostly_outside_their_limits_are_severe() {
    let mut bars = market(5, 4, 60);
    for bar in &mut bars {
        bar.pre_close *= 0.6;
    }
    let findings = doctor(&[stock_daily(&bars, 1_000)]);
    let finding = findings.iter().find(|f| f.kind == "outside_price_limit").expect("found");
    assert_eq!(finding.severity, Severity::Severe);
}

#[test]
fn a_forward_filled_suspension_is_stale() {
    let mut bars = market(5, 1, 60);
    let last = bars[34].close;
    for bar in &mut bars[35..] {
        (bar.open, bar.high, bar.low, bar.close, bar.pre_close) = (last, last, last, last, last);
        (bar.volume, bar.amount, bar.factor, bar.is_suspended) = (0, 0.0, 1.5, false);
    }
    let findings = doctor(&[stock_daily(&bars, 1_000)]);
    let finding = findings.iter().find(|f| f.kind == "stale_series").expect("found");
    assert_eq!((finding.row, finding.count), (Some(36), 25));
}

#[test]
fn a_panel_in_which_nothing_ever_stops_hints_at_survivorship() {
    let bars: Vec<Bar> =
        market(5, 420, 500).into_iter().filter(|bar| bar.symbol % 7 != 6).collect();
    let finding = only(&[stock_daily(&bars, 8_192)]);
    assert_eq!((finding.kind.as_str(), finding.severity), ("survivorship_hint", Severity::Warning));
    assert!(finding.found.starts_with("0 of 360 symbols"), "{finding}");
    assert_eq!(doctor(&[stock_daily(&market(5, 420, 500), 8_192)]), vec![]);
}

#[test]
fn a_null_in_the_key_is_severe() {
    let bars = market(5, 1, 20);
    let mut loaded = stock_daily(&bars, 1_000);
    let batch = &loaded.batches[0];
    let dates: Vec<Option<i32>> =
        bars.iter().enumerate().map(|(i, bar)| (i != 4).then_some(bar.date)).collect();
    let fields: Vec<arrow_schema::Field> = (batch.schema().fields().iter())
        .map(|field| field.as_ref().clone().with_nullable(true))
        .collect();
    let mut columns = batch.columns().to_vec();
    columns[0] = std::sync::Arc::new(arrow_array::Date32Array::from(dates));
    let schema = std::sync::Arc::new(arrow_schema::Schema::new(fields));
    loaded.batches = vec![arrow_array::RecordBatch::try_new(schema, columns).unwrap()];
    let findings = doctor(&[loaded]);
    let finding = findings.iter().find(|f| f.kind == "null_key").expect("found");
    assert_eq!((finding.severity, finding.row), (Severity::Severe, Some(5)));
}

#[test]
fn a_capitalisation_in_ten_thousands_is_held_against_price_times_shares() {
    let bars: Vec<Bar> = market(5, 3, 60);
    let daily = stock_daily(&bars, 1_000);
    let mut caps: Vec<f64> = bars.iter().map(|bar| bar.close * bar.total_shares).collect();
    caps[77] /= 1e4;
    let codes: Vec<String> = bars.iter().map(|bar| clean::code(bar.symbol)).collect();
    let valuation = table(
        MarketTable::StockValuation,
        "basic.csv",
        &[
            ("date", clean::days(&bars.iter().map(|bar| bar.date).collect::<Vec<_>>())),
            ("symbol", symbols(&codes.iter().map(String::as_str).collect::<Vec<_>>())),
            ("total_market_cap", numbers(&caps)),
        ],
    );
    let finding = only(&[daily, valuation]);
    assert_eq!((finding.kind.as_str(), finding.file.as_str()), ("unit_mistake", "basic.csv"));
    assert_eq!((finding.row, finding.count, finding.severity), (Some(78), 1, Severity::Severe));
}

#[test]
fn one_table_can_be_examined_alone() {
    let mut bars = market(5, 2, 60);
    bars[20].volume = -1;
    let loaded = [stock_daily(&bars, 1_000)];
    let alone = |table| examine_table(table, &loaded, Calendar::shanghai(), Rules::builtin());
    assert_eq!(kinds(&alone(MarketTable::StockDaily)), BTreeSet::from(["negative_count"]));
    assert_eq!(alone(MarketTable::IndexDaily), vec![]);
    assert_eq!(doctor(&[]), vec![]);
}

#[test]
fn findings_become_a_table_and_text() {
    let mut bars = market(5, 2, 60);
    bars[20].volume = -1;
    let findings = doctor(&[stock_daily(&bars, 1_000)]);
    let table = summary(&findings);
    assert_eq!((table.name(), table.n_rows()), ("finding", 1));
    assert_eq!(table.column("kind").unwrap().values, Values::Text(vec!["negative_count".into()]));
    assert!(render(&findings, shoals_core::Lang::En).ends_with("1 severe, 0 warnings, 0 notes\n"));
}

#[test]
fn every_kind_is_known_once() {
    let known: Vec<&str> = shoals_data::doctor::known_kinds().collect();
    assert!(known.is_sorted_by(|a, b| a < b), "{known:?}");
    assert!(CHECKS.iter().all(|check| known.contains(&check.kind)));
    for kind in ["bad_number", "short_bin", "row_cap", "mixed_kinds", "source_line"] {
        assert!(known.contains(&kind), "{kind}");
    }
    assert!(!known.contains(&"no_such_kind"));
}
