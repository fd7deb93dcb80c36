//! What one order pays for moving its price, by the power law of [`ImpactLaw`].
//!
//! An order worth Q in a name that trades V a day and moves by sigma a day shifts its price by
//! `I = Y sigma (Q / V)^delta`, a decimal, against the one who trades. The shift grows while the order is
//! filled, as the power of what is done, so the order as a whole pays `I / (1 + delta)` on average.
//! Sources: Tóth and others (2011), Phys. Rev. X 1, 021006 (delta 1/2, Y of the order of one); Almgren,
//! Thum, Hauptmann and Li (2005) measured 0.6, Han, Wu and Cheng (2016, arXiv:1610.08767) about 0.7 on
//! Chinese stocks.
//!
//! It is what one order pays, not where prices go: nobody else trades on it, and it is gone by the next.
//!
//! Method page: docs/method/index.md

use serde::{Deserialize, Serialize};

use super::{Depth, ImpactLaw};
use crate::MarketError;
use crate::error::require_setting;

/// Parameters of the square-root law. A value of this type is always legal.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(try_from = "ImpactWords", into = "ImpactWords")]
pub struct PriceImpact(ImpactWords);

/// The same words as in the file, not yet believed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ImpactWords {
    /// Y; 0 for orders that move nothing.
    pub coefficient: f64,
    /// delta.
    pub exponent: f64,
    /// Trading days that volatility is measured over, the day of the order not among them.
    pub volatility_days: usize,
}

impl Default for ImpactWords {
    /// The middle of the published range, and the square root.
    fn default() -> Self {
        Self { coefficient: 0.7, exponent: 0.5, volatility_days: 20 }
    }
}

impl TryFrom<ImpactWords> for PriceImpact {
    type Error = MarketError;

    fn try_from(words: ImpactWords) -> Result<Self, MarketError> {
        let ImpactWords { coefficient, exponent, volatility_days } = words;
        let is_legal = (0.0..=10.0).contains(&coefficient);
        require_setting("impact.coefficient", coefficient, "0 to 10", is_legal)?;
        let is_legal = (0.1..=1.5).contains(&exponent);
        require_setting("impact.exponent", exponent, "0.1 to 1.5", is_legal)?;
        let days = volatility_days as f64;
        let is_legal = (2..=250).contains(&volatility_days);
        require_setting("impact.volatility_days", days, "2 to 250", is_legal)?;
        Ok(Self(words))
    }
}

impl From<PriceImpact> for ImpactWords {
    fn from(impact: PriceImpact) -> Self {
        impact.0
    }
}

impl PriceImpact {
    /// Orders that move nothing.
    pub const fn none() -> Self {
        Self(ImpactWords { coefficient: 0.0, exponent: 0.5, volatility_days: 20 })
    }

    /// The parameters.
    pub const fn words(&self) -> &ImpactWords {
        &self.0
    }

    /// Whether orders move prices at all.
    pub fn is_some(&self) -> bool {
        self.0.coefficient > 0.0
    }

    /// How far the price has moved when the order is done, a positive decimal.
    ///
    /// `share` is the order over the day's mean traded value, `volatility` the standard deviation of the
    /// name's daily returns. Missing: an unknown volatility or share moves nothing.
    pub fn moved(&self, share: f64, volatility: f64) -> f64 {
        let ImpactWords { coefficient, exponent, .. } = self.0;
        let law = ImpactLaw::Power { coefficient, exponent };
        let moved = law.fraction(share, Depth { volatility, daily_amount: 1.0 });
        if moved.is_finite() { moved } else { 0.0 }
    }

    /// What the order pays on average, a positive decimal of its value.
    pub fn paid(&self, share: f64, volatility: f64) -> f64 {
        self.moved(share, volatility) / (1.0 + self.0.exponent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn impact(coefficient: f64, exponent: f64) -> PriceImpact {
        let words = ImpactWords { coefficient, exponent, ..ImpactWords::default() };
        PriceImpact::try_from(words).unwrap()
    }

    /// Witness: an independent program's figures, and a quarter of a day's value by hand.
    #[test]
    fn the_law_gives_the_figures_of_another_program() {
        assert!((impact(1.0, 0.5).moved(0.25, 0.03) - 0.015).abs() < 1e-15);
        assert!((impact(0.8, 0.5).moved(1.5, 0.04) - 0.039_191_835_884_530_846).abs() < 1e-15);
        assert!((impact(1.0, 0.5).paid(0.25, 0.03) - 0.01).abs() < 1e-15);
    }

    /// Witness: the mean of the growing shift over the order, summed in small steps.
    #[test]
    fn an_order_pays_the_mean_of_what_it_moves() {
        for exponent in [0.5, 0.7, 1.0] {
            let law = impact(0.9, exponent);
            let n = 100_000;
            let steps = (0..n).map(|k| law.moved((f64::from(k) + 0.5) / f64::from(n) * 0.1, 0.03));
            let mean = steps.sum::<f64>() / f64::from(n);
            assert!((law.paid(0.1, 0.03) / mean - 1.0).abs() < 1e-6, "{exponent}");
        }
    }

    #[test]
    fn what_is_not_known_moves_nothing_and_illegal_words_are_refused() {
        assert_eq!(PriceImpact::none().paid(1.0, 0.03), 0.0);
        assert_eq!(PriceImpact::default().paid(f64::INFINITY, 0.03), 0.0);
        assert_eq!(PriceImpact::default().paid(0.1, f64::NAN), 0.0);
        for (text, part) in [
            (r#"{"coefficient": -1}"#, "impact.coefficient"),
            (r#"{"exponent": 2}"#, "impact.exponent"),
            (r#"{"volatility_days": 1}"#, "impact.volatility_days"),
            (r#"{"y": 1}"#, "unknown field"),
        ] {
            let error = serde_json::from_str::<PriceImpact>(text).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
