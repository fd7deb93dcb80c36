//! Names brought back to their weights: as much is bought as sold, as far as a day lets it.

use shoals_core::{Symbol, TradingDay};
use shoals_market::universe::Reason;

use super::{LongLeg, NamesLeg, Ordered, places, why_not_bought};
use crate::Error;
use crate::swap::order::{OrderLeg, OrderLine, OrderReason, Side};

/// What is missing of an order or wanted of a leg, below this part of it, is rounding.
const DUST: f64 = 1e-12;

/// Units a rebalancing wants of every name.
#[derive(Debug, Clone)]
pub(in crate::swap) struct Goal {
    units: Vec<f64>,
    ordered: Ordered,
}

/// What a day of a rebalancing did.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::swap) struct Rebalanced {
    /// Sold, and bought for it, CNY.
    pub value: f64,
    /// Wanted to be sold and to be bought, CNY.
    pub wanted: (f64, f64),
    /// Names that left, and that came.
    pub n_left: usize,
    pub n_came: usize,
    /// Whether something is left for the next day.
    pub is_waiting: bool,
}

impl LongLeg<'_> {
    /// Sets what a rebalancing wants: these weights of what the names are worth at the marks of the day.
    pub(in crate::swap) fn aim(
        &mut self,
        weights: &[(Symbol, f64)],
        ordered: Ordered,
    ) -> Result<(), Error> {
        match self {
            Self::Names(leg) => leg.aim(weights, ordered),
            Self::Series(_) => Ok(()),
        }
    }

    /// Whether a rebalancing wants something still.
    pub(in crate::swap) fn is_rebalancing(&self) -> bool {
        matches!(self, Self::Names(leg) if leg.goal.is_some())
    }

    /// Trades towards what a rebalancing wants. Shares bought may be sold `sell_after_days` later.
    pub(in crate::swap) fn rebalance(
        &mut self,
        date: TradingDay,
        sell_after_days: usize,
        orders: &mut Vec<OrderLine>,
    ) -> Rebalanced {
        match self {
            Self::Names(leg) => leg.rebalance(date, sell_after_days, orders),
            Self::Series(_) => Rebalanced::default(),
        }
    }
}

/// One name's part in a day of a rebalancing.
struct Trade {
    k: usize,
    /// Units wanted, above 0.
    wanted: f64,
    /// Units the market takes or gives.
    feasible: f64,
    reason: OrderReason,
}

impl NamesLeg<'_> {
    fn aim(&mut self, weights: &[(Symbol, f64)], ordered: Ordered) -> Result<(), Error> {
        // While an index stands in the place of names, what they are worth is not theirs.
        if !self.has_row || self.switched_value() > 0.0 {
            return Ok(());
        }
        let width = self.stocks.symbols().len();
        for (column, _) in places(self.stocks, weights)? {
            if !self.columns.contains(&column) {
                let price = self.closes[self.row * width + column as usize];
                self.columns.push(column);
                self.units.push(0.0);
                self.targets.push(0.0);
                self.prices.push(price);
                self.gains.push(0.0);
            }
        }
        let weight = |column: u32| {
            let symbol = self.stocks.symbols()[column as usize];
            weights.iter().find(|(known, _)| *known == symbol).map_or(0.0, |(_, weight)| *weight)
        };
        // A name that never had a price cannot be wanted.
        let wanted: Vec<f64> = self
            .columns
            .iter()
            .zip(&self.prices)
            .map(|(&column, price)| if price.is_nan() { 0.0 } else { weight(column) })
            .collect();
        let all: f64 = wanted.iter().sum();
        if all <= 0.0 {
            return Ok(());
        }
        let units = wanted.iter().zip(&self.prices).map(|(weight, price)| {
            if *weight > 0.0 { weight / all * self.value / price } else { 0.0 }
        });
        self.goal = Some(Goal { units: units.collect(), ordered });
        Ok(())
    }

    fn rebalance(
        &mut self,
        date: TradingDay,
        sell_after_days: usize,
        orders: &mut Vec<OrderLine>,
    ) -> Rebalanced {
        let Some(goal) = self.goal.take() else { return Rebalanced::default() };
        let (sales, purchases) = (self.sales(&goal), self.purchases(&goal));
        let worth = |trades: &[Trade], pick: fn(&Trade) -> f64| -> f64 {
            trades.iter().map(|trade| pick(trade) * self.prices[trade.k]).sum()
        };
        let (can_sell, can_buy) =
            (worth(&sales, |t| t.feasible), worth(&purchases, |t| t.feasible));
        let wanted = (worth(&sales, |t| t.wanted), worth(&purchases, |t| t.wanted));
        let value = can_sell.min(can_buy);
        let mut done = Rebalanced { value, wanted, ..Rebalanced::default() };
        for (trades, all, side) in [(sales, can_sell, Side::Sell), (purchases, can_buy, Side::Buy)]
        {
            let share = if all > 0.0 { value / all } else { 0.0 };
            for trade in trades {
                orders.push(self.traded(date, &goal, &trade, share, side, &mut done));
            }
        }
        if value > 0.0 {
            self.unlocked_from = self.unlocked_from.max(self.row + sell_after_days);
        }
        self.value =
            self.units.iter().zip(&self.prices).map(|(units, price)| held(*units, *price)).sum();
        let rest = (wanted.0 - value).min(wanted.1 - value);
        done.is_waiting = rest > DUST * self.value;
        self.goal = done.is_waiting.then_some(goal);
        done
    }

    /// Fills the share of a trade that the other side pays for.
    fn traded(
        &mut self,
        date: TradingDay,
        goal: &Goal,
        trade: &Trade,
        share: f64,
        side: Side,
        done: &mut Rebalanced,
    ) -> OrderLine {
        let &Trade { k, wanted, feasible, reason } = trade;
        let before = self.units[k];
        let units = feasible * share;
        let is_whole = units >= wanted * (1.0 - DUST);
        let units = if is_whole { wanted } else { units };
        self.units[k] = match side {
            _ if is_whole => goal.units[k],
            Side::Sell => before - units,
            Side::Buy => before + units,
        };
        self.targets[k] = self.units[k];
        done.n_left += usize::from(before > 0.0 && self.units[k] == 0.0);
        done.n_came += usize::from(before == 0.0 && self.units[k] > 0.0);
        let price = self.prices[k];
        let is_cut = reason == OrderReason::Filled && !is_whole;
        OrderLine {
            date,
            symbol: self.stocks.symbols()[self.columns[k] as usize],
            leg: OrderLeg::Long,
            fee: 0.0,
            side,
            cause: goal.ordered.cause,
            decided_on: goal.ordered.decided_on,
            wanted: wanted * price,
            filled: units * price,
            price,
            reason: if is_cut { OrderReason::OtherSide } else { reason },
        }
    }

    fn sales(&self, goal: &Goal) -> Vec<Trade> {
        let over = |k: usize| self.units[k] - goal.units[k];
        let one = |k: usize| {
            let wanted = over(k);
            let (feasible, reason) = self.fill(k, wanted, false);
            Trade { k, wanted, feasible, reason }
        };
        (0..self.units.len()).filter(|&k| over(k) > 0.0).map(one).collect()
    }

    fn purchases(&self, goal: &Goal) -> Vec<Trade> {
        let under = |k: usize| goal.units[k] - self.units[k];
        let one = |k: usize| {
            let wanted = under(k);
            let column = self.columns[k] as usize;
            let reasons = self.reasons(column);
            let is_unpriced = reasons.has(Reason::NoPrice);
            if !reasons.can_buy() || is_unpriced {
                return Trade { k, wanted, feasible: 0.0, reason: why_not_bought(reasons) };
            }
            let room = self.participation.room(self.row, column) / self.prices[k];
            let is_cut = room < wanted;
            let reason = if is_cut { OrderReason::Participation } else { OrderReason::Filled };
            Trade { k, wanted, feasible: wanted.min(room), reason }
        };
        (0..self.units.len()).filter(|&k| under(k) > 0.0).map(one).collect()
    }
}

/// Value of a holding; a name that is not held may have no price.
pub(super) fn held(units: f64, price: f64) -> f64 {
    if units == 0.0 { 0.0 } else { units * price }
}
