//! All events in one regression over calendar time, with windows that overlap taken together.

use serde::Serialize;
use shoals_core::TradingDay;
use shoals_stats::event_study::market_model::MarketModel;
use shoals_stats::hac::{SmallSample, automatic_lag, newey_west, newey_west_mean};
use shoals_stats::regression::{Intercept, ols};

use super::EventConfig;
use super::every_day::days_of;
use super::placed::Placed;
use super::subject::{Subject, SubjectName};
use crate::WarningError;

/// Events whose main windows share days, as one dummy of the regression.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CalendarTime {
    /// The subject.
    pub subject: SubjectName,
    /// The events.
    pub events: Vec<String>,
    /// First day of their windows.
    pub from: TradingDay,
    /// Last day.
    pub to: TradingDay,
    /// Days.
    pub n_days: usize,
    /// Coefficient of the dummy: mean abnormal return a day.
    pub coefficient: f64,
    /// Newey-West error of the coefficient, as the textbook has it; too small for a window of few days, whose own
    /// residuals add up to zero.
    pub newey_west_error: f64,
    /// `coefficient / newey_west_error`.
    pub newey_west_t: f64,
    /// Mean abnormal return a day against the line through the quiet days alone.
    pub mean: f64,
    /// Its error, from the quiet days' residuals with their autocorrelation over as many days.
    pub quiet_error: f64,
    /// `mean / quiet_error`: the one to believe.
    pub quiet_t: f64,
    /// Days of the regression outside every window.
    pub n_quiet: usize,
}

/// Positions of a run of overlapping windows, with its events.
struct Run {
    events: Vec<String>,
    first: usize,
    last: usize,
}

/// The regression of each subject, where it covers two events at least.
pub(super) fn regressions(
    subjects: &[Subject],
    placed: &[Placed],
    config: &EventConfig,
) -> Result<Vec<CalendarTime>, WarningError> {
    let mut all = Vec::new();
    for subject in subjects {
        all.extend(of_subject(subject, placed, config)?);
    }
    Ok(all)
}

fn of_subject(
    subject: &Subject,
    placed: &[Placed],
    config: &EventConfig,
) -> Result<Vec<CalendarTime>, WarningError> {
    let runs = runs(subject, placed, config);
    let (Some(first), Some(last)) = (runs.first(), runs.last()) else { return Ok(Vec::new()) };
    let span = first.first.saturating_sub(config.reach())..last.last + 1;
    let (own, market) = (&subject.own[span.clone()], &subject.market[span.clone()]);
    let mut is_quiet = vec![true; own.len()];
    for run in &runs {
        is_quiet[run.first - span.start..=run.last - span.start].fill(false);
    }
    let quiet = |all: &[f64]| -> Vec<f64> {
        all.iter().zip(&is_quiet).filter(|(_, quiet)| **quiet).map(|(x, _)| *x).collect()
    };
    let (quiet_own, quiet_market) = (quiet(own), quiet(market));
    if quiet_own.len() < config.min_estimation_days {
        return Ok(Vec::new());
    }
    let has_market = subject.name.has_market();
    let model = if has_market {
        MarketModel::fit(&quiet_own, &quiet_market)
    } else {
        MarketModel::mean(&quiet_own)
    };
    let model = model.map_err(failed)?;
    let pairs = quiet_own.iter().zip(&quiet_market);
    let residuals: Vec<f64> = pairs.map(|(own, market)| model.abnormal(*own, *market)).collect();
    let dummies: Vec<Vec<f64>> = runs
        .iter()
        .map(|run| {
            let inside = |t: usize| (run.first..=run.last).contains(&(t + span.start));
            (0..own.len()).map(|t| f64::from(u8::from(inside(t)))).collect()
        })
        .collect();
    let regressors: Vec<&[f64]> =
        has_market.then_some(market).into_iter().chain(dummies.iter().map(Vec::as_slice)).collect();
    let fit = ols(own, &regressors, Intercept::Included).map_err(failed)?;
    let errors = newey_west(&fit, automatic_lag(own.len()), SmallSample::Plain).map_err(failed)?;
    let offset = 1 + usize::from(has_market);
    runs.iter()
        .enumerate()
        .map(|(k, run)| {
            let days = run.first..run.last + 1;
            let (n, seen) = (days.len(), &subject.market[days.clone()]);
            let error = |lag| {
                newey_west_mean(&residuals, lag, SmallSample::Plain)
                    .map(|test| test.standard_error)
                    .map_err(failed)
            };
            let widening = error(n - 1)? / error(0)?;
            let quiet_error = model.standard_error(seen) * widening / n as f64;
            let pairs = subject.own[days.clone()].iter().zip(seen);
            let sum: f64 = pairs.map(|(own, market)| model.abnormal(*own, *market)).sum();
            let mean = sum / n as f64;
            let (coefficient, newey_west_error) =
                (fit.coefficients[offset + k], errors[offset + k]);
            Ok(CalendarTime {
                subject: subject.name,
                events: run.events.clone(),
                from: subject.days[run.first],
                to: subject.days[run.last],
                n_days: n,
                coefficient,
                newey_west_error,
                newey_west_t: coefficient / newey_west_error,
                mean,
                quiet_error,
                quiet_t: mean / quiet_error,
                n_quiet: quiet_own.len(),
            })
        })
        .collect()
}

/// Main windows that share a day, joined, in order.
fn runs(subject: &Subject, placed: &[Placed], config: &EventConfig) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for one in placed {
        let window = subject
            .position(one.day_0)
            .and_then(|t| days_of(config.main_window, t, subject.days.len()));
        let Some(days) = window else { continue };
        let id = one.event.event_id.clone();
        match runs.last_mut() {
            Some(run) if days.start <= run.last => {
                run.last = run.last.max(days.end - 1);
                run.events.push(id);
            }
            _ => runs.push(Run { events: vec![id], first: days.start, last: days.end - 1 }),
        }
    }
    runs
}

fn failed(cause: shoals_stats::StatError) -> WarningError {
    WarningError::Statistic { what: "the calendar-time regression", cause }
}
