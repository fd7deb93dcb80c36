//! What a book holds: units of the long basket and short lots, each with its last mark.

use shoals_core::TradingDay;
use shoals_market::future::{ContractHistory, Mark};

use super::{Hedge, Lots, SwapMarket, SwapTerms};
use crate::Error;

/// The long leg.
#[derive(Debug, Clone)]
pub(super) struct LongLeg {
    /// Units of the index held; falls when the book is sold down.
    pub units: f64,
    /// Last mark.
    pub price: f64,
}

/// One short futures position.
#[derive(Debug, Clone)]
pub(super) struct ShortLeg<'a> {
    pub terms: Hedge,
    pub history: &'a ContractHistory,
    /// Lots held short; 0 after expiry.
    pub lots: f64,
    /// CNY per index point.
    pub multiplier: f64,
    /// Last mark, index points.
    pub price: f64,
    /// Gain since the opening, CNY.
    pub pnl: f64,
    /// Day of the final settlement; none when the book is closed no later than that day's close.
    pub settles_on: Option<TradingDay>,
}

/// What marking a leg at a day's close found.
pub(super) enum Marked {
    /// Gain of the day, CNY.
    Gained(f64),
    /// No price that day; the last mark stands.
    Stale,
}

impl LongLeg {
    pub(super) fn open(terms: &SwapTerms, market: &SwapMarket) -> Result<Self, Error> {
        let date = terms.swap.opened_on;
        let (days, name) = (market.long.days(), market.long.name());
        let price = market.long.at(date).ok_or_else(|| missing("close", name, date, days))?;
        let price = positive(price, name, date)?;
        Ok(Self { units: terms.swap.notional / price, price })
    }

    /// Moves the mark to the close of `date`.
    pub(super) fn mark(&mut self, market: &SwapMarket, date: TradingDay) -> Result<Marked, Error> {
        let Some(price) = market.long.at(date) else { return Ok(Marked::Stale) };
        let price = positive(price, market.long.name(), date)?;
        let gain = self.units * (price - self.price);
        self.price = price;
        Ok(Marked::Gained(gain))
    }

    pub(super) fn value(&self) -> f64 {
        self.units * self.price
    }
}

impl<'a> ShortLeg<'a> {
    pub(super) fn open(
        hedge: Hedge,
        terms: &SwapTerms,
        market: &SwapMarket<'a>,
    ) -> Result<Self, Error> {
        let (contract, date) = (hedge.future()?, terms.swap.opened_on);
        let history = market.history(contract)?;
        if history.expiry <= date {
            return Err(Error::HedgeExpired {
                contract: hedge.contract.to_string(),
                expiry: history.expiry,
                opened_on: date,
            });
        }
        let name = hedge.contract.as_str();
        let price = history
            .price(date, hedge.mark)
            .ok_or_else(|| missing(hedge.mark.name(), name, date, &history.days))?;
        let price = positive(price, name, date)?;
        let multiplier = market.rules.future_terms(contract.product, date)?.multiplier;
        let lots = opening_lots(hedge, terms.swap.notional, price * multiplier)?;
        let settles_on = Some(history.expiry).filter(|&expiry| expiry < terms.swap.closed_on);
        Ok(Self { terms: hedge, history, lots, multiplier, price, pnl: 0.0, settles_on })
    }

    /// Moves the mark to `date`: the chosen price, or the final settlement where the book outlives the
    /// contract.
    pub(super) fn mark(&mut self, date: TradingDay) -> Result<Marked, Error> {
        let price = if Some(date) == self.settles_on {
            self.history.price(date, Mark::Settle).or_else(|| self.history.price(date, Mark::Close))
        } else {
            self.history.price(date, self.terms.mark)
        };
        let Some(price) = price else { return Ok(Marked::Stale) };
        let price = positive(price, self.terms.contract.as_str(), date)?;
        let gain = -self.lots * self.multiplier * (price - self.price);
        self.price = price;
        self.pnl += gain;
        Ok(Marked::Gained(gain))
    }

    /// Value of the short position as a magnitude, CNY.
    pub(super) fn value(&self) -> f64 {
        self.lots * self.multiplier * self.price
    }

    /// Buys back `fraction` of the lots; returns the value bought.
    pub(super) fn reduce(&mut self, fraction: f64) -> f64 {
        let before = self.value();
        self.lots = rounded(self.lots * (1.0 - fraction), self.terms.lots);
        before - self.value()
    }
}

/// Lots sold at the opening, where one is worth `lot_value` CNY.
fn opening_lots(hedge: Hedge, notional: f64, lot_value: f64) -> Result<f64, Error> {
    let lots = rounded(hedge.weight * notional / lot_value, hedge.lots);
    if lots > 0.0 || hedge.weight == 0.0 {
        return Ok(lots);
    }
    let (contract, weight) = (hedge.contract.to_string(), hedge.weight);
    Err(Error::HedgeNoLot { contract, notional, weight, lot_value })
}

fn rounded(lots: f64, rule: Lots) -> f64 {
    match rule {
        Lots::Fractional => lots,
        Lots::Whole => lots.round(),
    }
}

fn missing(what: &'static str, name: &str, date: TradingDay, days: &[TradingDay]) -> Error {
    match (days.first(), days.last()) {
        (Some(&first), Some(&last)) => {
            Error::PriceMissing { what, name: name.to_owned(), date, first, last }
        }
        _ => Error::NoObservation { name: name.to_owned(), from: date, to: date },
    }
}

fn positive(price: f64, name: &str, date: TradingDay) -> Result<f64, Error> {
    if price > 0.0 && price.is_finite() {
        return Ok(price);
    }
    Err(Error::PriceNotPositive { name: name.to_owned(), date, found: price })
}
