//! The doctor against generated markets (one defect in, exactly that finding out) and small tables.

mod clean;

use std::collections::BTreeSet;

use clean::{Bar, Dice, dates, market, numbers, open_days, stock_daily, symbols, table, texts};
use proptest::prelude::*;
use shoals_core::{Calendar, Finding, Rules, Severity, Values, day};
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
    let is_inside = |i: usize| i >= 8 && i + 4 < bars.len() && bars[i - 8].symbol == bars[i + 4].symbol;
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
            (bar.open, bar.high, bar.low, bar.pre_close) = (bar.close, bar.close, bar.close, bar.close);
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
    ("negative_count", |bars, row| change(bars, row, |bar| bar.volume = -100)),
    ("ohlc_order", |bars, row| {
        change(bars, row, |bar| bar.high = bar.open.max(bar.close) - 0.05)
    }),
    ("outside_price_limit", |bars, row| {
        change(bars, row, |bar| bar.high = bar.pre_close * 1.35)
    }),
    ("outside_price_limit", |bars, row| {
        change(bars, row, |bar| bar.low = bar.pre_close * 0.65)
    }),
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
