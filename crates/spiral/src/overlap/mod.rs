//! Many leveraged books over many shared assets: a Monte Carlo of fire sales.
//!
//! Every day the assets move by a market factor, a size factor, their own noise and yesterday's price impact; the
//! books mark to market net of their hedge, pay redemptions that grow with their drawdown, and sell back to their
//! target leverage when the margin line is crossed, at most a share of the book a day. Their sales, added up in each
//! size bucket, move all its prices by the square-root law tomorrow and cost the sellers half of it today.
//!
//! Paths run side by side in blocks, one path a vector lane; a path's random numbers depend on the seed, its number,
//! the day and the asset alone, so results do not depend on threads or blocks.
//!
//! Method page: `docs/method/fire_sale.md`

mod block;
mod holdings;
mod lane;

use rayon::prelude::*;
use serde::Serialize;
use shoals_core::Seed;
use shoals_market::impact::{Depth, ImpactLaw};

use crate::SpiralError;
use crate::error::{require, require_length};
use block::Block;
use holdings::Holdings;

/// One size bucket of the market: assets of about one size that share their liquidity.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bucket {
    /// Its assets.
    pub assets: Vec<Asset>,
    /// What the bucket can take.
    pub depth: Depth,
}

/// One asset.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Asset {
    /// Loading on the market factor.
    pub market_beta: f64,
    /// Loading on the size factor.
    pub size_beta: f64,
    /// Standard deviation of its own daily return.
    pub volatility: f64,
}

/// One leveraged book.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Book {
    /// Equity at the start, CNY.
    pub equity: f64,
    /// Long value over equity it sells back to.
    pub target_leverage: f64,
    /// Long value over equity above which it is called.
    pub maximum_leverage: f64,
    /// Market factor sold short, a share of the long value.
    pub hedge_ratio: f64,
    /// Equity redeemed in a day for each unit of drawdown beyond the threshold.
    pub redemption_slope: f64,
    /// Long value of every asset at the start, CNY, in the order of the buckets.
    pub holdings: Vec<f64>,
}

/// What moves the market, and the rules all books share.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Rules {
    /// Daily standard deviation of the market factor.
    pub market_volatility: f64,
    /// Daily standard deviation of the size factor.
    pub size_volatility: f64,
    /// Daily drift of the size factor on the first `stress_days`.
    pub stress_drift: f64,
    /// See `stress_drift`.
    pub stress_days: usize,
    /// Largest move of an asset in a day, either way.
    pub price_limit: f64,
    /// How sales move prices.
    pub impact: ImpactLaw,
    /// Largest share of a book sold in a day.
    pub largest_sale: f64,
    /// Drawdown beyond which investors redeem.
    pub redemption_threshold: f64,
    /// Largest share of equity redeemed in a day.
    pub largest_redemption: f64,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            market_volatility: 0.012,
            size_volatility: 0.008,
            stress_drift: -0.006,
            stress_days: 10,
            price_limit: 0.10,
            impact: ImpactLaw::square_root(0.7),
            largest_sale: 0.5,
            redemption_threshold: 0.05,
            largest_redemption: 0.10,
        }
    }
}

/// How one path ended.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct PathEnd {
    /// Mean price of the first bucket's assets on the last day, 1 at the start.
    pub first_bucket_price: f64,
    /// Mean price of the last bucket's assets on the last day, 1 at the start.
    pub last_bucket_price: f64,
    /// Largest fall of the first bucket's mean price from its highest, a positive decimal.
    pub first_bucket_drawdown: f64,
    /// Sold over all days, CNY.
    pub sold: f64,
    /// Redeemed over all days, CNY.
    pub redeemed: f64,
    /// Margin calls, one a book and day.
    pub calls: f64,
    /// Books whose equity was gone.
    pub dead: f64,
}

/// A market and the books in it, checked and laid out for the paths.
#[derive(Debug, Clone)]
pub struct Overlap {
    buckets: Vec<Bucket>,
    books: Vec<Book>,
    rules: Rules,
    holdings: Holdings,
}

/// Paths side by side.
const LANES: usize = 16;

impl Overlap {
    /// Checks and lays out.
    ///
    /// # Errors
    /// When a book has not one holding an asset, or a number is out of range; the error names it.
    pub fn new(buckets: Vec<Bucket>, books: Vec<Book>, rules: Rules) -> Result<Self, SpiralError> {
        let n_assets: usize = buckets.iter().map(|bucket| bucket.assets.len()).sum();
        let positive = |field: String, x: f64| require(field, x, "above 0", x > 0.0);
        for (k, Bucket { depth, .. }) in buckets.iter().enumerate() {
            positive(format!("buckets[{k}].daily_amount"), depth.daily_amount)?;
            positive(format!("buckets[{k}].volatility"), depth.volatility)?;
        }
        for (b, book) in books.iter().enumerate() {
            require_length("holdings", book.holdings.len(), n_assets, "asset")?;
            positive(format!("books[{b}].equity"), book.equity)?;
            positive(format!("books[{b}].target_leverage"), book.target_leverage)?;
            let is_above = book.maximum_leverage >= book.target_leverage;
            let field = format!("books[{b}].maximum_leverage");
            require(field, book.maximum_leverage, "`target_leverage` or more", is_above)?;
        }
        let rules = Rules { impact: rules.impact.checked()?, ..rules };
        let share = |field, x| require(field, x, "in [0, 1]", (0.0..=1.0).contains(&x));
        share("price_limit", rules.price_limit)?;
        share("largest_sale", rules.largest_sale)?;
        share("largest_redemption", rules.largest_redemption)?;
        let sizes: Vec<usize> = buckets.iter().map(|bucket| bucket.assets.len()).collect();
        let rows: Vec<&[f64]> = books.iter().map(|book| book.holdings.as_slice()).collect();
        let holdings = Holdings::new(&rows, &sizes);
        Ok(Self { buckets, books, rules, holdings })
    }

    /// Runs paths `0..n_paths` over `n_days`, on all cores.
    pub fn simulate(&self, n_days: usize, n_paths: usize, seed: Seed) -> Vec<PathEnd> {
        let mut ends = vec![PathEnd::default(); n_paths];
        ends.par_chunks_mut(LANES).enumerate().for_each_init(
            || Block::<LANES>::new(self),
            |block, (i, ends)| block.run(self, n_days, (i * LANES) as u64, seed, ends),
        );
        ends
    }
}
