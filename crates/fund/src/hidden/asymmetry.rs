//! Falling with a market more than rising with it.

use serde::Serialize;
use shoals_stats::StatError;
use shoals_stats::bootstrap::Bootstrap;
use shoals_stats::co_moment::{
    Estimate, bend_beyond, co_skewness, henriksson_merton, sided_beta, treynor_mazuy,
};
use shoals_stats::normal::normal_cdf;
use shoals_stats::tail_dependence::lower_tail_dependence;

use super::HiddenConfig;

/// A fund beside a market on its good and bad periods. Every `p` is one-sided: small says insurance sold.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AsymmetryRow {
    /// The fund's code.
    pub fund: String,
    /// Name of the market's series.
    pub market: String,
    /// Periods both have.
    pub n: usize,
    /// Beta over all periods.
    pub beta: f64,
    /// Beta of the market's periods below the line.
    pub down_beta: f64,
    /// Beta of the others.
    pub up_beta: f64,
    /// `down_beta - up_beta`.
    pub difference: f64,
    /// Lower end of its band.
    pub low: f64,
    /// Upper end of its band.
    pub high: f64,
    /// One-sided p of a difference so great.
    pub difference_p: f64,
    /// Henriksson and Merton's kink; negative is insurance sold.
    pub timing_kink: f64,
    /// One-sided p of a kink so negative.
    pub kink_p: f64,
    /// Treynor and Mazuy's bend; negative is insurance sold.
    pub timing_bend: f64,
    /// Lower end of its band.
    pub bend_low: f64,
    /// Upper end of its band.
    pub bend_high: f64,
    /// One-sided p of a bend so negative.
    pub bend_p: f64,
    /// The bend beside what the fund may hold in a straight line; negative is insurance sold, whatever it holds.
    pub bend_beyond: f64,
    /// One-sided p of a bend so negative.
    pub bend_beyond_p: f64,
    /// Harvey and Siddique's co-skewness; negative loses when the market moves far.
    pub coskewness: f64,
    /// Lower end of its band.
    pub coskewness_low: f64,
    /// Upper end of its band.
    pub coskewness_high: f64,
    /// One-sided p of a co-skewness so negative.
    pub coskewness_p: f64,
}

/// A fund's and a market's worst periods.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TailDependenceRow {
    /// The fund's code.
    pub fund: String,
    /// Name of the market's series.
    pub market: String,
    /// Worst periods counted on either side.
    pub k: usize,
    /// Share of the market's worst that are among the fund's worst.
    pub lambda: f64,
    /// Lower end of its band.
    pub low: f64,
    /// Upper end of its band.
    pub high: f64,
    /// What independent returns would give.
    pub independent: f64,
    /// What normal returns of the same rank correlation would give.
    pub normal: f64,
    /// Lower end of the band of `lambda - normal`; above zero says more than correlation.
    pub excess_low: f64,
    /// Upper end of that band.
    pub excess_high: f64,
    /// Limit of the Clayton copula with this `lambda`; missing where the tails are not tied.
    pub clayton: f64,
}

/// The pairs both sides have.
fn common(returns: &[f64], market: &[f64]) -> (Vec<f64>, Vec<f64>) {
    returns.iter().zip(market).filter(|(r, m)| r.is_finite() && m.is_finite()).unzip()
}

pub(super) fn asymmetry(
    fund: &str,
    name: &str,
    (returns, market): (&[f64], &[f64]),
    held: &[&[f64]],
    config: &HiddenConfig,
) -> Result<AsymmetryRow, StatError> {
    let beyond = bend_beyond(returns, market, held)?;
    let (returns, market) = common(returns, market);
    let (returns, market) = (returns.as_slice(), market.as_slice());
    let sides = sided_beta(returns, market, config.down_line)?;
    let kink = henriksson_merton(returns, market)?;
    let bend = treynor_mazuy(returns, market)?;
    let skew = co_skewness(returns, market)?;
    let half = |estimate: &Estimate| config.z() * estimate.standard_error;
    let negative = |estimate: &Estimate| normal_cdf(estimate.t());
    let difference = sides.difference;
    Ok(AsymmetryRow {
        fund: fund.to_owned(),
        market: name.to_owned(),
        n: returns.len(),
        beta: sides.beta.value,
        down_beta: sides.down.value,
        up_beta: sides.up.value,
        difference: difference.value,
        low: difference.value - half(&difference),
        high: difference.value + half(&difference),
        difference_p: normal_cdf(-difference.t()),
        timing_kink: kink.value,
        kink_p: negative(&kink),
        timing_bend: bend.value,
        bend_low: bend.value - half(&bend),
        bend_high: bend.value + half(&bend),
        bend_p: negative(&bend),
        bend_beyond: beyond.value,
        bend_beyond_p: negative(&beyond),
        coskewness: skew.value,
        coskewness_low: skew.value - half(&skew),
        coskewness_high: skew.value + half(&skew),
        coskewness_p: negative(&skew),
    })
}

pub(super) fn tail_dependence(
    fund: &str,
    name: &str,
    (returns, market): (&[f64], &[f64]),
    plan: &Bootstrap,
    config: &HiddenConfig,
) -> Result<TailDependenceRow, StatError> {
    let (threshold, tail) = (config.tail_threshold, config.tail_probability);
    let (returns, market) = common(returns, market);
    let read = lower_tail_dependence(&returns, &market, threshold, plan, tail)?;
    Ok(TailDependenceRow {
        fund: fund.to_owned(),
        market: name.to_owned(),
        k: read.k,
        lambda: read.lambda,
        low: read.band.low,
        high: read.band.high,
        independent: read.independent,
        normal: read.normal,
        excess_low: read.excess.low,
        excess_high: read.excess.high,
        clayton: read.clayton,
    })
}
