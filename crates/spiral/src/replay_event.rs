//! What happened on a path, in the order of its days, and why.

use serde::Serialize;
use shoals_core::Text;

use crate::explain::Feedback;
use crate::holder::Kind;
use crate::market::{Orders, Product};
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
        let before = day.checked_sub(1).map(|day| &path[day]);
        let today = Today { scenario, record, before };
        let changes = scenario.changes.iter().filter(|change| change.from_day == day);
        let happened = changes.map(|change| (EventKind::Rule, told(change))).chain(
            [
                (EventKind::Purchase, today.bought()),
                (EventKind::KnockIn, today.knocked_in()),
                (EventKind::ForcedSale, today.forced()),
                (EventKind::WipedOut, today.wiped_out()),
                (EventKind::LimitDown, today.limit_down()),
                (EventKind::MarginCall, today.margin_call()),
                (EventKind::Cascade, feedback.get(day).and_then(|f| cascade(f.all))),
            ]
            .into_iter()
            .filter_map(|(kind, detail)| Some((kind, detail?))),
        );
        events.extend(happened.map(|(kind, detail)| Event { day, kind, detail }));
    }
    events
}

/// A day and the one before it; each method tells of one kind of event, if there was any.
struct Today<'a> {
    scenario: &'a Scenario,
    record: &'a DayRecord,
    before: Option<&'a DayRecord>,
}

impl Today<'_> {
    fn flow(&self, kind: Kind) -> &Orders {
        &self.record.flow[kind as usize]
    }

    fn bought(&self) -> Option<Text> {
        let stock = self.flow(Kind::NationalTeam).stock;
        let bought: f64 = -stock.iter().sum::<f64>();
        let large = -stock[4] / bought * 100.0;
        (bought >= BN).then(|| {
            Text::new(
                format!("国家队买入 {:.0} 亿元，沪深300 占 {large:.0}%", bought / 1e8),
                format!(
                    "the national team bought CNY {:.1} bn, {large:.0} % of it CSI 300",
                    bought / BN
                ),
            )
        })
    }

    fn knocked_in(&self) -> Option<Text> {
        let knocked = self.record.knocked_in - self.before.map_or(0.0, |before| before.knocked_in);
        let sold = |product| self.flow(Kind::Snowball).future[product as usize];
        let (middle, small) = (sold(Product::Ic), sold(Product::Im));
        (knocked >= KNOCKED_IN).then(|| {
            let percent = knocked * 100.0;
            let (middle, small) = (traded("IC", middle), traded("IM", small));
            Text::new(
                format!("雪球名义本金 {percent:.0}% 敲入；交易商全天{}、{}", middle.zh, small.zh),
                format!(
                    "{percent:.0} % of the snowballs' notional knocked in; over the day dealers {} and {}",
                    middle.en, small.en
                ),
            )
        })
    }

    fn forced(&self) -> Option<Text> {
        let dma = self.flow(Kind::Dma);
        let forced: f64 = dma.stock.iter().map(|x| x.max(0.0)).sum();
        let held = self.before.map_or(self.scenario.dma.long_value, |before| before.dma_value);
        // Not `-sum`, which prints no purchase as -0.
        let covered: f64 = 0.0 - dma.future.iter().sum::<f64>();
        (forced >= SOLD * held).then(|| {
            Text::new(
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
            )
        })
    }

    fn wiped_out(&self) -> Option<Text> {
        let before = self.before.map_or(0.0, |before| before.dma_wiped_out);
        let percent = (self.record.dma_wiped_out - before) * 100.0;
        (percent > 0.0).then(|| {
            Text::new(
                format!("又有 {percent:.0}% 的 DMA 账户本金归零"),
                format!("{percent:.0} % of the DMA books lost the last of their money"),
            )
        })
    }

    fn limit_down(&self) -> Option<Text> {
        let share = self.record.limit_down[0];
        let percent = share * 100.0;
        (share >= LIMIT_DOWN).then(|| {
            Text::new(
                format!("微盘股 {percent:.0}% 跌停"),
                format!("{percent:.0} % of micro caps at their lower limit"),
            )
        })
    }

    fn margin_call(&self) -> Option<Text> {
        let start = || self.scenario.margin.debt.iter().sum();
        let owed = self.before.map_or_else(start, |before| before.margin_debt);
        let repaid = owed - self.record.margin_debt;
        (repaid >= REPAID * owed && owed > 0.0).then(|| {
            Text::new(
                format!("两融账户被迫卖出还款 {:.0} 亿元", repaid / 1e8),
                format!("margin accounts had to sell and repay {:.1} bn", repaid / BN),
            )
        })
    }
}

/// A net trade of futures; a sale is positive, CNY.
fn traded(product: &str, amount: f64) -> Text {
    let (zh, en) = if amount < 0.0 { ("买入", "bought") } else { ("卖出", "sold") };
    let size = amount.abs();
    Text::new(
        format!("净{zh} {product} {:.0} 亿元", size / 1e8),
        format!("{en} {product} for {:.1} bn net", size / BN),
    )
}

fn cascade(number: f64) -> Option<Text> {
    (number >= 1.0).then(|| {
        Text::new(
            format!("收盘时反馈数 {number:.2}：下跌会引出更大的下跌"),
            format!("feedback number {number:.2} at the close: a fall brings about a larger one"),
        )
    })
}

fn told(change: &Change) -> Text {
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
    Text::new(zh.join("，"), en.join(", "))
}
