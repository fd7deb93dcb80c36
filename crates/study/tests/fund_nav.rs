//! NAVs of real funds (`SHOALS_DATA`) and of the built-in market, read back to what a holder earned.

#![expect(clippy::print_stdout, reason = "the evidence is read, not only asserted")]

use std::collections::BTreeMap;
use std::path::PathBuf;

use shoals_core::{Seed, Symbol, Table, TradingDay, Values, day};
use shoals_data::formats::{FundValues, ReadOptions, read_navs, read_table};
use shoals_fund::nav::{NavConfig, NavEventKind, NavPart, PublishedNav, examine, total_return};
use shoals_sample::{SampleConfig, generate};

fn published(fund: &FundValues) -> PublishedNav {
    let mut published = PublishedNav::new(fund.symbol.code());
    for (t, &day) in fund.days.iter().enumerate() {
        let row = [fund.unit[t], fund.accumulated[t], fund.adjusted[t], fund.dividend[t]];
        published.push(day, row);
    }
    published
}

#[expect(clippy::disallowed_methods, reason = "a test finds the real data")]
fn real_file() -> Option<PathBuf> {
    let root = std::env::var_os("SHOALS_DATA").map(PathBuf::from);
    if root.is_none() {
        eprintln!("skipped: SHOALS_DATA is not set, so real NAVs cannot be read");
    }
    root.map(|root| root.join("market/fund_nav_2024.parquet"))
}

fn days(table: &Table) -> &[TradingDay] {
    let Values::Day(days) = &table.column("date").unwrap().values else { panic!("days") };
    days
}

/// Witness: the daily change the publisher prints beside each value (`pct`, two decimals of a percent), which is used for
/// nothing else. Dividends are withheld from the reading: they must come out of unit and accumulated value.
#[test]
fn every_return_of_88_real_funds_is_the_published_one_to_its_rounding() {
    let Some(path) = real_file() else { return };
    let (funds, _) = read_navs(&path, &ReadOptions::default()).unwrap();
    let table = read_table(&path).unwrap();
    let Values::Text(codes) = &table.column("fund").unwrap().values else { panic!("codes") };
    let pct = table.numbers("pct").unwrap();
    let told: BTreeMap<(&str, TradingDay), f64> =
        (0..table.n_rows()).map(|i| ((codes[i].as_str(), days(&table)[i]), pct[i])).collect();
    let (mut n, mut worst, mut paid) = (0, 0.0_f64, Vec::new());
    for fund in &funds {
        let mut published = published(fund);
        let dividends = std::mem::take(&mut published.dividend);
        published.dividend = vec![f64::NAN; dividends.len()];
        let nav = total_return(&published, &NavConfig::default()).unwrap();
        for t in 1..nav.nav.len() {
            let seen = (nav.nav.values()[t] / nav.nav.values()[t - 1] - 1.0) * 100.0;
            let off = (seen - told[&(fund.symbol.code(), nav.nav.days()[t])]).abs();
            assert!(off <= 0.005 + 1e-9, "{} {} {seen}", fund.name, nav.nav.days()[t]);
            worst = worst.max(off);
            n += 1;
        }
        for event in &nav.events {
            assert!(event.is_distribution(), "{} {event:?}", fund.name);
            let t = fund.days.binary_search(&event.date).unwrap();
            assert!((event.amount - dividends[t]).abs() < 1e-9, "{} {event:?}", fund.name);
            paid.push((fund.symbol.code().to_owned(), event.date, event.kind));
        }
    }
    println!("{} funds, {n} returns, worst {worst:.6} points off", funds.len());
    println!("{paid:?}");
    assert_eq!((funds.len(), n, paid.len()), (88, 10_036, 4));
}

/// Witness: the drawdown the data's own notes give for this fund, about -34.7 %. It was split before the record: its accumulated
/// value moves by four thirds of its unit value, which a reader that takes every step for a dividend gets wrong.
#[test]
fn a_fund_that_was_split_long_ago_falls_by_what_its_unit_fell() {
    let Some(path) = real_file() else { return };
    let (funds, _) = read_navs(&path, &ReadOptions::default()).unwrap();
    let fund = funds.iter().find(|f| f.symbol == Symbol::literal("090019.OF")).unwrap();
    let part = examine(&published(fund), &NavConfig::default()).unwrap();
    let nav = part.read.nav.between(day(2024, 1, 1), day(2024, 2, 29));
    let (mut peak, mut deepest) = (0.0_f64, 0.0_f64);
    for &value in nav.values() {
        peak = peak.max(value);
        deepest = deepest.min(value / peak - 1.0);
    }
    println!("090019: {:.2} %", deepest * 100.0);
    assert!(part.read.events.is_empty() && (deepest + 0.347).abs() < 5e-4, "{deepest}");
}

/// What is seen in the real funds; printed, and none of it in most of them.
#[test]
fn most_real_funds_have_nothing_odd_about_them() {
    let Some(path) = real_file() else { return };
    let (funds, _) = read_navs(&path, &ReadOptions::default()).unwrap();
    let parts: Vec<NavPart> =
        funds.iter().map(|f| examine(&published(f), &NavConfig::default()).unwrap()).collect();
    for kind in parts[0].checks.iter().map(|check| check.kind) {
        let seen: Vec<&NavPart> =
            parts.iter().filter(|part| part.check(kind).unwrap().is_found).collect();
        let first = seen.first().map(|part| (&part.fund, part.check(kind).unwrap()));
        println!("{}: {} of {}, as {first:?}", kind.name(), seen.len(), parts.len());
    }
    let jumps = parts.iter().flat_map(|p| &p.read.events).filter(|e| e.kind == NavEventKind::Jump);
    assert_eq!(jumps.count(), 0);
}

/// Witness: the adjusted value of the built-in market, reinvested by the generator. The reader sees unit and accumulated value
/// alone; each return is off by no more than the rounding of the values it is made of.
#[test]
fn the_built_in_funds_dividends_come_back() {
    let config = SampleConfig::new(day(2018, 1, 2), day(2021, 12, 31), 200).unwrap();
    let market = generate(&config, Seed::default()).unwrap();
    let table = market.tables.iter().find(|t| t.name() == "fund_nav").unwrap();
    let Values::Symbol(funds) = &table.column("fund").unwrap().values else { panic!("funds") };
    let columns = ["unit_nav", "accumulated_nav", "adjusted_nav", "dividend"]
        .map(|c| table.numbers(c).unwrap());
    let mut n_paid = 0;
    for &fund in &funds.iter().copied().collect::<std::collections::BTreeSet<_>>() {
        let rows: Vec<usize> = (0..funds.len()).filter(|i| funds[*i] == fund).collect();
        let mut published = PublishedNav::new(fund.as_str());
        for &i in &rows {
            let row = [columns[0][i], columns[1][i], f64::NAN, f64::NAN];
            published.push(days(table)[i], row);
        }
        let nav = total_return(&published, &NavConfig::default()).unwrap();
        let told: Vec<TradingDay> =
            rows.iter().filter(|i| columns[3][**i] > 0.0).map(|i| days(table)[*i]).collect();
        let seen: Vec<TradingDay> = nav.events.iter().map(|event| event.date).collect();
        assert_eq!(seen, told, "{fund}");
        n_paid += told.len();
        for t in 1..rows.len() {
            let (before, now) = (rows[t - 1], rows[t]);
            let expected = columns[2][now] / columns[2][before] - 1.0;
            let recovered = nav.nav.values()[t] / nav.nav.values()[t - 1] - 1.0;
            assert!((recovered - expected).abs() < 4e-4, "{fund} {t} {recovered} {expected}");
        }
    }
    println!("{n_paid} dividends");
    assert!(n_paid >= 3);
}
