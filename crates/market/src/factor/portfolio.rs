//! What holding a quantile would have earned, with its turnover and costs.
//!
//! Capital is split into as many sleeves as days held; each day one sleeve is formed anew and the
//! others drift (Jegadeesh and Titman 1993). What a close says is traded at the next one, unless
//! asked otherwise. `turnover = 1/2 sum |w - w_drifted|` of the whole, and each CNY bought or sold
//! pays `cost_rate`. A stock without a price keeps its last one; an excluded stock is neither bought
//! nor sold that day, so a holding stays frozen until it can be traded.

use serde::{Deserialize, Serialize};

use super::FactorPanel;
use crate::MarketError;
use crate::error::require_setting;

/// At which close a sleeve is formed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TradeAt {
    /// The one after the signal: what can be done.
    #[default]
    NextClose,
    /// The signal's own, as the mean returns of an evaluation assume.
    SameClose,
}

/// How a quantile is held. A value of this type is always legal.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "RawHolding")]
pub struct Holding {
    days: usize,
    trade_at: TradeAt,
    cost_rate: f64,
}

/// The same words as in the file, not yet believed.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RawHolding {
    /// Trading days a sleeve is held.
    days: usize,
    /// At which close it is formed.
    trade_at: TradeAt,
    /// Decimal paid on each CNY bought or sold.
    cost_rate: f64,
}

impl Default for RawHolding {
    fn default() -> Self {
        Self { days: 20, trade_at: TradeAt::default(), cost_rate: 0.0015 }
    }
}

impl Default for Holding {
    /// A month, formed at the next close, 15 basis points a side.
    fn default() -> Self {
        Self::try_from(RawHolding::default()).expect("the defaults are legal")
    }
}

impl TryFrom<RawHolding> for Holding {
    type Error = MarketError;

    fn try_from(raw: RawHolding) -> Result<Self, MarketError> {
        Self::new(raw.days, raw.trade_at, raw.cost_rate)
    }
}

impl Holding {
    /// Held for so many days, one sleeve formed each day.
    ///
    /// # Errors
    /// `days` outside 1 to 250, or a `cost_rate` outside `[0, 0.1]`.
    pub fn new(days: usize, trade_at: TradeAt, cost_rate: f64) -> Result<Self, MarketError> {
        require_setting("days", days as f64, "1 to 250 trading days", (1..=250).contains(&days))?;
        let is_rate = (0.0..=0.1).contains(&cost_rate);
        require_setting(
            "cost_rate",
            cost_rate,
            "a decimal in [0, 0.1] (15 bp is 0.0015)",
            is_rate,
        )?;
        Ok(Self { days, trade_at, cost_rate })
    }

    fn delay(&self) -> usize {
        usize::from(self.trade_at == TradeAt::NextClose)
    }
}

/// A quantile held over the days of a panel.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Portfolio {
    /// Simple return of each day before costs; NaN while nothing is held.
    pub gross_return: Vec<f64>,
    /// After costs.
    pub net_return: Vec<f64>,
    /// One-way share of the whole traded at each close.
    pub turnover: Vec<f64>,
    /// Share of the whole paid for it.
    pub cost: Vec<f64>,
}

impl Portfolio {
    /// What a short seller of the portfolio pays away: its gross return and the costs of its trades.
    pub fn owed_return(&self) -> Vec<f64> {
        self.gross_return.iter().zip(&self.cost).map(|(&gross, &cost)| net(gross, -cost)).collect()
    }
}

/// Holds the stocks marked `true`, day-major, weighted equally or in proportion to `weight`.
///
/// Missing: a member without a price or a positive weight at the close it is traded is not bought; a
/// day without any member leaves the sleeve as it is.
///
/// # Errors
/// A shape that is not the panel's.
pub fn hold(
    panel: &FactorPanel,
    is_member: &[bool],
    weight: Option<&[f64]>,
    holding: &Holding,
) -> Result<Portfolio, MarketError> {
    panel.require_shape("is_member", is_member.len())?;
    panel.require_shape("weight", weight.map_or(is_member.len(), <[_]>::len))?;
    let n_days = panel.days.len();
    let mut sleeves = vec![Sleeve::default(); holding.days];
    let mut traded = vec![0.0; panel.n_stocks];
    let (mut gross_return, mut turnover) = (Vec::new(), Vec::new());
    for day in 0..n_days {
        let before = total(&sleeves);
        for sleeve in &mut sleeves {
            sleeve.mark(panel.row(panel.price, day));
        }
        let after = total(&sleeves);
        gross_return.push(if before > 0.0 { after / before - 1.0 } else { f64::NAN });
        let bought_and_sold = match day.checked_sub(holding.delay()) {
            Some(signal) => {
                let close = Close::of(panel, is_member, weight, signal, day);
                sleeves[day % holding.days].form(&close, &mut traded)
            }
            None => 0.0,
        };
        let share = bought_and_sold / total(&sleeves).max(f64::MIN_POSITIVE);
        turnover.push(share / 2.0);
    }
    let cost: Vec<f64> = turnover.iter().map(|share| 2.0 * share * holding.cost_rate).collect();
    let net_return =
        gross_return.iter().zip(&cost).map(|(&gross, &cost)| net(gross, cost)).collect();
    Ok(Portfolio { gross_return, net_return, turnover, cost })
}

/// The first purchase has costs before there is a return.
fn net(gross: f64, cost: f64) -> f64 {
    if gross.is_nan() && cost == 0.0 {
        return f64::NAN;
    }
    let gross = if gross.is_nan() { 0.0 } else { gross };
    (1.0 + gross) * (1.0 - cost) - 1.0
}

fn total(sleeves: &[Sleeve]) -> f64 {
    sleeves.iter().map(Sleeve::value).sum()
}

/// The market at one close, and who should be held from then.
struct Close<'a> {
    price: &'a [f64],
    is_excluded: Option<&'a [bool]>,
    is_member: &'a [bool],
    weight: Option<&'a [f64]>,
}

impl<'a> Close<'a> {
    fn of(
        panel: &FactorPanel<'a>,
        is_member: &'a [bool],
        weight: Option<&'a [f64]>,
        signal: usize,
        day: usize,
    ) -> Self {
        Self {
            price: panel.row(panel.price, day),
            is_excluded: panel.is_excluded.map(|mask| panel.row(mask, day)),
            is_member: panel.row(is_member, signal),
            weight: weight.map(|weight| panel.row(weight, signal)),
        }
    }

    fn can_trade(&self, stock: usize) -> bool {
        self.price[stock] > 0.0 && !self.is_excluded.is_some_and(|mask| mask[stock])
    }

    /// Weight of a stock to buy; zero for the others.
    fn wanted(&self, stock: usize) -> f64 {
        let weight = self.weight.map_or(1.0, |weight| weight[stock]);
        let is_wanted = self.is_member[stock] && self.can_trade(stock) && weight > 0.0;
        if is_wanted { weight } else { 0.0 }
    }
}

/// Some capital and what it is in; one unit of cash before it is first formed.
#[derive(Debug, Clone)]
struct Sleeve {
    cash: f64,
    positions: Vec<Position>,
}

#[derive(Debug, Clone, Copy)]
struct Position {
    stock: u32,
    value: f64,
    last_price: f64,
}

impl Default for Sleeve {
    fn default() -> Self {
        Self { cash: 1.0, positions: Vec::new() }
    }
}

impl Sleeve {
    /// Cash waiting for its first purchase does not count.
    fn value(&self) -> f64 {
        self.positions.iter().map(|position| position.value).sum()
    }

    fn mark(&mut self, price: &[f64]) {
        for position in &mut self.positions {
            let now = price[position.stock as usize];
            if !now.is_nan() {
                position.value *= now / position.last_price;
                position.last_price = now;
            }
        }
    }

    /// Sells what can be sold, buys what is wanted, and says how much changed hands. `traded` is
    /// scratch of one zero a stock.
    fn form(&mut self, close: &Close, traded: &mut [f64]) -> f64 {
        let wanted: f64 = (0..traded.len()).map(|stock| close.wanted(stock)).sum();
        if wanted == 0.0 {
            return 0.0;
        }
        let can_sell = |position: &Position| close.can_trade(position.stock as usize);
        let sold = self.positions.iter().filter(|position| can_sell(position));
        let mut budget = self.cash;
        for position in sold {
            budget += position.value;
            traded[position.stock as usize] -= position.value;
        }
        self.positions.retain(|position| !can_sell(position));
        self.cash = 0.0;
        for (stock, change) in traded.iter_mut().enumerate() {
            let value = budget * close.wanted(stock) / wanted;
            if value > 0.0 {
                let last_price = close.price[stock];
                self.positions.push(Position { stock: stock as u32, value, last_price });
                *change += value;
            }
        }
        traded.iter_mut().map(|change| std::mem::take(change).abs()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shoals_core::{TradingDay, day};

    fn days(n: u32) -> Vec<TradingDay> {
        (1..=n).map(|d| day(2024, 1, d)).collect()
    }

    fn close_to(ours: &[f64], by_hand: &[f64]) {
        assert_eq!(ours.len(), by_hand.len());
        for (ours, by_hand) in ours.iter().zip(by_hand) {
            let is_same = (ours - by_hand).abs() < 1e-14 || (ours.is_nan() && by_hand.is_nan());
            assert!(is_same, "{ours} {by_hand}");
        }
    }

    /// By hand: two stocks, the first held, then the second; all is sold and bought on day 3.
    #[test]
    fn a_switch_of_everything_turns_over_once_and_costs_twice() {
        let days = days(4);
        let price = [1.0, 1.0, 1.1, 1.0, 1.1, 1.0, 9.9, 1.2];
        let factor = [0.0; 8];
        let panel = FactorPanel::new(&days, &factor, &price).unwrap();
        let is_member = [true, false, false, true, false, true, false, true];
        let holding = Holding::new(1, TradeAt::NextClose, 0.01).unwrap();
        let portfolio = hold(&panel, &is_member, None, &holding).unwrap();
        close_to(&portfolio.gross_return, &[f64::NAN, f64::NAN, 0.0, 0.2]);
        close_to(&portfolio.turnover, &[0.0, 0.5, 1.0, 0.0]);
        close_to(&portfolio.net_return, &[f64::NAN, -0.01, -0.02, 0.2]);
        close_to(&portfolio.owed_return(), &[f64::NAN, 0.01, 0.02, 0.2]);
        let at_once = Holding::new(1, TradeAt::SameClose, 0.0).unwrap();
        let portfolio = hold(&panel, &is_member, None, &at_once).unwrap();
        close_to(&portfolio.gross_return, &[f64::NAN, 0.1, 0.0, 0.2]);
    }

    /// By hand: weights 1 to 3 on prices that double on one side; the drift needs no trade.
    #[test]
    fn weights_drift_between_formations() {
        let days = days(3);
        let price = [1.0, 1.0, 2.0, 1.0, 2.0, 2.0];
        let panel = FactorPanel::new(&days, &price, &price).unwrap();
        let weight = [1.0, 3.0].repeat(3);
        let holding = Holding::new(2, TradeAt::SameClose, 0.0).unwrap();
        let portfolio = hold(&panel, &[true; 6], Some(&weight), &holding).unwrap();
        // The first sleeve is worth 5/4 after a day, the second starts then with one.
        close_to(&portfolio.gross_return, &[f64::NAN, 0.25, (0.5 + 1.5 + 0.25 + 1.5) / 2.25 - 1.0]);
    }

    /// A holding that cannot be traded is neither sold nor marked until it is quoted again.
    #[test]
    fn a_frozen_stock_stays_and_is_valued_at_its_last_price() {
        let days = days(4);
        let price = [1.0, 1.0, f64::NAN, 1.0, f64::NAN, 1.0, 0.5, 1.0];
        let panel = FactorPanel::new(&days, &price, &price).unwrap();
        let is_member = [true, false, false, true, false, true, false, true];
        let holding = Holding::new(1, TradeAt::SameClose, 0.0).unwrap();
        let portfolio = hold(&panel, &is_member, None, &holding).unwrap();
        close_to(&portfolio.gross_return, &[f64::NAN, 0.0, 0.0, -0.5]);
        close_to(&portfolio.turnover, &[0.5, 0.0, 0.0, 1.0]);
    }

    #[test]
    fn illegal_holdings_are_refused() {
        assert!(Holding::new(0, TradeAt::NextClose, 0.0).is_err());
        assert!(Holding::new(5, TradeAt::NextClose, 15.0).is_err());
        assert!(serde_json::from_str::<Holding>(r#"{"cost":0.1}"#).is_err());
    }
}
