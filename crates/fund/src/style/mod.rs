//! What does a fund hold? Its returns against factors anyone could have held.
//!
//! [`factors()`] makes the factors from the market's series, [`style()`] finds the weights that follow a fund most closely:
//! over its whole record, window by window, and wandering; says how sure each is and when it changed. [`similarity()`]
//! compares funds with each other and with a levered micro-cap book. Everything is known at the end of the periods it is
//! given: `periods.up_to(day)` asks what was known on a day.
//!
//! Source: Sharpe (1992), Lobosco and `DiBartolomeo` (1997), Andrews (1993). Method page: `docs/method/fund_style.md`

mod config;
mod factors;
mod part;
mod similarity;
mod table;

pub use config::StyleConfig;
pub use factors::{
    BOND, CASH, DMA_PROXY, Group, HEDGE, SHORT_VOLATILITY, StyleFactors, StyleMarket, factors,
};
pub use part::{Exposure, StyleBreak, StylePart, StyleWindow, style};
pub use similarity::{Similarity, SimilarityPart, similarity};
pub use table::{convention, tables};
