//! What the figures of a record mean.

use shoals_core::{Convention, Text};

use super::{RecordConfig, SharpeError};

/// The record's convention lines, by name.
pub fn record_convention(config: &RecordConfig) -> Convention {
    let lines = [
        (
            "record_return",
            Text::new(
                "收益按日期计：一年的收益是当年最后一个净值除以此前最后一个净值再减一；跨年的净值区间归后一日所在的年、季、月、周",
                "returns go by dates: a year's is its last value over the last one before it, less one; a period belongs to the \
                 year, quarter, month and week of its later day",
            ),
        ),
        (
            "record_annual",
            Text::new(
                "年化收益按日历天数（365.25 天），不足 350 天不年化；波动等风险按基金自身频率年化（日 242、周 52、月 12，否则按实际个数）",
                "annualised returns by calendar days (365.25), none below 350 days; risk by the fund's own frequency (242 days, 52 \
                 weeks, 12 months, or as many values as there were)",
            ),
        ),
        (
            "record_excess",
            Text::new(
                "超额为几何超额 (1+基金)/(1+基准)−1，各年连乘即全期；excess_arithmetic 为两者之差；基准只按基金自身净值日计算",
                "excess is geometric, (1 + fund) / (1 + benchmark) - 1, so years multiply to the whole; excess_arithmetic is the \
                 difference; the benchmark is measured over the fund's own days",
            ),
        ),
        ("record_sharpe", sharpe_line(config)),
        ("record_tail", tail_line(config)),
        (
            "record_weeks",
            Text::new(
                "胜率与最差周按自然周复利（月度或不定期基金按其自身区间）；周在所问时段的边界处切开",
                "win rate and worst weeks by calendar weeks, compounded (by its own periods for a fund that publishes more rarely); \
                 a week is cut where the stretch asked for begins or ends",
            ),
        ),
        (
            "record_crisis",
            Text::new(
                "危机时段取所列指数的高点收盘至低点收盘；基金取当日或之前最近的净值（净值晚开始不超过一周的，自首个净值起）；不能覆盖的时段不列",
                "episodes run from the highest to the lowest close of the index named in the method page; the fund's last values on \
                 or before (its first, if its record opens within a week after the top); an episode it did not live through is left \
                 out",
            ),
        ),
        (
            "record_trials",
            Text::new(
                "缩水夏普（DSR）：试验数为文件中有夏普的基金数，方差为其年化夏普的样本方差；基金并非相互独立，缩水偏严",
                "deflated Sharpe ratio: trials are the funds with a ratio in the file, variance that of their annualised ratios; \
                 funds are not independent, so it deflates rather too much",
            ),
        ),
    ];
    lines.into_iter().map(|(key, line)| (key.to_owned(), line)).collect()
}

fn sharpe_line(config: &RecordConfig) -> Text {
    let confidence = percent(config.confidence);
    let (zh, en) = match config.sharpe_error {
        SharpeError::Iid => ("独立正态（Lo 2002）", "independent normal returns (Lo 2002)"),
        SharpeError::Mertens => {
            ("独立、任意分布（Mertens 2002）", "independent returns of any shape (Mertens 2002)")
        }
        SharpeError::Hac => (
            "允许自相关与任意分布（Newey-West）",
            "dependent returns of any shape (Newey-West weights)",
        ),
    };
    let (lag_zh, lag_en) = match config.lag {
        Some(lag) => (format!("{lag} 阶"), format!("{lag} lags")),
        None => ("阶数按 4(n/100)^(2/9)".to_owned(), "4 (n / 100)^(2/9) lags".to_owned()),
    };
    let (cash, asked) = (percent(config.risk_free_rate), config.sharpe_benchmark);
    Text::new(
        format!(
            "夏普为算术、减现金（无利率序列时年 {cash}）；{confidence} 区间的误差：{zh}，{lag_zh}；概率与最短业绩期相对年夏普 {asked}"
        ),
        format!(
            "Sharpe is arithmetic, above cash ({cash} a year where there is no series of rates); its {confidence} band by the \
             error for {en}, {lag_en}; probability and minimum track record against a yearly ratio of {asked}"
        ),
    )
}

fn tail_line(config: &RecordConfig) -> Text {
    let (tail, least) = (percent(config.tail_probability), config.min_observations);
    Text::new(
        format!("尾部为最差的 {tail}，历史法；不足 {least} 个区间不报风险指标"),
        format!(
            "the tail is the worst {tail}, historical; no risk is told of fewer than {least} periods"
        ),
    )
}

fn percent(share: f64) -> String {
    format!("{} %", (share * 1e6).round() / 1e4)
}
