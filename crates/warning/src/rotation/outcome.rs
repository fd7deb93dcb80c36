//! What the rotation analysis returns.

use serde::Serialize;
use shoals_core::{Convention, Lines, Outcome, Table, Text, TradingDay};

use super::RotationConfig;
use super::change::{BreakCount, CusumDay, CusumTest, RatioBreak};
use super::record::{Decision, RuleRecord, Skill};
use super::rule::Rule;
use super::walk::{FittedRegime, RotationDay};

/// The rotation between small and large companies, as it was known day by day.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RotationOutcome {
    /// Settings it was made under.
    pub config: RotationConfig,
    /// Names of the small-cap and the large-cap index.
    pub names: [String; 2],
    /// Daily changes of the ratio in the record.
    pub n_changes: usize,
    /// First day of the record.
    pub first: TradingDay,
    /// The days asked for by themselves.
    pub as_of: Vec<AsOf>,
    /// Days asked for that the walk does not reach.
    pub not_known: Vec<TradingDay>,
    /// Every day from `from` on, as it was known at its close.
    pub days: Vec<RotationDay>,
    /// The regimes of every monthly model.
    pub models: Vec<FittedRegime>,
    /// The scored outlooks.
    pub decisions: Vec<Decision>,
    /// The rules' records, in the order of [`Rule::ALL`]; empty without a scored outlook.
    pub records: Vec<RuleRecord>,
    /// What the model adds to knowing nothing.
    pub skill: Option<Skill>,
    /// Breaks of the mean change, over the whole record: in sample.
    pub breaks: Vec<RatioBreak>,
    /// What other numbers of breaks would give.
    pub break_counts: Vec<BreakCount>,
    /// Cumulated residuals of one mean: in sample.
    pub cusum: Vec<CusumDay>,
    /// Tests of a constant mean.
    pub cusum_tests: Vec<CusumTest>,
    /// The finding in one sentence.
    pub verdict: Text,
}

/// The outlook as it stood at the close of one day.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct AsOf {
    /// Day asked about.
    pub asked: TradingDay,
    /// Its close, or the last one before it.
    pub date: TradingDay,
    /// Close the model in use was fitted at.
    pub fitted_on: TradingDay,
    /// Filtered probability of the small-cap regime.
    pub probability_small: f64,
    /// Probability that small companies lead over the horizon.
    pub probability_lead: f64,
    /// Expected lead over the horizon, log.
    pub expected_lead: f64,
    /// Its standard deviation.
    pub deviation: f64,
    /// Expected stay in the small-cap regime, trading days.
    pub small_duration: f64,
    /// Half-life of that stay.
    pub small_half_life: f64,
    /// Expected stay in the regime of the lowest mean.
    pub large_duration: f64,
    /// Half-life of that stay.
    pub large_half_life: f64,
    /// Whether the outlook chose small companies.
    pub outlook_small: bool,
    /// Whether momentum did.
    pub momentum_small: bool,
    /// Whether the moving averages did.
    pub moving_average_small: bool,
    /// How far small companies led over the horizon, log: not known on the day.
    pub came_after: f64,
}

impl Outcome for RotationOutcome {
    const NAME: &'static str = "rotation";

    fn tables(&self) -> Vec<Table> {
        vec![
            Table::new("verdict").with(
                "sentence",
                "the finding in one sentence",
                vec![self.verdict.clone()],
            ),
            self.as_of_table(),
            self.record_table(),
            self.skill_table(),
            self.probability_table(),
            self.decision_table(),
            self.model_table(),
            self.break_table(),
            self.break_count_table(),
            self.cusum_test_table(),
            self.cusum_table(),
        ]
    }

    fn convention(&self) -> Convention {
        let lines = [
            ("ratio", self.ratio_line()),
            ("model", self.model_line()),
            ("outlook", self.outlook_line()),
            ("record", self.record_line()),
            ("rules", self.rules_line()),
            ("breaks", self.breaks_line()),
            ("band", self.band_line()),
        ];
        let mut lines: Convention =
            lines.into_iter().map(|(key, line)| (key.to_owned(), line)).collect();
        if !self.not_known.is_empty() {
            let days: Vec<String> = self.not_known.iter().map(ToString::to_string).collect();
            let (zh, en) = (days.join("、"), days.join(", "));
            lines.insert(
                "not_known".to_owned(),
                Text::new(
                    format!("{zh} 不在模型可及的日子内，未答"),
                    format!("{en} lie outside the days the model reaches and are not answered"),
                ),
            );
        }
        lines
    }
}

impl RotationOutcome {
    fn ratio_line(&self) -> Text {
        let [small, large] = &self.names;
        let (n, first) = (self.n_changes, self.first);
        Text::new(
            format!(
                "{small} 除以 {large} 的收盘价之比取对数，两者都有收盘价的日子，自 {first} 起 {n} 个日变动"
            ),
            format!(
                "log of the close of {small} over that of {large}, days on which both have one, {n} daily changes \
                 from {first}"
            ),
        )
    }

    fn model_line(&self) -> Text {
        let (k, n) = (self.config.n_regimes, self.config.min_history);
        Text::new(
            format!(
                "{k} 状态马尔可夫切换，均值与方差各异（Hamilton 1989）；每月首个收盘以此前全部数据重估（EM，年初多起点，月间热启动），\
                 至少 {n} 个变动；小盘状态为均值最高者"
            ),
            format!(
                "Markov switching of {k} regimes with means and variances of their own (Hamilton 1989), refitted at the first \
                 close of each month on everything before (EM, several starts when a year begins, warm in between), {n} \
                 changes at least; the small-cap regime is the one of the highest mean"
            ),
        )
    }

    fn outlook_line(&self) -> Text {
        let days = self.config.horizon_days;
        Text::new(
            format!(
                "滤波概率：只用当日及以前的收盘；由它推得未来 {days} 个交易日小盘领先的概率；从不使用平滑概率"
            ),
            format!(
                "filtered probabilities, from closes of the day and before; from them the probability that small companies \
                 lead over the next {days} trading days; smoothed probabilities are never used"
            ),
        )
    }

    fn record_line(&self) -> Text {
        let (every, days) = (self.config.decide_every_days, self.config.horizon_days);
        Text::new(
            format!(
                "每 {every} 个交易日一次判断，以其后 {days} 日比价变动的符号记分；样本外，不计费用"
            ),
            format!(
                "a decision every {every} trading days, scored by the sign of the ratio's change over the next {days}; out of \
                 sample, before costs"
            ),
        )
    }

    fn rules_line(&self) -> Text {
        let RotationConfig { momentum_days, momentum_skip, fast_days, slow_days, .. } = self.config;
        Text::new(
            format!(
                "momentum：{momentum_days} 日动量去掉最近 {momentum_skip} 日；moving_average：{fast_days} 日均线对 {slow_days} 日均线；\
                 always_small：一直站小盘，其概率为此前各窗口小盘领先的频率"
            ),
            format!(
                "momentum: over {momentum_days} days without the last {momentum_skip}; moving_average: {fast_days} days against \
                 {slow_days}; always_small: its probability is the share of earlier windows in which small companies led"
            ),
        )
    }

    fn breaks_line(&self) -> Text {
        let RotationConfig { trim, break_lag, break_choice, .. } = self.config;
        let choice = match break_choice {
            shoals_stats::breaks::BreakChoice::Bic => "BIC",
            shoals_stats::breaks::BreakChoice::Lwz => "LWZ",
            shoals_stats::breaks::BreakChoice::Sequential => "supF(l+1|l)",
        };
        let percent = 100.0 * trim;
        Text::new(
            format!(
                "样本内：日变动均值的断点（Bai-Perron 1998，最短区段 {percent:.0} %，个数由 {choice} 定），残差自相关计至 {break_lag} 阶；\
                 cusum 为一个均值的累积残差"
            ),
            format!(
                "in sample: breaks of the mean daily change (Bai and Perron 1998, shortest stretch {percent:.0} %, their number by \
                 {choice}), autocorrelation up to lag {break_lag}; cusum is the cumulated residual of one mean"
            ),
        )
    }

    fn band_line(&self) -> Text {
        let percent = 100.0 * (1.0 - self.config.tail_probability);
        let (n, seed) = (self.config.replications, self.config.seed.0);
        let block = self.skill.map_or(f64::NAN, |skill| skill.block);
        Text::new(
            format!(
                "{percent:.0} %，判断序列的平稳区块自助，平均区块 {block:.0} 次判断，{n} 次重复，种子 {seed}"
            ),
            format!(
                "{percent:.0} %, stationary bootstrap of the decisions, mean block {block:.0} of them, {n} replications, seed {seed}"
            ),
        )
    }

    fn as_of_table(&self) -> Table {
        let rows = &self.as_of;
        Lines::new("as_of", rows)
            .with("asked", "day asked about", |r| r.asked)
            .with("close_on", "its close, or the last one before it", |r| r.date)
            .with("fitted_on", "close the model in use was fitted at", |r| r.fitted_on)
            .with("probability_small", SMALL, |r| r.probability_small)
            .with("probability_lead", LEAD, |r| r.probability_lead)
            .with("expected_lead", EXPECTED, |r| r.expected_lead)
            .with("deviation", "standard deviation of that lead", |r| r.deviation)
            .with("small_duration", "expected stay in the small-cap regime, trading days", |r| {
                r.small_duration
            })
            .with("small_half_life", "half-life of that stay, trading days", |r| r.small_half_life)
            .with(
                "large_duration",
                "expected stay in the regime of the lowest mean, trading days",
                |r| r.large_duration,
            )
            .with("large_half_life", "half-life of that stay, trading days", |r| r.large_half_life)
            .with("outlook_small", "whether the outlook chose small companies", |r| r.outlook_small)
            .with("momentum_small", "whether momentum did", |r| r.momentum_small)
            .with("moving_average_small", "whether the moving averages did", |r| {
                r.moving_average_small
            })
            .with(
                "came_after",
                "log lead of small companies over the horizon; not known on the day",
                |r| r.came_after,
            )
            .done()
    }

    fn record_table(&self) -> Table {
        let rows = &self.records;
        let numbers = |of: fn(&RuleRecord) -> f64| rows.iter().map(of).collect::<Vec<_>>();
        let names: Vec<String> = rows.iter().map(|r| r.rule.name().to_owned()).collect();
        Table::new("record")
            .with("rule", "outlook is the model's; the others are its rivals", names)
            .with("n", "decisions scored", rows.iter().map(|r| r.n as i64).collect::<Vec<_>>())
            .with("hit_rate", "share of decisions on the right side", numbers(|r| r.hit_rate))
            .with("low", "lower end of the band of hit_rate", numbers(|r| r.low))
            .with("high", "upper end of the band of hit_rate", numbers(|r| r.high))
            .with(
                "mean_lead",
                "mean log lead on the chosen side a horizon",
                numbers(|r| r.mean_lead),
            )
            .with("mean_low", "lower end of the band of mean_lead", numbers(|r| r.mean_low))
            .with("mean_high", "upper end of the band of mean_lead", numbers(|r| r.mean_high))
            .with(
                "small_share",
                "share of decisions that chose small companies",
                numbers(|r| r.small_share),
            )
            .with("switches", "changes of side a year of 252 days", numbers(|r| r.switches))
            .with(
                "brier",
                "mean squared error of its probability; missing where it gives none",
                numbers(|r| r.brier),
            )
            .with(
                "log_score",
                "mean -ln of the probability given to what came",
                numbers(|r| r.log_score),
            )
    }

    fn skill_table(&self) -> Table {
        let rows: Vec<&Skill> = self.skill.iter().collect();
        Lines::new("skill", &rows)
            .with(
                "brier_skill",
                "1 - Brier of the outlook / Brier of climatology; positive is skill",
                |r| r.brier_skill,
            )
            .with("low", "lower end of its band", |r| r.low)
            .with("high", "upper end of its band", |r| r.high)
            .with(
                "log_gain",
                "log score of climatology minus that of the outlook; positive is skill",
                |r| r.log_gain,
            )
            .with("hit_gain", "hit rate of the outlook minus that of always small", |r| r.hit_gain)
            .with("hit_low", "lower end of its band", |r| r.hit_low)
            .with("hit_high", "upper end of its band", |r| r.hit_high)
            .with("horizon_days", "trading days a call looks ahead", |_| {
                self.config.horizon_days as i64
            })
            .with("block", "mean block of the bootstrap, decisions", |r| r.block)
            .done()
    }

    fn probability_table(&self) -> Table {
        let rows = &self.days;
        Lines::new("probability", rows)
            .with("date", "close it was known at", |r| r.date)
            .with("ratio", "small over large, 1 on the first day of the record", |r| r.ratio)
            .with("probability_small", SMALL, |r| r.probability_small)
            .with("probability_lead", LEAD, |r| r.probability_lead)
            .with("expected_lead", EXPECTED, |r| r.expected_lead)
            .with("deviation", "standard deviation of that lead", |r| r.deviation)
            .done()
    }

    fn decision_table(&self) -> Table {
        let rows = &self.decisions;
        let mut table = Table::new("decision")
            .with("date", "close it was taken at", rows.iter().map(|r| r.date).collect::<Vec<_>>())
            .with("end", "last day of the horizon", rows.iter().map(|r| r.end).collect::<Vec<_>>())
            .with(
                "probability_lead",
                LEAD,
                rows.iter().map(|r| r.probability_lead).collect::<Vec<_>>(),
            )
            .with(
                "climatology",
                "share of earlier horizons in which small companies led",
                rows.iter().map(|r| r.climatology).collect::<Vec<_>>(),
            )
            .with(
                "lead",
                "log lead of small companies over the horizon",
                rows.iter().map(|r| r.lead).collect::<Vec<_>>(),
            );
        for (i, rule) in Rule::ALL.into_iter().enumerate() {
            let chosen: Vec<bool> = rows.iter().map(|r| r.is_small[i]).collect();
            table = table.with(rule.name(), "whether this rule chose small companies", chosen);
        }
        table
    }

    fn model_table(&self) -> Table {
        let rows = &self.models;
        Lines::new("model", rows)
            .with("date", "close it was fitted at", |r| r.date)
            .with("regime", "number of the regime, the lowest mean first", |r| r.regime as i64)
            .with("mean", "mean daily change of the log ratio", |r| r.mean)
            .with("deviation", "daily standard deviation", |r| r.deviation)
            .with("stay", "probability of staying another day", |r| r.stay)
            .with("expected_duration", "expected stay, trading days", |r| r.expected_duration)
            .with("half_life", "days after which half of the stays have ended", |r| r.half_life)
            .with("long_run", "share of time spent in it in the long run", |r| r.long_run)
            .with("is_converged", "whether the search ended because it stood still", |r| {
                r.is_converged
            })
            .done()
    }

    fn break_table(&self) -> Table {
        let rows = &self.breaks;
        Lines::new("break", rows)
            .with("date", "last day before the break; in sample", |r| r.date)
            .with("low", "lower end of the date's interval", |r| r.low)
            .with("high", "upper end of the date's interval", |r| r.high)
            .with("lead_before", "log lead of small companies a year, before", |r| r.lead_before)
            .with("lead_after", "log lead of small companies a year, after", |r| r.lead_after)
            .done()
    }

    fn break_count_table(&self) -> Table {
        let rows = &self.break_counts;
        Lines::new("break_count", rows)
            .with("n_breaks", "number of breaks", |r| r.n_breaks as i64)
            .with("rss", "sum of squares about the segments' means", |r| r.rss)
            .with("bic", "BIC; the smallest is best", |r| r.bic)
            .with("lwz", "LWZ; the smallest is best", |r| r.lwz)
            .with("next_sup_f", "sup F of one break more", |r| r.next_sup_f)
            .with("next_p_value", "probability of a greater one without a further break", |r| {
                r.next_p_value
            })
            .with("critical", "critical value at 5 %, Bai and Perron (2003)", |r| r.critical)
            .with("is_chosen", "whether this is the number kept", |r| r.is_chosen)
            .done()
    }

    fn cusum_test_table(&self) -> Table {
        let rows = &self.cusum_tests;
        Lines::new("cusum_test", rows)
            .with("test", "ols or recursive; in sample", |r| r.test.clone())
            .with("statistic", "greatest distance from zero", |r| r.statistic)
            .with("p_value", "probability of a greater one without a change", |r| r.p_value)
            .with("peak_on", "day on which it stands", |r| r.date)
            .done()
    }

    fn cusum_table(&self) -> Table {
        let rows: Vec<&CusumDay> =
            self.cusum.iter().filter(|day| self.config.tells(day.date)).collect();
        Lines::new("cusum", &rows)
            .with("date", "exchange day; in sample", |r| r.date)
            .with("ols", "cumulated residuals; 5 % beyond 1.358", |r| r.ols)
            .with("recursive", "cumulated surprises over their boundary; 5 % beyond 0.948", |r| {
                r.recursive
            })
            .done()
    }
}

const SMALL: &str = "filtered probability of the small-cap regime";
const LEAD: &str = "probability that small companies lead over the horizon";
const EXPECTED: &str = "expected log lead of small companies over the horizon";
