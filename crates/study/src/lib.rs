//! A study: a TOML file, ordered analyses over one market, and a lock file that reproduces them.

pub mod ask;
pub mod built_in;
mod config;
mod crowding_config;
mod error;
mod factor_config;
mod factor_sheet;
mod fingerprint;
mod index_config;
mod market_view;
mod option_config;
mod origin;
mod run;
mod stock_view;

pub use config::{Analysis, Named, SpiralConfig, Study, StudyConfig, StudyFlags};
pub use crowding_config::CrowdingConfig;
pub use error::StudyError;
pub use factor_config::{
    BucketRule, CapBuckets, ChosenFactor, EventSpan, FactorConfig, FactorSource, OwnFactor, Sealed,
};
pub use factor_sheet::FactorSheet;
pub use fingerprint::Fingerprint;
pub use index_config::{BucketWindow, IndexConfig};
pub use market_view::{MarketView, SeriesBySymbol};
pub use option_config::OptionConfig;
pub use origin::{EffectiveValue, Origin};
pub use run::{Lock, Section, StudyOutcome, run};
pub use stock_view::{StockNeeds, StockView};
