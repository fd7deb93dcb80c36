//! The long leg: units of one series, or shares of many names.

use shoals_core::{Rules, Series, Symbol, TradingDay};
use shoals_market::universe::{Participation, Reason, Reasons, StockMarket, Tradability, sale};

use super::market::{LongMarket, NamesMarket};
use super::order::{OrderCause, OrderLeg, OrderLine, OrderReason, Side};
use super::outcome::HoldingLine;
use super::position::{Marked, missing, positive};
use super::switch::Switch;
use super::{SwapMarket, SwapTerms, Unwind};
use crate::Error;

mod rebalance;

pub(super) use rebalance::Rebalanced;
use rebalance::{Goal, held};

/// What is held long.
#[derive(Debug, Clone)]
pub(super) enum LongLeg<'a> {
    Series(SeriesLeg<'a>),
    Names(Box<NamesLeg<'a>>),
}

/// Units of one series.
#[derive(Debug, Clone)]
pub(super) struct SeriesLeg<'a> {
    series: &'a Series,
    symbol: Symbol,
    pub units: f64,
    /// Last mark.
    pub price: f64,
    /// Fraction to be sold.
    to_sell: f64,
}

/// Shares of many names, dense: one place a name in every column. Shares are counted at the scale of
/// adjusted prices, so dividends stay in the name that pays them.
#[derive(Debug, Clone)]
pub(super) struct NamesLeg<'a> {
    stocks: &'a StockMarket,
    tradability: &'a Tradability,
    participation: Participation<'a>,
    closes: &'a [f64],
    /// Row of the last mark.
    row: usize,
    /// Whether that row is of the last day marked.
    has_row: bool,
    /// Row from which shares may be sold.
    unlocked_from: usize,
    /// Column of each name among the stocks.
    columns: Vec<u32>,
    units: Vec<f64>,
    /// Units wanted.
    targets: Vec<f64>,
    /// Last mark of each name.
    prices: Vec<f64>,
    /// Gain of each name since the opening.
    gains: Vec<f64>,
    value: f64,
    is_waiting: bool,
    /// Units a rebalancing still wants; none when it is done.
    goal: Option<Goal>,
    /// What is bought in their place while net selling is banned.
    switch: Option<Switch<'a>>,
}

/// Why a leg trades.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ordered {
    pub cause: OrderCause,
    pub decided_on: TradingDay,
}

/// What a day's selling did to the long leg.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sold {
    /// What left the leg, CNY.
    pub value: f64,
    /// Of the value before.
    pub fraction: f64,
    /// What was bought in its place beside that, CNY; as much was sold for it.
    pub switched: f64,
}

impl<'a> LongLeg<'a> {
    pub(super) fn open(
        terms: &SwapTerms,
        market: &SwapMarket<'a>,
        orders: &mut Vec<OrderLine>,
    ) -> Result<Self, Error> {
        let (date, notional) = (terms.swap.opened_on, terms.swap.notional);
        match &market.long {
            LongMarket::Series(series) => {
                let leg = SeriesLeg::open(terms, series)?;
                orders.push(OrderLine {
                    date,
                    symbol: leg.symbol,
                    leg: OrderLeg::Long,
                    fee: 0.0,
                    side: Side::Buy,
                    cause: OrderCause::Opening,
                    decided_on: date,
                    wanted: notional,
                    filled: notional,
                    price: leg.price,
                    reason: OrderReason::Filled,
                });
                Ok(Self::Series(leg))
            }
            LongMarket::Names(names) => {
                let unwind = terms.unwind.clone().unwrap_or_default();
                let mut leg = NamesLeg::open(terms, names, &unwind, market.rules, orders)?;
                if let Some(symbol) = unwind.switch_into {
                    leg.switch = Some(Switch::new(symbol, market.index(symbol)?, date));
                }
                Ok(Self::Names(Box::new(leg)))
            }
        }
    }

    pub(super) fn value(&self) -> f64 {
        match self {
            Self::Series(leg) => leg.units * leg.price,
            Self::Names(leg) => leg.value + leg.switched_value(),
        }
    }

    /// Moves the marks to the close of `date`.
    pub(super) fn mark(&mut self, date: TradingDay) -> Result<Marked, Error> {
        match self {
            Self::Series(leg) => leg.mark(date),
            Self::Names(leg) => leg.mark(date),
        }
    }

    /// Orders this fraction of what is held to be sold; an earlier order is replaced.
    pub(super) fn order(&mut self, fraction: f64) {
        match self {
            Self::Series(leg) => leg.to_sell = fraction,
            Self::Names(leg) => leg.order(fraction),
        }
    }

    /// Whether an order stands.
    pub(super) fn is_waiting(&self) -> bool {
        match self {
            Self::Series(leg) => leg.to_sell > 0.0,
            Self::Names(leg) => leg.is_waiting,
        }
    }

    /// Value of what is ordered and not sold yet, CNY.
    pub(super) fn waiting_value(&self) -> f64 {
        match self {
            Self::Series(leg) => leg.to_sell * leg.units * leg.price,
            Self::Names(leg) if leg.is_waiting => leg.waiting_value(),
            Self::Names(_) => 0.0,
        }
    }

    /// Whether nothing is held any more.
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Series(leg) => leg.units == 0.0,
            Self::Names(leg) => leg.is_all_sold() && leg.switched_value() == 0.0,
        }
    }

    /// Sells what is ordered as far as the day lets it. Without a market (`is_at_mark`) everything goes
    /// at the marks.
    pub(super) fn sell(
        &mut self,
        date: TradingDay,
        ordered: Ordered,
        is_banned: bool,
        is_at_mark: bool,
        orders: &mut Vec<OrderLine>,
    ) -> Sold {
        match self {
            Self::Series(leg) => leg.sell(date, ordered, orders),
            Self::Names(leg) => leg.sell(date, ordered, is_banned, is_at_mark, orders),
        }
    }

    /// Every name; none for one series.
    pub(super) fn holdings(&self) -> Vec<HoldingLine> {
        let Self::Names(leg) = self else { return Vec::new() };
        let line = |k: usize| HoldingLine {
            symbol: leg.stocks.symbols()[leg.columns[k] as usize],
            value: held(leg.units[k], leg.prices[k]),
            pnl: leg.gains[k],
        };
        let switch = leg.switch.iter().filter(|switch| switch.gain != 0.0);
        let switched = switch.map(|switch| HoldingLine {
            symbol: switch.symbol,
            value: switch.value(),
            pnl: switch.gain,
        });
        (0..leg.columns.len()).map(line).chain(switched).collect()
    }

    /// Names held and the largest one's share of the value; none for one series.
    pub(super) fn breadth(&self) -> Option<(usize, f64)> {
        match self {
            Self::Series(_) => None,
            Self::Names(leg) => Some(leg.breadth()),
        }
    }
}

impl<'a> SeriesLeg<'a> {
    fn open(terms: &SwapTerms, series: &'a Series) -> Result<Self, Error> {
        let date = terms.swap.opened_on;
        let (days, name) = (series.days(), series.name());
        let price = series.at(date).ok_or_else(|| missing("close", name, date, days))?;
        let price = positive(price, name, date)?;
        let symbol = match terms.long.symbol {
            Some(symbol) => symbol,
            None => Symbol::own(name)?,
        };
        Ok(Self { series, symbol, units: terms.swap.notional / price, price, to_sell: 0.0 })
    }

    fn mark(&mut self, date: TradingDay) -> Result<Marked, Error> {
        let Some(price) = self.series.at(date) else { return Ok(Marked::Stale) };
        let price = positive(price, self.series.name(), date)?;
        let gain = self.units * (price - self.price);
        self.price = price;
        Ok(Marked::Gained(gain))
    }

    fn sell(&mut self, date: TradingDay, ordered: Ordered, orders: &mut Vec<OrderLine>) -> Sold {
        let fraction = std::mem::take(&mut self.to_sell);
        let value = fraction * (self.units * self.price);
        self.units *= 1.0 - fraction;
        orders.push(OrderLine {
            date,
            symbol: self.symbol,
            leg: OrderLeg::Long,
            fee: 0.0,
            side: Side::Sell,
            cause: ordered.cause,
            decided_on: ordered.decided_on,
            wanted: value,
            filled: value,
            price: self.price,
            reason: OrderReason::Filled,
        });
        Sold { value, fraction, switched: 0.0 }
    }
}

impl<'a> NamesLeg<'a> {
    /// Buys every name that can be bought at the close of the opening; the weights of the others go to
    /// these.
    fn open(
        terms: &SwapTerms,
        names: &NamesMarket<'a>,
        unwind: &Unwind,
        rules: &Rules,
        orders: &mut Vec<OrderLine>,
    ) -> Result<Self, Error> {
        let (date, notional) = (terms.swap.opened_on, terms.swap.notional);
        let (stocks, tradability) = (names.stocks, names.tradability);
        let row = stocks.day_index(date)?;
        let width = stocks.symbols().len();
        let closes = stocks.panel().column("adjusted_close")?;
        let participation =
            Participation::of(stocks, unwind.participation, unwind.average_days as usize)?;
        let unlocked_from = row + rules.settlement(date)?.sell_after_days as usize;
        let places = places(stocks, &names.weights)?;
        let reasons = |column: u32| tradability.row(row)[column as usize];
        let can_buy = |column: u32| reasons(column).can_buy();
        let bought: f64 = places.iter().filter(|p| can_buy(p.0)).map(|p| p.1).sum();
        if bought <= 0.0 {
            return Err(Error::NothingBought { date, n: places.len() });
        }
        let all: f64 = places.iter().map(|place| place.1).sum();
        let mut leg = Self {
            stocks,
            tradability,
            participation,
            closes,
            row,
            has_row: true,
            unlocked_from,
            columns: Vec::with_capacity(places.len()),
            units: Vec::with_capacity(places.len()),
            targets: Vec::with_capacity(places.len()),
            prices: Vec::with_capacity(places.len()),
            gains: Vec::with_capacity(places.len()),
            value: 0.0,
            is_waiting: false,
            goal: None,
            switch: None,
        };
        for (column, weight) in places {
            let price = closes[row * width + column as usize];
            let is_bought = can_buy(column);
            let value = if is_bought { notional * weight / bought } else { 0.0 };
            orders.push(OrderLine {
                date,
                symbol: stocks.symbols()[column as usize],
                leg: OrderLeg::Long,
                fee: 0.0,
                side: Side::Buy,
                cause: OrderCause::Opening,
                decided_on: date,
                wanted: notional * weight / all,
                filled: value,
                price,
                reason: why_not_bought(reasons(column)),
            });
            if is_bought {
                leg.columns.push(column);
                leg.units.push(value / price);
                leg.targets.push(value / price);
                leg.prices.push(price);
                leg.gains.push(0.0);
                leg.value += value;
            }
        }
        Ok(leg)
    }

    fn mark(&mut self, date: TradingDay) -> Result<Marked, Error> {
        let switched = self.switch.as_mut().map_or(Ok(0.0), |switch| switch.mark(date))?;
        let days = self.stocks.days();
        while self.row + 1 < days.len() && days[self.row + 1] <= date {
            self.row += 1;
        }
        self.has_row = days[self.row] == date;
        if !self.has_row {
            return Ok(if switched == 0.0 { Marked::Stale } else { Marked::Gained(switched) });
        }
        let width = self.stocks.symbols().len();
        let closes = &self.closes[self.row * width..(self.row + 1) * width];
        let (mut gain, mut value) = (0.0, 0.0);
        let names = self.columns.iter().zip(&self.units).zip(&mut self.prices).zip(&mut self.gains);
        for (((&column, &units), price), gained) in names {
            let close = closes[column as usize];
            if !close.is_nan() {
                if units != 0.0 {
                    let moved = units * (close - *price);
                    gain += moved;
                    *gained += moved;
                }
                *price = close;
            }
            value += held(units, *price);
        }
        self.value = value;
        Ok(Marked::Gained(gain + switched))
    }

    /// What stands in the index goes first: it was ordered before.
    fn order(&mut self, fraction: f64) {
        let all = self.value + self.switched_value();
        let in_index = self.switch.as_mut().map_or(0.0, |switch| switch.order_sale(fraction * all));
        let of_names = if in_index == 0.0 {
            fraction
        } else {
            ((fraction * all - in_index) / self.value).max(0.0)
        };
        for (target, units) in self.targets.iter_mut().zip(&self.units) {
            *target = if fraction >= 1.0 { 0.0 } else { units * (1.0 - of_names) };
        }
        self.is_waiting = fraction > 0.0;
        // An unwinding goes before a rebalancing.
        self.goal = None;
    }

    fn waiting_value(&self) -> f64 {
        let held_and_wanted = self.units.iter().zip(&self.targets).zip(&self.prices);
        let names: f64 =
            held_and_wanted.map(|((units, target), price)| held(units - target, *price)).sum();
        names + self.switch.as_ref().map_or(0.0, Switch::waiting_value)
    }

    fn switched_value(&self) -> f64 {
        self.switch.as_ref().map_or(0.0, Switch::value)
    }

    fn sell(
        &mut self,
        date: TradingDay,
        ordered: Ordered,
        is_banned: bool,
        is_at_mark: bool,
        orders: &mut Vec<OrderLine>,
    ) -> Sold {
        let before = self.value + self.switched_value();
        let can_switch = self.switch.as_ref().is_some_and(Switch::has_price);
        let is_switching = is_banned && can_switch && !is_at_mark;
        let is_banned = is_banned && !is_switching;
        let (mut sold, mut is_waiting) = (0.0, false);
        for k in 0..self.columns.len() {
            let wanted = self.units[k] - self.targets[k];
            if wanted <= 0.0 {
                continue;
            }
            let (units, reason) = self.fill(k, wanted, is_banned);
            let (units, reason) = if is_at_mark && units < wanted {
                (wanted, OrderReason::AtMark)
            } else {
                (units, reason)
            };
            self.units[k] = if units == wanted { self.targets[k] } else { self.units[k] - units };
            is_waiting |= units < wanted;
            let price = self.prices[k];
            sold += units * price;
            orders.push(OrderLine {
                date,
                symbol: self.stocks.symbols()[self.columns[k] as usize],
                leg: OrderLeg::Long,
                fee: 0.0,
                side: Side::Sell,
                cause: ordered.cause,
                decided_on: ordered.decided_on,
                wanted: wanted * price,
                filled: units * price,
                price,
                reason,
            });
        }
        self.is_waiting = is_waiting;
        let names = self.units.iter().zip(&self.prices);
        self.value = names.map(|(units, price)| held(*units, *price)).sum();
        if let Some(switch) = self.switch.as_mut() {
            if is_switching {
                if sold > 0.0 {
                    orders.push(switch.buy(date, ordered.decided_on, sold));
                }
                self.is_waiting = true;
                return Sold { value: 0.0, fraction: 0.0, switched: sold };
            }
            if !is_banned || is_at_mark {
                let line = switch.sell(date, ordered);
                sold += line.map_or(0.0, |line| line.filled);
                orders.extend(line);
            } else if switch.waiting_value() > 0.0 {
                self.is_waiting = true;
            }
        }
        let is_whole = self.is_all_sold() && self.switched_value() == 0.0;
        let fraction = if is_whole { 1.0 } else { sold / before };
        Sold { value: sold, fraction, switched: 0.0 }
    }

    fn is_all_sold(&self) -> bool {
        self.units.iter().all(|&units| units == 0.0)
    }

    /// Units of a name that today's market takes.
    fn fill(&self, k: usize, wanted: f64, is_banned: bool) -> (f64, OrderReason) {
        if is_banned {
            return (0.0, OrderReason::NetSellBan);
        }
        let column = self.columns[k] as usize;
        let reasons = self.reasons(column);
        let sellable = if self.row < self.unlocked_from { 0.0 } else { self.units[k] };
        let room = self.participation.room(self.row, column) / self.prices[k];
        let (units, held_up) = sale(wanted, sellable, reasons, room);
        (units, held_up.into())
    }

    /// What stands against trading a stock on the day marked.
    fn reasons(&self, column: usize) -> Reasons {
        if self.has_row {
            self.tradability.row(self.row)[column]
        } else {
            Reasons::of(&[Reason::NoPrice])
        }
    }

    fn breadth(&self) -> (usize, f64) {
        let (mut n, mut largest) = (0, 0.0_f64);
        for (units, price) in self.units.iter().zip(&self.prices) {
            n += usize::from(*units > 0.0);
            largest = largest.max(held(*units, *price));
        }
        (n, largest / self.value)
    }
}

/// Column and weight of every name.
fn places(stocks: &StockMarket, weights: &[(Symbol, f64)]) -> Result<Vec<(u32, f64)>, Error> {
    let symbols = stocks.symbols();
    let mut seen = std::collections::BTreeSet::new();
    let mut places = Vec::with_capacity(weights.len());
    for &(symbol, weight) in weights {
        if !(weight > 0.0 && weight.is_finite()) {
            let (found, expected) = (weight.to_string(), "above 0".to_owned());
            return Err(Error::NameWeight { symbol, found, expected });
        }
        if !seen.insert(symbol) {
            return Err(Error::NameTwice { symbol });
        }
        let found = symbols.iter().position(|&known| known == symbol);
        let column = found.ok_or(Error::NameMissing { symbol, n_known: symbols.len() })?;
        places.push((column as u32, weight));
    }
    Ok(places)
}

fn why_not_bought(reasons: Reasons) -> OrderReason {
    if reasons.can_buy() {
        OrderReason::Filled
    } else if reasons.has(Reason::Suspended) {
        OrderReason::Suspended
    } else if reasons.has(Reason::NoPrice) {
        OrderReason::NoPrice
    } else {
        OrderReason::LimitUp
    }
}
