//! The tables and conventions of what funds hide.

use shoals_core::{Convention, Lines, Table, Text};
use shoals_stats::co_moment::Line;

use super::{HiddenConfig, HiddenPart};

/// One table of each kind, a row for each of `parts`' funds and what it was measured on.
pub fn hidden_tables(parts: &[HiddenPart]) -> Vec<Table> {
    vec![
        smoothing_table(parts),
        asymmetry_table(parts),
        tail_dependence_table(parts),
        tail_table(parts),
        proof_table(parts),
        exposure_table(parts),
        peso_table(parts),
        budget_table(parts),
        refused_table(parts),
    ]
}

const FUND: &str = "fund";
const MARKET: &str = "series of the market";

fn rows<R>(parts: &[HiddenPart], of: fn(&HiddenPart) -> &Vec<R>) -> Vec<&R> {
    parts.iter().flat_map(of).collect()
}

fn smoothing_table(parts: &[HiddenPart]) -> Table {
    let rows = rows(parts, |part| &part.smoothing);
    Lines::new("smoothing", &rows)
        .with("fund", FUND, |r| r.fund.clone())
        .with("n", "periods", |r| r.n as i64)
        .with("theta0", "share of a return told in its own period", |r| r.theta0)
        .with("theta1", "share told one period late", |r| r.theta1)
        .with("theta2", "share told two periods late", |r| r.theta2)
        .with("low", "lower end of the band of theta0", |r| r.low)
        .with("high", "upper end of the band of theta0; below 1 says smoothed", |r| r.high)
        .with("xi", "told variance over true variance", |r| r.xi)
        .with("volatility_told", "annualised standard deviation as told", |r| r.volatility_told)
        .with("volatility_true", "told over the root of xi", |r| r.volatility_true)
        .with("volatility_low", "lower end of its band", |r| r.volatility_low)
        .with("volatility_high", "upper end of its band", |r| r.volatility_high)
        .with("sharpe_told", "annualised Sharpe ratio over cash as told", |r| r.sharpe_told)
        .with("sharpe_true", "the same on the true volatility", |r| r.sharpe_true)
        .with("geltner_volatility", "annualised standard deviation of Geltner's returns", |r| {
            r.geltner_volatility
        })
        .with(
            "p_value",
            "probability of so great a likelihood ratio when nothing is smoothed",
            |r| r.p_value,
        )
        .with("basket_theta0", "theta0 of what its factors alone earned", |r| r.basket_theta0)
        .with("basket_low", "lower end of its band", |r| r.basket_low)
        .with("is_smoothed", "whether theta0 is below 1 and its basket's beyond the bands", |r| {
            r.is_smoothed
        })
        .done()
}

fn asymmetry_table(parts: &[HiddenPart]) -> Table {
    let rows = rows(parts, |part| &part.asymmetry);
    Lines::new("asymmetry", &rows)
        .with("fund", FUND, |r| r.fund.clone())
        .with("market", MARKET, |r| r.market.clone())
        .with("n", "periods both have", |r| r.n as i64)
        .with("beta", "beta over all periods", |r| r.beta)
        .with("down_beta", "beta of the market's periods below the line", |r| r.down_beta)
        .with("up_beta", "beta of the others", |r| r.up_beta)
        .with("difference", "down less up; positive looks like insurance sold", |r| r.difference)
        .with("low", "lower end of its band", |r| r.low)
        .with("high", "upper end of its band", |r| r.high)
        .with("difference_p", "one-sided p of a difference so great", |r| r.difference_p)
        .with(
            "timing_kink",
            "Henriksson and Merton's kink; negative looks like insurance sold",
            |r| r.timing_kink,
        )
        .with("kink_p", "one-sided p of a kink so negative", |r| r.kink_p)
        .with("timing_bend", "Treynor and Mazuy's bend; negative looks like insurance sold", |r| {
            r.timing_bend
        })
        .with("bend_low", "lower end of its band", |r| r.bend_low)
        .with("bend_high", "upper end of its band", |r| r.bend_high)
        .with("bend_p", "one-sided p of a bend so negative", |r| r.bend_p)
        .with("bend_beyond", "the bend beside what may be held in a straight line", |r| {
            r.bend_beyond
        })
        .with("bend_beyond_p", "one-sided p of a bend so negative", |r| r.bend_beyond_p)
        .with(
            "coskewness",
            "Harvey and Siddique's; negative loses when the market moves far",
            |r| r.coskewness,
        )
        .with("coskewness_low", "lower end of its band", |r| r.coskewness_low)
        .with("coskewness_high", "upper end of its band", |r| r.coskewness_high)
        .with("coskewness_p", "one-sided p of a co-skewness so negative", |r| r.coskewness_p)
        .done()
}

fn tail_dependence_table(parts: &[HiddenPart]) -> Table {
    let rows = rows(parts, |part| &part.tail_dependence);
    Lines::new("tail_dependence", &rows)
        .with("fund", FUND, |r| r.fund.clone())
        .with("market", MARKET, |r| r.market.clone())
        .with("k", "worst periods counted on either side", |r| r.k as i64)
        .with("lambda", "share of the market's worst among the fund's worst", |r| r.lambda)
        .with("low", "lower end of its band", |r| r.low)
        .with("high", "upper end of its band", |r| r.high)
        .with("independent", "what independent returns would give", |r| r.independent)
        .with("normal", "what normal returns of the same rank correlation would give", |r| r.normal)
        .with(
            "excess_low",
            "lower end of the band of lambda less normal; above 0 says more than correlation",
            |r| r.excess_low,
        )
        .with("excess_high", "upper end of that band", |r| r.excess_high)
        .with("clayton", "limit of the Clayton copula of this lambda", |r| r.clayton)
        .done()
}

fn tail_table(parts: &[HiddenPart]) -> Table {
    let rows = rows(parts, |part| &part.tail);
    Lines::new("tail", &rows)
        .with("fund", FUND, |r| r.fund.clone())
        .with("level", "tail probability", |r| r.level)
        .with("var_historical", "return a period at that percentile", |r| r.var_historical)
        .with("var_low", "lower end of its band", |r| r.var_low)
        .with("var_high", "upper end of its band", |r| r.var_high)
        .with("es_historical", "mean return at or below it", |r| r.es_historical)
        .with("es_low", "lower end of its band", |r| r.es_low)
        .with("es_high", "upper end of its band", |r| r.es_high)
        .with("var_cornish_fisher", "percentile by four moments", |r| r.var_cornish_fisher)
        .with("es_cornish_fisher", "shortfall by four moments", |r| r.es_cornish_fisher)
        .with(
            "is_cornish_fisher_valid",
            "whether skewness and kurtosis lie where four moments make a distribution",
            |r| r.is_cornish_fisher_valid,
        )
        .done()
}

fn proof_table(parts: &[HiddenPart]) -> Table {
    let rows = rows(parts, |part| &part.mppm);
    Lines::new("mppm", &rows)
        .with("fund", FUND, |r| r.fund.clone())
        .with("risk_aversion", "relative risk aversion", |r| r.risk_aversion)
        .with("mppm", "sure excess return it is worth, decimal a year", |r| r.mppm)
        .with("low", "lower end of its band", |r| r.low)
        .with("high", "upper end of its band", |r| r.high)
        .done()
}

fn exposure_table(parts: &[HiddenPart]) -> Table {
    let rows = rows(parts, |part| &part.exposures);
    Lines::new("peso_exposure", &rows)
        .with("fund", FUND, |r| r.fund.clone())
        .with("factor", "factor", |r| r.factor.clone())
        .with("exposure", "return for one of the factor's", |r| r.exposure)
        .with("low", "lower end of its band", |r| r.low)
        .with("high", "upper end of its band", |r| r.high)
        .with("explained", "share of variance all factors explain", |r| r.explained)
        .done()
}

fn peso_table(parts: &[HiddenPart]) -> Table {
    let rows = rows(parts, |part| &part.peso);
    Lines::new("peso", &rows)
        .with("fund", FUND, |r| r.fund.clone())
        .with("scenario", "scenario", |r| r.scenario.clone())
        .with("loss", "loss, decimal of net asset value; positive is lost", |r| r.loss)
        .with("low", "milder moves less the exposures' error", |r| r.low)
        .with("high", "worse moves plus the exposures' error", |r| r.high)
        .with("straddle_loss", "part of the loss that is the sold straddle's", |r| r.straddle_loss)
        .with("explained", "share of variance behind the exposures", |r| r.explained)
        .with("is_unsmoothed", "whether exposures are of returns as earned", |r| r.is_unsmoothed)
        .with("without", "factors of the scenario the exposures do not know", |r| r.without.clone())
        .with("text", "what the scenario is", |r| r.text.clone())
        .done()
}

fn budget_table(parts: &[HiddenPart]) -> Table {
    let rows = rows(parts, |part| &part.budget);
    Lines::new("budget", &rows)
        .with("fund", FUND, |r| r.fund.clone())
        .with("limit", "drawdown, positive decimal", |r| r.limit)
        .with("basis", "returns as told, as earned, or with the peso loss mixed in", |r| {
            r.basis.name().to_owned()
        })
        .with("horizon", "periods ahead", |r| r.horizon as i64)
        .with("block", "mean block of the paths, periods", |r| r.block)
        .with("probability", "probability that the drawdown reaches the limit", |r| r.probability)
        .with("low", "lower end of its band", |r| r.low)
        .with("high", "upper end of its band", |r| r.high)
        .done()
}

fn refused_table(parts: &[HiddenPart]) -> Table {
    let rows = rows(parts, |part| &part.refused);
    Lines::new("hidden_refused", &rows)
        .with("fund", FUND, |r| r.fund.clone())
        .with("measure", "table it would stand in", |r| r.measure.to_owned())
        .with("about", "which of them; empty for all", |r| r.about.clone())
        .with("reason", "why not", |r| r.reason.clone())
        .done()
}

/// What the numbers of these tables mean.
pub fn hidden_convention(config: &HiddenConfig) -> Convention {
    let (zh_line, en_line) = match config.down_line {
        Line::Mean => ("均值", "its mean"),
        Line::Zero => ("零", "zero"),
    };
    let band = 100.0 * (1.0 - config.tail_probability);
    let threshold = 100.0 * config.tail_threshold;
    let HiddenConfig {
        replications, pasts, paths_each, jump_frequency, horizon_years, seed, ..
    } = config;
    let seed = seed.0;
    let lines = [
        (
            "smoothing",
            Text::new(
                "Getmansky-Lo-Makarov（2004）：MA(2)，theta 之和为 1，可逆，精确高斯极大似然；真实波动率为所报除以 xi 的平方根；篮子自身迟缓也会显得平滑，故同时与所持因子自身的 theta0 相比",
                "Getmansky, Lo and Makarov (2004): MA(2) with thetas adding up to 1, invertible, exact Gaussian likelihood; true \
                 volatility is the told one over the root of xi; a basket slow by itself looks smoothed too, so theta0 must be below that of the factors held as well",
            ),
        ),
        (
            "asymmetry",
            Text::new(
                format!(
                    "下行指市场收益低于{zh_line}（Ang-Chen-Xing 2006）；各项误差为 Newey-West；p 值单侧，未对检验个数校正"
                ),
                format!(
                    "down is the market below {en_line} (Ang, Chen and Xing 2006); errors are Newey and West's; p-values are one-sided \
                     and not adjusted for the number of tests"
                ),
            ),
        ),
        (
            "tail_dependence",
            Text::new(
                format!(
                    "各自最差 {threshold:.0} % 的期间同时出现的比例；以同秩相关的正态为机会水平"
                ),
                format!(
                    "share of each side's worst {threshold:.0} % of periods that are the same; the chance level is that of normal returns \
                     of the same rank correlation"
                ),
            ),
        ),
        (
            "peso",
            Text::new(
                "线性暴露（最小二乘，Newey-West）乘以情景中各因子的变动，卖出跨式按 Black-76 全额重估；解释不了的部分不在损失内",
                "linear exposures (least squares, Newey and West) times the scenario's moves, sold straddles revalued in full by Black \
                 (1976); what the exposures do not explain is not in the loss",
            ),
        ),
        (
            "budget",
            Text::new(
                format!(
                    "未来 {horizon_years} 年，平稳自助 {replications} 条路径，区间来自 {pasts} 个重抽样的过去各 {paths_each} 条；with_jump 每年 {jump_frequency} 次混入情景损失，次数为设定而非估计；没有发生过的收益，样本无从知道"
                ),
                format!(
                    "{horizon_years} years ahead, {replications} paths of the stationary bootstrap, the band from {pasts} resampled pasts of \
                     {paths_each} paths each; with_jump mixes the scenario's loss in {jump_frequency} times a year, a frequency stated and \
                     not estimated; a sample cannot know returns that have not happened"
                ),
            ),
        ),
        (
            "hidden_band",
            Text::new(format!("{band:.0} %，种子 {seed}"), format!("{band:.0} %, seed {seed}")),
        ),
    ];
    lines.into_iter().map(|(key, line)| (key.to_owned(), line)).collect()
}
