//! The factors: daily returns anyone could have earned, made from series of the market.

use shoals_core::number::CALENDAR_DAYS_PER_YEAR;
use shoals_core::{Series, TradingDay};
use shoals_market::future::roll::RolledHedge;
use shoals_market::option::{Black76, straddle};

/// A daily return by name.
#[derive(Debug, Clone, PartialEq)]
pub struct Factor {
    /// Stable name: `market`, `size`, `short_volatility` or `basis`.
    pub name: &'static str,
    /// Days of the returns, rising.
    pub days: Vec<TradingDay>,
    /// Simple decimal returns of a day.
    pub returns: Vec<f64>,
}

impl Factor {
    /// The return of a day.
    pub fn at(&self, day: TradingDay) -> Option<f64> {
        let i = self.days.binary_search(&day).ok()?;
        Some(self.returns[i]).filter(|x| x.is_finite())
    }
}

/// Return of a series, on the days it has two closes in a row.
pub fn return_factor(name: &'static str, series: &Series) -> Factor {
    let returns = series.values().windows(2).map(|pair| pair[1] / pair[0] - 1.0).collect();
    Factor { name, days: series.days().iter().skip(1).copied().collect(), returns }
}

/// Return of the small side less that of the large one, on the days both have two closes in a row.
pub fn spread_factor(name: &'static str, small: &Series, large: &Series) -> Factor {
    let common: Vec<(TradingDay, f64, f64)> = small
        .days()
        .iter()
        .filter_map(|&day| Some((day, small.at(day)?, large.at(day)?)))
        .collect();
    let days = common.iter().skip(1).map(|row| row.0).collect();
    let returns = common.windows(2).map(|w| w[1].1 / w[0].1 - w[1].2 / w[0].2).collect();
    Factor { name, days, returns }
}

/// Gain per notional of a straddle of `n_days` calendar days sold at the money at each close, hedged against its
/// delta there and bought back at the next: what selling volatility pays when nothing drifts from the strike.
///
/// Black (1976) without rates, so forward and index are one. Missing: a day without close or volatility is left out,
/// and the next spans the gap.
pub fn short_volatility_factor(index: &Series, implied_volatility: &Series, n_days: u32) -> Factor {
    let rows: Vec<(TradingDay, f64, f64)> = index
        .days()
        .iter()
        .filter_map(|&day| Some((day, index.at(day)?, implied_volatility.at(day)?)))
        .filter(|row| row.1 > 0.0 && row.2 > 0.0)
        .collect();
    let years = |n: f64| n.max(0.0) / CALENDAR_DAYS_PER_YEAR;
    let gain = |pair: &[(TradingDay, f64, f64)]| {
        let (sold, bought) = (pair[0], pair[1]);
        let terms = |forward, volatility, n: f64| Black76 {
            forward,
            strike: sold.1,
            volatility,
            years: years(n),
            rate: 0.0,
        };
        let passed = f64::from(sold.0.calendar_days_until(bought.0));
        let before = straddle(&terms(sold.1, sold.2, f64::from(n_days)));
        let after = straddle(&terms(bought.1, bought.2, f64::from(n_days) - passed));
        (before.value - after.value + before.delta * (bought.1 - sold.1)) / sold.1
    };
    Factor {
        name: "short_volatility",
        days: rows.iter().skip(1).map(|row| row.0).collect(),
        returns: rows.windows(2).map(gain).collect(),
    }
}

/// What a short hedge carried through its contracts earned beyond the fall of its index, fees paid: at or above zero
/// on days the discount deepened, below on days it closed.
pub fn basis_factor(hedge: &RolledHedge) -> Factor {
    Factor {
        name: "basis",
        days: hedge.days.iter().map(|day| day.date).collect(),
        returns: hedge.days.iter().map(|day| -day.cost).collect(),
    }
}
