//! Four rules for which contract carries the hedge from the next trading day.

use serde::{Deserialize, Serialize};

use super::ledger::Position;
use crate::MarketError;
use crate::future::Mark;

/// Which contract carries the hedge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RollRule {
    /// The nearest contract, until a fixed number of trading days before its expiry.
    FixedDays,
    /// The contract with the largest open interest (volume where none is given), never back to an
    /// earlier one.
    MostTraded,
    /// The two contracts around a constant maturity, weighted so that their mean is that maturity.
    ConstantMaturity,
    /// The contract with the highest annualised basis: the cheapest to be short.
    BestCarry,
}

impl RollRule {
    /// Every rule.
    pub const ALL: [Self; 4] =
        [Self::FixedDays, Self::MostTraded, Self::ConstantMaturity, Self::BestCarry];

    /// The stable name used in tables and configs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::FixedDays => "fixed_days",
            Self::MostTraded => "most_traded",
            Self::ConstantMaturity => "constant_maturity",
            Self::BestCarry => "best_carry",
        }
    }
}

/// Settings of the roll rules.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RollConfig {
    /// Price that is traded and marked at.
    pub mark: Mark,
    /// No contract is held with this many trading days or fewer to its expiry.
    pub days_before_expiry: u32,
    /// Maturity of the constant-maturity rule, calendar days.
    pub maturity_days: u32,
    /// The best-carry rule ignores contracts nearer to expiry than this, calendar days: a rate over
    /// a few days is mostly noise.
    pub carry_min_days: u32,
    /// The best-carry rule moves only for a rate better by more than this annual decimal.
    pub carry_switch_gain: f64,
}

impl Default for RollConfig {
    /// Two trading days before expiry, 30 days of maturity, a week and one point for best carry.
    fn default() -> Self {
        Self {
            mark: Mark::Close,
            days_before_expiry: 2,
            maturity_days: 30,
            carry_min_days: 7,
            carry_switch_gain: 0.01,
        }
    }
}

impl RollConfig {
    /// Refuses settings outside their legal range.
    ///
    /// # Errors
    /// `days_before_expiry` above 10, `maturity_days` outside 1 to 180, or `carry_switch_gain`
    /// outside `[0, 1]`.
    pub fn check(&self) -> Result<(), MarketError> {
        let (days, maturity) = (self.days_before_expiry, self.maturity_days);
        let gain = self.carry_switch_gain;
        for (field, found, expected, is_legal) in [
            ("days_before_expiry", f64::from(days), "0 to 10 trading days", days <= 10),
            ("maturity_days", f64::from(maturity), "1 to 180", (1..=180).contains(&maturity)),
            ("carry_switch_gain", gain, "a decimal in [0, 1]", (0.0..=1.0).contains(&gain)),
        ] {
            if !is_legal {
                return Err(MarketError::SettingOutOfRange { field, found, expected });
            }
        }
        Ok(())
    }
}

/// A contract that can be held from tomorrow, as known at today's close.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    /// Position in the market's list of contracts.
    pub(super) index: usize,
    pub(super) days_to_expiry: i32,
    pub(super) volume: f64,
    pub(super) open_interest: f64,
    pub(super) basis_rate: f64,
}

/// What to hold from tomorrow's close. `candidates` rise in expiry; empty when nothing can be held.
pub(super) fn choose(
    rule: RollRule,
    config: &RollConfig,
    candidates: &[Candidate],
    held: &[Position],
) -> Vec<Position> {
    let whole = |chosen: Option<&Candidate>| {
        chosen.map(|c| vec![Position { index: c.index, units: 1.0 }]).unwrap_or_default()
    };
    match rule {
        RollRule::FixedDays => whole(candidates.first()),
        RollRule::MostTraded => whole(most_traded(candidates, held)),
        RollRule::ConstantMaturity => constant_maturity(candidates, config.maturity_days),
        RollRule::BestCarry => whole(best_carry(candidates, held, config)),
    }
}

fn most_traded<'a>(candidates: &'a [Candidate], held: &[Position]) -> Option<&'a Candidate> {
    let has_interest = candidates.iter().all(|c| !c.open_interest.is_nan());
    let size = |c: &Candidate| {
        let size = if has_interest { c.open_interest } else { c.volume };
        if size.is_nan() { 0.0 } else { size }
    };
    let earliest = held.first().map_or(0, |position| position.index);
    let forward = || candidates.iter().filter(move |c| c.index >= earliest);
    // Of equal sizes the nearest contract wins.
    forward().rev().max_by(|a, b| size(a).total_cmp(&size(b)))
}

fn constant_maturity(candidates: &[Candidate], maturity_days: u32) -> Vec<Position> {
    let maturity = f64::from(maturity_days);
    let days = |c: &Candidate| f64::from(c.days_to_expiry);
    let later = candidates.partition_point(|c| days(c) <= maturity);
    let alone = |c: &Candidate| vec![Position { index: c.index, units: 1.0 }];
    match (later.checked_sub(1).map(|i| &candidates[i]), candidates.get(later)) {
        (Some(near), Some(far)) => {
            let near_units = (days(far) - maturity) / (days(far) - days(near));
            let both = [(near, near_units), (far, 1.0 - near_units)];
            let held = both.iter().filter(|(_, units)| *units > 0.0);
            held.map(|(c, units)| Position { index: c.index, units: *units }).collect()
        }
        (Some(only), None) | (None, Some(only)) => alone(only),
        (None, None) => Vec::new(),
    }
}

fn best_carry<'a>(
    candidates: &'a [Candidate],
    held: &[Position],
    config: &RollConfig,
) -> Option<&'a Candidate> {
    let is_far_enough = |c: &&Candidate| c.days_to_expiry >= config.carry_min_days as i32;
    let best = candidates
        .iter()
        .filter(is_far_enough)
        .filter(|c| !c.basis_rate.is_nan())
        // Of equal rates the nearest contract wins.
        .rev()
        .max_by(|a, b| a.basis_rate.total_cmp(&b.basis_rate))
        .or(candidates.first())?;
    let current = candidates.iter().filter(is_far_enough).find(|c| {
        held.first().is_some_and(|position| position.index == c.index) && !c.basis_rate.is_nan()
    });
    match current {
        Some(c) if best.basis_rate - c.basis_rate <= config.carry_switch_gain => Some(c),
        _ => Some(best),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(index: usize, days_to_expiry: i32, volume: f64, basis_rate: f64) -> Candidate {
        Candidate { index, days_to_expiry, volume, open_interest: f64::NAN, basis_rate }
    }

    fn chosen(rule: RollRule, candidates: &[Candidate], held: usize) -> Vec<(usize, f64)> {
        let held = [Position { index: held, units: 1.0 }];
        let target = choose(rule, &RollConfig::default(), candidates, &held);
        target.iter().map(|position| (position.index, position.units)).collect()
    }

    /// By hand: 30 days lie a quarter of the way from 20 to 60, so three quarters stay near.
    #[test]
    fn each_rule_picks_its_contract() {
        let listed = [
            candidate(4, 20, 50.0, -0.30),
            candidate(5, 60, 90.0, -0.12),
            candidate(6, 120, 70.0, -0.115),
        ];
        assert_eq!(chosen(RollRule::FixedDays, &listed, 3), [(4, 1.0)]);
        assert_eq!(chosen(RollRule::MostTraded, &listed, 4), [(5, 1.0)]);
        assert_eq!(chosen(RollRule::MostTraded, &listed, 6), [(6, 1.0)]);
        assert_eq!(chosen(RollRule::ConstantMaturity, &listed, 4), [(4, 0.75), (5, 0.25)]);
        assert_eq!(chosen(RollRule::BestCarry, &listed, 4), [(6, 1.0)]);
        // Half a point better is not worth a trade.
        assert_eq!(chosen(RollRule::BestCarry, &listed, 5), [(5, 1.0)]);
        assert!(chosen(RollRule::FixedDays, &[], 3).is_empty());
    }

    #[test]
    fn maturities_all_on_one_side_take_the_nearest_to_it() {
        let far = [candidate(1, 40, 1.0, 0.0), candidate(2, 70, 1.0, 0.0)];
        assert_eq!(chosen(RollRule::ConstantMaturity, &far, 1), [(1, 1.0)]);
        let near = [candidate(1, 10, 1.0, 0.0), candidate(2, 20, 1.0, 0.0)];
        assert_eq!(chosen(RollRule::ConstantMaturity, &near, 1), [(2, 1.0)]);
    }

    #[test]
    fn illegal_settings_are_refused_with_their_range() {
        let config = RollConfig { maturity_days: 0, ..RollConfig::default() };
        assert!(config.check().unwrap_err().to_string().contains("`maturity_days` is 0"));
        let config = RollConfig { carry_switch_gain: f64::NAN, ..RollConfig::default() };
        assert!(config.check().is_err());
    }
}
