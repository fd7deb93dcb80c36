//! What the event study returns.

use serde::Serialize;
use shoals_core::rules::Status;
use shoals_core::{Convention, Outcome, Table, Text, TradingDay};
use shoals_stats::event_study::Scaling;
use shoals_stats::event_study::sample::CrossSection;

use super::{
    CalendarTime, EventConfig, EventVerdict, EventWindow, PathDay, SeriesTest, StockTest,
    SubjectName,
};

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
        let mut tables = vec![self.event_table(), self.series_table()];
        if !self.stocks.is_empty() {
            tables.push(self.stock_table());
        }
        tables.extend([self.calendar_table(), self.path_table()]);
        tables
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

    fn event_table(&self) -> Table {
        let rows = &self.verdicts;
        let text = |of: &dyn Fn(&EventVerdict) -> String| rows.iter().map(of).collect::<Vec<_>>();
        let days = |of: fn(&EventVerdict) -> TradingDay| rows.iter().map(of).collect::<Vec<_>>();
        let number = |of: &dyn Fn(&EventVerdict) -> f64| rows.iter().map(of).collect::<Vec<_>>();
        let spread =
            |of: fn(&SeriesTest) -> f64| number(&|row| row.spread.as_ref().map_or(f64::NAN, of));
        let treated = |of: fn(&CrossSection) -> f64| {
            number(&|row| row.treated.as_ref().map_or(f64::NAN, |one| of(&one.tests)))
        };
        let difference = |of: fn(&SeriesTest) -> f64| {
            number(&|row| row.difference.as_ref().map_or(f64::NAN, of))
        };
        let joined = |ids: &[String]| ids.join(" ");
        Table::new("event")
            .with("event_id", "stable name", text(&|row| row.placed.event.event_id.clone()))
            .with("day_0", "first trading day it could act on", days(|row| row.placed.day_0))
            .with(
                "finding",
                "found, confounded, suggestive, nothing or not_covered",
                text(&|row| row.finding.name().to_owned()),
            )
            .with(
                "title",
                "what happened",
                rows.iter().map(|row| row.placed.event.title()).collect::<Vec<_>>(),
            )
            .with(
                "expected_sign",
                "for micro caps less the CSI 300: +, - or ?",
                text(&|row| row.placed.event.expected_sign.mark().to_owned()),
            )
            .with(
                "found_sign",
                "sign of the main window's abnormal return",
                text(&|row| row.found_sign.mark().to_owned()),
            )
            .with(
                "car",
                "abnormal return of micro caps less the CSI 300 in the main window",
                spread(|test| test.car),
            )
            .with("t", "over MacKinlay's error", spread(|test| test.t))
            .with(
                "placebo_p",
                "share of earlier days that moved as far",
                spread(|test| test.placebo_p),
            )
            .with(
                "adjusted_p",
                "placebo_p adjusted for the days tested",
                number(&|row| row.adjusted_p),
            )
            .with(
                "bootstrap_p",
                "share of drawn windows that moved as far",
                spread(|test| test.bootstrap_p),
            )
            .with(
                "treated_car",
                "mean abnormal return of the treated names",
                treated(|test| test.mean_car),
            )
            .with("patell_z", "names taken for independent", treated(|test| test.patell_z))
            .with(
                "kolari_pynnonen_t",
                "names as correlated as they are",
                treated(|test| test.kolari_pynnonen_t),
            )
            .with(
                "adjusted_kolari_pynnonen_p",
                "its p-value adjusted for the days tested",
                number(&|row| row.adjusted_kolari_pynnonen_p),
            )
            .with(
                "difference_car",
                "treated less control beyond its usual day",
                difference(|test| test.car),
            )
            .with(
                "difference_p",
                "placebo p-value of that difference",
                difference(|test| test.placebo_p),
            )
            .with(
                "detectable",
                "smallest effect found in eight of ten",
                spread(|test| test.detectable),
            )
            .with("same_day", "events of the same day 0", text(&|row| joined(&row.placed.same_day)))
            .with(
                "overlapping",
                "other events whose main window shares a day",
                text(&|row| joined(&row.placed.overlapping)),
            )
            .with(
                "nearby",
                "further events inside any of its windows",
                text(&|row| joined(&row.placed.nearby)),
            )
            .with(
                "n_in_estimation",
                "events among its estimation days",
                rows.iter().map(|row| row.placed.n_in_estimation as i64).collect::<Vec<_>>(),
            )
            .with(
                "announced_on",
                "civil day it became known",
                days(|row| row.placed.event.announced_on),
            )
            .with(
                "effective_on",
                "day it came into force",
                days(|row| row.placed.event.effective_on),
            )
            .with("targets", "what it hits", text(&|row| row.placed.event.targets.clone()))
            .with("source", "who reports it", text(&|row| row.placed.event.source.clone()))
            .with(
                "status",
                "verified or recalled; empty where the market's table does not say",
                text(&|row| status(row.placed.event.status).to_owned()),
            )
            .with(
                "verdict",
                "what moved, how sure, what it cannot tell",
                rows.iter().map(|row| row.sentence.clone()).collect::<Vec<_>>(),
            )
    }

    fn series_table(&self) -> Table {
        let rows = &self.series;
        let number = |of: fn(&SeriesTest) -> f64| rows.iter().map(of).collect::<Vec<_>>();
        let count = |of: fn(&SeriesTest) -> usize| {
            rows.iter().map(|row| of(row) as i64).collect::<Vec<_>>()
        };
        Table::new("series_window")
            .with("event_id", "the event", ids(rows, |row| &row.event_id))
            .with("subject", SUBJECT, subjects(rows, |row| row.subject))
            .with("window", WINDOW, windows(rows, |row| row.window))
            .with("total", "simple returns summed", number(|row| row.total))
            .with("car", "abnormal returns summed", number(|row| row.car))
            .with("standard_error", "MacKinlay's", number(|row| row.standard_error))
            .with("t", "car over standard_error", number(|row| row.t))
            .with("p_value", "two-sided, normal", number(|row| row.p_value))
            .with(
                "newey_west_error",
                "with the residuals' autocorrelation",
                number(|row| row.newey_west_error),
            )
            .with("newey_west_t", "car over newey_west_error", number(|row| row.newey_west_t))
            .with(
                "placebo_p",
                "share of earlier days that moved as far",
                number(|row| row.placebo_p),
            )
            .with("n_placebo", "earlier days it is held against", count(|row| row.n_placebo))
            .with(
                "bootstrap_p",
                "share of drawn windows that moved as far",
                number(|row| row.bootstrap_p),
            )
            .with(
                "detectable",
                "smallest effect found in eight of ten",
                number(|row| row.detectable),
            )
            .with("beta", "of the market model", number(|row| row.beta))
            .with("n_estimation", "days the model was fitted on", count(|row| row.n_estimation))
    }

    fn stock_table(&self) -> Table {
        let rows = &self.stocks;
        let number = |of: fn(&CrossSection) -> f64| {
            rows.iter().map(|row| of(&row.tests)).collect::<Vec<_>>()
        };
        Table::new("stock_window")
            .with("event_id", "the event", ids(rows, |row| &row.event_id))
            .with(
                "group",
                "treated or control",
                rows.iter().map(|row| row.group.name().to_owned()).collect::<Vec<_>>(),
            )
            .with("window", WINDOW, windows(rows, |row| row.window))
            .with(
                "n_names",
                "names with a return on every day of the window",
                rows.iter().map(|row| row.tests.n_names as i64).collect::<Vec<_>>(),
            )
            .with("mean_car", "mean abnormal return, summed", number(|test| test.mean_car))
            .with("share_positive", "share of names above zero", number(|test| test.share_positive))
            .with(
                "mean_correlation",
                "average pairwise correlation of the estimation residuals",
                number(|test| test.mean_correlation),
            )
            .with("patell_z", "Patell 1976; independent names", number(|test| test.patell_z))
            .with(
                "bmp_t",
                "Boehmer, Musumeci, Poulsen 1991; independent names",
                number(|test| test.bmp_t),
            )
            .with(
                "kolari_pynnonen_t",
                "Kolari, Pynnonen 2010; correlated names",
                number(|test| test.kolari_pynnonen_t),
            )
            .with(
                "kolari_pynnonen_p",
                "two-sided, normal",
                rows.iter().map(|row| row.kolari_pynnonen_p).collect::<Vec<_>>(),
            )
            .with(
                "corrado_zivney_z",
                "Corrado, Zivney 1992; correlated names",
                number(|test| test.corrado_zivney_z),
            )
            .with(
                "generalised_rank_t",
                "Kolari, Pynnonen 2011; correlated names",
                number(|test| test.generalised_rank_t),
            )
            .with(
                "portfolio_t",
                "Brown, Warner 1985; correlated names",
                number(|test| test.portfolio_t),
            )
            .with("cross_section_t", "independent names", number(|test| test.cross_section_t))
            .with("brown_warner_1980", "independent names", number(|test| test.brown_warner_1980))
            .with(
                "sign_z",
                "share above zero against a half; independent names",
                number(|test| test.sign_z),
            )
            .with(
                "generalised_sign_z",
                "Cowan 1992; independent names",
                number(|test| test.generalised_sign_z),
            )
            .with(
                "formed_on",
                "close the group was formed at",
                rows.iter().map(|row| row.formed_on).collect::<Vec<_>>(),
            )
    }

    fn calendar_table(&self) -> Table {
        let rows = &self.calendar_time;
        let number = |of: fn(&CalendarTime) -> f64| rows.iter().map(of).collect::<Vec<_>>();
        let count = |of: fn(&CalendarTime) -> usize| {
            rows.iter().map(|row| of(row) as i64).collect::<Vec<_>>()
        };
        Table::new("calendar_time")
            .with(
                "events",
                "events whose main windows overlap",
                rows.iter().map(|row| row.events.join(" ")).collect::<Vec<_>>(),
            )
            .with("subject", SUBJECT, subjects(rows, |row| row.subject))
            .with("from", "first day", rows.iter().map(|row| row.from).collect::<Vec<_>>())
            .with("to", "last day", rows.iter().map(|row| row.to).collect::<Vec<_>>())
            .with("days", "days of the dummy", count(|row| row.n_days))
            .with(
                "coefficient",
                "of the dummy: mean abnormal return a day",
                number(|row| row.coefficient),
            )
            .with(
                "newey_west_error",
                "of the coefficient; too small for few days",
                number(|row| row.newey_west_error),
            )
            .with("newey_west_t", "coefficient over it", number(|row| row.newey_west_t))
            .with(
                "mean",
                "mean abnormal return a day against the quiet days",
                number(|row| row.mean),
            )
            .with("quiet_error", "of the mean, from the quiet days", number(|row| row.quiet_error))
            .with("quiet_t", "mean over quiet_error", number(|row| row.quiet_t))
            .with("quiet_days", "days outside every window", count(|row| row.n_quiet))
    }

    fn path_table(&self) -> Table {
        let rows = &self.path;
        let number = |of: fn(&PathDay) -> f64| rows.iter().map(of).collect::<Vec<_>>();
        Table::new("path")
            .with("event_id", "the event", ids(rows, |row| &row.event_id))
            .with("subject", SUBJECT, subjects(rows, |row| row.subject))
            .with(
                "relative_day",
                "trading days after day 0",
                rows.iter().map(|row| i64::from(row.relative_day)).collect::<Vec<_>>(),
            )
            .with("date", "exchange day", rows.iter().map(|row| row.date).collect::<Vec<_>>())
            .with("total", "simple return", number(|row| row.total))
            .with("abnormal", "what the market does not explain", number(|row| row.abnormal))
            .with(
                "cumulative",
                "abnormal returns summed from the first day told",
                number(|row| row.cumulative),
            )
            .with("standard_error", "of that sum", number(|row| row.standard_error))
    }
}

const SUBJECT: &str = "micro_minus_csi300, a size segment, or treated_minus_control";
const WINDOW: &str = "first and last trading day about day 0";

fn ids<T>(rows: &[T], of: fn(&T) -> &String) -> Vec<String> {
    rows.iter().map(|row| of(row).clone()).collect()
}

fn subjects<T>(rows: &[T], of: fn(&T) -> SubjectName) -> Vec<String> {
    rows.iter().map(|row| of(row).name().to_owned()).collect()
}

fn windows<T>(rows: &[T], of: fn(&T) -> EventWindow) -> Vec<String> {
    rows.iter().map(|row| of(row).label()).collect()
}

const fn status(status: Option<Status>) -> &'static str {
    match status {
        Some(Status::Verified) => "verified",
        Some(Status::Recalled) => "recalled",
        None => "",
    }
}
