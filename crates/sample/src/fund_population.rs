//! Many funds of random terms with known truth: what a verdict's record is counted on.
//!
//! The funds hold the same factors as the thirteen of the built-in market and are no part of its tables. Fund *k* is the same
//! fund whatever the number drawn: its terms and its noise come from streams of its own.

use serde::Serialize;
use shoals_core::{Seed, Segment, Symbol, Table};

use crate::fund::{NavRows, PLAIN, Terms, profile_table};
use crate::noise::uniform;
use crate::truth::{FundExposure, FundTruth};
use crate::{FactorPath, SampleError, SampleMarket};

/// Codes of the population: `980001.OF` and on.
const FIRST_CODE: usize = 980_001;
/// As many codes as there are.
const MOST: usize = 9_999;

/// A population of funds: what anyone sees of them, and the truth.
#[derive(Debug, Clone, PartialEq)]
pub struct FundPopulation {
    /// `fund_nav`: as the market table.
    pub nav: Table,
    /// `fund_profile`: as the market table.
    pub profile: Table,
    /// What each fund holds.
    pub exposures: Vec<FundExposure>,
    /// What each fund is, in the order of their codes.
    pub members: Vec<MemberTruth>,
}

/// What one fund is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MemberTruth {
    /// Kind, alpha, noise and smoothing.
    pub truth: FundTruth,
    /// What its profile says.
    pub says: String,
    /// Whether it reports weekly, not daily.
    pub is_weekly: bool,
    /// Whether its NAV falls each December by the performance fee.
    pub crystallises: bool,
    /// Whether it calls itself fixed-income-plus and is not: micro caps, short volatility or smoothing are behind it.
    pub only_looks_like_fixed_income_plus: bool,
    /// Exposure to the micro-cap segment and the CSI 2000 together, of net assets.
    pub small_caps: f64,
    /// Exposure to the short straddle, of net assets.
    pub short_volatility: f64,
}

impl SampleMarket {
    /// Draws `n` funds that hold this market's factors: true and false fixed-income-plus, DMA books of one to four times,
    /// neutral with and without a bet on size, index-enhanced, smoothed, long-only, option sellers and money funds.
    ///
    /// The market's own tables are not touched. The same seed gives the same fund *k* for every `n`.
    ///
    /// # Errors
    /// More funds than there are codes (9,999), or none.
    pub fn fund_population(&self, n: usize, seed: Seed) -> Result<FundPopulation, SampleError> {
        if n == 0 || n > MOST {
            let (key, found) = ("number of funds", n as f64);
            return Err(SampleError::OutOfRange { key, found, expected: "1 to 9999" });
        }
        let seed = seed.part("fund population");
        let drawn: Vec<Drawn> = (0..n).map(|k| Drawn::draw(k, &self.truth.path, seed)).collect();
        let terms: Vec<Terms<'_>> = drawn.iter().map(Drawn::terms).collect();
        let symbols: Vec<Symbol> = (0..n).map(symbol).collect();
        let mut rows = NavRows::default();
        for (k, terms) in terms.iter().enumerate() {
            rows.run(symbols[k], terms, &self.truth.path, &self.factors, seed.part("noise"), k);
        }
        let exposures = drawn.iter().zip(&symbols).flat_map(|(fund, &symbol)| {
            fund.exposures.iter().map(move |&(factor, exposure)| FundExposure {
                fund: symbol,
                factor,
                exposure,
            })
        });
        Ok(FundPopulation {
            nav: rows.into_table(),
            profile: profile_table(&terms, &symbols),
            exposures: exposures.collect(),
            members: drawn.iter().zip(&symbols).map(|(fund, &s)| fund.member(s)).collect(),
        })
    }

    /// Daily simple returns of everything a fund of the built-in market or of a population can hold, by the name its
    /// exposures use; one value a day of the truth's path.
    pub fn fund_factors(&self) -> Vec<(&'static str, Vec<f64>)> {
        let days = &self.truth.path.days;
        let others = ["future", "short_volatility", "bond", "cash"];
        let names = Segment::ALL.into_iter().map(Segment::name).chain(others);
        let returns = |name| (0..days.len()).map(|t| self.factors.at(name, t, days)).collect();
        names.map(|name| (name, returns(name))).collect()
    }
}

fn symbol(k: usize) -> Symbol {
    Symbol::literal(&format!("{:06}.OF", FIRST_CODE + k))
}

/// A fund's terms, drawn.
struct Drawn {
    name: String,
    says: &'static str,
    is: String,
    benchmark: Option<&'static str>,
    opened_on: (i32, u32, u32),
    is_weekly: bool,
    exposures: Vec<(&'static str, f64)>,
    alpha: f64,
    noise: f64,
    smoothing: f64,
    management_fee: f64,
    performance_fee: f64,
    crystallises: bool,
    dividend: f64,
}

/// Draws in the order they are asked for.
struct Dice(shoals_core::Stream);

impl Dice {
    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * uniform(&mut self.0)
    }

    fn chance(&mut self, probability: f64) -> bool {
        uniform(&mut self.0) < probability
    }
}

const FIXED_INCOME_PLUS: &str = "fixed income plus";
const NEUTRAL: &str = "market neutral";

/// How a fund of one kind is drawn.
type Kind = fn(&mut Dice) -> Drawn;

/// Kinds and how often each is drawn, per hundred.
const KINDS: [(Kind, u32); 11] = [
    (true_fixed_income_plus, 22),
    (fake_fixed_income_plus, 20),
    (dma, 14),
    (neutral, 10),
    (neutral_without_size, 8),
    (enhanced, 8),
    (smoothed, 6),
    (long_large, 4),
    (long_micro, 2),
    (option_income, 2),
    (money, 4),
];

impl Drawn {
    fn draw(k: usize, path: &FactorPath, seed: Seed) -> Self {
        let mut dice = Dice(seed.part("terms").stream(k as u64));
        let mut throw = dice.between(0.0, 100.0);
        let kind = KINDS.iter().find(|(_, share)| {
            throw -= f64::from(*share);
            throw < 0.0
        });
        let mut fund = kind.map_or(money as Kind, |kind| kind.0)(&mut dice);
        // A third of them from the first day, the others within the first half.
        let age = dice.between(-0.25, 0.5).max(0.0);
        let start = (age * path.len() as f64) as usize;
        fund.opened_on = path.days[start].ymd();
        fund.name = format!("{}{}号", fund.name, k + 1);
        fund
    }

    fn terms(&self) -> Terms<'_> {
        Terms {
            name: &self.name,
            says: self.says,
            is: &self.is,
            benchmark: self.benchmark,
            opened_on: self.opened_on,
            is_weekly: self.is_weekly,
            exposures: &self.exposures,
            alpha: self.alpha,
            noise: self.noise,
            smoothing: self.smoothing,
            management_fee: self.management_fee,
            performance_fee: self.performance_fee,
            crystallises: self.crystallises,
            dividend: self.dividend,
            ..PLAIN
        }
    }

    fn member(&self, fund: Symbol) -> MemberTruth {
        let held = |factor: &str| {
            self.exposures.iter().filter(|e| e.0 == factor).map(|e| e.1).sum::<f64>()
        };
        let is_true = self.is == "true_fixed_income_plus";
        MemberTruth {
            truth: FundTruth {
                fund,
                kind: self.is.clone(),
                alpha: self.alpha,
                noise: self.noise,
                smoothing: self.smoothing,
            },
            says: self.says.to_owned(),
            is_weekly: self.is_weekly,
            crystallises: self.crystallises,
            only_looks_like_fixed_income_plus: self.says == FIXED_INCOME_PLUS && !is_true,
            small_caps: held(Segment::Micro.name()) + held(Segment::Csi2000.name()),
            short_volatility: held("short_volatility"),
        }
    }

    /// A private fund: weekly as a rule, with a performance fee that half of them take from the NAV.
    fn private(dice: &mut Dice, name: &str, says: &'static str, is: impl Into<String>) -> Self {
        let mut fund = Self::public(name, says, is);
        fund.is_weekly = dice.chance(0.8);
        fund.performance_fee = 0.20;
        fund.crystallises = dice.chance(0.5);
        fund
    }

    fn public(name: &str, says: &'static str, is: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            says,
            is: is.into(),
            benchmark: None,
            opened_on: PLAIN.opened_on,
            is_weekly: false,
            exposures: Vec::new(),
            alpha: 0.0,
            noise: 0.0004,
            smoothing: 1.0,
            management_fee: 0.008,
            performance_fee: 0.0,
            crystallises: false,
            dividend: 0.0,
        }
    }
}

fn true_fixed_income_plus(dice: &mut Dice) -> Drawn {
    let mut fund = Drawn::public("总体固收", FIXED_INCOME_PLUS, "true_fixed_income_plus");
    let (large, middle) = (dice.between(0.03, 0.18), dice.between(-0.05, 0.05).max(0.0));
    fund.exposures = vec![("bond", 1.0 - large - middle), ("csi300", large)];
    if middle > 0.0 {
        fund.exposures.push(("csi500", middle));
    }
    fund.noise = dice.between(2e-4, 6e-4);
    fund.is_weekly = dice.chance(0.2);
    fund.dividend = if dice.chance(0.3) { 0.02 } else { 0.0 };
    fund
}

/// Bonds in front, micro caps, sold volatility or both behind, from hardly any to a lot.
fn fake_fixed_income_plus(dice: &mut Dice) -> Drawn {
    let mut fund = Drawn::public("总体增利", FIXED_INCOME_PLUS, "fake_fixed_income_plus");
    let which = dice.between(0.0, 3.0);
    let micro = if which < 2.0 { dice.between(0.02, 0.20) } else { 0.0 };
    let sold = if which > 1.0 { dice.between(0.10, 1.0) } else { 0.0 };
    fund.exposures = vec![("bond", 0.98 - micro)];
    for (factor, exposure) in [("micro", micro), ("short_volatility", sold)] {
        if exposure > 0.0 {
            fund.exposures.push((factor, exposure));
        }
    }
    fund.noise = dice.between(2e-4, 6e-4);
    fund.is_weekly = dice.chance(0.3);
    fund.dividend = if dice.chance(0.2) { 0.02 } else { 0.0 };
    fund
}

fn dma(dice: &mut Dice) -> Drawn {
    let times = 1.0 + dice.between(0.0, 4.0).floor().min(3.0);
    // The calmest are sold as fixed-income-plus.
    let says = if times < 2.0 && dice.chance(0.5) { FIXED_INCOME_PLUS } else { NEUTRAL };
    let mut fund = Drawn::private(dice, "总体中性DMA", says, format!("dma_{times}x"));
    let micro = times * dice.between(0.2, 0.6);
    fund.exposures = vec![("micro", micro), ("csi2000", times - micro), ("future", -times)];
    if times > 2.0 {
        fund.exposures.push(("cash", 2.0 - times));
    }
    fund.alpha = times * dice.between(0.01, 0.03);
    fund.noise = times * dice.between(6e-4, 1.2e-3);
    fund
}

fn neutral(dice: &mut Dice) -> Drawn {
    let mut fund = Drawn::private(dice, "总体场内中性", NEUTRAL, "neutral");
    let small = dice.between(0.15, 0.50);
    let rest = 0.80 - small;
    fund.exposures = vec![
        ("csi500", 0.5 * rest),
        ("csi1000", 0.5 * rest),
        ("csi2000", small),
        ("future", -0.80),
    ];
    fund.alpha = dice.between(0.0, 0.10);
    fund.noise = dice.between(1e-3, 2e-3);
    fund
}

fn neutral_without_size(dice: &mut Dice) -> Drawn {
    let mut fund = Drawn::private(dice, "总体纯中性", NEUTRAL, "neutral_without_size");
    let middle = dice.between(0.2, 0.4);
    fund.exposures = vec![("csi500", middle), ("csi1000", 0.80 - middle), ("future", -0.80)];
    fund.alpha = dice.between(0.0, 0.08);
    fund.noise = dice.between(1e-3, 2e-3);
    fund
}

fn enhanced(dice: &mut Dice) -> Drawn {
    let (own, name, benchmark) = match dice.between(0.0, 3.0) as usize {
        0 => ("csi300", "enhanced_300", "000300.SH"),
        1 => ("csi500", "enhanced_500", "000905.SH"),
        _ => ("csi1000", "enhanced_1000", "000852.SH"),
    };
    let mut fund = Drawn::private(dice, "总体指数增强", "index enhanced", name);
    fund.benchmark = Some(benchmark);
    let small = dice.between(0.0, 0.35);
    fund.exposures = vec![(own, 1.0 - small), ("csi2000", small)];
    fund.alpha = dice.between(0.0, 0.08);
    fund.noise = dice.between(1.5e-3, 3e-3);
    fund
}

fn smoothed(dice: &mut Dice) -> Drawn {
    let says = if dice.chance(0.5) { FIXED_INCOME_PLUS } else { "multi strategy" };
    let mut fund = Drawn::private(dice, "总体平稳", says, "smoothed");
    fund.exposures = vec![
        ("csi2000", dice.between(0.15, 0.45)),
        ("csi300", dice.between(-0.15, 0.05)),
        ("short_volatility", dice.between(0.1, 0.8)),
    ];
    fund.alpha = dice.between(0.0, 0.04);
    fund.smoothing = dice.between(0.30, 0.70);
    fund
}

fn long_large(dice: &mut Dice) -> Drawn {
    let mut fund = Drawn::public("总体大盘", "large cap equity", "long_large");
    let stocks = dice.between(0.80, 0.95);
    fund.benchmark = Some("000300.SH");
    fund.exposures = vec![("csi300", stocks), ("cash", 1.0 - stocks)];
    fund.noise = dice.between(2e-3, 4e-3);
    fund
}

fn long_micro(dice: &mut Dice) -> Drawn {
    let mut fund = Drawn::public("总体微盘", "small cap equity", "long_micro");
    let stocks = dice.between(0.80, 0.95);
    fund.benchmark = Some("868008.WI");
    fund.exposures = vec![("micro", stocks), ("cash", 1.0 - stocks)];
    fund.noise = dice.between(2e-3, 4e-3);
    fund
}

fn option_income(dice: &mut Dice) -> Drawn {
    let mut fund = Drawn::private(dice, "总体期权", "option income", "short_volatility");
    fund.exposures = vec![("cash", 0.95), ("short_volatility", dice.between(0.8, 2.0))];
    fund
}

fn money(dice: &mut Dice) -> Drawn {
    let mut fund = Drawn::public("总体货币", "money market", "money");
    fund.exposures = vec![("cash", 1.0)];
    fund.noise = 0.0;
    fund.management_fee = dice.between(0.001, 0.004);
    fund
}
