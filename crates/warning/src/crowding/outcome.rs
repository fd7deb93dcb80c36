//! What the crowding analysis returns.

use serde::Serialize;
use shoals_core::{Convention, Lines, Outcome, Table, Text};

use super::{CrowdingConfig, CrowdingDay, Evidence, MeasureDay, Moved};

/// How crowded the smallest companies are, measure by measure, what moved it, and what it foretold.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CrowdingOutcome {
    /// Settings it was made under.
    pub config: CrowdingConfig,
    /// Whether the portfolios of the absorption ratio are industries; else size groups.
    pub are_industries: bool,
    /// The composite, one row a day.
    pub days: Vec<CrowdingDay>,
    /// Every measure of every day; in the table `measure`.
    #[serde(skip)]
    pub measures: Vec<MeasureDay>,
    /// What moved the composite between two days.
    pub moved: Vec<Moved>,
    /// What small less large returned after crowded days.
    pub evidence: Vec<Evidence>,
}

impl Outcome for CrowdingOutcome {
    const NAME: &'static str = "crowding";

    fn tables(&self) -> Vec<Table> {
        vec![
            day_table(&self.days),
            measure_table(&self.measures),
            moved_table(&self.moved),
            evidence_table(&self.evidence),
        ]
    }

    fn convention(&self) -> Convention {
        let lines = self.trading().into_iter().chain(self.portfolios());
        lines.map(|(key, line)| (key.to_owned(), line)).collect()
    }
}

impl CrowdingOutcome {
    /// What members, composite and correlations are.
    fn trading(&self) -> Vec<(&'static str, Text)> {
        let config = &self.config;
        let (names, days, weeks) = (config.n_names, config.yardstick_days, config.momentum_weeks);
        let (pairs, least) = (config.correlation_days, config.min_measures);
        vec![
            (
                "members",
                Text::new(
                    format!(
                        "前一日收盘时市值最小的 {names} 只可选股票，等权；「其余」是其他可选股票"
                    ),
                    format!(
                        "the {names} smallest eligible stocks of the close before, equally weighted; the others are \
                         all other eligible stocks"
                    ),
                ),
            ),
            (
                "composite",
                Text::new(
                    format!(
                        "各指标拥挤度（对此前 {days} 个交易日的百分位，不含当日）的均值，至少 {least} 项；估值差反向计"
                    ),
                    format!(
                        "mean crowding of the measures (percentile among the {days} trading days before, the day itself \
                         not among them), at least {least} of them; the valuation spread counts in reverse"
                    ),
                ),
            ),
            (
                "pairwise_correlation",
                Text::new(
                    format!("{pairs} 天日收益的两两相关均值"),
                    format!("daily returns of {pairs} days"),
                ),
            ),
            (
                "co_momentum",
                Text::new(
                    format!(
                        "{weeks} 周的周收益，去掉市场、规模、价值（取自最小股票之外）后两两相关的均值；每周末更新"
                    ),
                    format!(
                        "weekly returns of {weeks} weeks net of market, size and value, these made of the stocks outside \
                         the smallest; renewed at a week's end"
                    ),
                ),
            ),
        ]
    }

    /// What the other measures and the evidence are.
    fn portfolios(&self) -> Vec<(&'static str, Text)> {
        let (year, quarter) = (self.config.run_up_days, self.config.volatility_days);
        vec![
            ("absorption", self.absorption()),
            (
                "absorption_shift",
                Text::new(
                    "近三周均值减一年均值，以一年的标准差计；不进入合成指标",
                    "mean of three weeks less that of the year, in deviations of the year; not in the composite",
                ),
            ),
            (
                "valuation_spread",
                Text::new(
                    "账面市值比对数的中位数：最小股票减其余；越低越拥挤",
                    "median log book-to-price, the smallest less the others; the lower, the more crowded",
                ),
            ),
            (
                "residual_volatility",
                Text::new(
                    format!("小减其余的日收益对市场回归的残差，{quarter} 天，按 242 天年化"),
                    format!(
                        "what the market leaves of small less the others over {quarter} days, annualised by 242 days"
                    ),
                ),
            ),
            (
                "run_up",
                Text::new(
                    format!("小减其余在 {year} 天的对数收益之和"),
                    format!("sum of the log returns of small less the others over {year} days"),
                ),
            ),
            (
                "financing_share",
                Text::new(
                    "融资余额（至多 31 天前）÷ 全部股票总市值",
                    "financing balance, at most 31 days old, over the capitalisation of all stocks",
                ),
            ),
            (
                "fund_overlap",
                Text::new(
                    "基金两两持仓的余弦，权重除以 20 天日均成交额的平方根；均值",
                    "cosine of every two funds' weights over the root of the mean amount of 20 days; mean",
                ),
            ),
            (
                "evidence",
                Text::new(
                    "其后小减其余的收益对合成指标的斜率（每 0.1）；Newey-West，滞后覆盖重叠",
                    "slope of what small less the others returned next on the composite, per tenth; Newey-West, lags \
                     over the overlap",
                ),
            ),
        ]
    }

    fn absorption(&self) -> Text {
        let (days, half) = (self.config.absorption_days, self.config.absorption_half_life);
        let of = if self.are_industries {
            Text::new("行业组合", "industry portfolios")
        } else {
            Text::new("20 个规模组合", "20 size portfolios")
        };
        Text::new(
            format!(
                "全部可选股票的{}，{days} 天，半衰期 {half}，前五分之一特征向量；每周末更新",
                of.zh
            ),
            format!(
                "{} of all eligible stocks over {days} days, half-life {half}, a fifth of the eigenvectors; renewed at \
                 a week's end",
                of.en
            ),
        )
    }
}

fn day_table(rows: &[CrowdingDay]) -> Table {
    Lines::new("day", rows)
        .with("date", "day at whose close it was known", |r| r.date)
        .with("composite", "mean crowding of the measures, 0 to 1", |r| r.composite)
        .with("percentile", "share of the yardstick's days on which it was smaller", |r| {
            r.percentile
        })
        .with("n_measures", "measures it is made of", |r| r.n_measures as i64)
        .done()
}

/// Measures that are not known on a day have no line.
fn measure_table(rows: &[MeasureDay]) -> Table {
    let rows: Vec<MeasureDay> = rows.iter().filter(|row| !row.level.is_nan()).copied().collect();
    Lines::new("measure", &rows)
        .with("date", "day at whose close it was known", |r| r.date)
        .with("measure", "name of the measure", |r| r.measure.name().to_owned())
        .with("reading", "in the measure's own unit", |r| r.level)
        .with("percentile", "share of the yardstick's days below", |r| r.percentile)
        .with("crowding", "how crowded that is, 0 to 1", |r| r.crowding)
        .with("contribution", "part of the composite; adds up to it", |r| r.contribution)
        .done()
}

fn moved_table(rows: &[Moved]) -> Table {
    Lines::new("moved", rows)
        .with("from", "earlier day", |r| r.from)
        .with("to", "later day", |r| r.to)
        .with("measure", "name of the measure, or composite", |r| r.measure.to_owned())
        .with("reading_from", "reading on the earlier day", |r| r.level_from)
        .with("reading_to", "reading on the later day", |r| r.level_to)
        .with("crowding_from", "crowding on the earlier day, 0 to 1", |r| r.crowding_from)
        .with("crowding_to", "crowding on the later day", |r| r.crowding_to)
        .with("contribution", "change of its part; adds up to the composite's", |r| r.contribution)
        .done()
}

fn evidence_table(rows: &[Evidence]) -> Table {
    Lines::new("evidence", rows)
        .with("horizon", "trading days after the day", |r| r.horizon as i64)
        .with("n_days", "days judged", |r| r.n_days as i64)
        .with("n_independent", "stretches that do not overlap", |r| r.n_independent as i64)
        .with("rank_correlation", "of the composite and what followed", |r| r.rank_correlation)
        .with("slope", "return that followed for a composite higher by a tenth", |r| r.slope)
        .with("standard_error", "Newey-West error of the slope", |r| r.standard_error)
        .with("p_value", "two-sided", |r| r.p_value)
        .with("verdict", "what that is worth", |r| r.verdict.clone())
        .done()
}
