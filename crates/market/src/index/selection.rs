//! Which names the index holds after each rebalancing.

use rayon::prelude::*;
use shoals_core::{Calendar, CoreError};

use super::MicroCapConfig;
use crate::MarketError;
use crate::universe::{MarketCap, Reasons, StockMarket, Tradability};

/// The members of an index after each rebalancing. Days without an eligible stock have none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    day_indices: Vec<usize>,
    offsets: Vec<usize>,
    members: Vec<u32>,
}

impl Membership {
    /// Position among the market's days of every rebalancing, rising.
    pub fn day_indices(&self) -> &[usize] {
        &self.day_indices
    }

    /// The members after the `k`-th rebalancing: positions among the market's symbols, rising.
    pub fn members(&self, k: usize) -> &[u32] {
        &self.members[self.offsets[k]..self.offsets[k + 1]]
    }

    /// The members chosen at the close of a day, when it is a day of rebalancing with any.
    pub fn chosen_on(&self, day_index: usize) -> Option<&[u32]> {
        let k = self.day_indices.binary_search(&day_index).ok()?;
        Some(self.members(k)).filter(|members| !members.is_empty())
    }

    /// The members in force after the close of a day; none before the first.
    pub fn held_on(&self, day_index: usize) -> Option<&[u32]> {
        let n = self.day_indices.partition_point(|&t| t <= day_index);
        (0..n).rev().map(|k| self.members(k)).find(|members| !members.is_empty())
    }

    /// The first day with members.
    ///
    /// # Errors
    /// When no day has any.
    pub fn first_day_index(&self) -> Result<usize, MarketError> {
        let first = (0..self.day_indices.len()).find(|&k| !self.members(k).is_empty());
        first.map(|k| self.day_indices[k]).ok_or(MarketError::NoEligibleStock)
    }
}

/// Chooses the members at the close of the first day and of every day of rebalancing.
///
/// The smallest `n_names` of the eligible stocks with a capitalisation, ties by symbol order; with a
/// buffer, members within `n_names + buffer` come before newcomers beyond `n_names - buffer`. Days are
/// independent up to the buffer and run in parallel by partial selection, without sorting a whole day.
///
/// # Errors
/// When the market has no such capitalisation, or a day lies outside the calendar.
pub fn select(
    market: &StockMarket,
    tradability: &Tradability,
    config: &MicroCapConfig,
    calendar: &Calendar,
) -> Result<Membership, MarketError> {
    let caps = MarketCapRows::of(market, config.market_cap)?;
    let day_indices = rebalance_days(market, config, calendar)?;
    let depth = config.n_names + config.buffer;
    let mut ranked = vec![NOBODY; day_indices.len() * depth];
    ranked.par_chunks_mut(depth).zip(&day_indices).for_each_init(Vec::new, |scratch, (out, &t)| {
        smallest(caps.row(t), tradability.row(t), scratch, out);
    });
    Ok(keep_members(&ranked, day_indices, config, market.symbols().len()))
}

/// Marks a place in the ranking that no stock fills.
const NOBODY: u32 = u32::MAX;

fn rebalance_days(
    market: &StockMarket,
    config: &MicroCapConfig,
    calendar: &Calendar,
) -> Result<Vec<usize>, CoreError> {
    let mut chosen = Vec::new();
    for (t, &day) in market.days().iter().enumerate() {
        if t == 0 || config.rebalance.falls_on(day, calendar)? {
            chosen.push(t);
        }
    }
    Ok(chosen)
}

/// One capitalisation, row by row.
pub(super) struct MarketCapRows<'a> {
    values: &'a [f64],
    width: usize,
}

impl<'a> MarketCapRows<'a> {
    pub(super) fn of(market: &'a StockMarket, which: MarketCap) -> Result<Self, MarketError> {
        Ok(Self { values: market.needed(which.column())?, width: market.symbols().len() })
    }

    pub(super) fn row(&self, day_index: usize) -> &'a [f64] {
        &self.values[day_index * self.width..(day_index + 1) * self.width]
    }
}

/// Fills `out` with the smallest eligible stocks, smallest first.
fn smallest(caps: &[f64], reasons: &[Reasons], scratch: &mut Vec<(u64, u32)>, out: &mut [u32]) {
    scratch.clear();
    for (i, (&cap, reasons)) in caps.iter().zip(reasons).enumerate() {
        if cap > 0.0 && reasons.is_eligible() {
            // Positive floats order as their bits do.
            scratch.push((cap.to_bits(), i as u32));
        }
    }
    if scratch.len() > out.len() {
        scratch.select_nth_unstable(out.len() - 1);
        scratch.truncate(out.len());
    }
    scratch.sort_unstable();
    for (place, &(_, symbol)) in out.iter_mut().zip(scratch.iter()) {
        *place = symbol;
    }
}

/// Applies the buffer rule, rebalancing after rebalancing.
fn keep_members(
    ranked: &[u32],
    day_indices: Vec<usize>,
    config: &MicroCapConfig,
    n_symbols: usize,
) -> Membership {
    let (n_names, buffer) = (config.n_names, config.buffer);
    let mut is_member = vec![false; n_symbols];
    let (mut offsets, mut members) = (vec![0], Vec::with_capacity(ranked.len()));
    for row in ranked.chunks(n_names + buffer) {
        let first = members.len();
        let row = &row[..row.iter().position(|&i| i == NOBODY).unwrap_or(row.len())];
        let (sure, rest) = row.split_at(row.len().min(n_names - buffer));
        let stay = rest.iter().filter(|&&i| is_member[i as usize]);
        let enter = rest.iter().filter(|&&i| !is_member[i as usize]);
        members.extend(sure.iter().chain(stay).chain(enter).take(n_names));
        members[first..].sort_unstable();
        is_member.fill(false);
        members[first..].iter().for_each(|&i| is_member[i as usize] = true);
        offsets.push(members.len());
    }
    Membership { day_indices, offsets, members }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::MicroCapWords;
    use crate::universe::Reason;

    fn ranks(caps: &[f64], reasons: &[Reasons], n: usize) -> Vec<u32> {
        let mut out = vec![NOBODY; n];
        smallest(caps, reasons, &mut Vec::new(), &mut out);
        out
    }

    #[test]
    fn the_smallest_eligible_come_first_and_ties_follow_the_symbols() {
        let free = Reasons::default();
        let st = Reasons::of(&[Reason::SpecialTreatment]);
        let sealed = Reasons::of(&[Reason::LimitUp]);
        let caps = [5.0, 1.0, 3.0, 3.0, f64::NAN, 2.0];
        assert_eq!(ranks(&caps, &[free, st, free, sealed, free, free], 3), [5, 2, 3]);
        assert_eq!(ranks(&caps, &[st; 6], 2), [NOBODY; 2]);
    }

    fn members(ranked: &[u32], n_names: usize, buffer: usize) -> Membership {
        let words = MicroCapWords { n_names, buffer, ..MicroCapWords::default() };
        let n_days = ranked.len() / (n_names + buffer);
        keep_members(ranked, (0..n_days).collect(), &words.try_into().unwrap(), 9)
    }

    #[test]
    fn a_buffer_keeps_a_member_that_slips_a_little() {
        // Stock 3 slips to fourth place: it stays with a buffer of one, and goes without.
        let with = members(&[1, 2, 3, 4, 1, 2, 4, 3], 3, 1);
        assert_eq!(with.members(1), [1, 2, 3]);
        let without = members(&[1, 2, 3, 1, 2, 4], 3, 0);
        assert_eq!(without.members(1), [1, 2, 4]);
        // A newcomer within the smallest two enters at once.
        let newcomer = members(&[1, 2, 3, 4, 5, 1, 2, 3], 3, 1);
        assert_eq!(newcomer.members(1), [1, 2, 5]);
    }

    #[test]
    fn a_day_without_anyone_keeps_the_members_before() {
        let membership = members(&[NOBODY, NOBODY, 1, NOBODY, NOBODY, NOBODY], 2, 0);
        assert_eq!(membership.first_day_index().unwrap(), 1);
        assert_eq!(membership.held_on(2), Some(&[1][..]));
        assert_eq!((membership.held_on(0), membership.chosen_on(2)), (None, None));
    }
}
