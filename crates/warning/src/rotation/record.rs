//! The out-of-sample record: what was said, what came, and whether it was worth saying.
//!
//! A decision is scored by the sign of the lead over the horizon. Decisions of neighbouring weeks share most of
//! their days, so bands come from blocks of decisions twice as long as the horizon. A probability is scored by
//! Brier (1950) and by its logarithm (Good 1952), against climatology: the share of earlier horizons, all of
//! them over by the day, in which small companies led.

use serde::Serialize;
use shoals_core::TradingDay;
use shoals_stats::StatError;
use shoals_stats::bootstrap::{Band, Bootstrap, Scheme, band_of};

use super::RotationConfig;
use super::ratio::Ratio;
use super::rule::Rule;
use super::walk::Walk;
use crate::WarningError;

/// Trading days of a year.
const DAYS_PER_YEAR: f64 = 252.0;

/// One scored decision.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Decision {
    /// Close it was taken at.
    pub date: TradingDay,
    /// Last day of the horizon.
    pub end: TradingDay,
    /// Probability the model gave small companies.
    pub probability_lead: f64,
    /// Climatology of the day.
    pub climatology: f64,
    /// Whether each rule chose small companies, in the order of [`Rule::ALL`].
    pub is_small: Vec<bool>,
    /// How far small companies led, log.
    pub lead: f64,
}

/// The record of one rule.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RuleRecord {
    /// The rule.
    pub rule: Rule,
    /// Decisions scored.
    pub n: usize,
    /// Share of decisions on the right side.
    pub hit_rate: f64,
    /// Lower end of its band.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Mean lead on the chosen side a horizon, log.
    pub mean_lead: f64,
    /// Lower end of its band.
    pub mean_low: f64,
    /// Upper end.
    pub mean_high: f64,
    /// Share of decisions that chose small companies.
    pub small_share: f64,
    /// Changes of side a year.
    pub switches: f64,
    /// Mean squared error of its probability; NaN where the rule gives none.
    pub brier: f64,
    /// Mean of `-ln` of the probability given to what came.
    pub log_score: f64,
}

/// What the model adds to knowing nothing.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Skill {
    /// `1 - Brier / Brier of climatology`; positive is skill.
    pub brier_skill: f64,
    /// Lower end of its band.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Log score of climatology minus that of the model; positive is skill.
    pub log_gain: f64,
    /// Hit rate of the outlook minus that of always small.
    pub hit_gain: f64,
    /// Lower end of its band.
    pub hit_low: f64,
    /// Upper end.
    pub hit_high: f64,
    /// Mean block of the bootstrap, decisions.
    pub block: f64,
}

/// Every decision whose horizon is over, from the first told day on.
pub(super) fn decisions(ratio: &Ratio, walk: &Walk, config: &RotationConfig) -> Vec<Decision> {
    let horizon = config.horizon_days;
    let mut climate = Climate::default();
    let mut decisions = Vec::new();
    for at in walk.first..ratio.n().saturating_sub(horizon) {
        let is_due = (at - walk.first).is_multiple_of(config.decide_every_days);
        if !is_due {
            continue;
        }
        climate.learn(ratio, at, horizon);
        if config.tells(ratio.days[at]) {
            let choice = |rule: Rule| rule.is_small(at, ratio, walk, config);
            decisions.push(Decision {
                date: ratio.days[at],
                end: ratio.days[at + horizon],
                probability_lead: walk.days[at - walk.first].probability_lead,
                climatology: climate.share(),
                is_small: Rule::ALL.map(choice).to_vec(),
                lead: ratio.lead(at, horizon),
            });
        }
    }
    decisions
}

/// Horizons that were over, and those among them in which small companies led.
#[derive(Default)]
struct Climate {
    n_seen: usize,
    n_led: usize,
}

impl Climate {
    /// Takes in every horizon that ends by the close of `at`.
    fn learn(&mut self, ratio: &Ratio, at: usize, horizon: usize) {
        while self.n_seen + horizon <= at {
            self.n_led += usize::from(ratio.lead(self.n_seen, horizon) > 0.0);
            self.n_seen += 1;
        }
    }

    /// Laplace's rule of succession: never quite sure.
    fn share(&self) -> f64 {
        (self.n_led + 1) as f64 / (self.n_seen + 2) as f64
    }
}

/// The rules' records and the model's skill; none without decisions.
pub(super) fn score(
    decisions: &[Decision],
    config: &RotationConfig,
) -> Result<Option<(Vec<RuleRecord>, Skill)>, WarningError> {
    if decisions.is_empty() {
        return Ok(None);
    }
    let all: Vec<usize> = (0..decisions.len()).collect();
    let block = mean_block(config);
    let draws = draws(decisions.len(), block, config)?;
    let band = |of: &dyn Fn(&[usize]) -> f64| -> Result<Band, WarningError> {
        if draws.is_empty() {
            return Ok(Band { low: f64::NAN, high: f64::NAN });
        }
        let values: Vec<f64> = draws.iter().map(|at| of(at)).collect();
        band_of(&values, config.tail_probability).map_err(failed)
    };
    let record = |i: usize| -> Result<RuleRecord, WarningError> {
        let rule = Rule::ALL[i];
        let hits = |at: &[usize]| mean(at, |k| f64::from(u8::from(decisions[k].is_hit(i))));
        let leads = |at: &[usize]| mean(at, |k| decisions[k].taken(i));
        let (hit_band, lead_band) = (band(&hits)?, band(&leads)?);
        let (brier, log_score) = match rule {
            Rule::Outlook => scores(&all, decisions, |d| d.probability_lead),
            Rule::AlwaysSmall => scores(&all, decisions, |d| d.climatology),
            Rule::Regime | Rule::Momentum | Rule::MovingAverage => (f64::NAN, f64::NAN),
        };
        let switches = decisions.windows(2).filter(|w| w[0].is_small[i] != w[1].is_small[i]);
        let years = (decisions.len() * config.decide_every_days) as f64 / DAYS_PER_YEAR;
        Ok(RuleRecord {
            rule,
            n: decisions.len(),
            hit_rate: hits(&all),
            low: hit_band.low,
            high: hit_band.high,
            mean_lead: leads(&all),
            mean_low: lead_band.low,
            mean_high: lead_band.high,
            small_share: mean(&all, |k| f64::from(u8::from(decisions[k].is_small[i]))),
            switches: switches.count() as f64 / years,
            brier,
            log_score,
        })
    };
    let records = (0..Rule::ALL.len()).map(record).collect::<Result<Vec<_>, _>>()?;
    let brier_skill = |at: &[usize]| {
        let model = scores(at, decisions, |d| d.probability_lead).0;
        1.0 - model / scores(at, decisions, |d| d.climatology).0
    };
    let always = Rule::ALL.len() - 1;
    let hit = |k: usize, rule: usize| f64::from(u8::from(decisions[k].is_hit(rule)));
    let hit_gain = |at: &[usize]| mean(at, |k| hit(k, 0) - hit(k, always));
    let (skill_band, hit_band) = (band(&brier_skill)?, band(&hit_gain)?);
    let skill = Skill {
        brier_skill: brier_skill(&all),
        low: skill_band.low,
        high: skill_band.high,
        log_gain: records[always].log_score - records[0].log_score,
        hit_gain: hit_gain(&all),
        hit_low: hit_band.low,
        hit_high: hit_band.high,
        block,
    };
    Ok(Some((records, skill)))
}

impl Decision {
    fn is_hit(&self, rule: usize) -> bool {
        self.taken(rule) > 0.0
    }

    /// The lead on the side a rule chose.
    fn taken(&self, rule: usize) -> f64 {
        if self.is_small[rule] { self.lead } else { -self.lead }
    }
}

/// Twice the decisions of one horizon.
fn mean_block(config: &RotationConfig) -> f64 {
    (2 * config.horizon_days.div_ceil(config.decide_every_days)) as f64
}

/// The positions of every replication, shared by all figures.
fn draws(n: usize, block: f64, config: &RotationConfig) -> Result<Vec<Vec<usize>>, WarningError> {
    if config.replications == 0 || (n as f64) < 2.0 * block {
        return Ok(Vec::new());
    }
    let seed = config.seed.part("rotation record");
    let plan = Bootstrap::new(Scheme::Stationary, block, config.replications, seed);
    plan.and_then(|plan| plan.replicate(n, <[usize]>::to_vec)).map_err(failed)
}

fn mean(at: &[usize], of: impl Fn(usize) -> f64) -> f64 {
    at.iter().map(|&k| of(k)).sum::<f64>() / at.len() as f64
}

/// Brier and log score of a probability of small companies leading.
fn scores(at: &[usize], decisions: &[Decision], of: fn(&Decision) -> f64) -> (f64, f64) {
    let came = |k: usize| decisions[k].lead > 0.0;
    let brier = mean(at, |k| (of(&decisions[k]) - f64::from(u8::from(came(k)))).powi(2));
    let given = |k: usize| if came(k) { of(&decisions[k]) } else { 1.0 - of(&decisions[k]) };
    let log_score = mean(at, |k| -given(k).max(f64::MIN_POSITIVE).ln());
    (brier, log_score)
}

fn failed(cause: StatError) -> WarningError {
    WarningError::Statistic { what: "a band of the rotation record", cause }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shoals_core::day;

    fn decision(probability_lead: f64, climatology: f64, lead: f64) -> Decision {
        let (date, end) = (day(2024, 1, 2), day(2024, 1, 30));
        let is_small = vec![probability_lead >= 0.5, false, true, false, true];
        Decision { date, end, probability_lead, climatology, is_small, lead }
    }

    /// Witness: scores worked out by hand.
    #[test]
    fn scores_are_those_worked_out_by_hand() {
        let decisions = [decision(0.8, 0.5, 0.02), decision(0.4, 0.5, -0.01)];
        let config = RotationConfig { replications: 0, ..RotationConfig::default() };
        let (records, skill) = score(&decisions, &config).unwrap().unwrap();
        assert!((records[0].brier - f64::midpoint(0.04, 0.16)).abs() < 1e-15);
        let log_score = -f64::midpoint(0.8_f64.ln(), 0.6_f64.ln());
        assert!((records[0].log_score - log_score).abs() < 1e-15);
        assert_eq!((records[0].hit_rate, records[4].hit_rate), (1.0, 0.5));
        assert!((records[0].mean_lead - 0.015).abs() < 1e-15);
        assert!((skill.brier_skill - (1.0 - 0.1 / 0.25)).abs() < 1e-12);
        assert_eq!(skill.hit_gain, 0.5);
        assert!(records[0].low.is_nan());
        assert!((records[0].switches - 252.0 / 10.0).abs() < 1e-9);
    }
}
