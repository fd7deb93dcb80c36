//! What a fund hides: losses told late, insurance sold, tails that move together, and the loss that has not come yet.
//!
//! * [`SmoothingRow`]: how much of a return is told late, and volatility and Sharpe ratio without it.
//! * [`AsymmetryRow`], [`TailDependenceRow`]: whether it falls with a market more than it rises with it.
//! * [`TailRow`], [`ProofRow`]: its worst periods, and its worth to someone who minds them.
//! * [`PesoRow`]: its exposures times moves that may come ([`Scenario`]), sold straddles revalued in full.
//! * [`BudgetRow`]: how likely a drawdown limit breaks within a year: as told, as earned, and with the loss that has not come.
//!
//! A measure that a record cannot carry is left out with its reason ([`Refusal`]), never the fund.
//!
//! Method page: `docs/method/fund_hidden.md`

mod asymmetry;
mod budget;
mod config;
mod exposure;
mod part;
mod peso;
mod refusal;
mod scenario;
mod smoothing;
mod table;
mod tail;

pub use asymmetry::{AsymmetryRow, TailDependenceRow};
pub use budget::{BudgetBasis, BudgetRow};
pub use config::HiddenConfig;
pub use exposure::{ExposureRow, Exposures};
pub use part::{HiddenInput, HiddenPart, hidden};
pub use peso::PesoRow;
pub use refusal::Refusal;
pub use scenario::{FactorMove, Scenario, ShortStraddle};
pub use smoothing::SmoothingRow;
pub use table::{hidden_convention, hidden_tables};
pub use tail::{ProofRow, TailRow};
