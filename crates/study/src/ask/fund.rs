//! What does a NAV give away?

use std::collections::BTreeMap;

use shoals_core::{FutureProduct, Rulebook, Segment, Text};
use shoals_fund::nav::{NavConfig, examine};
use shoals_fund::style::{StyleMarket, factors};
use shoals_fund::xray::{FundOutcome, XrayConfig, XrayMarket, xray};
use shoals_fund::{FactorSet, Fund};
use shoals_market::future::roll::{RollConfig, RollRule, RolledHedge, roll_short_hedge};
use shoals_product::attribution::{
    basis_factor, return_factor, short_volatility_factor, spread_factor,
};

use crate::{MarketView, StudyError};

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
    let symbol = [config.small, config.large].into_iter().find(|s| view.series(*s).is_err())?;
    Some(Text::new(
        format!("市场没有指数 {symbol}，未作基金透视；导入其收盘价后再问"),
        format!(
            "the market holds no index {symbol}, so the fund X-ray was left out; import its closes to ask"
        ),
    ))
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
    let segments = Segment::ALL.into_iter();
    let style = StyleMarket {
        segments: segments
            .filter_map(|segment| Some((segment, view.indices.get(&segment.symbol())?)))
            .collect(),
        hedges: hedges.iter().collect(),
        option: volatility.map(|volatility| (large, volatility)),
        ..StyleMarket::default()
    };
    let benchmarks: BTreeMap<_, _> = [&view.indices, &view.total_return_indices, &view.etfs]
        .into_iter()
        .flatten()
        .map(|(symbol, series)| (*symbol, series.clone()))
        .collect();
    Ok(XrayMarket {
        factors: FactorSet::new(card),
        style: factors(&style, &config.style)?,
        market: large.clone(),
        benchmarks,
        implied_volatility: volatility.cloned(),
        scenarios: Vec::new(),
    })
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
