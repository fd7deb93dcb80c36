//! What an evaluation looks at: a factor, the prices that follow, and who counts.

use shoals_core::{Panel, TradingDay};

use crate::MarketError;

/// Most stocks of a cross-section: sums of doubled ranks stay exact in 64 bits.
const MAX_STOCKS: usize = 1_000_000;

/// Most buckets a cross-section is split into.
const MAX_BUCKETS: usize = 255;

/// A factor beside prices, day-major: value of day `t`, stock `i` at `t * n_stocks + i`.
///
/// Missing: a row without factor or without one of its prices is left out of its day. Who could not
/// be traded is a mask, never a NaN.
#[derive(Debug, Clone, Copy)]
pub struct FactorPanel<'a> {
    pub(super) days: &'a [TradingDay],
    pub(super) n_stocks: usize,
    pub(super) factor: &'a [f64],
    pub(super) price: &'a [f64],
    pub(super) is_excluded: Option<&'a [bool]>,
    pub(super) buckets: Buckets<'a>,
}

/// How each day's stocks are split for a double sort.
#[derive(Debug, Clone, Copy, Default)]
pub enum Buckets<'a> {
    /// Not at all.
    #[default]
    None,
    /// Into `n` equal groups of the day's valid stocks by `key`, 1 the smallest; a dependent sort.
    /// A stock without key is in no bucket.
    Quantiles {
        /// What is ordered, usually total market cap (CNY).
        key: &'a [f64],
        /// Number of groups.
        n: usize,
    },
    /// As given, say by index membership: 1 to `n`, 0 for none.
    Members {
        /// Bucket of each stock and day.
        label: &'a [u8],
        /// Number of buckets.
        n: usize,
    },
}

impl Buckets<'_> {
    /// Number of buckets.
    pub fn count(&self) -> usize {
        match *self {
            Self::None => 0,
            Self::Quantiles { n, .. } | Self::Members { n, .. } => n,
        }
    }
}

impl<'a> FactorPanel<'a> {
    /// A factor (any unit) known at the close of each day and total-return prices (CNY, positive) of
    /// the same stocks. Suspended days hold the last price if returns over them shall count.
    ///
    /// # Errors
    /// No day, a length that is no multiple of the days, or more than a million stocks.
    pub fn new(
        days: &'a [TradingDay],
        factor: &'a [f64],
        price: &'a [f64],
    ) -> Result<Self, MarketError> {
        let n_stocks = factor.len() / days.len().max(1);
        if days.is_empty() || n_stocks == 0 || n_stocks > MAX_STOCKS {
            return Err(MarketError::SettingOutOfRange {
                field: "factor",
                found: factor.len() as f64,
                expected: "1 to 1,000,000 values a day",
            });
        }
        let panel =
            Self { days, n_stocks, factor, price, is_excluded: None, buckets: Buckets::None };
        panel.require_shape("factor", factor.len())?;
        panel.require_shape("price", price.len())?;
        Ok(panel)
    }

    /// Two columns of a panel.
    ///
    /// # Errors
    /// As [`FactorPanel::new`], or no such column.
    pub fn of(panel: &'a Panel, factor: &str, price: &str) -> Result<Self, MarketError> {
        Self::new(panel.days(), panel.column(factor)?, panel.column(price)?)
    }

    /// Leaves out the rows marked `true`: suspended, limited, too young, out of the universe.
    ///
    /// # Errors
    /// A mask of another shape.
    pub fn excluding(mut self, is_excluded: &'a [bool]) -> Result<Self, MarketError> {
        self.require_shape("is_excluded", is_excluded.len())?;
        self.is_excluded = Some(is_excluded);
        Ok(self)
    }

    /// Splits every day into buckets.
    ///
    /// # Errors
    /// Buckets of another shape, none or more than 255 of them, or a label above their number.
    pub fn bucketed(mut self, buckets: Buckets<'a>) -> Result<Self, MarketError> {
        let n = buckets.count();
        let is_legal = match buckets {
            Buckets::None => true,
            Buckets::Quantiles { key, .. } => {
                self.require_shape("key", key.len())?;
                (1..=MAX_BUCKETS).contains(&n)
            }
            Buckets::Members { label, .. } => {
                self.require_shape("label", label.len())?;
                (1..=MAX_BUCKETS).contains(&n) && label.iter().all(|&b| usize::from(b) <= n)
            }
        };
        if !is_legal {
            return Err(MarketError::SettingOutOfRange {
                field: "buckets",
                found: n as f64,
                expected: "1 to 255, and no label above it",
            });
        }
        self.buckets = buckets;
        Ok(self)
    }

    /// The days, rising.
    pub fn days(&self) -> &'a [TradingDay] {
        self.days
    }

    /// Number of stocks.
    pub fn n_stocks(&self) -> usize {
        self.n_stocks
    }

    pub(super) fn row<T>(&self, values: &'a [T], day: usize) -> &'a [T] {
        &values[day * self.n_stocks..][..self.n_stocks]
    }

    pub(super) fn require_shape(&self, name: &str, found: usize) -> Result<(), MarketError> {
        let expected = self.days.len() * self.n_stocks;
        if found == expected {
            return Ok(());
        }
        let name = name.to_owned();
        Err(shoals_core::CoreError::LengthMismatch { name, found, expected }.into())
    }
}
