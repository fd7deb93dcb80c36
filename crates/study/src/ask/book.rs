//! The questions of a DMA book: what would it have lost, day by day, and what would an AB swap have made of it?

use std::collections::BTreeMap;

use shoals_core::{Rulebook, Symbol};
use shoals_market::universe::{Tradability, UniverseConfig};
use shoals_product::Error as ProductError;
use shoals_product::ab_swap::{AbSwapOutcome, AbSwapTerms, simulate as simulate_ab};
use shoals_product::swap::{
    HedgeKind, LongKind, LongMarket, NamesMarket, SwapMarket, SwapOutcome, SwapTerms,
    micro_cap_choices, micro_cap_names, simulate,
};

use crate::{MarketView, StudyError};

/// What would this book have lost, day by day?
///
/// # Errors
/// A leg the market does not hold, or days it has no price on.
pub fn swap(view: &MarketView, terms: &SwapTerms) -> Result<SwapOutcome, StudyError> {
    carried(view, terms, |market| simulate(terms, market))
}

/// What would an AB swap and a DMA book have made of the same path?
///
/// # Errors
/// A leg the market does not hold, or days it has no price on.
pub fn ab(view: &MarketView, terms: &AbSwapTerms) -> Result<AbSwapOutcome, StudyError> {
    carried(view, terms.book(), |market| simulate_ab(terms, market))
}

/// Carries something through the market of a book's legs.
fn carried<T>(
    view: &MarketView,
    terms: &SwapTerms,
    carry: impl Fn(&SwapMarket) -> Result<T, ProductError>,
) -> Result<T, StudyError> {
    let kind = terms.long.kind()?;
    if let LongKind::Series(symbol) = kind {
        return Ok(carry(&legs(view, terms, LongMarket::Series(view.series(symbol)?))?)?);
    }
    let stocks = &view.stocks()?.market;
    let Rulebook { calendar, rules } = &view.rulebook;
    let tradability = Tradability::of(stocks, UniverseConfig::default(), calendar, rules);
    let weights: Vec<(Symbol, f64)> = match kind {
        LongKind::MicroCap(choice) => {
            micro_cap_names(stocks, &tradability, choice, terms.swap.opened_on, calendar)?
        }
        LongKind::Basket(path) => view
            .baskets
            .get(path)
            .cloned()
            .ok_or_else(|| StudyError::NoBasket { path: path.display().to_string() })?,
        LongKind::Series(_) => Vec::new(),
    };
    let chosen = match kind {
        LongKind::MicroCap(choice) => {
            let mut days = terms.rebalancing_days(calendar);
            days.retain(|day| stocks.days().last().is_some_and(|last| day <= last));
            micro_cap_choices(stocks, &tradability, choice, &days, calendar)?
        }
        LongKind::Series(_) | LongKind::Basket(_) => BTreeMap::new(),
    };
    let names = NamesMarket { stocks, tradability: &tradability, weights, chosen };
    Ok(carry(&legs(view, terms, LongMarket::Names(names))?)?)
}

/// The long leg with the hedges the terms name.
fn legs<'a>(
    view: &'a MarketView,
    terms: &SwapTerms,
    long: LongMarket<'a>,
) -> Result<SwapMarket<'a>, StudyError> {
    let Rulebook { calendar, rules } = &view.rulebook;
    let (hedges, futures, indices) = (Vec::new(), Vec::new(), Vec::new());
    let mut market = SwapMarket { long, hedges, futures, indices, calendar, rules };
    for hedge in &terms.hedge {
        match hedge.kind()? {
            HedgeKind::Contract(contract) => market.hedges.push(view.contract(contract)?),
            HedgeKind::Product(product, _) => market.futures.push(view.future_market(product)?),
            HedgeKind::Index(symbol) => market.indices.push((symbol, view.series(symbol)?)),
        }
    }
    if let Some(symbol) = terms.unwind.as_ref().and_then(|unwind| unwind.switch_into) {
        market.indices.push((symbol, view.series(symbol)?));
    }
    Ok(market)
}
