//! Settings of a micro-cap index.

use std::ops::Deref;

use serde::{Deserialize, Serialize};
use shoals_core::{Calendar, CoreError, TradingDay};

use crate::MarketError;
use crate::error::require_setting;
use crate::impact::PriceImpact;
use crate::universe::{MarketCap, UniverseConfig};

/// Settings of a micro-cap index. A value of this type is always legal; read its words through `Deref`.
///
/// # Example
/// ```
/// use shoals_market::index::{Frequency, MicroCapConfig, MicroCapWords};
///
/// let monthly = MicroCapWords { rebalance: Frequency::Monthly, ..MicroCapWords::default() };
/// assert_eq!(MicroCapConfig::try_from(monthly)?.n_names, 400);
/// let refusal = MicroCapConfig::try_from(MicroCapWords { n_names: 0, ..MicroCapWords::default() });
/// assert_eq!(refusal.unwrap_err().to_string(), "`n_names` is 0, expected 1 to 5000");
/// # Ok::<(), shoals_market::MarketError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(try_from = "MicroCapWords", into = "MicroCapWords")]
pub struct MicroCapConfig(MicroCapWords);

/// The words of the TOML file, not yet believed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MicroCapWords {
    /// Which capitalisation orders the stocks, and weighs them where weights follow size.
    pub market_cap: MarketCap,
    /// Names in the index.
    pub n_names: usize,
    /// A member stays while it ranks within `n_names + buffer`; a newcomer within `n_names - buffer`
    /// enters at once. 0 means the smallest `n_names`, whoever they are.
    pub buffer: usize,
    /// Weights at every rebalancing.
    pub weighting: Weighting,
    /// How often names are chosen and weights reset.
    pub rebalance: Frequency,
    /// Which stocks may be chosen.
    pub universe: UniverseConfig,
    /// How money follows the index.
    pub implementation: Implementation,
    /// Assets of the capacity curve, CNY.
    pub capacity_assets: Vec<f64>,
    /// Size buckets of the market, smallest first.
    pub n_buckets: usize,
    /// Whether a stock that is suspended on the day counts in them.
    pub suspended_in_buckets: SuspendedInBuckets,
}

/// Whether suspended stocks stand in size buckets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SuspendedInBuckets {
    /// No: at that close nobody could buy them.
    #[default]
    LeftOut,
    /// Yes, where the data carry a price and a capitalisation that day: the market as it was worth.
    Counted,
}

/// How money follows the index.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Implementation {
    /// Assets at the start, CNY.
    pub assets: f64,
    /// Most a day's order may take of a stock's average daily amount; `inf` for no bound.
    pub participation: f64,
    /// Days of that average, the day of the order not among them.
    pub average_days: usize,
    /// Cost beside commission and duty, a fraction of every amount traded.
    pub slippage: f64,
    /// What the ledger's own orders pay for moving prices.
    pub impact: PriceImpact,
}

impl Default for Implementation {
    /// A hundred million yuan, a tenth of a month's average amount, no slippage, the usual impact.
    fn default() -> Self {
        Self {
            assets: 1e8,
            participation: 0.10,
            average_days: 20,
            slippage: 0.0,
            impact: PriceImpact::default(),
        }
    }
}

impl Default for MicroCapWords {
    /// The smallest 400 by total capitalisation, equal weights every day, as the Wind index until 2024.
    fn default() -> Self {
        Self {
            market_cap: MarketCap::Total,
            n_names: 400,
            buffer: 0,
            weighting: Weighting::Equal,
            rebalance: Frequency::Daily,
            universe: UniverseConfig::default(),
            implementation: Implementation::default(),
            capacity_assets: vec![1e7, 1e8, 3e8, 1e9, 3e9, 1e10],
            n_buckets: 10,
            suspended_in_buckets: SuspendedInBuckets::default(),
        }
    }
}

impl Deref for MicroCapConfig {
    type Target = MicroCapWords;

    fn deref(&self) -> &MicroCapWords {
        &self.0
    }
}

impl From<MicroCapConfig> for MicroCapWords {
    fn from(config: MicroCapConfig) -> Self {
        config.0
    }
}

impl TryFrom<MicroCapWords> for MicroCapConfig {
    type Error = MarketError;

    fn try_from(words: MicroCapWords) -> Result<Self, MarketError> {
        let (names, buffer, buckets) = (words.n_names, words.buffer, words.n_buckets);
        require_setting("n_names", names as f64, "1 to 5000", (1..=5000).contains(&names))?;
        require_setting("buffer", buffer as f64, "0 to `n_names`", buffer <= names)?;
        require_setting("n_buckets", buckets as f64, "2 to 100", (2..=100).contains(&buckets))?;
        words.implementation.check()?;
        for &assets in &words.capacity_assets {
            require_assets("capacity_assets", assets)?;
        }
        Ok(Self(words))
    }
}

impl Implementation {
    /// Refuses settings outside their legal range.
    ///
    /// # Errors
    /// The setting, its value and the range.
    pub fn check(&self) -> Result<(), MarketError> {
        require_assets("implementation.assets", self.assets)?;
        let share = self.participation;
        require_setting(
            "implementation.participation",
            share,
            "above 0; `inf` for no bound",
            share > 0.0,
        )?;
        let days = self.average_days;
        let is_legal = (1..=250).contains(&days);
        require_setting("implementation.average_days", days as f64, "1 to 250", is_legal)?;
        let cost = self.slippage;
        let is_legal = (0.0..0.5).contains(&cost);
        require_setting("implementation.slippage", cost, "a decimal in [0, 0.5)", is_legal)
    }
}

fn require_assets(field: &'static str, found: f64) -> Result<(), MarketError> {
    require_setting(field, found, "a positive amount of CNY", found > 0.0 && found.is_finite())
}

/// Weights at a rebalancing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weighting {
    /// The same for every name.
    #[default]
    Equal,
    /// In proportion to capitalisation.
    MarketCap,
    /// In proportion to the root of capitalisation.
    SqrtMarketCap,
}

impl Weighting {
    /// A name's share before the shares are brought to one, from its capitalisation.
    pub fn share(self, market_cap: f64) -> f64 {
        match self {
            Self::Equal => 1.0,
            Self::MarketCap => market_cap,
            Self::SqrtMarketCap => market_cap.sqrt(),
        }
    }
}

/// How often names are chosen and weights reset; always at a close.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Frequency {
    /// Every trading day.
    #[default]
    Daily,
    /// The last trading day of every week.
    Weekly,
    /// The last trading day of every month.
    Monthly,
}

impl Frequency {
    /// Whether the index is rebalanced at the close of `day`: by the exchange calendar, so that it does
    /// not depend on which days follow in the data.
    ///
    /// # Errors
    /// A day after which the calendar knows none.
    pub fn falls_on(self, day: TradingDay, calendar: &Calendar) -> Result<bool, CoreError> {
        Ok(match self {
            Self::Daily => true,
            Self::Weekly => week(day) != week(calendar.next(day)?),
            Self::Monthly => is_last_of_month(day, calendar)?,
        })
    }
}

/// Weeks since 1970, from Monday to Sunday.
fn week(day: TradingDay) -> i32 {
    (day.epoch_days() + 3).div_euclid(7)
}

/// Whether the exchange next opens in another month.
pub(super) fn is_last_of_month(day: TradingDay, calendar: &Calendar) -> Result<bool, CoreError> {
    Ok(calendar.next(day)?.month() != day.month())
}

#[cfg(test)]
mod tests {
    use super::*;
    use shoals_core::day;

    /// Witness: the exchange calendar, closed 2024-02-09 to 02-16.
    #[test]
    fn weeks_and_months_end_by_the_calendar() {
        let falls = |frequency: Frequency, d| frequency.falls_on(d, Calendar::shanghai()).unwrap();
        assert!(falls(Frequency::Weekly, day(2024, 2, 8)));
        assert!(!falls(Frequency::Weekly, day(2024, 2, 7)));
        assert!(falls(Frequency::Monthly, day(2023, 12, 29)));
        assert!(!falls(Frequency::Monthly, day(2024, 2, 8)));
        assert!(falls(Frequency::Daily, day(2024, 2, 7)));
    }

    #[test]
    fn illegal_words_are_refused_by_name() {
        for (text, part) in [
            (r#"{"n_names": 10, "buffer": 11}"#, "`buffer` is 11"),
            (r#"{"implementation": {"participation": 0.0}}"#, "participation"),
            (r#"{"implementation": {"average_days": 0}}"#, "average_days"),
            (r#"{"capacity_assets": [-1.0]}"#, "capacity_assets"),
            (r#"{"n_buckets": 1}"#, "n_buckets"),
            (r#"{"weights": "equal"}"#, "weights"),
        ] {
            let error = serde_json::from_str::<MicroCapConfig>(text).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
