//! What does a NAV give away?

use std::collections::BTreeMap;

use shoals_core::{FutureProduct, Rulebook, Segment, Text};
use shoals_fund::hidden::{FactorMove, Scenario};
use shoals_fund::nav::{NavConfig, examine};
use shoals_fund::style::{CASH, StyleMarket, factors};
use shoals_fund::xray::{FundOutcome, XrayConfig, XrayMarket, xray};
use shoals_fund::{FactorSet, Fund};
use shoals_market::future::roll::{RollConfig, RollRule, RolledHedge, roll_short_hedge};
use shoals_product::attribution::{
    basis_factor, return_factor, short_volatility_factor, spread_factor,
};

use shoals_spiral::replay::{ReplayConfig, Seen, replay};
use shoals_spiral::scenario_file::Episode;

use super::index_missing;
use crate::{MarketView, StudyError};

/// Paths of the spiral a loss is read from.
const SPIRAL_PATHS: u64 = 60;

/// Products whose rolled hedge is a factor, the first that has a day counts.
const HEDGES: [FutureProduct; 3] = [FutureProduct::IM, FutureProduct::IC, FutureProduct::IF];

/// X-rays the funds of a view, or those named.
///
/// # Errors
/// A fund that is named and not there, an index the market lacks, or settings that are not legal.
pub fn fund(view: &MarketView, config: &XrayConfig) -> Result<FundOutcome, StudyError> {
    config.check()?;
    let funds = chosen(view, config)?;
    let mut outcome = xray(&funds, &xray_market(view, config)?, config)?;
    let published = |fund: &Fund| view.published_navs.iter().find(|nav| nav.code == fund.code);
    outcome.navs = funds
        .iter()
        .filter_map(published)
        .map(|nav| examine(nav, &NavConfig::default()))
        .collect::<Result<_, _>>()?;
    Ok(outcome)
}

/// Why funds cannot be asked about, when the market has none, or not the indices they are held against.
pub fn funds_missing(view: &MarketView, config: &XrayConfig) -> Option<Text> {
    if view.funds.is_empty() {
        return Some(Text::new(
            "市场没有基金净值，未作基金透视；导入 fund_nav 后再问",
            "the market holds no fund's NAV, so the fund X-ray was left out; import fund_nav to ask",
        ));
    }
    index_missing(view, "the fund X-ray was", "基金透视", &[config.small, config.large])
}

fn chosen(view: &MarketView, config: &XrayConfig) -> Result<Vec<Fund>, StudyError> {
    if config.funds.is_empty() {
        return Ok(view.funds.clone());
    }
    let find = |word: &String| {
        let is_it = |fund: &&Fund| {
            fund.code == *word || fund.name == *word || fund.code.split('.').next() == Some(word)
        };
        view.funds.iter().find(is_it).cloned().ok_or_else(|| StudyError::NoFund {
            fund: word.clone(),
            available: listed(&view.funds),
        })
    };
    config.funds.iter().map(find).collect()
}

/// A few of the funds there are, for whoever asked for another.
fn listed(funds: &[Fund]) -> String {
    const FEW: usize = 8;
    let mut names: Vec<&str> = funds.iter().take(FEW).map(|fund| fund.code.as_str()).collect();
    if funds.len() > FEW {
        names.push("...");
    }
    names.join(", ")
}

/// What funds are held against: factors of the card and of the style, and the implied volatility of each day.
///
/// # Errors
/// An index the market does not hold.
pub(super) fn xray_market(
    view: &MarketView,
    config: &XrayConfig,
) -> Result<XrayMarket, StudyError> {
    let (small, large) = (view.series(config.small)?, view.series(config.large)?);
    let volatility = view.implied_volatility(config.implied_volatility).ok();
    let hedges = hedges(view)?;
    let mut card = vec![return_factor("market", large), spread_factor("size", small, large)];
    let days = config.style.straddle_days;
    card.extend(volatility.map(|volatility| short_volatility_factor(large, volatility, days)));
    // The product listed longest: a factor's missing days leave the fund's periods out.
    card.extend(
        hedges.iter().min_by_key(|hedge| hedge.days.first().map(|day| day.date)).map(basis_factor),
    );
    let closes = |segment: Segment| {
        let symbol = segment.symbol();
        let total = view.total_return_indices.get(&symbol);
        total.or_else(|| view.indices.get(&symbol)).map(|closes| (segment, closes))
    };
    let style = StyleMarket {
        segments: Segment::ALL.into_iter().filter_map(closes).collect(),
        rate: view.rate.as_ref(),
        hedges: hedges.iter().collect(),
        option: volatility.map(|volatility| (large, volatility)),
        ..StyleMarket::default()
    };
    let style = factors(&style, &config.style)?;
    card.extend(view.rate.as_ref().and_then(|_| style.set.factor(CASH)).cloned());
    let card = FactorSet::new(card);
    let benchmarks: BTreeMap<_, _> = [&view.indices, &view.total_return_indices, &view.etfs]
        .into_iter()
        .flatten()
        .map(|(symbol, series)| (*symbol, series.clone()))
        .collect();
    Ok(XrayMarket {
        hindsight: hindsight(&card, config)?,
        factors: card,
        style,
        market: large.clone(),
        benchmarks,
        implied_volatility: volatility.cloned(),
        rate: view.rate.clone(),
    })
}

/// What the factors did in the fall, and what the spiral's paths of 2024 make of small companies.
fn hindsight(factors: &FactorSet, config: &XrayConfig) -> Result<Vec<Scenario>, StudyError> {
    let text = Text::new(
        format!("{} 至 {} 各因子的实际涨跌", config.as_of, config.fall_to),
        format!("what every factor did from {} to {}", config.as_of, config.fall_to),
    );
    let winter =
        Scenario::replay(Scenario::WINTER_2024, text, factors, config.as_of, config.fall_to);
    let episode = Episode::named("china_2024")?;
    let replayed = ReplayConfig {
        paths: SPIRAL_PATHS,
        share_paths: 1,
        seed: config.hidden.seed,
        ..ReplayConfig::default()
    };
    let storm = replay(&episode, &Seen::default(), replayed)?;
    let at = storm.trough.saturating_sub(1);
    let [micro, .., large] = &storm.level;
    let (micro, large) = (micro[at].band, large[at].band);
    let text = Text::new(
        format!("去杠杆螺旋的重演（{}），{SPIRAL_PATHS} 条路径，至微盘最低收盘", storm.title.zh),
        format!(
            "the spiral's replay ({}), {SPIRAL_PATHS} paths, to micro caps' lowest close",
            storm.title.en
        ),
    );
    let size = FactorMove::Range {
        middle: micro.median - large.median,
        mild: micro.p90 - large.median,
        severe: micro.p10 - large.median,
    };
    let moves = vec![
        ("market".to_owned(), FactorMove::Return(large.median - 1.0)),
        ("size".to_owned(), size),
    ];
    Ok(vec![winter, Scenario { name: "spiral_2024".to_owned(), text, moves }])
}

/// The rolled hedges the market has, of the smallest companies first.
fn hedges(view: &MarketView) -> Result<Vec<RolledHedge>, StudyError> {
    let Rulebook { calendar, rules } = &view.rulebook;
    let roll = RollConfig::default();
    let markets = HEDGES.into_iter().filter_map(|product| view.future_market(product).ok());
    Ok(markets
        .map(|market| roll_short_hedge(market, RollRule::FixedDays, &roll, calendar, rules))
        .collect::<Result<_, _>>()?)
}
