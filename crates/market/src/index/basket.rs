//! Holdings that drift with their prices; a name without a price stays at its last one.

use super::Weighting;

/// One name of a basket.
#[derive(Debug, Clone, Copy)]
pub(super) struct Holding {
    pub(super) symbol: u32,
    pub(super) value: f64,
    /// Last price seen.
    price: f64,
}

/// Names held, and what they are worth.
#[derive(Debug, Default)]
pub(super) struct Basket {
    holdings: Vec<Holding>,
}

impl Basket {
    pub(super) fn holdings(&self) -> &[Holding] {
        &self.holdings
    }

    pub(super) fn value(&self) -> f64 {
        self.holdings.iter().map(|held| held.value).sum()
    }

    /// Puts `value` into `members` by their weights; `prices` and `caps` are the day's rows.
    pub(super) fn set(
        &mut self,
        members: &[u32],
        weighting: Weighting,
        caps: &[f64],
        prices: &[f64],
        value: f64,
    ) {
        self.holdings.clear();
        let share = |symbol: u32| weighting.share(caps[symbol as usize]);
        let unit = value / members.iter().map(|&symbol| share(symbol)).sum::<f64>();
        self.holdings.extend(members.iter().map(|&symbol| Holding {
            symbol,
            value: unit * share(symbol),
            price: prices[symbol as usize],
        }));
    }

    /// Lets every holding move to the day's prices. Gives the number without a price.
    pub(super) fn mark(&mut self, prices: &[f64]) -> usize {
        let mut n_frozen = 0;
        for held in &mut self.holdings {
            let price = prices[held.symbol as usize];
            if price.is_nan() {
                n_frozen += 1;
            } else {
                held.value *= price / held.price;
                held.price = price;
            }
        }
        n_frozen
    }

    /// Brings every holding back to the weight it had in `start`, a basket of the same names.
    pub(super) fn reset_to(&mut self, start: &Self) {
        let scale = self.value() / start.value();
        for (held, first) in self.holdings.iter_mut().zip(&start.holdings) {
            held.value = first.value * scale;
        }
    }
}
