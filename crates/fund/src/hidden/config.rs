//! Settings of what is hidden.

use serde::{Deserialize, Serialize};
use shoals_core::Seed;
use shoals_stats::co_moment::Line;
use shoals_stats::normal::normal_quantile;

use crate::FundError;
use crate::error::require;

/// Settings of what is hidden.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HiddenConfig {
    /// What a market's bad periods are below: its mean or zero.
    pub down_line: Line,
    /// Tail probabilities of value at risk and shortfall.
    pub levels: Vec<f64>,
    /// Share of the worst periods counted by tail dependence.
    pub tail_threshold: f64,
    /// Risk aversions of the manipulation-proof measure.
    pub risk_aversions: Vec<f64>,
    /// Factor whose return is riskless; zero is taken where the set has none.
    pub cash: String,
    /// Factor that is the gain of sold volatility: not held in a straight line.
    pub straddle: String,
    /// Drawdown limits, positive decimals.
    pub drawdown_limits: Vec<f64>,
    /// Years a drawdown budget looks ahead.
    pub horizon_years: f64,
    /// Scenario whose loss is mixed into the budget, `worst` for the worst of those given; empty mixes in none.
    pub jump_scenario: String,
    /// How often it comes, times a year. Stated, not estimated: returns cannot tell what they have not seen.
    pub jump_frequency: f64,
    /// Bootstrap replications of each band, and paths of a budget.
    pub replications: usize,
    /// Resampled pasts behind a budget's band.
    pub pasts: usize,
    /// Paths from each of them.
    pub paths_each: usize,
    /// Probability outside a band, both sides together.
    pub tail_probability: f64,
    /// Seed of the bands and paths.
    pub seed: Seed,
}

impl Default for HiddenConfig {
    /// The usual levels, limits of 2, 5 and 10 % within a year, and the crash of [`Scenario::CRASH`](super::Scenario::CRASH)
    /// once in ten years.
    fn default() -> Self {
        Self {
            down_line: Line::Mean,
            levels: vec![0.05, 0.01],
            tail_threshold: 0.05,
            risk_aversions: vec![2.0, 3.0, 4.0],
            cash: "cash".to_owned(),
            straddle: "short_volatility".to_owned(),
            drawdown_limits: vec![0.02, 0.05, 0.10],
            horizon_years: 1.0,
            jump_scenario: super::Scenario::CRASH.to_owned(),
            jump_frequency: 0.1,
            replications: 300,
            pasts: 40,
            paths_each: 80,
            tail_probability: 0.05,
            seed: Seed::default(),
        }
    }
}

impl HiddenConfig {
    /// The word for the worst of the scenarios given.
    pub const WORST: &'static str = "worst";

    /// Refuses settings that mean nothing.
    ///
    /// # Errors
    /// A setting outside its range.
    pub fn check(&self) -> Result<(), FundError> {
        let each = |key: &'static str, values: &[f64], low: f64, high: f64| {
            values.iter().try_for_each(|&x| within(key, x, low, high))
        };
        each("levels", &self.levels, 0.0, 0.5)?;
        within("tail_threshold", self.tail_threshold, 0.0, 0.5)?;
        each("risk_aversions", &self.risk_aversions, 1.0, 100.0)?;
        each("drawdown_limits", &self.drawdown_limits, 0.0, 1.0)?;
        within("horizon_years", self.horizon_years, 0.0, 20.0)?;
        within("tail_probability", self.tail_probability, 0.0, 1.0)?;
        let is_frequency = (0.0..=12.0).contains(&self.jump_frequency);
        require("jump_frequency", &self.jump_frequency, "0 to 12 times a year", is_frequency)?;
        let counts = [
            ("replications", self.replications),
            ("pasts", self.pasts),
            ("paths_each", self.paths_each),
        ];
        counts
            .into_iter()
            .try_for_each(|(key, n)| require(key, &n, "20 to 100000", (20..=100_000).contains(&n)))
    }

    /// Standard errors on either side of an estimate that make its band.
    pub(super) fn z(&self) -> f64 {
        normal_quantile(1.0 - self.tail_probability / 2.0)
    }
}

fn within(key: &'static str, found: f64, low: f64, high: f64) -> Result<(), FundError> {
    let expected = format!("a decimal between {low} and {high}, ends excluded");
    require(key, &found, &expected, low < found && found < high)
}
