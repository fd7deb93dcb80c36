//! Who holds what, and when they must or want to trade.
//!
//! Every holder decides at the start of a round on what it knows then, is told what was executed, and marks to market
//! when the round is cleared. Each file reads like its paragraph in `docs/method/spiral.md`.

pub mod bargain;
pub mod chaser;
pub mod dma;
pub mod enhanced;
pub mod inflow;
pub mod locked;
pub mod margin_account;
pub mod national_team;
pub mod neutral;
pub mod snowball;

use serde::Serialize;

use crate::market::{BySegment, Market, MarketTerms, Orders, Product};
use crate::policy::Rules;

/// What every holder sees at the start of a round.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// The market now.
    pub market: &'a Market,
    /// How it answers.
    pub terms: &'a MarketTerms,
    /// The rules of the day.
    pub rules: &'a Rules,
    /// Day of the scenario, 0 the first.
    pub day: usize,
    /// Rounds in a day.
    pub rounds: usize,
}

impl View<'_> {
    /// Most that one kind trades of segment `k` in a round, CNY.
    pub fn room(&self, k: usize) -> f64 {
        self.terms.participation * self.terms.daily_amount[k] / self.rounds as f64
    }

    /// Part of a want of `amount` in segment `k` that is executed beside what its kind has traded of it in this round.
    pub fn executed(&self, k: usize, amount: f64, orders: &Orders) -> f64 {
        let (room, traded) = (self.room(k), orders.stock[k]);
        let found = amount * self.market.tradable(k, amount);
        found.clamp((-room - traded).min(0.0), (room - traded).max(0.0))
    }

    /// Share that is executed of what one kind wants to sell of each segment.
    pub fn taken(&self, wanted: &BySegment) -> BySegment {
        std::array::from_fn(|k| {
            let found = self.executed(k, wanted[k], &Orders::default());
            if found > 0.0 { found / wanted[k] } else { 0.0 }
        })
    }

    /// Sells `share` of `holdings` as far as it can; adds the sales to `orders` and takes them off. Returns the share
    /// of the whole that was sold.
    pub fn sell(&self, holdings: &mut BySegment, share: f64, orders: &mut Orders) -> f64 {
        sell_each(holdings, orders, |k, held, orders| self.executed(k, held * share, orders))
    }
}

/// Sells of each segment what `sale` says of its place, what is held of it, and the orders so far; adds the sales to
/// `orders` and takes them off. Returns the share of the whole that was sold.
pub(crate) fn sell_each(
    holdings: &mut BySegment,
    orders: &mut Orders,
    sale: impl Fn(usize, f64, &Orders) -> f64,
) -> f64 {
    let (mut sold, mut whole) = (0.0, 0.0);
    for (k, holding) in holdings.iter_mut().enumerate() {
        let sale = sale(k, *holding, orders);
        whole += *holding;
        *holding -= sale;
        orders.stock[k] += sale;
        sold += sale;
    }
    if whole > 0.0 { sold / whole } else { 0.0 }
}

/// The holders, as columns of a day's flows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// DMA books.
    Dma,
    /// Market-neutral funds with their own stocks.
    Neutral,
    /// Index-enhanced funds.
    Enhanced,
    /// Snowball dealers.
    Snowball,
    /// Investors who chase styles.
    Chaser,
    /// Investors who buy what has fallen below its worth.
    Bargain,
    /// Investors whose stocks are at their limit.
    Locked,
    /// Private investors on borrowed money.
    MarginAccount,
    /// The national team.
    NationalTeam,
}

impl Kind {
    /// Every kind, in the order they decide in.
    pub const ALL: [Self; 9] = [
        Self::Dma,
        Self::Neutral,
        Self::Enhanced,
        Self::Snowball,
        Self::Chaser,
        Self::Bargain,
        Self::Locked,
        Self::MarginAccount,
        Self::NationalTeam,
    ];

    /// The stable name used in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dma => "dma",
            Self::Neutral => "neutral",
            Self::Enhanced => "enhanced",
            Self::Snowball => "snowball",
            Self::Chaser => "chaser",
            Self::Bargain => "bargain",
            Self::Locked => "locked",
            Self::MarginAccount => "margin_account",
            Self::NationalTeam => "national_team",
        }
    }
}

/// Grows holdings with the levels of a round.
pub(crate) fn grow(holdings: &mut BySegment, growth: &BySegment) -> f64 {
    let mut gain = 0.0;
    for (holding, growth) in holdings.iter_mut().zip(growth) {
        gain += *holding * (growth - 1.0);
        *holding *= growth;
    }
    gain
}

/// Prices of futures at a moment: many books are short the same contract, and its price is worked out once.
#[derive(Debug)]
pub(crate) struct Prices<'a> {
    market: &'a Market,
    terms: &'a MarketTerms,
    /// Days to expiry and price last asked for, by product.
    last: [(f64, f64); 3],
}

impl<'a> Prices<'a> {
    pub(crate) fn new(market: &'a Market, terms: &'a MarketTerms) -> Self {
        Self { market, terms, last: [(f64::NAN, f64::NAN); 3] }
    }

    fn of(&mut self, product: Product, days: f64) -> f64 {
        let last = &mut self.last[product as usize];
        if last.0 != days {
            *last = (days, self.market.future(self.terms, product, days));
        }
        last.1
    }
}

/// A short hedge in one product.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hedge {
    /// Which future.
    pub product: Product,
    /// Units of the future at the start: value short over its price, CNY.
    pub units: f64,
    /// Calendar days to expiry.
    pub days: f64,
    /// Price at the last mark.
    pub price: f64,
}

impl Hedge {
    /// Opens a short of `value` in a contract that expires in `days`.
    pub fn open(view: &View, product: Product, value: f64, days: f64) -> Self {
        let price = view.market.future(view.terms, product, days);
        Self { product, units: value / price, days, price }
    }

    /// Value short, CNY.
    pub fn value(&self) -> f64 {
        self.units * self.price
    }

    /// Gain of the short since the last mark.
    pub fn mark(&mut self, market: &Market, terms: &MarketTerms) -> f64 {
        self.mark_at(&mut Prices::new(market, terms))
    }

    /// The same at prices others share.
    pub(crate) fn mark_at(&mut self, prices: &mut Prices) -> f64 {
        let price = prices.of(self.product, self.days);
        let gain = self.units * (self.price - price);
        self.price = price;
        gain
    }

    /// Buys back `share`; adds the purchase to `orders`.
    pub fn cover(&mut self, share: f64, orders: &mut Orders) {
        orders.future[self.product as usize] -= self.value() * share;
        self.units *= 1.0 - share;
    }

    /// Lets `days` calendar days pass and returns what the short gains by the basis coming in. Within a week of expiry
    /// the hedge moves on to the next quarter, the same value short: a roll is not money.
    pub fn pass(&mut self, days: f64, market: &Market, terms: &MarketTerms) -> f64 {
        self.pass_at(days, &mut Prices::new(market, terms))
    }

    /// The same at prices others share.
    pub(crate) fn pass_at(&mut self, days: f64, prices: &mut Prices) -> f64 {
        self.days -= days;
        let gain = self.mark_at(prices);
        if self.days < 7.0 {
            let value = self.value();
            self.days += 91.0;
            self.price = prices.of(self.product, self.days);
            self.units = value / self.price;
        }
        gain
    }
}
