//! The crowd: who held the small companies, and what their orders did.
//!
//! The legs of a [`Scenario`](crate::Scenario) are news: what the segments would have returned if nobody's orders
//! had moved them. From 2021 a world of `shoals-spiral` walks under that news. Until the end of 2023 money comes to its DMA
//! books, neutral funds and enhanced funds, which buys small companies and sells futures; in January 2024 nobody
//! decides anything for them any more: calls, knock-ins, redemptions and stop-losses come from the rules each holder
//! has. What the orders did to prices, basis, trading and fear is added to the path.
//!
//! Method page: `docs/method/sample.md`

mod stocks;
mod tables;
mod world;

pub use tables::{BookTruth, CrowdDay, CrowdHolding, CrowdTruth};

pub(crate) use stocks::{crowding, holdings};

use shoals_core::{Calendar, FutureProduct, Segment, TradingDay, day};
use shoals_spiral::walk::{Walk, WalkedDay};

use crate::path::FactorPath;
use crate::{SampleError, future};

/// Calendar days over which a dislocation builds up to two thirds in a contract: the futures' own.
const STRESS_TENOR: f64 = future::DISLOCATION_DAYS;
/// Annual discount of a future of which the crowd is short the whole open interest.
const HEDGE_PREMIUM: f64 = 0.05;
/// What fear a stress of the CSI 1000's and of the CSI 300's basis puts into small and large implied volatility, and
/// the days until half of it is forgotten.
const FEAR_OF_STRESS: [f64; 2] = [1.0, 2.4];
const FEAR_HALF_LIFE: f64 = 3.0;
/// How far the clients of books this large, CNY, sell volatility down: large and small.
const LARGE_BOOKS: f64 = 166e9;
const SOLD_DOWN: [f64; 2] = [0.005, 0.015];
/// How the amount traded follows what depth is left: its power.
const TRADING_OF_DEPTH: f64 = 0.12;
/// The feedback number is taken on these days, and at the end of each month before.
const FEEDBACK_DAILY: [(i32, u32, u32); 2] = [(2024, 1, 2), (2024, 3, 29)];

/// What the crowd's orders do to a path, one value a day of it.
#[derive(Debug, Clone)]
pub(crate) struct Crowd {
    /// The walk's days and the day of the path they begin on.
    start: usize,
    days: Vec<CrowdDay>,
    books: Vec<BookTruth>,
}

/// Walks the world under a path of news, up to a day.
pub(crate) fn walk(news: &FactorPath, until: TradingDay) -> Result<Crowd, SampleError> {
    let place = |day: TradingDay| news.days.partition_point(|&d| d < day);
    let start = place(world::first_day());
    let days = &news.days[start..place(until.plus_calendar_days(1)).max(start)];
    let mut found = Crowd { start, days: Vec::with_capacity(days.len()), books: Vec::new() };
    if days.is_empty() {
        return Ok(found);
    }
    let scenario = world::scenario(&news.days[start..]);
    let usual = scenario.market.daily_amount;
    let mut walk = Walk::new(scenario)?;
    for (i, &date) in days.iter().enumerate() {
        let t = start + i;
        let returns = Segment::ALL.map(|segment| news.segment_return(segment, t));
        let next = Calendar::shanghai().next(date).unwrap_or(date.plus_calendar_days(1));
        let to_next = f64::from(date.calendar_days_until(next));
        let walked = walk.step(&returns, world::inflow(date), to_next);
        let feedback = if takes_feedback(date, next) { walk.feedback() } else { f64::NAN };
        found.days.push(crowd_day(date, &walked, &returns, &usual, feedback));
        if date == world::issue_day() {
            walk.issue(&world::snowballs());
        }
    }
    let dated = |place: Option<usize>| place.map(|i| days[i]);
    found.books = walk
        .books()
        .iter()
        .map(|book| BookTruth {
            product: book.hedge.product.code(),
            margin: book.margin,
            called_on: dated(book.called_on),
            wiped_out_on: dated(book.wiped_out_on),
            is_closed: book.is_closing,
            long_value: book.long_value(),
            equity: book.equity,
        })
        .collect();
    Ok(found)
}

fn takes_feedback(date: TradingDay, next: TradingDay) -> bool {
    let [from, to] = FEEDBACK_DAILY.map(|(y, m, d)| day(y, m, d));
    (from..=to).contains(&date) || next.month() != date.month()
}

fn crowd_day(
    date: TradingDay,
    walked: &WalkedDay,
    news: &[f64; 5],
    usual: &[f64; 5],
    feedback: f64,
) -> CrowdDay {
    let record = &walked.record;
    CrowdDay {
        date,
        pressed: std::array::from_fn(|k| (walked.pressed[k] / (1.0 + news[k])).ln_1p()),
        held: walked.held,
        short: walked.short,
        flow: record.flow.map(|orders| orders.stock.map(|sold| -sold)),
        future_flow: record.flow.map(|orders| orders.future.map(|sold| -sold)),
        stress: record.stress,
        depth: std::array::from_fn(|k| record.depth[k] / usual[k]),
        limit_down: record.limit_down,
        dma_equity: record.dma_equity,
        called: walked.called,
        wiped_out: record.dma_wiped_out,
        knocked_in: record.knocked_in,
        feedback,
        usual: *usual,
    }
}

impl Crowd {
    /// Adds what the orders did to a path of news; returns the fear they add to large and small implied volatility.
    pub(crate) fn press(&self, path: &mut FactorPath) -> [Vec<f64>; 2] {
        let mut fear = [vec![0.0; path.len()], vec![0.0; path.len()]];
        let kept = 0.5_f64.powf(1.0 / FEAR_HALF_LIFE);
        let mut remembered = [0.0_f64; 2];
        for (i, day) in self.days.iter().enumerate() {
            let t = self.start + i;
            for k in 0..5 {
                path.pressed[k][t] = day.pressed[k];
                path.depth[k][t] = day.depth[k].powf(TRADING_OF_DEPTH);
                path.forced[k][t] = day.forced(k);
            }
            for product in FutureProduct::ALL {
                let p = product as usize;
                let (stress, short) = day.of(product);
                path.dislocation[p][t] += stress;
                path.carry[p][t] -= HEDGE_PREMIUM * short;
            }
            for (side, stress) in [day.stress[0], day.stress[2]].into_iter().enumerate() {
                remembered[side] = (kept * remembered[side]).max(stress.abs());
                fear[side][t] = FEAR_OF_STRESS[side] * remembered[side]
                    - SOLD_DOWN[side] * day.dma_value() / LARGE_BOOKS;
            }
        }
        fear
    }

    /// What is known of the crowd from `from` to `to`, its money in the units of a market of `n_stocks` names.
    pub(crate) fn truth(&self, from: TradingDay, to: TradingDay, n_stocks: usize) -> CrowdTruth {
        let scale = n_stocks as f64 / world::REAL_STOCKS;
        let days = self.days.iter().filter(|day| (from..=to).contains(&day.date));
        let books = self.books.iter().map(|book| book.scaled(scale));
        CrowdTruth {
            days: days.map(|day| day.scaled(scale)).collect(),
            books: books.collect(),
            stocks: Vec::new(),
        }
    }
}
