//! Markets for tests of books: names, an index, futures of two expiries, all from random numbers.

#![allow(dead_code, reason = "each test binary uses its own part")]

use std::collections::BTreeMap;

use proptest::prelude::*;
use shoals_core::{Calendar, FutureProduct, Panel, Rules, Series, Symbol, TradingDay, day};
use shoals_market::future::{ContractHistory, FutureMarket};
use shoals_market::universe::{Listing, StockMarket, Tradability, UniverseConfig};
use shoals_product::swap::{
    Hedge, LongMarket, NamesMarket, SwapMarket, SwapOutcome, SwapTerms, SwapWords, simulate,
};

pub(crate) const BOOK: &str = include_str!("../../../../examples/01_book_im2403.toml");
pub(crate) const CODES: [&str; 4] = ["600001.SH", "600002.SH", "000003.SZ", "000004.SZ"];

/// The book of the first example with a change.
pub(crate) fn legal(change: impl FnOnce(&mut SwapWords)) -> SwapTerms {
    let mut words = SwapWords::from(SwapTerms::from_toml(BOOK).unwrap());
    change(&mut words);
    SwapTerms::try_from(words).unwrap()
}

/// The same, long names instead of the index.
pub(crate) fn legal_names(change: impl FnOnce(&mut SwapWords)) -> SwapTerms {
    legal(|words| {
        words.long.symbol = None;
        words.long.basket = Some("basket.csv".into());
        change(words);
    })
}

/// `n` names on the days from the one before 2024-01-02, day-major.
#[derive(Debug, Clone)]
pub(crate) struct Names {
    pub(crate) days: Vec<TradingDay>,
    pub(crate) close: Vec<f64>,
    pub(crate) amount: Vec<f64>,
    pub(crate) is_suspended: Vec<bool>,
    pub(crate) is_sealed_down: Vec<bool>,
    pub(crate) n: usize,
}

impl Names {
    /// Quiet names that follow these rows of returns, the first row over the day before the opening.
    pub(crate) fn of_returns(rows: &[Vec<f64>]) -> Self {
        let n = rows[0].len();
        let calendar = Calendar::shanghai();
        let days = calendar.days(day(2023, 12, 29), day(2024, 12, 31))[..=rows.len()].to_vec();
        let mut close = vec![10.0; n];
        for row in rows {
            let before = close[close.len() - n..].to_vec();
            close.extend(before.iter().zip(row).map(|(price, r)| price * (1.0 + r)));
        }
        let cells = close.len();
        Self {
            days,
            close,
            amount: vec![1e9; cells],
            is_suspended: vec![false; cells],
            is_sealed_down: vec![false; cells],
            n,
        }
    }

    pub(crate) fn up_to(&self, n_days: usize) -> Self {
        let cells = n_days * self.n;
        Self {
            days: self.days[..n_days].to_vec(),
            close: self.close[..cells].to_vec(),
            amount: self.amount[..cells].to_vec(),
            is_suspended: self.is_suspended[..cells].to_vec(),
            is_sealed_down: self.is_sealed_down[..cells].to_vec(),
            n: self.n,
        }
    }

    pub(crate) fn symbols(&self) -> Vec<Symbol> {
        CODES[..self.n].iter().map(|code| Symbol::literal(code)).collect()
    }

    pub(crate) fn stocks(&self) -> StockMarket {
        let price = |cell: usize| {
            if self.is_suspended[cell] { f64::NAN } else { self.close[cell] }
        };
        let cells = 0..self.close.len();
        let prices: Vec<f64> = cells.clone().map(price).collect();
        let low = |cell: usize| {
            let share = if self.is_sealed_down[cell] { 1.0 } else { 0.5 };
            self.close[cell] * share
        };
        let panel = Panel::new(self.days.clone(), self.symbols())
            .unwrap()
            .with_column("adjusted_close", prices.clone())
            .unwrap()
            .with_column("close", prices)
            .unwrap()
            .with_column("amount", self.amount.clone())
            .unwrap()
            .with_column("limit_up", self.close.iter().map(|price| price * 2.0).collect())
            .unwrap()
            .with_column("limit_down", cells.clone().map(low).collect())
            .unwrap()
            .with_column(
                "is_suspended",
                self.is_suspended.iter().map(|&is| f64::from(u8::from(is))).collect(),
            )
            .unwrap();
        let listing = Listing { listed_on: Some(day(2001, 3, 1)), name: String::new() };
        StockMarket::new(panel, vec![listing; self.n]).unwrap()
    }

    /// Carries a book of these weights; the future is this one.
    pub(crate) fn run(
        &self,
        terms: &SwapTerms,
        weights: &[f64],
        future: Option<&ContractHistory>,
    ) -> SwapOutcome {
        self.run_chosen(terms, weights, BTreeMap::new(), future)
    }

    /// The same, with names chosen anew on some days.
    pub(crate) fn run_chosen(
        &self,
        terms: &SwapTerms,
        weights: &[f64],
        chosen: BTreeMap<TradingDay, Vec<(Symbol, f64)>>,
        future: Option<&ContractHistory>,
    ) -> SwapOutcome {
        let stocks = self.stocks();
        let (calendar, rules) = (Calendar::shanghai(), Rules::builtin());
        let tradability = Tradability::of(&stocks, UniverseConfig::default(), calendar, rules);
        let weights = self.symbols().into_iter().zip(weights.iter().copied()).collect();
        let names = NamesMarket { stocks: &stocks, tradability: &tradability, weights, chosen };
        // An index that follows the last name, for a book that switches.
        let last = self.close.chunks(self.n).map(|row| row[self.n - 1]).collect();
        let index = Series::new("000300.SH", self.days.clone(), last).unwrap();
        let market = SwapMarket {
            long: LongMarket::Names(names),
            hedges: future.into_iter().collect(),
            futures: vec![],
            indices: vec![(Symbol::literal("000300.SH"), &index)],
            calendar,
            rules,
        };
        simulate(terms, &market).unwrap()
    }
}

/// Four names over `n_days` days, now and then sealed, suspended or hardly traded.
pub(crate) fn any_names(n_days: usize) -> impl Strategy<Value = Names> {
    let cell = (-0.08..0.07_f64, 0..10_u8, -3.0..3.0_f64);
    prop::collection::vec(prop::collection::vec(cell, 4), n_days).prop_map(|rows| {
        let returns: Vec<Vec<f64>> =
            rows.iter().map(|row| row.iter().map(|cell| cell.0).collect()).collect();
        let mut names = Names::of_returns(&returns);
        for (t, row) in rows.iter().enumerate() {
            for (i, &(_, fate, size)) in row.iter().enumerate() {
                let cell = (t + 1) * 4 + i;
                names.amount[cell] = 200.0 * size.exp();
                // The opening day is quiet, so that every name is bought.
                names.is_suspended[cell] = t > 0 && fate == 0;
                names.is_sealed_down[cell] = t > 0 && (1..3).contains(&fate);
            }
        }
        names
    })
}

/// A contract that moves by these returns from a price, on these days and no later than its expiry.
pub(crate) fn contract(code: &str, days: &[TradingDay], returns: &[f64]) -> ContractHistory {
    let calendar = Calendar::shanghai();
    let contract: shoals_core::FutureContract = code.parse().unwrap();
    let expiry = contract.expiry(calendar).unwrap();
    let mut prices = vec![5_800.0];
    prices.extend(returns.iter().scan(5_800.0, |price, r| {
        *price *= 1.0 + r;
        Some(*price)
    }));
    let n = days.partition_point(|&day| day <= expiry).min(prices.len());
    prices.truncate(n);
    let none = vec![f64::NAN; n];
    let (days, settle) = (days[..n].to_vec(), prices.clone());
    ContractHistory::new(contract, calendar, days, prices, settle, vec![1.0; n], none).unwrap()
}

/// IM of five expiries, with an index, from 2023-12-29.
pub(crate) fn product(returns: &[(f64, f64)]) -> FutureMarket {
    let days = Calendar::shanghai().days(day(2023, 12, 28), day(2024, 12, 31));
    let days = days[..=returns.len()].to_vec();
    let codes = ["IM2401", "IM2402", "IM2403", "IM2404", "IM2406"];
    let contracts = codes.iter().zip([0.0, 0.2, 0.5, 0.8, 1.0]).map(|(code, share)| {
        let moves: Vec<f64> = returns.iter().map(|(r, basis)| r + share * basis).collect();
        contract(code, &days, &moves)
    });
    let mut level = 5_850.0;
    let mut spot = vec![level];
    for (r, _) in returns {
        level *= 1.0 + r;
        spot.push(level);
    }
    let spot = Series::new("000852.SH", days.clone(), spot).unwrap();
    FutureMarket::new(FutureProduct::IM, contracts.collect(), spot, None).unwrap()
}

/// A hedge of the product under a rule.
pub(crate) fn rolled(rule: shoals_market::future::roll::RollRule) -> Hedge {
    Hedge {
        contract: None,
        product: Some(FutureProduct::IM),
        roll: Some(rule),
        ..Hedge::of_contract(Symbol::literal("IM2403.CFE"), 1.0)
    }
}
