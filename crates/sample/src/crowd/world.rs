//! The crowd's world: what it holds, how its market answers, what came to it and when, and what the authorities did.
//!
//! Money is the whole real market's, CNY; a sample of a thousand names is a fifth of it. Amounts traded and volatilities
//! are those of the built-in market itself, the rest is of the size METHODS of the spiral cites: DMA books of about
//! 200 billion at the end of 2023, neutral funds of 140, snowballs of 180.

use shoals_core::{TradingDay, day};
use shoals_spiral::holder::national_team::Purchase;
use shoals_spiral::holder::snowball::{Rung, SnowballTerms};
use shoals_spiral::market::Product;
use shoals_spiral::policy::Change;
use shoals_spiral::scenario::{Day, Scenario};
use shoals_spiral::walk::Inflow;

const BN: f64 = 1e9;

/// Names of the real market, whose money this is.
pub(super) const REAL_STOCKS: f64 = 5_000.0;
/// Quiet open interest of IF, IC, IM, CNY.
pub(super) const OPEN_INTEREST: [f64; 3] = [280.0 * BN, 190.0 * BN, 210.0 * BN];

/// The first day of the crowd.
pub(super) fn first_day() -> TradingDay {
    day(2021, 1, 4)
}

/// The day at whose close the dealers issue the snowballs of the storm.
pub(super) fn issue_day() -> TradingDay {
    day(2023, 12, 29)
}

/// Until a day: stocks bought a day with new money by DMA books and by neutral funds, CNY bn.
type Coming = ((i32, u32, u32), f64, f64);
const COMING: &[Coming] = &[
    ((2021, 6, 30), 0.05, 0.20),
    ((2021, 12, 31), 0.10, 0.30),
    ((2022, 6, 30), 0.04, 0.02),
    ((2022, 12, 30), 0.10, 0.06),
    ((2023, 6, 30), 0.22, 0.06),
    ((2023, 11, 8), 0.52, 0.06),
    // The size of DMA books is capped: next to nothing comes, and what is earned is still paid out.
    ((2023, 12, 29), 0.01, 0.06),
];
/// Share of what enhanced funds lack of their tilt that they buy a day while small companies are chosen.
const LEANING: f64 = 0.02;

/// The money of a day.
pub(super) fn inflow(date: TradingDay) -> Inflow {
    let until = |&&((y, m, d), ..): &&Coming| date <= day(y, m, d);
    COMING.iter().find(until).map_or_else(Inflow::default, |&(_, dma, neutral)| Inflow {
        dma: dma * BN,
        neutral: neutral * BN,
        tilt: LEANING,
    })
}

/// What the national team bought, CNY bn, smallest companies first: the public totals of the event
/// (`shoals_spiral::china_2024`) spread over its days.
type Bought = ((i32, u32, u32), [f64; 5]);
const BOUGHT: &[Bought] = &[
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
    ((2024, 2, 6), [0.0, 2.0, 15.0, 42.0, 24.0]),
    ((2024, 2, 7), [0.0, 2.0, 9.0, 36.0, 18.0]),
    ((2024, 2, 8), [0.0, 12.0, 10.0, 4.0, 12.0]),
];

/// The world on the first of `days`, with its rules and purchases on their days. The snowballs come later.
pub(super) fn scenario(days: &[TradingDay]) -> Scenario {
    let place = |(y, m, d): (i32, u32, u32)| days.binary_search(&day(y, m, d)).ok();
    let mut s = Scenario::china_2024(vec![Day::of(0.0); days.len()]);
    s.rounds = 8;
    s.market.daily_amount = [45.0, 175.0, 150.0, 140.0, 260.0].map(|bn| bn * BN);
    s.market.volatility = [0.0155, 0.0145, 0.0138, 0.0127, 0.0118];
    s.market.beta = [0.5, 0.65, 0.75, 0.7, 1.0];
    s.market.name_dispersion = [0.025, 0.026, 0.026, 0.025, 0.022];
    s.market.price_limit = [0.12, 0.12, 0.12, 0.11, 0.11];
    s.market.impact = shoals_market::impact::ImpactLaw::square_root(2.0);
    s.market.permanent_share = 0.45;
    s.market.transient_half_life = 3.0;
    s.market.common_impact = 0.1;
    s.market.depth_elasticity = 0.8;
    s.market.depth_floor = 0.25;
    s.market.volatility_half_life = 3.0;
    // Carry is the path's own.
    s.market.carry = [0.0; 3];
    s.market.arbitrage_share = 0.15;
    s.market.open_interest = OPEN_INTEREST;
    s.market.basis_impact = 0.95;
    s.market.basis_fear = 0.22;
    s.market.discount_half_life = 1.5;
    s.market.premium_half_life = 1.0;
    s.market.stress_tenor = super::STRESS_TENOR;
    // Stocks meet their limits and make their own noise one by one; what they trade of a segment is not capped.
    s.market.dispersion_elasticity = 0.0;
    s.market.participation = 1e9;
    s.margin.debt = [0.0; 5];
    s.locked.hedge = 0.0;
    s.rules.initial_margin = 0.25;
    s.rules.call_ratio = 0.18;
    s.rules.liquidation_ratio = 0.0;
    s.dma.long_value = 20.0 * BN;
    s.dma.books = 60;
    s.dma.weights = [0.38, 0.36, 0.17, 0.07, 0.02];
    s.dma.tilt_spread = 0.9;
    s.dma.hedge_mix = [0.10, 0.45, 0.45];
    s.dma.hedge_ratio = 1.0;
    s.dma.hedge_days = 73.0;
    s.dma.leverage_spread = 0.5;
    s.dma.financing_rate = 0.04;
    s.dma.stop_loss = 0.95;
    s.dma.call_days = 0.5;
    s.dma.liquidation_days = 1.0;
    s.neutral.stocks = [8.0, 30.0, 20.0].map(|bn| bn * BN);
    s.neutral.weights = [0.14, 0.38, 0.29, 0.14, 0.05];
    s.neutral.invested = 0.8;
    s.neutral.drawdown_threshold = 0.05;
    s.neutral.redemption_slope = 0.15;
    s.neutral.notice_days = 5.0;
    s.neutral.cost_budget = 0.15;
    s.neutral.cost_slope = 0.1;
    s.neutral.hedge_days = 73.0;
    s.enhanced.value = [0.0, 30.0, 120.0, 250.0, 0.0].map(|bn| bn * BN);
    s.enhanced.micro_share = 0.06;
    s.enhanced.csi2000_share = 0.25;
    s.enhanced.threshold = 0.05;
    s.enhanced.speed = 0.12;
    s.enhanced.switch_slope = 0.0;
    s.snowball = SnowballTerms { ladder: Vec::new(), ..snowballs() };
    s.chaser.strength = 0.03;
    s.chaser.half_life = 3.0;
    s.bargain.threshold = 0.3;
    s.bargain.strength = 1.0;
    s.purchases = BOUGHT
        .iter()
        .filter_map(|&(date, amount)| {
            Some(Purchase { day: place(date)?, amount: amount.map(|bn| bn * BN) })
        })
        .collect();
    let ban = |date, is_banned| {
        let from_day = place(date)?;
        Some(Change { from_day, net_sell_ban: Some(is_banned), ..Change::default() })
    };
    let halved = |from_day| Change {
        from_day,
        initial_margin: Some(0.5),
        call_ratio: Some(0.36),
        redemption_gate: Some(false),
        ..Change::default()
    };
    let patient = |from_day| Change {
        from_day,
        call_ratio: Some(0.03),
        liquidation_ratio: Some(0.0),
        redemption_gate: Some(true),
        ..Change::default()
    };
    let done = |from_day| Change { from_day, call_ratio: Some(0.15), ..Change::default() };
    let changes = [
        ban((2024, 2, 5), true),
        ban((2024, 2, 6), false),
        place((2024, 2, 8)).map(patient),
        place((2024, 2, 28)).map(halved),
        place((2024, 3, 4)).map(done),
    ];
    s.changes = changes.into_iter().flatten().collect();
    s
}

/// Notional of the snowballs by knock-in, CNY bn, the highest first: CSI 500 (the published table, rounded) and CSI 1000.
const MIDDLE: [f64; 11] = [11.0, 16.0, 16.5, 16.5, 12.0, 7.0, 9.0, 8.0, 5.0, 3.0, 2.0];
const SMALL: [f64; 9] = [9.6; 9];

/// The snowballs outstanding at the end of 2023, hedged, knock-ins as fractions of the index.
pub(super) fn snowballs() -> SnowballTerms {
    let rungs = |product, highest: f64, step: f64, notional: &'static [f64]| {
        notional.iter().enumerate().map(move |(i, bn)| Rung {
            product,
            knock_in: highest - step * i as f64,
            notional: bn * BN,
        })
    };
    SnowballTerms {
        ladder: rungs(Product::Ic, 0.885, 0.0184, &MIDDLE)
            .chain(rungs(Product::Im, 0.88, 0.017, &SMALL))
            .collect(),
        times: 1.0,
        quiet_delta: 0.9,
        peak_delta: 1.5,
        width: 0.06,
        touched_delta: 0.9,
    }
}
