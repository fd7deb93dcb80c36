//! How crowded are the smallest companies, against their own past, and what moved it?
//!
//! Ten measures of how alike positions are: trading, correlation, co-momentum, absorption and its shift,
//! valuation, volatility and run-up of small over large, borrowed money, overlap of funds. Each stands at
//! a percentile of its own past; the composite is their mean and its change between two days is exactly
//! the sum of theirs. Whether a high composite foretold anything is tested and said.
//!
//! Source: Lou and Polk (2022) for co-momentum; Kritzman, Li, Page and Rigobon (2011) for absorption;
//! Cont and Schaanning (2019) for overlap. Everything said of a day is known at its close; measures made
//! of weeks hold from the end of one to that of the next.
//!
//! Method page: docs/method/crowding.md

mod composite;
mod config;
mod daily;
mod evidence;
mod measure;
mod moved;
mod outcome;
mod overlap;
mod weekly;

use shoals_core::{Calendar, Rules, Series, range_in_words};
use shoals_market::factor::definition::market_return;
use shoals_market::universe::StockMarket;

pub use composite::{CrowdingDay, MeasureDay};
pub use config::{ComparedDays, CrowdingConfig};
pub use evidence::Evidence;
pub use measure::Measure;
pub use moved::Moved;
pub use outcome::CrowdingOutcome;
pub use overlap::Holding;

use crate::WarningError;
use crate::leg::{Leg, known};

/// What the analysis looks at.
#[derive(Debug, Clone, Copy)]
pub struct CrowdingMarket<'a> {
    /// The stocks: `adjusted_close`, `amount`, the capitalisation asked for and `total_market_cap`; `pb`
    /// for the valuation spread and the value factor.
    pub stocks: &'a StockMarket,
    /// Industry of each stock, from 1; 0 for none.
    pub industries: &'a [u16],
    /// Money borrowed to buy stocks, all exchanges together, CNY.
    pub financing: Option<&'a Series>,
    /// What funds hold.
    pub holdings: &'a [Holding],
}

/// Measures how crowded the smallest companies are.
///
/// Nothing after `config.to` is known; days before `config.from` serve as yardstick only.
///
/// # Errors
/// Illegal settings, a market without a needed column or an eligible stock, not one industry a stock, or
/// no day to tell about.
pub fn crowding(
    market: CrowdingMarket,
    config: &CrowdingConfig,
    calendar: &Calendar,
    rules: &Rules,
) -> Result<CrowdingOutcome, WarningError> {
    config.check()?;
    let (found, expected) = (market.industries.len(), market.stocks.symbols().len());
    if found != expected {
        return Err(WarningError::NotOnePerStock { what: "industries", found, expected });
    }
    let cut = known(market.stocks, config.to);
    let leg = Leg::of(cut.as_ref().unwrap_or(market.stocks), config.leg(), calendar, rules)?;
    let days = leg.market.days();
    let panel = leg.bars.panel(leg.market, &["amount", "total_market_cap"])?;
    let all_stocks = market_return(&panel)?;
    drop(panel);
    let returns = daily::stock_returns(&leg);
    let small = daily::small_less_rest(&leg, &returns);
    let daily = daily::Daily::of(&leg, &returns, &small, &all_stocks, config)?;
    let ends = weekly::week_ends(&leg, calendar)?;
    let portfolios = weekly::Portfolios::of(&leg, &returns, market.industries)?;
    let absorption = portfolios.absorption(&ends, config);
    let carried = |values: &[f64]| weekly::carried(&ends, values, days.len());
    let amount = leg.market.panel().column("amount")?;
    let levels = vec![
        (Measure::TurnoverShare, daily.turnover_share),
        (Measure::PairwiseCorrelation, daily.pairwise_correlation),
        (Measure::CoMomentum, carried(&weekly::co_momentum(&leg, &ends, config)?)),
        (Measure::Absorption, carried(&absorption)),
        (Measure::AbsorptionShift, carried(&weekly::shift(&absorption))),
        (Measure::ValuationSpread, daily.valuation_spread),
        (Measure::ResidualVolatility, daily.residual_volatility),
        (Measure::RunUp, daily.run_up),
        (Measure::FinancingShare, daily::financing_share(&leg, market.financing)),
        (Measure::FundOverlap, overlap::fund_overlap(&leg, amount, market.holdings)),
    ];
    let failed = |cause| WarningError::Statistic { what: "a crowding measure", cause };
    let (measures, all) = composite::composed(days, &levels, config).map_err(failed)?;
    let evidence = evidence::evidence(&all, &small, config)?;
    let first = days.partition_point(|&day| !config.tells(day));
    if first == days.len() {
        let asked = range_in_words(config.from, config.to);
        let (first, last) = (days[0], days[days.len() - 1]);
        return Err(WarningError::NothingToTell { asked, first, last });
    }
    let (told, measures) = (all[first..].to_vec(), measures[first * levels.len()..].to_vec());
    let moved = moved::moved(&told, &measures, &config.compare);
    Ok(CrowdingOutcome {
        config: config.clone(),
        are_industries: portfolios.are_industries,
        days: told,
        measures,
        moved,
        evidence,
    })
}
