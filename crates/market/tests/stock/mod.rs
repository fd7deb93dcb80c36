//! Stock markets for tests: small ones by hand, random ones with every trouble a real one has.

#![allow(dead_code, reason = "each test binary uses its own part")]

use shoals_core::{Calendar, Panel, Symbol, TradingDay, day};
use shoals_market::universe::{Listing, StockMarket};

/// The first `n` exchange days of 2023.
pub(crate) fn days_of_2023(n: usize) -> Vec<TradingDay> {
    Calendar::shanghai().days(day(2023, 1, 1), day(2026, 12, 1))[..n].to_vec()
}

/// Columns of a market, day-major.
#[derive(Debug, Clone)]
pub(crate) struct Columns {
    pub(crate) days: Vec<TradingDay>,
    pub(crate) symbols: Vec<Symbol>,
    pub(crate) listings: Vec<Listing>,
    pub(crate) values: Vec<(&'static str, Vec<f64>)>,
}

impl Columns {
    /// Stocks `codes` listed in 1995, with one row of prices a day; capitalisation is the price in
    /// hundred millions and the amount a billion.
    pub(crate) fn by_hand(days: Vec<TradingDay>, codes: &[&str], prices: &[&[f64]]) -> Self {
        let close: Vec<f64> = prices.iter().flat_map(|row| row.iter().copied()).collect();
        let caps = close.iter().map(|price| price * 1e8).collect();
        let n = close.len();
        Self {
            days,
            symbols: codes.iter().map(|code| Symbol::literal(code)).collect(),
            listings: vec![listed(1995); codes.len()],
            values: vec![
                ("adjusted_close", close.clone()),
                ("close", close),
                ("total_market_cap", caps),
                ("amount", vec![1e9; n]),
                ("is_st", vec![0.0; n]),
                ("is_suspended", vec![0.0; n]),
            ],
        }
    }

    pub(crate) fn column(&mut self, name: &str) -> &mut Vec<f64> {
        &mut self.values.iter_mut().find(|column| column.0 == name).expect("a column").1
    }

    pub(crate) fn set(&mut self, name: &str, t: usize, i: usize, value: f64) {
        let cell = t * self.symbols.len() + i;
        self.column(name)[cell] = value;
    }

    pub(crate) fn market(&self) -> StockMarket {
        let mut panel = Panel::new(self.days.clone(), self.symbols.clone()).unwrap();
        for (name, values) in &self.values {
            panel = panel.with_column(*name, values.clone()).unwrap();
        }
        StockMarket::new(panel, self.listings.clone()).unwrap()
    }

    /// These columns up to day `last`, and those of `other` after it.
    pub(crate) fn with_future_of(&self, other: &Self, last: usize) -> Self {
        let mut mixed = self.clone();
        let start = (last + 1) * self.symbols.len();
        for ((_, values), (_, others)) in mixed.values.iter_mut().zip(&other.values) {
            values[start..].copy_from_slice(&others[start..]);
        }
        mixed
    }
}

pub(crate) fn listed(year: i32) -> Listing {
    Listing { listed_on: Some(day(year, 3, 1)), name: String::new() }
}

/// A generator for tests (splitmix64); the market is a function of the seed.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// Uniform in `[0, 1)`.
    pub(crate) fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        self.uniform() < probability
    }
}

/// Boards in turn: three of the main board for one each of ChiNext, STAR and Beijing.
fn code(i: usize) -> Symbol {
    Symbol::literal(&match i % 6 {
        0..=2 => format!("{:06}.SH", 600_000 + i),
        3 => format!("{:06}.SZ", 300_000 + i),
        4 => format!("{:06}.SH", 688_000 + i),
        _ => format!("{:06}.BJ", 920_000 + i),
    })
}

/// A market in which stocks list late, leave, are suspended with and without a record, carry ST for a
/// while, run into their limits, miss flags and amounts, and go ex-right.
pub(crate) fn random(seed: u64, n_symbols: usize, days: Vec<TradingDay>) -> Columns {
    let (n, n_days) = (n_symbols, days.len());
    let mut dice = Dice(seed);
    let blank = || vec![f64::NAN; n * n_days];
    let [mut adjusted, mut close, mut cap, mut amount, mut st, mut suspended] =
        [blank(), blank(), blank(), blank(), blank(), blank()];
    let mut listings = Vec::with_capacity(n);
    for i in 0..n {
        // The first stock never has any trouble, so that no market is without an eligible one.
        let is_plain = i == 0;
        let comes = if !is_plain && dice.chance(0.2) {
            (dice.uniform() * n_days as f64) as usize
        } else {
            0
        };
        let goes = if !is_plain && dice.chance(0.1) { comes + n_days / 2 } else { n_days };
        let knows_listing = dice.chance(0.7);
        listings.push(Listing {
            listed_on: knows_listing.then(|| if comes > 0 { days[comes] } else { day(2001, 1, 4) }),
            name: if dice.chance(0.05) { "*ST".to_owned() } else { String::new() },
        });
        let (mut price, mut factor) = (2.0 + 30.0 * dice.uniform(), 1.0);
        let shares = 1e7 * (1.0 + 20.0 * dice.uniform());
        let (mut closed_days, mut is_st) = (0_u32, !is_plain && dice.chance(0.1));
        for t in comes..goes.min(n_days) {
            let cell = t * n + i;
            is_st ^= !is_plain && dice.chance(0.01);
            closed_days = closed_days.saturating_sub(1);
            if !is_plain && dice.chance(0.01) {
                closed_days = 1 + (dice.uniform() * 20.0) as u32;
            }
            if closed_days == 0 {
                let move_ = if dice.chance(0.1) { 0.1 } else { 0.08 * dice.uniform() };
                let move_ = if dice.chance(0.5) { move_ } else { -move_ };
                if dice.chance(0.01) {
                    (price, factor) = (price / 2.0, factor * 2.0);
                }
                price = (price * (1.0 + move_) * 100.0).round().max(50.0) / 100.0;
            } else if i % 2 == 0 {
                continue;
            }
            adjusted[cell] = price * factor;
            close[cell] = if dice.chance(0.95) { price } else { f64::NAN };
            cap[cell] = price * factor * shares;
            amount[cell] = if dice.chance(0.95) { 1e6 + 1e8 * dice.uniform() } else { f64::NAN };
            st[cell] =
                if is_plain || dice.chance(0.9) { f64::from(u8::from(is_st)) } else { f64::NAN };
            suspended[cell] = f64::from(u8::from(closed_days > 0));
        }
    }
    Columns {
        symbols: (0..n).map(code).collect(),
        days,
        listings,
        values: vec![
            ("adjusted_close", adjusted),
            ("close", close),
            ("total_market_cap", cap),
            ("amount", amount),
            ("is_st", st),
            ("is_suspended", suspended),
        ],
    }
}
