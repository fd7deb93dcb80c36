//! Every day taken for an event: what the real ones are held against.

use std::ops::Range;

use shoals_stats::event_study::market_model::MarketModel;

use super::subject::Subject;
use super::{EventConfig, EventWindow};

/// What a subject did about each day, as if that were day 0.
pub(super) struct EveryDay {
    /// For each window, a value a day; NaN where the windows or the estimation do not fit.
    pub(super) cars: Vec<Vec<f64>>,
    /// MacKinlay's standard errors, likewise.
    pub(super) errors: Vec<Vec<f64>>,
}

impl EveryDay {
    pub(super) fn of(subject: &Subject, config: &EventConfig) -> Self {
        let n = subject.days.len();
        let blank = vec![vec![f64::NAN; n]; config.windows.len()];
        let (mut cars, mut errors) = (blank.clone(), blank);
        for t in 0..n {
            let Some(model) = model_at(subject, t, config) else { continue };
            for (k, window) in config.windows.iter().enumerate() {
                let Some(days) = days_of(*window, t, n) else { continue };
                cars[k][t] = car(subject, &model, &days);
                errors[k][t] = model.standard_error(&subject.market[days]);
            }
        }
        Self { cars, errors }
    }

    /// The statistic of a window about a day.
    pub(super) fn t(&self, window: usize, day: usize) -> f64 {
        self.cars[window][day] / self.errors[window][day]
    }
}

/// The estimation days of an event at position `t`; none when they are too few.
pub(super) fn estimation(t: usize, config: &EventConfig) -> Option<Range<usize>> {
    let end = t.checked_sub(config.gap_days)?;
    let start = end.saturating_sub(config.estimation_days);
    (end - start >= config.min_estimation_days).then_some(start..end)
}

/// The model of an event at position `t`, from the days before it alone.
pub(super) fn model_at(subject: &Subject, t: usize, config: &EventConfig) -> Option<MarketModel> {
    let days = estimation(t, config)?;
    let own = &subject.own[days.clone()];
    if subject.name.has_market() {
        MarketModel::fit(own, &subject.market[days]).ok()
    } else {
        MarketModel::mean(own).ok()
    }
}

/// The positions of a window about position `t`, when all are there.
pub(super) fn days_of(window: EventWindow, t: usize, n: usize) -> Option<Range<usize>> {
    let first = t.checked_add_signed(window.from as isize)?;
    let last = t.checked_add_signed(window.to as isize)?;
    (last < n).then_some(first..last + 1)
}

/// The abnormal returns of those days, summed.
pub(super) fn car(subject: &Subject, model: &MarketModel, days: &Range<usize>) -> f64 {
    let own = subject.own[days.clone()].iter().zip(&subject.market[days.clone()]);
    own.map(|(own, market)| model.abnormal(*own, *market)).sum()
}

/// Share of pseudo events at least as far from zero, and how many there were. A pseudo event is a day before the
/// event whose window touches no event's windows; the event itself counts as one of them.
pub(super) fn placebo(
    every: &EveryDay,
    window: usize,
    event: usize,
    is_touched: &[bool],
    config: &EventConfig,
) -> (f64, usize) {
    let found = every.t(window, event).abs();
    let span = config.windows[window];
    let first_seen = event.saturating_add_signed(config.hull().from as isize);
    let is_pseudo = |t: &usize| {
        days_of(span, *t, is_touched.len()).is_some_and(|days| {
            days.end <= first_seen && !is_touched[days].iter().any(|touched| *touched)
        })
    };
    let pseudo = (0..event).filter(is_pseudo).map(|t| every.t(window, t).abs());
    let pseudo: Vec<f64> = pseudo.filter(|t| t.is_finite()).collect();
    let n_beyond = pseudo.iter().filter(|t| **t >= found).count();
    if found.is_nan() || pseudo.is_empty() {
        return (f64::NAN, pseudo.len());
    }
    ((1 + n_beyond) as f64 / (1 + pseudo.len()) as f64, pseudo.len())
}

/// For each day of a subject, whether it lies in any window of an event at one of those positions.
pub(super) fn touched(n: usize, events: &[usize], config: &EventConfig) -> Vec<bool> {
    let hull = config.hull();
    let mut is_touched = vec![false; n];
    for &t in events {
        let first = t.saturating_add_signed(hull.from as isize);
        let last = t.saturating_add_signed(hull.to as isize).min(n.saturating_sub(1));
        is_touched[first..=last].fill(true);
    }
    is_touched
}
