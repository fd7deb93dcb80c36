//! The model's call and its naive rivals, each a position that was known on the day.

use serde::Serialize;

use super::RotationConfig;
use super::ratio::Ratio;
use super::walk::Walk;

/// A way to choose between small and large companies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// Small when the model gives small companies at least even odds over the horizon.
    Outlook,
    /// Small when the small-cap regime is at least as likely as not.
    Regime,
    /// Small when the ratio rose over the year without the last month.
    Momentum,
    /// Small when the short average of the log ratio stands above the long one.
    MovingAverage,
    /// Small, whatever happens.
    AlwaysSmall,
}

impl Rule {
    /// Every rule, the model's first.
    pub const ALL: [Self; 5] =
        [Self::Outlook, Self::Regime, Self::Momentum, Self::MovingAverage, Self::AlwaysSmall];

    /// Stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Outlook => "outlook",
            Self::Regime => "regime",
            Self::Momentum => "momentum",
            Self::MovingAverage => "moving_average",
            Self::AlwaysSmall => "always_small",
        }
    }

    /// Whether it chose small companies at the close of a day.
    pub(super) fn is_small(
        self,
        at: usize,
        ratio: &Ratio,
        walk: &Walk,
        config: &RotationConfig,
    ) -> bool {
        let day = &walk.days[at - walk.first];
        let average = |n: usize| ratio.level[at + 1 - n..=at].iter().sum::<f64>() / n as f64;
        match self {
            Self::Outlook => day.probability_lead >= 0.5,
            Self::Regime => day.probability_small >= 0.5,
            Self::Momentum => {
                ratio.level[at - config.momentum_skip] >= ratio.level[at - config.momentum_days]
            }
            Self::MovingAverage => average(config.fast_days) >= average(config.slow_days),
            Self::AlwaysSmall => true,
        }
    }
}
