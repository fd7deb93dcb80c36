//! The closes of an option chain, by day, expiry and strike.
//!
//! Two contracts can share a strike after a dividend adjustment; without a contract id they cannot be told
//! apart. Such a strike is left out of everything but the marking of a position in it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use shoals_core::TradingDay;
use shoals_core::number::CALENDAR_DAYS_PER_YEAR;

use super::{OptionKind, ParityForward, StrikePair, implied_volatility, parity_forward};

/// Strikes are told apart to this many parts of the underlying's unit (ETF strikes have three decimals).
const STRIKE_PARTS: f64 = 10_000.0;

/// One option's close on one day.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct OptionQuote {
    /// Trading day.
    pub date: TradingDay,
    /// Call or put.
    pub kind: OptionKind,
    /// Last trading day of the option.
    pub expiry: TradingDay,
    /// Strike, in the underlying's unit.
    pub strike: f64,
    /// Close, in the underlying's unit; NaN when there is none.
    pub close: f64,
}

/// Every quote of one strike and expiry on one day.
#[derive(Debug, Clone, Default)]
struct Quoted {
    calls: Vec<f64>,
    puts: Vec<f64>,
}

/// Strikes of one expiry, rising, by their number of parts.
type Strikes = BTreeMap<i64, Quoted>;

/// A chain ordered by day, expiry and strike.
///
/// Missing: quotes without a close, or below 0, are left out.
#[derive(Debug, Clone, Default)]
pub struct OptionChain {
    days: BTreeMap<TradingDay, BTreeMap<TradingDay, Strikes>>,
}

impl OptionChain {
    /// Orders quotes.
    pub fn of(quotes: &[OptionQuote]) -> Self {
        let mut days: BTreeMap<TradingDay, BTreeMap<TradingDay, Strikes>> = BTreeMap::new();
        let has_price = |quote: &&OptionQuote| quote.close.is_finite() && quote.close >= 0.0;
        for quote in quotes.iter().filter(has_price) {
            let strikes = days.entry(quote.date).or_default().entry(quote.expiry).or_default();
            let sides = strikes.entry(parts(quote.strike)).or_default();
            match quote.kind {
                OptionKind::Call => sides.calls.push(quote.close),
                OptionKind::Put => sides.puts.push(quote.close),
            }
        }
        Self { days }
    }

    /// Days with a quote, rising.
    pub fn days(&self) -> impl Iterator<Item = TradingDay> + '_ {
        self.days.keys().copied()
    }

    /// Whether anything is quoted on a day.
    pub fn is_quoted(&self, day: TradingDay) -> bool {
        self.days.contains_key(&day)
    }

    /// Expiries quoted on a day, rising.
    pub fn expiries(&self, day: TradingDay) -> Vec<TradingDay> {
        self.days.get(&day).map(|expiries| expiries.keys().copied().collect()).unwrap_or_default()
    }

    /// Strikes that name one call and one put, rising; none when the expiry is not quoted.
    pub fn pairs(&self, day: TradingDay, expiry: TradingDay) -> Vec<StrikePair> {
        let strikes = self.days.get(&day).and_then(|expiries| expiries.get(&expiry));
        let pair = |(&parts, quoted): (&i64, &Quoted)| match (&quoted.calls[..], &quoted.puts[..]) {
            (&[call], &[put]) => {
                Some(StrikePair { strike: parts as f64 / STRIKE_PARTS, call, put })
            }
            _ => None,
        };
        strikes.map(|strikes| strikes.iter().filter_map(pair).collect()).unwrap_or_default()
    }

    /// Call plus put at a strike, of several contracts the one nearest `last`; none without both.
    pub fn straddle_near(
        &self,
        day: TradingDay,
        expiry: TradingDay,
        strike: f64,
        last: f64,
    ) -> Option<f64> {
        let quoted = self.days.get(&day)?.get(&expiry)?.get(&parts(strike))?;
        quoted
            .calls
            .iter()
            .flat_map(|call| quoted.puts.iter().map(move |put| call + put))
            .min_by(|a, b| (a - last).abs().total_cmp(&(b - last).abs()))
    }

    /// The forward of an expiry, with its pairs; none when no strike has both quotes.
    pub fn forward(
        &self,
        day: TradingDay,
        expiry: TradingDay,
        rate: f64,
    ) -> Option<(ParityForward, Vec<StrikePair>)> {
        let pairs = self.pairs(day, expiry);
        let forward = parity_forward(&pairs, years_until(day, expiry), rate).ok()?;
        Some((forward, pairs))
    }
}

/// Years ACT/365 from a close to an expiry; 0 from then on. Both end at the same minute of the day, so
/// minutes would say the same.
pub fn years_until(today: TradingDay, expiry: TradingDay) -> f64 {
    f64::from(today.calendar_days_until(expiry).max(0)) / CALENDAR_DAYS_PER_YEAR
}

impl StrikePair {
    /// Of the two options the one out of the money, which carries the time value.
    pub fn out_of_the_money(&self, forward: f64) -> (OptionKind, f64) {
        if self.strike >= forward {
            (OptionKind::Call, self.call)
        } else {
            (OptionKind::Put, self.put)
        }
    }

    /// The volatility of the out-of-the-money option; NaN when its price has none.
    pub fn volatility(&self, forward: f64, years: f64, rate: f64) -> f64 {
        let (kind, price) = self.out_of_the_money(forward);
        implied_volatility(kind, price, forward, self.strike, years, rate)
            .volatility()
            .unwrap_or(f64::NAN)
    }
}

impl ParityForward {
    /// The annual rate of its discount factor.
    pub fn rate(&self, years: f64) -> f64 {
        -self.discount.ln() / years
    }
}

fn parts(strike: f64) -> i64 {
    (strike * STRIKE_PARTS).round() as i64
}
