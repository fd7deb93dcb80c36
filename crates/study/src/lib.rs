//! A study: a TOML file, ordered analyses over one market, and a lock file that reproduces them.

mod error;
mod fingerprint;
mod market_view;
mod origin;

pub use error::StudyError;
pub use fingerprint::Fingerprint;
pub use market_view::{MarketView, SeriesBySymbol};
pub use origin::{EffectiveValue, Origin};
