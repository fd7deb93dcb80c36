//! What the lab returns.

use serde::Serialize;
use shoals_core::{Convention, Outcome, Table, Text, TradingDay};

use super::super::evaluate::{Evaluation, NewNames, Sort};
use super::super::nav::LongShort;
use super::super::portfolio::Portfolio;
use super::super::summary::Summary;
use super::{Decline, LabConfig};

/// A factor's coefficients, tests, quantiles and portfolios, in the market and in every bucket.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FactorOutcome {
    /// The factor's name.
    pub factor: String,
    /// Settings it was made under.
    pub config: LabConfig,
    /// `market`, then the buckets, smallest first.
    pub groups: Vec<String>,
    /// Summaries of the rank IC, of the whole and of the periods.
    pub periods: Vec<PeriodSummary>,
    /// The most likely break of each rank IC.
    pub declines: Vec<Decline>,
    /// Portfolios of each group.
    pub sheets: Vec<Sheet>,
    /// New names of each quantile of the market and of each bucket, whatever later prices are missing.
    pub new_names: Vec<NewNames>,
    /// Every day; in the tables `ic`, `quantile`, `turnover`, `autocorrelation`.
    #[serde(skip)]
    pub evaluation: Evaluation,
}

/// The rank IC of one horizon and group over a span of days.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PeriodSummary {
    /// The period, none for all days.
    pub period: Option<String>,
    /// Horizon in trading days.
    pub horizon: usize,
    /// The group, 0 the market.
    pub group: usize,
    /// The numbers.
    pub summary: Summary,
}

/// The extreme quantiles of a group as held, and long one against the other.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Sheet {
    /// Lowest quantile.
    pub bottom: Portfolio,
    /// Highest quantile.
    pub top: Portfolio,
    /// Long the top, short the bottom, before costs.
    pub gross_nav: Vec<f64>,
    /// After the costs of both sides; borrowing is free.
    pub net_nav: Vec<f64>,
}

impl Outcome for FactorOutcome {
    const NAME: &'static str = "factor";

    fn tables(&self) -> Vec<Table> {
        vec![
            self.ic_table(),
            self.summary_table("summary", |row| row.period.is_none()),
            self.summary_table("period", |row| row.period.is_some()),
            self.quantile_table(),
            self.turnover_table(),
            self.bucket_turnover_table(),
            self.autocorrelation_table(),
            self.nav_table(),
            self.decline_table(),
        ]
    }

    fn convention(&self) -> Convention {
        let long_short = match self.config.long_short {
            LongShort::CompoundedDifference => (
                "最高组减最低组的日收益差，逐日复利",
                "compounded daily difference of top and bottom",
            ),
            LongShort::DifferenceOfNavs => {
                ("1 + 最高组净值 − 最低组净值", "1 + NAV of the top - NAV of the bottom")
            }
        };
        let sort = match self.config.evaluation.sort() {
            Sort::Dependent => (
                "在每个市值组内分位（条件双重排序）",
                "quantiles cut inside each bucket (dependent)",
            ),
            Sort::Independent => (
                "全市场分位与市值组相交（独立双重排序）",
                "the market's quantiles inside each bucket (independent)",
            ),
        };
        [
            ("rank_ic", ("斯皮尔曼秩相关，并列取平均秩", "Spearman, ties at their average rank")),
            (
                "forward_return",
                (
                    "简单收益率，price(t + h) / price(t) - 1，h 为交易日数",
                    "simple, price(t + h) / price(t) - 1, h in trading days",
                ),
            ),
            (
                "quantile",
                (
                    "max(1, ceil(k r0 / (n - 1)))，r0 为严格更小的个数",
                    "max(1, ceil(k r0 / (n - 1))), r0 the strictly smaller values",
                ),
            ),
            (
                "standard_error",
                (
                    "Newey-West，Bartlett 权重，滞后阶数按 `testing` 的规则",
                    "Newey-West, Bartlett weights, lag by the rule in `testing`",
                ),
            ),
            (
                "sample",
                (
                    "当日有因子值与价格、且各期限收益齐全的股票",
                    "stocks with a factor, a price and the returns of all horizons",
                ),
            ),
            ("long_short", long_short),
            ("double_sort", sort),
        ]
        .map(|(name, (zh, en))| (name.to_owned(), Text::new(zh, en)))
        .into()
    }
}

/// The columns every table by horizon and group opens with.
fn keyed(name: &str, horizons: Vec<i64>, groups: Vec<String>) -> Table {
    Table::new(name).with("horizon", "trading days ahead", horizons).with(
        "bucket",
        "`market` or the size bucket",
        groups,
    )
}

impl FactorOutcome {
    /// Horizon and group indices, in table order.
    fn cells(&self) -> impl Iterator<Item = (usize, usize)> {
        let n_groups = self.groups.len();
        (0..self.evaluation.horizons.len()).flat_map(move |h| (0..n_groups).map(move |g| (h, g)))
    }

    fn horizon(&self, h: usize) -> i64 {
        self.evaluation.horizons[h] as i64
    }

    fn ic_table(&self) -> Table {
        let mut rows: Vec<(TradingDay, usize, usize, f64)> = Vec::new();
        for (h, group) in self.cells() {
            let series = self.evaluation.days.iter().zip(self.evaluation.rank_ic(group, h));
            let observed = series.filter(|(_, ic)| !ic.is_nan());
            rows.extend(observed.map(|(&day, ic)| (day, h, group, ic)));
        }
        rows.sort_by_key(|&(day, h, group, _)| (day, h, group));
        Table::new("ic")
            .with("date", "day of the factor", rows.iter().map(|row| row.0).collect::<Vec<_>>())
            .with("horizon", "trading days ahead", per(&rows, |row| self.horizon(row.1)))
            .with(
                "bucket",
                "`market` or the size bucket",
                per(&rows, |row| self.groups[row.2].clone()),
            )
            .with(
                "rank_ic",
                "Spearman correlation with the forward return",
                per(&rows, |row| row.3),
            )
    }

    fn summary_table(&self, name: &str, is_wanted: fn(&PeriodSummary) -> bool) -> Table {
        let rows: Vec<&PeriodSummary> = self.periods.iter().filter(|row| is_wanted(row)).collect();
        let number = |value: fn(&Summary) -> f64| per(&rows, |row| value(&row.summary));
        let mut table = keyed(
            name,
            per(&rows, |row| row.horizon as i64),
            per(&rows, |row| self.groups[row.group].clone()),
        );
        if name == "period" {
            let periods = per(&rows, |row| row.period.clone().unwrap_or_default());
            table = table.with("period", "span of days", periods);
        }
        table
            .with("mean", "mean daily rank IC", number(|s| s.mean))
            .with("std", "standard deviation, divisor n - 1", number(|s| s.std))
            .with("icir", "mean / std, a day", number(|s| s.icir))
            .with("t_plain", "icir x root of n", number(|s| s.t_plain))
            .with("t_newey_west", "mean over its Newey-West error", number(|s| s.t_newey_west))
            .with("n", "days", per(&rows, |row| row.summary.n as i64))
            .with("win_rate", "share of days above zero", number(|s| s.win_rate))
            .with("low", "lower end of the mean's band", number(|s| s.band.low))
            .with("high", "upper end", number(|s| s.band.high))
    }

    fn quantile_table(&self) -> Table {
        let n = self.evaluation.n_quantiles;
        let rows: Vec<(usize, usize, usize)> =
            self.cells().flat_map(|(h, group)| (0..n).map(move |q| (h, group, q))).collect();
        let mean = |&(h, group, q): &(usize, usize, usize)| {
            mean_of_observed(self.evaluation.mean_return(group, h, q))
        };
        keyed(
            "quantile",
            per(&rows, |row| self.horizon(row.0)),
            per(&rows, |row| self.groups[row.1].clone()),
        )
        .with("quantile", "1 the lowest factor", per(&rows, |row| row.2 as i64 + 1))
        .with("mean_return", "mean over days of the mean forward return", per(&rows, mean))
    }

    fn turnover_table(&self) -> Table {
        let n = self.evaluation.n_quantiles;
        let rows: Vec<(usize, usize)> =
            (0..self.evaluation.lags.len()).flat_map(|lag| (0..n).map(move |q| (lag, q))).collect();
        let mean = |&(lag, q): &(usize, usize)| mean_of_observed(self.evaluation.turnover(lag, q));
        Table::new("turnover")
            .with(
                "lag",
                "trading days before",
                per(&rows, |row| self.evaluation.lags[row.0] as i64),
            )
            .with("quantile", "of the market", per(&rows, |row| row.1 as i64 + 1))
            .with("new_names", "mean share of names not there before", per(&rows, mean))
    }

    fn bucket_turnover_table(&self) -> Table {
        let rows: Vec<&NewNames> = self.new_names.iter().filter(|row| row.group > 0).collect();
        Table::new("bucket_turnover")
            .with("lag", "trading days before", per(&rows, |row| row.lag as i64))
            .with("bucket", "the size bucket", per(&rows, |row| self.groups[row.group].clone()))
            .with("quantile", "inside the bucket", per(&rows, |row| row.quantile as i64))
            .with(
                "new_names",
                "mean share of names not in this quantile and bucket before",
                per(&rows, |row| row.share),
            )
    }

    fn autocorrelation_table(&self) -> Table {
        let rows: Vec<usize> = (0..self.evaluation.lags.len()).collect();
        let mean = |&lag: &usize| mean_of_observed(self.evaluation.autocorrelation(lag));
        Table::new("autocorrelation")
            .with("lag", "trading days before", per(&rows, |&lag| self.evaluation.lags[lag] as i64))
            .with("rank_autocorrelation", "mean over days", per(&rows, mean))
    }

    fn nav_table(&self) -> Table {
        let days = &self.evaluation.days;
        let rows: Vec<(usize, usize)> = (0..days.len())
            .flat_map(|day| (0..self.groups.len()).map(move |group| (day, group)))
            .collect();
        let number = |value: fn(&Sheet, usize) -> f64| {
            per(&rows, |&(day, group)| value(&self.sheets[group], day))
        };
        Table::new("nav")
            .with("date", "day", per(&rows, |row| days[row.0]))
            .with(
                "bucket",
                "`market` or the size bucket",
                per(&rows, |row| self.groups[row.1].clone()),
            )
            .with(
                "bottom",
                "return of the lowest quantile",
                number(|s, t| s.bottom.gross_return[t]),
            )
            .with("top", "return of the highest quantile", number(|s, t| s.top.gross_return[t]))
            .with(
                "top_turnover",
                "one-way share of the top traded",
                number(|s, t| s.top.turnover[t]),
            )
            .with("long_short", "value of one unit before costs", number(|s, t| s.gross_nav[t]))
            .with("long_short_net", "after the costs of both sides", number(|s, t| s.net_nav[t]))
    }

    fn decline_table(&self) -> Table {
        let rows = &self.declines;
        let number = |value: fn(&Decline) -> f64| per(rows, value);
        keyed(
            "break",
            per(rows, |row| row.horizon as i64),
            per(rows, |row| self.groups[row.group].clone()),
        )
        .with("date", "last day of the first regime", per(rows, |row| row.last_before))
        .with("low", "first day of the 95 % interval", per(rows, |row| row.low))
        .with("high", "last day of it", per(rows, |row| row.high))
        .with("mean_before", "mean rank IC up to the break", number(|row| row.test.mean_before))
        .with("mean_after", "mean rank IC after it", number(|row| row.test.mean_after))
        .with("sup_f", "greatest F, long-run variance", number(|row| row.test.sup_f))
        .with("p_value", "of sup F without a break", number(|row| row.test.p_value))
        .with("cusum", "OLS-CUSUM", number(|row| row.cusum.statistic))
        .with(
            "cusum_p_value",
            "of the CUSUM without a change",
            number(|row| row.cusum.p_value),
        )
    }
}

/// One value a row.
fn per<R, T>(rows: &[R], value: impl Fn(&R) -> T) -> Vec<T> {
    rows.iter().map(value).collect()
}

fn mean_of_observed(values: impl Iterator<Item = f64>) -> f64 {
    let (mut n, mut sum) = (0.0, 0.0);
    for value in values.filter(|value| !value.is_nan()) {
        n += 1.0;
        sum += value;
    }
    sum / n
}
