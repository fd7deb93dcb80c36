//! The ledgers' own gains, split into lines that add up to them every day.

use shoals_core::number::CALENDAR_DAYS_PER_YEAR;
use shoals_core::{Calendar, FutureContract, FutureProduct, Rules, Series, TradingDay};
use shoals_market::option::{Black76, straddle};

use super::outcome::SourceLine;
use crate::Error;
use crate::replication::{NavLine, ReplicationOutcome, StraddleLine};
use crate::swap::{HedgeLine, StatementLine, SwapOutcome};

/// Lines must meet the ledger to this fraction of the book.
const BALANCE_TOLERANCE: f64 = 1e-9;

/// Splits every day of a DMA book, in CNY.
///
/// `market` is the long value times the return of the hedged index, less the short futures at that same return;
/// `size` what the long leg earned beyond that index. A future's gain beyond its index is its basis: `carry` is
/// what yesterday's basis converges by in a day if it goes to 0 in a straight line, `basis` the rest. Without a
/// hedge all of the long leg is `market`. Cash paid in is no gain.
///
/// An index sold itself is its own index and has no basis.
///
/// A contract bought on the day of a roll gains from its purchase on, all of it basis.
///
/// * `spots`: the index of every hedged product, the last value of a missing day stands.
///
/// # Errors
/// A hedge whose index is not given, or lines that do not add up to the ledger: a defect.
pub fn of_swap(
    outcome: &SwapOutcome,
    calendar: &Calendar,
    rules: &Rules,
    spots: &[(FutureProduct, &Series)],
) -> Result<Vec<SourceLine>, Error> {
    let market = Hedged { calendar, rules, spots };
    let notional = outcome.terms.swap.notional;
    let mut lines: Vec<SourceLine> = outcome
        .statement
        .first()
        .map(|line| SourceLine {
            costs: -line.fees_day,
            ..SourceLine::of(line.date, -line.fees_day)
        })
        .into_iter()
        .collect();
    for pair in outcome.statement.windows(2) {
        let line = swap_day(outcome, &market, &pair[0], &pair[1])?;
        lines.push(balanced(line, notional)?);
    }
    Ok(lines)
}

/// The index side of one hedge over a day.
#[derive(Default)]
struct HedgeDay {
    /// Value of the index short at the close before, CNY.
    value: f64,
    /// What the short would have gained on its index, CNY.
    spot_gain: f64,
    carry: f64,
    basis: f64,
}

/// What the short legs are priced by.
struct Hedged<'a> {
    calendar: &'a Calendar,
    rules: &'a Rules,
    spots: &'a [(FutureProduct, &'a Series)],
}

fn swap_day(
    outcome: &SwapOutcome,
    market: &Hedged,
    before: &StatementLine,
    line: &StatementLine,
) -> Result<SourceLine, Error> {
    let mut hedge = HedgeDay::default();
    for today in outcome.hedges.iter().filter(|h| h.date == line.date) {
        let is_same = |h: &&HedgeLine| h.leg == today.leg && h.contract == today.contract;
        let earlier = outcome.hedges.iter().rev().filter(is_same).find(|h| h.date < line.date);
        let gain = today.pnl - earlier.map_or(0.0, |h| h.pnl);
        let held = earlier.filter(|h| h.date == before.date);
        hedge.add(&match (held, FutureContract::try_from(today.contract)) {
            // An index sold itself.
            (Some(held), Err(_)) => {
                HedgeDay { value: held.value, spot_gain: gain, ..HedgeDay::default() }
            }
            (Some(held), Ok(contract)) => market.day(outcome, held, today, contract)?,
            (None, _) => HedgeDay { basis: gain, ..HedgeDay::default() },
        });
    }
    let index_return = if hedge.value > 0.0 {
        -hedge.spot_gain / hedge.value
    } else {
        line.long_pnl_day / before.long_value
    };
    let on_index = before.long_value * index_return;
    Ok(SourceLine {
        market: on_index + hedge.spot_gain,
        size: line.long_pnl_day - on_index,
        carry: hedge.carry,
        basis: hedge.basis,
        financing: -line.financing_day,
        costs: -line.fees_day,
        ..SourceLine::of(
            line.date,
            line.long_pnl_day + line.hedge_pnl_day - line.financing_day - line.fees_day,
        )
    })
}

impl Hedged<'_> {
    /// A day of one contract.
    fn day(
        &self,
        outcome: &SwapOutcome,
        yesterday: &HedgeLine,
        today: &HedgeLine,
        contract: FutureContract,
    ) -> Result<HedgeDay, Error> {
        let spot = self.spots.iter().find(|(product, _)| *product == contract.product);
        let (_, spot) = spot.ok_or(Error::SeriesMissing {
            what: "the index of every hedged future",
            key: "hedge.weight",
        })?;
        let expiry = contract.expiry(self.calendar)?;
        let opened_on = outcome.terms.swap.opened_on;
        let multiplier = self.rules.future_terms(contract.product, opened_on)?.multiplier;
        hedge_day(yesterday, today, spot, expiry, multiplier)
    }
}

impl HedgeDay {
    fn add(&mut self, other: &Self) {
        self.value += other.value;
        self.spot_gain += other.spot_gain;
        self.carry += other.carry;
        self.basis += other.basis;
    }
}

fn hedge_day(
    yesterday: &HedgeLine,
    today: &HedgeLine,
    spot: &Series,
    expiry: TradingDay,
    multiplier: f64,
) -> Result<HedgeDay, Error> {
    let at = |day: TradingDay| {
        spot.as_of(day).map(|(_, value)| value).ok_or_else(|| Error::NoObservation {
            name: spot.name().to_owned(),
            from: day,
            to: day,
        })
    };
    let (spot_before, spot_now) = (at(yesterday.date)?, at(today.date)?);
    let units = yesterday.lots * multiplier;
    let gain = today.pnl - yesterday.pnl;
    let spot_gain = -units * (spot_now - spot_before);
    let n_before = f64::from(yesterday.date.calendar_days_until(expiry));
    let n_passed = f64::from(yesterday.date.calendar_days_until(today.date));
    let converges = if n_before > 0.0 { (n_passed / n_before).min(1.0) } else { 1.0 };
    let carry = units * (yesterday.price - spot_before) * converges;
    Ok(HedgeDay { value: units * spot_before, spot_gain, carry, basis: gain - spot_gain - carry })
}

/// Splits every day of a replication, in opening equities.
///
/// `market` is the long less the short value, both at the return of the short leg's index; `size` what the long leg
/// earned beyond that index; `basis` what the short leg earned beyond its fall (0 where the short is an index).
/// The straddle's gain goes to `delta`, `gamma`, `theta` and `vega` by Black's greeks at the close before, and what a
/// second-order expansion leaves to `option_residual`, all of it where a chain gave no volatility.
///
/// * `index`: closes of the short leg's index; of the short leg itself where it is one.
///
/// # Errors
/// No close of the index on the first day, or lines that do not add up to the ledger: a defect.
pub fn of_replication(
    outcome: &ReplicationOutcome,
    index: &Series,
) -> Result<Vec<SourceLine>, Error> {
    let mut lines: Vec<SourceLine> = outcome
        .nav
        .first()
        .map(|line| SourceLine { costs: -line.cost, ..SourceLine::of(line.date, line.r#return) })
        .into_iter()
        .collect();
    for pair in outcome.nav.windows(2) {
        let line = replication_day(outcome, index, &pair[0], &pair[1])?;
        lines.push(balanced(line, pair[0].nav.abs().max(1.0))?);
    }
    Ok(lines)
}

fn replication_day(
    outcome: &ReplicationOutcome,
    index: &Series,
    before: &NavLine,
    line: &NavLine,
) -> Result<SourceLine, Error> {
    let at = |day: TradingDay| {
        index.as_of(day).map(|(_, value)| value).ok_or_else(|| Error::NoObservation {
            name: index.name().to_owned(),
            from: day,
            to: day,
        })
    };
    let index_return = at(line.date)? / at(before.date)? - 1.0;
    let (long, short) = (line.long * before.nav, line.short * before.nav);
    let held = outcome
        .straddles
        .binary_search_by_key(&line.date, |straddle| straddle.date)
        .ok()
        .map(|i| &outcome.straddles[i]);
    let rate = outcome.terms.straddle.rate;
    let split = SourceLine {
        market: (before.long_value - before.short_value) * index_return,
        size: long - before.long_value * index_return,
        basis: short + before.short_value * index_return,
        financing: -line.financing * before.nav,
        costs: -(line.cost - line.financing) * before.nav,
        ..SourceLine::of(line.date, line.nav - before.nav)
    };
    Ok(held.map_or(split, |held| with_greeks(split, held, rate)))
}

/// Adds the lines of the straddle held over the day.
fn with_greeks(line: SourceLine, held: &StraddleLine, rate: f64) -> SourceLine {
    let years = |n_days: i32| f64::from(n_days.max(0)) / CALENDAR_DAYS_PER_YEAR;
    let greeks = straddle(&Black76 {
        forward: held.forward_before,
        strike: held.strike,
        volatility: held.volatility_before,
        years: years(held.n_days_before),
        rate,
    });
    let moved = held.forward - held.forward_before;
    let passed = years(held.n_days_before) - years(held.n_days);
    let short = |change: f64| {
        let gain = -held.quantity * change;
        if gain.is_finite() { gain } else { 0.0 }
    };
    let (delta, gamma) = (short(greeks.delta * moved), short(0.5 * greeks.gamma * moved * moved));
    let theta = short(greeks.theta * passed);
    let vega = short(greeks.vega * (held.volatility - held.volatility_before));
    let option_residual = held.pnl - delta - gamma - theta - vega;
    SourceLine { delta, gamma, theta, vega, option_residual, ..line }
}

fn balanced(line: SourceLine, scale: f64) -> Result<SourceLine, Error> {
    let by_lines = line.sum();
    if (by_lines - line.pnl).abs() <= BALANCE_TOLERANCE * scale {
        return Ok(line);
    }
    Err(Error::Unbalanced { date: line.date, by_positions: line.pnl, by_lines })
}
