//! The few days a risk manager must hear of.

use serde::Serialize;
use shoals_core::TradingDay;

use super::{BasisConfig, BasisOutcome};

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
    /// One sentence with the figures.
    pub detail: String,
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
        detail: format!(
            "{} basis rate {:.2} % a year, {:+.1} deviations from its last {} days",
            day.product.code(),
            100.0 * day.basis_rate,
            day.z_score,
            config.stress_days
        ),
    })
}

fn squeeze_alarms(outcome: &BasisOutcome, config: &BasisConfig) -> impl Iterator<Item = Alarm> {
    let is_loud = |book_return: f64| -book_return >= config.alarm_squeeze_loss;
    outcome.squeezes.iter().filter(move |day| is_loud(day.book_return)).map(|day| Alarm {
        date: day.date,
        kind: AlarmKind::HedgeSqueeze,
        detail: format!(
            "{} basis rose {:.2} % of spot while micro caps returned {:.2} %: a book long micro and \
             short it lost {:.2} % of notional",
            day.contract,
            100.0 * day.basis_change,
            100.0 * day.micro_return,
            -100.0 * day.book_return
        ),
    })
}
