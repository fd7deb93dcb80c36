//! What happened on a path, in the order of its days, and why.

use serde::Serialize;
use shoals_core::Text;

use crate::explain::Feedback;
use crate::holder::Kind;
use crate::market::Product;
use crate::policy::Change;
use crate::scenario::Scenario;
use crate::simulate::DayRecord;

/// Kinds of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// A rule changed.
    Rule,
    /// The national team bought.
    Purchase,
    /// Snowballs were knocked in.
    KnockIn,
    /// DMA books sold because they had to.
    ForcedSale,
    /// DMA books lost all their money.
    WipedOut,
    /// Names stood at their lower limit.
    LimitDown,
    /// Margin accounts were called.
    MarginCall,
    /// A fall brings about a larger one.
    Cascade,
}

impl EventKind {
    /// The stable name used in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rule => "rule",
            Self::Purchase => "purchase",
            Self::KnockIn => "knock_in",
            Self::ForcedSale => "forced_sale",
            Self::WipedOut => "wiped_out",
            Self::LimitDown => "limit_down",
            Self::MarginCall => "margin_call",
            Self::Cascade => "cascade",
        }
    }
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Event {
    /// Day, 0 the first.
    pub day: usize,
    /// What.
    pub kind: EventKind,
    /// In words.
    pub detail: Text,
}

/// Share of the notional knocked in on a day that is told.
const KNOCKED_IN: f64 = 0.03;
/// Share of the smallest segment's names at their limit that is told.
const LIMIT_DOWN: f64 = 0.10;
/// Fall of the margin accounts' debt on a day that is told, a share of what it was.
const REPAID: f64 = 0.005;
/// Forced sales of a day that are told, a share of what the books held the day before.
const SOLD: f64 = 0.02;
const BN: f64 = 1e9;

/// The events of a path.
pub fn events(scenario: &Scenario, path: &[DayRecord], feedback: &[Feedback]) -> Vec<Event> {
    let mut events = Vec::new();
    for (day, record) in path.iter().enumerate() {
        let mut tell = |kind, zh: String, en: String| {
            events.push(Event { day, kind, detail: Text::new(zh, en) });
        };
        for change in scenario.changes.iter().filter(|change| change.from_day == day) {
            let (zh, en) = told(change);
            tell(EventKind::Rule, zh, en);
        }
        let before = day.checked_sub(1).map(|day| &path[day]);
        let bought: f64 = -record.flow[Kind::NationalTeam as usize].stock.iter().sum::<f64>();
        if bought >= BN {
            let large = -record.flow[Kind::NationalTeam as usize].stock[4] / bought;
            tell(
                EventKind::Purchase,
                format!("国家队买入 {:.0} 亿元，沪深300 占 {:.0}%", bought / 1e8, large * 100.0),
                format!(
                    "the national team bought CNY {:.1} bn, {:.0} % of it CSI 300",
                    bought / BN,
                    large * 100.0
                ),
            );
        }
        let knocked = record.knocked_in - before.map_or(0.0, |before| before.knocked_in);
        if knocked >= KNOCKED_IN {
            let sold: Vec<f64> = Product::ALL
                .iter()
                .map(|p| record.flow[Kind::Snowball as usize].future[*p as usize] / BN)
                .collect();
            tell(
                EventKind::KnockIn,
                format!(
                    "雪球名义本金 {:.0}% 敲入，交易商净卖 IC {:.0} 亿、IM {:.0} 亿元",
                    knocked * 100.0,
                    sold[1] * 10.0,
                    sold[2] * 10.0
                ),
                format!(
                    "{:.0} % of the snowballs' notional knocked in; dealers sold IC for {:.1} and IM for {:.1} bn net",
                    knocked * 100.0,
                    sold[1],
                    sold[2]
                ),
            );
        }
        let dma = &record.flow[Kind::Dma as usize];
        let forced: f64 = dma.stock.iter().map(|x| x.max(0.0)).sum();
        let held = before.map_or(scenario.dma.long_value, |before| before.dma_value);
        if forced >= SOLD * held {
            // Not `-sum`, which prints no purchase as -0.
            let covered: f64 = 0.0 - dma.future.iter().sum::<f64>();
            tell(
                EventKind::ForcedSale,
                format!(
                    "DMA 被迫卖出股票 {:.0} 亿元（其中微盘 {:.0} 亿），买回期货 {:.0} 亿元",
                    forced / 1e8,
                    dma.stock[0] / 1e8,
                    covered / 1e8
                ),
                format!(
                    "DMA books had to sell stocks for {:.1} bn, {:.1} bn of them micro caps, and bought back futures for {:.1} bn",
                    forced / BN,
                    dma.stock[0] / BN,
                    covered / BN
                ),
            );
        }
        let wiped = record.dma_wiped_out - before.map_or(0.0, |before| before.dma_wiped_out);
        if wiped > 0.0 {
            tell(
                EventKind::WipedOut,
                format!("又有 {:.0}% 的 DMA 账户本金归零", wiped * 100.0),
                format!("{:.0} % of the DMA books lost the last of their money", wiped * 100.0),
            );
        }
        if record.limit_down[0] >= LIMIT_DOWN {
            tell(
                EventKind::LimitDown,
                format!("微盘股 {:.0}% 跌停", record.limit_down[0] * 100.0),
                format!("{:.0} % of micro caps at their lower limit", record.limit_down[0] * 100.0),
            );
        }
        let owed = before.map_or(scenario.margin.debt.iter().sum(), |before| before.margin_debt);
        if owed - record.margin_debt >= REPAID * owed && owed > 0.0 {
            let repaid = owed - record.margin_debt;
            tell(
                EventKind::MarginCall,
                format!("两融账户被迫卖出还款 {:.0} 亿元", repaid / 1e8),
                format!("margin accounts had to sell and repay {:.1} bn", repaid / BN),
            );
        }
        if let Some(number) = feedback.get(day).map(|f| f.all).filter(|all| *all >= 1.0) {
            tell(
                EventKind::Cascade,
                format!("收盘时反馈数 {number:.2}：下跌会引出更大的下跌"),
                format!(
                    "feedback number {number:.2} at the close: a fall brings about a larger one"
                ),
            );
        }
    }
    events
}

fn told(change: &Change) -> (String, String) {
    let mut zh = Vec::new();
    let mut en = Vec::new();
    let mut say = |a: String, b: String| {
        zh.push(a);
        en.push(b);
    };
    match change.net_sell_ban {
        Some(true) => say("DMA 不得净卖出".to_owned(), "DMA books may not sell net".to_owned()),
        Some(false) => {
            say("DMA 净卖出限制解除".to_owned(), "DMA books may sell net again".to_owned());
        }
        None => {}
    }
    if let Some(margin) = change.initial_margin {
        say(
            format!("初始保证金 {:.0}%（{:.1} 倍杠杆）", margin * 100.0, 1.0 / margin),
            format!("initial margin {:.0} %, {:.1} times leverage", margin * 100.0, 1.0 / margin),
        );
    }
    if let Some(line) = change.call_ratio {
        say(format!("追保线 {:.0}%", line * 100.0), format!("call line {:.0} %", line * 100.0));
    }
    if let Some(line) = change.liquidation_ratio {
        let percent = line * 100.0;
        say(format!("平仓线 {percent:.0}%"), format!("liquidation line {percent:.0} %"));
    }
    match change.redemption_gate {
        Some(true) => say("暂停赎回".to_owned(), "redemptions are gated".to_owned()),
        Some(false) => say("恢复赎回".to_owned(), "redemptions are open again".to_owned()),
        None => {}
    }
    (zh.join("，"), en.join(", "))
}
