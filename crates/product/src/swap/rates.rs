//! What trading either leg costs on a day.

use shoals_core::{Rules, TradingDay};
use shoals_market::universe::StockCosts;

use super::position::ShortPosition;
use super::terms::{CostSchedule, SwapTerms};
use crate::Error;

/// Fractions of the traded value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rates {
    /// Buying the long leg.
    pub buy: f64,
    /// Selling the long leg.
    pub sell: f64,
    /// Opening or closing a future.
    pub hedge: f64,
    /// Settling a future at expiry.
    pub delivery: f64,
}

impl Rates {
    /// The written fractions, or those of the rules of `date`.
    pub(super) fn on(date: TradingDay, terms: &SwapTerms, rules: &Rules) -> Result<Self, Error> {
        let slippage = terms.unwind.as_ref().map_or(0.0, |unwind| unwind.slippage);
        let cost = terms.cost;
        match cost.schedule {
            CostSchedule::Written => Ok(Self {
                buy: cost.long_buy + slippage,
                sell: cost.long_sell + slippage,
                hedge: cost.hedge,
                delivery: 0.0,
            }),
            CostSchedule::Rules => {
                let stock = StockCosts::on(date, slippage, rules)?;
                let (hedge, delivery) = if terms.hedge.is_empty() {
                    (0.0, 0.0)
                } else {
                    let fee = rules.future_fee(date)?;
                    (fee.open_or_close, fee.delivery)
                };
                Ok(Self { buy: stock.of_buying(), sell: stock.of_selling(), hedge, delivery })
            }
        }
    }

    /// What trading all of these positions would cost, CNY.
    pub(super) fn hedge_value(&self, positions: &[ShortPosition]) -> f64 {
        self.hedge * positions.iter().map(ShortPosition::value).sum::<f64>()
    }
}
