//! The rolled hedge as a ledger: every trade, every day's gain, every fee.

use serde::Serialize;
use shoals_core::number::CALENDAR_DAYS_PER_YEAR;
use shoals_core::{Calendar, FutureContract, FutureProduct, Rules, TradingDay};

use super::rule::{Candidate, RollConfig, RollRule, choose};
use crate::MarketError;
use crate::future::basis::annualised;
use crate::future::{ContractHistory, FutureMarket};

/// Units of one contract held short.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Position {
    /// Position in the market's list of contracts.
    pub(super) index: usize,
    /// Index units short.
    pub(super) units: f64,
}

/// One sale or purchase of a contract.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trade {
    /// The day; traded at its mark price.
    pub date: TradingDay,
    /// The contract.
    pub contract: FutureContract,
    /// Index units sold; negative when bought back or settled at expiry.
    pub units_sold: f64,
    /// Price, index points.
    pub price: f64,
    /// Exchange fee, index points, at or above zero.
    pub fee: f64,
}

/// A move of the hedge from one contract to another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Roll {
    /// The day.
    pub date: TradingDay,
    /// The contract bought back (the most of, when there are several).
    pub from: FutureContract,
    /// The contract sold instead.
    pub to: FutureContract,
    /// Index units moved.
    pub units: f64,
    /// Price of `from`, points.
    pub from_price: f64,
    /// Price of `to`, points.
    pub to_price: f64,
    /// `(to - from) / from` a year of the days between the two expiries: negative when the hedge is
    /// sold again at a discount.
    pub spread_rate: f64,
    /// Exchange fees of both sides, points.
    pub fee: f64,
}

/// One day of the hedge.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RolledDay {
    /// The day.
    pub date: TradingDay,
    /// Index close, points.
    pub spot: f64,
    /// Index units held short over the day: 1, or less when a contract expired before another
    /// could replace it.
    pub units: f64,
    /// Price of what was held over the day at the close before, points; NaN when nothing was.
    pub opening_price: f64,
    /// Change of what was held over the day, points; the short gains its negative.
    pub price_change: f64,
    /// Change of the index over the day, points.
    pub spot_change: f64,
    /// Exchange fees of the day, points.
    pub fee: f64,
    /// Return of the short hedge on the index value at the close before, fees paid.
    pub hedge_return: f64,
    /// What the hedge cost that day, decimal of the index value: `hedge_return` short of the
    /// index's fall, positive when it cost.
    pub cost: f64,
}

/// A short hedge carried from contract to contract.
#[derive(Debug, Clone, PartialEq)]
pub struct RolledHedge {
    /// The product.
    pub product: FutureProduct,
    /// The rule that chose the contracts.
    pub rule: RollRule,
    /// Days from the first trade on.
    pub days: Vec<RolledDay>,
    /// Every trade.
    pub trades: Vec<Trade>,
    /// Every move between contracts; the first sale is not one.
    pub rolls: Vec<Roll>,
    /// Index units short at the last close.
    pub open_units: f64,
    /// Value of them, points: what buying them back would take.
    pub open_value: f64,
}

/// Carries a short hedge of one index unit through the market's contracts under a rule.
///
/// A decision at a close is traded at the next close where every contract of it has a price; a
/// contract still held on its last day is settled at that day's mark. Fees are the exchange's of
/// the day.
///
/// Missing: a held contract without a price is not marked that day; the next mark spans the gap.
///
/// # Errors
/// Illegal settings, no day with an index close and a contract price, or a day outside the calendar
/// or the fee rules.
pub fn roll_short_hedge(
    market: &FutureMarket,
    rule: RollRule,
    config: &RollConfig,
    calendar: &Calendar,
    rules: &Rules,
) -> Result<RolledHedge, MarketError> {
    config.check()?;
    let mut book = Book::new(market, rule, config);
    let (days, spots) = (market.spot.days(), market.spot.values());
    for (&date, &spot) in days.iter().zip(spots).filter(|(_, spot)| !spot.is_nan()) {
        book.step(date, spot, calendar, rules)?;
    }
    if book.hedge.days.is_empty() {
        return Err(MarketError::NoData {
            product: market.product,
            what: "two days with an index close and a contract price",
            from: days.first().copied().unwrap_or(TradingDay::from_epoch_days(0)),
            to: days.last().copied().unwrap_or(TradingDay::from_epoch_days(0)),
        });
    }
    book.hedge.open_units = book.held_units();
    book.hedge.open_value = book.held_value();
    Ok(book.hedge)
}

/// The hedge while it is being carried.
struct Book<'a> {
    market: &'a FutureMarket,
    config: &'a RollConfig,
    held: Vec<Position>,
    /// Decided at the close before, not traded yet.
    target: Vec<Position>,
    /// Last mark of each contract.
    last_price: Vec<f64>,
    /// Contracts before this one have expired.
    first_alive: usize,
    last_spot: f64,
    hedge: RolledHedge,
}

impl<'a> Book<'a> {
    fn new(market: &'a FutureMarket, rule: RollRule, config: &'a RollConfig) -> Self {
        let (days, trades, rolls) = (Vec::new(), Vec::new(), Vec::new());
        let product = market.product;
        Self {
            market,
            config,
            held: Vec::new(),
            target: Vec::new(),
            last_price: vec![f64::NAN; market.contracts.len()],
            first_alive: 0,
            last_spot: f64::NAN,
            hedge: RolledHedge {
                product,
                rule,
                days,
                trades,
                rolls,
                open_units: 0.0,
                open_value: 0.0,
            },
        }
    }

    /// Mark, settle, trade what was decided yesterday, decide for tomorrow.
    fn step(
        &mut self,
        date: TradingDay,
        spot: f64,
        calendar: &Calendar,
        rules: &Rules,
    ) -> Result<(), MarketError> {
        let units = self.held_units();
        let opening_price = if units > 0.0 { self.held_value() / units } else { f64::NAN };
        let price_change = self.mark(date);
        let n_trades_before = self.hedge.trades.len();
        self.settle_expired(date, rules)?;
        self.trade(date, rules)?;
        self.decide(date, spot, calendar)?;
        let fee: f64 = self.hedge.trades[n_trades_before..].iter().map(|trade| trade.fee).sum();
        if !self.hedge.trades.is_empty() {
            let spot_change = spot - self.last_spot;
            let hedge_return = -(price_change + fee) / self.last_spot;
            let cost = (price_change + fee - units * spot_change) / self.last_spot;
            self.hedge.days.push(RolledDay {
                date,
                spot,
                units,
                opening_price,
                price_change,
                spot_change,
                fee,
                hedge_return,
                cost,
            });
        }
        self.last_spot = spot;
        Ok(())
    }

    fn held_units(&self) -> f64 {
        self.held.iter().map(|p| p.units).sum()
    }

    fn held_value(&self) -> f64 {
        self.held.iter().map(|p| p.units * self.last_price[p.index]).sum()
    }

    /// Takes today's prices in; the change of what is held.
    fn mark(&mut self, date: TradingDay) -> f64 {
        while self.market.contracts.get(self.first_alive).is_some_and(|c| c.expiry < date) {
            self.first_alive += 1;
        }
        let before = self.held_value();
        for (i, history) in self.market.contracts.iter().enumerate().skip(self.first_alive) {
            if let Some(price) = history.price(date, self.config.mark) {
                self.last_price[i] = price;
            }
        }
        self.held_value() - before
    }

    /// Cash settlement of what was held to its last day.
    fn settle_expired(&mut self, date: TradingDay, rules: &Rules) -> Result<(), MarketError> {
        let market = self.market;
        let is_over = |p: &Position| market.contracts[p.index].expiry <= date;
        let expired: Vec<Position> = self.held.iter().copied().filter(is_over).collect();
        self.held.retain(|p| !is_over(p));
        for position in expired {
            let fee_rate = rules.future_fee(date)?.delivery;
            self.book_trade(date, position.index, -position.units, fee_rate);
        }
        Ok(())
    }

    /// Trades yesterday's decision, when every contract of it and of what is held has a price.
    fn trade(&mut self, date: TradingDay, rules: &Rules) -> Result<(), MarketError> {
        let target = std::mem::take(&mut self.target);
        let has_price =
            |p: &Position| self.market.contracts[p.index].price(date, self.config.mark).is_some();
        let is_same = target == self.held;
        if target.is_empty() || is_same || !target.iter().chain(&self.held).all(has_price) {
            return Ok(());
        }
        let fee_rate = rules.future_fee(date)?.open_or_close;
        let mut indices: Vec<usize> = target.iter().chain(&self.held).map(|p| p.index).collect();
        indices.sort_unstable();
        indices.dedup();
        let first_trade = self.hedge.trades.len();
        for index in indices {
            let units_sold = units_of(&target, index) - units_of(&self.held, index);
            self.book_trade(date, index, units_sold, fee_rate);
        }
        self.book_roll(first_trade);
        self.held = target;
        Ok(())
    }

    fn book_trade(&mut self, date: TradingDay, index: usize, units_sold: f64, fee_rate: f64) {
        let (contract, price) = (self.market.contracts[index].contract, self.last_price[index]);
        let fee = fee_rate * price * units_sold.abs();
        self.hedge.trades.push(Trade { date, contract, units_sold, price, fee });
    }

    /// Names the trades since `first_trade` as one move, when something was bought and sold.
    fn book_roll(&mut self, first_trade: usize) {
        let trades = &self.hedge.trades[first_trade..];
        let by_units = |a: &&Trade, b: &&Trade| a.units_sold.total_cmp(&b.units_sold);
        let bought = trades.iter().min_by(by_units).filter(|trade| trade.units_sold < 0.0);
        let sold = trades.iter().max_by(by_units).filter(|trade| trade.units_sold > 0.0);
        let (Some(from), Some(to)) = (bought, sold) else { return };
        let expiry = |contract| self.market.contract(contract).map(|history| history.expiry);
        let days = match (expiry(from.contract), expiry(to.contract)) {
            (Some(from), Some(to)) => from.calendar_days_until(to),
            _ => 0,
        };
        // Moving back to an earlier contract gives up the spread the later one had.
        let spread = (to.price - from.price) * f64::from(days.signum());
        let spread_rate = annualised(spread, from.price, days.abs(), CALENDAR_DAYS_PER_YEAR);
        self.hedge.rolls.push(Roll {
            date: to.date,
            from: from.contract,
            to: to.contract,
            units: to.units_sold,
            from_price: from.price,
            to_price: to.price,
            spread_rate,
            fee: trades.iter().map(|trade| trade.fee).sum(),
        });
    }

    fn decide(
        &mut self,
        date: TradingDay,
        spot: f64,
        calendar: &Calendar,
    ) -> Result<(), MarketError> {
        let mut candidates = Vec::with_capacity(4);
        for (index, history) in self.market.contracts.iter().enumerate().skip(self.first_alive) {
            if let Some(candidate) = self.candidate(index, history, date, spot, calendar)? {
                candidates.push(candidate);
            }
        }
        self.target = choose(self.hedge.rule, self.config, &candidates, &self.held);
        Ok(())
    }

    /// A contract with a price today that may still be held tomorrow.
    fn candidate(
        &self,
        index: usize,
        history: &ContractHistory,
        date: TradingDay,
        spot: f64,
        calendar: &Calendar,
    ) -> Result<Option<Candidate>, MarketError> {
        let Some(quote) = history.at(date) else { return Ok(None) };
        let price = quote.price(self.config.mark);
        let days_left_tomorrow = calendar.days_between(date, history.expiry)? - 1;
        if price.is_nan() || days_left_tomorrow <= self.config.days_before_expiry as i32 {
            return Ok(None);
        }
        let days_to_expiry = history.days_to_expiry(date);
        let (volume, open_interest) = (quote.volume, quote.open_interest);
        let basis_rate = annualised(price - spot, spot, days_to_expiry, CALENDAR_DAYS_PER_YEAR);
        Ok(Some(Candidate { index, days_to_expiry, volume, open_interest, basis_rate }))
    }
}

fn units_of(positions: &[Position], index: usize) -> f64 {
    positions.iter().find(|p| p.index == index).map_or(0.0, |p| p.units)
}
