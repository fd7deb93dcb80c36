//! What the inversion analysis returns.

use serde::Serialize;
use shoals_core::{Convention, Outcome, Segment, Table, Text, TradingDay};

use super::{InversionConfig, Period, RollingDay, Streak};

/// The size ladder of the market, and when it stood on its head.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct InversionOutcome {
    /// Settings it was made under.
    pub config: InversionConfig,
    /// The segments, largest companies first.
    pub segments: Vec<Segment>,
    /// Name of each segment's index.
    pub symbols: Vec<String>,
    /// Calendar months.
    pub months: Vec<Period>,
    /// The whole span and the windows asked for.
    pub windows: Vec<Period>,
    /// Every day's trailing window.
    pub rolling: Vec<RollingDay>,
    /// Runs of inverted days that reach `from` or later, each from its own first day.
    pub streaks: Vec<Streak>,
    /// The closes the ladder was read from; in the table `level`.
    #[serde(skip)]
    pub levels: Vec<Level>,
}

/// The close of one segment's index on one day on which all of them have one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Level {
    /// The day.
    pub date: TradingDay,
    /// The segment.
    pub segment: Segment,
    /// Close, points.
    pub close: f64,
}

impl Outcome for InversionOutcome {
    const NAME: &'static str = "inversion";

    fn tables(&self) -> Vec<Table> {
        vec![
            self.ladder("ladder", &self.months),
            inversions("inversion", &self.months),
            self.rolling_table(),
            self.streak_table(),
            self.ladder("window_ladder", &self.windows),
            inversions("window", &self.windows),
            self.level_table(),
        ]
    }

    fn convention(&self) -> Convention {
        let config = &self.config;
        let (threshold, n_rolling) = (config.flag_threshold, config.rolling_days);
        let (large, small) = (name(self.segments.first()), name(self.segments.last()));
        let lines = [
            (
                "return",
                Text::new(
                    "简单收益率，价格指数；月度：末个共同收盘除以上月末个共同收盘",
                    "simple decimal, price indices; month: last common close over the last common close of \
                     the month before",
                ),
            ),
            (
                "alignment",
                Text::new(
                    "各分段都有收盘价的日子才计入",
                    "a day counts when every segment has a close",
                ),
            ),
            (
                "rank_correlation",
                Text::new(
                    "市值由大到小的名次（1 为最大）与收益率的斯皮尔曼相关系数；-1 为完全倒挂",
                    "Spearman of smallness (rank 1 the largest companies) and return; -1 is a perfect \
                     inversion",
                ),
            ),
            ("is_inverted", Text::same(format!("rank_correlation <= -{threshold}"))),
            (
                "micro_minus_large",
                Text::new(
                    format!("{small} 的收益率减 {large} 的收益率"),
                    format!("return of {small} minus return of {large}"),
                ),
            ),
            (
                "rolling",
                Text::new(format!("{n_rolling} 个日收益率"), format!("{n_rolling} daily returns")),
            ),
            ("band", self.band()),
        ];
        lines.into_iter().map(|(key, line)| (key.to_owned(), line)).collect()
    }
}

fn name(segment: Option<&Segment>) -> &'static str {
    segment.map_or("", |segment| segment.name())
}

impl InversionOutcome {
    fn band(&self) -> Text {
        let config = &self.config;
        let block = config.block_length.map_or_else(
            || {
                Text::new(
                    "由各期数据选定（Politis-White 2004）",
                    "chosen per period (Politis and White 2004)",
                )
            },
            |days| Text::new(format!("{days} 天"), format!("{days} days")),
        );
        let percent = 100.0 * (1.0 - config.tail_probability);
        let (n, seed) = (config.replications, config.seed.0);
        Text::new(
            format!(
                "{percent:.0} %，对该期自身交易日作区块自助，{n} 次重复，平均区块长度 {}，种子 {seed}",
                block.zh
            ),
            format!(
                "{percent:.0} %, block bootstrap of the period's own days, {n} replications, mean block \
                 {}, seed {seed}",
                block.en
            ),
        )
    }
}

impl InversionOutcome {
    /// One row a period and segment, largest companies first.
    fn ladder(&self, name: &str, periods: &[Period]) -> Table {
        let across = |texts: Vec<String>| -> Vec<String> {
            periods.iter().flat_map(|_| texts.clone()).collect()
        };
        let segments = self.segments.iter().map(|segment| segment.name().to_owned()).collect();
        let returns: Vec<f64> = periods.iter().flat_map(|p| p.returns.iter().copied()).collect();
        Table::new(name)
            .with(
                "period",
                "month, or first and last day of a window",
                self.repeated(periods, |p| p.period.clone()),
            )
            .with("segment", "size segment, largest companies first", across(segments))
            .with("symbol", "index that stands for the segment", across(self.symbols.clone()))
            .with("return", "simple decimal return over the period", returns)
            .with(
                "from",
                "day of the close the return counts from",
                self.repeated(periods, |p| p.from),
            )
            .with("to", "day of the last close", self.repeated(periods, |p| p.to))
    }

    /// A period's value once a segment.
    fn repeated<T: Clone>(&self, periods: &[Period], of: fn(&Period) -> T) -> Vec<T> {
        let n_segments = self.segments.len();
        periods.iter().flat_map(|p| std::iter::repeat_n(of(p), n_segments)).collect()
    }

    fn rolling_table(&self) -> Table {
        let rows = &self.rolling;
        let numbers = |of: fn(&RollingDay) -> f64| rows.iter().map(of).collect::<Vec<_>>();
        Table::new("rolling")
            .with("date", "last day of the window", rows.iter().map(|r| r.date).collect::<Vec<_>>())
            .with("rank_correlation", RANK_CORRELATION, numbers(|r| r.rank_correlation))
            .with("micro_minus_large", INDEX, numbers(|r| r.micro_minus_large))
            .with("is_inverted", FLAG, rows.iter().map(|r| r.is_inverted).collect::<Vec<_>>())
            .with("low", "lower end of the band of micro_minus_large", numbers(|r| r.low))
            .with("high", "upper end of the band of micro_minus_large", numbers(|r| r.high))
    }

    fn level_table(&self) -> Table {
        let rows = &self.levels;
        let segments = rows.iter().map(|r| r.segment.name().to_owned()).collect::<Vec<_>>();
        Table::new("level")
            .with("date", "exchange day", rows.iter().map(|r| r.date).collect::<Vec<_>>())
            .with("segment", "size segment, largest companies first", segments)
            .with("close", "points", rows.iter().map(|r| r.close).collect::<Vec<_>>())
    }

    fn streak_table(&self) -> Table {
        let rows = &self.streaks;
        let index = rows.iter().map(|r| r.micro_minus_large).collect::<Vec<_>>();
        Table::new("streak")
            .with("start", "first inverted day", rows.iter().map(|r| r.start).collect::<Vec<_>>())
            .with("end", "last inverted day", rows.iter().map(|r| r.end).collect::<Vec<_>>())
            .with("days", "days in a row", rows.iter().map(|r| r.days as i64).collect::<Vec<_>>())
            .with("micro_minus_large", "smallest minus largest segment over the streak", index)
            .with(
                "began_before",
                "whether it may have begun before the first day with a full window",
                rows.iter().map(|r| r.began_before).collect::<Vec<_>>(),
            )
    }
}

const RANK_CORRELATION: &str = "Spearman of smallness and return; -1 is a perfect inversion";
const INDEX: &str = "return of the smallest segment minus that of the largest";
const FLAG: &str = "whether rank_correlation is at or below minus the threshold";

fn inversions(name: &str, periods: &[Period]) -> Table {
    let numbers = |of: fn(&Period) -> f64| periods.iter().map(of).collect::<Vec<_>>();
    let names: Vec<String> = periods.iter().map(|p| p.period.clone()).collect();
    Table::new(name)
        .with("period", "month, or first and last day of a window", names)
        .with("rank_correlation", RANK_CORRELATION, numbers(|p| p.rank_correlation))
        .with("micro_minus_large", INDEX, numbers(|p| p.micro_minus_large))
        .with("is_inverted", FLAG, periods.iter().map(|p| p.is_inverted).collect::<Vec<_>>())
        .with("low", "lower end of the band of micro_minus_large", numbers(|p| p.low))
        .with("high", "upper end of the band of micro_minus_large", numbers(|p| p.high))
        .with("inverted_share", "share of replications inverted", numbers(|p| p.inverted_share))
        .with("days", "daily returns", periods.iter().map(|p| p.n_days as i64).collect::<Vec<_>>())
        .with("from", "day of the close before", periods.iter().map(|p| p.from).collect::<Vec<_>>())
        .with("to", "day of the last close", periods.iter().map(|p| p.to).collect::<Vec<_>>())
}
