//! The ledger of a replication: mark every leg, charge, renew, rebalance, write the line.

use shoals_core::number::CALENDAR_DAYS_PER_YEAR;
use shoals_core::{Calendar, Series, TradingDay, range_in_words};

use super::chain::Chain;
use super::fit::{self, WeightLine};
use super::leg::{Close, Leg};
use super::model::Model;
use super::outcome::{NavLine, StraddleLine, TradeAction, TradeLine};
use super::period::periods;
use super::short_straddle::{Pricer, ShortStraddle};
use super::sizing::{Move, Moves, Weights};
use super::{
    FitSample, Rebalance, ReplicationMarket, ReplicationOutcome, ReplicationTerms, StraddleMarket,
};
use crate::Error;

/// Cash and positions must meet the P&L lines to this fraction of equity.
const BALANCE_TOLERANCE: f64 = 1e-9;

/// Holds the replica from the first to the last day on which every leg has a price.
///
/// Equity starts at 1, and both legs and the straddle are opened at the first close. Equity at or below
/// 0 ends the ledger: ruin is an outcome.
///
/// # Errors
/// No common day, a weight of straddles without prices for them, or an expiry outside the calendar.
pub fn replicate(
    terms: &ReplicationTerms,
    market: &ReplicationMarket,
) -> Result<ReplicationOutcome, Error> {
    let legs = Legs { long: Leg::new(market.long), short: Leg::new(market.short) };
    let given = in_sample(terms, market, &legs)?;
    let Ledger { nav, trades, straddles, moves, weights, .. } =
        carried(terms, market, &legs, given)?;
    let fit = match &terms.fit {
        Some(fit) => {
            moves.require_target(terms)?;
            let is_first = |line: &&WeightLine| line.r_squared.is_finite();
            let first = weights.iter().find(is_first).map(|line| line.date);
            // The opening day has no return.
            let target: Vec<f64> = std::iter::once(f64::NAN).chain(moves.target).collect();
            first.map(|from| fit::compare(fit, &nav, &target, from)).unwrap_or_default()
        }
        None => Vec::new(),
    };
    let (monthly, yearly, statistics) = periods(terms, &nav);
    let terms = terms.clone();
    Ok(ReplicationOutcome {
        terms,
        nav,
        trades,
        straddles,
        weights,
        fit,
        monthly,
        yearly,
        statistics,
    })
}

/// The weights of a fit on the whole ledger: what its units earned, held by nobody, then one regression.
fn in_sample(
    terms: &ReplicationTerms,
    market: &ReplicationMarket,
    legs: &Legs,
) -> Result<Option<Weights>, Error> {
    match &terms.fit {
        Some(fit) if fit.sample == FitSample::Whole => {
            let unheld = carried(terms, market, legs, Some(Weights::none()))?;
            unheld.moves.fitted_in_sample(terms).map(Some)
        }
        _ => Ok(None),
    }
}

/// The ledger from its first to its last day; at weights that are given, or as the terms size them.
fn carried<'a>(
    terms: &'a ReplicationTerms,
    market: &ReplicationMarket<'a>,
    legs: &'a Legs,
    given: Option<Weights>,
) -> Result<Ledger<'a>, Error> {
    let pricer = pricer(terms, market)?;
    if terms.fit.is_some() && market.target.is_none() {
        return Err(Error::TargetMissing);
    }
    let days = ledger_days(terms, legs, pricer.as_ref())?;
    let mut ledger = Ledger::open((terms, given), market, legs, pricer, days[0])?;
    for pair in days.windows(2) {
        ledger.carry(pair[0], pair[1])?;
        if ledger.equity <= 0.0 {
            break;
        }
    }
    Ok(ledger)
}

fn pricer<'a>(
    terms: &ReplicationTerms,
    market: &ReplicationMarket<'a>,
) -> Result<Option<Pricer<'a>>, Error> {
    let leg = terms.straddle;
    if leg.weight == 0.0 {
        return Ok(None);
    }
    match &market.straddle {
        None => Err(Error::SeriesMissing {
            what: "an implied-volatility series or an option chain",
            key: "straddle.weight",
        }),
        Some(StraddleMarket::ImpliedVolatility { underlying, implied_volatility }) => {
            let calendar = market.calendar;
            Ok(Some(Pricer::Model(Model { leg, underlying, implied_volatility, calendar })))
        }
        Some(StraddleMarket::Chain(quotes)) => {
            Ok(Some(Pricer::Chain(Chain::new(leg, market.calendar, quotes))))
        }
    }
}

/// Both index legs.
struct Legs {
    long: Leg,
    short: Leg,
}

/// Days between `from` and `to` on which every leg has a price.
fn ledger_days(
    terms: &ReplicationTerms,
    legs: &Legs,
    pricer: Option<&Pricer>,
) -> Result<Vec<TradingDay>, Error> {
    let is_priced = |day: &TradingDay| {
        legs.long.at(*day).is_some()
            && legs.short.at(*day).is_some()
            && pricer.is_none_or(|pricer| pricer.is_priced(*day))
    };
    let common: Vec<TradingDay> = legs.long.days.iter().copied().filter(is_priced).collect();
    let name = || format!("{} with {} and its straddle", legs.long.name, legs.short.name);
    let (Some(&first), Some(&last)) = (common.first(), common.last()) else {
        let epoch = TradingDay::from_epoch_days(0);
        let end = |pick: Option<&TradingDay>| pick.copied().unwrap_or(epoch);
        let (from, to) = (end(legs.long.days.first()), end(legs.long.days.last()));
        return Err(Error::NoObservation { name: name(), from, to });
    };
    let (from, to) = (terms.replication.from, terms.replication.to);
    let is_asked =
        |day: &TradingDay| from.is_none_or(|f| *day >= f) && to.is_none_or(|t| *day <= t);
    let days: Vec<TradingDay> = common.into_iter().filter(is_asked).collect();
    if days.len() < 2 {
        let (found, asked) = (days.len(), range_in_words(from, to));
        return Err(Error::TooFewDays { name: name(), found, asked, first, last });
    }
    Ok(days)
}

/// Gains and charges of one day, in units of the opening equity.
#[derive(Debug, Clone, Copy, Default)]
struct Day {
    long: f64,
    short: f64,
    straddle: f64,
    financing: f64,
    trading_cost: f64,
}

impl Day {
    fn net(&self) -> f64 {
        self.long + self.short + self.straddle - self.financing - self.trading_cost
    }
}

struct Ledger<'a> {
    terms: &'a ReplicationTerms,
    calendar: &'a Calendar,
    legs: &'a Legs,
    pricer: Option<Pricer<'a>>,
    long_units: f64,
    long: Close,
    short_units: f64,
    short: Close,
    straddle: Option<ShortStraddle>,
    /// Cash: equity less the long value, plus the premium received.
    cash: f64,
    /// Equity by the P&L lines.
    equity: f64,
    nav: Vec<NavLine>,
    trades: Vec<TradeLine>,
    straddles: Vec<StraddleLine>,
    target: Option<&'a Series>,
    /// What a unit of each leg earned a day, up to the day before.
    moves: Moves,
    /// Weights that hold on every day; none where the terms size the legs.
    given: Option<Weights>,
    /// Weights of today: a function of the days before it, or given.
    asked: Weights,
    /// Those of every rebalancing; empty where every weight is written.
    weights: Vec<WeightLine>,
}

impl<'a> Ledger<'a> {
    fn open(
        (terms, given): (&'a ReplicationTerms, Option<Weights>),
        market: &ReplicationMarket<'a>,
        legs: &'a Legs,
        pricer: Option<Pricer<'a>>,
        day: TradingDay,
    ) -> Result<Self, Error> {
        let calendar = market.calendar;
        let mut ledger = Self {
            terms,
            calendar,
            legs,
            pricer,
            long_units: 0.0,
            long: close(&legs.long, day),
            short_units: 0.0,
            short: close(&legs.short, day),
            straddle: None,
            cash: 1.0,
            equity: 1.0,
            nav: Vec::new(),
            trades: Vec::new(),
            straddles: Vec::new(),
            target: market.target,
            moves: Moves::default(),
            given,
            asked: given.unwrap_or_else(|| Weights::written(terms)),
            weights: Vec::new(),
        };
        let mut today = Day::default();
        ledger.sell_straddle(day, &mut today)?;
        ledger.rebalance(day, &mut today);
        ledger.write_line(day, 1.0, today)?;
        Ok(ledger)
    }

    fn carry(&mut self, previous: TradingDay, day: TradingDay) -> Result<(), Error> {
        let before = self.equity;
        let mut today = Day::default();
        self.asked = self.given.unwrap_or_else(|| self.moves.weights(self.terms));
        self.charge_financing(previous.calendar_days_until(day), &mut today);
        let (long, short) = self.mark_index_legs(day, &mut today);
        let straddle = self.straddle_unit();
        let must_renew = self.mark_straddle(previous, day, &mut today);
        let straddle = straddle - self.straddle_unit();
        if let Some(action) = must_renew {
            self.buy_back_straddle(day, action, &mut today);
        }
        if self.straddle.is_none() {
            self.sell_straddle(day, &mut today)?;
        }
        let is_due = match self.terms.replication.rebalance {
            Rebalance::Daily => true,
            Rebalance::Monthly => previous.month() != day.month(),
        };
        if is_due {
            self.rebalance(day, &mut today);
        }
        self.moves.push(Move { long, short, straddle, target: self.target_move(previous, day) });
        self.write_line(day, before, today)
    }

    fn charge_financing(&mut self, n_calendar_days: i32, today: &mut Day) {
        let beyond_equity = self.beyond_equity();
        let years = f64::from(n_calendar_days) / CALENDAR_DAYS_PER_YEAR;
        today.financing = self.terms.replication.financing_rate * beyond_equity * years;
        self.cash -= today.financing;
        self.equity -= today.financing;
    }

    /// Long value that equity does not pay for; 0 where the difference is rounding, and for a future.
    fn beyond_equity(&self) -> f64 {
        if self.terms.long.symbol.is_future() {
            return 0.0;
        }
        let difference = self.long_units * self.long.value - self.equity;
        if difference > BALANCE_TOLERANCE * self.equity { difference } else { 0.0 }
    }

    /// Marks both index legs and returns what a unit of each returned.
    fn mark_index_legs(&mut self, day: TradingDay, today: &mut Day) -> (f64, f64) {
        let (long, short) = (close(&self.legs.long, day), close(&self.legs.short, day));
        today.long = self.long_units * (long.level - self.long.level);
        today.short = -self.short_units * (short.level - self.short.level);
        let rolled = self.short_units * (short.rolled - self.short.rolled);
        let moves = (
            (long.level - self.long.level) / self.long.value,
            (short.level - self.short.level) / self.short.value,
        );
        // The short leg settles in cash every day, as a future does.
        self.cash += today.short;
        self.equity += today.long + today.short;
        (self.long, self.short) = (long, short);
        self.pay(self.terms.cost.short * rolled, today);
        moves
    }

    /// Value of the straddle held, over the forward it was sold at; NaN without one.
    fn straddle_unit(&self) -> f64 {
        self.straddle.as_ref().map_or(f64::NAN, |held| held.value / held.offer.forward)
    }

    /// Return of what is fitted to; NaN without one of its values on both days.
    fn target_move(&self, previous: TradingDay, day: TradingDay) -> f64 {
        let pair = self.target.and_then(|target| target.at(previous).zip(target.at(day)));
        pair.map_or(f64::NAN, |(before, now)| now / before - 1.0)
    }

    fn mark_straddle(
        &mut self,
        previous: TradingDay,
        day: TradingDay,
        today: &mut Day,
    ) -> Option<TradeAction> {
        let (held, pricer) = (self.straddle.as_mut()?, self.pricer.as_ref()?);
        let before = *held;
        let (gain, action) = held.mark(pricer, &self.terms.straddle, day);
        let expiry = held.offer.expiry;
        if held.quantity == 0.0 {
            // None is held, but one is watched to be sized by.
            return action;
        }
        self.straddles.push(StraddleLine {
            date: day,
            expiry,
            strike: held.offer.strike,
            quantity: held.quantity,
            n_days_before: previous.calendar_days_until(expiry),
            forward_before: before.forward,
            volatility_before: before.volatility,
            value_before: before.value,
            n_days: day.calendar_days_until(expiry),
            forward: held.forward,
            volatility: held.volatility,
            value: held.value,
            pnl: gain,
        });
        today.straddle = gain;
        self.equity += gain;
        action
    }

    fn buy_back_straddle(&mut self, day: TradingDay, action: TradeAction, today: &mut Day) {
        let Some(held) = self.straddle.take() else { return };
        self.cash -= held.liability();
        self.pay(self.terms.cost.straddle * held.liability(), today);
        self.write_trade(day, action, &held);
    }

    fn write_trade(&mut self, day: TradingDay, action: TradeAction, straddle: &ShortStraddle) {
        if straddle.quantity > 0.0 {
            self.trades.push(trade(day, action, straddle));
        }
    }

    fn sell_straddle(&mut self, day: TradingDay, today: &mut Day) -> Result<(), Error> {
        let Some(pricer) = &self.pricer else { return Ok(()) };
        let Some(offer) = pricer.offer(day)? else { return Ok(()) };
        if self.equity <= 0.0 {
            return Ok(());
        }
        let quantity = self.asked.straddle * self.equity / offer.forward;
        let roll_on = self.calendar.previous(offer.expiry)?;
        let sold = ShortStraddle::sell(offer, quantity, roll_on);
        self.cash += sold.liability();
        self.pay(self.terms.cost.straddle * sold.liability(), today);
        self.write_trade(day, TradeAction::Sold, &sold);
        self.straddle = Some(sold);
        Ok(())
    }

    /// Returns both index legs to their weights of the equity before the costs of doing so.
    fn rebalance(&mut self, date: TradingDay, today: &mut Day) {
        let equity = self.equity.max(0.0);
        let Weights { long, short, straddle, r_squared } = self.asked;
        let long_units = long * equity / self.long.value;
        let short_units = short * equity / self.short.value;
        let bought = (long_units - self.long_units) * self.long.value;
        let sold = (short_units - self.short_units) * self.short.value;
        self.cash -= bought;
        (self.long_units, self.short_units) = (long_units, short_units);
        let cost = self.terms.cost.long * bought.abs() + self.terms.cost.short * sold.abs();
        self.pay(cost, today);
        if self.terms.is_sized() {
            self.weights.push(WeightLine { date, long, short, straddle, r_squared });
        }
    }

    fn pay(&mut self, cost: f64, today: &mut Day) {
        self.cash -= cost;
        self.equity -= cost;
        today.trading_cost += cost;
    }

    fn write_line(&mut self, date: TradingDay, before: f64, today: Day) -> Result<(), Error> {
        let straddle_value = self.straddle.as_ref().map_or(0.0, ShortStraddle::liability);
        let by_positions = self.cash + self.long_units * self.long.value - straddle_value;
        let by_lines = before + today.net();
        if (by_positions - by_lines).abs() > BALANCE_TOLERANCE * by_lines.abs().max(1.0) {
            return Err(Error::Unbalanced { date, by_positions, by_lines });
        }
        self.nav.push(NavLine {
            date,
            r#return: self.equity / before - 1.0,
            nav: self.equity,
            long: today.long / before,
            short: today.short / before,
            straddle: today.straddle / before,
            cost: (today.financing + today.trading_cost) / before,
            financing: today.financing / before,
            long_value: self.long_units * self.long.value,
            short_value: self.short_units * self.short.value,
            straddle_value,
        });
        Ok(())
    }
}

fn close(leg: &Leg, day: TradingDay) -> Close {
    leg.at(day).expect("ledger days have every price")
}

/// The line of a trade at the straddle's last mark, which is that of the day.
fn trade(date: TradingDay, action: TradeAction, straddle: &ShortStraddle) -> TradeLine {
    TradeLine {
        date,
        action,
        expiry: straddle.offer.expiry,
        strike: straddle.offer.strike,
        forward: straddle.forward,
        implied_volatility: straddle.volatility,
        value: straddle.value,
        quantity: straddle.quantity,
    }
}
