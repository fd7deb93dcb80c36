//! The listed companies: codes, boards, listing days, size and temper, all drawn before the first day.

use rayon::prelude::*;
use shoals_core::{Board, Calendar, Seed, Stream, Symbol, TradingDay, day};

use crate::noise::{exponential, normal, size_ladder, uniform};

/// One listed company as it is before the market opens.
#[derive(Debug, Clone)]
pub(crate) struct Stock {
    pub(crate) symbol: Symbol,
    pub(crate) board: Board,
    pub(crate) listed_on: TradingDay,
    /// Index of the first day in the sample; 0 for names listed before it.
    pub(crate) first: usize,
    /// Index after the last day in the sample.
    pub(crate) end: usize,
    pub(crate) delisted: bool,
    /// Days of special treatment, half open.
    pub(crate) special: (usize, usize),
    /// Suspensions, half open, rising.
    pub(crate) suspended: Vec<(usize, usize)>,
    /// Days on which the price goes ex dividend.
    pub(crate) ex_days: Vec<usize>,
    pub(crate) industry: usize,
    /// CNY at the first close (issue price times shares for a new listing).
    pub(crate) market_cap: f64,
    /// CNY.
    pub(crate) price: f64,
    pub(crate) free_float_ratio: f64,
    pub(crate) beta: f64,
    /// Standard normal: how quiet the stock is.
    pub(crate) quietness: f64,
    pub(crate) price_to_book: f64,
    pub(crate) price_to_sales: f64,
    pub(crate) return_on_equity: f64,
    /// Dividend a year over price; 0 for names that never pay.
    pub(crate) dividend_yield: f64,
}

/// Number of industries, and their names.
pub(crate) const INDUSTRIES: [&str; 12] = [
    "banks",
    "brokers",
    "property",
    "materials",
    "energy",
    "machinery",
    "electronics",
    "software",
    "pharma",
    "consumer",
    "transport",
    "utilities",
];

/// Share of names that are listed before the sample starts.
const SEASONED_SHARE: f64 = 0.72;
/// Median market cap, CNY: 5.5 to 6.6 billion at the year ends 2021-2023.
const MEDIAN_MARKET_CAP: f64 = 5.8e9;
/// No company is larger, CNY.
const LARGEST_MARKET_CAP: f64 = 1.6e12;
/// Chance a day that trading in a name is suspended, and the mean length in days.
const SUSPENSION_CHANCE: f64 = 0.0003;
const SUSPENSION_DAYS: f64 = 7.0;
/// Trading days of special treatment before a delisting.
const SPECIAL_BEFORE_DELISTING: usize = 242;

impl Stock {
    /// Daily idiosyncratic volatility relative to the segment's.
    pub(crate) fn volatility_multiplier(&self) -> f64 {
        (-0.22 * self.quietness).exp()
    }

    /// Whether the stock is listed on day `t`.
    pub(crate) fn is_listed(&self, t: usize) -> bool {
        (self.first..self.end).contains(&t)
    }

    /// Whether the name carries ST on day `t`.
    pub(crate) fn is_special(&self, t: usize) -> bool {
        (self.special.0..self.special.1).contains(&t)
    }

    /// Whether trading is suspended on day `t`.
    pub(crate) fn is_suspended(&self, t: usize) -> bool {
        self.suspended.iter().any(|&(from, to)| (from..to).contains(&t))
    }
}

/// Draws the companies, in the order of their symbols.
pub(crate) fn draw(n_stocks: usize, days: &[TradingDay], seed: Seed) -> Vec<Stock> {
    let seed = seed.part("universe");
    let n_seasoned = (n_stocks as f64 * SEASONED_SHARE).round() as usize;
    let mut stocks: Vec<Stock> = (0..n_stocks)
        .into_par_iter()
        .map(|k| {
            let mut stream = seed.stream(k as u64);
            if k < n_seasoned {
                // Stratified, so that every seed has the same ladder.
                let u = (k as f64 + uniform(&mut stream)) / n_seasoned as f64;
                seasoned(u, days, &mut stream)
            } else {
                let n_new = n_stocks - n_seasoned;
                let u = (((k - n_seasoned) as f64) + uniform(&mut stream)) / n_new as f64;
                newcomer(0.97 * u, days, &mut stream)
            }
        })
        .collect();
    number(&mut stocks);
    stocks.sort_by_key(|stock| stock.symbol);
    stocks
}

/// A company listed before the sample starts.
fn seasoned(u: f64, days: &[TradingDay], stream: &mut Stream) -> Stock {
    let calendar = Calendar::shanghai();
    let start = day(1995, 1, 3).epoch_days();
    let span = f64::from(days[0].epoch_days() - start - 90);
    let drawn = TradingDay::from_epoch_days(start + (span * uniform(stream)) as i32);
    let listed_on = calendar.on_or_after(drawn).unwrap_or(days[0]);
    let mut stock = company(u, listed_on, 0, days, stream);
    let fate = uniform(stream);
    let n = days.len();
    if u < 0.35 && fate < 0.10 && n > 2 * SPECIAL_BEFORE_DELISTING {
        let room = (n - SPECIAL_BEFORE_DELISTING - 5) as f64;
        stock.end = SPECIAL_BEFORE_DELISTING + (room * uniform(stream)) as usize;
        stock.delisted = true;
        stock.special = (stock.end - SPECIAL_BEFORE_DELISTING, stock.end);
        stock.return_on_equity = -0.2;
    } else if u < 0.45 && fate < 0.22 {
        let from = (n as f64 * uniform(stream)) as usize;
        let length = 242 + (242.0 * uniform(stream)) as usize;
        stock.special = (from, (from + length).min(n));
        stock.return_on_equity = -0.05;
    }
    stock
}

/// A company that lists during the sample.
fn newcomer(u: f64, days: &[TradingDay], stream: &mut Stream) -> Stock {
    let room = days.len().saturating_sub(10).max(1);
    let first = 1 + (room as f64 * uniform(stream)) as usize;
    let first = first.min(days.len() - 1);
    company(u, days[first], first, days, stream)
}

fn company(
    u: f64,
    listed_on: TradingDay,
    first: usize,
    days: &[TradingDay],
    stream: &mut Stream,
) -> Stock {
    let market_cap = (MEDIAN_MARKET_CAP * size_ladder(u)).min(LARGEST_MARKET_CAP);
    let relative = (market_cap / 5e9).ln();
    let board = draw_board(listed_on, relative, stream);
    let price = (10.5 * (0.22 * relative + 0.5 * normal(stream)).exp()).clamp(2.2, 1_200.0);
    let mut stock = Stock {
        symbol: Symbol::literal("600000.SH"),
        board,
        listed_on,
        first,
        end: days.len(),
        delisted: false,
        special: (0, 0),
        suspended: Vec::new(),
        ex_days: Vec::new(),
        industry: (uniform(stream) * INDUSTRIES.len() as f64) as usize,
        market_cap,
        price: (price * 100.0).round() / 100.0,
        free_float_ratio: 0.55 + 0.45 * uniform(stream),
        beta: 1.0 + 0.16 * normal(stream).clamp(-3.0, 3.0),
        quietness: normal(stream).clamp(-2.5, 2.5),
        price_to_book: (2.6_f64.ln() + 0.05 * relative + 0.5 * normal(stream)).exp(),
        price_to_sales: (2.5_f64.ln() + 0.7 * normal(stream)).exp(),
        return_on_equity: 0.08 + 0.05 * normal(stream),
        dividend_yield: 0.0,
    };
    if stock.return_on_equity > 0.0 && uniform(stream) < 0.85 {
        let level = 0.012 * (0.18 * relative + 0.4 * normal(stream)).exp();
        stock.dividend_yield = level.clamp(0.002, 0.05);
        stock.ex_days = ex_days(days, stream);
    }
    stock.suspended = suspensions(first, days.len(), stream);
    stock
}

/// Boards open to a listing of that day, in rough proportion to what listed where.
fn draw_board(listed_on: TradingDay, relative: f64, stream: &mut Stream) -> Board {
    let dice = uniform(stream);
    let beijing = if listed_on >= day(2021, 11, 15) && relative < 0.0 { 0.15 } else { 0.0 };
    let star = if listed_on >= day(2019, 7, 22) { 0.30 } else { 0.0 };
    let chinext = if listed_on >= day(2009, 10, 30) { 0.40 } else { 0.0 };
    if dice < beijing {
        Board::Beijing
    } else if dice < beijing + star {
        Board::Star
    } else if dice < beijing + star + chinext {
        Board::Chinext
    } else {
        Board::Main
    }
}

/// One ex-dividend day a year, between mid May and mid July.
fn ex_days(days: &[TradingDay], stream: &mut Stream) -> Vec<usize> {
    let (first, last) = (days[0].year(), days[days.len() - 1].year());
    (first..=last)
        .filter_map(|year| {
            let drawn = day(year, 5, 15).plus_calendar_days((61.0 * uniform(stream)) as i32);
            let t = days.partition_point(|&d| d < drawn);
            (t > 0 && t < days.len()).then_some(t)
        })
        .collect()
}

fn suspensions(first: usize, n: usize, stream: &mut Stream) -> Vec<(usize, usize)> {
    let mut spans = Vec::new();
    let mut t = first + 30;
    loop {
        t += (exponential(stream) / SUSPENSION_CHANCE) as usize;
        if t >= n {
            return spans;
        }
        let length = 1 + (exponential(stream) * SUSPENSION_DAYS) as usize;
        spans.push((t, t + length));
        t += length;
    }
}

/// Gives every company a code in a range its exchange has not issued, in listing order.
fn number(stocks: &mut [Stock]) {
    let mut issued = [0_u32; 5];
    let mut order: Vec<usize> = (0..stocks.len()).collect();
    order.sort_by_key(|&k| (stocks[k].listed_on, k));
    for (rank, k) in order.into_iter().enumerate() {
        let stock = &mut stocks[k];
        let (range, base, suffix) = match stock.board {
            Board::Main if rank % 2 == 0 => (0, 608_001, "SH"),
            Board::Main => (1, 8_001, "SZ"),
            Board::Chinext => (2, 308_001, "SZ"),
            Board::Star => (3, 689_101, "SH"),
            Board::Beijing => (4, 928_001, "BJ"),
        };
        stock.symbol = Symbol::literal(&format!("{:06}.{suffix}", base + issued[range]));
        issued[range] += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn thousand() -> Vec<Stock> {
        let days = Calendar::shanghai().days(day(2018, 1, 2), day(2024, 12, 31));
        draw(1_000, days, Seed(5))
    }

    #[test]
    fn codes_are_unique_and_say_the_board() {
        let stocks = thousand();
        assert!(stocks.windows(2).all(|pair| pair[0].symbol < pair[1].symbol));
        assert!(stocks.iter().all(|stock| stock.symbol.board() == Some(stock.board)));
    }

    #[test]
    fn nobody_lists_on_a_board_that_is_not_open_yet() {
        for stock in thousand() {
            let opened = match stock.board {
                Board::Main => day(1990, 12, 19),
                Board::Chinext => day(2009, 10, 30),
                Board::Star => day(2019, 7, 22),
                Board::Beijing => day(2021, 11, 15),
            };
            assert!(stock.listed_on >= opened, "{}", stock.symbol);
            assert!(Calendar::shanghai().is_open(stock.listed_on), "{}", stock.symbol);
        }
    }

    #[test]
    fn some_list_some_leave_and_some_are_treated_specially() {
        let stocks = thousand();
        let count = |f: fn(&Stock) -> bool| stocks.iter().filter(|stock| f(stock)).count();
        assert!((250..310).contains(&count(|s| s.first > 0)));
        assert!((10..50).contains(&count(|s| s.delisted)));
        assert!((20..120).contains(&count(|s| s.special.1 > s.special.0)));
    }
}
