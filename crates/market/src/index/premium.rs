//! What weighting and reselection add over holding the same names.

use serde::Serialize;
use shoals_core::{Calendar, TradingDay};

use super::basket::Basket;
use super::config::is_last_of_month;
use super::selection::MarketCapRows;
use super::{IndexDay, Membership, MicroCapConfig, Weighting};
use crate::MarketError;
use crate::universe::StockMarket;

/// One whole month of an index against the names it held when the month began. Simple decimal returns.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct MonthPremium {
    /// Close the month counts from: the last trading day of the month before.
    pub from: TradingDay,
    /// Last trading day of the month.
    pub to: TradingDay,
    /// Return of the index.
    pub index: f64,
    /// Return of its names at the start, held untouched.
    pub buy_and_hold: f64,
    /// Return of the same names, weights put back every close.
    pub reset_daily: f64,
    /// What putting weights back added: `reset_daily - buy_and_hold`.
    pub reweighting: f64,
    /// What choosing other names added: `index - reset_daily`.
    pub reselection: f64,
    /// Both together, the rebalancing premium: `index - buy_and_hold`.
    pub premium: f64,
}

/// The rebalancing premium of every whole month, before costs.
///
/// At the last close of each month the index's names are put into two baskets with the index's weights:
/// one is left alone for a month, the other is brought back to those weights at every close. Resetting
/// sells what rose and buys what fell, so in a market that reverts it earns, and in one that trends it
/// loses; closes that bounce between bid and ask flatter it. A month that has not ended is left out, as is
/// a name without a price on the first close.
///
/// # Errors
/// No capitalisation column, or a day outside the calendar.
pub fn rebalancing_premium(
    market: &StockMarket,
    membership: &Membership,
    index: &[IndexDay],
    config: &MicroCapConfig,
    calendar: &Calendar,
) -> Result<Vec<MonthPremium>, MarketError> {
    let caps = MarketCapRows::of(market, config.market_cap)?;
    let Some(first) = index.first() else { return Ok(Vec::new()) };
    let first = market.day_index(first.date)?;
    let ends = month_ends(market, first, calendar)?;
    let month = |span: &[usize]| {
        let (from, to) = (span[0], span[1]);
        let growth = index[to - first].nav / index[from - first].nav;
        let held = Held {
            market,
            members: priced(membership.held_on(from)?, market, from, caps.row(from)),
            weighting: config.weighting,
            caps: caps.row(from),
        };
        Some(held.month(from, to, growth - 1.0))
    };
    Ok(ends.windows(2).filter_map(month).collect())
}

/// Positions of the last trading days of months, from `first` on.
pub(super) fn month_ends(
    market: &StockMarket,
    first: usize,
    calendar: &Calendar,
) -> Result<Vec<usize>, MarketError> {
    let mut ends = Vec::new();
    for (t, &day) in market.days().iter().enumerate().skip(first) {
        if is_last_of_month(day, calendar)? {
            ends.push(t);
        }
    }
    Ok(ends)
}

/// The members that have a price and a capitalisation on the day.
fn priced(members: &[u32], market: &StockMarket, t: usize, caps: &[f64]) -> Vec<u32> {
    let prices = &market.adjusted_close()[t * caps.len()..];
    let is_priced = |&i: &u32| !prices[i as usize].is_nan() && caps[i as usize] > 0.0;
    members.iter().copied().filter(is_priced).collect()
}

struct Held<'a> {
    market: &'a StockMarket,
    members: Vec<u32>,
    weighting: Weighting,
    caps: &'a [f64],
}

impl Held<'_> {
    fn month(&self, from: usize, to: usize, index: f64) -> MonthPremium {
        let (start, mut held, mut reset) =
            (self.basket(from), self.basket(from), self.basket(from));
        for t in from + 1..=to {
            held.mark(self.prices(t));
            reset.mark(self.prices(t));
            reset.reset_to(&start);
        }
        let (buy_and_hold, reset_daily) = (held.value() - 1.0, reset.value() - 1.0);
        MonthPremium {
            from: self.market.days()[from],
            to: self.market.days()[to],
            index,
            buy_and_hold,
            reset_daily,
            reweighting: reset_daily - buy_and_hold,
            reselection: index - reset_daily,
            premium: index - buy_and_hold,
        }
    }

    fn basket(&self, t: usize) -> Basket {
        let mut basket = Basket::default();
        basket.set(&self.members, self.weighting, self.caps, self.prices(t), 1.0);
        basket
    }

    fn prices(&self, t: usize) -> &[f64] {
        let width = self.market.symbols().len();
        &self.market.adjusted_close()[t * width..(t + 1) * width]
    }
}
