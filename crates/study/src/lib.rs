//! A study: a TOML file, ordered analyses over one market, and a lock file that reproduces them.

pub mod ask;
pub mod built_in;
mod config;
mod error;
mod fingerprint;
mod market_view;
mod origin;
mod run;

pub use config::{Analysis, Named, Study, StudyConfig, StudyFlags};
pub use error::StudyError;
pub use fingerprint::Fingerprint;
pub use market_view::{MarketView, SeriesBySymbol};
pub use origin::{EffectiveValue, Origin};
pub use run::{Lock, Section, StudyOutcome, run};
