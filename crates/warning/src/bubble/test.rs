//! The tests of one ratio, and the days they point at.

use serde::Serialize;
use shoals_core::TradingDay;
use shoals_stats::StatError;
use shoals_stats::explosive::{Generator, NullDistribution, episodes};

use super::BubbleConfig;
use super::ratio::LogRatio;
use crate::WarningError;

/// What a market without a bubble is taken to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NullKind {
    /// A random walk with steps of one size.
    RandomWalk,
    /// The ratio's own changes, each where it is, with random signs and sizes.
    WildBootstrap,
}

impl NullKind {
    /// Both, the plain one first.
    pub const ALL: [Self; 2] = [Self::RandomWalk, Self::WildBootstrap];

    /// The stable name used in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RandomWalk => "random_walk",
            Self::WildBootstrap => "wild_bootstrap",
        }
    }
}

/// The sample's statistics against one kind of market without a bubble.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Statistics {
    /// That kind.
    pub null: NullKind,
    /// Days of the sample.
    pub n_days: usize,
    /// Days of the shortest window.
    pub min_window: usize,
    /// Days an episode lasts at least.
    pub min_duration: usize,
    /// Greatest t-ratio over windows from the first day.
    pub sadf: f64,
    /// Its critical value, and the chance of one this great without a bubble.
    pub sadf_critical: f64,
    /// That chance.
    pub sadf_p_value: f64,
    /// Greatest t-ratio over all windows.
    pub gsadf: f64,
    /// Its critical value; BSADF stays below it all the time with the probability of the settings.
    pub gsadf_critical: f64,
    /// Chance of a GSADF this great without a bubble.
    pub gsadf_p_value: f64,
}

/// One day of a ratio.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct BubbleDay {
    /// The day.
    pub date: TradingDay,
    /// Logarithm of the ratio.
    pub log_ratio: f64,
    /// Greatest t-ratio over the windows that end on the day.
    pub bsadf: f64,
    /// What it stays below on this day alone, random walks.
    pub critical: f64,
    /// Likewise, wild bootstrap.
    pub wild_critical: f64,
}

/// Days in a row on which BSADF was above its critical value.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct BubbleEpisode {
    /// Market without a bubble that it is measured against.
    pub null: NullKind,
    /// Whether the critical value holds for all days together (in sample: it is the whole sample's) or for each day
    /// alone (known on the day).
    pub is_family_wise: bool,
    /// First day above.
    pub start: TradingDay,
    /// Day of the greatest BSADF.
    pub peak: TradingDay,
    /// Last day above.
    pub end: TradingDay,
    /// Trading days.
    pub days: usize,
    /// Day from which it had lasted long enough to be called one.
    pub known_on: TradingDay,
    /// Whether the sample ends inside it.
    pub is_open: bool,
    /// Greatest BSADF.
    pub bsadf: f64,
    /// Change of the ratio from the start to the peak, decimal: above 0 the index above the line ran away, below 0 it
    /// fell away.
    pub change: f64,
}

/// All of it.
pub(super) struct Tested {
    pub(super) statistics: Vec<Statistics>,
    pub(super) days: Vec<BubbleDay>,
    pub(super) episodes: Vec<BubbleEpisode>,
}

pub(super) fn test(ratio: &LogRatio, config: &BubbleConfig) -> Result<Tested, WarningError> {
    let n = ratio.value.len();
    let test = config.test_for(n)?;
    let bsadf = test.bsadf(&ratio.value).map_err(failed)?;
    let (sadf, gsadf) =
        (test.sadf(&ratio.value).map_err(failed)?, bsadf.iter().copied().fold(f64::NAN, f64::max));
    let min_duration = config.duration_for(n);
    let mut statistics = Vec::new();
    let mut found = Vec::new();
    let mut critical = Vec::new();
    for null in NullKind::ALL {
        // Without a drift a day's critical value does not depend on how many days follow.
        let generator = match null {
            NullKind::RandomWalk => Generator::RandomWalk { n, drift: 0.0 },
            NullKind::WildBootstrap => Generator::Wild(&ratio.value),
        };
        let seed = config.seed.part("bubble").part(null.name());
        let simulated = NullDistribution::simulate(&test, generator, config.repetitions, seed)
            .map_err(failed)?;
        let at = config.probability;
        let pointwise = simulated.pointwise(at).map_err(failed)?;
        let gsadf_critical = simulated.family_wise(at).map_err(failed)?;
        statistics.push(Statistics {
            null,
            n_days: n,
            min_window: test.min_window(),
            min_duration,
            sadf,
            sadf_critical: simulated.sadf(at).map_err(failed)?,
            sadf_p_value: simulated.sadf_p_value(sadf),
            gsadf,
            gsadf_critical,
            gsadf_p_value: simulated.gsadf_p_value(gsadf),
        });
        let family = vec![gsadf_critical; bsadf.len()];
        let first = test.min_window() - 1;
        for (is_family_wise, critical) in [(false, &pointwise), (true, &family)] {
            let spells = episodes(&bsadf, critical, min_duration).into_iter().map(|spell| {
                let day = |i: usize| ratio.days[first + i];
                let level = |i: usize| ratio.value[first + i];
                BubbleEpisode {
                    null,
                    is_family_wise,
                    start: day(spell.start),
                    peak: day(spell.peak),
                    end: day(spell.end),
                    days: spell.duration(),
                    known_on: day(spell.start + min_duration - 1),
                    is_open: spell.end + 1 == bsadf.len(),
                    bsadf: bsadf[spell.peak],
                    change: (level(spell.peak) - level(spell.start)).exp_m1(),
                }
            });
            found.extend(spells);
        }
        critical.push(pointwise);
    }
    let first = test.min_window() - 1;
    let days = bsadf.iter().enumerate().map(|(i, &bsadf)| BubbleDay {
        date: ratio.days[first + i],
        log_ratio: ratio.value[first + i],
        bsadf,
        critical: critical[0][i],
        wild_critical: critical[1][i],
    });
    Ok(Tested { statistics, days: days.collect(), episodes: found })
}

fn failed(cause: StatError) -> WarningError {
    WarningError::Statistic { what: "a bubble test", cause }
}
