//! Where any number of a statement comes from, as a tree.

use std::collections::BTreeMap;

use serde::Serialize;
use shoals_core::{Symbol, Text, TradingDay};

use super::outcome::{CheckLine, HoldingLine};
use super::{MarginBase, OrderCause, OrderLeg, OrderLine, StatementLine, SwapOutcome};

/// A number, and the numbers it is made of.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    /// What it is; programs read the English.
    #[serde(serialize_with = "Text::serialize_english")]
    pub name: Text,
    /// CNY, or a decimal; under a sum a cost is negative, so that the children add up.
    pub value: f64,
    /// How the children make it.
    pub how: How,
    /// What it is made of; empty when it is a number of its own.
    pub children: Vec<Explanation>,
}

/// How a number is made of its children.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// It is a number of its own.
    Given,
    /// The children add up to it.
    Sum,
    /// The first child over the second.
    Ratio,
    /// (ratio - line) / (1 - line) of the first and the second, on the part of the base that is long.
    DistanceToLine,
    /// The first child times the second less the third, at least 0.
    RestoringCall,
    /// 1 less the third child over the first times the second, in [0, 1].
    RestoringSale,
    /// The first child times the second.
    Product,
    /// The first child over the second times the third.
    Correlation,
}

impl How {
    /// The stable name used in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::Sum => "sum",
            Self::Ratio => "ratio",
            Self::DistanceToLine => "(ratio - line) / (1 - line)",
            Self::RestoringCall => "initial ratio x base - equity",
            Self::RestoringSale => "1 - equity / (initial ratio x base)",
            Self::Product => "product",
            Self::Correlation => "covariance / (deviation x deviation)",
        }
    }
}

/// Numbers of a statement line that have a tree.
pub const NUMBERS: [&str; 23] = [
    "equity",
    "long_value",
    "hedge_value",
    "long_pnl",
    "hedge_pnl",
    "financing",
    "fees",
    "margin_ratio",
    "leverage",
    "borrowed",
    "distance_to_call",
    "restoring_call",
    "restoring_sale",
    "long_pnl_day",
    "hedge_pnl_day",
    "financing_day",
    "fees_day",
    "cashflow",
    "sold",
    "waiting",
    "rebalanced",
    "hedge_fees",
    "exchange_margin",
];

/// Numbers of the concentration rules that have a tree, where the book has `[concentration]`.
pub const CHECK_NUMBERS: [&str; 4] = ["largest_weight", "n_names", "net_exposure", "correlation"];

/// The equity of `date` as a tree; `None` when the ledger has no such day.
pub fn explain(outcome: &SwapOutcome, date: TradingDay) -> Option<Explanation> {
    explain_number(outcome, date, "equity")
}

/// A number of the statement line of `date` as a tree; `None` when the ledger has no such day or
/// [`NUMBERS`] and [`CHECK_NUMBERS`] no such number. Names stand under the long leg where `date` is the ledger's last day.
pub fn explain_number(
    outcome: &SwapOutcome,
    date: TradingDay,
    number: &str,
) -> Option<Explanation> {
    let index = outcome.statement.binary_search_by_key(&date, |line| line.date).ok()?;
    let day = Day { outcome, index, line: &outcome.statement[index] };
    let mut tree = day.number(number)?;
    let Text { zh, en } = tree.name;
    tree.name = Text::new(format!("{date} 的{zh}"), format!("{en} on {date}"));
    Some(tree)
}

/// A day of a ledger.
struct Day<'a> {
    outcome: &'a SwapOutcome,
    index: usize,
    line: &'a StatementLine,
}

impl Day<'_> {
    fn number(&self, name: &str) -> Option<Explanation> {
        let line = self.line;
        Some(match name {
            "equity" => self.equity(),
            "long_value" => self.long_value(),
            "hedge_value" => self.hedge_value(),
            "long_pnl" => self.long_pnl(),
            "hedge_pnl" => self.hedge_pnl(),
            "financing" => self.financing(),
            "fees" => self.fees(),
            "margin_ratio" => self.margin_ratio(),
            "leverage" => {
                let parts = vec![self.long_value(), self.equity()];
                made(words("杠杆", "leverage"), line.leverage, How::Ratio, parts)
            }
            "borrowed" => {
                let parts = vec![self.long_value(), negative(self.equity())];
                made(words("券商融出", "borrowed"), line.borrowed, How::Sum, parts)
            }
            "distance_to_call" => {
                let call = self.outcome.terms.swap.call_ratio;
                let parts = vec![self.margin_ratio(), leaf(words("追保线", "call line"), call)];
                let name = words("距追保线的跌幅", "loss to the call line");
                made(name, line.distance_to_call, How::DistanceToLine, parts)
            }
            "restoring_call" => {
                let name = words("补足初始比例的现金", "cash that restores the initial ratio");
                made(name, line.restoring_call, How::RestoringCall, self.restoring())
            }
            "restoring_sale" => {
                let name = words("恢复初始比例的减仓", "fraction to sell that restores it");
                made(name, line.restoring_sale, How::RestoringSale, self.restoring())
            }
            "long_pnl_day" => {
                self.of_day(words("多头当日盈亏", "gain of the long leg"), |l| l.long_pnl)
            }
            "hedge_pnl_day" => {
                self.of_day(words("对冲当日盈亏", "gain of the hedges"), |l| l.hedge_pnl)
            }
            "financing_day" => {
                self.of_day(words("当日融资", "financing of the day"), |l| l.financing)
            }
            "fees_day" => self.of_day(words("当日费用", "fees of the day"), |l| l.fees),
            "cashflow" => leaf(words("当日补入", "cash paid in"), line.cashflow),
            "sold" => self.by_name(words("当日卖出", "sold"), line.sold, |order| order.filled),
            "waiting" => {
                self.by_name(words("待卖", "waiting"), line.waiting, |o| o.wanted - o.filled)
            }
            "rebalanced" => {
                let name = words("当日再平衡", "sold and bought to rebalance");
                leaf(name, line.rebalanced)
            }
            "hedge_fees" => self.fees_of(OrderLeg::Hedge),
            "exchange_margin" => self.exchange_margin(),
            _ => return self.check(name),
        })
    }

    /// A number of the concentration rules.
    fn check(&self, name: &str) -> Option<Explanation> {
        let checks = &self.outcome.checks;
        let i = checks.binary_search_by_key(&self.line.date, |check| check.date).ok()?;
        let check = &checks[i];
        Some(match name {
            "largest_weight" => self.largest_weight(check),
            "n_names" => self.n_names(check),
            "net_exposure" => {
                let (long, hedge) = (self.long_value(), self.hedge_value());
                let net = self.line.long_value - self.line.hedge_value;
                let parts = vec![long.clone(), negative(hedge)];
                let net = made(words("多头减对冲", "long less hedge"), net, How::Sum, parts);
                let name = words("净敞口", "net exposure");
                made(name, check.net_exposure, How::Ratio, vec![net, long])
            }
            "correlation" => self.correlation(check),
            _ => return None,
        })
    }

    /// The largest name over all names; told where the ledger ends that day, else a number of its own.
    fn largest_weight(&self, check: &CheckLine) -> Explanation {
        let name = words("最大单票占比", "largest single stock");
        let names = self.names();
        let all: f64 = names.iter().map(|holding| holding.value).sum();
        let largest = names.iter().max_by(|a, b| a.value.total_cmp(&b.value));
        match largest.filter(|_| check.largest_weight.is_finite()) {
            Some(largest) => {
                let parts = vec![
                    leaf(Text::same(largest.symbol.as_str()), largest.value),
                    leaf(words("个股市值合计", "value of the names"), all),
                ];
                made(name, check.largest_weight, How::Ratio, parts)
            }
            None => leaf(name, check.largest_weight),
        }
    }

    /// Names bought at the opening, and what came and left since.
    fn n_names(&self, check: &CheckLine) -> Explanation {
        let name = words("持股数", "number of names");
        let opening = self.outcome.checks.first().map_or(f64::NAN, |first| first.n_names);
        let parts = vec![
            leaf(words("开仓买入", "bought at the opening"), opening),
            leaf(words("此后进出", "come and gone since"), check.n_names - opening),
        ];
        let is_known = check.n_names.is_finite();
        summed(name, check.n_names, if is_known { parts } else { Vec::new() })
    }

    /// Of the legs' daily returns over the days of the rule.
    fn correlation(&self, check: &CheckLine) -> Explanation {
        let name = words("多空相关系数", "long-short correlation");
        let n = self.outcome.concentration.map_or(0, |lines| lines.correlation_days);
        let first = self.index.checked_sub(n).filter(|_| check.correlation.is_finite());
        let Some(first) = first else { return leaf(name, check.correlation) };
        let returns = |gain: fn(&StatementLine) -> f64, value: fn(&StatementLine) -> f64| {
            let days = self.outcome.statement[first..=self.index].windows(2);
            days.map(|pair| gain(&pair[1]) / value(&pair[0])).collect::<Vec<f64>>()
        };
        let long = returns(|l| l.long_pnl_day, |l| l.long_value);
        let hedge = returns(|l| -l.hedge_pnl_day, |l| l.hedge_value);
        let (of_long, of_hedge) = (covariance(&long, &long), covariance(&hedge, &hedge));
        let both = Text::new(format!("{n} 天协方差"), format!("covariance over {n} days"));
        let parts = vec![
            leaf(both, covariance(&long, &hedge)),
            leaf(words("多头日收益标准差", "deviation of the long leg"), of_long.sqrt()),
            leaf(words("对冲标的日收益标准差", "deviation of the hedge"), of_hedge.sqrt()),
        ];
        made(name, check.correlation, How::Correlation, parts)
    }

    /// Names at the close, where the ledger ends that day; an index in their place is none.
    fn names(&self) -> Vec<&HoldingLine> {
        let is_last = self.index + 1 == self.outcome.statement.len();
        let unwind = self.outcome.terms.unwind.as_ref();
        let index = unwind.and_then(|unwind| unwind.switch_into);
        let holdings = self.outcome.holdings.iter();
        holdings.filter(|holding| is_last && Some(holding.symbol) != index).collect()
    }

    /// Contract by contract: value times the exchange's ratio of the day.
    fn exchange_margin(&self) -> Explanation {
        let held = self.outcome.hedges.iter();
        let held = held.filter(|line| line.date == self.line.date && line.margin > 0.0);
        let parts = held.map(|line| {
            let ratio = words("交易所保证金率", "exchange margin ratio");
            let value = Text::new(
                format!("空头 {} 市值", line.contract),
                format!("value of short {}", line.contract),
            );
            let parts = vec![leaf(value, line.value), leaf(ratio, line.margin / line.value)];
            let name =
                Text::new(format!("空头 {}", line.contract), format!("short {}", line.contract));
            made(name, line.margin, How::Product, parts)
        });
        let name = words("交易所保证金", "exchange margin");
        summed(name, self.line.exchange_margin, parts.collect())
    }

    /// What the orders of a leg have cost, by what they were given for and then by what was traded.
    fn fees_of(&self, leg: OrderLeg) -> Explanation {
        let (name, value) = match leg {
            OrderLeg::Long => {
                (words("股票交易", "trading the long leg"), self.line.fees - self.line.hedge_fees)
            }
            OrderLeg::Hedge => (words("对冲交易", "trading the hedge"), self.line.hedge_fees),
        };
        let orders = self.outcome.orders.iter();
        let paid: Vec<&OrderLine> = orders
            .filter(|order| order.leg == leg && order.date <= self.line.date && order.fee != 0.0)
            .collect();
        let mut causes: Vec<(OrderCause, BTreeMap<Symbol, f64>)> = Vec::new();
        for order in paid {
            let known = causes.iter().position(|(cause, _)| *cause == order.cause);
            let i = known.unwrap_or(causes.len());
            if known.is_none() {
                causes.push((order.cause, BTreeMap::new()));
            }
            *causes[i].1.entry(order.symbol).or_default() += order.fee;
        }
        let parts = causes.into_iter().map(|(cause, symbols)| {
            let sum = symbols.values().sum();
            let parts = symbols.iter().map(|(symbol, fee)| leaf(Text::same(symbol.as_str()), *fee));
            summed(cause.words(), sum, parts.collect())
        });
        summed(name, value, parts.collect())
    }

    fn equity(&self) -> Explanation {
        let outcome = self.outcome;
        let paid_in: f64 = outcome.statement[..=self.index].iter().map(|line| line.cashflow).sum();
        let children = vec![
            leaf(words("初始保证金", "initial margin"), outcome.initial_margin),
            leaf(words("补入现金", "cash paid in"), paid_in),
            self.long_pnl(),
            self.hedge_pnl(),
            negative(self.financing()),
            negative(self.fees()),
        ];
        made(words("权益", "equity"), self.line.equity, How::Sum, children)
    }

    fn long_value(&self) -> Explanation {
        let lines = &self.outcome.statement;
        let opening = lines.first().map_or(f64::NAN, |line| line.long_value);
        let sold: f64 = lines[..=self.index].iter().map(|line| line.sold).sum();
        let children = vec![
            leaf(words("开仓市值", "value at the opening"), opening),
            self.long_pnl(),
            leaf(words("已卖出", "sold"), 0.0 - sold),
        ];
        made(words("多头市值", "long value"), self.line.long_value, How::Sum, children)
    }

    fn long_pnl(&self) -> Explanation {
        let outcome = self.outcome;
        let Text { zh, en } = outcome.terms.long.name();
        let name = Text::new(format!("多头 {zh}"), format!("long {en}"));
        let is_last = self.index + 1 == outcome.statement.len();
        let mut held: Vec<(Symbol, f64)> =
            outcome.holdings.iter().filter(|_| is_last).map(|h| (h.symbol, h.pnl)).collect();
        held.sort_by(|a, b| a.1.total_cmp(&b.1));
        let children = held.iter().map(|(symbol, pnl)| leaf(Text::same(symbol.as_str()), *pnl));
        summed(name, self.line.long_pnl, children.collect())
    }

    /// The last line of every contract so far.
    fn contracts(&self) -> Vec<&super::HedgeLine> {
        let mut last: Vec<&super::HedgeLine> = Vec::new();
        for line in self.outcome.hedges.iter().filter(|line| line.date <= self.line.date) {
            match last.iter_mut().find(|l| (l.leg, l.contract) == (line.leg, line.contract)) {
                Some(known) => *known = line,
                None => last.push(line),
            }
        }
        last
    }

    fn hedge_pnl(&self) -> Explanation {
        let contracts = self.contracts();
        let children = contracts.iter().map(|line| short(line.contract, line.pnl));
        summed(words("对冲", "hedges"), self.line.hedge_pnl, children.collect())
    }

    fn hedge_value(&self) -> Explanation {
        // The last line shows the position as it was closed.
        let is_today = |line: &&&super::HedgeLine| line.date == self.line.date && line.value > 0.0;
        let contracts = self.contracts();
        let children: Vec<Explanation> = contracts
            .iter()
            .filter(is_today)
            .map(|line| short(line.contract, line.value))
            .collect();
        let name = words("对冲市值", "hedge value");
        let sum: f64 = children.iter().map(|child| child.value).sum();
        let adds_up = (sum - self.line.hedge_value).abs() <= 1e-9 * self.line.hedge_value.abs();
        summed(name, self.line.hedge_value, if adds_up { children } else { Vec::new() })
    }

    /// Month by month.
    fn financing(&self) -> Explanation {
        let lines = &self.outcome.statement[..=self.index];
        let month = |day: TradingDay| (day.year(), day.month());
        let months = lines.chunk_by(|a, b| month(a.date) == month(b.date)).map(|lines| {
            let sum: f64 = lines.iter().map(|line| line.financing_day).sum();
            let (year, month) = month(lines[0].date);
            leaf(Text::same(format!("{year}-{month:02}")), sum)
        });
        summed(words("融资", "financing"), self.line.financing, months.collect())
    }

    fn fees(&self) -> Explanation {
        let children = vec![self.fees_of(OrderLeg::Long), self.fees_of(OrderLeg::Hedge)];
        summed(words("费用", "fees"), self.line.fees, children)
    }

    fn margin_base(&self) -> Explanation {
        match self.outcome.terms.swap.margin_base {
            MarginBase::Long => self.long_value(),
            MarginBase::Gross => {
                let parts = vec![self.long_value(), self.hedge_value()];
                let value = self.line.long_value + self.line.hedge_value;
                summed(words("多空市值", "gross value"), value, parts)
            }
        }
    }

    fn margin_ratio(&self) -> Explanation {
        let parts = vec![self.equity(), self.margin_base()];
        made(words("保证金比例", "margin ratio"), self.line.margin_ratio, How::Ratio, parts)
    }

    fn restoring(&self) -> Vec<Explanation> {
        let initial = self.outcome.terms.swap.initial_margin_ratio;
        let ratio = leaf(words("初始比例", "initial ratio"), initial);
        vec![ratio, self.margin_base(), self.equity()]
    }

    /// A running total of the day less that of the day before.
    fn of_day(&self, name: Text, of: fn(&StatementLine) -> f64) -> Explanation {
        let before = self.index.checked_sub(1).map_or(0.0, |i| of(&self.outcome.statement[i]));
        let children = vec![
            leaf(words("至当日累计", "total to the day"), of(self.line)),
            leaf(words("减：至前一日累计", "less the total to the day before"), 0.0 - before),
        ];
        summed(name, of(self.line) - before, children)
    }

    /// What the day's sales of the long leg say, name by name.
    fn by_name(&self, name: Text, value: f64, of: fn(&super::OrderLine) -> f64) -> Explanation {
        let orders = self.outcome.orders.iter().filter(|order| {
            order.date == self.line.date
                && order.side == super::Side::Sell
                && !matches!(order.cause, OrderCause::Roll | OrderCause::Rebalance)
        });
        let parts = orders.map(|order| {
            let (symbol, reason) = (order.symbol, order.reason.name());
            leaf(Text::same(format!("{symbol} ({reason})")), of(order))
        });
        let parts: Vec<Explanation> = parts.filter(|part| part.value != 0.0).collect();
        let is_told = value != 0.0;
        summed(name, value, if is_told { parts } else { Vec::new() })
    }
}

fn covariance(left: &[f64], right: &[f64]) -> f64 {
    let n = left.len() as f64;
    let mean = |values: &[f64]| values.iter().sum::<f64>() / n;
    let (a, b) = (mean(left), mean(right));
    left.iter().zip(right).map(|(x, y)| (x - a) * (y - b)).sum::<f64>() / (n - 1.0)
}

fn words(zh: &str, en: &str) -> Text {
    Text::new(zh, en)
}

fn short(contract: Symbol, value: f64) -> Explanation {
    leaf(Text::new(format!("空头 {contract}"), format!("short {contract}")), value)
}

fn leaf(name: Text, value: f64) -> Explanation {
    made(name, value, How::Given, Vec::new())
}

fn summed(name: Text, value: f64, children: Vec<Explanation>) -> Explanation {
    let how = if children.is_empty() { How::Given } else { How::Sum };
    made(name, value, how, children)
}

fn made(name: Text, value: f64, how: How, children: Vec<Explanation>) -> Explanation {
    Explanation { name, value, how, children }
}

/// The same tree with every sum of it turned round.
fn negative(tree: Explanation) -> Explanation {
    let children = match tree.how {
        How::Sum => tree.children.into_iter().map(negative).collect(),
        _ => tree.children,
    };
    Explanation { value: 0.0 - tree.value, children, ..tree }
}
