//! Where the law may fit: the valleys of a grid.
//!
//! Powers depend on the exponent, waves on the frequency, and both on the time ahead, so each is computed once and the grid
//! is products and sums.

#![allow(clippy::needless_range_loop, reason = "rows and columns of one triangle run together")]
#![allow(
    clippy::many_single_char_names,
    reason = "sums are named by their columns: power, cosine, sine"
)]

use super::{Point, Prices, Ranges, numbers};

/// Points of the grid: times ahead, exponents, frequencies.
const SIZE: [usize; 3] = [10, 5, 14];

/// The grid's local minima, best first, at most so many.
pub(super) fn valleys(prices: &Prices, ranges: &Ranges, most: usize) -> Vec<Point> {
    let loss = losses(prices, ranges);
    let place = |[i, j, k]: [usize; 3]| (i * SIZE[1] + j) * SIZE[2] + k;
    let mut found = Vec::new();
    for i in 0..SIZE[0] {
        for j in 0..SIZE[1] {
            for k in 0..SIZE[2] {
                let (at, own) = ([i, j, k], loss[place([i, j, k])]);
                let is_low = (0..3).all(|axis| {
                    let (mut before, mut after) = (at, at);
                    before[axis] = at[axis].saturating_sub(1);
                    after[axis] = (at[axis] + 1).min(SIZE[axis] - 1);
                    own <= loss[place(before)] && own <= loss[place(after)]
                });
                if is_low && own.is_finite() {
                    found.push((own, centre(at)));
                }
            }
        }
    }
    found.sort_by(|a, b| a.0.total_cmp(&b.0));
    found.into_iter().take(most).map(|(_, at)| at).collect()
}

fn centre(at: [usize; 3]) -> Point {
    std::array::from_fn(|axis| (at[axis] as f64 + 0.5) / SIZE[axis] as f64)
}

/// Sum of squared residuals at every point of the grid; infinite where the four columns are collinear.
fn losses(prices: &Prices, ranges: &Ranges) -> Vec<f64> {
    let y = &prices.y;
    let n = y.len();
    let (sum_y, sum_yy) = (y.iter().sum::<f64>(), y.iter().map(|y| y * y).sum::<f64>());
    let mut loss = Vec::with_capacity(SIZE.iter().product());
    let mut log = vec![0.0; n];
    let mut power = vec![0.0; n];
    let mut waves = vec![Vec::new(); SIZE[2]];
    for i in 0..SIZE[0] {
        let [ahead, _, _] = numbers(ranges, &centre([i, 0, 0]));
        // Times are taken over the whole span, so that powers lie in (0, 1].
        let span = prices.n as f64 + ahead;
        for (log, time) in log.iter_mut().zip(&prices.time) {
            *log = ((time + ahead) / span).ln();
        }
        for (k, wave) in waves.iter_mut().enumerate() {
            let [_, _, frequency] = numbers(ranges, &centre([i, 0, k]));
            *wave = log.iter().map(|log| (frequency * log).sin_cos()).collect::<Vec<_>>();
        }
        for j in 0..SIZE[1] {
            let [_, exponent, _] = numbers(ranges, &centre([i, j, 0]));
            for (power, log) in power.iter_mut().zip(&log) {
                *power = (exponent * log).exp();
            }
            let (mut p, mut pp, mut py) = (0.0, 0.0, 0.0);
            for (power, y) in power.iter().zip(y) {
                p += power;
                pp += power * power;
                py += power * y;
            }
            for wave in &waves {
                let (mut c, mut s, mut pc, mut ps) = (0.0, 0.0, 0.0, 0.0);
                let (mut cc, mut cs, mut cy, mut sy) = (0.0, 0.0, 0.0, 0.0);
                for ((power, (sin, cos)), y) in power.iter().zip(wave).zip(y) {
                    let (cosine, sine) = (power * cos, power * sin);
                    c += cosine;
                    s += sine;
                    pc += power * cosine;
                    ps += power * sine;
                    cc += cosine * cosine;
                    cs += cosine * sine;
                    cy += cosine * y;
                    sy += sine * y;
                }
                loss.push(unexplained(
                    [
                        [n as f64, p, c, s, sum_y],
                        [0.0, pp, pc, ps, py],
                        [0.0, 0.0, cc, cs, cy],
                        [0.0, 0.0, 0.0, pp - cc, sy],
                    ],
                    sum_yy,
                ));
            }
        }
    }
    loss
}

/// What the columns leave of the sum of squares: normal equations, upper triangle, right side last.
fn unexplained(mut m: [[f64; 5]; 4], total: f64) -> f64 {
    let mut left = total;
    for j in 0..4 {
        let pivot = m[j];
        if pivot[j] <= 0.0 || !pivot[j].is_finite() {
            return f64::INFINITY;
        }
        left -= pivot[4] * pivot[4] / pivot[j];
        for i in j + 1..4 {
            let factor = pivot[i] / pivot[j];
            for k in i..5 {
                m[i][k] -= factor * pivot[k];
            }
        }
    }
    left.max(0.0)
}
