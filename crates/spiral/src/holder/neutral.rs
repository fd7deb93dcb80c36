//! Market-neutral funds that own their stocks: four fifths in stocks, short futures of the same value.
//!
//! Nobody calls them; their investors leave. Past a drawdown of net value they redeem a share a day of what the fund
//! has, after a notice; and a fund whose hedge costs more a year than it can earn closes both legs.

use serde::{Deserialize, Serialize};

use super::{Hedge, View, grow};
use crate::market::{ByProduct, BySegment, Market, MarketTerms, Orders, Product};

/// The funds at the start, one for each product.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NeutralTerms {
    /// Stocks of the funds hedged with IF, IC, IM, CNY.
    pub stocks: ByProduct,
    /// Segments' shares of their stocks.
    pub weights: BySegment,
    /// Stocks over net value.
    pub invested: f64,
    /// Drawdown of net value past which investors redeem.
    pub drawdown_threshold: f64,
    /// Share of the fund redeemed a day for each unit of drawdown past it.
    pub redemption_slope: f64,
    /// Days from the notice to the sale.
    pub notice_days: f64,
    /// Annual cost of the hedge beyond which a fund closes.
    pub cost_budget: f64,
    /// Share closed a day for each unit of cost beyond it.
    pub cost_slope: f64,
    /// Calendar days to expiry of the hedge at the start.
    pub hedge_days: f64,
}

/// One fund.
#[derive(Debug, Clone, PartialEq)]
pub struct NeutralFund {
    /// Stocks, CNY.
    pub long: BySegment,
    /// Futures.
    pub hedge: Hedge,
    /// Value of one unit, 1 at the start.
    pub nav: f64,
    peak: f64,
    /// Share a day to be sold, on notice.
    noticed: f64,
}

impl NeutralFund {
    /// Brings a gain on `stocks`, which are the `invested` part of the fund, into its value.
    fn earn(&mut self, gain: f64, stocks: f64, invested: f64) {
        if stocks > 0.0 {
            self.nav *= 1.0 + gain / stocks * invested;
        }
    }
}

/// All funds.
#[derive(Debug, Clone, PartialEq)]
pub struct Neutral {
    terms: NeutralTerms,
    /// One for each product.
    pub funds: [NeutralFund; 3],
}

impl Neutral {
    /// Sets the funds up.
    pub fn new(terms: &NeutralTerms, view: &View) -> Self {
        let fund = |product: Product| {
            let stocks = terms.stocks[product as usize];
            NeutralFund {
                long: terms.weights.map(|w| w * stocks),
                hedge: Hedge::open(view, product, stocks, terms.hedge_days),
                nav: 1.0,
                peak: 1.0,
                noticed: 0.0,
            }
        };
        Self { terms: terms.clone(), funds: Product::ALL.map(fund) }
    }

    /// Orders of a round.
    pub fn decide(&mut self, view: &View, orders: &mut Orders) {
        let rounds = view.rounds as f64;
        for fund in &mut self.funds {
            let basis = view.market.basis(view.terms, fund.hedge.product, fund.hedge.days);
            let cost = -basis * 365.0 / fund.hedge.days;
            let closing = self.terms.cost_slope * (cost - self.terms.cost_budget).max(0.0);
            let redeemed = if view.rules.redemption_gate { 0.0 } else { fund.noticed };
            let share = ((closing + redeemed) / rounds).min(1.0);
            if share > 0.0 {
                let sold = view.sell(&mut fund.long, share, orders);
                fund.hedge.cover(sold, orders);
            }
        }
    }

    /// Marks to market after a round.
    pub fn mark(&mut self, growth: &BySegment, market: &Market, terms: &MarketTerms) {
        for fund in &mut self.funds {
            let before: f64 = fund.long.iter().sum();
            let gain = grow(&mut fund.long, growth) + fund.hedge.mark(market, terms);
            fund.earn(gain, before, self.terms.invested);
            fund.peak = fund.peak.max(fund.nav);
        }
    }

    /// Ends a day: investors look at the drawdown and give notice.
    pub fn close(&mut self, days: f64, market: &Market, terms: &MarketTerms) {
        let arrives = 1.0 - (-1.0 / self.terms.notice_days).exp();
        for fund in &mut self.funds {
            let beyond = (1.0 - fund.nav / fund.peak - self.terms.drawdown_threshold).max(0.0);
            let wanted = self.terms.redemption_slope * beyond;
            fund.noticed += (wanted - fund.noticed) * arrives;
            let gain = fund.hedge.pass(days, market, terms);
            fund.earn(gain, fund.long.iter().sum(), self.terms.invested);
        }
    }
}
