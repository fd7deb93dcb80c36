//! The built-in scenario: seven years of news in legs, shaped like the real event.
//!
//! A leg ends on a day and says what the micro, CSI 1000 and CSI 300 segments would have returned in it without the
//! crowd, how wild it was, and where basis and implied volatility stood at its end. Inside a leg the factors are
//! fat-tailed noise bridged to those returns; a leg of one day is followed exactly. To 2020, and for the CSI 300, the
//! returns are the published index returns rounded to about a point; the small companies' since 2021 are authored so that they
//! come out with the crowd's orders on top (`crowd`), and so is the last half year.

use serde::{Deserialize, Serialize};
use shoals_core::{Calendar, Seed, Segment, TradingDay, day};

use crate::SampleError;
use crate::crowd::{self, Crowd};
use crate::noise::{CURVATURE, Garch, MARKET, QUOTES, SIZE, autoregression};
use crate::path::FactorPath;
use crate::truth::Episode;

/// A market history in legs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Trading day whose close everything starts from; the first leg begins the day after.
    pub starts_after: TradingDay,
    /// The legs, in time order.
    pub legs: Vec<Leg>,
}

/// A stretch of the scenario.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Leg {
    /// The episode it belongs to: calm, boom, inversion, squeeze or rebound.
    pub episode: String,
    /// Last day, included.
    pub last_day: TradingDay,
    /// Simple return of the micro segment over the leg without the crowd, dividends included.
    pub micro: f64,
    /// Simple return of the CSI 1000 segment.
    pub csi1000: f64,
    /// Simple return of the CSI 300 segment.
    pub csi300: f64,
    /// Multiplier of factor and idiosyncratic volatility.
    pub volatility: f64,
    /// Multiplier of turnover.
    pub liquidity: f64,
    /// Annualised carry without dividends at its end, IH, IF, IC, IM.
    pub carry: [f64; 4],
    /// Dislocation at its end, a fraction of spot, IH, IF, IC, IM.
    pub dislocation: [f64; 4],
    /// Implied volatility above what realised volatility explains at its end: large and small caps.
    pub fear: [f64; 2],
}

/// Daily standard deviation of the factors in a leg of volatility 1.
const MARKET_DAILY: f64 = 0.0124;
const SIZE_DAILY: f64 = 0.0150;
const CURVATURE_DAILY: f64 = 0.0058;
const VALUE_DAILY: f64 = 0.0022;
const LOW_VOLATILITY_DAILY: f64 = 0.0022;
/// Mean daily return of a unit of value and of low volatility: about 4 % a year each.
const STYLE_PREMIUM: f64 = 0.000_16;
/// Correlation of the size factor with the market, as in 2018-2024.
const SIZE_MARKET_CORRELATION: f64 = -0.16;

/// Rows: episode, last day, micro, CSI 1000, CSI 300 (percent), volatility, liquidity,
/// carry (percent a year), dislocation (percent), fear (vol points).
type Row = (&'static str, (i32, u32, u32), [f64; 3], [f64; 2], [f64; 4], [f64; 4], [f64; 2]);

#[rustfmt::skip]
const BUILTIN: &[Row] = &[
    ("calm",      (2018,  6, 29), [-13.0, -21.0, -13.0], [1.0, 0.85], [-1.0, -2.0, -7.0, -8.0],   [0.0; 4], [1.0, 1.0]),
    ("calm",      (2018, 12, 28), [ -2.0, -21.0, -13.0], [1.1, 0.75], [ 0.0, -2.0, -8.0, -9.0],   [0.0; 4], [1.0, 1.0]),
    ("calm",      (2019,  6, 28), [ 36.0,  20.0,  28.0], [1.1, 1.30], [ 0.0, -2.0, -9.0, -10.0],  [0.0; 4], [0.0, 0.0]),
    ("calm",      (2019, 12, 31), [  6.0,   5.0,   8.0], [0.7, 0.95], [ 0.0, -1.0, -8.0, -9.0],   [0.0; 4], [-1.0, -1.0]),
    ("calm",      (2020,  6, 30), [  4.0,  13.0,   2.0], [1.2, 1.20], [-4.0, -5.0, -13.0, -14.0], [0.0; 4], [1.0, 1.0]),
    ("calm",      (2020, 12, 31), [ 13.0,   5.0,  26.0], [1.0, 1.25], [-3.0, -5.0, -12.0, -13.0], [0.0; 4], [0.0, 0.0]),
    ("boom",      (2021,  6, 30), [  7.0,   6.0,   1.0], [0.9, 1.05], [-1.5, -2.8, -7.5, -7.5], [0.0; 4], [0.0, 0.0]),
    ("boom",      (2021, 12, 31), [ 17.0,  12.0,  -4.0], [0.8, 1.25], [0.5, 0.2, -3.5, -4.5],  [0.0; 4], [-1.0, -1.0]),
    ("boom",      (2022,  4, 26), [-16.0, -34.0, -23.0], [1.3, 1.00], [-0.5, -1.8, -5.5, -6.5], [0.0; 4], [2.0, 3.0]),
    ("boom",      (2022,  6, 30), [ 25.0,  33.0,  19.0], [1.1, 1.20], [0.5, 0.2, -1.5, -2.5],  [0.0; 4], [0.0, 0.0]),
    ("boom",      (2022, 12, 30), [  9.0,  -9.0, -13.0], [0.9, 1.00], [1.0, 1.2, -0.5, -1.5],  [0.0; 4], [0.0, 0.0]),
    ("boom",      (2023,  6, 30), [ 18.0,   5.0,   0.0], [0.7, 1.05], [1.5, 2.2, 1.5, 0.5],  [0.0; 4], [-2.0, -2.0]),
    ("boom",      (2023, 12, 29), [ 15.0, -10.0, -10.0], [0.7, 1.00], [1.0, 1.7, 1.5, -0.5],  [0.0, 0.0, 0.0, -0.2], [-1.0, -1.0]),
    ("inversion", (2024,  1, 19), [ -7.0,  -9.0,  -5.0], [1.0, 0.85], [0.0, 0.7, -1.5, -4.5],  [0.0, 0.0, -0.4, -0.8], [1.0, 5.0]),
    ("inversion", (2024,  1, 31), [-12.5,  -8.0,  -1.5], [1.3, 1.00], [-0.5, -0.3, -3.5, -6.5], [0.0; 4], [2.0, 6.0]),
    ("squeeze",   (2024,  2,  2), [ -3.0,  -3.5,  -1.0], [1.3, 1.00], [-1.0, -0.8, -5.5, -8.5], [0.0; 4], [3.0, 8.0]),
    ("squeeze",   (2024,  2,  5), [ -9.0,  -7.0,   0.7], [1.3, 1.15], [-1.5, -1.8, -5.5, -6.0], [0.0; 4], [5.0, 12.0]),
    ("squeeze",   (2024,  2,  6), [  1.0,   4.0,   3.5], [1.3, 1.25], [-0.5, -0.8, -4.5, -7.5], [0.0; 4], [5.0, 11.0]),
    ("squeeze",   (2024,  2,  7), [ -2.0,   2.0,   1.0], [1.3, 1.35], [0.0, 0.2, -2.5, -6.5], [0.0; 4], [4.0, 10.0]),
    ("rebound",   (2024,  2,  8), [ 14.0,   1.0,   0.6], [1.3, 1.35], [0.0, 0.2, -2.5, -6.5], [0.0; 4], [3.0, 10.0]),
    ("rebound",   (2024,  2, 27), [ 30.0,   6.0,   4.0], [1.2, 1.30], [0.0, 0.2, -2.5, -5.5],  [0.0, 0.0, -0.3, -0.6], [1.0, 6.0]),
    ("rebound",   (2024,  2, 28), [ -6.0,  -4.0,  -1.3], [1.3, 1.60], [0.0, 0.2, -2.5, -5.5],  [0.0, 0.0, -0.5, -1.0], [1.0, 7.0]),
    ("rebound",   (2024,  3, 29), [ 27.0,   5.0,   2.5], [1.2, 1.30], [-0.5, 0.2, -1.5, -3.5],  [0.0; 4], [0.0, 3.0]),
    ("calm",      (2024,  6, 28), [ -9.0,  -9.0,  -1.0], [1.0, 0.95], [-0.5, -0.3, -2.5, -4.5],  [0.0; 4], [0.0, 2.0]),
    ("calm",      (2024,  9, 23), [ -3.0,  -9.0,  -6.0], [0.8, 0.75], [-0.5, -0.8, -3.5, -5.5],  [0.0; 4], [0.0, 0.0]),
    ("rebound",   (2024, 10,  8), [ 32.0,  34.0,  30.0], [2.0, 2.40], [2.5, 4.2, 3.5, 3.5],   [0.3, 0.5, 0.8, 0.8], [12.0, 14.0]),
    ("calm",      (2024, 12, 31), [ 20.0,   2.0,  -7.0], [1.3, 1.90], [0.5, 1.2, -1.5, -2.5],  [0.0; 4], [0.0, 1.0]),
];

impl Default for Scenario {
    fn default() -> Self {
        Self::builtin()
    }
}

impl Scenario {
    /// Calm to 2020, the size boom of 2021-2023, the inversion of January 2024, the squeeze of
    /// 2024-02-05 to 02-07, and the rebound.
    pub fn builtin() -> Self {
        Self { starts_after: day(2017, 12, 29), legs: BUILTIN.iter().map(Leg::from_row).collect() }
    }

    /// First trading day after the start.
    ///
    /// # Errors
    /// When the calendar does not know it.
    pub fn first_day(&self) -> Result<TradingDay, SampleError> {
        Ok(Calendar::shanghai().next(self.starts_after)?)
    }

    /// Last day of the last leg; the start when there is no leg.
    pub fn last_day(&self) -> TradingDay {
        self.legs.last().map_or(self.starts_after, |leg| leg.last_day)
    }

    /// The episodes: neighbouring legs of one name, joined.
    ///
    /// # Errors
    /// When the legs are not in rising order or lie outside the calendar.
    pub fn episodes(&self) -> Result<Vec<Episode>, SampleError> {
        let mut episodes: Vec<Episode> = Vec::new();
        let mut from = self.first_day()?;
        for (leg, days) in self.spans()? {
            match episodes.last_mut() {
                Some(last) if last.name == leg.episode => last.to = leg.last_day,
                _ => episodes.push(Episode {
                    name: leg.episode.clone(),
                    from,
                    to: *days.last().unwrap_or(&leg.last_day),
                }),
            }
            from = Calendar::shanghai().next(leg.last_day)?;
        }
        Ok(episodes)
    }

    /// Every leg with its trading days.
    fn spans(&self) -> Result<Vec<(&Leg, &'static [TradingDay])>, SampleError> {
        let calendar = Calendar::shanghai();
        let mut previous = self.starts_after;
        let mut spans = Vec::with_capacity(self.legs.len());
        for leg in &self.legs {
            let days = calendar.days(previous.plus_calendar_days(1), leg.last_day);
            if leg.last_day <= previous || days.is_empty() {
                let (leg, last) = (leg.episode.clone(), leg.last_day);
                return Err(SampleError::LegsNotRising { leg, last, previous });
            }
            spans.push((leg, days));
            previous = leg.last_day;
        }
        Ok(spans)
    }

    /// The news: a factor path that follows the legs, with noise drawn from `seed` and nobody's orders in it.
    ///
    /// # Errors
    /// When the legs are not in rising order or lie outside the calendar.
    pub fn path(&self, seed: Seed) -> Result<FactorPath, SampleError> {
        let spans = self.spans()?;
        let days: Vec<TradingDay> =
            spans.iter().flat_map(|(_, days)| days.iter().copied()).collect();
        let n = days.len();
        let noise = FactorNoise::draw(seed, n);
        let level = |get: &dyn Fn(&Leg) -> f64| steps(&spans, get);
        let ramp = |get: &dyn Fn(&Leg) -> f64| ramps(&spans, get);

        let wildness = level(&|leg| leg.volatility);
        let bridged = |noise: &[f64], daily: f64, target: &dyn Fn(&Leg) -> f64| {
            let mut values: Vec<f64> =
                noise.iter().zip(&wildness).map(|(x, wild)| x * wild * daily).collect();
            bridge(&mut values, &spans, target);
            values
        };
        let market = bridged(&noise.market, MARKET_DAILY, &|leg| leg.log_returns()[0]);
        let size = bridged(&noise.size, SIZE_DAILY, &|leg| leg.log_returns()[1]);
        let curvature = bridged(&noise.curvature, CURVATURE_DAILY, &|leg| leg.log_returns()[2]);
        let styled = |noise: &[f64], daily: f64| -> Vec<f64> {
            noise.iter().zip(&wildness).map(|(x, w)| STYLE_PREMIUM + daily * w * x).collect()
        };
        let products = [0, 1, 2, 3];
        let small: Vec<f64> =
            (0..days.len()).map(|t| market[t] + 0.5 * size[t] + curvature[t]).collect();
        let fear = |side: usize| ramp(&move |leg| leg.fear[side]);
        Ok(FactorPath {
            value: styled(&noise.value, VALUE_DAILY),
            low_volatility: styled(&noise.low_volatility, LOW_VOLATILITY_DAILY),
            volatility: wiggled(&wildness, &noise.volatility, 0.25, 0.10),
            liquidity: wiggled(&level(&|leg| leg.liquidity), &noise.liquidity, 1.0, 0.14),
            carry: products
                .map(|p| added(&ramp(&|leg| leg.carry[p]), &noise.carry[p], CARRY_DEVIATION[p])),
            dislocation: products.map(|p| {
                let pressed = ramp(&|leg| leg.dislocation[p]);
                let wandering = added(&pressed, &noise.dislocation[p], DISLOCATION_DEVIATION[p]);
                added(&wandering, if p < 2 { &market } else { &small }, OVERSHOOT)
            }),
            pressed: std::array::from_fn(|_| vec![0.0; n]),
            depth: std::array::from_fn(|_| vec![1.0; n]),
            forced: std::array::from_fn(|_| vec![0.0; n]),
            large_implied_volatility: implied(&market, &fear(0), &noise.implied[0]),
            small_implied_volatility: implied(&small, &fear(1), &noise.implied[1]),
            days,
            market,
            size,
            curvature,
        })
    }

    /// The path with the crowd in it up to a day, and the crowd: news from [`path`](Self::path), what its orders did on top.
    pub(crate) fn crowded(
        &self,
        seed: Seed,
        until: TradingDay,
    ) -> Result<(FactorPath, Crowd), SampleError> {
        let mut path = self.path(seed)?;
        let crowd = crowd::walk(&path, until)?;
        let added_fear = crowd.press(&mut path);
        let quotes = Quotes::draw(seed.part(PATH_SEED), path.len());
        let spans = self.spans()?;
        let fear = |side: usize| -> Vec<f64> {
            let own = ramps(&spans, &move |leg| leg.fear[side]);
            own.iter().zip(&added_fear[side]).map(|(a, b)| a + b).collect()
        };
        let small = |t: usize| path.segment_return(Segment::Csi1000, t).ln_1p();
        path.small_implied_volatility =
            implied(&(0..path.len()).map(small).collect::<Vec<_>>(), &fear(1), &quotes[1]);
        path.large_implied_volatility = implied(&path.market, &fear(0), &quotes[0]);
        Ok((path, crowd))
    }
}

/// Standard deviation of the carry's own wandering, annualised decimal, IH, IF, IC, IM.
const CARRY_DEVIATION: [f64; 4] = [0.026, 0.022, 0.026, 0.026];
/// Standard deviation of the everyday dislocation, a fraction of spot.
const DISLOCATION_DEVIATION: [f64; 4] = [0.0018, 0.0018, 0.0026, 0.0028];
/// How far futures overshoot their index on the day, a fraction of its log return.
const OVERSHOOT: f64 = 0.06;

impl Leg {
    fn from_row(row: &Row) -> Self {
        let &(episode, (year, month, date), returns, [volatility, liquidity], carry, gap, fear) =
            row;
        let percent = |x: f64| x / 100.0;
        Self {
            episode: episode.to_owned(),
            last_day: day(year, month, date),
            micro: percent(returns[0]),
            csi1000: percent(returns[1]),
            csi300: percent(returns[2]),
            volatility,
            liquidity,
            carry: carry.map(percent),
            dislocation: gap.map(percent),
            fear: fear.map(percent),
        }
    }

    /// Log returns over the leg of market, size and curvature.
    fn log_returns(&self) -> [f64; 3] {
        let [micro, middle, large] = [self.micro, self.csi1000, self.csi300].map(f64::ln_1p);
        [large, micro - large, middle - f64::midpoint(micro, large)]
    }
}

/// Every unit-variance series the path needs, each from its own stream.
struct FactorNoise {
    market: Vec<f64>,
    size: Vec<f64>,
    curvature: Vec<f64>,
    value: Vec<f64>,
    low_volatility: Vec<f64>,
    volatility: Vec<f64>,
    liquidity: Vec<f64>,
    carry: [Vec<f64>; 4],
    dislocation: [Vec<f64>; 4],
    implied: [Quotes; 2],
}

/// How quotes of implied volatility wander, unit variance: over days, and from day to day.
struct Quotes {
    slow: Vec<f64>,
    quick: Vec<f64>,
}

impl Quotes {
    /// Of large and small companies' options; `seed` is the factor path's part.
    fn draw(seed: Seed, n: usize) -> [Self; 2] {
        [30, 31].map(|k| Self {
            slow: autoregression(&mut seed.stream(k), n, 6.0),
            quick: QUOTES.series(&mut seed.stream(k + 10), n),
        })
    }
}

impl FactorNoise {
    fn draw(seed: Seed, n: usize) -> Self {
        let seed = seed.part(PATH_SEED);
        let garch = |k: u64, garch: Garch| garch.series(&mut seed.stream(k), n);
        let slow = |k: u64, half_life: f64| autoregression(&mut seed.stream(k), n, half_life);
        let market = garch(0, MARKET);
        let size = small_against(&market, &garch(1, SIZE));
        Self {
            market,
            size,
            curvature: garch(2, CURVATURE),
            value: garch(3, MARKET),
            low_volatility: garch(4, MARKET),
            volatility: slow(5, 40.0),
            liquidity: slow(6, 25.0),
            carry: [10, 11, 12, 13].map(|k| slow(k, 30.0)),
            dislocation: [20, 21, 22, 23].map(|k| slow(k, 3.0)),
            implied: Quotes::draw(seed, n),
        }
    }
}

/// The size factor beside the market: it leans against it, loses when the market is wild either way,
/// and scatters on falls and after them. Unit variance.
fn small_against(market: &[f64], own: &[f64]) -> Vec<f64> {
    /// Loss for a market move of two deviations rather than one, and for scattering a deviation down.
    const TURMOIL: f64 = 0.09;
    const SCATTER: f64 = 0.13;
    /// Part of the variance that follows the market's falls of late, and their memory.
    const FRIGHT: f64 = 0.6;
    let keep = 0.5_f64.powf(1.0 / 4.0);
    let own_share =
        (1.0 - SIZE_MARKET_CORRELATION * SIZE_MARKET_CORRELATION - 6.0 * TURMOIL * TURMOIL).sqrt();
    let mut falls = 0.5;
    market
        .iter()
        .zip(own)
        .map(|(m, x)| {
            let felt = m.clamp(-3.0, 3.0);
            let scatter = (1.0 - FRIGHT + 2.0 * FRIGHT * falls).sqrt() * (1.0 - SCATTER * felt);
            falls = keep * falls + (1.0 - keep) * felt.min(0.0).powi(2);
            own_share * scatter * x + SIZE_MARKET_CORRELATION * m - TURMOIL * (felt * felt - 0.9)
        })
        .collect()
}

/// The part of the seed the path draws from.
const PATH_SEED: &str = "factor path";

type Spans<'a> = [(&'a Leg, &'static [TradingDay])];

/// A value that holds through each leg.
fn steps(spans: &Spans, get: &dyn Fn(&Leg) -> f64) -> Vec<f64> {
    spans.iter().flat_map(|(leg, days)| std::iter::repeat_n(get(leg), days.len())).collect()
}

/// A value that moves in a straight line to each leg's end.
fn ramps(spans: &Spans, get: &dyn Fn(&Leg) -> f64) -> Vec<f64> {
    let mut start = spans.first().map_or(0.0, |(leg, _)| get(leg));
    let mut values = Vec::new();
    for (leg, days) in spans {
        let (end, n) = (get(leg), days.len() as f64);
        values.extend((1..=days.len()).map(|k| start + (end - start) * k as f64 / n));
        start = end;
    }
    values
}

/// Moves noise so that each leg sums to its target, more where the noise is wild: the correction of a
/// day is proportional to the square of its own move plus the leg's mean square.
fn bridge(values: &mut [f64], spans: &Spans, target: &dyn Fn(&Leg) -> f64) {
    let mut rest = values;
    for (leg, days) in spans {
        let (part, later) = rest.split_at_mut(days.len());
        let mean_square = part.iter().map(|x| x * x).sum::<f64>() / part.len() as f64;
        let weights: Vec<f64> = part.iter().map(|x| x * x + mean_square).collect();
        let total: f64 = weights.iter().sum();
        let missing = target(leg) - part.iter().sum::<f64>();
        for (x, weight) in part.iter_mut().zip(weights) {
            *x += missing * weight / total;
        }
        rest = later;
    }
}

/// `level^power x exp(deviation x noise)`.
fn wiggled(level: &[f64], noise: &[f64], power: f64, deviation: f64) -> Vec<f64> {
    level.iter().zip(noise).map(|(l, x)| l.powf(power) * (deviation * x).exp()).collect()
}

/// `level + deviation x noise`.
fn added(level: &[f64], noise: &[f64], deviation: f64) -> Vec<f64> {
    level.iter().zip(noise).map(|(l, x)| l + deviation * x).collect()
}

/// Implied volatility: between long-run and recent realised volatility, plus fear, plus noise.
///
/// Recent volatility is exponentially weighted with a half-life of ten days; the option market leans
/// on a long-run level of 21.5 %. A fall frightens beyond its square and a rise calms, half of it for
/// four days more; quotes wander 6 %, and as much again for a day or two.
fn implied(log_returns: &[f64], fear: &[f64], noise: &Quotes) -> Vec<f64> {
    const LONG_RUN: f64 = 0.215;
    const FRIGHT: f64 = 0.33;
    const WANDER: f64 = 0.06;
    let (keep, fright_keep, quick_keep) =
        (0.5_f64.powf(0.1), 0.5_f64.powf(0.25), 0.5_f64.powf(0.5));
    let (mut variance, mut fright, mut quick) = (LONG_RUN * LONG_RUN / 242.0, 0.0, 0.0);
    let quotes = noise.slow.iter().zip(&noise.quick);
    log_returns
        .iter()
        .zip(fear.iter().zip(quotes))
        .map(|(r, (fear, (slow, fresh)))| {
            // A day beyond 4 % says little about the next thirty.
            let felt = r.clamp(-0.04, 0.04);
            variance = keep * variance + (1.0 - keep) * felt * felt;
            fright = fright_keep * fright - FRIGHT * felt;
            quick = quick_keep * quick + (1.0 - quick_keep * quick_keep).sqrt() * fresh;
            let blend = (0.45 * LONG_RUN * LONG_RUN + 0.55 * variance * 242.0).sqrt();
            ((blend + fright + fear) * (WANDER * (slow + quick)).exp()).max(0.08)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Witness: the legs themselves; the returns are bridged, not hoped for.
    #[test]
    fn every_leg_is_hit_exactly_whatever_the_seed() {
        let scenario = Scenario::builtin();
        for seed in [Seed(1), Seed(77)] {
            let path = scenario.path(seed).unwrap();
            path.check().unwrap();
            let mut from = scenario.first_day().unwrap();
            for leg in &scenario.legs {
                let part = path.between(from, leg.last_day);
                for (segment, expected) in [
                    (Segment::Micro, leg.micro),
                    (Segment::Csi1000, leg.csi1000),
                    (Segment::Csi300, leg.csi300),
                ] {
                    let log: f64 =
                        (0..part.len()).map(|t| part.segment_return(segment, t).ln_1p()).sum();
                    assert!((log.exp_m1() - expected).abs() < 1e-9, "{} {segment}", leg.last_day);
                }
                from = Calendar::shanghai().next(leg.last_day).unwrap();
            }
        }
    }

    #[test]
    fn the_episodes_join_and_cover_every_day() {
        let scenario = Scenario::builtin();
        let episodes = scenario.episodes().unwrap();
        assert_eq!(episodes[0].from, day(2018, 1, 2));
        let names: Vec<&str> = episodes.iter().map(|e| e.name.as_str()).collect();
        assert_eq!(
            names,
            ["calm", "boom", "inversion", "squeeze", "rebound", "calm", "rebound", "calm"]
        );
        assert_eq!((episodes[3].from, episodes[3].to), (day(2024, 2, 1), day(2024, 2, 7)));
    }

    #[test]
    fn legs_out_of_order_are_refused() {
        let mut scenario = Scenario::builtin();
        scenario.legs.swap(0, 1);
        let error = scenario.path(Seed(1)).unwrap_err().to_string();
        assert!(error.contains("not after the leg before it"), "{error}");
    }
}
