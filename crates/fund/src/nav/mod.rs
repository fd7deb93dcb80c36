//! NAVs as they are published, and what a holder's money became.
//!
//! A fund publishes a unit value (单位净值), often an accumulated one (累计净值: the dividends of the past added, never
//! reinvested) and sometimes an adjusted one (复权净值: reinvested). Only the last can be compared with anything; the others
//! are turned into it by [`total_return`], every distribution and split a row, every return with its [`NavBasis`].
//!
//! Method page: `docs/method/fund_nav.md`

mod basis;
mod check;
mod config;
mod event;
mod law;
mod part;
mod published;
mod recover;

pub use basis::NavBasis;
pub use check::{NavCheck, NavCheckKind};
pub use config::NavConfig;
pub use event::{NavEvent, NavEventKind};
pub use part::{NavPart, convention, examine, tables};
pub use published::PublishedNav;
pub use recover::{TotalReturnNav, total_return};
