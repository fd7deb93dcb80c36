//! What the liquidity watch returns.

use serde::Serialize;
use shoals_core::{Convention, Lines, Outcome, Table, Text};

use super::{AlarmRecord, BucketDay, DrainAlarm, LiquidityConfig, LiquidityDay};

/// The liquidity of the smallest companies, its alarms and their record.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LiquidityOutcome {
    /// Settings it was made under.
    pub config: LiquidityConfig,
    /// One row a day.
    pub days: Vec<LiquidityDay>,
    /// Every size bucket of every day; in the table `bucket`.
    #[serde(skip)]
    pub buckets: Vec<BucketDay>,
    /// The days to hear of.
    pub alarms: Vec<DrainAlarm>,
    /// What followed them.
    pub record: Vec<AlarmRecord>,
}

impl Outcome for LiquidityOutcome {
    const NAME: &'static str = "liquidity";

    fn tables(&self) -> Vec<Table> {
        vec![
            day_table(&self.days),
            bucket_table(&self.buckets),
            alarm_table(&self.alarms),
            record_table(&self.record),
        ]
    }

    fn convention(&self) -> Convention {
        let lines = self.prices().into_iter().chain(self.amounts());
        lines.map(|(key, line)| (key.to_owned(), line)).collect()
    }
}

impl LiquidityOutcome {
    /// What the measures of prices are.
    fn prices(&self) -> Vec<(&'static str, Text)> {
        let config = &self.config;
        let (names, window, long) = (config.n_names, config.window_days, config.long_window_days);
        let days = config.yardstick_days;
        vec![
            (
                "members",
                Text::new(
                    format!(
                        "前一日收盘时市值最小的 {names} 只可选股票，等权；当日之事不影响当日的名单"
                    ),
                    format!(
                        "the {names} smallest eligible stocks of the close before, equally weighted; what happens \
                         on a day does not choose whom it is told of"
                    ),
                ),
            ),
            (
                "yardstick",
                Text::new(
                    format!("百分位与倍数都对照此前 {days} 个交易日，不含当日"),
                    format!(
                        "percentiles and ratios are against the {days} trading days before, the day itself not among \
                         them"
                    ),
                ),
            ),
            (
                "amihud",
                Text::new(
                    format!("{window} 天 |收益| / 成交额的均值，每 1 亿元；取成分股中位数"),
                    format!(
                        "mean of |return| / amount over {window} days, per CNY 100 million; median over the names"
                    ),
                ),
            ),
            (
                "corwin_schultz",
                Text::new(
                    format!(
                        "{window} 天两日价差的均值：隔夜跳空已调整，负值记为零，只有一个价格的日子（封板）不计"
                    ),
                    format!(
                        "mean two-day spread over {window} days: jumps over night taken out, negative estimates set to \
                         zero, days with one price only (sealed) left out"
                    ),
                ),
            ),
            (
                "roll",
                Text::new(
                    format!("{long} 天，2√(−一阶自协方差)，协方差为正记为零"),
                    format!(
                        "over {long} days, 2 sqrt(-cov(r, r before)); zero for a positive covariance"
                    ),
                ),
            ),
            (
                "kyle_lambda",
                Text::new(
                    format!(
                        "{window} 天收益对带符号 √成交额过原点的斜率，符号取当日收益；每 √1 亿元"
                    ),
                    format!(
                        "slope through the origin of the return on the signed root of the amount over {window} days, the \
                         sign being the return's; per root of CNY 100 million"
                    ),
                ),
            ),
            (
                "pastor_stambaugh",
                Text::new(
                    format!("{long} 天；为负：今日订单推动的价格次日返回"),
                    format!(
                        "over {long} days; negative: what today's orders moved comes back the day after"
                    ),
                ),
            ),
        ]
    }

    /// What the other measures and the alarms are.
    fn amounts(&self) -> Vec<(&'static str, Text)> {
        let config = &self.config;
        let (names, days, average) = (config.n_names, config.yardstick_days, config.average_days);
        let (holding, share) = (config.holding / 1e8, 100.0 * config.participation);
        vec![
            (
                "days_to_liquidate",
                Text::new(
                    format!(
                        "{holding} 亿元等分于 {names} 只，每日卖出不超过 {average} 天日均成交额的 {share} %；停牌日计为零"
                    ),
                    format!(
                        "CNY {holding} hundred million in equal parts of {names} names, a day's sale at most {share} % \
                         of the mean amount of {average} days; days without trading count as none"
                    ),
                ),
            ),
            (
                "half_life",
                Text::new(
                    format!(
                        "当日中位 Amihud 的对数在 {days} 天内的一阶自回归，以前天为昨天的工具变量，单日噪声不算冲击；95 % 区间"
                    ),
                    format!(
                        "first-order autoregression of the log of the day's median Amihud ratio over {days} days, the day before \
                         yesterday as instrument for yesterday: a day's noise is no shock; 95 % band"
                    ),
                ),
            ),
            ("alarm", alarm(config)),
            (
                "record",
                Text::new(
                    "最小股票等权收益；差的误差为 Newey-West，滞后覆盖重叠",
                    "equally weighted return of the smallest; Newey-West error of the difference, lags over the overlap",
                ),
            ),
        ]
    }
}

fn alarm(config: &LiquidityConfig) -> Text {
    let (sealed, times) = (100.0 * config.alarm_limit_down, config.alarm_amihud);
    let low = 100.0 * config.alarm_turnover;
    Text::new(
        format!(
            "sealed：跌停占比 ≥ {sealed} %；dear_to_move：Amihud 倍数 ≥ {times}；turnover_gone：成交占比百分位 ≤ {low}"
        ),
        format!(
            "sealed: at least {sealed} % at the lower limit; dear_to_move: Amihud at least {times} times its yardstick; \
             turnover_gone: turnover share at or below percentile {low}"
        ),
    )
}

fn day_table(rows: &[LiquidityDay]) -> Table {
    Lines::new("day", rows)
        .with("date", "day at whose close it was known", |r| r.date)
        .with("turnover_share", "the smallest companies' share of all trading", |r| {
            r.turnover_share
        })
        .with(
            "turnover_share_percentile",
            "share of the yardstick's days on which it was smaller",
            |r| r.turnover_share_percentile,
        )
        .with("cap_share", "their share of all capitalisation", |r| r.cap_share)
        .with("amihud", "median |return| / amount, decimal per CNY 100 million", |r| r.amihud)
        .with("amihud_times", "over its mean of the yardstick's days", |r| r.amihud_ratio)
        .with("amihud_percentile", "share of the yardstick's days below", |r| r.amihud_percentile)
        .with("corwin_schultz", "median spread from highs and lows, decimal", |r| r.corwin_schultz)
        .with("corwin_schultz_percentile", "share of the yardstick's days below", |r| {
            r.corwin_schultz_percentile
        })
        .with("roll", "median spread from the bounce of returns, decimal", |r| r.roll)
        .with("kyle_lambda", "return per root of CNY 100 million", |r| r.kyle_lambda)
        .with("pastor_stambaugh", "next return per signed CNY 100 million", |r| r.pastor_stambaugh)
        .with("limit_down_share", "of the smallest, closed at the lower limit", |r| {
            r.limit_down_share
        })
        .with("blocked_share", "of the smallest, not to be sold at the close", |r| r.blocked_share)
        .with("market_limit_down_share", "of all stocks, closed at the lower limit", |r| {
            r.market_limit_down_share
        })
        .with("days_to_liquidate_median", "trading days, the middle name", |r| {
            r.days_to_liquidate_median
        })
        .with("days_to_liquidate_mean", "trading days, mean over the names", |r| {
            r.days_to_liquidate_mean
        })
        .with("days_to_liquidate_p90", "trading days, nine names of ten take no longer", |r| {
            r.days_to_liquidate_p90
        })
        .with("half_life", "trading days in which half of a shock to illiquidity fades", |r| {
            r.half_life.days
        })
        .with("half_life_low", "lower bound, 95 %", |r| r.half_life.low)
        .with("half_life_high", "upper bound, 95 %; infinite: it need not fade", |r| {
            r.half_life.high
        })
        .done()
}

fn bucket_table(rows: &[BucketDay]) -> Table {
    Lines::new("bucket", rows)
        .with("date", "exchange day", |r| r.date)
        .with("bucket", "1 for the smallest companies", |r| r.bucket as i64)
        .with("n_names", "names", |r| r.n_names as i64)
        .with("turnover_share", "share of all trading", |r| r.turnover_share)
        .with("turnover_share_percentile", "share of the yardstick's days below", |r| {
            r.turnover_share_percentile
        })
        .with("limit_down_share", "of its names, closed at the lower limit", |r| r.limit_down_share)
        .done()
}

fn alarm_table(rows: &[DrainAlarm]) -> Table {
    Lines::new("alarm", rows)
        .with("date", "day at whose close it was known", |r| r.date)
        .with("kind", "sealed, dear_to_move or turnover_gone", |r| r.kind.name().to_owned())
        .with("detail", "one sentence with the figures", |r| r.detail.clone())
        .done()
}

fn record_table(rows: &[AlarmRecord]) -> Table {
    Lines::new("record", rows)
        .with("kind", "kind of alarm", |r| r.kind.name().to_owned())
        .with("horizon", "trading days after the alarm", |r| r.horizon as i64)
        .with("n_alarms", "days with the alarm", |r| r.n_alarms as i64)
        .with("n_episodes", "runs of such days", |r| r.n_episodes as i64)
        .with("n_days", "days judged", |r| r.n_days as i64)
        .with("mean_after", "mean return after an alarm, decimal", |r| r.mean_after)
        .with("mean_otherwise", "mean return after all other days", |r| r.mean_otherwise)
        .with("difference", "the one less the other", |r| r.difference)
        .with("standard_error", "Newey-West error of the difference", |r| r.standard_error)
        .with("p_value", "two-sided", |r| r.p_value)
        .with("verdict", "what that is worth", |r| r.verdict.clone())
        .done()
}
