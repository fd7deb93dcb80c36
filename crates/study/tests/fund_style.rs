//! The style analysis against the built-in market, whose truth is written down, and on real funds.

use std::collections::BTreeMap;
use std::path::PathBuf;

use shoals_core::{
    FutureProduct, Rulebook, Seed, Segment, Series, Symbol, Table, TradingDay, Values, day,
};
use shoals_data::arrow_table;
use shoals_data::formats::{Profile, ReadOptions, read};
use shoals_fund::style::{
    DMA_PROXY, StyleConfig, StyleFactors, StyleMarket, StylePart, factors, similarity, style,
    tables,
};
use shoals_fund::{FactorSet, Fund};
use shoals_market::future::roll::{RollConfig, RollRule, RolledHedge, roll_short_hedge};
use shoals_sample::{SampleConfig, SampleMarket, generate};
use shoals_study::MarketView;

fn days(table: &Table) -> &[TradingDay] {
    let Values::Day(days) = &table.column("date").unwrap().values else { panic!("days") };
    days
}

fn rate(market: &SampleMarket) -> Series {
    let table = market.tables.iter().find(|table| table.name() == "rate_daily").unwrap();
    let Values::Text(tenors) = &table.column("tenor").unwrap().values else { panic!("text") };
    let rates = table.numbers("rate").unwrap();
    let rows: Vec<usize> = (0..tenors.len()).filter(|&i| tenors[i] == tenors[0]).collect();
    let known = rows.iter().map(|&i| days(table)[i]).collect();
    Series::new("rate", known, rows.iter().map(|&i| rates[i]).collect()).unwrap()
}

/// The factors of a market view: total returns of the segments where there are any, IM after IC.
fn style_factors(view: &MarketView, rate: Option<&Series>, config: &StyleConfig) -> StyleFactors {
    let of = |segment: Segment| {
        let symbol = segment.symbol();
        let total = view.total_return_indices.get(&symbol);
        total.or_else(|| view.indices.get(&symbol)).map(|closes| (segment, closes))
    };
    let Rulebook { calendar, rules } = &view.rulebook;
    let roll = RollConfig::default();
    let hedges: Vec<RolledHedge> = [FutureProduct::IM, FutureProduct::IC]
        .into_iter()
        .filter_map(|product| {
            let market = view.future_market(product).ok()?;
            roll_short_hedge(market, RollRule::FixedDays, &roll, calendar, rules).ok()
        })
        .collect();
    let large = Symbol::literal("000300.SH");
    let quoted = [large, Symbol::literal("510300.SH")];
    let volatility = quoted.into_iter().find_map(|symbol| view.implied_volatility(symbol).ok());
    let option = view.indices.get(&large).zip(volatility);
    let market = StyleMarket {
        segments: Segment::ALL.into_iter().filter_map(of).collect(),
        hedges: hedges.iter().collect(),
        option,
        bond: None,
        rate,
    };
    factors(&market, config).unwrap()
}

struct World {
    market: SampleMarket,
    funds: Vec<Fund>,
    factors: StyleFactors,
    config: StyleConfig,
}

fn world() -> World {
    let config = SampleConfig::new(day(2018, 1, 2), day(2024, 6, 28), 300).unwrap();
    let market = generate(&config, Seed::default()).unwrap();
    let view = MarketView::gather(&market.tables, Rulebook::default()).unwrap();
    let funds =
        view.fund_navs.values().map(|nav| Fund::of(nav.clone()).unwrap()).collect::<Vec<_>>();
    let config = StyleConfig::default();
    let factors = style_factors(&view, Some(&rate(&market)), &config);
    World { market, funds, factors, config }
}

impl World {
    fn kind(&self, fund: &Fund) -> &str {
        let truth = self.market.truth.funds.iter().find(|f| f.fund.as_str() == fund.code);
        &truth.unwrap().kind
    }

    fn truth(&self, fund: &Fund, factor: &str) -> f64 {
        let held = self.market.truth.exposures.iter().filter(|e| e.fund.as_str() == fund.code);
        let (named, sign) = if factor == "hedge" { ("future", -1.0) } else { (factor, 1.0) };
        sign * held.filter(|e| e.factor == named).map(|e| e.exposure).sum::<f64>()
    }

    fn style(&self, fund: &Fund) -> StylePart {
        style(fund, &fund.periods(), &self.factors, &self.config).unwrap()
    }
}

/// What is summed under a name.
const TOLD: [(&str, &[&str]); 9] = [
    ("small_cap", &["micro", "csi2000"]),
    ("equity", &["micro", "csi2000", "csi1000", "csi500", "csi300"]),
    ("hedge", &["hedge"]),
    ("short_volatility", &["short_volatility"]),
    ("micro", &["micro"]),
    ("csi2000", &["csi2000"]),
    ("csi1000", &["csi1000"]),
    ("csi500", &["csi500"]),
    ("csi300", &["csi300"]),
];

/// Witness: the truth of thirteen funds. Of the honest funds' exposures nine in ten must lie inside bands of 90 %; those that do
/// not are told why in `docs/method/fund_style.md` (our hedge and our straddle are not quite the ones the funds hold). The
/// smoothed fund shows less than it holds: that is what the other part of the examination is for.
#[test]
fn what_the_funds_hold_is_found_inside_the_bands() {
    let world = world();
    assert_eq!(world.factors.missing, ["bond"]);
    let (mut inside, mut told) = (0, 0);
    for fund in &world.funds {
        let (kind, part) = (world.kind(fund), world.style(fund));
        let (whole, of) = (part.whole(), |name: &str| *part.exposure(name).unwrap());
        eprintln!("{kind}: n {}, R2 {:.4}", whole.n, whole.r_squared);
        for (name, sum) in TOLD {
            let truth: f64 = sum.iter().map(|factor| world.truth(fund, factor)).sum();
            let row = of(name);
            let is_inside = row.low - 1e-9 <= truth && truth <= row.high + 1e-9;
            if !is_inside {
                let (weight, low, high) = (row.weight, row.low, row.high);
                eprintln!("  {name}: truth {truth}, found {weight:.4} ({low:.4} to {high:.4})");
            }
            if kind != "smoothed" {
                told += 1;
                inside += usize::from(is_inside);
            }
        }
        match kind {
            "dma_4x" | "dma_2x" => {
                assert!(of("small_cap").low > 1.5 && of("hedge").low > 1.5, "{kind}");
                assert!(of("net_equity").high.abs() < 0.5, "{kind}");
            }
            "fake_fixed_income_plus" => {
                assert!((of("small_cap").weight / 0.08 - 1.0).abs() < 0.05);
                assert!((of("short_volatility").weight / 0.6 - 1.0).abs() < 0.10);
            }
            "true_fixed_income_plus" => {
                assert!(of("small_cap").high < 0.01 && of("short_volatility").high < 0.01);
            }
            "long_large" => assert!(of("small_cap").high < 0.05),
            "smoothed" => assert!(of("short_volatility").high < 0.5),
            _ => {}
        }
    }
    eprintln!("{inside} of {told} inside");
    assert!(inside as f64 >= 0.87 * f64::from(told), "{inside} of {told}");
}

/// Witness: the truth. With the straddle the funds really sell the short volatility of the false fixed-income fund is inside its
/// band too.
#[test]
fn with_the_straddle_they_sell_short_volatility_is_found() {
    let mut world = world();
    let path = &world.market.truth.path;
    let mut made = world.factors.set.factors().to_vec();
    let straddle = made.iter_mut().find(|f| f.name == "short_volatility").unwrap();
    straddle.days.clone_from(&path.days);
    straddle.returns.clone_from(&world.market.truth.short_volatility);
    world.factors.set = FactorSet::new(made);
    for (kind, truth) in [("fake_fixed_income_plus", 0.6), ("short_volatility", 1.5)] {
        let fund = world.funds.iter().find(|fund| world.kind(fund) == kind).unwrap();
        let row = *world.style(fund).exposure("short_volatility").unwrap();
        eprintln!("{kind}: {:.4} ({:.4} to {:.4})", row.weight, row.low, row.high);
        assert!(row.low < truth && truth < row.high, "{row:?}");
    }
}

/// Witness: the day two funds were spliced on. Large companies until the end of June 2021, micro caps after: the change is found
/// within its band; none of the unspliced funds' three exposures is said to have changed more often than one in ten times.
#[test]
fn a_change_of_style_is_dated_and_none_is_seen_where_there_is_none() {
    let world = world();
    let of = |kind: &str| world.funds.iter().find(|fund| world.kind(fund) == kind).unwrap();
    let (before, after) = (of("long_large"), of("long_micro"));
    let turn = day(2021, 6, 30);
    let scale = before.nav.as_of(turn).unwrap().1 / after.nav.as_of(turn).unwrap().1;
    let (mut known, mut values) = (Vec::new(), Vec::new());
    for (&date, (&large, &micro)) in
        before.nav.days().iter().zip(before.nav.values().iter().zip(after.nav.values()))
    {
        known.push(date);
        values.push(if date <= turn { large } else { micro * scale });
    }
    let spliced = Fund::of(Series::new("spliced", known, values).unwrap()).unwrap();
    let part = world.style(&spliced);
    let change = part.breaks.iter().find(|change| change.factor == "small_cap").unwrap();
    eprintln!("{change:?}");
    assert!(change.is_proven && change.low <= turn && turn <= change.high, "{change:?}");
    assert!((change.after - 0.92).abs() < 0.1 && change.before.abs() < 0.1, "{change:?}");
    let false_alarms: Vec<String> = world
        .funds
        .iter()
        .flat_map(|fund| {
            let part = world.style(fund);
            let proven = part.breaks.into_iter().filter(|change| change.is_proven);
            proven
                .map(|change| format!("{} {}", world.kind(fund), change.factor))
                .collect::<Vec<_>>()
        })
        .collect();
    eprintln!("false alarms: {false_alarms:?}");
    assert!(false_alarms.len() <= 3, "{false_alarms:?}");
}

/// Witness: the truth. The two levered books and the fund of micro caps move as the proxy does and as each other; the fund of large
/// companies, the money fund and the honest fixed-income fund do not.
#[test]
fn clones_of_the_dma_book_are_one_cluster() {
    let world = world();
    let alike = similarity(&world.funds, &world.factors, &world.config, None).unwrap();
    let cluster = |kind: &str| {
        let i = world.funds.iter().position(|fund| world.kind(fund) == kind).unwrap();
        alike.clusters[i]
    };
    let proxy = |kind: &str| {
        let code = &world.funds.iter().find(|fund| world.kind(fund) == kind).unwrap().code;
        alike.pairs.iter().find(|p| p.fund == *code && p.other == DMA_PROXY).unwrap().clone()
    };
    assert!(cluster("dma_4x") > 0 && cluster("dma_4x") == cluster("dma_2x"));
    for lone in ["long_large", "money", "true_fixed_income_plus", "neutral_without_size"] {
        assert_eq!(cluster(lone), 0, "{lone}");
    }
    for kind in ["dma_4x", "dma_2x"] {
        assert!(proxy(kind).low > 0.9, "{:?}", proxy(kind));
    }
    for kind in ["long_large", "money", "true_fixed_income_plus", "enhanced_500"] {
        assert!(proxy(kind).low < 0.1, "{:?}", proxy(kind));
    }
}

/// Witness: the same analysis of a record that ends earlier. Nothing told about a day knows a later one, byte for byte; how fast
/// exposures walk is estimated from the record as given, so that table is left out.
#[test]
fn a_shorter_record_tells_the_same_of_its_days() {
    let world = world();
    let cut = day(2023, 12, 29);
    for fund in &world.funds {
        let whole = world.style(fund);
        let known = fund.periods().up_to(cut);
        let part = style(fund, &known, &world.factors, &world.config).unwrap();
        assert_eq!(part.factors, whole.factors);
        let earlier: Vec<_> = whole.rolling.iter().filter(|row| row.date <= cut).collect();
        assert!(!earlier.is_empty() && earlier.len() == part.rolling.len());
        assert_eq!(
            format!("{earlier:?}"),
            format!("{:?}", part.rolling.iter().collect::<Vec<_>>())
        );
        // What is known on the day is the same whether later NAVs are cut off or later factors too.
        let mut made = world.factors.set.factors().to_vec();
        for factor in &mut made {
            let n = factor.days.partition_point(|&day| day <= cut);
            factor.days.truncate(n);
            factor.returns.truncate(n);
        }
        let factors = StyleFactors { set: FactorSet::new(made), ..world.factors.clone() };
        let again = style(fund, &known, &factors, &world.config).unwrap();
        assert_eq!(format!("{part:?}"), format!("{again:?}"));
    }
}

/// The names of the tables are those the study writes; every fund is in each.
#[test]
fn tables_hold_every_fund() {
    let world = world();
    let parts: Vec<StylePart> = world.funds.iter().map(|fund| world.style(fund)).collect();
    let made = tables(&parts);
    let names: Vec<&str> = made.iter().map(Table::name).collect();
    assert_eq!(names, ["exposure", "style", "fit", "walking", "style_break"]);
    for table in &made {
        let Values::Text(funds) = &table.column("fund").unwrap().values else { panic!("text") };
        let mut seen = funds.clone();
        seen.dedup();
        // A record of 155 weeks has too few stretches for a change.
        let told = parts.iter().filter(|p| table.name() != "style_break" || !p.breaks.is_empty());
        assert_eq!(seen.len(), told.count(), "{}", table.name());
    }
}

/// Unit NAVs with their dividends reinvested on the day they left.
fn reinvested(table: &Table) -> Vec<Fund> {
    let Values::Symbol(codes) = &table.column("fund").unwrap().values else { panic!("symbols") };
    let (units, paid) = (table.numbers("unit_nav").unwrap(), table.numbers("dividend").unwrap());
    let mut rows: BTreeMap<Symbol, BTreeMap<TradingDay, (f64, f64)>> = BTreeMap::new();
    for (i, &code) in codes.iter().enumerate() {
        let dividend = if paid[i].is_finite() { paid[i] } else { 0.0 };
        rows.entry(code).or_default().insert(days(table)[i], (units[i], dividend));
    }
    let fund = |(code, rows): (&Symbol, &BTreeMap<TradingDay, (f64, f64)>)| {
        let (mut nav, mut before) = (1.0, None);
        let navs = rows.values().map(|&(unit, dividend)| {
            nav *= before.map_or(1.0, |last: f64| (unit + dividend) / last);
            before = Some(unit);
            nav
        });
        let navs = navs.collect();
        Fund::of(Series::new(code.as_str(), rows.keys().copied().collect(), navs).unwrap()).unwrap()
    };
    rows.iter().map(fund).collect()
}

/// The 88 real funds of 2024 beside the real factors: the ranking of `docs/method/fund_style.md`.
#[test]
#[expect(clippy::disallowed_methods, reason = "a test reads its data")]
fn real_funds_are_ranked_by_what_they_hide() {
    let Some(folder) = std::env::var_os("SHOALS_DATA").map(PathBuf::from) else {
        eprintln!("skipped: SHOALS_DATA is not set, so real funds cannot be read");
        return;
    };
    let mut made = Vec::new();
    for file in ["index_daily", "index_futures_contracts", "qvix_daily", "fund_nav_2024"] {
        let path = folder.join("market").join(format!("{file}.parquet"));
        for loaded in read(Profile::Auto, &path, &ReadOptions::default(), &|_, _| {}).unwrap() {
            made.push(arrow_table::from_batches(loaded.table.name(), &loaded.batches).unwrap());
        }
    }
    let view = MarketView::gather(&made, Rulebook::default()).unwrap();
    let config = StyleConfig::default();
    let factors = style_factors(&view, None, &config);
    let funds = reinvested(made.iter().find(|table| table.name() == "fund_nav").unwrap());
    eprintln!("{} funds, missing {:?}", funds.len(), factors.missing);
    assert_eq!(funds.len(), 88);
    let parts: Vec<StylePart> = funds
        .iter()
        .filter_map(|fund| style(fund, &fund.periods(), &factors, &config).ok())
        .collect();
    assert_eq!(parts.len(), 88);
    for name in ["small_cap", "short_volatility"] {
        let mut ranked: Vec<&StylePart> = parts.iter().collect();
        let weight = |part: &&StylePart| -part.exposure(name).unwrap().weight;
        ranked.sort_by(|a, b| weight(a).total_cmp(&weight(b)));
        eprintln!("{name}");
        for part in ranked.iter().take(12) {
            let (row, whole) = (part.exposure(name).unwrap(), part.whole());
            let (weight, low, high, fit) = (row.weight, row.low, row.high, whole.r_squared);
            eprintln!(
                "  {} {weight:.3} ({low:.3} to {high:.3}) R2 {fit:.3} n {}",
                part.fund, whole.n
            );
        }
        if name == "small_cap" {
            let rank = ranked.iter().position(|part| part.fund == "090019.OF");
            eprintln!("  090019 is number {rank:?}");
            // It fell 34.7 % in the first weeks of the year: small companies, whatever its name.
            assert!(rank.is_some_and(|rank| rank < 10), "{rank:?}");
        }
    }
    let alike = similarity(&funds, &factors, &config, None).unwrap();
    let n_clusters = alike.clusters.iter().max().copied().unwrap_or_default();
    let mut near: Vec<_> = alike.pairs.iter().filter(|pair| pair.other == DMA_PROXY).collect();
    near.sort_by(|a, b| b.correlation.total_cmp(&a.correlation));
    for pair in near.iter().take(5) {
        eprintln!("  {} {:.3} ({:.3} to {:.3})", pair.fund, pair.correlation, pair.low, pair.high);
    }
    let clustered = alike.clusters.iter().filter(|cluster| **cluster > 0).count();
    eprintln!("{n_clusters} clusters of {clustered} funds");
}
