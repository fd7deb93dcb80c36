//! The ledger itself: open, carry a day, write the line.

use std::collections::BTreeSet;

use shoals_core::number::CALENDAR_DAYS_PER_YEAR;
use shoals_core::{Text, TradingDay};
use shoals_market::future::roll::{RollConfig, RolledHedge, roll_short_hedge};

use super::breach::Decision;
use super::check::Checker;
use super::legs::HedgeKind;
use super::line::Exposure;
use super::long_leg::{LongLeg, Ordered};
use super::order::{OrderCause, OrderLeg, OrderLine, OrderReason, Side};
use super::outcome::{CheckLine, HedgeLine};
use super::position::{Marked, RolledLeg, ShortPosition, open_rolled};
use super::rates::Rates;
use super::{
    EventKind, FinancingBase, StatementLine, SwapEvent, SwapMarket, SwapOutcome, SwapStatus,
    SwapTerms,
};
use crate::Error;

/// Carries a book from its opening to its end.
///
/// Both legs are opened at the close of `opened_on`. The ledger ends with the agreed closing, with a
/// liquidation, or where a record ends (a book still open).
///
/// # Errors
/// A day the exchange was closed, a hedge without prices, expired at the opening or of no whole lot, a name
/// the market does not hold, no price on the opening day, a price at or below 0. Calls and ruin are not
/// errors.
pub fn simulate(terms: &SwapTerms, market: &SwapMarket) -> Result<SwapOutcome, Error> {
    let days = market.ledger_days(terms)?;
    let plans = plans(terms, market)?;
    let mut ledger = Ledger::open(terms, market, &plans, days.len())?;
    for pair in days.windows(2) {
        ledger.carry(pair[0], pair[1])?;
        if ledger.is_over {
            break;
        }
    }
    Ok(ledger.finish())
}

/// How each hedge that is rolled moves from contract to contract; none for the others.
fn plans(terms: &SwapTerms, market: &SwapMarket) -> Result<Vec<Option<RolledHedge>>, Error> {
    let plan = |hedge: &super::Hedge| -> Result<Option<RolledHedge>, Error> {
        let HedgeKind::Product(product, rule) = hedge.kind()? else { return Ok(None) };
        let config = RollConfig { mark: hedge.mark, ..RollConfig::default() };
        let (calendar, rules) = (market.calendar, market.rules);
        Ok(Some(roll_short_hedge(market.product(product)?, rule, &config, calendar, rules)?))
    };
    terms.hedge.iter().map(plan).collect()
}

/// Running totals since the opening, CNY.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Totals {
    pub long_pnl: f64,
    pub hedge_pnl: f64,
    pub financing: f64,
    pub long_fees: f64,
    pub hedge_fees: f64,
    pub cash_paid_in: f64,
    pub sold: f64,
    pub rebalanced: f64,
}

pub(super) struct Ledger<'a> {
    pub terms: &'a SwapTerms,
    pub market: &'a SwapMarket<'a>,
    pub long: LongLeg<'a>,
    pub hedges: Vec<ShortPosition<'a>>,
    pub rolled: Vec<RolledLeg<'a>>,
    pub checker: Option<Checker>,
    /// Closes at which names go back to their weights.
    pub rebalancings: BTreeSet<TradingDay>,
    /// Cash of the book; negative, it is the broker's loan.
    pub cash: f64,
    pub initial_margin: f64,
    /// Part of the opening notional still held.
    pub remaining: f64,
    pub totals: Totals,
    /// Cash paid in today: said as it was called, not as a difference of totals.
    pub paid_today: f64,
    /// Decided at an earlier close, from its marks alone.
    pub decision: Option<Decision>,
    /// What the long leg's standing order was given for.
    pub selling: Option<Ordered>,
    /// What today's close is compared with: the close before, or `Ok` once its breach was answered.
    pub last_status: SwapStatus,
    pub is_over: bool,
    pub statement: Vec<StatementLine>,
    pub events: Vec<SwapEvent>,
    pub hedge_lines: Vec<HedgeLine>,
    pub orders: Vec<OrderLine>,
    pub checks: Vec<CheckLine>,
}

impl<'a> Ledger<'a> {
    fn open(
        terms: &'a SwapTerms,
        market: &'a SwapMarket<'a>,
        plans: &'a [Option<RolledHedge>],
        n_days: usize,
    ) -> Result<Self, Error> {
        let date = terms.swap.opened_on;
        let mut orders = Vec::new();
        let long = LongLeg::open(terms, market, &mut orders)?;
        let (mut hedges, mut rolled) = (Vec::new(), Vec::new());
        for (leg, (&hedge, plan)) in terms.hedge.iter().zip(plans).enumerate() {
            match plan {
                Some(plan) => {
                    rolled.push(open_rolled(leg, hedge, terms, market, plan, &mut hedges)?);
                }
                None => hedges.push(ShortPosition::open(leg, hedge, terms, market)?),
            }
        }
        orders.extend(hedges.iter().filter(|hedge| hedge.lots > 0.0).map(|hedge| OrderLine {
            date,
            symbol: hedge.symbol,
            leg: OrderLeg::Hedge,
            fee: 0.0,
            side: Side::Sell,
            cause: OrderCause::Opening,
            decided_on: date,
            wanted: hedge.value(),
            filled: hedge.value(),
            price: hedge.price,
            reason: OrderReason::Filled,
        }));
        let checker = match &terms.concentration {
            Some(rules) => Some(Checker::new(rules.lines(date, market.rules)?)),
            None => None,
        };
        let mut ledger = Self {
            terms,
            market,
            long,
            hedge_lines: Vec::with_capacity(n_days * terms.hedge.len()),
            hedges,
            rolled,
            checker,
            rebalancings: terms.rebalancing_days(market.calendar).into_iter().collect(),
            cash: 0.0,
            initial_margin: 0.0,
            remaining: 1.0,
            totals: Totals::default(),
            paid_today: 0.0,
            decision: None,
            selling: None,
            last_status: SwapStatus::Ok,
            is_over: false,
            statement: Vec::with_capacity(n_days),
            events: Vec::new(),
            orders,
            checks: Vec::new(),
        };
        ledger.initial_margin = terms.swap.initial_margin_ratio * ledger.margin_base();
        ledger.cash = ledger.initial_margin - ledger.long.value();
        let rates = Rates::on(date, terms, market.rules)?;
        ledger.pay_long_fees(rates.buy * ledger.long.value());
        ledger.pay_hedge_fees(rates.hedge_value(&ledger.hedges));
        ledger.write_fees(0, rates);
        ledger.note(date, EventKind::Opened, ledger.opening_detail());
        let exposure = Exposure::of(&ledger);
        ledger.write_line(date, exposure, Totals::default())?;
        Ok(ledger)
    }

    /// One trading day: financing, marks, rolls, what was decided, the agreed closing, the line.
    fn carry(&mut self, previous: TradingDay, today: TradingDay) -> Result<(), Error> {
        let before = self.totals;
        self.paid_today = 0.0;
        self.charge_financing(previous.calendar_days_until(today));
        self.mark(today)?;
        self.roll(today)?;
        let mut exposure = Exposure::of(self);
        if today == self.terms.swap.closed_on {
            self.close_as_agreed(today)?;
        } else {
            let n_orders = self.orders.len();
            self.carry_out_decision(today);
            self.sell_ordered(today)?;
            if self.orders.len() == n_orders && self.selling.is_none() {
                self.rebalance(today)?;
            }
        }
        // The line of the last day shows what was sold.
        if !self.is_over {
            exposure = Exposure::of(self);
        }
        self.write_line(today, exposure, before)
    }

    fn charge_financing(&mut self, n_calendar_days: i32) {
        let swap = &self.terms.swap;
        let base = match swap.financing_base {
            FinancingBase::Notional => swap.notional * self.remaining,
            FinancingBase::Borrowed => (self.long.value() - self.equity()).max(0.0),
        };
        let years = f64::from(n_calendar_days) / CALENDAR_DAYS_PER_YEAR;
        let charge = swap.financing_rate * base * years;
        self.cash -= charge;
        self.totals.financing += charge;
    }

    fn mark(&mut self, today: TradingDay) -> Result<(), Error> {
        match self.long.mark(today)? {
            Marked::Gained(gain) => self.totals.long_pnl += gain,
            Marked::Stale => {
                let name = self.terms.long.name();
                self.note_stale(today, &name);
            }
        }
        for i in 0..self.hedges.len() {
            self.mark_hedge(i, today)?;
        }
        Ok(())
    }

    fn mark_hedge(&mut self, i: usize, today: TradingDay) -> Result<(), Error> {
        let hedge = &mut self.hedges[i];
        let (settles_on, symbol) = (hedge.settles_on, hedge.symbol);
        if hedge.is_rolled && hedge.lots == 0.0 {
            hedge.has_traded = false;
            return Ok(());
        }
        if settles_on.is_some_and(|expiry| today > expiry) {
            return Ok(());
        }
        match hedge.mark(today)? {
            Marked::Gained(gain) => {
                self.cash += gain;
                self.totals.hedge_pnl += gain;
            }
            Marked::Stale => self.note_stale(today, &Text::same(symbol.as_str())),
        }
        if Some(today) == settles_on {
            self.expire(i, today)?;
        }
        Ok(())
    }

    pub(super) fn equity(&self) -> f64 {
        self.cash + self.long.value()
    }

    pub(super) fn hedge_value(&self) -> f64 {
        self.hedges.iter().map(ShortPosition::value).sum()
    }

    pub(super) fn margin_base(&self) -> f64 {
        Exposure::of(self).margin_base(self.terms.swap.margin_base)
    }

    pub(super) fn note(&mut self, date: TradingDay, kind: EventKind, detail: Text) {
        self.events.push(SwapEvent { date, kind, detail });
    }

    fn note_stale(&mut self, date: TradingDay, name: &Text) {
        let detail = Text::new(
            format!("{} 没有价格；沿用上一标记", name.zh),
            format!("{} has no price; its last mark stands", name.en),
        );
        self.note(date, EventKind::StaleMark, detail);
    }

    fn finish(mut self) -> SwapOutcome {
        if let (false, Some(line)) = (self.is_over, self.statement.last()) {
            let date = line.date;
            let detail = Text::new(
                format!("{date} 之后没有价格；账本仍未平仓"),
                format!("no prices after {date}; the book is still open"),
            );
            self.note(date, EventKind::RecordEnded, detail);
        }
        let first = |worst: SwapStatus| {
            self.statement.iter().find(|line| line.status >= worst).map(|line| line.date)
        };
        SwapOutcome {
            terms: self.terms.clone(),
            called_on: first(SwapStatus::Call),
            liquidation_on: first(SwapStatus::Liquidation),
            wiped_out_on: first(SwapStatus::WipedOut),
            cash_paid_in: self.totals.cash_paid_in,
            initial_margin: self.initial_margin,
            statement: self.statement,
            events: self.events,
            hedges: self.hedge_lines,
            orders: self.orders,
            holdings: self.long.holdings(),
            checks: self.checks,
            concentration: self.checker.map(|checker| checker.lines),
        }
    }
}
