//! A chain of unseen states: the Hamilton filter and the Kim smoother, once for every model.
//!
//! `filtered = predicted x density / sum`, `predicted' = P' filtered` (Hamilton 1989); backwards,
//! `smoothed(from) = filtered(from) sum_to P(from, to) smoothed(to) / predicted(to)` (Kim 1994), which is exact
//! for a chain without further memory. The chain is its list of possible steps, so a model whose state is
//! the regimes of several days (2^5 states, 2 steps from each) costs no more than its steps.
//! Densities come as logarithms and are scaled day by day: nothing underflows.

/// A possible step of the chain.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) probability: f64,
}

/// The states' law of motion.
#[derive(Debug, Clone)]
pub(super) struct Chain {
    pub(super) steps: Vec<Step>,
    /// Distribution of the state of the first observation before it is seen.
    pub(super) start: Vec<f64>,
}

/// What each day's states looked like at its close and at the close before; day-major.
#[derive(Debug, Clone)]
pub(super) struct Filtered {
    pub(super) known: Vec<f64>,
    pub(super) predicted: Vec<f64>,
    pub(super) log_likelihood: f64,
}

/// What each day's states look like in hindsight, and how often each step is expected to have been taken.
#[derive(Debug, Clone)]
pub(super) struct Smoothed {
    pub(super) probabilities: Vec<f64>,
    pub(super) taken: Vec<f64>,
}

impl Chain {
    /// Filters the log densities of every day and state, day-major.
    pub(super) fn filter(&self, log_densities: &[f64]) -> Filtered {
        let n_states = self.start.len();
        let mut filtered = vec![0.0; log_densities.len()];
        let mut predicted = vec![0.0; log_densities.len()];
        let mut log_likelihood = 0.0;
        let mut ahead = self.start.clone();
        for (day, densities) in log_densities.chunks_exact(n_states).enumerate() {
            let here = day * n_states..(day + 1) * n_states;
            predicted[here.clone()].copy_from_slice(&ahead);
            log_likelihood += see(&mut ahead, densities);
            filtered[here].copy_from_slice(&ahead);
            ahead = self.ahead(&ahead);
        }
        Filtered { known: filtered, predicted, log_likelihood }
    }

    /// The distribution a step later.
    pub(super) fn ahead(&self, now: &[f64]) -> Vec<f64> {
        let mut next = vec![0.0; now.len()];
        for step in &self.steps {
            next[step.to] += step.probability * now[step.from];
        }
        next
    }

    /// Looks back over filtered days.
    pub(super) fn smooth(&self, days: &Filtered) -> Smoothed {
        let n_states = self.start.len();
        let mut probabilities = days.known.clone();
        let mut taken = vec![0.0; self.steps.len()];
        let mut ratios = vec![0.0; n_states];
        let n_days = days.known.len() / n_states;
        for day in (0..n_days.saturating_sub(1)).rev() {
            let (here, next) = (day * n_states, (day + 1) * n_states);
            for (state, ratio) in ratios.iter_mut().enumerate() {
                let predicted = days.predicted[next + state];
                *ratio =
                    if predicted > 0.0 { probabilities[next + state] / predicted } else { 0.0 };
            }
            probabilities[here..next].fill(0.0);
            for (step, taken) in self.steps.iter().zip(&mut taken) {
                let joint = days.known[here + step.from] * step.probability * ratios[step.to];
                probabilities[here + step.from] += joint;
                *taken += joint;
            }
        }
        Smoothed { probabilities, taken }
    }
}

/// Turns predicted into filtered probabilities and returns the log likelihood of the day.
pub(super) fn see(probabilities: &mut [f64], log_densities: &[f64]) -> f64 {
    let is_possible = |(p, d): (&f64, &f64)| (*p > 0.0).then_some(*d);
    let scale = probabilities
        .iter()
        .zip(log_densities)
        .filter_map(is_possible)
        .fold(f64::NEG_INFINITY, f64::max);
    let mut sum = 0.0;
    for (p, density) in probabilities.iter_mut().zip(log_densities) {
        *p *= (density - scale).exp();
        sum += *p;
    }
    for p in probabilities.iter_mut() {
        *p /= sum;
    }
    sum.ln() + scale
}

/// The distribution a chain of regimes settles to; rows of `transition` are where one goes from each.
///
/// Grassmann, Taksar and Heyman (1985): elimination without a subtraction.
pub(super) fn settled(transition: &[Vec<f64>]) -> Vec<f64> {
    let k = transition.len();
    let mut p = transition.to_vec();
    for last in (1..k).rev() {
        let out: f64 = p[last][..last].iter().sum();
        for row in 0..last {
            p[row][last] /= out;
            for column in 0..last {
                p[row][column] += p[row][last] * p[last][column];
            }
        }
    }
    let mut weights = vec![1.0; k];
    for state in 1..k {
        weights[state] = (0..state).map(|from| weights[from] * p[from][state]).sum();
    }
    let total: f64 = weights.iter().sum();
    weights.iter().map(|weight| weight / total).collect()
}

/// Logarithm of the normal density at `deviation` from the mean.
pub(super) fn log_normal_density(deviation: f64, variance: f64) -> f64 {
    -0.5 * ((std::f64::consts::TAU * variance).ln() + deviation * deviation / variance)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Witness: `pi P = pi`, for two states the closed form.
    #[test]
    fn a_chain_settles_where_it_stays() {
        let two = vec![vec![0.9, 0.1], vec![0.3, 0.7]];
        let settled_two = settled(&two);
        assert!((settled_two[0] - 0.75).abs() < 1e-15);
        let three = vec![vec![0.8, 0.15, 0.05], vec![0.1, 0.6, 0.3], vec![0.2, 0.2, 0.6]];
        let pi = settled(&three);
        for to in 0..3 {
            let next: f64 = (0..3).map(|from| pi[from] * three[from][to]).sum();
            assert!((next - pi[to]).abs() < 1e-15);
        }
    }

    /// Witness: the sum over every path of states, for likelihood, filter and smoother.
    #[test]
    fn filter_and_smoother_are_sums_over_all_paths() {
        let transition = [[0.8, 0.2], [0.35, 0.65]];
        let steps = (0..4).map(|i| {
            let (from, to) = (i / 2, i % 2);
            Step { from, to, probability: transition[from][to] }
        });
        let chain = Chain { steps: steps.collect(), start: vec![0.6, 0.4] };
        let values = [0.3, -1.2, 0.8, 2.0, -0.4, 0.1];
        let density =
            |state: usize, y: f64| log_normal_density(y - [-0.5, 0.7][state], [1.5, 0.4][state]);
        let densities: Vec<f64> =
            values.iter().flat_map(|&y| [density(0, y), density(1, y)]).collect();
        let days = chain.filter(&densities);
        let smoothed = chain.smooth(&days);
        let n = values.len();
        let (mut total, mut in_one) = (0.0, vec![0.0; n]);
        for path in 0..1 << n {
            let state = |day: usize| (path >> day) & 1;
            let mut weight = chain.start[state(0)];
            for (day, &value) in values.iter().enumerate() {
                if day > 0 {
                    weight *= transition[state(day - 1)][state(day)];
                }
                weight *= density(state(day), value).exp();
            }
            total += weight;
            (0..n).filter(|&day| state(day) == 1).for_each(|day| in_one[day] += weight);
        }
        assert!((days.log_likelihood - total.ln()).abs() < 1e-12);
        for (day, weight) in in_one.iter().enumerate() {
            assert!((smoothed.probabilities[2 * day + 1] - weight / total).abs() < 1e-12);
        }
        assert_eq!(days.known[2 * n - 2..], smoothed.probabilities[2 * n - 2..]);
        assert!((smoothed.taken.iter().sum::<f64>() - (n - 1) as f64).abs() < 1e-12);
    }

    #[test]
    fn the_most_unlikely_day_does_not_underflow() {
        let mut probabilities = [0.5, 0.5];
        let likelihood = see(&mut probabilities, &[-5_000.0, -5_010.0]);
        assert!((likelihood + 5_000.0 + std::f64::consts::LN_2).abs() < 1e-4);
        assert!((probabilities[0] - 1.0 / (1.0 + (-10.0_f64).exp())).abs() < 1e-15);
    }
}
