//! What the event study returns.

use serde::Serialize;
use shoals_core::{Convention, Outcome, Table, Text, TradingDay};
use shoals_stats::event_study::Scaling;

use super::{CalendarTime, EventConfig, EventVerdict, PathDay, SeriesTest, StockTest};

/// The timeline, event by event.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EventOutcome {
    /// Settings it was made under.
    pub config: EventConfig,
    /// Name of the index of the market model.
    pub market: String,
    /// Last day with a return of the spread.
    pub last: TradingDay,
    /// What is to be made of each event.
    pub verdicts: Vec<EventVerdict>,
    /// Every subject, event and window.
    pub series: Vec<SeriesTest>,
    /// The tests across names.
    pub stocks: Vec<StockTest>,
    /// All events in one regression a subject; in sample.
    pub calendar_time: Vec<CalendarTime>,
    /// The days about each event; in the table `path`.
    #[serde(skip)]
    pub path: Vec<PathDay>,
    /// Whether the treated are the user's list.
    pub is_listed: bool,
}

impl Outcome for EventOutcome {
    const NAME: &'static str = "event";

    fn tables(&self) -> Vec<Table> {
        self.all_tables()
    }

    fn convention(&self) -> Convention {
        let config = &self.config;
        let lines = [
            (
                "day_0",
                Text::new(
                    "事件可影响价格的首个交易日：收盘后或休市日公布的，为其后首个交易日",
                    "first trading day the event could act on: news after the close or on a closed day acts on the next one",
                ),
            ),
            ("abnormal_return", self.model_line()),
            (
                "standard_error",
                Text::new(
                    "MacKinlay (1997)：残差方差与估计误差；newey_west 另计残差在窗口长度内的自相关",
                    "MacKinlay (1997): residual variance and the error of the line; newey_west adds the residuals' autocorrelation over the window's length",
                ),
            ),
            (
                "placebo_p",
                Text::new(
                    "事件之前、窗口不触及任何事件的每一天都当作伪事件，各按自身标准误计，比例含事件自身",
                    "every earlier day whose window touches no event taken for one, each in its own errors; the event counts as one of them",
                ),
            ),
            ("bootstrap_p", self.bootstrap_line()),
            (
                "adjusted_p",
                Text::new(
                    format!(
                        "主窗口 {}，按不同的首日个数作 {:?} 校正；同日事件算一次检验；样本内",
                        config.main_window.label(),
                        config.adjustment
                    ),
                    format!(
                        "main window {}, {:?} over the different days 0; events of one day are one test; in sample",
                        config.main_window.label(),
                        config.adjustment
                    ),
                ),
            ),
            ("group", self.group_line()),
            ("tests_across_names", self.scaling_line()),
            (
                "calendar_time",
                Text::new(
                    "样本内；重叠窗口合为一个虚拟变量；quiet_t 的误差取自平静日的残差，可信；newey_west_t 为教科书写法，短窗口下误差过小",
                    "in sample; overlapping windows are one dummy; quiet_t has its error from the quiet days' residuals and is the one to believe; newey_west_t is the textbook's, whose error is too small for short windows",
                ),
            ),
            (
                "detectable",
                Text::new(
                    format!("{} 水平的检验十次能发现八次的最小影响", config.size),
                    format!("smallest effect a test of {} finds in eight of ten", config.size),
                ),
            ),
        ];
        lines.into_iter().map(|(key, line)| (key.to_owned(), line)).collect()
    }
}

impl EventOutcome {
    fn model_line(&self) -> Text {
        let (market, days, gap) = (&self.market, self.config.estimation_days, self.config.gap_days);
        Text::new(
            format!(
                "对 {market} 的市场模型，以首日前 {gap} 日止的 {days} 日估计；treated_minus_control 只减其估计期均值；日简单收益率相加"
            ),
            format!(
                "market model on {market}, {days} days ending {gap} before day 0; treated_minus_control less its mean of those days; simple daily returns, summed"
            ),
        )
    }

    fn bootstrap_line(&self) -> Text {
        let (n, length, seed) =
            (self.config.replications, self.config.block_length, self.config.seed.0);
        Text::new(
            format!("估计期残差的平稳自助，{n} 次重复，平均区块 {length} 日，种子 {seed}"),
            format!(
                "stationary bootstrap of the estimation residuals, {n} replications, mean block {length} days, seed {seed}"
            ),
        )
    }

    fn group_line(&self) -> Text {
        let stocks = &self.config.stocks;
        if self.is_listed {
            return Text::new(
                "处理组为用户名单，对照组为市值最接近且不在名单上的股票",
                "treated: the user's list; control: the names nearest in size that are not on it",
            );
        }
        let (smallest, next) = (100.0 * stocks.smallest, 100.0 * stocks.next);
        let every = stocks.reform_days;
        Text::new(
            format!(
                "处理组为总市值最小的 {smallest:.0} %，对照组为其上 {next:.0} %，剔除已知 ST；逐只检验按估计期前一日分组，差分每 {every} 个交易日重新分组"
            ),
            format!(
                "treated: the smallest {smallest:.0} % by total market cap; control: the next {next:.0} %; known ST left out; formed the day before the estimation for the tests name by name, every {every} trading days for the difference"
            ),
        )
    }

    fn scaling_line(&self) -> Text {
        match self.config.scaling {
            Scaling::Textbook => Text::new(
                "按原文：残差方差除以 n−2，市场均值取该股交易的估计日；p 值为正态",
                "as the articles: residual variance over n - 2, the market over the days the name traded; normal p-values",
            ),
            Scaling::Estudy2 => Text::new(
                "按 R 包 estudy2：残差方差除以 n−1，市场均值取全部估计日；p 值为正态",
                "as the R package estudy2: residual variance over n - 1, the market over all estimation days; normal p-values",
            ),
        }
    }
}
