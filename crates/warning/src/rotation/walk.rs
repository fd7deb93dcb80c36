//! Walking through time: models refitted on an expanding past, probabilities filtered day by day.
//!
//! The model is fitted anew at the first close of each month, on everything up to that close: from several
//! starts when a year begins, from the last model in between. Until the next month its parameters stay, and
//! each close moves the filtered probability by one step. Nothing looks ahead.

use serde::Serialize;
use shoals_core::TradingDay;
use shoals_stats::StatError;
use shoals_stats::regime::{
    EmSearch, RegimeFit, RegimeHorizon, Regimes, fit_regimes, refit_regimes,
};

use super::RotationConfig;
use super::ratio::Ratio;
use crate::WarningError;

/// Rounds a refit may take; the climb goes on next month from where it stopped.
const REFIT_ROUNDS: usize = 60;

/// What was known of the regime at a day's close.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RotationDay {
    /// The day.
    pub date: TradingDay,
    /// Small over large, 1 on the first day of the record.
    pub ratio: f64,
    /// Filtered probability of the regime with the highest mean, the small-cap one.
    pub probability_small: f64,
    /// Probability that small companies lead over the horizon.
    pub probability_lead: f64,
    /// Expected lead over the horizon, log.
    pub expected_lead: f64,
    /// Its standard deviation.
    pub deviation: f64,
}

/// One regime of a model.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct FittedRegime {
    /// Close the model was fitted at.
    pub date: TradingDay,
    /// Number of the regime, from 1, the lowest mean first.
    pub regime: usize,
    /// Mean daily change of the log ratio.
    pub mean: f64,
    /// Daily standard deviation.
    pub deviation: f64,
    /// Probability of staying another day.
    pub stay: f64,
    /// Expected stay, trading days.
    pub expected_duration: f64,
    /// Days after which half of the stays have ended.
    pub half_life: f64,
    /// Share of time spent in it in the long run.
    pub long_run: f64,
    /// Whether the search ended because it stood still.
    pub is_converged: bool,
}

/// The walk: every day from the first model on.
pub(super) struct Walk {
    /// Position of the first day with a model.
    pub(super) first: usize,
    pub(super) days: Vec<RotationDay>,
    pub(super) models: Vec<FittedRegime>,
    /// The model of each day, by its number among the models.
    pub(super) model_of: Vec<usize>,
}

pub(super) fn walk(ratio: &Ratio, config: &RotationConfig) -> Result<Walk, WarningError> {
    let first = config.min_history;
    let search = EmSearch {
        n_regimes: config.n_regimes,
        seed: config.seed.part("rotation"),
        ..EmSearch::default()
    };
    let mut walk = Walk { first, days: Vec::new(), models: Vec::new(), model_of: Vec::new() };
    let mut now: Option<Present> = None;
    for at in first..ratio.n() {
        let past = &ratio.changes[..at];
        let (day, before) = (ratio.days[at], ratio.days[at - 1]);
        let present = match now {
            Some(present) if day.month_key() == before.month_key() => present.stepped(past[at - 1]),
            earlier => {
                let warm = earlier.filter(|_| day.year() == before.year());
                let fit = match &warm {
                    Some(present) => {
                        let search = EmSearch { max_rounds: REFIT_ROUNDS, ..search };
                        refit_regimes(past, &present.regimes, &search)
                    }
                    None => fit_regimes(past, &search),
                };
                let fit = fit.map_err(failed)?;
                walk.models.extend(fitted(day, &fit));
                Present::of(fit, past, config).map_err(failed)?
            }
        };
        let outlook = present.horizon.outlook(&present.filtered);
        walk.days.push(RotationDay {
            date: day,
            ratio: ratio.level[at].exp(),
            probability_small: present.filtered[config.n_regimes - 1],
            probability_lead: outlook.probability_above_zero,
            expected_lead: outlook.mean,
            deviation: outlook.deviation,
        });
        walk.model_of.push(walk.models.len() / config.n_regimes - 1);
        now = Some(present);
    }
    Ok(walk)
}

/// The model of the month and the filtered probabilities of the day.
struct Present {
    regimes: Regimes,
    horizon: RegimeHorizon,
    filtered: Vec<f64>,
}

impl Present {
    fn of(fit: RegimeFit, past: &[f64], config: &RotationConfig) -> Result<Self, StatError> {
        let filtered = fit.regimes.filtered(past)?.pop().unwrap_or_default();
        let horizon = fit.regimes.horizon(config.horizon_days);
        Ok(Self { regimes: fit.regimes, horizon, filtered })
    }

    fn stepped(self, change: f64) -> Self {
        let filtered = self.regimes.advance(&self.filtered, change);
        Self { filtered, ..self }
    }
}

fn fitted(date: TradingDay, fit: &RegimeFit) -> Vec<FittedRegime> {
    let regimes = &fit.regimes;
    let (durations, half_lives, long_run) =
        (regimes.expected_durations(), regimes.half_lives(), regimes.long_run());
    let one = |i: usize| FittedRegime {
        date,
        regime: i + 1,
        mean: regimes.means[i],
        deviation: regimes.variances[i].sqrt(),
        stay: regimes.transition[i][i],
        expected_duration: durations[i],
        half_life: half_lives[i],
        long_run: long_run[i],
        is_converged: fit.is_converged,
    };
    (0..regimes.n()).map(one).collect()
}

fn failed(cause: StatError) -> WarningError {
    WarningError::Statistic { what: "the regimes of the ratio", cause }
}
