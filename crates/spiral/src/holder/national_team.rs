//! The national team: buys index funds on a schedule, on a day with a known low after it. A negative amount is a sale on a
//! schedule, as of a portfolio outside the model that is unwound for reasons of its own.

use serde::{Deserialize, Serialize};

use super::View;
use crate::market::{BySegment, Orders};

/// Purchases of a day.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Purchase {
    /// Day of the scenario, 0 the first.
    pub day: usize,
    /// Bought of each segment, CNY; negative for a sale.
    pub amount: BySegment,
}

/// Orders of a round: the day's purchases, each multiplied by its segment's `times`, spread evenly over the rounds
/// from `first` on.
pub fn decide(
    purchases: &[Purchase],
    times: &BySegment,
    (round, first): (usize, usize),
    view: &View,
    orders: &mut Orders,
) {
    if round < first {
        return;
    }
    for purchase in purchases.iter().filter(|purchase| purchase.day == view.day) {
        for (k, amount) in purchase.amount.iter().enumerate() {
            let order = -amount * times[k] / (view.rounds - first) as f64;
            orders.stock[k] += order * view.market.tradable(k, order);
        }
    }
}
