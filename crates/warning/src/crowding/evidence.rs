//! Did a crowded day foretell anything?

use serde::Serialize;
use shoals_core::Text;
use shoals_stats::hac::{LagRule, SmallSample, newey_west};
use shoals_stats::rank::spearman;
use shoals_stats::regression::{Intercept, ols};
use shoals_stats::significance::two_sided_p_value;

use super::{CrowdingConfig, CrowdingDay};
use crate::WarningError;
use crate::leg::returns_after;

/// What small less large returned after crowded days.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Evidence {
    /// Trading days after the day.
    pub horizon: usize,
    /// Days judged.
    pub n_days: usize,
    /// Stretches of that length that do not overlap.
    pub n_independent: usize,
    /// Rank correlation of the composite and the return that followed.
    pub rank_correlation: f64,
    /// Return that followed for a composite higher by a tenth.
    pub slope: f64,
    /// Its Newey-West error, with as many lags as returns overlap.
    pub standard_error: f64,
    /// Two-sided, of the normal law.
    pub p_value: f64,
    /// What that is worth, in words.
    #[serde(serialize_with = "Text::serialize_english")]
    pub verdict: Text,
}

/// Fewest stretches that do not overlap of which a slope is judged.
const MIN_INDEPENDENT: usize = 10;

/// The evidence at every horizon, over the days told about.
pub(super) fn evidence(
    days: &[CrowdingDay],
    small: &[f64],
    config: &CrowdingConfig,
) -> Result<Vec<Evidence>, WarningError> {
    config.evidence_days.iter().map(|&horizon| row(days, small, horizon, config)).collect()
}

fn row(
    days: &[CrowdingDay],
    small: &[f64],
    horizon: usize,
    config: &CrowdingConfig,
) -> Result<Evidence, WarningError> {
    let after = returns_after(small, horizon);
    let (composite, followed): (Vec<f64>, Vec<f64>) = days
        .iter()
        .zip(&after)
        .filter(|(day, after)| {
            config.tells(day.date) && day.composite.is_finite() && after.is_finite()
        })
        .map(|(day, after)| (day.composite, *after))
        .unzip();
    let n = composite.len();
    let mut row = Evidence {
        horizon,
        n_days: n,
        n_independent: n / horizon,
        rank_correlation: f64::NAN,
        slope: f64::NAN,
        standard_error: f64::NAN,
        p_value: f64::NAN,
        verdict: Text::default(),
    };
    if n > 2 * horizon.max(10) {
        let failed = |cause| WarningError::Statistic { what: "what followed crowding", cause };
        let fit = ols(&followed, &[&composite], Intercept::Included).map_err(failed)?;
        let lag = LagRule::default().lag(n, horizon);
        let error = newey_west(&fit, lag, SmallSample::Plain).map_err(failed)?[1];
        row.rank_correlation = spearman(&composite, &followed).map_err(failed)?;
        row.slope = 0.1 * fit.coefficients[1];
        row.standard_error = 0.1 * error;
        row.p_value = two_sided_p_value(row.slope / row.standard_error);
    }
    row.verdict = verdict(&row);
    Ok(row)
}

fn verdict(row: &Evidence) -> Text {
    let (n, p) = (row.n_independent, row.p_value);
    if n < MIN_INDEPENDENT {
        return Text::new(
            format!("只有 {n} 段不重叠的收益，不足以判断"),
            format!("{n} stretches that do not overlap: too few to judge by"),
        );
    }
    if row.slope < 0.0 && p < 0.05 {
        return Text::new(
            format!("越拥挤，其后越差（p = {p:.3}）"),
            format!("the more crowded, the worse what followed (p = {p:.3})"),
        );
    }
    if row.slope > 0.0 && p < 0.05 {
        return Text::new(
            format!("越拥挤，其后越好（p = {p:.3}）：拥挤不是卖出信号"),
            format!("the more crowded, the better what followed (p = {p:.3}): no signal to sell"),
        );
    }
    Text::new(
        format!("看不出拥挤度预示其后的收益（p = {p:.2}）"),
        format!("no evidence that crowding foretells what follows (p = {p:.2})"),
    )
}
