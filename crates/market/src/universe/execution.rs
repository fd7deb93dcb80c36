//! What of an order in a stock a day fills, what holds up the rest, and what trading costs.
//!
//! One home for every ledger of shares: the implementable index and the book of a swap.

use shoals_core::{Rules, TradingDay};

use super::{Reason, Reasons, StockMarket};
use crate::MarketError;

/// What trading shares costs on a day, fractions of the amount.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StockCosts {
    /// Commission, either side.
    pub commission: f64,
    /// Stamp duty on purchases.
    pub buy_duty: f64,
    /// Stamp duty on sales.
    pub sell_duty: f64,
    /// The user's own cost, either side.
    pub slippage: f64,
    /// Trading days until bought shares may be sold (T+1 is 1).
    pub sell_after_days: usize,
}

impl StockCosts {
    /// What the rules say of `day`.
    ///
    /// # Errors
    /// A day before the first rule of a cost.
    pub fn on(day: TradingDay, slippage: f64, rules: &Rules) -> Result<Self, MarketError> {
        let duty = rules.stamp_duty(day)?;
        Ok(Self {
            commission: rules.commission(day)?.rate,
            buy_duty: duty.buy,
            sell_duty: duty.sell,
            slippage,
            sell_after_days: rules.settlement(day)?.sell_after_days as usize,
        })
    }

    /// Everything a purchase costs.
    pub fn of_buying(&self) -> f64 {
        self.commission + self.buy_duty + self.slippage
    }

    /// Everything a sale costs.
    pub fn of_selling(&self) -> f64 {
        self.commission + self.sell_duty + self.slippage
    }
}

/// Most that a day's order may take of a stock: a share of its average daily amount.
#[derive(Debug, Clone, Copy)]
pub struct Participation<'a> {
    amount: Option<&'a [f64]>,
    width: usize,
    share: f64,
    average_days: usize,
}

impl<'a> Participation<'a> {
    /// `share` of the mean amount of the `average_days` days before; an infinite share bounds nothing.
    ///
    /// # Errors
    /// No column `amount` under a bounded share.
    pub fn of(
        market: &'a StockMarket,
        share: f64,
        average_days: usize,
    ) -> Result<Self, MarketError> {
        let amount = share.is_finite().then(|| market.needed("amount")).transpose()?;
        Ok(Self { amount, width: market.symbols().len(), share, average_days })
    }

    /// The same, with the mean amount known under an infinite share too.
    ///
    /// # Errors
    /// No column `amount`.
    pub fn measured(
        market: &'a StockMarket,
        share: f64,
        average_days: usize,
    ) -> Result<Self, MarketError> {
        let amount = Some(market.needed("amount")?);
        Ok(Self { amount, width: market.symbols().len(), share, average_days })
    }

    /// Most that may be traded of a stock on day `t`, CNY, from the amounts of the days before.
    pub fn room(&self, t: usize, symbol_index: usize) -> f64 {
        if self.share.is_infinite() {
            return f64::INFINITY;
        }
        self.share * self.mean_amount(t, symbol_index)
    }

    /// Mean amount of the days before `t`, CNY; infinite where it is not measured.
    ///
    /// Missing: days without an amount are left out of the mean; 0 when there is none at all.
    pub fn mean_amount(&self, t: usize, symbol_index: usize) -> f64 {
        let Some(amount) = self.amount else { return f64::INFINITY };
        let days = t.saturating_sub(self.average_days)..t;
        let (mut sum, mut n) = (0.0, 0);
        for value in days.map(|day| amount[day * self.width + symbol_index]) {
            if !value.is_nan() {
                sum += value;
                n += 1;
            }
        }
        if n == 0 { 0.0 } else { sum / f64::from(n) }
    }
}

/// What held up an order, or part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HeldUp {
    /// Bought too lately to be sold.
    TPlusOne,
    /// No price that day.
    NoPrice,
    /// Suspended all day.
    Suspended,
    /// Sealed at the lower limit: nobody buys.
    LimitDown,
    /// Cut to the share of the average daily amount.
    Participation,
}

impl HeldUp {
    /// The stable name used in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::TPlusOne => "t_plus_one",
            Self::NoPrice => "no_price",
            Self::Suspended => "suspended",
            Self::LimitDown => "limit_down",
            Self::Participation => "participation",
        }
    }
}

/// Units sold of `wanted`, and what held up the rest.
///
/// * `wanted`: above 0; `sellable`: units not locked by the settlement rule.
/// * `reasons`: of the day of trading; `room`: most units that participation leaves.
///
/// # Example
/// ```
/// use shoals_market::universe::{HeldUp, Reason, Reasons, sale};
///
/// assert_eq!(sale(10.0, 10.0, Reasons::default(), 4.0), (4.0, Some(HeldUp::Participation)));
/// let sealed = Reasons::of(&[Reason::LimitDown]);
/// assert_eq!(sale(10.0, 10.0, sealed, 4.0), (0.0, Some(HeldUp::LimitDown)));
/// ```
pub fn sale(wanted: f64, sellable: f64, reasons: Reasons, room: f64) -> (f64, Option<HeldUp>) {
    if !reasons.can_sell() {
        let held_up = if reasons.has(Reason::Suspended) {
            HeldUp::Suspended
        } else if reasons.has(Reason::NoPrice) {
            HeldUp::NoPrice
        } else {
            HeldUp::LimitDown
        };
        return (0.0, Some(held_up));
    }
    let allowed = wanted.min(sellable);
    if allowed <= 0.0 {
        return (0.0, Some(HeldUp::TPlusOne));
    }
    let units = allowed.min(room);
    let held_up = if units < allowed {
        Some(HeldUp::Participation)
    } else {
        (units < wanted).then_some(HeldUp::TPlusOne)
    };
    (units, held_up)
}
