//! Stock-index futures: contracts, what they quote against the index, and what rolling them costs.
//!
//! Signs and units, once for the whole module: basis = futures - spot in index points, a discount
//! (贴水) is negative; a basis rate is a decimal of spot a year; a hedge is short the future, so a
//! discount is its cost. Days to expiry are calendar days.
//!
//! Method page: docs/method/basis.md

pub mod basis;
pub mod contract;
pub mod dividend;
pub mod roll;

pub use basis::{BasisConvention, BasisPoint, Slot, basis_points};
pub use contract::{ContractHistory, FutureMarket, FutureQuote, Mark};
pub use dividend::DividendSeason;
