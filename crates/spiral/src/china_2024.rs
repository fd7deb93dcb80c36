//! The Chinese storm of January to March 2024: its days, what the authorities did, what is fitted, and the fit.

use shoals_core::{Segment, TradingDay, day};
use shoals_market::impact::ImpactLaw;

use crate::SpiralError;
use crate::calibrate::{Moment, Parameter, Target};
use crate::holder::national_team::Purchase;
use crate::holder::snowball::Rung;
use crate::market::{BySegment, Product};
use crate::policy::Change;
use crate::scenario::{IM_LADDER, Scenario};
use crate::scenario_file::Episode;

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

/// The storm as the library has it, and the closes of the five segments' indices, [`start`] among them.
///
/// # Errors
/// When a day of the storm has no close.
pub fn storm(closes: &[(TradingDay, BySegment)]) -> Result<Storm, SpiralError> {
    let Episode { scenario, dates, .. } = Episode::named("china_2024")?;
    let on = |date: TradingDay| {
        let found = closes.iter().find(|(d, _)| *d == date).map(|(_, close)| *close);
        found.ok_or_else(|| SpiralError::File {
            reason: format!(
                "no close of each of the five segments' indices on {date}; import them"
            ),
        })
    };
    let base = on(start())?;
    let relative = |date: &TradingDay| on(*date).map(|c| std::array::from_fn(|k| c[k] / base[k]));
    let data = dates.iter().map(relative).collect::<Result<_, _>>()?;
    Ok(Storm { scenario, dates, data })
}

/// What the authorities changed and the national team bought on these days.
pub(crate) fn history(dates: &[TradingDay]) -> (Vec<Change>, Vec<Purchase>) {
    let place = |date: TradingDay| dates.iter().position(|d| *d == date);
    let purchases = PURCHASES.iter().filter_map(|&((y, m, d), amount)| {
        Some(Purchase { day: place(day(y, m, d))?, amount: amount.map(|bn| bn * 1e9) })
    });
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
    (changes.into_iter().flatten().collect(), purchases.collect())
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

/// What the fit may see: everything to [`fit_until`]. `basis` gives the basis of the March contract of a product, a fraction
/// of spot, and the calendar days to its expiry; a day without it is left out.
///
/// Weekly returns count as met within 2 points, a day's within 1.5, a basis within 0.6, a share of names at their limit
/// within 5.
pub fn targets(
    storm: &Storm,
    basis: &dyn Fn(TradingDay, Product) -> Option<(f64, f64)>,
) -> Vec<Target> {
    let d = |m, n| day(2024, m, n);
    let mut targets = Vec::new();
    let spans = [
        (start(), d(1, 5), 0.02),
        (d(1, 5), d(1, 12), 0.02),
        (d(1, 12), d(1, 19), 0.02),
        (d(1, 19), d(1, 26), 0.02),
        (d(1, 26), d(2, 2), 0.02),
        (d(2, 2), d(2, 8), 0.02),
        (d(1, 19), d(1, 22), 0.015),
        (d(2, 2), d(2, 5), 0.015),
        (d(2, 5), d(2, 6), 0.015),
        (d(2, 6), d(2, 7), 0.015),
        (d(2, 7), d(2, 8), 0.015),
        (start(), d(2, 7), 0.02),
    ];
    for (from, to, tolerance) in spans {
        targets.extend(returns(storm, from, to, tolerance));
    }
    for date in [d(1, 15), d(1, 22), d(1, 31), d(2, 2), d(2, 5), d(2, 6), d(2, 7), d(2, 8)] {
        for product in Product::ALL {
            let Some((close, (data, days))) = storm.close_of(date).zip(basis(date, product)) else {
                continue;
            };
            targets.push(Target {
                name: format!("{}2403 basis {date}", product.code()),
                moment: Moment::Basis { product, day: close, days },
                data,
                tolerance: 0.006,
            });
        }
    }
    targets.extend(LIMIT_DOWN.iter().flat_map(|&seen| limit_down(storm, seen, true)));
    targets.extend(MARGIN_DEBT.iter().filter_map(|&seen| margin_debt(storm, seen)));
    targets
}

/// What the fit did not see: the rebound and the day of the leverage cap.
pub fn exam(storm: &Storm) -> Vec<Target> {
    let d = |m, n| day(2024, m, n);
    let spans = [
        (d(2, 8), d(2, 23), 0.03),
        (d(2, 8), d(2, 27), 0.03),
        (d(2, 7), d(2, 27), 0.03),
        (d(2, 27), d(2, 28), 0.015),
        (d(2, 28), d(3, 29), 0.03),
    ];
    let mut exam: Vec<Target> =
        spans.into_iter().flat_map(|(from, to, t)| returns(storm, from, to, t)).collect();
    exam.extend(LIMIT_DOWN.iter().flat_map(|&seen| limit_down(storm, seen, false)));
    if let Some(day) = storm.close_of(d(2, 27)) {
        exam.push(Target {
            name: "DMA long value 2024-02-27".to_owned(),
            moment: Moment::DmaValue { day },
            data: 110e9,
            tolerance: 15e9,
        });
    }
    exam
}

fn returns(storm: &Storm, from: TradingDay, to: TradingDay, tolerance: f64) -> Vec<Target> {
    let Some((a, b)) = storm.close_of(from).zip(storm.close_of(to)) else { return Vec::new() };
    let target = |(segment, size): (usize, &Segment)| {
        let level = |close: usize| if close == 0 { 1.0 } else { storm.data[close - 1][segment] };
        let moment = Moment::Return { segment, from: a, to: b };
        let name = format!("{size} {from} to {to}");
        Target { name, moment, data: level(b) / level(a) - 1.0, tolerance }
    };
    // The CSI 300's own return is the news, not a target.
    Segment::ALL.iter().enumerate().take(4).map(target).collect()
}

fn limit_down(storm: &Storm, seen: LimitDown, is_fitted: bool) -> Vec<Target> {
    let ((y, m, n), shares) = seen;
    let date = day(y, m, n);
    let Some(close) = storm.close_of(date).filter(|_| (date <= fit_until()) == is_fitted) else {
        return Vec::new();
    };
    let target = |(segment, share): (usize, f64)| Target {
        name: format!("{} at limit {date}", Segment::ALL[segment]),
        moment: Moment::LimitDown { segment, day: close },
        data: share / 100.0,
        tolerance: 0.05,
    };
    shares.into_iter().enumerate().map(target).collect()
}

fn margin_debt(storm: &Storm, ((y, m, n), bn): ((i32, u32, u32), f64)) -> Option<Target> {
    let date = day(y, m, n);
    Some(Target {
        name: format!("margin debt {date}"),
        moment: Moment::MarginDebt { day: storm.close_of(date)? },
        data: bn * 1e9,
        tolerance: 8e9,
    })
}

/// Margin financing balance, CNY bn, as the exchanges publish it.
const MARGIN_DEBT: &[((i32, u32, u32), f64)] = &[
    ((2024, 1, 12), 1569.8),
    ((2024, 1, 19), 1553.7),
    ((2024, 1, 22), 1538.6),
    ((2024, 1, 26), 1531.4),
    ((2024, 2, 2), 1459.9),
    ((2024, 2, 5), 1420.5),
    ((2024, 2, 6), 1405.3),
    ((2024, 2, 7), 1392.2),
    ((2024, 2, 8), 1375.2),
];

/// Names that closed at their lower limit, per cent of a segment's, micro, CSI 2000 and 1000: counted on the closes of 5,300
/// stocks, dealt into segments by their capitalisation of 2023-12-29.
type LimitDown = ((i32, u32, u32), [f64; 3]);
const LIMIT_DOWN: &[LimitDown] = &[
    ((2024, 1, 22), [2.3, 1.9, 0.7]),
    ((2024, 2, 2), [1.4, 1.2, 0.4]),
    ((2024, 2, 5), [36.7, 34.1, 11.2]),
    ((2024, 2, 6), [5.7, 1.1, 0.2]),
    ((2024, 2, 7), [13.2, 3.4, 0.3]),
    ((2024, 2, 28), [13.6, 5.4, 1.7]),
];

/// What is fitted; ranges after METHODS I4 where it has one, wide where it has none.
pub fn parameters() -> Vec<Parameter> {
    let p = |name, low, high, set| Parameter { name, low, high, set };
    vec![
        p("market.impact.coefficient", 0.3, 8.0, |s, x| {
            s.market.impact = scaled(s.market.impact, x);
        }),
        p("market.impact.exponent", 0.4, 0.9, |s, x| s.market.impact = bent(s.market.impact, x)),
        p("market.permanent_share", 0.2, 0.9, |s, x| s.market.permanent_share = x),
        p("market.transient_half_life", 1.0, 10.0, |s, x| s.market.transient_half_life = x),
        p("market.depth_elasticity", 0.0, 6.0, |s, x| s.market.depth_elasticity = x),
        p("market.depth_floor", 0.01, 0.3, |s, x| s.market.depth_floor = x),
        p("market.participation", 0.1, 0.3, |s, x| s.market.participation = x),
        p("market.volatility_half_life", 1.5, 20.0, |s, x| s.market.volatility_half_life = x),
        p("market.common_impact", 0.0, 1.0, |s, x| s.market.common_impact = x),
        p("market.arbitrage_share", 0.0, 1.0, |s, x| s.market.arbitrage_share = x),
        p("market.basis_impact", 0.0, 1.5, |s, x| s.market.basis_impact = x),
        p("market.basis_fear", 0.05, 4.0, |s, x| s.market.basis_fear = x),
        p("market.discount_half_life", 0.2, 10.0, |s, x| s.market.discount_half_life = x),
        p("market.premium_half_life", 0.2, 3.0, |s, x| s.market.premium_half_life = x),
        p("market.stress_tenor", 10.0, 60.0, |s, x| s.market.stress_tenor = x),
        p("market.beta[micro]", 0.3, 1.6, |s, x| {
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
        p("enhanced.switch_slope", 0.0, 1.0, |s, x| s.enhanced.switch_slope = x),
        p("snowball.times", 0.5, 1.5, |s, x| s.snowball.times = x),
        p("snowball.ladder[IM]", 0.0, 0.6, front_load),
        p("snowball.width", 0.005, 0.1, |s, x| s.snowball.width = x),
        p("snowball.peak_delta", 1.3, 2.0, |s, x| s.snowball.peak_delta = x),
        p("snowball.touched_delta", 0.9, 1.0, |s, x| s.snowball.touched_delta = x),
        p("chaser.strength", 0.0, 0.5, |s, x| s.chaser.strength = x),
        p("chaser.half_life", 1.0, 10.0, |s, x| s.chaser.half_life = x),
        p("bargain.threshold", 0.02, 0.3, |s, x| s.bargain.threshold = x),
        p("bargain.strength", 0.0, 12.0, |s, x| s.bargain.strength = x),
        p("margin.distance", 0.2, 1.2, |s, x| s.margin.distance = x),
        p("margin.spread", 0.2, 1.5, |s, x| s.margin.spread = x),
        p("margin.call_days", 0.3, 3.0, |s, x| s.margin.call_days = x),
        p("locked.hedge", 0.0, 0.6, |s, x| s.locked.hedge = x),
        p("purchases[2024-02-05]", 0.0, 1.5, buy_small_first),
        p("purchase_times[large]", 0.3, 1.5, |s, x| s.purchase_times[4] = x),
        p("purchase_times[small]", 0.3, 2.0, |s, x| s.purchase_times[..4].fill(x)),
    ]
}

fn scaled(law: ImpactLaw, coefficient: f64) -> ImpactLaw {
    match law {
        ImpactLaw::Power { exponent, .. } => ImpactLaw::Power { coefficient, exponent },
        ImpactLaw::Exponential { days, floor, .. } => {
            ImpactLaw::Exponential { coefficient, days, floor }
        }
    }
}

fn bent(law: ImpactLaw, exponent: f64) -> ImpactLaw {
    match law {
        ImpactLaw::Power { coefficient, .. } => ImpactLaw::Power { coefficient, exponent },
        exponential @ ImpactLaw::Exponential { .. } => exponential,
    }
}

/// Moves the CSI 1000's ladder, published only in its sum, towards its upper rungs: each is this much smaller than the one
/// above, in logarithms.
fn front_load(scenario: &mut Scenario, by: f64) {
    let is_im = |rung: &&mut Rung| rung.product == Product::Im;
    let rungs: Vec<&mut Rung> = scenario.snowball.ladder.iter_mut().filter(is_im).collect();
    let weights: Vec<f64> = (0..rungs.len()).map(|i| (-by * i as f64).exp()).collect();
    let all: f64 = weights.iter().sum();
    for (rung, weight) in rungs.into_iter().zip(weights) {
        rung.notional = IM_LADDER * weight / all;
    }
}

/// What was bought of smaller companies on the first day of it, times the table's; where the purchases are the table's.
fn buy_small_first(scenario: &mut Scenario, times: f64) {
    let first = PURCHASES.iter().position(|(_, amount)| amount[..4].iter().any(|x| *x > 0.0));
    if let Some(first) = first.filter(|_| scenario.purchases.len() == PURCHASES.len()) {
        let amounts = scenario.purchases[first].amount[..4].iter_mut().zip(PURCHASES[first].1);
        amounts.for_each(|(amount, written)| *amount = written * 1e9 * times);
    }
}
