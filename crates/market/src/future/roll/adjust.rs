//! One continuous price out of many contracts, for charts and trend rules; never for money.

use shoals_core::Series;

use super::ledger::RolledHedge;
use crate::MarketError;

/// How earlier contracts are brought to the level of the last one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Adjustment {
    /// Earlier prices are shifted: differences are those of the contracts held.
    Difference,
    /// Earlier prices are scaled: returns are those of the contracts held.
    Ratio,
}

/// The continuous price of the contracts a hedge held, ending at the price of the last one.
///
/// Missing: a day on which nothing was held over repeats the level.
///
/// # Errors
/// A hedge whose days do not rise, which none made by the ledger is.
pub fn back_adjusted(hedge: &RolledHedge, adjustment: Adjustment) -> Result<Series, MarketError> {
    let mut level = last_price(hedge);
    let mut levels = vec![level; hedge.days.len()];
    for (i, day) in hedge.days.iter().enumerate().rev() {
        levels[i] = level;
        let change = if day.units > 0.0 { day.price_change / day.units } else { 0.0 };
        level = match adjustment {
            Adjustment::Difference => level - change,
            Adjustment::Ratio if day.units > 0.0 => level / (1.0 + change / day.opening_price),
            Adjustment::Ratio => level,
        };
    }
    let dates = hedge.days.iter().map(|day| day.date).collect();
    Ok(Series::new(format!("{} {}", hedge.product.code(), hedge.rule.name()), dates, levels)?)
}

/// Price of what is held at the end, or of what was held last.
fn last_price(hedge: &RolledHedge) -> f64 {
    if hedge.open_units > 0.0 {
        return hedge.open_value / hedge.open_units;
    }
    hedge.trades.last().map_or(f64::NAN, |trade| trade.price)
}
