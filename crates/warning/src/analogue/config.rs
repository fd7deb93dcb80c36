//! Settings of the analogue analysis.

use serde::{Deserialize, Serialize};
use shoals_core::{Seed, Segment, Symbol, TradingDay};

use super::Episode;
use crate::WarningError;
use crate::error::require_setting;

/// Settings of the analogue analysis.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AnalogueConfig {
    /// Index whose path is looked up.
    pub symbol: Symbol,
    /// Indices an excess is measured against; the first with closes on all of a path's days is taken.
    pub benchmarks: Vec<Symbol>,
    /// Last day known; the last common close without it.
    pub to: Option<TradingDay>,
    /// Trading days of the query, up to its last.
    pub query_days: usize,
    /// Whether the built-in episodes are looked at.
    pub built_in: bool,
    /// The user's episodes.
    pub episode: Vec<Episode>,
    /// Points every path is scaled to.
    pub grid_points: usize,
    /// Widest shift a warped comparison may make, share of the path.
    pub band_share: f64,
    /// Trading days on either side of the peak that a peak-aligned comparison looks at, at most.
    pub peak_days: usize,
    /// Random paths of the null.
    pub draws: usize,
    /// Windows that share no day needed for the null to be made of real ones; with fewer it is resampled.
    pub min_windows: usize,
    /// Mean block of resampled paths, trading days.
    pub block_length: f64,
    /// Seed of the null.
    pub seed: Seed,
}

impl Default for AnalogueConfig {
    /// Micro caps over the all-share index (the CSI 300 before 2018), three years, 500 random paths.
    fn default() -> Self {
        Self {
            symbol: Segment::Micro.symbol(),
            benchmarks: vec![Symbol::literal("000985.CSI"), Segment::Csi300.symbol()],
            to: None,
            query_days: 720,
            built_in: true,
            episode: Vec::new(),
            grid_points: 120,
            band_share: 0.1,
            peak_days: 250,
            draws: 500,
            min_windows: 20,
            block_length: 20.0,
            seed: Seed::default(),
        }
    }
}

impl AnalogueConfig {
    /// Refuses settings outside their legal range.
    ///
    /// # Errors
    /// The setting, its value and the range.
    pub fn check(&self) -> Result<(), WarningError> {
        let whole = [
            ("query_days", self.query_days, "60 to 5000", (60..=5_000).contains(&self.query_days)),
            ("grid_points", self.grid_points, "20 to 500", (20..=500).contains(&self.grid_points)),
            ("peak_days", self.peak_days, "20 to 1000", (20..=1_000).contains(&self.peak_days)),
            ("draws", self.draws, "19 to 100000", (19..=100_000).contains(&self.draws)),
            ("min_windows", self.min_windows, "1 or more", self.min_windows >= 1),
        ];
        for (field, found, expected, is_legal) in whole {
            require_setting(field, found as f64, expected, is_legal)?;
        }
        let (share, block) = (self.band_share, self.block_length);
        require_setting("band_share", share, "[0, 0.5]", (0.0..=0.5).contains(&share))?;
        require_setting("block_length", block, "1 to 250 days", (1.0..=250.0).contains(&block))?;
        require_setting(
            "benchmarks",
            self.benchmarks.len() as f64,
            "at least one index",
            !self.benchmarks.is_empty(),
        )?;
        self.episode.iter().try_for_each(Episode::check)
    }
}
