//! What insurance was worth: European option prices, greeks, implied volatility, straddles.
//!
//! Index options in China are European, so Black (1976) on the forward is the one formula; Black,
//! Scholes and Merton on the spot is the same formula with `F = S e^{(r-q)t}`. Volatility, rates and
//! yields are annualised decimals (rates continuously compounded), times are years ACT/365, prices are
//! in the unit of the underlying.
//!
//! * [`black76`], [`black_scholes_merton`]: price and greeks.
//! * [`implied_volatility`]: back from a price, or the bound the price breaks.
//! * [`black76_columns`], [`implied_volatility_columns`]: the same of a million options at once.
//! * [`parity_forward`]: the forward the quotes themselves imply.
//! * [`parity_errors`]: how far the quotes are from that.
//! * [`straddle`]: call and put at one strike; [`hold_straddles`]: held through a chain, with its gains by line.
//! * [`surface`]: every strike and expiry of a day; [`volatility_index`]: all of them in one number.
//! * [`short_margin`]: what the exchange asks of a seller.
//!
//! Method page: docs/method/option.md

mod black;
mod chain;
mod columns;
mod elementary;
mod implied;
mod lane;
mod margin;
mod mills;
mod normalised;
mod outcome;
mod parity;
mod parity_error;
mod straddle;
mod strategy;
mod surface;
mod volatility_index;

pub use black::{
    Black76, BlackScholesMerton, OptionKind, SpotGreeks, Valuation, black_scholes_merton, black76,
};
pub use chain::{OptionChain, OptionQuote, years_until};
pub use columns::{
    Black76Columns, QuoteColumns, ValuationColumns, black76_columns, implied_volatility_columns,
};
pub use implied::{ImpliedVolatility, implied_volatility};
pub use margin::short_margin;
pub use outcome::OptionOutcome;
pub use parity::{
    ParityForward, StrikePair, parity_forward, parity_forward_closest, parity_forward_regression,
};
pub use parity_error::{ParityLine, parity_errors};
pub use straddle::{Straddle, atm_straddle_value, straddle};
pub use strategy::{
    ExitReason, Hedge, Renewal, Side, StraddleDay, StraddleGain, StraddleHistory, StraddleTerms,
    StraddleTrade, StraddleWords, hold_straddles,
};
pub use surface::{SurfacePoint, SurfaceSlice, surface, surface_volatility};
pub use volatility_index::{
    IndexLine, TermUse, TermVariance, VolatilityIndex, term_variance, volatility_index,
    volatility_index_history,
};
