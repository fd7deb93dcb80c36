//! What an attribution returns: lines, their sums, coefficients, clocks and tops.

use serde::Serialize;
use shoals_core::{Convention, Outcome, Table, Text, TradingDay};

use super::{AgainstLine, AttributionConfig};

/// Where one book's or series' gain came from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AttributionOutcome {
    /// What was attributed: a study's name, or a symbol.
    pub name: String,
    /// Unit of the exact lines.
    pub unit: Unit,
    /// The exact lines, a day each; empty for a series, which has no ledger.
    pub lines: Vec<SourceLine>,
    /// Their sums by year and of the whole.
    pub parts: Vec<PeriodPart>,
    /// The regression on factors; none where it could not be asked.
    pub statistics: Option<Statistics>,
    /// Why not.
    pub unasked: Option<Text>,
    /// A book leg by leg beside a replica on the same days; empty when none was named.
    pub against: Vec<AgainstLine>,
    /// The tops of the path and of the factors.
    pub tops: Vec<TopLine>,
    /// The settings it was asked under.
    pub config: AttributionConfig,
}

/// Unit of the exact lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// CNY.
    Cny,
    /// Opening equities.
    OpeningEquity,
}

/// One day's gain and the lines that add up to it; gains positive, costs negative, the unit of the outcome.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SourceLine {
    /// Trading day.
    pub date: TradingDay,
    /// Gain of the day, cash paid in left out.
    pub pnl: f64,
    /// Net exposure times the return of the hedged index.
    pub market: f64,
    /// What the long leg earned beyond that index.
    pub size: f64,
    /// What the basis of the close before converges by in a day, in a straight line.
    pub carry: f64,
    /// What the basis changed by besides.
    pub basis: f64,
    /// The straddle's first-order move with its forward.
    pub delta: f64,
    /// Its second-order move.
    pub gamma: f64,
    /// Passing time.
    pub theta: f64,
    /// Change of its volatility.
    pub vega: f64,
    /// What these four leave of the straddle's gain.
    pub option_residual: f64,
    /// Financing, at or below 0.
    pub financing: f64,
    /// Trading costs, at or below 0.
    pub costs: f64,
}

/// One source of gain: its column and its value on a line.
#[derive(Debug, Clone, Copy)]
pub struct Source {
    /// Name of the column.
    pub name: &'static str,
    /// What it is.
    pub meaning: &'static str,
    /// Its value on a line.
    pub of: fn(&SourceLine) -> f64,
}

/// The sums of a year or of the whole, in the unit of the lines.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PeriodPart {
    /// `whole` or a year.
    pub period: String,
    /// The sums; the date is the period's last day.
    pub sum: SourceLine,
    /// Days.
    pub n_days: usize,
}

/// Daily returns against factors.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Statistics {
    /// Days with every factor.
    pub n_days: usize,
    /// Share of the variance the factors explain.
    pub r_squared: f64,
    /// The factors, then `alpha` and `residual`.
    pub coefficients: Vec<CoefficientLine>,
    /// Rolling and wandering betas, a row a day and factor.
    pub betas: Vec<BetaLine>,
    /// When each factor's own mean changed.
    pub clocks: Vec<ClockLine>,
}

/// One factor over the whole sample. Bands are Newey-West.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CoefficientLine {
    /// `market`, `size`, `short_volatility`, `basis`, `alpha` or `residual`.
    pub factor: String,
    /// Exposure; of alpha the annualised return beyond the factors.
    pub beta: f64,
    /// Its Newey-West standard error.
    pub standard_error: f64,
    /// `beta / standard_error`.
    pub t: f64,
    /// Lower end of the band of `beta`.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Mean return of the factor, annualised.
    pub mean_return: f64,
    /// Beta times that: the annualised return it brought.
    pub contribution: f64,
    /// Share of the variance, by Shapley; the shares add up to 1 with the residual's.
    pub share: f64,
}

/// A factor's beta as known on a day.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BetaLine {
    /// Day.
    pub date: TradingDay,
    /// Factor.
    pub factor: String,
    /// Least squares over the last `rolling_days`; NaN where a factor stood still.
    pub rolling: f64,
    /// Lower end of its band.
    pub rolling_low: f64,
    /// Upper end.
    pub rolling_high: f64,
    /// Filtered, as a random walk.
    pub walking: f64,
    /// Lower end of its band.
    pub walking_low: f64,
    /// Upper end.
    pub walking_high: f64,
}

/// The most likely break in the mean of a factor's daily returns.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClockLine {
    /// Factor.
    pub factor: String,
    /// First day of the new mean.
    pub break_on: TradingDay,
    /// Lower end of the interval of the last day before it.
    pub break_low: TradingDay,
    /// Upper end.
    pub break_high: TradingDay,
    /// Annualised mean before.
    pub mean_before: f64,
    /// Annualised mean after.
    pub mean_after: f64,
    /// Greatest F, autocorrelation allowed for.
    pub sup_f: f64,
    /// Probability of a greater one without a break (Andrews).
    pub p_value: f64,
    /// Whether the mean fell.
    pub has_faded: bool,
    /// Whether `p_value` is below `tail_probability`.
    pub is_proven: bool,
}

/// The shape of one path's top beside those of reordered paths.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TopLine {
    /// Which path: `book`, a factor, or a symbol.
    pub path: String,
    /// Day of the peak.
    pub peak_on: TradingDay,
    /// Mean of the falls around it over the greatest of them: near 1 peaked, near 0 flat.
    pub peakedness: f64,
    /// The same of the days before.
    pub rise: f64,
    /// The same of the days after.
    pub fall: f64,
    /// Greatest mean fall around it, log return.
    pub depth: f64,
    /// Lower end of the null's peakedness.
    pub null_low: f64,
    /// Its median.
    pub null_median: f64,
    /// Upper end.
    pub null_high: f64,
    /// Share of the null's tops that are flatter.
    pub rank: f64,
    /// Two-sided probability under the null.
    pub p_value: f64,
    /// Paths of the null with a top.
    pub n: usize,
}

/// Every source, in the order they are told.
const SOURCES: [Source; 11] = [
    Source { name: "market", meaning: "net exposure to the hedged index", of: |l| l.market },
    Source { name: "size", meaning: "long leg beyond that index", of: |l| l.size },
    Source { name: "carry", meaning: "convergence of the basis", of: |l| l.carry },
    Source { name: "basis", meaning: "other change of the basis", of: |l| l.basis },
    Source { name: "delta", meaning: "straddle, first order", of: |l| l.delta },
    Source { name: "gamma", meaning: "straddle, second order", of: |l| l.gamma },
    Source { name: "theta", meaning: "straddle, passing time", of: |l| l.theta },
    Source { name: "vega", meaning: "straddle, change of volatility", of: |l| l.vega },
    Source { name: "option_residual", meaning: "rest of the straddle", of: |l| l.option_residual },
    Source { name: "financing", meaning: "at or below 0", of: |l| l.financing },
    Source { name: "costs", meaning: "trading costs, at or below 0", of: |l| l.costs },
];

impl SourceLine {
    /// Every source, in the order they are told.
    pub const SOURCES: [Source; 11] = SOURCES;

    /// A day's gain with no source named yet.
    pub(super) const fn of(date: TradingDay, pnl: f64) -> Self {
        Self {
            date,
            pnl,
            market: 0.0,
            size: 0.0,
            carry: 0.0,
            basis: 0.0,
            delta: 0.0,
            gamma: 0.0,
            theta: 0.0,
            vega: 0.0,
            option_residual: 0.0,
            financing: 0.0,
            costs: 0.0,
        }
    }

    /// The sum of all sources; the gain itself.
    pub fn sum(&self) -> f64 {
        SOURCES.iter().map(|source| (source.of)(self)).sum()
    }

    fn add(&mut self, other: &Self) {
        let pairs = [
            (&mut self.pnl, other.pnl),
            (&mut self.market, other.market),
            (&mut self.size, other.size),
            (&mut self.carry, other.carry),
            (&mut self.basis, other.basis),
            (&mut self.delta, other.delta),
            (&mut self.gamma, other.gamma),
            (&mut self.theta, other.theta),
            (&mut self.vega, other.vega),
            (&mut self.option_residual, other.option_residual),
            (&mut self.financing, other.financing),
            (&mut self.costs, other.costs),
        ];
        for (total, more) in pairs {
            *total += more;
        }
        self.date = other.date;
    }
}

impl PeriodPart {
    /// The whole and each year of some lines; none of no line.
    pub fn of(lines: &[SourceLine]) -> Vec<Self> {
        let sum = |period: String, lines: &[SourceLine]| {
            let mut sum = SourceLine::of(lines[0].date, 0.0);
            for line in lines {
                sum.add(line);
            }
            Self { period, sum, n_days: lines.len() }
        };
        if lines.is_empty() {
            return Vec::new();
        }
        let years = lines.chunk_by(|a, b| a.date.year() == b.date.year());
        std::iter::once(sum("whole".to_owned(), lines))
            .chain(years.map(|year| sum(year[0].date.year().to_string(), year)))
            .collect()
    }
}

impl AttributionOutcome {
    /// Tells of `from` to `to` only.
    #[must_use]
    pub fn between(mut self, from: Option<TradingDay>, to: Option<TradingDay>) -> Self {
        let is_asked =
            |day: TradingDay| from.is_none_or(|f| day >= f) && to.is_none_or(|t| day <= t);
        self.lines.retain(|line| is_asked(line.date));
        self.parts = PeriodPart::of(&self.lines);
        self
    }

    fn part_table(&self) -> Table {
        let periods: Vec<String> = self.parts.iter().map(|part| part.period.clone()).collect();
        let number = |of: fn(&SourceLine) -> f64| -> Vec<f64> {
            self.parts.iter().map(|part| of(&part.sum)).collect()
        };
        let n: Vec<i64> = self.parts.iter().map(|part| part.n_days as i64).collect();
        let table = Table::new("part").with("period", "whole or a year", periods).with(
            "pnl",
            "gain; the sum of the columns after it",
            number(|l| l.pnl),
        );
        SOURCES
            .iter()
            .fold(table, |table, source| table.with(source.name, source.meaning, number(source.of)))
            .with("n_days", "days", n)
    }

    fn line_table(&self) -> Table {
        let dates: Vec<TradingDay> = self.lines.iter().map(|line| line.date).collect();
        let number =
            |of: fn(&SourceLine) -> f64| -> Vec<f64> { self.lines.iter().map(of).collect() };
        let table = Table::new("source").with("date", "trading day", dates).with(
            "pnl",
            "gain of the day; the sum of the columns after it",
            number(|l| l.pnl),
        );
        SOURCES
            .iter()
            .fold(table, |table, source| table.with(source.name, source.meaning, number(source.of)))
    }

    fn coefficient_table(&self) -> Table {
        let lines = self.statistics.as_ref().map_or(&[][..], |s| &s.coefficients);
        let number =
            |of: fn(&CoefficientLine) -> f64| -> Vec<f64> { lines.iter().map(of).collect() };
        let names: Vec<String> = lines.iter().map(|line| line.factor.clone()).collect();
        Table::new("coefficient")
            .with("factor", "the factors, then alpha and residual", names)
            .with("beta", "exposure; of alpha an annualised return", number(|l| l.beta))
            .with("beta_low", "lower end of its band", number(|l| l.low))
            .with("beta_high", "upper end", number(|l| l.high))
            .with("standard_error", "Newey-West", number(|l| l.standard_error))
            .with("t", "beta over its error", number(|l| l.t))
            .with("mean_return", "of the factor, annualised", number(|l| l.mean_return))
            .with("contribution", "annualised return it brought", number(|l| l.contribution))
            .with("share", "of the variance, by Shapley; sums to 1", number(|l| l.share))
    }

    fn beta_table(&self) -> Table {
        let lines = self.statistics.as_ref().map_or(&[][..], |s| &s.betas);
        let number = |of: fn(&BetaLine) -> f64| -> Vec<f64> { lines.iter().map(of).collect() };
        Table::new("beta")
            .with("date", "day it is known on", lines.iter().map(|l| l.date).collect::<Vec<_>>())
            .with("factor", "factor", lines.iter().map(|l| l.factor.clone()).collect::<Vec<_>>())
            .with("rolling", "least squares over the last days", number(|l| l.rolling))
            .with("rolling_low", "lower end of its band", number(|l| l.rolling_low))
            .with("rolling_high", "upper end", number(|l| l.rolling_high))
            .with("walking", "filtered, as a random walk", number(|l| l.walking))
            .with("walking_low", "lower end of its band", number(|l| l.walking_low))
            .with("walking_high", "upper end", number(|l| l.walking_high))
    }

    fn clock_table(&self) -> Table {
        let lines = self.statistics.as_ref().map_or(&[][..], |s| &s.clocks);
        let number = |of: fn(&ClockLine) -> f64| -> Vec<f64> { lines.iter().map(of).collect() };
        let day = |of: fn(&ClockLine) -> TradingDay| -> Vec<TradingDay> {
            lines.iter().map(of).collect()
        };
        Table::new("clock")
            .with("factor", "factor", lines.iter().map(|l| l.factor.clone()).collect::<Vec<_>>())
            .with("break_on", "first day of the new mean", day(|l| l.break_on))
            .with("break_low", "lower end of the date's interval", day(|l| l.break_low))
            .with("break_high", "upper end", day(|l| l.break_high))
            .with("mean_before", "annualised", number(|l| l.mean_before))
            .with("mean_after", "annualised", number(|l| l.mean_after))
            .with("sup_f", "greatest F, autocorrelation allowed for", number(|l| l.sup_f))
            .with("p_value", "without a break", number(|l| l.p_value))
            .with(
                "has_faded",
                "the mean fell",
                lines.iter().map(|l| l.has_faded).collect::<Vec<_>>(),
            )
            .with(
                "is_proven",
                "p below the tail",
                lines.iter().map(|l| l.is_proven).collect::<Vec<_>>(),
            )
    }

    fn top_table(&self) -> Table {
        let lines = &self.tops;
        let number = |of: fn(&TopLine) -> f64| -> Vec<f64> { lines.iter().map(of).collect() };
        Table::new("top")
            .with(
                "path",
                "book, a factor or a symbol",
                lines.iter().map(|l| l.path.clone()).collect::<Vec<_>>(),
            )
            .with("peak_on", "day of the peak", lines.iter().map(|l| l.peak_on).collect::<Vec<_>>())
            .with("peakedness", "near 1 peaked, near 0 flat", number(|l| l.peakedness))
            .with("rise", "of the days before", number(|l| l.rise))
            .with("fall", "of the days after", number(|l| l.fall))
            .with("depth", "greatest mean fall around it, log return", number(|l| l.depth))
            .with("null_low", "peakedness of reordered paths, lower end", number(|l| l.null_low))
            .with("null_median", "median", number(|l| l.null_median))
            .with("null_high", "upper end", number(|l| l.null_high))
            .with("rank", "share of reordered paths that are flatter", number(|l| l.rank))
            .with("p_value", "two-sided", number(|l| l.p_value))
            .with(
                "n",
                "reordered paths with a top",
                lines.iter().map(|l| l.n as i64).collect::<Vec<_>>(),
            )
    }

    fn against_table(&self) -> Table {
        let lines = &self.against;
        let number = |of: fn(&AgainstLine) -> f64| -> Vec<f64> { lines.iter().map(of).collect() };
        let n: Vec<i64> = lines.iter().map(|line| line.n_days as i64).collect();
        Table::new("against")
            .with(
                "leg",
                "all, then the legs",
                lines.iter().map(|l| l.leg.clone()).collect::<Vec<_>>(),
            )
            .with("book_return", "of the book, over notional, summed", number(|l| l.book))
            .with("replica_return", "of the replica, over equity, summed", number(|l| l.replica))
            .with("difference_return", "book less replica", number(|l| l.difference))
            .with("correlation", "of the two a day", number(|l| l.correlation))
            .with("n_days", "common days", n)
    }

    fn factors(&self) -> Text {
        let config = &self.config;
        let (small, large, days) = (config.small, config.large, config.straddle_days);
        let (volatility, future) = (config.implied_volatility, &config.future);
        let basis = if future.is_empty() {
            Text::new("无基差因子", "no basis factor")
        } else {
            Text::new(
                format!("basis：展期的 {future} 空头超出指数跌幅的收益"),
                format!("basis: what a rolled {future} short earned beyond its index's fall"),
            )
        };
        Text::clauses([
            &Text::new(format!("market：{large}"), format!("market: {large}")),
            &Text::new(format!("size：{small} 减 {large}"), format!("size: {small} less {large}")),
            &Text::new(
                format!(
                    "short_volatility：{days} 天平值跨式，波动率取 {volatility}，每日收盘卖出并对冲 delta，次日买回"
                ),
                format!(
                    "short_volatility: a {days}-day straddle at the volatility of {volatility}, sold at each close, \
                     delta-hedged, bought back at the next"
                ),
            ),
            &basis,
        ])
    }
}

impl Outcome for AttributionOutcome {
    const NAME: &'static str = "attribute";

    fn tables(&self) -> Vec<Table> {
        vec![
            self.part_table(),
            self.coefficient_table(),
            self.clock_table(),
            self.top_table(),
            self.against_table(),
            self.line_table(),
            self.beta_table(),
        ]
    }

    fn convention(&self) -> Convention {
        let AttributionConfig { rolling_days, top_days, replications, trim, .. } = self.config;
        let coverage = 100.0 * (1.0 - self.config.tail_probability);
        let unit = match self.unit {
            Unit::Cny => Text::new("元", "CNY"),
            Unit::OpeningEquity => Text::new("期初权益", "opening equities"),
        };
        let mut lines = Convention::from([
            ("name".into(), Text::same(&self.name)),
            ("unit".into(), unit),
            ("factors".into(), self.factors()),
            (
                "exact".into(),
                Text::new(
                    "逐日各项相加等于损益，误差不超过 1e-9；收益为正，成本为负",
                    "lines add up to the gain of every day within 1e-9; gains positive, costs negative",
                ),
            ),
            (
                "band".into(),
                Text::new(
                    format!(
                        "{coverage} %；系数用 Newey-West，滚动 {rolling_days} 天，游走系数用卡尔曼滤波，均只用到当日；游走的快慢由全样本估计"
                    ),
                    format!(
                        "{coverage} %; Newey-West for the betas, rolling {rolling_days} days, wandering betas by Kalman filter, \
                         both known on their day; how fast they wander is estimated from the whole sample"
                    ),
                ),
            ),
            (
                "clock".into(),
                Text::new(
                    format!("因子日收益均值的单一断点：sup-F，两端各去除 {trim}，容许自相关"),
                    format!(
                        "one break in the mean of a factor's daily return: sup F, {trim} trimmed at either end, autocorrelation allowed for"
                    ),
                ),
            ),
            (
                "top".into(),
                Text::new(
                    format!(
                        "峰顶两侧各 {top_days} 天，累计对数收益；零假设：同样的日收益按块重排 {replications} 次，各取其峰"
                    ),
                    format!(
                        "{top_days} days on either side, cumulative log return; null: the same daily returns in blocks of another \
                         order, {replications} paths, each at its own peak"
                    ),
                ),
            ),
        ]);
        if let Some(why) = &self.unasked {
            lines.insert("unasked".into(), why.clone());
        }
        lines
    }
}
