//! The stocks that count on a day.

use crate::factor::FactorPanel;

/// The stocks that count on a day, in panel order.
#[derive(Default)]
pub(super) struct Candidates {
    pub(super) stocks: Vec<u32>,
    pub(super) factor: Vec<f64>,
    /// Sum of all a row must have; NaN when one is missing.
    needed: Vec<f64>,
}

impl Candidates {
    /// Those with a factor, a price that day and one at each horizon, and not excluded.
    pub(super) fn list(&mut self, panel: &FactorPanel, horizons: &[usize], day: usize) {
        self.stocks.clear();
        self.factor.clear();
        if day + horizons.last().copied().unwrap_or_default() >= panel.days.len() {
            return;
        }
        let factor = panel.row(panel.factor, day);
        self.needed.clear();
        self.needed.extend_from_slice(factor);
        let base = panel.row(panel.price, day);
        for (sum, &price) in self.needed.iter_mut().zip(base) {
            *sum += if price > 0.0 { price } else { f64::NAN };
        }
        for horizon in horizons {
            let price = panel.row(panel.price, day + horizon);
            self.needed.iter_mut().zip(price).for_each(|(sum, price)| *sum += price);
        }
        if let Some(mask) = panel.is_excluded {
            for (sum, &is_excluded) in self.needed.iter_mut().zip(panel.row(mask, day)) {
                *sum = if is_excluded { f64::NAN } else { *sum };
            }
        }
        self.keep_complete(factor);
    }

    /// Writes every row and advances only past complete ones: no branch to mispredict.
    fn keep_complete(&mut self, factor: &[f64]) {
        self.stocks.resize(factor.len(), 0);
        self.factor.resize(factor.len(), 0.0);
        let mut n = 0;
        for (i, (&value, sum)) in factor.iter().zip(&self.needed).enumerate() {
            self.stocks[n] = i as u32;
            self.factor[n] = value;
            n += usize::from(!sum.is_nan());
        }
        self.stocks.truncate(n);
        self.factor.truncate(n);
    }
}
