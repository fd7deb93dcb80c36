//! What a simulated book returns: its statement, its events and the days that mattered.

use serde::Serialize;
use shoals_core::{Convention, Outcome, Symbol, Table, Text, TradingDay};

use super::order::{OrderLine, order_table};
use super::terms::CostSchedule;
use super::{
    BasketRebalance, ConcentrationLines, FinancingBase, Hedge, Long, MarginBase, OnBreach,
    SwapTerms,
};

/// A book carried from its opening to its end. Ruin is a status here, not an error.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SwapOutcome {
    /// The terms it ran under.
    pub terms: SwapTerms,
    /// One line a trading day, the opening day first.
    pub statement: Vec<StatementLine>,
    /// What happened, in order.
    pub events: Vec<SwapEvent>,
    /// Each hedge, each day it was open.
    pub hedges: Vec<HedgeLine>,
    /// Every order of either leg, day by day.
    pub orders: Vec<OrderLine>,
    /// Each name of the long leg at the last close; empty for a leg that is one series.
    pub holdings: Vec<HoldingLine>,
    /// The concentration rules at every close; empty without `[concentration]`.
    pub checks: Vec<CheckLine>,
    /// The numbers those rules were checked by; none without `[concentration]`.
    pub concentration: Option<ConcentrationLines>,
    /// First day below the call line.
    pub called_on: Option<TradingDay>,
    /// First day below the liquidation line.
    pub liquidation_on: Option<TradingDay>,
    /// First day without equity.
    pub wiped_out_on: Option<TradingDay>,
    /// Cash paid in after calls, CNY.
    pub cash_paid_in: f64,
    /// Margin paid in at the opening, CNY.
    pub initial_margin: f64,
}

/// One day of the ledger. Money in CNY; totals run since the opening; `_day` figures are the day's own.
///
/// `equity = initial margin + cash paid in + long_pnl + hedge_pnl − financing − fees`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct StatementLine {
    /// Trading day.
    pub date: TradingDay,
    /// Market value of the long leg; on the last day, what was sold.
    pub long_value: f64,
    /// Gain of the short futures since the opening.
    pub hedge_pnl: f64,
    /// Financing paid since the opening, a positive magnitude.
    pub financing: f64,
    /// Trading costs since the opening, a positive magnitude.
    pub fees: f64,
    /// What is left to the fund.
    pub equity: f64,
    /// Equity over the margin base; NaN when nothing is held.
    pub margin_ratio: f64,
    /// Long value over equity; NaN without equity.
    pub leverage: f64,
    /// Where the ratio stands against the lines.
    pub status: SwapStatus,
    /// Gain of the long leg since the opening.
    pub long_pnl: f64,
    /// Gain of the long leg that day.
    pub long_pnl_day: f64,
    /// Gain of the hedges that day.
    pub hedge_pnl_day: f64,
    /// Financing charged that day.
    pub financing_day: f64,
    /// Trading costs that day.
    pub fees_day: f64,
    /// Cash the fund paid in that day.
    pub cashflow: f64,
    /// Value of the short futures, a positive magnitude.
    pub hedge_value: f64,
    /// What the broker has lent: long value less equity, at least 0.
    pub borrowed: f64,
    /// Further relative loss of the long leg to the call line, hedge flat; negative below the line.
    pub distance_to_call: f64,
    /// Cash that would restore the initial ratio at this close.
    pub restoring_call: f64,
    /// Fraction of the book that would have to be sold instead.
    pub restoring_sale: f64,
    /// Long value sold that day while the book went on.
    pub sold: f64,
    /// Trading costs of the hedge since the opening, part of `fees`.
    pub hedge_fees: f64,
    /// Long value ordered to be sold and not sold yet at the close.
    pub waiting: f64,
    /// What the exchange asks for the futures at the day's rates; the broker's business, not the fund's.
    pub exchange_margin: f64,
    /// Value of names sold, and of names bought for it, in a rebalancing that day.
    pub rebalanced: f64,
}

/// One hedge on one day.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct HedgeLine {
    /// Trading day.
    pub date: TradingDay,
    /// Contract, or the index that is sold itself.
    pub contract: Symbol,
    /// Lots short at the close.
    pub lots: f64,
    /// Mark, index points.
    pub price: f64,
    /// Gain since the opening, CNY.
    pub pnl: f64,
    /// Which of the terms' hedges it belongs to, from 1.
    pub leg: usize,
    /// Value at the close, CNY, positive.
    pub value: f64,
    /// What the exchange asks for it at the day's rate, CNY; 0 for an index sold itself.
    pub margin: f64,
}

/// One name of the long leg at the ledger's last close.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct HoldingLine {
    /// Stock.
    pub symbol: Symbol,
    /// Value still held, CNY.
    pub value: f64,
    /// Gain since the opening, CNY; dividends in it.
    pub pnl: f64,
}

/// The concentration rules at one close.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CheckLine {
    /// Trading day.
    pub date: TradingDay,
    /// Share of the largest name in the long value; NaN for a leg that is one series.
    pub largest_weight: f64,
    /// Names held; NaN for a leg that is one series.
    pub n_names: f64,
    /// Long less hedge over long value.
    pub net_exposure: f64,
    /// Correlation of the legs' daily returns; NaN before there are enough days.
    pub correlation: f64,
    /// Rules broken at this close.
    pub n_broken: usize,
}

/// Where a margin ratio stands against the lines, from good to ruined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SwapStatus {
    /// At or above every line.
    Ok,
    /// Below the warning line.
    Warning,
    /// Below the call line.
    Call,
    /// Below the liquidation line.
    Liquidation,
    /// No equity left.
    WipedOut,
}

/// What kind of thing happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// Both legs were opened.
    Opened,
    /// The ratio fell below the warning line.
    Warning,
    /// The ratio fell below the call line.
    Call,
    /// The ratio fell below the liquidation line.
    Liquidation,
    /// Equity fell to 0 or below.
    WipedOut,
    /// Cash was paid in.
    ToppedUp,
    /// Both legs were sold down.
    Deleveraged,
    /// Both legs were closed after a breach.
    Liquidated,
    /// Part of what was ordered was sold; the rest waits.
    PartlySold,
    /// Names were sold and an index bought in their place, under a net-sell ban.
    Switched,
    /// A call became void: a close before its deadline stood above the line again.
    CallLapsed,
    /// A call was not met by its deadline.
    CallUnmet,
    /// The manager's stop was hit.
    StopLoss,
    /// A concentration rule was broken.
    RuleBroken,
    /// A concentration rule was kept again.
    RuleKept,
    /// Names went back to their weights, as far as the day let them.
    Rebalanced,
    /// A hedge moved to another contract.
    Rolled,
    /// A hedge contract reached its last trading day and was settled.
    HedgeExpired,
    /// A leg had no price that day and kept its last mark.
    StaleMark,
    /// A record ends before `closed_on`; the book is still open.
    RecordEnded,
    /// Both legs were closed as agreed.
    Closed,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SwapEvent {
    /// Trading day.
    pub date: TradingDay,
    /// What kind.
    pub kind: EventKind,
    /// One sentence with the numbers; programs read the English.
    #[serde(serialize_with = "Text::serialize_english")]
    pub detail: Text,
}

impl SwapStatus {
    /// The stable name, as `wiped_out`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Call => "call",
            Self::Liquidation => "liquidation",
            Self::WipedOut => "wiped_out",
        }
    }
}

impl EventKind {
    /// The stable name, as `topped_up`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Warning => "warning",
            Self::Call => "call",
            Self::Liquidation => "liquidation",
            Self::WipedOut => "wiped_out",
            Self::ToppedUp => "topped_up",
            Self::Deleveraged => "deleveraged",
            Self::Liquidated => "liquidated",
            Self::PartlySold => "partly_sold",
            Self::Switched => "switched",
            Self::CallLapsed => "call_lapsed",
            Self::CallUnmet => "call_unmet",
            Self::StopLoss => "stop_loss",
            Self::RuleBroken => "rule_broken",
            Self::RuleKept => "rule_kept",
            Self::Rebalanced => "rebalanced",
            Self::Rolled => "rolled",
            Self::HedgeExpired => "hedge_expired",
            Self::StaleMark => "stale_mark",
            Self::RecordEnded => "record_ended",
            Self::Closed => "closed",
        }
    }
}

impl SwapOutcome {
    /// The line of a day, when the ledger has one.
    pub fn line(&self, date: TradingDay) -> Option<&StatementLine> {
        self.statement
            .binary_search_by_key(&date, |line| line.date)
            .ok()
            .map(|i| &self.statement[i])
    }

    /// Tells of `from` and later days only; totals still run since the opening.
    #[must_use]
    pub fn from_day(mut self, from: TradingDay) -> Self {
        self.statement.retain(|line| line.date >= from);
        self.events.retain(|event| event.date >= from);
        self.hedges.retain(|line| line.date >= from);
        self.orders.retain(|line| line.date >= from);
        self.checks.retain(|line| line.date >= from);
        self
    }

    /// Equity at the end, CNY.
    pub fn final_equity(&self) -> f64 {
        self.statement.last().map_or(f64::NAN, |line| line.equity)
    }

    fn statement_table(&self) -> Table {
        let number = |pick: fn(&StatementLine) -> f64| -> Vec<f64> {
            self.statement.iter().map(pick).collect()
        };
        let dates: Vec<TradingDay> = self.statement.iter().map(|line| line.date).collect();
        let statuses: Vec<String> =
            self.statement.iter().map(|line| line.status.name().to_owned()).collect();
        Table::new("statement")
            .with("date", "trading day", dates)
            .with("long_value", "market value of the long leg, CNY", number(|l| l.long_value))
            .with(
                "hedge_pnl",
                "gain of the short futures since the opening, CNY",
                number(|l| l.hedge_pnl),
            )
            .with(
                "financing",
                "financing since the opening, CNY, positive",
                number(|l| l.financing),
            )
            .with("fees", "trading costs since the opening, CNY, positive", number(|l| l.fees))
            .with("equity", "what is left to the fund, CNY", number(|l| l.equity))
            .with(
                "margin_ratio",
                "equity over the margin base, decimal",
                number(|l| l.margin_ratio),
            )
            .with("leverage", "long value over equity; none without equity", number(|l| l.leverage))
            .with("status", "ok, warning, call, liquidation or wiped_out", statuses)
            .with("long_pnl", "gain of the long leg since the opening, CNY", number(|l| l.long_pnl))
            .with("long_pnl_day", "gain of the long leg that day, CNY", number(|l| l.long_pnl_day))
            .with("hedge_pnl_day", "gain of the hedges that day, CNY", number(|l| l.hedge_pnl_day))
            .with("financing_day", "financing that day, CNY, positive", number(|l| l.financing_day))
            .with("fees_day", "trading costs that day, CNY, positive", number(|l| l.fees_day))
            .with("cashflow", "cash paid in that day, CNY", number(|l| l.cashflow))
            .with(
                "hedge_value",
                "value of the short futures, CNY, positive",
                number(|l| l.hedge_value),
            )
            .with("borrowed", "long value less equity, at least 0, CNY", number(|l| l.borrowed))
            .with(
                "distance_to_call",
                "relative loss of the long leg to the call line, hedge flat; negative below it",
                number(|l| l.distance_to_call),
            )
            .with(
                "restoring_call",
                "cash that restores the initial ratio, CNY",
                number(|l| l.restoring_call),
            )
            .with(
                "restoring_sale",
                "fraction to sell that restores it instead",
                number(|l| l.restoring_sale),
            )
            .with(
                "sold",
                "long value sold that day while the book went on, CNY",
                number(|l| l.sold),
            )
            .with(
                "hedge_fees",
                "trading costs of the hedge since the opening, part of fees, CNY",
                number(|l| l.hedge_fees),
            )
            .with("waiting", "long value ordered sold and not sold yet, CNY", number(|l| l.waiting))
            .with(
                "exchange_margin",
                "what the exchange asks for the futures, CNY",
                number(|l| l.exchange_margin),
            )
            .with(
                "rebalanced",
                "value of names sold, and of names bought for it, that day, CNY",
                number(|l| l.rebalanced),
            )
    }

    fn event_table(&self) -> Table {
        let kinds: Vec<String> =
            self.events.iter().map(|event| event.kind.name().to_owned()).collect();
        let details: Vec<Text> = self.events.iter().map(|event| event.detail.clone()).collect();
        let dates: Vec<TradingDay> = self.events.iter().map(|event| event.date).collect();
        Table::new("event")
            .with("date", "trading day", dates)
            .with("kind", "stable name of what happened", kinds)
            .with("detail", "one sentence with the numbers", details)
    }

    fn hedge_table(&self) -> Table {
        let number =
            |pick: fn(&HedgeLine) -> f64| -> Vec<f64> { self.hedges.iter().map(pick).collect() };
        let dates: Vec<TradingDay> = self.hedges.iter().map(|line| line.date).collect();
        let contracts: Vec<Symbol> = self.hedges.iter().map(|line| line.contract).collect();
        Table::new("hedge")
            .with("date", "trading day", dates)
            .with("contract", "futures contract", contracts)
            .with("lots", "lots short at the close", number(|l| l.lots))
            .with("price", "mark, index points", number(|l| l.price))
            .with("pnl", "gain since the opening, CNY", number(|l| l.pnl))
            .with(
                "leg",
                "which hedge of the terms, from 1",
                self.hedges.iter().map(|line| line.leg as i64).collect::<Vec<_>>(),
            )
            .with("value", "value at the close, CNY, positive", number(|l| l.value))
            .with("margin", "what the exchange asks for it, CNY", number(|l| l.margin))
    }

    fn holding_table(&self) -> Table {
        let symbols: Vec<Symbol> = self.holdings.iter().map(|line| line.symbol).collect();
        let number = |pick: fn(&HoldingLine) -> f64| -> Vec<f64> {
            self.holdings.iter().map(pick).collect()
        };
        Table::new("holding")
            .with("symbol", "stock", symbols)
            .with("value", "value still held at the last close, CNY", number(|l| l.value))
            .with("pnl", "gain since the opening, dividends in it, CNY", number(|l| l.pnl))
    }

    fn check_table(&self) -> Table {
        let number =
            |pick: fn(&CheckLine) -> f64| -> Vec<f64> { self.checks.iter().map(pick).collect() };
        let dates: Vec<TradingDay> = self.checks.iter().map(|line| line.date).collect();
        Table::new("check")
            .with("date", "trading day", dates)
            .with("largest_weight", "share of the largest name", number(|l| l.largest_weight))
            .with("n_names", "names held", number(|l| l.n_names))
            .with("net_exposure", "long less hedge over long value", number(|l| l.net_exposure))
            .with(
                "correlation",
                "of the legs' daily returns; none before there are enough",
                number(|l| l.correlation),
            )
            .with(
                "n_broken",
                "rules broken",
                self.checks.iter().map(|line| line.n_broken as i64).collect::<Vec<_>>(),
            )
    }
}

impl Outcome for SwapOutcome {
    const NAME: &'static str = "swap";

    fn tables(&self) -> Vec<Table> {
        let mut tables = vec![
            self.statement_table(),
            self.event_table(),
            self.hedge_table(),
            order_table(&self.orders),
        ];
        tables.extend((!self.holdings.is_empty()).then(|| self.holding_table()));
        tables.extend((!self.checks.is_empty()).then(|| self.check_table()));
        tables
    }

    fn convention(&self) -> Convention {
        let swap = &self.terms.swap;
        let rate = swap.financing_rate;
        let financing = financing_base(swap.financing_base);
        let n = self.statement.len();
        Convention::from([
            ("margin_ratio".into(), margin_base(swap.margin_base)),
            (
                "financing".into(),
                Text::new(
                    format!("年利率 {rate}，ACT/365，计息基数为{}", financing.zh),
                    format!("{rate} a year, ACT/365, on {}", financing.en),
                ),
            ),
            ("hedge_mark".into(), self.hedge_marks()),
            (
                "hedge_expiry".into(),
                Text::new(
                    "单一合约早于 `closed_on` 到期：按最终结算价交割，不展期；品种按其换月规则展期",
                    "a contract before `closed_on`: settled at the final settlement price, not rolled; a \
                     product rolls by its rule",
                ),
            ),
            (
                "breach".into(),
                Text::new("收盘时的比例严格低于某线", "a ratio strictly below a line at the close"),
            ),
            ("on_breach".into(), breach_action(swap.on_breach)),
            ("long_price".into(), long_price(self.terms.long.is_of_names())),
            ("rebalance".into(), rebalance(&self.terms.long)),
            ("cost".into(), costs(self.terms.cost.schedule)),
            ("sample".into(), Text::new(format!("{n} 个交易日"), format!("{n} trading days"))),
            ("unit".into(), Text::new("元", "CNY")),
        ])
    }
}

impl SwapOutcome {
    fn hedge_marks(&self) -> Text {
        let one = |hedge: &Hedge| {
            let (contract, mark) = (hedge.name(), hedge.mark);
            Text::new(
                format!("{contract} 按{}", mark.words().zh),
                format!("{contract} at {}", mark.words().en),
            )
        };
        let marks: Vec<Text> = self.terms.hedge.iter().map(one).collect();
        if marks.is_empty() { Text::new("无对冲", "no hedge") } else { Text::listed(&marks) }
    }
}

fn long_price(is_of_names: bool) -> Text {
    if is_of_names {
        Text::new(
            "复权收盘价：分红留在派息的股票里；无价之日沿用上一标记；开仓收盘买入能买的股票",
            "adjusted close: dividends stay in the name that pays them; without a price the last mark \
             stands; at the opening the names that could be bought are bought",
        )
    } else {
        Text::new(
            "收盘价；分红只按指数自身的口径计入",
            "close; dividends only as the index holds them",
        )
    }
}

fn rebalance(long: &Long) -> Text {
    let rule = long.rebalance.words();
    if long.rebalance == BasketRebalance::Never {
        return rule;
    }
    let how = Text::new(
        "买卖等值，多头市值与对冲不变；权重与名单为前一收盘所知；涨跌停、停牌、T+1 与成交占比上限照常，未成交的次日再办；\
         减仓或平仓之日不做",
        "as much is bought as sold, so neither long value nor hedge changes; weights and names are known at the close \
         before; price limits, suspensions, T+1 and participation hold, what is not filled is tried the next day; left \
         out on a day of unwinding",
    );
    Text::clauses([&rule, &how])
}

fn costs(schedule: CostSchedule) -> Text {
    match schedule {
        CostSchedule::Written => Text::new("按 `[cost]` 所写比例", "the fractions of `[cost]`"),
        CostSchedule::Rules => Text::new(
            "按当日市场规则的佣金、印花税与期货手续费（每单固定费用除外）",
            "commission, stamp duty and exchange fees of the day's rules (without the fee an order)",
        ),
    }
}

fn margin_base(base: MarginBase) -> Text {
    match base {
        MarginBase::Long => Text::new("权益除以股票市值", "equity over long value"),
        MarginBase::Gross => {
            Text::new("权益除以股票市值与对冲市值之和", "equity over long value plus hedge value")
        }
    }
}

fn financing_base(base: FinancingBase) -> Text {
    match base {
        FinancingBase::Notional => {
            Text::new("开仓名义本金减已卖出部分", "opening notional, less what was sold")
        }
        FinancingBase::Borrowed => {
            Text::new("前一日收盘股票市值减权益", "long value less equity at the close before")
        }
    }
}

fn breach_action(action: OnBreach) -> Text {
    match action {
        OnBreach::Report => Text::new("不处置，账本继续运行", "none, the book runs on"),
        OnBreach::TopUp => Text::new(
            "触线收盘时恢复初始比例所需的现金，于下一收盘补入；再按该收盘检验",
            "the cash that restores the initial ratio at the breached close is paid in at the next, which is \
             then tested itself",
        ),
        OnBreach::Deleverage => Text::new(
            "触线收盘时恢复初始比例所需的减仓比例，于下一收盘两条腿同减；再按该收盘检验",
            "the fraction that restores the initial ratio at the breached close is sold of both legs at the \
             next, which is then tested itself",
        ),
        OnBreach::Liquidate => {
            Text::new("下一收盘两条腿全部平仓", "both legs are closed at the next close")
        }
    }
}
