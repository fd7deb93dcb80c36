//! The X-ray: every part of every fund, its card before the fall and on all data, and how often such a flag is right.
//!
//! Method page: `docs/method/fund_xray.md`

mod card;
mod claim;
mod config;
mod evidence;
mod outcome;
mod proof;
mod verdict;

use std::collections::BTreeMap;

use rayon::prelude::*;
use shoals_core::{Series, Symbol, Text, TradingDay};

pub use card::{CardLine, Flag, Test};
pub use claim::Claim;
pub use config::XrayConfig;
pub use outcome::{FundOutcome, FundXray, Member, PopulationProof, ProofOutcome};
pub use proof::{Flagged, Proof, proof};
pub use verdict::Verdict;

use crate::hidden::{FactorMove, HiddenInput, HiddenPart, Scenario, hidden};
use crate::record::record;
use crate::style::{StyleFactors, similarity, style};
use crate::{FactorSet, Fund, FundError, Periods};

/// Fewest periods a fund's calm is read from.
const FEWEST_OF_A_CLAIM: usize = 20;
/// Days a straddle of the stress has left.
const STRADDLE_DAYS: u32 = 30;

/// What funds are held against.
#[derive(Debug, Clone)]
pub struct XrayMarket {
    /// `market`, `size`, `short_volatility` and what else the market offers; `cash` among them is riskless.
    pub factors: FactorSet,
    /// What a fund may hold, for its style, and a DMA book to be like.
    pub style: StyleFactors,
    /// Closes of the large side: the market.
    pub market: Series,
    /// Closes of benchmarks, by symbol.
    pub benchmarks: BTreeMap<Symbol, Series>,
    /// Implied volatility, annualised decimal, where the market has one.
    pub implied_volatility: Option<Series>,
    /// Scenarios nobody knew on `as_of`: what the fall was, and what the spiral makes of it.
    pub hindsight: Vec<Scenario>,
    /// Yearly rate of cash, where the market has one.
    pub rate: Option<Series>,
}

/// X-rays funds, each by itself; the answer does not depend on the number of threads.
///
/// # Errors
/// Settings that mean nothing, or a fund no part can be computed of.
pub fn xray(
    funds: &[Fund],
    market: &XrayMarket,
    config: &XrayConfig,
) -> Result<FundOutcome, FundError> {
    config.check()?;
    let rays: Vec<FundXray> =
        funds.par_iter().map(|fund| one(fund, market, config)).collect::<Result<_, _>>()?;
    let flags: Vec<Flagged> = rays.iter().filter_map(|ray| ray.flagged(config)).collect();
    let loss = 100.0 * config.calm_loss;
    let population = Text::new(
        format!("所问基金（应被标记：下跌期亏损超过 {loss:.0}%）"),
        format!("The funds asked about (deserving is a loss beyond {loss:.0}% in the fall)"),
    );
    let proofs = match flags.len() {
        0 => Vec::new(),
        _ => vec![PopulationProof { population, proof: proof(config.as_of, &flags) }],
    };
    let alike = similarity(funds, &market.style, &config.style, config.to)?;
    Ok(FundOutcome { config: config.clone(), funds: rays, navs: Vec::new(), alike, proofs })
}

/// The card as it stood on a day, knowing nothing later: what a flag that counts is made of.
///
/// # Errors
/// Settings that mean nothing.
pub fn card_on(
    fund: &Fund,
    day: TradingDay,
    market: &XrayMarket,
    config: &XrayConfig,
) -> Result<(Verdict, Vec<CardLine>), FundError> {
    let periods = fund.periods();
    let claim = claim_on(fund, &periods, day, config);
    let (verdict, card, _) = carded(fund, &periods.up_to(day), day, claim, market, config)?;
    Ok((verdict, card))
}

/// A fund's card and what it comes to, of periods known on `day`, with what it hides.
fn carded(
    fund: &Fund,
    known: &Periods,
    day: TradingDay,
    claim: Claim,
    market: &XrayMarket,
    config: &XrayConfig,
) -> Result<(Verdict, Vec<CardLine>, HiddenPart), FundError> {
    let hidden = hides(fund, known, day, market, config)?;
    let card = evidence::card(known, &hidden, market.style.dma_proxy.as_ref(), config);
    Ok((Verdict::of(claim, &card), card, hidden))
}

fn one(fund: &Fund, market: &XrayMarket, config: &XrayConfig) -> Result<FundXray, FundError> {
    let nav = fund.nav.between(
        config.from.unwrap_or(TradingDay::from_epoch_days(i32::MIN)),
        config.to.unwrap_or(TradingDay::from_epoch_days(i32::MAX)),
    );
    let fund = &Fund { nav, ..fund.clone() };
    let periods = fund.periods();
    let benchmark = config.benchmark.or(fund.benchmark);
    let benchmark =
        benchmark.and_then(|symbol| market.benchmarks.get(&symbol)).unwrap_or(&market.market);
    let claim = claim_on(fund, &periods, config.as_of, config);
    let known = periods.up_to(config.as_of);
    let (verdict_before, before, _) = carded(fund, &known, config.as_of, claim, market, config)?;
    let last = periods.to.last().copied().unwrap_or(config.as_of);
    let (verdict, card, hidden) = carded(fund, &periods, last, claim, market, config)?;
    let mut left_out = LeftOut::default();
    Ok(FundXray {
        sentence: verdict::sentence(&fund.name, verdict_before, &before),
        record: left_out.kept(
            "record",
            record(fund, &periods, Some(benchmark), market.rate.as_ref(), &config.record),
        ),
        style: left_out.kept("style", style(fund, &periods, &market.style, &config.style)),
        fall: fall(&fund.nav, config),
        frequency: periods.frequency,
        n_periods: periods.len(),
        fund: fund.clone(),
        claim,
        verdict_before,
        before,
        verdict,
        card,
        hidden,
        left_out: left_out.0,
    })
}

/// Parts a record is too short for, with the reason.
#[derive(Default)]
struct LeftOut(Vec<(&'static str, String)>);

impl LeftOut {
    fn kept<T>(&mut self, part: &'static str, answer: Result<T, FundError>) -> Option<T> {
        answer.map_err(|error| self.0.push((part, error.to_string()))).ok()
    }
}

/// The claim by what was published on a day; by the whole record of a fund that had none to speak of.
fn claim_on(fund: &Fund, all: &Periods, day: TradingDay, config: &XrayConfig) -> Claim {
    let known = all.up_to(day);
    let periods = if known.len() < FEWEST_OF_A_CLAIM { all } else { &known };
    Claim::of(fund, periods, config.calm_volatility)
}

/// What a fund hides by what was known on `day`, under scenarios of that day.
fn hides(
    fund: &Fund,
    periods: &Periods,
    day: TradingDay,
    market: &XrayMarket,
    config: &XrayConfig,
) -> Result<HiddenPart, FundError> {
    let mut scenarios = stresses(market, day, config);
    if day > config.as_of {
        scenarios.extend(market.hindsight.iter().cloned());
    }
    let given = HiddenInput {
        factors: &market.factors,
        markets: std::slice::from_ref(&market.market),
        scenarios: &scenarios,
        exposures: None,
    };
    hidden(fund, periods, &given, &config.hidden)
}

/// A five-sigma day, and a fall of small companies with it, at the implied volatility of the day.
fn stresses(market: &XrayMarket, day: TradingDay, config: &XrayConfig) -> Vec<Scenario> {
    let known = market.implied_volatility.as_ref().and_then(|series| series.as_of(day));
    let Some((_, volatility)) = known else { return Vec::new() };
    let crash = Scenario::crash("market", "short_volatility", volatility, STRADDLE_DAYS);
    let mut moves = crash.moves.clone();
    moves.push(("size".to_owned(), FactorMove::Return(config.stress_size)));
    let fall = 100.0 * config.stress_size.abs();
    let stress = Scenario {
        name: evidence::STRESS.to_owned(),
        text: Text::new(
            format!(
                "小公司落后大公司 {fall:.0} %，同时大公司一天下跌五个标准差、隐含波动率升至 1.5 倍"
            ),
            format!(
                "small companies fall {fall:.0} % behind large ones, and large ones five standard deviations in a day with \
                 implied volatility at one and a half times"
            ),
        ),
        moves,
    };
    vec![crash, stress]
}

/// Return from the last value by `as_of` to the lowest by `fall_to`; NaN where either is missing.
fn fall(nav: &Series, config: &XrayConfig) -> f64 {
    let known = |(day, value): (&TradingDay, &f64)| {
        (*day > config.as_of && *day <= config.fall_to && !value.is_nan()).then_some(*value)
    };
    let lowest = nav.days().iter().zip(nav.values()).filter_map(known).fold(f64::NAN, f64::min);
    nav.as_of(config.as_of).map_or(f64::NAN, |(_, start)| lowest / start - 1.0)
}
