//! Where a gain came from: the parts of the market an attribution needs.

use shoals_core::{FutureContract, FutureProduct, Rulebook, Series, Symbol, Text, TradingDay};
use shoals_market::future::roll::{RollConfig, RollRule, roll_short_hedge};
use shoals_product::Error as ProductError;
use shoals_product::attribution::{
    AttributionConfig, AttributionOutcome, Factor, PeriodPart, SourceLine, Unit, against,
    basis_factor, of_replication, of_returns, of_swap, return_factor, short_volatility_factor,
    spread_factor, top_of,
};
use shoals_product::replication::{Instrument, ReplicationOutcome};
use shoals_product::swap::{HedgeKind, SwapOutcome};

use crate::market_view::no_contracts;
use crate::{MarketView, StudyError};

/// Where did a replication's return come from?
///
/// # Errors
/// A factor whose series the market does not hold, or settings that are not legal.
pub fn attribute_replication(
    view: &MarketView,
    name: &str,
    outcome: &ReplicationOutcome,
    config: &AttributionConfig,
) -> Result<AttributionOutcome, StudyError> {
    let index = match outcome.terms.short.symbol {
        Instrument::Series(symbol) => view.series(symbol)?,
        Instrument::Contract(FutureContract { product, .. }) | Instrument::Product(product) => {
            spot(view, product)?
        }
    };
    let lines = of_replication(outcome, index)?;
    let returns = outcome.nav.iter().skip(1).map(|line| (line.date, line.r#return)).collect();
    told(view, name, config, (Unit::OpeningEquity, lines), returns)
}

/// Where did a DMA book's gain come from, and leg by leg beside a replica? Its returns are gains over notional.
///
/// # Errors
/// A factor or a hedged index the market does not hold, or settings that are not legal.
pub fn attribute_book(
    view: &MarketView,
    name: &str,
    outcome: &SwapOutcome,
    replica: Option<&AttributionOutcome>,
    config: &AttributionConfig,
) -> Result<AttributionOutcome, StudyError> {
    let mut spots = Vec::new();
    for hedge in &outcome.terms.hedge {
        let product = match hedge.kind()? {
            HedgeKind::Contract(contract) => contract.product,
            HedgeKind::Product(product, _) => product,
            HedgeKind::Index(_) => continue,
        };
        spots.push((product, spot(view, product)?));
    }
    let Rulebook { calendar, rules } = &view.rulebook;
    let lines = of_swap(outcome, calendar, rules, &spots)?;
    let notional = outcome.terms.swap.notional;
    let returns = lines.iter().skip(1).map(|line| (line.date, line.pnl / notional)).collect();
    let beside = replica.map(|replica| against(&lines, notional, &replica.lines));
    let told = told(view, name, config, (Unit::Cny, lines), returns)?;
    Ok(AttributionOutcome { against: beside.unwrap_or_default(), ..told })
}

/// What explains a series: an index, a fund, an own NAV? It has no ledger, so no exact lines.
///
/// # Errors
/// A series the market does not hold, or settings that are not legal.
pub fn attribute_symbol(
    view: &MarketView,
    symbol: Symbol,
    config: &AttributionConfig,
) -> Result<AttributionOutcome, StudyError> {
    let Factor { days, returns, .. } = return_factor("book", view.series(symbol)?);
    let returns = days.into_iter().zip(returns).collect();
    told(view, symbol.as_str(), config, (Unit::OpeningEquity, Vec::new()), returns)
}

fn spot(view: &MarketView, product: FutureProduct) -> Result<&Series, StudyError> {
    Ok(view.indices.get(&product.underlying()).ok_or_else(|| no_contracts(product))?)
}

/// The statistical side and the tops, around the exact lines.
fn told(
    view: &MarketView,
    name: &str,
    config: &AttributionConfig,
    (unit, lines): (Unit, Vec<SourceLine>),
    returns: Vec<(TradingDay, f64)>,
) -> Result<AttributionOutcome, StudyError> {
    config.check()?;
    let factors = factors(view, config)?;
    let is_asked = |day: &TradingDay| {
        config.from.is_none_or(|from| *day >= from) && config.to.is_none_or(|to| *day <= to)
    };
    let (days, values): (Vec<TradingDay>, Vec<f64>) =
        returns.into_iter().filter(|(day, _)| is_asked(day)).unzip();
    let (statistics, unasked) = match of_returns(&days, &values, &factors, config) {
        Ok(statistics) => (Some(statistics), None),
        Err(ProductError::TooFewFactorDays { needed, found }) => {
            let why = Text::new(
                format!("统计归因至少需要 {needed} 个各因子俱全的交易日，只有 {found} 个"),
                format!(
                    "the statistical side needs {needed} days with every factor, found {found}"
                ),
            );
            (None, Some(why))
        }
        Err(error) => return Err(error.into()),
    };
    let mut tops = Vec::new();
    tops.extend(top_of("book", &days, &values, config)?);
    for factor in factors.iter().filter(|factor| matches!(factor.name, "size" | "short_volatility"))
    {
        let (days, values): (Vec<TradingDay>, Vec<f64>) = factor
            .days
            .iter()
            .zip(&factor.returns)
            .filter(|(day, x)| is_asked(day) && x.is_finite())
            .map(|(day, x)| (*day, *x))
            .unzip();
        tops.extend(top_of(factor.name, &days, &values, config)?);
    }
    for &symbol in &config.tops {
        let path = return_factor("top", view.series(symbol)?);
        tops.extend(top_of(symbol.as_str(), &path.days, &path.returns, config)?);
    }
    let parts = PeriodPart::of(&lines);
    let (name, config) = (name.to_owned(), config.clone());
    let against = Vec::new();
    let outcome =
        AttributionOutcome { name, unit, lines, parts, statistics, unasked, against, tops, config };
    let (from, to) = (outcome.config.from, outcome.config.to);
    Ok(outcome.between(from, to))
}

fn factors(view: &MarketView, config: &AttributionConfig) -> Result<Vec<Factor>, StudyError> {
    let (small, large) = (view.series(config.small)?, view.series(config.large)?);
    let volatility = view.implied_volatility(config.implied_volatility)?;
    let mut factors = vec![
        return_factor("market", large),
        spread_factor("size", small, large),
        short_volatility_factor(large, volatility, config.straddle_days),
    ];
    if let Some(product) = config.product()? {
        let Rulebook { calendar, rules } = &view.rulebook;
        let market = view.future_market(product)?;
        let roll = RollConfig::default();
        let hedge = roll_short_hedge(market, RollRule::FixedDays, &roll, calendar, rules)?;
        factors.push(basis_factor(&hedge));
    }
    Ok(factors)
}
