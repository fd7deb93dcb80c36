//! Straddles marked at the closes of an option chain.

use shoals_core::{Calendar, TradingDay};
use shoals_market::option::{OptionChain, OptionQuote, ParityForward, years_until};

use super::model::is_sellable;
use super::short_straddle::{Mark, Offer};
use super::terms::StraddleLeg;
use crate::Error;

/// A chain and the terms that sell from it.
pub(super) struct Chain<'a> {
    leg: StraddleLeg,
    calendar: &'a Calendar,
    quotes: OptionChain,
}

impl<'a> Chain<'a> {
    pub(super) fn new(leg: StraddleLeg, calendar: &'a Calendar, quotes: &[OptionQuote]) -> Self {
        Self { leg, calendar, quotes: OptionChain::of(quotes) }
    }

    pub(super) fn is_priced(&self, day: TradingDay) -> bool {
        self.quotes.is_quoted(day)
    }

    /// The straddle nearest the parity forward of the nearest expiry far enough away.
    pub(super) fn offer(&self, day: TradingDay) -> Result<Option<Offer>, Error> {
        for expiry in self.quotes.expiries(day) {
            if is_sellable(&self.leg, self.calendar, day, expiry)?
                && let Some(offer) = self.offer_of(day, expiry)
            {
                return Ok(Some(offer));
            }
        }
        Ok(None)
    }

    fn offer_of(&self, day: TradingDay, expiry: TradingDay) -> Option<Offer> {
        let (found, pairs) = self.quotes.forward(day, expiry, self.leg.rate)?;
        let ParityForward { forward, at_the_money, .. } = found;
        let pair = pairs.iter().find(|pair| pair.strike == at_the_money)?;
        let years = years_until(day, expiry);
        Some(Offer {
            expiry,
            strike: at_the_money,
            forward,
            value: pair.call + pair.put,
            volatility: pair.volatility(forward, years, found.rate(years)),
        })
    }

    /// The held straddle's quotes of `day`; none when either option has no price.
    pub(super) fn mark(&self, offer: &Offer, last_value: f64, day: TradingDay) -> Option<Mark> {
        let value = self.quotes.straddle_near(day, offer.expiry, offer.strike, last_value)?;
        let Some((found, pairs)) = self.quotes.forward(day, offer.expiry, self.leg.rate) else {
            return Some(Mark { value, forward: f64::NAN, volatility: f64::NAN });
        };
        let years = years_until(day, offer.expiry);
        let own = pairs.iter().find(|pair| (pair.strike - offer.strike).abs() < 1e-9);
        let volatility =
            own.map_or(f64::NAN, |pair| pair.volatility(found.forward, years, found.rate(years)));
        Some(Mark { value, forward: found.forward, volatility })
    }
}
