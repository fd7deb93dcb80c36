//! Down into a valley: Levenberg and Marquardt's steps, the linear numbers swept out of the normal equations.

#![allow(clippy::needless_range_loop, reason = "rows and columns of one triangle run together")]

use super::{Judged, Point, Prices, Ranges, numbers};

/// Furthest step along one axis of the unit cube.
const REACH: f64 = 0.2;

/// A step that gains less than this share of the loss is the last one.
const GAIN: f64 = 1e-10;

/// Damping at which nothing lower is to be found.
const HOPELESS: f64 = 1e9;

/// The linear numbers of the law.
const LINEAR: usize = 4;

/// All its numbers.
const ALL: usize = 7;

/// The best point of so many steps from a start, never outside the cube; none where the columns are collinear.
pub(super) fn descend(
    prices: &Prices,
    ranges: &Ranges,
    start: Point,
    steps: usize,
) -> Option<Judged> {
    let mut room = Vec::with_capacity(prices.y.len());
    let mut here = look(prices, ranges, start, &mut room)?;
    let mut damping = 1e-3;
    for _ in 0..steps {
        let step = here.step(damping);
        let at: Point = std::array::from_fn(|i| {
            (here.judged.at[i] + step[i].clamp(-REACH, REACH)).clamp(0.0, 1.0)
        });
        let there = look(prices, ranges, at, &mut room);
        match there.filter(|there| there.judged.square < here.judged.square) {
            Some(there) => {
                let gain = 1.0 - there.judged.square / here.judged.square;
                here = there;
                damping = (damping * 0.1).max(1e-12);
                if gain < GAIN {
                    break;
                }
            }
            None if damping > HOPELESS => break,
            None => damping *= 8.0,
        }
    }
    Some(here.judged)
}

/// A point with the slope and the curvature of half the loss there.
struct View {
    judged: Judged,
    /// Downhill: minus the derivative.
    downhill: [f64; 3],
    curvature: [[f64; 3]; 3],
}

impl View {
    /// The damped step; an axis whose edge is reached and whose slope leads out stands still.
    fn step(&self, damping: f64) -> [f64; 3] {
        let at = &self.judged.at;
        let is_free = |i: usize| {
            !(at[i] <= 0.0 && self.downhill[i] < 0.0 || at[i] >= 1.0 && self.downhill[i] > 0.0)
        };
        let mut m = [[0.0; 4]; 3];
        for i in 0..3 {
            for j in i..3 {
                let is_kept = is_free(i) && is_free(j);
                m[i][j] = if is_kept { self.curvature[i][j] } else { 0.0 };
            }
            m[i][i] = if is_free(i) { self.curvature[i][i] * (1.0 + damping) } else { 1.0 };
            m[i][3] = if is_free(i) { self.downhill[i] } else { 0.0 };
        }
        for j in 0..3 {
            let pivot = m[j];
            if pivot[j] <= 0.0 || !pivot[j].is_finite() {
                return [0.0; 3];
            }
            for i in j + 1..3 {
                let factor = pivot[i] / pivot[j];
                for k in i..4 {
                    m[i][k] -= factor * pivot[k];
                }
            }
        }
        let mut x = [0.0; 3];
        for i in (0..3).rev() {
            let known: f64 = (i + 1..3).map(|k| m[i][k] * x[k]).sum();
            x[i] = (m[i][3] - known) / m[i][i];
        }
        x
    }
}

/// Solves for the linear numbers at a point, and looks at the ground around it.
fn look(prices: &Prices, ranges: &Ranges, at: Point, room: &mut Vec<[f64; 5]>) -> Option<View> {
    let [ahead, exponent, frequency] = numbers(ranges, &at);
    room.clear();
    // Lower powers of the time left and its logarithm, then the waves; times in steps.
    let mut m = [[0.0; ALL + 1]; ALL];
    for (time, y) in prices.time.iter().zip(&prices.y) {
        let left = time + ahead;
        let log = left.ln();
        let (power, (sin, cos)) = ((exponent * log).exp(), (frequency * log).sin_cos());
        let row = [1.0, power, power * cos, power * sin];
        for i in 0..LINEAR {
            for j in i..LINEAR {
                m[i][j] += row[i] * row[j];
            }
            m[i][ALL] += row[i] * y;
        }
        room.push([row[1], row[2], row[3], log, left.recip()]);
    }
    let linear = solve(&m)?;
    let [_, b, c1, c2] = linear;
    let per_unit = [
        ahead * (ranges[0].1 / ranges[0].0).ln(),
        ranges[1].1 - ranges[1].0,
        ranges[2].1 - ranges[2].0,
    ];
    let mut square = 0.0;
    for ([power, cosine, sine, log, inverse], y) in room.iter().zip(&prices.y) {
        let row = [1.0, *power, *cosine, *sine];
        let told = b * power + c1 * cosine + c2 * sine;
        let residual = y - linear[0] - told;
        let turned = c2 * cosine - c1 * sine;
        let slope = [
            (exponent * told + frequency * turned) * inverse * per_unit[0],
            told * log * per_unit[1],
            turned * log * per_unit[2],
        ];
        square += residual * residual;
        for i in 0..LINEAR {
            for j in 0..3 {
                m[i][LINEAR + j] += row[i] * slope[j];
            }
        }
        for i in 0..3 {
            for j in i..3 {
                m[LINEAR + i][LINEAR + j] += slope[i] * slope[j];
            }
            m[LINEAR + i][ALL] += slope[i] * residual;
        }
    }
    // What is left of the slopes once the linear columns are swept out; the residual is free of them already.
    for j in 0..LINEAR {
        let pivot = m[j];
        for i in j + 1..ALL {
            let factor = pivot[i] / pivot[j];
            for k in i..ALL {
                m[i][k] -= factor * pivot[k];
            }
        }
    }
    Some(View {
        judged: Judged { at, linear, square },
        downhill: std::array::from_fn(|i| m[LINEAR + i][ALL]),
        curvature: std::array::from_fn(|i| std::array::from_fn(|j| m[LINEAR + i][LINEAR + j])),
    })
}

/// Solves the linear columns' normal equations, upper triangle given, right side last; none where they are singular.
fn solve(m: &[[f64; ALL + 1]; ALL]) -> Option<[f64; LINEAR]> {
    let mut m: [[f64; LINEAR + 1]; LINEAR] =
        std::array::from_fn(|i| std::array::from_fn(|j| m[i][if j < LINEAR { j } else { ALL }]));
    for j in 0..LINEAR {
        let pivot = m[j];
        if pivot[j] <= 0.0 || !pivot[j].is_finite() {
            return None;
        }
        for i in j + 1..LINEAR {
            let factor = pivot[i] / pivot[j];
            for k in i..=LINEAR {
                m[i][k] -= factor * pivot[k];
            }
        }
    }
    let mut x = [0.0; LINEAR];
    for i in (0..LINEAR).rev() {
        let known: f64 = (i + 1..LINEAR).map(|k| m[i][k] * x[k]).sum();
        x[i] = (m[i][LINEAR] - known) / m[i][i];
    }
    Some(x)
}
