//! Investors who buy what has fallen further below its worth than they can resist, and sell what stands as far above.

use serde::{Deserialize, Serialize};

use super::View;
use crate::market::{BySegment, Orders};

/// How they judge.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BargainTerms {
    /// Distance from worth past which they act.
    pub threshold: f64,
    /// Share of a segment's quiet daily amount they trade a day for each unit of distance past it.
    pub strength: f64,
}

/// Orders of a round; `fair` is what each segment would stand at without orders.
pub fn decide(terms: &BargainTerms, fair: &BySegment, view: &View, orders: &mut Orders) {
    for (k, fair) in fair.iter().enumerate() {
        let gap = view.market.level[k] / fair - 1.0;
        let beyond = (gap.abs() - terms.threshold).max(0.0).copysign(gap);
        let want = terms.strength * beyond * view.terms.daily_amount[k] / view.rounds as f64;
        orders.stock[k] += view.executed(k, want, orders);
    }
}
