//! The statement a broker sends after a close: one day of a book, item by item.

use serde::Serialize;
use shoals_core::{Convention, Outcome, Table, Text, TradingDay};

use super::{StatementLine, SwapOutcome};

/// One day of a book.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DailyStatement {
    /// The close it is of.
    pub date: TradingDay,
    /// Its numbers, in the order of a statement.
    pub items: Vec<StatementItem>,
    /// The book on that day alone: its line, events, hedges and orders.
    pub day: SwapOutcome,
}

/// One number of a statement.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StatementItem {
    /// Stable name, as `equity`.
    pub item: &'static str,
    /// What it is; programs read the English.
    #[serde(serialize_with = "Text::serialize_english")]
    pub name: Text,
    /// CNY, or a decimal.
    pub value: f64,
    /// `CNY` or `decimal`.
    pub unit: &'static str,
}

/// An item: stable name, Chinese, English, unit, and where it stands in the line.
type Item = (&'static str, &'static str, &'static str, &'static str, fn(&StatementLine) -> f64);

const ITEMS: [Item; 20] = [
    ("long_value", "多头市值", "long value", "CNY", |l| l.long_value),
    ("hedge_value", "对冲市值", "hedge value", "CNY", |l| l.hedge_value),
    ("long_pnl_day", "多头当日盈亏", "gain of the long leg that day", "CNY", |l| {
        l.long_pnl_day
    }),
    ("hedge_pnl_day", "对冲当日盈亏", "gain of the hedges that day", "CNY", |l| {
        l.hedge_pnl_day
    }),
    ("financing_day", "当日融资", "financing that day", "CNY", |l| l.financing_day),
    ("fees_day", "当日费用", "trading costs that day", "CNY", |l| l.fees_day),
    ("cashflow", "当日补入", "cash paid in that day", "CNY", |l| l.cashflow),
    ("sold", "当日减仓", "long value sold that day", "CNY", |l| l.sold),
    ("waiting", "待卖", "long value waiting to be sold", "CNY", |l| l.waiting),
    ("long_pnl", "多头累计盈亏", "gain of the long leg", "CNY", |l| l.long_pnl),
    ("hedge_pnl", "对冲累计盈亏", "gain of the hedges", "CNY", |l| l.hedge_pnl),
    ("financing", "累计融资", "financing", "CNY", |l| l.financing),
    ("fees", "累计费用", "trading costs", "CNY", |l| l.fees),
    ("equity", "权益", "equity", "CNY", |l| l.equity),
    ("borrowed", "券商融出", "borrowed", "CNY", |l| l.borrowed),
    ("margin_ratio", "保证金比例", "margin ratio", "decimal", |l| l.margin_ratio),
    ("leverage", "杠杆", "leverage", "decimal", |l| l.leverage),
    ("distance_to_call", "距追保线的跌幅", "loss to the call line", "decimal", |l| {
        l.distance_to_call
    }),
    (
        "restoring_call",
        "补足初始比例的现金",
        "cash that restores the initial ratio",
        "CNY",
        |l| l.restoring_call,
    ),
    ("exchange_margin", "交易所保证金", "exchange margin", "CNY", |l| l.exchange_margin),
];

/// The statement of a day; `None` when the ledger has no such day.
pub fn daily_statement(outcome: &SwapOutcome, date: TradingDay) -> Option<DailyStatement> {
    let line = *outcome.line(date)?;
    let items = ITEMS.map(|(item, zh, en, unit, value)| StatementItem {
        item,
        name: Text::new(zh, en),
        value: value(&line),
        unit,
    });
    let mut day = outcome.clone().from_day(date);
    day.statement.truncate(1);
    day.events.retain(|event| event.date == date);
    day.hedges.retain(|line| line.date == date);
    day.orders.retain(|line| line.date == date);
    day.checks.retain(|line| line.date == date);
    if outcome.statement.last().is_some_and(|last| last.date != date) {
        day.holdings.clear();
    }
    Some(DailyStatement { date, items: items.to_vec(), day })
}

impl Outcome for DailyStatement {
    const NAME: &'static str = "swap_statement";

    fn tables(&self) -> Vec<Table> {
        let items = &self.items;
        let text = |pick: fn(&StatementItem) -> &'static str| -> Vec<String> {
            items.iter().map(|item| pick(item).to_owned()).collect()
        };
        let daily = Table::new("daily")
            .with("item", "stable name", text(|item| item.item))
            .with("name", "what it is", items.iter().map(|i| i.name.clone()).collect::<Vec<_>>())
            .with("value", "CNY or decimal", items.iter().map(|i| i.value).collect::<Vec<_>>())
            .with("unit", "CNY or decimal", text(|item| item.unit));
        let rest = self.day.tables().into_iter().filter(|table| table.name() != "statement");
        std::iter::once(daily).chain(rest.filter(|table| table.n_rows() > 0)).collect()
    }

    fn convention(&self) -> Convention {
        let mut convention = self.day.convention();
        let date = self.date;
        convention.insert(
            "sample".into(),
            Text::new(format!("{date} 收盘"), format!("the close of {date}")),
        );
        convention
    }
}
