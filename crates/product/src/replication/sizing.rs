//! How much of each leg is held: the weights of a close, from the moves of the days before it.

use shoals_stats::bounded::{BoundedFit, bounded_least_squares};
use shoals_stats::moments;
use shoals_stats::rank::pearson;

use super::terms::{FitSample, ReplicationWords, Sizing};
use crate::Error;

/// The legal range of every weight.
pub(super) const WEIGHT_RANGE: (f64, f64) = (0.0, 10.0);

/// What one unit of each leg earned over the ledger's days, and what the fitted series did; NaN where it had no
/// price.
#[derive(Debug, Clone, Default)]
pub(super) struct Moves {
    pub long: Vec<f64>,
    /// Return of the short leg's instrument, not of the short.
    pub short: Vec<f64>,
    /// Fall of one straddle over the forward it was sold at; what a short straddle earns of its underlying value.
    pub straddle: Vec<f64>,
    pub target: Vec<f64>,
}

/// Moves of one day.
#[derive(Debug, Clone, Copy)]
pub(super) struct Move {
    pub long: f64,
    pub short: f64,
    pub straddle: f64,
    pub target: f64,
}

/// Weights of equity that a close asks for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Weights {
    pub long: f64,
    pub short: f64,
    pub straddle: f64,
    /// Share of the target's variation the fit explains in its own window; NaN where nothing was fitted.
    pub r_squared: f64,
}

impl Weights {
    /// What the terms write.
    pub(super) fn written(terms: &ReplicationWords) -> Self {
        let (long, short, straddle) =
            (terms.long.weight, terms.short.weight, terms.straddle.weight);
        Self { long, short, straddle, r_squared: f64::NAN }
    }

    /// Nothing of any leg.
    pub(super) fn none() -> Self {
        Self { long: 0.0, short: 0.0, straddle: 0.0, r_squared: f64::NAN }
    }
}

impl Moves {
    pub(super) fn push(&mut self, today: Move) {
        self.long.push(today.long);
        self.short.push(today.short);
        self.straddle.push(today.straddle);
        self.target.push(today.target);
    }

    /// The weights these days ask for; what is written where they are too few, or a leg stood still.
    pub(super) fn weights(&self, terms: &ReplicationWords) -> Weights {
        let written = Weights::written(terms);
        match &terms.fit {
            Some(fit) if fit.sample == FitSample::Past => {
                self.fitted(terms, fit.days as usize).unwrap_or(written)
            }
            Some(_) => written,
            None => Weights {
                short: self.short_weight(terms).unwrap_or(written.short),
                straddle: self.straddle_weight(terms).unwrap_or(written.straddle),
                ..written
            },
        }
    }

    fn short_weight(&self, terms: &ReplicationWords) -> Option<f64> {
        let leg = &terms.short;
        let [long, short] = last_complete([&self.long, &self.short], leg.sizing_days as usize)?;
        let ratio = match leg.sizing {
            Sizing::Fixed | Sizing::Fitted => return None,
            Sizing::RiskParity => deviation_ratio(&long, &short)?,
            Sizing::Beta => deviation_ratio(&long, &short)? * pearson(&long, &short).ok()?,
        };
        legal(terms.long.weight * ratio)
    }

    fn straddle_weight(&self, terms: &ReplicationWords) -> Option<f64> {
        let leg = &terms.straddle;
        if leg.sizing != Sizing::RiskParity {
            return None;
        }
        let columns = [&self.long, &self.straddle];
        let [long, straddle] = last_complete(columns, leg.sizing_days as usize)?;
        legal(terms.long.weight * deviation_ratio(&long, &straddle)?)
    }

    /// The fitted legs' slopes in a regression of the target, less what the other legs earned, on what they earned;
    /// over the last `n_days` days on which all have a price. None where there are fewer, or legs cannot be told apart.
    pub(super) fn fitted(&self, terms: &ReplicationWords, n_days: usize) -> Option<Weights> {
        let written = Weights::written(terms);
        let sells = terms.straddle.weight > 0.0;
        let still = vec![0.0; self.long.len()];
        let straddle = if sells { &self.straddle } else { &still };
        let columns = [&self.target, &self.long, &self.short, straddle];
        let [target, long, short, straddle] = last_complete(columns, n_days)?;
        let short: Vec<f64> = short.iter().map(|x| -x).collect();
        let legs = [
            (terms.long.sizing, written.long, &long),
            (terms.short.sizing, written.short, &short),
            (terms.straddle.sizing, written.straddle, &straddle),
        ];
        let is_fitted = |sizing: Sizing| sizing == Sizing::Fitted;
        let others = legs.iter().filter(|leg| !is_fitted(leg.0));
        let mut left = target;
        for (_, weight, earned) in others {
            left.iter_mut().zip(*earned).for_each(|(left, x)| *left -= weight * x);
        }
        let fitted: Vec<&[f64]> =
            legs.iter().filter_map(|leg| is_fitted(leg.0).then_some(leg.2.as_slice())).collect();
        let (low, high) = WEIGHT_RANGE;
        let BoundedFit { slopes, r_squared, .. } =
            bounded_least_squares(&left, &fitted, low, high).ok()?;
        let mut slopes = slopes.into_iter();
        let [long, short, straddle] = legs.map(|(sizing, weight, _)| {
            is_fitted(sizing).then(|| slopes.next()).flatten().unwrap_or(weight)
        });
        Some(Weights { long, short, straddle, r_squared })
    }

    /// The one fit of the whole ledger.
    ///
    /// # Errors
    /// Fewer days with the target than the terms ask for, or legs that cannot be told apart.
    pub(super) fn fitted_in_sample(&self, terms: &ReplicationWords) -> Result<Weights, Error> {
        self.require_target(terms)?;
        let n_days = self.n_complete(terms);
        self.fitted(terms, n_days).ok_or(Error::LegsAlike { n_days })
    }

    /// Days on which every leg and the target moved from a price to a price.
    fn n_complete(&self, terms: &ReplicationWords) -> usize {
        let sells = terms.straddle.weight > 0.0;
        let pairs = self.target.iter().zip(&self.straddle);
        pairs.filter(|(target, x)| target.is_finite() && (!sells || x.is_finite())).count()
    }

    /// Refuses a record too short for a single fit.
    pub(super) fn require_target(&self, terms: &ReplicationWords) -> Result<(), Error> {
        let Some(fit) = &terms.fit else { return Ok(()) };
        let (needed, found) = (fit.days as usize, self.n_complete(terms));
        if found < needed {
            let target = fit.target;
            return Err(Error::TooFewFitDays { target, needed, found });
        }
        Ok(())
    }
}

fn deviation_ratio(of: &[f64], to: &[f64]) -> Option<f64> {
    Some(moments::std(of, 1).ok()? / moments::std(to, 1).ok()?)
}

/// A weight in its range; none for a leg that stood still, which says nothing.
fn legal(weight: f64) -> Option<f64> {
    let (low, high) = WEIGHT_RANGE;
    weight.is_finite().then(|| weight.clamp(low, high))
}

/// The last `n` days on which every column has a value.
fn last_complete<const K: usize>(columns: [&Vec<f64>; K], n: usize) -> Option<[Vec<f64>; K]> {
    let n_days = columns.first().map_or(0, |column| column.len());
    let is_complete = |day: &usize| columns.iter().all(|column| column[*day].is_finite());
    let mut days: Vec<usize> = (0..n_days).rev().filter(is_complete).take(n).collect();
    days.reverse();
    (days.len() == n && n > 0)
        .then(|| columns.map(|column| days.iter().map(|day| column[*day]).collect()))
}
