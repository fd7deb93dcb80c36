//! The names of `[long.micro_cap]`: the smallest of the market at the close before the opening.

use shoals_core::{Calendar, Symbol, TradingDay};
use shoals_market::MarketError;
use shoals_market::index::{Frequency, MicroCapConfig, MicroCapWords, select};
use shoals_market::universe::{StockMarket, Tradability, UniverseConfig};

use super::MicroCapLong;
use crate::Error;

/// Names and weights of a book opened at the close of `opened_on`, known at the close before.
///
/// Eligible are the names of [`UniverseConfig::default`]: half a year listed, no special treatment, no
/// Beijing. `tradability` is of that universe.
///
/// # Errors
/// No day before the opening, no capitalisation column, or no eligible name.
pub fn micro_cap_names(
    stocks: &StockMarket,
    tradability: &Tradability,
    choice: MicroCapLong,
    opened_on: TradingDay,
    calendar: &Calendar,
) -> Result<Vec<(Symbol, f64)>, Error> {
    let n_before = stocks.days().partition_point(|&day| day < opened_on);
    let Some(&last) = n_before.checked_sub(1).and_then(|last| stocks.days().get(last)) else {
        return Err(MarketError::NoSuchDay { day: opened_on }.into());
    };
    let MicroCapLong { n_names, market_cap, weighting } = choice;
    let config = MicroCapConfig::try_from(MicroCapWords {
        market_cap,
        n_names: n_names as usize,
        weighting,
        rebalance: Frequency::Daily,
        universe: UniverseConfig::default(),
        ..MicroCapWords::default()
    })?;
    let known = stocks.up_to(last);
    let membership = select(&known, tradability, &config, calendar)?;
    let members = membership.held_on(n_before - 1).unwrap_or_default();
    if members.is_empty() {
        return Err(MarketError::NoEligibleStock.into());
    }
    let caps = known.panel().row(market_cap.column(), n_before - 1)?;
    let named = |&i: &u32| (known.symbols()[i as usize], weighting.share(caps[i as usize]));
    Ok(members.iter().map(named).collect())
}
