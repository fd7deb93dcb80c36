//! What the gauge returns.

use serde::Serialize;
use shoals_core::{Convention, Lines, Outcome, Table, Text, TradingDay};

use super::reading::Read;
use super::record::Record;
use super::{
    Component, ComponentReading, CurvePoint, Danger, GaugeConfig, GaugeDay, Group, Holding, Ratio,
    Skill, Warned,
};

/// The gauge day by day, what moved it, and its record.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GaugeOutcome {
    /// Settings it was made under.
    pub config: GaugeConfig,
    /// What it is made of: name, group and dangerous end.
    pub components: Vec<ComponentAbout>,
    /// Every day told about.
    pub days: Vec<GaugeDay>,
    /// Every component on every day told about; in the table `component`.
    #[serde(skip)]
    pub readings: Vec<ComponentReading>,
    /// How each score did, the gauge first.
    pub skills: Vec<Skill>,
    /// What leaving at alarms made.
    pub holdings: Vec<Holding>,
    /// Falls of the size warned of.
    pub warned: Vec<Warned>,
    /// Operating characteristics; in the table `curve`.
    #[serde(skip)]
    pub curve: Vec<CurvePoint>,
}

/// One component, without its values.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ComponentAbout {
    /// Stable name.
    pub name: String,
    /// What it is.
    #[serde(serialize_with = "Text::serialize_english")]
    pub label: Text,
    /// What it speaks of.
    pub group: Group,
    /// Its dangerous end.
    pub danger: Danger,
}

/// What the record proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// No day could be scored, or nothing happened on them.
    NothingToScore,
    /// The band of its area reaches 0.5, or turning the calendar does as well.
    NoSkill,
    /// It tells, but a naive rival tells as well.
    NoBetterThanRivals,
    /// It tells, and better than each rival.
    Skill,
}

impl Proof {
    /// The stable name used in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NothingToScore => "nothing_to_score",
            Self::NoSkill => "no_skill",
            Self::NoBetterThanRivals => "no_better_than_rivals",
            Self::Skill => "skill",
        }
    }
}

impl GaugeOutcome {
    /// The last day's gauge.
    pub fn now(&self) -> Option<&GaugeDay> {
        self.days.iter().rev().find(|day| !day.level.is_nan())
    }

    /// The components on one day, the largest push towards danger first.
    pub fn moved_by(&self, date: TradingDay) -> Vec<&ComponentReading> {
        let mut readings: Vec<_> =
            self.readings.iter().filter(|r| r.date == date && !r.danger.is_nan()).collect();
        readings.sort_by(|a, b| b.contribution.total_cmp(&a.contribution));
        readings
    }

    /// How one score did.
    pub fn skill(&self, scorer: &str) -> Option<&Skill> {
        self.skills.iter().find(|skill| skill.scorer == scorer)
    }

    /// What the record proves at the band's tail probability.
    pub fn proof(&self) -> Proof {
        let Some(gauge) = self.skill("gauge").filter(|skill| !skill.area.is_nan()) else {
            return Proof::NothingToScore;
        };
        if gauge.low <= 0.5 || gauge.p_value > self.config.tail_probability {
            return Proof::NoSkill;
        }
        let mut rivals = ["momentum", "volatility"].iter().filter_map(|name| self.skill(name));
        if rivals.all(|rival| rival.gauge_lead_low > 0.0) {
            Proof::Skill
        } else {
            Proof::NoBetterThanRivals
        }
    }
}

pub(super) fn assemble(
    config: &GaugeConfig,
    components: &[Component],
    ratio: &Ratio,
    read: &Read,
    ahead: &[f64],
    record: Record,
) -> GaugeOutcome {
    let told: Vec<usize> = (0..ratio.days.len())
        .filter(|&t| config.from.is_none_or(|from| ratio.days[t] >= from))
        .collect();
    let days = told.iter().map(|&t| GaugeDay {
        date: ratio.days[t],
        ratio: ratio.values[t],
        groups: std::array::from_fn(|group| read.groups[group][t]),
        composite: read.composite[t],
        level: read.level[t],
        is_alarm: read.level[t] >= config.alarm_percentile,
        worst_ahead: ahead[t],
    });
    let readings = told.iter().flat_map(|&t| {
        components.iter().enumerate().map(move |(k, component)| ComponentReading {
            date: ratio.days[t],
            component: component.name.clone(),
            group: component.group,
            value: read.components[k].0[t],
            danger: read.components[k].1[t],
            contribution: read.contributions[k][t],
        })
    });
    let about = |component: &Component| ComponentAbout {
        name: component.name.clone(),
        label: component.label.clone(),
        group: component.group,
        danger: component.danger,
    };
    GaugeOutcome {
        config: config.clone(),
        components: components.iter().map(about).collect(),
        days: days.collect(),
        readings: readings.collect(),
        skills: record.skills,
        holdings: record.holdings,
        warned: record.warned,
        curve: record.curve,
    }
}

impl Outcome for GaugeOutcome {
    const NAME: &'static str = "gauge";

    fn tables(&self) -> Vec<Table> {
        vec![
            self.day_table(),
            self.component_table(),
            self.skill_table(),
            self.fall_table(),
            self.holding_table(),
            self.curve_table(),
            self.setting_table(),
        ]
    }

    fn convention(&self) -> Convention {
        let c = &self.config;
        let (n, least, stale) = (c.percentile_days, c.min_days, c.stale_days);
        let (alarm, fall) = (100.0 * c.alarm_percentile, 100.0 * c.drawdown);
        let (horizon, band) = (c.horizon_days, 100.0 * (1.0 - c.tail_probability));
        let (draws, block, seed) = (c.replications, c.block_days, c.seed.0);
        let cost = 100.0 * c.switch_cost;
        let lines = [
            (
                "danger",
                Text::new(
                    format!(
                        "各指标在其之前 {n} 天（至少 {least} 天有值）中的分位，转为越高越危险；旧于 {stale} 天不计"
                    ),
                    format!(
                        "percentile of each component in the {n} days before it (at least {least} with a value), turned so that high is danger; left out when older than {stale} days"
                    ),
                ),
            ),
            (
                "composite",
                Text::new(
                    "组内等权、组间等权；没有任何权重或阈值是拟合出来的",
                    "equal weights within a group and between groups; no weight or threshold is fitted",
                ),
            ),
            (
                "alarm",
                Text::new(
                    format!("综合值在其自身此前 {n} 天中不低于 {alarm:.0} % 分位"),
                    format!(
                        "the composite at or above the {alarm:.0} % percentile of its own {n} days before"
                    ),
                ),
            ),
            (
                "event",
                Text::new(
                    format!(
                        "此后 {horizon} 个交易日内 {}/{} 较当日跌去 {fall:.0} % 或更多",
                        c.small, c.large
                    ),
                    format!(
                        "{} over {} falls by {fall:.0} % or more from the day's close within {horizon} trading days",
                        c.small, c.large
                    ),
                ),
            ),
            (
                "area",
                Text::new(
                    "ROC 曲线下面积：事件日得分高于平静日的概率，0.5 为毫无信息",
                    "area under the operating characteristic: chance that an event day scored above a quiet one; 0.5 says nothing",
                ),
            ),
            (
                "band",
                Text::new(
                    format!(
                        "{band:.0} %，区块自助，{draws} 次，平均区块 {block:.0} 天，种子 {seed}；各得分取同样的日子"
                    ),
                    format!(
                        "{band:.0} %, block bootstrap, {draws} replications, mean block {block:.0} days, seed {seed}; the same days drawn for every score"
                    ),
                ),
            ),
            (
                "p_value",
                Text::new(
                    format!("把事件沿日历循环平移（不短于 {horizon} 天），面积不小于观测值的比例"),
                    format!(
                        "share of turns of what happened around the calendar ({horizon} days or longer) with an area as large"
                    ),
                ),
            ),
            (
                "holding",
                Text::new(
                    format!(
                        "多小盘空大盘，逐日再平衡；收盘警报于次日收盘执行；进出一次 {cost:.2} %；年化 242 天"
                    ),
                    format!(
                        "long small, short large, rebalanced daily; an alarm at a close is acted on at the next close; {cost:.2} % a switch; 242 days a year"
                    ),
                ),
            ),
            (
                "hindsight",
                Text::new(
                    "分位只用当日以前的数据；但选用哪些指标是在 2024 年 2 月之后决定的，此记录不能抵消这一点",
                    "percentiles use days before only; but which components to read was chosen after February 2024, and no record can undo that",
                ),
            ),
        ];
        lines.into_iter().map(|(key, line)| (key.to_owned(), line)).collect()
    }
}

impl GaugeOutcome {
    fn day_table(&self) -> Table {
        let rows = &self.days;
        let numbers = |of: &dyn Fn(&GaugeDay) -> f64| rows.iter().map(of).collect::<Vec<_>>();
        let mut table = Table::new("day")
            .with("date", "exchange day", rows.iter().map(|d| d.date).collect::<Vec<_>>())
            .with("level", "percentile of the composite in its own past", numbers(&|d| d.level))
            .with(
                "is_alarm",
                "an alarm stands",
                rows.iter().map(|d| d.is_alarm).collect::<Vec<_>>(),
            )
            .with("composite", "mean danger of the groups, 0 to 1", numbers(&|d| d.composite));
        for (k, group) in Group::ALL.iter().enumerate() {
            let about = "mean danger of the group's components, 0 to 1; NaN when silent";
            table = table.with(group.name(), about, numbers(&move |d| d.groups[k]));
        }
        table.with("small_over_large", "quotient of the closes", numbers(&|d| d.ratio)).with(
            "worst_ahead",
            "worst return of small over large within the horizon after the day; NaN while unknown",
            numbers(&|d| d.worst_ahead),
        )
    }

    fn component_table(&self) -> Table {
        let rows = &self.readings;
        Lines::new("component", rows)
            .with("date", "exchange day", |r| r.date)
            .with("component", "stable name", |r| r.component.clone())
            .with("group", "what it speaks of", |r| r.group.name().to_owned())
            .with("value", "in its own unit; NaN when too old", |r| r.value)
            .with("danger", "percentile in its own past, 1 is danger", |r| r.danger)
            .with("contribution", "what it adds to the composite above 0.5", |r| r.contribution)
            .done()
    }

    fn skill_table(&self) -> Table {
        let rows = &self.skills;
        Lines::new("skill", rows)
            .with("scorer", "the gauge, a group of it, or a rival", |r| r.scorer.clone())
            .with("days", "days scored whose horizon is over", |r| r.days as i64)
            .with("event_days", "of them before a fall", |r| r.event_days as i64)
            .with("area", "chance an event day scored above a quiet one", |r| r.area)
            .with("area_low", "lower end of its band", |r| r.low)
            .with("area_high", "upper end", |r| r.high)
            .with("p_value", "by turning the calendar", |r| r.p_value)
            .with("gauge_lead", "the gauge's area minus this one", |r| r.gauge_lead)
            .with("gauge_lead_low", "lower end of its band", |r| r.gauge_lead_low)
            .with("gauge_lead_high", "upper end", |r| r.gauge_lead_high)
            .with("alarm_share", "share of days with an alarm", |r| r.alarm_share)
            .with("hit_rate", "share of event days with an alarm", |r| r.hit_rate)
            .with("false_alarm_rate", "share of quiet days with an alarm", |r| r.false_alarm_rate)
            .with("precision", "share of alarm days before a fall", |r| r.precision)
            .with("alarms", "runs of alarm days", |r| r.alarms as i64)
            .with("false_alarms", "of them without a fall", |r| r.false_alarms as i64)
            .with("falls", "falls of the size warned of", |r| r.falls as i64)
            .with("falls_warned", "of them after an alarm", |r| r.falls_warned as i64)
            .with("median_lead_days", "trading days from first alarm to breach", |r| {
                r.median_lead_days
            })
            .done()
    }

    fn fall_table(&self) -> Table {
        let rows = &self.warned;
        Lines::new("fall", rows)
            .with("peak", "highest close before it", |r| r.fall.peak)
            .with("breach", "day the fall had the size warned of", |r| r.fall.breach)
            .with("trough", "lowest close", |r| r.fall.trough)
            .with("depth", "peak to trough, a negative decimal", |r| r.fall.depth)
            .with("level_at_peak", "the gauge on the day of the peak", |r| r.level_at_peak)
            .with("alarm_share", "share of the horizon before the breach with an alarm", |r| {
                r.alarm_share
            })
            .with(
                "lead_days",
                "trading days from the first alarm to the breach; NaN for none",
                |r| r.lead_days,
            )
            .done()
    }

    fn holding_table(&self) -> Table {
        let rows = &self.holdings;
        Lines::new("holding", rows)
            .with("scorer", "whose alarms one left at", |r| r.scorer.clone())
            .with("days", "days", |r| r.days as i64)
            .with("annual_return", "decimal a year, after costs", |r| r.annual_return)
            .with("volatility", "decimal a year", |r| r.volatility)
            .with("max_drawdown", "a negative decimal", |r| r.max_drawdown)
            .with("held_share", "share of days held", |r| r.held_share)
            .with("switches", "times left or entered", |r| r.switches as i64)
            .done()
    }

    /// What an alarm and a fall mean, and what the record proves: one row.
    fn setting_table(&self) -> Table {
        let c = &self.config;
        Table::new("setting")
            .with("proof", "what the record proves", vec![self.proof().name().to_owned()])
            .with(
                "alarm_percentile",
                "an alarm stands at this level and above",
                vec![c.alarm_percentile],
            )
            .with("drawdown", "the fall warned of, decimal", vec![c.drawdown])
            .with("horizon_days", "trading days a warning speaks of", vec![c.horizon_days as i64])
    }

    fn curve_table(&self) -> Table {
        let rows = &self.curve;
        Lines::new("curve", rows)
            .with("scorer", "whose", |r| r.scorer.clone())
            .with("threshold", "an alarm at this score and above", |r| r.point.threshold)
            .with("hit_rate", "share of event days", |r| r.point.hit_rate)
            .with("false_alarm_rate", "share of quiet days", |r| r.point.false_alarm_rate)
            .done()
    }
}
