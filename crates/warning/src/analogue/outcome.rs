//! What the analogue analysis returns.

use serde::Serialize;
use shoals_core::{Convention, Lines, Outcome, Symbol, Table, Text, TradingDay};

use super::{AnalogueConfig, NullKind};

/// A path beside the episodes of a library, with how often chance is as alike.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AnalogueOutcome {
    /// Settings it was made under.
    pub config: AnalogueConfig,
    /// The path asked about.
    pub query: Query,
    /// What the random paths were.
    pub null: NullKind,
    /// Indices the random paths could come from.
    pub n_indices: usize,
    /// Windows of the query's length among their histories that share no day on one index.
    pub n_windows: usize,
    /// Every comparison that could be made.
    pub matches: Vec<Match>,
    /// What followed the episodes' peaks.
    pub aftermath: Vec<Aftermath>,
    /// Every path around its peak.
    pub paths: Vec<PathPoint>,
    /// Episodes that were not compared, and why.
    pub left_out: Vec<LeftOut>,
    /// The finding in one sentence.
    pub verdict: Text,
}

/// The path asked about.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Query {
    /// Benchmark its excess is over.
    pub benchmark: Symbol,
    /// First day.
    pub from: TradingDay,
    /// Day of the highest excess.
    pub peak: TradingDay,
    /// Last day.
    pub to: TradingDay,
    /// Days.
    pub n_days: usize,
    /// Excess from the first day to the peak.
    pub peak_excess: f64,
    /// Excess from the first day to the last.
    pub last_excess: f64,
}

/// How two paths are laid on each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Look {
    /// First day on first day, last on last.
    Whole,
    /// Peak on peak, a day a day.
    AroundPeak,
}

impl Look {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Whole, Self::AroundPeak];

    /// Stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::AroundPeak => "around_peak",
        }
    }
}

/// One comparison of the query with an episode.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Match {
    /// Name of the episode.
    pub episode: String,
    /// What a reader knows it as.
    pub title: Text,
    /// Index it was read from.
    pub symbol: Symbol,
    /// Benchmark its excess is over.
    pub benchmark: Symbol,
    /// First day.
    pub from: TradingDay,
    /// Its peak.
    pub peak: TradingDay,
    /// Last day.
    pub to: TradingDay,
    /// How the paths were laid on each other.
    pub look: Look,
    /// Days of the episode before the peak that were compared.
    pub days_before: usize,
    /// Days after it.
    pub days_after: usize,
    /// Correlation; NaN where fewer than 40 days could be compared.
    pub correlation: f64,
    /// Share of random paths at least as correlated.
    pub correlation_p: f64,
    /// Share of random paths for which anything in the library is as unlikely.
    pub correlation_family_p: f64,
    /// The same against the query's own changes in another order.
    pub correlation_own_p: f64,
    /// Warped distance of the standardised paths, a day.
    pub distance: f64,
    /// Share of random paths at least as near.
    pub distance_p: f64,
    /// As `correlation_family_p`.
    pub distance_family_p: f64,
    /// The same against the query's own changes in another order.
    pub distance_own_p: f64,
}

/// What followed the peak of an episode.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Aftermath {
    /// Name of the episode.
    pub episode: String,
    /// What a reader knows it as.
    pub title: Text,
    /// Its peak.
    pub peak: TradingDay,
    /// Trading days after it.
    pub days: usize,
    /// Excess from the peak, simple; NaN where that day is not known.
    pub excess: f64,
    /// Return of the index itself from the peak.
    pub index_return: f64,
    /// Lowest excess up to that day.
    pub worst_excess: f64,
}

/// A day of a path around its peak.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PathPoint {
    /// `query`, or the name of an episode.
    pub name: String,
    /// What a reader knows it as.
    pub title: Text,
    /// Trading days from the peak.
    pub days_from_peak: i64,
    /// Excess from the peak, simple.
    pub excess: f64,
}

/// An episode that was not compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// Name of the episode.
    pub name: String,
    /// Why.
    pub why: Text,
}

impl Outcome for AnalogueOutcome {
    const NAME: &'static str = "analogue";

    fn tables(&self) -> Vec<Table> {
        vec![
            Table::new("verdict").with(
                "sentence",
                "the finding in one sentence",
                vec![self.verdict.clone()],
            ),
            self.match_table(),
            self.aftermath_table(),
            self.query_table(),
            self.left_out_table(),
            self.path_table(),
        ]
    }

    fn convention(&self) -> Convention {
        let config = &self.config;
        let (n, points, peak) = (config.query_days, config.grid_points, config.peak_days);
        let band = 100.0 * config.band_share;
        let lines = [
            (
                "path",
                Text::new(
                    format!(
                        "指数收盘价除以基准收盘价之比的对数，{} 对 {}，至多末 {n} 个交易日",
                        config.symbol, self.query.benchmark
                    ),
                    format!(
                        "log of the close over the benchmark's, {} over {}, the last {n} trading days at most",
                        config.symbol, self.query.benchmark
                    ),
                ),
            ),
            (
                "whole",
                Text::new(
                    format!("两条路径各缩放为 {points} 点并标准化，首尾相对"),
                    format!(
                        "both paths scaled to {points} points and standardised, first day on first, last on last"
                    ),
                ),
            ),
            (
                "around_peak",
                Text::new(
                    format!(
                        "以各自超额高点对齐，一日对一日，高点两侧至多 {peak} 日，取两者都有的日子"
                    ),
                    format!(
                        "peak of the excess on peak, a day a day, {peak} days on either side at most, as far as both reach"
                    ),
                ),
            ),
            (
                "distance",
                Text::new(
                    format!(
                        "动态时间规整，平方差之和开方再除以点数的平方根，带宽为路径的 {band:.0}%"
                    ),
                    format!(
                        "dynamic time warping, root of the squared differences over the root of the points, band {band:.0} % of the path"
                    ),
                ),
            ),
            ("p_value", self.p_line()),
        ];
        lines.into_iter().map(|(key, line)| (key.to_owned(), line)).collect()
    }
}

impl AnalogueOutcome {
    fn p_line(&self) -> Text {
        let (draws, seed) = (self.config.draws, self.config.seed.0);
        let (n, windows) = (self.n_indices, self.n_windows);
        let block = self.config.block_length;
        let source = match self.null {
            NullKind::Windows => Text::new(
                format!(
                    "市场 {n} 个指数在所问路径开始之前的历史中等长的随机窗口（同一指数上互不重叠的有 {windows} 个）"
                ),
                format!(
                    "random windows of the same length from the histories of {n} indices before the query began ({windows} of them share no day on one index)"
                ),
            ),
            NullKind::Resampled => Text::new(
                format!(
                    "互不重叠的窗口只有 {windows} 个，故由 {n} 个指数此前的超额变动按平均 {block:.0} 日的区块重抽"
                ),
                format!(
                    "only {windows} windows share no day, so the excess changes of {n} indices before the query were resampled in blocks of {block:.0} days on average"
                ),
            ),
            NullKind::Own => Text::new(
                format!(
                    "市场没有此前的指数历史，故由所问路径自身的变动按平均 {block:.0} 日的区块重抽"
                ),
                format!(
                    "the market has no index history before the query, so its own changes were resampled in blocks of {block:.0} days on average"
                ),
            ),
        };
        Text::new(
            format!(
                "{draws} 条随机路径中至少同样相像者的占比：{}；family 为对全库所有比较的校正（Westfall-Young 1993）；own 为以所问路径自身变动按区块重排所得；种子 {seed}",
                source.zh
            ),
            format!(
                "share of {draws} random paths at least as alike: {}; family pays for every comparison in the library (Westfall and Young 1993); own is against the query's own changes in blocks of another order; seed {seed}",
                source.en
            ),
        )
    }

    fn match_table(&self) -> Table {
        let rows = &self.matches;
        Lines::new("match", rows)
            .with("episode", "name of the episode", |r| r.episode.clone())
            .with("title", "what a reader knows it as", |r| r.title.clone())
            .with("look", "whole, or around the peak", |r| r.look.name().to_owned())
            .with("correlation", "of the two paths", |r| r.correlation)
            .with("correlation_p", "share of random paths at least as correlated", |r| {
                r.correlation_p
            })
            .with("correlation_family_p", "the same, paying for the whole library", |r| {
                r.correlation_family_p
            })
            .with(
                "correlation_own_p",
                "the same against the query's own changes in another order",
                |r| r.correlation_own_p,
            )
            .with("distance", "warped distance of the standardised paths, a day", |r| r.distance)
            .with("distance_p", "share of random paths at least as near", |r| r.distance_p)
            .with("distance_family_p", "the same, paying for the whole library", |r| {
                r.distance_family_p
            })
            .with(
                "distance_own_p",
                "the same against the query's own changes in another order",
                |r| r.distance_own_p,
            )
            .with("days_before", "days before the peak compared", |r| r.days_before as i64)
            .with("days_after", "days after it", |r| r.days_after as i64)
            .with("symbol", "index of the episode", |r| r.symbol)
            .with("benchmark", "what its excess is over", |r| r.benchmark)
            .with("from", "first day", |r| r.from)
            .with("peak", "day of the highest excess, or the day the library names", |r| r.peak)
            .with("to", "last day", |r| r.to)
            .done()
    }

    fn aftermath_table(&self) -> Table {
        let rows = &self.aftermath;
        Lines::new("aftermath", rows)
            .with("episode", "name of the episode", |r| r.episode.clone())
            .with("title", "what a reader knows it as", |r| r.title.clone())
            .with("peak", "its peak", |r| r.peak)
            .with("days", "trading days after the peak", |r| r.days as i64)
            .with("excess", "simple excess from the peak", |r| r.excess)
            .with("worst_excess", "lowest excess up to that day", |r| r.worst_excess)
            .with("index_return", "simple return of the index itself", |r| r.index_return)
            .done()
    }

    fn query_table(&self) -> Table {
        let query = &self.query;
        Table::new("query")
            .with("symbol", "index asked about", vec![self.config.symbol])
            .with("benchmark", "what its excess is over", vec![query.benchmark])
            .with("from", "first day", vec![query.from])
            .with("peak", "day of the highest excess", vec![query.peak])
            .with("to", "last day", vec![query.to])
            .with("n_days", "days", vec![query.n_days as i64])
            .with(
                "peak_excess",
                "simple excess from the first day to the peak",
                vec![query.peak_excess],
            )
            .with(
                "last_excess",
                "simple excess from the first day to the last",
                vec![query.last_excess],
            )
    }

    fn left_out_table(&self) -> Table {
        let rows = &self.left_out;
        Lines::new("left_out", rows)
            .with("episode", "name of the episode", |r| r.name.clone())
            .with("why", "why it was not compared", |r| r.why.clone())
            .done()
    }

    fn path_table(&self) -> Table {
        let rows = &self.paths;
        Lines::new("path", rows)
            .with("name", "query, or the name of an episode", |r| r.name.clone())
            .with("title", "what a reader knows it as", |r| r.title.clone())
            .with("days_from_peak", "trading days from the peak", |r| r.days_from_peak)
            .with("excess", "simple excess from the peak", |r| r.excess)
            .done()
    }
}
