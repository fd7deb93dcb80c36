//! The micro-cap index on real stocks: against a frozen rebuild of it, against the Wind index, and against
//! printed size deciles.
//!
//! It stands here because the market room knows no files and the data room no analyses.

#![expect(clippy::disallowed_methods, reason = "a test finds the real data in the environment")]
#![expect(clippy::print_stdout, reason = "the evidence is read, not only asserted")]

mod world;

use std::path::{Path, PathBuf};

use shoals_core::{Calendar, Rules, Series, Symbol, TradingDay, day};
use shoals_market::impact::PriceImpact;
use shoals_market::index::{
    Implementation, IndexDay, MicroCapConfig, MicroCapOutcome, MicroCapWords, MonthPremium,
    by_year, implementable_index, micro_cap_index, paper_index, select, size_bucket_returns,
};
use shoals_market::universe::{ListingAge, NameRule, StockMarket, Tradability, UniverseConfig};
use world::{World, index_series};

fn real_data() -> Option<PathBuf> {
    let folder = std::env::var_os("SHOALS_DATA").map(|folder| PathBuf::from(folder).join("market"));
    if folder.is_none() {
        eprintln!("skipped: SHOALS_DATA is not set, so real market data cannot be read");
    }
    folder
}

#[test]
fn the_smallest_400_of_real_stocks() {
    let Some(folder) = real_data() else { return };
    let world = World::read(&folder);
    the_frozen_rebuild(&world, &folder);
    let market = world.market(&[]);
    the_deciles(&world);
    the_wind_index(&market, &folder);
    what_explains_the_early_years(&world, &market);
    what_could_be_earned(&market, &folder);
    what_following_costs(&world, &market);
}

/// The smallest 400, equal weights, every day; at least `days` calendar days old, no Beijing.
fn smallest_400(universe: UniverseConfig) -> MicroCapConfig {
    MicroCapWords { universe, ..MicroCapWords::default() }.try_into().expect("legal words")
}

fn aged(days: u16) -> UniverseConfig {
    UniverseConfig { listing_age: ListingAge::CalendarDays(days), ..UniverseConfig::default() }
}

fn mask(market: &StockMarket, universe: UniverseConfig) -> Tradability {
    Tradability::of(market, universe, Calendar::shanghai(), Rules::builtin())
}

fn paper(market: &StockMarket, universe: UniverseConfig) -> Vec<IndexDay> {
    let config = smallest_400(universe);
    let members = select(market, &mask(market, universe), &config, Calendar::shanghai());
    paper_index(market, &members.expect("members"), &config).expect("an index")
}

fn growth(index: &[IndexDay], from: TradingDay, to: TradingDay) -> f64 {
    let nav = |day| index[index.binary_search_by_key(&day, |d| d.date).expect("a day")].nav;
    nav(to) / nav(from) - 1.0
}

/// The program that made the frozen file chose at the close before among names of 2023 without ST, older
/// than 180 calendar days, took the mean of those that traded, and cut single returns at 31 %. The mean
/// over all 400 with suspended ones at zero, times n / (n - frozen), is the same number; what is left are
/// two returns beyond the cut and one tie for the 400th place.
fn the_frozen_rebuild(world: &World, folder: &Path) {
    let st = world.flag(|i| world.special_in_2023[i]);
    let market = world.market(&[("is_st", st), ("is_suspended", world.flag(|_| false))]);
    let index = paper(&market, UniverseConfig { names: NameRule::Ignored, ..aged(181) });
    let frozen = index_series(folder, "derived_microcap400.parquet", "microcap400.OWN").returns();
    let of_one = |code: &str, day: TradingDay| {
        let prices =
            market.panel().series("adjusted_close", Symbol::literal(code)).expect("a stock");
        prices.returns().at(day).expect("a return")
    };
    let cut = |code, day| (of_one(code, day) - 0.31) / 400.0;
    let beyond = [("000670.SZ", day(2022, 8, 22)), ("301005.SZ", day(2023, 1, 3))];
    let tie = day(2023, 3, 6);
    let (mut n_frozen_days, mut n_compared) = (0, 0);
    for d in index[1..].iter().filter(|d| d.date != tie) {
        let explained =
            beyond.iter().find(|b| b.1 == d.date).map_or(0.0, |&(code, day)| cut(code, day));
        let n = d.n_members as f64;
        let ours = d.index_return * n / (n - d.n_frozen as f64) - explained;
        let theirs = frozen.at(d.date).expect("a day of the file");
        assert!((ours - theirs).abs() < 1e-6, "{}: {ours}, frozen {theirs}", d.date);
        n_compared += 1;
        n_frozen_days += usize::from(d.n_frozen > 0);
    }
    println!("rebuild: {n_compared} days equal, {n_frozen_days} of them with a name suspended");
    assert_eq!(n_compared, 902);
    let caps = ["301119.SZ", "688117.SH"].map(|code| {
        let caps =
            market.panel().series("total_market_cap", Symbol::literal(code)).expect("a stock");
        caps.at(day(2023, 3, 3)).expect("a capitalisation")
    });
    assert_eq!(caps[0], caps[1], "two names tie for the last place");
}

/// Witness: printed with the data, caps of 2023-12-29, to half a unit of the last digit. Every stock with a
/// row counts there, traded or not.
fn the_deciles(world: &World) {
    let market = &world.market(&[("is_suspended", world.flag(|_| false))]);
    let printed = [-42.8, -40.5, -37.7, -35.3, -32.3, -28.8, -23.8, -17.3, -10.9, -4.6];
    let universe = UniverseConfig { include_special_treatment: true, ..aged(181) };
    let (from, to) = (day(2023, 12, 29), day(2024, 2, 7));
    let config = smallest_400(universe);
    let buckets = size_bucket_returns(market, &mask(market, universe), &config, from, to);
    for (bucket, printed) in buckets.expect("buckets").iter().zip(printed) {
        println!(
            "decile {}: {:.3} %, n {}",
            bucket.bucket,
            100.0 * bucket.bucket_return,
            bucket.n_names
        );
        let gap = (100.0 * bucket.bucket_return - printed).abs();
        assert!(
            gap <= 0.05,
            "decile {}: {}, printed {printed} %",
            bucket.bucket,
            bucket.bucket_return
        );
    }
}

fn correlation(pairs: &[(f64, f64)]) -> f64 {
    let n = pairs.len() as f64;
    let (x, y) =
        (pairs.iter().map(|p| p.0).sum::<f64>() / n, pairs.iter().map(|p| p.1).sum::<f64>() / n);
    let sum = |of: fn(f64, f64) -> f64| pairs.iter().map(|p| of(p.0 - x, p.1 - y)).sum::<f64>();
    sum(|a, b| a * b) / (sum(|a, _| a * a) * sum(|_, b| b * b)).sqrt()
}

/// The default universe (standing of the day, names of August 2023 where it is unknown) against the index
/// that Wind publishes.
fn the_wind_index(market: &StockMarket, folder: &Path) {
    let index = paper(market, aged(181));
    let wind = index_series(folder, "index_daily.parquet", "868008.WI");
    let returns = wind.returns();
    let own = index.iter().filter(|d| d.date >= day(2021, 1, 1));
    let pairs: Vec<(f64, f64)> =
        own.map(|d| (d.index_return, returns.at(d.date).expect("a return"))).collect();
    let correlation = correlation(&pairs);
    println!("correlation with Wind on {} days: {correlation:.5}", pairs.len());
    assert!(correlation >= 0.998);
    for (to, within) in [(day(2024, 1, 31), 0.006), (day(2024, 2, 7), 0.005)] {
        let from = day(2023, 12, 29);
        let (ours, theirs) = (growth(&index, from, to), between(&wind, from, to));
        println!("{from} to {to}: {:.2} %, Wind {:.2} %", 100.0 * ours, 100.0 * theirs);
        assert!((ours - theirs).abs() <= within);
    }
}

fn between(series: &Series, from: TradingDay, to: TradingDay) -> f64 {
    series.at(to).expect("a close") / series.at(from).expect("a close") - 1.0
}

/// Witness: a separate numpy program over the same files, run once for each choice.
fn what_explains_the_early_years(world: &World, market: &StockMarket) {
    let years = |name: &str, market: &StockMarket, universe, expected: [f64; 3]| {
        let index = paper(market, universe);
        let ends = [day(2020, 12, 31), day(2021, 12, 31), day(2022, 12, 30), day(2023, 12, 29)];
        let found: Vec<f64> = ends.windows(2).map(|y| 100.0 * growth(&index, y[0], y[1])).collect();
        println!("{name:24} {found:.2?}");
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-3, "{name}: {found}, numpy {expected}");
        }
    };
    let st = world.market(&[("is_st", world.flag(|i| world.special_in_2023[i]))]);
    let ignored = UniverseConfig { names: NameRule::Ignored, ..aged(181) };
    let leaves = world.leaves();
    let stay = world.market(&[("is_excluded", world.flag(|i| leaves[i]))]);
    years("ST of 2023, all years", &st, ignored, [47.5946, 19.0958, 50.3095]);
    years("ST of the day alone", market, ignored, [45.9614, 19.0250, 37.3006]);
    years("and of August 2023", market, aged(181), [44.9478, 18.5395, 50.8810]);
    years("listed any time", market, aged(0), [45.7044, 18.3700, 50.7799]);
    years("listed 60 days", market, aged(60), [45.2250, 17.7312, 50.6467]);
    years("listed 365 days", market, aged(365), [45.5665, 21.6108, 50.0088]);
    years("without later leavers", &stay, aged(181), [44.9616, 18.4928, 52.4275]);
}

/// Money follows the index: it balances, and falls behind.
fn what_could_be_earned(market: &StockMarket, folder: &Path) {
    let all_share = index_series(folder, "index_daily.parquet", "000985.CSI");
    let config = smallest_400(aged(181));
    let outcome =
        micro_cap_index(market, Some(&all_share), &config, Calendar::shanghai(), Rules::builtin());
    let outcome = outcome.expect("an index");
    money_balances(&outcome);
    // Witness: returns of 000985.CSI as printed with the method's sources.
    for (year, printed) in outcome.years[1..].iter().zip([6.19, -20.32, -7.04]) {
        assert!((100.0 * year.benchmark - printed).abs() <= 0.005, "{year:?}");
        assert!(year.excess > 0.20, "{year:?}");
    }
    for year in &outcome.years {
        println!("{year:.4?}");
    }
    for point in &outcome.capacity {
        println!("{point:.4?}");
    }
    let sum = |of: fn(&MonthPremium) -> f64| {
        outcome.premium.iter().map(of).sum::<f64>() / outcome.premium.len() as f64
    };
    println!(
        "a month: reweighting {:.4}, reselection {:.4}, n {}",
        sum(|m| m.reweighting),
        sum(|m| m.reselection),
        outcome.premium.len()
    );
}

/// The ledger with one rule of the market after another: a day's delay, price limits, costs, participation.
fn what_following_costs(world: &World, market: &StockMarket) {
    let free =
        "[[commission]]\nfrom = 2020-01-01\nrate = 0.0\nsource = \"none\"\nstatus = \"recalled\"\n";
    let duty = |from: &str| {
        let row = "buy = 0.0\nsell = 0.0\nsource = \"none\"\nstatus = \"recalled\"\n";
        format!("[[stamp_duty]]\nfrom = {from}\n{row}")
    };
    let free = [free.to_owned(), duty("2020-01-01"), duty("2023-08-28")].concat();
    let free = &Rules::builtin().overridden(&free).expect("legal rules");
    let n = world.grid.days.len() * world.grid.symbols.len();
    let open = [("limit_up", vec![f64::INFINITY; n]), ("limit_down", vec![0.0; n])];
    let paper = paper(market, aged(181));
    let ledger = |name: &str,
                  market: &StockMarket,
                  rules: &Rules,
                  participation: f64,
                  impact: PriceImpact|
     -> Vec<f64> {
        let config = smallest_400(aged(181));
        let money = Implementation { participation, impact, ..config.implementation };
        let mask = mask(market, aged(181));
        let members = select(market, &mask, &config, Calendar::shanghai()).expect("members");
        let days = implementable_index(market, &mask, &members, &config, &money, rules);
        let years = by_year(&paper, &days.expect("a ledger"), None);
        let years: Vec<f64> = years[1..].iter().map(|y| 100.0 * y.implementable).collect();
        println!("{name:24} {years:.2?}");
        years
    };
    let years = |name: &str, market: &StockMarket, rules: &Rules, participation: f64| {
        ledger(name, market, rules, participation, PriceImpact::none())
    };
    years("a day late", &world.market(&open), free, f64::INFINITY);
    let limited = years("under price limits", market, free, f64::INFINITY);
    let paying = years("with costs", market, Rules::builtin(), f64::INFINITY);
    let tenth = years("a tenth of the amount", market, Rules::builtin(), 0.10);
    let moved = PriceImpact::default();
    let moved = ledger("and own impact", market, Rules::builtin(), 0.10, moved);
    assert!(tenth.iter().zip(&moved).all(|(still, moved)| moved < still));
    assert!(limited.iter().zip(&paying).all(|(free, paid)| paid < free));
}

fn money_balances(outcome: &MicroCapOutcome) {
    let tolerance = 1e-9 * outcome.config.implementation.assets;
    for pair in outcome.implementable.windows(2) {
        let (before, d) = (pair[0], pair[1]);
        assert!((d.cash + d.positions - d.nav).abs() <= tolerance, "{}", d.date);
        let costs = d.commission + d.stamp_duty + d.slippage + d.impact;
        assert!((d.nav - before.nav - (d.price_gain - costs)).abs() <= tolerance, "{}", d.date);
    }
}
