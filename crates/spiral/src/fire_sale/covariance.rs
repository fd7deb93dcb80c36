//! Cont and Wagalath, "Running for the exit: distressed selling and endogenous correlation in financial markets",
//! Mathematical Finance 23 (2013): a fund that sells as it loses makes its assets move together.

use serde::Serialize;

use crate::SpiralError;
use crate::error::{require, require_length};

/// A fund in distress and the markets it sells in; one value an asset.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DistressedFund {
    /// Shares held.
    pub shares: Vec<f64>,
    /// Prices, CNY.
    pub prices: Vec<f64>,
    /// Market depth: shares whose sale moves the price by its whole, linearly.
    pub depth: Vec<f64>,
    /// Share of its holdings the fund sells for a loss of all it is worth, at its present value: the slope of its
    /// liquidation function. 0 far from distress.
    pub selling_speed: f64,
}

impl DistressedFund {
    fn check(&self, fundamental: &[f64]) -> Result<(), SpiralError> {
        let n = self.shares.len();
        require_length("prices", self.prices.len(), n, "asset")?;
        require_length("depth", self.depth.len(), n, "asset")?;
        require_length("covariance", fundamental.len(), n * n, "pair of assets")?;
        self.depth.iter().try_for_each(|&d| require("depth", d, "above 0", d > 0.0))
    }

    /// Weights of the assets in the fund's value.
    fn weights(&self) -> Vec<f64> {
        let values: Vec<f64> = self.shares.iter().zip(&self.prices).map(|(n, p)| n * p).collect();
        let total: f64 = values.iter().sum();
        values.iter().map(|v| v / total).collect()
    }

    /// Return of each asset when the fund's own selling answers the `fundamental` returns.
    ///
    /// # Errors
    /// When the lists have different lengths.
    pub fn returns(&self, fundamental: &[f64]) -> Result<Vec<f64>, SpiralError> {
        require_length("returns", fundamental.len(), self.shares.len(), "asset")?;
        let loss: f64 = self.weights().iter().zip(fundamental).map(|(w, r)| w * r).sum();
        let push = self.push();
        Ok(fundamental.iter().zip(push).map(|(r, k)| r + k * loss).collect())
    }

    /// Covariance of returns once the fund sells, from the `fundamental` one (row by row):
    /// `(I + k w') S (I + w k')` with `k` the shares over depth times speed, `w` the weights.
    ///
    /// # Errors
    /// When the lists have different lengths or a depth is not positive.
    pub fn covariance(&self, fundamental: &[f64]) -> Result<Vec<f64>, SpiralError> {
        self.check(fundamental)?;
        let (n, weights, push) = (self.shares.len(), self.weights(), self.push());
        // Covariance of each asset with the fund, and the fund's variance.
        let with_fund: Vec<f64> = fundamental
            .chunks_exact(n)
            .map(|row| row.iter().zip(&weights).map(|(s, w)| s * w).sum())
            .collect();
        let of_fund: f64 = with_fund.iter().zip(&weights).map(|(c, w)| c * w).sum();
        Ok((0..n * n)
            .map(|at| {
                let (i, j) = (at / n, at % n);
                fundamental[at]
                    + push[i] * with_fund[j]
                    + with_fund[i] * push[j]
                    + push[i] * push[j] * of_fund
            })
            .collect())
    }

    /// How far each price moves for a fund return of 1.
    fn push(&self) -> Vec<f64> {
        self.shares.iter().zip(&self.depth).map(|(n, d)| n / d * self.selling_speed).collect()
    }
}
