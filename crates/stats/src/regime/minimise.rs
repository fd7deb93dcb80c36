//! The lowest point of a smooth function of a few numbers: BFGS with central differences.
//!
//! Nocedal and Wright (2006), algorithm 6.1, with halving until Armijo's condition holds. Deterministic.

/// Where a search ended.
#[derive(Debug, Clone)]
pub(crate) struct Minimum {
    pub(crate) at: Vec<f64>,
    pub(crate) value: f64,
}

/// Walks down from `start`. A value that is not finite counts as too high to go to.
pub(crate) fn minimise(
    function: impl Fn(&[f64]) -> f64,
    start: &[f64],
    max_steps: usize,
) -> Minimum {
    let n = start.len();
    let mut at = start.to_vec();
    let mut value = function(&at);
    let mut slope = gradient(&function, &at);
    let mut inverse = identity(n);
    for _ in 0..max_steps {
        let mut direction: Vec<f64> = inverse.iter().map(|row| -dot(row, &slope)).collect();
        if dot(&direction, &slope) >= 0.0 {
            inverse = identity(n);
            direction = slope.iter().map(|g| -g).collect();
        }
        let Some((next, lower)) = downhill(&function, &at, value, &direction, &slope) else {
            break;
        };
        let step: Vec<f64> = next.iter().zip(&at).map(|(a, b)| a - b).collect();
        let next_slope = gradient(&function, &next);
        let turn: Vec<f64> = next_slope.iter().zip(&slope).map(|(a, b)| a - b).collect();
        let gain = value - lower;
        (at, value, slope) = (next, lower, next_slope);
        bend(&mut inverse, &step, &turn);
        let is_flat = slope.iter().all(|g| g.abs() < 1e-7);
        if is_flat || gain < 1e-13 * (1.0 + value.abs()) {
            break;
        }
    }
    Minimum { at, value }
}

fn identity(n: usize) -> Vec<Vec<f64>> {
    (0..n).map(|i| (0..n).map(|j| f64::from(u8::from(i == j))).collect()).collect()
}

fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(a, b)| a * b).sum()
}

fn gradient(function: &impl Fn(&[f64]) -> f64, at: &[f64]) -> Vec<f64> {
    let mut x = at.to_vec();
    (0..at.len())
        .map(|i| {
            let width = 1e-5 * (1.0 + at[i].abs());
            x[i] = at[i] + width;
            let above = function(&x);
            x[i] = at[i] - width;
            let below = function(&x);
            x[i] = at[i];
            (above - below) / (2.0 * width)
        })
        .collect()
}

/// The first of the halved steps that goes down enough.
fn downhill(
    function: &impl Fn(&[f64]) -> f64,
    at: &[f64],
    value: f64,
    direction: &[f64],
    slope: &[f64],
) -> Option<(Vec<f64>, f64)> {
    let fall = dot(direction, slope);
    let mut length = 1.0;
    for _ in 0..50 {
        let next: Vec<f64> = at.iter().zip(direction).map(|(x, d)| x + length * d).collect();
        let reached = function(&next);
        if reached <= value + 1e-4 * length * fall {
            return Some((next, reached));
        }
        length *= 0.5;
    }
    None
}

/// The inverse Hessian after a step, as BFGS bends it; left as it is where the slope turned the wrong way.
fn bend(inverse: &mut [Vec<f64>], step: &[f64], turn: &[f64]) {
    let curvature = dot(step, turn);
    if curvature <= 1e-12 {
        return;
    }
    let carried: Vec<f64> = inverse.iter().map(|row| dot(row, turn)).collect();
    let factor = (1.0 + dot(turn, &carried) / curvature) / curvature;
    for (i, row) in inverse.iter_mut().enumerate() {
        for (j, cell) in row.iter_mut().enumerate() {
            let mixed = carried[i] * step[j] + step[i] * carried[j];
            *cell += factor * step[i] * step[j] - mixed / curvature;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Witness: Rosenbrock's valley, whose floor is at (1, 1, 1).
    #[test]
    fn the_floor_of_a_bent_valley_is_found() {
        let valley = |x: &[f64]| {
            x.windows(2).map(|p| 100.0 * (p[1] - p[0] * p[0]).powi(2) + (1.0 - p[0]).powi(2)).sum()
        };
        let found = minimise(valley, &[-1.2, 1.0, 0.5], 500);
        assert!(found.at.iter().all(|x| (x - 1.0).abs() < 1e-4), "{found:?}");
    }
}
