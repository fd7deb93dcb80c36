//! Returns by size: the market cut into buckets of equal count, smallest first.

use rayon::prelude::*;
use serde::Serialize;
use shoals_core::{Calendar, TradingDay};

use super::basket::Basket;
use super::premium::month_ends;
use super::selection::MarketCapRows;
use super::{MicroCapConfig, SuspendedInBuckets, Weighting};
use crate::MarketError;
use crate::universe::{Reason, Reasons, StockMarket, Tradability};

/// One size bucket between two closes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct BucketReturn {
    /// Close at which the buckets were formed.
    pub from: TradingDay,
    /// Close they were held to.
    pub to: TradingDay,
    /// 1 for the smallest companies.
    pub bucket: usize,
    /// Names.
    pub n_names: usize,
    /// Mean capitalisation at the start, CNY.
    pub mean_market_cap: f64,
    /// Simple decimal return, equal weights at the start, held untouched; NaN for an empty bucket.
    #[serde(rename = "return")]
    pub bucket_return: f64,
}

/// Buckets formed at the close of `from` and held to the close of `to`.
///
/// Among the n eligible stocks with a capitalisation, one with r strictly smaller ones is in bucket
/// `max(1, ceil(k r / (n - 1)))` of k: quantiles with closed right edges, as pandas' `qcut` labels them.
/// A stock without a price on the last day counts at its last one; whether one that is suspended on the
/// first counts at all says `suspended_in_buckets`.
///
/// # Errors
/// No capitalisation column, or no such day.
pub fn size_bucket_returns(
    market: &StockMarket,
    tradability: &Tradability,
    config: &MicroCapConfig,
    from: TradingDay,
    to: TradingDay,
) -> Result<Vec<BucketReturn>, MarketError> {
    let caps = MarketCapRows::of(market, config.market_cap)?;
    let (from, to) = (market.day_index(from)?, market.day_index(to)?);
    Ok(Buckets { market, tradability, caps: &caps, config }.between(from, to))
}

/// The buckets of every whole month, formed anew at its start.
///
/// # Errors
/// No capitalisation column, or a day outside the calendar.
pub fn size_bucket_months(
    market: &StockMarket,
    tradability: &Tradability,
    config: &MicroCapConfig,
    calendar: &Calendar,
) -> Result<Vec<BucketReturn>, MarketError> {
    let caps = MarketCapRows::of(market, config.market_cap)?;
    let buckets = Buckets { market, tradability, caps: &caps, config };
    let ends = month_ends(market, 0, calendar)?;
    Ok(ends.par_windows(2).flat_map_iter(|span| buckets.between(span[0], span[1])).collect())
}

struct Buckets<'a> {
    market: &'a StockMarket,
    tradability: &'a Tradability,
    caps: &'a MarketCapRows<'a>,
    config: &'a MicroCapConfig,
}

impl Buckets<'_> {
    fn between(&self, from: usize, to: usize) -> Vec<BucketReturn> {
        let ranked = self.ranked(from);
        (1..=self.config.n_buckets).map(|bucket| self.bucket(bucket, &ranked, from, to)).collect()
    }

    /// Eligible stocks with their capitalisation and number of strictly smaller ones, smallest first.
    fn ranked(&self, t: usize) -> Vec<(f64, u32, usize)> {
        let counts = |reasons: &Reasons| match self.config.suspended_in_buckets {
            SuspendedInBuckets::LeftOut => reasons.is_eligible(),
            SuspendedInBuckets::Counted => reasons.is_eligible_but_for(Reason::Suspended),
        };
        let row = self.caps.row(t).iter().zip(self.tradability.row(t)).enumerate();
        let mut ranked: Vec<(f64, u32, usize)> = row
            .filter(|(_, (cap, reasons))| **cap > 0.0 && counts(reasons))
            .map(|(i, (&cap, _))| (cap, i as u32, 0))
            .collect();
        ranked.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        for k in 1..ranked.len() {
            let is_tie = ranked[k].0 == ranked[k - 1].0;
            ranked[k].2 = if is_tie { ranked[k - 1].2 } else { k };
        }
        ranked
    }

    fn bucket(
        &self,
        bucket: usize,
        ranked: &[(f64, u32, usize)],
        from: usize,
        to: usize,
    ) -> BucketReturn {
        let last_rank = ranked.len().saturating_sub(1).max(1);
        let label =
            |n_smaller: usize| (self.config.n_buckets * n_smaller).div_ceil(last_rank).max(1);
        let start = ranked.partition_point(|stock| label(stock.2) < bucket);
        let end = ranked.partition_point(|stock| label(stock.2) <= bucket);
        let inside = &ranked[start..end];
        BucketReturn {
            from: self.market.days()[from],
            to: self.market.days()[to],
            bucket,
            n_names: inside.len(),
            mean_market_cap: inside.iter().map(|s| s.0).sum::<f64>() / inside.len() as f64,
            bucket_return: self.held(inside, from, to),
        }
    }

    fn held(&self, inside: &[(f64, u32, usize)], from: usize, to: usize) -> f64 {
        let members: Vec<u32> = inside.iter().map(|stock| stock.1).collect();
        if members.is_empty() {
            return f64::NAN;
        }
        let width = self.market.symbols().len();
        let prices = |t: usize| &self.market.adjusted_close()[t * width..(t + 1) * width];
        let mut basket = Basket::default();
        basket.set(&members, Weighting::Equal, self.caps.row(from), prices(from), 1.0);
        // Every day counts: a stock that leaves is worth its last price, wherever that was.
        for t in from + 1..=to {
            basket.mark(prices(t));
        }
        basket.value() - 1.0
    }
}
