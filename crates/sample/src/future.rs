//! Index futures on the sample's indices, listed and expired by the exchange's rule.
//!
//! A contract of `T` calendar days is worth
//! `S exp(carry T / 365 + dislocation (1 - exp(-T / 25))) - dividends before expiry`, plus quoting
//! noise that dies out toward expiry. A lasting discount grows with time; a rush to hedge presses the
//! near contracts by a level, which annualises to the extreme figures of February 2024.

use std::collections::BTreeMap;

use rand::RngExt;
use shoals_core::{
    Calendar, CoreError, FutureContract, FutureProduct, Rules, Seed, Segment, Stream, Symbol,
    Table, TradingDay,
};

use crate::index::{IndexBook, Levels};
use crate::noise::{exponential, normal};
use crate::truth::BasisTruth;
use crate::{FactorPath, SampleError};

/// Calendar days in which a dislocation builds up to two thirds.
pub(crate) const DISLOCATION_DAYS: f64 = 25.0;
/// Everyday quoting noise, a fraction of spot: the spot's closing auction against the futures' last
/// trade, the same for all contracts, and a contract's own.
const CLOSING_DEVIATION: f64 = 0.0013;
const QUOTE_DEVIATION: f64 = 0.0005;
/// Settlement against close: the last hour's average is not the last price.
const SETTLE_DEVIATION: f64 = 0.0006;
/// Total open interest, lots, and its daily turnover, IH, IF, IC, IM.
const OPEN_INTEREST: [f64; 4] = [120_000.0, 220_000.0, 260_000.0, 180_000.0];
const TURNOVER: [f64; 4] = [0.55, 0.45, 0.32, 0.38];
/// Share of open interest by place in the listing, before and near the front month's expiry.
const SHARES: [f64; 4] = [0.42, 0.17, 0.28, 0.13];
const SHARES_NEAR_EXPIRY: [f64; 4] = [0.12, 0.44, 0.30, 0.14];
const NEAR_EXPIRY_DAYS: i32 = 5;

/// Futures rows, their truth, and what a rolled hedge earned.
pub(crate) struct FutureMarket {
    rows: Rows,
    pub(crate) truth: Vec<BasisTruth>,
    /// Daily return on notional of holding the second listed contract by settlement, from one close
    /// to the next; NaN before the product was listed. [`FutureProduct::ALL`] order.
    pub(crate) rolled_return: [Vec<f64>; 4],
}

#[derive(Default)]
struct Rows {
    dates: Vec<TradingDay>,
    contracts: Vec<Symbol>,
    prices: [Vec<f64>; 5],
    volumes: Vec<i64>,
    amounts: Vec<f64>,
    open_interests: Vec<i64>,
}

/// A contract while it is listed.
#[derive(Clone, Copy)]
struct Quote {
    settle: f64,
}

/// One product with its index.
struct Desk<'a> {
    product: FutureProduct,
    levels: Levels,
    /// Dividend points paid up to and including each day.
    paid: Vec<f64>,
    path: &'a FactorPath,
    quotes: BTreeMap<FutureContract, Quote>,
    stream: Stream,
}

/// The index a product settles on.
pub(crate) fn underlying(product: FutureProduct) -> Option<Segment> {
    match product {
        FutureProduct::IH => None,
        FutureProduct::IF => Some(Segment::Csi300),
        FutureProduct::IC => Some(Segment::Csi500),
        FutureProduct::IM => Some(Segment::Csi1000),
    }
}

/// Trades every listed contract of every product through the path.
pub(crate) fn simulate(
    path: &FactorPath,
    indices: &IndexBook,
    seed: Seed,
) -> Result<FutureMarket, SampleError> {
    let mut market = FutureMarket {
        rows: Rows::default(),
        truth: Vec::new(),
        rolled_return: Default::default(),
    };
    let mut desks = FutureProduct::ALL.map(|product| Desk::new(product, path, indices, seed));
    // In the order of the contract codes: IC, IF, IH, IM.
    desks.sort_by_key(|desk| desk.product.code());
    for t in 0..path.len() {
        for desk in &mut desks {
            let earned = desk.trade(t, &mut market)?;
            market.rolled_return[desk.product as usize].push(earned);
        }
    }
    Ok(market)
}

impl FutureMarket {
    /// `future_daily`.
    pub(crate) fn table(&mut self) -> Table {
        let rows = std::mem::take(&mut self.rows);
        let [open, high, low, close, settle] = rows.prices;
        Table::new("future_daily")
            .with("date", "exchange day", rows.dates)
            .with("contract", "contract", rows.contracts)
            .with("open", "points", open)
            .with("high", "points", high)
            .with("low", "points", low)
            .with("close", "points", close)
            .with("settle", "points, exchange settlement", settle)
            .with("volume", "lots", rows.volumes)
            .with("amount", "CNY", rows.amounts)
            .with("open_interest", "lots", rows.open_interests)
    }
}

impl<'a> Desk<'a> {
    fn new(product: FutureProduct, path: &'a FactorPath, indices: &IndexBook, seed: Seed) -> Self {
        let levels = indices.levels(underlying(product));
        let mut paid = 0.0;
        let paid = levels.dividend.iter().map(|points| {
            paid += points;
            paid
        });
        Self {
            product,
            paid: paid.collect(),
            levels,
            path,
            quotes: BTreeMap::new(),
            stream: seed.part("future").part(product.code()).stream(0),
        }
    }

    /// Trades the four listed contracts; returns what the second one earned since the last close.
    fn trade(&mut self, t: usize, market: &mut FutureMarket) -> Result<f64, SampleError> {
        let day = self.path.days[t];
        if day < self.product.listed_on() {
            return Ok(f64::NAN);
        }
        let calendar = Calendar::shanghai();
        let held = self.quotes.clone();
        let contracts = FutureContract::listed(self.product, day, calendar)?;
        let front_expiry = contracts[0].expiry(calendar)?;
        let is_near = day.calendar_days_until(front_expiry) < NEAR_EXPIRY_DAYS;
        let shares = if is_near { SHARES_NEAR_EXPIRY } else { SHARES };
        let closing = CLOSING_DEVIATION * normal(&mut self.stream);
        self.quotes.retain(|contract, _| contracts.contains(contract));
        for (contract, share) in contracts.into_iter().zip(shares) {
            let truth = self.truth(t, contract, calendar)?;
            market.truth.push(truth);
            self.quote(t, truth, share, closing, &mut market.rows)?;
        }
        Ok(self.rolled(&held, t))
    }

    /// Settlement return of the contract second in yesterday's list.
    fn rolled(&self, held: &BTreeMap<FutureContract, Quote>, t: usize) -> f64 {
        let Some((contract, before)) = held.iter().nth(1) else { return f64::NAN };
        let now = self.quotes.get(contract).map_or(self.levels.close[t], |quote| quote.settle);
        now / before.settle - 1.0
    }

    /// The contract's basis without noise.
    fn truth(
        &self,
        t: usize,
        contract: FutureContract,
        calendar: &Calendar,
    ) -> Result<BasisTruth, CoreError> {
        let (p, date) = (self.product as usize, self.path.days[t]);
        let expiry = contract.expiry(calendar)?;
        let tenor = f64::from(date.calendar_days_until(expiry));
        let spot = self.levels.close[t];
        let lasting = self.path.carry[p][t] * tenor / 365.0;
        let pressed = self.path.dislocation[p][t] * (1.0 - (-tenor / DISLOCATION_DAYS).exp());
        let dividend = self.paid[t] - self.paid[self.last_day_before(expiry)];
        let basis = spot * (lasting + pressed).exp_m1() + dividend.min(0.0);
        let basis_rate = if tenor > 0.0 { basis / spot * 365.0 / tenor } else { f64::NAN };
        Ok(BasisTruth { date, contract, basis, dividend: dividend.min(0.0), basis_rate })
    }

    /// Index of the last day of the path on or before `expiry`.
    fn last_day_before(&self, expiry: TradingDay) -> usize {
        self.path.days.partition_point(|&day| day <= expiry) - 1
    }

    fn quote(
        &mut self,
        t: usize,
        truth: BasisTruth,
        share: f64,
        closing: f64,
        rows: &mut Rows,
    ) -> Result<(), CoreError> {
        let (day, spot) = (truth.date, self.levels.close[t]);
        let terms = Rules::builtin().future_terms(self.product, day)?;
        let tenor =
            f64::from(day.calendar_days_until(truth.contract.expiry(Calendar::shanghai())?));
        let damped = (tenor / 10.0).min(1.0);
        let before = self.quotes.get(&truth.contract).copied();
        let noise = closing + QUOTE_DEVIATION * normal(&mut self.stream);
        let worth = spot + truth.basis + spot * noise * self.path.volatility[t] * damped;
        let limit = if tenor > 0.0 { terms.price_limit } else { terms.last_day_price_limit };
        let band = before.map_or((0.0, f64::INFINITY), |quote| {
            (quote.settle * (1.0 - limit), quote.settle * (1.0 + limit))
        });
        let tick = Tick { step: terms.tick, band };
        let close = tick.legal(worth);
        let settle =
            tick.legal(close * (1.0 + SETTLE_DEVIATION * damped * normal(&mut self.stream)));
        let previous = before.map_or(close, |quote| quote.settle);
        let bar = self.bar(previous, close, &tick, self.path.volatility[t]);
        let lots = self.lots(t, share);
        rows.push(day, truth.contract.symbol(), bar, settle, lots, terms.multiplier);
        self.quotes.insert(truth.contract, Quote { settle });
        Ok(())
    }

    /// Open, high, low, close.
    fn bar(&mut self, previous: f64, close: f64, tick: &Tick, volatility: f64) -> [f64; 4] {
        let moved = close / previous - 1.0;
        let gap = 0.25 * moved + 0.003 * volatility * normal(&mut self.stream);
        let open = tick.legal(previous * (1.0 + gap));
        let reach = 0.0042 * volatility;
        let high = tick.legal(open.max(close) * (1.0 + reach * exponential(&mut self.stream)));
        let low = tick.legal(open.min(close) * (1.0 - reach * exponential(&mut self.stream)));
        [open, high.max(open).max(close), low.min(open).min(close), close]
    }

    /// Volume and open interest: the market has grown eightfold in open interest since 2018.
    fn lots(&mut self, t: usize, share: f64) -> [i64; 2] {
        let (p, day) = (self.product as usize, self.path.days[t]);
        let years = f64::from(shoals_core::day(2018, 1, 2).calendar_days_until(day)) / 365.0;
        let grown = (0.2 + 0.16 * years).min(1.2);
        let jitter = 0.97 + 0.06 * self.stream.random::<f64>();
        let open_interest = OPEN_INTEREST[p] * grown * share * jitter;
        let activity = self.path.liquidity[t] * (0.25 * normal(&mut self.stream)).exp();
        [(open_interest * TURNOVER[p] * activity) as i64, open_interest as i64]
    }
}

/// The price grid of a contract on a day.
struct Tick {
    step: f64,
    band: (f64, f64),
}

impl Tick {
    /// The nearest tick inside the day's limits.
    fn legal(&self, price: f64) -> f64 {
        let lowest = (self.band.0 / self.step).ceil();
        let highest = (self.band.1 / self.step).floor();
        let ticks = (price / self.step).round().clamp(lowest, highest);
        // A tick of 0.2 is not exact in binary: write the decimal nearest to it.
        (ticks * self.step * 10.0).round() / 10.0
    }
}

impl Rows {
    fn push(
        &mut self,
        day: TradingDay,
        contract: Symbol,
        bar: [f64; 4],
        settle: f64,
        [volume, open_interest]: [i64; 2],
        multiplier: f64,
    ) {
        let [open, high, low, close] = bar;
        self.dates.push(day);
        self.contracts.push(contract);
        for (column, price) in self.prices.iter_mut().zip([open, high, low, close, settle]) {
            column.push(price);
        }
        self.volumes.push(volume);
        self.amounts
            .push(volume as f64 * multiplier * f64::midpoint(close, settle).clamp(low, high));
        self.open_interests.push(open_interest);
    }
}
