//! The loss that has not come: exposures times moves that may.

use serde::Serialize;
use shoals_core::Text;

use super::scenario::End;
use super::{Exposures, FactorMove, HiddenConfig, Scenario};

/// A fund under a scenario.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PesoRow {
    /// The fund's code.
    pub fund: String,
    /// The scenario's name.
    pub scenario: String,
    /// Loss, decimal of the net asset value; positive is lost.
    pub loss: f64,
    /// Lower end: the milder moves, less the exposures' error.
    pub low: f64,
    /// Upper end: the worse moves, plus the exposures' error.
    pub high: f64,
    /// Part of `loss` that is the sold straddle's, revalued in full.
    pub straddle_loss: f64,
    /// Share of the fund's variance the exposures explain; what they do not is not in the loss.
    pub explained: f64,
    /// Whether exposures are those of the returns as earned, because they are told late.
    pub is_unsmoothed: bool,
    /// Factors of the scenario that the exposures do not know.
    pub without: String,
    /// What the scenario is.
    pub text: Text,
}

pub(super) fn peso(
    fund: &str,
    scenario: &Scenario,
    exposures: &Exposures,
    is_unsmoothed: bool,
    config: &HiddenConfig,
) -> Option<PesoRow> {
    let known = |name: &str| exposures.factors.iter().any(|factor| factor == name);
    let without: Vec<&str> =
        scenario.moves.iter().map(|(name, _)| name.as_str()).filter(|name| !known(name)).collect();
    if without.len() == scenario.moves.len() {
        return None;
    }
    let moves: Vec<Option<&FactorMove>> =
        exposures.factors.iter().map(|factor| scenario.of(factor)).collect();
    let at = |end| {
        let outcome = compounded(exposures, &moves, end);
        (-outcome.change, config.z() * exposures.error_of(&outcome.slope), outcome.slope)
    };
    let (loss, half, slope) = at(End::Middle);
    let (mild, severe) = (at(End::Mild), at(End::Severe));
    let each = [(loss, half), (mild.0, mild.1), (severe.0, severe.1)];
    Some(PesoRow {
        fund: fund.to_owned(),
        scenario: scenario.name.clone(),
        loss,
        low: each.iter().map(|(loss, half)| loss - half).fold(f64::INFINITY, f64::min),
        high: each.iter().map(|(loss, half)| loss + half).fold(f64::NEG_INFINITY, f64::max),
        straddle_loss: straddle_loss(exposures, &slope, &config.straddle),
        explained: exposures.explained,
        is_unsmoothed,
        without: without.join(", "),
        text: scenario.text.clone(),
    })
}

/// Change of the value under a scenario, and how it changes with each exposure.
struct Outcome {
    change: f64,
    slope: Vec<f64>,
}

fn compounded(exposures: &Exposures, moves: &[Option<&FactorMove>], end: End) -> Outcome {
    let n_steps = moves.iter().flatten().map(|by| by.n_steps()).max().unwrap_or_default();
    let mut wealth = 1.0;
    let mut slope = vec![0.0; moves.len()];
    for step in 0..n_steps {
        let day: Vec<f64> = moves.iter().map(|by| by.map_or(0.0, |by| by.at(step, end))).collect();
        let change: f64 = exposures.values.iter().zip(&day).map(|(b, x)| b * x).sum();
        wealth *= 1.0 + change;
        slope.iter_mut().zip(&day).for_each(|(slope, x)| *slope += x / (1.0 + change));
    }
    Outcome { change: wealth - 1.0, slope: slope.into_iter().map(|slope| slope * wealth).collect() }
}

fn straddle_loss(exposures: &Exposures, slope: &[f64], straddle: &str) -> f64 {
    let each = exposures.factors.iter().zip(exposures.values.iter().zip(slope));
    each.filter(|(factor, _)| *factor == straddle).map(|(_, (b, x))| -b * x).sum()
}
