//! The listed companies: codes, boards, listing days, size and temper, all drawn before the first day.

use rayon::prelude::*;
use shoals_core::{Board, Calendar, Seed, Stream, Symbol, TradingDay, day};

use crate::crowd::crowding;
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
    /// What the crowd holds of it over its share of the segment's free float; mean one.
    pub(crate) crowding: f64,
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
const SEASONED_SHARE: f64 = 0.65;
/// Median market cap, CNY: 5.5 to 6.6 billion at the year ends 2021-2023.
const MEDIAN_MARKET_CAP: f64 = 5.8e9;
/// No company is larger, CNY.
const LARGEST_MARKET_CAP: f64 = 0.9e12;
/// Chance a day that trading in a name is suspended, and the mean length in days.
const SUSPENSION_CHANCE: f64 = 0.0003;
const SUSPENSION_DAYS: f64 = 7.0;
/// Trading days of special treatment before a delisting.
const SPECIAL_BEFORE_DELISTING: usize = 242;

impl Stock {
    /// Daily idiosyncratic volatility relative to the segment's.
    pub(crate) fn volatility_multiplier(&self) -> f64 {
        let board = match self.board {
            Board::Main => 0.93,
            Board::Chinext | Board::Star | Board::Beijing => 1.16,
        };
        board * (-0.22 * self.quietness).exp()
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
    for (stock, crowding) in stocks.iter_mut().zip(crowding(n_stocks, seed)) {
        stock.crowding = crowding;
    }
    stocks
}

/// A company listed before the sample starts.
fn seasoned(u: f64, days: &[TradingDay], stream: &mut Stream) -> Stock {
    let calendar = Calendar::shanghai();
    let drawn = listing_day(uniform(stream), days[0].plus_calendar_days(-90));
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

/// Names listed by each day over those of 2017-12-31: the waves of 1996-2003, 2010-2012 and 2014-2017,
/// with new listings stopped between them, and the registration years.
const LISTED_BY: [((i32, u32, u32), f64); 9] = [
    ((1990, 12, 19), 0.0),
    ((2004, 1, 1), 0.34),
    ((2010, 1, 1), 0.48),
    ((2012, 12, 31), 0.70),
    ((2014, 1, 1), 0.701),
    ((2017, 12, 31), 1.0),
    ((2020, 1, 1), 1.09),
    ((2022, 12, 31), 1.45),
    ((2026, 12, 31), 1.60),
];

/// The day by which a share `u` of the names that are listed on `latest` was listed.
fn listing_day(u: f64, latest: TradingDay) -> TradingDay {
    let on = |k: usize| {
        let ((year, month, date), _) = LISTED_BY[k];
        f64::from(day(year, month, date).epoch_days())
    };
    let share = |k: usize| LISTED_BY[k].1;
    let between = |x: f64, [a, b]: [f64; 2], [c, d]: [f64; 2]| c + (d - c) * (x - a) / (b - a);
    let last = f64::from(latest.epoch_days());
    let k = (0..LISTED_BY.len() - 2).rfind(|&k| on(k) <= last).unwrap_or(0);
    let u = u * between(last, [on(k), on(k + 1)], [share(k), share(k + 1)]);
    let k = (0..=k).rfind(|&k| share(k) <= u).unwrap_or(0);
    TradingDay::from_epoch_days(between(u, [share(k), share(k + 1)], [on(k), on(k + 1)]) as i32)
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
        beta: if board == Board::Main { 0.94 } else { 1.13 }
            + 0.14 * normal(stream).clamp(-3.0, 3.0),
        quietness: normal(stream).clamp(-2.5, 2.5),
        price_to_book: (2.6_f64.ln() + 0.05 * relative + 0.5 * normal(stream)).exp(),
        price_to_sales: (2.5_f64.ln() + 0.7 * normal(stream)).exp(),
        return_on_equity: 0.08 + 0.05 * normal(stream),
        dividend_yield: 0.0,
        crowding: 1.0,
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
    let star = if listed_on >= day(2019, 7, 22) { 0.33 } else { 0.0 };
    // The growth board lists the smaller half of the market.
    let growth = (0.42 - 0.11 * relative).clamp(0.08, 0.55);
    let chinext = if listed_on >= day(2009, 10, 30) { growth } else { 0.0 };
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

    /// Witness: the boards of the 4,900 names traded on 2024-02-05 (Beijing apart): 62.7 % main, 26.1 %
    /// `ChiNext`, 11.2 % STAR; three standard errors of a draw of 1,000 are 4.6 points at most.
    #[test]
    fn boards_have_their_real_shares_and_the_growth_board_the_small() {
        let stocks = thousand();
        let listed: Vec<&Stock> = stocks
            .iter()
            .filter(|stock| stock.board != Board::Beijing && stock.first < 1_480)
            .collect();
        let share = |board, names: &[&Stock]| {
            names.iter().filter(|stock| stock.board == board).count() as f64 / names.len() as f64
        };
        for (board, real) in [(Board::Main, 0.627), (Board::Chinext, 0.261), (Board::Star, 0.112)] {
            let ours = share(board, &listed);
            assert!((ours - real).abs() < 0.046, "{board:?}: {ours}");
        }
        let (small, large): (Vec<&Stock>, Vec<&Stock>) =
            listed.iter().partition(|stock| stock.market_cap < 5e9);
        assert!(share(Board::Chinext, &small) > 1.3 * share(Board::Chinext, &large));
    }

    /// Witness: the table of listings itself, read backwards.
    #[test]
    fn listing_days_follow_the_waves_up_to_the_latest() {
        let end = day(2017, 12, 31);
        assert_eq!(listing_day(0.34, end), day(2004, 1, 1));
        assert_eq!(listing_day(0.41, end), day(2007, 1, 1));
        assert_eq!(listing_day(0.0, end), day(1990, 12, 19));
        for latest in [day(2005, 5, 9), end, day(2023, 7, 11)] {
            let last = listing_day(1.0 - 1e-12, latest);
            assert!((0..=1).contains(&last.calendar_days_until(latest)), "{last} {latest}");
        }
    }

    #[test]
    fn some_list_some_leave_and_some_are_treated_specially() {
        let stocks = thousand();
        let count = |f: fn(&Stock) -> bool| stocks.iter().filter(|stock| f(stock)).count();
        assert_eq!(count(|s| s.first > 0), 350, "the part that is not seasoned");
        assert!((10..50).contains(&count(|s| s.delisted)));
        assert!((20..120).contains(&count(|s| s.special.1 > s.special.0)));
    }
}
