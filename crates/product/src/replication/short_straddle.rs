//! One short straddle from its sale to its purchase, whatever it is priced from.

use shoals_core::TradingDay;

use super::Roll;
use super::chain::Chain;
use super::model::Model;
use super::outcome::TradeAction;
use super::terms::StraddleLeg;
use crate::Error;

/// Ledger days without a quote after which a held straddle is given up at its last mark.
const PATIENCE_DAYS: u32 = 2;

/// A straddle that could be sold at a close.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Offer {
    pub expiry: TradingDay,
    pub strike: f64,
    /// Forward of the underlying for the expiry.
    pub forward: f64,
    /// Value of one call and one put.
    pub value: f64,
    /// Volatility that value implies.
    pub volatility: f64,
}

/// A straddle held short.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct ShortStraddle {
    pub offer: Offer,
    /// Straddles sold, per unit of the underlying.
    pub quantity: f64,
    /// Last mark of one straddle.
    pub value: f64,
    /// Forward at the last mark; NaN when the chain gave none.
    pub forward: f64,
    /// Volatility at the last mark; NaN when the chain gave none.
    pub volatility: f64,
    /// Last trading day before expiry, when it is bought back.
    roll_on: TradingDay,
    n_days_unquoted: u32,
    is_off_strike: bool,
}

/// What straddles are priced from.
pub(super) enum Pricer<'a> {
    Model(Model<'a>),
    Chain(Chain<'a>),
}

/// A mark of a held straddle: its value, the forward it stands at and the volatility it implies.
pub(super) struct Mark {
    pub value: f64,
    pub forward: f64,
    pub volatility: f64,
}

impl Pricer<'_> {
    /// The straddle the terms would sell at the close of `day`; none when nothing is quoted.
    pub(super) fn offer(&self, day: TradingDay) -> Result<Option<Offer>, Error> {
        match self {
            Self::Model(model) => model.offer(day).map(Some),
            Self::Chain(chain) => chain.offer(day),
        }
    }

    fn mark(&self, held: &ShortStraddle, day: TradingDay) -> Option<Mark> {
        match self {
            Self::Model(model) => Some(model.mark(&held.offer, day)),
            Self::Chain(chain) => chain.mark(&held.offer, held.value, day),
        }
    }

    /// Whether prices exist on `day` to begin with.
    pub(super) fn is_priced(&self, day: TradingDay) -> bool {
        match self {
            Self::Model(model) => model.is_priced(day),
            Self::Chain(chain) => chain.is_priced(day),
        }
    }
}

impl ShortStraddle {
    pub(super) fn sell(offer: Offer, quantity: f64, roll_on: TradingDay) -> Self {
        let Offer { value, forward, volatility, .. } = offer;
        let (n_days_unquoted, is_off_strike) = (0, false);
        Self {
            offer,
            quantity,
            value,
            forward,
            volatility,
            roll_on,
            n_days_unquoted,
            is_off_strike,
        }
    }

    /// What the position owes, a positive magnitude.
    pub(super) fn liability(&self) -> f64 {
        self.quantity * self.value
    }

    /// Moves the mark to the close of `day`; returns the gain and why the position must be renewed now.
    ///
    /// The distance from the strike seen at this close re-strikes at the next.
    pub(super) fn mark(
        &mut self,
        pricer: &Pricer,
        leg: &StraddleLeg,
        day: TradingDay,
    ) -> (f64, Option<TradeAction>) {
        let was_off_strike = self.is_off_strike;
        let before = self.liability();
        if let Some(mark) = pricer.mark(self, day) {
            (self.value, self.forward, self.volatility) =
                (mark.value, mark.forward, mark.volatility);
            self.n_days_unquoted = 0;
            let distance = (mark.forward / self.offer.strike - 1.0).abs();
            self.is_off_strike = leg.roll == Roll::Restrike && distance > leg.restrike_threshold;
        } else {
            self.n_days_unquoted += 1;
        }
        let reason = if day >= self.roll_on {
            Some(TradeAction::BoughtBackBeforeExpiry)
        } else if self.n_days_unquoted >= PATIENCE_DAYS {
            Some(TradeAction::GivenUpUnquoted)
        } else if was_off_strike && self.n_days_unquoted == 0 {
            Some(TradeAction::BoughtBackToRestrike)
        } else {
            None
        };
        (before - self.liability(), reason)
    }
}
