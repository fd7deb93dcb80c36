//! The market the holders trade in: five size segments, three index futures, rounds within the day.
//!
//! Prices move by the common factor, by each segment's own noise, and by orders. An order's impact is part permanent,
//! part transient: the transient part is given back over days. Depth shrinks as volatility rises. Single names spread
//! around their segment, so a falling segment has names at their limit: they do not trade, their share of an order
//! waits, and the part of the fall that the limit hides comes the next day.
//!
//! The basis of a future is carry plus stress: carry is a rate times the time to expiry, stress one number a product
//! that selling futures and falling spot push down, that covering pushes up, and that arbitrage takes back, faster
//! where the future is dear than where it is cheap. Near expiry both vanish.
//!
//! Method page: `docs/method/spiral.md`

use serde::{Deserialize, Serialize};
use shoals_market::impact::{Depth, ImpactLaw};
use shoals_stats::normal::{normal_cdf, normal_density};

/// Segments, smallest companies first: [`shoals_core::Segment::ALL`].
pub const SEGMENTS: usize = 5;

/// One number a segment.
pub type BySegment = [f64; SEGMENTS];

/// Index futures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Product {
    /// CSI 300.
    If,
    /// CSI 500.
    Ic,
    /// CSI 1000.
    Im,
}

impl Product {
    /// Every product, largest companies first.
    pub const ALL: [Self; 3] = [Self::If, Self::Ic, Self::Im];

    /// Its segment's place in [`shoals_core::Segment::ALL`].
    pub const fn segment(self) -> usize {
        match self {
            Self::If => 4,
            Self::Ic => 3,
            Self::Im => 2,
        }
    }

    /// Its code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::If => "IF",
            Self::Ic => "IC",
            Self::Im => "IM",
        }
    }
}

/// One number a product, in the order of [`Product::ALL`].
pub type ByProduct = [f64; 3];

/// How the market answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MarketTerms {
    /// Amount traded on a quiet day, CNY.
    pub daily_amount: BySegment,
    /// Standard deviation of daily returns when quiet.
    pub volatility: BySegment,
    /// Return of each segment for a return of 1 of the common factor.
    pub beta: BySegment,
    /// Standard deviation of single names' daily returns around their segment's.
    pub name_dispersion: BySegment,
    /// Power of a segment's volatility over its quiet one that the spread of its names grows with.
    pub dispersion_elasticity: f64,
    /// Daily price limit of the names of each segment, blended over boards.
    pub price_limit: BySegment,
    /// How orders move prices.
    pub impact: ImpactLaw,
    /// Share of an impact that stays.
    pub permanent_share: f64,
    /// Days until half of the rest is given back.
    pub transient_half_life: f64,
    /// Share of the market's net order that moves every segment.
    pub common_impact: f64,
    /// How fast depth shrinks as volatility rises above its quiet level.
    pub depth_elasticity: f64,
    /// Least share of the quiet depth that is left.
    pub depth_floor: f64,
    /// Days of the volatility's memory: its half-life.
    pub volatility_half_life: f64,
    /// Most that holders of one kind trade of a segment in a day, a share of its quiet daily amount.
    pub participation: f64,
    /// Annual carry of each product's basis, a decimal; negative for a discount.
    pub carry: ByProduct,
    /// Share of net futures orders that index arbitrage carries into the stocks of the future's segment.
    pub arbitrage_share: f64,
    /// Quiet open interest, CNY.
    pub open_interest: ByProduct,
    /// Move of the stress for net selling of the whole open interest, a fraction of spot.
    pub basis_impact: f64,
    /// Move of the stress for a spot return of -1.
    pub basis_fear: f64,
    /// Standard deviation of the stress's own daily moves, a fraction of spot.
    pub basis_volatility: ByProduct,
    /// Days until half of a discount is arbitraged away.
    pub discount_half_life: f64,
    /// Days until half of a premium is.
    pub premium_half_life: f64,
    /// Calendar days to expiry at which 63 % of the stress is in a contract's basis.
    pub stress_tenor: f64,
}

impl MarketTerms {
    /// Basis under a `stress`, a fraction of spot, `days` calendar days before expiry.
    pub fn basis(&self, stress: f64, product: Product, days: f64) -> f64 {
        self.carry[product as usize] * days / 365.0 - stress * (-days / self.stress_tenor).exp_m1()
    }
}

/// Net orders of a round: a sale is positive, CNY.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Orders {
    /// Stocks.
    pub stock: BySegment,
    /// Futures.
    pub future: ByProduct,
}

impl Orders {
    /// Adds another's.
    pub fn add(&mut self, other: &Self) {
        for (sum, x) in self.stock.iter_mut().zip(other.stock) {
            *sum += x;
        }
        for (sum, x) in self.future.iter_mut().zip(other.future) {
            *sum += x;
        }
    }
}

/// What moves the market in a round.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Round {
    /// Returns by news, a segment's own in them.
    pub news: BySegment,
    /// Returns by orders.
    pub pressure: BySegment,
    /// Net orders of futures.
    pub futures: ByProduct,
    /// The stress's own moves.
    pub basis: ByProduct,
}

/// The market at a moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Market {
    /// Index levels, 1 at the start.
    pub level: BySegment,
    /// Levels at yesterday's close.
    pub previous: BySegment,
    /// Stress of each product's basis, a fraction of spot.
    pub stress: ByProduct,
    /// Standard deviation of daily returns as now believed, today's move so far in it.
    pub volatility: BySegment,
    /// The same at yesterday's close.
    volatility_before: BySegment,
    /// Amount a day can take.
    pub depth: BySegment,
    /// Share of names at their lower limit.
    pub limit_down: BySegment,
    /// Share of names at their upper limit.
    pub limit_up: BySegment,
    /// Net order executed today, the common part in it.
    flow: BySegment,
    /// Today's return with no limit on it.
    raw: BySegment,
    /// Impact that is still to be given back.
    transient: BySegment,
}

impl Market {
    /// A quiet market.
    pub fn quiet(terms: &MarketTerms) -> Self {
        Self {
            level: [1.0; SEGMENTS],
            previous: [1.0; SEGMENTS],
            stress: [0.0; 3],
            volatility: terms.volatility,
            volatility_before: terms.volatility,
            depth: terms.daily_amount,
            limit_down: [0.0; SEGMENTS],
            limit_up: [0.0; SEGMENTS],
            flow: [0.0; SEGMENTS],
            raw: [0.0; SEGMENTS],
            transient: [0.0; SEGMENTS],
        }
    }

    /// Share of an order in segment `k` that finds a counterparty: nobody buys at the lower limit or sells at the upper.
    pub fn tradable(&self, k: usize, order: f64) -> f64 {
        if order > 0.0 { 1.0 - self.limit_down[k] } else { 1.0 - self.limit_up[k] }
    }

    /// Basis of a contract, a fraction of spot, `days` calendar days before it expires.
    pub fn basis(&self, terms: &MarketTerms, product: Product, days: f64) -> f64 {
        terms.basis(self.stress[product as usize], product, days)
    }

    /// Price of a contract in units of the index at the start.
    pub fn future(&self, terms: &MarketTerms, product: Product, days: f64) -> f64 {
        self.level[product.segment()] * (1.0 + self.basis(terms, product, days))
    }

    /// Executes one of `rounds` rounds of orders; returns what they and the fading of earlier ones do to each segment.
    pub fn press(&mut self, terms: &MarketTerms, orders: &Orders, rounds: usize) -> BySegment {
        let total: f64 = orders.stock.iter().sum();
        let all_depth: f64 = self.depth.iter().sum();
        let kept = 0.5_f64.powf(1.0 / (terms.transient_half_life * rounds as f64));
        std::array::from_fn(|k| {
            let depth = Depth { volatility: self.volatility[k], daily_amount: self.depth[k] };
            let impact = |flow: f64| terms.impact.fraction(flow, depth);
            let order = orders.stock[k] + terms.common_impact * total * self.depth[k] / all_depth;
            let moved = impact(self.flow[k] + order) - impact(self.flow[k]);
            self.flow[k] += order;
            let given_back = self.transient[k] * (1.0 - kept);
            self.transient[k] += (1.0 - terms.permanent_share) * moved - given_back;
            given_back - moved
        })
    }

    /// Ends one of `rounds` rounds: prices move, the basis with them, volatility and depth are believed anew.
    pub fn clear(&mut self, terms: &MarketTerms, round: &Round, rounds: usize) {
        let before = self.level;
        for (k, (news, pressure)) in round.news.iter().zip(round.pressure).enumerate() {
            self.raw[k] += news + pressure;
            self.show(terms, k);
            self.believe(terms, k);
        }
        self.move_basis(terms, &before, round, rounds);
    }

    /// Believes volatility and depth anew from today's move so far.
    fn believe(&mut self, terms: &MarketTerms, k: usize) {
        let memory = 0.5_f64.powf(1.0 / terms.volatility_half_life);
        let shown = self.level[k] / self.previous[k] - 1.0;
        let before = self.volatility_before[k].powi(2);
        self.volatility[k] = (before * memory + shown.powi(2) * (1.0 - memory)).sqrt();
        let excess = (self.volatility[k] / terms.volatility[k] - 1.0).max(0.0);
        let left = (-terms.depth_elasticity * excess).exp().max(terms.depth_floor);
        self.depth[k] = terms.daily_amount[k] * left;
    }

    /// Shows today's return through the price limits.
    fn show(&mut self, terms: &MarketTerms, k: usize) {
        let louder = (self.volatility[k] / terms.volatility[k]).max(1.0);
        let spread = terms.name_dispersion[k] * louder.powf(terms.dispersion_elasticity);
        let limit = terms.price_limit[k];
        let (low, high) = ((-limit - self.raw[k]) / spread, (limit - self.raw[k]) / spread);
        self.limit_down[k] = normal_cdf(low);
        self.limit_up[k] = normal_cdf(-high);
        // The mean of a normal number cut at both limits.
        let inside = 1.0 - self.limit_down[k] - self.limit_up[k];
        let shown = limit * (self.limit_up[k] - self.limit_down[k])
            + self.raw[k] * inside
            + spread * (normal_density(low) - normal_density(high));
        self.level[k] = self.previous[k] * (1.0 + shown);
    }

    fn move_basis(
        &mut self,
        terms: &MarketTerms,
        before: &BySegment,
        round: &Round,
        rounds: usize,
    ) {
        for product in Product::ALL {
            let (j, k) = (product as usize, product.segment());
            let fall = (1.0 - self.level[k] / before[k]).max(0.0);
            let stress = &mut self.stress[j];
            *stress -= terms.basis_fear * fall
                + terms.basis_impact * round.futures[j] / terms.open_interest[j];
            *stress += round.basis[j];
            let half_life =
                if *stress > 0.0 { terms.premium_half_life } else { terms.discount_half_life };
            *stress *= 0.5_f64.powf(1.0 / (half_life * rounds as f64));
        }
    }

    /// Ends the day: what the limits hid comes tomorrow.
    pub fn close(&mut self, terms: &MarketTerms) {
        for k in 0..SEGMENTS {
            self.raw[k] -= self.level[k] / self.previous[k] - 1.0;
            self.flow[k] = 0.0;
            self.previous[k] = self.level[k];
            self.volatility_before[k] = self.volatility[k];
            self.show(terms, k);
        }
    }
}
