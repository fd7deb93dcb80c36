//! A world walked day by day under news and money of one's own.
//!
//! [`simulate`](mod@crate::simulate) runs the days of a scenario whose news are one number a day. Here every segment has
//! its own news, what it would return if nobody's orders moved it, and the crowd may grow before the storm: money
//! comes in by an [`Inflow`]. The largest segment shows exactly its news, as on an anchored day: what orders do to it
//! is taken as worse or better news for all.
//!
//! Method page: `docs/method/spiral.md`

use serde::Serialize;

use crate::SpiralError;
use crate::explain::response;
use crate::holder::dma::DmaBook;
pub use crate::holder::inflow::Inflow;
use crate::holder::snowball::{Snowball, SnowballTerms};
use crate::market::{ByProduct, BySegment, Product, SEGMENTS};
use crate::scenario::{Day, Scenario};
use crate::simulate::{DayRecord, Own, World};

/// A day of the walk, at its close.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WalkedDay {
    /// The day as every path records it; levels are counted from the last issue of snowballs.
    pub record: DayRecord,
    /// Return of each segment that orders made, before price limits: what the day's return is above the news. Zero for the
    /// largest segment.
    pub pressed: BySegment,
    /// Stocks the DMA books, the neutral funds and the enhanced funds hold, the last only what is outside their
    /// benchmark; CNY.
    pub held: [BySegment; 3],
    /// Futures the DMA books and the neutral funds are short, CNY.
    pub short: [ByProduct; 2],
    /// DMA books called for margin so far, or closing, a share of their number.
    pub called: f64,
}

/// The world on its way.
#[derive(Debug, Clone)]
pub struct Walk {
    world: World,
    scenario: Scenario,
    day: usize,
}

impl Walk {
    /// A world before its first day. The scenario's `days` are not read: their number bounds nothing here.
    ///
    /// # Errors
    /// When a number of the scenario is out of range.
    pub fn new(scenario: Scenario) -> Result<Self, SpiralError> {
        let scenario = scenario.checked()?;
        Ok(Self { world: World::new(&scenario), scenario, day: 0 })
    }

    /// Walks a day: `news` is each segment's return without orders, `days_to_next` calendar days pass after it. Rules
    /// and purchases are those of the scenario on that day of the walk.
    pub fn step(&mut self, news: &BySegment, inflow: Inflow, days_to_next: f64) -> WalkedDay {
        let largest = SEGMENTS - 1;
        let (market, rounds) = (&self.scenario.market, self.scenario.rounds as f64);
        let factor = news[largest];
        let own: BySegment =
            std::array::from_fn(|k| news[k] - market.beta[k] / market.beta[largest] * factor);
        let a_round = Own { segment: own.map(|own| own / rounds), ..Own::default() };
        self.set_day(Day { is_anchored: true, days_to_next, ..Day::of(factor) });
        self.world.inflow = inflow;
        let record = self.world.day(&self.scenario, self.day, |_, _| a_round);
        if inflow.dma > 0.0 {
            self.world.dma.pay_out();
        }
        self.day += 1;
        self.walked(&record)
    }

    fn walked(&self, record: &DayRecord) -> WalkedDay {
        let (world, beta) = (&self.world, &self.scenario.market.beta);
        let anchor = world.pressed[SEGMENTS - 1] / beta[SEGMENTS - 1];
        let books = &world.dma.books;
        let called = books.iter().filter(|book| book.called_on.is_some() || book.is_closing);
        WalkedDay {
            pressed: std::array::from_fn(|k| world.pressed[k] - beta[k] * anchor),
            held: [
                sum(books.iter().map(|book| &book.long)),
                sum(world.neutral.funds.iter().map(|fund| &fund.long)),
                sum(world.enhanced.funds.iter().map(|fund| &fund.tilt)),
            ],
            short: [
                short(books.iter().map(|book| (book.hedge.product, book.hedge.value()))),
                short(world.neutral.funds.iter().map(|f| (f.hedge.product, f.hedge.value()))),
            ],
            called: called.count() as f64 / books.len().max(1) as f64,
            record: *record,
        }
    }

    /// The feedback number at this close ([`explain::feedback`](crate::explain::feedback)), the next day's money left out.
    pub fn feedback(&self) -> f64 {
        let mut walk = self.clone();
        walk.set_day(Day::of(0.0));
        walk.world.inflow = Inflow::default();
        response(&walk.world, &walk.scenario, walk.day)
    }

    /// The DMA books now.
    pub fn books(&self) -> &[DmaBook] {
        &self.world.dma.books
    }

    /// The dealers issue `snowballs`, hedged: knock-ins are fractions of the levels of this close, from which all
    /// levels are counted from now on.
    pub fn issue(&mut self, snowballs: &SnowballTerms) {
        let world = &mut self.world;
        let level = world.market.previous;
        for (k, level) in level.into_iter().enumerate() {
            world.market.level[k] /= level;
            world.market.previous[k] /= level;
            world.fair[k] /= level;
        }
        let books = world.dma.books.iter_mut().map(|book| &mut book.hedge);
        let funds = world.neutral.funds.iter_mut().map(|fund| &mut fund.hedge);
        for hedge in books.chain(funds) {
            let level = level[hedge.product.segment()];
            hedge.units *= level;
            hedge.price /= level;
        }
        world.snowball = Snowball::new(snowballs);
        self.scenario.snowball = snowballs.clone();
    }

    /// Makes `day` the day of the scenario the world walks next.
    fn set_day(&mut self, day: Day) {
        let days = &mut self.scenario.days;
        days.resize(days.len().max(self.day + 1), Day::of(0.0));
        days[self.day] = day;
    }
}

fn sum<'a>(holdings: impl Iterator<Item = &'a BySegment>) -> BySegment {
    holdings.fold([0.0; SEGMENTS], |sum, x| std::array::from_fn(|k| sum[k] + x[k]))
}

fn short(hedges: impl Iterator<Item = (Product, f64)>) -> ByProduct {
    let mut short = [0.0; 3];
    for (product, value) in hedges {
        short[product as usize] += value;
    }
    short
}
