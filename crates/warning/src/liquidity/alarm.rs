//! The days on which liquidity drained.

use serde::Serialize;
use shoals_core::{Text, TradingDay};

use super::{LiquidityConfig, LiquidityDay};

/// What drained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DrainKind {
    /// Many of the smallest closed at their lower limit: nobody bought.
    Sealed,
    /// The same amount moves prices much further than it did for a year.
    DearToMove,
    /// Trading has gone to larger companies.
    TurnoverGone,
}

impl DrainKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Sealed, Self::DearToMove, Self::TurnoverGone];

    /// The stable name used in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sealed => "sealed",
            Self::DearToMove => "dear_to_move",
            Self::TurnoverGone => "turnover_gone",
        }
    }
}

/// One alarm.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DrainAlarm {
    /// The day at whose close it was known.
    pub date: TradingDay,
    /// What drained.
    pub kind: DrainKind,
    /// One sentence with the figures; programs read the English.
    #[serde(serialize_with = "Text::serialize_english")]
    pub detail: Text,
}

/// Every alarm of the days told about, by date.
pub(super) fn alarms(days: &[LiquidityDay], config: &LiquidityConfig) -> Vec<DrainAlarm> {
    let told = days.iter().filter(|day| config.tells(day.date));
    told.flat_map(|day| {
        let loud = DrainKind::ALL.into_iter().filter(|kind| is_loud(*kind, day, config));
        loud.map(|kind| DrainAlarm { date: day.date, kind, detail: detail(kind, day, config) })
    })
    .collect()
}

fn is_loud(kind: DrainKind, day: &LiquidityDay, config: &LiquidityConfig) -> bool {
    match kind {
        DrainKind::Sealed => day.limit_down_share >= config.alarm_limit_down,
        DrainKind::DearToMove => day.amihud_ratio >= config.alarm_amihud,
        DrainKind::TurnoverGone => day.turnover_share_percentile <= config.alarm_turnover,
    }
}

fn detail(kind: DrainKind, day: &LiquidityDay, config: &LiquidityConfig) -> Text {
    let (names, days) = (config.n_names, config.yardstick_days);
    match kind {
        DrainKind::Sealed => {
            let (sealed, blocked) = (100.0 * day.limit_down_share, 100.0 * day.blocked_share);
            Text::new(
                format!("最小 {names} 只中 {sealed:.1} % 收于跌停，{blocked:.1} % 收盘时卖不出"),
                format!(
                    "{sealed:.1} % of the smallest {names} closed at their lower limit, {blocked:.1} % could not \
                     be sold at the close"
                ),
            )
        }
        DrainKind::DearToMove => {
            let (ratio, level) = (day.amihud_ratio, 100.0 * day.amihud);
            Text::new(
                format!(
                    "中位 Amihud 为此前 {days} 天均值的 {ratio:.2} 倍：每成交 1 亿元推动价格 {level:.1} %"
                ),
                format!(
                    "the median Amihud ratio is {ratio:.2} times its mean of the {days} days before: CNY 100 \
                     million move a price by {level:.1} %"
                ),
            )
        }
        DrainKind::TurnoverGone => {
            let (share, at) = (100.0 * day.turnover_share, 100.0 * day.turnover_share_percentile);
            Text::new(
                format!(
                    "最小 {names} 只占全市场成交的 {share:.2} %，处于此前 {days} 天的第 {at:.0} 百分位"
                ),
                format!(
                    "the smallest {names} have {share:.2} % of all trading, percentile {at:.0} of the {days} days before"
                ),
            )
        }
    }
}
