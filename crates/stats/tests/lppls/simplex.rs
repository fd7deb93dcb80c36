//! A slow search for the same law, written for another purpose and on its own: a grid on all prices, then simplexes.

#![allow(clippy::needless_range_loop, reason = "rows and columns of one triangle run together")]

use shoals_stats::lppls::Bounds;

const STARTS: usize = 6;
const ROUNDS: usize = 400;

/// Mean squared residual of the best fit.
pub(crate) fn mean_square(log_prices: &[f64], bounds: &Bounds) -> f64 {
    let ranges = [bounds.ahead, bounds.exponent, bounds.frequency];
    let mean = log_prices.iter().sum::<f64>() / log_prices.len() as f64;
    let problem = Problem { y: log_prices.iter().map(|y| y - mean).collect(), ranges };
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
    let found = starts.iter().take(STARTS).map(|(_, at)| problem.descend(*at).0);
    found.fold(f64::INFINITY, f64::min) / log_prices.len() as f64
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
        self.solve(at).unwrap_or(f64::INFINITY)
    }

    /// The sum of squared residuals.
    fn solve(&self, at: &Point) -> Option<f64> {
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
        Some(rows.iter().zip(&self.y).map(residual).sum())
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
