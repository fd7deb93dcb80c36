//! Does a price rise faster and faster towards a day, in waves that quicken? The log-periodic power law.
//!
//! `E ln p(t) = A + B (tc - t)^m + (tc - t)^m (C1 cos(w ln(tc - t)) + C2 sin(w ln(tc - t)))`. For given `tc`, `m`, `w` the four
//! others solve a linear least-squares problem, so the search is over three numbers only, inside bounds: without them fits
//! drift to `m < 0`. The search is a grid scored on means of neighbouring prices ([`grid`]), Levenberg and Marquardt's
//! steps on those means from the grid's best valleys, then on all prices from the best of these ([`slope`]). No random
//! number.
//!
//! Sources: Filimonov and Sornette (2013), Physica A 392, 3698-3707; the steps with the linear numbers swept out: Kaufman
//! (1975), BIT 15, 49-57. Method page: docs/method/bubble.md

mod grid;
mod slope;

use serde::Serialize;

use crate::StatError;
use crate::observed::{require_finite, require_setting};

/// Fewest prices of a fit.
const MIN_POINTS: usize = 30;

/// Means of neighbouring prices the search begins on, at most.
const BLOCKS: usize = 96;

/// Valleys of the grid that are followed down.
const VALLEYS: usize = 6;

/// Of these, how many are followed on all prices.
const FINALISTS: usize = 2;

/// Steps on the means, and on all prices.
const STEPS: (usize, usize) = (12, 40);

/// This near an edge of the bounds a fit is on it; in units of the range.
const EDGE: f64 = 1e-6;

/// Where the three searched numbers may lie, low and high.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// Critical time, steps after the last price.
    pub ahead: (f64, f64),
    /// Exponent.
    pub exponent: (f64, f64),
    /// Angular frequency in the logarithm of the time left.
    pub frequency: (f64, f64),
}

impl Default for Bounds {
    /// A year ahead at most, and the filters' own ranges of exponent and frequency.
    fn default() -> Self {
        Self { ahead: (1.0, 250.0), exponent: (0.1, 0.9), frequency: (6.0, 13.0) }
    }
}

/// A fitted law.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct LpplsFit {
    /// Critical time, counted in steps from the first price.
    pub critical_time: f64,
    /// Exponent `m`.
    pub exponent: f64,
    /// Angular frequency `w`.
    pub frequency: f64,
    /// Log price at the critical time.
    pub a: f64,
    /// Below 0 for a bubble.
    pub b: f64,
    /// Amplitude of the cosine.
    pub c1: f64,
    /// Amplitude of the sine.
    pub c2: f64,
    /// Mean squared residual.
    pub mean_square: f64,
    /// Prices fitted.
    pub n: usize,
    /// Whether the search ended on an edge of its bounds: the minimum lies outside, or there is none.
    pub is_on_edge: bool,
}

/// What a fit must be to count as a bubble, besides its exponent and frequency being inside their bounds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Filter {
    /// Least damping.
    pub damping: f64,
    /// Fewest waves between the first and the last price.
    pub oscillations: f64,
}

impl Default for Filter {
    /// 0.8 and 2.5, the usual ones.
    fn default() -> Self {
        Self { damping: 0.8, oscillations: 2.5 }
    }
}

/// Which way a bubble runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Up, ever faster: `B < 0`.
    Positive,
    /// Down, ever faster: `B > 0`.
    Negative,
}

impl LpplsFit {
    /// `m |B| / (w sqrt(C1^2 + C2^2))`: at 1 or above the hazard of a crash is never negative.
    pub fn damping(&self) -> f64 {
        self.exponent * self.b.abs() / (self.frequency * self.c1.hypot(self.c2))
    }

    /// Waves between the first and the last price.
    pub fn oscillations(&self) -> f64 {
        let left = self.critical_time - (self.n - 1) as f64;
        self.frequency / (2.0 * std::f64::consts::PI) * (self.critical_time / left).ln()
    }

    /// The bubble it is, if it passes: damped and waving enough, and not on an edge of the bounds it was searched in. With
    /// the default bounds the last says `0.1 < m < 0.9` and `6 < w < 13`.
    pub fn bubble(&self, filter: &Filter) -> Option<Direction> {
        let passes = !self.is_on_edge
            && self.damping() >= filter.damping
            && self.oscillations() >= filter.oscillations;
        match self.b {
            b if passes && b < 0.0 => Some(Direction::Positive),
            b if passes && b > 0.0 => Some(Direction::Negative),
            _ => None,
        }
    }
}

/// Fits the law to log prices one step apart.
///
/// # Errors
/// Fewer than 30 prices, one that is not finite, prices that do not vary, or bounds that are empty.
pub fn fit(log_prices: &[f64], bounds: &Bounds) -> Result<LpplsFit, StatError> {
    require_finite(log_prices)?;
    let n = log_prices.len();
    if n < MIN_POINTS {
        return Err(StatError::TooFewObservations { needed: MIN_POINTS, found: n });
    }
    let ranges = [bounds.ahead, bounds.exponent, bounds.frequency];
    for (low, high) in ranges {
        require_setting("bounds", high, "above a positive lower end", 0.0 < low && low < high)?;
    }
    let mean = log_prices.iter().sum::<f64>() / n as f64;
    if log_prices.iter().all(|y| *y == mean) {
        return Err(StatError::Constant { what: "the log price" });
    }
    let prices = Prices {
        time: (0..n).map(|t| (n - 1 - t) as f64).collect(),
        y: log_prices.iter().map(|y| y - mean).collect(),
        n,
    };
    let means = prices.means(n.div_ceil(BLOCKS));
    let mut found: Vec<Judged> = grid::valleys(&means, &ranges, VALLEYS)
        .into_iter()
        .filter_map(|at| slope::descend(&means, &ranges, at, STEPS.0))
        .collect();
    found.sort_by(|a, b| a.square.total_cmp(&b.square));
    let best = found
        .into_iter()
        .take(FINALISTS)
        .filter_map(|judged| slope::descend(&prices, &ranges, judged.at, STEPS.1))
        .min_by(|a, b| a.square.total_cmp(&b.square))
        .ok_or(StatError::Collinear { column: 0 })?;
    let [ahead, exponent, frequency] = numbers(&ranges, &best.at);
    let [a, b, c1, c2] = best.linear;
    Ok(LpplsFit {
        critical_time: (n - 1) as f64 + ahead,
        exponent,
        frequency,
        a: a + mean,
        b,
        c1,
        c2,
        mean_square: best.square / n as f64,
        n,
        is_on_edge: best.at.iter().any(|u| *u < EDGE || *u > 1.0 - EDGE),
    })
}

/// A point of the unit cube: time ahead (by its logarithm), exponent, frequency.
type Point = [f64; 3];

/// Low and high of each.
type Ranges = [(f64, f64); 3];

/// Log prices less their mean, each so many steps before the last one.
struct Prices {
    time: Vec<f64>,
    y: Vec<f64>,
    n: usize,
}

impl Prices {
    /// Means of `size` neighbours, counted from the last price; the first mean may be of fewer.
    fn means(&self, size: usize) -> Self {
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let blocks = |values: &[f64]| values.rchunks(size).rev().map(mean).collect();
        Self { time: blocks(&self.time), y: blocks(&self.y), n: self.n }
    }
}

/// A point with what it explains.
#[derive(Clone, Copy)]
struct Judged {
    at: Point,
    linear: [f64; 4],
    /// Sum of squared residuals.
    square: f64,
}

/// Time ahead, exponent and frequency of a point.
fn numbers(ranges: &Ranges, at: &Point) -> Point {
    let [ahead, exponent, frequency] = *ranges;
    let between = |(low, high): (f64, f64), u: f64| low + u * (high - low);
    [ahead.0 * (ahead.1 / ahead.0).powf(at[0]), between(exponent, at[1]), between(frequency, at[2])]
}
