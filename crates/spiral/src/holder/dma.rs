//! DMA books: long small stocks through a broker's swap at a quarter's margin, short index futures.
//!
//! A book marks to market every round. Called, it sells both legs down until the initial margin holds; below the
//! liquidation line, or past its manager's stop-loss, it sells everything, in days. The books together sell no more than
//! their part of a segment's trading, each in proportion to what it wants to sell. A book covers its futures in step with
//! what it could sell of its stocks: names at their limit wait, and so does their part of the hedge. Under a net-sell ban
//! what it sells of its smallest stocks it buys of the largest, and covers nothing. A cap on its size cuts both legs.

use serde::{Deserialize, Serialize};
use shoals_product::swap::fraction_to_sell;

use super::{Hedge, Prices, View, grow, sell_each};
use crate::market::{ByProduct, BySegment, Market, MarketTerms, Orders, Product, SEGMENTS};

/// The lines of a levered book, and how fast it answers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Lines {
    /// Margin to be restored, a fraction of the long value.
    pub(crate) initial_margin: f64,
    /// Below this it is called.
    pub(crate) call_ratio: f64,
    /// Below this it is liquidated.
    pub(crate) liquidation_ratio: f64,
    /// Drawdown of equity at which its manager closes it.
    pub(crate) stop_loss: f64,
    /// Days in which a call is met.
    pub(crate) call_days: f64,
    /// Days in which it is liquidated.
    pub(crate) liquidation_days: f64,
}

/// What a levered book must do in a round.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Forced {
    /// Nothing.
    Nothing,
    /// Called: sell this share of both legs.
    Called(f64),
    /// Closing: sell this share.
    Closing(f64),
}

impl Lines {
    /// What a book of `equity`, once `peak`, and `long` value must do; `is_closing` once it is being closed.
    pub(crate) fn forced(
        &self,
        equity: f64,
        peak: f64,
        long: f64,
        is_closing: bool,
        rounds: usize,
    ) -> Forced {
        let (ratio, rounds) = (equity / long, rounds as f64);
        let is_stopped = equity < peak * (1.0 - self.stop_loss);
        if is_closing || is_stopped || ratio < self.liquidation_ratio {
            Forced::Closing(1.0 / (self.liquidation_days * rounds))
        } else if ratio < self.call_ratio {
            let whole = fraction_to_sell(equity, self.initial_margin, long);
            Forced::Called(whole / (self.call_days * rounds))
        } else {
            Forced::Nothing
        }
    }
}

/// The books at the start.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DmaTerms {
    /// Long value of all books, CNY.
    pub long_value: f64,
    /// Number of books; they differ in tilt, hedge and leverage.
    pub books: usize,
    /// Segments' shares of the average book.
    pub weights: BySegment,
    /// How far books differ: the most tilted book holds this much more of micro than of the rest, in units of the average.
    pub tilt_spread: f64,
    /// Shares of the books hedged with IF, IC, IM.
    pub hedge_mix: ByProduct,
    /// Hedge over long value.
    pub hedge_ratio: f64,
    /// Calendar days to expiry of the hedge at the start.
    pub hedge_days: f64,
    /// Leverage of the books runs from 1 over the initial margin down by this share.
    pub leverage_spread: f64,
    /// Annual rate on the long value.
    pub financing_rate: f64,
    /// Drawdown of equity at which a manager closes the book.
    pub stop_loss: f64,
    /// Days in which a call is met.
    pub call_days: f64,
    /// Days in which a book is liquidated.
    pub liquidation_days: f64,
}

impl DmaTerms {
    /// Leverage of book `i` under an initial margin.
    fn leverage(&self, i: usize, initial_margin: f64) -> f64 {
        (1.0 - self.leverage_spread * spread(i, 0.754_877_666_25)) / initial_margin
    }

    /// Equity of all books at the start under an initial margin, CNY.
    pub fn opening_equity(&self, initial_margin: f64) -> f64 {
        let value = self.long_value / self.books as f64;
        (0..self.books).map(|i| value / self.leverage(i, initial_margin)).sum()
    }
}

/// Rank of book `i` between 0 and 1: additive recurrences with irrational steps are evenly spread, and independent of
/// each other.
fn spread(i: usize, step: f64) -> f64 {
    ((i as f64 + 0.5) * step).fract()
}

/// One book.
#[derive(Debug, Clone, PartialEq)]
pub struct DmaBook {
    /// Stocks, CNY.
    pub long: BySegment,
    /// Futures.
    pub hedge: Hedge,
    /// Own money, CNY; negative when it owes the broker.
    pub equity: f64,
    /// Equity at the start.
    pub opening: f64,
    /// Own money over long value at the start.
    pub margin: f64,
    pub(super) peak: f64,
    /// Share of what it held at the start that it has not sold.
    pub kept: f64,
    /// Whether everything is being sold.
    pub is_closing: bool,
    /// First day it was called.
    pub called_on: Option<usize>,
    /// First day its equity was gone.
    pub wiped_out_on: Option<usize>,
}

impl DmaBook {
    /// Long value, CNY.
    pub fn long_value(&self) -> f64 {
        self.long.iter().sum()
    }

    /// Share of its stocks it wants to sell in this round.
    fn wants(&mut self, lines: &Lines, view: &View) -> f64 {
        let long = self.long_value();
        if long < self.opening * 1e-6 {
            return 0.0;
        }
        match lines.forced(self.equity, self.peak, long, self.is_closing, view.rounds) {
            Forced::Closing(share) => {
                self.is_closing = true;
                share
            }
            Forced::Called(share) => {
                self.called_on.get_or_insert(view.day);
                share
            }
            // The cap is met at once: no price presses, and it may come in steps.
            Forced::Nothing if self.kept > view.rules.dma_cap && !view.rules.net_sell_ban => {
                1.0 - view.rules.dma_cap / self.kept
            }
            Forced::Nothing => 0.0,
        }
    }
}

/// All books.
#[derive(Debug, Clone, PartialEq)]
pub struct Dma {
    pub(super) terms: DmaTerms,
    /// The books.
    pub books: Vec<DmaBook>,
    /// Share of its stocks each wants to sell in this round.
    wants: Vec<f64>,
}

impl Dma {
    /// Sets the books up. Book `i` has a rank between 0 and 1 in tilt, and another in leverage, evenly spread and
    /// unrelated; the products are dealt by `hedge_mix`.
    pub fn new(terms: &DmaTerms, view: &View) -> Self {
        let n = terms.books;
        let value = terms.long_value / n as f64;
        let books = (0..n)
            .map(|i| {
                let (tilt, deal) = (spread(i, 0.618_033_988_75), spread(i, 0.569_840_290_998));
                let mut long = terms.weights;
                long[0] *= 1.0 + terms.tilt_spread * (2.0 * tilt - 1.0);
                let total: f64 = long.iter().sum();
                let long = long.map(|w| w / total * value);
                let leverage = terms.leverage(i, view.rules.initial_margin);
                let [large, middle, _] = terms.hedge_mix;
                let product = match deal {
                    d if d < large => Product::If,
                    d if d < large + middle => Product::Ic,
                    _ => Product::Im,
                };
                let equity = value / leverage;
                let hedge = Hedge::open(view, product, value * terms.hedge_ratio, terms.hedge_days);
                DmaBook {
                    long,
                    hedge,
                    equity,
                    opening: equity,
                    margin: 1.0 / leverage,
                    kept: 1.0,
                    peak: equity,
                    is_closing: false,
                    called_on: None,
                    wiped_out_on: None,
                }
            })
            .collect();
        Self { terms: terms.clone(), books, wants: vec![0.0; n] }
    }

    /// Orders of a round.
    pub fn decide(&mut self, view: &View, orders: &mut Orders) {
        let (rules, terms) = (view.rules, &self.terms);
        let lines = Lines {
            initial_margin: rules.initial_margin,
            call_ratio: rules.call_ratio,
            liquidation_ratio: rules.liquidation_ratio,
            stop_loss: terms.stop_loss,
            call_days: terms.call_days,
            liquidation_days: terms.liquidation_days,
        };
        let mut wanted: BySegment = [0.0; SEGMENTS];
        for (book, want) in self.books.iter_mut().zip(&mut self.wants) {
            *want = book.wants(&lines, view);
            for (sum, held) in wanted.iter_mut().zip(book.long) {
                *sum += *want * held;
            }
        }
        let taken = view.taken(&wanted);
        for (book, want) in self.books.iter_mut().zip(&self.wants).filter(|(_, want)| **want > 0.0)
        {
            if view.rules.net_sell_ban {
                rotate(&mut book.long, *want, &taken, orders);
            } else {
                let sold = sell_each(&mut book.long, orders, |k, held, _| held * want * taken[k]);
                book.hedge.cover(sold, orders);
                book.kept *= 1.0 - sold;
            }
        }
    }

    /// Marks to market after a round.
    pub fn mark(&mut self, growth: &BySegment, market: &Market, terms: &MarketTerms, day: usize) {
        let mut prices = Prices::new(market, terms);
        for book in &mut self.books {
            book.equity += grow(&mut book.long, growth) + book.hedge.mark_at(&mut prices);
            book.peak = book.peak.max(book.equity);
            if book.equity <= 0.0 {
                book.wiped_out_on.get_or_insert(day);
            }
        }
    }

    /// Ends a day after which `days` calendar days pass.
    pub fn close(&mut self, days: f64, market: &Market, terms: &MarketTerms) {
        let mut prices = Prices::new(market, terms);
        for book in &mut self.books {
            let financing = book.long_value() * self.terms.financing_rate * days / 365.0;
            book.equity += book.hedge.pass_at(days, &mut prices) - financing;
        }
    }

    /// Long value of all books, CNY.
    pub fn long_value(&self) -> f64 {
        self.books.iter().map(DmaBook::long_value).sum()
    }
}

/// Sells `want` of the holdings' two smallest segments as far as they are `taken`, and buys the two largest with it.
pub(crate) fn rotate(long: &mut BySegment, want: f64, taken: &BySegment, orders: &mut Orders) {
    let mut sold = 0.0;
    for ((held, order), taken) in long.iter_mut().zip(&mut orders.stock).zip(taken).take(2) {
        let sale = *held * want * taken;
        *held -= sale;
        *order += sale;
        sold += sale;
    }
    let largest = orders.stock.iter_mut().zip(long).skip(SEGMENTS - 2);
    for (order, held) in largest {
        *held += sold / 2.0;
        *order -= sold / 2.0;
    }
}
