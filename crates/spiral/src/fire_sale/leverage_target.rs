//! One book that sells back to its leverage after every fall, and the price that falls because it sells.

use serde::Serialize;

/// A book that holds one asset with borrowed money.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct TargetBook {
    /// Value of the asset held, CNY.
    pub assets: f64,
    /// The book's own money, CNY.
    pub equity: f64,
    /// Assets over equity it sells back to.
    pub target_leverage: f64,
}

/// Where the spiral ended.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SpiralEnd {
    /// Price, 1 before the shock.
    pub price: f64,
    /// Equity left, CNY.
    pub equity: f64,
    /// Assets left, CNY.
    pub assets: f64,
    /// Assets sold over all rounds, CNY at the prices they were sold at.
    pub sold: f64,
    /// Rounds until no more had to be sold.
    pub rounds: u32,
    /// Whether the equity was gone.
    pub is_default: bool,
}

impl TargetBook {
    /// Lets the price fall by `shock`, then round by round: mark, sell back to the target at that price, and let the
    /// price fall by `impact` for every CNY sold. Ends when less than 1e-12 CNY is left to sell, at default, or
    /// after 10,000 rounds (a spiral that does not converge).
    pub fn spiral(self, shock: f64, impact: f64) -> SpiralEnd {
        let Self { mut assets, mut equity, target_leverage } = self;
        let (mut price, mut sold, mut fall) = (1.0, 0.0, shock);
        for round in 1..=10_000 {
            price *= 1.0 - fall;
            equity -= assets * fall;
            assets -= assets * fall;
            let sale = assets - target_leverage * equity;
            let is_default = equity <= 0.0;
            if is_default || sale < 1e-12 {
                return SpiralEnd { price, equity, assets, sold, rounds: round, is_default };
            }
            assets -= sale;
            sold += sale;
            fall = impact * sale;
        }
        SpiralEnd { price, equity, assets, sold, rounds: 10_000, is_default: false }
    }

    /// The feedback number of the spiral, to first order: the sale that one CNY of sales forces next,
    /// `(target leverage - 1) * assets * impact`.
    pub fn feedback(self, impact: f64) -> f64 {
        (self.target_leverage - 1.0) * self.assets * impact
    }
}
