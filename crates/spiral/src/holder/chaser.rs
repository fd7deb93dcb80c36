//! Investors who chase styles: they leave the segment that has been losing for the one that has been winning.

use serde::{Deserialize, Serialize};

use super::View;
use crate::market::{BySegment, Orders, SEGMENTS};

/// How they chase.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChaserTerms {
    /// Share of a segment's daily amount bought a day for each unit of relative return remembered.
    pub strength: f64,
    /// Days until half of a return is forgotten.
    pub half_life: f64,
}

/// The chasers.
#[derive(Debug, Clone, PartialEq)]
pub struct Chaser {
    terms: ChaserTerms,
    memory: BySegment,
}

impl Chaser {
    /// Nobody has won yet.
    pub fn new(terms: &ChaserTerms) -> Self {
        Self { terms: terms.clone(), memory: [0.0; SEGMENTS] }
    }

    /// Orders of a round; what is sold of one segment is bought of others.
    pub fn decide(&mut self, view: &View, orders: &mut Orders) {
        let mean = self.memory.iter().sum::<f64>() / SEGMENTS as f64;
        let scale = self.terms.strength / view.rounds as f64;
        let want: BySegment =
            std::array::from_fn(|k| (mean - self.memory[k]) * scale * view.terms.daily_amount[k]);
        let sales: BySegment = std::array::from_fn(|k| view.executed(k, want[k].max(0.0), orders));
        let (sold, wanted): (f64, f64) =
            (sales.iter().sum(), want.iter().map(|w| (-w).max(0.0)).sum());
        for k in 0..SEGMENTS {
            let bought = if wanted > 0.0 { (-want[k]).max(0.0) / wanted * sold } else { 0.0 };
            orders.stock[k] += sales[k] - bought;
        }
    }

    /// Remembers a day's returns.
    pub fn close(&mut self, returns: &BySegment) {
        let kept = 0.5_f64.powf(1.0 / self.terms.half_life);
        for (memory, r) in self.memory.iter_mut().zip(returns) {
            *memory = *memory * kept + r;
        }
    }
}
