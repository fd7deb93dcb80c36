//! The style of many funds as tables, and what the numbers mean.

use shoals_core::{Convention, Lines, Table, Text};

use super::StyleConfig;
use super::part::{Exposure, StyleBreak, StylePart, StyleWindow};
use super::similarity::SimilarityPart;

/// `exposure`, `style`, `fit`, `walking` and `style_break` of all funds, in their order.
pub fn tables(parts: &[StylePart]) -> Vec<Table> {
    let with_fund = |of: fn(&StylePart) -> &[Exposure]| -> Vec<(&str, &Exposure)> {
        parts.iter().flat_map(|part| of(part).iter().map(|row| (part.fund.as_str(), row))).collect()
    };
    let exposures = |name: &str, rows: &[(&str, &Exposure)]| {
        Lines::new(name, rows)
            .with("fund", "fund", |row| row.0.to_owned())
            .with("date", "last day it knows", |row| row.1.date)
            .with("factor", "factor or group of factors", |row| row.1.factor.to_owned())
            .with("weight", "fraction of net assets, negative is short", |row| row.1.weight)
            .with("low", "lower end of its band", |row| row.1.low)
            .with("high", "upper end", |row| row.1.high)
            .done()
    };
    vec![
        exposures("exposure", &with_fund(|part| &part.exposures)),
        exposures("style", &with_fund(|part| &part.rolling)),
        fit(parts),
        walking(parts),
        breaks(parts),
    ]
}

fn fit(parts: &[StylePart]) -> Table {
    let rows: Vec<(&str, &StyleWindow)> =
        parts.iter().flat_map(|p| p.windows.iter().map(|row| (p.fund.as_str(), row))).collect();
    Lines::new("fit", &rows)
        .with("fund", "fund", |row| row.0.to_owned())
        .with("from", "first day of the window", |row| row.1.from)
        .with("to", "last day", |row| row.1.to)
        .with("is_whole", "the whole record", |row| row.1.is_whole)
        .with("n", "periods", |row| row.1.n as i64)
        .with("r2", "share of the variance explained", |row| row.1.r_squared)
        .with("residual_volatility", "of what is left, annualised", |row| row.1.residual_volatility)
        .with("selection", "mean of what is left, annualised", |row| row.1.selection)
        .done()
}

fn walking(parts: &[StylePart]) -> Table {
    let rows: Vec<(&str, &Exposure)> =
        parts.iter().flat_map(|p| p.walking.iter().map(|row| (p.fund.as_str(), row))).collect();
    Lines::new("walking", &rows)
        .with("fund", "fund", |row| row.0.to_owned())
        .with("date", "day", |row| row.1.date)
        .with("factor", "net_equity, small_cap beyond it, short_volatility", |row| {
            row.1.factor.to_owned()
        })
        .with("weight", "filtered, fraction of net assets", |row| row.1.weight)
        .with("low", "lower end of its band", |row| row.1.low)
        .with("high", "upper end", |row| row.1.high)
        .done()
}

fn breaks(parts: &[StylePart]) -> Table {
    let rows: Vec<(&str, &StyleBreak)> =
        parts.iter().flat_map(|p| p.breaks.iter().map(|row| (p.fund.as_str(), row))).collect();
    Lines::new("style_break", &rows)
        .with("fund", "fund", |row| row.0.to_owned())
        .with("factor", "net_equity, small_cap beyond it, short_volatility", |row| {
            row.1.factor.to_owned()
        })
        .with("date", "first day of the new exposure", |row| row.1.date)
        .with("low", "lower end of that day's band", |row| row.1.low)
        .with("high", "upper end", |row| row.1.high)
        .with("before", "exposure before", |row| row.1.before)
        .with("after", "exposure after", |row| row.1.after)
        .with("sup_f", "greatest F", |row| row.1.sup_f)
        .with("p_value", "if nothing changed, Holm over a fund's exposures", |row| row.1.p_value)
        .with("is_proven", "below the tail probability", |row| row.1.is_proven)
        .done()
}

impl SimilarityPart {
    /// `similarity` of all pairs.
    pub fn table(&self) -> Table {
        Lines::new("similarity", &self.pairs)
            .with("fund", "fund", |row| row.fund.clone())
            .with("other", "another fund, or dma_proxy", |row| row.other.clone())
            .with("correlation", "of returns without the large index", |row| row.correlation)
            .with("n", "common periods", |row| row.n as i64)
            .with("low", "lower end of its band", |row| row.low)
            .with("high", "upper end", |row| row.high)
            .with("cluster", "number of the cluster both are in, 0 none", |row| row.cluster as i64)
            .done()
    }
}

/// What the style's numbers mean.
pub fn convention(config: &StyleConfig) -> Convention {
    let StyleConfig { max_leverage, max_short_volatility, straddle_days, cash_rate, .. } = config;
    let StyleConfig { window_days, window_weeks, window_months, clone_correlation, .. } = config;
    let (leverage, financing) = (config.proxy_leverage, 100.0 * config.financing_rate);
    let (band, cash) = (100.0 * (1.0 - config.tail_probability), 100.0 * cash_rate);
    let line = |key: &str, zh: String, en: String| (key.to_owned(), Text::new(zh, en));
    Convention::from([
        line(
            "style",
            format!(
                "Sharpe (1992)：使收益减因子组合的方差最小；股票各段、债券与现金合计为 1，各段在 0 至 {max_leverage} 之间；\
                 对冲空头与卖出跨式不占资金，对冲在 0 至 {max_leverage}，跨式在 ±{max_short_volatility}；\
                 跨式为 {straddle_days} 天平值、每日对冲 delta；没有利率序列时现金为年化 {cash} %"
            ),
            format!(
                "Sharpe (1992): least variance of the return less the factors' mix; segments, bonds and cash sum to 1, \
                 segments between 0 and {max_leverage}; the short hedge (0 to {max_leverage}) and sold straddles (±{max_short_volatility}) \
                 take no money; straddles of {straddle_days} days at the money, delta-hedged daily; without a rate series \
                 cash earns {cash} % a year"
            ),
        ),
        line(
            "style_band",
            format!(
                "{band} %，Lobosco-DiBartolomeo (1997) 标准误：同一合计、无上下限的回归误差，截于上下限之内；\
                 相近的因子（微盘与中证2000）单独的区间很宽，合计较窄，故另列 small_cap"
            ),
            format!(
                "{band} %, errors of Lobosco and DiBartolomeo (1997): those of the regression with the same sum and no range, \
                 cut at the range; factors that move alike (micro caps and CSI 2000) have wide bands each and a narrower one \
                 together, told as small_cap"
            ),
        ),
        line(
            "style_window",
            format!(
                "滚动 {window_days} 个日度、{window_weeks} 个周度或 {window_months} 个月度区间，只用窗内数据；walking 为卡尔曼滤波，\
                 无上下限，游走快慢由到当日为止的全部记录估计"
            ),
            format!(
                "rolling {window_days} daily, {window_weeks} weekly or {window_months} monthly periods, nothing after a window's end; \
                 walking is a Kalman filter without ranges, how fast it walks estimated from the record as given"
            ),
        ),
        line(
            "style_break",
            "把记录分成至多 60 段（每段不少于 8 期），逐段回归得大盘、小微盘超额与卖出跨式的敞口，在其均值中找单一断点\
             （sup-F）；p 值按每只基金的检验数以 Holm 调整；不足 20 段则不答"
                .to_owned(),
            "the record in at most 60 stretches of 8 periods or more, exposures to the large segment, to small caps beyond it \
             and to straddles by regression in each, one break in their mean (sup F); p-values \
             adjusted by Holm for the exposures of a fund; not asked of fewer than 20 stretches"
                .to_owned(),
        ),
        line(
            "similarity",
            format!(
                "回归剔除大盘指数后的收益相关系数，Fisher {band} % 区间；下限高于 {clone_correlation} 者相连成簇；\
                 dma_proxy 为 {leverage} 倍多微盘、空期货、融资成本年化 {financing} %"
            ),
            format!(
                "correlation of returns with the large index regressed out, Fisher's {band} % band; funds whose lower end is above \
                 {clone_correlation} are linked into clusters; dma_proxy is {leverage} times long micro caps and short futures, \
                 financed at {financing} % a year"
            ),
        ),
    ])
}
