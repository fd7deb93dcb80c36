//! The built-in market with known truth.
//!
//! [`generate`] makes about 1,000 stocks over five size segments from 2018 to 2024, with indices,
//! index futures, implied volatility and funds, in the shape of the market tables. A crowd of leveraged and hedged
//! funds grows in it from 2021 to 2023 and is unwound by its own rules in 2024: the size boom, the inversion of
//! January 2024 and the squeeze of February. The [`Truth`] behind them is handed out too, so that every analysis can
//! be tested against known answers. [`generate_from`] drives the same market by any [`FactorPath`].
//!
//! Method page: docs/method/sample.md

mod calendar_table;
mod config;
mod crowd;
mod error;
mod fund;
mod fund_population;
mod future;
mod index;
mod market;
mod noise;
mod option;
mod path;
mod scenario;
mod stock;
mod stock_market;
mod stock_table;
mod truth;
mod universe;

pub use config::SampleConfig;
pub use crowd::{BookTruth, CrowdDay, CrowdHolding, CrowdTruth};
pub use error::SampleError;
pub use fund_population::{FundPopulation, MemberTruth};
pub use market::{SampleMarket, generate, generate_from};
pub use path::{FactorPath, size_coordinate};
pub use scenario::{Leg, Scenario};
pub use truth::{BasisTruth, Episode, FundExposure, FundTruth, StockTruth, Truth};
