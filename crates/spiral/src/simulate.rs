//! One path of the spiral, day by day and round by round.

use serde::Serialize;
use shoals_core::Seed;
use shoals_stats::counter_normal::counter_normal;

use crate::holder::chaser::Chaser;
use crate::holder::dma::Dma;
use crate::holder::enhanced::Enhanced;
use crate::holder::inflow::Inflow;
use crate::holder::locked::Locked;
use crate::holder::margin_account::MarginAccounts;
use crate::holder::neutral::Neutral;
use crate::holder::snowball::Snowball;
use crate::holder::{Kind, View, bargain, national_team};
use crate::market::{ByProduct, BySegment, Market, MarketTerms, Orders, Product, Round, SEGMENTS};
use crate::news::Surprises;
use crate::policy::{Rules, rules_of};
use crate::scenario::Scenario;
use crate::stress::{Visitor, VisitorDay, VisitorTerms};

/// A day of a path, at its close.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct DayRecord {
    /// Return of the common factor, inferred where the day is anchored.
    pub factor: f64,
    /// Index levels, 1 at the start.
    pub level: BySegment,
    /// Basis stress, a fraction of spot.
    pub stress: ByProduct,
    /// Share of names at their lower limit at the close.
    pub limit_down: BySegment,
    /// Amount a day could take, CNY.
    pub depth: BySegment,
    /// Net orders executed, by holder: a sale is positive, CNY.
    pub flow: [Orders; Kind::ALL.len()],
    /// Long value of the DMA books, CNY.
    pub dma_value: f64,
    /// Equity of the DMA books, CNY.
    pub dma_equity: f64,
    /// DMA books whose equity is gone, a share of their number.
    pub dma_wiped_out: f64,
    /// Snowball notional knocked in, a share.
    pub knocked_in: f64,
    /// Debt of the margin accounts, CNY.
    pub margin_debt: f64,
}

/// A path's market and holders.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) market: Market,
    pub(crate) dma: Dma,
    pub(crate) neutral: Neutral,
    pub(crate) enhanced: Enhanced,
    pub(crate) snowball: Snowball,
    chaser: Chaser,
    locked: Locked,
    margin: MarginAccounts,
    /// What each segment would stand at without orders.
    pub(crate) fair: BySegment,
    /// What the orders of the day did to each segment, before price limits.
    pub(crate) pressed: BySegment,
    /// Money that comes to the holders today.
    pub(crate) inflow: Inflow,
    /// The common factor in the rounds of the day.
    news: Vec<f64>,
    /// What the common factor does today on top of the day's return.
    surprise: f64,
    /// Somebody's book or fund, going through the same days.
    pub(crate) visitor: Option<Visitor>,
    /// Its last close.
    pub(crate) visitor_close: Option<VisitorDay>,
    /// Which kinds trade; the others hold still.
    pub(crate) active: [bool; Kind::ALL.len()],
}

impl World {
    pub(crate) fn new(scenario: &Scenario) -> Self {
        let market = Market::quiet(&scenario.market);
        let view = View {
            market: &market,
            terms: &scenario.market,
            rules: &scenario.rules,
            day: 0,
            rounds: scenario.rounds,
        };
        Self {
            dma: Dma::new(&scenario.dma, &view),
            neutral: Neutral::new(&scenario.neutral, &view),
            enhanced: Enhanced::new(&scenario.enhanced, &view),
            snowball: Snowball::new(&scenario.snowball),
            chaser: Chaser::new(&scenario.chaser),
            locked: Locked::default(),
            margin: MarginAccounts::new(&scenario.margin),
            fair: [1.0; SEGMENTS],
            pressed: [0.0; SEGMENTS],
            inflow: Inflow::default(),
            news: Vec::with_capacity(scenario.rounds),
            surprise: 0.0,
            active: [true; Kind::ALL.len()],
            visitor: None,
            visitor_close: None,
            market,
        }
    }

    /// The same world with somebody's book in it.
    pub(crate) fn with_visitor(scenario: &Scenario, terms: &VisitorTerms) -> Self {
        let mut world = Self::new(scenario);
        let view = View {
            market: &world.market,
            terms: &scenario.market,
            rules: &scenario.rules,
            day: 0,
            rounds: scenario.rounds,
        };
        world.visitor = Some(Visitor::new(terms, &view));
        world
    }

    /// A day of the scenario; `own` gives what segments and bases do by themselves in each round.
    pub(crate) fn day(
        &mut self,
        scenario: &Scenario,
        day: usize,
        own: impl Fn(usize, &Market) -> Own,
    ) -> DayRecord {
        let terms = &scenario.market;
        let rounds = scenario.rounds;
        let rules = rules_of(scenario.rules, &scenario.changes, day);
        let mut flow = [Orders::default(); Kind::ALL.len()];
        let start = self.market.previous;
        self.news.clear();
        self.pressed = [0.0; SEGMENTS];
        for round in 0..rounds {
            let by_kind = self.decide(scenario, &rules, day, round);
            let mut all = Orders::default();
            for (kind, flow) in by_kind.iter().zip(&mut flow) {
                all.add(kind);
                flow.add(kind);
            }
            if let Some(visitor) = &mut self.visitor {
                let view = View { market: &self.market, terms, rules: &rules, day, rounds };
                let mut own = Orders::default();
                visitor.decide(&view, &mut own);
                if visitor.is_in_crowd() {
                    all.add(&own);
                }
            }
            for product in Product::ALL {
                all.stock[product.segment()] +=
                    terms.arbitrage_share * all.future[product as usize];
            }
            let pressure = self.market.press(terms, &all, rounds);
            for (sum, pressure) in self.pressed.iter_mut().zip(pressure) {
                *sum += pressure;
            }
            let today = &scenario.days[day];
            let surprise = self.surprise / rounds as f64;
            let factor = if today.is_anchored {
                let largest = SEGMENTS - 1;
                (today.anchor(round, rounds) - pressure[largest]) / terms.beta[largest]
            } else {
                today.by_round.get(round).copied().unwrap_or(today.factor / rounds as f64)
            } + surprise;
            self.news.push(factor);
            let own = own(round, &self.market);
            let moves = Round {
                news: std::array::from_fn(|k| terms.beta[k] * factor + own.segment[k]),
                pressure,
                futures: all.future,
                basis: own.basis,
            };
            for (fair, news) in self.fair.iter_mut().zip(moves.news) {
                *fair *= 1.0 + news;
            }
            let before = self.market.level;
            self.market.clear(terms, &moves, rounds);
            let growth: BySegment = std::array::from_fn(|k| self.market.level[k] / before[k]);
            self.mark(&growth, terms, day);
        }
        let returns: BySegment = std::array::from_fn(|k| self.market.level[k] / start[k] - 1.0);
        let record = self.record(&flow);
        self.visitor_close = self.visitor.as_ref().map(|book| book.today(&self.market, &rules));
        let shown = self.market.level;
        self.market.close(terms);
        // What the limits hid is in the next morning's prices: who holds the stocks has it, as who is short the futures.
        let overnight: BySegment = std::array::from_fn(|k| self.market.level[k] / shown[k]);
        self.mark(&overnight, terms, day);
        let days = scenario.days[day].days_to_next;
        self.dma.close(days, &self.market, terms);
        self.neutral.close(days, &self.market, terms);
        self.enhanced.close(days, &self.market, terms);
        self.chaser.close(&returns);
        if let Some(visitor) = &mut self.visitor {
            visitor.close(days, &returns, &self.market, terms, day);
        }
        record
    }

    /// What every kind of holder orders in a round, the new money of the day with them.
    fn decide(
        &mut self,
        scenario: &Scenario,
        rules: &Rules,
        day: usize,
        round: usize,
    ) -> [Orders; Kind::ALL.len()] {
        let rounds = scenario.rounds;
        let view = View { market: &self.market, terms: &scenario.market, rules, day, rounds };
        let mut by_kind = [Orders::default(); Kind::ALL.len()];
        for (kind, orders) in Kind::ALL.into_iter().zip(&mut by_kind) {
            if !self.active[kind as usize] {
                continue;
            }
            match kind {
                Kind::Dma => self.dma.decide(&view, orders),
                Kind::Neutral => self.neutral.decide(&view, orders),
                Kind::Enhanced => self.enhanced.decide(&view, orders),
                Kind::Snowball => self.snowball.decide(&view, orders),
                Kind::Chaser => self.chaser.decide(&view, orders),
                Kind::Bargain => {
                    bargain::decide(&scenario.bargain, &self.fair, &view, orders);
                }
                Kind::Locked => self.locked.decide(&scenario.locked, &view, orders),
                Kind::MarginAccount => self.margin.decide(&view, orders),
                Kind::NationalTeam => {
                    let Scenario { purchases, purchase_times, .. } = scenario;
                    let first = scenario.days[day].low.map_or(0, |_| rounds / 2);
                    let when = (round, first);
                    national_team::decide(purchases, purchase_times, when, &view, orders);
                }
            }
        }
        self.inflow.arrive(
            (&mut self.dma, &mut self.neutral, &mut self.enhanced),
            &view,
            &mut by_kind,
        );
        by_kind
    }

    /// Marks everyone to market after levels have grown by `growth`.
    fn mark(&mut self, growth: &BySegment, terms: &MarketTerms, day: usize) {
        self.dma.mark(growth, &self.market, terms, day);
        self.neutral.mark(growth, &self.market, terms);
        self.enhanced.mark(growth, &self.market, terms);
        self.margin.mark(growth);
        if let Some(visitor) = &mut self.visitor {
            visitor.mark(growth, &self.market, terms, day);
        }
    }

    fn record(&self, flow: &[Orders; Kind::ALL.len()]) -> DayRecord {
        let books = &self.dma.books;
        let wiped_out = books.iter().filter(|book| book.wiped_out_on.is_some()).count();
        DayRecord {
            factor: self.news.iter().map(|r| 1.0 + r).product::<f64>() - 1.0,
            level: self.market.level,
            stress: self.market.stress,
            limit_down: self.market.limit_down,
            depth: self.market.depth,
            flow: *flow,
            dma_value: self.dma.long_value(),
            dma_equity: books.iter().map(|book| book.equity).sum(),
            dma_wiped_out: wiped_out as f64 / books.len().max(1) as f64,
            knocked_in: self.snowball.touched(),
            margin_debt: self.margin.debt(),
        }
    }
}

/// The scenario with the news an anchored path inferred, no longer anchored: what a counterfactual is asked of, because
/// another rule does not change the news. A rerun of it shows the path again.
pub fn with_inferred_news(scenario: &Scenario) -> Scenario {
    let mut world = World::new(scenario);
    let mut freed = scenario.clone();
    for (i, day) in freed.days.iter_mut().enumerate() {
        day.factor = world.day(scenario, i, |_, _| Own::default()).factor;
        (day.is_anchored, day.low, day.by_round) = (false, None, world.news.clone());
    }
    freed
}

/// What happens in a round by itself.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Own {
    /// Returns of the segments beside the common factor.
    pub(crate) segment: BySegment,
    /// Moves of the stress.
    pub(crate) basis: ByProduct,
}

impl Own {
    /// Of a round, from standard normals: one a segment, one a product. A basis is as much louder as its segment is.
    fn of(scenario: &Scenario, market: &Market, normal: impl Fn(usize) -> f64) -> Self {
        let terms = &scenario.market;
        let share = (scenario.rounds as f64).sqrt().recip();
        Self {
            segment: std::array::from_fn(|k| {
                let own = scenario.news.own(k, &terms.volatility, &normal);
                own * terms.volatility[k] * share
            }),
            basis: Product::ALL.map(|product| {
                let (j, k) = (product as usize, product.segment());
                let louder = market.volatility[k] / terms.volatility[k];
                terms.basis_volatility[j] * louder * normal(SEGMENTS + j) * share
            }),
        }
    }
}

/// Normals a round takes.
const NORMALS: usize = SEGMENTS + Product::ALL.len();

/// Normals set aside for a path: its noise is the same whatever the number of days.
const PATH: u64 = 1 << 24;

/// Path `path` of the scenario. `noise` scales what the segments and bases do by themselves and the news' surprises: 0 is
/// the path without noise, -1 the mirror image of 1.
pub fn simulate(scenario: &Scenario, path: u64, seed: Seed, noise: f64) -> Vec<DayRecord> {
    let mut records = Vec::with_capacity(scenario.days.len());
    walk(World::new(scenario), scenario, path, seed, noise, |_, record, _| records.push(*record));
    records
}

/// Takes a world through the days of path `path` and returns it; `each` sees every day's close.
pub(crate) fn walk(
    mut world: World,
    scenario: &Scenario,
    path: u64,
    seed: Seed,
    noise: f64,
    mut each: impl FnMut(usize, &DayRecord, &World),
) -> World {
    let per_day = scenario.rounds * NORMALS;
    let n_days = scenario.days.len();
    let mut surprises = Surprises::new(scenario.news, seed, path, n_days);
    for day in 0..n_days {
        let first = path * PATH + (day * per_day) as u64;
        world.surprise = if noise == 0.0 { 0.0 } else { noise * surprises.draw() };
        let record = world.day(scenario, day, |round, market| {
            if noise == 0.0 {
                return Own::default();
            }
            let first = first + (round * NORMALS) as u64;
            let normal = |i: usize| noise * counter_normal(seed.0, first + i as u64);
            Own::of(scenario, market, normal)
        });
        each(day, &record, &world);
    }
    world
}
