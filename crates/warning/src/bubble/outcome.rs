//! What the bubble tests return.

use serde::Serialize;
use shoals_core::{Convention, Lines, Outcome, Table, Text};
use shoals_stats::explosive::Lag;

use super::{
    BubbleConfig, BubbleDay, BubbleEpisode, Extremity, NullKind, PowerLaw, PowerLawChance,
    PowerLawConfig, Statistics, Tail,
};

/// The tested ratios.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BubbleOutcome {
    /// Settings it was made under.
    pub config: BubbleConfig,
    /// The ratios, in the order given.
    pub ratios: Vec<RatioOutcome>,
}

/// One ratio.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RatioOutcome {
    /// Stable name, as `micro_all`.
    pub ratio: String,
    /// Index above the line.
    pub above: String,
    /// Index below the line.
    pub below: String,
    /// The sample's statistics, one a kind of market without a bubble.
    pub statistics: Vec<Statistics>,
    /// Every day with a window behind it.
    pub days: Vec<BubbleDay>,
    /// Explosive episodes under each rule.
    pub episodes: Vec<BubbleEpisode>,
    /// Every day with a lead.
    pub extremity: Vec<Extremity>,
    /// Tail of the daily changes, whole sample.
    pub tail: Option<Tail>,
    /// Confidence of the log-periodic power law; empty where it was not asked.
    pub power_law: PowerLaw,
}

impl RatioOutcome {
    /// What the tests say, in a sentence; the wild bootstrap decides, as it knows quiet from stormy times.
    pub fn verdict(&self, probability: f64) -> Text {
        let Some(wild) = self.statistics.iter().find(|s| s.null == NullKind::WildBootstrap) else {
            return Text::same("");
        };
        let (above, below) = (&self.above, &self.below);
        let (t, critical, p) = (wild.gsadf, wild.gsadf_critical, wild.gsadf_p_value);
        let percent = 100.0 * probability;
        if t > critical {
            Text::new(
                format!(
                    "{above}/{below}：GSADF {t:.2} 超过 {percent:.0} % 临界值 {critical:.2}（野自助，p = {p:.3}），比价曾爆炸式变动"
                ),
                format!(
                    "{above} over {below}: GSADF {t:.2} is above its {percent:.0} % critical value {critical:.2} (wild \
                     bootstrap, p = {p:.3}): the ratio was explosive at times"
                ),
            )
        } else {
            Text::new(
                format!(
                    "{above}/{below}：GSADF {t:.2} 未超过 {percent:.0} % 临界值 {critical:.2}（野自助，p = {p:.3}），没有泡沫的证据"
                ),
                format!(
                    "{above} over {below}: GSADF {t:.2} is not above its {percent:.0} % critical value {critical:.2} (wild \
                     bootstrap, p = {p:.3}): no evidence of a bubble"
                ),
            )
        }
    }
}

impl Outcome for BubbleOutcome {
    const NAME: &'static str = "bubble";

    fn tables(&self) -> Vec<Table> {
        vec![
            self.statistic_table(),
            self.episode_table(),
            self.day_table(),
            self.extremity_table(),
            self.tail_table(),
            self.power_law_table(),
            self.power_law_chance_table(),
        ]
    }

    fn convention(&self) -> Convention {
        let config = &self.config;
        let (n, seed, percent) = (config.repetitions, config.seed.0, 100.0 * config.probability);
        let lag = match config.lag {
            Lag::Fixed(lags) => {
                Text::new(format!("固定 {lags} 阶滞后"), format!("{lags} lagged changes"))
            }
            Lag::Bic(most) => Text::new(
                format!("各窗口以 BIC 选 0 至 {most} 阶"),
                format!("0 to {most} lagged changes, by BIC in each window"),
            ),
        };
        let mut lines = vec![
            (
                "statistic".to_owned(),
                Text::new(
                    format!("对数比价上带常数项的 ADF t 值的右尾上确界；{}", lag.zh),
                    format!(
                        "greatest t-ratio of the log ratio's level, with a constant; {}",
                        lag.en
                    ),
                ),
            ),
            (
                "critical".to_owned(),
                Text::new(
                    format!("{percent:.0} %，每类 {n} 次模拟，种子 {seed}；随机游走无漂移"),
                    format!(
                        "{percent:.0} %, {n} simulated series a kind, seed {seed}; random walks without drift"
                    ),
                ),
            ),
            (
                "pointwise".to_owned(),
                Text::new("逐日单独成立，当日可知", "each day alone; known on the day"),
            ),
            (
                "family_wise".to_owned(),
                Text::new(
                    "全部日子一起成立；用到全样本长度，属样本内",
                    "all days together; it is the whole sample's, so in sample",
                ),
            ),
            (
                "percentile".to_owned(),
                Text::new("只与当日及以前的日子相比", "among this day and the days before it only"),
            ),
        ];
        if let Some(power_law) = &config.power_law {
            lines.push(("power_law".to_owned(), power_law_convention(power_law)));
        }
        let verdicts = self
            .ratios
            .iter()
            .map(|ratio| (format!("verdict {}", ratio.ratio), ratio.verdict(config.probability)));
        lines.extend(verdicts);
        lines.extend(self.ratios.iter().flat_map(|ratio| {
            let line = |chance| {
                let PowerLawChance { series, .. } = chance;
                let key = format!("verdict power_law {} {}", ratio.ratio, series.name());
                (key, power_law_verdict(&chance))
            };
            ratio.power_law.chance.iter().copied().map(line).collect::<Vec<_>>()
        }));
        lines.into_iter().collect()
    }
}

impl BubbleOutcome {
    /// Every row of one kind, each with its ratio.
    fn rows<T>(&self, of: impl Fn(&RatioOutcome) -> &[T]) -> Vec<(&RatioOutcome, &T)> {
        self.ratios.iter().flat_map(|ratio| of(ratio).iter().map(move |row| (ratio, row))).collect()
    }

    fn statistic_table(&self) -> Table {
        let rows = self.rows(|ratio| &ratio.statistics);
        Lines::new("statistic", &rows)
            .with("ratio", RATIO, |(r, _)| r.ratio.clone())
            .with("above", "index above the line", |(r, _)| r.above.clone())
            .with("below", "index below the line", |(r, _)| r.below.clone())
            .with("null", NULL, |(_, s)| s.null.name().to_owned())
            .with("gsadf", "greatest t-ratio over all windows", |(_, s)| s.gsadf)
            .with("gsadf_critical", "its critical value", |(_, s)| s.gsadf_critical)
            .with("gsadf_p_value", "chance without a bubble", |(_, s)| s.gsadf_p_value)
            .with("sadf", "greatest t-ratio over windows from the first day", |(_, s)| s.sadf)
            .with("sadf_critical", "its critical value", |(_, s)| s.sadf_critical)
            .with("sadf_p_value", "chance without a bubble", |(_, s)| s.sadf_p_value)
            .with("n_days", "days of the sample", |(_, s)| s.n_days as i64)
            .with("min_window", "days of the shortest window", |(_, s)| s.min_window as i64)
            .with("min_duration", "days an episode lasts at least", |(_, s)| s.min_duration as i64)
            .done()
    }

    fn episode_table(&self) -> Table {
        let rows = self.rows(|ratio| &ratio.episodes);
        Lines::new("episode", &rows)
            .with("ratio", RATIO, |(r, _)| r.ratio.clone())
            .with("null", NULL, |(_, e)| e.null.name().to_owned())
            .with("is_family_wise", "critical value of all days together (in sample)", |(_, e)| {
                e.is_family_wise
            })
            .with("start", "first day above", |(_, e)| e.start)
            .with("peak", "day of the greatest BSADF", |(_, e)| e.peak)
            .with("end", "last day above", |(_, e)| e.end)
            .with("days", "trading days", |(_, e)| e.days as i64)
            .with("known_on", "day it had lasted long enough", |(_, e)| e.known_on)
            .with("is_open", "whether the sample ends inside it", |(_, e)| e.is_open)
            .with("bsadf", "greatest BSADF", |(_, e)| e.bsadf)
            .with("change", "change of the ratio from start to peak, decimal", |(_, e)| e.change)
            .done()
    }

    fn day_table(&self) -> Table {
        let rows = self.rows(|ratio| &ratio.days);
        Lines::new("bsadf", &rows)
            .with("ratio", RATIO, |(r, _)| r.ratio.clone())
            .with("date", "exchange day", |(_, d)| d.date)
            .with("log_relative", "log of the ratio", |(_, d)| d.log_ratio)
            .with("bsadf", "greatest t-ratio over windows that end on the day", |(_, d)| d.bsadf)
            .with("critical", "pointwise critical value, random walks", |(_, d)| d.critical)
            .with("wild_critical", "pointwise critical value, wild bootstrap", |(_, d)| {
                d.wild_critical
            })
            .done()
    }

    fn extremity_table(&self) -> Table {
        let rows = self.rows(|ratio| &ratio.extremity);
        Lines::new("extremity", &rows)
            .with("ratio", RATIO, |(r, _)| r.ratio.clone())
            .with("date", "exchange day", |(_, d)| d.date)
            .with("excess", "change of the ratio over the trailing window, decimal", |(_, d)| {
                d.excess
            })
            .with("percentile", "share of days so far with a smaller one", |(_, d)| d.percentile)
            .with("distance", "ratio over its moving average less 1, decimal", |(_, d)| d.distance)
            .done()
    }

    fn tail_table(&self) -> Table {
        let rows: Vec<(&RatioOutcome, Tail)> =
            self.ratios.iter().filter_map(|r| r.tail.map(|tail| (r, tail))).collect();
        Lines::new("tail", &rows)
            .with("ratio", RATIO, |(r, _)| r.ratio.clone())
            .with("exponent", "Hill's exponent of the daily falls, in sample", |(_, t)| t.exponent)
            .with("error", "its standard error", |(_, t)| t.error)
            .with("n_tail", "falls it is estimated from", |(_, t)| t.n_tail as i64)
            .with("threshold", "least of them, log", |(_, t)| t.threshold)
            .done()
    }
}

impl BubbleOutcome {
    fn power_law_table(&self) -> Table {
        let rows = self.rows(|ratio| &ratio.power_law.days);
        Lines::new("power_law", &rows)
            .with("ratio", RATIO, |(r, _)| r.ratio.clone())
            .with("series", SERIES, |(_, d)| d.series.name().to_owned())
            .with("date", "exchange day", |(_, d)| d.date)
            .with(
                "confidence_positive",
                "share of windows that pass as a rise ever faster",
                |(_, d)| d.confidence_positive,
            )
            .with(
                "confidence_negative",
                "share of windows that pass as a fall ever faster",
                |(_, d)| d.confidence_negative,
            )
            .with("n_fits", "windows fitted", |(_, d)| d.n_fits as i64)
            .with(
                "tc_low",
                "calendar days to the critical time, 10 % of the passing windows",
                |(_, d)| d.tc_low,
            )
            .with("tc_median", "likewise, 50 %", |(_, d)| d.tc_median)
            .with("tc_high", "likewise, 90 %", |(_, d)| d.tc_high)
            .done()
    }

    fn power_law_chance_table(&self) -> Table {
        let rows = self.rows(|ratio| &ratio.power_law.chance);
        Lines::new("power_law_chance", &rows)
            .with("ratio", RATIO, |(r, _)| r.ratio.clone())
            .with("series", SERIES, |(_, c)| c.series.name().to_owned())
            .with("date", "exchange day", |(_, c)| c.date)
            .with("confidence_positive", "share of windows that pass as a rise", |(_, c)| {
                c.positive.confidence
            })
            .with("mean_positive", "mean share by chance", |(_, c)| c.positive.mean)
            .with("max_positive", "greatest share by chance", |(_, c)| c.positive.greatest)
            .with("p_positive", "chance of a share as great without a bubble", |(_, c)| {
                c.positive.p_value
            })
            .with("confidence_negative", "share of windows that pass as a fall", |(_, c)| {
                c.negative.confidence
            })
            .with("mean_negative", "mean share by chance", |(_, c)| c.negative.mean)
            .with("max_negative", "greatest share by chance", |(_, c)| c.negative.greatest)
            .with("p_negative", "chance of a share as great without a bubble", |(_, c)| {
                c.negative.p_value
            })
            .with("n_fits", "windows fitted", |(_, c)| c.n_fits as i64)
            .with("n_paths", "wild bootstraps", |(_, c)| c.n_paths as i64)
            .done()
    }
}

fn power_law_convention(settings: &PowerLawConfig) -> Text {
    let PowerLawConfig { shortest, longest, step, ahead, damping, oscillations, .. } = settings;
    let ((m_low, m_high), (w_low, w_high)) = (settings.exponent, settings.frequency);
    Text::new(
        format!(
            "终点为当日、长 {shortest} 至 {longest} 日（步长 {step}）的各窗口拟合对数周期幂律；通过者须 {m_low} < m < {m_high}、{w_low} < ω < \
             {w_high}、临界时间在其后 1 至 {ahead:.0} 个交易日内、阻尼 ≥ {damping}、振荡 ≥ {oscillations}；只用当日及以前"
        ),
        format!(
            "the log-periodic power law fitted to windows of {shortest} to {longest} days, step {step}, that end on the day; a \
             fit passes with {m_low} < m < {m_high}, {w_low} < omega < {w_high}, its critical time 1 to {ahead:.0} trading days \
             ahead, damping {damping} and {oscillations} waves at least; the day and earlier ones only"
        ),
    )
}

fn power_law_verdict(chance: &PowerLawChance) -> Text {
    let (up, down, n, day) = (chance.positive, chance.negative, chance.n_paths, chance.date);
    Text::new(
        format!(
            "{day}：上行幂律置信度 {:.2}（{n} 条无泡沫路径均值 {:.2}、最大 {:.2}，p = {:.3}），下行 {:.2}（均值 {:.2}、最大 {:.2}，p = {:.3}）",
            up.confidence,
            up.mean,
            up.greatest,
            up.p_value,
            down.confidence,
            down.mean,
            down.greatest,
            down.p_value
        ),
        format!(
            "{day}: confidence {:.2} in a rise ever faster ({n} paths without a bubble: mean {:.2}, greatest {:.2}, p = {:.3}), {:.2} \
             in a fall (mean {:.2}, greatest {:.2}, p = {:.3})",
            up.confidence,
            up.mean,
            up.greatest,
            up.p_value,
            down.confidence,
            down.mean,
            down.greatest,
            down.p_value
        ),
    )
}

const SERIES: &str = "what the law is fitted to: ratio, or index (the one above the line)";
const RATIO: &str = "name of the ratio";
const NULL: &str = "market without a bubble: random_walk or wild_bootstrap";
