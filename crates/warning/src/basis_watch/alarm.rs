//! The few days a risk manager must hear of.

use serde::Serialize;
use shoals_core::{Text, TradingDay};

use super::{BasisConfig, BasisOutcome, SqueezeDay, StressDay};

/// What an alarm is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AlarmKind {
    /// The basis is far below its last year: everyone is short.
    DiscountStress,
    /// The basis is far above its last year: the shorts are being bought back.
    PremiumStress,
    /// Both legs of a small-company hedge lost, by much.
    HedgeSqueeze,
}

impl AlarmKind {
    /// The stable name used in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::DiscountStress => "discount_stress",
            Self::PremiumStress => "premium_stress",
            Self::HedgeSqueeze => "hedge_squeeze",
        }
    }
}

/// One alarm.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Alarm {
    /// The day at whose close it was known.
    pub date: TradingDay,
    /// What it is about.
    pub kind: AlarmKind,
    /// One sentence with the figures; programs read the English.
    #[serde(serialize_with = "Text::serialize_english")]
    pub detail: Text,
}

/// Every alarm, by date.
pub(super) fn alarms(outcome: &BasisOutcome, config: &BasisConfig) -> Vec<Alarm> {
    let mut alarms: Vec<Alarm> = stress_alarms(outcome, config).collect();
    alarms.extend(squeeze_alarms(outcome, config));
    alarms.sort_by_key(|alarm| (alarm.date, alarm.kind));
    alarms
}

fn stress_alarms(outcome: &BasisOutcome, config: &BasisConfig) -> impl Iterator<Item = Alarm> {
    let is_loud = move |z: f64| z.abs() >= config.alarm_z_score;
    outcome.stress.iter().filter(move |day| is_loud(day.z_score)).map(|day| Alarm {
        date: day.date,
        kind: if day.z_score < 0.0 { AlarmKind::DiscountStress } else { AlarmKind::PremiumStress },
        detail: stress_detail(day, config.stress_days),
    })
}

fn squeeze_alarms(outcome: &BasisOutcome, config: &BasisConfig) -> impl Iterator<Item = Alarm> {
    let is_loud = |book_return: f64| -book_return >= config.alarm_squeeze_loss;
    outcome.squeezes.iter().filter(move |day| is_loud(day.book_return)).map(|day| Alarm {
        date: day.date,
        kind: AlarmKind::HedgeSqueeze,
        detail: squeeze_detail(day),
    })
}

fn stress_detail(day: &StressDay, n_days: usize) -> Text {
    let (product, rate, z) = (day.product.code(), 100.0 * day.basis_rate, day.z_score);
    Text::new(
        format!("{product} 年化基差 {rate:.2} %，偏离此前 {n_days} 天 {z:+.1} 个标准差"),
        format!(
            "{product} basis rate {rate:.2} % a year, {z:+.1} deviations from its last {n_days} days"
        ),
    )
}

fn squeeze_detail(day: &SqueezeDay) -> Text {
    let (contract, change) = (day.contract, 100.0 * day.basis_change);
    let (micro, lost) = (100.0 * day.micro_return, -100.0 * day.book_return);
    Text::new(
        format!(
            "{contract} 基差上行现货的 {change:.2} %，微盘股收益 {micro:.2} %：做多微盘、做空该合约的账本亏损名义本金的 {lost:.2} %"
        ),
        format!(
            "{contract} basis rose {change:.2} % of spot while micro caps returned {micro:.2} %: a book \
             long micro and short it lost {lost:.2} % of notional"
        ),
    )
}
