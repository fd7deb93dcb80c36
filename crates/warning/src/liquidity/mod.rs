//! Could the smallest companies still be sold, and since when no longer?
//!
//! Day by day, of the smallest N companies: their share of all trading, what moving a price costs
//! (Amihud, Kyle), spreads read from prices (Corwin and Schultz, Roll), who closed at the lower limit,
//! how many days a holding takes to sell, and how fast a shock to depth fades; each against its own past
//! year. Days on which liquidity drained are alarms, and what followed them is put beside all other days.
//!
//! Source: Amihud (2002); Kyle (1985); Roll (1984); Corwin and Schultz (2012); Pastor and Stambaugh
//! (2003). Everything said of a day is known at its close.
//!
//! Method page: docs/method/liquidity.md

mod alarm;
mod bucket;
mod config;
mod day;
mod half_life;
mod member;
mod outcome;
mod record;

use shoals_core::{Calendar, Rules, range_in_words};
use shoals_market::universe::StockMarket;

pub use alarm::{DrainAlarm, DrainKind};
pub use bucket::BucketDay;
pub use config::LiquidityConfig;
pub use day::LiquidityDay;
pub use half_life::HalfLife;
pub use outcome::LiquidityOutcome;
pub use record::AlarmRecord;

use crate::WarningError;
use crate::leg::{Leg, known};

/// Watches the liquidity of the smallest companies of a market.
///
/// Reads the columns `adjusted_close`, `amount`, the capitalisation asked for and `total_market_cap`;
/// `adjusted_high` and `adjusted_low` for the spread of Corwin and Schultz, which is missing without
/// them. Nothing after `config.to` is known; days before `config.from` serve as yardstick only.
///
/// # Errors
/// Illegal settings, a market without a needed column, without any amount or without an eligible stock,
/// or no day to tell about.
pub fn liquidity(
    market: &StockMarket,
    config: &LiquidityConfig,
    calendar: &Calendar,
    rules: &Rules,
) -> Result<LiquidityOutcome, WarningError> {
    config.check()?;
    let cut = known(market, config.to);
    let market = cut.as_ref().unwrap_or(market);
    if market.panel().column("amount")?.iter().all(|amount| amount.is_nan()) {
        return Err(WarningError::NoAmounts);
    }
    let leg = Leg::of(market, config.leg(), calendar, rules)?;
    let all = day::days(&leg, config)?;
    let buckets = bucket::buckets(&leg, config)?;
    let alarms = alarm::alarms(&all, config);
    let days: Vec<LiquidityDay> =
        all.iter().filter(|day| config.tells(day.date)).copied().collect();
    if days.is_empty() {
        let (asked, record) = (range_in_words(config.from, config.to), market.days());
        let (Some(&first), Some(&last)) = (record.first(), record.last()) else {
            return Err(WarningError::NoAmounts);
        };
        return Err(WarningError::NothingToTell { asked, first, last });
    }
    let record = record::record(&leg.returns()?, market.days(), &alarms, config)?;
    Ok(LiquidityOutcome { config: config.clone(), days, buckets, alarms, record })
}
