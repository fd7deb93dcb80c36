//! Did a factor stop paying, and when? Tested, not asserted.

use serde::Serialize;
use shoals_core::TradingDay;
use shoals_stats::breaks::{Cusum, MeanBreak, Noise, mean_break, ols_cusum};

use super::LabConfig;
use crate::factor::Evaluation;

/// Share of the days left out at either end of the search.
const TRIM: f64 = 0.15;
/// Coverage of the date's interval.
const CONFIDENCE: f64 = 0.95;

/// The most likely break of a daily rank IC, whether or not it is significant.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Decline {
    /// Horizon in trading days.
    pub horizon: usize,
    /// The group, 0 the market.
    pub group: usize,
    /// Last day of the first regime.
    pub last_before: TradingDay,
    /// The interval of that day.
    pub low: TradingDay,
    /// Its upper end.
    pub high: TradingDay,
    /// Means and tests; positions are those of the days with a coefficient.
    pub test: MeanBreak,
    /// The cumulated residuals of a constant mean.
    pub cusum: Cusum,
}

/// One a horizon and group with enough days. The long-run variance takes overlap and autocorrelation
/// in, by the lag rule of the Newey-West errors.
pub(super) fn declines(evaluation: &Evaluation, config: &LabConfig) -> Vec<Decline> {
    let cells = (0..evaluation.horizons.len())
        .flat_map(|h| (0..evaluation.n_groups).map(move |group| (h, group)));
    cells.filter_map(|(h, group)| decline(evaluation, config, h, group)).collect()
}

fn decline(evaluation: &Evaluation, config: &LabConfig, h: usize, group: usize) -> Option<Decline> {
    let horizon = evaluation.horizons[h];
    let (days, series): (Vec<TradingDay>, Vec<f64>) = evaluation
        .days
        .iter()
        .zip(evaluation.rank_ic(group, h))
        .filter(|(_, ic)| !ic.is_nan())
        .unzip();
    let noise = Noise::Autocorrelated(config.testing.lag.lag(series.len(), horizon));
    let test = mean_break(&series, TRIM, CONFIDENCE, noise).ok()?;
    let cusum = ols_cusum(&series, noise).ok()?;
    let [last_before, low, high] = [test.last_before, test.low, test.high].map(|at| days[at]);
    Some(Decline { horizon, group, last_before, low, high, test, cusum })
}
