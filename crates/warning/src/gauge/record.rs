//! How often the gauge was right, how often wrong, and whether a naive rival would have done as well.

use serde::Serialize;
use shoals_stats::StatError;
use shoals_stats::bootstrap::band_of;
use shoals_stats::discrimination::{Discrimination, RocPoint};
use shoals_stats::drawdown::max_drawdown;
use shoals_stats::percentile::percentile;
use shoals_stats::performance::{annualised_return, volatility};

use super::reading::{Read, percentiles};
use super::{Fall, GaugeConfig, Group, Ratio, rival};
use crate::WarningError;

/// Trading days in a year.
const DAYS_PER_YEAR: f64 = 242.0;

/// How one score told days before a fall from quiet ones. Rates are NaN where nothing happened or nothing was quiet.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Skill {
    /// `gauge`, a group, `momentum`, `volatility` or `always_in`.
    pub scorer: String,
    /// Days scored whose horizon is over.
    pub days: usize,
    /// Of them with a fall of the size warned of within the horizon.
    pub event_days: usize,
    /// Chance that such a day scored above a quiet one; 0.5 says nothing.
    pub area: f64,
    /// Lower end of its block-bootstrap band.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Chance of such an area when what happened is turned around the calendar.
    pub p_value: f64,
    /// The gauge's area minus this one.
    pub gauge_lead: f64,
    /// Lower end of its band, the same days drawn for both.
    pub gauge_lead_low: f64,
    /// Upper end.
    pub gauge_lead_high: f64,
    /// Share of days with an alarm.
    pub alarm_share: f64,
    /// Share of the event days with an alarm.
    pub hit_rate: f64,
    /// Share of the quiet days with an alarm.
    pub false_alarm_rate: f64,
    /// Share of the alarm days before a fall.
    pub precision: f64,
    /// Alarms, days in a row counted once.
    pub alarms: usize,
    /// Of them without a fall within the horizon of any of their days.
    pub false_alarms: usize,
    /// Falls of the size warned of.
    pub falls: usize,
    /// Of them with an alarm within the horizon before the fall had that size.
    pub falls_warned: usize,
    /// Median of the trading days from the first such alarm to the day the fall had that size.
    pub median_lead_days: f64,
}

/// A fall, and what the gauge had said.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Warned {
    /// The fall.
    pub fall: Fall,
    /// Percentile of the composite on the day of the peak.
    pub level_at_peak: f64,
    /// Share of the horizon before the breach with an alarm.
    pub alarm_share: f64,
    /// Trading days from the first alarm in the horizon to the breach; NaN without one.
    pub lead_days: f64,
}

/// What holding small against large made when one left at every alarm.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Holding {
    /// Whose alarms.
    pub scorer: String,
    /// Days of it.
    pub days: usize,
    /// Annual return, decimal, after the cost of leaving and entering.
    pub annual_return: f64,
    /// Annual volatility, decimal.
    pub volatility: f64,
    /// Deepest fall, a negative decimal; 0 for none.
    pub max_drawdown: f64,
    /// Share of days held.
    pub held_share: f64,
    /// Times it left or entered.
    pub switches: usize,
}

/// A point of one scorer's operating characteristic.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CurvePoint {
    /// Whose.
    pub scorer: String,
    /// The point.
    pub point: RocPoint,
}

pub(super) struct Record {
    pub(super) skills: Vec<Skill>,
    pub(super) holdings: Vec<Holding>,
    pub(super) warned: Vec<Warned>,
    pub(super) curve: Vec<CurvePoint>,
}

/// A score a day, as a percentile of its own past, and its alarms.
struct Scorer {
    name: &'static str,
    score: Vec<f64>,
    is_alarm: Vec<bool>,
}

impl Scorer {
    fn of(name: &'static str, raw: &[f64], config: &GaugeConfig) -> Result<Self, WarningError> {
        Ok(Self::read(name, percentiles(raw, config)?, config))
    }

    fn read(name: &'static str, score: Vec<f64>, config: &GaugeConfig) -> Self {
        let is_alarm = score.iter().map(|&s| s >= config.alarm_percentile).collect();
        Self { name, score, is_alarm }
    }
}

pub(super) fn record(
    ratio: &Ratio,
    read: &Read,
    ahead: &[f64],
    falls: &[Fall],
    config: &GaugeConfig,
) -> Result<Record, WarningError> {
    let n = ratio.days.len();
    let mut scorers = vec![Scorer::read("gauge", read.level.clone(), config)];
    for (group, values) in Group::ALL.iter().zip(&read.groups) {
        scorers.push(Scorer::of(group.name(), values, config)?);
    }
    scorers.push(Scorer::of("momentum", &rival::momentum(ratio, config), config)?);
    scorers.push(Scorer::of("volatility", &rival::volatility(ratio, config)?, config)?);
    scorers.push(Scorer { name: "always_in", score: vec![0.0; n], is_alarm: vec![false; n] });

    let speaks = |name: &str, t: usize| {
        scorers.iter().any(|scorer| scorer.name == name && !scorer.score[t].is_nan())
    };
    let is_told = |t: usize| config.from.is_none_or(|from| ratio.days[t] >= from);
    let all = |t: &usize| {
        is_told(*t) && ["gauge", "momentum", "volatility"].iter().all(|name| speaks(name, *t))
    };
    let told: Vec<usize> = (0..n).filter(all).collect();
    let scored: Vec<usize> = told.iter().copied().filter(|&t| !ahead[t].is_nan()).collect();
    let is_event: Vec<bool> = scored.iter().map(|&t| ahead[t] <= -config.drawdown).collect();

    let pairs: Vec<Option<Discrimination>> = scorers
        .iter()
        .map(|scorer| {
            let danger: Vec<f64> = scored.iter().map(|&t| scorer.score[t]).collect();
            match Discrimination::new(&danger, &is_event) {
                Ok(pair) => Ok(Some(pair)),
                // Nothing happened, or nothing else did.
                Err(StatError::Constant { .. }) => Ok(None),
                Err(cause) => Err(WarningError::Statistic { what: "the gauge's record", cause }),
            }
        })
        .collect::<Result<_, _>>()?;
    let draws = resampled(&pairs, scored.len(), config)?;

    let first = told.first().copied().unwrap_or(n);
    let after: Vec<Fall> = falls.iter().filter(|fall| fall.breach_at > first).copied().collect();
    let mut skills = Vec::new();
    for (k, scorer) in scorers.iter().enumerate() {
        let counts = Counts { scorer, scored: &scored, is_event: &is_event, falls: &after, first };
        skills.push(counts.skill(pairs[k].as_ref(), pairs[0].as_ref(), &draws, k, config));
    }
    let warned = after.iter().map(|fall| warned(fall, &scorers[0], first, config)).collect();
    let kept = ["gauge", "momentum", "volatility"];
    let curve = scorers.iter().zip(&pairs).filter(|(scorer, _)| kept.contains(&scorer.name));
    let curve = curve.flat_map(|(scorer, pair)| {
        let points = pair.as_ref().map(Discrimination::curve).unwrap_or_default();
        points.into_iter().map(|point| CurvePoint { scorer: scorer.name.to_owned(), point })
    });
    let curve = curve.collect();
    let holdings = ["gauge", "momentum", "volatility", "always_in"]
        .iter()
        .filter_map(|name| scorers.iter().find(|scorer| scorer.name == *name))
        .filter_map(|scorer| holding(scorer, ratio, &told, config).transpose())
        .collect::<Result<_, _>>()?;
    Ok(Record { skills, holdings, warned, curve })
}

/// Areas of every scorer in every resample of the scored days; none where the first cannot be scored.
fn resampled(
    pairs: &[Option<Discrimination>],
    n: usize,
    config: &GaugeConfig,
) -> Result<Vec<Vec<f64>>, WarningError> {
    if pairs.first().is_none_or(Option::is_none) {
        return Ok(Vec::new());
    }
    let draw = |positions: &[usize]| -> Vec<f64> {
        let mut weights = vec![0_u32; n];
        for &position in positions {
            weights[position] += 1;
        }
        let area = |pair: &Option<Discrimination>| {
            pair.as_ref().map_or(f64::NAN, |pair| pair.area_of_resample(&weights))
        };
        pairs.iter().map(area).collect()
    };
    config
        .bootstrap()?
        .replicate(n, draw)
        .map_err(|cause| WarningError::Statistic { what: "the record's bands", cause })
}

struct Counts<'a> {
    scorer: &'a Scorer,
    scored: &'a [usize],
    is_event: &'a [bool],
    falls: &'a [Fall],
    first: usize,
}

impl Counts<'_> {
    fn skill(
        &self,
        pair: Option<&Discrimination>,
        gauge: Option<&Discrimination>,
        draws: &[Vec<f64>],
        k: usize,
        config: &GaugeConfig,
    ) -> Skill {
        let band = |of: &dyn Fn(&Vec<f64>) -> f64| -> (f64, f64) {
            let values: Vec<f64> = draws.iter().map(of).collect();
            band_of(&values, config.tail_probability)
                .map_or((f64::NAN, f64::NAN), |band| (band.low, band.high))
        };
        let (low, high) = band(&|areas| areas[k]);
        let (lead_low, lead_high) = band(&|areas| areas[0] - areas[k]);
        let area = pair.map_or(f64::NAN, Discrimination::area);
        let is_scored = |i: &usize| !self.scorer.score[self.scored[*i]].is_nan();
        let places: Vec<usize> = (0..self.scored.len()).filter(is_scored).collect();
        let count = |of: &dyn Fn(usize) -> bool| places.iter().filter(|&&i| of(i)).count();
        let is_alarm = |i: usize| self.scorer.is_alarm[self.scored[i]];
        let event_days = count(&|i| self.is_event[i]);
        let (alarm_days, hits) = (count(&is_alarm), count(&|i| is_alarm(i) && self.is_event[i]));
        let share = |part: usize, whole: usize| part as f64 / whole as f64;
        let runs: Vec<bool> = places
            .chunk_by(|&a, &b| b == a + 1 && is_alarm(a) == is_alarm(b))
            .filter(|run| is_alarm(run[0]))
            .map(|run| run.iter().any(|&i| self.is_event[i]))
            .collect();
        let leads: Vec<f64> = self
            .falls
            .iter()
            .map(|fall| lead(fall, self.scorer, self.first, config))
            .filter(|lead| !lead.is_nan())
            .collect();
        Skill {
            scorer: self.scorer.name.to_owned(),
            days: places.len(),
            event_days,
            area,
            low,
            high,
            p_value: pair.map_or(f64::NAN, |pair| pair.p_value_by_turning(config.horizon_days)),
            gauge_lead: gauge.map_or(f64::NAN, Discrimination::area) - area,
            gauge_lead_low: lead_low,
            gauge_lead_high: lead_high,
            alarm_share: share(alarm_days, places.len()),
            hit_rate: share(hits, event_days),
            false_alarm_rate: share(alarm_days - hits, places.len() - event_days),
            precision: share(hits, alarm_days),
            alarms: runs.len(),
            false_alarms: runs.iter().filter(|&&was_right| !was_right).count(),
            falls: self.falls.len(),
            falls_warned: leads.len(),
            median_lead_days: percentile(&leads, 0.5).unwrap_or(f64::NAN),
        }
    }
}

/// Days from the first alarm in the horizon before a breach; NaN without one.
fn lead(fall: &Fall, scorer: &Scorer, first: usize, config: &GaugeConfig) -> f64 {
    let start = fall.breach_at.saturating_sub(config.horizon_days).max(first);
    let alarm = (start..fall.breach_at).find(|&t| scorer.is_alarm[t]);
    alarm.map_or(f64::NAN, |t| (fall.breach_at - t) as f64)
}

fn warned(fall: &Fall, gauge: &Scorer, first: usize, config: &GaugeConfig) -> Warned {
    let start = fall.breach_at.saturating_sub(config.horizon_days).max(first);
    let alarms = (start..fall.breach_at).filter(|&t| gauge.is_alarm[t]).count();
    Warned {
        fall: *fall,
        level_at_peak: gauge.score[fall.peak_at],
        alarm_share: alarms as f64 / (fall.breach_at - start) as f64,
        lead_days: lead(fall, gauge, first, config),
    }
}

/// Small less large, held except while an alarm stands: an alarm at a close is acted on at the next close.
fn holding(
    scorer: &Scorer,
    ratio: &Ratio,
    told: &[usize],
    config: &GaugeConfig,
) -> Result<Option<Holding>, WarningError> {
    let (Some(&first), Some(&last)) = (told.first(), told.last()) else { return Ok(None) };
    let statistic = |cause| WarningError::Statistic { what: "what leaving at alarms made", cause };
    let (mut returns, mut switches, mut was_held, mut held_days) = (Vec::new(), 0, true, 0_usize);
    for t in first + 2..=last {
        let is_held = !scorer.is_alarm[t - 2];
        let mut made = if is_held { ratio.spread[t] } else { 0.0 };
        if is_held != was_held {
            made -= config.switch_cost;
            switches += 1;
        }
        (was_held, held_days) = (is_held, held_days + usize::from(is_held));
        returns.push(made);
    }
    if returns.len() < 2 {
        return Ok(None);
    }
    let deepest = max_drawdown(&returns).map_err(statistic)?;
    Ok(Some(Holding {
        scorer: scorer.name.to_owned(),
        days: returns.len(),
        annual_return: annualised_return(&returns, DAYS_PER_YEAR).map_err(statistic)?,
        volatility: volatility(&returns, DAYS_PER_YEAR).map_err(statistic)?,
        max_drawdown: deepest.map_or(0.0, |fall| fall.depth),
        held_share: held_days as f64 / returns.len() as f64,
        switches,
    }))
}
