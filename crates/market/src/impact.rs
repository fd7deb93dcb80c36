//! How far an order moves a price: the one home of impact for backtest, replication and spiral.
//!
//! Amounts are CNY, a sale positive; an impact is the fraction of the price lost, so a sale's is positive and
//! a purchase's negative. NaN in gives NaN out.
//!
//! Method page: `docs/method/fire_sale.md`

mod order;

use serde::{Deserialize, Serialize};

pub use order::{ImpactWords, PriceImpact};

use crate::MarketError;
use crate::error::require_setting;

/// What a market can take: the two numbers every law below is scaled by.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Depth {
    /// Standard deviation of daily returns, a decimal.
    pub volatility: f64,
    /// Average amount traded in a day, CNY.
    pub daily_amount: f64,
}

/// How the price lost grows with the amount sold.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "law", rename_all = "snake_case", deny_unknown_fields)]
pub enum ImpactLaw {
    /// `coefficient * volatility * (amount / daily_amount)^exponent`. The exponent 1/2 is the square-root law
    /// (Tóth et al. 2011, coefficient 0.5 to 1), 1 is Kyle's.
    Power {
        /// Share of a day's volatility that selling a day's amount costs.
        coefficient: f64,
        /// Power of the share of the day's amount, in `(0, 1]`.
        exponent: f64,
    },
    /// Cont and Schaanning (2017): `(1 - floor) (1 - exp(-amount / (depth (1 - floor))))` with
    /// `depth = coefficient * daily_amount / volatility * sqrt(days)`; the price never falls below its floor.
    Exponential {
        /// Scale of the depth, about 0.25 to 0.5 in their calibration.
        coefficient: f64,
        /// Days the sale is spread over.
        days: f64,
        /// Fraction of today's price at which other investors buy everything, in `[0, 1)`.
        floor: f64,
    },
}

impl Default for ImpactLaw {
    /// The square-root law with coefficient 0.7.
    fn default() -> Self {
        Self::square_root(0.7)
    }
}

impl ImpactLaw {
    /// The square-root law.
    pub const fn square_root(coefficient: f64) -> Self {
        Self::Power { coefficient, exponent: 0.5 }
    }

    /// The linear law.
    pub const fn linear(coefficient: f64) -> Self {
        Self::Power { coefficient, exponent: 1.0 }
    }

    /// The same law, once its numbers are legal.
    ///
    /// # Errors
    /// When a number lies outside its range; the error names it.
    pub fn checked(self) -> Result<Self, MarketError> {
        let positive = |field, x: f64| require_setting(field, x, "above 0", x > 0.0);
        match self {
            Self::Power { coefficient, exponent } => {
                require_setting("coefficient", coefficient, "0 or more", coefficient >= 0.0)?;
                let is_legal = exponent > 0.0 && exponent <= 1.0;
                require_setting("exponent", exponent, "in (0, 1]", is_legal)?;
            }
            Self::Exponential { coefficient, days, floor } => {
                positive("coefficient", coefficient)?;
                positive("days", days)?;
                require_setting("floor", floor, "in [0, 1)", (0.0..1.0).contains(&floor))?;
            }
        }
        Ok(self)
    }

    /// Fraction of the price lost when `amount` is sold; odd in `amount`.
    #[inline]
    pub fn fraction(self, amount: f64, depth: Depth) -> f64 {
        let size = amount.abs();
        let lost = match self {
            Self::Power { coefficient, exponent } => {
                coefficient * depth.volatility * power(size / depth.daily_amount, exponent)
            }
            Self::Exponential { coefficient, days, floor } => {
                let room = 1.0 - floor;
                let scale = room * market_depth(coefficient, days, depth);
                -room * (-size / scale).exp_m1()
            }
        };
        lost.copysign(amount)
    }

    /// Price lost for one more CNY sold after `amount`: the slope of [`Self::fraction`]. Infinite at 0 for
    /// powers below 1.
    pub fn slope(self, amount: f64, depth: Depth) -> f64 {
        let size = amount.abs();
        match self {
            Self::Power { coefficient, exponent } => {
                let share = size / depth.daily_amount;
                coefficient * depth.volatility * exponent * share.powf(exponent - 1.0)
                    / depth.daily_amount
            }
            Self::Exponential { coefficient, days, floor } => {
                let scale = market_depth(coefficient, days, depth);
                (-size / (scale * (1.0 - floor))).exp() / scale
            }
        }
    }
}

/// The powers in use, without the general power where a root or nothing will do.
#[inline]
fn power(share: f64, exponent: f64) -> f64 {
    if exponent == 0.5 {
        share.sqrt()
    } else if exponent == 1.0 {
        share
    } else {
        share.powf(exponent)
    }
}

fn market_depth(coefficient: f64, days: f64, depth: Depth) -> f64 {
    coefficient * depth.daily_amount / depth.volatility * days.sqrt()
}

/// Days until `amount` is sold at a `participation` in the day's trading.
pub fn days_to_liquidate(amount: f64, daily_amount: f64, participation: f64) -> f64 {
    amount / (daily_amount * participation)
}

/// What executing one order over a part of a day costs, by Almgren, Thum, Hauptmann and Li (2005),
/// "Direct Estimation of Equity Market Impact": fractions of the price, for a sale or a purchase alike.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ExecutionCost {
    /// How far the price stays moved.
    pub permanent: f64,
    /// What the speed of trading costs on top.
    pub temporary: f64,
    /// Average cost of the order: half the permanent move and the temporary one.
    pub shortfall: f64,
}

/// Cost of trading `share_of_day` of a day's volume over `days` of it, for a stock with `daily_volatility`
/// whose shares outstanding are `outstanding_days` average days of volume. Constants as published: 0.314,
/// 0.142, exponents 1, 3/5 and 1/4.
pub fn almgren_cost(
    share_of_day: f64,
    days: f64,
    daily_volatility: f64,
    outstanding_days: f64,
) -> ExecutionCost {
    let permanent = 0.314 * daily_volatility * share_of_day * outstanding_days.powf(0.25);
    let temporary = 0.142 * daily_volatility * (share_of_day / days).powf(0.6);
    ExecutionCost { permanent, temporary, shortfall: permanent / 2.0 + temporary }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEPTH: Depth = Depth { volatility: 0.03, daily_amount: 4.0 };

    /// Witness: the closed forms of the square-root law and of Cont and Schaanning's, worked by hand:
    /// 0.03 x sqrt(1/4); 0.8 x 0.04 x sqrt(1.5); 0.5 (1 - exp(-0.2)).
    #[test]
    fn the_laws_are_their_closed_forms() {
        assert!((ImpactLaw::square_root(1.0).fraction(1.0, DEPTH) - 0.015).abs() < 1e-16);
        let thin = Depth { volatility: 0.04, daily_amount: 2.0 };
        let lost = ImpactLaw::square_root(0.8).fraction(3.0, thin);
        assert!((lost - 0.039_191_835_884_530_846).abs() < 1e-16);
        let law = ImpactLaw::Exponential { coefficient: 1.0, days: 1.0, floor: 0.5 };
        let market = Depth { volatility: 1.0, daily_amount: 1e10 };
        assert!((law.fraction(1e9, market) - 0.090_634_623_461_009_09).abs() < 1e-15);
        assert!((law.slope(0.0, market) - 1e-10).abs() < 1e-25);
        assert!((days_to_liquidate(40e9, 60e9, 0.15) - 4.444_444_444_444_445).abs() < 1e-12);
    }

    /// Witness: Almgren et al. (2005), table 4, an order of a tenth of a day's volume: IBM (volatility
    /// 1.57 %, volume 6.561 of 1,728 million shares) and DRI (2.26 %, 1.929 of 168), basis points to the
    /// printed digit.
    #[test]
    fn almgrens_examples_come_out_as_printed() {
        let table = [
            (
                0.0157,
                1728.0 / 6.561,
                20.0,
                [(0.1, 22.0, 32.0), (0.2, 15.0, 25.0), (0.5, 8.0, 18.0)],
            ),
            (
                0.0226,
                168.0 / 1.929,
                22.0,
                [(0.1, 32.0, 43.0), (0.2, 21.0, 32.0), (0.5, 12.0, 23.0)],
            ),
        ];
        for (volatility, outstanding, permanent, rows) in table {
            for (days, temporary, shortfall) in rows {
                let cost = almgren_cost(0.1, days, volatility, outstanding);
                for (found, printed) in [
                    (cost.permanent, permanent),
                    (cost.temporary, temporary),
                    (cost.shortfall, shortfall),
                ] {
                    assert!((found * 1e4 - printed).abs() < 0.6, "{found} against {printed} bp");
                }
            }
        }
    }

    /// Invariants: odd, rising, and the slope is the derivative.
    #[test]
    fn laws_are_odd_and_their_slope_is_their_derivative() {
        let laws = [
            ImpactLaw::default(),
            ImpactLaw::linear(1.2),
            ImpactLaw::Power { coefficient: 0.9, exponent: 0.7 },
            ImpactLaw::Exponential { coefficient: 0.3, days: 2.0, floor: 0.4 },
        ];
        for law in laws {
            for amount in [0.1, 1.0, 7.0] {
                let (here, h) = (law.fraction(amount, DEPTH), 1e-6);
                assert_eq!(law.fraction(-amount, DEPTH), -here);
                let slope =
                    (law.fraction(amount + h, DEPTH) - law.fraction(amount - h, DEPTH)) / (2.0 * h);
                assert!((law.slope(amount, DEPTH) / slope - 1.0).abs() < 1e-6, "{law:?}");
                assert!(slope > 0.0);
            }
        }
    }

    #[test]
    fn illegal_numbers_are_named() {
        let refusal = ImpactLaw::Power { coefficient: 0.7, exponent: 2.0 }.checked().unwrap_err();
        assert_eq!(refusal.to_string(), "`exponent` is 2, expected in (0, 1]");
        let law = ImpactLaw::Exponential { coefficient: 0.3, days: 1.0, floor: 1.0 };
        assert!(law.checked().is_err());
    }
}
