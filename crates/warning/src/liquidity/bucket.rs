//! The share of all trading that each size bucket has.

use rayon::prelude::*;
use serde::Serialize;
use shoals_core::TradingDay;
use shoals_market::universe::Reason;
use shoals_stats::rolling::{Window, trailing_percentile};

use super::LiquidityConfig;
use crate::WarningError;
use crate::leg::{Leg, total};

/// One size bucket on one day.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct BucketDay {
    /// The day.
    pub date: TradingDay,
    /// 1 for the smallest companies.
    pub bucket: usize,
    /// Names.
    pub n_names: usize,
    /// Share of the amount of all stocks, decimal.
    pub turnover_share: f64,
    /// Share of the yardstick's days that lay below; NaN while there are too few.
    pub turnover_share_percentile: f64,
    /// Share of its names that closed at their lower limit.
    pub limit_down_share: f64,
}

/// Buckets of equal count by the capitalisation of the close before, of the stocks eligible then.
pub(super) fn buckets(leg: &Leg, config: &LiquidityConfig) -> Result<Vec<BucketDay>, WarningError> {
    let (caps, amount) = (leg.caps()?, leg.market.panel().column("amount")?);
    let n_days = leg.market.days().len();
    let mut rows: Vec<BucketDay> = (1..n_days)
        .into_par_iter()
        .flat_map_iter(|t| of_day(leg, config, leg.row(caps, t - 1), leg.row(amount, t), t))
        .collect();
    let failed = |cause| WarningError::Statistic { what: "a turnover share", cause };
    let window = Window::new(config.yardstick_days, config.yardstick_min_days).map_err(failed)?;
    for bucket in 1..=config.n_buckets {
        let own = || (bucket - 1..rows.len()).step_by(config.n_buckets);
        let shares: Vec<f64> = own().map(|row| rows[row].turnover_share).collect();
        let percentiles = trailing_percentile(&shares, window).map_err(failed)?;
        let places: Vec<usize> = own().collect();
        for (row, percentile) in places.into_iter().zip(percentiles) {
            rows[row].turnover_share_percentile = percentile;
        }
    }
    rows.retain(|row| config.tells(row.date));
    Ok(rows)
}

fn of_day(
    leg: &Leg,
    config: &LiquidityConfig,
    caps: &[f64],
    amount: &[f64],
    t: usize,
) -> Vec<BucketDay> {
    let (before, today) = (leg.tradability.row(t - 1), leg.tradability.row(t));
    let mut ranked: Vec<usize> =
        (0..leg.width).filter(|&i| caps[i] > 0.0 && before[i].is_eligible()).collect();
    ranked.sort_unstable_by(|&a, &b| caps[a].total_cmp(&caps[b]).then(a.cmp(&b)));
    let total = total(amount);
    let bucket = |k: usize| {
        let place = |k: usize| k * ranked.len() / config.n_buckets;
        let inside = &ranked[place(k)..place(k + 1)];
        let traded: f64 = inside.iter().map(|&i| amount[i].max(0.0)).sum();
        let sealed = inside.iter().filter(|&&i| today[i].has(Reason::LimitDown)).count();
        let n = inside.len() as f64;
        BucketDay {
            date: leg.market.days()[t],
            bucket: k + 1,
            n_names: inside.len(),
            turnover_share: if total > 0.0 { traded / total } else { f64::NAN },
            turnover_share_percentile: f64::NAN,
            limit_down_share: sealed as f64 / n,
        }
    };
    (0..config.n_buckets).map(bucket).collect()
}
