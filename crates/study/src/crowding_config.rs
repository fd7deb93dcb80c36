//! `[crowding]`: the words of the analysis, and the file of what funds hold.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use shoals_warning::crowding::CrowdingConfig as Measured;

use crate::StudyError;

/// Settings of the crowding analysis on a market's stocks; in TOML all words stand side by side.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(try_from = "toml::Table", into = "toml::Table")]
pub struct CrowdingConfig {
    /// What funds hold: columns date, fund, symbol, weight. Whoever runs the study reads it.
    pub holdings: Option<PathBuf>,
    /// The settings.
    pub measured: Measured,
}

impl CrowdingConfig {
    /// Refuses settings outside their legal range.
    ///
    /// # Errors
    /// The setting, its value and the range.
    pub fn check(&self) -> Result<(), StudyError> {
        Ok(self.measured.check()?)
    }
}

/// The word that is the study's own.
const HOLDINGS: &str = "holdings";

impl TryFrom<toml::Table> for CrowdingConfig {
    type Error = String;

    fn try_from(mut words: toml::Table) -> Result<Self, String> {
        let message = |error: toml::de::Error| error.message().to_owned();
        let holdings = words.remove(HOLDINGS).map(toml::Value::try_into).transpose();
        Ok(Self {
            holdings: holdings.map_err(message)?,
            measured: words.try_into().map_err(message)?,
        })
    }
}

impl From<CrowdingConfig> for toml::Table {
    fn from(config: CrowdingConfig) -> Self {
        let mut words = Self::try_from(config.measured).expect("legal words are TOML");
        if let Some(path) = config.holdings {
            words.insert(HOLDINGS.to_owned(), path.display().to_string().into());
        }
        words
    }
}
