//! Ranks of abnormal returns in each name's own history: what a fat tail cannot move.

use std::ops::Range;

use rayon::prelude::*;

use super::Scaling;
use crate::rank::average_ranks;

/// Names a worker takes at a time.
const CHUNK: usize = 128;

/// For every day the sum over names of `rank / (n + 1) - 1/2`, and how many names that day has.
pub(super) struct DayRanks {
    sums: Vec<f64>,
    counts: Vec<usize>,
    /// Names, and the mean number of days of one.
    n_names: usize,
    mean_days: f64,
    /// The same with plain ranks less their mean, for Corrado (1989).
    plain: Vec<f64>,
}

impl DayRanks {
    /// Ranks of each row of `abnormal`, `n_days` values a name; NaN takes no rank.
    pub(super) fn of(abnormal: &[f64], n_days: usize) -> Self {
        let parts: Vec<Self> = abnormal
            .par_chunks(n_days * CHUNK)
            .map(|rows| {
                let mut part = Self::empty(n_days);
                rows.chunks_exact(n_days).for_each(|row| part.add(row));
                part
            })
            .collect();
        let mut whole = Self::empty(n_days);
        for part in &parts {
            whole.join(part);
        }
        whole.mean_days /= whole.n_names.max(1) as f64;
        whole
    }

    fn empty(n_days: usize) -> Self {
        let (sums, plain) = (vec![0.0; n_days], vec![0.0; n_days]);
        Self { sums, counts: vec![0; n_days], n_names: 0, mean_days: 0.0, plain }
    }

    fn add(&mut self, row: &[f64]) {
        let ranks = average_ranks(row);
        let n = ranks.iter().filter(|rank| !rank.is_nan()).count() as f64;
        for (t, rank) in ranks.iter().enumerate().filter(|(_, rank)| !rank.is_nan()) {
            self.sums[t] += rank / (n + 1.0) - 0.5;
            self.plain[t] += rank - f64::midpoint(n, 1.0);
            self.counts[t] += 1;
        }
        self.n_names += 1;
        self.mean_days += n;
    }

    fn join(&mut self, other: &Self) {
        for t in 0..self.sums.len() {
            self.sums[t] += other.sums[t];
            self.plain[t] += other.plain[t];
            self.counts[t] += other.counts[t];
        }
        self.n_names += other.n_names;
        self.mean_days += other.mean_days;
    }

    /// Corrado and Zivney (1992): the window's mean rank over its daily deviation, which the days' own sums give,
    /// so names that move together are not counted twice.
    pub(super) fn corrado_zivney(&self, window: Range<usize>, scaling: Scaling) -> f64 {
        self.over(&self.sums, 0.5, window, scaling)
    }

    /// Corrado (1989), before names with gaps were thought of.
    pub(super) fn corrado(&self, window: Range<usize>, scaling: Scaling) -> f64 {
        self.over(&self.plain, 1.0, window, scaling)
    }

    /// Day sums over `count^power`, the window's against the deviation of all days.
    fn over(&self, sums: &[f64], power: f64, window: Range<usize>, scaling: Scaling) -> f64 {
        let day = |t: usize| match (self.counts[t], scaling) {
            (0, _) => 0.0,
            (n, Scaling::Textbook) => sums[t] / (n as f64).powf(power),
            (n, Scaling::Estudy2) => {
                sums[t] * self.n_names as f64 / n as f64 / (n as f64).powf(power)
            }
        };
        let n_days = match scaling {
            Scaling::Textbook => self.counts.iter().filter(|n| **n > 0).count() as f64,
            Scaling::Estudy2 => self.mean_days,
        };
        let squares: f64 = (0..sums.len()).map(|t| day(t).powi(2)).sum();
        let length = (window.len() as f64).sqrt();
        window.map(day).sum::<f64>() / (squares / n_days).sqrt() / length
    }
}

/// The generalised rank test of Kolari and Pynnonen (2011): each name's standardised event return takes its place among
/// the name's standardised residuals as one more day, and the mean rank of that day is held against the mean ranks
/// of the others. Approximately Student's t with `n_estimation - 1` degrees of freedom.
///
/// `standardised` has `n_estimation` values a name, `event` one a name; NaN is left out.
pub(super) fn generalised(standardised: &[f64], n_estimation: usize, event: &[f64]) -> f64 {
    let parts: Vec<(Vec<f64>, Vec<usize>)> = standardised
        .par_chunks(n_estimation * CHUNK)
        .zip(event.par_chunks(CHUNK))
        .map(|(rows, events)| {
            let (mut sums, mut counts) = (vec![0.0; n_estimation + 1], vec![0; n_estimation + 1]);
            let mut with = Vec::with_capacity(n_estimation + 1);
            for (row, event) in rows.chunks_exact(n_estimation).zip(events) {
                if event.is_nan() {
                    continue;
                }
                with.clear();
                with.extend_from_slice(row);
                with.push(*event);
                let ranks = average_ranks(&with);
                let n = ranks.iter().filter(|rank| !rank.is_nan()).count() as f64;
                for (t, rank) in ranks.iter().enumerate().filter(|(_, rank)| !rank.is_nan()) {
                    sums[t] += rank / (n + 1.0) - 0.5;
                    counts[t] += 1;
                }
            }
            (sums, counts)
        })
        .collect();
    let (mut sums, mut counts) = (vec![0.0; n_estimation + 1], vec![0_usize; n_estimation + 1]);
    for (part, n) in &parts {
        sums.iter_mut().zip(part).for_each(|(to, from)| *to += from);
        counts.iter_mut().zip(n).for_each(|(to, from)| *to += from);
    }
    let n = counts[n_estimation] as f64;
    let mean = |t: usize| if counts[t] > 0 { sums[t] / counts[t] as f64 } else { 0.0 };
    let squares: f64 = (0..=n_estimation).map(|t| counts[t] as f64 / n * mean(t).powi(2)).sum();
    let days = n_estimation as f64 + 1.0;
    let z = mean(n_estimation) / (squares / days).sqrt();
    z * ((days - 2.0) / (days - 1.0 - z * z)).sqrt()
}
