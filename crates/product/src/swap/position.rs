//! Short positions: lots of a contract, or units of an index, each with its last mark.

use shoals_core::{FutureProduct, Series, Symbol, TradingDay};
use shoals_market::future::roll::RolledHedge;
use shoals_market::future::{ContractHistory, Mark};

use super::legs::HedgeKind;
use super::{Hedge, Lots, SwapMarket, SwapTerms};
use crate::Error;

/// Below this part of a leg's size a position is nothing but rounding.
const DUST: f64 = 1e-12;

/// What marking a leg at a day's close found.
pub(super) enum Marked {
    /// Gain of the day, CNY.
    Gained(f64),
    /// No price that day; the last mark stands.
    Stale,
}

/// Where a short position finds its price.
#[derive(Debug, Clone, Copy)]
pub(super) enum Quotes<'a> {
    Contract(&'a ContractHistory),
    Index(&'a Series),
}

/// One short position.
#[derive(Debug, Clone)]
pub(super) struct ShortPosition<'a> {
    /// Place of its hedge among the terms', from 0.
    pub leg: usize,
    pub symbol: Symbol,
    quotes: Quotes<'a>,
    pub product: Option<FutureProduct>,
    mark: Mark,
    rule: Lots,
    /// Lots short; 0 before a roll into it and after its end.
    pub lots: f64,
    /// Lots before rounding.
    exact: f64,
    /// CNY a point.
    pub multiplier: f64,
    /// Last mark, points.
    pub price: f64,
    /// Gain since the opening, CNY.
    pub pnl: f64,
    /// Day of the final settlement; none when the book is closed no later than that day's close, or when
    /// the position is rolled.
    pub settles_on: Option<TradingDay>,
    /// Whether it traded on the last day.
    pub has_traded: bool,
    /// Whether a plan moves it; it is then marked only while held.
    pub is_rolled: bool,
}

/// A leg carried from contract to contract.
#[derive(Debug, Clone)]
pub(super) struct RolledLeg<'a> {
    pub plan: &'a RolledHedge,
    /// Its first position among the book's; one a contract from there.
    pub first: usize,
    /// First trade of the plan after the last day carried.
    pub next_trade: usize,
    /// Lots a unit of the plan.
    pub scale: f64,
}

impl<'a> ShortPosition<'a> {
    /// A contract or an index sold at the opening.
    pub(super) fn open(
        leg: usize,
        hedge: Hedge,
        terms: &SwapTerms,
        market: &SwapMarket<'a>,
    ) -> Result<Self, Error> {
        let date = terms.swap.opened_on;
        let (symbol, quotes, product, expiry, multiplier) = match hedge.kind()? {
            HedgeKind::Contract(contract) => {
                let history = market.history(contract)?;
                let multiplier = market.rules.future_terms(contract.product, date)?.multiplier;
                let quotes = Quotes::Contract(history);
                let product = Some(contract.product);
                (contract.symbol(), quotes, product, Some(history.expiry), multiplier)
            }
            HedgeKind::Index(symbol) => {
                (symbol, Quotes::Index(market.index(symbol)?), None, None, 1.0)
            }
            HedgeKind::Product(product, _) => {
                let index = product.underlying();
                return Err(Error::ProductMissing { product: product.code(), index });
            }
        };
        if let Some(expiry) = expiry.filter(|&expiry| expiry <= date) {
            let contract = symbol.to_string();
            return Err(Error::HedgeExpired { contract, expiry, opened_on: date });
        }
        let price = opening_price(quotes, hedge.mark, symbol, date)?;
        let lots = opening_lots(hedge, terms.swap.notional, price * multiplier)?;
        let settles_on = expiry.filter(|&expiry| expiry < terms.swap.closed_on);
        Ok(Self {
            leg,
            symbol,
            quotes,
            product,
            mark: hedge.mark,
            rule: hedge.lots,
            lots,
            exact: lots,
            multiplier,
            price,
            pnl: 0.0,
            settles_on,
            has_traded: true,
            is_rolled: false,
        })
    }

    /// Moves the mark to `date`: the chosen price, or the final settlement where the book outlives the
    /// contract.
    pub(super) fn mark(&mut self, date: TradingDay) -> Result<Marked, Error> {
        self.has_traded = false;
        let price = match self.quotes {
            Quotes::Index(series) => series.at(date),
            Quotes::Contract(history) if Some(date) == self.settles_on => {
                history.price(date, Mark::Settle).or_else(|| history.price(date, Mark::Close))
            }
            Quotes::Contract(history) => history.price(date, self.mark),
        };
        let Some(price) = price else { return Ok(Marked::Stale) };
        let price = positive(price, self.symbol.as_str(), date)?;
        // Not held: there may be no mark to gain from.
        let gain = if self.lots == 0.0 {
            0.0
        } else {
            -self.lots * self.multiplier * (price - self.price)
        };
        self.price = price;
        self.pnl += gain;
        Ok(Marked::Gained(gain))
    }

    /// Last day the position has lines of.
    pub(super) fn last_day(&self) -> Option<TradingDay> {
        match self.quotes {
            Quotes::Contract(history) => Some(history.expiry),
            Quotes::Index(_) => None,
        }
    }

    /// Value of the short position as a magnitude, CNY.
    pub(super) fn value(&self) -> f64 {
        if self.lots == 0.0 { 0.0 } else { self.lots * self.multiplier * self.price }
    }

    /// Buys back `fraction` of the lots; returns the value bought.
    pub(super) fn reduce(&mut self, fraction: f64) -> f64 {
        let before = self.value();
        self.exact = if fraction >= 1.0 { 0.0 } else { self.exact * (1.0 - fraction) };
        if self.settle_lots() { before - self.value() } else { 0.0 }
    }

    /// Sells these lots more (buys back where negative); returns the value that moved, signed alike.
    pub(super) fn sell_lots(&mut self, lots: f64, size: f64) -> f64 {
        let before = self.value();
        self.exact += lots;
        if self.exact.abs() <= DUST * size {
            self.exact = 0.0;
        }
        self.settle_lots();
        self.value() - before
    }

    /// Ends the position without a trade: it was settled in cash.
    pub(super) fn end(&mut self) {
        (self.lots, self.exact) = (0.0, 0.0);
    }

    /// Brings the lots to what they should be; whether they changed.
    fn settle_lots(&mut self) -> bool {
        let lots = rounded(self.exact, self.rule);
        let has_changed = lots != self.lots;
        self.lots = lots;
        self.has_traded |= has_changed;
        has_changed
    }
}

/// Opens a leg that is rolled: the contracts its rule holds at the close of the opening.
pub(super) fn open_rolled<'a>(
    leg: usize,
    hedge: Hedge,
    terms: &SwapTerms,
    market: &SwapMarket<'a>,
    plan: &'a RolledHedge,
    positions: &mut Vec<ShortPosition<'a>>,
) -> Result<RolledLeg<'a>, Error> {
    let (date, first) = (terms.swap.opened_on, positions.len());
    let contracts = &market.product(plan.product)?.contracts;
    let multiplier = market.rules.future_terms(plan.product, date)?.multiplier;
    let next_trade = plan.trades.partition_point(|trade| trade.date <= date);
    let units = |symbol: Symbol| -> f64 {
        let until_now = plan.trades[..next_trade].iter();
        until_now.filter(|t| t.contract.symbol() == symbol).map(|t| t.units_sold).sum()
    };
    for history in contracts {
        let symbol = history.contract.symbol();
        positions.push(ShortPosition {
            leg,
            symbol,
            quotes: Quotes::Contract(history),
            product: Some(plan.product),
            mark: hedge.mark,
            rule: hedge.lots,
            lots: 0.0,
            exact: units(symbol),
            multiplier,
            price: history.price(date, hedge.mark).unwrap_or(f64::NAN),
            pnl: 0.0,
            settles_on: None,
            has_traded: false,
            is_rolled: true,
        });
    }
    let held = &mut positions[first..];
    let is_held = |p: &ShortPosition| p.exact.abs() > DUST;
    let unit_value: f64 =
        held.iter().filter(|p| is_held(p)).map(|p| p.exact * multiplier * p.price).sum();
    if unit_value.is_nan() || unit_value <= 0.0 {
        let days: Vec<TradingDay> = plan.days.iter().map(|day| day.date).collect();
        return Err(missing("rolled", &hedge.name(), date, &days));
    }
    let scale = opening_lots(hedge, terms.swap.notional, unit_value)?;
    for position in held {
        position.exact = if is_held(position) { position.exact * scale } else { 0.0 };
        position.settle_lots();
    }
    Ok(RolledLeg { plan, first, next_trade, scale })
}

fn opening_price(
    quotes: Quotes,
    mark: Mark,
    symbol: Symbol,
    date: TradingDay,
) -> Result<f64, Error> {
    let name = symbol.as_str();
    let (price, what, days) = match quotes {
        Quotes::Contract(history) => (history.price(date, mark), mark.name(), &history.days[..]),
        Quotes::Index(series) => (series.at(date), "close", series.days()),
    };
    positive(price.ok_or_else(|| missing(what, name, date, days))?, name, date)
}

/// Lots sold at the opening, where one is worth `lot_value` CNY.
fn opening_lots(hedge: Hedge, notional: f64, lot_value: f64) -> Result<f64, Error> {
    let lots = rounded(hedge.weight * notional / lot_value, hedge.lots);
    if lots > 0.0 || hedge.weight == 0.0 {
        return Ok(lots);
    }
    let (contract, weight) = (hedge.name(), hedge.weight);
    Err(Error::HedgeNoLot { contract, notional, weight, lot_value })
}

fn rounded(lots: f64, rule: Lots) -> f64 {
    match rule {
        Lots::Fractional => lots,
        Lots::Whole => lots.round(),
    }
}

pub(super) fn missing(
    what: &'static str,
    name: &str,
    date: TradingDay,
    days: &[TradingDay],
) -> Error {
    match (days.first(), days.last()) {
        (Some(&first), Some(&last)) => {
            Error::PriceMissing { what, name: name.to_owned(), date, first, last }
        }
        _ => Error::NoObservation { name: name.to_owned(), from: date, to: date },
    }
}

pub(super) fn positive(price: f64, name: &str, date: TradingDay) -> Result<f64, Error> {
    if price > 0.0 && price.is_finite() {
        return Ok(price);
    }
    Err(Error::PriceNotPositive { name: name.to_owned(), date, found: price })
}
