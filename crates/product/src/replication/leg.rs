//! An index leg's closes, whatever it holds: a series, one contract, or a hedge carried by the roll ledger.

use shoals_core::TradingDay;
use shoals_market::future::roll::RolledHedge;
use shoals_market::future::{ContractHistory, Mark};

use super::LegMarket;

/// The closes of one leg, by rising day.
pub(super) struct Leg {
    pub name: String,
    pub days: Vec<TradingDay>,
    closes: Vec<Close>,
}

/// One unit of a leg at a close.
#[derive(Debug, Clone, Copy)]
pub(super) struct Close {
    /// What the unit is worth.
    pub value: f64,
    /// Price changes of what was held, summed; for a series or contract its price.
    pub level: f64,
    /// Value bought and sold to move between contracts, summed; 0 for a series or contract.
    pub rolled: f64,
}

impl Leg {
    pub(super) fn new(market: LegMarket) -> Self {
        match market {
            LegMarket::Series(series) => {
                let closes = series.values().iter().map(|&price| Close::priced(price)).collect();
                Self { name: series.name().to_owned(), days: series.days().to_vec(), closes }
            }
            LegMarket::Contract(history) => Self::of_contract(history),
            LegMarket::Rolled(hedge) => Self::of_rolled(hedge),
        }
    }

    fn of_contract(history: &ContractHistory) -> Self {
        let price = |&day| history.price(day, Mark::Close).unwrap_or(f64::NAN);
        let closes = history.days.iter().map(|day| Close::priced(price(day))).collect();
        Self { name: history.contract.symbol().to_string(), days: history.days.clone(), closes }
    }

    /// What the ledger held over the next day is what was worth `value` at this close.
    fn of_rolled(hedge: &RolledHedge) -> Self {
        let (mut level, mut rolled) = (0.0, 0.0);
        let closes = hedge.days.iter().enumerate().map(|(i, day)| {
            level += day.price_change;
            let of_day = hedge.trades.iter().filter(|trade| trade.date == day.date);
            rolled += of_day.map(|trade| trade.units_sold.abs() * trade.price).sum::<f64>();
            let next = hedge.days.get(i + 1);
            let value = next.map_or(hedge.open_value, |next| next.units * next.opening_price);
            Close { value, level, rolled }
        });
        Self {
            name: format!("{} ({})", hedge.product.code(), hedge.rule.name()),
            closes: closes.collect(),
            days: hedge.days.iter().map(|day| day.date).collect(),
        }
    }

    /// The close of `day`; none without a price, or when nothing was held.
    pub(super) fn at(&self, day: TradingDay) -> Option<Close> {
        let i = self.days.binary_search(&day).ok()?;
        Some(self.closes[i]).filter(|close| close.value > 0.0)
    }
}

impl Close {
    fn priced(price: f64) -> Self {
        Self { value: price, level: price, rolled: 0.0 }
    }
}
