//! What drives the built-in market: one value a day for each factor, basis and implied volatility.
//!
//! A [`FactorPath`] is a plain value. The default one comes from a [`Scenario`](crate::Scenario); a
//! simulation of forced selling can hand in its own, and the same stocks, futures and funds follow it.

use serde::{Deserialize, Serialize};
use shoals_core::{Calendar, CoreError, FutureProduct, Segment, TradingDay};

use crate::SampleError;

/// The daily drivers of the market. Every column has one value a day, none missing.
///
/// A segment's log return is its news, `market + size x u + curvature x 4u(1 - u)` with
/// [`size_coordinate`] `u` from 0 for the CSI 300 to 1 for the micro caps, and what the crowd's orders made of it, `pressed`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FactorPath {
    /// Trading days, rising.
    pub days: Vec<TradingDay>,
    /// Log return of the CSI 300 segment, dividends included.
    pub market: Vec<f64>,
    /// Log return of the micro segment minus the CSI 300 segment, without the crowd.
    pub size: Vec<f64>,
    /// Log return of the middle of the size ladder (CSI 1000) above the average of its ends, without the crowd.
    pub curvature: Vec<f64>,
    /// Return a unit of value exposure earns (cheap by price to book inside its segment), decimal.
    pub value: Vec<f64>,
    /// Return a unit of low-volatility exposure earns, decimal.
    pub low_volatility: Vec<f64>,
    /// Multiplier of every stock's idiosyncratic volatility, 1 is usual.
    pub volatility: Vec<f64>,
    /// Multiplier of every stock's turnover, 1 is usual.
    pub liquidity: Vec<f64>,
    /// Annualised carry of each product ([`FutureProduct::ALL`]) without dividends: negative is a
    /// discount that closes in proportion to time.
    pub carry: [Vec<f64>; 4],
    /// Dislocation of each product, a fraction of spot: the part of the discount that a contract of
    /// `T` calendar days carries as `1 - exp(-T / 25)`. Negative in a rush to hedge.
    pub dislocation: [Vec<f64>; 4],
    /// Log return of each segment that the crowd's orders made, on top of its news; [`Segment::ALL`].
    pub pressed: [Vec<f64>; 5],
    /// What a segment's usual trading is multiplied by where depth is gone, 1 is usual.
    pub depth: [Vec<f64>; 5],
    /// What the crowd has to trade of a segment, a fraction of its usual trading, on top of it.
    pub forced: [Vec<f64>; 5],
    /// 30-day implied volatility of large caps, annualised decimal.
    pub large_implied_volatility: Vec<f64>,
    /// 30-day implied volatility of small caps (CSI 1000), annualised decimal.
    pub small_implied_volatility: Vec<f64>,
}

/// Place of a segment on the size ladder, 0 for the CSI 300 and 1 for the micro caps.
pub const fn size_coordinate(segment: Segment) -> f64 {
    match segment {
        Segment::Csi300 => 0.0,
        Segment::Csi500 => 0.25,
        Segment::Csi1000 => 0.5,
        Segment::Csi2000 => 0.75,
        Segment::Micro => 1.0,
    }
}

impl FactorPath {
    /// Number of days.
    pub fn len(&self) -> usize {
        self.days.len()
    }

    /// Whether there is no day.
    pub fn is_empty(&self) -> bool {
        self.days.is_empty()
    }

    /// The segment's log return on day `t` above the CSI 300's: the true size premium.
    pub fn size_premium(&self, segment: Segment, t: usize) -> f64 {
        let u = size_coordinate(segment);
        let news = self.size[t] * u + self.curvature[t] * 4.0 * u * (1.0 - u);
        news + self.pressed[segment as usize][t]
    }

    /// The segment's simple return on day `t`, dividends included.
    pub fn segment_return(&self, segment: Segment, t: usize) -> f64 {
        (self.market[t] + self.size_premium(segment, t)).exp_m1()
    }

    /// The days from `from` to `to`, both included.
    #[must_use]
    pub fn between(&self, from: TradingDay, to: TradingDay) -> Self {
        let start = self.days.partition_point(|&d| d < from);
        let end = self.days.partition_point(|&d| d <= to).max(start);
        let cut = |column: &Vec<f64>| column[start..end].to_vec();
        Self {
            days: self.days[start..end].to_vec(),
            market: cut(&self.market),
            size: cut(&self.size),
            curvature: cut(&self.curvature),
            value: cut(&self.value),
            low_volatility: cut(&self.low_volatility),
            volatility: cut(&self.volatility),
            liquidity: cut(&self.liquidity),
            carry: self.carry.each_ref().map(cut),
            dislocation: self.dislocation.each_ref().map(cut),
            pressed: self.pressed.each_ref().map(cut),
            depth: self.depth.each_ref().map(cut),
            forced: self.forced.each_ref().map(cut),
            large_implied_volatility: cut(&self.large_implied_volatility),
            small_implied_volatility: cut(&self.small_implied_volatility),
        }
    }

    /// Every column with its name and legal range.
    fn columns(&self) -> Vec<(&'static str, &[f64], f64, f64)> {
        let mut columns: Vec<(&'static str, &[f64], f64, f64)> = vec![
            ("market", &self.market, -0.3, 0.3),
            ("size", &self.size, -0.3, 0.3),
            ("curvature", &self.curvature, -0.3, 0.3),
            ("value", &self.value, -0.2, 0.2),
            ("low_volatility", &self.low_volatility, -0.2, 0.2),
            ("volatility", &self.volatility, 0.0, 10.0),
            ("liquidity", &self.liquidity, 0.0, 20.0),
            ("large_implied_volatility", &self.large_implied_volatility, 0.01, 5.0),
            ("small_implied_volatility", &self.small_implied_volatility, 0.01, 5.0),
        ];
        for segment in Segment::ALL {
            let k = segment as usize;
            columns.push(("pressed", &self.pressed[k], -0.3, 0.3));
            columns.push(("depth", &self.depth[k], 0.0, 10.0));
            columns.push(("forced", &self.forced[k], 0.0, 10.0));
        }
        for product in FutureProduct::ALL {
            let p = product as usize;
            columns.push(("carry", &self.carry[p], -2.0, 2.0));
            columns.push(("dislocation", &self.dislocation[p], -0.3, 0.3));
        }
        columns
    }

    /// Refuses a path no market can follow.
    pub(crate) fn check(&self) -> Result<(), SampleError> {
        if let Some(t) = (1..self.len()).find(|&t| self.days[t - 1] >= self.days[t]) {
            let (earlier, later) = (self.days[t], self.days[t - 1]);
            return Err(CoreError::DaysNotRising { position: t, earlier, later }.into());
        }
        for &day in &self.days {
            Calendar::shanghai().require_open(day)?;
        }
        for (column, values, low, high) in self.columns() {
            if values.len() != self.len() {
                let (found, days) = (values.len(), self.len());
                return Err(SampleError::UnevenPath { column, found, days });
            }
            if let Some(t) = values.iter().position(|v| !(low..=high).contains(v)) {
                return Err(SampleError::IllegalPath {
                    column,
                    day: self.days[t],
                    found: values[t],
                    expected: "a finite decimal of a size a market has seen",
                });
            }
        }
        Ok(())
    }
}
