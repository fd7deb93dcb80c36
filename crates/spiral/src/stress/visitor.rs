//! A book or fund that goes through a storm with everyone else.
//!
//! A round is the same for it as for a DMA book: its lines say what must be sold ([`crate::holder::dma`] has the rule), names
//! at their limit wait, the hedge is covered in step. Its rule on leverage is its own contract's, unless an authority
//! has tightened the rule since the first day and the new one is stricter.

use shoals_market::impact::days_to_liquidate;
use shoals_product::swap::{OnBreach, loss_to_line, restoring_call};

use super::short_volatility::{DAYS_A_YEAR, gain_of_a_day};
use super::terms::{Lines, VisitorTerms};
use crate::holder::dma::{self, Forced, rotate};
use crate::holder::{Hedge, View, grow, sell_each};
use crate::market::{BySegment, Market, MarketTerms, Orders};
use crate::policy::Rules;

/// Participation at which days to liquidate are told when the terms name none.
pub(crate) const USUAL_PARTICIPATION: f64 = 0.2;
/// Left of the stocks it opened with when it counts as sold out.
const SOLD_OUT: f64 = 0.01;

/// Where a book's money came from and went, CNY: they add up to the change of its equity.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Gains {
    pub(crate) long: f64,
    pub(crate) hedge: f64,
    pub(crate) short_volatility: f64,
    /// Paid, a positive amount.
    pub(crate) financing: f64,
    pub(crate) paid_in: f64,
}

/// Days on which something happened for the first time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Firsts {
    /// Below the call line, or the warning line of a fund.
    pub(crate) called: Option<usize>,
    /// Below the liquidation line or past the stop-loss; below the stop line of a fund.
    pub(crate) closing: Option<usize>,
    /// No equity left.
    pub(crate) ruined: Option<usize>,
    /// Hardly a stock left.
    pub(crate) sold_out: Option<usize>,
}

/// A close, before what the night brings.
#[derive(Debug, Clone, Copy)]
pub(crate) struct VisitorDay {
    /// Less what was paid in, CNY.
    pub(crate) equity: f64,
    /// Equity over stocks; NaN once it is sold out.
    pub(crate) margin_ratio: f64,
    /// See [`Visitor::distance`].
    pub(crate) distance: f64,
    /// See [`Visitor::days_to_liquidate`].
    pub(crate) days_to_liquidate: f64,
    /// So far.
    pub(crate) gains: Gains,
}

/// The state of a visitor.
#[derive(Debug, Clone)]
pub(crate) struct Visitor {
    terms: VisitorTerms,
    /// Rules on the first day.
    opening_rules: Rules,
    long: BySegment,
    hedges: Vec<Hedge>,
    equity: f64,
    peak: f64,
    /// Share of the opening's stocks that it has not sold.
    kept: f64,
    reserve: f64,
    is_closing: bool,
    /// Implied volatility at the last close, annual.
    implied: f64,
    gains: Gains,
    pub(crate) firsts: Firsts,
}

impl Visitor {
    /// Opens the book on the first morning.
    pub(crate) fn new(terms: &VisitorTerms, view: &View) -> Self {
        let total = terms.long.total();
        let open = |hedge: &super::HedgeTerms| {
            Hedge::open(view, hedge.product, hedge.weight * total, hedge.days)
        };
        let reserve = match terms.lines {
            Lines::Margin { reserve, .. } => reserve,
            Lines::NetValue { .. } | Lines::None => 0.0,
        };
        Self {
            opening_rules: *view.rules,
            long: terms.long.by_segment(),
            hedges: terms.hedges.iter().map(open).collect(),
            equity: terms.equity,
            peak: terms.equity,
            kept: 1.0,
            reserve,
            is_closing: false,
            implied: implied(terms, view.market),
            gains: Gains::default(),
            firsts: Firsts::default(),
            terms: terms.clone(),
        }
    }

    pub(crate) fn is_in_crowd(&self) -> bool {
        self.terms.is_in_crowd
    }

    /// Its close of a day under these rules.
    pub(crate) fn today(&self, market: &Market, rules: &Rules) -> VisitorDay {
        VisitorDay {
            equity: self.equity - self.gains.paid_in,
            margin_ratio: self.margin_ratio(),
            distance: self.distance(rules),
            days_to_liquidate: self.days_to_liquidate(market),
            gains: self.gains,
        }
    }

    /// Stocks, CNY.
    fn long_value(&self) -> f64 {
        self.long.iter().sum()
    }

    /// Equity over stocks; NaN once it is sold out.
    fn margin_ratio(&self) -> f64 {
        if self.is_sold_out() { f64::NAN } else { self.equity / self.long_value() }
    }

    fn is_sold_out(&self) -> bool {
        self.kept < SOLD_OUT
    }

    /// Relative loss that takes it to its first line: of the stocks to the call line, the hedge standing still; of net value
    /// to a fund's warning line. Negative below the line; NaN once it is sold out or where there is no line.
    fn distance(&self, rules: &Rules) -> f64 {
        if self.is_sold_out() {
            return f64::NAN;
        }
        match self.terms.lines {
            Lines::Margin { .. } => {
                let lines = self.margin_lines(rules).expect("lines of a broker");
                loss_to_line(self.margin_ratio(), lines.call_ratio)
            }
            Lines::NetValue { warning_nav, .. } => 1.0 - warning_nav / self.net_value(),
            Lines::None => f64::NAN,
        }
    }

    /// Days to sell everything at its participation in the depth of now, the slowest segment's; 0 once it is sold out.
    fn days_to_liquidate(&self, market: &Market) -> f64 {
        let participation = self.terms.participation.unwrap_or(USUAL_PARTICIPATION);
        let days = |(k, &held): (usize, &f64)| {
            // Where every name is at its limit nothing sells today: a thousandth stands for none.
            let depth = market.depth[k] * (1.0 - market.limit_down[k]).max(1e-3);
            days_to_liquidate(held, depth, participation)
        };
        self.long.iter().enumerate().map(days).fold(0.0, f64::max)
    }

    /// Net value of a unit, 1 at the start.
    fn net_value(&self) -> f64 {
        (self.equity - self.gains.paid_in) / self.terms.equity
    }

    /// A broker's lines under the rules of the day.
    fn margin_lines(&self, rules: &Rules) -> Option<dma::Lines> {
        let Lines::Margin {
            initial_margin_ratio,
            call_ratio,
            liquidation_ratio,
            stop_loss,
            call_days,
            liquidation_days,
            ..
        } = self.terms.lines
        else {
            return None;
        };
        let first = &self.opening_rules;
        let stricter = |own: f64, then: f64, now: f64| if now > then { own.max(now) } else { own };
        Some(dma::Lines {
            initial_margin: stricter(
                initial_margin_ratio,
                first.initial_margin,
                rules.initial_margin,
            ),
            call_ratio: stricter(call_ratio, first.call_ratio, rules.call_ratio),
            liquidation_ratio: stricter(
                liquidation_ratio,
                first.liquidation_ratio,
                rules.liquidation_ratio,
            ),
            stop_loss,
            call_days,
            liquidation_days,
        })
    }

    /// Orders of a round.
    pub(crate) fn decide(&mut self, view: &View, orders: &mut Orders) {
        let long = self.long_value();
        if long < self.terms.long.total() * 1e-6 {
            return;
        }
        let share = match self.terms.lines {
            Lines::Margin { on_breach, .. } => self.answer_broker(view, long, on_breach),
            Lines::NetValue { warning_nav, stop_nav, liquidation_days } => {
                let days = liquidation_days * view.rounds as f64;
                if self.is_closing || self.net_value() < stop_nav {
                    self.firsts.called.get_or_insert(view.day);
                    self.close_from(view.day);
                    1.0 / days
                } else if self.net_value() < warning_nav {
                    self.firsts.called.get_or_insert(view.day);
                    (1.0 - 0.5 / self.kept).max(0.0) / days
                } else {
                    0.0
                }
            }
            Lines::None => 0.0,
        };
        if share <= 0.0 {
            return;
        }
        let is_swap = matches!(self.terms.lines, Lines::Margin { .. });
        if view.rules.net_sell_ban && is_swap {
            let taken = std::array::from_fn(|k| view.market.tradable(k, 1.0));
            rotate(&mut self.long, share, &taken, orders);
            return;
        }
        let sold = self.sell(view, share.min(1.0), orders);
        for hedge in &mut self.hedges {
            hedge.cover(sold, orders);
        }
        self.kept *= 1.0 - sold;
    }

    /// Share of both legs to sell after what the broker says, and what is paid in instead.
    fn answer_broker(&mut self, view: &View, long: f64, on_breach: OnBreach) -> f64 {
        let lines = self.margin_lines(view.rules).expect("lines of a broker");
        if self.equity / long < lines.call_ratio {
            self.firsts.called.get_or_insert(view.day);
        }
        match lines.forced(self.equity, self.peak, long, self.is_closing, view.rounds) {
            Forced::Nothing => 0.0,
            Forced::Closing(share) => {
                self.firsts.closing.get_or_insert(view.day);
                if on_breach == OnBreach::Report {
                    return 0.0;
                }
                self.is_closing = true;
                share
            }
            Forced::Called(share) => match on_breach {
                OnBreach::Report => 0.0,
                OnBreach::Deleverage => share,
                OnBreach::Liquidate => {
                    self.close_from(view.day);
                    1.0 / (lines.liquidation_days * view.rounds as f64)
                }
                OnBreach::TopUp => {
                    let need = restoring_call(self.equity, lines.initial_margin, long);
                    let paid = need.min(self.reserve);
                    self.reserve -= paid;
                    self.equity += paid;
                    self.peak += paid;
                    self.gains.paid_in += paid;
                    if paid < need { share } else { 0.0 }
                }
            },
        }
    }

    fn close_from(&mut self, day: usize) {
        self.is_closing = true;
        self.firsts.closing.get_or_insert(day);
    }

    /// Sells `share` of every segment, no more than its participation in the depth; returns the share of the whole sold. It
    /// is one book, not a kind: the room a kind has does not bind it.
    fn sell(&mut self, view: &View, share: f64, orders: &mut Orders) -> f64 {
        let participation = self.terms.participation.unwrap_or(f64::INFINITY);
        sell_each(&mut self.long, orders, |k, held, _| {
            let most = participation * view.market.depth[k] / view.rounds as f64;
            let want = (held * share).min(most);
            want * view.market.tradable(k, want)
        })
    }

    /// Marks to market after a round.
    pub(crate) fn mark(
        &mut self,
        growth: &BySegment,
        market: &Market,
        terms: &MarketTerms,
        day: usize,
    ) {
        let long = grow(&mut self.long, growth);
        let hedge: f64 = self.hedges.iter_mut().map(|hedge| hedge.mark(market, terms)).sum();
        self.gains.long += long;
        self.gains.hedge += hedge;
        self.equity += long + hedge;
        self.look(day);
    }

    fn look(&mut self, day: usize) {
        self.peak = self.peak.max(self.equity);
        if self.equity <= 0.0 {
            self.firsts.ruined.get_or_insert(day);
        }
        if self.is_sold_out() {
            self.firsts.sold_out.get_or_insert(day);
        }
    }

    /// Ends a day: financing, the basis coming in, and the straddle's gain stand in the next close. A day on which the segments returned `returns`, and after which `days` calendar days pass.
    pub(crate) fn close(
        &mut self,
        days: f64,
        returns: &BySegment,
        market: &Market,
        terms: &MarketTerms,
        day: usize,
    ) {
        let rate = match self.terms.lines {
            Lines::Margin { financing_rate, .. } => financing_rate,
            Lines::NetValue { .. } | Lines::None => 0.0,
        };
        let financing = self.long_value() * rate * days / 365.0;
        let hedge: f64 = self.hedges.iter_mut().map(|h| h.pass(days, market, terms)).sum();
        self.gains.financing += financing;
        self.gains.hedge += hedge;
        self.equity += hedge - financing;
        if let Some(short) = &self.terms.short_volatility
            && !self.is_sold_out()
        {
            let after = implied(&self.terms, market);
            let r = returns[short.product.segment()];
            let gain =
                gain_of_a_day(short.vega * 100.0, self.implied, after, r, short.days / 365.0);
            self.implied = after;
            self.gains.short_volatility += gain;
            self.equity += gain;
        }
        self.look(day);
    }
}

/// Implied volatility as the market believes it now, annual; of no use where nothing is short of it.
fn implied(terms: &VisitorTerms, market: &Market) -> f64 {
    terms.short_volatility.as_ref().map_or(f64::NAN, |short| {
        short.premium * market.volatility[short.product.segment()] * DAYS_A_YEAR.sqrt()
    })
}
