//! One stock's day: from a fair return to a legal bar.
//!
//! The fair price follows the factors without limits; the traded price is the fair price rounded to
//! the tick and held inside the day's limits, so that what a limit cuts off is carried to the next
//! day. Prices are whole fen inside.

use shoals_core::{Board, Rules, Seed, Segment, Stream, TradingDay};

use crate::noise::{exponential, normal, uniform};
use crate::universe::Stock;

/// A stock's day as written to the tables.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Bar {
    pub(crate) is_listed: bool,
    pub(crate) is_suspended: bool,
    pub(crate) is_special: bool,
    pub(crate) open: f64,
    pub(crate) high: f64,
    pub(crate) low: f64,
    pub(crate) close: f64,
    pub(crate) pre_close: f64,
    /// Previous close adjusted for splits but not for dividends: the base of a price index.
    pub(crate) split_base: f64,
    pub(crate) limit_up: f64,
    pub(crate) limit_down: f64,
    pub(crate) volume: i64,
    pub(crate) amount: f64,
    pub(crate) adjust_factor: f64,
    pub(crate) total_shares: f64,
    pub(crate) free_float_shares: f64,
    pub(crate) book: f64,
    pub(crate) sales: f64,
    pub(crate) return_on_equity: f64,
    pub(crate) dividend_ttm: f64,
}

/// What changes from day to day.
#[derive(Debug, Clone)]
pub(crate) struct State {
    stream: Stream,
    /// CNY a share, what the price would be without limits.
    fair: f64,
    /// Last close, fen.
    close: i64,
    pub(crate) shares: f64,
    adjust_factor: f64,
    book: f64,
    sales: f64,
    /// CNY a share paid on the last ex day.
    dividend: f64,
    last_ex_day: usize,
    /// Log turnover above the usual: slow, and by the news of late.
    interest: f64,
    attention: f64,
}

/// What the day brings to one stock.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Push {
    pub(crate) segment: Segment,
    /// Simple return of the fair price.
    pub(crate) fair_return: f64,
    /// Daily standard deviation of the stock's own risk.
    pub(crate) own_volatility: f64,
    /// Multiplier of turnover.
    pub(crate) liquidity: f64,
}

/// Daily price limits by board and day, from the market rules.
pub(crate) struct Limits {
    /// Per mille, `[day][board][special]`; 0 is none.
    per_mille: Vec<[[i64; 2]; 4]>,
}

const BOARDS: [Board; 4] = [Board::Main, Board::Chinext, Board::Star, Board::Beijing];

impl Limits {
    /// Looks up every day once. A board that is not open yet has no limit, and no stock.
    pub(crate) fn new(rules: &Rules, days: &[TradingDay]) -> Self {
        let limit = |board, special, day| {
            rules
                .price_limit(board, special, day)
                .map_or(0, |row| (row.limit * 1_000.0).round() as i64)
        };
        let per_mille = days
            .iter()
            .map(|&day| BOARDS.map(|board| [false, true].map(|special| limit(board, special, day))))
            .collect();
        Self { per_mille }
    }

    fn at(&self, stock: &Stock, t: usize) -> i64 {
        self.per_mille[t][stock.board as usize][usize::from(stock.is_special(t))]
    }
}

/// Usual turnover a day, a fraction of total shares, micro to CSI 300 (medians of 2020-2024).
const TURNOVER: [f64; 5] = [0.0085, 0.0087, 0.0074, 0.0063, 0.0044];
/// Spread, memory and news response of log turnover.
const INTEREST_MEMORY: f64 = 0.985;
const INTEREST_FRESH: f64 = 0.077;
const ATTENTION_MEMORY: f64 = 0.88;
const ATTENTION_FRESH: f64 = 0.08;
const TURNOVER_PER_DEVIATION: f64 = 0.37;
/// Part of a day's news that is still talked about the next day.
const NEWS_ECHO: f64 = 0.35;
/// Daily growth of book value and sales: 5 % and 6 % a year.
const BOOK_GROWTH: f64 = 0.05 / 242.0;
const SALES_GROWTH: f64 = 0.06 / 242.0;
/// Chance that a dear stock splits on its ex day, and from which price.
const SPLIT_CHANCE: f64 = 0.25;
const SPLIT_FROM_CNY: f64 = 30.0;
/// Daily drift of a name in its last year before delisting.
const DELISTING_DRIFT: f64 = -0.004;

fn fen(price: f64) -> i64 {
    (price * 100.0).round() as i64
}

fn cny(fen: i64) -> f64 {
    fen as f64 / 100.0
}

/// `fen x per_mille / 1000`, halves up, as the exchanges round limits.
fn scaled(fen: i64, per_mille: i64) -> i64 {
    (fen * per_mille + 500) / 1_000
}

impl State {
    pub(crate) fn new(stock: &Stock, k: usize, seed: Seed) -> Self {
        let shares = (stock.market_cap / stock.price / 100.0).round() * 100.0;
        let cap = shares * stock.price;
        Self {
            stream: seed.part("stock day").stream(k as u64),
            fair: stock.price,
            close: fen(stock.price),
            shares,
            adjust_factor: 1.0,
            book: cap / stock.price_to_book,
            sales: cap / stock.price_to_sales,
            dividend: stock.dividend_yield * stock.price,
            last_ex_day: 0,
            interest: 0.0,
            attention: 0.0,
        }
    }

    /// Last close times shares, CNY.
    pub(crate) fn market_cap(&self) -> f64 {
        cny(self.close) * self.shares
    }

    /// Price to book at the last close.
    pub(crate) fn price_to_book(&self) -> f64 {
        self.market_cap() / self.book
    }

    /// Carries the stock through day `t`.
    pub(crate) fn step(
        &mut self,
        stock: &Stock,
        t: usize,
        push: &Push,
        limits: &Limits,
        ipo: Listing,
    ) -> Bar {
        if !stock.is_listed(t) {
            return Bar::default();
        }
        if t == stock.first && t > 0 {
            self.fair *= ipo.pop(&mut self.stream);
        }
        self.book *= 1.0 + BOOK_GROWTH;
        self.sales *= 1.0 + SALES_GROWTH;
        let is_suspended = stock.is_suspended(t);
        let (pre_close, split_base) =
            if is_suspended { (self.close, cny(self.close)) } else { self.go_ex(stock, t) };
        let drift = if stock.delisted && stock.is_special(t) { DELISTING_DRIFT } else { 0.0 };
        self.fair = (self.fair * (1.0 + (push.fair_return + drift).max(-0.6))).max(0.05);
        let band = ipo
            .band(stock, t, pre_close)
            .unwrap_or_else(|| daily_band(pre_close, limits.at(stock, t)));
        let mut bar = self.bar(stock, t, push, pre_close, band, is_suspended);
        bar.split_base = split_base;
        self.close = fen(bar.close);
        bar
    }

    /// Goes ex dividend when it is the day; returns the reference price and the price index's base.
    fn go_ex(&mut self, stock: &Stock, t: usize) -> (i64, f64) {
        if stock.ex_days.binary_search(&t).is_err() || t <= stock.first {
            return (self.close, cny(self.close));
        }
        let price = cny(self.close);
        let dividend =
            cny(fen(stock.dividend_yield * price * (0.1 * normal(&mut self.stream)).exp()));
        let splits = price > SPLIT_FROM_CNY && uniform(&mut self.stream) < SPLIT_CHANCE;
        let ratio = if splits { 1.4 } else { 1.0 };
        let reference = fen((price - dividend) / ratio);
        self.shares = (self.shares * ratio).round();
        self.fair = ((self.fair - dividend) / ratio).max(0.05);
        self.adjust_factor *= price / cny(reference);
        self.dividend = dividend / ratio;
        self.last_ex_day = t;
        (reference, price / ratio)
    }

    fn bar(
        &mut self,
        stock: &Stock,
        t: usize,
        push: &Push,
        pre_close: i64,
        band: (i64, i64),
        is_suspended: bool,
    ) -> Bar {
        let prices = if is_suspended {
            [self.close; 4]
        } else {
            self.trade(pre_close, band, push.own_volatility)
        };
        let volume =
            if is_suspended { 0 } else { self.volume(stock, t, push, pre_close, prices, band) };
        let [open, high, low, close] = prices.map(cny);
        // The average price leans to the close and stays inside the day's range.
        let average = ((open + high + low + 2.0 * close) / 5.0).clamp(low, high);
        let limit = |fen: i64| if fen == 0 || fen == i64::MAX { f64::NAN } else { cny(fen) };
        let has_dividend = stock.dividend_yield > 0.0 && t < self.last_ex_day + 260;
        Bar {
            is_listed: true,
            is_suspended,
            is_special: stock.is_special(t),
            open,
            high,
            low,
            close,
            pre_close: cny(pre_close),
            split_base: 0.0,
            limit_up: limit(band.1),
            limit_down: limit(band.0),
            volume,
            amount: (volume as f64 * average * 100.0).round() / 100.0,
            adjust_factor: self.adjust_factor,
            total_shares: self.shares,
            free_float_shares: (self.shares * stock.free_float_ratio).round(),
            book: self.book,
            sales: self.sales,
            return_on_equity: stock.return_on_equity,
            dividend_ttm: if has_dividend { self.dividend } else { 0.0 },
        }
    }

    /// Open, high, low and close in fen, inside the band.
    fn trade(&mut self, pre_close: i64, band: (i64, i64), own_volatility: f64) -> [i64; 4] {
        let (low_limit, high_limit) = band;
        let legal = |price: f64| fen(price).clamp(low_limit.max(1), high_limit);
        let close = legal(self.fair);
        let beyond = self.fair > cny(high_limit) * 1.03 || self.fair < cny(low_limit) * 0.97;
        if beyond && uniform(&mut self.stream) < 0.5 {
            return [close; 4];
        }
        let stream = &mut self.stream;
        let (previous, day_return) = (cny(pre_close), close as f64 / pre_close as f64 - 1.0);
        let gap = 0.18 * day_return + 0.48 * own_volatility * normal(stream);
        let open = legal(previous * (1.0 + gap));
        let reach = 0.51 * own_volatility;
        let high = legal(cny(open.max(close)) * (1.0 + reach * exponential(stream)));
        let low = legal(cny(open.min(close)) * (1.0 - (reach * exponential(stream)).min(0.5)));
        [open, high, low, close]
    }

    /// Shares traded: usual turnover, its memory, the size of the move; thin when locked at a limit.
    fn volume(
        &mut self,
        stock: &Stock,
        t: usize,
        push: &Push,
        pre_close: i64,
        prices: [i64; 4],
        band: (i64, i64),
    ) -> i64 {
        self.interest = INTEREST_MEMORY * self.interest + INTEREST_FRESH * normal(&mut self.stream);
        self.attention =
            ATTENTION_MEMORY * self.attention + ATTENTION_FRESH * normal(&mut self.stream);
        let move_size = (prices[3] as f64 / pre_close as f64 - 1.0).abs() / push.own_volatility;
        let news = TURNOVER_PER_DEVIATION * (move_size.min(4.0) - 0.85);
        let fresh =
            if stock.first > 0 { 1.5 * (-((t - stock.first) as f64) / 15.0).exp() } else { 0.0 };
        let is_locked = prices[1] == prices[2] && (prices[3] == band.0 || prices[3] == band.1);
        let thin = if is_locked { 0.15 } else { 1.0 };
        let usual = TURNOVER[push.segment as usize] * push.liquidity;
        let turnover = usual * thin * (self.interest + self.attention + news + fresh).exp();
        self.attention += NEWS_ECHO * news;
        let shares = self.shares * turnover.min(0.45 * stock.free_float_ratio);
        ((shares / 100.0).round() as i64 * 100).max(100)
    }
}

/// Lowest and highest legal price of an ordinary day; `(0, i64::MAX)` without limit.
fn daily_band(pre_close: i64, per_mille: i64) -> (i64, i64) {
    if per_mille == 0 {
        return (0, i64::MAX);
    }
    (scaled(pre_close, 1_000 - per_mille), scaled(pre_close, 1_000 + per_mille))
}

/// What bounds a new listing's first days.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Listing {
    /// Days without a limit, the first included.
    free_days: usize,
    /// First day's bounds, per mille of the issue price; 0 is none.
    first_day: (i64, i64),
}

impl Listing {
    /// The rules on the stock's listing day; nothing special for names listed before the sample.
    pub(crate) fn new(rules: &Rules, stock: &Stock) -> Self {
        let Ok(row) = rules.ipo(stock.board, stock.listed_on) else { return Self::default() };
        let per_mille = |x: f64| (x * 1_000.0).round() as i64;
        Self {
            free_days: row.free_days as usize,
            first_day: (per_mille(row.first_day_down), per_mille(row.first_day_up)),
        }
    }

    /// How far above the issue price the first fair price lies; dearer where the issue was capped.
    fn pop(self, stream: &mut Stream) -> f64 {
        let mean = if self.free_days == 0 { 0.7 } else { 0.35 };
        (mean + 0.3 * normal(stream)).clamp(-0.3, 1.5).exp()
    }

    /// The band of the first days; `None` when the ordinary limit holds.
    fn band(self, stock: &Stock, t: usize, pre_close: i64) -> Option<(i64, i64)> {
        let age = t - stock.first;
        if stock.first == 0 {
            return None;
        }
        if age < self.free_days {
            return Some((0, i64::MAX));
        }
        let (down, up) = self.first_day;
        (age == 0 && up > 0)
            .then(|| (scaled(pre_close, 1_000 - down), scaled(pre_close, 1_000 + up)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Witness: exchange trading rules, limits to the nearest fen, halves up.
    #[test]
    fn limits_are_rounded_half_up() {
        assert_eq!(daily_band(105, 100), (95, 116));
        assert_eq!(daily_band(1_000, 200), (800, 1_200));
        assert_eq!(daily_band(333, 50), (316, 350));
        assert_eq!(daily_band(333, 0), (0, i64::MAX));
    }
}
