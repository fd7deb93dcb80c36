//! What a replication returns: its NAV by leg, its months and years, and their statistics.

use serde::Serialize;
use shoals_core::{Convention, Outcome, Table, Text, TradingDay};
use shoals_market::future::roll::RollRule;

use super::fit::{FitLine, WeightLine, fit_table, weight_table};
use super::{
    FitSample, Instrument, Rebalance, ReplicationTerms, ReplicationWords, Roll, Sizing,
    StraddleSource, StrikeRule,
};

/// A replica held from its first to its last day.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReplicationOutcome {
    /// The terms it ran under.
    pub terms: ReplicationTerms,
    /// One line a day, the opening day first.
    pub nav: Vec<NavLine>,
    /// Straddles sold and bought back.
    pub trades: Vec<TradeLine>,
    /// The straddle held over each day, at its two closes.
    pub straddles: Vec<StraddleLine>,
    /// The weights of every rebalancing where a rule finds one; empty where all are written.
    pub weights: Vec<WeightLine>,
    /// The replica beside what it was fitted to; empty without a fit.
    pub fit: Vec<FitLine>,
    /// Calendar months.
    pub monthly: Vec<PeriodLine>,
    /// Calendar years.
    pub yearly: Vec<PeriodLine>,
    /// The whole, each year and each window.
    pub statistics: Vec<StatisticLine>,
}

/// One day. Legs are fractions of the equity before; `return = long + short + straddle − cost`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct NavLine {
    /// Trading day.
    pub date: TradingDay,
    /// Simple return of the day; on the opening day only costs.
    pub r#return: f64,
    /// Equity; 1 before the opening.
    pub nav: f64,
    /// Part of the return the small-cap leg earned.
    pub long: f64,
    /// Part the large-cap short earned.
    pub short: f64,
    /// Part the short straddle earned.
    pub straddle: f64,
    /// Trading costs and financing, a positive magnitude.
    pub cost: f64,
    /// The financing in `cost`.
    pub financing: f64,
    /// Long value at the close, in opening equities.
    pub long_value: f64,
    /// Short value at the close, a positive magnitude.
    pub short_value: f64,
    /// What buying the straddles back would cost at the close.
    pub straddle_value: f64,
}

/// The straddle held short over one day: its marks at the close before and at this one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct StraddleLine {
    /// The day, at whose close it is marked.
    pub date: TradingDay,
    /// Expiry.
    pub expiry: TradingDay,
    /// Strike.
    pub strike: f64,
    /// Straddles short, in units of the underlying per opening equity.
    pub quantity: f64,
    /// Calendar days to expiry at the close before.
    pub n_days_before: i32,
    /// Forward at the close before; NaN when the chain gave none.
    pub forward_before: f64,
    /// Its volatility there, annualised decimal.
    pub volatility_before: f64,
    /// Price of one straddle there.
    pub value_before: f64,
    /// Calendar days to expiry at this close.
    pub n_days: i32,
    /// Forward at this close.
    pub forward: f64,
    /// Volatility at this close.
    pub volatility: f64,
    /// Price of one straddle at this close.
    pub value: f64,
    /// Gain of the short position over the day, in opening equities.
    pub pnl: f64,
}

/// One straddle trade.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct TradeLine {
    /// Trading day.
    pub date: TradingDay,
    /// What was done.
    pub action: TradeAction,
    /// Expiry.
    pub expiry: TradingDay,
    /// Strike.
    pub strike: f64,
    /// Forward at this trade; NaN when the chain gives none. Where the straddle is given up unquoted, the
    /// last one known.
    pub forward: f64,
    /// Volatility of the straddle at this trade, annualised decimal; missing as `forward` is.
    pub implied_volatility: f64,
    /// Price of one straddle at this trade.
    pub value: f64,
    /// Straddles, in units of the underlying per opening equity.
    pub quantity: f64,
}

/// What was done with a straddle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TradeAction {
    /// Sold at the close.
    Sold,
    /// Bought back on the trading day before expiry.
    BoughtBackBeforeExpiry,
    /// Bought back because the forward had left the strike the day before.
    BoughtBackToRestrike,
    /// Given up at its last mark: the chain stopped quoting it (a dividend adjusts every strike).
    GivenUpUnquoted,
}

impl TradeAction {
    /// The stable name, as `sold`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sold => "sold",
            Self::BoughtBackBeforeExpiry => "bought_back_before_expiry",
            Self::BoughtBackToRestrike => "bought_back_to_restrike",
            Self::GivenUpUnquoted => "given_up_unquoted",
        }
    }
}

/// A month or year. Legs are fractions of the equity at its start; `return = long + short + straddle −
/// cost`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PeriodLine {
    /// `2024-01` or `2024`.
    pub period: String,
    /// Simple return.
    pub r#return: f64,
    /// Part the small-cap leg earned.
    pub long: f64,
    /// Part the large-cap short earned.
    pub short: f64,
    /// Part the short straddle earned.
    pub straddle: f64,
    /// Trading costs and financing, a positive magnitude.
    pub cost: f64,
    /// Days with a return.
    pub n_days: usize,
}

/// What a period looked like. Annualised with 242 trading days; NaN where the sample is too small.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StatisticLine {
    /// `whole`, a year, or `2024-01-02..2024-02-29`.
    pub period: String,
    /// Share of calendar months with a gain.
    pub win_rate: f64,
    /// Annualised Sharpe ratio of daily returns against zero.
    pub sharpe: f64,
    /// Annualised standard deviation of daily returns.
    pub volatility: f64,
    /// Deepest fall of the NAV, at or below zero.
    pub max_drawdown: f64,
    /// Skewness of daily returns.
    pub skew: f64,
    /// Compounded return.
    pub r#return: f64,
    /// Geometric annualised return.
    pub annualised_return: f64,
    /// Standard error of `sharpe` for independent returns.
    pub sharpe_standard_error: f64,
    /// Excess kurtosis of daily returns.
    pub excess_kurtosis: f64,
    /// Share of days with a gain.
    pub daily_win_rate: f64,
    /// Worst day.
    pub worst_day: f64,
    /// Worst calendar month.
    pub worst_month: f64,
    /// Skewness of monthly returns.
    pub monthly_skew: f64,
    /// Mean of the worst 5 % of days.
    pub expected_shortfall: f64,
    /// Part of the return the small-cap leg earned.
    pub long: f64,
    /// Part the large-cap short earned.
    pub short: f64,
    /// Part the short straddle earned.
    pub straddle: f64,
    /// Trading costs and financing, a positive magnitude.
    pub cost: f64,
    /// Daily returns.
    pub n_days: usize,
    /// Calendar months, parts of one included.
    pub n_months: usize,
}

/// What one leg holds.
struct LegRow {
    leg: &'static str,
    symbol: String,
    kind: &'static str,
    roll: &'static str,
    weight: f64,
    sizing: Sizing,
}

impl ReplicationOutcome {
    fn nav_table(&self) -> Table {
        let number =
            |pick: fn(&NavLine) -> f64| -> Vec<f64> { self.nav.iter().map(pick).collect() };
        let dates: Vec<TradingDay> = self.nav.iter().map(|line| line.date).collect();
        Table::new("nav")
            .with("date", "trading day", dates)
            .with("return", "simple return of the day, decimal", number(|l| l.r#return))
            .with("nav", "equity, 1 before the opening", number(|l| l.nav))
            .with("long", "part the small-cap leg earned, of the equity before", number(|l| l.long))
            .with("short", "part the large-cap short earned", number(|l| l.short))
            .with("straddle", "part the short straddle earned", number(|l| l.straddle))
            .with("cost", "trading costs and financing, positive", number(|l| l.cost))
            .with("financing", "the financing in `cost`", number(|l| l.financing))
            .with("long_value", "long value, in opening equities", number(|l| l.long_value))
            .with("short_value", "short value, positive", number(|l| l.short_value))
            .with("straddle_value", "cost of buying back, positive", number(|l| l.straddle_value))
    }

    fn trade_table(&self) -> Table {
        let number =
            |pick: fn(&TradeLine) -> f64| -> Vec<f64> { self.trades.iter().map(pick).collect() };
        let day = |pick: fn(&TradeLine) -> TradingDay| -> Vec<TradingDay> {
            self.trades.iter().map(pick).collect()
        };
        let actions: Vec<String> =
            self.trades.iter().map(|line| line.action.name().to_owned()).collect();
        Table::new("trade")
            .with("date", "trading day", day(|l| l.date))
            .with("action", "sold, or bought back and why", actions)
            .with("expiry", "last trading day of the options", day(|l| l.expiry))
            .with("strike", "strike, in the underlying's unit", number(|l| l.strike))
            .with("forward", "forward at this trade", number(|l| l.forward))
            .with(
                "implied_volatility",
                "at this trade, annualised",
                number(|l| l.implied_volatility),
            )
            .with("value", "price of one straddle", number(|l| l.value))
            .with("quantity", "straddles per opening equity", number(|l| l.quantity))
    }

    fn straddle_table(&self) -> Table {
        let number = |pick: fn(&StraddleLine) -> f64| -> Vec<f64> {
            self.straddles.iter().map(pick).collect()
        };
        let day = |pick: fn(&StraddleLine) -> TradingDay| -> Vec<TradingDay> {
            self.straddles.iter().map(pick).collect()
        };
        Table::new("straddle")
            .with("date", "trading day", day(|l| l.date))
            .with("expiry", "last trading day of the options", day(|l| l.expiry))
            .with("strike", "strike, in the underlying's unit", number(|l| l.strike))
            .with("quantity", "straddles short per opening equity", number(|l| l.quantity))
            .with("forward_before", "forward at the close before", number(|l| l.forward_before))
            .with("forward", "forward at this close", number(|l| l.forward))
            .with("volatility_before", "at the close before", number(|l| l.volatility_before))
            .with("implied_volatility", "at this close, annualised", number(|l| l.volatility))
            .with("value_before", "price at the close before", number(|l| l.value_before))
            .with("value", "price at this close", number(|l| l.value))
            .with("pnl", "gain of the short position, opening equities", number(|l| l.pnl))
    }

    /// What each leg holds; no straddle row where none is sold.
    fn leg_table(&self) -> Table {
        let ReplicationWords { long, short, straddle, .. } = &*self.terms;
        let roll = short.roll_rule().map_or("", RollRule::name);
        let source = match straddle.source {
            StraddleSource::ImpliedVolatility => "implied_volatility",
            StraddleSource::Chain => "chain",
        };
        let (long_kind, short_kind) = (long.symbol.kind(), short.symbol.kind());
        let row = |leg, symbol, kind, roll, weight, sizing| LegRow {
            leg,
            symbol,
            kind,
            roll,
            weight,
            sizing,
        };
        let mut rows = vec![
            row("long", long.symbol.to_string(), long_kind, "", long.weight, long.sizing),
            row("short", short.symbol.to_string(), short_kind, roll, short.weight, short.sizing),
        ];
        if straddle.weight > 0.0 {
            let (symbol, weight) = (straddle.symbol.to_string(), straddle.weight);
            rows.push(row("straddle", symbol, source, "", weight, straddle.sizing));
        }
        let words =
            |pick: fn(&LegRow) -> String| -> Vec<String> { rows.iter().map(pick).collect() };
        Table::new("leg")
            .with("leg", "long, short or straddle", words(|r| r.leg.to_owned()))
            .with("symbol", "what it holds or sells", words(|r| r.symbol.clone()))
            .with(
                "kind",
                "series, contract or product; of the straddle, its source",
                words(|r| r.kind.to_owned()),
            )
            .with(
                "roll",
                "rule that carries a product; empty otherwise",
                words(|r| r.roll.to_owned()),
            )
            .with(
                "weight",
                "as written, of equity",
                rows.iter().map(|r| r.weight).collect::<Vec<f64>>(),
            )
            .with("sizing", "rule of its weight", words(|r| r.sizing.name().to_owned()))
    }

    fn statistic_table(&self) -> Table {
        let number = |pick: fn(&StatisticLine) -> f64| -> Vec<f64> {
            self.statistics.iter().map(pick).collect()
        };
        let count = |pick: fn(&StatisticLine) -> usize| -> Vec<i64> {
            self.statistics.iter().map(|line| pick(line) as i64).collect()
        };
        let periods: Vec<String> = self.statistics.iter().map(|line| line.period.clone()).collect();
        Table::new("statistic")
            .with("period", "whole, a year, or first..last day", periods)
            .with("win_rate", "share of calendar months with a gain", number(|l| l.win_rate))
            .with("sharpe", "annualised, daily returns against zero", number(|l| l.sharpe))
            .with("volatility", "annualised, daily returns", number(|l| l.volatility))
            .with("max_drawdown", "deepest fall, at or below zero", number(|l| l.max_drawdown))
            .with("skew", "of daily returns", number(|l| l.skew))
            .with("return", "compounded, decimal", number(|l| l.r#return))
            .with("annualised_return", "geometric, annualised", number(|l| l.annualised_return))
            .with(
                "sharpe_standard_error",
                "standard error of sharpe, iid",
                number(|l| l.sharpe_standard_error),
            )
            .with("excess_kurtosis", "of daily returns", number(|l| l.excess_kurtosis))
            .with("daily_win_rate", "share of days with a gain", number(|l| l.daily_win_rate))
            .with("worst_day", "simple return", number(|l| l.worst_day))
            .with("worst_month", "simple return", number(|l| l.worst_month))
            .with("monthly_skew", "of monthly returns", number(|l| l.monthly_skew))
            .with(
                "expected_shortfall",
                "mean of the worst 5 % of days",
                number(|l| l.expected_shortfall),
            )
            .with("long", "part the small-cap leg earned", number(|l| l.long))
            .with("short", "part the large-cap short earned", number(|l| l.short))
            .with("straddle", "part the short straddle earned", number(|l| l.straddle))
            .with("cost", "trading costs and financing, positive", number(|l| l.cost))
            .with("n_days", "daily returns", count(|l| l.n_days))
            .with("n_months", "calendar months, parts included", count(|l| l.n_months))
    }
}

fn period_table(name: &str, lines: &[PeriodLine]) -> Table {
    let number = |pick: fn(&PeriodLine) -> f64| -> Vec<f64> { lines.iter().map(pick).collect() };
    let periods: Vec<String> = lines.iter().map(|line| line.period.clone()).collect();
    let n_days: Vec<i64> = lines.iter().map(|line| line.n_days as i64).collect();
    Table::new(name)
        .with("period", "calendar month or year", periods)
        .with("return", "simple return, decimal", number(|l| l.r#return))
        .with(
            "long",
            "part the small-cap leg earned, of the equity at the start",
            number(|l| l.long),
        )
        .with("short", "part the large-cap short earned", number(|l| l.short))
        .with("straddle", "part the short straddle earned", number(|l| l.straddle))
        .with("cost", "trading costs and financing, positive", number(|l| l.cost))
        .with("n_days", "days with a return", n_days)
}

impl Outcome for ReplicationOutcome {
    const NAME: &'static str = "replicate";

    fn tables(&self) -> Vec<Table> {
        vec![
            self.nav_table(),
            period_table("monthly", &self.monthly),
            period_table("yearly", &self.yearly),
            self.statistic_table(),
            self.trade_table(),
            self.straddle_table(),
            self.leg_table(),
            weight_table(&self.weights),
            fit_table(&self.fit),
        ]
    }

    fn convention(&self) -> Convention {
        let terms = &self.terms;
        let rate = terms.replication.financing_rate;
        let rebalance = match terms.replication.rebalance {
            Rebalance::Daily => Text::new(
                "指数两条腿每日收盘恢复权重",
                "index legs return to their weights at every close",
            ),
            Rebalance::Monthly => Text::new(
                "指数两条腿每月首日恢复权重",
                "index legs return to their weights on the first day of a month",
            ),
        };
        Convention::from([
            ("annualisation".into(), Text::new("242 个交易日", "242 trading days")),
            (
                "returns".into(),
                Text::new(
                    "简单收益率，逐日复利；各腿为权益的比例",
                    "simple, compounded daily; legs are fractions of equity",
                ),
            ),
            ("cost".into(), self.costs()),
            (
                "financing".into(),
                Text::new(
                    format!("年利率 {rate}，ACT/365，计于多头市值超出权益的部分"),
                    format!("{rate} a year, ACT/365, on long value beyond equity"),
                ),
            ),
            ("idle_cash".into(), Text::new("不计息", "earns nothing")),
            ("rebalance".into(), rebalance),
            ("weights".into(), Text::clauses([&self.weights(), &self.sizing(), &self.fitted()])),
            ("legs".into(), self.legs()),
            ("straddle".into(), self.straddle_convention()),
            ("sample".into(), self.sample()),
        ])
    }
}

impl ReplicationOutcome {
    fn costs(&self) -> Text {
        let (long, short) = (self.terms.cost.long, self.terms.cost.short);
        let straddle = self.terms.cost.straddle;
        if long + short + straddle == 0.0 {
            return Text::new("未计成本", "gross of costs");
        }
        Text::new(
            format!(
                "单边：多头为市值的 {long}，空头为市值的 {short}，跨式期权为权利金的 {straddle}"
            ),
            format!("one-way: long {long}, short {short} of value, straddle {straddle} of premium"),
        )
    }

    fn weights(&self) -> Text {
        let (long, short) = (&self.terms.long, &self.terms.short);
        let straddle = self.terms.straddle.weight;
        Text::new(
            format!(
                "多头 {} {}，空头 {} {}，卖出跨式期权 {straddle}，均为权益的倍数",
                long.symbol, long.weight, short.symbol, short.weight
            ),
            format!(
                "long {} {}, short {} {}, short straddles {straddle} of equity",
                long.weight, long.symbol, short.weight, short.symbol
            ),
        )
    }

    fn sizing(&self) -> Text {
        let (short, straddle) = (&self.terms.short, &self.terms.straddle);
        let days = short.sizing_days;
        let of_short = match short.sizing {
            Sizing::Fixed | Sizing::Fitted => Text::default(),
            Sizing::RiskParity => Text::new(
                format!("空头按前 {days} 天两腿波动率之比定量"),
                format!("the short as volatile as the long over the {days} days before"),
            ),
            Sizing::Beta => Text::new(
                format!("空头按前 {days} 天多头对空头的 beta 定量"),
                format!("the short at the long's beta on it over the {days} days before"),
            ),
        };
        let days = straddle.sizing_days;
        let of_straddle = match straddle.sizing {
            Sizing::RiskParity => Text::new(
                format!("跨式期权按前 {days} 天与多头的波动率之比定量，卖出时确定"),
                format!("straddles as volatile as the long over the {days} days before each sale"),
            ),
            Sizing::Fixed | Sizing::Beta | Sizing::Fitted => Text::default(),
        };
        Text::clauses([&of_short, &of_straddle])
    }

    fn fitted(&self) -> Text {
        let Some(fit) = self.terms.fit else { return Text::default() };
        let terms = &self.terms;
        let legs = [
            (terms.long.sizing, "多头", "long"),
            (terms.short.sizing, "空头", "short"),
            (terms.straddle.sizing, "跨式期权", "straddles"),
        ];
        let fitted = legs.iter().filter(|leg| leg.0 == Sizing::Fitted);
        let (zh, en): (Vec<&str>, Vec<&str>) = fitted.map(|leg| (leg.1, leg.2)).unzip();
        let (zh, en, target, days) = (zh.join("、"), en.join(", "), fit.target, fit.days);
        match fit.sample {
            FitSample::Past => Text::new(
                format!("{zh}拟合 {target} 的日收益（样本外：每个收盘只用其前 {days} 天）"),
                format!(
                    "{en} fitted to the returns of {target} (out of sample: the {days} days before each close)"
                ),
            ),
            FitSample::Whole => Text::new(
                format!("{zh}拟合 {target} 的日收益（样本内：整段只拟合一次，非事先可知）"),
                format!(
                    "{en} fitted to the returns of {target} (in-sample: once on all days, not known beforehand)"
                ),
            ),
        }
    }

    fn legs(&self) -> Text {
        let (long, short) = (self.terms.long.symbol, self.terms.short.symbol);
        let priced = |zh: &str, en: &str, instrument: Instrument| {
            let pricing = instrument.pricing();
            Text::new(
                format!("{zh} {instrument}：{}", pricing.zh),
                format!("{en} {instrument}: {}", pricing.en),
            )
        };
        let unfinanced = if long.is_future() {
            Text::new("期货多头不计融资", "a long future is not financed")
        } else {
            Text::default()
        };
        let rule = self.terms.short.roll_rule().map_or_else(Text::default, |rule| {
            let rule = rule.name();
            Text::new(
                format!("展期规则 {rule}，移仓成交额计入空头成本"),
                format!("roll rule {rule}, moves between contracts pay the short leg's cost"),
            )
        });
        let (long, short) = (priced("多头", "long", long), priced("空头", "short", short));
        Text::clauses([&long, &short, &rule, &unfinanced])
    }

    fn straddle_convention(&self) -> Text {
        let leg = &self.terms.straddle;
        if leg.weight == 0.0 {
            return Text::new("无", "none");
        }
        let source = match leg.source {
            StraddleSource::ImpliedVolatility => {
                let (symbol, volatility) = (leg.symbol, leg.implied_volatility);
                Text::new(
                    format!("对 {symbol} 用 Black-76，波动率取 {volatility}"),
                    format!("Black-76 on {symbol} at the volatility of {volatility}"),
                )
            }
            StraddleSource::Chain => Text::new(
                "期权链收盘价，远期价由平价关系得出",
                "closes of the option chain, forward by parity",
            ),
        };
        let strike = match (leg.source, leg.strike) {
            (StraddleSource::Chain, _) => {
                Text::new("最接近远期价的挂牌行权价", "quoted strike nearest the forward")
            }
            (_, StrikeRule::Forward) => Text::new("行权价等于远期价", "struck at the forward"),
            (_, StrikeRule::Cffex | StrikeRule::Step) => {
                Text::new("最接近远期价的格点行权价", "grid strike nearest the forward")
            }
        };
        let roll = match leg.roll {
            Roll::Hold => {
                Text::new("持有至到期前一交易日", "held to the trading day before expiry")
            }
            Roll::Restrike => {
                let threshold = leg.restrike_threshold;
                Text::new(
                    format!("标的变动超过 {threshold} 后重选行权价"),
                    format!("re-struck after a move of {threshold}"),
                )
            }
        };
        let rate = leg.rate;
        let time =
            Text::new(format!("时间按 ACT/365，利率 {rate}"), format!("time ACT/365, rate {rate}"));
        Text::clauses([&source, &strike, &roll, &time])
    }

    fn sample(&self) -> Text {
        let (Some(first), Some(last)) = (self.nav.first(), self.nav.last()) else {
            return Text::new("没有交易日", "no day");
        };
        let (from, to, n) = (first.date, last.date, self.nav.len());
        Text::new(format!("{from} 至 {to}，{n} 天"), format!("{from} to {to}, {n} days"))
    }
}
