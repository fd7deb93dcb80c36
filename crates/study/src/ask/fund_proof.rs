//! How often is a flag right? Funds whose truth is known, in the built-in market.

use std::collections::BTreeMap;

use rayon::prelude::*;
use shoals_core::{Rulebook, Seed, Text};
use shoals_fund::xray::{
    Flagged, Member, PopulationProof, ProofOutcome, Verdict, XrayConfig, card_on, proof,
};
use shoals_sample::{MemberTruth, SampleMarket};

use super::fund::xray_market;
use crate::{MarketView, StudyError};

/// Small companies, a part of value, from which a fund that promises calm deserves its flag.
const DESERVED_SIZE: f64 = 0.05;
/// Short straddles, likewise.
const DESERVED_VOLATILITY: f64 = 0.20;

/// Draws `n` funds that hold the built-in market's factors, flags them on what was published by `as_of`, and counts.
///
/// A fund deserves a flag when it promises calm and holds small companies of 5 % of its value or sold straddles of 20 %; it does not
/// when it holds neither. What lies between is left out, and so is a fund with too short a record.
///
/// # Errors
/// No fund, or settings that are not legal.
pub fn fund_proof(
    sample: &SampleMarket,
    n: usize,
    seed: Seed,
    config: &XrayConfig,
) -> Result<ProofOutcome, StudyError> {
    config.check()?;
    let population = sample.fund_population(n, seed)?;
    let market = MarketView::gather(&sample.tables, Rulebook::default())?;
    let market = xray_market(&market, config)?;
    let tables = [population.nav, population.profile];
    let funds = MarketView::gather(&tables, Rulebook::default())?.funds;
    let truths: BTreeMap<String, &MemberTruth> =
        population.members.iter().map(|member| (member.truth.fund.to_string(), member)).collect();
    let members: Vec<Member> = funds
        .par_iter()
        .map(|fund| {
            let truth = truths[&fund.code];
            let (verdict, card) = card_on(fund, config.as_of, &market, config)?;
            Ok(Member {
                fund: fund.code.clone(),
                name: fund.name.clone(),
                kind: truth.truth.kind.clone(),
                small_caps: truth.small_caps,
                short_volatility: truth.short_volatility,
                verdict,
                card,
            })
        })
        .collect::<Result<_, StudyError>>()?;
    let mut by_kind: BTreeMap<&str, Vec<Flagged>> = BTreeMap::new();
    let mut all = Vec::new();
    for member in &members {
        if let Some(flag) = flagged(member) {
            by_kind.entry(&member.kind).or_default().push(flag);
            all.push(flag);
        }
    }
    let line = |population: Text, flags: &[Flagged]| PopulationProof {
        population,
        proof: proof(config.as_of, flags),
    };
    let every =
        Text::new("内置市场中真相已知的基金", "Funds of the built-in market whose truth is known");
    let mut proofs = vec![line(every, &all)];
    proofs.extend(by_kind.iter().map(|(kind, flags)| line(Text::same(*kind), flags)));
    Ok(ProofOutcome { config: config.clone(), proofs, members })
}

/// None for a fund that promises no calm, whose record is too short, or whose truth lies between.
fn flagged(member: &Member) -> Option<Flagged> {
    let has = |size: f64, volatility: f64| {
        member.small_caps > size || member.short_volatility > volatility
    };
    let is_true = has(DESERVED_SIZE, DESERVED_VOLATILITY);
    let is_between = !is_true && has(0.0, 0.0);
    let counts = !matches!(member.verdict, Verdict::Plain | Verdict::Unknown) && !is_between;
    counts.then(|| Flagged { is_flagged: member.verdict == Verdict::Hides, is_true })
}
