//! What is left of a factor's significance after all that were tried?
//!
//! The more factors are tried, the better the best of them looks. Each gets its Newey-West t, the
//! p-value adjusted for their number, and its ICIR deflated by the greatest one to expect of as many
//! worthless trials. Source: Harvey, Liu and Zhu (2016); Bailey and Lopez de Prado (2014).

use serde::Serialize;
use shoals_stats::significance::{
    Adjustment, NEW_FACTOR_T, adjusted_p_values, deflated_sharpe, two_sided_p_value,
};

use super::summary::{Testing, summarise};
use crate::MarketError;
use crate::error::statistic;

/// One factor among those tried.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Trial {
    /// The factor's name.
    pub factor: String,
    /// Mean over deviation of its daily coefficients.
    pub icir: f64,
    /// With Newey-West errors.
    pub t_newey_west: f64,
    /// Two-sided, for this factor alone.
    pub p_value: f64,
    /// For all that were tried.
    pub adjusted_p_value: f64,
    /// Probability that its ICIR beats the best of as many without skill; its sign left out.
    pub deflated: f64,
    /// Whether |t| reaches [`NEW_FACTOR_T`].
    pub reaches_three: bool,
}

/// Judges factors by their daily coefficients at one horizon, all that were tried and not the best.
///
/// Missing: days without coefficient are left out of their factor.
///
/// # Errors
/// As [`summarise`]; fewer than two factors.
pub fn judge(
    tried: &[(&str, &[f64])],
    horizon: usize,
    adjustment: Adjustment,
    testing: &Testing,
) -> Result<Vec<Trial>, MarketError> {
    let failed = || statistic("the significance of the trials");
    let testing = testing.without_bands();
    let summaries = tried
        .iter()
        .map(|(_, series)| summarise(series, horizon, &testing))
        .collect::<Result<Vec<_>, _>>()?;
    let p_values: Vec<f64> = summaries.iter().map(|s| two_sided_p_value(s.t_newey_west)).collect();
    let adjusted = adjusted_p_values(&p_values, adjustment).map_err(failed())?;
    let sizes: Vec<f64> = summaries.iter().map(|s| s.icir.abs()).collect();
    tried
        .iter()
        .enumerate()
        .map(|(k, (factor, series))| {
            let summary = &summaries[k];
            let signed: Vec<f64> = series.iter().map(|x| x * summary.mean.signum()).collect();
            Ok(Trial {
                factor: (*factor).to_owned(),
                icir: summary.icir,
                t_newey_west: summary.t_newey_west,
                p_value: p_values[k],
                adjusted_p_value: adjusted[k],
                deflated: deflated_sharpe(&signed, &sizes).map_err(failed())?,
                reaches_three: summary.t_newey_west.abs() >= NEW_FACTOR_T,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Daily coefficients of exactly this mean, with a deviation of about 0.07.
    fn series(mean: f64, part: f64) -> Vec<f64> {
        let noise = |t: i32| 0.1 * (f64::from(t * t) * 0.618 + part).sin();
        let chance = (0..400).map(noise).sum::<f64>() / 400.0;
        (0..400).map(|t| mean + noise(t) - chance).collect()
    }

    #[test]
    fn skill_survives_the_company_of_chance_and_chance_does_not() {
        let skilled = series(-0.03, 0.0);
        let chance: Vec<Vec<f64>> = (1..20).map(|k| series(0.002, f64::from(k))).collect();
        let mut tried: Vec<(&str, &[f64])> = vec![("skilled", &skilled)];
        tried.extend(chance.iter().map(|series| ("chance", series.as_slice())));
        let trials = judge(&tried, 1, Adjustment::Holm, &Testing::default()).unwrap();
        assert!(trials[0].reaches_three && trials[0].adjusted_p_value < 0.01);
        assert!(trials[0].deflated > 0.95, "{:?}", trials[0]);
        for trial in &trials[1..] {
            assert!(trial.adjusted_p_value > 0.05 && trial.deflated < 0.95, "{trial:?}");
            assert!(trial.adjusted_p_value >= trial.p_value);
        }
        assert!(judge(&tried[..1], 1, Adjustment::Holm, &Testing::default()).is_err());
    }
}
