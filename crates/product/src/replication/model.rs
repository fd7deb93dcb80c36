//! Straddles priced by Black (1976) from an index and an implied-volatility series.

use shoals_core::contract::third_friday;
use shoals_core::{Calendar, Series, TradingDay, day};
use shoals_market::option::{Black76, straddle, years_until};

use super::short_straddle::{Mark, Offer};
use super::terms::StraddleLeg;
use super::{ExpiryRule, StrikeRule};
use crate::Error;

/// An index, its volatility and the terms that strike on it.
pub(super) struct Model<'a> {
    pub leg: StraddleLeg,
    pub underlying: &'a Series,
    pub implied_volatility: &'a Series,
    pub calendar: &'a Calendar,
}

impl Model<'_> {
    pub(super) fn is_priced(&self, day: TradingDay) -> bool {
        self.underlying.at(day).is_some() && self.implied_volatility.as_of(day).is_some()
    }

    /// A straddle at the money of the nearest expiry far enough away.
    pub(super) fn offer(&self, day: TradingDay) -> Result<Offer, Error> {
        let expiry = self.nearest_expiry(day)?;
        let forward = self.forward(day, expiry);
        let strike = self.strike(forward);
        let volatility = self.volatility(day);
        Ok(Offer { expiry, strike, forward, value: self.value(day, expiry, strike), volatility })
    }

    pub(super) fn mark(&self, offer: &Offer, day: TradingDay) -> Mark {
        Mark {
            value: self.value(day, offer.expiry, offer.strike),
            forward: self.forward(day, offer.expiry),
            volatility: self.volatility(day),
        }
    }

    fn value(&self, day: TradingDay, expiry: TradingDay, strike: f64) -> f64 {
        let terms = Black76 {
            forward: self.forward(day, expiry),
            strike,
            volatility: self.volatility(day),
            years: years_until(day, expiry),
            rate: self.leg.rate,
        };
        straddle(&terms).value
    }

    fn forward(&self, day: TradingDay, expiry: TradingDay) -> f64 {
        let spot = self.underlying.at(day).expect("ledger days have every price");
        spot * ((self.leg.rate - self.leg.dividend_yield) * years_until(day, expiry)).exp()
    }

    fn volatility(&self, day: TradingDay) -> f64 {
        self.implied_volatility.as_of(day).expect("ledger days have every price").1
    }

    fn strike(&self, forward: f64) -> f64 {
        let step = match self.leg.strike {
            StrikeRule::Forward => return forward,
            StrikeRule::Cffex => cffex_step(forward),
            StrikeRule::Step => self.leg.strike_step.expect("legal terms have a step"),
        };
        (forward / step).round().max(1.0) * step
    }

    /// The first expiry that can still be sold.
    fn nearest_expiry(&self, today: TradingDay) -> Result<TradingDay, Error> {
        let (year, month, _) = today.ymd();
        let mut expiry = today;
        for ahead in 0..=3 {
            let months = month - 1 + ahead;
            expiry = self.expiry(year + (months / 12) as i32, months % 12 + 1)?;
            if is_sellable(&self.leg, self.calendar, today, expiry)? {
                break;
            }
        }
        Ok(expiry)
    }

    fn expiry(&self, year: i32, month: u32) -> Result<TradingDay, Error> {
        let by_rule = match self.leg.expiry {
            ExpiryRule::ThirdFriday => third_friday(year, month),
            ExpiryRule::FourthWednesday => fourth_wednesday(year, month),
        };
        Ok(self.calendar.on_or_after(by_rule)?)
    }
}

/// Whether an expiry is far enough away to be sold: by its calendar days, and by being held at least
/// to the next close. (Before a long holiday the roll day is eleven calendar days ahead of expiry.)
pub(super) fn is_sellable(
    leg: &StraddleLeg,
    calendar: &Calendar,
    today: TradingDay,
    expiry: TradingDay,
) -> Result<bool, Error> {
    let n_days = today.calendar_days_until(expiry);
    Ok(n_days >= leg.min_days_to_expiry as i32 && calendar.previous(expiry)? > today)
}

/// Distance of CFFEX's strikes in the near months (contract specification of IO, HO and MO).
fn cffex_step(level: f64) -> f64 {
    match level {
        level if level <= 2_500.0 => 25.0,
        level if level <= 5_000.0 => 50.0,
        level if level <= 10_000.0 => 100.0,
        _ => 200.0,
    }
}

fn fourth_wednesday(year: i32, month: u32) -> TradingDay {
    let first = day(year, month, 1);
    let to_wednesday = (2 + 7 - first.weekday()) % 7;
    first.plus_calendar_days(to_wednesday as i32 + 21)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replication::ReplicationTerms;

    fn with_model(toml: &str, check: impl FnOnce(&Model)) {
        let days = vec![day(2024, 2, 5), day(2024, 2, 6)];
        let underlying = Series::new("x", days.clone(), vec![3_212.0, 3_300.0]).unwrap();
        let implied_volatility = Series::new("iv", days, vec![0.2, f64::NAN]).unwrap();
        let leg = ReplicationTerms::from_toml(toml).unwrap().straddle;
        check(&Model {
            leg,
            underlying: &underlying,
            implied_volatility: &implied_volatility,
            calendar: Calendar::shanghai(),
        });
    }

    /// Witness: the exchange moved the February 2024 expiry to 02-19; the 50 ETF's was 02-28.
    #[test]
    fn the_expiry_is_the_nearest_far_enough_away() {
        for (toml, expected) in [
            ("", day(2024, 2, 19)),
            ("[straddle]\nmin_days_to_expiry = 15", day(2024, 3, 15)),
            ("[straddle]\nexpiry = \"fourth_wednesday\"", day(2024, 2, 28)),
        ] {
            with_model(toml, |model| {
                assert_eq!(model.nearest_expiry(day(2024, 2, 5)).unwrap(), expected, "{toml}");
            });
        }
    }

    #[test]
    fn strikes_follow_their_rule() {
        for (toml, expected) in [
            ("[straddle]\nrate = 0.0", 3_212.0),
            ("[straddle]\nrate = 0.0\nstrike = \"cffex\"", 3_200.0),
            ("[straddle]\nrate = 0.0\nstrike = \"step\"\nstrike_step = 30", 3_210.0),
        ] {
            with_model(toml, |model| {
                assert_eq!(model.offer(day(2024, 2, 5)).unwrap().strike, expected, "{toml}");
            });
        }
    }

    /// Witness: closed form `2F erf(σ√t/√8)` at zero rate.
    #[test]
    fn the_value_is_the_at_the_money_straddle() {
        with_model("[straddle]\nrate = 0.0", |model| {
            let offer = model.offer(day(2024, 2, 5)).unwrap();
            let closed = shoals_market::option::atm_straddle_value(3_212.0, 0.2, 14.0 / 365.0, 0.0);
            assert!((offer.value / closed - 1.0).abs() < 1e-13);
            // A missing volatility is carried; at expiry only the distance to the strike is left.
            assert!(model.is_priced(day(2024, 2, 6)));
            let at_expiry = Offer { expiry: day(2024, 2, 6), ..offer };
            assert!((model.mark(&at_expiry, day(2024, 2, 6)).value - 88.0).abs() < 1e-9);
        });
    }
}
