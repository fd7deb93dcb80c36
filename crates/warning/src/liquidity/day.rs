//! The liquidity of the smallest companies, one row a day.

use rayon::prelude::*;
use serde::Serialize;
use shoals_core::TradingDay;
use shoals_market::factor::LookBack;
use shoals_market::factor::definition::{Factor, market_return, traded_returns};
use shoals_market::universe::Reason;
use shoals_stats::StatError;
use shoals_stats::rolling::{Window, rolling_mean, trailing_percentile};

use super::LiquidityConfig;
use super::half_life::{HalfLife, half_lives};
use super::member::{Columns, MemberFigures, UNIT};
use crate::WarningError;
use crate::leg::{Leg, mean, median, percentile};

/// The smallest companies on one day; ratios are decimals, NaN is "not known".
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct LiquidityDay {
    /// The day at whose close it was known.
    pub date: TradingDay,
    /// Their share of the amount of all stocks.
    pub turnover_share: f64,
    /// Share of the yardstick's days on which it was smaller.
    pub turnover_share_percentile: f64,
    /// Their share of the capitalisation of all stocks, at the close before.
    pub cap_share: f64,
    /// Median over the names of Amihud's `mean |return| / amount`, decimal per CNY 100 million.
    pub amihud: f64,
    /// The same over its own mean on the yardstick's days; above 1 is harder to trade.
    pub amihud_ratio: f64,
    /// Share of the yardstick's days on which it was smaller.
    pub amihud_percentile: f64,
    /// Median over the names of Corwin and Schultz' mean two-day spread.
    pub corwin_schultz: f64,
    /// Share of the yardstick's days on which it was smaller.
    pub corwin_schultz_percentile: f64,
    /// Median over the names of Roll's spread.
    pub roll: f64,
    /// Median over the names of the return per root of CNY 100 million.
    pub kyle_lambda: f64,
    /// Mean over the names of Pastor and Stambaugh's gamma, next return per signed CNY 100 million.
    pub pastor_stambaugh: f64,
    /// Share of the names that closed at their lower limit.
    pub limit_down_share: f64,
    /// Share of the names that could not be sold at the close: sealed, suspended or without a price.
    pub blocked_share: f64,
    /// Share of all stocks with a price that closed at their lower limit.
    pub market_limit_down_share: f64,
    /// Trading days to sell an equal part of the holding in the middle name.
    pub days_to_liquidate_median: f64,
    /// Mean over the names.
    pub days_to_liquidate_mean: f64,
    /// Nine names of ten take no longer.
    pub days_to_liquidate_p90: f64,
    /// Trading days in which half of a shock to illiquidity fades.
    #[serde(flatten)]
    pub half_life: HalfLife,
}

/// Every day from the second on.
pub(super) fn days(leg: &Leg, config: &LiquidityConfig) -> Result<Vec<LiquidityDay>, WarningError> {
    let panel = leg.bars.panel(leg.market, &["amount", "total_market_cap"])?;
    let look_back = LookBack::new(config.window_days)?;
    let amihud = Factor::Illiquidity { days: look_back }.compute(&panel)?;
    let columns = Columns::of(leg, traded_returns(&panel)?, amihud, market_return(&panel)?)?;
    drop(panel);
    let caps = leg.caps()?;
    let mut days: Vec<(LiquidityDay, f64)> = (1..leg.market.days().len())
        .into_par_iter()
        .map(|t| of_day(leg, &columns, leg.row(caps, t - 1), config, t))
        .collect();
    against_the_past(&mut days, config)
        .map_err(|cause| WarningError::Statistic { what: "a liquidity figure", cause })?;
    Ok(days.into_iter().map(|(day, _)| day).collect())
}

/// One day's own figures, and the logarithm of the median Amihud ratio of the day alone.
fn of_day(
    leg: &Leg,
    columns: &Columns,
    caps: &[f64],
    config: &LiquidityConfig,
    t: usize,
) -> (LiquidityDay, f64) {
    let (members, reasons) = (leg.held(t), leg.tradability.row(t));
    let (amount, amihud) = (leg.row(columns.amount, t), leg.row(&columns.amihud, t));
    let each = || members.iter().map(|&i| i as usize);
    let n = members.len() as f64;
    let figures: Vec<MemberFigures> = each().map(|i| columns.figures(t, i, config)).collect();
    let of = |value: fn(&MemberFigures) -> f64| figures.iter().map(value).collect::<Vec<f64>>();
    let part = config.holding / n;
    let mut to_sell: Vec<f64> =
        figures.iter().map(|f| part / (config.participation * f.average_amount)).collect();
    let days_to_liquidate_mean = mean(to_sell.iter().copied());
    let of_today = |i: usize| leg.row(&columns.returns, t)[i].abs() / amount[i] * UNIT;
    let mut today: Vec<f64> = each().map(of_today).collect();
    let all_caps: f64 = caps.iter().filter(|cap| **cap > 0.0).sum();
    let own_caps: f64 = each().map(|i| caps[i]).filter(|cap| *cap > 0.0).sum();
    let share = |count: usize| count as f64 / n;
    let priced = reasons.iter().filter(|reasons| !reasons.has(Reason::NoPrice));
    let sealed = priced.clone().filter(|reasons| reasons.has(Reason::LimitDown)).count();
    let day = LiquidityDay {
        date: leg.market.days()[t],
        turnover_share: leg.turnover_share(columns.amount, t),
        turnover_share_percentile: f64::NAN,
        cap_share: if members.is_empty() { f64::NAN } else { own_caps / all_caps },
        amihud: median(&mut each().map(|i| amihud[i]).collect()),
        amihud_ratio: f64::NAN,
        amihud_percentile: f64::NAN,
        corwin_schultz: median(&mut of(|f| f.corwin_schultz)),
        corwin_schultz_percentile: f64::NAN,
        roll: median(&mut of(|f| f.roll)),
        kyle_lambda: median(&mut of(|f| f.kyle)),
        pastor_stambaugh: mean(figures.iter().map(|f| f.pastor_stambaugh)),
        limit_down_share: share(each().filter(|&i| reasons[i].has(Reason::LimitDown)).count()),
        blocked_share: share(each().filter(|&i| !reasons[i].can_sell()).count()),
        market_limit_down_share: sealed as f64 / priced.count() as f64,
        days_to_liquidate_median: percentile(&mut to_sell, 0.5),
        days_to_liquidate_mean,
        days_to_liquidate_p90: percentile(&mut to_sell, 0.9),
        half_life: HalfLife { days: f64::NAN, low: f64::NAN, high: f64::NAN },
    };
    // Days on which the middle name did not move have no logarithm.
    (day, Some(median(&mut today).ln()).filter(|x| x.is_finite()).unwrap_or(f64::NAN))
}

/// What each day's figures are against those before, and the half-life.
fn against_the_past(
    days: &mut [(LiquidityDay, f64)],
    config: &LiquidityConfig,
) -> Result<(), StatError> {
    let window = Window::new(config.yardstick_days, config.yardstick_min_days)?;
    let column = |of: fn(&LiquidityDay) -> f64| days.iter().map(|(d, _)| of(d)).collect::<Vec<_>>();
    let turnover = trailing_percentile(&column(|day| day.turnover_share), window)?;
    let amihud = column(|day| day.amihud);
    let usual = rolling_mean(&amihud, window)?;
    let amihud = trailing_percentile(&amihud, window)?;
    let spread = trailing_percentile(&column(|day| day.corwin_schultz), window)?;
    let shocks: Vec<f64> = days.iter().map(|(_, shock)| *shock).collect();
    let lives = half_lives(&shocks, config.yardstick_days, config.yardstick_min_days);
    for (t, (day, _)) in days.iter_mut().enumerate() {
        day.turnover_share_percentile = turnover[t];
        day.amihud_percentile = amihud[t];
        // The mean of the days before; nothing is many times nothing.
        let before = t.checked_sub(1).map_or(f64::NAN, |before| usual[before]);
        day.amihud_ratio = if before > 0.0 { day.amihud / before } else { f64::NAN };
        day.corwin_schultz_percentile = spread[t];
        day.half_life = lives[t];
    }
    Ok(())
}
