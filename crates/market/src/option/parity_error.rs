//! How far the quotes of an expiry stand from put-call parity, day by day.

use serde::Serialize;
use shoals_core::TradingDay;

use super::OptionChain;

/// The parity errors of one expiry on one day, absolute, fractions of its forward.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ParityLine {
    /// Trading day.
    pub date: TradingDay,
    /// Last trading day of the options.
    pub expiry: TradingDay,
    /// Strikes with one call and one put.
    pub n_strikes: usize,
    /// Median over the strikes.
    pub median: f64,
    /// Greatest of the strikes.
    pub worst: f64,
}

/// Every expiry of every day of a chain, by rising day and expiry.
///
/// The forward is the quotes' own, so an error says how far they are from any one forward. Expired and unquoted
/// expiries are left out.
///
/// * `rate`: continuously compounded, for expiries whose quotes give none.
///
/// # Example
/// ```
/// use shoals_core::day;
/// use shoals_market::option::{OptionChain, OptionKind, OptionQuote, parity_errors};
/// let (date, expiry) = (day(2024, 1, 31), day(2024, 2, 28));
/// let quote = |kind, strike, close| OptionQuote { date, kind, expiry, strike, close };
/// // Struck at 2.0 and 2.1 on a forward of 2.0, discounted by 1: the second call is quoted 0.01 too dear.
/// let quotes = [
///     quote(OptionKind::Call, 2.0, 0.05), quote(OptionKind::Put, 2.0, 0.05),
///     quote(OptionKind::Call, 2.1, 0.03), quote(OptionKind::Put, 2.1, 0.12),
/// ];
/// let line = parity_errors(&OptionChain::of(&quotes), 0.0)[0];
/// assert!((line.worst - 0.01 / 2.0).abs() < 1e-12 && line.n_strikes == 2);
/// ```
pub fn parity_errors(chain: &OptionChain, rate: f64) -> Vec<ParityLine> {
    let days: Vec<TradingDay> = chain.days().collect();
    days.into_iter().flat_map(|date| of_day(chain, date, rate)).collect()
}

fn of_day(chain: &OptionChain, date: TradingDay, rate: f64) -> Vec<ParityLine> {
    let ahead = chain.expiries(date).into_iter().filter(|&expiry| expiry > date);
    ahead
        .filter_map(|expiry| {
            let (found, pairs) = chain.forward(date, expiry, rate)?;
            let error = |pair: &super::StrikePair| pair.parity_error(&found).abs();
            let mut errors: Vec<f64> = pairs.iter().map(error).collect();
            errors.sort_by(f64::total_cmp);
            let (median, worst) = (errors[errors.len() / 2], *errors.last()?);
            Some(ParityLine { date, expiry, n_strikes: errors.len(), median, worst })
        })
        .collect()
}
