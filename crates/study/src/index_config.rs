//! `[index]`: the words of a micro-cap index, its days and what it is measured against.

use serde::{Deserialize, Serialize};
use shoals_core::{Symbol, TradingDay};
use shoals_market::index::MicroCapConfig;

use crate::StudyError;

/// CSI All Share.
const ALL_SHARE: &str = "000985.CSI";

/// Two closes: buckets are formed at the first and held to the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BucketWindow {
    /// A day of the market.
    pub from: TradingDay,
    /// A later one.
    pub to: TradingDay,
}

/// Settings of a micro-cap index on a market's stocks; in TOML all words stand side by side.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "toml::Table", into = "toml::Table")]
pub struct IndexConfig {
    /// First close of the index.
    pub from: Option<TradingDay>,
    /// Last day known.
    pub to: Option<TradingDay>,
    /// The index that years are measured against, where the market holds it.
    pub benchmark: Symbol,
    /// Spans over which the market's size buckets are formed once and held.
    pub windows: Vec<BucketWindow>,
    /// Names, weights, rebalancing, money.
    pub micro_cap: MicroCapConfig,
}

impl Default for IndexConfig {
    /// The smallest 400 against the CSI All Share.
    fn default() -> Self {
        Self {
            from: None,
            to: None,
            benchmark: Symbol::literal(ALL_SHARE),
            windows: Vec::new(),
            micro_cap: MicroCapConfig::default(),
        }
    }
}

impl IndexConfig {
    /// Refuses days that do not go together.
    ///
    /// # Errors
    /// `to` before `from`.
    pub fn check(&self) -> Result<(), StudyError> {
        match (self.from, self.to) {
            (Some(from), Some(to)) if to < from => {
                let reason = format!("[index] `to` is {to}, before `from` {from}");
                Err(StudyError::Config { reason })
            }
            _ => Ok(()),
        }
    }
}

/// The words that are the study's own, not the index's.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct OwnWords {
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<TradingDay>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<TradingDay>,
    #[serde(skip_serializing_if = "Option::is_none")]
    benchmark: Option<Symbol>,
    windows: Vec<BucketWindow>,
}

const OWN_WORDS: [&str; 4] = ["from", "to", "benchmark", "windows"];

impl TryFrom<toml::Table> for IndexConfig {
    type Error = String;

    fn try_from(mut words: toml::Table) -> Result<Self, String> {
        let message = |error: toml::de::Error| error.message().to_owned();
        let own = OWN_WORDS.into_iter().filter_map(|key| words.remove_entry(key));
        let own: OwnWords = own.collect::<toml::Table>().try_into().map_err(message)?;
        Ok(Self {
            from: own.from,
            to: own.to,
            benchmark: own.benchmark.unwrap_or_else(|| Symbol::literal(ALL_SHARE)),
            windows: own.windows,
            micro_cap: words.try_into().map_err(message)?,
        })
    }
}

impl From<IndexConfig> for toml::Table {
    fn from(config: IndexConfig) -> Self {
        let IndexConfig { from, to, benchmark, windows, micro_cap } = config;
        let own = OwnWords { from, to, benchmark: Some(benchmark), windows };
        let mut words = Self::try_from(micro_cap).expect("legal words are TOML");
        words.extend(Self::try_from(own).expect("days and a symbol are TOML"));
        words
    }
}
