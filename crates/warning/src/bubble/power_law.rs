//! In how many windows does a series look like a log-periodic power law? The DS-LPPLS confidence indicator.
//!
//! On a day the law is fitted to windows of many lengths that end there; the confidence is the share whose fit passes the
//! filters. Fits of walks pass too, so the same share is told for wild bootstraps of the series.
//!
//! Source: Sornette, Demos, Zhang, Cauwels, Filimonov and Zhang (2015), Journal of Investment Strategies 4 (4), 77-95.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use shoals_core::{Seed, TradingDay};
use shoals_stats::counter_normal::counter_normal;
use shoals_stats::lppls::{Bounds, Direction, Filter, fit};
use shoals_stats::percentile::percentiles;

use super::BubbleConfig;
use super::ratio::LogRatio;
use crate::WarningError;
use crate::error::require_setting;

/// Settings of the confidence of the log-periodic power law.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PowerLawConfig {
    /// Days of the shortest window.
    pub shortest: usize,
    /// Days of the longest window; the first day told has as many behind it.
    pub longest: usize,
    /// Days from one window's length to the next.
    pub step: usize,
    /// Days from one day told to the next; the last day of the sample is told always.
    pub every: usize,
    /// Trading days after the window within which the critical time must lie.
    pub ahead: f64,
    /// Between these the exponent must lie.
    pub exponent: (f64, f64),
    /// Between these the angular frequency must lie.
    pub frequency: (f64, f64),
    /// Least damping.
    pub damping: f64,
    /// Fewest waves in the window.
    pub oscillations: f64,
    /// Wild bootstraps of the last windows.
    pub chance_paths: usize,
}

impl Default for PowerLawConfig {
    /// 26 windows of 125 to 750 days, every fifth day, a year ahead, the usual filters, and 20 walks.
    fn default() -> Self {
        Self {
            shortest: 125,
            longest: 750,
            step: 25,
            every: 5,
            ahead: 250.0,
            exponent: (0.1, 0.9),
            frequency: (6.0, 13.0),
            damping: 0.8,
            oscillations: 2.5,
            chance_paths: 20,
        }
    }
}

impl PowerLawConfig {
    pub(super) fn check(&self) -> Result<(), WarningError> {
        let (shortest, longest) = (self.shortest, self.longest);
        require_setting(
            "shortest",
            shortest as f64,
            "30 days to `longest`",
            30 <= shortest && shortest <= longest,
        )?;
        require_setting("longest", longest as f64, "at most 2500 days", longest <= 2_500)?;
        for (field, days) in [("step", self.step), ("every", self.every)] {
            require_setting(field, days as f64, "1 to 2500 days", (1..=2_500).contains(&days))?;
        }
        let n = self.chance_paths;
        require_setting("chance_paths", n as f64, "1 to 10000", (1..=10_000).contains(&n))?;
        let is_range = |(low, high): (f64, f64)| 0.0 < low && low < high && high.is_finite();
        let ahead = self.ahead;
        require_setting("ahead", ahead, "above 1 day", is_range((1.0, ahead)))?;
        let (low, high) = self.exponent;
        require_setting("exponent", low, "low and high, 0 < low < high", is_range((low, high)))?;
        let (low, high) = self.frequency;
        require_setting("frequency", low, "low and high, 0 < low < high", is_range((low, high)))?;
        for (field, least) in [("damping", self.damping), ("oscillations", self.oscillations)] {
            require_setting(field, least, "0 or more", least >= 0.0 && least.is_finite())?;
        }
        Ok(())
    }

    fn windows(&self) -> Vec<usize> {
        (self.shortest..=self.longest).step_by(self.step).collect()
    }

    fn bounds(&self) -> Bounds {
        Bounds { ahead: (1.0, self.ahead), exponent: self.exponent, frequency: self.frequency }
    }

    fn filter(&self) -> Filter {
        Filter { damping: self.damping, oscillations: self.oscillations }
    }
}

/// What the law is fitted to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PowerLawSeries {
    /// The ratio of the two indices.
    Ratio,
    /// The index above the line.
    Index,
}

impl PowerLawSeries {
    /// Both, the ratio first.
    pub const ALL: [Self; 2] = [Self::Ratio, Self::Index];

    /// The stable name used in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ratio => "ratio",
            Self::Index => "index",
        }
    }
}

/// Confidence on one day.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PowerLawDay {
    /// What it is of.
    pub series: PowerLawSeries,
    /// Last day of the windows.
    pub date: TradingDay,
    /// Windows fitted.
    pub n_fits: usize,
    /// Share of them that pass as a rise ever faster, in `[0, 1]`.
    pub confidence_positive: f64,
    /// Share of them that pass as a fall ever faster.
    pub confidence_negative: f64,
    /// Calendar days from the day to the critical time: the first tenth of the windows that pass on the side more of them pass
    /// on (positive where equal); NaN where none passes.
    pub tc_low: f64,
    /// The middle of them.
    pub tc_median: f64,
    /// The last tenth.
    pub tc_high: f64,
}

/// The confidence of the last day beside what chance gives.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PowerLawChance {
    /// What it is of.
    pub series: PowerLawSeries,
    /// The last day of the sample.
    pub date: TradingDay,
    /// Wild bootstraps.
    pub n_paths: usize,
    /// Fits on each.
    pub n_fits: usize,
    /// Share of windows that pass as a rise.
    pub positive: AgainstChance,
    /// Share of windows that pass as a fall.
    pub negative: AgainstChance,
}

/// A share and the shares of paths without a bubble.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct AgainstChance {
    /// The series' own.
    pub confidence: f64,
    /// Mean of the paths.
    pub mean: f64,
    /// Greatest of the paths.
    pub greatest: f64,
    /// `(1 + paths with a share as great) / (1 + paths)`.
    pub p_value: f64,
}

/// The indicator of one pair.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct PowerLaw {
    /// Day by day, the ratio then the index.
    pub days: Vec<PowerLawDay>,
    /// The last day beside chance, one a series.
    pub chance: Vec<PowerLawChance>,
}

/// Empty where it was not asked.
pub(super) fn power_law(
    ratio: &LogRatio,
    name: &str,
    config: &BubbleConfig,
) -> Result<PowerLaw, WarningError> {
    let Some(settings) = &config.power_law else { return Ok(PowerLaw::default()) };
    let (n, longest) = (ratio.days.len(), settings.longest);
    if n < longest {
        return Err(WarningError::PowerLawTooShort { longest, found: n });
    }
    let mut ends: Vec<usize> = (longest - 1..n).step_by(settings.every).collect();
    if ends.last() != Some(&(n - 1)) {
        ends.push(n - 1);
    }
    let mut told = PowerLaw::default();
    for series in PowerLawSeries::ALL {
        let y = match series {
            PowerLawSeries::Ratio => &ratio.value,
            PowerLawSeries::Index => &ratio.above,
        };
        let counts: Vec<Count> = passes(settings, &ends, |end| &y[..=end]);
        for (&end, count) in ends.iter().zip(&counts) {
            told.days.push(count.day(series, &ratio.days[..=end], settings)?);
        }
        if let Some(own) = counts.last() {
            let seed = config.seed.part("power_law").part(name).part(series.name());
            let paths = walks(&y[n - longest..], settings.chance_paths, seed);
            let all: Vec<usize> = (0..paths.len()).collect();
            let chance = passes(settings, &all, |path| &paths[path]);
            told.chance.push(PowerLawChance {
                series,
                date: ratio.days[n - 1],
                n_paths: paths.len(),
                n_fits: own.n_fits,
                positive: own.against(&chance, Direction::Positive),
                negative: own.against(&chance, Direction::Negative),
            });
        }
    }
    Ok(told)
}

/// Wild bootstraps: the changes, each where it is, times a standard normal number.
fn walks(levels: &[f64], n_paths: usize, seed: Seed) -> Vec<Vec<f64>> {
    let path = |k: usize| {
        let mut level = 0.0;
        let moved = levels.windows(2).enumerate().map(|(i, pair)| {
            level += (pair[1] - pair[0]) * counter_normal(seed.0, (k * levels.len() + i) as u64);
            level
        });
        std::iter::once(0.0).chain(moved).collect()
    };
    (0..n_paths).map(path).collect()
}

/// Critical times, trading days ahead, of the windows that pass.
struct Count {
    n_fits: usize,
    positive: Vec<f64>,
    negative: Vec<f64>,
}

/// Fits every window that ends each past. A window without a law, as one that does not move, does not pass.
fn passes<'a>(
    settings: &PowerLawConfig,
    of: &[usize],
    past: impl Fn(usize) -> &'a [f64] + Sync,
) -> Vec<Count> {
    let (windows, bounds, filter) = (settings.windows(), settings.bounds(), settings.filter());
    let found: Vec<Option<(Direction, f64)>> = (0..of.len() * windows.len())
        .into_par_iter()
        .map(|job| {
            let (past, length) = (past(of[job / windows.len()]), windows[job % windows.len()]);
            let law = fit(&past[past.len() - length..], &bounds).ok()?;
            Some((law.bubble(&filter)?, law.critical_time - (length - 1) as f64))
        })
        .collect();
    let count = |found: &[Option<(Direction, f64)>]| {
        let side = |asked: Direction| {
            let passed = found.iter().flatten().filter(|(direction, _)| *direction == asked);
            passed.map(|(_, ahead)| *ahead).collect()
        };
        let (positive, negative) = (side(Direction::Positive), side(Direction::Negative));
        Count { n_fits: found.len(), positive, negative }
    };
    found.chunks(windows.len()).map(count).collect()
}

impl Count {
    fn confidence(&self, direction: Direction) -> f64 {
        let passed = match direction {
            Direction::Positive => &self.positive,
            Direction::Negative => &self.negative,
        };
        passed.len() as f64 / self.n_fits as f64
    }

    fn day(
        &self,
        series: PowerLawSeries,
        past: &[TradingDay],
        settings: &PowerLawConfig,
    ) -> Result<PowerLawDay, WarningError> {
        let date = past[past.len() - 1];
        let first = past[past.len() - settings.longest];
        // A trading day in calendar days, over the longest window.
        let calendar = f64::from(first.calendar_days_until(date)) / (settings.longest - 1) as f64;
        let side =
            if self.negative.len() > self.positive.len() { &self.negative } else { &self.positive };
        let [low, median, high] = if side.is_empty() {
            [f64::NAN; 3]
        } else {
            let at = percentiles(side, &[0.1, 0.5, 0.9]).map_err(|cause| {
                WarningError::Statistic { what: "the critical time's quantiles", cause }
            })?;
            [at[0], at[1], at[2]].map(|ahead| ahead * calendar)
        };
        Ok(PowerLawDay {
            series,
            date,
            n_fits: self.n_fits,
            confidence_positive: self.confidence(Direction::Positive),
            confidence_negative: self.confidence(Direction::Negative),
            tc_low: low,
            tc_median: median,
            tc_high: high,
        })
    }

    fn against(&self, chance: &[Self], direction: Direction) -> AgainstChance {
        let confidence = self.confidence(direction);
        let shares: Vec<f64> = chance.iter().map(|path| path.confidence(direction)).collect();
        let n = shares.len() as f64;
        let as_great = shares.iter().filter(|share| **share >= confidence).count() as f64;
        AgainstChance {
            confidence,
            mean: shares.iter().sum::<f64>() / n,
            greatest: shares.iter().copied().fold(0.0, f64::max),
            p_value: (1.0 + as_great) / (1.0 + n),
        }
    }
}
