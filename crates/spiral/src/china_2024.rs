//! The Chinese storm of January to March 2024: its days, what the authorities did, what is fitted, and the fit.

use shoals_core::{TradingDay, day};
use shoals_market::impact::ImpactLaw;

use crate::SpiralError;
use crate::calibrate::Parameter;
use crate::holder::national_team::Purchase;
use crate::market::BySegment;
use crate::policy::Change;
use crate::scenario::{Day, Scenario};

/// The close the storm starts from.
pub fn start() -> TradingDay {
    day(2023, 12, 29)
}

/// The last day the fit may see; what comes after is the exam.
pub fn fit_until() -> TradingDay {
    day(2024, 2, 8)
}

/// Days of a storm, and what the indices did on them.
#[derive(Debug, Clone, PartialEq)]
pub struct Storm {
    /// The scenario.
    pub scenario: Scenario,
    /// Its days.
    pub dates: Vec<TradingDay>,
    /// Closes of the segments' indices on them, 1 at the start.
    pub data: Vec<BySegment>,
}

impl Storm {
    /// Place of a day among the closes, 0 the start; `None` for another day.
    pub fn close_of(&self, date: TradingDay) -> Option<usize> {
        if date == start() {
            return Some(0);
        }
        self.dates.iter().position(|d| *d == date).map(|i| i + 1)
    }
}

/// The storm on the closes of the five segments' indices, [`start`] the first; anchored to the CSI 300.
///
/// # Errors
/// When there are no closes after the start.
pub fn storm(closes: &[(TradingDay, BySegment)]) -> Result<Storm, SpiralError> {
    let closes: Vec<_> = closes.iter().filter(|(date, _)| *date >= start()).collect();
    let days: Vec<Day> = closes
        .windows(2)
        .enumerate()
        .map(|(i, pair)| Day {
            factor: pair[1].1[4] / pair[0].1[4] - 1.0,
            is_anchored: true,
            days_to_next: closes
                .get(i + 2)
                .map_or(1.0, |next| f64::from(next.0.epoch_days() - pair[1].0.epoch_days())),
            by_round: Vec::new(),
        })
        .collect();
    let mut scenario = Scenario::china_2024(days).checked()?;
    let dates: Vec<TradingDay> = closes[1..].iter().map(|(date, _)| *date).collect();
    let place = |date: TradingDay| dates.iter().position(|d| *d == date);
    scenario.purchases = PURCHASES
        .iter()
        .filter_map(|&((y, m, d), amount)| {
            let amount = amount.map(|bn| bn * 1e9);
            Some(Purchase { day: place(day(y, m, d))?, amount })
        })
        .collect();
    let ban = |y, m, d, on| {
        let from_day = place(day(y, m, d))?;
        Some(Change { from_day, net_sell_ban: Some(on), ..Change::default() })
    };
    let halved = |from_day| Change {
        from_day,
        initial_margin: Some(0.5),
        call_ratio: Some(0.45),
        ..Change::default()
    };
    let changes =
        [ban(2024, 2, 5, true), ban(2024, 2, 8, false), place(day(2024, 2, 28)).map(halved)];
    scenario.changes = changes.into_iter().flatten().collect();
    let base = closes.first().map_or([1.0; 5], |first| first.1);
    let data = closes[1..].iter().map(|(_, c)| std::array::from_fn(|k| c[k] / base[k])).collect();
    Ok(Storm { scenario, dates, data })
}

/// What index funds bought, CNY bn by segment, smallest first. Public are the CSI 300 funds' 128.5 to 01-30 (Bloomberg),
/// 48.5 over all on 02-05 with records for CSI 500 and 1000 funds, CSI 2000 funds on 02-08, and 410 to the end of
/// February, more than three quarters of it CSI 300 (UBS); the days in between are ours.
type Bought = ((i32, u32, u32), BySegment);
const PURCHASES: &[Bought] = &[
    ((2024, 1, 16), [0.0, 0.0, 0.0, 0.0, 4.0]),
    ((2024, 1, 17), [0.0, 0.0, 0.0, 0.0, 14.0]),
    ((2024, 1, 18), [0.0, 0.0, 0.0, 0.0, 23.0]),
    ((2024, 1, 19), [0.0, 0.0, 0.0, 0.0, 11.0]),
    ((2024, 1, 22), [0.0, 0.0, 0.0, 0.0, 14.0]),
    ((2024, 1, 23), [0.0, 0.0, 0.0, 0.0, 16.0]),
    ((2024, 1, 24), [0.0, 0.0, 0.0, 0.0, 12.0]),
    ((2024, 1, 25), [0.0, 0.0, 0.0, 0.0, 8.0]),
    ((2024, 1, 26), [0.0, 0.0, 0.0, 0.0, 6.5]),
    ((2024, 1, 29), [0.0, 0.0, 0.0, 0.0, 10.0]),
    ((2024, 1, 30), [0.0, 0.0, 0.0, 0.0, 10.0]),
    ((2024, 1, 31), [0.0, 0.0, 0.0, 0.0, 12.0]),
    ((2024, 2, 1), [0.0, 0.0, 0.0, 0.0, 10.0]),
    ((2024, 2, 2), [0.0, 0.0, 0.0, 0.0, 24.0]),
    ((2024, 2, 5), [0.0, 0.0, 8.0, 14.0, 26.5]),
    ((2024, 2, 6), [0.0, 2.0, 22.0, 30.0, 24.0]),
    ((2024, 2, 7), [0.0, 2.0, 16.0, 24.0, 18.0]),
    ((2024, 2, 8), [0.0, 12.0, 10.0, 4.0, 12.0]),
    ((2024, 2, 19), [0.0, 0.0, 0.0, 0.0, 12.0]),
    ((2024, 2, 20), [0.0, 0.0, 0.0, 0.0, 12.0]),
    ((2024, 2, 21), [0.0, 0.0, 0.0, 0.0, 12.0]),
];

/// What is fitted; ranges after METHODS I4 where it has one, wide where it has none.
pub fn parameters() -> Vec<Parameter> {
    let p = |name, low, high, set| Parameter { name, low, high, set };
    vec![
        p("market.impact.coefficient", 0.3, 2.0, |s, x| {
            s.market.impact = ImpactLaw::square_root(x);
        }),
        p("market.permanent_share", 0.2, 0.9, |s, x| s.market.permanent_share = x),
        p("market.transient_half_life", 1.0, 10.0, |s, x| s.market.transient_half_life = x),
        p("market.depth_elasticity", 0.0, 3.0, |s, x| s.market.depth_elasticity = x),
        p("market.volatility_half_life", 1.5, 10.0, |s, x| s.market.volatility_half_life = x),
        p("market.common_impact", 0.0, 0.5, |s, x| s.market.common_impact = x),
        p("market.arbitrage_share", 0.0, 1.0, |s, x| s.market.arbitrage_share = x),
        p("market.basis_impact", 0.0, 0.6, |s, x| s.market.basis_impact = x),
        p("market.basis_fear", 0.05, 2.0, |s, x| s.market.basis_fear = x),
        p("market.discount_half_life", 0.3, 10.0, |s, x| s.market.discount_half_life = x),
        p("market.premium_half_life", 0.2, 3.0, |s, x| s.market.premium_half_life = x),
        p("market.stress_tenor", 10.0, 60.0, |s, x| s.market.stress_tenor = x),
        p("market.beta[micro]", 0.3, 1.3, |s, x| {
            s.market.beta[0] = x;
            s.market.beta[1] = 0.5 + 0.5 * x;
        }),
        p("rules.call_ratio", 0.12, 0.20, |s, x| s.rules.call_ratio = x),
        p("dma.long_value", 150e9, 300e9, |s, x| s.dma.long_value = x),
        p("dma.weights[micro]", 0.05, 0.5, |s, x| {
            let rest = 1.0 - x;
            s.dma.weights = [x, 0.55 * rest, 0.30 * rest, 0.12 * rest, 0.03 * rest];
        }),
        p("dma.tilt_spread", 0.3, 1.0, |s, x| s.dma.tilt_spread = x),
        p("dma.leverage_spread", 0.0, 0.7, |s, x| s.dma.leverage_spread = x),
        p("dma.stop_loss", 0.15, 0.8, |s, x| s.dma.stop_loss = x),
        p("dma.call_days", 0.3, 3.0, |s, x| s.dma.call_days = x),
        p("dma.liquidation_days", 0.5, 5.0, |s, x| s.dma.liquidation_days = x),
        p("neutral.redemption_slope", 0.0, 6.0, |s, x| s.neutral.redemption_slope = x),
        p("neutral.drawdown_threshold", 0.0, 0.06, |s, x| s.neutral.drawdown_threshold = x),
        p("enhanced.speed", 0.0, 10.0, |s, x| s.enhanced.speed = x),
        p("enhanced.micro_share", 0.0, 0.2, |s, x| s.enhanced.micro_share = x),
        p("snowball.peak_delta", 0.6, 2.0, |s, x| s.snowball.peak_delta = x),
        p("snowball.touched_delta", 0.6, 1.1, |s, x| s.snowball.touched_delta = x),
        p("chaser.strength", 0.0, 3.0, |s, x| s.chaser.strength = x),
        p("chaser.half_life", 1.0, 10.0, |s, x| s.chaser.half_life = x),
        p("bargain.threshold", 0.02, 0.3, |s, x| s.bargain.threshold = x),
        p("bargain.strength", 0.0, 8.0, |s, x| s.bargain.strength = x),
        p("purchases[large]", 0.3, 1.5, scale_large),
        p("purchases[small]", 0.3, 2.0, scale_small),
    ]
}

fn scale_large(scenario: &mut Scenario, by: f64) {
    scenario.purchases.iter_mut().for_each(|purchase| purchase.amount[4] *= by);
}

fn scale_small(scenario: &mut Scenario, by: f64) {
    for purchase in &mut scenario.purchases {
        purchase.amount[..4].iter_mut().for_each(|amount| *amount *= by);
    }
}
