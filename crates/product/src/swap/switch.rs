//! An index held in the place of names that were sold while net selling was banned.

use shoals_core::{Series, Symbol, TradingDay};

use super::long_leg::Ordered;
use super::order::{OrderCause, OrderLeg, OrderLine, OrderReason, Side};
use super::position::positive;
use crate::Error;

/// Units of the index; none but under a ban and until the order goes on after it.
#[derive(Debug, Clone)]
pub(super) struct Switch<'a> {
    pub symbol: Symbol,
    series: &'a Series,
    units: f64,
    /// Of them, what is ordered to be sold.
    to_sell: f64,
    /// Last mark; NaN before the first.
    price: f64,
    /// Gain since the opening, CNY.
    pub gain: f64,
}

impl<'a> Switch<'a> {
    pub(super) fn new(symbol: Symbol, series: &'a Series, opened_on: TradingDay) -> Self {
        let price = series.at(opened_on).unwrap_or(f64::NAN);
        Self { symbol, series, units: 0.0, to_sell: 0.0, price, gain: 0.0 }
    }

    /// Moves the mark; gives the gain. Missing: a day without a close keeps the last one.
    pub(super) fn mark(&mut self, date: TradingDay) -> Result<f64, Error> {
        let Some(price) = self.series.at(date) else { return Ok(0.0) };
        let price = positive(price, self.series.name(), date)?;
        let gain = if self.units > 0.0 { self.units * (price - self.price) } else { 0.0 };
        self.price = price;
        self.gain += gain;
        Ok(gain)
    }

    pub(super) fn value(&self) -> f64 {
        if self.units > 0.0 { self.units * self.price } else { 0.0 }
    }

    /// Whether it can be bought: it has had a close.
    pub(super) fn has_price(&self) -> bool {
        !self.price.is_nan()
    }

    /// Orders `value` CNY of it to be sold, or all there is; gives what was ordered.
    pub(super) fn order_sale(&mut self, value: f64) -> f64 {
        let held = self.value();
        self.to_sell = if value >= held { self.units } else { self.units * value / held };
        value.min(held)
    }

    /// Value ordered to be sold, CNY.
    pub(super) fn waiting_value(&self) -> f64 {
        if self.to_sell > 0.0 { self.to_sell * self.price } else { 0.0 }
    }

    /// Buys for `value` CNY what will be sold when the ban is over.
    pub(super) fn buy(
        &mut self,
        date: TradingDay,
        decided_on: TradingDay,
        value: f64,
    ) -> OrderLine {
        self.units += value / self.price;
        self.to_sell += value / self.price;
        self.order(date, Side::Buy, OrderCause::Switch, decided_on, value)
    }

    /// Sells what is ordered; none when nothing is.
    pub(super) fn sell(&mut self, date: TradingDay, ordered: Ordered) -> Option<OrderLine> {
        let value = self.waiting_value();
        let is_all = self.to_sell == self.units;
        self.units = if is_all { 0.0 } else { self.units - self.to_sell };
        self.to_sell = 0.0;
        (value > 0.0)
            .then(|| self.order(date, Side::Sell, ordered.cause, ordered.decided_on, value))
    }

    fn order(
        &self,
        date: TradingDay,
        side: Side,
        cause: OrderCause,
        decided_on: TradingDay,
        value: f64,
    ) -> OrderLine {
        OrderLine {
            date,
            symbol: self.symbol,
            leg: OrderLeg::Long,
            fee: 0.0,
            side,
            cause,
            decided_on,
            wanted: value,
            filled: value,
            price: self.price,
            reason: OrderReason::Filled,
        }
    }
}
