//! One question to a market view: the analyses, each with the part of the market it needs.

use shoals_core::{Rulebook, Segment, Series};
use shoals_market::future::ContractHistory;
use shoals_product::replication::{
    ReplicationMarket, ReplicationOutcome, ReplicationTerms, StraddleMarket, StraddleSource,
    replicate as carry_replication,
};
use shoals_product::swap::{SwapMarket, SwapOutcome, SwapTerms, simulate};
use shoals_warning::basis_watch::{BasisConfig, BasisOutcome, basis_watch};
use shoals_warning::inversion::{InversionConfig, InversionOutcome, inversion as read_ladder};

use crate::{MarketView, StudyError};

mod stocks;

pub use stocks::{factors, index, window_bucket_table, window_buckets};

/// Did smaller companies earn less, in order of size?
///
/// # Errors
/// Fewer than three segments in the market, or settings that are not legal.
pub fn inversion(
    view: &MarketView,
    config: &InversionConfig,
) -> Result<InversionOutcome, StudyError> {
    let series: Vec<(Segment, Series)> = Segment::ALL
        .into_iter()
        .filter_map(|segment| Some((segment, view.indices.get(&segment.symbol())?.clone())))
        .collect();
    Ok(read_ladder(&series, config)?)
}

/// What did the hedge quote and cost, and when did it squeeze?
///
/// # Errors
/// No futures in the market, or settings that are not legal.
pub fn basis(view: &MarketView, config: &BasisConfig) -> Result<BasisOutcome, StudyError> {
    let micro = view.indices.get(&Segment::Micro.symbol());
    let Rulebook { calendar, rules } = &view.rulebook;
    Ok(basis_watch(&view.futures, micro, config, calendar, rules)?)
}

/// What would this book have lost, day by day?
///
/// # Errors
/// A leg the market does not hold, or days it has no price on.
pub fn swap(view: &MarketView, terms: &SwapTerms) -> Result<SwapOutcome, StudyError> {
    let hedges: Vec<&ContractHistory> = terms
        .hedge
        .iter()
        .map(|hedge| view.contract(hedge.future()?))
        .collect::<Result<_, StudyError>>()?;
    let Rulebook { calendar, rules } = &view.rulebook;
    let market = SwapMarket { long: view.series(terms.long.symbol)?, hedges, calendar, rules };
    Ok(simulate(terms, &market)?)
}

/// What did small-cap long, large-cap short and a short straddle earn?
///
/// # Errors
/// A leg the market does not hold, or no day on which all legs have a price.
pub fn replicate(
    view: &MarketView,
    terms: &ReplicationTerms,
) -> Result<ReplicationOutcome, StudyError> {
    let straddle = if terms.straddle.weight > 0.0 { Some(straddle(view, terms)?) } else { None };
    let market = ReplicationMarket {
        long: view.series(terms.long.symbol)?,
        short: view.series(terms.short.symbol)?,
        straddle,
        calendar: &view.rulebook.calendar,
    };
    Ok(carry_replication(terms, &market)?)
}

fn straddle<'a>(
    view: &'a MarketView,
    terms: &ReplicationTerms,
) -> Result<StraddleMarket<'a>, StudyError> {
    let leg = &terms.straddle;
    match leg.source {
        StraddleSource::ImpliedVolatility => Ok(StraddleMarket::ImpliedVolatility {
            underlying: view.series(leg.symbol)?,
            implied_volatility: view.implied_volatility(leg.implied_volatility)?,
        }),
        StraddleSource::Chain => Ok(StraddleMarket::Chain(view.option_chain(leg.symbol)?)),
    }
}
