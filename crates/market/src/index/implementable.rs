//! The index as money could follow it: a ledger under the rules of the market.
//!
//! What is decided at the close of a day is ordered for the next one and filled at its close, as far as
//! the market lets it: nothing is bought at the upper limit or sold at the lower one, nothing trades while
//! suspended, shares bought are sold no sooner than the settlement rule allows (T+1), and a day's order in
//! a name takes at most `participation` of its average daily amount. What is not filled is carried over
//! until it is, or until the next rebalancing decides anew. Selling pays commission, stamp duty and
//! slippage, buying commission (duty where the date's rule says so) and slippage, and every order pays
//! for moving its price ([`crate::impact`]); purchases are cut in proportion when cash does not reach.
//!
//! Every day: cash + positions = nav, and price gains less the four costs are its change.
//!
//! Shares may be fractions, and dividends are reinvested in the name that pays them, since positions are
//! counted at adjusted prices.

use serde::Serialize;
use shoals_core::{Rules, TradingDay};

use super::selection::MarketCapRows;
use super::{Implementation, Membership, MicroCapConfig};
use crate::MarketError;
use crate::impact::PriceImpact;
use crate::universe::{HeldUp, Participation, StockCosts, StockMarket, Tradability, sale};

/// One day of the ledger, at its close. Money in CNY; costs are positive magnitudes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct LedgerDay {
    /// Exchange day.
    pub date: TradingDay,
    /// Simple decimal return since the day before, after costs; NaN on the first day.
    #[serde(rename = "return")]
    pub net_return: f64,
    /// Cash and positions.
    pub nav: f64,
    /// Cash, never below zero but for rounding.
    pub cash: f64,
    /// Shares at the last price seen.
    pub positions: f64,
    /// Gain of the shares held since the day before.
    pub price_gain: f64,
    /// Commission paid today.
    pub commission: f64,
    /// Stamp duty paid today.
    pub stamp_duty: f64,
    /// Slippage paid today.
    pub slippage: f64,
    /// Paid today for moving prices.
    pub impact: f64,
    /// Half of what was bought and sold, a fraction of yesterday's nav; NaN on the first day.
    pub turnover: f64,
    /// Orders still waiting after the close, a fraction of nav.
    pub unfilled: f64,
    /// Names that could not be bought: sealed at the upper limit, suspended or without a price.
    pub n_blocked_buys: usize,
    /// Names that could not be sold: sealed at the lower limit, suspended, without a price, or bought too
    /// lately.
    pub n_blocked_sells: usize,
    /// Orders cut to the participation limit.
    pub n_capped: usize,
    /// Names held.
    pub n_names: usize,
}

/// The ledger of `implementation.assets` that follows these members.
///
/// # Errors
/// No capitalisation column, no column `amount` under a bounded participation or an impact, no day with
/// members, or a day before the first rule of a cost.
pub fn implementable_index(
    market: &StockMarket,
    tradability: &Tradability,
    membership: &Membership,
    config: &MicroCapConfig,
    implementation: &Implementation,
    rules: &Rules,
) -> Result<Vec<LedgerDay>, MarketError> {
    implementation.check()?;
    let caps = MarketCapRows::of(market, config.market_cap)?;
    let first = membership.first_day_index()?;
    let mut ledger = Ledger::new(market, tradability, implementation)?;
    let mut days = Vec::with_capacity(market.days().len() - first);
    for t in first..market.days().len() {
        let costs = StockCosts::on(market.days()[t], implementation.slippage, rules)?;
        days.push(ledger.day(t, &costs));
        if let Some(members) = membership.chosen_on(t) {
            ledger.decide(t, members, |i| config.weighting.share(caps.row(t)[i as usize]));
        }
    }
    Ok(days)
}

/// One name's shares, price and order. Units are shares at the scale of adjusted prices.
#[derive(Debug, Clone, Copy)]
struct Position {
    units: f64,
    /// Units the ledger wants to hold.
    target: f64,
    /// Last price seen.
    price: f64,
    /// Units bought too lately to be sold before `unlocked_on`.
    locked: f64,
    unlocked_on: usize,
    /// Units to buy today, before cash is looked at.
    wanted: f64,
    /// Whether the ledger has it among its open names.
    is_open: bool,
}

const NOTHING: Position = Position {
    units: 0.0,
    target: 0.0,
    price: f64::NAN,
    locked: 0.0,
    unlocked_on: 0,
    wanted: 0.0,
    is_open: false,
};

impl Position {
    /// Closes a name without shares and without order; gives whether it stays open.
    fn stays_open(&mut self) -> bool {
        self.is_open = self.units != 0.0 || self.target != 0.0;
        self.is_open
    }

    /// Units that may be sold on day `t`.
    fn sellable(&self, t: usize) -> f64 {
        if t < self.unlocked_on { self.units - self.locked } else { self.units }
    }

    /// Adds bought units. Lots bought while others are locked unlock together with them, the later day.
    fn buy(&mut self, units: f64, t: usize, sell_after_days: usize) {
        self.locked = units + if t < self.unlocked_on { self.locked } else { 0.0 };
        self.unlocked_on = t + sell_after_days;
        self.units += units;
    }
}

struct Ledger<'a> {
    market: &'a StockMarket,
    tradability: &'a Tradability,
    participation: Participation<'a>,
    impact: PriceImpact,
    /// One a symbol.
    positions: Vec<Position>,
    /// Symbols with a position or an order, in the order they came.
    open: Vec<u32>,
    cash: f64,
    nav: f64,
    is_first: bool,
}

/// What a name trades and moves in a day.
struct Liquidity {
    /// Mean traded value, CNY.
    mean_amount: f64,
    /// Standard deviation of its returns, a decimal.
    volatility: f64,
}

impl Liquidity {
    /// What an order of `value` CNY pays for moving the price, CNY.
    fn impact(&self, value: f64, law: &PriceImpact) -> f64 {
        if law.is_some() {
            value * law.paid(value / self.mean_amount, self.volatility)
        } else {
            0.0
        }
    }
}

/// What a day's trading moved.
#[derive(Default)]
struct Traded {
    bought: f64,
    sold: f64,
    impact: f64,
    n_blocked_buys: usize,
    n_blocked_sells: usize,
    n_capped: usize,
}

impl<'a> Ledger<'a> {
    fn new(
        market: &'a StockMarket,
        tradability: &'a Tradability,
        implementation: &Implementation,
    ) -> Result<Self, MarketError> {
        let (share, days) = (implementation.participation, implementation.average_days);
        let impact = implementation.impact;
        let participation = if impact.is_some() {
            Participation::measured(market, share, days)?
        } else {
            Participation::of(market, share, days)?
        };
        Ok(Self {
            market,
            tradability,
            participation,
            impact,
            positions: vec![NOTHING; market.symbols().len()],
            open: Vec::new(),
            cash: implementation.assets,
            nav: implementation.assets,
            is_first: true,
        })
    }

    /// Marks, sells, buys, and writes the day down.
    fn day(&mut self, t: usize, costs: &StockCosts) -> LedgerDay {
        let price_gain = self.mark(t);
        let mut traded = Traded::default();
        self.sell(t, costs, &mut traded);
        self.buy(t, costs, &mut traded);
        let nav = self.cash + self.positions_value();
        let before = std::mem::replace(&mut self.nav, nav);
        let amount = traded.bought + traded.sold;
        let is_first = std::mem::replace(&mut self.is_first, false);
        let since = |value: f64| if is_first { f64::NAN } else { value };
        let positions = &mut self.positions;
        self.open.retain(|&i| positions[i as usize].stays_open());
        LedgerDay {
            date: self.market.days()[t],
            net_return: since(self.nav / before - 1.0),
            nav: self.nav,
            cash: self.cash,
            positions: self.positions_value(),
            price_gain,
            commission: amount * costs.commission,
            stamp_duty: traded.bought * costs.buy_duty + traded.sold * costs.sell_duty,
            slippage: amount * costs.slippage,
            impact: traded.impact,
            turnover: since(amount / 2.0 / before),
            unfilled: self.waiting() / self.nav,
            n_blocked_buys: traded.n_blocked_buys,
            n_blocked_sells: traded.n_blocked_sells,
            n_capped: traded.n_capped,
            n_names: self.open.iter().filter(|&&i| self.at(i).units > 0.0).count(),
        }
    }

    fn at(&self, symbol: u32) -> &Position {
        &self.positions[symbol as usize]
    }

    fn positions_value(&self) -> f64 {
        self.open
            .iter()
            .map(|&i| self.at(i))
            .filter(|p| p.units > 0.0)
            .map(|p| p.units * p.price)
            .sum()
    }

    /// Value of what is wanted and not held, either way.
    fn waiting(&self) -> f64 {
        self.open.iter().map(|&i| self.at(i)).map(|p| (p.target - p.units).abs() * p.price).sum()
    }

    fn mark(&mut self, t: usize) -> f64 {
        let row = t * self.positions.len();
        let prices = &self.market.adjusted_close()[row..row + self.positions.len()];
        let mut gain = 0.0;
        for &i in &self.open {
            let (price, position) = (prices[i as usize], &mut self.positions[i as usize]);
            if !price.is_nan() {
                gain += position.units * (price - position.price);
                position.price = price;
            }
        }
        gain
    }

    fn sell(&mut self, t: usize, costs: &StockCosts, traded: &mut Traded) {
        for k in 0..self.open.len() {
            let i = self.open[k];
            let wanted = self.at(i).units - self.at(i).target;
            if wanted <= 0.0 {
                continue;
            }
            let room = self.participation.room(t, i as usize);
            let liquidity = self.liquidity(t, i);
            let reasons = self.tradability.row(t)[i as usize];
            let position = &mut self.positions[i as usize];
            let (units, held_up) =
                sale(wanted, position.sellable(t), reasons, room / position.price);
            let is_capped = held_up == Some(HeldUp::Participation);
            traded.n_capped += usize::from(is_capped);
            if units == 0.0 {
                traded.n_blocked_sells += usize::from(!is_capped);
                continue;
            }
            position.units = if units == wanted { position.target } else { position.units - units };
            let value = units * position.price;
            traded.sold += value;
            traded.impact += liquidity.impact(value, &self.impact);
        }
        self.cash += traded.sold * (1.0 - costs.of_selling()) - traded.impact;
    }

    /// Buys what is wanted, all names cut alike when cash does not reach.
    fn buy(&mut self, t: usize, costs: &StockCosts, traded: &mut Traded) {
        let (wanted, wanted_impact) = self.want(t, traded);
        // Smaller orders move prices by less, so what is kept back for impact is enough.
        let rate = if wanted > 0.0 { wanted_impact / wanted } else { 0.0 };
        let affordable = self.cash.max(0.0) / (1.0 + costs.of_buying() + rate);
        let share = if wanted > affordable { affordable / wanted } else { 1.0 };
        let mut impact = 0.0;
        for k in 0..self.open.len() {
            let i = self.open[k];
            let position = &mut self.positions[i as usize];
            let units = std::mem::take(&mut position.wanted) * share;
            if units > 0.0 {
                position.buy(units, t, costs.sell_after_days);
                let value = units * position.price;
                traded.bought += value;
                impact += self.liquidity(t, i).impact(value, &self.impact);
            }
        }
        self.cash -= traded.bought * (1.0 + costs.of_buying()) + impact;
        traded.impact += impact;
    }

    /// Notes what could be bought of every name; gives its value and what it would pay for moving prices.
    fn want(&mut self, t: usize, traded: &mut Traded) -> (f64, f64) {
        let (mut value, mut impact) = (0.0, 0.0);
        for k in 0..self.open.len() {
            let i = self.open[k];
            let wanted = self.at(i).target - self.at(i).units;
            if wanted <= 0.0 {
                continue;
            }
            if !self.tradability.row(t)[i as usize].can_buy() {
                traded.n_blocked_buys += 1;
                continue;
            }
            let room = self.participation.room(t, i as usize);
            let liquidity = self.liquidity(t, i);
            let position = &mut self.positions[i as usize];
            position.wanted = wanted.min(room / position.price);
            traded.n_capped += usize::from(position.wanted < wanted);
            let order = position.wanted * position.price;
            value += order;
            impact += liquidity.impact(order, &self.impact);
        }
        (value, impact)
    }

    /// What a name trades and moves, from the days before `t`.
    fn liquidity(&self, t: usize, symbol: u32) -> Liquidity {
        if !self.impact.is_some() {
            return Liquidity { mean_amount: f64::INFINITY, volatility: f64::NAN };
        }
        let mean_amount = self.participation.mean_amount(t, symbol as usize);
        Liquidity { mean_amount, volatility: self.volatility(t, symbol) }
    }

    /// Standard deviation (divisor n - 1) of the name's daily returns before `t`; NaN of fewer than two.
    fn volatility(&self, t: usize, symbol: u32) -> f64 {
        let width = self.positions.len();
        let price = |day: usize| self.market.adjusted_close()[day * width + symbol as usize];
        let first = t.saturating_sub(self.impact.words().volatility_days).max(1);
        let returns = (first..t).map(|day| price(day) / price(day - 1) - 1.0);
        let (mut n, mut mean, mut squares) = (0.0, 0.0, 0.0);
        for value in returns.filter(|value| !value.is_nan()) {
            n += 1.0;
            let delta = value - mean;
            mean += delta / n;
            squares += delta * (value - mean);
        }
        (squares / (n - 1.0)).sqrt()
    }

    /// Orders for the days to come: `members` by their shares of today's nav, everything else sold.
    fn decide(&mut self, t: usize, members: &[u32], share: impl Fn(u32) -> f64) {
        for &i in &self.open {
            self.positions[i as usize].target = 0.0;
        }
        let prices = &self.market.adjusted_close()[t * self.positions.len()..];
        let unit = self.nav / members.iter().map(|&i| share(i)).sum::<f64>();
        for &i in members {
            let position = &mut self.positions[i as usize];
            if !std::mem::replace(&mut position.is_open, true) {
                self.open.push(i);
            }
            position.price = prices[i as usize];
            position.target = unit * share(i) / position.price;
        }
    }
}
