//! Could the smallest companies still be sold, and does everyone hold the same?

use shoals_core::{Rulebook, Text};
use shoals_warning::crowding::{CrowdingMarket, CrowdingOutcome, crowding as measure_crowding};
use shoals_warning::liquidity::{LiquidityConfig, LiquidityOutcome, liquidity as watch_liquidity};

use crate::{CrowdingConfig, MarketView, StudyError};

/// Could the smallest companies still be sold, and since when no longer?
///
/// # Errors
/// No stocks in the market, a column that is missing, or settings that are not legal.
pub fn liquidity(
    view: &MarketView,
    config: &LiquidityConfig,
) -> Result<LiquidityOutcome, StudyError> {
    let Rulebook { calendar, rules } = &view.rulebook;
    Ok(watch_liquidity(&view.stocks()?.market, config, calendar, rules)?)
}

/// How crowded are the smallest companies, and what moved it?
///
/// # Errors
/// As [`liquidity`].
pub fn crowding(view: &MarketView, config: &CrowdingConfig) -> Result<CrowdingOutcome, StudyError> {
    let Rulebook { calendar, rules } = &view.rulebook;
    let stocks = view.stocks()?;
    let market = CrowdingMarket {
        stocks: &stocks.market,
        industries: &stocks.industries,
        financing: view.financing.as_ref(),
        holdings: &view.fund_holdings,
    };
    Ok(measure_crowding(market, &config.measured, calendar, rules)?)
}

/// Why neither can be asked of a market, when it has no traded and valued stocks.
pub fn lacks_traded_stocks(view: &MarketView) -> Option<Text> {
    let has = |name: &str| {
        let column = view.stocks.as_ref().map(|stocks| stocks.market.panel().column(name));
        column.is_some_and(|column| column.is_ok_and(|all| all.iter().any(|x| !x.is_nan())))
    };
    if view.stocks.is_none() {
        return Some(Text::new(
            "市场没有个股日线，未作流动性与拥挤度分析；导入 stock_daily 与 stock_valuation 后再问",
            "the market holds no daily bars of stocks, so liquidity and crowding were left out; import stock_daily and \
             stock_valuation to ask",
        ));
    }
    (!has("amount") || !has("total_market_cap")).then(|| {
        Text::new(
            "市场的个股没有成交额或市值，未作流动性与拥挤度分析；导入 amount 与 total_market_cap 后再问",
            "the market's stocks have no amount or no capitalisation, so liquidity and crowding were left out; import \
             amount and total_market_cap to ask",
        )
    })
}
