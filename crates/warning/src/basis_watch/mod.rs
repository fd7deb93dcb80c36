//! What did the hedge quote, what did carrying it cost, and when did it turn on its holders?
//!
//! Every contract's basis and the term structure ([`shoals_market::future::basis`]), the cost of a
//! short hedge under four roll rules ([`shoals_market::future::roll`]), the stress of the basis
//! against its own last year, and the days on which the basis rose while micro caps fell: a
//! market-neutral book loses on both legs then. Source: Hull,
//! Options, Futures and Other Derivatives, ch. 5; press accounts of February 2024.
//!
//! Method page: docs/method/basis.md

mod alarm;
mod config;
mod outcome;
mod squeeze;
mod stress;

use shoals_core::{Calendar, Rules, Series, TradingDay, range_in_words};
use shoals_market::MarketError;
use shoals_market::future::roll::{RollRule, RolledHedge, roll_short_hedge};
use shoals_market::future::{BasisPoint, FutureMarket, basis_points};

pub use alarm::{Alarm, AlarmKind};
pub use config::BasisConfig;
pub use outcome::BasisOutcome;
pub use squeeze::SqueezeDay;
pub use stress::{CurvePoint, StressDay};

use crate::WarningError;

/// Watches the basis of every market given; `micro` is the close of the micro-cap index, without
/// which there are no squeeze days.
///
/// Days are matched by date. Nothing after `config.to` is known; figures before `config.from` serve
/// as the yardstick of the stress measures only.
///
/// # Errors
/// Illegal settings, no market, a market without two days of prices, or a day outside the calendar
/// or the fee rules.
pub fn basis_watch(
    markets: &[FutureMarket],
    micro: Option<&Series>,
    config: &BasisConfig,
    calendar: &Calendar,
    rules: &Rules,
) -> Result<BasisOutcome, WarningError> {
    config.check()?;
    if markets.is_empty() {
        return Err(WarningError::NoMarket);
    }
    let mut outcome = BasisOutcome::empty(config, markets, micro);
    for market in markets {
        let known = known(market, config.to);
        let points = basis_points(&known, config.convention(), calendar)?;
        outcome.stress.extend(stress::stress(&points, config)?);
        outcome.curve.extend(stress::curve(&points, config)?);
        if let Some(micro) = micro {
            outcome.squeezes.extend(squeeze::squeezes(&points, micro, config));
        }
        outcome.hedges.extend(hedges(&known, config, calendar, rules)?);
        outcome.points.extend(points.into_iter().filter(|point| config.tells(point.date)));
    }
    if outcome.points.is_empty() {
        return Err(nothing_to_tell(markets, config));
    }
    outcome.sort_by_date();
    outcome.alarms = alarm::alarms(&outcome, config);
    Ok(outcome)
}

/// No contract has a price between `from` and `to`.
fn nothing_to_tell(markets: &[FutureMarket], config: &BasisConfig) -> WarningError {
    let days = || markets.iter().flat_map(|m| &m.contracts).flat_map(|c| c.days.iter().copied());
    let (Some(first), Some(last)) = (days().min(), days().max()) else {
        return WarningError::NoMarket;
    };
    let asked = range_in_words(config.from, config.to);
    WarningError::NothingToTell { asked, first, last }
}

/// The market as known on `to`.
fn known(market: &FutureMarket, to: Option<TradingDay>) -> FutureMarket {
    to.map_or_else(|| market.clone(), |to| market.up_to(to))
}

/// The hedge under every rule, from `config.from` on; none for a market too short to trade.
fn hedges(
    market: &FutureMarket,
    config: &BasisConfig,
    calendar: &Calendar,
    rules: &Rules,
) -> Result<Vec<RolledHedge>, WarningError> {
    let told = from_day(market, config.from);
    let roll = config.roll();
    let carry = |rule| match roll_short_hedge(&told, rule, &roll, calendar, rules) {
        Err(MarketError::NoData { .. }) => None,
        carried => Some(carried),
    };
    Ok(RollRule::ALL.into_iter().filter_map(carry).collect::<Result<_, _>>()?)
}

/// The market seen from `from` on: the hedge is opened then.
fn from_day(market: &FutureMarket, from: Option<TradingDay>) -> FutureMarket {
    let mut told = market.clone();
    if let (Some(from), Some(&last)) = (from, market.spot.days().last()) {
        told.spot = market.spot.between(from, last);
    }
    told
}

/// Days of points, in order.
fn by_day(points: &[BasisPoint]) -> impl Iterator<Item = &[BasisPoint]> {
    points.chunk_by(|a, b| a.date == b.date)
}
