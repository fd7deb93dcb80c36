//! The names of `[long.micro_cap]`: the smallest of the market at the close before the opening.

use std::collections::BTreeMap;

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
    let mut chosen = micro_cap_choices(stocks, tradability, choice, &[opened_on], calendar)?;
    Ok(chosen.remove(&opened_on).unwrap_or_default())
}

/// Names and weights of every one of these days, each known at the close before it.
///
/// # Errors
/// As [`micro_cap_names`].
pub fn micro_cap_choices(
    stocks: &StockMarket,
    tradability: &Tradability,
    choice: MicroCapLong,
    days: &[TradingDay],
    calendar: &Calendar,
) -> Result<BTreeMap<TradingDay, Vec<(Symbol, f64)>>, Error> {
    let row_before = |day: TradingDay| {
        let n_before = stocks.days().partition_point(|&known| known < day);
        n_before.checked_sub(1).ok_or(MarketError::NoSuchDay { day })
    };
    let Some(&latest) = days.iter().max() else { return Ok(BTreeMap::new()) };
    let last = stocks.days()[row_before(latest)?];
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
    let mut chosen = BTreeMap::new();
    for &day in days {
        let row = row_before(day)?;
        let members = membership.held_on(row).unwrap_or_default();
        if members.is_empty() {
            return Err(MarketError::NoEligibleStock.into());
        }
        let caps = known.panel().row(market_cap.column(), row)?;
        let named = |&i: &u32| (known.symbols()[i as usize], weighting.share(caps[i as usize]));
        chosen.insert(day, members.iter().map(named).collect());
    }
    Ok(chosen)
}
