//! One subject through one event.

use rayon::prelude::*;
use serde::Serialize;
use shoals_core::TradingDay;
use shoals_stats::bootstrap::{Bootstrap, Scheme};
use shoals_stats::event_study::power::detectable;
use shoals_stats::hac::{SmallSample, newey_west_mean};
use shoals_stats::significance::two_sided_p_value;

use super::every_day::{EveryDay, days_of, estimation, model_at, placebo, touched};
use super::placed::Placed;
use super::subject::{Subject, SubjectName};
use super::{EventConfig, EventWindow};
use crate::WarningError;

/// The chance of finding an effect that the smallest one told of has.
const POWER: f64 = 0.8;

/// What a subject did in one window of one event.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SeriesTest {
    /// The event.
    pub event_id: String,
    /// The subject.
    pub subject: SubjectName,
    /// The window.
    pub window: EventWindow,
    /// Simple returns of the window's days, summed.
    pub total: f64,
    /// Abnormal returns, summed.
    pub car: f64,
    /// MacKinlay's standard error.
    pub standard_error: f64,
    /// `car / standard_error`.
    pub t: f64,
    /// Two-sided, normal.
    pub p_value: f64,
    /// The error with the residuals' autocorrelation over the window: Newey and West.
    pub newey_west_error: f64,
    /// `car / newey_west_error`.
    pub newey_west_t: f64,
    /// Share of pseudo events at least as far from zero in their own errors.
    pub placebo_p: f64,
    /// Pseudo events.
    pub n_placebo: usize,
    /// Share of windows drawn in blocks from the estimation days' residuals at least as far from zero.
    pub bootstrap_p: f64,
    /// The smallest effect a test of `size` would find in eight of ten, by the larger of the two errors.
    pub detectable: f64,
    /// Days the model was fitted on.
    pub n_estimation: usize,
    /// Of the market model; 0 without a market.
    pub beta: f64,
}

/// A day about an event.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PathDay {
    /// The event.
    pub event_id: String,
    /// The subject.
    pub subject: SubjectName,
    /// Trading days after day 0.
    pub relative_day: i32,
    /// The day.
    pub date: TradingDay,
    /// Simple return.
    pub total: f64,
    /// What the market does not explain.
    pub abnormal: f64,
    /// Abnormal returns summed from the first day told.
    pub cumulative: f64,
    /// Standard error of that sum.
    pub standard_error: f64,
}

/// Every subject through every event it covers.
pub(super) fn tests(
    subjects: &[Subject],
    placed: &[Placed],
    config: &EventConfig,
) -> Result<(Vec<SeriesTest>, Vec<PathDay>), WarningError> {
    let parts = subjects
        .par_iter()
        .map(|subject| of_subject(subject, placed, config))
        .collect::<Result<Vec<_>, _>>()?;
    let (tests, path): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
    Ok((tests.concat(), path.concat()))
}

fn of_subject(
    subject: &Subject,
    placed: &[Placed],
    config: &EventConfig,
) -> Result<(Vec<SeriesTest>, Vec<PathDay>), WarningError> {
    let every = EveryDay::of(subject, config);
    let positions: Vec<Option<usize>> =
        placed.iter().map(|one| subject.position(one.day_0)).collect();
    let (mut all, mut path) = (Vec::new(), Vec::new());
    for (one, position) in placed.iter().zip(&positions) {
        let Some(t) = *position else { continue };
        // Pseudo events are of days before this event, so later ones cannot touch them.
        let earlier: Vec<usize> = positions.iter().flatten().copied().filter(|p| *p <= t).collect();
        let is_touched = touched(subject.days.len(), &earlier, config);
        let Some(drawn) = Drawn::at(subject, t, config)? else { continue };
        for (k, window) in config.windows.iter().enumerate() {
            if every.cars[k][t].is_nan() {
                continue;
            }
            let (placebo_p, n_placebo) = placebo(&every, k, t, &is_touched, config);
            let judged = Judged { every: &every, drawn: &drawn, placebo_p, n_placebo };
            all.push(judged.test(one, subject, t, (k, *window), config)?);
        }
        path.extend(path_of(one, subject, t, config));
    }
    Ok((all, path))
}

/// Residuals of the estimation days of one event, and sums of blocks drawn from them.
struct Drawn {
    residuals: Vec<f64>,
    /// For each replication, running sums over the longest window.
    sums: Vec<Vec<f64>>,
}

impl Drawn {
    fn at(subject: &Subject, t: usize, config: &EventConfig) -> Result<Option<Self>, WarningError> {
        let (Some(days), Some(model)) = (estimation(t, config), model_at(subject, t, config))
        else {
            return Ok(None);
        };
        let pairs = subject.own[days.clone()].iter().zip(&subject.market[days]);
        let residuals: Vec<f64> =
            pairs.map(|(own, market)| model.abnormal(*own, *market)).collect();
        let longest = config.windows.iter().map(|window| window.len()).max().unwrap_or(1);
        let sums = if config.replications == 0 {
            Vec::new()
        } else {
            let length = config.block_length.min(residuals.len() as f64);
            let seed = config.seed.part("event");
            let plan = Bootstrap::new(Scheme::Stationary, length, config.replications, seed);
            let running = |at: &[usize]| -> Vec<f64> {
                let mut sum = 0.0;
                let days = at.iter().take(longest);
                days.map(|&i| {
                    sum += residuals[i];
                    sum
                })
                .collect()
            };
            plan.and_then(|plan| plan.replicate(residuals.len(), running)).map_err(failed)?
        };
        Ok(Some(Self { residuals, sums }))
    }

    /// By how much autocorrelation widens the error of a sum over `length` days.
    fn widening(&self, length: usize) -> Result<f64, WarningError> {
        let error = |lag| {
            let test = newey_west_mean(&self.residuals, lag, SmallSample::Plain);
            test.map(|test| test.standard_error).map_err(failed)
        };
        Ok(error(length - 1)? / error(0)?)
    }

    /// Share of drawn windows, with the error of the line, at least as far from zero.
    fn p_value(&self, car: f64, length: usize, line: f64) -> f64 {
        if self.sums.is_empty() {
            return f64::NAN;
        }
        let n_beyond =
            self.sums.iter().filter(|sums| sums[length - 1].abs() * line >= car.abs()).count();
        (1 + n_beyond) as f64 / (1 + self.sums.len()) as f64
    }
}

/// What an event is judged by.
struct Judged<'a> {
    every: &'a EveryDay,
    drawn: &'a Drawn,
    placebo_p: f64,
    n_placebo: usize,
}

impl Judged<'_> {
    fn test(
        &self,
        one: &Placed,
        subject: &Subject,
        t: usize,
        (k, window): (usize, EventWindow),
        config: &EventConfig,
    ) -> Result<SeriesTest, WarningError> {
        let (car, standard_error) = (self.every.cars[k][t], self.every.errors[k][t]);
        let newey_west_error = standard_error * self.drawn.widening(window.len())?;
        let days = days_of(window, t, subject.days.len());
        let model = model_at(subject, t, config);
        let factor = days.clone().zip(model).map_or(f64::NAN, |(days, model)| {
            (model.error_factor(&subject.market[days]) / window.len() as f64).sqrt()
        });
        let total = days.map_or(f64::NAN, |days| subject.own[days].iter().sum());
        Ok(SeriesTest {
            event_id: one.event.event_id.clone(),
            subject: subject.name,
            window,
            total,
            car,
            standard_error,
            t: car / standard_error,
            p_value: two_sided_p_value(car / standard_error),
            newey_west_error,
            newey_west_t: car / newey_west_error,
            placebo_p: self.placebo_p,
            n_placebo: self.n_placebo,
            bootstrap_p: self.drawn.p_value(car, window.len(), factor),
            detectable: detectable(standard_error.max(newey_west_error), POWER, config.size),
            n_estimation: self.drawn.residuals.len(),
            beta: model.map_or(f64::NAN, |model| model.beta),
        })
    }
}

/// The days about an event, as far as they go.
fn path_of(one: &Placed, subject: &Subject, t: usize, config: &EventConfig) -> Vec<PathDay> {
    let Some(model) = model_at(subject, t, config) else { return Vec::new() };
    let hull = config.hull();
    let first = t.saturating_add_signed(hull.from as isize);
    let last = t.saturating_add_signed(hull.to as isize).min(subject.days.len() - 1);
    let mut cumulative = 0.0;
    (first..=last)
        .map(|day| {
            let (own, market) = (subject.own[day], subject.market[day]);
            let abnormal = model.abnormal(own, market);
            cumulative += abnormal;
            PathDay {
                event_id: one.event.event_id.clone(),
                subject: subject.name,
                relative_day: day as i32 - t as i32,
                date: subject.days[day],
                total: own,
                abnormal,
                cumulative,
                standard_error: model.standard_error(&subject.market[first..=day]),
            }
        })
        .collect()
}

fn failed(cause: shoals_stats::StatError) -> WarningError {
    WarningError::Statistic { what: "the error of an event's window", cause }
}
