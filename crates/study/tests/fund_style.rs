//! The style analysis against the built-in market, whose truth is written down, and on real funds.

use std::path::PathBuf;

use shoals_core::{
    FutureProduct, Rulebook, Seed, Segment, Series, Symbol, Table, TradingDay, Values, day,
};
use shoals_data::formats::{Profile, ReadOptions, read};
use shoals_data::{MarketTable, arrow_table};
use shoals_fund::Fund;
use shoals_fund::style::{
    DMA_PROXY, StyleConfig, StyleFactors, StyleMarket, StylePart, factors, similarity, style,
    tables,
};
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
    let option = view.indices.get(&large).zip(view.implied_volatility(large).ok());
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

/// Witness: the truth of thirteen funds.
#[test]
fn what_the_funds_hold_is_found_inside_the_bands() {
    let world = world();
    eprintln!("missing {:?}", world.factors.missing);
    let (mut inside, mut told) = (0, 0);
    for fund in &world.funds {
        let kind = world.kind(fund);
        let part = world.style(fund);
        let whole = part.whole();
        eprintln!("{kind}: n {}, R2 {:.4}, left {:.4}, selection {:.4}", whole.n, whole.r_squared, whole.residual_volatility, whole.selection);
        let groups = [
            ("small_cap", vec!["micro", "csi2000"]),
            ("equity", vec!["micro", "csi2000", "csi1000", "csi500", "csi300"]),
            ("hedge", vec!["hedge"]),
            ("short_volatility", vec!["short_volatility"]),
            ("micro", vec!["micro"]),
            ("csi2000", vec!["csi2000"]),
            ("csi1000", vec!["csi1000"]),
            ("csi500", vec!["csi500"]),
            ("csi300", vec!["csi300"]),
        ];
        for (name, of) in groups {
            let truth: f64 = of.iter().map(|factor| world.truth(fund, factor)).sum();
            let row = part.exposure(name).unwrap();
            let is_inside = row.low - 1e-9 <= truth && truth <= row.high + 1e-9;
            eprintln!("   {name}: truth {truth}, found {:.4} ({:.4} to {:.4}) {}", row.weight, row.low, row.high, if is_inside { "" } else { "MISSED" });
            if kind != "smoothed" {
                told += 1;
                inside += usize::from(is_inside);
            }
        }
        for change in &part.breaks {
            eprintln!("   break {change:?}");
        }
    }
    eprintln!("{inside} of {told} inside");
    let alike = similarity(&world.funds, &world.factors, &world.config, None).unwrap();
    for pair in &alike.pairs {
        if pair.other == DMA_PROXY || pair.cluster > 0 || pair.correlation > 0.6 {
            eprintln!("{} {} {:.3} ({:.3} to {:.3}) n {} cluster {}", pair.fund, pair.other, pair.correlation, pair.low, pair.high, pair.n, pair.cluster);
        }
    }
    let kinds: Vec<&str> = world.funds.iter().map(|f| world.kind(f)).collect();
    eprintln!("{:?}", kinds.iter().zip(&alike.clusters).collect::<Vec<_>>());
    let _ = tables(&[]);
}
