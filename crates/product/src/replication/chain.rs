//! Straddles marked at the closes of an option chain.
//!
//! Two contracts can share a strike after a dividend adjustment; without a contract id they cannot be
//! told apart. Such a strike is never sold, and a held straddle is marked at the quote nearest its last
//! mark.

use std::collections::BTreeMap;

use shoals_core::{Calendar, TradingDay};
use shoals_market::option::{
    OptionKind, ParityForward, StrikePair, implied_volatility, parity_forward,
};

use super::OptionQuote;
use super::model::{is_sellable, years};
use super::short_straddle::{Mark, Offer};
use super::terms::StraddleLeg;
use crate::Error;

/// Strikes are told apart to this many parts of the underlying's unit (ETF strikes have three decimals).
const STRIKE_PARTS: f64 = 10_000.0;

/// Every quote of one strike and expiry on one day.
#[derive(Debug, Clone, Default)]
struct Quoted {
    calls: Vec<f64>,
    puts: Vec<f64>,
}

/// Strikes of one expiry, rising, by their number of parts.
type Strikes = BTreeMap<i64, Quoted>;

/// A chain ordered by day, expiry and strike.
pub(super) struct Chain<'a> {
    leg: StraddleLeg,
    calendar: &'a Calendar,
    days: BTreeMap<TradingDay, BTreeMap<TradingDay, Strikes>>,
}

impl<'a> Chain<'a> {
    pub(super) fn new(leg: StraddleLeg, calendar: &'a Calendar, quotes: &[OptionQuote]) -> Self {
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
        Self { leg, calendar, days }
    }

    pub(super) fn is_priced(&self, day: TradingDay) -> bool {
        self.days.contains_key(&day)
    }

    /// The straddle nearest the parity forward of the nearest expiry far enough away.
    pub(super) fn offer(&self, day: TradingDay) -> Result<Option<Offer>, Error> {
        let Some(expiries) = self.days.get(&day) else { return Ok(None) };
        for (&expiry, strikes) in expiries {
            if is_sellable(&self.leg, self.calendar, day, expiry)?
                && let Some(offer) = self.offer_of(day, expiry, strikes)
            {
                return Ok(Some(offer));
            }
        }
        Ok(None)
    }

    fn offer_of(&self, day: TradingDay, expiry: TradingDay, strikes: &Strikes) -> Option<Offer> {
        let pairs = unambiguous_pairs(strikes);
        let years = years(day, expiry);
        let ParityForward { forward, at_the_money, discount, .. } =
            parity_forward(&pairs, years, self.leg.rate).ok()?;
        let pair = pairs.iter().find(|pair| pair.strike == at_the_money)?;
        let rate = -discount.ln() / years;
        let volatility = pair_volatility(pair, forward, years, rate);
        Some(Offer {
            expiry,
            strike: at_the_money,
            forward,
            value: pair.call + pair.put,
            volatility,
        })
    }

    /// The held straddle's quotes of `day`; none when either option has no price.
    pub(super) fn mark(&self, offer: &Offer, last_value: f64, day: TradingDay) -> Option<Mark> {
        let strikes = self.days.get(&day)?.get(&offer.expiry)?;
        let quoted = strikes.get(&parts(offer.strike))?;
        let value = quoted
            .calls
            .iter()
            .flat_map(|call| quoted.puts.iter().map(move |put| call + put))
            .min_by(|a, b| (a - last_value).abs().total_cmp(&(b - last_value).abs()))?;
        let pairs = unambiguous_pairs(strikes);
        let years = years(day, offer.expiry);
        let Ok(ParityForward { forward, discount, .. }) =
            parity_forward(&pairs, years, self.leg.rate)
        else {
            return Some(Mark { value, forward: f64::NAN, volatility: f64::NAN });
        };
        let own = pairs.iter().find(|pair| parts(pair.strike) == parts(offer.strike));
        let volatility = own
            .map_or(f64::NAN, |pair| pair_volatility(pair, forward, years, -discount.ln() / years));
        Some(Mark { value, forward, volatility })
    }
}

/// The volatility of a strike: of its two options, the one out of the money carries the time value.
fn pair_volatility(pair: &StrikePair, forward: f64, years: f64, rate: f64) -> f64 {
    let (kind, price) = if pair.strike >= forward {
        (OptionKind::Call, pair.call)
    } else {
        (OptionKind::Put, pair.put)
    };
    implied_volatility(kind, price, forward, pair.strike, years, rate)
        .volatility()
        .unwrap_or(f64::NAN)
}

/// Strikes that name one call and one put.
fn unambiguous_pairs(strikes: &Strikes) -> Vec<StrikePair> {
    strikes
        .iter()
        .filter_map(|(&parts, quoted)| match (&quoted.calls[..], &quoted.puts[..]) {
            (&[call], &[put]) => {
                Some(StrikePair { strike: parts as f64 / STRIKE_PARTS, call, put })
            }
            _ => None,
        })
        .collect()
}

fn parts(strike: f64) -> i64 {
    (strike * STRIKE_PARTS).round() as i64
}
