//! One quadratic programme: the primal active set.
//!
//! The free weights go to the minimum of their face by a Newton step; one that meets an end of its range on the way stays
//! there, and once the face's minimum is reached the weight that pulls hardest from its end is freed. The sum is kept by
//! a multiplier; a penalty on it, which changes nothing where it holds, makes the moments invertible where a factor
//! (cash) hardly moves. Where the free factors are still combinations of each other the weights slide along the
//! direction that changes nothing until one meets its end.

#![allow(clippy::needless_range_loop, reason = "indices of factors, as in the formulas")]

use super::Mandate;
use super::moments::{Cholesky, MOST, Moments, Row};

/// Turns after which the answer stands as it is; a warm start needs one or two.
const MOST_TURNS: usize = 400;
/// Turns after which a pull must be ten times as strong to count: rounding must not free and hold a weight for ever.
const PATIENCE: usize = 40;
/// Pull below which a weight stays at its end, in units of what rounding leaves of the gradient's terms.
pub(super) const PULL: f64 = 1e-14;

/// Where a weight is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Free,
    Low,
    High,
}

/// The weights, and which of them are free.
#[derive(Debug, Clone)]
pub(super) struct ActiveSet {
    k: usize,
    low: Row,
    high: Row,
    funded: Row,
    has_budget: bool,
    weights: Row,
    place: [Place; MOST],
    /// Free factors, the latest freed last.
    free: Vec<usize>,
}

impl ActiveSet {
    /// Every weight free, inside its range, the sum kept.
    pub(super) fn new(mandate: &Mandate) -> Self {
        let k = mandate.len();
        let (mut low, mut high) = ([0.0; MOST], [0.0; MOST]);
        low[..k].copy_from_slice(&mandate.low);
        high[..k].copy_from_slice(&mandate.high);
        let funded = mandate.funded();
        let sum = |of: &dyn Fn(usize) -> f64| -> f64 { (0..k).map(|i| funded[i] * of(i)).sum() };
        let (least, room) = (sum(&|i| low[i]), sum(&|i| high[i] - low[i]));
        let share = if room > 0.0 { (1.0 - least) / room } else { 0.0 };
        let mut weights = [0.0; MOST];
        for i in 0..k {
            weights[i] = if mandate.is_funded[i] {
                low[i] + share * (high[i] - low[i])
            } else {
                0.0_f64.clamp(low[i], high[i])
            };
        }
        let mut place = [Place::Low; MOST];
        let free: Vec<usize> = (0..k).filter(|&i| low[i] < high[i]).collect();
        for &i in &free {
            place[i] = Place::Free;
        }
        Self { k, low, high, funded, has_budget: mandate.has_budget(), weights, place, free }
    }

    pub(super) fn weights(&self) -> &Row {
        &self.weights
    }

    pub(super) fn place(&self) -> &[Place; MOST] {
        &self.place
    }

    pub(super) fn low(&self) -> &Row {
        &self.low
    }

    pub(super) fn high(&self) -> &Row {
        &self.high
    }

    pub(super) fn funded(&self) -> &Row {
        &self.funded
    }

    /// Observations left to measure the variance of what is unexplained.
    pub(super) fn freedom(&self, n: usize) -> f64 {
        n as f64 - 1.0 - (self.free.len() as f64 - f64::from(u8::from(self.has_budget))).max(0.0)
    }

    /// Sum of squares of what the weights leave unexplained.
    pub(super) fn unexplained(&self, moments: &Moments) -> f64 {
        let gradient = self.gradient(moments);
        let told = (0..self.k).map(|i| self.weights[i] * (moments.c[i] + gradient[i]));
        (moments.s - told.sum::<f64>()).max(0.0)
    }

    /// Moves the weights to the minimum.
    pub(super) fn solve(&mut self, moments: &Moments) {
        let largest = (0..self.k).map(|i| moments.q[i][i]).fold(0.0, f64::max);
        let mut pull = PULL * (largest * moments.s).sqrt();
        let ridge = moments.ridge(&self.funded);
        for turn in 1..=MOST_TURNS {
            if turn % PATIENCE == 0 {
                pull *= 10.0;
            }
            let gradient = self.gradient(moments);
            let mut factor = Cholesky::default();
            let singular = (0..self.free.len())
                .find(|&i| !factor.border(moments, &self.funded, ridge, &self.free[..=i]));
            if let Some(i) = singular {
                self.slide(factor.null_direction(&self.free[..=i]), &gradient);
                continue;
            }
            let step = self.newton(&factor, &gradient);
            if self.advance(&step, 1.0) {
                continue;
            }
            if !self.release(&self.gradient(moments), pull) {
                break;
            }
        }
        // The last free funded weight is what the others leave of the sum: rounding may put it past its end.
        for i in 0..self.k {
            self.weights[i] = self.weights[i].clamp(self.low[i], self.high[i]);
        }
    }

    /// `c - Q w`: how the sum of squares falls with each weight, halved.
    fn gradient(&self, moments: &Moments) -> Row {
        let mut gradient = moments.c;
        for i in 0..self.k {
            for j in 0..self.k {
                gradient[i] -= moments.q[i][j] * self.weights[j];
            }
        }
        gradient
    }

    /// From the weights to the minimum of the free ones' face, the sum set to 1.
    fn newton(&self, factor: &Cholesky, gradient: &Row) -> Row {
        let mut step = factor.solve(&self.free, gradient);
        let budget = factor.solve(&self.free, &self.funded);
        let sum = |row: &Row| -> f64 { self.free.iter().map(|&i| self.funded[i] * row[i]).sum() };
        let slope = sum(&budget);
        if slope > 0.0 {
            let all: f64 = (0..self.k).map(|i| self.funded[i] * self.weights[i]).sum();
            let multiplier = (1.0 - all - sum(&step)) / slope;
            for &i in &self.free {
                step[i] += multiplier * budget[i];
            }
        }
        step
    }

    /// Along a direction that changes no return, downhill by what rounding left, until a weight meets its end.
    fn slide(&mut self, mut direction: Row, gradient: &Row) {
        let downhill: f64 = self.free.iter().map(|&i| direction[i] * gradient[i]).sum();
        if downhill < 0.0 {
            for d in &mut direction {
                *d = -*d;
            }
        }
        if !self.advance(&direction, f64::INFINITY) {
            // Nothing moves: the last free one is held where it is nearest an end.
            if let Some(&i) = self.free.last() {
                let is_low = self.weights[i] - self.low[i] <= self.high[i] - self.weights[i];
                let place = if is_low { Place::Low } else { Place::High };
                self.hold(i, place);
            }
        }
    }

    /// Goes at most `most` of the step; whether a weight met its end, which holds it there.
    fn advance(&mut self, step: &Row, most: f64) -> bool {
        let funded = self.free.iter().filter(|&&i| self.funded[i] > 0.0).count();
        let (mut length, mut met) = (most, None);
        for &i in &self.free {
            // The last free funded weight is what the sum leaves: it moves by rounding only.
            if step[i] == 0.0 || (funded == 1 && self.funded[i] > 0.0) {
                continue;
            }
            let (end, place) =
                if step[i] < 0.0 { (self.low[i], Place::Low) } else { (self.high[i], Place::High) };
            let reach = ((end - self.weights[i]) / step[i]).max(0.0);
            if reach < length {
                (length, met) = (reach, Some((i, place)));
            }
        }
        if length.is_finite() {
            for &i in &self.free {
                self.weights[i] += length * step[i];
            }
        }
        if let Some((i, place)) = met {
            self.hold(i, place);
        }
        met.is_some()
    }

    fn hold(&mut self, i: usize, place: Place) {
        self.weights[i] = if place == Place::Low { self.low[i] } else { self.high[i] };
        self.place[i] = place;
        self.free.retain(|&j| j != i);
    }

    /// Frees the weight that pulls hardest from its end; whether one does.
    fn release(&mut self, gradient: &Row, pull: f64) -> bool {
        let (mut sum, mut count) = (0.0, 0.0);
        for &i in &self.free {
            sum += self.funded[i] * gradient[i];
            count += self.funded[i];
        }
        let multiplier = if count > 0.0 { sum / count } else { 0.0 };
        let (mut hardest, mut freed) = (pull, None);
        for i in (0..self.k).filter(|&i| self.low[i] < self.high[i]) {
            let upward = gradient[i] - self.funded[i] * multiplier;
            let outward = match self.place[i] {
                Place::Free => continue,
                Place::Low => upward,
                Place::High => -upward,
            };
            if outward > hardest {
                (hardest, freed) = (outward, Some(i));
            }
        }
        if let Some(i) = freed {
            self.place[i] = Place::Free;
            self.free.push(i);
        }
        freed.is_some()
    }
}
