//! Investors who cannot sell: their stocks are at the lower limit, so they short index futures instead, and cover when
//! the stocks trade again.

use serde::{Deserialize, Serialize};

use super::View;
use crate::market::{ByProduct, Orders};

/// How they hedge.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedTerms {
    /// Futures short for the daily amount of the stocks at their limit.
    pub hedge: f64,
}

/// What they are short.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Locked {
    short: ByProduct,
}

impl Locked {
    /// Orders of a round: the short is brought to what is locked now, spread over the products by their open interest.
    pub fn decide(&mut self, terms: &LockedTerms, view: &View, orders: &mut Orders) {
        let amounts = view.terms.daily_amount.iter().zip(view.market.limit_down);
        let locked: f64 = amounts.map(|(amount, share)| amount * share).sum();
        let open: f64 = view.terms.open_interest.iter().sum();
        let products = orders.future.iter_mut().zip(view.terms.open_interest);
        for ((order, interest), short) in products.zip(&mut self.short) {
            let want = terms.hedge * locked * interest / open;
            *order += want - *short;
            *short = want;
        }
    }
}
