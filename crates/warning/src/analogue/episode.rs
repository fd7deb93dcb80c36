//! The library: episodes a path may look like, as data.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use shoals_core::{Symbol, Text, TradingDay};

use crate::WarningError;
use crate::error::require_two_closes;

/// An episode of the library, in the words of `[[analogue.episode]]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Episode {
    /// Stable name.
    pub name: String,
    /// What a reader knows it as.
    #[serde(default)]
    pub title: Text,
    /// Symbols its index goes by; the first the market holds is read.
    pub symbols: Vec<Symbol>,
    /// First day of the episode.
    pub from: TradingDay,
    /// Last day, well after the peak.
    pub to: TradingDay,
    /// Day of the peak to align on; found in the excess path without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak: Option<TradingDay>,
    /// Who says so.
    #[serde(default)]
    pub source: String,
}

impl Episode {
    /// The built-in episodes.
    pub fn built_in() -> &'static [Self] {
        static LIBRARY: LazyLock<Vec<Episode>> = LazyLock::new(|| {
            #[derive(Deserialize)]
            struct Library {
                episode: Vec<Episode>,
            }
            let read: Result<Library, _> = toml::from_str(include_str!("library.toml"));
            read.expect("the built-in library is legal; a test reads it").episode
        });
        &LIBRARY
    }

    /// What a reader knows it as: its title, else its name.
    pub fn title(&self) -> Text {
        if self.title.is_empty() { Text::same(&self.name) } else { self.title.clone() }
    }

    pub(super) fn check(&self) -> Result<(), WarningError> {
        require_two_closes(self.from, self.to)?;
        let refused = |field: &'static str, found: String, expected: &'static str| {
            Err(WarningError::IllegalEpisode { name: self.name.clone(), field, found, expected })
        };
        if self.name.is_empty() {
            return refused("name", "empty".to_owned(), "a name");
        }
        if self.symbols.is_empty() {
            return refused("symbols", "empty".to_owned(), "at least one symbol");
        }
        match self.peak {
            Some(peak) if peak <= self.from || peak > self.to => {
                refused("peak", peak.to_string(), "a day after `from` and up to `to`")
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_library_is_legal() {
        let names: Vec<&str> = Episode::built_in().iter().map(|e| e.name.as_str()).collect();
        assert_eq!(names, ["mao_2021", "chinext_2015", "micro_2024"]);
        for episode in Episode::built_in() {
            episode.check().unwrap();
            assert!(!episode.source.is_empty() && !episode.title.zh.is_empty());
        }
    }

    #[test]
    fn an_episode_that_cannot_be_is_refused() {
        let good = &Episode::built_in()[0];
        for (bad, part) in [
            (Episode { symbols: Vec::new(), ..good.clone() }, "`symbols` is empty"),
            (Episode { peak: Some(good.from), ..good.clone() }, "`peak` is 2019-01-02"),
            (Episode { to: good.from, ..good.clone() }, "two closes"),
        ] {
            let refusal = bad.check().unwrap_err().to_string();
            assert!(refusal.contains(part), "{part}: {refusal}");
        }
    }
}
