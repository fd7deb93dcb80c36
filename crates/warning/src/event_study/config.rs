//! Settings of the event study.

use serde::{Deserialize, Serialize};
use shoals_core::policy_event::Anchor;
use shoals_core::{Seed, Symbol, TradingDay};
use shoals_stats::event_study::Scaling;
use shoals_stats::significance::Adjustment;

use crate::WarningError;
use crate::error::{require_forward, require_setting};

/// Days about an event, 0 the first it could act on; written `[0, 1]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "[i32; 2]", into = "[i32; 2]")]
pub struct EventWindow {
    /// First day.
    pub from: i32,
    /// Last day.
    pub to: i32,
}

impl From<[i32; 2]> for EventWindow {
    fn from([from, to]: [i32; 2]) -> Self {
        Self { from, to }
    }
}

impl From<EventWindow> for [i32; 2] {
    fn from(window: EventWindow) -> Self {
        [window.from, window.to]
    }
}

impl EventWindow {
    /// Number of days.
    pub fn len(self) -> usize {
        (self.to - self.from + 1).max(0) as usize
    }

    /// Whether it holds no day.
    pub fn is_empty(self) -> bool {
        self.to < self.from
    }

    /// `[0,+1]`.
    pub fn label(self) -> String {
        let signed = |day: i32| if day > 0 { format!("+{day}") } else { day.to_string() };
        format!("[{},{}]", signed(self.from), signed(self.to))
    }
}

/// Which stocks are studied name by name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StockGroup {
    /// Share of the names, the smallest by total market capitalisation, that are treated.
    pub smallest: f64,
    /// Share of the names, the next by size, that they are held against.
    pub next: f64,
    /// Trading days between two formations of the portfolios of the difference in differences.
    pub reform_days: usize,
}

impl Default for StockGroup {
    /// The smallest tenth against the second and third, formed anew every twenty days.
    fn default() -> Self {
        Self { smallest: 0.1, next: 0.2, reform_days: 20 }
    }
}

/// Settings of the event study.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EventConfig {
    /// First day an event may act on to be told; earlier returns still serve the estimation.
    pub from: Option<TradingDay>,
    /// Last day known.
    pub to: Option<TradingDay>,
    /// File of events in place of the market's and the built-in ones. Whoever runs the study reads it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub events: Option<String>,
    /// File of symbols, one a line, treated in place of the smallest. Whoever runs the study reads it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub treated: Option<String>,
    /// Which of an event's days is studied.
    pub anchor: Anchor,
    /// Index of the market model; the CSI 300 where the market does not hold it.
    pub market: Symbol,
    /// Windows told.
    pub windows: Vec<EventWindow>,
    /// The window the verdict and the adjusted p-values are of; one of `windows`.
    pub main_window: EventWindow,
    /// Days the market model is fitted on.
    pub estimation_days: usize,
    /// Days between the last of them and day 0.
    pub gap_days: usize,
    /// Fewest of them with a return; an event or a name with fewer is left out.
    pub min_estimation_days: usize,
    /// How the tests across names are scaled.
    pub scaling: Scaling,
    /// How p-values are adjusted for the number of days tested.
    pub adjustment: Adjustment,
    /// A finding is one with an adjusted p-value below this.
    pub size: f64,
    /// Bootstrap replications; 0 leaves that p-value out.
    pub replications: usize,
    /// Mean length of a bootstrap block in days.
    pub block_length: f64,
    /// Seed of the bootstrap.
    pub seed: Seed,
    /// The stocks studied name by name, where the market holds stocks.
    pub stocks: StockGroup,
}

impl Default for EventConfig {
    /// 120 days of estimation that end 20 days before, windows about day 0 of up to a week, two days for the verdict,
    /// Holm's adjustment at 5 %.
    fn default() -> Self {
        Self {
            from: None,
            to: None,
            events: None,
            treated: None,
            anchor: Anchor::Announced,
            market: Symbol::literal("000985.CSI"),
            windows: [[0, 0], [0, 1], [0, 4], [-1, 1], [-5, -1]].map(EventWindow::from).to_vec(),
            main_window: EventWindow { from: 0, to: 1 },
            estimation_days: 120,
            gap_days: 20,
            min_estimation_days: 60,
            scaling: Scaling::Textbook,
            adjustment: Adjustment::Holm,
            size: 0.05,
            replications: 1_000,
            block_length: 5.0,
            seed: Seed::default(),
            stocks: StockGroup::default(),
        }
    }
}

impl EventConfig {
    /// Refuses settings outside their legal range.
    ///
    /// # Errors
    /// The setting, its value and the range.
    pub fn check(&self) -> Result<(), WarningError> {
        require_forward(self.from, self.to)?;
        for window in &self.windows {
            let is_legal = !window.is_empty() && window.from >= -60 && window.to <= 60;
            let expected = "[first, last] with -60 <= first <= last <= 60";
            require_setting("windows", f64::from(window.from), expected, is_legal)?;
        }
        let main = f64::from(self.main_window.from);
        let is_told = self.windows.contains(&self.main_window);
        require_setting("main_window", main, "one of `windows`", is_told)?;
        let before = -self.hull().from;
        let (days, gap) = (self.estimation_days, self.gap_days);
        require_setting("estimation_days", days as f64, "30 to 500", (30..=500).contains(&days))?;
        let is_clear = gap as i32 >= before.max(0) && gap <= 250;
        let expected = "0 to 250, and no shorter than the windows reach back";
        require_setting("gap_days", gap as f64, expected, is_clear)?;
        let least = self.min_estimation_days;
        let is_least = (20..=days).contains(&least);
        require_setting("min_estimation_days", least as f64, "20 to estimation_days", is_least)?;
        let (size, length) = (self.size, self.block_length);
        require_setting("size", size, "(0, 0.5)", 0.0 < size && size < 0.5)?;
        let n = self.replications;
        require_setting("replications", n as f64, "0 to 100000", n <= 100_000)?;
        require_setting("block_length", length, "1 to 60", (1.0..=60.0).contains(&length))?;
        let StockGroup { smallest, next, reform_days } = self.stocks;
        let is_share = 0.0 < smallest && smallest <= 0.5;
        require_setting("stocks.smallest", smallest, "(0, 0.5]", is_share)?;
        let is_rest = 0.0 < next && smallest + next <= 1.0;
        require_setting("stocks.next", next, "above 0, and 1 at most with `smallest`", is_rest)?;
        let is_often = (1..=250).contains(&reform_days);
        require_setting("stocks.reform_days", reform_days as f64, "1 to 250", is_often)
    }

    /// Days an event needs before its day 0.
    pub fn reach(&self) -> usize {
        self.estimation_days + self.gap_days
    }

    /// From the first day of any window to the last; holds day 0.
    pub(super) fn hull(&self) -> EventWindow {
        let from = self.windows.iter().map(|window| window.from).min().unwrap_or(0);
        let to = self.windows.iter().map(|window| window.to).max().unwrap_or(0);
        EventWindow { from: from.min(0), to: to.max(0) }
    }
}
