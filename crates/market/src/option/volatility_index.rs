//! The market's volatility of the next 30 days, read from every out-of-the-money option: the VIX of 2003.
//!
//! ```text
//! σ² = (2/T) Σ ΔK/K² e^{RT} Q(K) − (1/T)(F/K₀ − 1)²,
//! index = √{[T₁σ₁² (N₂ − N)/(N₂ − N₁) + T₂σ₂² (N − N₁)/(N₂ − N₁)] · 365/30}
//! ```
//!
//! `K₀` is the highest strike at or below the forward, `Q` the out-of-the-money price (at `K₀` the mean of call
//! and put), `ΔK` half the distance of the neighbours that count. Source: Cboe white paper "Cboe Volatility
//! Index" (2015 edition); the Shanghai exchange's iVX follows it. METHODS C names the traps.

use serde::Serialize;
use shoals_core::TradingDay;
use shoals_core::number::CALENDAR_DAYS_PER_YEAR;

use super::chain::years_until;
use super::parity::parity_forward_closest;
use super::{OptionChain, StrikePair};
use crate::MarketError;

/// Days the index looks ahead.
const HORIZON_DAYS: f64 = 30.0;
/// An expiry nearer than this many calendar days is passed over: its prices are all noise.
const MIN_DAYS: i32 = 7;
/// Strikes without a price in a row that end a side.
const GAP: usize = 2;

/// The variance one expiry's options imply, by the strip of all its strikes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct TermVariance {
    /// Years to expiry, ACT/365.
    pub years: f64,
    /// Forward at the strike where call and put are closest.
    pub forward: f64,
    /// Highest strike at or below the forward.
    pub at_the_money: f64,
    /// Annualised variance.
    pub variance: f64,
    /// Strikes that count.
    pub n_strikes: usize,
    /// Lowest of them.
    pub lowest: f64,
    /// Highest of them.
    pub highest: f64,
}

/// How an index was made of the variances of its expiries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TermUse {
    /// Between an expiry within 30 days and one beyond.
    Interpolated,
    /// From two expiries on one side of 30 days.
    Extrapolated,
    /// From the only expiry there is, as it stands.
    Single,
}

/// A volatility index and the expiries it came from.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct VolatilityIndex {
    /// Annualised decimal: 0.1369 is an index of 13.69.
    pub volatility: f64,
    /// How.
    pub terms: TermUse,
    /// The nearer expiry.
    pub near: TermVariance,
    /// The farther one; the nearer again when it is the only one.
    pub next: TermVariance,
}

/// One day's index of a chain.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct IndexLine {
    /// Trading day.
    pub date: TradingDay,
    /// The index.
    pub index: VolatilityIndex,
}

/// The strip of one expiry.
///
/// * `pairs`: prices by strike; a price that is missing, 0 or below counts as no bid, two such strikes in a row
///   end a side.
/// * `years` ACT/365, `rate` continuously compounded.
///
/// # Errors
/// No strike with both prices at or below the forward, or fewer than three strikes that count.
pub fn term_variance(
    pairs: &[StrikePair],
    years: f64,
    rate: f64,
) -> Result<TermVariance, MarketError> {
    let mut pairs: Vec<StrikePair> = pairs.to_vec();
    pairs.sort_by(|a, b| a.strike.total_cmp(&b.strike));
    let forward = parity_forward_closest(&pairs, years, rate)?.forward;
    let has_both = |pair: &StrikePair| pair.call > 0.0 && pair.put > 0.0;
    let middle = pairs
        .iter()
        .rposition(|pair| pair.strike <= forward && has_both(pair))
        .ok_or(MarketError::TooFewStrikes { needed: 1, found: 0 })?;
    let below = bid(pairs[..middle].iter().rev().map(|pair| (pair.strike, pair.put)));
    let above = bid(pairs[middle + 1..].iter().map(|pair| (pair.strike, pair.call)));
    let mut strip: Vec<(f64, f64)> = below.into_iter().rev().collect();
    let Straddled { strike: at_the_money, mean } = Straddled::of(&pairs[middle]);
    strip.push((at_the_money, mean));
    strip.extend(above);
    if strip.len() < 3 {
        return Err(MarketError::TooFewStrikes { needed: 3, found: strip.len() });
    }

    let last = strip.len() - 1;
    let sum: f64 = (0..=last)
        .map(|i| {
            let (low, high) = (i.saturating_sub(1), (i + 1).min(last));
            let width = (strip[high].0 - strip[low].0) / (high - low) as f64;
            width / strip[i].0.powi(2) * strip[i].1
        })
        .sum();
    let growth = (rate * years).exp();
    let variance = (2.0 * growth * sum - (forward / at_the_money - 1.0).powi(2)) / years;
    let (lowest, highest) = (strip[0].0, strip[last].0);
    Ok(TermVariance {
        years,
        forward,
        at_the_money,
        variance,
        n_strikes: strip.len(),
        lowest,
        highest,
    })
}

/// The strike in the middle, which counts with both its options.
struct Straddled {
    strike: f64,
    mean: f64,
}

impl Straddled {
    fn of(pair: &StrikePair) -> Self {
        Self { strike: pair.strike, mean: 0.5 * (pair.call + pair.put) }
    }
}

/// The options with a price, walking away from the money until two in a row have none.
fn bid(options: impl Iterator<Item = (f64, f64)>) -> Vec<(f64, f64)> {
    let (mut found, mut n_without) = (Vec::new(), 0);
    for (strike, price) in options {
        if price > 0.0 {
            found.push((strike, price));
            n_without = 0;
        } else {
            n_without += 1;
            if n_without == GAP {
                break;
            }
        }
    }
    found
}

/// The index of 30 days from the strips of several expiries.
///
/// Of the expiries on both sides of 30 days the nearest two; where all lie on one side, the nearest two of
/// them, extended along the line through their total variances.
///
/// # Errors
/// No strip, or variances whose line is below 0 at 30 days.
pub fn volatility_index(strips: &[TermVariance]) -> Result<VolatilityIndex, MarketError> {
    let horizon = HORIZON_DAYS / CALENDAR_DAYS_PER_YEAR;
    let mut strips: Vec<TermVariance> = strips.to_vec();
    strips.sort_by(|a, b| a.years.total_cmp(&b.years));
    let beyond = strips.partition_point(|strip| strip.years <= horizon);
    let (near, next, terms) = match (beyond, strips.len()) {
        (_, 0) => return Err(MarketError::TooFewStrikes { needed: 1, found: 0 }),
        (_, 1) => (strips[0], strips[0], TermUse::Single),
        (0, _) => (strips[0], strips[1], TermUse::Extrapolated),
        (all, n) if all == n => (strips[n - 2], strips[n - 1], TermUse::Extrapolated),
        (k, _) => (strips[k - 1], strips[k], TermUse::Interpolated),
    };
    let variance = if terms == TermUse::Single {
        near.variance
    } else {
        let share = (next.years - horizon) / (next.years - near.years);
        let total = near.years * near.variance * share + next.years * next.variance * (1.0 - share);
        total / horizon
    };
    if variance.is_nan() || variance < 0.0 {
        return Err(MarketError::SettingOutOfRange {
            field: "variance at 30 days",
            found: variance,
            expected: "a number at or above 0",
        });
    }
    Ok(VolatilityIndex { volatility: variance.sqrt(), terms, near, next })
}

/// The index of every day of a chain, from expiries at least seven calendar days away.
///
/// A day whose quotes give no index is left out.
pub fn volatility_index_history(chain: &OptionChain, rate: f64) -> Vec<IndexLine> {
    chain
        .days()
        .filter_map(|date| {
            let strips: Vec<TermVariance> = chain
                .expiries(date)
                .into_iter()
                .filter(|&expiry| date.calendar_days_until(expiry) >= MIN_DAYS)
                .filter_map(|expiry| {
                    let years = years_until(date, expiry);
                    term_variance(&chain.pairs(date, expiry), years, rate).ok()
                })
                .collect();
            volatility_index(&strips).ok().map(|index| IndexLine { date, index })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::option::{Black76, OptionKind, black76};

    fn flat_chain(step: f64, years: f64, volatility: f64) -> Vec<StrikePair> {
        let n = (8_000.0 / step) as usize;
        (1..n)
            .map(|i| {
                let strike = 1_000.0 + step * i as f64;
                let terms = Black76 { forward: 4_000.0, strike, volatility, years, rate: 0.02 };
                let price = |kind| black76(kind, &terms).price;
                StrikePair { strike, call: price(OptionKind::Call), put: price(OptionKind::Put) }
            })
            .collect()
    }

    /// Witness: closed form. The strip of a lognormal price pays its variance; what the grid of strikes adds
    /// falls with the square of its step.
    #[test]
    fn the_strip_of_a_flat_chain_gives_its_variance() {
        let mut errors = Vec::new();
        for step in [20.0, 10.0, 5.0] {
            let strip = term_variance(&flat_chain(step, 0.1, 0.25), 0.1, 0.02).unwrap();
            errors.push((strip.variance / 0.0625 - 1.0).abs());
        }
        assert!(errors[2] < 1e-4, "{errors:?}");
        assert!(errors[0] / errors[1] > 3.5 && errors[1] / errors[2] > 3.5, "{errors:?}");
    }

    /// Witness: Cboe white paper of 2009, whose worked terms give 61.22.
    #[test]
    fn two_terms_meet_at_thirty_days() {
        let strip = |years, variance| TermVariance {
            years,
            variance,
            ..term_variance(&flat_chain(20.0, 0.1, 0.25), 0.1, 0.02).unwrap()
        };
        let index =
            volatility_index(&[strip(0.101_369_9, 0.366_818), strip(0.024_657_5, 0.472_767_9)]);
        let index = index.unwrap();
        assert_eq!(index.terms, TermUse::Interpolated);
        assert!((100.0 * index.volatility - 61.22).abs() < 0.005);
        let beyond = volatility_index(&[strip(0.1, 0.04), strip(0.2, 0.05)]).unwrap();
        assert_eq!(beyond.terms, TermUse::Extrapolated);
        let single = volatility_index(&[strip(0.1, 0.04)]).unwrap();
        assert_eq!((single.terms, single.volatility), (TermUse::Single, 0.2));
        assert!(volatility_index(&[]).is_err());
    }

    #[test]
    fn two_strikes_without_a_price_end_a_side() {
        let mut pairs = flat_chain(100.0, 0.1, 0.25);
        let at = |strike: f64| ((strike - 1_100.0) / 100.0).round() as usize;
        pairs[at(3_400.0)].put = 0.0;
        let with_gap = term_variance(&pairs, 0.1, 0.02).unwrap();
        pairs[at(3_300.0)].put = f64::NAN;
        let ended = term_variance(&pairs, 0.1, 0.02).unwrap();
        assert!(with_gap.lowest < 3_300.0);
        assert_eq!(ended.lowest, 3_500.0);
    }
}
