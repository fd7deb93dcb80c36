//! The best of many funds looks good: what is its ratio worth after all were tried?

use serde::Serialize;
use shoals_stats::StatError;
use shoals_stats::moments::{excess_kurtosis, skewness, variance};
use shoals_stats::performance::sharpe_ratio;
use shoals_stats::significance::{Shape, expected_maximum};

use super::RecordPart;
use super::path::Path;

/// What a whole record says of its Sharpe ratio.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct TrackRecord {
    /// Mean over sample deviation of returns above cash, a period.
    pub ratio: f64,
    /// Skewness of those returns.
    pub skewness: f64,
    /// Their kurtosis, 3 for normal ones.
    pub kurtosis: f64,
    /// Number of periods.
    pub n: usize,
    /// Periods a year.
    pub per_year: f64,
}

/// A fund's ratio after all funds of a file were looked at.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Deflated {
    /// The fund's code.
    pub fund: String,
    /// Its annualised Sharpe ratio.
    pub sharpe: f64,
    /// Funds that were tried.
    pub trials: usize,
    /// Sample deviation of their annualised ratios.
    pub deviation: f64,
    /// The greatest annualised ratio to expect of as many without skill.
    pub expected_maximum: f64,
    /// Probability that this fund's true ratio exceeds that: the deflated Sharpe ratio.
    pub probability: f64,
}

pub(super) fn track(path: &Path<'_>, min_observations: usize) -> Option<TrackRecord> {
    let returns = &path.above_cash;
    let known = || -> Result<TrackRecord, StatError> {
        Ok(TrackRecord {
            ratio: sharpe_ratio(returns, 1.0)?,
            skewness: skewness(returns)?,
            kurtosis: excess_kurtosis(returns)? + 3.0,
            n: returns.len(),
            per_year: path.periods.per_year,
        })
    };
    if returns.len() < min_observations { None } else { known().ok() }
}

/// Deflates every fund's ratio by the number of funds looked at and the variance of their ratios (Bailey and Lopez de Prado
/// 2014). Empty for fewer than two funds with a ratio.
///
/// The funds are not independent trials; where they hold the same stocks the true number is smaller and the deflation too
/// strong.
pub fn deflated(parts: &[RecordPart]) -> Vec<Deflated> {
    let tracks: Vec<(&str, TrackRecord)> =
        parts.iter().filter_map(|part| Some((part.fund.as_str(), part.track?))).collect();
    let annual: Vec<f64> = tracks.iter().map(|(_, t)| t.ratio * t.per_year.sqrt()).collect();
    let Ok(spread) = variance(&annual, 1) else { return Vec::new() };
    let Ok(best) = expected_maximum(tracks.len(), spread) else { return Vec::new() };
    let rows = tracks.iter().zip(&annual);
    rows.map(|((fund, track), &sharpe)| {
        let shape = Shape { skewness: track.skewness, kurtosis: track.kurtosis };
        let asked = best / track.per_year.sqrt();
        Deflated {
            fund: (*fund).to_owned(),
            sharpe,
            trials: tracks.len(),
            deviation: spread.sqrt(),
            expected_maximum: best,
            probability: shape.probability_above(track.ratio, asked, track.n),
        }
    })
    .collect()
}
