//! Does a price rise faster and faster towards a day, in waves that quicken? The log-periodic power law.
//!
//! `E ln p(t) = A + B (tc - t)^m + (tc - t)^m (C1 cos(w ln(tc - t)) + C2 sin(w ln(tc - t)))`. For given `tc`, `m`, `w` the four
//! others solve a linear least-squares problem, so the search is over three numbers only, inside bounds: without them fits
//! drift to `m < 0`. The search is a grid, then the simplex of Nelder and Mead from its best points: no random number.
//!
//! Source: Filimonov and Sornette (2013), Physica A 392, 3698-3707. Method page: docs/method/bubble.md

#![allow(clippy::needless_range_loop, reason = "rows and columns of one triangle run together")]

use serde::Serialize;

use crate::StatError;
use crate::observed::{require_finite, require_setting};

/// Fewest prices of a fit.
const MIN_POINTS: usize = 30;

/// Grid points the simplex starts from.
const STARTS: usize = 6;

/// Rounds of the simplex.
const ROUNDS: usize = 400;

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

    /// Whether it is a bubble by the usual filters: `B < 0`, `0.1 <= m <= 0.9`, `6 <= w <= 13`, damping 0.8, 2.5 waves.
    pub fn passes(&self) -> bool {
        self.b < 0.0
            && (0.1..=0.9).contains(&self.exponent)
            && (6.0..=13.0).contains(&self.frequency)
            && self.damping() >= 0.8
            && self.oscillations() >= 2.5
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
    let problem = Problem { y: log_prices.iter().map(|y| y - mean).collect(), ranges };
    // The unit cube; times ahead are spread by their logarithm.
    let mut starts = Vec::new();
    for i in 0..8 {
        for j in 0..5 {
            for k in 0..10 {
                let at = [
                    (f64::from(i) + 0.5) / 8.0,
                    (f64::from(j) + 0.5) / 5.0,
                    (f64::from(k) + 0.5) / 10.0,
                ];
                starts.push((problem.loss(&at), at));
            }
        }
    }
    starts.sort_by(|a, b| a.0.total_cmp(&b.0));
    let found = starts.iter().take(STARTS).map(|(_, at)| problem.descend(*at));
    let (_, best) = found.min_by(|a, b| a.0.total_cmp(&b.0)).unwrap_or(starts[0]);
    let [ahead, exponent, frequency] = problem.numbers(&best);
    let (linear, square) = problem.solve(&best).ok_or(StatError::Collinear { column: 0 })?;
    Ok(LpplsFit {
        critical_time: (n - 1) as f64 + ahead,
        exponent,
        frequency,
        a: linear[0] + mean,
        b: linear[1],
        c1: linear[2],
        c2: linear[3],
        mean_square: square / n as f64,
        n,
    })
}

/// A point of the unit cube.
type Point = [f64; 3];

struct Problem {
    y: Vec<f64>,
    ranges: [(f64, f64); 3],
}

impl Problem {
    /// Time ahead, exponent and frequency of a point.
    fn numbers(&self, at: &Point) -> Point {
        let [ahead, exponent, frequency] = self.ranges;
        let between = |(low, high): (f64, f64), u: f64| low + u * (high - low);
        [
            ahead.0 * (ahead.1 / ahead.0).powf(at[0]),
            between(exponent, at[1]),
            between(frequency, at[2]),
        ]
    }

    fn loss(&self, at: &Point) -> f64 {
        self.solve(at).map_or(f64::INFINITY, |(_, square)| square)
    }

    /// The linear numbers and the sum of squared residuals.
    fn solve(&self, at: &Point) -> Option<([f64; 4], f64)> {
        let [ahead, exponent, frequency] = self.numbers(at);
        let last = (self.y.len() - 1) as f64 + ahead;
        let rows: Vec<[f64; 4]> = (0..self.y.len())
            .map(|t| {
                let log = (last - t as f64).ln();
                let (power, (sin, cos)) = ((exponent * log).exp(), (frequency * log).sin_cos());
                [1.0, power, power * cos, power * sin]
            })
            .collect();
        let mut m = [[0.0; 5]; 4];
        for (row, y) in rows.iter().zip(&self.y) {
            for i in 0..4 {
                for j in i..4 {
                    m[i][j] += row[i] * row[j];
                }
                m[i][4] += row[i] * y;
            }
        }
        let linear = solve_symmetric(&mut m)?;
        let residual = |(row, y): (&[f64; 4], &f64)| {
            let told: f64 = row.iter().zip(&linear).map(|(x, b)| x * b).sum();
            (y - told).powi(2)
        };
        Some((linear, rows.iter().zip(&self.y).map(residual).sum()))
    }

    /// Nelder and Mead, kept inside the cube.
    fn descend(&self, start: Point) -> (f64, Point) {
        let inside = |at: Point| at.map(|u| u.clamp(0.0, 1.0));
        let judged = |at: Point| (self.loss(&inside(at)), inside(at));
        let mut simplex = vec![judged(start)];
        for i in 0..3 {
            let mut at = start;
            at[i] += if at[i] < 0.9 { 0.06 } else { -0.06 };
            simplex.push(judged(at));
        }
        for _ in 0..ROUNDS {
            simplex.sort_by(|a, b| a.0.total_cmp(&b.0));
            let worst = simplex[3];
            let centre: Point = std::array::from_fn(|i| {
                simplex[..3].iter().map(|(_, at)| at[i]).sum::<f64>() / 3.0
            });
            let along = |by: f64| {
                judged(std::array::from_fn(|i| centre[i] + by * (centre[i] - worst.1[i])))
            };
            let reflected = along(1.0);
            if reflected.0 < simplex[0].0 {
                let expanded = along(2.0);
                simplex[3] = if expanded.0 < reflected.0 { expanded } else { reflected };
            } else if reflected.0 < simplex[2].0 {
                simplex[3] = reflected;
            } else {
                let contracted = along(if reflected.0 < worst.0 { 0.5 } else { -0.5 });
                if contracted.0 < worst.0.min(reflected.0) {
                    simplex[3] = contracted;
                } else {
                    let best = simplex[0].1;
                    for vertex in &mut simplex[1..] {
                        let at = vertex.1;
                        *vertex = judged(std::array::from_fn(|i| f64::midpoint(best[i], at[i])));
                    }
                }
            }
        }
        simplex.into_iter().min_by(|a, b| a.0.total_cmp(&b.0)).unwrap_or((f64::INFINITY, start))
    }
}

/// Solves the normal equations, upper triangle given, right side in the last column; none where they are singular.
fn solve_symmetric(m: &mut [[f64; 5]; 4]) -> Option<[f64; 4]> {
    for j in 0..4 {
        let pivot = m[j];
        if pivot[j] <= 0.0 || !pivot[j].is_finite() {
            return None;
        }
        for i in j + 1..4 {
            let factor = pivot[i] / pivot[j];
            for k in i..5 {
                m[i][k] -= factor * pivot[k];
            }
        }
    }
    let mut x = [0.0; 4];
    for i in (0..4).rev() {
        let known: f64 = (i + 1..4).map(|k| m[i][k] * x[k]).sum();
        x[i] = (m[i][4] - known) / m[i][i];
    }
    Some(x)
}
