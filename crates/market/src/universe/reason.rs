//! The reasons against a stock on a day.

use serde::{Deserialize, Serialize};

/// Why a stock could not be chosen, bought or sold on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// No price: not listed yet, delisted, or no record.
    NoPrice,
    /// Trading was suspended all day.
    Suspended,
    /// ST or *ST.
    SpecialTreatment,
    /// In its delisting period, by name.
    Delisting,
    /// Listed too short a time.
    Young,
    /// On the Beijing exchange.
    Beijing,
    /// Left out by the user's own filter.
    Excluded,
    /// Closed at its upper limit: nobody sells.
    LimitUp,
    /// Closed at its lower limit: nobody buys.
    LimitDown,
    /// First day of a listing bound to the issue price: sealed for buyers.
    IssuePriceBound,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 10] = [
        Self::NoPrice,
        Self::Suspended,
        Self::SpecialTreatment,
        Self::Delisting,
        Self::Young,
        Self::Beijing,
        Self::Excluded,
        Self::LimitUp,
        Self::LimitDown,
        Self::IssuePriceBound,
    ];

    /// The stable name used in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoPrice => "no_price",
            Self::Suspended => "suspended",
            Self::SpecialTreatment => "special_treatment",
            Self::Delisting => "delisting",
            Self::Young => "young",
            Self::Beijing => "beijing",
            Self::Excluded => "excluded",
            Self::LimitUp => "limit_up",
            Self::LimitDown => "limit_down",
            Self::IssuePriceBound => "issue_price_bound",
        }
    }
}

/// A set of reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reasons(u16);

impl Reasons {
    /// Against buying.
    const BUY: Self =
        Self::of(&[Reason::NoPrice, Reason::Suspended, Reason::LimitUp, Reason::IssuePriceBound]);
    /// Against selling.
    const SELL: Self = Self::of(&[Reason::NoPrice, Reason::Suspended, Reason::LimitDown]);
    /// Against trading only: such a stock may be chosen.
    const TRADE_ONLY: Self =
        Self::of(&[Reason::LimitUp, Reason::LimitDown, Reason::IssuePriceBound]);

    /// The set of these reasons.
    pub const fn of(reasons: &[Reason]) -> Self {
        let (mut bits, mut k) = (0, 0);
        while k < reasons.len() {
            bits |= 1 << reasons[k] as u16;
            k += 1;
        }
        Self(bits)
    }

    /// Adds `reason` where it holds.
    pub(super) fn add(&mut self, reason: Reason, holds: bool) {
        self.0 |= u16::from(holds) << reason as u16;
    }

    /// Whether `reason` is among them.
    pub const fn has(self, reason: Reason) -> bool {
        self.0 & (1 << reason as u16) != 0
    }

    /// The reasons, in the order of [`Reason::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Reason> {
        Reason::ALL.into_iter().filter(move |&reason| self.has(reason))
    }

    /// Whether the stock may be chosen.
    pub const fn is_eligible(self) -> bool {
        self.0 & !Self::TRADE_ONLY.0 == 0
    }

    /// Whether the stock may be chosen if `reason` does not count.
    pub const fn is_eligible_but_for(self, reason: Reason) -> bool {
        Self(self.0 & !(1 << reason as u16)).is_eligible()
    }

    /// Whether shares could be bought at the close.
    pub const fn can_buy(self) -> bool {
        self.0 & Self::BUY.0 == 0
    }

    /// Whether shares could be sold at the close.
    pub const fn can_sell(self) -> bool {
        self.0 & Self::SELL.0 == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_stops_one_side_and_choosing_neither() {
        let up = Reasons::of(&[Reason::LimitUp]);
        assert!((up.is_eligible(), up.can_buy(), up.can_sell()) == (true, false, true));
        let down = Reasons::of(&[Reason::LimitDown]);
        assert!((down.is_eligible(), down.can_buy(), down.can_sell()) == (true, true, false));
    }

    #[test]
    fn special_treatment_stops_choosing_but_not_leaving() {
        let st = Reasons::of(&[Reason::SpecialTreatment, Reason::Young]);
        assert!((st.is_eligible(), st.can_buy(), st.can_sell()) == (false, true, true));
        assert_eq!(st.iter().map(Reason::name).collect::<Vec<_>>(), ["special_treatment", "young"]);
        let suspended = Reasons::of(&[Reason::Suspended]);
        assert!(!suspended.is_eligible() && !suspended.can_buy() && !suspended.can_sell());
    }
}
