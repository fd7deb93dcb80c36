//! Where any number of a statement comes from, as a tree.

use serde::Serialize;
use shoals_core::{Symbol, Text, TradingDay};

use super::{MarginBase, StatementLine, SwapOutcome};

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
        }
    }
}

/// Numbers of a statement line that have a tree.
pub const NUMBERS: [&str; 20] = [
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
];

/// The equity of `date` as a tree; `None` when the ledger has no such day.
pub fn explain(outcome: &SwapOutcome, date: TradingDay) -> Option<Explanation> {
    explain_number(outcome, date, "equity")
}

/// A number of the statement line of `date` as a tree; `None` when the ledger has no such day or
/// [`NUMBERS`] no such number. Names stand under the long leg where `date` is the ledger's last day.
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
            _ => return None,
        })
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
        let line = self.line;
        let children = vec![
            leaf(words("股票交易", "trading the long leg"), line.fees - line.hedge_fees),
            leaf(words("对冲交易", "trading the hedge"), line.hedge_fees),
        ];
        summed(words("费用", "fees"), line.fees, children)
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
                && order.cause != super::OrderCause::Roll
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
