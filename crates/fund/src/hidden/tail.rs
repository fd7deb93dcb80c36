//! The worst periods, and the worth of a fund to someone who minds them.

use serde::Serialize;
use shoals_stats::StatError;
use shoals_stats::bootstrap::{Bootstrap, band_of};
use shoals_stats::manipulation::manipulation_proof;
use shoals_stats::tail::{
    cornish_fisher, expected_shortfall, expected_shortfall_error, value_at_risk,
};

use super::HiddenConfig;
use crate::Periods;

/// Fewest periods expected beyond a level.
const MIN_BEYOND: f64 = 5.0;

/// A fund's worst periods at one level. Returns a period, usually negative.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TailRow {
    /// The fund's code.
    pub fund: String,
    /// Tail probability.
    pub level: f64,
    /// Historical value at risk.
    pub var_historical: f64,
    /// Lower end of its band.
    pub var_low: f64,
    /// Upper end of its band.
    pub var_high: f64,
    /// Historical expected shortfall.
    pub es_historical: f64,
    /// Lower end of its band.
    pub es_low: f64,
    /// Upper end of its band.
    pub es_high: f64,
    /// Cornish and Fisher's value at risk.
    pub var_cornish_fisher: f64,
    /// Modified expected shortfall.
    pub es_cornish_fisher: f64,
    /// Whether skewness and kurtosis lie where Cornish and Fisher's quantiles are ones.
    pub is_cornish_fisher_valid: bool,
}

/// A fund's worth that options cannot feign.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ProofRow {
    /// The fund's code.
    pub fund: String,
    /// Relative risk aversion.
    pub risk_aversion: f64,
    /// Sure excess return it is worth, decimal a year.
    pub mppm: f64,
    /// Lower end of its band.
    pub low: f64,
    /// Upper end of its band.
    pub high: f64,
}

/// A row for each of `levels`, or why not; all from the same resampled periods.
pub(super) fn tails(
    fund: &str,
    returns: &[f64],
    levels: &[f64],
    plan: &Bootstrap,
    config: &HiddenConfig,
) -> Result<Vec<Result<TailRow, StatError>>, StatError> {
    let quantiles = plan.replicate(returns.len(), resampled_quantiles(returns, levels))?;
    let each = levels.iter().enumerate().map(|(i, &level)| {
        let resampled: Vec<f64> = quantiles.iter().map(|quantiles| quantiles[i]).collect();
        tail(fund, returns, level, &resampled, config)
    });
    Ok(each.collect())
}

fn tail(
    fund: &str,
    returns: &[f64],
    level: f64,
    resampled: &[f64],
    config: &HiddenConfig,
) -> Result<TailRow, StatError> {
    let needed = (MIN_BEYOND / level).ceil() as usize;
    if returns.len() < needed {
        return Err(StatError::TooFewObservations { needed, found: returns.len() });
    }
    let var = value_at_risk(returns, level)?;
    let es = expected_shortfall(returns, level)?;
    let half = config.z() * expected_shortfall_error(returns, level)?;
    let bent = cornish_fisher(returns, level)?;
    let band = band_of(resampled, config.tail_probability)?;
    Ok(TailRow {
        fund: fund.to_owned(),
        level,
        var_historical: var,
        var_low: band.low,
        var_high: band.high,
        es_historical: es,
        es_low: es - half,
        es_high: es + half,
        var_cornish_fisher: bent.value_at_risk,
        es_cornish_fisher: bent.expected_shortfall,
        is_cornish_fisher_valid: bent.is_monotone,
    })
}

/// The order statistics at `levels` of the periods drawn: the sample is sorted once, its places are counted.
fn resampled_quantiles(returns: &[f64], levels: &[f64]) -> impl Fn(&[usize]) -> Vec<f64> + Sync {
    let n = returns.len();
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&a, &b| returns[a].total_cmp(&returns[b]));
    let mut place = vec![0_u32; n];
    for (p, &i) in order.iter().enumerate() {
        place[i] = p as u32;
    }
    let sorted: Vec<f64> = order.iter().map(|&i| returns[i]).collect();
    let wanted: Vec<u32> =
        levels.iter().map(|level| (level * (n - 1) as f64).round() as u32 + 1).collect();
    move |at: &[usize]| {
        let mut counts = vec![0_u32; n];
        for &i in at {
            counts[place[i] as usize] += 1;
        }
        let quantile = |wanted: &u32| {
            let mut seen = 0;
            let reached = counts.iter().position(|&count| {
                seen += count;
                seen >= *wanted
            });
            sorted[reached.unwrap_or(n - 1)]
        };
        wanted.iter().map(quantile).collect()
    }
}

pub(super) fn proof(
    fund: &str,
    periods: &Periods,
    cash: &[f64],
    risk_aversion: f64,
    config: &HiddenConfig,
) -> Result<ProofRow, StatError> {
    let needed = 24;
    if periods.len() < needed {
        return Err(StatError::TooFewObservations { needed, found: periods.len() });
    }
    let read = manipulation_proof(&periods.returns, cash, risk_aversion, periods.per_year)?;
    let half = config.z() * read.standard_error;
    Ok(ProofRow {
        fund: fund.to_owned(),
        risk_aversion,
        mppm: read.value,
        low: read.value - half,
        high: read.value + half,
    })
}
