//! The cost of a rolled hedge over a stretch of days.

use serde::Serialize;
use shoals_core::TradingDay;
use shoals_core::number::CALENDAR_DAYS_PER_YEAR;

use super::ledger::{RolledDay, RolledHedge};

/// What a rolled hedge earned and cost.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct HedgeCost {
    /// First day.
    pub from: TradingDay,
    /// Last day.
    pub to: TradingDay,
    /// Days with a position.
    pub n_days: usize,
    /// Moves between contracts, in units: a whole roll counts one.
    pub n_rolls: f64,
    /// Sum of the daily hedge returns, decimal of the index value.
    pub hedge_return: f64,
    /// Sum of the daily index returns over the days held.
    pub index_return: f64,
    /// Sum of the daily costs, decimal of the index value; positive when the hedge cost.
    pub cost: f64,
    /// Exchange fees within `cost`.
    pub fees: f64,
    /// `cost` a year of 365 calendar days; NaN over no time.
    pub cost_annualised: f64,
    /// Mean annualised spread the hedge was rolled at, weighted by units; NaN without a roll.
    pub mean_spread_rate: f64,
}

/// The cost over the whole life of the hedge.
///
/// # Panics
/// Never for a hedge made by [`roll_short_hedge`](super::roll_short_hedge), which has days.
pub fn hedge_cost(hedge: &RolledHedge) -> HedgeCost {
    cost_of(hedge, &hedge.days, hedge.days[0].date)
}

/// The cost year by year; the first and last may be partial.
pub fn hedge_cost_by_year(hedge: &RolledHedge) -> Vec<HedgeCost> {
    let mut last_day = hedge.days.first().map(|day| day.date);
    hedge
        .days
        .chunk_by(|a, b| a.date.year() == b.date.year())
        .map(|days| {
            let opened = last_day.replace(days[days.len() - 1].date).unwrap_or(days[0].date);
            cost_of(hedge, days, opened)
        })
        .collect()
}

/// `opened` is the close from which the first of `days` is counted.
fn cost_of(hedge: &RolledHedge, days: &[RolledDay], opened: TradingDay) -> HedgeCost {
    let (from, to) = (days[0].date, days[days.len() - 1].date);
    let sum = |of: fn(&RolledDay) -> f64| days.iter().map(of).sum::<f64>();
    let cost = sum(|day| day.cost);
    let calendar_days = f64::from(opened.calendar_days_until(to));
    let rolls = || hedge.rolls.iter().filter(|roll| (from..=to).contains(&roll.date));
    let n_rolls: f64 = rolls().map(|roll| roll.units).sum();
    let spread: f64 = rolls().map(|roll| roll.units * roll.spread_rate).sum();
    HedgeCost {
        from,
        to,
        n_days: days.iter().filter(|day| day.units > 0.0).count(),
        n_rolls,
        hedge_return: sum(|day| day.hedge_return),
        index_return: sum(|day| day.units * day.spot_change / (day.spot - day.spot_change)),
        cost,
        fees: sum(|day| day.fee / (day.spot - day.spot_change)),
        cost_annualised: cost * CALENDAR_DAYS_PER_YEAR / calendar_days,
        mean_spread_rate: spread / n_rolls,
    }
}
