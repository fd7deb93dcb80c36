//! What does a chain say: volatility index, parity, surface, and what a straddle earned?

use shoals_core::{Symbol, Text, TradingDay};
use shoals_market::option::{
    OptionChain, OptionOutcome, hold_straddles, parity_errors, surface, volatility_index_history,
};

use crate::{MarketView, OptionConfig, StudyError};

/// The volatility index, the parity errors, the surface of the last day and a straddle's history.
///
/// # Errors
/// No chain of that underlying, none of its days between the days asked for, or no straddle that could be held.
pub fn option(view: &MarketView, config: &OptionConfig) -> Result<OptionOutcome, StudyError> {
    let OptionConfig { underlying, from, to, rate, straddle } = *config;
    let chain = chain_between(view, underlying, from, to)?;
    let last = chain.days().last();
    Ok(OptionOutcome {
        underlying,
        index: volatility_index_history(&chain, rate),
        parity: parity_errors(&chain, rate),
        surface: last.map(|day| surface(&chain, day, rate)).unwrap_or_default(),
        straddle: Some(hold_straddles(&chain, &straddle, &view.rulebook.calendar)?),
    })
}

/// The chain of an underlying on some days.
///
/// # Errors
/// No such chain, or none of its days between these.
pub fn chain_between(
    view: &MarketView,
    underlying: Symbol,
    from: Option<TradingDay>,
    to: Option<TradingDay>,
) -> Result<OptionChain, StudyError> {
    let is_asked =
        |day: TradingDay| from.is_none_or(|from| day >= from) && to.is_none_or(|to| day <= to);
    let quotes = view.option_chain(underlying)?.iter();
    let quotes: Vec<_> = quotes.filter(|quote| is_asked(quote.date)).copied().collect();
    if quotes.is_empty() {
        return Err(StudyError::NoQuotes { underlying });
    }
    Ok(OptionChain::of(&quotes))
}

/// Why options cannot be asked of a market that holds no chain.
pub fn chain_missing(view: &MarketView) -> Option<Text> {
    view.options.is_empty().then(|| {
        Text::new(
            "市场没有期权链，未作期权分析；导入 option_daily 后再问",
            "the market holds no option chain, so options were left out; import one to ask",
        )
    })
}
